//! What is asked for, and what it starts from.

use serde::{Deserialize, Serialize};

use super::Styling;

/// What was asked for: one variant per verb in `pipelines/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    TextToImage,
    ImageToImage(Change),
    Inpaint(Fill),
    Remove(Removal),
    Style(Styling),
    Upscale(Enlargement),
}

/// A picture changed as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub image: Input,
    pub strength: Strength,
    /// How the picture takes the recipe's size.
    pub resize: ResizeMode,
}

/// A part of a picture painted anew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fill {
    pub image: Input,
    pub mask: Input,
    pub strength: Strength,
    pub region: Region,
    pub content: MaskedContent,
    /// Pixels over which the mask's outer edge fades, as the deviation of a Gaussian; 0: a hard edge.
    pub mask_blur: f32,
    /// Whether the new pixels take over the colours around them.
    pub match_colors: bool,
}

/// Something disappears from a picture, filled from what is around it; no prompt is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    pub image: Input,
    pub mask: Input,
    /// A way to remove, by its id.
    pub method: String,
}

/// A picture made larger, part by part; the recipe's model is the network, if one does it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Enlargement {
    pub image: Input,
    /// A way to make pictures larger, by its id.
    pub method: String,
    /// Of the result's width over the picture's.
    pub scale: f64,
    /// Longer side of a part, in pixels of the picture.
    pub tile: u32,
    /// Pixels around a part that the network was shown too.
    pub tile_pad: u32,
    /// Pixels the picture was extended by to the right and downward.
    pub pre_pad: u32,
    /// Parts were blended where they overlap.
    #[serde(default)]
    pub feather: bool,
}

/// A picture or a mask, by content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// SHA-256 of its width, height and bytes, in hexadecimal; empty in a job that takes whatever it
    /// brings: large pictures are not hashed while somebody waits.
    pub sha256: String,
}

/// How much of the path from noise to picture is gone, above 0 up to 1: at 1 nothing is left of
/// what was there. A number of its own, so that its decimal digits survive: `steps * strength` is
/// rounded down.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Strength(pub f64);

impl Strength {
    pub const WHOLE: Self = Self(1.0);

    /// How many of `steps` are done, as diffusers counts them.
    pub fn steps_of(self, steps: u32) -> u32 {
        ((f64::from(steps) * self.0) as u32).min(steps)
    }

    pub fn is_whole(self) -> bool {
        self.0 >= 1.0
    }
}

/// How a picture takes a size of another shape; the names are A1111's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResizeMode {
    JustResize,
    #[default]
    CropAndResize,
    ResizeAndFill,
}

/// What the denoiser sees of a picture to be filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    /// All of it, at its own size.
    WholePicture,
    /// The masked part and `padding` pixels around it, at the recipe's size.
    OnlyMasked { padding: u32 },
}

/// What lies under the mask when denoising begins. At full strength that is noise alone, whatever is
/// chosen here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaskedContent {
    #[default]
    Original,
    /// The colours around it.
    Fill,
    LatentNoise,
    LatentNothing,
}

impl Task {
    /// The inputs it needs: a picture, and a mask where only a part of it changes.
    pub fn inputs(&self) -> (Option<&Input>, Option<&Input>) {
        match self {
            Self::TextToImage => (None, None),
            Self::ImageToImage(change) => (Some(&change.image), None),
            Self::Inpaint(fill) => (Some(&fill.image), Some(&fill.mask)),
            Self::Remove(removal) => (Some(&removal.image), Some(&removal.mask)),
            Self::Style(styling) => (Some(&styling.content), styling.mask.as_ref()),
            Self::Upscale(enlargement) => (Some(&enlargement.image), None),
        }
    }

    /// The same, to be filled in.
    pub fn inputs_mut(&mut self) -> (Option<&mut Input>, Option<&mut Input>) {
        match self {
            Self::TextToImage => (None, None),
            Self::ImageToImage(change) => (Some(&mut change.image), None),
            Self::Inpaint(fill) => (Some(&mut fill.image), Some(&mut fill.mask)),
            Self::Remove(removal) => (Some(&mut removal.image), Some(&mut removal.mask)),
            Self::Style(styling) => (Some(&mut styling.content), styling.mask.as_mut()),
            Self::Upscale(enlargement) => (Some(&mut enlargement.image), None),
        }
    }

    pub fn strength(&self) -> Strength {
        match self {
            Self::TextToImage | Self::Remove(_) | Self::Style(_) | Self::Upscale(_) => {
                Strength::WHOLE
            }
            Self::ImageToImage(change) => change.strength,
            Self::Inpaint(fill) => fill.strength,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_counted_as_diffusers_counts_them() {
        for (steps, strength, done) in [
            (10, 0.7, 7),
            (20, 0.35, 7),
            (20, 0.3, 6),
            (50, 0.29, 14),
            (10, 1.0, 10),
            (10, 0.09, 0),
        ] {
            assert_eq!(
                Strength(strength).steps_of(steps),
                done,
                "{steps} × {strength}"
            );
        }
    }

    #[test]
    fn a_plain_task_is_a_word_and_the_others_carry_what_they_need() {
        let json = serde_json::to_string(&Task::TextToImage).unwrap();
        assert_eq!(json, "\"text_to_image\"");
        let task = Task::ImageToImage(Change {
            image: Input {
                sha256: "ab".to_owned(),
            },
            strength: Strength(0.6),
            resize: ResizeMode::default(),
        });
        let json = serde_json::to_string(&task).unwrap();
        assert!(json.contains("\"strength\":0.6"), "{json}");
        assert_eq!(serde_json::from_str::<Task>(&json).unwrap(), task);
    }
}
