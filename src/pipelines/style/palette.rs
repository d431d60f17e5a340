//! A picture in the palette of others: their mean colour and how colours vary around it.
//!
//! The linear map between two such distributions that moves colours least; Pitié and Kokaram 2007,
//! "The Linear Monge-Kantorovitch Linear Colour Mapping for Example-Based Colour Transfer".

use super::planes::Planes;

type Matrix = [[f64; 3]; 3];

/// Added to every variance, in squares of the range from 0 to 1: a gray picture has a map too.
const LEAST: f64 = 1e-5;

/// `picture` in the palette of pictures with shares that sum to 1.
pub(super) fn repainted(picture: &Planes, others: &[(Planes, f32)]) -> Planes {
    let (mean, spread) = moments(&[(picture, 1.0)]);
    let others: Vec<_> = others
        .iter()
        .map(|(other, share)| (other, f64::from(*share)))
        .collect();
    let (wanted_mean, wanted) = moments(&others);
    let root = root(&spread);
    let inverse_root = inverse(&root);
    let middle = self::root(&product(&product(&root, &wanted), &root));
    let map = product(&product(&inverse_root, &middle), &inverse_root);
    let area = picture.height * picture.width;
    let mut out = picture.zeros();
    for pixel in 0..area {
        let from: [f64; 3] =
            std::array::from_fn(|at| f64::from(picture.values[at * area + pixel]) - mean[at]);
        for (at, row) in map.iter().enumerate() {
            let value: f64 = row
                .iter()
                .zip(from)
                .map(|(factor, value)| factor * value)
                .sum();
            out.values[at * area + pixel] = (value + wanted_mean[at]).clamp(0.0, 1.0) as f32;
        }
    }
    out
}

/// Mean and covariance of the colours.
fn moments(pictures: &[(&Planes, f64)]) -> ([f64; 3], Matrix) {
    let (mut mean, mut squares) = ([0.0; 3], [[0.0; 3]; 3]);
    for (picture, share) in pictures {
        let area = picture.height * picture.width;
        let weight = share / area as f64;
        for pixel in 0..area {
            let color: [f64; 3] =
                std::array::from_fn(|at| f64::from(picture.values[at * area + pixel]));
            for a in 0..3 {
                mean[a] += weight * color[a];
                for b in 0..3 {
                    squares[a][b] += weight * color[a] * color[b];
                }
            }
        }
    }
    for a in 0..3 {
        for b in 0..3 {
            squares[a][b] -= mean[a] * mean[b];
        }
        squares[a][a] += LEAST;
    }
    (mean, squares)
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    std::array::from_fn(|i| std::array::from_fn(|j| (0..3).map(|k| a[i][k] * b[k][j]).sum()))
}

fn inverse(a: &Matrix) -> Matrix {
    let minor = |i: usize, j: usize| {
        let (r, s) = ((i + 1) % 3, (i + 2) % 3);
        let (c, d) = ((j + 1) % 3, (j + 2) % 3);
        a[r][c] * a[s][d] - a[r][d] * a[s][c]
    };
    let determinant: f64 = (0..3).map(|j| a[0][j] * minor(0, j)).sum();
    std::array::from_fn(|i| std::array::from_fn(|j| minor(j, i) / determinant))
}

/// The square root of a symmetric matrix with positive eigenvalues, by Denman and Beavers' iteration.
fn root(a: &Matrix) -> Matrix {
    let mean = |a: &Matrix, b: &Matrix| -> Matrix {
        std::array::from_fn(|i| std::array::from_fn(|j| 0.5 * (a[i][j] + b[i][j])))
    };
    let one: Matrix = std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))));
    let (mut y, mut z) = (*a, one);
    for _ in 0..40 {
        (y, z) = (mean(&y, &inverse(&z)), mean(&z, &inverse(&y)));
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(seed: usize, bias: f32) -> Planes {
        let values = (0..3 * 400).map(|at| {
            let noise = ((at * 7919 + seed * 104_729) % 1000) as f32 / 1000.0;
            bias + 0.3 * noise + if at < 400 { 0.1 } else { 0.0 }
        });
        Planes {
            values: values.collect(),
            height: 20,
            width: 20,
        }
    }

    #[test]
    fn the_palette_is_the_others() {
        let (own, other) = (picture(1, 0.5), picture(2, 0.2));
        let made = repainted(&own, &[(other.clone(), 1.0)]);
        let (made, other) = (moments(&[(&made, 1.0)]), moments(&[(&other, 1.0)]));
        for at in 0..3 {
            assert!((made.0[at] - other.0[at]).abs() < 1e-3);
            assert!((made.1[at][at] - other.1[at][at]).abs() < 1e-3);
        }
    }

    #[test]
    fn a_picture_in_its_own_palette_stays_as_it_is() {
        let own = picture(3, 0.3);
        let made = repainted(&own, &[(own.clone(), 1.0)]);
        for (made, own) in made.values.iter().zip(&own.values) {
            assert!((made - own).abs() < 1e-4);
        }
    }
}
