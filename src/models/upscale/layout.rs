//! Which network a file holds, as the names in it tell.

use candle_core::Result;

use super::compact::CompactLayout;
use super::rrdb::{RrdbLayout, RrdbNames};
use super::swin_ir::SwinIrLayout;
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

    pub(super) const fn channels(&self) -> usize {
        match self {
            Self::Rrdb(layout) => layout.channels,
            Self::Compact(layout) => layout.channels,
            Self::SwinIr(layout) => layout.channels,
        }
    }

    pub(super) fn scale(&self) -> usize {
        match self {
            Self::Rrdb(layout) => layout.scale(),
            Self::Compact(layout) => layout.scale,
            Self::SwinIr(layout) => layout.end.scale(),
        }
    }
}
