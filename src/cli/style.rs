//! `afterimage style`: a picture in the style of others, without a window.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;

use super::console::{say, use_threads};
use super::out::Plan;
use super::run::picture;
use super::{CommandError, StyleArgs, StyleInit, failed};
use crate::engine::{EngineOptions, peak_memory, quick_style_file};
use crate::kernels::{Arena, within_arena};
use crate::library::{Existing, encode_picture, write_atomically};
use crate::models::{AdaIn, Johnson, Vgg19};
use crate::pipelines::{
    CancelToken, Evaluated, Features, FeaturesNeed, LayerSet, StylePictures, StyleTools, Styled,
    sized, style as run_style, style_bytes, vgg_products,
};
use crate::raster::{Mask, Pixels};
use crate::recipe::{
    FeaturesRef, Input, Problem, Recipe, StartFrom, StyleInput, Styling, sha256_of,
};
use crate::weights::{Extras, ModelError, Weights};

/// Of evaluations that are told to people one is told in so many.
const TOLD: u32 = 50;

/// Runs the command to its end.
pub fn style(args: &StyleArgs, options: &EngineOptions) -> Result<(), CommandError> {
    use_threads(args.threads)?;
    let started = Instant::now();
    let seed = args
        .seed
        .unwrap_or_else(|| u64::from(rand::random::<u32>()));
    let plan = Plan {
        out: args.out.as_deref(),
        force: args.force,
        seeds: &[seed],
    };
    let paths = plan.pictures()?;
    let given = Given::read(args)?;
    let seeing = Seeing::choose(args, &options.models)?;
    let styling = styling(args, &given, &seeing)?;
    let size = sized(given.content.extent(), args.size);
    let recipe = Recipe::of_styling(
        styling.clone(),
        (args.steps, seed),
        (size.width, size.height),
    );
    let bytes = style_bytes(&styling, size, args.steps);
    if args.json {
        let line = json!({"event": "started", "recipe": recipe, "memory_bytes": bytes});
        say(&line.to_string())?;
    } else {
        let features = &styling.features.id;
        say(&format!(
            "{size} pixels, features {features}, about {} MB",
            bytes / 1_000_000
        ))?;
    }
    let tools = StyleTools {
        token: &CancelToken::new(),
        vgg: &|_| seeing.vgg(&options.models),
        adain: &|| seeing.adain(&options.models),
        quick: &|name| seeing.quick(name, &options.models),
    };
    let arena = usize::try_from(bytes).ok();
    // Where there is no room at once, the system gives each block.
    let _arena = arena.and_then(|bytes| Arena::new(bytes + bytes / 4));
    let mut told = Ok(());
    let mut tell_one = |evaluated: &Evaluated<'_>| {
        if told.is_ok() {
            told = tell(args.json, evaluated);
        }
    };
    let (styled, _) =
        within_arena(|| run_style(&recipe, &styling, given.pictures(), tools, &mut tell_one));
    told?;
    let Some(Styled { pixels, .. }) = styled.map_err(failed)? else {
        return Err(CommandError::Failed("the run was cancelled".to_owned()));
    };
    let file = encode_picture(&pixels, Some(&recipe)).map_err(failed)?;
    for path in paths {
        write_atomically(&path, &file, Existing::replaced_if(args.force)).map_err(failed)?;
        let path = path.display().to_string();
        if args.json {
            say(&json!({"event": "picture", "path": path, "recipe": recipe}).to_string())?;
        } else {
            say(&path)?;
        }
    }
    if args.json {
        let line = json!({
            "event": "finished",
            "seconds": {"total": started.elapsed().as_secs_f64()},
            "peak_memory_bytes": peak_memory(),
        });
        say(&line.to_string())?;
    }
    Ok(())
}

/// The pictures of the command line.
struct Given {
    content: Pixels,
    styles: Vec<Arc<Pixels>>,
    mask: Option<Mask>,
    from: Option<Pixels>,
}

impl Given {
    fn read(args: &StyleArgs) -> Result<Self, CommandError> {
        let styles = args.style.iter().chain(&args.also);
        let mask = args.mask.as_deref().map(picture).transpose()?;
        Ok(Self {
            content: picture(&args.content)?,
            styles: styles
                .map(|path| picture(path).map(Arc::new))
                .collect::<Result<_, _>>()?,
            mask: mask.map(|mask| Mask::from_pixels(&mask)),
            from: args.from.as_deref().map(picture).transpose()?,
        })
    }

    fn pictures(&self) -> StylePictures<'_> {
        StylePictures {
            content: &self.content,
            styles: &self.styles,
            mask: self.mask.as_ref(),
            start: self.from.as_ref(),
        }
    }
}

/// What sees strokes and shapes.
struct Seeing {
    features: FeaturesRef,
    vgg: Option<Arc<Vgg19>>,
    adain: Option<Arc<AdaIn>>,
    quick: Option<Arc<Johnson>>,
}

impl Seeing {
    /// What was asked for; else VGG-19 where its weights are.
    fn choose(args: &StyleArgs, folder: &Path) -> Result<Self, CommandError> {
        let file: Option<PathBuf> = args.weights.clone().or_else(|| Extras::of(folder).vgg);
        // A quick style that was given is to be used.
        let asked = args.features.as_deref();
        let asked = asked.or_else(|| args.quick.as_ref().map(|_| "quick"));
        let best = if file.is_some() { "vgg19" } else { "embedded" };
        let id = asked.unwrap_or(best);
        let needs = Features::by_id(id).map(|features| features.needs);
        let needs_vgg = needs == Some(FeaturesNeed::Vgg);
        if args.weights.is_some() && !needs_vgg {
            return Err(CommandError::Usage(format!(
                "--weights is for --features vgg19, not for {id}: leave one of them out"
            )));
        }
        let mut seeing = Self {
            features: FeaturesRef {
                id: id.to_owned(),
                sha256: None,
                quick: None,
            },
            vgg: None,
            adain: None,
            quick: None,
        };
        match (&args.quick, needs == Some(FeaturesNeed::Quick)) {
            (Some(name), true) => seeing.read_quick(name, folder)?,
            (None, false) => {}
            (Some(_), false) => {
                return Err(CommandError::Usage(format!(
                    "--quick is for --features quick, not for {id}: leave one of them out"
                )));
            }
            (None, true) => {
                return Err(CommandError::Usage(
                    "--features quick needs --quick NAME: a style made by quick-style".to_owned(),
                ));
            }
        }
        if let (Some((encoder, decoder)), Some(FeaturesNeed::AdaIn)) =
            (Extras::of(folder).adain, needs)
        {
            let encoder = Weights::open(&encoder).map_err(failed)?;
            let decoder = Weights::open(&decoder).map_err(failed)?;
            let adain = AdaIn::read((&encoder, &decoder)).map_err(failed)?;
            seeing.adain = Some(Arc::new(adain));
            seeing.features.sha256 = Some(sha256_of(&[encoder.bytes(), decoder.bytes()]));
        }
        if let (Some(file), true) = (file, needs_vgg) {
            let set = LayerSet::by_id(&args.layers)
                .ok_or_else(|| Problem::UnknownLayers(args.layers.clone()))
                .map_err(failed)?;
            let weights = Weights::open(&file).map_err(failed)?;
            let products = vgg_products(!args.one_size);
            let vgg = Vgg19::read(&weights, set.last(), products);
            seeing.vgg = Some(Arc::new(vgg.map_err(failed)?));
            seeing.features.sha256 = Some(sha256_of(&[weights.bytes()]));
        }
        Ok(seeing)
    }

    fn read_quick(&mut self, name: &str, folder: &Path) -> Result<(), CommandError> {
        let file = quick_style_file(name, folder).map_err(failed)?;
        let weights = Weights::open(&file).map_err(failed)?;
        let quick = Johnson::read(&weights).map_err(failed)?;
        self.quick = Some(Arc::new(quick));
        self.features.sha256 = Some(sha256_of(&[weights.bytes()]));
        self.features.quick = Some(name.to_owned());
        Ok(())
    }

    fn quick(&self, name: &str, folder: &Path) -> Result<Arc<Johnson>, ModelError> {
        self.quick.clone().ok_or_else(|| ModelError::NoQuickStyle {
            name: name.to_owned(),
            folder: folder.display().to_string(),
            there: Extras::of(folder).quick_style_names(),
        })
    }

    fn adain(&self, folder: &Path) -> Result<Arc<AdaIn>, ModelError> {
        self.adain.clone().ok_or_else(|| ModelError::NoAdaIn {
            folder: folder.display().to_string(),
        })
    }

    fn vgg(&self, folder: &Path) -> Result<Arc<Vgg19>, ModelError> {
        self.vgg.clone().ok_or_else(|| ModelError::NoVgg {
            folder: folder.display().to_string(),
        })
    }
}

fn styling(args: &StyleArgs, given: &Given, seeing: &Seeing) -> Result<Styling, CommandError> {
    let input = |pixels: &Pixels| Input {
        sha256: pixels.sha256(),
    };
    let mix = match args.mix.len() {
        0 => vec![1.0; given.styles.len()],
        count if count == given.styles.len() => args.mix.clone(),
        count => {
            let styles = given.styles.len();
            return Err(CommandError::Usage(format!(
                "--mix gives {count} weights, and there are {styles} styles: give one for each"
            )));
        }
    };
    let styles = given.styles.iter().zip(mix);
    Ok(Styling {
        content: input(&given.content),
        styles: styles
            .map(|(style, weight)| StyleInput {
                image: input(style),
                weight,
            })
            .collect(),
        mask: given.mask.as_ref().map(|mask| Input {
            sha256: mask.sha256(),
        }),
        features: seeing.features.clone(),
        layers: args.layers.clone(),
        style_weight: args.style_weight,
        content_weight: args.content_weight,
        optimizer: args.optimizer,
        start: match &given.from {
            Some(from) => StartFrom::Picture(input(from)),
            None if args.init == StyleInit::Noise => StartFrom::Noise,
            None => StartFrom::Content,
        },
        stroke_scale: args.stroke_size,
        keep_colors: args.keep_colors,
        coarse_to_fine: !args.one_size,
    })
}

/// Tells both losses: each to programs, some to people.
fn tell(json: bool, evaluated: &Evaluated<'_>) -> Result<(), CommandError> {
    let Evaluated {
        evaluation,
        evaluations,
        took,
        style_loss,
        content_loss,
        ..
    } = evaluated;
    if json {
        let line = json!({
            "event": "evaluation", "evaluation": evaluation, "evaluations": evaluations,
            "style_loss": style_loss, "content_loss": content_loss,
            "seconds": took.as_secs_f64(),
        });
        return say(&line.to_string());
    }
    if evaluation.is_multiple_of(TOLD) || evaluation == evaluations {
        return say(&format!(
            "{evaluation} of {evaluations}: style loss {style_loss:.6}, content loss {content_loss:.6}"
        ));
    }
    Ok(())
}
