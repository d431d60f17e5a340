use std::collections::HashMap;

use afterimage::models::{Embedding, Prompt};
use afterimage::nn::Interrupt;
use afterimage::pipelines::{CancelToken, Hint, Segmenter};
use afterimage::raster::Mask;
use candle_core::{IndexOp as _, Tensor};

use crate::golden::{assert_agrees, tensors};
use crate::tiny_sam::{BOX, PICTURE, POINT, network, picture};

/// The small picture's two networks.
const NETWORKS: [&str; 2] = ["vit", "tiny"];
/// Of values around 1, after as many sums as the networks have layers.
const TOLERANCE: f32 = 2e-4;

fn golden(name: &str) -> HashMap<String, Tensor> {
    tensors(&format!("sam/{name}.safetensors"))
}

/// A pixel of the picture as a network with a picture `width` by `height` sees it.
fn seen(x: u32, y: u32, (width, height): (usize, usize)) -> (f32, f32) {
    (
        x as f32 * (width as f32 / PICTURE.width as f32),
        y as f32 * (height as f32 / PICTURE.height as f32),
    )
}

#[test]
fn both_encoders_and_the_decoder_compute_what_the_authors_code_computes() {
    for name in NETWORKS {
        let (sam, golden) = (network(name), golden(name));
        let never = Interrupt::never();
        let resized = &golden["resized"];
        let (height, width, _) = resized.dims3().unwrap();
        let rgb = resized.flatten_all().unwrap().to_vec1::<u8>().unwrap();
        let embedding = sam.embed(&rgb, (width, height), &never).unwrap();
        let features = &golden["features"];
        assert_agrees(name, &embedding.features, features, TOLERANCE);

        // The decoder by itself, from the same features.
        let embedding = Embedding {
            features: features.clone(),
        };
        let (x, y) = seen(POINT.0, POINT.1, (width, height));
        let (left, top) = seen(BOX.x, BOX.y, (width, height));
        let last = (BOX.x + BOX.extent.width - 1, BOX.y + BOX.extent.height - 1);
        let (right, bottom) = seen(last.0, last.1, (width, height));
        let rectangle = Prompt::Box {
            left,
            top,
            right,
            bottom,
        };
        for (kind, prompt, answers) in [
            ("point", Prompt::Point { x, y }, 1..4),
            ("box", rectangle, 0..1),
        ] {
            let masks = sam.masks(&embedding, prompt, &never).unwrap();
            let what = format!("{name} {kind}");
            let logits = masks.logits.i(answers.clone()).unwrap();
            assert_agrees(
                &what,
                &logits,
                &golden[&format!("{kind}.logits")],
                TOLERANCE,
            );
            let theirs = golden[&format!("{kind}.fit")].to_vec1::<f32>().unwrap();
            let ours = &masks.fit[answers];
            assert_eq!(ours.len(), theirs.len());
            for (ours, theirs) in ours.iter().zip(&theirs) {
                assert!(
                    (ours - theirs).abs() < TOLERANCE,
                    "{what}: {ours}, {theirs}"
                );
            }
        }
    }
}

/// The authors' mask, 1 inside, with the edge our masks have: a pixel and its neighbours, twice as
/// much the nearer they are.
fn with_our_edge(theirs: &Tensor) -> Vec<u8> {
    let inside = theirs.to_vec2::<u8>().unwrap();
    let (height, width) = (inside.len(), inside[0].len());
    let row = |y: usize, x: usize| {
        let last = width - 1;
        let line = &inside[y];
        u32::from(line[x.saturating_sub(1)] + 2 * line[x] + line[(x + 1).min(last)])
    };
    (0..height * width)
        .map(|at| (at / width, at % width))
        .map(|(y, x)| {
            let below = row((y + 1).min(height - 1), x);
            let sum = row(y.saturating_sub(1), x) + 2 * row(y, x) + below;
            ((sum * 255 + 8) / 16) as u8
        })
        .collect()
}

/// Share of the pixels on which a mask and the authors' agree.
fn agreement(mask: &Mask, theirs: &Tensor) -> f64 {
    let theirs = with_our_edge(theirs);
    assert_eq!(mask.values().len(), theirs.len());
    let pairs = mask.values().iter().zip(&theirs);
    let same = pairs.filter(|(ours, theirs)| ours == theirs);
    same.count() as f64 / theirs.len() as f64
}

#[test]
fn a_click_and_a_rectangle_on_a_picture_select_what_the_authors_predictor_selects() {
    for name in NETWORKS {
        let mut segmenter = Segmenter::new(network(name));
        let (golden, picture) = (golden(name), picture());
        let (x, y) = POINT;
        for (kind, hint) in [("point", Hint::Point { x, y }), ("box", Hint::Box(BOX))] {
            let mask = segmenter
                .select(&picture, hint, &CancelToken::new())
                .unwrap()
                .unwrap();
            // PIL rounds to 8 bits between its two passes; that moves an edge here and there.
            let agreement = agreement(&mask, &golden[&format!("{kind}.mask")]);
            assert!(agreement > 0.99, "{name} {kind}: {agreement}");
        }
    }
}
