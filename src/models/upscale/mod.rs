//! Networks that enlarge pictures, or repair them at their own size: `RRDBNet` (ESRGAN, Real-ESRGAN,
//! BSRGAN), the compact network of Real-ESRGAN, and `SwinIR`. Which one a file holds, and every size,
//! the names and shapes of its tensors tell.

mod compact;
mod layout;
mod rrdb;
mod swin_ir;

use std::path::Path;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;

use self::compact::Compact;
pub use self::compact::CompactLayout;
pub use self::layout::UpscalerLayout;
use self::rrdb::Rrdb;
pub use self::rrdb::{RrdbLayout, RrdbNames};
use self::swin_ir::SwinIr;
pub use self::swin_ir::{SwinIrConnection, SwinIrEnd, SwinIrGroup, SwinIrLayout};
use crate::nn::{Interrupt, channels_last, extend_reflected};
use crate::weights::{Asked, ModelError, Weights};

/// Tensors in files that hold nothing that was learned.
const COMPUTED: [&str; 2] = [".relative_position_index", ".attn_mask"];

/// A network that makes each pixel [`Self::scale`] by [`Self::scale`] pixels.
#[derive(Debug)]
pub struct Upscaler {
    network: Network,
    channels: usize,
    scale: usize,
    device: Device,
}

#[derive(Debug)]
enum Network {
    Rrdb(Box<Rrdb>),
    Compact(Box<Compact>),
    SwinIr(Box<SwinIr>),
}

impl Upscaler {
    /// Reads a file, to compute on the CPU: safetensors, or what torch writes.
    pub fn open(path: &Path) -> std::result::Result<Self, ModelError> {
        Self::load(&Weights::open(path)?, &Device::Cpu)
    }

    /// Reads whichever network the file has. Fails with a reason where it is none of them.
    pub fn load(weights: &Weights, device: &Device) -> std::result::Result<Self, ModelError> {
        let read = || {
            let layout = UpscalerLayout::of(weights)?;
            let asked = Asked::of(weights);
            let upscaler = Self::new(&layout, &asked.builder(DType::F32, device))?;
            // Kin of these networks have the same tensors, and more.
            let mut own = asked
                .left()
                .filter(|name| name.starts_with(layout.prefix()));
            let more = own.find(|name| !COMPUTED.iter().any(|end| name.ends_with(end)));
            if let Some(name) = more {
                let family = upscaler.family();
                candle_core::bail!("it has a tensor {name}, which {family} has not")
            }
            Ok(upscaler)
        };
        read().map_err(|error| weights.no_upscaler(&error))
    }

    /// `vb` gives tensors by the names they have in the file.
    pub fn new(layout: &UpscalerLayout, vb: &VarBuilder<'_>) -> Result<Self> {
        let network = match layout {
            UpscalerLayout::Rrdb(layout) => Network::Rrdb(Box::new(Rrdb::new(layout, vb)?)),
            UpscalerLayout::Compact(layout) => {
                Network::Compact(Box::new(Compact::new(layout, vb)?))
            }
            UpscalerLayout::SwinIr(layout) => Network::SwinIr(Box::new(SwinIr::new(layout, vb)?)),
        };
        Ok(Self {
            network,
            channels: layout.channels(),
            scale: layout.scale(),
            device: vb.device().clone(),
        })
    }

    /// What people call networks of its kind.
    pub const fn family(&self) -> &'static str {
        match self.network {
            Network::Rrdb(_) => "RRDBNet",
            Network::Compact(_) => "SRVGGNetCompact",
            Network::SwinIr(_) => "SwinIR",
        }
    }

    /// Pixels along each side that one becomes; 1 for networks that repair.
    pub const fn scale(&self) -> usize {
        self.scale
    }

    /// Channels of the pictures it takes and of those it makes: 3 for colours.
    pub const fn channels(&self) -> usize {
        self.channels
    }

    /// Pixels along a side that are one place inside the network. A part of a picture is enlarged
    /// like the whole only where the part begins at a multiple of it, and ends at one or at the
    /// picture's end.
    pub const fn multiple(&self) -> usize {
        match &self.network {
            Network::Rrdb(rrdb) => rrdb.multiple(),
            Network::Compact(_) => 1,
            Network::SwinIr(swin_ir) => swin_ir.multiple(),
        }
    }

    /// Pixels of the input, to every side of the one an output pixel lies in, that can change that
    /// output pixel: parts that overlap by as many are enlarged like the whole picture.
    ///
    /// `None` for `SwinIR`, whose windows are shifted at every other layer: what one layer passes from
    /// window to window the next one passes on, and after all of them no overlap smaller than usual
    /// pictures is enough. Its parts come out alike, not the same.
    pub fn receptive_field(&self) -> Option<usize> {
        match &self.network {
            Network::Rrdb(rrdb) => Some(rrdb.reach()),
            Network::Compact(compact) => Some(compact.reach()),
            Network::SwinIr(_) => None,
        }
    }

    /// Where it computes.
    pub const fn device(&self) -> &Device {
        &self.device
    }

    /// `[batch, channels, height, width]` with values from 0 to 1, to `[batch, channels, scale *
    /// height, scale * width]`, values about as large. A picture of other sides than
    /// [`Self::multiple`] asks for is extended by its reflection meanwhile.
    pub fn forward(&self, picture: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let (_, channels, height, width) = picture.dims4()?;
        if channels != self.channels {
            let expected = self.channels;
            candle_core::bail!("an upscaler of {expected} channels was given {channels}")
        }
        let xs = channels_last(&extend_reflected(picture, self.multiple())?)?;
        let ys = match &self.network {
            Network::Rrdb(rrdb) => rrdb.forward(&xs, interrupt)?,
            Network::Compact(compact) => compact.forward(&xs, interrupt)?,
            Network::SwinIr(swin_ir) => swin_ir.forward(&xs, interrupt)?,
        };
        ys.narrow(2, 0, self.scale * height)?
            .narrow(3, 0, self.scale * width)
    }
}
