//! Jobs that make pictures larger: written while they are made, since they may be too large to hold.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::inference::{Inference, missing};
use super::protocol::{Destination, EnlargedPart, Failure, Job, Stage};
use super::runner::{Ending, JobListener, Step, WrittenPicture};
use crate::library::{Existing, PictureWriter, Written, check_room, read_picture};
use crate::models::Upscaler;
use crate::pipelines::{
    CancelToken, Enlarged, Enlarger, Enlarging, Goal, PartDone, PipelineError, Plan, Target,
    Tiling, Way, enlarge, room_for_result,
};
use crate::raster::{Beside, Extent, FORMATS, Finest, Format, Pixels, Samples, resized_bilinear};
use crate::recipe::{Enlargement, ModelRef, Problem, Recipe};

/// Longest side of what is shown while a picture is made: a texture, and a few megabytes.
const SHOWN_SIDE: u32 = 1536;

impl Inference {
    pub(super) fn upscale(
        &mut self,
        job: &Job,
        enlargement: &Enlargement,
        token: &CancelToken,
        listener: &mut dyn JobListener,
    ) -> Result<Ending, Failure> {
        listener.stage(0, Stage::LoadModel);
        let refused = |problem| Failure::Recipe(vec![problem]);
        let enlarger = Enlarger::by_id(&enlargement.method)
            .ok_or_else(|| refused(Problem::UnknownMethod(enlargement.method.clone())))?;
        let image = picture(job)?;
        let network = enlarger
            .needs_network
            .then(|| {
                let wish = job.inputs.enlarging.as_ref();
                let elsewhere = wish.and_then(|wish| wish.network.as_deref());
                let name = &job.recipe.model.name;
                self.resident.upscaler((name, elsewhere), &self.extras)
            })
            .transpose()?;
        let model = network.as_ref().map_or_else(
            || ModelRef::named(""),
            |network| ModelRef {
                name: job.recipe.model.name.clone(),
                sha256: Some(network.sha256.clone()),
            },
        );
        let sha256 = image.sha256();
        let asked = &enlargement.image.sha256;
        if !asked.is_empty() && *asked != sha256 {
            return Err(refused(Problem::OtherPicture));
        }
        let asked = asked_place(job);
        let format = asked
            .as_ref()
            .map_or(Ok(&FORMATS[0]), |(path, _)| Format::of(path));
        let format = format.map_err(|error| Failure::Plan(error.into()))?;
        let mut finest = Finest::of(&image);
        finest.fit(format);
        let Finest { samples, beside } = finest;
        let (target, tiling, memory) = wishes(job, enlargement);
        let image_bytes = |image: &Arc<Pixels>| image.rgba().len() as u64;
        let held = job.inputs.image.as_ref().map_or(0, image_bytes);
        let plan = Plan::of(&Goal {
            from: samples.extent,
            samples: (samples.kind, samples.is_sixteen()),
            is_opaque: samples.are_opaque(),
            way: network
                .as_ref()
                .map_or(Way::Lanczos, |network| Way::Network {
                    layout: network.network.layout(),
                    bytes: network.bytes,
                }),
            target,
            tiling,
            memory,
            held,
            format,
        })
        .map_err(Failure::Plan)?;
        let (path, existing) = asked.map_or_else(
            || (self.place(job, &plan), None),
            |(path, existing)| (path, Some(existing)),
        );
        self.workshop.make_room(plan.part_bytes);
        let work = Work {
            job,
            samples: &samples,
            plan: &plan,
            room: room_for_result(memory, held + plan.part_bytes),
            network: network.as_ref().map(|loaded| &loaded.network),
            token,
            listener,
        };
        if job
            .inputs
            .enlarging
            .as_ref()
            .is_some_and(|wish| wish.is_trial)
        {
            return work.try_out();
        }
        check_room(&path, plan.file_bytes)?;
        let Extent { width, height } = plan.to;
        let recipe = Recipe::of_enlargement(plan.enlargement(sha256), model, (width, height));
        work.write((&path, existing), (format, beside), &recipe, image)
    }

    /// A new file in the library, named after the picture and what becomes of it.
    fn place(&self, job: &Job, plan: &Plan) -> PathBuf {
        let done = if plan.from == plan.to {
            "restored"
        } else {
            "larger"
        };
        let wish = job.inputs.enlarging.as_ref();
        let file = wish.and_then(|wish| wish.file.as_deref());
        let stem = file
            .and_then(Path::file_stem)
            .map(|stem| stem.to_string_lossy());
        let name = stem.map_or_else(|| done.to_owned(), |stem| format!("{stem}-{done}"));
        self.library.place_for(&name)
    }
}

/// The file that is asked for, and what to do where it exists.
fn asked_place(job: &Job) -> Option<(PathBuf, Existing)> {
    match &job.destination {
        Destination::Files { paths, overwrite } => {
            let path = paths.first()?.clone();
            Some((path, Existing::replaced_if(*overwrite)))
        }
        Destination::Library | Destination::Sight => None,
    }
}

/// A job under way, once everything about it is known.
struct Work<'a> {
    job: &'a Job,
    samples: &'a Samples,
    plan: &'a Plan,
    /// Bytes that may be used to look at what came of it.
    room: u64,
    network: Option<&'a Upscaler>,
    token: &'a CancelToken,
    listener: &'a mut dyn JobListener,
}

impl Work<'_> {
    /// Makes it, giving rows away and telling of every part.
    fn run(
        &mut self,
        part: &mut dyn FnMut(&PartDone<'_>, &mut dyn JobListener),
        rows: &mut dyn FnMut(&[u8]) -> Result<(), PipelineError>,
    ) -> Result<Enlarged, Failure> {
        let listener = &mut *self.listener;
        listener.stage(0, Stage::Upscale);
        let step = |done: u32, took: Duration| Step {
            done,
            steps: self.plan.parts(),
            took,
        };
        listener.step(0, step(0, Duration::ZERO));
        let enlarged = enlarge(Enlarging {
            samples: self.samples,
            plan: self.plan,
            network: self.network,
            token: self.token,
            watch: &mut |done| {
                listener.step(0, step(done.done, done.took));
                part(&done, listener);
            },
            rows,
        });
        Ok(enlarged?)
    }

    /// Into memory, to be looked at.
    fn try_out(mut self) -> Result<Ending, Failure> {
        let mut bytes = Vec::new();
        let done = self.run(&mut |_, _| {}, &mut |rows| {
            bytes.extend_from_slice(rows);
            Ok(())
        })?;
        let kind = self.samples.kind;
        let pixels = match (kind.color, kind.alpha, self.samples.is_sixteen()) {
            (true, false, false) => Pixels::from_rgb(self.plan.to, &bytes),
            (true, true, false) => Pixels::from_rgba(self.plan.to, bytes),
            // Whoever tries out brings 8-bit colours.
            _ => None,
        };
        match (done, pixels) {
            (Enlarged::Cancelled, _) => Ok(Ending::Cancelled),
            (Enlarged::Whole, Some(pixels)) => {
                self.listener.trial(pixels);
                Ok(Ending::Finished)
            }
            (Enlarged::Whole, None) => Err(Failure::Computation {
                reason: "a trial takes 8-bit colours".to_owned(),
            }),
        }
    }

    /// Into a file.
    fn write(
        mut self,
        (path, existing): (&Path, Option<Existing>),
        (format, beside): (&'static Format, Beside),
        recipe: &Recipe,
        image: Arc<Pixels>,
    ) -> Result<Ending, Failure> {
        let written = Written {
            format,
            extent: self.plan.to,
            kind: self.samples.kind,
            sixteen: self.samples.is_sixteen(),
        };
        let mut writer = PictureWriter::begin(path, written, recipe, beside)?;
        let mut shown = Shown::of(self.job, self.plan, &image);
        drop(image);
        self.listener.part(shown.all());
        let done = self.run(
            &mut |part, listener| shown.take(part, listener),
            &mut |bytes| writer.write(bytes).map_err(PipelineError::from),
        )?;
        if done == Enlarged::Cancelled {
            return Ok(Ending::Cancelled);
        }
        self.listener.stage(0, Stage::Save);
        let path = match existing {
            Some(existing) => writer.finish(existing)?,
            None => writer.finish_under_free_name()?,
        };
        self.listener.written(WrittenPicture {
            picture: 0,
            path,
            recipe: recipe.clone(),
            shown: Arc::new(shown.pixels),
            room: self.room,
        });
        Ok(Ending::Finished)
    }
}

/// The picture that was brought, or the one of the file that was named.
fn picture(job: &Job) -> Result<Arc<Pixels>, Failure> {
    if let Some(image) = &job.inputs.image {
        return Ok(Arc::clone(image));
    }
    let file = job
        .inputs
        .enlarging
        .as_ref()
        .and_then(|wish| wish.file.as_ref());
    match file {
        Some(path) => Ok(Arc::new(read_picture(path)?.pixels)),
        None => Err(Failure::Recipe(vec![missing(
            &job.recipe.task,
            &job.inputs,
        )])),
    }
}

/// What is wished, or what the recipe says.
fn wishes(job: &Job, enlargement: &Enlargement) -> (Target, Tiling, u64) {
    if let Some(wish) = &job.inputs.enlarging {
        return (wish.target, wish.tiling, wish.memory);
    }
    let tiling = Tiling {
        tile: Some(enlargement.tile),
        pad: enlargement.tile_pad,
        pre_pad: enlargement.pre_pad,
        feather: enlargement.feather,
    };
    let size = Extent::new(job.recipe.width, job.recipe.height);
    (Target::Size(size), tiling, u64::MAX)
}

/// What is seen of the result while it is made.
struct Shown<'a> {
    job: &'a Job,
    plan: &'a Plan,
    pixels: Pixels,
}

impl<'a> Shown<'a> {
    /// The picture before anything is made of it.
    fn of(job: &'a Job, plan: &'a Plan, image: &Pixels) -> Self {
        let extent = plan.to.fitting(SHOWN_SIDE);
        Self {
            job,
            plan,
            pixels: resized_bilinear(image, extent),
        }
    }

    fn all(&self) -> EnlargedPart {
        EnlargedPart {
            job: self.job.id,
            extent: self.plan.to,
            corner: [0, 0],
            pixels: Arc::new(self.pixels.clone()),
        }
    }

    fn take(&mut self, done: &PartDone<'_>, listener: &mut dyn JobListener) {
        let shown = self.pixels.extent();
        let Some((corner, pixels)) = done.part.reduced(self.plan.made, shown) else {
            return;
        };
        self.pixels.put(corner, &pixels);
        listener.part(EnlargedPart {
            job: self.job.id,
            extent: self.plan.to,
            corner,
            pixels: Arc::new(pixels),
        });
    }
}
