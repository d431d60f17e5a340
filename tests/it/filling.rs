use afterimage::models::StableDiffusion;
use afterimage::pipelines::{CancelToken, Canvas, Outcome, PipelineError, Silent, inpaint};
use afterimage::raster::{Extent, Mask, PAINTED, Pixels};
use afterimage::recipe::{
    Draft, Fill, Input, Limits, MaskedContent, Problem, Region, Strength, Task,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use crate::golden::model;

const LIMITS: Limits = Limits {
    size_factor: 2,
    max_side: 2048,
    max_steps: 1000,
};

fn fill() -> Fill {
    let input = Input {
        sha256: String::new(),
    };
    Fill {
        image: input.clone(),
        mask: input,
        strength: Strength::WHOLE,
        region: Region::WholePicture,
        content: MaskedContent::Original,
        mask_blur: 1.5,
        match_colors: true,
    }
}

fn filled(
    model: &StableDiffusion,
    fill: &Fill,
    size: Extent,
    canvas: Canvas<'_>,
) -> Result<Pixels, PipelineError> {
    let draft = Draft {
        steps: 2,
        width: size.width,
        height: size.height,
        ..Draft::default()
    };
    let recipe = draft
        .recipe_of(Task::Inpaint(fill.clone()), LIMITS)
        .unwrap();
    let token = CancelToken::new();
    match inpaint(model, &recipe, fill, canvas, &token, &mut Silent)? {
        Outcome::Made(made) => Ok(made.pixels),
        Outcome::Cancelled => panic!("nobody cancelled"),
    }
}

/// A picture of noise, some of it transparent.
fn noise(dice: &mut ChaCha8Rng, extent: Extent) -> Pixels {
    let mut rgba = vec![0; extent.area() * 4];
    dice.fill_bytes(&mut rgba);
    for alpha in rgba.iter_mut().skip(3).step_by(4) {
        *alpha = if *alpha < 200 { 255 } else { *alpha };
    }
    Pixels::from_rgba(extent, rgba).unwrap()
}

/// A few rectangles of any opacity.
fn blots(dice: &mut ChaCha8Rng, extent: Extent) -> Mask {
    let mut values = vec![0; extent.area()];
    let mut below = |limit: u32| dice.next_u32() % limit;
    for _ in 0..=below(3) {
        let (x, y) = (below(extent.width), below(extent.height));
        let (width, height) = (1 + below(9), 1 + below(9));
        let value = if below(3) == 0 { below(256) } else { 255 } as u8;
        for y in y..(y + height).min(extent.height) {
            for x in x..(x + width).min(extent.width) {
                values[(y * extent.width + x) as usize] = value;
            }
        }
    }
    Mask::from_values(extent, values).unwrap()
}

fn pixel(pixels: &Pixels, at: usize) -> &[u8] {
    &pixels.rgba()[at * 4..at * 4 + 4]
}

#[test]
fn outside_the_blurred_mask_every_bit_stays_whatever_the_mask_the_size_and_the_region() {
    let model = model("epsilon");
    let mut dice = ChaCha8Rng::seed_from_u64(3);
    let mut rounds = 0;
    for round in 0..24 {
        let extent = Extent::new(11 + dice.next_u32() % 12, 9 + dice.next_u32() % 14);
        let (image, mask) = (noise(&mut dice, extent), blots(&mut dice, extent));
        if mask.binarized().bounds().is_none() {
            continue;
        }
        let only = round % 2 == 0;
        let fill = Fill {
            region: if only {
                Region::OnlyMasked { padding: round % 5 }
            } else {
                Region::WholePicture
            },
            content: [
                MaskedContent::Original,
                MaskedContent::Fill,
                MaskedContent::LatentNoise,
                MaskedContent::LatentNothing,
            ][round as usize % 4],
            strength: Strength(if round % 3 == 0 { 0.5 } else { 1.0 }),
            match_colors: round % 3 == 1,
            ..fill()
        };
        let size = if only { Extent::new(16, 14) } else { extent };
        let canvas = Canvas {
            image: &image,
            mask: &mask,
        };
        let out = filled(&model, &fill, size, canvas).unwrap();
        assert_eq!(out.extent(), extent);
        let soft = mask.softened(fill.mask_blur);
        let mut changed = 0;
        for at in 0..extent.area() {
            let same = pixel(&out, at) == pixel(&image, at);
            assert!(same || soft.values()[at] > 0, "round {round}, pixel {at}");
            changed += usize::from(!same);
        }
        let painted = mask
            .values()
            .iter()
            .filter(|&&value| value >= PAINTED)
            .count();
        assert!(
            2 * changed > painted,
            "round {round}: {changed} of {painted} are painted"
        );
        rounds += 1;
    }
    assert!(rounds > 15, "only {rounds} masks painted anything");
}

#[test]
fn a_mask_that_cannot_be_used_is_refused_with_what_to_do() {
    let model = model("epsilon");
    let extent = Extent::new(8, 8);
    let image = noise(&mut ChaCha8Rng::seed_from_u64(1), extent);
    let refused = |mask: &Mask, size: Extent| {
        let canvas = Canvas {
            image: &image,
            mask,
        };
        match filled(&model, &fill(), size, canvas) {
            Err(PipelineError::Recipe(problem)) => problem,
            other => panic!("{other:?}"),
        }
    };
    let mask =
        |extent: Extent, value| Mask::from_values(extent, vec![value; extent.area()]).unwrap();
    assert_eq!(refused(&mask(extent, 0), extent), Problem::MaskEmpty);
    let larger = Extent::new(9, 8);
    assert!(matches!(
        refused(&mask(larger, 255), extent),
        Problem::MaskSize { mask_width: 9, .. }
    ));
    assert!(matches!(
        refused(&mask(extent, 255), larger),
        Problem::FillSize { .. }
    ));
}
