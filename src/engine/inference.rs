//! Jobs on real networks.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;

use super::adapting;
use super::likeness::Ranking;
use super::memory::usable_memory;
use super::models::{Resident, limits_of};
use super::protocol::{Failure, Inputs, Job, LatentPreview, Note, Preview, Stage, Teaching};
use super::runner::{Ending, JobListener, LessonEnding, MadePicture, Runner, Step};
use super::shelves::Shelves;
use super::wording::Wording;
use super::workshop::Workshop;
use crate::kernels::give_back_free_memory;
use crate::library::Library;
use crate::models::{LatentColors, Manifest, StableDiffusion, title_of};
use crate::nn::Interrupt;
use crate::pipelines::{
    CancelToken, Canvas, Demand, Made, MemoryPlan, Observer, Outcome, PipelineError, Remover,
    RunTensors, Silent, StepDone, Tools, Wish, encode_prompts, fill_area, image_to_image, inpaint,
    text_to_image,
};
use crate::raster::{Area, Extent};
use crate::recipe::{Draft, Limits, ModelRef, Problem, Recipe, Removal, Task, extract_networks};
use crate::weights::{WildcardFolder, write_tensors};

/// Owns the networks; lives on the inference thread.
#[derive(Debug)]
pub(super) struct Inference {
    pub(super) resident: Resident,
    pub(super) workshop: Workshop,
    /// Where weights of further networks lie.
    pub(super) extras: PathBuf,
    /// Where what prompts name is looked for.
    shelves: Shelves,
    /// Where pictures go that are written while they are made.
    pub(super) library: Library,
    /// Bytes a picture may hold, where somebody told.
    allowed: Option<u64>,
}

impl Inference {
    pub(super) fn new(shelves: Shelves, library: Library) -> Self {
        Self {
            resident: Resident::default(),
            workshop: Workshop::default(),
            extras: shelves.own().to_owned(),
            shelves,
            library,
            allowed: None,
        }
    }
}

impl Inference {
    /// Does a job on the threads that compute.
    fn compute(
        &mut self,
        job: &Job,
        token: &CancelToken,
        listener: &mut dyn JobListener,
    ) -> Result<Ending, Failure> {
        match &job.recipe.task {
            Task::Remove(removal) => self.remove(job, removal, token, listener),
            Task::Style(styling) => self.style(job, styling, token, listener),
            Task::Upscale(enlargement) => self.upscale(job, enlargement, token, listener),
            _ => self.make(job, token, listener),
        }
    }

    /// Something disappears from a picture: no prompt, one picture.
    fn remove(
        &mut self,
        job: &Job,
        removal: &Removal,
        token: &CancelToken,
        listener: &mut dyn JobListener,
    ) -> Result<Ending, Failure> {
        listener.stage(0, Stage::Remove);
        let refused = |problem| Failure::Recipe(vec![problem]);
        let remover = Remover::by_id(&removal.method)
            .ok_or_else(|| refused(Problem::UnknownMethod(removal.method.clone())))?;
        let (Some(image), Some(mask)) = (&job.inputs.image, &job.inputs.mask) else {
            return Err(refused(missing(&job.recipe.task, &job.inputs)));
        };
        if let Some(problem) = check_inputs(&job.recipe.task, &job.inputs) {
            return Err(refused(problem));
        }
        let resident = RefCell::new(&mut self.resident);
        let tools = Tools {
            token,
            lama: &|| resident.borrow_mut().lama(&self.extras),
        };
        match remover.remove(image, mask, &tools)? {
            Some(pixels) => {
                listener.picture(MadePicture {
                    picture: 0,
                    pixels,
                    recipe: sealed(&job.recipe, &job.inputs),
                    dump: None,
                });
                Ok(Ending::Finished)
            }
            None => Ok(Ending::Cancelled),
        }
    }
}

impl Runner for Inference {
    fn run(
        &mut self,
        job: &Job,
        token: &CancelToken,
        listener: &mut dyn JobListener,
    ) -> Result<Ending, Failure> {
        let threads = self.workshop.threads(job.threads)?;
        let ending = threads.run(|| self.compute(job, token, listener));
        give_back_free_memory();
        ending
    }

    fn allow_memory(&mut self, bytes: Option<u64>) {
        self.allowed = bytes;
    }

    fn teach(
        &mut self,
        teaching: &Teaching,
        token: &CancelToken,
        listener: &mut dyn JobListener,
    ) -> Result<LessonEnding, Failure> {
        let threads = self.workshop.threads(teaching.threads)?;
        threads.run(|| self.teach_style(teaching, token, listener))
    }

    fn rank(
        &mut self,
        ranking: &Ranking,
        token: &CancelToken,
        listener: &mut dyn JobListener,
    ) -> Result<Ending, Failure> {
        let threads = self.workshop.threads(ranking.threads)?;
        threads.run(|| self.compare(ranking, token, listener))
    }
}

/// Notes the weights that were found; tells what it is called where others were asked for.
fn told_apart(model: &mut ModelRef, sha256: Option<String>) -> Option<String> {
    let asked = std::mem::replace(&mut model.sha256, sha256)?;
    let is_other = model.sha256.as_ref().is_some_and(|found| *found != asked);
    is_other.then(|| title_of(&model.name))
}

impl Inference {
    /// Makes the pictures of a prompt.
    fn make(
        &mut self,
        job: &Job,
        token: &CancelToken,
        listener: &mut dyn JobListener,
    ) -> Result<Ending, Failure> {
        listener.stage(0, Stage::LoadModel);
        let interrupt = token.interrupt_at(Wish::Stop);
        let vae = job.recipe.vae.as_ref().map(|vae| vae.name.as_str());
        let names = (job.recipe.model.name.as_str(), vae);
        let (_, networks) = extract_networks(&job.recipe.prompt);
        let found = adapting::find(&networks, &self.shelves)?;
        let manifest = self.resident.manifest(names)?;
        let plan = planned(job, manifest, self.allowed, listener)?;
        let thrift = plan.thrift;
        if thrift.drop_encoders {
            self.workshop.clear();
        } else {
            self.workshop.make_room(plan.work);
        }
        let model = self.resident.model(names, thrift.bits, &found, &interrupt);
        let loaded = match model {
            Err(_) if interrupt.is_asked() => return Ok(Ending::Cancelled),
            result => result?,
        };
        loaded.model.one_text = thrift.one_text;
        let colors = Arc::new(loaded.model.preview_colors());
        let mut sealed = sealed(&job.recipe, &job.inputs);
        let fitted = &loaded.fitted;
        let told = fitted.notes.iter().cloned();
        let told = told.chain(fitted.others(&sealed.adapters));
        told.chain(adapting::unknown(&networks))
            .for_each(|note| listener.note(note));
        sealed.adapters.clone_from(&fitted.refs);
        (sealed.weight_bits, sealed.decode_tile) = (thrift.bits, thrift.decode_tile);
        let wildcards = WildcardFolder::of(&self.extras);
        let wording = Wording::of(&self.shelves);
        let mut told_of_words = Vec::new();
        for picture in 0..job.count {
            if token.wish() > Wish::GoOn {
                return Ok(Ending::Cancelled);
            }
            let recipe = sealed.for_picture(picture).drawn(&wildcards);
            let mut recipe = recipe.map_err(|problem| Failure::Recipe(vec![problem]))?;
            let words = wording.named_in(&recipe)?;
            let refs = words.refs();
            for note in wording.notes(&recipe, &words, &refs) {
                if !told_of_words.contains(&note) {
                    listener.note(note.clone());
                    told_of_words.push(note);
                }
            }
            recipe.embeddings = refs;
            loaded.model.learn(words)?;
            if thrift.drop_encoders {
                // One after the other: what was worked in, the encoders, room to work in.
                self.workshop.clear();
                listener.stage(picture, Stage::EncodePrompt);
                let encoded = encode_prompts(&loaded.model, &recipe, &mut Silent, &interrupt);
                if encoded.is_err() && interrupt.is_asked() {
                    return Ok(Ending::Cancelled);
                }
                drop(encoded?);
                loaded.model.drop_text();
                give_back_free_memory();
                self.workshop.make_room(plan.work);
            }
            let mut observer = PictureObserver {
                job,
                picture,
                extent: Extent::new(recipe.width, recipe.height),
                place: place(&recipe, &job.inputs),
                model: &loaded.model,
                colors: &colors,
                interrupt: &interrupt,
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
            let others = [
                told_apart(&mut recipe.model, loaded.sha256()),
                recipe
                    .vae
                    .as_mut()
                    .and_then(|vae| told_apart(vae, loaded.vae_sha256())),
            ];
            if picture == 0 {
                for model in others.into_iter().flatten() {
                    listener.note(Note::OtherWeights { model });
                }
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
            PipelineError::Plan(error) => Self::Plan(error),
            PipelineError::File(error) => Self::File(error),
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
        (task, ..) => Err(PipelineError::Recipe(missing(task, inputs))),
    }
}

/// Which of its inputs a task lacks.
pub(super) fn missing(task: &Task, inputs: &Inputs) -> Problem {
    match (task.inputs(), &inputs.image) {
        ((_, Some(_)), Some(_)) => Problem::MaskMissing,
        _ => Problem::PictureMissing,
    }
}

/// The recipe with its inputs by content, also where the job took whatever it brought.
pub(super) fn sealed(recipe: &Recipe, inputs: &Inputs) -> Recipe {
    let mut recipe = recipe.clone();
    let (image, mask) = recipe.task.inputs_mut();
    if let (Some(input), Some(image)) = (image, &inputs.image) {
        input.sha256 = image.sha256();
    }
    if let (Some(input), Some(mask)) = (mask, &inputs.mask) {
        input.sha256 = mask.sha256();
    }
    recipe
}

/// Where in the picture that is filled the generated part belongs.
fn place(recipe: &Recipe, inputs: &Inputs) -> Option<Area> {
    match (&recipe.task, &inputs.mask) {
        (Task::Inpaint(fill), Some(mask)) => {
            fill_area(fill, mask, Extent::new(recipe.width, recipe.height))
        }
        _ => None,
    }
}

/// Whether the inputs are those the recipe names.
pub(super) fn check_inputs(task: &Task, inputs: &Inputs) -> Option<Problem> {
    let (image, mask) = task.inputs();
    if let (Some(asked), Some(found)) = (image, &inputs.image)
        && !asked.sha256.is_empty()
        && asked.sha256 != found.sha256()
    {
        return Some(Problem::OtherPicture);
    }
    if let (Some(asked), Some(found)) = (mask, &inputs.mask)
        && !asked.sha256.is_empty()
        && asked.sha256 != found.sha256()
    {
        return Some(Problem::MaskMissing);
    }
    None
}

/// How a job's pictures fit into so many bytes of memory, or into what is free; what is done for it is
/// told.
fn planned(
    job: &Job,
    manifest: &Manifest,
    allowed: Option<u64>,
    listener: &mut dyn JobListener,
) -> Result<MemoryPlan, Failure> {
    let mut draft = Draft::default();
    draft.adopt(&job.recipe);
    check(job, &draft, limits_of(manifest))?;
    let needs = manifest.needs();
    let demand = Demand::of(&draft, &needs);
    let plan = MemoryPlan::of(&needs, &demand, allowed.or_else(usable_memory))?;
    let savings = plan.savings(&demand);
    if !savings.is_empty() {
        listener.note(Note::Fitted { savings });
    }
    Ok(plan)
}

/// A recipe may come from a file; what the form would refuse is refused here too.
fn check(job: &Job, draft: &Draft, limits: Limits) -> Result<(), Failure> {
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
    place: Option<Area>,
    model: &'a StableDiffusion,
    colors: &'a Arc<LatentColors>,
    interrupt: &'a Interrupt,
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
        // What takes time to draw is drawn for whoever looks.
        if self.model.draws_previews() && !self.listener.awaits_preview() {
            return;
        }
        let shown = self.model.preview(prediction, self.interrupt);
        let planes = shown.and_then(|shown| {
            let (_, channels, height, width) = shown.dims4()?;
            let values = shown.flatten_all()?.to_vec1::<f32>()?;
            Ok((channels, Extent::new(width as u32, height as u32), values))
        });
        match planes {
            Err(_) if self.interrupt.is_asked() => {}
            Ok((channels, extent, values)) => {
                self.listener.preview(Preview::Latents(LatentPreview {
                    job: self.job.id,
                    picture: self.picture,
                    step,
                    channels,
                    extent,
                    values,
                    colors: Arc::clone(self.colors),
                    picture_extent: self.extent,
                    place: self.place,
                }));
            }
            Err(error) => log::warn!("a preview could not be read: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_weights_than_asked_for_are_told_and_noted() {
        let named = |sha256: Option<&str>| ModelRef {
            name: "/models/new.vae.pt".to_owned(),
            sha256: sha256.map(str::to_owned),
        };
        for (asked, there, told) in [
            (None, Some("a"), None),
            (Some("a"), Some("a"), None),
            (Some("a"), None, None),
            (Some("a"), Some("b"), Some("new.vae")),
        ] {
            let mut model = named(asked);
            let title = told_apart(&mut model, there.map(str::to_owned));
            assert_eq!(title.as_deref(), told);
            assert_eq!(model, named(there));
        }
    }
}
