use afterimage::library::{Origin, read_picture};
use afterimage::raster::{Extent, Pixels, decode, encode_png};
use afterimage::recipe::Task;
use afterimage::weights::FolderFiles;
use candle_core::Device;

use crate::command::{Desk, names};
use crate::golden::{
    GUIDANCE, MODELS, NEGATIVE, PROMPT, SEED, STEPS, assert_agrees, path, tensors,
};

#[test]
fn a_prompt_becomes_a_picture_that_carries_its_recipe_twice() {
    let desk = Desk::new();
    desk.generate(&["--seed", "7", "--out", "cat.png"]).well();
    let file = read_picture(&desk.path("cat.png")).unwrap();
    assert_eq!(file.pixels.extent(), Extent::new(16, 16));
    let Origin::Recipe(recipe) = file.origin else {
        panic!("{:?}", file.origin)
    };
    assert_eq!(
        (recipe.prompt.as_str(), recipe.seed, recipe.steps),
        ("a cat", 7, 2)
    );
    assert_eq!(recipe.model.sha256.as_ref().unwrap().len(), 64);
    let texts = decode(&std::fs::read(desk.path("cat.png")).unwrap())
        .unwrap()
        .texts;
    let parameters = &texts.iter().find(|(key, _)| key == "parameters").unwrap().1;
    let hash = &recipe.model.sha256.unwrap()[..10];
    assert!(parameters.starts_with("a cat\nSteps: 2, Sampler: Euler a, Schedule type: Normal, CFG scale: 7.5, Seed: 7, Size: 16x16"));
    assert!(parameters.contains(&format!("Model hash: {hash}")));
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_another_picture() {
    let desk = Desk::new();
    for (seed, name) in [("3", "a.png"), ("3", "b.png"), ("4", "c.png")] {
        desk.generate(&["--seed", seed, "--out", name]).well();
    }
    let bytes = |name| std::fs::read(desk.path(name)).unwrap();
    assert_eq!(bytes("a.png"), bytes("b.png"));
    assert_ne!(bytes("a.png"), bytes("c.png"));
}

#[test]
fn dumped_latents_are_those_of_diffusers() {
    for model in MODELS {
        let desk = Desk::new();
        let folder = path(model);
        let goldens = tensors(&format!("{model}/golden.safetensors"));
        for sampler in ["ddim", "euler", "euler_ancestral", "dpmpp_2m"] {
            for schedule in ["normal", "karras"] {
                let dump = format!("{sampler}-{schedule}.safetensors");
                let side = if model == "epsilon" { "16x16" } else { "32x32" };
                let numbers = [GUIDANCE.to_string(), STEPS.to_string(), SEED.to_string()];
                desk.run([
                    "generate",
                    PROMPT,
                    "--negative",
                    NEGATIVE,
                    "--model",
                    folder.to_str().unwrap(),
                    "--sampler",
                    sampler,
                    "--schedule",
                    schedule,
                    "--cfg",
                    &numbers[0],
                    "--steps",
                    &numbers[1],
                    "--seed",
                    &numbers[2],
                    "--size",
                    side,
                    "--dump-latents",
                    &dump,
                ])
                .well();
                let dumped =
                    candle_core::safetensors::load(desk.path(&dump), &Device::Cpu).unwrap();
                let golden = &goldens[&format!("run.{sampler}.{schedule}")];
                assert_agrees(&dump, &dumped["final"], golden, 1e-3);
                assert_agrees(
                    &dump,
                    &dumped["embeddings"],
                    &goldens["embeddings.prompt"],
                    1e-4,
                );
                assert_eq!(dumped["initial"].dims(), golden.dims());
            }
        }
    }
}

#[test]
fn a_count_makes_numbered_files_with_seeds_counting_up() {
    let desk = Desk::new();
    let dump = ["--dump-latents", "t.safetensors"];
    let said = desk
        .generate(
            &[
                &["--seed", "5", "--count", "2", "--out", "x.png"][..],
                &dump,
            ]
            .concat(),
        )
        .well();
    assert_eq!(said.out.lines().collect::<Vec<_>>(), ["x-1.png", "x-2.png"]);
    for (name, seed) in [("x-1.png", 5), ("x-2.png", 6)] {
        let Origin::Recipe(recipe) = read_picture(&desk.path(name)).unwrap().origin else {
            panic!()
        };
        assert_eq!(recipe.seed, seed);
    }
    assert!(desk.path("t-1.safetensors").is_file() && desk.path("t-2.safetensors").is_file());
}

#[test]
fn prompts_come_from_a_file_too_and_go_to_a_folder() {
    let desk = Desk::new();
    std::fs::write(desk.path("prompts.txt"), "a dog\n\n  一只猫\n").unwrap();
    let model = path("epsilon");
    desk.run([
        "generate",
        "--prompts",
        "prompts.txt",
        "--steps",
        "1",
        "--seed",
        "9",
        "--out",
        "new/folder/",
        "--model",
        model.to_str().unwrap(),
    ])
    .well();
    assert_eq!(
        names(&desk.path("new/folder")),
        ["0001-9.png", "0002-9.png"]
    );
    let Origin::Recipe(recipe) = read_picture(&desk.path("new/folder/0002-9.png"))
        .unwrap()
        .origin
    else {
        panic!()
    };
    assert_eq!(recipe.prompt, "一只猫");
}

#[test]
fn json_tells_every_step_and_ends_with_seconds_and_memory() {
    let desk = Desk::new();
    let events = desk
        .generate(&["--json", "--seed", "1", "--out", "a.png"])
        .well()
        .events();
    let kinds: Vec<_> = events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    assert_eq!(kinds[..2], ["planned", "started"]);
    assert!(events[0]["memory_bytes"].as_u64().unwrap() > 1 << 20);
    assert_eq!(kinds.iter().filter(|kind| **kind == "step").count(), 2);
    assert_eq!(kinds.iter().filter(|kind| **kind == "picture").count(), 1);
    let last = events.last().unwrap();
    assert_eq!(last["event"], "finished");
    for stage in [
        "load_model",
        "encode_prompt",
        "denoise",
        "decode",
        "save",
        "total",
    ] {
        assert!(last["seconds"][stage].as_f64().unwrap() >= 0.0, "{stage}");
    }
    assert!(last["peak_memory_bytes"].as_u64().unwrap() > 1 << 20);
}

#[test]
fn a_picture_made_with_shortcuts_says_so_and_one_made_without_does_not() {
    let desk = Desk::new();
    let usual = ["--seed", "7", "--out"];
    let shortcuts = ["--guidance-to", "0.5", "--cache-interval", "2"];
    desk.generate(&[&usual[..], &["full.png"]].concat()).well();
    desk.generate(&[&usual[..], &["less.png"], &shortcuts].concat())
        .well();
    let read = |name: &str| {
        let file = read_picture(&desk.path(name)).unwrap();
        let Origin::Recipe(recipe) = file.origin else {
            panic!("{:?}", file.origin)
        };
        let texts = decode(&std::fs::read(desk.path(name)).unwrap())
            .unwrap()
            .texts;
        let parameters = texts
            .into_iter()
            .find(|(key, _)| key == "parameters")
            .unwrap()
            .1;
        (file.pixels, recipe.shortcuts, parameters)
    };
    let (full, less) = (read("full.png"), read("less.png"));
    assert!(full.1.are_off());
    assert!(!full.2.contains("Guidance from") && !full.2.contains("Cache interval"));
    assert_eq!((less.1.guidance.to, less.1.cache_interval), (0.5, 2));
    let told = "Guidance from: 0, Guidance to: 0.5, Cache interval: 2, Version:";
    assert!(less.2.contains(told), "{}", less.2);
    assert_ne!(full.0, less.0);
}

#[test]
fn bad_usage_is_refused_with_exit_code_two_before_any_work() {
    let desk = Desk::new();
    desk.generate(&["--steps", "0"])
        .refused(2, "0 steps make no picture");
    desk.generate(&["--size", "17x16"])
        .refused(2, "multiples of 2 pixels");
    desk.generate(&["--sampler", "eulr"])
        .refused(2, "there is no sampler \"eulr\"");
    desk.generate(&["--schedule", "x"])
        .refused(2, "there is no schedule \"x\"");
    desk.generate(&["--count", "0"]).refused(2, "0 pictures");
    desk.generate(&["--cfg", "nan"])
        .refused(2, "guidance must be a number");
    desk.generate(&["--guidance-from", "0.8", "--guidance-to", "0.2"])
        .refused(2, "guidance must begin before it ends");
    desk.generate(&["--guidance-from", "-0.1"])
        .refused(2, "both from 0 to 1");
    desk.generate(&["--guidance-to", "much"])
        .refused(2, "--guidance-to");
    desk.generate(&["--cache-interval", "0"])
        .refused(2, "the cache interval must be at least 1");
    desk.generate(&["--cache-interval", "-1"])
        .refused(2, "unexpected argument '-1'");
    desk.generate(&["--size", "big"]).refused(2, "WIDTHxHEIGHT");
    desk.generate(&["--stepps", "3"]).refused(2, "--stepps");
    desk.generate(&["--threads", "0"]).refused(2, "--threads");
    desk.run(["generate"]).refused(2, "PROMPT");
    desk.run(["paint"]).refused(2, "paint");
    assert_eq!(names(desk.folder.path()), Vec::<String>::new());
}

#[test]
fn several_problems_are_told_at_once() {
    let desk = Desk::new();
    let said = desk.generate(&["--steps", "0", "--size", "17x16"]);
    said.refused(2, "0 steps");
    said.refused(2, "17x16");
}

#[test]
fn an_existing_file_fails_before_any_work_unless_forced() {
    let desk = Desk::new();
    std::fs::write(desk.path("a.png"), b"precious").unwrap();
    desk.generate(&["--out", "a.png"])
        .refused(1, "a.png exists already");
    assert_eq!(std::fs::read(desk.path("a.png")).unwrap(), b"precious");
    desk.generate(&["--out", "a.png", "--force"]).well();
    assert!(read_picture(&desk.path("a.png")).is_ok());
}

#[test]
fn a_picture_that_cannot_be_written_is_a_failure_of_one_line() {
    let desk = Desk::new();
    std::fs::write(desk.path("file"), b"no folder").unwrap();
    desk.generate(&["--out", "file/a.png"])
        .refused(1, "cannot be written");
}

#[test]
fn an_empty_prompt_is_allowed_and_a_long_one_is_noted() {
    let desk = Desk::new();
    let model = path("epsilon");
    let model = model.to_str().unwrap();
    desk.run([
        "generate", "", "--steps", "1", "--model", model, "--out", "a.png",
    ])
    .well();
    let long = "red sailboat ".repeat(60);
    let said = desk
        .run([
            "generate",
            &long,
            "--emphasis",
            "none",
            "--steps",
            "1",
            "--model",
            model,
            "--out",
            "b.png",
        ])
        .well();
    assert!(
        said.err
            .contains("note: the prompt is longer than the model's 77 tokens"),
        "{}",
        said.err
    );
}

#[test]
fn one_thread_and_two_compute_the_same_picture() {
    let desk = Desk::new();
    for threads in ["1", "2"] {
        let name = format!("{threads}.png");
        desk.generate(&["--seed", "3", "--threads", threads, "--out", &name])
            .well();
    }
    let pixels = |name| read_picture(&desk.path(name)).unwrap().pixels;
    let (one, two) = (pixels("1.png"), pixels("2.png"));
    assert!(
        one.rgba()
            .iter()
            .zip(two.rgba())
            .all(|(a, b)| a.abs_diff(*b) <= 1)
    );
}

#[test]
fn sprout_is_embedded_and_draws_without_any_file() {
    let desk = Desk::new();
    desk.run([
        "generate",
        "a red sailboat",
        "--steps",
        "1",
        "--seed",
        "1",
        "--out",
        "s.png",
    ])
    .well();
    assert_eq!(
        read_picture(&desk.path("s.png")).unwrap().pixels.extent(),
        Extent::new(256, 256)
    );
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sprout/model");
    assert!(afterimage::models::Manifest::read(&FolderFiles::new(folder)).is_ok());
}

#[test]
fn scenes_are_drawn_with_captions_and_the_same_seed_draws_the_same() {
    let desk = Desk::new();
    for folder in ["a", "b"] {
        desk.run(["scenes", "--count", "3", "--seed", "5", "--out", folder])
            .well();
    }
    let files = ["000000.png", "000001.png", "000002.png", "captions.jsonl"];
    assert_eq!(names(&desk.path("a")), files);
    for file in files {
        let bytes = |folder: &str| std::fs::read(desk.path(folder).join(file)).unwrap();
        assert_eq!(bytes("a"), bytes("b"));
    }
    let captions = std::fs::read_to_string(desk.path("a/captions.jsonl")).unwrap();
    let line: serde_json::Value = serde_json::from_str(captions.lines().next().unwrap()).unwrap();
    for key in [
        "file", "subject", "color", "place", "time", "backdrop", "en", "zh",
    ] {
        assert!(line.get(key).is_some(), "{key}");
    }
    desk.run(["scenes", "--count", "1", "--out", "a"])
        .refused(1, "the folder is not empty");
    desk.run(["scenes", "--count", "0", "--out", "c"])
        .refused(2, "0 scenes");
}

/// A white square on black, of the given size, as a mask.
fn write_mask(desk: &Desk, name: &str, side: u32) {
    let inside = |at: u32| (side / 4..side / 2).contains(&at);
    let rgb: Vec<u8> = (0..side * side)
        .flat_map(|at| {
            [if inside(at % side) && inside(at / side) {
                255
            } else {
                0
            }; 3]
        })
        .collect();
    let pixels = Pixels::from_rgb(Extent::new(side, side), &rgb).unwrap();
    std::fs::write(desk.path(name), encode_png(&pixels, &[]).unwrap()).unwrap();
}

#[test]
fn a_part_of_a_picture_is_filled_and_the_rest_stays_to_the_bit() {
    let desk = Desk::new();
    desk.generate(&["--seed", "7", "--out", "cat.png"]).well();
    write_mask(&desk, "mask.png", 16);
    let fill = [
        "--prompt",
        "a dog",
        "--mask",
        "mask.png",
        "--mask-blur",
        "0",
        "--seed",
        "5",
    ];
    desk.with_model(
        "inpaint",
        "cat.png",
        &[&fill[..], &["--out", "dog.png"]].concat(),
    )
    .well();
    let read = |name| read_picture(&desk.path(name)).unwrap();
    let (before, after) = (read("cat.png"), read("dog.png"));
    let changed: Vec<_> = (0..256)
        .filter(|at| {
            before.pixels.rgba()[at * 4..at * 4 + 4] != after.pixels.rgba()[at * 4..at * 4 + 4]
        })
        .collect();
    assert!(changed.len() > 8, "{changed:?}");
    assert!(
        changed
            .iter()
            .all(|at| (4..8).contains(&(at % 16)) && (4..8).contains(&(at / 16)))
    );
    let Origin::Recipe(recipe) = after.origin else {
        panic!("{:?}", after.origin)
    };
    let Task::Inpaint(fill) = recipe.task else {
        panic!("{:?}", recipe.task)
    };
    assert_eq!(fill.image.sha256, before.pixels.sha256());
}

/// With Sprout: an autoencoder of random weights gives nothing back.
#[test]
fn a_picture_changes_the_more_the_higher_the_strength() {
    let desk = Desk::new();
    let prompt = "a red sailboat on the ocean at sunset";
    let draw = |more: &[&str]| {
        let usual = ["generate", prompt, "--steps", "8", "--size", "64x64"];
        desk.run([&usual, more].concat()).well();
    };
    draw(&["--seed", "7", "--out", "boat.png"]);
    let pixels = |name: &str| read_picture(&desk.path(name)).unwrap().pixels;
    let distance = |strength: &str| {
        let out = format!("{strength}.png");
        let init = ["--init", "boat.png", "--strength", strength, "--seed", "9"];
        draw(&[&init[..], &["--out", &out]].concat());
        let (before, after) = (pixels("boat.png"), pixels(&out));
        let gaps = before.rgba().iter().zip(after.rgba());
        gaps.map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>()
    };
    let (little, much) = (distance("0.2"), distance("1"));
    assert!(little * 2 < much, "{little} and {much}");
}

#[test]
fn pictures_and_masks_that_do_not_fit_are_refused_in_one_line() {
    let desk = Desk::new();
    desk.generate(&["--seed", "7", "--out", "cat.png"]).well();
    write_mask(&desk, "small.png", 8);
    write_mask(&desk, "mask.png", 16);
    let refused = |more: &[&str], words| {
        desk.with_model("inpaint", "cat.png", more)
            .refused(2, words);
    };
    refused(
        &["--mask", "mask.png", "--strength", "1.5"],
        "above 0 and at most 1",
    );
    refused(
        &["--mask", "mask.png", "--strength", "0.1"],
        "less than one step",
    );
    desk.with_model("inpaint", "cat.png", &["--mask", "small.png"])
        .refused(1, "the mask is 8x8");
    desk.with_model("inpaint", "cat.png", &["--mask", "none.png"])
        .refused(1, "none.png cannot be read");
    desk.with_model(
        "inpaint",
        "cat.png",
        &["--mask", "small.png", "--only-masked"],
    )
    .refused(1, "the mask is 8x8");
    desk.generate(&["--init", "none.png"])
        .refused(1, "none.png cannot be read");
}

#[test]
fn something_disappears_without_a_model() {
    let desk = Desk::new();
    desk.generate(&["--seed", "7", "--out", "cat.png"]).well();
    write_mask(&desk, "mask.png", 16);
    for method in ["exemplar", "telea"] {
        let out = format!("{method}.png");
        let usual = [
            "inpaint", "cat.png", "--mask", "mask.png", "--method", method,
        ];
        desk.run([&usual[..], &["--out", &out]].concat()).well();
        let read = |name: &str| read_picture(&desk.path(name)).unwrap().pixels;
        assert_ne!(read("cat.png"), read(&out));
        desk.run([&usual[..], &["--out", &out]].concat())
            .refused(1, "exists already");
        desk.run([&usual[..], &["--seed", "3"]].concat())
            .refused(2, "--seed is for --method diffusion");
        desk.run([&usual[..], &["--cache-interval", "3"]].concat())
            .refused(2, "--cache-interval is for --method diffusion");
    }
}

#[test]
fn pictures_of_a_prompt_with_choices_each_keep_what_they_were_drawn_from() {
    let desk = Desk::new();
    let model = path("epsilon");
    let model = model.to_str().unwrap();
    let template = "a {red|blue|green} __thing__";
    let usual = ["generate", template, "--steps", "1", "--model", model];
    let more = ["--seed", "3", "--count", "4", "--out", "out/"];
    let asked = usual.into_iter().chain(more);
    let said = desk.run(asked.clone());
    assert_eq!(said.code, Some(1));
    assert!(
        said.err.contains("there are no wildcards \"thing\""),
        "{}",
        said.err
    );
    let folder = desk.path("data/afterimage/models/wildcards");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("thing.txt"), "# one a line\ncat\nboat\n").unwrap();
    desk.run(asked).well();
    let mut prompts = std::collections::BTreeSet::new();
    for entry in std::fs::read_dir(desk.path("out")).unwrap() {
        let file = read_picture(&entry.unwrap().path()).unwrap();
        let Origin::Recipe(recipe) = file.origin else {
            panic!("no recipe")
        };
        assert_eq!(recipe.template.prompt.as_deref(), Some(template));
        assert!(
            !recipe.prompt.contains(['{', '_', '|']),
            "{}",
            recipe.prompt
        );
        prompts.insert(recipe.prompt);
    }
    assert!(prompts.len() > 1, "{prompts:?}");
}
