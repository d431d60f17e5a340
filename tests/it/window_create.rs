//! What the left panel edits is what the engine is asked for.

use afterimage::engine::{Destination, Event, Failure, Job, JobId, ModelCard, Request};
use afterimage::models::FAMILIES;
use afterimage::recipe::{NoiseSource, SizeCondition, Variation, WeightBits};
use afterimage::weights::ModelError;
use egui::{ImeEvent, Key, Modifiers, Role};
use egui_kittest::kittest::Queryable as _;

use crate::fake_engine::{FakeEngine, sprout};
use crate::window_kit::{
    Window, click, generate, generate_to_the_end, has, options, retype, settings, settle, slider,
    window, window_with,
};

#[test]
fn the_first_start_is_one_press_from_a_picture() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let job = generate(&mut window, &engine);
    assert_eq!(
        job.recipe.prompt,
        "a red sailboat on the ocean at sunset, mountains behind"
    );
    assert_eq!(
        (job.recipe.width, job.recipe.height, job.count),
        (256, 256, 1)
    );
    assert_eq!(job.destination, Destination::Library);
    assert!(has(&window, "10 / 75 tokens"));
}

#[test]
fn what_is_typed_is_what_ctrl_enter_asks_for() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    retype(
        &mut window,
        Role::MultilineTextInput,
        "Prompt",
        "a cat 在雪地里",
    );
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    settle(&mut window);
    let jobs = engine.jobs();
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].recipe.prompt, "a cat 在雪地里");
}

#[test]
fn a_locked_seed_stays_and_an_unlocked_one_is_drawn_anew() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let first = generate(&mut window, &engine).recipe.seed;
    let second = generate(&mut window, &engine).recipe.seed;
    assert_ne!(first, second);
    retype(&mut window, Role::TextInput, "Seed", "18446744073709551615");
    assert_eq!(generate(&mut window, &engine).recipe.seed, u64::MAX);
    assert_eq!(generate(&mut window, &engine).recipe.seed, u64::MAX);
    click(&mut window, "Keep seed");
    assert_ne!(generate(&mut window, &engine).recipe.seed, u64::MAX);
}

#[test]
fn steps_are_slid_typed_and_reckoned() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    window
        .get_by_role_and_label(Role::Slider, "Steps")
        .set_value_accesskit(33.0);
    settle(&mut window);
    assert_eq!(slider(&window, "Steps"), 33.0);
    retype(&mut window, Role::TextInput, "Steps", "5*4+10");
    assert_eq!(slider(&window, "Steps"), 30.0);
    // Beyond the slider's range, but sensible for somebody.
    retype(&mut window, Role::TextInput, "Steps", "120");
    assert_eq!(generate(&mut window, &engine).recipe.steps, 120);
}

#[test]
fn sliders_obey_the_arrow_keys_and_keep_the_focus() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    window
        .get_by_role_and_label(Role::Slider, "Guidance")
        .focus();
    settle(&mut window);
    window.key_press(Key::ArrowRight);
    window.key_press(Key::ArrowRight);
    settle(&mut window);
    assert_eq!(slider(&window, "Guidance"), 5.0);
}

#[test]
fn every_part_of_the_draft_reaches_the_recipe() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    click(&mut window, "Negative prompt");
    retype(
        &mut window,
        Role::MultilineTextInput,
        "Negative prompt",
        "blurry",
    );
    click(&mut window, "Ratio 3:2");
    click(&mut window, "Sampler");
    click(&mut window, "Euler a");
    // Below what the panel shows without scrolling.
    window
        .get_by_role_and_label(Role::Button, "Schedule: Karras")
        .click_accesskit();
    settle(&mut window);
    retype(&mut window, Role::TextInput, "Pictures", "3");
    retype(&mut window, Role::TextInput, "Guidance", "7.5");
    let Job { recipe, count, .. } = generate(&mut window, &engine);
    assert_eq!(recipe.negative_prompt, "blurry");
    assert_eq!((recipe.width, recipe.height), (312, 208));
    assert_eq!(recipe.sampler, "euler_ancestral");
    assert_eq!(recipe.schedule, "karras");
    assert_eq!((count, recipe.guidance), (3, 7.5));
}

#[test]
fn noise_is_torchs_of_the_cpu_unless_people_choose_and_vary_it() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let plain = generate(&mut window, &engine).recipe;
    assert_eq!(plain.noise, NoiseSource::TorchCpu);
    assert!(plain.variation.is_off());
    click(&mut window, "Noise");
    click(&mut window, "Noise: NV");
    retype(&mut window, Role::TextInput, "Variation", "0.2");
    retype(
        &mut window,
        Role::TextInput,
        "Variation seed",
        "18446744073709551615",
    );
    let varied = generate(&mut window, &engine).recipe;
    assert_eq!(varied.noise, NoiseSource::Nv);
    let Variation { seed, strength } = varied.variation;
    assert_eq!((seed, strength), (u64::MAX, 0.2));
    retype(&mut window, Role::TextInput, "Variation", "2");
    assert!(has(&window, "The variation's strength must be from 0"));
}

#[test]
fn a_draft_that_makes_no_picture_says_so_beside_its_fields() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    retype(&mut window, Role::TextInput, "Steps", "0");
    retype(&mut window, Role::TextInput, "Width", "100");
    assert!(has(&window, "0 steps make no picture"));
    assert!(has(&window, "The size 100x256 does not fit"));
    let beside = window
        .get_by_label_contains("0 steps make no picture")
        .rect();
    let field = window
        .get_by_role_and_label(Role::TextInput, "Steps")
        .rect();
    assert!(
        (beside.top() - field.bottom()).abs() < 12.0,
        "{beside} {field}"
    );
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    settle(&mut window);
    assert!(engine.jobs().is_empty());
    retype(&mut window, Role::TextInput, "Steps", "2");
    assert!(!has(&window, "0 steps make no picture"));
}

/// What is told of every way to leave something out.
const BARGAIN: &str = "less computing; differs by";

#[test]
fn nothing_is_left_out_unless_people_ask_for_it() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    assert!(!has(&window, "Step cache"));
    assert!(generate(&mut window, &engine).recipe.shortcuts.are_off());
    click(&mut window, "Speed");
    assert_eq!(slider(&window, "Guide from"), 0.0);
    assert_eq!(slider(&window, "Guide until"), 1.0);
    assert_eq!(slider(&window, "Step cache"), 1.0);
    assert!(!has(&window, BARGAIN));
    assert!(generate(&mut window, &engine).recipe.shortcuts.are_off());
}

#[test]
fn what_is_left_out_is_asked_for_with_what_it_saves_and_costs_beside_it() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    click(&mut window, "Speed");
    retype(&mut window, Role::TextInput, "Step cache", "3");
    // Seven steps of twenty are whole, in the others is a tenth of the work.
    assert!(has(&window, "about 59 % less"));
    assert!(has(&window, "About 59 % less computing; differs by 12/255"));
    assert!(!has(&window, "Together"));
    window
        .get_by_role_and_label(Role::Slider, "Guide until")
        .set_value_accesskit(0.6);
    settle(&mut window);
    assert!(has(
        &window,
        "About 20 % less computing; differs by 4.4/255"
    ));
    assert!(has(
        &window,
        "Together 67 % less computing; differs by 13/255"
    ));
    let shortcuts = generate(&mut window, &engine).recipe.shortcuts;
    assert_eq!(shortcuts.cache_interval, 3);
    assert_eq!((shortcuts.guidance.from, shortcuts.guidance.to), (0.0, 0.6));
    click(&mut window, "Speed");
    assert!(!has(&window, BARGAIN));
    assert!(has(&window, "about 67 % less"));
}

#[test]
fn fewer_bits_of_the_weights_are_asked_for_with_what_they_save_and_cost_beside_them() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    click(&mut window, "Speed");
    assert!(!has(&window, "of weights instead of"));
    click(&mut window, "Weights: 8 bit");
    assert!(has(
        &window,
        "40 MB of weights instead of 60 MB; differs by"
    ));
    let recipe = generate(&mut window, &engine).recipe;
    assert_eq!(recipe.weight_bits, WeightBits::EightBit);
    click(&mut window, "Weights: As stored");
    assert!(!has(&window, "of weights instead of"));
    let recipe = generate(&mut window, &engine).recipe;
    assert!(recipe.weight_bits.are_stored());
}

#[test]
fn as_many_threads_compute_as_people_choose_from_the_next_picture_on() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    assert_eq!(generate(&mut window, &engine).threads, None);
    click(&mut window, "Settings");
    click(&mut window, "2 threads");
    assert!(settings(&engine).contains("\"threads\": 2"));
    click(&mut window, "Create");
    assert_eq!(generate(&mut window, &engine).threads, Some(2));
}

#[test]
fn a_slid_part_of_the_run_has_the_digits_people_see() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    click(&mut window, "Speed");
    window
        .get_by_role_and_label(Role::Slider, "Guide from")
        .focus();
    settle(&mut window);
    for _ in 0..3 {
        window.key_press(Key::ArrowRight);
    }
    settle(&mut window);
    let guidance = generate(&mut window, &engine).recipe.shortcuts.guidance;
    assert_eq!((guidance.from, guidance.to), (0.15, 1.0));
}

#[test]
fn what_cannot_be_left_out_says_so_beside_its_fields_and_is_not_folded_away() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    click(&mut window, "Speed");
    retype(&mut window, Role::TextInput, "Guide from", "0.8");
    retype(&mut window, Role::TextInput, "Guide until", "0.2");
    retype(&mut window, Role::TextInput, "Step cache", "0");
    click(&mut window, "Speed");
    for (text, field) in [
        ("Guidance must begin before it ends", "Guide until"),
        ("The cache interval must be at least 1", "Step cache"),
    ] {
        let beside = window.get_by_label_contains(text).rect();
        let field = window.get_by_role_and_label(Role::TextInput, field).rect();
        assert!((beside.top() - field.bottom()).abs() < 12.0, "{text}");
    }
    assert!(!has(&window, BARGAIN));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    settle(&mut window);
    assert!(engine.jobs().is_empty());
}

#[test]
fn a_picture_without_guidance_has_none_to_leave_out() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    click(&mut window, "Speed");
    retype(&mut window, Role::TextInput, "Guide until", "0.6");
    retype(&mut window, Role::TextInput, "Guidance", "1");
    assert!(has(&window, "Guidance is 1 or less: this changes nothing"));
    assert!(has(&window, "about 0 % less"));
}

#[test]
fn no_time_is_promised_before_it_was_measured() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let json = settings_after_a_press(&mut window, &engine);
    assert!(json.contains("\"timings\": []"), "{json}");
    generate_to_the_end(&mut window, &engine);
    let json = settings_after_a_press(&mut window, &engine);
    assert!(json.contains("\"seconds_per_step\": 0.1"), "{json}");
}

fn settings_after_a_press(window: &mut crate::window_kit::Window, engine: &FakeEngine) -> String {
    click(window, "Generate");
    settings(engine)
}

#[test]
fn a_checkpoint_is_opened_by_its_file_and_named_without_its_kind() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    click(&mut window, "Model: Sprout");
    click(&mut window, "Open model file…");
    retype(
        &mut window,
        Role::TextInput,
        "Path",
        "/models/v1-5.safetensors",
    );
    window.key_press(Key::Enter);
    settle(&mut window);
    assert!(engine.requests().contains(&Request::Inspect {
        model: "/models/v1-5.safetensors".to_owned(),
        vae: None,
    }));
    click(&mut window, "Model: v1-5");
}

#[test]
fn a_model_that_cannot_be_used_is_told_beside_its_card() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    click(&mut window, "Model: Sprout");
    click(&mut window, "Open model folder…");
    retype(&mut window, Role::TextInput, "Path", "/models/broken");
    window.key_press(Key::Enter);
    settle(&mut window);
    let asked = engine.requests().contains(&Request::Inspect {
        model: "/models/broken".to_owned(),
        vae: None,
    });
    assert!(asked);
    engine.tell(Event::Model {
        model: "/models/broken".to_owned(),
        card: Err(Failure::Model(ModelError::FileMissing {
            folder: "/models/broken".to_owned(),
            file: "unet/config.json".to_owned(),
        })),
    });
    settle(&mut window);
    assert!(has(&window, "lacks unet/config.json"));
    click(&mut window, "Model: broken");
    click(&mut window, "Sprout");
    assert!(!has(&window, "lacks unet/config.json"));
}

#[test]
fn models_of_xl_are_told_a_size_and_others_are_not() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    assert!(!has(&window, "Told size"));
    let xl = ModelCard {
        name: "/models/xl".to_owned(),
        family: FAMILIES.iter().find(|family| family.id == "sdxl"),
        ..sprout()
    };
    click(&mut window, "Model: Sprout");
    click(&mut window, "Open model folder…");
    retype(&mut window, Role::TextInput, "Path", &xl.name);
    window.key_press(Key::Enter);
    settle(&mut window);
    engine.tell(Event::Model {
        model: xl.name.clone(),
        card: Ok(xl),
    });
    settle(&mut window);
    click(&mut window, "Told size");
    let told = |window: &mut Window| generate(window, &engine).recipe.size_condition;
    assert_eq!(told(&mut window), None);
    retype(&mut window, Role::TextInput, "Original: Width", "2048");
    retype(&mut window, Role::TextInput, "Cut off: Height", "64");
    let other = SizeCondition {
        original: (2048, 256),
        crop: (0, 64),
        target: (256, 256),
    };
    assert_eq!(told(&mut window), Some(other));
    click(&mut window, "As drawn");
    assert_eq!(told(&mut window), None);
}

#[test]
fn an_engine_that_has_ended_is_told_above_the_button() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    engine.end();
    click(&mut window, "Generate");
    assert!(has(&window, "The engine does not answer"));
}

#[test]
fn settings_survive_a_restart() {
    let engine = FakeEngine::default();
    let mut first = window(&engine);
    retype(
        &mut first,
        Role::MultilineTextInput,
        "Prompt",
        "a lighthouse",
    );
    retype(&mut first, Role::TextInput, "Steps", "12");
    click(&mut first, "Settings");
    click(&mut first, "Light");
    first.state_mut().finish();
    let mut again = options();
    again.settings = Some(settings(&engine));
    let engine = FakeEngine::default();
    let mut second = window_with(&engine, again, [1440.0, 900.0]);
    assert!(!second.ctx.global_style().visuals.dark_mode);
    let job = generate(&mut second, &engine);
    assert_eq!(job.recipe.prompt, "a lighthouse");
    assert_eq!(job.recipe.steps, 12);
    assert_eq!(job.id, JobId(1));
}

#[test]
fn chinese_is_typed_through_an_input_method_and_pasted() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    retype(&mut window, Role::MultilineTextInput, "Prompt", "");
    for event in [
        ImeEvent::Preedit {
            text: "xiao mao".to_owned(),
            active_range_chars: None,
        },
        ImeEvent::Commit("小猫".to_owned()),
    ] {
        window.event(egui::Event::Ime(event));
        settle(&mut window);
    }
    window.event(egui::Event::Paste("，雪地".to_owned()));
    settle(&mut window);
    assert_eq!(generate(&mut window, &engine).recipe.prompt, "小猫，雪地");
}
