//! The last touch to what is shown: on the graphics device, or in plain loops where there is none.

use eframe::egui_wgpu::RenderState;
use egui::TextureId;

use super::content::Look;
use crate::gpu::{FinishPainter, Finished, Sheet};
use crate::raster::{Pixels, Touch};
use crate::recipe::Finish;

/// Which touch it is, and what gives it.
#[derive(Default)]
pub(super) struct Finishing {
    render: Option<RenderState>,
    /// Once it has been needed.
    painter: Option<FinishPainter>,
    finish: Finish,
    /// Of a finish that does anything.
    touch: Option<Box<Touch>>,
    /// Counts touches, to see what was painted with another one.
    revision: u64,
}

/// A picture, or a part of one, on the device, with the touch it was painted with.
pub(super) struct Touched {
    finished: Finished,
    painted: Option<(u64, Look, TextureId)>,
}

impl Finishing {
    pub(super) fn new(render: Option<RenderState>) -> Self {
        Self {
            render,
            ..Self::default()
        }
    }

    /// Takes another finish; whether it is one.
    pub(super) fn set(&mut self, finish: &Finish) -> bool {
        if self.finish == *finish {
            return false;
        }
        self.finish = *finish;
        self.revision += 1;
        self.touch = (!finish.is_off()).then(|| Box::new(Touch::new(finish)));
        if self.touch.is_some() && self.painter.is_none() {
            self.painter = self.render.clone().map(FinishPainter::new);
        }
        true
    }

    pub(super) const fn is_on(&self) -> bool {
        self.touch.is_some()
    }

    /// Whether another touch needs nothing but painting.
    pub(super) const fn paints(&self) -> bool {
        self.painter.is_some()
    }

    /// Brings what begins at a place of the picture to the device, if there is one with room for it.
    pub(super) fn bring(&self, pixels: &Pixels, from: [i32; 2]) -> Option<Touched> {
        Some(Touched {
            finished: Finished::bring(self.render.as_ref()?, pixels, from)?,
            painted: None,
        })
    }

    /// Puts pixels in the place of some of those that were brought.
    pub(super) fn put(&self, touched: &mut Touched, corner: [u32; 2], pixels: &Pixels) {
        if let Some(render) = &self.render {
            touched.finished.put(render, corner, pixels);
            touched.painted = None;
        }
    }

    /// Its texels with the touch of now, or as they are where there is none.
    pub(super) fn sheet(&self, touched: &mut Touched, look: Look) -> Option<Sheet> {
        if self.is_on() {
            self.paint(touched, look)?;
            touched.finished.touched()
        } else {
            Some(touched.finished.untouched())
        }
    }

    /// The texture of it with the touch of now.
    pub(super) fn paint(&self, touched: &mut Touched, look: Look) -> Option<TextureId> {
        match touched.painted {
            Some((revision, painted, id)) if (revision, painted) == (self.revision, look) => {
                Some(id)
            }
            _ => {
                let (painter, touch) = (self.painter.as_ref()?, self.touch.as_ref()?);
                let id = painter.paint(&mut touched.finished, touch, look == Look::Smooth);
                touched.painted = Some((self.revision, look, id));
                Some(id)
            }
        }
    }

    /// What begins at a place of the picture, touched in plain loops if there is a touch.
    pub(super) fn baked(&self, pixels: Pixels, from: [i32; 2]) -> Pixels {
        match &self.touch {
            Some(touch) => pixels.touched(touch, from.map(i32::cast_unsigned)),
            None => pixels,
        }
    }
}
