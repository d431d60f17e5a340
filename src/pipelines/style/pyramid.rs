//! Pictures at half of their size, and gradients back.

use candle_core::{Device, Result, Tensor};

/// A picture of some planes, usually three.
#[derive(Clone, Debug)]
pub(super) struct Plane3 {
    pub(super) values: Vec<f32>,
    pub(super) height: usize,
    pub(super) width: usize,
}

impl Plane3 {
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
}

/// Each pixel the mean of four; an odd last row or column is left out.
pub(super) fn halved(picture: &Plane3) -> Plane3 {
    let (height, width) = (picture.height / 2, picture.width / 2);
    let planes = picture.values.chunks_exact(picture.height * picture.width);
    let values = planes.flat_map(|plane| {
        (0..height * width).map(move |at| {
            let first = at / width * 2 * picture.width + at % width * 2;
            let below = first + picture.width;
            (plane[first] + plane[first + 1] + plane[below] + plane[below + 1]) / 4.0
        })
    });
    Plane3 {
        values: values.collect(),
        height,
        width,
    }
}

/// From the gradient of what [`halved`] made, that of the picture, of a height and width.
pub(super) fn halved_back(gradient: &Plane3, (height, width): (usize, usize)) -> Plane3 {
    let planes = gradient.values.chunks_exact(gradient.height * gradient.width);
    let values = planes.flat_map(|plane| {
        (0..height * width).map(move |at| {
            let (y, x) = (at / width / 2, at % width / 2);
            if y < gradient.height && x < gradient.width {
                plane[y * gradient.width + x] / 4.0
            } else {
                0.0
            }
        })
    });
    Plane3 {
        values: values.collect(),
        height,
        width,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_the_transpose_of_the_way_there() {
        let xs = Plane3 {
            values: (0..3 * 35).map(|at| (at * 31 % 17) as f32).collect(),
            height: 5,
            width: 7,
        };
        let made = halved(&xs);
        let ys = Plane3 {
            values: (0..18).map(|at| (at * 7 % 5) as f32).collect(),
            ..made.clone()
        };
        let dot = |a: &[f32], b: &[f32]| -> f32 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let back = halved_back(&ys, (5, 7));
        let (there, back) = (dot(&made.values, &ys.values), dot(&xs.values, &back.values));
        assert!((there - back).abs() < 1e-3, "{there} {back}");
    }
}
