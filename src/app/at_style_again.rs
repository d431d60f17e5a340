//! What lies on the style table is there again at the next start, with what came of it: files are
//! remembered, and read when people come back to the table.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::Context;
use serde::{Deserialize, Serialize};

use super::App;
use super::at_style::{given, texture};
use super::hear::Opening;
use super::shelf::Arrival;
use super::style::{Given, Made, Slot};
use crate::engine::{OpenedPicture, Origin, Request};

/// What lay on the table, as far as it has files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Laid {
    contents: Vec<LaidPicture>,
    styles: Vec<LaidPicture>,
    /// The picture people looked at of the side they flip through.
    at: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct LaidPicture {
    path: PathBuf,
    weight: f64,
    /// What came of it.
    result: Option<PathBuf>,
}

impl Laid {
    const fn side(&self, slot: Slot) -> &Vec<LaidPicture> {
        match slot {
            Slot::Content => &self.contents,
            Slot::Style => &self.styles,
        }
    }
}

/// Which of them a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    Given(Slot),
    Result,
}

impl App {
    /// Remembers what lies there; while it is being laid again, what lay there.
    pub(super) fn remember_table(&mut self) {
        if self.style.entered && self.style.awaited == 0 {
            self.settings.style.laid = Laid {
                contents: self.laid(Slot::Content),
                styles: self.laid(Slot::Style),
                at: self.style.at,
            };
        }
    }

    fn laid(&self, slot: Slot) -> Vec<LaidPicture> {
        let file_of = |made: &Made| self.session.shelf.get(made.id)?.path.clone();
        let with_file = |given: &Given| {
            Some(LaidPicture {
                path: given.path.clone()?,
                weight: given.weight,
                result: given.result.as_ref().and_then(file_of),
            })
        };
        self.style.side(slot).iter().filter_map(with_file).collect()
    }

    /// Asks for what lay there: both sides before what came of them.
    pub(super) fn lay_again(&mut self) {
        let laid = &self.settings.style.laid;
        let sides = [Slot::Content, Slot::Style].map(|slot| (slot, laid.side(slot)));
        let given = sides.iter().flat_map(|(slot, side)| {
            let files = side.iter().map(|picture| picture.path.clone());
            files.map(|path| (path, Again::Given(*slot)))
        });
        let all = sides.iter().flat_map(|(_, side)| side.iter());
        let results = all.filter_map(|picture| Some((picture.result.clone()?, Again::Result)));
        let asked: Vec<_> = given.chain(results).collect();
        for (path, again) in asked {
            if self.send(Request::Open { path: path.clone() }) {
                self.style.awaited += 1;
                self.opening.push(Opening::again(path, again));
            }
        }
    }

    /// A file that was asked for again has been read, or cannot be.
    pub(super) fn hear_again(
        &mut self,
        again: Again,
        (path, opened): (&Path, Option<&OpenedPicture>),
        ctx: &Context,
    ) {
        match (again, opened) {
            (Again::Given(slot), Some(opened)) => {
                let mut laid = self.settings.style.laid.side(slot).iter();
                let laid = laid.find(|laid| laid.path == path);
                let mut given = given(ctx, Arc::clone(&opened.pixels), Some(path.to_owned()));
                given.weight = laid.map_or(given.weight, |laid| laid.weight);
                self.style.put(slot, given, self.settings.style.pairing);
            }
            (Again::Result, Some(opened)) => self.hear_result_again(path, opened, ctx),
            (_, None) => {}
        }
        self.style.awaited = self.style.awaited.saturating_sub(1);
        if self.style.awaited == 0 {
            self.style.at = self.settings.style.laid.at;
            self.style.tidy();
        }
    }

    fn hear_result_again(&mut self, path: &Path, opened: &OpenedPicture, ctx: &Context) {
        let recipe = match &opened.origin {
            Origin::Recipe(recipe) => Some((**recipe).clone()),
            Origin::Parameters(_) | Origin::Unknown => None,
        };
        let arrival = Arrival {
            path: Some(path.to_owned()),
            recipe,
            thumbnail: Arc::clone(&opened.thumbnail),
            pixels: None,
            reduced: false,
            not_saved: None,
        };
        self.session.shelf.add_older(ctx, arrival);
        let Some(id) = self.session.shelf.by_path(path) else {
            return;
        };
        let turned = self.style.turned;
        let mut laid = self.settings.style.laid.side(turned).iter();
        let laid = laid.find(|laid| laid.result.as_deref() == Some(path));
        let of = laid.map(|laid| laid.path.clone());
        let mut turns = self.style.side_mut(turned).iter_mut();
        if let Some(turn) = turns.find(|turn| of.is_some() && turn.path == of) {
            turn.result = Some(Made {
                id,
                pixels: Arc::clone(&opened.pixels),
                texture: texture(ctx, &opened.pixels),
            });
        }
    }
}
