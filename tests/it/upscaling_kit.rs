//! Pictures made larger in memory.

use std::path::PathBuf;

use afterimage::models::Upscaler;
use afterimage::pipelines::{
    CancelToken, Enlarged, Enlarging, Goal, Plan, PlanError, Target, Tiling, Way, enlarge,
};
use afterimage::raster::{Extent, FORMATS, Kind, Samples, Values};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::RngCore as _;

use crate::golden::path;

pub(crate) fn file(name: &str) -> PathBuf {
    path("upscale").join(name)
}

pub(crate) fn network(name: &str) -> Upscaler {
    Upscaler::open(&file(name)).unwrap()
}

/// Random samples.
pub(crate) fn noise(dice: &mut ChaCha8Rng, extent: Extent, kind: Kind, sixteen: bool) -> Samples {
    let count = extent.area() * kind.channels();
    let mut bytes = vec![0; count * 2];
    dice.fill_bytes(&mut bytes);
    let pairs = bytes.as_chunks::<2>().0.iter();
    Samples {
        extent,
        kind,
        values: if sixteen {
            Values::Sixteen(pairs.map(|pair| u16::from_le_bytes(*pair)).collect())
        } else {
            Values::Eight(pairs.map(|[first, _]| *first).collect())
        },
    }
}

pub(crate) fn plan(
    samples: &Samples,
    network: Option<&Upscaler>,
    target: Target,
    tiling: Tiling,
) -> Result<Plan, PlanError> {
    Plan::of(&Goal {
        from: samples.extent,
        samples: (samples.kind, samples.is_sixteen()),
        is_opaque: samples.are_opaque(),
        way: network.map_or(Way::Lanczos, |network| Way::Network {
            layout: network.layout(),
            bytes: 1 << 20,
        }),
        target,
        tiling,
        memory: 2 << 30,
        held: 0,
        format: &FORMATS[0],
    })
}

/// The codes of the result.
pub(crate) fn made(samples: &Samples, network: Option<&Upscaler>, plan: &Plan) -> Vec<u16> {
    let mut bytes = Vec::new();
    let mut parts = 0;
    let done = enlarge(Enlarging {
        samples,
        plan,
        network,
        token: &CancelToken::new(),
        watch: &mut |part| {
            parts += 1;
            assert_eq!((part.done, part.of), (parts, plan.parts()));
            let (corner, pixels) = part.part.reduced(plan.made, plan.made).unwrap();
            assert_eq!(pixels.extent(), part.part.area.extent);
            assert_eq!(corner, [part.part.area.x, part.part.area.y]);
        },
        rows: &mut |rows| {
            bytes.extend_from_slice(rows);
            Ok(())
        },
    });
    assert_eq!(done, Ok(Enlarged::Whole));
    assert_eq!(parts, plan.parts());
    let codes: Vec<u16> = if samples.is_sixteen() {
        let pairs = bytes.as_chunks::<2>().0.iter();
        pairs.map(|pair| u16::from_be_bytes(*pair)).collect()
    } else {
        bytes.into_iter().map(u16::from).collect()
    };
    assert_eq!(codes.len(), plan.to.area() * samples.kind.channels());
    codes
}

/// The largest difference of two results, in parts of 255.
pub(crate) fn apart(ours: &[u16], theirs: &[u16], most: u16) -> f32 {
    assert_eq!(ours.len(), theirs.len());
    let gaps = ours.iter().zip(theirs).map(|(a, b)| a.abs_diff(*b));
    f32::from(gaps.max().unwrap_or(0)) * 255.0 / f32::from(most)
}
