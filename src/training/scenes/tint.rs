//! Colours as the painter mixes them: sRGB values as floats, by plain arithmetic.

use super::attributes::Color;

/// An opaque sRGB colour, each channel 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rgb {
    pub(super) r: f32,
    pub(super) g: f32,
    pub(super) b: f32,
}

/// `0xRRGGBB` as a colour.
pub(super) const fn hex(value: u32) -> Rgb {
    Rgb {
        r: ((value >> 16) & 255) as f32,
        g: ((value >> 8) & 255) as f32,
        b: (value & 255) as f32,
    }
}

pub(super) const WHITE: Rgb = hex(0xFFFFFF);

impl Rgb {
    /// This colour moved towards another by `share` (0 to 1).
    pub(super) fn mix(self, other: Self, share: f32) -> Self {
        Self {
            r: self.r + (other.r - self.r) * share,
            g: self.g + (other.g - self.g) * share,
            b: self.b + (other.b - self.b) * share,
        }
    }

    /// Every channel times a factor.
    pub(super) fn times(self, factor: f32) -> Self {
        self.filtered([factor; 3])
    }

    /// Each channel times its own factor, as light through a filter.
    pub(super) fn filtered(self, factors: [f32; 3]) -> Self {
        Self {
            r: (self.r * factors[0]).min(255.0),
            g: (self.g * factors[1]).min(255.0),
            b: (self.b * factors[2]).min(255.0),
        }
    }

    /// How bright the eye finds it, 0 to 255.
    pub(super) fn luma(self) -> f32 {
        0.299 * self.r + 0.587 * self.g + 0.114 * self.b
    }

    /// Towards its own grey.
    pub(super) fn faded(self, share: f32) -> Self {
        let y = self.luma();
        self.mix(Self { r: y, g: y, b: y }, share)
    }
}

/// The four values of one named colour, from lit to deep.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tones {
    pub(super) light: Rgb,
    pub(super) base: Rgb,
    pub(super) shade: Rgb,
    pub(super) deep: Rgb,
}

impl Tones {
    const fn new(light: u32, base: u32, shade: u32, deep: u32) -> Self {
        Self {
            light: hex(light),
            base: hex(base),
            shade: hex(shade),
            deep: hex(deep),
        }
    }

    /// The painter's version of a named colour.
    pub(super) const fn of(color: Color) -> Self {
        match color {
            Color::Red => Self::new(0xFF6A58, 0xE0202A, 0xAA1426, 0x6E0E20),
            Color::Orange => Self::new(0xFFB55E, 0xFC8616, 0xDC640C, 0x96420C),
            Color::Yellow => Self::new(0xFFF08A, 0xFFD928, 0xE8BC1E, 0x9C740E),
            Color::Green => Self::new(0x84DE86, 0x2EAA52, 0x1B7546, 0x0F4A34),
            Color::Blue => Self::new(0x72B4FF, 0x2368E8, 0x1942AE, 0x102868),
            Color::Purple => Self::new(0xBE92F4, 0x843FD0, 0x5B2799, 0x361566),
            Color::Pink => Self::new(0xFFBCDA, 0xFF78B2, 0xDA4A8C, 0x8E2860),
            Color::White => Self::new(0xFFFFFF, 0xF2F4F9, 0xC4CCDB, 0x838EA6),
            // Its light is far from its base, so that a black thing keeps its shape.
            Color::Black => Self::new(0x737A90, 0x2E313D, 0x1C1E28, 0x0E0F18),
            Color::Brown => Self::new(0xC08A56, 0x8A5430, 0x643A20, 0x3E2216),
            Color::Gray => Self::new(0xB8BAC0, 0x8A8C92, 0x6E7078, 0x44464D),
            Color::Turquoise => Self::new(0x80EAF0, 0x18C4C2, 0x0C929C, 0x0A5A6A),
        }
    }
}
