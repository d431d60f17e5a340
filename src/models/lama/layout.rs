//! What the names and shapes in a file tell of the network they are for.

use candle_core::Result;

use crate::weights::Weights;

/// The first convolution, which every checkpoint has, under a prefix of its own.
const FIRST: &str = "model.1.ffc.convl2l.weight";
/// Wider and deeper networks than anybody trains are files of something else.
const WIDEST: usize = 8192;
const MOST_STEPS: usize = 6;
const MOST_BLOCKS: usize = 64;

/// Depth and widths of a network of big-lama's kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LamaLayout {
    /// Before "model.1" in every name, with the dot, as `generator.`
    pub prefix: String,
    /// Channels at the picture's own size, then after each halving; at least two.
    pub widths: Vec<usize>,
    /// Of the last width, those that are global.
    pub global: usize,
    /// Residual blocks at the smallest size.
    pub blocks: usize,
}

impl LamaLayout {
    /// That of the published big-lama.
    pub fn big() -> Self {
        Self {
            prefix: "generator.".to_owned(),
            widths: vec![64, 128, 256, 512],
            global: 384,
            blocks: 18,
        }
    }

    /// Reads the shapes alone.
    pub fn of(weights: &Weights) -> Result<Self> {
        let prefixes = weights.names().filter_map(|name| name.strip_suffix(FIRST));
        // Where there are several (a discriminator is called otherwise), the plainest.
        let Some(prefix) = prefixes.min_by_key(|prefix| prefix.len()) else {
            candle_core::bail!("it has no tensor {FIRST}, under any prefix")
        };
        let kernel = |layer: usize, conv: &str| {
            let name = format!("{prefix}model.{layer}.{conv}.weight");
            weights
                .shape(&name)
                .map(|shape| shape.first().copied().unwrap_or(0))
        };
        let mut widths = vec![kernel(1, "ffc.convl2l").unwrap_or(0)];
        let mut global = 0;
        while let Some(local) = kernel(1 + widths.len(), "ffc.convl2l")
            && widths.len() <= MOST_STEPS
        {
            global = kernel(1 + widths.len(), "ffc.convl2g").unwrap_or(0);
            widths.push(local.saturating_add(global));
        }
        let first_block = 1 + widths.len();
        let blocks = (0..=MOST_BLOCKS)
            .take_while(|block| kernel(first_block + block, "conv1.ffc.convl2l").is_some())
            .count();
        if widths.len() < 2 || widths.len() > MOST_STEPS + 1 || !(1..=MOST_BLOCKS).contains(&blocks)
        {
            candle_core::bail!("its layers are not those of big-lama's kind")
        }
        if widths.iter().any(|width| !(1..=WIDEST).contains(width)) || global < 2 {
            candle_core::bail!("its layers have {widths:?} channels, {global} of them global")
        }
        if weights.names().any(|name| name.contains(".convg2g.lfu.")) {
            candle_core::bail!("it has local Fourier units, which big-lama has not")
        }
        Ok(Self {
            prefix: prefix.to_owned(),
            widths,
            global,
            blocks,
        })
    }

    /// How the channels of the smallest size are divided.
    pub(super) fn local_and_global(&self) -> (usize, usize) {
        let widest = self.widths.last().copied().unwrap_or(0);
        (widest - self.global, self.global)
    }
}
