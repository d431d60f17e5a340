use super::super::{Fill, Input, Span, Strength, sample_recipe};
use super::*;

#[test]
fn another_autoencoder_is_named_as_others_name_it() {
    let recipe = Recipe {
        vae: Some(ModelRef {
            name: "/models/new.vae.pt".to_owned(),
            sha256: Some("0123456789abcdef".to_owned()),
        }),
        ..sample_recipe()
    };
    let text = write_parameters(&recipe, "0.1.0");
    let words = "Model: sprout, VAE hash: 0123456789, VAE: new.vae.pt, RNG";
    assert!(text.contains(words), "{text}");
}

#[test]
fn the_text_is_what_a1111_writes() {
    let mut recipe = sample_recipe();
    recipe.negative_prompt = "blurry, lowres".to_owned();
    recipe.model.sha256 =
        Some("6ce0161689b3853acaa03779ec93eafe75a02f4ced659bee03f50797806fa2fa".to_owned());
    assert_eq!(
        write_parameters(&recipe, "0.1.0"),
        "a red sailboat\nNegative prompt: blurry, lowres\n\
         Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 4.5, Seed: 7, \
         Size: 128x128, Model hash: 6ce0161689, Model: sprout, RNG: CPU, Version: afterimage 0.1.0"
    );
}

#[test]
fn a_filled_picture_says_what_a1111_would_say() {
    let input = Input {
        sha256: String::new(),
    };
    let recipe = Recipe {
        task: Task::Inpaint(Fill {
            image: input.clone(),
            mask: input,
            strength: Strength(0.75),
            region: Region::OnlyMasked { padding: 32 },
            content: MaskedContent::LatentNoise,
            mask_blur: 4.0,
            match_colors: true,
        }),
        ..sample_recipe()
    };
    let text = write_parameters(&recipe, "0.1.0");
    assert!(
        text.contains(
            "RNG: CPU, Denoising strength: 0.75, Mask blur: 4, Masked content: latent noise, \
             Inpaint area: Only masked, Masked area padding: 32, Version:"
        ),
        "{text}"
    );
}

#[test]
fn shortcuts_are_told_where_there_are_any_and_fill_the_form() {
    let mut recipe = sample_recipe();
    recipe.shortcuts = Shortcuts {
        guidance: Span {
            from: 0.15,
            to: 0.8,
        },
        cache_interval: 3,
    };
    recipe.weight_bits = WeightBits::EightBit;
    recipe.decode_tile = 384;
    let text = write_parameters(&recipe, "0.1.0");
    let told = "RNG: CPU, Guidance from: 0.15, Guidance to: 0.8, Cache interval: 3, Weight bits: eight_bit, Decode tile: 384, Version:";
    assert!(text.contains(told), "{text}");
    let mut draft = Draft::default();
    read_parameters(&text).apply_to(&mut draft);
    assert_eq!(draft.shortcuts, recipe.shortcuts);
    assert_eq!(draft.weight_bits, recipe.weight_bits);
    assert_eq!(draft.decode_tile, 384);
    let plain = write_parameters(&sample_recipe(), "0.1.0");
    read_parameters(&plain).apply_to(&mut draft);
    assert!(draft.shortcuts.are_off() && draft.weight_bits.are_stored());
    assert_eq!(draft.decode_tile, 0);
}

#[test]
fn whose_syntax_a_prompt_is_in_is_told_where_it_is_not_a1111s_own() {
    let mut recipe = sample_recipe();
    (recipe.emphasis, recipe.clip_skip) = (Emphasis::Comfy, 2);
    let text = write_parameters(&recipe, "0.1.0");
    let told = "Model: sprout, Clip skip: 2, RNG: CPU, Emphasis: ComfyUI, Version:";
    assert!(text.contains(told), "{text}");
    let mut draft = Draft::default();
    read_parameters(&text).apply_to(&mut draft);
    assert_eq!((draft.emphasis, draft.clip_skip), (Emphasis::Comfy, 2));
    let plain = write_parameters(&sample_recipe(), "0.1.0");
    read_parameters(&plain).apply_to(&mut draft);
    assert_eq!((draft.emphasis, draft.clip_skip), (Emphasis::A1111, 1));
}

#[test]
fn values_with_commas_and_colons_are_quoted_and_come_back() {
    let mut recipe = sample_recipe();
    recipe.model.name = "C:\\models\\a, \"b\"".to_owned();
    let read = read_parameters(&write_parameters(&recipe, "0.1.0"));
    assert_eq!(read.get("Model"), Some("C:\\models\\a, \"b\""));
    assert_eq!(read.get("Seed"), Some("7"));
}

#[test]
fn prompts_of_several_lines_come_back() {
    let mut recipe = sample_recipe();
    recipe.prompt = "one: two,\nthree".to_owned();
    recipe.negative_prompt = "four\nfive".to_owned();
    let read = read_parameters(&write_parameters(&recipe, "0.1.0"));
    assert_eq!(read.prompt, recipe.prompt);
    assert_eq!(read.negative_prompt, recipe.negative_prompt);
}

#[test]
fn a_last_line_with_too_few_pairs_belongs_to_the_prompt() {
    let read = read_parameters("a cat\nstyle: ink, mood: calm");
    assert_eq!(read.prompt, "a cat\nstyle: ink, mood: calm");
    assert!(read.fields.is_empty());
}

#[test]
fn a_picture_of_another_tool_fills_the_form() {
    let text = "masterpiece, portrait of a knight <lora:armor:0.8>\nNegative prompt: blurry\n\
                Steps: 30, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 965400086, Size: 512x768, \
                Model hash: 6ce0161689, Model: v1-5-pruned-emaonly, Lora hashes: \"armor: 1a2b\", Version: v1.10.1";
    let mut draft = Draft::default();
    read_parameters(text).apply_to(&mut draft);
    assert_eq!(
        (draft.sampler.as_str(), draft.schedule.as_str()),
        ("dpmpp_2m", "karras")
    );
    assert_eq!(
        (draft.steps, draft.guidance, draft.seed),
        (30, 7.0, 965_400_086)
    );
    assert_eq!((draft.width, draft.height), (512, 768));
    assert_eq!(draft.negative_prompt, "blurry");
    assert_eq!(draft.noise, NoiseSource::Nv);
}

/// The ids of sampler and schedule that some fields give.
fn chosen(fields: &str) -> (String, String) {
    let mut draft = Draft::default();
    read_parameters(&format!("a cat\nSteps: 9, Seed: 1, Size: 8x8, {fields}")).apply_to(&mut draft);
    (draft.sampler, draft.schedule)
}

#[test]
fn every_sampler_and_schedule_is_written_and_read_by_its_label() {
    for sampler in SAMPLERS {
        for schedule in SCHEDULES {
            let recipe = Recipe {
                sampler: sampler.id.to_owned(),
                schedule: schedule.id.to_owned(),
                ..sample_recipe()
            };
            let mut draft = Draft::default();
            read_parameters(&write_parameters(&recipe, "0.1.0")).apply_to(&mut draft);
            assert_eq!(
                (draft.sampler, draft.schedule),
                (recipe.sampler, recipe.schedule)
            );
            let old = chosen(&format!("Sampler: {} {}", sampler.label, schedule.label));
            assert_eq!((old.0.as_str(), old.1.as_str()), (sampler.id, schedule.id));
        }
    }
}

#[test]
fn a_schedule_left_to_a1111_is_the_one_it_takes() {
    let ids = |fields| {
        let (sampler, schedule) = chosen(fields);
        format!("{sampler} {schedule}")
    };
    let automatic = "Sampler: DPM++ 2M SDE, Schedule type: Automatic";
    assert_eq!(ids(automatic), "dpmpp_2m_sde exponential");
    assert_eq!(ids("Sampler: DPM++ SDE"), "dpmpp_sde karras");
    assert_eq!(ids("Sampler: Euler a"), "euler_ancestral normal");
    assert_eq!(ids("Sampler: Heun, Schedule type: Uniform"), "heun normal");
}

#[test]
fn noise_and_variation_are_told_in_a1111s_words_and_come_back() {
    let recipe = Recipe {
        noise: NoiseSource::Nv,
        variation: Variation {
            seed: 11,
            strength: 0.15,
        },
        ..sample_recipe()
    };
    let text = write_parameters(&recipe, "0.1.0");
    let told = "Model: sprout, Variation seed: 11, Variation seed strength: 0.15, RNG: NV";
    assert!(text.contains(told), "{text}");
    let mut draft = Draft::default();
    read_parameters(&text).apply_to(&mut draft);
    assert_eq!(
        (draft.noise, draft.variation),
        (recipe.noise, recipe.variation)
    );
    let plain = write_parameters(&sample_recipe(), "0.1.0");
    read_parameters(&plain).apply_to(&mut draft);
    assert_eq!(draft.noise, NoiseSource::TorchCpu);
    assert!(draft.variation.is_off());
    draft.noise = NoiseSource::TorchCpu;
    read_parameters("only a prompt").apply_to(&mut draft);
    assert_eq!(draft.noise, NoiseSource::TorchCpu);
}
