//! Jobs on real networks.

use std::sync::Arc;

use super::models::{Resident, limits_of};
use super::protocol::{Failure, Inputs, Job, LatentPreview, Note, Stage};
use super::runner::{Ending, JobListener, MadePicture, Runner, Step};
use crate::models::{LatentColors, StableDiffusion, title_of};
use crate::pipelines::{
    CancelToken, Canvas, Made, Observer, Outcome, PipelineError, RunTensors, StepDone, Wish,
    image_to_image, inpaint, text_to_image,
};
use crate::raster::Extent;
use crate::recipe::{Draft, Limits, Problem, Recipe, Task};
use crate::weights::write_tensors;

/// Owns the networks; lives on the inference thread.
#[derive(Debug, Default)]
pub(super) struct Inference {
    resident: Resident,
}

impl Runner for Inference {
    fn run(
        &mut self,
        job: &Job,
        token: &CancelToken,
        listener: &mut dyn JobListener,
    ) -> Result<Ending, Failure> {
        listener.stage(0, Stage::LoadModel);
        let interrupt = token.interrupt_at(Wish::Stop);
        let loaded = match self.resident.model(&job.recipe.model.name, &interrupt) {
            Err(_) if interrupt.is_asked() => return Ok(Ending::Cancelled),
            result => result?,
        };
        check(job, limits_of(&loaded.model.manifest))?;
        let colors = Arc::new(loaded.model.latent_colors.clone());
        for picture in 0..job.count {
            if token.wish() > Wish::GoOn {
                return Ok(Ending::Cancelled);
            }
            let mut recipe = job.recipe.for_picture(picture);
            let mut observer = PictureObserver {
                job,
                picture,
                extent: Extent::new(recipe.width, recipe.height),
                colors: &colors,
                listener: &mut *listener,
                noted: picture > 0,
            };
            let outcome = draw(&loaded.model, &recipe, &job.inputs, token, &mut observer)?;
            let Outcome::Made(made) = outcome else {
                return Ok(Ending::Cancelled);
            };
            let Made {
                pixels,
                stopped_after,
                tensors,
            } = *made;
            let asked = std::mem::replace(&mut recipe.model.sha256, loaded.sha256());
            if picture == 0
                && let (Some(asked), Some(found)) = (&asked, &recipe.model.sha256)
                && asked != found
            {
                let model = title_of(&recipe.model.name);
                listener.note(Note::OtherWeights { model });
            }
            recipe.stopped_after = stopped_after;
            let dump = (!job.dump_latents.is_empty())
                .then(|| dump_tensors(&tensors))
                .transpose()?;
            if token.wish() == Wish::Discard {
                return Ok(Ending::Cancelled);
            }
            listener.picture(MadePicture {
                picture,
                pixels,
                recipe,
                dump,
            });
            if stopped_after.is_some() {
                return Ok(Ending::Cancelled);
            }
        }
        Ok(Ending::Finished)
    }
}

impl From<PipelineError> for Failure {
    fn from(error: PipelineError) -> Self {
        match error {
            PipelineError::Model(error) => Self::Model(error),
            PipelineError::Recipe(problem) => Self::Recipe(vec![problem]),
            PipelineError::Computation(reason) => Self::Computation { reason },
        }
    }
}

/// The pipeline of the recipe's task.
fn draw(
    model: &StableDiffusion,
    recipe: &Recipe,
    inputs: &Inputs,
    token: &CancelToken,
    observer: &mut dyn Observer,
) -> Result<Outcome, PipelineError> {
    match (&recipe.task, &inputs.image, &inputs.mask) {
        (Task::TextToImage, ..) => text_to_image(model, recipe, token, observer),
        (Task::ImageToImage(change), Some(image), _) => {
            image_to_image(model, recipe, change, image, token, observer)
        }
        (Task::Inpaint(fill), Some(image), Some(mask)) => {
            inpaint(model, recipe, fill, Canvas { image, mask }, token, observer)
        }
        (Task::Inpaint(_), Some(_), None) => Err(PipelineError::Recipe(Problem::MaskMissing)),
        (Task::ImageToImage(_) | Task::Inpaint(_), ..) => {
            Err(PipelineError::Recipe(Problem::PictureMissing))
        }
    }
}

/// Whether the inputs are those the recipe names.
fn check_inputs(task: &Task, inputs: &Inputs) -> Option<Problem> {
    let (image, mask) = task.inputs();
    if let (Some(asked), Some(found)) = (image, &inputs.image)
        && asked.sha256 != found.sha256()
    {
        return Some(Problem::OtherPicture);
    }
    if let (Some(asked), Some(found)) = (mask, &inputs.mask)
        && asked.sha256 != found.sha256()
    {
        return Some(Problem::MaskMissing);
    }
    None
}

/// A recipe may come from a file; what the form would refuse is refused here too.
fn check(job: &Job, limits: Limits) -> Result<(), Failure> {
    let mut draft = Draft::default();
    draft.adopt(&job.recipe);
    let mut problems = draft.problems_of(&job.recipe.task, limits);
    problems.extend(check_inputs(&job.recipe.task, &job.inputs));
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Failure::Recipe(problems))
    }
}

fn dump_tensors(tensors: &RunTensors) -> Result<Vec<u8>, Failure> {
    let failure = |reason: String| Failure::Computation { reason };
    let read = |tensor: &candle_core::Tensor| {
        tensor
            .flatten_all()
            .and_then(|tensor| tensor.to_vec1::<f32>())
            .map_err(|error| failure(error.to_string()))
    };
    let RunTensors {
        initial,
        latents,
        embeddings,
    } = tensors;
    write_tensors(&[
        ("initial", initial.dims(), &read(initial)?),
        ("final", latents.dims(), &read(latents)?),
        ("embeddings", embeddings.dims(), &read(embeddings)?),
    ])
    .map_err(failure)
}

/// Passes on what one picture's pipeline tells.
struct PictureObserver<'a> {
    job: &'a Job,
    picture: u32,
    extent: Extent,
    colors: &'a Arc<LatentColors>,
    listener: &'a mut dyn JobListener,
    /// All pictures of a job have the same prompts: their notes are told once.
    noted: bool,
}

impl Observer for PictureObserver<'_> {
    fn stage(&mut self, stage: Stage) {
        self.listener.stage(self.picture, stage);
    }

    fn note(&mut self, note: Note) {
        if !self.noted {
            self.listener.note(note);
        }
    }

    fn step(&mut self, step: StepDone<'_>) {
        let StepDone {
            step,
            steps,
            took,
            prediction,
        } = step;
        let step = step as u32;
        let done = Step {
            done: step,
            steps: steps as u32,
            took,
        };
        self.listener.step(self.picture, done);
        let latents = prediction.dims4().and_then(|(_, channels, height, width)| {
            let values = prediction.flatten_all()?.to_vec1::<f32>()?;
            Ok((channels, Extent::new(width as u32, height as u32), values))
        });
        match latents {
            Ok((channels, extent, values)) => self.listener.preview(LatentPreview {
                job: self.job.id,
                picture: self.picture,
                step,
                channels,
                extent,
                values,
                colors: Arc::clone(self.colors),
                picture_extent: self.extent,
            }),
            Err(error) => log::warn!("a preview could not be read: {error}"),
        }
    }
}
