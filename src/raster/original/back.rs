//! From sRGB to the samples of a file.

use std::sync::Arc;

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformF32Executor};

use super::colors::{Colors, Way, options, tell};
use super::samples::Samples;

/// How new colours become samples of a file.
pub(super) enum Back {
    /// Each channel by itself, with the sample of each 8-bit value.
    Channel(Channel, Vec<u16>),
    /// Through the file's profile, with the largest sample.
    Space(Arc<TransformF32Executor>, u16),
}

/// From a value, from 0 to 1, to a sample.
pub(super) enum Channel {
    /// In even steps up to the largest sample.
    Even(u16),
    /// Grays by their 16-bit sRGB, in its order.
    Curve(Vec<(u16, u16)>),
}

impl Channel {
    /// The sample whose sRGB is nearest.
    fn code(&self, value: f32) -> u16 {
        let rounded = |most: u16| (value * f32::from(most)).round().clamp(0.0, most.into()) as u16;
        match self {
            Self::Even(most) => rounded(*most),
            Self::Curve(grays) => {
                let wanted = rounded(u16::MAX);
                let above = grays.partition_point(|&(seen, _)| seen < wanted);
                let beside = [above.saturating_sub(1), above.min(grays.len() - 1)];
                let [below, above] = beside.map(|at| grays[at]);
                if wanted.abs_diff(below.0) <= wanted.abs_diff(above.0) {
                    below.1
                } else {
                    above.1
                }
            }
        }
    }
}

impl Back {
    /// Into samples like some, gray ones if not `color`; `None` if the profile knows no way back.
    pub(super) fn of(colors: &Colors, samples: &Samples, color: bool) -> Option<Self> {
        let most = samples.most();
        // What is known of a gray file is its grays alone.
        let is_srgb = samples.kind.color && matches!(colors.way, Way::Same);
        let has_space =
            |profile: &&ColorProfile| color && profile.color_space == DataColorSpace::Rgb;
        if let Some(profile) = colors.profile.as_ref().filter(has_space)
            && !is_srgb
        {
            let back = ColorProfile::new_srgb()
                .create_transform_f32(Layout::Rgb, profile, Layout::Rgb, options())
                .map_err(|error| log::warn!("a colour profile knows no way back: {error}"))
                .ok()?;
            return Some(Self::Space(back, most));
        }
        let channel = match &colors.way {
            Way::Curve(curve) => {
                let mut grays: Vec<_> = curve.iter().copied().zip(0..=u16::MAX).collect();
                grays.sort_unstable();
                Channel::Curve(grays)
            }
            // What is no curve and has no space is sRGB.
            Way::Same | Way::Eight(_) | Way::Sixteen(_) => Channel::Even(most),
        };
        let eight = (0..=u8::MAX).map(|value| channel.code(f32::from(value) / 255.0));
        let eight = eight.collect();
        Some(Self::Channel(channel, eight))
    }

    /// Samples of some 8-bit colours, red, green and blue of each. Colours beyond the profile's are
    /// clipped.
    pub(super) fn codes(&self, rgb: &[u8]) -> Result<Vec<u16>, String> {
        match self {
            Self::Channel(_, eight) => Ok(rgb.iter().map(|&v| eight[usize::from(v)]).collect()),
            Self::Space(..) => {
                let source: Vec<f32> = rgb.iter().map(|&v| f32::from(v) / 255.0).collect();
                self.fine_codes(&source)
            }
        }
    }

    /// The same of values from 0 to 1.
    pub(super) fn fine_codes(&self, rgb: &[f32]) -> Result<Vec<u16>, String> {
        match self {
            Self::Channel(channel, _) => Ok(rgb.iter().map(|&v| channel.code(v)).collect()),
            Self::Space(transform, most) => {
                let mut codes = vec![0.0; rgb.len()];
                transform.transform(rgb, &mut codes).map_err(tell)?;
                let most = f32::from(*most);
                Ok(codes
                    .into_iter()
                    .map(|value| (value * most).round().clamp(0.0, most) as u16)
                    .collect())
            }
        }
    }
}

/// The profile of an RGB file in which three equal samples are the gray that one of them is by a gray
/// profile; `None` if that has no curve.
pub(super) fn with_colors(gray: &ColorProfile) -> Option<Vec<u8>> {
    let curve = gray.gray_trc.clone()?;
    let mut profile = ColorProfile::new_srgb();
    profile.red_trc = Some(curve.clone());
    profile.green_trc = Some(curve.clone());
    profile.blue_trc = Some(curve);
    // It would stand for sRGB's own curve.
    profile.cicp = None;
    profile.description.clone_from(&gray.description);
    timeless(&profile)
}

/// A profile as it stands in files; the same one at any time, so that the same picture becomes the
/// same file.
pub(in crate::raster) fn timeless(profile: &ColorProfile) -> Option<Vec<u8>> {
    /// Where a profile says when it was made (ICC.1:2022, table 17).
    const CREATED: std::ops::Range<usize> = 24..36;
    /// The first of January 2000.
    const SOME_DAY: [u8; 12] = [7, 208, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0];
    let mut encoded = profile
        .encode()
        .map_err(|error| log::warn!("a colour profile cannot be written: {error}"))
        .ok()?;
    encoded.get_mut(CREATED)?.copy_from_slice(&SOME_DAY);
    Some(encoded)
}
