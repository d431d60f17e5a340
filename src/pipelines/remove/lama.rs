//! A hole filled by big-lama, which has seen what rooms, streets and woods go on like.
//!
//! Shown to it as the authors' prediction does: values from 0 to 1, extended to multiples of 8 by
//! reflection with the last pixel repeated. They round down to whole values; here they are rounded.

use candle_core::{DType, Device, Tensor};

use super::{PipelineError, Tools};
use crate::models::Lama;
use crate::nn::Interrupt;
use crate::pipelines::Wish;
use crate::raster::{Area, Extent, Fit, Mask, PAINTED, Pixels, fill_smoothly, resized};

/// Pixels around what is missing that the network sees, at least; else half its longer side.
const LEAST_CONTEXT: u32 = 128;
/// The longest side it works at. It was trained on 256 pixels, and its authors show that it keeps
/// its quality at several times that; beyond, patterns get lost and time grows.
const LONGEST_SIDE: u32 = 1024;

pub(super) fn fill(
    image: &Pixels,
    mask: &Mask,
    tools: &Tools<'_>,
) -> Result<Option<Pixels>, PipelineError> {
    let Some(bounds) = mask.bounds() else {
        return Ok(Some(image.clone()));
    };
    let interrupt = tools.token.interrupt_at(Wish::Stop);
    // Each step until the network looks itself can take a while with a large hole.
    if interrupt.is_asked() {
        return Ok(None);
    }
    let lama = (tools.lama)()?;
    if interrupt.is_asked() {
        return Ok(None);
    }
    let area = shown(bounds, image.extent());
    let size = worked_at(area.extent);
    let hole = mask.cropped(area);
    // What is to disappear must not be smeared over its surroundings where they are made smaller.
    let part = fill_smoothly(&image.cropped(area), &hole);
    if interrupt.is_asked() {
        return Ok(None);
    }
    let part = resized(&part, size, Fit::Stretch);
    if interrupt.is_asked() {
        return Ok(None);
    }
    match predicted(&lama, &part, &hole.touched(size), &interrupt) {
        Err(_) if interrupt.is_asked() => Ok(None),
        made => {
            let made = resized(&made?, area.extent, Fit::Stretch);
            Ok(Some(image.replaced(area, &made)))
        }
    }
}

/// What the network is shown of a picture: the missing part and its surroundings, moved inward where
/// the picture ends.
fn shown(bounds: Area, picture: Extent) -> Area {
    let Extent { width, height } = bounds.extent;
    let context = LEAST_CONTEXT.max(width.max(height) / 2);
    let span = |start: u32, length: u32, limit: u32| {
        let length = length.saturating_add(2 * context).min(limit);
        (start.saturating_sub(context).min(limit - length), length)
    };
    let (x, width) = span(bounds.x, width, picture.width);
    let (y, height) = span(bounds.y, height, picture.height);
    Area {
        x,
        y,
        extent: Extent::new(width, height),
    }
}

/// The size it works at: that of the part, unless it is too large.
fn worked_at(part: Extent) -> Extent {
    let longest = part.width.max(part.height);
    if longest <= LONGEST_SIDE {
        return part;
    }
    let side = |side: u32| {
        let scaled = u64::from(side) * u64::from(LONGEST_SIDE) / u64::from(longest);
        (scaled as u32).max(1)
    };
    Extent::new(side(part.width), side(part.height))
}

/// The part as the network paints it, where it is missing and everywhere else.
fn predicted(
    lama: &Lama,
    part: &Pixels,
    hole: &Mask,
    interrupt: &Interrupt,
) -> Result<Pixels, PipelineError> {
    let Extent { width, height } = part.extent();
    let multiple = lama.multiple();
    let side = |side: u32| {
        (side as usize)
            .next_multiple_of(multiple)
            .max(lama.least_side())
    };
    let (columns, rows) = (places(width, side(width)), places(height, side(height)));
    let plane = |value: &dyn Fn(usize) -> f32| -> Vec<f32> {
        let lines = rows.iter().map(|y| y * width as usize);
        lines
            .flat_map(|line| columns.iter().map(move |x| value(line + x)))
            .collect()
    };
    let colors =
        (0..3).flat_map(|channel| plane(&|at| f32::from(part.rgba()[at * 4 + channel]) / 255.0));
    let missing = plane(&|at| f32::from(u8::from(hole.values()[at] >= PAINTED)));
    let to_tensor = |values: Vec<f32>, channels: usize| {
        let shape = (1, channels, rows.len(), columns.len());
        Tensor::from_vec(values, shape, &Device::Cpu)?.to_device(lama.device())
    };
    let (image, mask) = (to_tensor(colors.collect(), 3)?, to_tensor(missing, 1)?);
    let made = lama.forward(&image, &mask, interrupt)?;
    let made = made
        .narrow(2, 0, height as usize)?
        .narrow(3, 0, width as usize)?
        .affine(255.0, 0.0)?
        .round()?
        .to_dtype(DType::U8)?
        .squeeze(0)?
        .permute((1, 2, 0))?
        .flatten_all()?
        .to_vec1::<u8>()?;
    Pixels::from_rgb(part.extent(), &made).ok_or_else(|| {
        PipelineError::Computation("the network gave another size than it was given".to_owned())
    })
}

/// Where positions `0..to` of an axis of `length` come from, by reflection, the last one repeated.
fn places(length: u32, to: usize) -> Vec<usize> {
    let length = length as usize;
    (0..to)
        .map(|at| at % (2 * length))
        .map(|at| if at < length { at } else { 2 * length - 1 - at })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipelines::CancelToken;

    #[test]
    fn reflections_repeat_the_last_pixel_and_go_back_and_forth() {
        assert_eq!(places(3, 8), [0, 1, 2, 2, 1, 0, 0, 1]);
        assert_eq!(places(1, 3), [0, 0, 0]);
    }

    #[test]
    fn a_small_hole_is_shown_with_a_fixed_context_and_a_large_one_with_half_its_side() {
        let picture = Extent::new(3000, 2000);
        let area = |x, y, width, height| Area {
            x,
            y,
            extent: Extent::new(width, height),
        };
        let cases = [
            (area(1000, 1000, 20, 10), area(872, 872, 276, 266)),
            (area(1000, 600, 400, 800), area(600, 200, 1200, 1600)),
            // At a corner the same size, moved inward.
            (area(0, 0, 20, 10), area(0, 0, 276, 266)),
            (area(2980, 1990, 20, 10), area(2724, 1734, 276, 266)),
            (area(0, 900, 3000, 10), area(0, 0, 3000, 2000)),
        ];
        for (bounds, expected) in cases {
            assert_eq!(shown(bounds, picture), expected);
        }
    }

    #[test]
    fn the_weights_are_not_read_where_an_end_is_asked_for() {
        let image = Pixels::from_rgb(Extent::new(4, 1), &[9; 12]).unwrap();
        let mask = Mask::from_values(image.extent(), vec![0, 255, 0, 0]).unwrap();
        let token = CancelToken::new();
        token.ask(Wish::Stop);
        let tools = Tools {
            token: &token,
            lama: &|| panic!("read"),
        };
        assert!(fill(&image, &mask, &tools).unwrap().is_none());
    }

    #[test]
    fn large_parts_are_worked_at_smaller_in_their_own_shape() {
        for (part, expected) in [
            (Extent::new(1024, 700), Extent::new(1024, 700)),
            (Extent::new(2048, 1000), Extent::new(1024, 500)),
            (Extent::new(3, 9000), Extent::new(1, 1024)),
        ] {
            assert_eq!(worked_at(part), expected);
        }
    }
}
