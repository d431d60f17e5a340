//! The configurations of a model in a folder, and what is computed of them before a weight is read. The
//! first bytes choose a model, a solver and a schedule; the rest are contents of its files one after
//! the other, with 0xff between them; of nothing the model's own stays.
#![no_main]

use afterimage::models::Manifest;
use afterimage::nn::Keep;
use afterimage::recipe::{SAMPLERS, SCHEDULES, calls_of};
use afterimage::samplers::{Plan, SOLVERS, Schedule};
use afterimage_fuzz::Overlay;
use libfuzzer_sys::fuzz_target;

const MODELS: [&str; 3] = ["epsilon", "xl", "velocity"];
const FILES: [&str; 8] = [
    "unet/config.json",
    "vae/config.json",
    "text_encoder/config.json",
    "scheduler/scheduler_config.json",
    "model_index.json",
    "tokenizer/tokenizer_config.json",
    "tokenizer/special_tokens_map.json",
    "text_encoder_2/config.json",
];

fuzz_target!(|data: &[u8]| {
    let Some((&[model, solver, schedule], data)) = data.split_first_chunk() else {
        return;
    };
    let contents = data.split(|byte| *byte == 0xff);
    let over = FILES
        .into_iter()
        .zip(contents)
        .filter(|(_, content)| !content.is_empty());
    let files = Overlay::over(MODELS[usize::from(model) % MODELS.len()], over);
    if let Ok(manifest) = Manifest::read(&files) {
        manifest.usual("a model");
        manifest.modules();
        manifest.weight_bytes();
        manifest.resident_bytes(Keep::EightBit);
        manifest.needs();
        manifest.call_bytes(2, (64, 64));
        manifest.decode_bytes((64, 64));
        manifest.denoiser.work(manifest.texts.tokens());
        run(&manifest, solver.into(), schedule.into());
    }
});

/// The levels of a run.
fn run(manifest: &Manifest, solver: usize, schedule: usize) {
    let config = &manifest.scheduler;
    let solver = &SOLVERS[solver % SAMPLERS.len()];
    let schedule = SCHEDULES[schedule % SCHEDULES.len()].id;
    let schedule = Schedule::by_id(schedule).expect("every schedule");
    if !solver.suits(schedule, config) {
        return;
    }
    for (steps, first_step) in [(1, 0), (7, 3), (30, 0)] {
        let plan = Plan {
            config,
            schedule,
            steps,
            first_step,
            tokens: 64,
        };
        let sampler = solver.start(&plan);
        let calls = calls_of(solver.id, (steps - first_step) as u32);
        assert_eq!(sampler.timesteps().len(), calls as usize, "{}", solver.id);
        sampler.init_noise_sigma();
    }
}
