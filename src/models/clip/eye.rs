//! How a picture is shown to CLIP: transformers' `CLIPImageProcessor`.

use candle_core::{Device, Result, Tensor};
use serde::Deserialize;
use serde_json::Value;

use crate::raster::{Extent, Pixels, Resampling, Window, resampled};
use crate::weights::{ModelError, ModelFiles, parse_json};

/// What tells it, and where in the newer file it stands.
const FILE: &str = "preprocessor_config.json";
const NEWER_FILE: &str = "processor_config.json";
const IN_NEWER: &str = "image_processor";
/// Of the colours `OpenAI`'s CLIP was trained with, from 0 to 1.
const MEAN: [f32; 3] = [0.48145466, 0.4578275, 0.40821073];
const DEVIATION: [f32; 3] = [0.26862954, 0.2613026, 0.2757771];
/// Longest side a picture is resized to: the longer side of a strip is cut afterwards.
const LONGEST: f64 = i32::MAX as f64;

/// A size, then a cut, then colours as the network was trained with them.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipEye {
    resize: Option<Resize>,
    how: Resampling,
    /// Of the square the network sees.
    side: u32,
    /// What bytes are multiplied by.
    rescale: f64,
    mean: [f32; 3],
    deviation: [f32; 3],
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Resize {
    /// The shorter side becomes so long.
    Shorter(u32),
    Both(Extent),
}

#[derive(Deserialize)]
#[serde(default)]
struct File {
    do_resize: bool,
    size: Option<Size>,
    resample: u8,
    do_center_crop: bool,
    crop_size: Option<Size>,
    do_rescale: bool,
    rescale_factor: f64,
    do_normalize: bool,
    image_mean: [f32; 3],
    image_std: [f32; 3],
}

impl Default for File {
    fn default() -> Self {
        Self {
            do_resize: true,
            size: None,
            resample: 3,
            do_center_crop: true,
            crop_size: None,
            do_rescale: true,
            rescale_factor: 1.0 / 255.0,
            do_normalize: true,
            image_mean: MEAN,
            image_std: DEVIATION,
        }
    }
}

/// A size is written as one number or by names.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Size {
    One(u32),
    Named {
        #[serde(default)]
        shortest_edge: Option<u32>,
        #[serde(default)]
        height: Option<u32>,
        #[serde(default)]
        width: Option<u32>,
    },
}

impl Size {
    fn of_resize(self) -> Option<Resize> {
        match self {
            Self::One(side) => Some(Resize::Shorter(side)),
            Self::Named {
                height: Some(height),
                width: Some(width),
                ..
            } => Some(Resize::Both(Extent::new(width, height))),
            Self::Named { shortest_edge, .. } => shortest_edge.map(Resize::Shorter),
        }
    }

    fn of_crop(self) -> Option<Extent> {
        match self {
            Self::One(side) => Some(Extent::new(side, side)),
            Self::Named { height, width, .. } => Some(Extent::new(width?, height?)),
        }
    }
}

impl ClipEye {
    /// Of a network that sees squares of a side; without such a file, as `OpenAI`'s CLIP is shown them.
    pub(super) fn read(
        files: &dyn ModelFiles,
        side: usize,
    ) -> std::result::Result<Self, ModelError> {
        let (name, file) = if files.contains(FILE) {
            (FILE, parse_json(files, FILE)?)
        } else if files.contains(NEWER_FILE) {
            let mut value: Value = parse_json(files, NEWER_FILE)?;
            let value = value.get_mut(IN_NEWER).map(Value::take);
            let file = value.map_or_else(|| Ok(File::default()), serde_json::from_value);
            let file = file.map_err(|error| ModelError::InvalidConfig {
                file: NEWER_FILE.to_owned(),
                reason: error.to_string(),
            })?;
            (NEWER_FILE, file)
        } else {
            (FILE, File::default())
        };
        Self::of(&file, side as u32).map_err(|wrong| wrong.told(name))
    }

    fn of(file: &File, side: u32) -> std::result::Result<Self, Wrong> {
        let how = match file.resample {
            1 => Resampling::Lanczos,
            2 => Resampling::Bilinear,
            3 => Resampling::Bicubic,
            other => return Err(Wrong::Unknown(format!("resample {other}"))),
        };
        let square = Extent::new(side, side);
        let resize = match (file.do_resize, file.size) {
            (false, _) => None,
            (true, None) => Some(Resize::Shorter(side)),
            (true, Some(size)) => Some(size.of_resize().ok_or_else(|| {
                Wrong::Unknown("a size without shortest_edge, or height and width".to_owned())
            })?),
        };
        let seen = match (file.do_center_crop, file.crop_size, resize) {
            (true, None, _) => Some(square),
            (true, Some(size), _) => size.of_crop(),
            (false, _, Some(Resize::Both(extent))) => Some(extent),
            (false, ..) => None,
        };
        let is_empty = |resize: Resize| match resize {
            Resize::Shorter(side) => side == 0,
            Resize::Both(extent) => extent.area() == 0,
        };
        let colours = file.image_mean.iter().chain(&file.image_std);
        if !colours
            .chain([&(file.rescale_factor as f32)])
            .all(|value| value.is_finite())
            || file.image_std.contains(&0.0)
            || resize.is_some_and(is_empty)
        {
            return Err(Wrong::Invalid("a number in it cannot be".to_owned()));
        }
        if seen != Some(square) {
            return Err(Wrong::Invalid(format!(
                "it does not make pictures of {side}x{side}, which the network sees"
            )));
        }
        let normalised = file.do_normalize;
        Ok(Self {
            resize,
            how,
            side,
            rescale: if file.do_rescale {
                file.rescale_factor
            } else {
                1.0
            },
            mean: if normalised {
                file.image_mean
            } else {
                [0.0; 3]
            },
            deviation: if normalised { file.image_std } else { [1.0; 3] },
        })
    }

    /// What the network is shown of a picture: `[1, 3, side, side]`.
    pub fn see(&self, pixels: &Pixels) -> Result<Tensor> {
        let (width, height) = (pixels.extent().width, pixels.extent().height);
        if width == 0 || height == 0 {
            candle_core::bail!("the picture has no pixels")
        }
        let to = match self.resize {
            None => pixels.extent(),
            Some(Resize::Both(extent)) => extent,
            Some(Resize::Shorter(side)) => {
                let (short, long) = (width.min(height), width.max(height));
                let long = f64::from(side) * f64::from(long) / f64::from(short);
                if long > LONGEST {
                    candle_core::bail!(
                        "a picture of {width}x{height} is too narrow to be looked at"
                    )
                }
                let long = long as u32;
                if width <= height {
                    Extent::new(side, long)
                } else {
                    Extent::new(long, side)
                }
            }
        };
        let middle = |whole: u32| (i64::from(whole) - i64::from(self.side)).div_euclid(2);
        let window = Window {
            left: middle(to.width),
            top: middle(to.height),
            extent: Extent::new(self.side, self.side),
        };
        let rgb = resampled(pixels, to, window, self.how);
        let side = self.side as usize;
        let pixels = rgb.as_chunks::<3>().0;
        let plane = |channel: usize| {
            let (mean, deviation) = (self.mean[channel], self.deviation[channel]);
            pixels.iter().map(move |pixel| {
                let value = (f64::from(pixel[channel]) * self.rescale) as f32;
                (value - mean) / deviation
            })
        };
        let values: Vec<f32> = (0..3).flat_map(plane).collect();
        Tensor::from_vec(values, (1, 3, side, side), &Device::Cpu)
    }
}

/// What is wrong with such a file.
enum Wrong {
    Invalid(String),
    Unknown(String),
}

impl Wrong {
    fn told(self, file: &str) -> ModelError {
        let file = file.to_owned();
        match self {
            Self::Invalid(reason) => ModelError::InvalidConfig { file, reason },
            Self::Unknown(option) => ModelError::Unsupported { file, option },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eye(json: &str) -> std::result::Result<ClipEye, String> {
        let file: File = serde_json::from_str(json).unwrap();
        ClipEye::of(&file, 32).map_err(|wrong| wrong.told(FILE).to_string())
    }

    #[test]
    fn every_spelling_of_a_size_is_read() {
        for json in [
            "{}",
            r#"{"size": 32, "crop_size": 32}"#,
            r#"{"size": {"shortest_edge": 32}, "crop_size": {"height": 32, "width": 32}}"#,
        ] {
            assert_eq!(
                eye(json).unwrap().resize,
                Some(Resize::Shorter(32)),
                "{json}"
            );
        }
        let both = r#"{"size": {"height": 32, "width": 32}, "do_center_crop": false}"#;
        let square = Extent::new(32, 32);
        assert_eq!(eye(both).unwrap().resize, Some(Resize::Both(square)));
    }

    #[test]
    fn what_the_network_could_not_see_is_refused() {
        for (json, told) in [
            (r#"{"crop_size": 48}"#, "32x32"),
            (r#"{"do_center_crop": false}"#, "32x32"),
            (r#"{"resample": 0}"#, "resample 0"),
            (r#"{"size": {}}"#, "shortest_edge"),
            (r#"{"size": 0}"#, "cannot be"),
            (r#"{"image_std": [1, 0, 1]}"#, "cannot be"),
        ] {
            let error = eye(json).unwrap_err();
            assert!(error.contains(told), "{json}: {error}");
        }
    }
}
