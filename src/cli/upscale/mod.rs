//! `afterimage upscale`: pictures become larger, without a window.

mod out;
mod told;

use std::path::{Path, PathBuf};

use self::out::places;
use self::told::Told;
use super::console::use_threads;
use super::{CommandError, UpscaleArgs, failed};
use crate::engine::EngineOptions;
use crate::kernels::Arena;
use crate::library::{Existing, PictureWriter, Written, check_room, read_finest, read_header};
use crate::models::{Upscaler, UpscalerFile};
use crate::pipelines::{
    CancelToken, Enlarged, Enlarger, Enlarging, Goal, PipelineError, Plan, Target, Tiling, Way,
    Wish, enlarge,
};
use crate::raster::{Extent, Finest, Format, Header};
use crate::recipe::{ModelRef, Recipe};
use crate::weights::Extras;

/// Runs the command to its end. Everything that can be refused by what the pictures' headers tell is,
/// before the first of them is worked on.
pub fn upscale(args: &UpscaleArgs, options: &EngineOptions) -> Result<(), CommandError> {
    use_threads(args.threads)?;
    let network = chosen(args, &Extras::of(&options.models))?;
    let places = places(args, network.as_ref())?;
    let mut told = Told::new(args.json, args.images.len(), network.as_ref());
    let result = all(args, network.as_ref(), &places, &mut told);
    match &result {
        Ok(()) => told.finish(),
        Err(error) => told.fail(error.message()).and(result),
    }
}

/// The network that was named, or the usual one; none for Lanczos.
fn chosen(args: &UpscaleArgs, extras: &Extras) -> Result<Option<UpscalerFile>, CommandError> {
    let asked = args.method.as_deref().and_then(Enlarger::by_id);
    let wants = asked.is_none_or(|enlarger| enlarger.needs_network);
    let network = match &args.model {
        Some(name) if !wants => {
            return Err(CommandError::Usage(format!(
                "--model {name} is for --method network: leave one of them out"
            )));
        }
        Some(name) => UpscalerFile::named(name, extras),
        None if wants => UpscalerFile::usual(args.scale, extras),
        None => return Ok(None),
    };
    network.map(Some).map_err(failed)
}

fn reference(network: Option<&UpscalerFile>) -> ModelRef {
    network.map_or_else(
        || ModelRef::named(""),
        |network| ModelRef {
            name: network.name(),
            sha256: Some(network.sha256()),
        },
    )
}

/// A picture that was read, and what will be done with it.
struct Ready {
    finest: Finest,
    sha256: String,
    plan: Plan,
    format: &'static Format,
}

impl Ready {
    /// Decodes and names it once; its pixels as people see them are never in memory.
    fn of(
        args: &UpscaleArgs,
        network: Option<&UpscalerFile>,
        image: &Path,
        out: &Path,
    ) -> Result<Self, CommandError> {
        let format = format_of(out)?;
        let (mut finest, sha256) = read_finest(image).map_err(failed)?;
        finest.fit(format);
        let samples = &finest.samples;
        let header = Header {
            extent: samples.extent,
            kind: samples.kind,
            sixteen: samples.is_sixteen(),
        };
        Ok(Self {
            plan: planned(args, network, header, format)?,
            sha256,
            finest,
            format,
        })
    }

    fn recipe(&self, network: ModelRef) -> Recipe {
        let Extent { width, height } = self.plan.to;
        let enlargement = self.plan.enlargement(self.sha256.clone());
        Recipe::of_enlargement(enlargement, network, (width, height))
    }
}

fn format_of(out: &Path) -> Result<&'static Format, CommandError> {
    Format::of(out).map_err(|error| CommandError::Usage(error.to_string()))
}

/// The plan of a picture that is not decoded yet. Only where its alpha decides whether it fits into the
/// kind of file that is looked at.
fn plan_of(
    args: &UpscaleArgs,
    network: Option<&UpscalerFile>,
    image: &Path,
    out: &Path,
) -> Result<Plan, CommandError> {
    let format = format_of(out)?;
    let header = read_header(image).map_err(failed)?;
    if header.kind.alpha && !format.alpha {
        return Ready::of(args, network, image, out).map(|ready| ready.plan);
    }
    planned(args, network, header, format)
}

fn planned(
    args: &UpscaleArgs,
    network: Option<&UpscalerFile>,
    header: Header,
    format: &'static Format,
) -> Result<Plan, CommandError> {
    let goal = Goal {
        from: header.extent,
        samples: (header.kind, header.sixteen),
        is_opaque: !header.kind.alpha,
        way: network.map_or(Way::Lanczos, |network| Way::Network {
            layout: network.layout(),
            bytes: network.weight_bytes(),
        }),
        target: match (args.scale, args.size) {
            (Some(factor), _) => Target::Factor(factor),
            (_, Some((width, height))) => Target::Size(Extent::new(width, height)),
            _ => Target::Own,
        },
        tiling: Tiling {
            tile: args.tile,
            pad: args.tile_pad,
            pre_pad: args.pre_pad,
            feather: args.feather,
        },
        memory: args.memory,
        held: 0,
        format,
    };
    Plan::of(&goal).map_err(failed)
}

fn all(
    args: &UpscaleArgs,
    network: Option<&UpscalerFile>,
    places: &[PathBuf],
    told: &mut Told,
) -> Result<(), CommandError> {
    let jobs = || args.images.iter().zip(places);
    let mut room = 0u64;
    let mut plans = Vec::new();
    for (image, out) in jobs() {
        let plan = plan_of(args, network, image, out)?;
        room = room.saturating_add(plan.file_bytes);
        check_room(out, room).map_err(failed)?;
        plans.push((image, plan));
    }
    for (image, plan) in &plans {
        told.plan(image, plan)?;
    }
    if args.plan {
        return Ok(());
    }
    let reference = reference(network);
    let upscaler = network
        .map(UpscalerFile::read)
        .transpose()
        .map_err(failed)?;
    let token = cancelled_by_signals()?;
    // Of several pictures only one is in memory at a time.
    for (index, (image, out)) in jobs().enumerate() {
        let next = Ready::of(args, network, image, out)?;
        let recipe = next.recipe(reference.clone());
        told.start(index, &recipe, &next.plan)?;
        let existing = Existing::replaced_if(args.force);
        let path = one(
            next,
            out,
            existing,
            (&recipe, upscaler.as_ref()),
            &token,
            told,
        )?;
        told.picture(index, &recipe, &path)?;
    }
    Ok(())
}

/// Makes one picture larger, into its file.
fn one(
    ready: Ready,
    out: &Path,
    existing: Existing,
    (recipe, network): (&Recipe, Option<&Upscaler>),
    token: &CancelToken,
    told: &mut Told,
) -> Result<PathBuf, CommandError> {
    let Ready {
        finest: Finest { samples, beside },
        plan,
        format,
        ..
    } = ready;
    let written = Written {
        format,
        extent: plan.to,
        kind: samples.kind,
        sixteen: samples.is_sixteen(),
    };
    let _arena = Arena::new(plan.part_bytes as usize);
    let mut writer = PictureWriter::begin(out, written, recipe, beside).map_err(failed)?;
    let mut unheard = Ok(());
    let done = enlarge(Enlarging {
        samples: &samples,
        plan: &plan,
        network,
        token,
        watch: &mut |part| {
            if unheard.is_ok() {
                unheard = told.part(&part);
            }
            if unheard.is_err() {
                // Nobody listens any more.
                token.ask(Wish::Discard);
            }
        },
        rows: &mut |bytes| writer.write(bytes).map_err(PipelineError::from),
    });
    let done = done.map_err(failed)?;
    unheard?;
    if done == Enlarged::Cancelled {
        return Err(CommandError::Failed("the run was cancelled".to_owned()));
    }
    drop(samples);
    // Long work is not lost to a file that has come there meanwhile.
    let written = match existing {
        Existing::Keep => writer.finish_under_free_name(),
        Existing::Replace => writer.finish(existing),
    };
    written.map_err(failed)
}

/// Ends where the terminal asks for it, so that nothing half-written is left.
fn cancelled_by_signals() -> Result<CancelToken, CommandError> {
    let token = CancelToken::new();
    let asked = token.clone();
    ctrlc::set_handler(move || asked.ask(Wish::Discard)).map_err(failed)?;
    Ok(token)
}
