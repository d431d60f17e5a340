//! A picture in the style of others, by optimisation: the picture itself is changed, evaluation by
//! evaluation, until its strokes and palette are those of the styles and its shapes its own.

mod colors;
mod embedded;
mod gatys;
mod judge;
mod lbfgs;
mod losses;
mod moments;
mod one_pass;
mod palette;
mod pictures;
mod plan;
mod planes;
mod strokes;
mod untrained;

use std::sync::Arc;
use std::time::{Duration, Instant};

use candle_core::Tensor;

use self::colors::{colored_as, lit_as};
use self::embedded::Embedded;
use self::gatys::Gatys;
pub use self::gatys::{LAYER_SETS, LayerSet};
pub use self::judge::{StyleEyes, StyleJudge};
use self::lbfgs::Lbfgs;
use self::losses::{Losses, Models, StyleModel, Target, Weights};
use self::one_pass::OnePass;
use self::plan::parts;
pub use self::plan::sized;
use self::strokes::Strokes;
use self::untrained::untrained as untrained_network;
use super::{CancelToken, PipelineError, Wish};
use crate::kernels::Adam;
use crate::models::{AdaIn, Johnson, Vgg19, VggLayout};
use crate::nn::{Interrupt, Products};
use crate::raster::{Extent, Fit, Mask, Pixels, resized};
use crate::recipe::{Optimizer, Problem, Recipe, StartFrom, Styling};
use crate::samplers::NoiseStream;
use crate::weights::{Extras, ModelError};

/// A way to see strokes and shapes.
#[derive(Debug)]
pub struct Features {
    /// In recipes and on the command line.
    pub id: &'static str,
    pub needs: FeaturesNeed,
}

/// Weights people have or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeaturesNeed {
    Nothing,
    Vgg,
    /// Both networks of `AdaIN`, which draw a picture in one pass: how far it goes towards the style is
    /// the style's weight, of the usual 1e6; nothing is walked down, so there are no losses.
    AdaIn,
    /// A network that has learnt one style, which does so too: it needs no style picture.
    Quick,
}

/// The way without a file.
const EMBEDDED: Features = Features {
    id: "embedded",
    needs: FeaturesNeed::Nothing,
};

/// Every way, those that walk down losses first, the best of them before the others.
pub const FEATURES: &[Features] = &[
    Features {
        id: "vgg19",
        needs: FeaturesNeed::Vgg,
    },
    EMBEDDED,
    Features {
        id: "adain",
        needs: FeaturesNeed::AdaIn,
    },
    Features {
        id: "quick",
        needs: FeaturesNeed::Quick,
    },
];

impl Features {
    pub fn by_id(id: &str) -> Option<&'static Self> {
        FEATURES.iter().find(|features| features.id == id)
    }

    /// The way of networks that have learnt one style.
    pub fn of_quick() -> Option<&'static Self> {
        let mut all = FEATURES.iter();
        all.find(|features| features.needs == FeaturesNeed::Quick)
    }

    /// The best there is to see a style with.
    pub fn best(extras: &Extras) -> &'static Self {
        let mut possible = FEATURES
            .iter()
            .filter(|features| features.optimizes() && features.is_possible(extras));
        possible.next().unwrap_or(&EMBEDDED)
    }

    /// Whether there are the weights it needs.
    pub fn is_possible(&self, extras: &Extras) -> bool {
        match self.needs {
            FeaturesNeed::Nothing => true,
            FeaturesNeed::Vgg => extras.vgg.is_some(),
            FeaturesNeed::AdaIn => extras.adain.is_some(),
            FeaturesNeed::Quick => !extras.quick_styles.is_empty(),
        }
    }

    /// Whether a picture is walked down losses, evaluation by evaluation.
    pub fn optimizes(&self) -> bool {
        !matches!(self.needs, FeaturesNeed::AdaIn | FeaturesNeed::Quick)
    }
}

/// The pictures a style run is about.
#[derive(Clone, Copy, Debug)]
pub struct StylePictures<'a> {
    pub content: &'a Pixels,
    /// As many as the recipe has styles, in its order.
    pub styles: &'a [Arc<Pixels>],
    /// Of the content's extent.
    pub mask: Option<&'a Mask>,
    /// Where the recipe starts from another picture.
    pub start: Option<&'a Pixels>,
}

/// One evaluation of both losses is done.
pub struct Evaluated<'a> {
    /// Counted from 1.
    pub evaluation: u32,
    pub evaluations: u32,
    pub took: Duration,
    /// Weighted, as they enter the sum.
    pub style_loss: f64,
    pub content_loss: f64,
    /// Of the picture that was evaluated: that of its part of the run.
    pub extent: Extent,
    picture: &'a dyn Fn() -> Result<Pixels, PipelineError>,
}

impl Evaluated<'_> {
    /// The picture that was evaluated, as people should see it.
    pub fn picture(&self) -> Result<Pixels, PipelineError> {
        (self.picture)()
    }
}

/// How VGG-19 multiplies for a run: one that stays at its size walks torch's way, which whole products
/// alone keep to for long; one that grows is a walk of our own, and soon there.
pub const fn vgg_products(coarse_to_fine: bool) -> Products {
    if coarse_to_fine {
        Products::Fast
    } else {
        Products::Whole
    }
}

/// What a style run may ask for while it works.
#[derive(Clone, Copy)]
pub struct StyleTools<'a> {
    pub token: &'a CancelToken,
    /// Gives VGG-19 as far as a set of layers needs it, by [`vgg_products`]; asked once, where it is
    /// needed.
    pub vgg: &'a dyn Fn(&LayerSet) -> Result<Arc<Vgg19>, ModelError>,
    /// The same of the networks of `AdaIN`.
    pub adain: &'a dyn Fn() -> Result<Arc<AdaIn>, ModelError>,
    /// The same of a network that has learnt one style, by its name or file.
    pub quick: &'a dyn Fn(&str) -> Result<Arc<Johnson>, ModelError>,
}

/// A picture in a style.
#[derive(Debug)]
pub struct Styled {
    pub pixels: Pixels,
    /// Set when the run was stopped: the evaluations made by then.
    pub stopped_after: Option<u32>,
}

/// Runs a recipe's styling; `None` if it was ended before there was anything to keep, or discarded.
///
/// The content takes the recipe's size. Where a mask guides the style, every pixel it does not touch
/// stays the content's.
pub fn style(
    recipe: &Recipe,
    styling: &Styling,
    given: StylePictures<'_>,
    tools: StyleTools<'_>,
    watch: &mut dyn FnMut(&Evaluated<'_>),
) -> Result<Option<Styled>, PipelineError> {
    check(recipe, styling, given).map_err(PipelineError::Recipe)?;
    let unknown = || Problem::UnknownFeatures(styling.features.id.clone());
    let features = Features::by_id(&styling.features.id)
        .ok_or_else(unknown)
        .map_err(PipelineError::Recipe)?;
    let vgg = if features.needs == FeaturesNeed::Vgg {
        let set = LayerSet::by_id(&styling.layers)
            .ok_or_else(|| Problem::UnknownLayers(styling.layers.clone()))
            .map_err(PipelineError::Recipe)?;
        Some((set, (tools.vgg)(set)?))
    } else {
        None
    };
    let run = Run {
        recipe,
        styling,
        given,
        vgg,
        token: tools.token,
        interrupt: tools.token.interrupt_at(Wish::Stop),
    };
    match features.needs {
        FeaturesNeed::AdaIn => run.pass(&OnePass::AdaIn((tools.adain)()?)),
        FeaturesNeed::Quick => {
            let name = styling.features.quick.as_deref().unwrap_or_default();
            run.pass(&OnePass::Quick((tools.quick)(name)?))
        }
        FeaturesNeed::Nothing | FeaturesNeed::Vgg => run.go(watch),
    }
}

/// What keeps a recipe from being run on these pictures.
fn check(recipe: &Recipe, styling: &Styling, given: StylePictures<'_>) -> Result<(), Problem> {
    styling.check(recipe)?;
    if given.styles.len() != styling.styles.len() {
        return Err(Problem::StyleMissing);
    }
    if matches!(styling.start, StartFrom::Picture(_)) != given.start.is_some() {
        return Err(Problem::PictureMissing);
    }
    match given.mask {
        Some(_) if styling.mask.is_none() => Err(Problem::MaskMissing),
        None if styling.mask.is_some() => Err(Problem::MaskMissing),
        Some(mask) => super::Canvas {
            image: given.content,
            mask,
        }
        .check(),
        None => Ok(()),
    }
}

struct Run<'a> {
    recipe: &'a Recipe,
    styling: &'a Styling,
    given: StylePictures<'a>,
    vgg: Option<(&'static LayerSet, Arc<Vgg19>)>,
    token: &'a CancelToken,
    interrupt: Interrupt,
}

impl Run<'_> {
    fn go(&self, watch: &mut dyn FnMut(&Evaluated<'_>)) -> Result<Option<Styled>, PipelineError> {
        let evaluations = self.recipe.steps;
        let extent = Extent::new(self.recipe.width, self.recipe.height);
        let mut done = 0;
        let mut picture: Option<Pixels> = None;
        let set = self.vgg.as_ref().map_or(&LAYER_SETS[0], |(set, _)| *set);
        let least = set.least_side();
        for (size, share) in style_parts(extent, evaluations, self.styling) {
            let size = at_least(size, least);
            let sheet = self.sheet(size, least);
            let network = match self.network(&sheet) {
                Err(_) if self.interrupt.is_asked() => break,
                network => network?,
            };
            let mut target = match self.target(&network, &sheet) {
                Err(_) if self.interrupt.is_asked() => break,
                target => target?,
            };
            let start = self.start(picture.as_ref(), &sheet, &*target)?;
            let mut walk = Walk::new(start, self.styling.optimizer);
            let last = done + share;
            while done < last {
                let started = Instant::now();
                let losses = match walk.evaluate(&mut *target, size, &self.interrupt) {
                    Err(_) if self.interrupt.is_asked() => break,
                    losses => losses?,
                };
                done += 1;
                let shown = || self.finished(&walk.place, &sheet);
                watch(&Evaluated {
                    evaluation: done,
                    evaluations,
                    took: started.elapsed(),
                    style_loss: losses.style,
                    content_loss: losses.content,
                    extent: size,
                    picture: &shown,
                });
                walk.advance(&losses, sheet.mask.as_ref())?;
            }
            walk.clamp();
            picture = Some(pictures::pixels(&walk.place, size)?);
            if done < last {
                break;
            }
        }
        if self.token.wish() == Wish::Discard || done == 0 {
            return Ok(None);
        }
        let Some(picture) = picture else {
            return Ok(None);
        };
        let sheet = self.sheet(extent, least);
        // A run that was stopped early is still at a smaller size.
        let picture = resized(&picture, extent, Fit::Stretch);
        Ok(Some(Styled {
            pixels: self.finished(&picture.planes(), &sheet)?,
            stopped_after: (done < evaluations).then_some(done),
        }))
    }

    /// The given pictures for a part of the run; no side of a style is below `least`.
    fn sheet(&self, extent: Extent, least: u32) -> Sheet {
        let keep = self.styling.keep_colors;
        let content = resized(self.given.content, extent, Fit::Stretch);
        let longest = extent.width.max(extent.height) as f32 * self.styling.stroke_scale;
        let styles = self.given.styles.iter().map(|style| {
            let size = at_least(sized(style.extent(), longest.round() as u32), least);
            let style = resized(style, size, Fit::Stretch);
            lit_as(&style, &content, keep)
        });
        let mask = self.given.mask.map(|mask| {
            let mask = resized(&mask.to_pixels(), extent, Fit::Stretch);
            Mask::from_pixels(&mask)
        });
        Sheet {
            styles: styles.collect(),
            content,
            mask,
        }
    }

    fn models(&self, sheet: &Sheet) -> candle_core::Result<Models> {
        let styles = sheet.styles.iter().zip(self.styling.shares());
        Ok(Models {
            content: pictures::tensor(&sheet.content)?,
            styles: styles
                .map(|(style, share)| {
                    Ok(StyleModel {
                        picture: pictures::tensor(style)?,
                        share,
                        mask: None,
                    })
                })
                .collect::<candle_core::Result<_>>()?,
            mask: sheet.mask.as_ref().map(pictures::mask_tensor).transpose()?,
        })
    }

    /// What sees the pictures.
    fn network(&self, sheet: &Sheet) -> candle_core::Result<Arc<Vgg19>> {
        match &self.vgg {
            Some((_, vgg)) => Ok(Arc::clone(vgg)),
            None => untrained_network(&self.models(sheet)?.styles, &self.interrupt).map(Arc::new),
        }
    }

    fn target<'n>(
        &self,
        network: &'n Vgg19,
        sheet: &Sheet,
    ) -> candle_core::Result<Box<dyn Target + 'n>> {
        let weights = Weights {
            style: self.styling.style_weight,
            content: self.styling.content_weight,
        };
        let (models, interrupt) = (self.models(sheet)?, &self.interrupt);
        Ok(match &self.vgg {
            Some((set, _)) => Box::new(Gatys::new(network, set, &models, weights, interrupt)?),
            None => Box::new(Embedded::new(network, models, weights, interrupt)?),
        })
    }

    /// The values a part begins with.
    fn start(
        &self,
        before: Option<&Pixels>,
        sheet: &Sheet,
        target: &dyn Target,
    ) -> Result<Vec<f32>, PipelineError> {
        let extent = sheet.content.extent();
        if let Some(before) = before.or(self.given.start) {
            return Ok(resized(before, extent, Fit::Stretch).planes());
        }
        let content = match target.start() {
            Some(start) => values_of(start)?,
            None => sheet.content.planes(),
        };
        if self.styling.start != StartFrom::Noise {
            return Ok(content);
        }
        // As torch.randn of the content's shape.
        let noise = NoiseStream::new(self.recipe.noise, self.recipe.seed).draw(content.len());
        let Some(mask) = &sheet.mask else {
            return Ok(noise);
        };
        let painted = mask.values().iter().cycle();
        let both = noise.iter().zip(content).zip(painted);
        Ok(both
            .map(|((noise, content), painted)| if *painted > 0 { *noise } else { content })
            .collect())
    }

    /// What people see of some values.
    fn finished(&self, values: &[f32], sheet: &Sheet) -> Result<Pixels, PipelineError> {
        let content = &sheet.content;
        let made = pictures::pixels(values, content.extent())?;
        let made = colored_as(&made, content, self.styling.keep_colors);
        Ok(match &sheet.mask {
            Some(mask) => content.repainted(&made, mask),
            None => made,
        })
    }
}

/// The given pictures at one size.
struct Sheet {
    content: Pixels,
    styles: Vec<Pixels>,
    mask: Option<Mask>,
}

/// A picture on its way down the losses.
struct Walk {
    /// Three planes.
    place: Vec<f32>,
    stepper: Stepper,
}

enum Stepper {
    Lbfgs(Lbfgs),
    Adam(Adam),
}

impl Stepper {
    fn new(optimizer: Optimizer) -> Self {
        match optimizer {
            Optimizer::Lbfgs => Self::Lbfgs(Lbfgs::new(1.0)),
            Optimizer::Adam => Self::Adam(Adam::new(ADAM_RATE)),
        }
    }
}

/// How far Adam moves a value in a step.
const ADAM_RATE: f32 = 0.02;

impl Walk {
    fn new(place: Vec<f32>, optimizer: Optimizer) -> Self {
        Self {
            place,
            stepper: Stepper::new(optimizer),
        }
    }

    fn clamp(&mut self) {
        for value in &mut self.place {
            *value = value.clamp(0.0, 1.0);
        }
    }

    fn evaluate(
        &mut self,
        target: &mut dyn Target,
        extent: Extent,
        interrupt: &Interrupt,
    ) -> candle_core::Result<Losses> {
        self.clamp();
        let picture = pictures::of_values(self.place.clone(), extent)?;
        target.losses(&picture, interrupt)
    }

    /// Moves the picture where the mask lets it.
    fn advance(&mut self, losses: &Losses, mask: Option<&Mask>) -> candle_core::Result<()> {
        let mut gradient = values_of(&losses.gradient)?;
        if let Some(mask) = mask {
            let parts = mask.values().iter().cycle();
            for (value, part) in gradient.iter_mut().zip(parts) {
                *value *= f32::from(*part) / 255.0;
            }
        }
        let loss = (losses.style + losses.content) as f32;
        match &mut self.stepper {
            Stepper::Lbfgs(lbfgs) => {
                if losses.renewed {
                    lbfgs.turn();
                }
                lbfgs.advance(&mut self.place, loss, &gradient);
            }
            Stepper::Adam(adam) => adam.advance(&mut self.place, &gradient),
        }
        Ok(())
    }
}

fn values_of(gradient: &Tensor) -> candle_core::Result<Vec<f32>> {
    gradient.contiguous()?.flatten_all()?.to_vec1()
}

/// A size with no side below `least`.
fn at_least(size: Extent, least: u32) -> Extent {
    Extent::new(size.width.max(least), size.height.max(least))
}

/// The sizes of a run of so many evaluations, with how many are made at each.
pub fn style_parts(extent: Extent, evaluations: u32, styling: &Styling) -> Vec<(Extent, u32)> {
    let grows = styling.coarse_to_fine && !matches!(styling.start, StartFrom::Picture(_));
    let parts = parts(extent, evaluations, grows).into_iter();
    parts.map(|part| (part.extent, part.evaluations)).collect()
}

/// About the bytes a run needs at most beside the network's weights.
pub fn style_bytes(styling: &Styling, extent: Extent, evaluations: u32) -> u64 {
    let pixels = extent.area() as u64;
    let needs = Features::by_id(&styling.features.id).map(|features| features.needs);
    match needs {
        Some(FeaturesNeed::AdaIn) => return AdaIn::BYTES_PER_PIXEL * pixels,
        Some(FeaturesNeed::Quick) => {
            // Pixels looked at are fewer for larger strokes.
            let seen = one_pass::seen_at(extent, styling.stroke_scale);
            return Johnson::BYTES_PER_PIXEL * seen.area() as u64;
        }
        Some(FeaturesNeed::Nothing | FeaturesNeed::Vgg) | None => {}
    }
    let parts = style_parts(extent, evaluations, styling).into_iter();
    let steppers = parts.map(|(extent, evaluations)| {
        let values = 3 * extent.area() as u64;
        match styling.optimizer {
            Optimizer::Lbfgs => Lbfgs::bytes(values, evaluations.into()),
            Optimizer::Adam => Adam::bytes(values),
        }
    });
    let stepper = steppers.max().unwrap_or(0);
    // Styles are at most squares of their longer side.
    let side = f64::from(extent.width.max(extent.height)) * f64::from(styling.stroke_scale);
    let style_pixels = (side * side) as u64;
    let published = VggLayout::published().widths;
    let (set, widths) = match LayerSet::by_id(&styling.layers) {
        Some(set) if needs == Some(FeaturesNeed::Vgg) => (set, published.as_slice()),
        _ => (&LAYER_SETS[0], untrained::WIDTHS.as_slice()),
    };
    let (own, strokes) = if needs == Some(FeaturesNeed::Vgg) {
        (pixels, 0)
    } else {
        (embedded::seen_pixels(extent), Strokes::bytes(pixels))
    };
    let look = Gatys::bytes_per_pixel(set, widths) * own;
    // Styles are seen before there is anything else.
    let seen = Gatys::seen_bytes_per_pixel(set, widths) * style_pixels;
    (stepper + look + strokes).max(seen) + Gatys::correlation_bytes(set, widths)
}

#[cfg(test)]
mod tests;
