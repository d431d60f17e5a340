use afterimage::recipe::{NoiseSource, SAMPLERS, SCHEDULES};
use afterimage::samplers::{NoiseStream, Schedule, SchedulerConfig, solver_by_id};
use candle_core::{Device, Tensor};
use serde::Deserialize;

use crate::golden::path;

/// One loop of a diffusers scheduler over the toy denoiser of `make.py`.
#[derive(Deserialize)]
struct Run {
    config: SchedulerConfig,
    sampler: String,
    schedule: String,
    steps: usize,
    timesteps: Vec<f64>,
    latents: Vec<f32>,
}

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
fn every_sampler_on_every_schedule_ends_where_diffusers_ends() {
    let runs = runs();
    for sampler in SAMPLERS {
        for schedule in SCHEDULES {
            let covered = runs
                .iter()
                .filter(|run| run.sampler == sampler.id && run.schedule == schedule.id)
                .count();
            assert!(
                covered >= 20,
                "{} on {}: {covered} goldens",
                sampler.id,
                schedule.id
            );
        }
    }
    for run in runs {
        let build = solver_by_id(&run.sampler).unwrap();
        let schedule = Schedule::by_id(&run.schedule).unwrap();
        let mut sampler = build(&run.config, schedule, run.steps);
        let what = format!(
            "{} {} {} steps {:?}",
            run.sampler, run.schedule, run.steps, run.config
        );
        assert_eq!(sampler.timesteps().len(), run.timesteps.len(), "{what}");
        for (ours, theirs) in sampler.timesteps().iter().zip(&run.timesteps) {
            assert!(
                (ours - theirs).abs() < 0.01,
                "timestep {ours}, not {theirs}: {what}"
            );
        }
        let mut noise = NoiseStream::new(NoiseSource::TorchCpu, 3);
        let drawn = noise.tensor((1, 1, 4, 4), &Device::Cpu).unwrap();
        let mut latents = (drawn * sampler.init_noise_sigma()).unwrap();
        for (step, timestep) in run.timesteps.iter().enumerate() {
            let input = sampler.scale_input(&latents, step).unwrap();
            let output = toy_denoiser(&input, *timestep);
            latents = sampler
                .step(&output, step, &latents, &mut noise)
                .unwrap()
                .latents;
        }
        let ours = latents.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        for (ours, theirs) in ours.iter().zip(&run.latents) {
            let gap = (ours - theirs).abs() / theirs.abs().max(1.0);
            assert!(gap < 1e-3, "{ours}, not {theirs}: {what}");
        }
    }
}
