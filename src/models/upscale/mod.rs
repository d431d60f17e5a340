//! Networks that enlarge pictures, or repair them at their own size: `RRDBNet` (ESRGAN, Real-ESRGAN,
//! BSRGAN), the compact network of Real-ESRGAN, and `SwinIR`. Which one a file holds, and every size,
//! the names and shapes of its tensors tell.

mod compact;
mod embedded;
mod file;
mod layout;
mod rrdb;
mod swin_ir;

use std::path::Path;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;

use self::compact::Compact;
pub use self::compact::CompactLayout;
pub use self::embedded::{Aim, EmbeddedUpscaler, SPROUT_UPSCALE};
pub use self::file::{UpscalerFile, UpscalerPlace, upscaler_names};
pub use self::layout::UpscalerLayout;
use self::rrdb::Rrdb;
pub use self::rrdb::{RrdbLayout, RrdbNames};
use self::swin_ir::SwinIr;
pub use self::swin_ir::{SwinIrConnection, SwinIrEnd, SwinIrGroup, SwinIrLayout};
use crate::nn::{Interrupt, channels_last, extend_reflected};
use crate::weights::{Asked, ModelError, Weights};

/// Tensors in files that hold nothing that was learned.
const COMPUTED: [&str; 2] = [".relative_position_index", ".attn_mask"];

/// A network that makes of each pixel a square of [`UpscalerLayout::scale`] pixels a side.
#[derive(Debug)]
pub struct Upscaler {
    network: Network,
    layout: UpscalerLayout,
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
        Self::read(&Weights::open(path)?)
    }

    /// The same of a file that is open.
    pub fn read(weights: &Weights) -> std::result::Result<Self, ModelError> {
        Self::load(weights, &Device::Cpu)
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
                let family = layout.family();
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
            layout: layout.clone(),
            device: vb.device().clone(),
        })
    }

    /// Its kind and sizes.
    pub const fn layout(&self) -> &UpscalerLayout {
        &self.layout
    }

    /// Where it computes.
    pub const fn device(&self) -> &Device {
        &self.device
    }

    /// `[batch, channels, height, width]` with values from 0 to 1, to `[batch, channels, scale *
    /// height, scale * width]`, values about as large. A picture of other sides than
    /// [`UpscalerLayout::multiple`] asks for is extended by its reflection meanwhile.
    pub fn forward(&self, picture: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let (_, channels, height, width) = picture.dims4()?;
        let (expected, scale) = (self.layout.channels(), self.layout.scale());
        if channels != expected {
            candle_core::bail!("an upscaler of {expected} channels was given {channels}")
        }
        let xs = channels_last(&extend_reflected(picture, self.layout.multiple())?)?;
        let ys = match &self.network {
            Network::Rrdb(rrdb) => rrdb.forward(&xs, interrupt)?,
            Network::Compact(compact) => compact.forward(&xs, interrupt)?,
            Network::SwinIr(swin_ir) => swin_ir.forward(&xs, interrupt)?,
        };
        ys.narrow(2, 0, scale * height)?.narrow(3, 0, scale * width)
    }
}
