//! Which channels a network is shown together.

use crate::raster::Kind;

/// The channels networks of colours take.
const COLORS: usize = 3;
/// What red, green and blue are of a gray, as ITU-R BT.601 has it.
const GRAY: [f32; COLORS] = [0.299, 0.587, 0.114];

/// One call of the network for a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// Red, green and blue.
    Colors,
    /// One channel alone, as gray where the network takes colours.
    Plane(usize),
}

/// The calls a picture takes, alpha last; `None` where the network takes neither gray nor colours.
/// Alpha is made larger by the network like a gray picture, as Real-ESRGAN's authors do, so that its
/// edges are those of the colours.
pub(super) fn passes(kind: Kind, channels: usize) -> Option<Vec<Pass>> {
    let planes = if kind.color { 0..COLORS } else { 0..1 };
    let mut passes = match channels {
        COLORS if kind.color => vec![Pass::Colors],
        1 | COLORS => planes.clone().map(Pass::Plane).collect(),
        _ => return None,
    };
    if kind.alpha {
        passes.push(Pass::Plane(planes.end));
    }
    Some(passes)
}

/// How often a network of so many channels is called for each part of a picture; alpha that hides
/// nothing is not shown to it.
pub fn network_calls((kind, is_opaque): (Kind, bool), channels: usize) -> Option<u32> {
    let mut calls = passes(kind, channels)?.len() as u32;
    if kind.alpha && is_opaque {
        calls -= 1;
    }
    Some(calls)
}

impl Pass {
    /// What the network is shown of a pixel, appended.
    pub(super) fn show(self, pixel: &[f32], channels: usize, shown: &mut Vec<f32>) {
        match self {
            Self::Colors => shown.extend_from_slice(&pixel[..COLORS]),
            Self::Plane(plane) => shown.extend(std::iter::repeat_n(pixel[plane], channels)),
        }
    }

    /// Adds to a pixel what the network made of it; what lies beyond 0 and 1 is cut first.
    pub(super) fn add(self, made: &[f32], weight: f32, pixel: &mut [f32]) {
        let cut = |value: &f32| value.clamp(0.0, 1.0);
        match self {
            Self::Colors => {
                for (value, made) in pixel.iter_mut().zip(made) {
                    *value += weight * cut(made);
                }
            }
            Self::Plane(plane) => {
                let gray = match made {
                    [gray] => cut(gray),
                    colors => colors
                        .iter()
                        .zip(GRAY)
                        .map(|(value, share)| cut(value) * share)
                        .sum(),
                };
                pixel[plane] += weight * gray;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_is_shown_once_and_alpha_by_itself() {
        let kind = |color, alpha| Kind { color, alpha };
        let of = |color, alpha, channels| passes(kind(color, alpha), channels).unwrap();
        use Pass::{Colors, Plane};
        assert_eq!(of(true, false, 3), [Colors]);
        assert_eq!(of(true, true, 3), [Colors, Plane(3)]);
        assert_eq!(of(false, true, 3), [Plane(0), Plane(1)]);
        assert_eq!(of(true, true, 1), [Plane(0), Plane(1), Plane(2), Plane(3)]);
        assert_eq!(of(false, false, 1), [Plane(0)]);
        assert_eq!(passes(kind(true, false), 4), None);
        let calls = |alpha, opaque, channels| network_calls((kind(true, alpha), opaque), channels);
        assert_eq!(calls(false, true, 3), Some(1));
        assert_eq!(calls(true, false, 3), Some(2));
        assert_eq!(calls(true, true, 3), Some(1));
        assert_eq!(calls(true, true, 1), Some(3));
    }
}
