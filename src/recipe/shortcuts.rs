//! Ways to compute less for a similar picture.

use serde::{Deserialize, Serialize};

/// What is left out of a run; by default nothing, and then the picture is the exact one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shortcuts {
    /// The part of the run that is guided; elsewhere the denoiser is told the prompt alone, in half
    /// the work. Kynkäänniemi et al. 2024, "Applying Guidance in a Limited Interval".
    #[serde(skip_serializing_if = "Span::is_whole")]
    pub guidance: Span,
    /// Of how many steps one computes the whole denoiser, at least 1: the others only its outermost
    /// layers, with what the last whole one found deeper inside. Ma et al. 2023, "`DeepCache`".
    #[serde(skip_serializing_if = "is_one")]
    pub cache_interval: u32,
}

/// A part of a run: fractions of its steps from 0 to 1, `from` below `to`. Numbers of their own, so
/// that their decimal digits survive: fractions of steps are rounded down.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    pub from: f64,
    pub to: f64,
}

/// One call of the denoiser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Told both prompts, in one batch, rather than the prompt alone.
    pub guided: bool,
    /// Computed to its depth.
    pub whole: bool,
}

impl Default for Shortcuts {
    fn default() -> Self {
        Self {
            guidance: Span::WHOLE,
            cache_interval: 1,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_one(interval: &u32) -> bool {
    *interval == 1
}

impl Span {
    pub const WHOLE: Self = Self { from: 0.0, to: 1.0 };

    pub fn is_whole(&self) -> bool {
        *self == Self::WHOLE
    }

    /// Whether it begins before it ends, within the run.
    pub fn is_valid(&self) -> bool {
        0.0 <= self.from && self.from < self.to && self.to <= 1.0
    }

    /// Whether step `step`, counted from 0, of `steps` lies in it, as diffusers' guiders count.
    fn holds(&self, step: u32, steps: u32) -> bool {
        let at = |fraction: f64| (fraction * f64::from(steps)) as u32;
        (at(self.from)..at(self.to)).contains(&step)
    }
}

impl Shortcuts {
    /// Whether nothing is left out.
    pub fn are_off(&self) -> bool {
        *self == Self::default()
    }

    /// Whether some calls use what others found.
    pub fn keep_features(&self) -> bool {
        self.cache_interval > 1
    }

    /// The calls of a run of `steps`; `guided`: whether its recipe asks for guidance at all.
    ///
    /// What was kept of both prompts serves for the prompt alone: the two do not meet within the
    /// denoiser. Not the other way round: where guidance begins, a step is computed whole, and the
    /// interval counts from there.
    pub fn calls(self, steps: u32, guided: bool) -> Vec<Call> {
        let mut kept_for = 0;
        let mut before = false;
        let call = |step| {
            let guided = guided && self.guidance.holds(step, steps);
            let whole = kept_for == 0 || (guided && !before);
            kept_for = if whole {
                self.cache_interval.saturating_sub(1)
            } else {
                kept_for - 1
            };
            before = guided;
            Call { guided, whole }
        };
        (0..steps).map(call).collect()
    }

    /// The work of each step as a part of that of a step without shortcuts, where `outer` is the part
    /// of the denoiser's work that its outermost layers are.
    pub fn efforts(self, steps: u32, guided: bool, outer: f64) -> Vec<f64> {
        let effort = |call: Call| {
            let prompts = if guided && !call.guided { 0.5 } else { 1.0 };
            prompts * if call.whole { 1.0 } else { outer }
        };
        self.calls(steps, guided).into_iter().map(effort).collect()
    }

    /// The part of a run's work that is left, from 0 to 1: the mean of [`Self::efforts`].
    pub fn effort(self, steps: u32, guided: bool, outer: f64) -> f64 {
        let efforts = self.efforts(steps, guided, outer);
        efforts.iter().sum::<f64>() / (efforts.len() as f64).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shortcuts(from: f64, to: f64, cache_interval: u32) -> Shortcuts {
        Shortcuts {
            guidance: Span { from, to },
            cache_interval,
        }
    }

    /// `G` and `P` for whole calls with both prompts and with the prompt alone, small for outer ones.
    fn told(shortcuts: Shortcuts, steps: u32, guided: bool) -> String {
        let letter = |call: Call| match (call.guided, call.whole) {
            (true, true) => 'G',
            (true, false) => 'g',
            (false, true) => 'P',
            (false, false) => 'p',
        };
        shortcuts
            .calls(steps, guided)
            .into_iter()
            .map(letter)
            .collect()
    }

    #[test]
    fn by_default_every_step_is_whole_and_guided() {
        assert!(Shortcuts::default().are_off());
        assert_eq!(told(Shortcuts::default(), 5, true), "GGGGG");
        assert_eq!(told(Shortcuts::default(), 5, false), "PPPPP");
    }

    #[test]
    fn guidance_is_computed_between_its_fractions_alone() {
        assert_eq!(told(shortcuts(0.1, 0.8, 1), 10, true), "PGGGGGGGPP");
        assert_eq!(told(shortcuts(0.0, 0.5, 1), 3, true), "GPP");
        assert_eq!(told(shortcuts(0.1, 0.8, 1), 10, false), "PPPPPPPPPP");
    }

    #[test]
    fn fractions_are_counted_as_diffusers_counts_them() {
        for (from, to, steps, guided) in [
            (0.1, 0.8, 20, 2..16),
            (0.29, 1.0, 50, 14..50),
            (0.07, 0.93, 7, 0..6),
        ] {
            let calls = shortcuts(from, to, 1).calls(steps, true);
            let found: Vec<_> = (0..steps).filter(|&at| calls[at as usize].guided).collect();
            assert_eq!(found, guided.collect::<Vec<_>>(), "{from} to {to}");
        }
    }

    #[test]
    fn every_so_many_steps_one_is_whole() {
        assert_eq!(told(shortcuts(0.0, 1.0, 3), 8, true), "GggGggGg");
        assert_eq!(told(shortcuts(0.0, 1.0, 3), 8, false), "PppPppPp");
        assert_eq!(told(shortcuts(0.0, 1.0, 99), 4, true), "Gggg");
    }

    #[test]
    fn where_guidance_begins_a_step_is_whole_and_where_it_ends_what_was_kept_serves() {
        assert_eq!(told(shortcuts(0.2, 0.6, 3), 10, true), "PpGggGppPp");
    }

    #[test]
    fn work_is_counted_in_whole_guided_steps() {
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} is not {b}");
        near(Shortcuts::default().effort(20, true, 0.2), 1.0);
        near(Shortcuts::default().effort(20, false, 0.2), 1.0);
        // Of ten steps three tell the prompt alone.
        near(shortcuts(0.1, 0.8, 1).effort(10, true, 0.2), 0.85);
        // Of ten steps five compute a fifth.
        near(shortcuts(0.0, 1.0, 2).effort(10, true, 0.2), 0.6);
        // PpGggGppPp.
        let mixed = 0.5 + 0.1 + 1.0 + 0.2 * 2.0 + 1.0 + 0.1 * 2.0 + 0.5 + 0.1;
        near(shortcuts(0.2, 0.6, 3).effort(10, true, 0.2), mixed / 10.0);
        near(shortcuts(0.2, 0.6, 3).effort(0, true, 0.2), 0.0);
    }

    #[test]
    fn a_span_begins_before_it_ends_within_the_run() {
        let valid = |from, to| Span { from, to }.is_valid();
        assert!(valid(0.0, 1.0) && valid(0.3, 0.4));
        for (from, to) in [
            (0.5, 0.5),
            (0.8, 0.2),
            (-0.1, 1.0),
            (0.0, 1.1),
            (f64::NAN, 1.0),
            (0.0, f64::NAN),
        ] {
            assert!(!valid(from, to), "{from} to {to}");
        }
    }

    #[test]
    fn only_what_is_left_out_is_written() {
        let json = |shortcuts| serde_json::to_string(&shortcuts).unwrap();
        assert_eq!(json(Shortcuts::default()), "{}");
        assert_eq!(json(shortcuts(0.0, 1.0, 3)), r#"{"cache_interval":3}"#);
        let text = json(shortcuts(0.1, 0.8, 1));
        assert_eq!(text, r#"{"guidance":{"from":0.1,"to":0.8}}"#);
        let read: Shortcuts = serde_json::from_str(&text).unwrap();
        assert_eq!(read, shortcuts(0.1, 0.8, 1));
    }
}
