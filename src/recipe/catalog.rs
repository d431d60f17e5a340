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
    },
    SamplerRow {
        id: "euler",
        label: "Euler",
    },
    SamplerRow {
        id: "euler_ancestral",
        label: "Euler a",
    },
    SamplerRow {
        id: "ddim",
        label: "DDIM",
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
];

pub fn sampler_by_id(id: &str) -> Option<&'static SamplerRow> {
    SAMPLERS.iter().find(|row| row.id == id)
}

pub fn schedule_by_id(id: &str) -> Option<&'static ScheduleRow> {
    SCHEDULES.iter().find(|row| row.id == id)
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
    }
}
