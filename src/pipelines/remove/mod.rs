//! Something disappears from a picture, without a prompt.

mod exemplar;
mod lama;
mod telea;

use std::sync::Arc;

use super::{CancelToken, Canvas, PipelineError};
use crate::models::Lama;
use crate::raster::{Mask, Pixels, fill_smoothly};
use crate::recipe::Problem;
use crate::weights::{Extras, ModelError};

/// A way to fill a hole from what is around it.
#[derive(Debug)]
pub struct Remover {
    /// Typed on the command line.
    pub id: &'static str,
    pub needs: Needs,
    fill: Fill,
}

type Fill = fn(&Pixels, &Mask, &Tools<'_>) -> Result<Option<Pixels>, PipelineError>;

/// What a way needs beside the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    /// The weights of big-lama.
    Lama,
}

/// What a way may ask for while it works.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    pub token: &'a CancelToken,
    /// Gives the network of [`Needs::Lama`]; asked once, where it is needed.
    pub lama: &'a dyn Fn() -> Result<Arc<Lama>, ModelError>,
}

/// Every way, the usual one first.
pub const REMOVERS: &[Remover] = &[
    Remover {
        id: "exemplar",
        needs: Needs::Nothing,
        fill: |image, mask, tools| Ok(exemplar::fill(image, mask, tools.token)),
    },
    Remover {
        id: "telea",
        needs: Needs::Nothing,
        fill: |image, mask, tools| Ok(telea::fill(image, mask, tools.token)),
    },
    Remover {
        id: "lama",
        needs: Needs::Lama,
        fill: lama::fill,
    },
];

impl Remover {
    pub fn by_id(id: &str) -> Option<&'static Self> {
        REMOVERS.iter().find(|remover| remover.id == id)
    }

    /// Whether there is what it needs.
    pub fn is_possible(&self, extras: &Extras) -> bool {
        match self.needs {
            Needs::Nothing => true,
            Needs::Lama => extras.lama.is_some(),
        }
    }

    /// The picture without what `mask` paints, which must be of its extent; every other pixel stays
    /// to the bit. `None` once the token asks for an end.
    pub fn remove(
        &self,
        image: &Pixels,
        mask: &Mask,
        tools: &Tools<'_>,
    ) -> Result<Option<Pixels>, PipelineError> {
        Canvas { image, mask }
            .check()
            .map_err(PipelineError::Recipe)?;
        let mask = mask.binarized();
        if !mask.values().contains(&0) {
            return Err(PipelineError::Recipe(Problem::MaskWhole));
        }
        let filled = (self.fill)(image, &mask, tools)?;
        Ok(filled.map(|filled| {
            let filled = if image.is_opaque() {
                filled
            } else {
                with_alpha(&filled, image, &mask)
            };
            image.repainted(&filled, &mask)
        }))
    }
}

/// `filled` as transparent as `image` is around the hole.
fn with_alpha(filled: &Pixels, image: &Pixels, mask: &Mask) -> Pixels {
    let alphas: Vec<u8> = image.rgba().iter().skip(3).step_by(4).copied().collect();
    let gray: Vec<u8> = alphas.iter().flat_map(|&alpha| [alpha; 3]).collect();
    let colors = filled.rgba().as_chunks::<4>().0.iter();
    Pixels::from_rgb(image.extent(), &gray)
        .and_then(|gray| {
            let alphas = fill_smoothly(&gray, mask);
            let rgba = colors
                .zip(alphas.rgba().as_chunks::<4>().0)
                .flat_map(|(&[r, g, b, _], &[alpha, ..])| [r, g, b, alpha])
                .collect();
            Pixels::from_rgba(image.extent(), rgba)
        })
        .unwrap_or_else(|| filled.clone())
}

/// Colours of a picture, as numbers to calculate with; plausible ones where nothing is known, since
/// what was there must not shine through.
fn colors(image: &Pixels, mask: &Mask) -> Vec<[f32; 3]> {
    let image = fill_smoothly(image, mask);
    let pixels = image.rgba().as_chunks::<4>().0.iter();
    pixels
        .map(|&[r, g, b, _]| [r, g, b].map(f32::from))
        .collect()
}

/// Opaque pixels of the given colours.
fn opaque(image: &Pixels, colors: &[[f32; 3]]) -> Option<Pixels> {
    let rgb: Vec<u8> = colors
        .iter()
        .flatten()
        .map(|value| value.round().clamp(0.0, 255.0) as u8)
        .collect();
    Pixels::from_rgb(image.extent(), &rgb)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::LamaLayout;
    use crate::pipelines::Wish;
    use crate::raster::Extent;
    use candle_core::{DType, Device};
    use candle_nn::VarBuilder;

    /// A network whose weights are all zero: it paints everything gray.
    fn gray_lama() -> Arc<Lama> {
        let layout = LamaLayout {
            prefix: String::new(),
            widths: vec![2, 4],
            global: 2,
            blocks: 1,
        };
        let vb = VarBuilder::zeros(DType::F32, &Device::Cpu);
        Arc::new(Lama::new(&layout, &vb).unwrap())
    }

    fn removed(
        remover: &Remover,
        image: &Pixels,
        mask: &Mask,
        token: &CancelToken,
    ) -> Result<Option<Pixels>, PipelineError> {
        let tools = Tools {
            token,
            lama: &|| Ok(gray_lama()),
        };
        remover.remove(image, mask, &tools)
    }

    fn picture(extent: Extent) -> Pixels {
        let rgb: Vec<u8> = (0..extent.area())
            .flat_map(|at| {
                let (x, y) = (at % extent.width as usize, at / extent.width as usize);
                let stripe = if x % 8 < 4 { 200 } else { 40 };
                [stripe, (y * 3 % 256) as u8, 90]
            })
            .collect();
        Pixels::from_rgb(extent, &rgb).unwrap()
    }

    fn hole(extent: Extent, inside: impl Fn(u32, u32) -> bool) -> Mask {
        let values = (0..extent.height)
            .flat_map(|y| (0..extent.width).map(move |x| (x, y)))
            .map(|(x, y)| if inside(x, y) { 255 } else { 0 })
            .collect();
        Mask::from_values(extent, values).unwrap()
    }

    const THING: [u8; 3] = [255, 0, 255];

    #[test]
    fn what_is_transparent_around_the_hole_is_so_within() {
        let extent = Extent::new(24, 16);
        let rgba = [0, 0, 0, 0].repeat(extent.area());
        let image = Pixels::from_rgba(extent, rgba).unwrap();
        let mask = hole(extent, |x, _| (8..14).contains(&x));
        for remover in REMOVERS {
            let out = removed(remover, &image, &mask, &CancelToken::new());
            let out = out.unwrap().unwrap();
            assert!(
                out.rgba()
                    .iter()
                    .skip(3)
                    .step_by(4)
                    .all(|&alpha| alpha == 0)
            );
        }
    }

    #[test]
    fn every_way_fills_holes_of_any_place_and_size_and_nothing_else() {
        for (width, height) in [(170, 90), (64, 48), (9, 33), (3, 2), (1, 5)] {
            let extent = Extent::new(width, height);
            let truth = picture(extent);
            let masks = [
                hole(extent, |x, y| x < width.div_ceil(2) && y < height / 2),
                hole(extent, |x, y| (x, y) == (width - 1, height - 1)),
                hole(extent, |x, y| (x, y) != (0, 0)),
                hole(extent, |x, y| (x + y) % 3 == 0),
            ];
            for mask in masks {
                // What is to disappear has a colour of its own.
                let thing = Pixels::from_rgb(extent, &THING.repeat(extent.area())).unwrap();
                let image = truth.repainted(&thing, &mask);
                for remover in REMOVERS {
                    let token = CancelToken::new();
                    let out = removed(remover, &image, &mask, &token).unwrap().unwrap();
                    let pixels = out
                        .rgba()
                        .as_chunks::<4>()
                        .0
                        .iter()
                        .zip(image.rgba().as_chunks::<4>().0);
                    for ((new, old), painted) in pixels.zip(mask.values()) {
                        let kept = if *painted > 0 {
                            new[..3] != THING
                        } else {
                            new == old
                        };
                        assert!(kept && new[3] == 255, "{}: {new:?}", remover.id);
                    }
                }
            }
        }
    }

    #[test]
    fn stripes_go_on_through_the_hole() {
        let extent = Extent::new(96, 80);
        let image = picture(extent);
        let mask = hole(extent, |x, y| {
            (30..54).contains(&x) && (30..50).contains(&y)
        });
        let token = CancelToken::new();
        let out = removed(&REMOVERS[0], &image, &mask, &token)
            .unwrap()
            .unwrap();
        let gaps = out
            .rgba()
            .iter()
            .zip(image.rgba())
            .map(|(a, b)| u64::from(a.abs_diff(*b)));
        let mean = gaps.sum::<u64>() as f64 / (24.0 * 20.0 * 3.0);
        assert!(mean < 4.0, "off by {mean} on average");
    }

    #[test]
    fn a_hole_without_surroundings_or_without_pixels_is_refused() {
        let extent = Extent::new(8, 8);
        let image = picture(extent);
        let token = CancelToken::new();
        let refused = |mask: &Mask| match removed(&REMOVERS[0], &image, mask, &token) {
            Err(PipelineError::Recipe(problem)) => problem,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(&hole(extent, |_, _| false)), Problem::MaskEmpty);
        assert_eq!(refused(&hole(extent, |_, _| true)), Problem::MaskWhole);
        let larger = hole(Extent::new(9, 8), |_, _| true);
        assert!(matches!(refused(&larger), Problem::MaskSize { .. }));
    }

    #[test]
    fn a_run_ends_when_asked() {
        let extent = Extent::new(64, 64);
        let token = CancelToken::new();
        token.ask(Wish::Stop);
        let mask = hole(extent, |x, _| x < 20);
        for remover in REMOVERS {
            assert_eq!(
                removed(remover, &picture(extent), &mask, &token).unwrap(),
                None
            );
        }
    }
}
