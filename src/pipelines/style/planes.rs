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
}
