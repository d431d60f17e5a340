//! The few directions in which some vectors differ most.

use rayon::prelude::*;

use crate::kernels::POINT_SIZE;

/// Rounds of orthogonal iteration: directions need not be exact, only few.
const ROUNDS: usize = 8;

/// The mean of some vectors of one length, and the principal directions of what they differ by.
#[derive(Debug)]
pub(super) struct Axes {
    mean: Vec<f32>,
    axes: Vec<Vec<f32>>,
}

impl Axes {
    /// Learns them; `None` of no vector.
    pub(super) fn of<V: AsRef<[f32]> + Sync>(vectors: &[V]) -> Option<Self> {
        let length = vectors.first()?.as_ref().len();
        let mut mean = vec![0.0; length];
        for vector in vectors {
            add(&mut mean, 1.0 / vectors.len() as f32, vector.as_ref());
        }
        let rows: Vec<Vec<f32>> = vectors
            .iter()
            .map(|vector| {
                let mut row = vector.as_ref().to_vec();
                add(&mut row, -1.0, &mean);
                row
            })
            .collect();
        // Any start that is not along one direction alone will do.
        let start = |axis: usize, at: usize| ((at * (axis + 1) * 7919) % 1009) as f32 - 504.0;
        let mut axes: Vec<Vec<f32>> = (0..POINT_SIZE)
            .map(|axis| (0..length).map(|at| start(axis, at)).collect())
            .collect();
        make_orthonormal(&mut axes);
        for _ in 0..ROUNDS {
            axes = axes
                .par_iter()
                .map(|axis| {
                    let mut product = vec![0.0; length];
                    for row in &rows {
                        add(&mut product, dot(row, axis), row);
                    }
                    product
                })
                .collect();
            make_orthonormal(&mut axes);
        }
        Some(Self { mean, axes })
    }

    /// Where a vector lies along them.
    pub(super) fn point(&self, vector: &[f32]) -> [f32; POINT_SIZE] {
        let mut vector = vector.to_vec();
        add(&mut vector, -1.0, &self.mean);
        std::array::from_fn(|axis| dot(&vector, &self.axes[axis]))
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    let mut sums = [0.0; 4];
    for (a, b) in a.iter().zip(b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

fn add(sum: &mut [f32], weight: f32, vector: &[f32]) {
    for (sum, value) in sum.iter_mut().zip(vector) {
        *sum += weight * value;
    }
}

/// Gram and Schmidt's way.
fn make_orthonormal(axes: &mut [Vec<f32>]) {
    for index in 0..axes.len() {
        let (before, rest) = axes.split_at_mut(index);
        let axis = &mut rest[0];
        for other in before.iter() {
            let along = dot(axis, other);
            add(axis, -along, other);
        }
        let length = dot(axis, axis).sqrt().max(f32::MIN_POSITIVE.sqrt());
        for value in axis.iter_mut() {
            *value /= length;
        }
    }
}
