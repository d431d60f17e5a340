//! `afterimage inpaint`: a part of a picture painted anew, without a window.

use std::sync::Arc;

use super::run::{Asked, picture, run};
use super::{CommandError, InpaintArgs};
use crate::engine::{EngineOptions, Inputs};
use crate::raster::{Mask, best_size};
use crate::recipe::{Fill, Input, Problem, Region, Strength, Task};

/// Runs the command to its end.
pub fn inpaint(args: &InpaintArgs, options: EngineOptions) -> Result<(), CommandError> {
    let image = picture(&args.image)?;
    let mut mask = Mask::from_pixels(&picture(&args.mask)?);
    if args.invert_mask {
        mask = mask.inverted();
    }
    let Some(bounds) = mask.bounds() else {
        return Err(CommandError::Failed(Problem::MaskEmpty.to_string()));
    };
    let region = if args.only_masked {
        Region::OnlyMasked {
            padding: args.padding,
        }
    } else {
        Region::WholePicture
    };
    let task = Task::Inpaint(Fill {
        image: Input {
            sha256: image.sha256(),
        },
        mask: Input {
            sha256: mask.sha256(),
        },
        strength: Strength(args.strength),
        region,
        content: args.masked_content,
        mask_blur: args.mask_blur,
        match_colors: !args.no_color_match,
    });
    let extent = image.extent();
    run(&args.run, options, |card| {
        let size = match region {
            Region::WholePicture => extent,
            Region::OnlyMasked { padding } => {
                let shown = bounds.grown(padding, bounds.extent, extent);
                best_size(shown.extent, card.native, card.limits.size_factor)
            }
        };
        Ok(Asked {
            prompts: vec![args.prompt.clone()],
            task,
            inputs: Inputs {
                image: Some(Arc::new(image)),
                mask: Some(Arc::new(mask)),
            },
            size: Some(size),
        })
    })
}
