//! `afterimage inpaint`: a part of a picture painted anew, without a window.

use std::path::Path;
use std::sync::Arc;

use super::console::{say, use_threads};
use super::out::Plan;
use super::run::{Asked, picture, run};
use super::{CommandError, InpaintArgs, failed};
use crate::engine::{EngineOptions, Inputs};
use crate::library::{Existing, encode_picture, write_atomically};
use crate::models::Lama;
use crate::pipelines::{CancelToken, Canvas, Needs, Remover, Tools};
use crate::raster::{Area, Extent, Mask, Pixels, best_size};
use crate::recipe::{Fill, Input, Limits, Recipe, Region, Removal, Shortcuts, Strength, Task};
use crate::weights::{Extras, ModelError};

/// Runs the command to its end.
pub fn inpaint(args: &InpaintArgs, options: EngineOptions) -> Result<(), CommandError> {
    let image = picture(&args.image)?;
    let mut mask = Mask::from_pixels(&picture(&args.mask)?);
    if args.invert_mask {
        mask = mask.inverted();
    }
    let remover = Remover::by_id(&args.method);
    if args.weights.is_some() && remover.is_none_or(|remover| remover.needs == Needs::Nothing) {
        return Err(CommandError::Usage(format!(
            "--weights is for --method lama, not for {}: leave one of them out",
            args.method
        )));
    }
    match remover {
        Some(remover) => remove(args, &options, remover, &image, &mask),
        None => fill(args, options, image, mask),
    }
}

/// Fills from what is around, into one file.
fn remove(
    args: &InpaintArgs,
    options: &EngineOptions,
    remover: &Remover,
    image: &Pixels,
    mask: &Mask,
) -> Result<(), CommandError> {
    refuse_model_options(args)?;
    use_threads(args.run.threads)?;
    let plan = Plan {
        out: args.run.out.as_deref(),
        force: args.run.force,
        // A picture without a seed is numbered all the same.
        seeds: &[0],
    };
    let paths = plan.pictures()?;
    let tools = Tools {
        token: &CancelToken::new(),
        lama: &|| lama(args, &options.models),
    };
    let removed = remover.remove(image, mask, &tools).map_err(failed)?;
    let Some(pixels) = removed else {
        return Err(CommandError::Failed("the run was cancelled".to_owned()));
    };
    let removal = Removal {
        image: Input {
            sha256: image.sha256(),
        },
        mask: Input {
            sha256: mask.sha256(),
        },
        method: remover.id.to_owned(),
    };
    let Extent { width, height } = image.extent();
    let recipe = Recipe::of_removal(removal, (width, height));
    let file = encode_picture(&pixels, Some(&recipe)).map_err(failed)?;
    let existing = if args.run.force {
        Existing::Replace
    } else {
        Existing::Keep
    };
    for path in paths {
        write_atomically(&path, &file, existing).map_err(failed)?;
        say(&path.display().to_string())?;
    }
    Ok(())
}

/// The network of the file that was named, or of the folder where such files belong.
fn lama(args: &InpaintArgs, folder: &Path) -> Result<Arc<Lama>, ModelError> {
    let found = args.weights.clone().or_else(|| Extras::of(folder).lama);
    let path = found.ok_or_else(|| ModelError::NoLama {
        folder: folder.display().to_string(),
    })?;
    Lama::open(&path).map(Arc::new)
}

/// Options that would do nothing without a model are mistakes.
fn refuse_model_options(args: &InpaintArgs) -> Result<(), CommandError> {
    let run = &args.run;
    let usual = Shortcuts::default();
    let given = [
        ("--prompt", !args.prompt.is_empty()),
        ("--negative", !run.negative.is_empty()),
        ("--only-masked", args.only_masked),
        ("--no-color-match", args.no_color_match),
        ("--seed", run.seed.is_some()),
        ("--size", run.size.is_some()),
        ("--count", run.count != 1),
        ("--guidance-from", run.guidance_from != usual.guidance.from),
        ("--guidance-to", run.guidance_to != usual.guidance.to),
        (
            "--cache-interval",
            run.cache_interval != usual.cache_interval,
        ),
        ("--vae", run.vae.is_some()),
        ("--weight-bits", !run.weight_bits.are_stored()),
        ("--decode-tile", run.memory.decode_tile > 0),
        ("--memory-limit", run.memory.memory_limit.is_some()),
        ("--dump-latents", run.dump_latents.is_some()),
        ("--json", run.json),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(CommandError::Usage(format!(
            "{option} is for --method diffusion, not for {}: leave one of them out",
            args.method
        ))),
        None => Ok(()),
    }
}

fn fill(
    args: &InpaintArgs,
    options: EngineOptions,
    image: Pixels,
    mask: Mask,
) -> Result<(), CommandError> {
    let canvas = Canvas {
        image: &image,
        mask: &mask,
    };
    canvas.check().map_err(failed)?;
    let bounds = mask.bounds().unwrap_or_else(|| Area::whole(image.extent()));
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
    run(&args.run, options, None, |card| {
        let size = match region {
            Region::WholePicture => extent,
            Region::OnlyMasked { padding } => {
                let shown = bounds.grown(padding, bounds.extent, extent);
                let Limits {
                    size_factor,
                    max_side,
                    ..
                } = card.limits;
                best_size(shown.extent, card.native, size_factor, max_side)
            }
        };
        Ok(Asked {
            prompts: vec![args.prompt.clone()],
            task,
            inputs: Inputs {
                image: Some(Arc::new(image)),
                mask: Some(Arc::new(mask)),
                ..Inputs::default()
            },
            size: Some(size),
        })
    })
}
