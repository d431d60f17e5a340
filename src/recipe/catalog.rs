//! What a recipe can name: samplers and schedules, by id, with the labels other tools use.
//!
//! The panels, the command line, the metadata and the golden tests loop over these rows.

/// A sampler people can choose.
#[derive(Debug, PartialEq, Eq)]
pub struct SamplerRow {
    /// The ComfyUI and k-diffusion id; stored in recipes and typed on the command line.
    pub id: &'static str,
    /// The A1111 label; shown in the window and written into `parameters`.
    pub label: &'static str,
    /// How often it calls the denoiser.
    pub calls: Calls,
    /// The schedule A1111 takes with it where people leave the choice to the program.
    pub automatic: &'static str,
}

/// How often a sampler calls the denoiser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    /// Once in each step.
    One,
    /// Twice in each step, and once in the last.
    Two,
    /// Once in each step, and once more in the first of several.
    OneMore,
}

/// A schedule people can choose.
#[derive(Debug, PartialEq, Eq)]
pub struct ScheduleRow {
    pub id: &'static str,
    /// The A1111 label.
    pub label: &'static str,
}

/// Every sampler, in the order shown.
pub const SAMPLERS: &[SamplerRow] = &[
    SamplerRow {
        id: "dpmpp_2m",
        label: "DPM++ 2M",
        calls: Calls::One,
        automatic: "karras",
    },
    SamplerRow {
        id: "euler",
        label: "Euler",
        calls: Calls::One,
        automatic: "normal",
    },
    SamplerRow {
        id: "euler_ancestral",
        label: "Euler a",
        calls: Calls::One,
        automatic: "normal",
    },
    SamplerRow {
        id: "heun",
        label: "Heun",
        calls: Calls::Two,
        automatic: "normal",
    },
    SamplerRow {
        id: "dpm_2",
        label: "DPM2",
        calls: Calls::Two,
        automatic: "karras",
    },
    SamplerRow {
        id: "dpm_2_ancestral",
        label: "DPM2 a",
        calls: Calls::Two,
        automatic: "karras",
    },
    SamplerRow {
        id: "dpmpp_2s_ancestral",
        label: "DPM++ 2S a",
        calls: Calls::Two,
        automatic: "karras",
    },
    SamplerRow {
        id: "dpmpp_sde",
        label: "DPM++ SDE",
        calls: Calls::Two,
        automatic: "karras",
    },
    SamplerRow {
        id: "dpmpp_2m_sde",
        label: "DPM++ 2M SDE",
        calls: Calls::One,
        automatic: "exponential",
    },
    SamplerRow {
        id: "dpmpp_3m_sde",
        label: "DPM++ 3M SDE",
        calls: Calls::One,
        automatic: "exponential",
    },
    SamplerRow {
        id: "lms",
        label: "LMS",
        calls: Calls::One,
        automatic: "normal",
    },
    SamplerRow {
        id: "ddim",
        label: "DDIM",
        calls: Calls::One,
        automatic: "normal",
    },
    SamplerRow {
        id: "ddpm",
        label: "DDPM",
        calls: Calls::One,
        automatic: "normal",
    },
    SamplerRow {
        id: "plms",
        label: "PLMS",
        calls: Calls::OneMore,
        automatic: "normal",
    },
    SamplerRow {
        id: "uni_pc",
        label: "UniPC",
        calls: Calls::One,
        automatic: "normal",
    },
    SamplerRow {
        id: "lcm",
        label: "LCM",
        calls: Calls::One,
        automatic: "normal",
    },
    SamplerRow {
        id: "tcd",
        label: "TCD",
        calls: Calls::One,
        automatic: "normal",
    },
];

/// Every schedule, in the order shown. `normal` is the model's own.
pub const SCHEDULES: &[ScheduleRow] = &[
    ScheduleRow {
        id: "normal",
        label: "Normal",
    },
    ScheduleRow {
        id: "karras",
        label: "Karras",
    },
    ScheduleRow {
        id: "exponential",
        label: "Exponential",
    },
    ScheduleRow {
        id: "polyexponential",
        label: "Polyexponential",
    },
    ScheduleRow {
        id: "sgm_uniform",
        label: "SGM Uniform",
    },
    ScheduleRow {
        id: "align_your_steps",
        label: "Align Your Steps",
    },
    ScheduleRow {
        id: "simple",
        label: "Simple",
    },
    ScheduleRow {
        id: "ddim_uniform",
        label: "DDIM",
    },
    ScheduleRow {
        id: "beta",
        label: "Beta",
    },
];

pub fn sampler_by_id(id: &str) -> Option<&'static SamplerRow> {
    SAMPLERS.iter().find(|row| row.id == id)
}

pub fn schedule_by_id(id: &str) -> Option<&'static ScheduleRow> {
    SCHEDULES.iter().find(|row| row.id == id)
}

/// The step that a call of the denoiser belongs to, both counted from 0.
pub fn step_of_call(sampler: &str, call: u32) -> u32 {
    match sampler_by_id(sampler).map_or(Calls::One, |row| row.calls) {
        Calls::One => call,
        Calls::Two => call / 2,
        Calls::OneMore => call.saturating_sub(1),
    }
}

/// How often a sampler calls the denoiser in so many steps; of one that is not known, once in each.
pub fn calls_of(sampler: &str, steps: u32) -> u32 {
    match sampler_by_id(sampler).map_or(Calls::One, |row| row.calls) {
        Calls::One => steps,
        Calls::Two => (steps * 2).saturating_sub(1),
        Calls::OneMore => steps + u32::from(steps > 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_and_labels_name_one_row_each() {
        let ids: BTreeSet<_> = SAMPLERS.iter().map(|row| row.id).collect();
        let labels: BTreeSet<_> = SAMPLERS.iter().map(|row| row.label).collect();
        assert_eq!(ids.len(), SAMPLERS.len());
        assert_eq!(labels.len(), SAMPLERS.len());
        let ids: BTreeSet<_> = SCHEDULES.iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), SCHEDULES.len());
        let known = |row: &SamplerRow| schedule_by_id(row.automatic).is_some();
        assert!(SAMPLERS.iter().all(known));
    }

    #[test]
    fn a_sampler_of_two_looks_goes_straight_to_the_picture_at_the_end() {
        assert_eq!([1, 2, 20].map(|steps| calls_of("euler", steps)), [1, 2, 20]);
        assert_eq!([1, 2, 20].map(|steps| calls_of("heun", steps)), [1, 3, 39]);
        assert_eq!([1, 2, 20].map(|steps| calls_of("plms", steps)), [1, 3, 21]);
        assert_eq!(calls_of("heun", 0), 0);
    }
}
