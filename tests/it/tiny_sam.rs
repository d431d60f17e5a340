//! The tiny networks of `tests/golden/sam/make.py`: their weights are a formula.

use std::path::Path;
use std::sync::Arc;

use afterimage::models::{Sam, SamConfig};
use afterimage::raster::{Area, Extent, Pixels};
use afterimage::weights::{Weights, write_tensors};
use candle_core::{DType, Device};
use serde_json::{Map, Value};

use crate::golden::path;

/// What the goldens were made with: a picture, and what is pointed at in it.
pub(crate) const PICTURE: Extent = Extent::new(90, 61);
pub(crate) const POINT: (u32, u32) = (37, 22);
pub(crate) const BOX: Area = Area {
    x: 20,
    y: 9,
    extent: Extent::new(52, 42),
};

/// Names and shapes of a network's tensors.
pub(crate) fn shapes(name: &str) -> Vec<(String, Vec<usize>)> {
    let text = std::fs::read_to_string(path(&format!("sam/{name}.json"))).unwrap();
    let shapes: Map<String, Value> = serde_json::from_str(&text).unwrap();
    let shape = |value: Value| serde_json::from_value(value).unwrap();
    shapes
        .into_iter()
        .map(|(name, value)| (name, shape(value)))
        .collect()
}

/// Numbers of -0.5 to 0.5 that a name and a place give.
fn noise(name: &str, count: usize) -> impl Iterator<Item = f64> {
    let seed = name.bytes().fold(2_166_136_261_u32, |seed, byte| {
        (seed ^ u32::from(byte)).wrapping_mul(16_777_619)
    });
    (0..count as u32).map(move |place| {
        let mut value = seed.wrapping_add(place.wrapping_mul(2_654_435_761));
        value = (value ^ (value >> 16)).wrapping_mul(0x85eb_ca6b);
        value = (value ^ (value >> 13)).wrapping_mul(0xc2b2_ae35);
        f64::from(value ^ (value >> 16)) / 4_294_967_296.0 - 0.5
    })
}

fn values(name: &str, shape: &[usize]) -> Vec<f32> {
    let noise = noise(name, shape.iter().product());
    if shape.len() > 1 {
        let scale = (12.0 / shape[1..].iter().product::<usize>() as f64).sqrt();
        noise.map(|value| (value * scale) as f32).collect()
    } else if name.ends_with("weight") || name.ends_with("running_var") {
        noise.map(|value| (value * 0.6 + 1.0) as f32).collect()
    } else {
        noise.map(|value| (value * 0.4) as f32).collect()
    }
}

/// A safetensors file of tensors of the given shapes.
pub(crate) fn write(file: &Path, shapes: &[(String, Vec<usize>)]) {
    let tensors: Vec<_> = shapes
        .iter()
        .map(|(name, shape)| (name.as_str(), shape.as_slice(), values(name, shape)))
        .collect();
    let views: Vec<_> = tensors
        .iter()
        .map(|(name, shape, values)| (*name, *shape, values.as_slice()))
        .collect();
    std::fs::write(file, write_tensors(&views).unwrap()).unwrap();
}

/// One of the two networks, `vit` or `tiny`, for small pictures.
pub(crate) fn network(name: &str) -> Sam {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("weights");
    write(&file, &shapes(name));
    let weights = Weights::open(&file).unwrap();
    let mut config = SamConfig::of(&weights).unwrap();
    if name == "tiny" {
        // The file of a small encoder does not tell: it would be 1024.
        (config.side, config.grid) = (128, 8);
    }
    Sam::new(&config, &weights.builder(DType::F32, &Device::Cpu)).unwrap()
}

/// A disc of one colour before stripes of others.
pub(crate) fn picture() -> Arc<Pixels> {
    let rgb: Vec<u8> = (0..PICTURE.height as i32)
        .flat_map(|y| (0..PICTURE.width as i32).map(move |x| (x, y)))
        .flat_map(|(x, y)| {
            let in_disc = (x - 45).pow(2) + (y - 30).pow(2) < 400;
            [0, 1, 2].map(|channel| {
                if in_disc {
                    (200 - 40 * channel + x / 4) as u8
                } else {
                    (40 + 3 * y % 64 + 20 * channel) as u8
                }
            })
        })
        .collect();
    Arc::new(Pixels::from_rgb(PICTURE, &rgb).unwrap())
}
