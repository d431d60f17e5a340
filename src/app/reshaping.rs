//! Has the mask and the picture's size worked on, and takes what comes of it.

use std::sync::Arc;

use egui::{Context, TextureOptions};

use super::App;
use super::canvas::color_image;
use super::easel::Verb;
use super::session::Shown;
use super::words::{failures, words};
use super::work::{Deed, Past, Pending, Search};
use crate::engine::{Failure, Request, Reshape, Reshaped, Reshaping};
use crate::raster::{MOST_AROUND, Mask, Pixels};

impl App {
    /// What was found becomes part of the mask, unless people went on to another picture.
    pub(super) fn hear_selected(
        &mut self,
        number: u64,
        mask: Result<Arc<Mask>, Failure>,
        ctx: &Context,
    ) {
        let newest = |search: &mut Search| search.number == number;
        let Some(search) = self.session.work.search.take_if(newest) else {
            return;
        };
        match mask {
            Ok(mask) => {
                let ink = search.ink;
                self.session.work.pending = Some(Pending {
                    how: Reshape::Lay { mask, ink },
                    image: search.image,
                });
            }
            Err(failure) => {
                let text = failures::failure(self.settings.language, &failure);
                self.toast(ctx, text, true);
            }
        }
    }

    /// A picture becomes the mask.
    pub(super) fn take_mask(&mut self, pixels: Arc<Pixels>, ctx: &Context) {
        let Some(easel) = &self.easel else {
            return;
        };
        if pixels.extent() == easel.image().extent() {
            self.session.work.pending = Some(Pending {
                how: Reshape::Take(pixels),
                image: Arc::clone(easel.image()),
            });
        } else {
            let text = words(self.settings.language).mask_too_different;
            self.toast(ctx, text.to_owned(), true);
        }
    }

    /// Next the new room is filled.
    pub(super) fn extend(&mut self, ctx: &Context) {
        let Some(easel) = self.easel.as_ref().filter(|easel| !easel.is_busy()) else {
            return;
        };
        let room = self.settings.easel.room.limited();
        if room.around(easel.image().extent()).area() > MOST_AROUND {
            let text = words(self.settings.language).room_too_large;
            self.toast(ctx, text.to_owned(), true);
        } else if !room.is_empty() {
            self.settings.easel.verb = Verb::Fill;
            self.frame(Deed::Extended, Reshape::Extend(room), ctx);
        }
    }

    pub(super) fn crop(&mut self, ctx: &Context) {
        let Some(easel) = self.easel.as_ref().filter(|easel| !easel.is_busy()) else {
            return;
        };
        let whole = easel.image().extent();
        let part = self.settings.easel.cut.inside(whole);
        if part.extent != whole {
            self.frame(Deed::Cropped, Reshape::Crop(part), ctx);
        }
    }

    /// Gives the picture another size.
    fn frame(&mut self, deed: Deed, how: Reshape, ctx: &Context) {
        if let Some(easel) = &mut self.easel {
            self.session.work.framing = Some((deed, Arc::clone(easel.image())));
            easel.reshape(how);
            self.take_frame(ctx);
        }
    }

    /// Has the work done that waits, and that which is too much for a frame.
    pub(super) fn reshape(&mut self, ctx: &Context) {
        let running = self.session.running().is_some();
        let Some(easel) = &mut self.easel else {
            return;
        };
        easel.set_crowded(running);
        if !easel.is_drawing() && !easel.is_busy() {
            let pending = self.session.work.pending.take();
            if let Some(Pending { how, image }) = pending
                && Arc::ptr_eq(easel.image(), &image)
            {
                easel.reshape(how);
            }
        }
        let Some(how) = easel.take_away() else {
            return;
        };
        let (number, state) = (self.next_search, easel.state().clone());
        let reshaping = Box::new(Reshaping { number, state, how });
        if self.send(Request::Reshape(reshaping)) {
            self.next_search += 1;
            self.session.work.reshaping = Some(number);
        } else {
            self.end_reshaping(Reshaped::Nothing, ctx);
        }
    }

    /// What came of it, unless the easel has another picture by now.
    pub(super) fn hear_reshaped(
        &mut self,
        number: u64,
        result: Result<Box<Reshaped>, Failure>,
        ctx: &Context,
    ) {
        let newest = |known: &mut u64| *known == number;
        if self.session.work.reshaping.take_if(newest).is_none() {
            return;
        }
        let reshaped = match result {
            Ok(reshaped) => *reshaped,
            Err(failure) => {
                let text = failures::failure(self.settings.language, &failure);
                self.toast(ctx, text, true);
                Reshaped::Nothing
            }
        };
        self.end_reshaping(reshaped, ctx);
    }

    fn end_reshaping(&mut self, reshaped: Reshaped, ctx: &Context) {
        if let Some(easel) = self.easel.as_mut().filter(|easel| easel.is_busy()) {
            easel.take_reshaped(reshaped);
            self.take_frame(ctx);
        }
    }

    /// Once the picture has got its other size, that is a state to go back to.
    fn take_frame(&mut self, ctx: &Context) {
        let Some(easel) = self.easel.as_mut().filter(|easel| !easel.is_busy()) else {
            return;
        };
        let Some((deed, before)) = self.session.work.framing.take() else {
            return;
        };
        if Arc::ptr_eq(easel.image(), &before) {
            return;
        }
        let (state, small) = (easel.kept_state(), easel.take_small());
        let texture =
            |small| ctx.load_texture("thumbnail", color_image(small), TextureOptions::LINEAR);
        self.session.work.remember(Past {
            deed,
            state,
            picture: None,
            thumbnail: small.as_deref().map(texture),
        });
        self.another_picture();
        self.session.shown = Shown::Easel;
    }
}
