//! How well pictures fit words, as the window knows it.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::shelf::PictureId;
use crate::engine::{ClipFolder, JobId};

/// In which order the pictures of a run are shown, and which stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RankHow {
    #[default]
    AsTheyCome,
    BestFirst,
    KeepBest,
}

/// What people choose about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct RankForm {
    pub(super) how: RankHow,
    /// Pictures of a run that stay.
    pub(super) keep: u32,
    /// Who compares: a name or a folder; the first there is where nothing is chosen.
    pub(super) clip: Option<String>,
    pub(super) open: bool,
    /// What the strip is sorted by; the prompt where nothing is written.
    pub(super) words: String,
    pub(super) strip_open: bool,
}

impl Default for RankForm {
    fn default() -> Self {
        Self {
            how: RankHow::default(),
            keep: 1,
            clip: None,
            open: false,
            words: String::new(),
            strip_open: false,
        }
    }
}

impl RankForm {
    /// Whether it has to be known which CLIPs there are.
    pub(super) fn needs_clips(&self) -> bool {
        self.open || self.strip_open || self.how != RankHow::AsTheyCome
    }
}

/// What is under way.
#[derive(Debug, Default)]
pub(super) struct Ranker {
    /// Once the engine has told them.
    pub(super) clips: Option<Vec<ClipFolder>>,
    /// It has been asked.
    pub(super) asked: bool,
    pub(super) comparing: Option<Comparing>,
    /// What is compared after that, the first of them first.
    pub(super) waiting: VecDeque<Asked>,
    /// Runs whose pictures are compared once they have ended, with how many stay.
    pub(super) later: Vec<(JobId, Option<u32>)>,
}

/// Pictures to be compared with words, or each with its own prompt.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) pictures: Vec<PictureId>,
    pub(super) words: Option<String>,
    pub(super) goal: Goal,
}

/// Pictures that are being compared.
#[derive(Debug)]
pub(super) struct Comparing {
    pub(super) job: JobId,
    pub(super) done: usize,
    pub(super) all: usize,
    pub(super) goal: Goal,
    /// People asked it to end.
    pub(super) ending: bool,
}

/// What for.
#[derive(Debug)]
pub(super) enum Goal {
    /// Pictures of a run, of which so many stay.
    Run {
        pictures: Vec<PictureId>,
        keep: Option<u32>,
    },
    /// To sort the strip.
    Strip,
}

impl Ranker {
    /// Who compares: what was chosen, or the first there is.
    pub(super) fn clip(&self, form: &RankForm) -> Option<String> {
        form.clip.clone().or_else(|| {
            let first = self.clips.as_ref()?.first()?;
            Some(first.path.display().to_string())
        })
    }

    pub(super) fn is_of_run(&self) -> bool {
        let comparing = self.comparing.as_ref();
        comparing.is_some_and(|comparing| matches!(comparing.goal, Goal::Run { .. }))
    }
}
