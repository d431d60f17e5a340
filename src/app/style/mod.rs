//! Two pictures make a third: what lies on the table, and what comes of it.

mod form;
mod quick;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use egui::{Pos2, Rect, TextureHandle};

pub(super) use form::{Pairing, StyleForm};
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
    /// Of what is flipped through: what came of it last.
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
    /// What it is made of, wherever that lies by now.
    pub(super) content: Arc<Pixels>,
    pub(super) styles: Vec<Arc<Pixels>>,
    pub(super) losses: Vec<Losses>,
    /// The newest state of the picture.
    pub(super) preview: Option<(TextureHandle, Extent)>,
    pub(super) took: Vec<Duration>,
    pub(super) ended: bool,
}

impl StyleRun {
    pub(super) fn new(job: JobId, recipe: Recipe, content: &Given, styles: &[Given]) -> Self {
        Self {
            job,
            recipe,
            content: Arc::clone(&content.pixels),
            styles: styles
                .iter()
                .map(|style| Arc::clone(&style.pixels))
                .collect(),
            losses: Vec::new(),
            preview: None,
            took: Vec::new(),
            ended: false,
        }
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
    pub(super) styles: Vec<Given>,
    /// The side people flip through.
    pub(super) turned: Slot,
    /// The picture of that side people look at.
    pub(super) at: usize,
    /// The side the next picture goes to.
    pub(super) next: Slot,
    /// Runs that wait, run, or were the last.
    pub(super) runs: Vec<StyleRun>,
    pub(super) kept: Vec<KeptStyle>,
    pub(super) quick: QuickStyles,
    /// People have been here: kept styles, and what lay here, have been asked for.
    pub(super) entered: bool,
    /// Files that lay here and are being read again.
    pub(super) awaited: usize,
    /// Where the sides lie on the screen.
    pub(super) zones: [Option<Rect>; 2],
    /// Where the pointer carries files, if the system tells.
    pub(super) carried: Option<Pos2>,
}

impl StyleTable {
    pub(super) fn new(pairing: Pairing) -> Self {
        Self {
            turned: pairing.turned(),
            ..Self::default()
        }
    }

    pub(super) const fn side(&self, slot: Slot) -> &Vec<Given> {
        match slot {
            Slot::Content => &self.contents,
            Slot::Style => &self.styles,
        }
    }

    pub(super) const fn side_mut(&mut self, slot: Slot) -> &mut Vec<Given> {
        match slot {
            Slot::Content => &mut self.contents,
            Slot::Style => &mut self.styles,
        }
    }

    /// The place of the picture people look at on a side: of several that are mixed, the last.
    fn place(&self, slot: Slot) -> usize {
        if slot == self.turned {
            self.at
        } else {
            self.side(slot).len().saturating_sub(1)
        }
    }

    pub(super) fn given(&self, slot: Slot) -> Option<&Given> {
        self.side(slot).get(self.place(slot))
    }

    pub(super) fn given_mut(&mut self, slot: Slot) -> Option<&mut Given> {
        let place = self.place(slot);
        self.side_mut(slot).get_mut(place)
    }

    pub(super) fn content(&self) -> Option<&Given> {
        self.given(Slot::Content)
    }

    /// The pictures people flip through.
    pub(super) const fn turns(&self) -> &Vec<Given> {
        self.side(self.turned)
    }

    /// The one of them people look at, and so the pair.
    fn turn(&self) -> Option<&Given> {
        self.given(self.turned)
    }

    /// What came of the pair people look at.
    pub(super) fn result(&self) -> Option<&Made> {
        self.turn()?.result.as_ref()
    }

    /// The styles a run of one of the turns takes.
    pub(super) fn styles_of(&self, place: usize) -> &[Given] {
        match self.turned {
            Slot::Content => &self.styles,
            Slot::Style => self.styles.get(place..=place).unwrap_or_default(),
        }
    }

    /// The content it takes.
    pub(super) fn content_of(&self, place: usize) -> Option<&Given> {
        match self.turned {
            Slot::Content => self.contents.get(place),
            Slot::Style => self.content(),
        }
    }

    /// Lays a picture on a side: beside those that are there, where people want several of them.
    pub(super) fn put(&mut self, slot: Slot, given: Given, pairing: Pairing) {
        let side = self.side_mut(slot);
        if !pairing.gathers(slot) {
            side.clear();
        }
        side.push(given);
        let last = side.len() - 1;
        if slot == self.turned {
            self.at = last;
        } else if self.turned == Slot::Style {
            // What came of the styles is not of this content.
            for style in &mut self.styles {
                style.result = None;
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

    /// The turn a run is of: the one with its content, and while people flip through styles, its
    /// style.
    pub(super) fn place_of(&self, run: &StyleRun) -> Option<usize> {
        let is_of = |place: &usize| {
            let content = self.content_of(*place);
            let has_content =
                content.is_some_and(|content| Arc::ptr_eq(&content.pixels, &run.content));
            let has_style = || match (self.styles.get(*place), &run.styles[..]) {
                (Some(style), [own]) => Arc::ptr_eq(&style.pixels, own),
                _ => false,
            };
            has_content && (self.turned == Slot::Content || has_style())
        };
        (0..self.turns().len()).find(is_of)
    }

    /// The newest run of the pair people look at.
    pub(super) fn run(&self) -> Option<&StyleRun> {
        let mut newest = self.runs.iter().rev();
        newest.find(|run| self.place_of(run) == Some(self.at))
    }

    /// That run, while it goes on.
    pub(super) fn running(&self) -> Option<&StyleRun> {
        self.running_at(self.at)
    }

    /// The run of one of the turns, while it waits or goes on.
    pub(super) fn running_at(&self, place: usize) -> Option<&StyleRun> {
        let mut runs = self.runs.iter();
        runs.find(|run| !run.ended && self.place_of(run) == Some(place))
    }

    /// Forgets runs that are over and whose picture does not lie there any more.
    pub(super) fn tidy(&mut self) {
        self.at = self.at.min(self.turns().len().saturating_sub(1));
        let runs = std::mem::take(&mut self.runs).into_iter();
        let runs = runs.filter(|run| !run.ended || self.place_of(run).is_some());
        self.runs = runs.collect();
    }

    /// Each of the pair people look at takes the other's side.
    pub(super) fn swap(&mut self) {
        let (content, style) = (self.place(Slot::Content), self.place(Slot::Style));
        let sides = (self.contents.get_mut(content), self.styles.get_mut(style));
        if let (Some(content), Some(style)) = sides {
            std::mem::swap(content, style);
            for side in [content, style] {
                (side.result, side.mask) = (None, None);
            }
            self.tidy();
        }
    }

    /// Brings pictures together in another way: of a side that has one now, the one people look at
    /// stays, and what came of the pair stays with it.
    pub(super) fn pair(&mut self, pairing: Pairing) {
        let result = self.result().cloned();
        for slot in [Slot::Content, Slot::Style] {
            if !pairing.gathers(slot) {
                let kept = self.given(slot).cloned();
                *self.side_mut(slot) = kept.into_iter().collect();
            }
        }
        if self.turned != pairing.turned() {
            self.turned = pairing.turned();
            self.at = self.turns().len().saturating_sub(1);
            for slot in [Slot::Content, Slot::Style] {
                self.side_mut(slot)
                    .iter_mut()
                    .for_each(|given| given.result = None);
            }
            if let Some(turn) = self.given_mut(pairing.turned()) {
                turn.result = result;
            }
        }
        self.tidy();
    }

    /// Where the style goes on the content people look at.
    pub(super) fn mask(&self) -> Option<&Arc<Mask>> {
        self.content()?.mask.as_ref()
    }

    /// The style goes there on the content people look at from now on.
    pub(super) fn guide(&mut self, mask: Option<Arc<Mask>>) {
        if let Some(content) = self.given_mut(Slot::Content) {
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

    /// The weights of the styles a run of the pair people look at takes.
    pub(super) fn weights(&self) -> Vec<f32> {
        let styles = self.styles_of(self.at).iter();
        styles.map(|style| style.weight as f32).collect()
    }
}
