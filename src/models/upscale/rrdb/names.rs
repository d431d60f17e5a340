//! The same network has been published under three sets of names.

/// How the convolutions of an `RRDBNet` are called, each without `.weight`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RrdbNames {
    /// Those of Real-ESRGAN: `body.0.rdb1.conv1`.
    Body,
    /// Those of ESRGAN's repository, of `RealSR` and BSRGAN: `RRDB_trunk.0.RDB1.conv1`.
    Trunk,
    /// Those ESRGAN was first trained with, and most networks people trained since: places in one
    /// sequence, `model.1.sub.0.RDB1.conv1.0`.
    Sequence,
}

impl RrdbNames {
    pub(in crate::models::upscale) const ALL: [Self; 3] = [Self::Body, Self::Trunk, Self::Sequence];

    /// A tensor only networks of these names have.
    pub(in crate::models::upscale) fn mark(self) -> String {
        format!("{}.weight", self.dense(0, 0, 0))
    }

    pub(super) fn first(self) -> String {
        match self {
            Self::Body | Self::Trunk => "conv_first",
            Self::Sequence => "model.0",
        }
        .to_owned()
    }

    /// A convolution of a dense block of a residual one, all counted from 0.
    pub(super) fn dense(self, block: usize, dense: usize, conv: usize) -> String {
        let (dense, conv) = (dense + 1, conv + 1);
        match self {
            Self::Body => format!("body.{block}.rdb{dense}.conv{conv}"),
            Self::Trunk => format!("RRDB_trunk.{block}.RDB{dense}.conv{conv}"),
            Self::Sequence => format!("model.1.sub.{block}.RDB{dense}.conv{conv}.0"),
        }
    }

    pub(super) fn after_blocks(self, blocks: usize) -> String {
        match self {
            Self::Body => "conv_body".to_owned(),
            Self::Trunk => "trunk_conv".to_owned(),
            Self::Sequence => format!("model.1.sub.{blocks}"),
        }
    }

    /// The one after the picture was doubled for the `step`th time, counted from 0.
    pub(super) fn doubling(self, step: usize) -> String {
        match self {
            Self::Body => format!("conv_up{}", step + 1),
            Self::Trunk => format!("upconv{}", step + 1),
            // Doubling, convolution and activation have a place each.
            Self::Sequence => format!("model.{}", 3 * step + 3),
        }
    }

    /// The last but one.
    pub(super) fn fine(self, doublings: usize) -> String {
        match self {
            Self::Body => "conv_hr".to_owned(),
            Self::Trunk => "HRconv".to_owned(),
            Self::Sequence => format!("model.{}", 3 * doublings + 2),
        }
    }

    pub(super) fn last(self, doublings: usize) -> String {
        match self {
            Self::Body | Self::Trunk => "conv_last".to_owned(),
            Self::Sequence => format!("model.{}", 3 * doublings + 4),
        }
    }
}
