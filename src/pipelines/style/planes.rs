//! Pictures as values one can walk over, plane after plane.

use candle_core::{Device, Result, Tensor};

/// A picture of three planes, or what is known of each of their values.
#[derive(Clone, Debug)]
pub(super) struct Planes {
    pub(super) values: Vec<f32>,
    pub(super) height: usize,
    pub(super) width: usize,
}

impl Planes {
    /// Of `[1, planes, height, width]`.
    pub(super) fn of(picture: &Tensor) -> Result<Self> {
        let (_, _, height, width) = picture.dims4()?;
        Ok(Self {
            values: picture.contiguous()?.flatten_all()?.to_vec1()?,
            height,
            width,
        })
    }

    pub(super) fn tensor(&self) -> Result<Tensor> {
        let area = self.height * self.width;
        let shape = (1, self.values.len() / area, self.height, self.width);
        Tensor::from_slice(&self.values, shape, &Device::Cpu)
    }

    pub(super) fn zeros(&self) -> Self {
        Self {
            values: vec![0.0; self.values.len()],
            ..*self
        }
    }

    /// With `edge` pixels more on every side, which mirror those within; `edge` is less than a side.
    pub(super) fn mirrored(&self, edge: usize) -> Self {
        let (rows, columns) = (within(self.height, edge), within(self.width, edge));
        let planes = self.values.chunks_exact(self.height * self.width);
        let values = planes.flat_map(|plane| {
            let lines = rows
                .iter()
                .map(|y| &plane[y * self.width..(y + 1) * self.width]);
            lines.flat_map(|line| columns.iter().map(|x| line[*x]))
        });
        Self {
            values: values.collect(),
            height: rows.len(),
            width: columns.len(),
        }
    }

    /// From the gradient of what [`Self::mirrored`] made, that of the picture.
    pub(super) fn mirrored_back(&self, edge: usize) -> Self {
        let (height, width) = (self.height - 2 * edge, self.width - 2 * edge);
        let (rows, columns) = (within(height, edge), within(width, edge));
        let planes = self.values.len() / (self.height * self.width);
        let mut values = vec![0.0; planes * height * width];
        let both = values
            .chunks_exact_mut(height * width)
            .zip(self.values.chunks_exact(self.height * self.width));
        for (plane, given) in both {
            for (y, line) in rows.iter().zip(given.chunks_exact(self.width)) {
                for (x, value) in columns.iter().zip(line) {
                    plane[y * width + x] += value;
                }
            }
        }
        Self {
            values,
            height,
            width,
        }
    }
}

/// What each place of a longer side mirrors.
fn within(side: usize, edge: usize) -> Vec<usize> {
    let last = side - 1;
    let places = 0..side + 2 * edge;
    places
        .map(|at| {
            let at = at.abs_diff(edge);
            at.min(2 * last - at.min(2 * last))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_the_transpose_of_the_way_there() {
        let planes = |height: usize, width: usize, by: usize| Planes {
            values: (0..3 * height * width)
                .map(|at| (at * by % 17) as f32)
                .collect(),
            height,
            width,
        };
        let xs = planes(5, 7, 31);
        let made = xs.mirrored(3);
        assert_eq!((made.height, made.width), (11, 13));
        assert_eq!(
            made.values[..5],
            [
                xs.values[24],
                xs.values[23],
                xs.values[22],
                xs.values[21],
                xs.values[22]
            ]
        );
        let ys = planes(11, 13, 7);
        let dot = |a: &[f32], b: &[f32]| -> f32 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let (there, back) = (
            dot(&made.values, &ys.values),
            dot(&xs.values, &ys.mirrored_back(3).values),
        );
        assert!((there - back).abs() < 1e-3 * there, "{there} {back}");
    }
}
