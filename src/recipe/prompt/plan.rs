//! What a prompt says at every step.

use super::Emphasis;
use super::branches::branches;
use super::schedule::schedule;

/// A prompt taken apart: composed prompts, each with its texts over the steps.
#[derive(Clone, Debug, PartialEq)]
pub struct PromptPlan {
    /// At least one.
    pub branches: Vec<Branch>,
}

/// One of the prompts a prompt is composed of.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// How much it counts in guidance.
    pub weight: f64,
    /// In order, at least one.
    pub texts: Vec<TimedText>,
}

/// A text and how long it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedText {
    /// The step it ends with, as A1111 counts: see [`Branch::at`].
    pub until: u32,
    pub text: String,
}

impl PromptPlan {
    /// The plan of a prompt for a run of `steps`.
    pub fn of(prompt: &str, emphasis: Emphasis, steps: u32) -> Self {
        let composed = if emphasis.is_of_a1111() {
            branches(prompt)
        } else {
            vec![(1.0, prompt)]
        };
        let branch = |(weight, text)| Branch {
            weight,
            texts: texts(text, emphasis, steps),
        };
        Self {
            branches: composed.into_iter().map(branch).collect(),
        }
    }

    /// The plan of a negative prompt, which is not composed.
    pub fn of_negative(prompt: &str, emphasis: Emphasis, steps: u32) -> Self {
        Self {
            branches: vec![Branch {
                weight: 1.0,
                texts: texts(prompt, emphasis, steps),
            }],
        }
    }

    /// Whether it is one prompt of the usual weight.
    pub fn is_single(&self) -> bool {
        self.branches.len() == 1 && self.branches[0].weight == 1.0
    }
}

fn texts(text: &str, emphasis: Emphasis, steps: u32) -> Vec<TimedText> {
    let timed = if emphasis.is_of_a1111() {
        schedule(text, steps)
    } else {
        vec![(steps, text.to_owned())]
    };
    let timed = timed.into_iter();
    timed
        .map(|(until, text)| TimedText { until, text })
        .collect()
}

impl Branch {
    /// Which of the texts holds at a step, counted from 0. A1111 compares that count with ends counted
    /// from 1, so that the first text holds a step longer than the others; pictures made there ask for
    /// the same here.
    pub fn at(&self, step: u32) -> usize {
        let holds = |timed: &TimedText| step <= timed.until;
        let last = self.texts.len() - 1;
        self.texts.iter().position(holds).unwrap_or(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(branch: &Branch, steps: u32) -> String {
        let text = |step| branch.texts[branch.at(step)].text.as_str();
        (0..steps).map(text).collect()
    }

    #[test]
    fn texts_hold_as_long_as_in_a1111() {
        let plan = PromptPlan::of("[a:b:2]", Emphasis::A1111, 5);
        assert_eq!(told(&plan.branches[0], 5), "aaabb");
        let plan = PromptPlan::of("[a|b|c]", Emphasis::NoNorm, 6);
        assert_eq!(told(&plan.branches[0], 6), "aabcab");
    }

    #[test]
    fn composed_prompts_have_schedules_of_their_own_and_negative_ones_are_not_composed() {
        let prompt = "[a:b:1] AND c :0.5";
        let plan = PromptPlan::of(prompt, Emphasis::A1111, 3);
        assert_eq!(plan.branches.len(), 2);
        assert_eq!(told(&plan.branches[0], 3), "aab");
        assert_eq!(plan.branches[1].weight, 0.5);
        assert!(!plan.is_single());
        let negative = PromptPlan::of_negative(prompt, Emphasis::A1111, 3);
        assert_eq!(negative.branches.len(), 1);
        assert_eq!(negative.branches[0].texts[0].text, "a AND c :0.5");
    }

    #[test]
    fn other_tools_have_no_schedules() {
        for emphasis in [Emphasis::None, Emphasis::Comfy] {
            let plan = PromptPlan::of("[a:b:2] AND c", emphasis, 5);
            assert!(plan.is_single());
            assert_eq!(
                plan.branches[0].texts,
                [TimedText {
                    until: 5,
                    text: "[a:b:2] AND c".to_owned()
                }]
            );
        }
    }
}
