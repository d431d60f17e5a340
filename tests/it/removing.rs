use std::collections::BTreeMap;

use afterimage::library::read_picture;
use afterimage::pipelines::{CancelToken, Remover, Tools};
use afterimage::raster::{Extent, Mask, Pixels};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

const STRUCTURED: [&str; 5] = ["brick", "chessboard", "page", "coffee", "rocket"];
const HOLES: [&str; 4] = ["rectangle", "disc", "scratches", "overlay"];
const TEXTURES: [&str; 2] = ["grass", "gravel"];
const LARGE_HOLES: [&str; 2] = ["field", "pond"];
/// Of a hole filled without a fault, in dB, so that one such hole does not outweigh all others.
const FAULTLESS: f64 = 50.0;

fn read(name: &str) -> Pixels {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/holes");
    read_picture(&folder.join(format!("{name}.png")))
        .unwrap()
        .pixels
}

fn hole(name: &str) -> Mask {
    Mask::from_pixels(&read(&format!("hole-{name}")))
}

fn filled(id: &str, image: &Pixels, mask: &Mask) -> Pixels {
    let remover = Remover::by_id(id).unwrap();
    let tools = Tools {
        token: &CancelToken::new(),
        lama: &|| panic!("{id} asks for a network"),
    };
    remover.remove(image, mask, &tools).unwrap().unwrap()
}

/// Over the hole alone, in dB.
fn psnr(made: &Pixels, truth: &Pixels, mask: &Mask) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    let pairs = made.rgb().into_iter().zip(truth.rgb()).enumerate();
    for (at, (made, truth)) in pairs {
        if mask.values()[at / 3] > 0 {
            sum += (f64::from(made) - f64::from(truth)).powi(2);
            count += 1.0;
        }
    }
    (10.0 * (255.0 * 255.0 * count / sum).log10()).min(FAULTLESS)
}

/// The mean of the known pixels in a window of 11, again and again until nothing is missing.
fn window_mean(image: &Pixels, mask: &Mask) -> Pixels {
    let Extent { width, height } = image.extent();
    let (width, height) = (width as usize, height as usize);
    let mut rgb = image.rgb();
    let mut known: Vec<bool> = mask.values().iter().map(|&value| value == 0).collect();
    while known.contains(&false) {
        let mut new = Vec::new();
        for at in (0..known.len()).filter(|&at| !known[at]) {
            let (x, y) = (at % width, at / width);
            let mut sums = [0u32; 4];
            for y in y.saturating_sub(5)..(y + 6).min(height) {
                for x in x.saturating_sub(5)..(x + 6).min(width) {
                    let beside = y * width + x;
                    if known[beside] {
                        for channel in 0..3 {
                            sums[channel] += u32::from(rgb[beside * 3 + channel]);
                        }
                        sums[3] += 1;
                    }
                }
            }
            if sums[3] > 0 {
                new.push((at, [0, 1, 2].map(|channel| (sums[channel] / sums[3]) as u8)));
            }
        }
        for (at, color) in new {
            rgb[at * 3..at * 3 + 3].copy_from_slice(&color);
            known[at] = true;
        }
    }
    Pixels::from_rgb(image.extent(), &rgb).unwrap()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn structure_goes_on_through_the_hole_better_than_the_mean_and_telea() {
    let opencv = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/holes/telea.json"),
    );
    let opencv: BTreeMap<String, f64> = serde_json::from_str(&opencv.unwrap()).unwrap();
    let (mut over_mean, mut over_opencv, mut telea_over_opencv) = (vec![], vec![], vec![]);
    for name in STRUCTURED {
        let image = read(name);
        for hole_name in HOLES {
            let mask = hole(hole_name);
            let quality = |made: &Pixels| psnr(made, &image, &mask);
            let exemplar = quality(&filled("exemplar", &image, &mask));
            let telea = quality(&filled("telea", &image, &mask));
            let window = quality(&window_mean(&image, &mask));
            let key = format!("{name} {hole_name}");
            println!(
                "{key}: exemplar {exemplar:.2}, telea {telea:.2}, mean {window:.2}, OpenCV {:.2}",
                opencv[&key]
            );
            over_mean.push(exemplar - window);
            over_opencv.push(exemplar - opencv[&key]);
            telea_over_opencv.push(telea - opencv[&key]);
        }
    }
    let gains = [over_mean, over_opencv, telea_over_opencv].map(|gains| mean(&gains));
    println!(
        "exemplar over the mean {:.2}, over OpenCV {:.2}; telea over OpenCV {:.2}",
        gains[0], gains[1], gains[2]
    );
    assert!(
        gains[0] >= 4.0,
        "exemplar is {} dB above the mean",
        gains[0]
    );
    assert!(
        gains[1] >= 0.0,
        "exemplar is {} dB above OpenCV's Telea",
        gains[1]
    );
    assert!(
        gains[2].abs() <= 0.5,
        "telea is {} dB above OpenCV's",
        gains[2]
    );
}

/// A gray picture to measure textures in.
struct Texture {
    width: usize,
    luma: Vec<f64>,
}

impl Texture {
    fn of(pixels: &Pixels) -> Self {
        let rgb = pixels.rgb();
        Self {
            width: pixels.extent().width as usize,
            luma: rgb
                .as_chunks::<3>()
                .0
                .iter()
                .map(|p| p.iter().map(|&v| f64::from(v)).sum::<f64>() / 3.0)
                .collect(),
        }
    }

    /// Places at least `margin` from the edges, and from every place where `out` holds.
    fn places(&self, margin: usize, out: impl Fn(usize) -> bool) -> Vec<usize> {
        let height = self.luma.len() / self.width;
        (margin..height - margin)
            .flat_map(|y| (margin..self.width - margin).map(move |x| y * self.width + x))
            .filter(|at| {
                let rows =
                    (0..=2 * margin).map(|y| at - margin * (self.width + 1) + y * self.width);
                rows.flat_map(|row| row..=row + 2 * margin)
                    .all(|at| !out(at))
            })
            .collect()
    }

    /// Mean squared gradient over places whose neighbours count too.
    fn energy(&self, out: impl Fn(usize) -> bool) -> f64 {
        let energies: Vec<f64> = self
            .places(1, out)
            .into_iter()
            .map(|at| {
                let across = self.luma[at + 1] - self.luma[at - 1];
                let along = self.luma[at + self.width] - self.luma[at - self.width];
                (across * across + along * along) / 4.0
            })
            .collect();
        mean(&energies)
    }

    /// 7 by 7 patches along one direction: their sorted projections, at 99 even ranks.
    fn projected(&self, direction: &[f64], out: impl Fn(usize) -> bool) -> Vec<f64> {
        let mut values: Vec<f64> = self
            .places(3, out)
            .into_iter()
            .map(|at| {
                let rows = (0..7).map(|y| at - 3 * (self.width + 1) + y * self.width);
                let values = rows.flat_map(|row| &self.luma[row..row + 7]);
                values
                    .zip(direction)
                    .map(|(value, weight)| value * weight)
                    .sum()
            })
            .collect();
        values.sort_by(f64::total_cmp);
        (1..100)
            .map(|rank| values[values.len() * rank / 100])
            .collect()
    }
}

/// Sliced Wasserstein distance of the patches inside the hole from those around it.
fn patch_distance(made: &Pixels, mask: &Mask) -> f64 {
    let texture = Texture::of(made);
    let mut dice = ChaCha8Rng::seed_from_u64(5);
    let mut squares = Vec::new();
    for _ in 0..64 {
        let mut direction: Vec<f64> = (0..49)
            .map(|_| {
                (0..12)
                    .map(|_| f64::from(dice.next_u32()) / f64::from(u32::MAX))
                    .sum::<f64>()
                    - 6.0
            })
            .collect();
        let length = direction.iter().map(|v| v * v).sum::<f64>().sqrt();
        for value in &mut direction {
            *value /= length;
        }
        let inside = texture.projected(&direction, |at| mask.values()[at] == 0);
        let around = texture.projected(&direction, |at| mask.values()[at] > 0);
        squares.extend(inside.iter().zip(around).map(|(a, b)| (a - b).powi(2)));
    }
    mean(&squares).sqrt()
}

#[test]
fn grass_stays_grass_and_gravel_gravel() {
    let (mut ours, mut means) = (vec![], vec![]);
    for name in TEXTURES {
        let image = read(name);
        for hole_name in LARGE_HOLES {
            let mask = hole(hole_name);
            let energy = |made: &Pixels| {
                let texture = Texture::of(made);
                texture.energy(|at| mask.values()[at] == 0)
                    / texture.energy(|at| mask.values()[at] > 0)
            };
            let (exemplar, window) = (
                filled("exemplar", &image, &mask),
                window_mean(&image, &mask),
            );
            let (kept, lost) = (energy(&exemplar), energy(&window));
            ours.push(patch_distance(&exemplar, &mask));
            means.push(patch_distance(&window, &mask));
            println!(
                "{name} {hole_name}: gradient energy {kept:.2} (mean: {lost:.2}), patch distance {:.2} (mean: {:.2})",
                ours[ours.len() - 1],
                means[means.len() - 1]
            );
            assert!((0.8..=1.25).contains(&kept), "{name} {hole_name}: {kept}");
        }
    }
    assert!(
        mean(&ours) <= mean(&means) / 2.0,
        "{ours:?} beside {means:?}"
    );
}
