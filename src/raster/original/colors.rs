//! From a file's samples to the sRGB that people see.

use std::sync::Arc;

use moxcms::{
    CmsError, ColorProfile, DataColorSpace, Layout, Transform8BitExecutor, Transform16BitExecutor,
    TransformOptions,
};

use super::samples::{Kind, Sample, Samples, Values, spread};

/// How samples become sRGB.
pub(super) struct Colors {
    pub(super) way: Way,
    /// The profile, if there is one and it can be used.
    pub(super) profile: Option<ColorProfile>,
    /// There is a profile that cannot be used.
    pub(super) is_unusable: bool,
}

pub(super) enum Way {
    /// The samples are sRGB, or taken for it.
    Same,
    /// The 16-bit sRGB of each gray.
    Curve(Vec<u16>),
    Eight(Arc<Transform8BitExecutor>),
    Sixteen(Arc<Transform16BitExecutor>),
}

/// Rather exact than fast.
pub(super) fn options() -> TransformOptions {
    TransformOptions {
        prefer_fixed_point: false,
        ..TransformOptions::default()
    }
}

impl Colors {
    /// Of samples with a profile, if any. A profile that cannot be used is told in the log, and the
    /// samples are taken for sRGB.
    pub(super) fn of(samples: &Samples, profile: Option<&[u8]>) -> Self {
        let through = profile.map(|profile| Self::through(samples, profile));
        match through.transpose() {
            Ok(Some(colors)) => colors,
            nothing => {
                if let Err(reason) = &nothing {
                    log::warn!("a picture's colour profile is not looked at: {reason}");
                }
                Self {
                    way: Way::Same,
                    profile: None,
                    is_unusable: nothing.is_err(),
                }
            }
        }
    }

    fn through(samples: &Samples, profile: &[u8]) -> Result<Self, String> {
        let profile = ColorProfile::new_from_slice(profile).map_err(tell)?;
        let way = match (profile.color_space, samples.kind.color) {
            (DataColorSpace::Rgb, true) => space(&profile, samples.is_sixteen())?,
            (DataColorSpace::Rgb | DataColorSpace::Gray, false) => curve(&profile, samples.most())?,
            (other, _) => return Err(format!("it is one of {other:?}")),
        };
        Ok(Self {
            way,
            profile: Some(profile),
            is_unusable: false,
        })
    }

    /// A row of the picture as 8-bit sRGB with alpha. The same samples become the same colours
    /// wherever this is asked.
    pub(super) fn row(&self, samples: &Samples, y: u32) -> Result<Vec<u8>, String> {
        match &samples.values {
            Values::Eight(values) => self.seen(samples.kind, samples.row(values, y)),
            Values::Sixteen(values) => self.seen(samples.kind, samples.row(values, y)),
        }
    }

    /// The same as finely as the samples tell it: red, green, blue from 0 to 1.
    pub(super) fn fine_row(&self, samples: &Samples, y: u32) -> Result<Vec<[f32; 3]>, String> {
        let codes = samples.codes(y);
        let most = samples.most();
        let fine = |code: u16| f32::from(code) / f32::from(most);
        let rgba = spread(samples.kind, &codes);
        let seen = match &self.way {
            Way::Same => rgba.into_iter().map(fine).collect(),
            Way::Curve(curve) => {
                let seen = rgba.into_iter().map(|gray| curve[usize::from(gray)]);
                seen.map(|gray| f32::from(gray) / f32::from(u16::MAX))
                    .collect()
            }
            Way::Sixteen(transform) => {
                let mut seen = vec![0; rgba.len()];
                transform.transform(&rgba, &mut seen).map_err(tell)?;
                seen.into_iter().map(fine).collect()
            }
            Way::Eight(_) => {
                let seen = self.row(samples, y)?.into_iter();
                seen.map(|value| f32::from(value) / 255.0)
                    .collect::<Vec<_>>()
            }
        };
        let pixels = seen.as_chunks::<4>().0.iter();
        Ok(pixels.map(|&[r, g, b, _]| [r, g, b]).collect())
    }

    fn seen<T: Sample>(&self, kind: Kind, row: &[T]) -> Result<Vec<u8>, String> {
        let rgba = spread(kind, row);
        let eight = || rgba.iter().map(|sample| sample.eight());
        let mut seen = match &self.way {
            Way::Same => return Ok(eight().collect()),
            Way::Curve(curve) => rgba
                .iter()
                .map(|gray| curve[usize::from(gray.code())].eight())
                .collect(),
            Way::Eight(transform) => {
                let source: Vec<u8> = eight().collect();
                let mut seen = vec![0; source.len()];
                transform.transform(&source, &mut seen).map_err(tell)?;
                seen
            }
            Way::Sixteen(transform) => {
                let source: Vec<u16> = rgba.iter().map(|sample| sample.code()).collect();
                let mut seen = vec![0; source.len()];
                transform.transform(&source, &mut seen).map_err(tell)?;
                seen.into_iter().map(Sample::eight).collect()
            }
        };
        for (seen, alpha) in seen.iter_mut().zip(eight()).skip(3).step_by(4) {
            *seen = alpha;
        }
        Ok(seen)
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "handed over by what returns it"
)]
pub(super) fn tell(error: CmsError) -> String {
    error.to_string()
}

/// Through a profile of colours.
fn space(profile: &ColorProfile, sixteen: bool) -> Result<Way, String> {
    let srgb = ColorProfile::new_srgb();
    let transform = profile
        .create_transform_8bit(Layout::Rgba, &srgb, Layout::Rgba, options())
        .map_err(tell)?;
    let probe = probe();
    let mut moved = vec![0; probe.len()];
    transform.transform(&probe, &mut moved).map_err(tell)?;
    Ok(if are_near(&probe, &moved) {
        Way::Same
    } else if sixteen {
        let transform =
            profile.create_transform_16bit(Layout::Rgba, &srgb, Layout::Rgba, options());
        Way::Sixteen(transform.map_err(tell)?)
    } else {
        Way::Eight(transform)
    })
}

/// Of a profile of gray, or of one of colours that stands in a gray file.
fn curve(profile: &ColorProfile, most: u16) -> Result<Way, String> {
    let step = u16::MAX / most;
    let grays = (0..=most).map(|code| code * step);
    let (layout, source): (_, Vec<u16>) = if profile.color_space == DataColorSpace::Gray {
        (Layout::Gray, grays.clone().collect())
    } else {
        (
            Layout::Rgb,
            grays.clone().flat_map(|gray| [gray; 3]).collect(),
        )
    };
    let srgb = ColorProfile::new_srgb();
    let mut rgb = vec![0; (usize::from(most) + 1) * 3];
    profile
        .create_transform_16bit(layout, &srgb, Layout::Rgb, options())
        .and_then(|transform| transform.transform(&source, &mut rgb))
        .map_err(tell)?;
    let curve: Vec<u16> = rgb.into_iter().skip(1).step_by(3).collect();
    let eight = |codes: &[u16]| codes.iter().map(|code| code.eight()).collect::<Vec<_>>();
    let grays: Vec<u16> = grays.collect();
    Ok(if are_near(&eight(&grays), &eight(&curve)) {
        Way::Same
    } else {
        Way::Curve(curve)
    })
}

/// A profile that is sRGB itself shall change no bit.
fn are_near(before: &[u8], after: &[u8]) -> bool {
    before.iter().zip(after).all(|(a, b)| a.abs_diff(*b) <= 1)
}

/// A grid of colours that shows what a profile does.
fn probe() -> Vec<u8> {
    const STEP: usize = 51;
    let levels = || (0..=255u8).step_by(STEP);
    levels()
        .flat_map(|r| levels().flat_map(move |g| levels().map(move |b| [r, g, b, 255])))
        .flatten()
        .collect()
}
