//! Pixels brought into windows, and back.
//!
//! Where windows are shifted, those at the far edges hold what lies at both ends of the picture,
//! which must not see each other. There are four kinds of windows by that, and windows of one kind
//! lie together, so that each kind is one call of attention with one mask.

use std::ops::Range;

use candle_core::{Device, Result, Tensor};

/// Added to the scores of pixels that must not see each other.
const HIDDEN: f32 = -100.0;
/// Kinds of windows: not at an edge, at the right one, at the bottom, in the corner.
const KINDS: usize = 4;

/// How the pixels of pictures of one size are brought into windows.
#[derive(Debug)]
pub(super) struct Windows {
    /// Of a window, in pixels.
    side: usize,
    /// Which pixel each one of the windows is, and where each pixel lies in the windows.
    pixels: Tensor,
    places: Tensor,
    /// Those kinds there are: their windows, and `[side², side²]`, what is added to the scores.
    kinds: Vec<(Range<usize>, Option<Tensor>)>,
}

impl Windows {
    /// For pictures of `(batch, height, width)`, whose sides are multiples of `side`, brought to the
    /// left and up by `shift` first, what leaves at one side coming back at the other.
    pub(super) fn new(
        (batch, height, width): (usize, usize, usize),
        side: usize,
        shift: usize,
        device: &Device,
    ) -> Result<Self> {
        let (down, across) = (height / side, width / side);
        let kind_of = |row: usize, column: usize| {
            if shift == 0 {
                0
            } else {
                2 * usize::from(row + 1 == down) + usize::from(column + 1 == across)
            }
        };
        let mut pixels = Vec::with_capacity(batch * height * width);
        let mut kinds = Vec::new();
        let area = side * side;
        for kind in 0..KINDS {
            let first = pixels.len() / area;
            for window in 0..batch * down * across {
                let (image, row, column) = (
                    window / (down * across),
                    window / across % down,
                    window % across,
                );
                if kind_of(row, column) != kind {
                    continue;
                }
                for place in 0..area {
                    let y = (row * side + place / side + shift) % height;
                    let x = (column * side + place % side + shift) % width;
                    pixels.push(((image * height + y) * width + x) as u32);
                }
            }
            let windows = first..pixels.len() / area;
            if !windows.is_empty() {
                kinds.push((windows, mask(kind, side, shift, device)?));
            }
        }
        let mut places = vec![0u32; pixels.len()];
        for (place, pixel) in pixels.iter().enumerate() {
            places[*pixel as usize] = place as u32;
        }
        Ok(Self {
            side,
            pixels: Tensor::new(pixels, device)?,
            places: Tensor::new(places, device)?,
            kinds,
        })
    }

    /// Of each kind the windows, and `[side², side²]`, what is added to the scores of a query and a
    /// key.
    pub(super) fn kinds(&self) -> impl Iterator<Item = (Range<usize>, Option<&Tensor>)> {
        let kinds = self.kinds.iter();
        kinds.map(|(windows, mask)| (windows.clone(), mask.as_ref()))
    }

    /// `[pixels, channels]` to `[windows, side², channels]`.
    pub(super) fn cut(&self, rows: &Tensor) -> Result<Tensor> {
        let channels = rows.dim(1)?;
        let area = self.side * self.side;
        rows.index_select(&self.pixels, 0)?
            .reshape(((), area, channels))
    }

    /// Undoes [`Self::cut`].
    pub(super) fn join(&self, windows: &Tensor) -> Result<Tensor> {
        windows.flatten_to(1)?.index_select(&self.places, 0)
    }
}

/// What must not be seen in windows of a kind.
fn mask(kind: usize, side: usize, shift: usize, device: &Device) -> Result<Option<Tensor>> {
    if kind == 0 {
        return Ok(None);
    }
    // Whether a place of the window comes from the picture's other end.
    let (below, beyond) = (kind / 2 == 1, kind % 2 == 1);
    let end = |place: usize| {
        let edge = side - shift;
        (
            below && place / side >= edge,
            beyond && place % side >= edge,
        )
    };
    let area = side * side;
    let values = (0..area * area).map(|at| {
        if end(at / area) == end(at % area) {
            0.0
        } else {
            HIDDEN
        }
    });
    Tensor::from_iter(values, device)?
        .reshape((area, area))
        .map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::near::random;

    #[test]
    fn what_is_cut_is_joined_again() {
        for (batch, height, width, side, shift) in [
            (1, 4, 4, 4, 0),
            (2, 6, 9, 3, 1),
            (1, 8, 4, 4, 2),
            (1, 2, 2, 1, 0),
        ] {
            let shape = (batch * height * width, 3);
            let rows = random(shape);
            let size = (batch, height, width);
            let windows = Windows::new(size, side, shift, &Device::Cpu).unwrap();
            let cut = windows.cut(&rows).unwrap();
            assert_eq!(
                cut.dims(),
                [batch * height * width / (side * side), side * side, 3]
            );
            let joined = windows.join(&cut).unwrap();
            let values = |xs: &Tensor| xs.to_vec2::<f32>().unwrap();
            assert_eq!(values(&joined), values(&rows));
            let all: usize = windows.kinds().map(|(windows, _)| windows.len()).sum();
            assert_eq!(all, cut.dim(0).unwrap());
        }
    }

    #[test]
    fn both_ends_of_the_picture_meet_in_a_window_and_do_not_see_each_other() {
        let windows = Windows::new((1, 4, 4), 2, 1, &Device::Cpu).unwrap();
        let rows = Tensor::arange(0f32, 16.0, &Device::Cpu).unwrap();
        let cut = windows.cut(&rows.reshape((16, 1)).unwrap()).unwrap();
        let pixels = cut.squeeze(2).unwrap().to_vec2::<f32>().unwrap();
        assert_eq!(pixels[0], [5.0, 6.0, 9.0, 10.0]);
        assert_eq!(pixels[1], [7.0, 4.0, 11.0, 8.0]);
        assert_eq!(pixels[3], [15.0, 12.0, 3.0, 0.0]);
        let masks: Vec<_> = windows.kinds().map(|(_, mask)| mask).collect();
        assert!(masks[0].is_none());
        let hidden = |kind: usize| {
            let mask = masks[kind].unwrap().to_vec2::<f32>().unwrap();
            mask.concat().iter().filter(|value| **value < 0.0).count()
        };
        assert_eq!((hidden(1), hidden(2), hidden(3)), (8, 8, 12));
        let right = masks[1].unwrap().to_vec2::<f32>().unwrap();
        assert_eq!(right[0], [0.0, HIDDEN, 0.0, HIDDEN]);
    }
}
