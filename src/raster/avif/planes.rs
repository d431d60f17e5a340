//! From luma and colour differences to red, green and blue (ITU-T H.273, section 8.3).

use rayon::prelude::*;

use super::Refusal;
use super::frame::Frame;
use super::item::Nclx;

/// Samples, and how many there are of a pixel: 1 to 4.
pub(super) enum Rgb {
    Eight(Vec<u8>, usize),
    Sixteen(Vec<u16>, usize),
}

/// What a plane's numbers mean.
#[derive(Clone, Copy)]
struct Scale {
    zero: f32,
    span: f32,
}

impl Scale {
    /// Of luma, from 0 to 1.
    fn luma(bits: usize, is_full: bool) -> Self {
        let (zero, span) = if is_full { (0.0, 255.0) } else { (16.0, 219.0) };
        Self::of(bits, zero, span, is_full)
    }

    /// Of a difference, from -0.5 to 0.5.
    fn difference(bits: usize, is_full: bool) -> Self {
        Self::of(bits, 128.0, if is_full { 255.0 } else { 224.0 }, is_full)
    }

    fn of(bits: usize, zero: f32, span: f32, is_full: bool) -> Self {
        let finer = (1 << (bits - 8)) as f32;
        Self {
            zero: zero * finer,
            span: if is_full {
                (1 << bits) as f32 - 1.0
            } else {
                span * finer
            },
        }
    }

    fn value(self, sample: f32) -> f32 {
        (sample - self.zero) / self.span
    }
}

/// How three planes make a colour.
#[derive(Clone, Copy)]
enum Matrix {
    /// They are green, blue and red.
    Identity,
    /// The shares of red and blue in luma.
    Shares(f32, f32),
}

impl Matrix {
    fn of(number: Option<u16>) -> Result<Self, Refusal> {
        Ok(match number {
            Some(0) => Self::Identity,
            Some(1) => Self::Shares(0.2126, 0.0722),
            // Unsaid, it is that of BT.601.
            None | Some(2 | 5 | 6) => Self::Shares(0.299, 0.114),
            Some(9) => Self::Shares(0.2627, 0.0593),
            Some(_) => {
                return Err("its colours are of a matrix that is not read; convert it to PNG");
            }
        })
    }

    fn rgb(self, [luma, u, v]: [f32; 3]) -> [f32; 3] {
        match self {
            Self::Identity => [v, luma, u],
            Self::Shares(red_share, blue_share) => {
                let red = luma + 2.0 * (1.0 - red_share) * v;
                let blue = luma + 2.0 * (1.0 - blue_share) * u;
                let green_share = 1.0 - red_share - blue_share;
                let green = (luma - red_share * red - blue_share * blue) / green_share;
                [red, green, blue]
            }
        }
    }
}

/// All pixels of a frame, with alpha if there is a frame of it; deeper samples than 8 bits become 16.
pub(super) fn rgb(
    colors: &Frame,
    alpha: Option<&Frame>,
    nclx: Option<Nclx>,
    is_premultiplied: bool,
) -> Result<Rgb, Refusal> {
    let said = nclx
        .map(|nclx| Some(nclx.matrix))
        .filter(|matrix| *matrix != Some(2));
    let matrix = Matrix::of(said.unwrap_or(colors.matrix))?;
    let is_full = nclx.map_or(colors.is_full, |nclx| nclx.is_full);
    let picture = Picture {
        colors,
        alpha,
        matrix,
        luma: Scale::luma(colors.bits, is_full),
        difference: match matrix {
            Matrix::Identity => Scale::luma(colors.bits, is_full),
            Matrix::Shares(..) => Scale::difference(colors.bits, is_full),
        },
        is_premultiplied: is_premultiplied && alpha.is_some(),
    };
    let channels = (if colors.is_gray() { 1 } else { 3 }) + usize::from(alpha.is_some());
    let wide = colors.extent.width as usize * channels;
    let count = wide * colors.extent.height as usize;
    Ok(if colors.bits > 8 {
        let mut samples = vec![0u16; count];
        samples
            .par_chunks_exact_mut(wide)
            .enumerate()
            .for_each(|(y, row)| {
                for (sample, value) in row.iter_mut().zip(picture.row(y as u32)) {
                    *sample = (value * f32::from(u16::MAX)).round().clamp(0.0, 65535.0) as u16;
                }
            });
        Rgb::Sixteen(samples, channels)
    } else {
        let mut samples = vec![0u8; count];
        samples
            .par_chunks_exact_mut(wide)
            .enumerate()
            .for_each(|(y, row)| {
                for (sample, value) in row.iter_mut().zip(picture.row(y as u32)) {
                    *sample = (value * f32::from(u8::MAX)).round().clamp(0.0, 255.0) as u8;
                }
            });
        Rgb::Eight(samples, channels)
    })
}

struct Picture<'a> {
    colors: &'a Frame,
    alpha: Option<&'a Frame>,
    matrix: Matrix,
    luma: Scale,
    difference: Scale,
    is_premultiplied: bool,
}

impl Picture<'_> {
    /// Channels of a row, from 0 to 1.
    fn row(&self, y: u32) -> Vec<f32> {
        let luma: Vec<f32> = self.colors.row(0, y).into_iter().map(f32::from).collect();
        let differences = (!self.colors.is_gray()).then(|| [1, 2].map(|at| self.doubled(at, y)));
        let alpha = self.alpha.map(|frame| {
            // What is said of the colours is not said of it.
            let scale = Scale::luma(frame.bits, frame.is_full);
            let row = frame.row(0, y).into_iter();
            row.map(|value| scale.value(value.into()))
                .collect::<Vec<_>>()
        });
        let mut row = Vec::with_capacity(luma.len() * 4);
        for (x, &value) in luma.iter().enumerate() {
            let value = self.luma.value(value);
            let alpha = alpha.as_ref().map(|alpha| alpha[x]);
            let share = match alpha {
                Some(alpha) if self.is_premultiplied && alpha > 0.0 => alpha,
                _ => 1.0,
            };
            match &differences {
                Some([u, v]) => {
                    let [u, v] = [u[x], v[x]].map(|sample| self.difference.value(sample));
                    row.extend(self.matrix.rgb([value, u, v]).map(|value| value / share));
                }
                None => row.push(value / share),
            }
            row.extend(alpha);
        }
        row
    }

    /// A row of differences for every pixel: between two halved ones the nearer counts three times.
    fn doubled(&self, plane: usize, y: u32) -> Vec<f32> {
        let (across, along) = self.colors.halved;
        let height = self.colors.extent_of(plane).height;
        let row = |y| self.colors.row(plane, y).into_iter().map(f32::from);
        let mixed: Vec<f32> = if along == 0 {
            row(y).collect()
        } else {
            let (near, far) = neighbours(y, height);
            row(near)
                .zip(row(far))
                .map(|(near, far)| near * 0.75 + far * 0.25)
                .collect()
        };
        if across == 0 {
            return mixed;
        }
        (0..self.colors.extent.width)
            .map(|x| {
                let (near, far) = neighbours(x, mixed.len() as u32);
                mixed[near as usize] * 0.75 + mixed[far as usize] * 0.25
            })
            .collect()
    }
}

/// The halved sample a place lies in, and the next nearest one.
fn neighbours(at: u32, length: u32) -> (u32, u32) {
    let near = at / 2;
    let far = if at.is_multiple_of(2) {
        near.saturating_sub(1)
    } else {
        (near + 1).min(length - 1)
    };
    (near, far)
}
