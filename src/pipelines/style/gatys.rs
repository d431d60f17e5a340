//! Style and content as Gatys, Ecker and Bethge 2016 see them, "Image Style Transfer Using
//! Convolutional Neural Networks": correlations of what VGG-19's convolutions give, and what one of
//! them gives itself.

use candle_core::{Result, Tensor};

use super::losses::{Losses, Models, Target, Weights};
use crate::models::{Vgg19, VggConv};
use crate::nn::{Interrupt, from_rows, gap, mix_channels, scale_rows, to_rows};

/// Which convolutions are looked at, before their activation.
#[derive(Debug)]
pub struct LayerSet {
    /// In recipes and on the command line.
    pub id: &'static str,
    pub style: &'static [VggConv],
    pub content: &'static [VggConv],
}

/// Every set, the usual one first.
pub const LAYER_SETS: &[LayerSet] = &[
    LayerSet {
        id: "first_five",
        style: &[
            VggConv::Conv1_1,
            VggConv::Conv1_2,
            VggConv::Conv2_1,
            VggConv::Conv2_2,
            VggConv::Conv3_1,
        ],
        content: &[VggConv::Conv2_2],
    },
    LayerSet {
        id: "gatys",
        style: &[
            VggConv::Conv1_1,
            VggConv::Conv2_1,
            VggConv::Conv3_1,
            VggConv::Conv4_1,
            VggConv::Conv5_1,
        ],
        content: &[VggConv::Conv4_2],
    },
];

impl LayerSet {
    pub fn by_id(id: &str) -> Option<&'static Self> {
        LAYER_SETS.iter().find(|set| set.id == id)
    }

    /// The last convolution that has to be computed.
    pub fn last(&self) -> VggConv {
        let all = self.style.iter().chain(self.content);
        all.copied().max().unwrap_or(VggConv::Conv1_1)
    }

    /// Pixels along each side of the smallest picture that has something left for all of them.
    pub(super) fn least_side(&self) -> u32 {
        let (left, _) = self.last().size_of((1 << 8, 1 << 8));
        (1 << 8) / left as u32
    }

    /// All of them once, in order of appearance.
    fn chosen(&self) -> Vec<VggConv> {
        let mut chosen = [self.style, self.content].concat();
        chosen.sort_unstable();
        chosen.dedup();
        chosen
    }
}

/// What a picture shall come close to.
pub(super) struct Gatys<'a> {
    vgg: &'a Vgg19,
    chosen: Vec<VggConv>,
    /// For each chosen convolution what is wanted of it.
    wanted: Vec<Wanted>,
    weights: Weights,
}

#[derive(Default)]
struct Wanted {
    /// Correlations `[channels, channels]`, row by row, and their share; empty where none are looked
    /// at.
    grams: Vec<(Vec<f32>, f32)>,
    /// What the losses of the correlations are multiplied by.
    scale: f64,
    /// What the convolution gives of the content.
    content: Option<Tensor>,
    guide: Option<Guide>,
}

/// Where correlations are taken, after Gatys et al. 2017, "Controlling Perceptual Factors in Neural
/// Style Transfer": each pixel's features are weighted, and the weights' squares are counted.
struct Guide {
    /// `[1, pixels, 1]`
    weights: Tensor,
    squares: Tensor,
    /// What the squares come to: as many pixels as there seem to be.
    pixels: f64,
}

impl<'a> Gatys<'a> {
    pub(super) fn new(
        vgg: &'a Vgg19,
        set: &LayerSet,
        models: &Models,
        weights: Weights,
        interrupt: &Interrupt,
    ) -> Result<Self> {
        let chosen = set.chosen();
        let mut wanted: Vec<_> = chosen.iter().map(|_| Wanted::default()).collect();
        for style in &models.styles {
            let seen = vgg.forward(&style.picture, set.style, interrupt)?;
            for (conv, seen) in set.style.iter().zip(&seen) {
                let guide = match &style.mask {
                    Some(mask) => Some(Guide::new(mask, map_size(seen)?)?),
                    None => None,
                };
                let gram = gram(&to_rows(seen)?, guide.as_ref())?;
                for (_, wanted) in of(&chosen, &mut wanted, *conv) {
                    wanted.grams.push((gram.clone(), style.share));
                }
            }
        }
        let seen = vgg.forward(&models.content, set.content, interrupt)?;
        for (conv, seen) in set.content.iter().zip(seen) {
            for (_, wanted) in of(&chosen, &mut wanted, *conv) {
                wanted.content = Some(seen.clone());
            }
        }
        if let Some(mask) = &models.mask {
            let (_, _, height, width) = mask.dims4()?;
            for (conv, wanted) in chosen.iter().zip(&mut wanted) {
                wanted.guide = Some(Guide::new(mask, conv.size_of((height, width)))?);
            }
        }
        for wanted in &mut wanted {
            wanted.scale = 1.0;
        }
        Ok(Self {
            vgg,
            chosen,
            wanted,
            weights,
        })
    }

    /// The same with losses of correlations relative to how large those of the styles are, their mean
    /// over the convolutions: every layer counts as much, however wide it is.
    pub(super) fn relative(
        vgg: &'a Vgg19,
        set: &LayerSet,
        models: &Models,
        weights: Weights,
        interrupt: &Interrupt,
    ) -> Result<Self> {
        let mut relative = Self::new(vgg, set, models, weights, interrupt)?;
        for wanted in &mut relative.wanted {
            let squares = wanted.grams.iter().map(|(gram, share)| {
                let sum: f64 = gram.iter().map(|value| f64::from(value * value)).sum();
                f64::from(*share) * sum / gram.len() as f64
            });
            let mean: f64 = squares.sum();
            wanted.scale = 1.0 / (mean.max(f64::MIN_POSITIVE) * set.style.len() as f64);
        }
        Ok(relative)
    }

    /// Bytes that seeing a picture takes for each of its pixels.
    pub(super) fn seen_bytes_per_pixel(set: &LayerSet, widths: &[usize]) -> u64 {
        per_pixel(set, widths, |_| true) * size_of::<f32>() as u64
    }

    /// Bytes that correlations take, whatever the picture's size: what is wanted of each convolution,
    /// and at one of them at a time what the picture has, the gap, and that packed.
    pub(super) fn correlation_bytes(set: &LayerSet, widths: &[usize]) -> u64 {
        let squares = set.style.iter().map(|conv| {
            let width = widths.get(conv.number()).copied().unwrap_or(0);
            (width * width) as u64
        });
        let most = squares.clone().max().unwrap_or(0);
        (squares.sum::<u64>() + 4 * most) * size_of::<f32>() as u64
    }

    /// Bytes that looking at a picture and passing gradients back takes for each of its pixels.
    pub(super) fn bytes_per_pixel(set: &LayerSet, widths: &[usize]) -> u64 {
        let chosen = set.chosen();
        let gradients = per_pixel(set, widths, |conv| chosen.contains(&conv));
        // While it passes back, the gradient of the widest map, on both sides of a convolution.
        let widest = 2 * widths.first().copied().unwrap_or(0) as u64;
        let values = gradients + widest;
        Self::seen_bytes_per_pixel(set, widths) + values * size_of::<f32>() as u64
    }
}

/// Values that some of the convolutions a set needs give for each pixel of a picture.
fn per_pixel(set: &LayerSet, widths: &[usize], counts: impl Fn(VggConv) -> bool) -> u64 {
    let convs = VggConv::ALL.into_iter().take(set.last().number() + 1);
    let values = convs.zip(widths).filter(|(conv, _)| counts(*conv));
    let values = values.map(|(conv, width)| {
        let (rows, _) = conv.size_of((1 << 8, 1 << 8));
        *width as u64 * (rows * rows) as u64
    });
    values.sum::<u64>() >> 16
}

fn of<'w>(
    chosen: &'w [VggConv],
    wanted: &'w mut [Wanted],
    conv: VggConv,
) -> impl Iterator<Item = (&'w VggConv, &'w mut Wanted)> {
    let both = chosen.iter().zip(wanted);
    both.filter(move |(chosen, _)| **chosen == conv)
}

impl Target for Gatys<'_> {
    fn turn_to(&mut self, content: &Tensor, interrupt: &Interrupt) -> Result<()> {
        let looks = self.chosen.iter().zip(&mut self.wanted);
        let looks = looks.filter(|(_, wanted)| wanted.content.is_some());
        let (convs, mut wanted): (Vec<_>, Vec<_>) = looks.unzip();
        let seen = self.vgg.forward(content, &convs, interrupt)?;
        for (wanted, seen) in wanted.iter_mut().zip(seen) {
            wanted.content = Some(seen);
        }
        Ok(())
    }

    fn losses(&mut self, picture: &Tensor, interrupt: &Interrupt) -> Result<Losses> {
        let look = self.vgg.look(picture, &self.chosen, interrupt)?;
        let (mut style, mut content) = (0.0, 0.0);
        let mut gradients = Vec::with_capacity(self.chosen.len());
        for (seen, wanted) in look.features.iter().zip(&self.wanted) {
            interrupt.check()?;
            let mut gradient = None;
            if let Some(target) = &wanted.content {
                let count = seen.elem_count() as f64;
                let (own, squares) = gap(seen, target, 2.0 * self.weights.content / count)?;
                content += self.weights.content * squares / count;
                gradient = Some(own);
            }
            if !wanted.grams.is_empty() {
                let (loss, gaps) = wanted.style(seen, self.weights.style)?;
                style += loss;
                let plus = gradient.as_ref();
                gradient =
                    Some(self.towards(seen, &gaps, wanted.guide.as_ref(), plus, interrupt)?);
            }
            let none = || seen.zeros_like();
            gradients.push(gradient.map_or_else(none, Ok)?);
        }
        Ok(Losses {
            style,
            content,
            gradient: self.vgg.pass_back(&look, &gradients, interrupt)?,
            renewed: false,
        })
    }
}

impl Gatys<'_> {
    /// The gradient of features whose correlations have gaps `[channels, channels]`, and `plus`.
    fn towards(
        &self,
        seen: &Tensor,
        gaps: &Tensor,
        guide: Option<&Guide>,
        plus: Option<&Tensor>,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let products = self.vgg.products();
        match guide {
            Some(guide) => {
                let rows = scale_rows(&to_rows(seen)?, &guide.squares)?;
                let seen = from_rows(&rows, map_size(seen)?)?;
                mix_channels(&seen, gaps, plus, products, interrupt)
            }
            None => mix_channels(seen, gaps, plus, products, interrupt),
        }
    }
}

impl Wanted {
    /// The weighted loss of what a convolution gives, and what its features are multiplied with to
    /// give its gradient: `[channels, channels]`.
    fn style(&self, seen: &Tensor, weight: f64) -> Result<(f64, Tensor)> {
        let (_, channels, height, width) = seen.dims4()?;
        let gram = gram(&to_rows(seen)?, self.guide.as_ref())?;
        let entries = gram.len() as f64;
        let weight = weight * self.scale;
        let mut loss = 0.0;
        let mut gaps = vec![0f32; gram.len()];
        for (target, share) in &self.grams {
            let mut sum = 0.0;
            for ((gap, own), target) in gaps.iter_mut().zip(&gram).zip(target) {
                let apart = own - target;
                sum += f64::from(apart) * f64::from(apart);
                *gap += apart * share;
            }
            loss += weight * f64::from(*share) * sum / entries;
        }
        let pixels = match &self.guide {
            Some(guide) => guide.pixels,
            None => (height * width) as f64,
        };
        let factor = 4.0 * weight / (entries * channels as f64 * pixels);
        let gaps = gaps.into_iter().map(|gap| gap * factor as f32).collect();
        Ok((
            loss,
            Tensor::from_vec(gaps, (channels, channels), seen.device())?,
        ))
    }
}

impl Guide {
    /// `mask`: `[1, 1, height, width]`; each pixel of a smaller map counts as the mean of those it
    /// stands for.
    fn new(mask: &Tensor, (height, width): (usize, usize)) -> Result<Self> {
        let (_, _, rows, columns) = mask.dims4()?;
        let block = (rows / height, columns / width);
        let mask = mask.narrow(2, 0, block.0 * height)?;
        let mask = mask.narrow(3, 0, block.1 * width)?.contiguous()?;
        let weights = mask.avg_pool2d(block)?.reshape((1, height * width, 1))?;
        let squares = weights.sqr()?;
        let pixels = f64::from(squares.sum_all()?.to_scalar::<f32>()?);
        Ok(Self {
            weights,
            squares,
            // A mask of nothing leaves nothing to correlate.
            pixels: pixels.max(1.0),
        })
    }
}

fn map_size(map: &Tensor) -> Result<(usize, usize)> {
    let (_, _, height, width) = map.dims4()?;
    Ok((height, width))
}

/// Correlations of features `[1, pixels, channels]`, over the number of both: `channels²` values.
fn gram(rows: &Tensor, guide: Option<&Guide>) -> Result<Vec<f32>> {
    let (_, pixels, channels) = rows.dims3()?;
    let (rows, pixels) = match guide {
        Some(guide) => (scale_rows(rows, &guide.weights)?, guide.pixels),
        None => (rows.clone(), pixels as f64),
    };
    let rows = rows.squeeze(0)?;
    let products = rows.t()?.matmul(&rows)?;
    let scale = 1.0 / (channels as f64 * pixels);
    (products * scale)?.flatten_all()?.to_vec1()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_found_by_name_and_look_no_further_than_they_must() {
        assert_eq!(LAYER_SETS[0].last(), VggConv::Conv3_1);
        assert_eq!(LayerSet::by_id("gatys").unwrap().last(), VggConv::Conv5_1);
        assert_eq!(LAYER_SETS[0].least_side(), 4);
        assert_eq!(LAYER_SETS[1].least_side(), 16);
        assert_eq!(LAYER_SETS[0].chosen().len(), 5);
        assert_eq!(LAYER_SETS[1].chosen().len(), 6);
        assert!(LayerSet::by_id("none").is_none());
    }
}
