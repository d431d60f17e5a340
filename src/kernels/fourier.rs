//! Fourier transforms of whole feature maps.

use std::sync::Arc;

use rayon::prelude::*;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use super::{Stop, Stopped};

/// The transforms of planes of one size, in both directions, scaled so that either keeps the sum of
/// squares ("ortho").
#[derive(Clone)]
pub struct PlaneFourier {
    height: usize,
    width: usize,
    rows: (Arc<dyn RealToComplex<f32>>, Arc<dyn ComplexToReal<f32>>),
    columns: (Arc<dyn Fft<f32>>, Arc<dyn Fft<f32>>),
}

impl PlaneFourier {
    /// For planes of `height` rows of `width` values, both above 0.
    pub fn new(height: usize, width: usize) -> Self {
        let (mut rows, mut columns) = (RealFftPlanner::new(), FftPlanner::new());
        Self {
            height,
            width,
            rows: (rows.plan_fft_forward(width), rows.plan_fft_inverse(width)),
            columns: (
                columns.plan_fft_forward(height),
                columns.plan_fft_inverse(height),
            ),
        }
    }

    /// Frequencies along a row: the rest of them mirrors these, since planes are real.
    pub const fn frequencies(&self) -> usize {
        self.width / 2 + 1
    }

    fn scale(&self) -> f32 {
        1.0 / ((self.height * self.width) as f32).sqrt()
    }

    /// Each plane of `input` becomes two in `waves`: the real parts of its waves, then the imaginary
    /// ones, `[height, frequencies]` each.
    pub fn forward(&self, input: &[f32], waves: &mut [f32], stop: Stop<'_>) -> Result<(), Stopped> {
        let (plane, half) = (self.height * self.width, self.height * self.frequencies());
        assert_eq!(input.len() / plane * 2 * half, waves.len());
        input
            .par_chunks_exact(plane)
            .zip(waves.par_chunks_exact_mut(2 * half))
            .try_for_each_init(
                || self.room(),
                |room, (plane, waves)| {
                    if stop() {
                        return Err(Stopped);
                    }
                    let (real, imaginary) = waves.split_at_mut(half);
                    self.forward_plane(plane, (real, imaginary), room);
                    Ok(())
                },
            )
    }

    /// The inverse of [`Self::forward`]. Imaginary parts that no real plane has (of the first and,
    /// where the width is even, the last frequency, once the columns are done) count as 0.
    pub fn inverse(&self, waves: &[f32], out: &mut [f32], stop: Stop<'_>) -> Result<(), Stopped> {
        let (plane, half) = (self.height * self.width, self.height * self.frequencies());
        assert_eq!(out.len() / plane * 2 * half, waves.len());
        out.par_chunks_exact_mut(plane)
            .zip(waves.par_chunks_exact(2 * half))
            .try_for_each_init(
                || self.room(),
                |room, (plane, waves)| {
                    if stop() {
                        return Err(Stopped);
                    }
                    self.inverse_plane(waves.split_at(half), plane, room);
                    Ok(())
                },
            )
    }

    fn room(&self) -> Room {
        let (rows, columns) = (&self.rows, &self.columns);
        let row = rows.0.get_scratch_len().max(rows.1.get_scratch_len());
        let column = columns.0.get_inplace_scratch_len();
        let column = column.max(columns.1.get_inplace_scratch_len());
        Room {
            values: vec![0.0; self.width],
            row: vec![Complex32::ZERO; self.frequencies()],
            columns: vec![Complex32::ZERO; self.height * self.frequencies()],
            scratch: vec![Complex32::ZERO; row.max(column)],
        }
    }

    fn forward_plane(
        &self,
        plane: &[f32],
        (reals, imaginaries): (&mut [f32], &mut [f32]),
        room: &mut Room,
    ) {
        let frequencies = self.frequencies();
        for (y, line) in plane.chunks_exact(self.width).enumerate() {
            room.values.copy_from_slice(line);
            let scratch = &mut room.scratch[..self.rows.0.get_scratch_len()];
            let done = self
                .rows
                .0
                .process_with_scratch(&mut room.values, &mut room.row, scratch);
            debug_assert!(done.is_ok(), "the room has the sizes of the plan");
            for (x, wave) in room.row.iter().enumerate() {
                room.columns[x * self.height + y] = *wave;
            }
        }
        self.columns
            .0
            .process_with_scratch(&mut room.columns, &mut room.scratch);
        let scale = self.scale();
        for y in 0..self.height {
            for x in 0..frequencies {
                let wave = room.columns[x * self.height + y] * scale;
                reals[y * frequencies + x] = wave.re;
                imaginaries[y * frequencies + x] = wave.im;
            }
        }
    }

    fn inverse_plane(&self, waves: (&[f32], &[f32]), plane: &mut [f32], room: &mut Room) {
        let frequencies = self.frequencies();
        let scale = self.scale();
        for y in 0..self.height {
            for x in 0..frequencies {
                let at = y * frequencies + x;
                room.columns[x * self.height + y] =
                    Complex32::new(waves.0[at], waves.1[at]) * scale;
            }
        }
        self.columns
            .1
            .process_with_scratch(&mut room.columns, &mut room.scratch);
        for (y, line) in plane.chunks_exact_mut(self.width).enumerate() {
            for (x, wave) in room.row.iter_mut().enumerate() {
                *wave = room.columns[x * self.height + y];
            }
            room.row[0].im = 0.0;
            if self.width.is_multiple_of(2) {
                room.row[frequencies - 1].im = 0.0;
            }
            let scratch = &mut room.scratch[..self.rows.1.get_scratch_len()];
            let done = self
                .rows
                .1
                .process_with_scratch(&mut room.row, line, scratch);
            debug_assert!(done.is_ok(), "the room has the sizes of the plan");
        }
    }
}

/// What one thread needs for one plane.
struct Room {
    values: Vec<f32>,
    row: Vec<Complex32>,
    /// Waves of the rows, column after column.
    columns: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Any values without a pattern.
    fn values(count: usize) -> Vec<f32> {
        (0..count)
            .map(|i| ((i * i * 31 + i * 7) % 101) as f32 / 50.0 - 1.0)
            .collect()
    }

    #[test]
    fn waves_are_those_of_the_definition() {
        for (height, width) in [(1, 1), (3, 5), (4, 6), (5, 1), (1, 8)] {
            let fourier = PlaneFourier::new(height, width);
            let frequencies = fourier.frequencies();
            let plane = values(height * width);
            let mut waves = vec![0.0; 2 * height * frequencies];
            fourier.forward(&plane, &mut waves, &|| false).unwrap();
            for v in 0..height {
                for u in 0..frequencies {
                    let (mut real, mut imaginary) = (0.0, 0.0);
                    for y in 0..height {
                        for x in 0..width {
                            let turns =
                                (u * x) as f64 / width as f64 + (v * y) as f64 / height as f64;
                            let angle = -std::f64::consts::TAU * turns;
                            real += f64::from(plane[y * width + x]) * angle.cos();
                            imaginary += f64::from(plane[y * width + x]) * angle.sin();
                        }
                    }
                    let scale = 1.0 / ((height * width) as f64).sqrt();
                    let at = v * frequencies + u;
                    assert!((f64::from(waves[at]) - real * scale).abs() < 1e-5);
                    let other = waves[height * frequencies + at];
                    assert!((f64::from(other) - imaginary * scale).abs() < 1e-5);
                }
            }
        }
    }

    #[test]
    fn there_and_back_is_the_same_plane() {
        for (height, width) in [(1, 1), (2, 2), (7, 9), (16, 24), (33, 20)] {
            let fourier = PlaneFourier::new(height, width);
            let planes = values(3 * height * width);
            let mut waves = vec![0.0; 3 * 2 * height * fourier.frequencies()];
            let mut back = vec![0.0; planes.len()];
            fourier.forward(&planes, &mut waves, &|| false).unwrap();
            fourier.inverse(&waves, &mut back, &|| false).unwrap();
            for (a, b) in planes.iter().zip(&back) {
                assert!((a - b).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn a_transform_ends_when_asked() {
        let fourier = PlaneFourier::new(4, 4);
        let mut waves = vec![0.0; 2 * 4 * 3];
        assert_eq!(
            fourier.forward(&[0.0; 16], &mut waves, &|| true),
            Err(Stopped)
        );
        assert_eq!(
            fourier.inverse(&waves, &mut [0.0; 16], &|| true),
            Err(Stopped)
        );
    }
}
