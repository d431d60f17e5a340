//! How latents of each family look: what previews are made of.

use candle_core::{Device, Result, Tensor};
use serde::Deserialize;

use super::AutoencoderKl;
use crate::nn::Interrupt;

/// The key of `vae/config.json` that a folder has its own map under.
pub const LATENT_COLORS: &str = "latent_colors";

/// A linear map from latents, as the denoiser sees them, to colour:
/// `rgb = bias + Σ latent[c] * matrix[c]`, in [-1, 1].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct LatentColors {
    /// One row per latent channel.
    pub matrix: Vec<[f32; 3]>,
    pub bias: [f32; 3],
}

/// A published latent space.
#[derive(Debug)]
pub struct LatentFormat {
    pub scaling_factor: f64,
    pub matrix: &'static [[f32; 3]],
    pub bias: [f32; 3],
}

/// Latent spaces with a published map; numbers as in ComfyUI's `latent_formats.py`.
const KNOWN: &[LatentFormat] = &[
    // Stable Diffusion 1.x and 2.x.
    LatentFormat {
        scaling_factor: 0.18215,
        matrix: &[
            [0.3512, 0.2297, 0.3227],
            [0.3250, 0.4974, 0.2350],
            [-0.2829, 0.1762, 0.2721],
            [-0.2120, -0.2616, -0.7177],
        ],
        bias: [0.0, 0.0, 0.0],
    },
    // Stable Diffusion XL.
    LatentFormat {
        scaling_factor: 0.13025,
        matrix: &[
            [0.3651, 0.4232, 0.4341],
            [-0.2533, -0.0042, 0.1068],
            [0.1076, 0.1111, -0.0362],
            [-0.3165, -0.2492, -0.2188],
        ],
        bias: [0.1084, -0.0175, -0.0011],
    },
];

/// Latent pixels along each side of a probe: enough that most of the decoded picture is away from
/// its edges.
const PROBE_SIDE: usize = 4;

impl LatentColors {
    /// Whether it is a map of so many channels.
    pub(super) fn fits(&self, channels: usize) -> bool {
        let mut values = self.matrix.iter().chain([&self.bias]).flatten();
        self.matrix.len() == channels && values.all(|value| value.is_finite())
    }

    /// The map of an autoencoder: its folder's own, or published, or measured by decoding.
    pub fn of(autoencoder: &AutoencoderKl, device: &Device) -> Result<Self> {
        let config = autoencoder.config();
        if let Some(own) = &config.latent_colors {
            return Ok(own.clone());
        }
        let known = KNOWN.iter().find(|format| {
            format.matrix.len() == config.latent_channels
                && (format.scaling_factor - config.scaling_factor).abs() < 1e-6
        });
        match known {
            Some(format) => Ok(Self {
                matrix: format.matrix.to_vec(),
                bias: format.bias,
            }),
            None => Self::measure(autoencoder, device),
        }
    }

    /// Raises and lowers one channel at a time in an otherwise empty latent and sees how the mean
    /// colour of the decoded picture answers.
    fn measure(autoencoder: &AutoencoderKl, device: &Device) -> Result<Self> {
        let channels = autoencoder.config().latent_channels;
        let mean_color = |channel: Option<usize>, level: f32| -> Result<[f32; 3]> {
            let plane = PROBE_SIDE * PROBE_SIDE;
            let mut values = vec![0.0; channels * plane];
            if let Some(channel) = channel {
                values[channel * plane..][..plane].fill(level);
            }
            let shape = (1, channels, PROBE_SIDE, PROBE_SIDE);
            let latents = autoencoder.unscale(&Tensor::from_vec(values, shape, device)?)?;
            let picture = autoencoder.decode(&latents, &Interrupt::never())?;
            let means = picture
                .flatten_from(2)?
                .mean(2)?
                .flatten_all()?
                .to_vec1::<f32>()?;
            Ok(std::array::from_fn(|i| {
                means.get(i).copied().unwrap_or(0.0)
            }))
        };
        let bias = mean_color(None, 0.0)?;
        let matrix = (0..channels)
            .map(|channel| {
                let (up, down) = (
                    mean_color(Some(channel), 1.0)?,
                    mean_color(Some(channel), -1.0)?,
                );
                Ok(std::array::from_fn(|i| (up[i] - down[i]) / 2.0))
            })
            .collect::<Result<_>>()?;
        Ok(Self { matrix, bias })
    }
}
