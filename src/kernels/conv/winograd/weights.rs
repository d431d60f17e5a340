//! Weights, transformed once.

#![expect(unsafe_code, reason = "tasks write disjoint parts of one output")]

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::lines::spread;
use super::{PLACES, REACH};
use crate::kernels::conv::ConvShape;
use crate::kernels::level::{Level, store};
use crate::kernels::panels::Panels;
use crate::kernels::shared::Shared;
use crate::kernels::tile::VECTORS;

/// One matrix `[outputs, inputs]` for each place of a transformed tile.
#[derive(Clone, Debug)]
pub(in crate::kernels::conv) struct Transformed {
    pub(super) places: Vec<Panels>,
}

impl Transformed {
    pub(in crate::kernels::conv) fn bytes(&self) -> usize {
        self.places.iter().map(Panels::bytes).sum()
    }
}

/// Transforms the weights `[outputs, inputs, 3, 3]`: `G g Gᵀ`.
pub(in crate::kernels::conv) fn pack(
    level: Level,
    shape: &ConvShape,
    weight: &[f32],
) -> Transformed {
    let sizes = (shape.outputs, shape.inputs);
    let mut places: Vec<Panels> = (0..PLACES).map(|_| Panels::zeros(level, sizes)).collect();
    let parts = places
        .iter_mut()
        .map(|place| Shared::new(place.values_mut()));
    let parts: Vec<Shared<'_>> = parts.collect();
    let count = shape.outputs.div_ceil(level.panel());
    (0..count).into_par_iter().for_each(|panel| {
        level.run(WeightTransform {
            weight,
            sizes,
            panel,
            parts: &parts,
        });
    });
    Transformed { places }
}

/// Transforms the weights of one panel.
struct WeightTransform<'a> {
    weight: &'a [f32],
    sizes: (usize, usize),
    panel: usize,
    parts: &'a [Shared<'a>],
}

impl WithSimd for WeightTransform<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (outputs, inputs) = self.sizes;
        let lanes = S::F32_LANES;
        let width = VECTORS * lanes;
        for input in 0..inputs {
            for vector in 0..VECTORS {
                let first = self.panel * width + vector * lanes;
                let there = outputs.saturating_sub(first).min(lanes);
                let mut kernel = [simd.splat_f32s(0.0); 9];
                for output in 0..there {
                    let values = &self.weight[((first + output) * inputs + input) * 9..][..9];
                    for (to, value) in kernel.iter_mut().zip(values) {
                        pulp::bytemuck::cast_slice_mut::<_, f32>(std::slice::from_mut(to))
                            [output] = *value;
                    }
                }
                let mut lines = [[kernel[0]; 3]; REACH];
                for x in 0..3 {
                    let column = spread(simd, [kernel[x], kernel[3 + x], kernel[6 + x]]);
                    for (line, value) in lines.iter_mut().zip(column) {
                        line[x] = value;
                    }
                }
                for (y, line) in lines.into_iter().enumerate() {
                    for (x, value) in spread(simd, line).into_iter().enumerate() {
                        let at = (self.panel * inputs + input) * width + vector * lanes;
                        // SAFETY: each panel is written by one task.
                        store(
                            simd,
                            unsafe { self.parts[y * REACH + x].part(at, lanes) },
                            value,
                        );
                    }
                }
            }
        }
    }
}
