//! Which network a file holds, as the names in it tell.

use candle_core::{DType, Result};

use super::compact::CompactLayout;
use super::rrdb::{RrdbLayout, RrdbNames};
use super::swin_ir::SwinIrLayout;
use crate::models::held::Held;
use crate::nn::{Keep, kept_bytes};
use crate::weights::Weights;

/// What trainers put around a network's own names, the best weights first: the running average of
/// them is what authors publish.
const WRAPPERS: &[&str] = &[
    "params_ema.",
    "params-ema.",
    "params.",
    "state_dict.",
    "model_state_dict.",
    "model.",
    "net.",
    "netG.",
    "net_g.",
    "generator.",
    "",
];
/// What training on several devices puts around them, if anything.
const INNER_WRAPPERS: &[&str] = &["", "module."];

/// A network that enlarges pictures, and its sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpscalerLayout {
    Rrdb(RrdbLayout),
    Compact(CompactLayout),
    SwinIr(SwinIrLayout),
}

impl UpscalerLayout {
    /// Reads names and shapes alone. Fails with a reason where no network fits.
    pub fn of(weights: &Weights) -> Result<Self> {
        for outer in WRAPPERS {
            for inner in INNER_WRAPPERS {
                let prefix = format!("{outer}{inner}");
                let has = |name: &str| weights.shape(&format!("{prefix}{name}")).is_some();
                if let Some(names) = RrdbNames::ALL.into_iter().find(|names| has(&names.mark())) {
                    return RrdbLayout::of(weights, prefix, names).map(Self::Rrdb);
                }
                if has(SwinIrLayout::MARK) {
                    return SwinIrLayout::of(weights, prefix).map(Self::SwinIr);
                }
                if CompactLayout::MARKS.into_iter().all(has) {
                    return CompactLayout::of(weights, prefix).map(Self::Compact);
                }
            }
        }
        candle_core::bail!("its tensors are not named like those of any of them")
    }

    /// Before the names of all its tensors.
    pub(super) fn prefix(&self) -> &str {
        match self {
            Self::Rrdb(layout) => &layout.prefix,
            Self::Compact(layout) => &layout.prefix,
            Self::SwinIr(layout) => &layout.prefix,
        }
    }

    /// What people call networks of its kind.
    pub const fn family(&self) -> &'static str {
        match self {
            Self::Rrdb(_) => "RRDBNet",
            Self::Compact(_) => "SRVGGNetCompact",
            Self::SwinIr(_) => "SwinIR",
        }
    }

    /// Channels of the pictures it takes and of those it makes: 3 for colours.
    pub const fn channels(&self) -> usize {
        match self {
            Self::Rrdb(layout) => layout.channels,
            Self::Compact(layout) => layout.channels,
            Self::SwinIr(layout) => layout.channels,
        }
    }

    /// Pixels along each side that one becomes; 1 for networks that repair.
    pub fn scale(&self) -> usize {
        match self {
            Self::Rrdb(layout) => layout.scale(),
            Self::Compact(layout) => layout.scale,
            Self::SwinIr(layout) => layout.end.scale(),
        }
    }

    /// Pixels along a side that are one place inside the network. A part of a picture is enlarged
    /// like the whole only where the part begins at a multiple of it, and ends at one or at the
    /// picture's end.
    pub const fn multiple(&self) -> usize {
        match self {
            Self::Rrdb(layout) => layout.unshuffle,
            Self::Compact(_) => 1,
            Self::SwinIr(layout) => layout.window,
        }
    }

    /// Pixels of the input, to every side of the one an output pixel lies in, that can change that
    /// output pixel: parts that overlap by as many are enlarged like the whole picture.
    ///
    /// `None` for `SwinIR`, whose windows are shifted at every other layer: what one layer passes from
    /// window to window the next one passes on, and after all of them no overlap smaller than usual
    /// pictures is enough. Its parts come out alike, not the same.
    pub fn receptive_field(&self) -> Option<usize> {
        match self {
            Self::Rrdb(layout) => Some(layout.reach()),
            Self::Compact(layout) => Some(layout.reach()),
            Self::SwinIr(_) => None,
        }
    }

    /// Bytes a call holds at once for a picture of a height and a width, which is held all the while;
    /// weights, and what threads keep for their own work, are not in it.
    pub fn call_bytes(&self, (height, width): (usize, usize)) -> u64 {
        let multiple = self.multiple();
        let pixels = height.next_multiple_of(multiple) * width.next_multiple_of(multiple);
        let mut held = Held::default();
        // The picture, and it as the first layer reads it.
        held.add(2 * self.channels() * pixels);
        match self {
            Self::Rrdb(layout) => layout.hold(&mut held, pixels),
            Self::Compact(layout) => layout.hold(&mut held, pixels),
            Self::SwinIr(layout) => layout.hold(&mut held, pixels),
        }
        held.bytes()
    }

    /// Bytes its weights take once they are read from `weights`.
    pub fn weight_bytes(&self, weights: &Weights) -> u64 {
        let own = weights
            .names()
            .filter(|name| name.starts_with(self.prefix()));
        let shapes = own.filter_map(|name| weights.shape(name));
        shapes
            .map(|shape| kept_bytes(shape, DType::F32, Keep::AsStored))
            .sum()
    }
}
