//! Jobs that give a picture the style of others.

use std::sync::Arc;

use super::inference::{Inference, check_inputs, missing, sealed};
use super::models::HashedVgg;
use super::protocol::{Failure, Job, Losses, Note, PicturePreview, Preview, Stage};
use super::runner::{Ending, JobListener, MadePicture, Step};
use crate::kernels::within_arena;
use crate::pipelines::{
    CancelToken, Evaluated, Features, LayerSet, StylePictures, StyleTools, Styled, style,
    style_bytes,
};
use crate::raster::{Extent, Pixels};
use crate::recipe::{Problem, Recipe, StartFrom, Styling, Task};
use crate::weights::ModelError;

impl Inference {
    /// A picture takes the style of others; ended early, it keeps what it has of it.
    pub(super) fn style(
        &mut self,
        job: &Job,
        styling: &Styling,
        token: &CancelToken,
        listener: &mut dyn JobListener,
    ) -> Result<Ending, Failure> {
        let refused = |problem| Failure::Recipe(vec![problem]);
        let Some(content) = &job.inputs.image else {
            return Err(refused(missing(&job.recipe.task, &job.inputs)));
        };
        let others = check_styles(styling, job);
        if let Some(problem) = check_inputs(&job.recipe.task, &job.inputs).or(others) {
            return Err(refused(problem));
        }
        listener.stage(0, Stage::LoadModel);
        let mut recipe = sealed(&job.recipe, &job.inputs);
        seal_styles(&mut recipe, job);
        let extent = Extent::new(recipe.width, recipe.height);
        self.workshop
            .make_room(style_bytes(styling, extent, recipe.steps));
        let vgg = self.vgg(styling)?;
        if let (Some(asked), Some(found)) = (&styling.features.sha256, &vgg)
            && *asked != found.sha256
        {
            let model = styling.features.id.clone();
            listener.note(Note::OtherWeights { model });
        }
        if let Task::Style(sealed) = &mut recipe.task {
            sealed.features.sha256 = vgg.as_ref().map(|vgg| vgg.sha256.clone());
        }
        listener.stage(0, Stage::Style);
        let given = StylePictures {
            content,
            styles: &job.inputs.styles,
            mask: job.inputs.mask.as_deref(),
            start: job.inputs.start.as_deref(),
        };
        let extras = self.extras.clone();
        let tools = StyleTools {
            token,
            vgg: &|_| match &vgg {
                Some(vgg) => Ok(Arc::clone(&vgg.network)),
                None => Err(ModelError::NoVgg {
                    folder: extras.display().to_string(),
                }),
            },
        };
        let tell = &mut |evaluated: &Evaluated<'_>| tell(job, evaluated, listener);
        let (made, _) = within_arena(|| style(&recipe, styling, given, tools, tell));
        let Some(Styled {
            pixels,
            stopped_after,
        }) = made?
        else {
            return Ok(Ending::Cancelled);
        };
        recipe.stopped_after = stopped_after;
        listener.picture(MadePicture {
            picture: 0,
            pixels,
            recipe,
            dump: None,
        });
        Ok(match stopped_after {
            Some(_) => Ending::Cancelled,
            None => Ending::Finished,
        })
    }
}

impl Inference {
    /// VGG-19, where the styling asks for it.
    fn vgg(&mut self, styling: &Styling) -> Result<Option<HashedVgg>, Failure> {
        let asks = Features::by_id(&styling.features.id).is_some_and(|features| features.needs_vgg);
        if !asks {
            return Ok(None);
        }
        let unknown = || Problem::UnknownLayers(styling.layers.clone());
        let set = LayerSet::by_id(&styling.layers);
        let set = set.ok_or_else(|| Failure::Recipe(vec![unknown()]))?;
        Ok(Some(self.resident.vgg(&self.extras, set.last())?))
    }
}

fn tell(job: &Job, evaluated: &Evaluated<'_>, listener: &mut dyn JobListener) {
    listener.losses(Losses {
        evaluation: evaluated.evaluation,
        style: evaluated.style_loss,
        content: evaluated.content_loss,
    });
    listener.step(
        0,
        Step {
            done: evaluated.evaluation,
            steps: evaluated.evaluations,
            took: evaluated.took,
        },
    );
    match evaluated.picture() {
        Ok(pixels) => listener.preview(Preview::Picture(PicturePreview {
            job: job.id,
            step: evaluated.evaluation,
            pixels: Arc::new(pixels),
        })),
        Err(error) => log::warn!("a preview could not be drawn: {error}"),
    }
}

/// Whether the styles, and what the run starts from, are those the recipe names.
fn check_styles(styling: &Styling, job: &Job) -> Option<Problem> {
    let inputs = &job.inputs;
    let is = |asked: &str, found: &Pixels| asked.is_empty() || asked == found.sha256();
    let pairs = || styling.styles.iter().zip(&inputs.styles);
    if styling.styles.len() != inputs.styles.len()
        || !pairs().all(|(asked, found)| is(&asked.image.sha256, found))
    {
        return Some(Problem::StyleMissing);
    }
    match (&styling.start, &inputs.start) {
        (StartFrom::Picture(asked), Some(found)) if is(&asked.sha256, found) => None,
        (StartFrom::Picture(_), _) => Some(Problem::PictureMissing),
        _ => None,
    }
}

/// The recipe with styles and start by content.
fn seal_styles(recipe: &mut Recipe, job: &Job) {
    let Task::Style(styling) = &mut recipe.task else {
        return;
    };
    for (style, found) in styling.styles.iter_mut().zip(&job.inputs.styles) {
        style.image.sha256 = found.sha256();
    }
    if let (StartFrom::Picture(input), Some(found)) = (&mut styling.start, &job.inputs.start) {
        input.sha256 = found.sha256();
    }
}
