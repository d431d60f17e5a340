//! Jobs that give a picture the style of others.

use std::sync::Arc;

use super::inference::{Inference, check_inputs, missing, sealed};
use super::models::Hashed;
use super::protocol::{Failure, Job, Losses, Note, PicturePreview, Preview, Stage};
use super::runner::{Ending, JobListener, MadePicture, Step};
use crate::kernels::within_arena;
use crate::models::{AdaIn, Johnson, Vgg19};
use crate::pipelines::{
    CancelToken, Evaluated, Features, FeaturesNeed, LayerSet, StylePictures, StyleTools, Styled,
    style, style_bytes, vgg_products,
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
        let seeing = self.seeing(styling)?;
        let found = seeing.sha256();
        if let (Some(asked), Some(found)) = (&styling.features.sha256, &found)
            && asked != found
        {
            let model = styling.features.id.clone();
            listener.note(Note::OtherWeights { model });
        }
        if let Task::Style(sealed) = &mut recipe.task {
            sealed.features.sha256 = found;
        }
        listener.stage(0, Stage::Style);
        let given = StylePictures {
            content,
            styles: &job.inputs.styles,
            mask: job.inputs.mask.as_deref(),
            start: job.inputs.start.as_deref(),
        };
        let folder = self.extras.display().to_string();
        let tools = StyleTools {
            token,
            vgg: &|_| match &seeing {
                Seeing::Vgg(vgg) => Ok(Arc::clone(&vgg.network)),
                _ => Err(ModelError::NoVgg {
                    folder: folder.clone(),
                }),
            },
            adain: &|| match &seeing {
                Seeing::AdaIn(adain) => Ok(Arc::clone(&adain.network)),
                _ => Err(ModelError::NoAdaIn {
                    folder: folder.clone(),
                }),
            },
            quick: &|name| match &seeing {
                Seeing::Quick(quick) => Ok(Arc::clone(&quick.network)),
                _ => Err(ModelError::NoQuickStyle {
                    name: name.to_owned(),
                    folder: folder.clone(),
                    there: String::new(),
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

/// The networks a styling asks for.
enum Seeing {
    Vgg(Hashed<Vgg19>),
    AdaIn(Hashed<AdaIn>),
    Quick(Hashed<Johnson>),
    /// Without a file.
    Itself,
}

impl Seeing {
    fn sha256(&self) -> Option<String> {
        match self {
            Self::Vgg(vgg) => Some(vgg.sha256.clone()),
            Self::AdaIn(adain) => Some(adain.sha256.clone()),
            Self::Quick(quick) => Some(quick.sha256.clone()),
            Self::Itself => None,
        }
    }
}

impl Inference {
    fn seeing(&mut self, styling: &Styling) -> Result<Seeing, Failure> {
        let needs = Features::by_id(&styling.features.id).map(|features| features.needs);
        match needs {
            Some(FeaturesNeed::Vgg) => {
                let unknown = || Problem::UnknownLayers(styling.layers.clone());
                let set = LayerSet::by_id(&styling.layers);
                let set = set.ok_or_else(|| Failure::Recipe(vec![unknown()]))?;
                let vgg = self.resident.vgg(
                    &self.extras,
                    set.last(),
                    vgg_products(styling.coarse_to_fine),
                )?;
                Ok(Seeing::Vgg(vgg))
            }
            Some(FeaturesNeed::AdaIn) => Ok(Seeing::AdaIn(self.resident.adain(&self.extras)?)),
            Some(FeaturesNeed::Quick) => {
                let name = styling.features.quick.as_deref().unwrap_or_default();
                Ok(Seeing::Quick(self.resident.quick(name, &self.extras)?))
            }
            Some(FeaturesNeed::Nothing) | None => Ok(Seeing::Itself),
        }
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
