//! Each plane of feature maps brought to mean 0 and variance 1, there and back: instance normalisation
//! while it is learnt. Planes lie one after the other.

use rayon::prelude::*;

/// How planes are normed.
#[derive(Clone, Copy, Debug)]
pub struct PlaneNorm {
    /// Planes of each picture.
    pub channels: usize,
    /// Values of each plane.
    pub pixels: usize,
    /// Added to every variance.
    pub eps: f32,
}

impl PlaneNorm {
    /// Every plane of `xs`, normed, times its channel's weight, plus its bias.
    pub fn forward(&self, xs: &[f32], (weight, bias): (&[f32], &[f32]), out: &mut [f32]) {
        out.par_chunks_exact_mut(self.pixels)
            .zip(xs.par_chunks_exact(self.pixels))
            .enumerate()
            .for_each(|(plane, (out, xs))| {
                let (mean, scale) = self.moments(xs);
                let channel = plane % self.channels;
                let (scale, bias) = (scale * weight[channel], bias[channel]);
                for (out, x) in out.iter_mut().zip(xs) {
                    *out = (x - mean) * scale + bias;
                }
            });
    }

    /// From the gradient of what [`Self::forward`] made of `xs`, that of `xs` to `out`, and those of
    /// weight and bias.
    pub fn backward(
        &self,
        xs: &[f32],
        weight: &[f32],
        gradient: &[f32],
        out: &mut [f32],
    ) -> (Vec<f32>, Vec<f32>) {
        let planes: Vec<(f32, f32)> = out
            .par_chunks_exact_mut(self.pixels)
            .zip(xs.par_chunks_exact(self.pixels))
            .zip(gradient.par_chunks_exact(self.pixels))
            .enumerate()
            .map(|(plane, ((out, xs), gradient))| {
                let (mean, scale) = self.moments(xs);
                let (mut sum, mut along) = (0.0, 0.0);
                for (x, gradient) in xs.iter().zip(gradient) {
                    sum += f64::from(*gradient);
                    along += f64::from(gradient * ((x - mean) * scale));
                }
                let count = self.pixels as f64;
                let (flat, tilt) = ((sum / count) as f32, (along / count) as f32);
                let factor = scale * weight[plane % self.channels];
                for ((out, x), gradient) in out.iter_mut().zip(xs).zip(gradient) {
                    *out = factor * (gradient - flat - (x - mean) * scale * tilt);
                }
                (along as f32, sum as f32)
            })
            .collect();
        let mut sums = (vec![0.0; self.channels], vec![0.0; self.channels]);
        for (plane, (along, sum)) in planes.into_iter().enumerate() {
            sums.0[plane % self.channels] += along;
            sums.1[plane % self.channels] += sum;
        }
        sums
    }

    /// Mean, and what gaps from it are multiplied by.
    fn moments(&self, xs: &[f32]) -> (f32, f32) {
        let count = self.pixels as f64;
        let mean = xs.iter().map(|x| f64::from(*x)).sum::<f64>() / count;
        let gaps = xs.iter().map(|x| (f64::from(*x) - mean).powi(2));
        let variance = gaps.sum::<f64>() / count;
        let scale = (variance + f64::from(self.eps)).sqrt().recip();
        (mean as f32, scale as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_are_what_small_changes_make() {
        let norm = PlaneNorm {
            channels: 2,
            pixels: 6,
            eps: 1e-5,
        };
        let values = |by: f32, count: usize| -> Vec<f32> {
            (0..count).map(|at| (at as f32 * by).sin()).collect()
        };
        let (xs, weight, bias, pull) = (
            values(1.7, 24),
            values(0.9, 2),
            values(0.4, 2),
            values(2.3, 24),
        );
        let loss = |xs: &[f32], weight: &[f32], bias: &[f32]| -> f64 {
            let mut out = vec![0.0; 24];
            norm.forward(xs, (weight, bias), &mut out);
            out.iter().zip(&pull).map(|(a, b)| f64::from(a * b)).sum()
        };
        let mut of_xs = vec![0.0; 24];
        let (of_weight, of_bias) = norm.backward(&xs, &weight, &pull, &mut of_xs);
        let slope = |change: &dyn Fn(f32) -> f64| (change(1e-2) - change(-1e-2)) / 2e-2;
        let moved = |values: &[f32], at: usize, by: f32| {
            let mut values = values.to_vec();
            values[at] += by;
            values
        };
        let near = |found: f32, wanted: f64| {
            let gap = (f64::from(found) - wanted).abs();
            assert!(gap < 2e-2 * (1.0 + wanted.abs()), "{found} {wanted}");
        };
        for (at, found) in of_xs.iter().enumerate() {
            let moved = |by| loss(&moved(&xs, at, by), &weight, &bias);
            near(*found, slope(&moved));
        }
        for (at, (of_weight, of_bias)) in of_weight.iter().zip(&of_bias).enumerate() {
            let heavier = |by| loss(&xs, &moved(&weight, at, by), &bias);
            near(*of_weight, slope(&heavier));
            let lifted = |by| loss(&xs, &weight, &moved(&bias, at, by));
            near(*of_bias, slope(&lifted));
        }
    }
}
