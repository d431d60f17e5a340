use afterimage::recipe::{NoiseSource, SAMPLERS, SCHEDULES};
use afterimage::samplers::{NoiseStream, Plan, Schedule, SchedulerConfig, Solver};
use candle_core::{Device, Tensor};
use serde::Deserialize;

use crate::golden::path;

/// One loop of a reference over the toy denoiser of `make_samplers.py`.
#[derive(Deserialize)]
struct Run {
    config: SchedulerConfig,
    sampler: String,
    schedule: String,
    steps: usize,
    /// Where it begins, with a picture beneath the noise.
    #[serde(default)]
    first_step: usize,
    #[serde(default)]
    tokens: usize,
    timesteps: Vec<f64>,
    latents: Vec<f32>,
}

const SEED: u64 = 3;
/// Of a latent, relative to it where it is above 1.
const TOLERANCE: f32 = 1e-3;
/// As [`TOLERANCE`], where noise is of a Brownian path: it is so rough that one unit of f32 in a level
/// moves the noise by a thousandth, and schedules are computed in f32 by the reference.
const BROWNIAN_TOLERANCE: f32 = 5e-3;

fn runs() -> Vec<Run> {
    serde_json::from_str(&std::fs::read_to_string(path("samplers.json")).unwrap()).unwrap()
}

/// `0.6 * latents.roll(1, -1) + 0.2 * sin(3 * latents + timestep / 200)`
fn toy_denoiser(latents: &Tensor, timestep: f64) -> Tensor {
    let rolled = latents.roll(1, 3).unwrap();
    let wave = ((latents * 3.0).unwrap() + timestep / 200.0)
        .unwrap()
        .sin()
        .unwrap();
    ((rolled * 0.6).unwrap() + (wave * 0.2).unwrap()).unwrap()
}

#[test]
fn every_sampler_on_every_schedule_is_covered() {
    let runs = runs();
    for sampler in SAMPLERS {
        for schedule in SCHEDULES {
            let of_pair = |run: &&Run| run.sampler == sampler.id && run.schedule == schedule.id;
            let covered = runs.iter().filter(of_pair).count();
            let least = if schedule.id == "normal" { 20 } else { 2 };
            let what = format!("{} on {}", sampler.id, schedule.id);
            assert!(covered >= least, "{what}: {covered} goldens");
        }
        let midway = |run: &Run| run.sampler == sampler.id && run.first_step > 0;
        assert!(runs.iter().any(midway), "{} midway", sampler.id);
    }
}

/// How far off the latents of a run are, as a part of the tolerance.
fn gap(run: &Run, what: &str) -> f32 {
    let plan = Plan {
        config: &run.config,
        schedule: Schedule::by_id(&run.schedule).unwrap(),
        steps: run.steps,
        first_step: run.first_step,
        tokens: run.tokens,
    };
    assert_eq!(run.config.check(), Ok(()), "{what}");
    let solver = Solver::by_id(&run.sampler).unwrap();
    assert!(solver.suits(plan.schedule, plan.config), "{what}");
    let mut sampler = solver.start(&plan);
    assert_eq!(sampler.timesteps().len(), run.timesteps.len(), "{what}");
    for (ours, theirs) in sampler.timesteps().iter().zip(&run.timesteps) {
        assert!(
            (ours - theirs).abs() < 0.01,
            "timestep {ours}, not {theirs}: {what}"
        );
    }
    let mut noise = NoiseStream::new(NoiseSource::TorchCpu, SEED);
    let drawn = noise.tensor((1, 1, 4, 4), &Device::Cpu).unwrap();
    let mut latents = if run.first_step > 0 {
        let picture = Tensor::arange(0f32, 16.0, &Device::Cpu).unwrap();
        let picture = (picture.reshape((1, 1, 4, 4)).unwrap() / 8.0).unwrap() - 1.0;
        sampler.noised(&picture.unwrap(), &drawn, 0).unwrap()
    } else {
        (drawn * sampler.init_noise_sigma()).unwrap()
    };
    for (call, timestep) in run.timesteps.iter().enumerate() {
        let input = sampler.scale_input(&latents, call).unwrap();
        let output = toy_denoiser(&input, *timestep);
        let done = sampler.step(&output, call, &latents, &mut noise).unwrap();
        latents = done.latents;
    }
    let ours = latents.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let gaps = ours.iter().zip(&run.latents).map(|(ours, theirs)| {
        let gap = (ours - theirs).abs() / theirs.abs().max(1.0);
        if gap.is_nan() { f32::INFINITY } else { gap }
    });
    let tolerance = if run.sampler.ends_with("_sde") {
        BROWNIAN_TOLERANCE
    } else {
        TOLERANCE
    };
    gaps.fold(0.0, f32::max) / tolerance
}

#[test]
fn every_sampler_on_every_schedule_ends_where_the_reference_ends() {
    let mut wrong = Vec::new();
    for run in runs() {
        let what = format!(
            "{} {} {} steps from {} {:?}",
            run.sampler, run.schedule, run.steps, run.first_step, run.config
        );
        let gap = gap(&run, &what);
        if gap > 1.0 {
            wrong.push(format!("{gap} times the tolerance: {what}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
