//! Pictures to latents and back: diffusers' `AutoencoderKL`.

mod memory;
mod tiles;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;
use serde::Deserialize;

use crate::models::latent_format::{LATENT_COLORS, LatentColors};
use crate::models::plausible::{self, LAYERS, LEVELS, WIDTHS};
use crate::models::resnet::{Downsample, ResnetBlock, ResnetConfig, Upsample};
use crate::nn::{
    Activation, Conv2d, ConvOptions, GroupNorm, Heads, Interrupt, Linear, Then, channels_last,
    from_rows, self_attention, to_rows,
};
use crate::weights::{ModelError, ModelFiles, parse_json};

pub use memory::decoder_bytes;

/// The keys of `vae/config.json` that shape the network.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub struct AutoencoderConfig {
    pub in_channels: usize,
    pub out_channels: usize,
    pub latent_channels: usize,
    pub block_out_channels: Vec<usize>,
    pub layers_per_block: usize,
    pub norm_num_groups: usize,
    pub act_fn: Activation,
    pub down_block_types: Vec<String>,
    pub up_block_types: Vec<String>,
    pub scaling_factor: f64,
    /// What the middle of latents lies at before they are scaled; null or absent where it is 0.
    pub shift_factor: Option<f64>,
    pub use_quant_conv: bool,
    pub use_post_quant_conv: bool,
    pub mid_block_add_attention: bool,
    /// How its latents look, where `afterimage fit preview` has written that; diffusers knows no such
    /// key, and leaves it.
    pub latent_colors: Option<LatentColors>,
}

impl Default for AutoencoderConfig {
    fn default() -> Self {
        Self {
            in_channels: 3,
            out_channels: 3,
            latent_channels: 4,
            block_out_channels: vec![64],
            layers_per_block: 1,
            norm_num_groups: 32,
            act_fn: Activation::Silu,
            down_block_types: vec!["DownEncoderBlock2D".to_owned()],
            up_block_types: vec!["UpDecoderBlock2D".to_owned()],
            scaling_factor: 0.18215,
            shift_factor: None,
            use_quant_conv: true,
            use_post_quant_conv: true,
            mid_block_add_attention: true,
            latent_colors: None,
        }
    }
}

const FILE: &str = "vae/config.json";
/// Names of the file of weights, the one first that is preferred.
const WEIGHTS: [&str; 3] = [
    "vae/diffusion_pytorch_model.safetensors",
    "vae/diffusion_pytorch_model.fp16.safetensors",
    "vae/diffusion_pytorch_model.bin",
];

impl AutoencoderConfig {
    /// Refuses what the network would silently build otherwise.
    pub fn check(&self) -> std::result::Result<(), ModelError> {
        let known = [
            (&self.down_block_types, "DownEncoderBlock2D"),
            (&self.up_block_types, "UpDecoderBlock2D"),
        ];
        for (types, known) in known {
            if let Some(class) = types.iter().find(|class| *class != known) {
                return Err(ModelError::UnknownClass {
                    file: FILE.to_owned(),
                    class: class.clone(),
                    known: known.to_owned(),
                });
            }
        }
        if self.act_fn != Activation::Silu {
            return Err(ModelError::Unsupported {
                file: FILE.to_owned(),
                option: "an activation other than silu".to_owned(),
            });
        }
        if let Some(colors) = &self.latent_colors
            && !colors.fits(self.latent_channels)
        {
            return Err(ModelError::InvalidConfig {
                file: FILE.to_owned(),
                reason: format!(
                    "{LATENT_COLORS} must have a row of three numbers for each of {} channels",
                    self.latent_channels
                ),
            });
        }
        let channels = self.block_out_channels.iter();
        let channels = channels.map(|channels| ("block_out_channels", *channels, WIDTHS));
        let alone = [
            (
                "the number of blocks",
                self.block_out_channels.len(),
                LEVELS,
            ),
            ("in_channels", self.in_channels, WIDTHS),
            ("out_channels", self.out_channels, WIDTHS),
            ("latent_channels", self.latent_channels, WIDTHS),
            ("layers_per_block", self.layers_per_block, LAYERS),
            ("norm_num_groups", self.norm_num_groups, WIDTHS),
        ];
        plausible::check(FILE, alone.into_iter().chain(channels))
    }

    /// Pixels along each side of one latent.
    pub fn factor(&self) -> usize {
        1 << (self.block_out_channels.len() - 1)
    }

    fn resnet(&self, inputs: usize, outputs: usize) -> ResnetConfig {
        ResnetConfig {
            inputs,
            outputs,
            time_width: None,
            groups: self.norm_num_groups,
            eps: NORM_EPS,
            output_scale: 1.0,
        }
    }
}

const NORM_EPS: f64 = 1e-6;

/// Encoder and decoder.
#[derive(Debug)]
pub struct AutoencoderKl {
    encoder: Encoder,
    quant: Option<Conv2d>,
    post_quant: Option<Conv2d>,
    decoder: Decoder,
    config: AutoencoderConfig,
}

impl AutoencoderKl {
    /// Reads that of a model alone, to compute on the CPU.
    pub fn read(files: &dyn ModelFiles) -> std::result::Result<Self, ModelError> {
        let config: AutoencoderConfig = parse_json(files, FILE)?;
        config.check()?;
        let name = WEIGHTS.iter().find(|name| files.contains(name));
        let weights = files.weights(name.unwrap_or(&WEIGHTS[0]))?;
        let vb = weights.as_stored(DType::F32, &Device::Cpu);
        Self::new(&config, &vb).map_err(|error| weights.mismatch(&error))
    }

    pub fn new(config: &AutoencoderConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let latent = config.latent_channels;
        let one = ConvOptions::one();
        Ok(Self {
            encoder: Encoder::new(config, &vb.pp("encoder"))?,
            quant: config
                .use_quant_conv
                .then(|| Conv2d::new(2 * latent, 2 * latent, one, &vb.pp("quant_conv")))
                .transpose()?,
            post_quant: config
                .use_post_quant_conv
                .then(|| Conv2d::new(latent, latent, one, &vb.pp("post_quant_conv")))
                .transpose()?,
            decoder: Decoder::new(config, &vb.pp("decoder"))?,
            config: config.clone(),
        })
    }

    pub fn config(&self) -> &AutoencoderConfig {
        &self.config
    }

    /// Pictures `[batch, 3, height, width]` in [-1, 1] to mean and log-variance of their latents,
    /// each `[batch, latent_channels, height / factor, width / factor]`, not scaled.
    pub fn encode(&self, pictures: &Tensor, interrupt: &Interrupt) -> Result<(Tensor, Tensor)> {
        split(&self.moments(pictures, interrupt)?)
    }

    /// Means and log-variances beside each other, as the network gives them.
    fn moments(&self, pictures: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let moments = self.encoder.forward(pictures, interrupt)?;
        match &self.quant {
            Some(quant) => quant.forward(&moments, interrupt),
            None => Ok(moments),
        }
    }

    /// Latents as the encoder gives them, not scaled, to pictures in about [-1, 1]; see
    /// [`Self::encode`] for shapes.
    pub fn decode(&self, latents: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let latents = match &self.post_quant {
            Some(post_quant) => &post_quant.forward(latents, interrupt)?,
            None => latents,
        };
        self.decoder.forward(latents, interrupt)
    }

    /// Latents as [`Self::encode`] gives them to those the denoiser sees.
    pub fn scale(&self, latents: &Tensor) -> Result<Tensor> {
        match self.config.shift_factor {
            Some(shift) => (latents - shift)? * self.config.scaling_factor,
            None => latents * self.config.scaling_factor,
        }
    }

    /// Latents as the denoiser sees them, scaled, to those of [`Self::decode`].
    pub fn unscale(&self, latents: &Tensor) -> Result<Tensor> {
        let latents = (latents / self.config.scaling_factor)?;
        match self.config.shift_factor {
            Some(shift) => latents + shift,
            None => Ok(latents),
        }
    }
}

/// Means and log-variances, the latter kept within sensible bounds.
fn split(moments: &Tensor) -> Result<(Tensor, Tensor)> {
    let halves = moments.chunk(2, 1)?;
    Ok((halves[0].clone(), halves[1].clamp(-30.0, 20.0)?))
}

#[derive(Debug)]
struct Encoder {
    conv_in: Conv2d,
    blocks: Vec<(Vec<ResnetBlock>, Option<Downsample>)>,
    mid: MidBlock,
    norm_out: GroupNorm,
    conv_out: Conv2d,
}

impl Encoder {
    fn new(config: &AutoencoderConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let channels = &config.block_out_channels;
        let mut inputs = channels[0];
        let mut blocks = Vec::with_capacity(channels.len());
        for (index, &outputs) in channels.iter().enumerate() {
            let vb = vb.pp("down_blocks").pp(index);
            let resnets = (0..config.layers_per_block)
                .map(|layer| {
                    let inputs = if layer == 0 { inputs } else { outputs };
                    ResnetBlock::new(config.resnet(inputs, outputs), &vb.pp("resnets").pp(layer))
                })
                .collect::<Result<_>>()?;
            let down = (index + 1 < channels.len())
                .then(|| Downsample::new(outputs, 0, &vb.pp("downsamplers.0")))
                .transpose()?;
            blocks.push((resnets, down));
            inputs = outputs;
        }
        Ok(Self {
            conv_in: Conv2d::new(
                config.in_channels,
                channels[0],
                ConvOptions::three(),
                &vb.pp("conv_in"),
            )?,
            blocks,
            mid: MidBlock::new(config, inputs, &vb.pp("mid_block"))?,
            norm_out: GroupNorm::new(
                config.norm_num_groups,
                inputs,
                NORM_EPS,
                &vb.pp("conv_norm_out"),
            )?
            .then_silu(),
            conv_out: Conv2d::new(
                inputs,
                2 * config.latent_channels,
                ConvOptions::three(),
                &vb.pp("conv_out"),
            )?,
        })
    }

    fn forward(&self, pictures: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let mut hidden = self.conv_in.forward(&channels_last(pictures)?, interrupt)?;
        for (resnets, down) in &self.blocks {
            for resnet in resnets {
                hidden = resnet.forward(&hidden, None, interrupt)?;
            }
            if let Some(down) = down {
                hidden = down.forward(&hidden, interrupt)?;
            }
        }
        let hidden = self.mid.forward(&hidden, interrupt)?;
        self.conv_out
            .forward_normed(&self.norm_out, &hidden, Then::default(), interrupt)?
            .contiguous()
    }
}

#[derive(Debug)]
struct Decoder {
    conv_in: Conv2d,
    mid: MidBlock,
    blocks: Vec<(Vec<ResnetBlock>, Option<Upsample>)>,
    norm_out: GroupNorm,
    conv_out: Conv2d,
}

impl Decoder {
    fn new(config: &AutoencoderConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let mut channels = config.block_out_channels.clone();
        channels.reverse();
        let widest = channels[0];
        let mut inputs = widest;
        let mut blocks = Vec::with_capacity(channels.len());
        for (index, &outputs) in channels.iter().enumerate() {
            let vb = vb.pp("up_blocks").pp(index);
            let resnets = (0..=config.layers_per_block)
                .map(|layer| {
                    let inputs = if layer == 0 { inputs } else { outputs };
                    ResnetBlock::new(config.resnet(inputs, outputs), &vb.pp("resnets").pp(layer))
                })
                .collect::<Result<_>>()?;
            let up = (index + 1 < channels.len())
                .then(|| Upsample::new(outputs, &vb.pp("upsamplers.0")))
                .transpose()?;
            blocks.push((resnets, up));
            inputs = outputs;
        }
        Ok(Self {
            conv_in: Conv2d::new(
                config.latent_channels,
                widest,
                ConvOptions::three(),
                &vb.pp("conv_in"),
            )?,
            mid: MidBlock::new(config, widest, &vb.pp("mid_block"))?,
            blocks,
            norm_out: GroupNorm::new(
                config.norm_num_groups,
                inputs,
                NORM_EPS,
                &vb.pp("conv_norm_out"),
            )?
            .then_silu(),
            conv_out: Conv2d::new(
                inputs,
                config.out_channels,
                ConvOptions::three(),
                &vb.pp("conv_out"),
            )?,
        })
    }

    fn forward(&self, latents: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let mut hidden = self.conv_in.forward(&channels_last(latents)?, interrupt)?;
        hidden = self.mid.forward(&hidden, interrupt)?;
        for (resnets, up) in &self.blocks {
            for resnet in resnets {
                hidden = resnet.forward(&hidden, None, interrupt)?;
            }
            if let Some(up) = up {
                let (_, _, height, width) = hidden.dims4()?;
                hidden = up.forward(&hidden, (2 * height, 2 * width), interrupt)?;
            }
        }
        self.conv_out
            .forward_normed(&self.norm_out, &hidden, Then::default(), interrupt)?
            .contiguous()
    }
}

/// Two residual blocks around attention over all pixels.
#[derive(Debug)]
struct MidBlock {
    first: ResnetBlock,
    attention: Option<PixelAttention>,
    second: ResnetBlock,
}

impl MidBlock {
    fn new(config: &AutoencoderConfig, channels: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let resnet = config.resnet(channels, channels);
        Ok(Self {
            first: ResnetBlock::new(resnet, &vb.pp("resnets.0"))?,
            attention: config
                .mid_block_add_attention
                .then(|| PixelAttention::new(config, channels, &vb.pp("attentions.0")))
                .transpose()?,
            second: ResnetBlock::new(resnet, &vb.pp("resnets.1"))?,
        })
    }

    fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let mut hidden = self.first.forward(xs, None, interrupt)?;
        if let Some(attention) = &self.attention {
            hidden = attention.forward(&hidden, interrupt)?;
        }
        self.second.forward(&hidden, None, interrupt)
    }
}

/// Single-headed self-attention over pixels, beside a shortcut.
#[derive(Debug)]
struct PixelAttention {
    norm: GroupNorm,
    qkv: Linear,
    out: Linear,
}

impl PixelAttention {
    /// Older files call the projections `query`, `key`, `value`, `proj_attn`, and may store them as
    /// 1×1 convolutions.
    fn new(config: &AutoencoderConfig, channels: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let [q, k, v, out] = if vb.contains_tensor("query.weight") {
            ["query", "key", "value", "proj_attn"]
        } else {
            ["to_q", "to_k", "to_v", "to_out.0"]
        };
        let qkv = [q, k, v].map(|name| vb.pp(name));
        Ok(Self {
            norm: GroupNorm::new(
                config.norm_num_groups,
                channels,
                NORM_EPS,
                &vb.pp("group_norm"),
            )?,
            qkv: Linear::beside(channels, channels, &qkv)?,
            out: Linear::from_either(channels, channels, &vb.pp(out))?,
        })
    }

    /// `[batch, channels, height, width]`, shape kept.
    fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let (_, _, height, width) = xs.dims4()?;
        let qkv = self.qkv.forward_pixels(&self.norm, xs, interrupt)?;
        let heads = Heads {
            count: 1,
            causal: false,
        };
        let seen = self_attention(&qkv, heads, interrupt)?;
        let rows = to_rows(xs)?;
        let rows = self.out.forward_then(&seen, Then::plus(&rows), interrupt)?;
        from_rows(&rows, (height, width))
    }
}
