//! Two pictures make a third: what lies on the table, and what comes of it.

mod form;
mod quick;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use egui::{Pos2, Rect, TextureHandle};

pub(super) use form::{Company, StyleForm};
pub(super) use quick::{Learning, Learnt, Paused, QuickStyles, name_of};

use super::shelf::PictureId;
use crate::engine::{JobId, Losses};
use crate::pipelines::style_parts;
use crate::raster::{Extent, Mask, Pixels};
use crate::recipe::{Recipe, Task};

/// A side of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Slot {
    #[default]
    Content,
    Style,
}

impl Slot {
    pub(super) const fn other(self) -> Self {
        match self {
            Self::Content => Self::Style,
            Self::Style => Self::Content,
        }
    }
}

/// A picture on the table.
#[derive(Clone)]
pub(super) struct Given {
    pub(super) pixels: Arc<Pixels>,
    pub(super) texture: TextureHandle,
    pub(super) path: Option<PathBuf>,
    /// Of a style, relative to the others.
    pub(super) weight: f64,
    /// Of a content: what came of it last.
    pub(super) result: Option<Made>,
    /// Of a content: where the style goes, of its size.
    pub(super) mask: Option<Arc<Mask>>,
}

/// A picture in a style.
#[derive(Clone)]
pub(super) struct Made {
    pub(super) id: PictureId,
    pub(super) pixels: Arc<Pixels>,
    pub(super) texture: TextureHandle,
}

/// A style people keep.
pub(super) struct KeptStyle {
    pub(super) path: PathBuf,
    /// Small.
    pub(super) texture: TextureHandle,
}

/// A run of the table.
pub(super) struct StyleRun {
    pub(super) job: JobId,
    pub(super) recipe: Recipe,
    /// The content it is about, wherever that lies by now.
    pub(super) content: Arc<Pixels>,
    pub(super) losses: Vec<Losses>,
    /// The newest state of the picture.
    pub(super) preview: Option<(TextureHandle, Extent)>,
    pub(super) took: Vec<Duration>,
    pub(super) ended: bool,
}

impl StyleRun {
    pub(super) const fn new(job: JobId, recipe: Recipe, content: Arc<Pixels>) -> Self {
        Self {
            job,
            recipe,
            content,
            losses: Vec::new(),
            preview: None,
            took: Vec::new(),
            ended: false,
        }
    }

    /// Whether it is about a content.
    pub(super) fn is_of(&self, content: &Given) -> bool {
        Arc::ptr_eq(&self.content, &content.pixels)
    }

    /// Pixels looked at in each evaluation.
    fn work(&self) -> Vec<f64> {
        work_of(&self.recipe)
    }

    /// Seconds an evaluation takes for each pixel, once some are done.
    pub(super) fn pace(&self) -> Option<f64> {
        let took: f64 = self.took.iter().map(Duration::as_secs_f64).sum();
        let pixels: f64 = self.work().iter().take(self.took.len()).sum();
        (pixels > 0.0).then(|| took / pixels)
    }

    /// Seconds until the run ends.
    pub(super) fn seconds_left(&self) -> Option<f64> {
        let left: f64 = self.work().iter().skip(self.took.len()).sum();
        self.pace().map(|pace| pace * left)
    }
}

/// Pixels looked at in each evaluation of a recipe.
pub(super) fn work_of(recipe: &Recipe) -> Vec<f64> {
    let Task::Style(styling) = &recipe.task else {
        return Vec::new();
    };
    let extent = Extent::new(recipe.width, recipe.height);
    let parts = style_parts(extent, recipe.steps, styling);
    let each = parts.into_iter().flat_map(|(extent, evaluations)| {
        std::iter::repeat_n(extent.area() as f64, evaluations as usize)
    });
    each.collect()
}

/// What lies on the table.
#[derive(Default)]
pub(super) struct StyleTable {
    pub(super) contents: Vec<Given>,
    /// The content people look at.
    pub(super) at: usize,
    pub(super) styles: Vec<Given>,
    /// The side the next picture goes to.
    pub(super) next: Slot,
    /// Runs that wait, run, or were the last.
    pub(super) runs: Vec<StyleRun>,
    pub(super) kept: Vec<KeptStyle>,
    pub(super) quick: QuickStyles,
    /// Kept styles have been asked for.
    pub(super) kept_asked: bool,
    /// Where the sides lie on the screen.
    pub(super) zones: [Option<Rect>; 2],
    /// Where the pointer carries files, if the system tells.
    pub(super) carried: Option<Pos2>,
}

impl StyleTable {
    pub(super) fn content(&self) -> Option<&Given> {
        self.contents.get(self.at)
    }

    pub(super) fn given(&self, slot: Slot) -> Option<&Given> {
        match slot {
            Slot::Content => self.content(),
            Slot::Style => self.styles.last(),
        }
    }

    /// Lays a picture on a side: beside those that are there, where people want several of them.
    pub(super) fn put(&mut self, slot: Slot, given: Given, company: Company) {
        match slot {
            Slot::Content => {
                if company != Company::ManyContents {
                    self.contents.clear();
                }
                self.contents.push(given);
                self.at = self.contents.len() - 1;
            }
            Slot::Style => {
                if company != Company::SeveralStyles {
                    self.styles.clear();
                }
                self.styles.push(given);
            }
        }
        if self.given(slot.other()).is_none() {
            self.next = slot.other();
        }
    }

    /// Which side takes what is dropped at a place: the one there, or the nearest; where nobody knows
    /// the place, the next one.
    pub(super) fn taker(&self, at: Option<Pos2>) -> Slot {
        let Some(at) = at else {
            return self.next;
        };
        let distance = |slot: Slot| {
            let zone = self.zones[slot as usize];
            zone.map_or(f32::INFINITY, |zone| zone.distance_to_pos(at))
        };
        if distance(Slot::Style) < distance(Slot::Content) {
            Slot::Style
        } else {
            Slot::Content
        }
    }

    pub(super) fn run_of(&mut self, job: JobId) -> Option<&mut StyleRun> {
        self.runs.iter_mut().find(|run| run.job == job)
    }

    /// The newest run of the content people look at.
    pub(super) fn run(&self) -> Option<&StyleRun> {
        let content = self.content()?;
        self.runs.iter().rev().find(|run| run.is_of(content))
    }

    /// That run, while it goes on.
    pub(super) fn running(&self) -> Option<&StyleRun> {
        self.running_of(self.content()?)
    }

    /// The run of a content, while it waits or goes on.
    pub(super) fn running_of(&self, content: &Given) -> Option<&StyleRun> {
        let mut runs = self.runs.iter();
        runs.find(|run| !run.ended && run.is_of(content))
    }

    /// Forgets runs that are over and whose content does not lie there any more.
    pub(super) fn tidy(&mut self) {
        let contents = &self.contents;
        let lies = |run: &StyleRun| contents.iter().any(|content| run.is_of(content));
        self.runs.retain(|run| !run.ended || lies(run));
        self.at = self.at.min(contents.len().saturating_sub(1));
    }

    /// Where the style goes on the content people look at.
    pub(super) fn mask(&self) -> Option<&Arc<Mask>> {
        self.content()?.mask.as_ref()
    }

    /// The style goes there on the content people look at from now on.
    pub(super) fn guide(&mut self, mask: Option<Arc<Mask>>) {
        if let Some(content) = self.contents.get_mut(self.at) {
            content.mask = mask;
        }
    }

    /// Whether there is a picture on each side.
    pub(super) fn is_laid(&self) -> bool {
        self.is_ready(true)
    }

    /// Whether there is all a run needs: a content, and a style unless a network knows one.
    pub(super) fn is_ready(&self, needs_style: bool) -> bool {
        self.content().is_some() && !(needs_style && self.styles.is_empty())
    }

    pub(super) fn weights(&self) -> Vec<f32> {
        self.styles
            .iter()
            .map(|style| style.weight as f32)
            .collect()
    }
}
