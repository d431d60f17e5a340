//! Which pixels of a picture are the file's own, and the samples that make of old and new one.

use moxcms::DataColorSpace;
use rayon::prelude::*;

use super::back::{Back, with_colors};
use super::colors::Colors;
use super::samples::{Kind, Samples};
use crate::raster::finish::Around;
use crate::raster::{CodecError, Extent, Pixels, REACH, Touch};

/// Rows that are touched together: those around them are looked at twice.
const BAND: usize = 64;

/// A picture over the samples of its file.
pub(super) struct Mix<'a> {
    pixels: &'a Pixels,
    samples: &'a Samples,
    colors: &'a Colors,
    /// Where the file's upper left pixel lies in the picture.
    at: (i64, i64),
    /// Which pixels of the picture are not what the file shows, row by row.
    fresh: Vec<bool>,
}

/// The colour space of samples to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// What the file says.
    Own,
    /// That of another profile.
    New(Vec<u8>),
    Srgb,
}

/// Samples to be written.
pub(super) struct Mixed {
    pub(super) kind: Kind,
    pub(super) sixteen: bool,
    /// Big-endian, as PNG has them.
    pub(super) bytes: Vec<u8>,
    pub(super) space: Space,
}

impl Mixed {
    /// Of a picture without samples of a file: 8-bit sRGB.
    pub(super) fn plain(pixels: &Pixels) -> Self {
        let alpha = !pixels.is_opaque();
        Self {
            kind: Kind { color: true, alpha },
            sixteen: false,
            bytes: if alpha {
                pixels.rgba().to_vec()
            } else {
                pixels.rgb()
            },
            space: Space::Srgb,
        }
    }
}

impl<'a> Mix<'a> {
    /// Compares a picture with what its file shows.
    pub(super) fn of(
        pixels: &'a Pixels,
        (samples, colors): (&'a Samples, &'a Colors),
        at: (i64, i64),
    ) -> Result<Self, CodecError> {
        let mut mix = Self {
            pixels,
            samples,
            colors,
            at,
            fresh: Vec::new(),
        };
        let Extent { width, .. } = pixels.extent();
        let mut fresh = vec![true; pixels.extent().area()];
        fresh
            .par_chunks_exact_mut(width as usize)
            .zip(pixels.rgba().par_chunks_exact(width as usize * 4))
            .enumerate()
            .try_for_each(|(y, (fresh, row))| mix.compare(y, row, fresh))
            .map_err(CodecError::Unreadable)?;
        mix.fresh = fresh;
        Ok(mix)
    }

    fn compare(&self, y: usize, row: &[u8], fresh: &mut [bool]) -> Result<(), String> {
        let Some(own_y) = self.own_row(y) else {
            return Ok(());
        };
        let seen = self.colors.row(self.samples, own_y)?;
        let seen = seen.as_chunks::<4>().0;
        for (x, (pixel, fresh)) in row.as_chunks::<4>().0.iter().zip(fresh).enumerate() {
            *fresh = self.own_column(x).is_none_or(|own_x| seen[own_x] != *pixel);
        }
        Ok(())
    }

    /// The row of the file that lies in a row of the picture.
    fn own_row(&self, y: usize) -> Option<u32> {
        let y = u32::try_from((y as i64).saturating_sub(self.at.1)).ok()?;
        (y < self.samples.extent.height).then_some(y)
    }

    fn own_column(&self, x: usize) -> Option<usize> {
        let x = u32::try_from((x as i64).saturating_sub(self.at.0)).ok()?;
        (x < self.samples.extent.width).then_some(x as usize)
    }

    /// The picture is all the file shows, and nothing else.
    pub(super) fn is_untouched(&self) -> bool {
        self.at == (0, 0)
            && self.pixels.extent() == self.samples.extent
            && !self.fresh.contains(&true)
    }

    fn any_fresh(&self, is: impl Fn(&[u8; 4]) -> bool) -> bool {
        let pixels = self.pixels.rgba().as_chunks().0.iter().zip(&self.fresh);
        pixels.into_iter().any(|(pixel, &fresh)| fresh && is(pixel))
    }

    /// The samples to be written; `None` if new colours cannot become any of this file's.
    pub(super) fn mixed(&self) -> Result<Option<Mixed>, CodecError> {
        let own = self.samples.kind;
        let kind = Kind {
            color: own.color || self.any_fresh(|&[r, g, b, _]| r != g || g != b),
            alpha: own.alpha || self.any_fresh(|&[.., alpha]| alpha < u8::MAX),
        };
        let Some(back) = Back::of(self.colors, self.samples, kind.color) else {
            return Ok(None);
        };
        let sixteen = self.samples.is_sixteen();
        let width = self.pixels.extent().width as usize;
        let wide = width * kind.channels() * if sixteen { 2 } else { 1 };
        let mut bytes = vec![0; wide * self.pixels.extent().height as usize];
        bytes
            .par_chunks_exact_mut(wide)
            .enumerate()
            .try_for_each(|(y, bytes)| {
                let codes = self.row(y, kind, &back)?;
                if sixteen {
                    for (bytes, code) in bytes.as_chunks_mut().0.iter_mut().zip(codes) {
                        *bytes = code.to_be_bytes();
                    }
                } else {
                    for (byte, code) in bytes.iter_mut().zip(codes) {
                        *byte = code as u8;
                    }
                }
                Ok(())
            })
            .map_err(CodecError::Unreadable)?;
        Ok(Some(Mixed {
            kind,
            sixteen,
            bytes,
            space: self.space(kind),
        }))
    }

    /// The samples to be written of the picture with a last touch, computed as finely as the file
    /// tells its pixels; `None` as above.
    pub(super) fn touched(&self, touch: &Touch) -> Result<Option<Mixed>, CodecError> {
        let own = self.samples.kind;
        let is_colored = |&[r, g, b, _]: &[u8; 4]| r != g || g != b;
        let kind = Kind {
            color: own.color || !touch.keeps_grays() || self.any_fresh(is_colored),
            alpha: own.alpha || self.any_fresh(|&[.., alpha]| alpha < u8::MAX),
        };
        let Some(back) = Back::of(self.colors, self.samples, kind.color) else {
            return Ok(None);
        };
        let Extent { width, height } = self.pixels.extent();
        let wide = width as usize * kind.channels() * 2;
        let mut bytes = vec![0; wide * height as usize];
        bytes
            .par_chunks_mut(wide * BAND)
            .enumerate()
            .try_for_each(|(band, bytes)| {
                let first = (band * BAND) as i64;
                let rows = bytes.chunks_exact_mut(wide);
                let seen = first - REACH..first + rows.len() as i64 + REACH;
                let seen = seen.start.max(0)..seen.end.min(height.into());
                let around = Around {
                    extent: self.pixels.extent(),
                    first: seen.start,
                    colors: seen
                        .map(|y| self.fine_row(y as usize))
                        .collect::<Result<Vec<_>, _>>()?
                        .concat(),
                };
                for (y, bytes) in (first as u32..).zip(rows) {
                    let places = (0..width).map(|x| [x, y]);
                    let colors: Vec<f32> = places
                        .flat_map(|place| touch.finished(&around, place, place))
                        .collect();
                    let codes = self.fine_codes(y as usize, kind, &back.fine_codes(&colors)?);
                    for (bytes, code) in bytes.as_chunks_mut().0.iter_mut().zip(codes) {
                        *bytes = code.to_be_bytes();
                    }
                }
                Ok(())
            })
            .map_err(CodecError::Unreadable)?;
        Ok(Some(Mixed {
            kind,
            sixteen: true,
            bytes,
            space: self.space(kind),
        }))
    }

    /// Colours of a row of the picture, as fine as they are.
    fn fine_row(&self, y: usize) -> Result<Vec<[f32; 3]>, String> {
        let own = self.own_row(y);
        let own = own.map(|own| self.colors.fine_row(self.samples, own));
        let own = own.transpose()?;
        let (pixels, fresh) = self.pixels_of(y);
        let color = |(x, (&[r, g, b, _], fresh)): (usize, (&[u8; 4], &bool))| {
            let own = own.as_deref().zip(self.own_column(x));
            match own.filter(|_| !fresh) {
                Some((own, x)) => own[x],
                None => [r, g, b].map(|value| f32::from(value) / 255.0),
            }
        };
        Ok(pixels.iter().zip(fresh).enumerate().map(color).collect())
    }

    /// Samples of a row from those of its colours, with the row's own alpha.
    fn fine_codes(&self, y: usize, kind: Kind, colors: &[u16]) -> Vec<u16> {
        let line = self.own_row(y).map(|y| self.samples.codes(y));
        let (pixels, _) = self.pixels_of(y);
        let mut codes = Vec::with_capacity(pixels.len() * kind.channels());
        for (x, (&[.., alpha], color)) in pixels.iter().zip(colors.as_chunks::<3>().0).enumerate() {
            codes.extend_from_slice(if kind.color { color } else { &color[..1] });
            if kind.alpha {
                let own = line.as_deref().zip(self.own_column(x));
                let own = own.and_then(|(line, x)| self.samples.kind.pixel(line, x).1);
                codes.push(self.alpha(own, alpha));
            }
        }
        codes
    }

    /// As transparent as before, to the bit, where it is so.
    fn alpha(&self, own: Option<u16>, alpha: u8) -> u16 {
        match own {
            Some(own) if self.samples.eight(own) == alpha => own,
            _ => u16::from(alpha) * (self.samples.most() / 255),
        }
    }

    /// A row of the picture, and which pixels of it are not the file's.
    fn pixels_of(&self, y: usize) -> (&[[u8; 4]], &[bool]) {
        let width = self.pixels.extent().width as usize;
        let row = y * width..(y + 1) * width;
        let pixels = &self.pixels.rgba().as_chunks::<4>().0[row.clone()];
        (pixels, &self.fresh[row])
    }

    /// Samples of a row of the picture.
    fn row(&self, y: usize, kind: Kind, back: &Back) -> Result<Vec<u16>, String> {
        let (pixels, fresh) = self.pixels_of(y);
        let new: Vec<u8> = pixels
            .iter()
            .zip(fresh)
            .filter(|(_, fresh)| **fresh)
            .flat_map(|(&[r, g, b, _], _)| [r, g, b])
            .collect();
        let new = back.codes(&new)?;
        let mut new = new.as_chunks::<3>().0.iter();
        let line = self.own_row(y).map(|y| self.samples.codes(y));
        let mut codes = Vec::with_capacity(pixels.len() * kind.channels());
        for (x, (&[.., alpha], &fresh)) in pixels.iter().zip(fresh).enumerate() {
            let own = line.as_deref().zip(self.own_column(x));
            let own = own.map(|(line, x)| self.samples.kind.pixel(line, x));
            let color = match own {
                Some((color, _)) if !fresh => color,
                _ => new.next().copied().unwrap_or_default(),
            };
            codes.extend_from_slice(if kind.color { &color } else { &color[..1] });
            if kind.alpha {
                codes.push(self.alpha(own.and_then(|(_, own)| own), alpha));
            }
        }
        Ok(codes)
    }

    fn space(&self, kind: Kind) -> Space {
        if kind.color == self.samples.kind.color {
            return Space::Own;
        }
        match &self.colors.profile {
            Some(profile) if profile.color_space == DataColorSpace::Gray => {
                with_colors(profile).map_or(Space::Srgb, Space::New)
            }
            // It was not looked at, and is one of gray for all we know.
            None if self.colors.is_unusable => Space::Srgb,
            _ => Space::Own,
        }
    }
}
