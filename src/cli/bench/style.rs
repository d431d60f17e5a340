//! How long people wait for a style.

use std::sync::Arc;
use std::time::{Duration, Instant};

use candle_core::Result;

use super::full_size::{picture_of_noise, vgg_to};
use super::{say_machine, say_peak_memory};
use crate::cli::{CommandError, console::say, failed};
use crate::kernels::{Arena, within_arena};
use crate::models::Vgg19;
use crate::pipelines::{
    CancelToken, Evaluated, LAYER_SETS, PipelineError, StylePictures, StyleTools, style,
    style_bytes, vgg_products,
};
use crate::raster::{Extent, Pixels};
use crate::recipe::{FeaturesRef, Input, Optimizer, Recipe, StartFrom, StyleInput, Styling, Task};
use crate::weights::ModelError;

/// Evaluations of a whole run.
const WHOLE: u32 = 300;
/// Sides at which a first good picture is looked for.
const SIDES: [u32; 2] = [256, 512];
/// The least evaluations at a side that make one.
const GOOD: u32 = 10;

/// Evaluations of a piece of work: as many as torch makes in a step of its optimiser.
pub(super) const EVALUATIONS: u32 = 20;

/// A run of some evaluations at one size: `side` pixels each way.
pub(super) fn evaluations(side: u32) -> Result<Box<dyn Fn() -> Result<()>>> {
    let vgg = Arc::new(vgg_to(LAYER_SETS[0].last(), vgg_products(false))?);
    let content = picture_of_noise(side)?;
    let styles = [Arc::new(picture_of_noise(side + 1)?)];
    Ok(Box::new(move || {
        let recipe = recipe("vgg19", side, EVALUATIONS, false);
        run(&recipe, &vgg, (&content, &styles), &mut |_, _| {})
            .map_err(|error| candle_core::Error::Msg(error.to_string()))
    }))
}

/// Prints when the first good pictures of a whole run appear, with features of each kind.
pub(super) fn run_whole() -> std::result::Result<(), CommandError> {
    say_machine()?;
    say(&format!(
        "seconds from the beginning of a run of {WHOLE} evaluations"
    ))?;
    let vgg = Arc::new(vgg_to(LAYER_SETS[0].last(), vgg_products(true)).map_err(failed)?);
    for features in ["vgg19", "embedded"] {
        let [_, side] = SIDES;
        let recipe = recipe(features, side, WHOLE, true);
        let content = picture_of_noise(side).map_err(failed)?;
        let styles = [Arc::new(picture_of_noise(side + 1).map_err(failed)?)];
        let mut first = SIDES.map(|side| (side, 0, f64::NAN));
        let started = Instant::now();
        let watch = &mut |shown: Extent, since: Duration| {
            for (side, made, at) in &mut first {
                *made += u32::from(shown.width == *side);
                if *made == GOOD && at.is_nan() {
                    *at = since.as_secs_f64();
                }
            }
        };
        run(&recipe, &vgg, (&content, &styles), watch).map_err(failed)?;
        let whole = started.elapsed().as_secs_f64();
        for (side, _, at) in first {
            say(&format!(
                "{features}: {at:.1} to evaluation {GOOD} at {side} pixels"
            ))?;
        }
        say(&format!("{features}: {whole:.1} to the end at {side}"))?;
        if let Task::Style(styling) = &recipe.task {
            let bytes = style_bytes(styling, Extent::new(side, side), WHOLE);
            say(&format!(
                "  {:.2} GB of memory predicted",
                bytes as f64 / 1e9
            ))?;
        }
    }
    say_peak_memory()
}

fn recipe(features: &str, side: u32, evaluations: u32, coarse_to_fine: bool) -> Recipe {
    let styling = Styling {
        content: Input::default(),
        styles: vec![StyleInput {
            image: Input::default(),
            weight: 1.0,
        }],
        mask: None,
        features: FeaturesRef {
            id: features.to_owned(),
            sha256: None,
            quick: None,
        },
        layers: LAYER_SETS[0].id.to_owned(),
        style_weight: 1e6,
        content_weight: 1.0,
        optimizer: Optimizer::Lbfgs,
        start: StartFrom::Content,
        stroke_scale: 1.0,
        keep_colors: 0.0,
        coarse_to_fine,
    };
    Recipe::of_styling(styling, (evaluations, 0), (side, side))
}

fn run(
    recipe: &Recipe,
    vgg: &Arc<Vgg19>,
    (content, styles): (&Pixels, &[Arc<Pixels>]),
    watch: &mut dyn FnMut(Extent, Duration),
) -> std::result::Result<(), PipelineError> {
    let Task::Style(styling) = &recipe.task else {
        return Ok(());
    };
    let given = StylePictures {
        content,
        styles,
        mask: None,
        start: None,
    };
    let tools = StyleTools {
        token: &CancelToken::new(),
        vgg: &|_| Ok(Arc::clone(vgg)),
        // These are runs of many evaluations.
        adain: &|| {
            Err(ModelError::NoAdaIn {
                folder: String::new(),
            })
        },
        quick: &|name| {
            Err(ModelError::NoQuickStyle {
                name: name.to_owned(),
                folder: String::new(),
                there: String::new(),
            })
        },
    };
    let started = Instant::now();
    let mut watch = |evaluated: &Evaluated<'_>| watch(evaluated.extent, started.elapsed());
    let bytes = usize::try_from(style_bytes(
        styling,
        Extent::new(recipe.width, recipe.height),
        recipe.steps,
    ));
    // Where there is no room at once, the system gives each block.
    let _arena = bytes.ok().and_then(|bytes| Arena::new(bytes + bytes / 4));
    let (made, _) = within_arena(|| style(recipe, styling, given, tools, &mut watch));
    made.map(drop)
}
