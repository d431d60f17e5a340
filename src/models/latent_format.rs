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
    // Stable Diffusion 3.
    LatentFormat {
        scaling_factor: 1.5305,
        matrix: &[
            [-0.0922, -0.0175, 0.0749],
            [0.0311, 0.0633, 0.0954],
            [0.1994, 0.0927, 0.0458],
            [0.0856, 0.0339, 0.0902],
            [0.0587, 0.0272, -0.0496],
            [-0.0006, 0.1104, 0.0309],
            [0.0978, 0.0306, 0.0427],
            [-0.0042, 0.1038, 0.1358],
            [-0.0194, 0.0020, 0.0669],
            [-0.0488, 0.0130, -0.0268],
            [0.0922, 0.0988, 0.0951],
            [-0.0278, 0.0524, -0.0542],
            [0.0332, 0.0456, 0.0895],
            [-0.0069, -0.0030, -0.0810],
            [-0.0596, -0.0465, -0.0293],
            [-0.1448, -0.1463, -0.1189],
        ],
        bias: [0.2394, 0.2135, 0.1925],
    },
    // FLUX.1, and Z-Image, whose autoencoder is the same.
    LatentFormat {
        scaling_factor: 0.3611,
        matrix: &[
            [-0.0346, 0.0244, 0.0681],
            [0.0034, 0.0210, 0.0687],
            [0.0275, -0.0668, -0.0433],
            [-0.0174, 0.0160, 0.0617],
            [0.0859, 0.0721, 0.0329],
            [0.0004, 0.0383, 0.0115],
            [0.0405, 0.0861, 0.0915],
            [-0.0236, -0.0185, -0.0259],
            [-0.0245, 0.0250, 0.1180],
            [0.1008, 0.0755, -0.0421],
            [-0.0515, 0.0201, 0.0011],
            [0.0428, -0.0012, -0.0036],
            [0.0817, 0.0765, 0.0749],
            [-0.1264, -0.0522, -0.1103],
            [-0.0280, -0.0881, -0.0499],
            [-0.1262, -0.0982, -0.0778],
        ],
        bias: [-0.0329, -0.0718, -0.0851],
    },
];

/// Latent pixels along each side of a probe: enough that most of the decoded picture is away from
/// its edges.
const PROBE_SIDE: usize = 4;

impl LatentColors {
    /// Of planes that are colours.
    pub(super) fn themselves() -> Self {
        Self {
            matrix: vec![[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            bias: [0.0; 3],
        }
    }

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
