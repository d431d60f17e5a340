//! Pictures of the history on their way between memory and disk, and the small copies of the strip.

use std::sync::Arc;

use egui::{Context, TextureOptions};

use super::App;
use super::action::Activity;
use super::canvas::color_image;
use super::session::Shown;
use super::words::failures;
use super::work::{Beside, Past};
use crate::engine::{Failure, KeptPicture, Request};
use crate::raster::Pixels;

impl App {
    /// Has those pictures read that people go to, or compare with.
    pub(super) fn recall(&mut self) {
        let wanted = self.easel.as_mut().and_then(super::Easel::take_recall);
        if let Some(picture) = wanted
            && !self.send(Request::Recall(picture.clone()))
            && let Some(easel) = &mut self.easel
        {
            easel.take_recalled(&picture, None);
        }
        self.recall_beside();
    }

    /// What the easel's picture is compared with stays in memory meanwhile.
    fn recall_beside(&mut self) {
        let (work, shown) = (&mut self.session.work, self.session.shown);
        let Some(easel) = self.easel.as_ref().filter(|_| self.session.comparing) else {
            (work.beside, work.asked_beside) = (None, None);
            return;
        };
        match work.compared(shown, easel) {
            Some(Beside::Here(pixels)) => work.beside = Some(pixels),
            Some(Beside::AtRest(picture)) if work.asked_beside.as_ref() != Some(&picture) => {
                if self.send(Request::Recall(picture.clone())) {
                    self.session.work.asked_beside = Some(picture);
                } else {
                    self.session.comparing = false;
                }
            }
            Some(Beside::AtRest(_)) | None => {}
        }
    }

    /// A picture has come from disk: people go to it, or see it beside the easel's.
    pub(super) fn hear_recalled(
        &mut self,
        picture: &KeptPicture,
        pixels: Result<Arc<Pixels>, Failure>,
        ctx: &Context,
    ) {
        let work = &mut self.session.work;
        work.must_rest = true;
        let compares = work
            .asked_beside
            .take_if(|asked| asked == picture)
            .is_some();
        let easel = self.easel.as_mut();
        let goes = easel.is_some_and(|easel| easel.take_recalled(picture, pixels.as_ref().ok()));
        match pixels {
            Ok(pixels) => {
                if goes {
                    self.another_picture();
                    if self.activity == Activity::Canvas {
                        self.session.shown = Shown::Easel;
                    }
                }
                if compares {
                    if let Some(easel) = &mut self.easel {
                        easel.hold(picture, &pixels);
                    }
                    self.session.work.beside = Some(pixels);
                }
            }
            Err(failure) if goes || compares => {
                self.session.comparing &= !compares;
                let text = failures::failure(self.settings.language, &failure);
                self.toast(ctx, text, true);
            }
            // Nobody waits for it any more.
            Err(_) => {}
        }
    }

    /// Lets pictures rest that are far from the present step.
    pub(super) fn rest_pictures(&mut self) {
        let work = &mut self.session.work;
        let Some(easel) = self.easel.as_mut().filter(|_| work.must_rest) else {
            return;
        };
        let strip = work.past.iter().rev().map(|past| &past.state.picture);
        // What the clerk has not put on disk yet is looked at again in the next frame.
        work.must_rest = !easel.rest_beyond(self.most_in_memory, strip);
    }

    /// Has the newest state of the strip shown that has no small copy yet; the others follow.
    pub(super) fn ask_small(&mut self) {
        let work = &mut self.session.work;
        while let Some(picture) = work.without_small.pop() {
            let is_there = |past: &Past| past.state.picture == picture && past.thumbnail.is_some();
            if !work.past.iter().any(is_there) {
                self.send(Request::ShowSmall(picture));
                return;
            }
        }
    }

    pub(super) fn hear_small(
        &mut self,
        picture: &KeptPicture,
        small: Result<Arc<Pixels>, Failure>,
        ctx: &Context,
    ) {
        match small {
            Ok(small) => {
                let image = color_image(&small);
                let texture = ctx.load_texture("thumbnail", image, TextureOptions::LINEAR);
                for past in &mut self.session.work.past {
                    if past.state.picture == *picture {
                        past.thumbnail = Some(texture.clone());
                    }
                }
            }
            // It is told when people go there.
            Err(failure) => log::warn!("a state of the history has no small copy: {failure}"),
        }
        self.ask_small();
    }
}
