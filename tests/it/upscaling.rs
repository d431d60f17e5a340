use afterimage::pipelines::{
    CancelToken, Enlarged, Enlarging, PipelineError, Target, Tiling, Wish, enlarge,
};
use afterimage::raster::{Extent, Kind, RowScaler, Samples, Values};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use crate::upscaling_kit::{apart, made, network, noise, plan};

const KINDS: [Kind; 4] = [
    Kind {
        color: true,
        alpha: false,
    },
    Kind {
        color: true,
        alpha: true,
    },
    Kind {
        color: false,
        alpha: false,
    },
    Kind {
        color: false,
        alpha: true,
    },
];

fn whole() -> Tiling {
    Tiling {
        tile: Some(0),
        ..Tiling::default()
    }
}

#[test]
fn parts_that_overlap_by_what_the_network_sees_make_the_picture_of_the_whole() {
    let mut dice = ChaCha8Rng::seed_from_u64(3);
    let mut cut = 0;
    for name in [
        "body_x4.pth",
        "body_x2.pth",
        "body_x1.safetensors",
        "compact_general.pth",
        "compact_anime.pth",
        "compact_gray.safetensors",
    ] {
        let network = network(name);
        let field = network.layout().receptive_field().unwrap() as u32;
        for round in 0..6 {
            let mut below = |limit: u32| dice.next_u32() % limit;
            let extent = Extent::new(1 + below(47), 1 + below(47));
            let feather = round % 2 == 1;
            // What is blended is shown as much again.
            let pad = if feather { 2 * field } else { field } + below(3);
            let tile = if feather { pad + 4 } else { 1 } + below(30);
            let tiling = Tiling {
                tile: Some(tile),
                pad,
                pre_pad: below(13),
                feather,
            };
            let (kind, sixteen) = (KINDS[below(4) as usize], below(2) == 1);
            let samples = noise(&mut dice, extent, kind, sixteen);
            let planned = |tiling| plan(&samples, Some(&network), Target::Own, tiling).unwrap();
            let parts = planned(tiling);
            assert!(parts.is_seamless(), "{parts:?}");
            cut += u32::from(parts.parts() > 1);
            let ours = made(&samples, Some(&network), &parts);
            let theirs = planned(Tiling {
                tile: Some(0),
                ..tiling
            });
            let theirs = made(&samples, Some(&network), &theirs);
            let off = apart(&ours, &theirs, samples.most());
            assert!(
                off <= 1.0,
                "{name} {extent} {tiling:?}: off by {off} of 255"
            );
        }
    }
    assert!(cut > 15, "only {cut} pictures were cut");
}

#[test]
fn parts_that_overlap_by_less_differ_at_their_edges_and_a_feather_makes_it_less() {
    let network = network("body_x2.pth");
    let extent = Extent::new(60, 44);
    let samples = noise(&mut ChaCha8Rng::seed_from_u64(5), extent, KINDS[0], true);
    let of = |tile: u32, feather: bool| {
        let tiling = Tiling {
            tile: Some(tile),
            pad: 4,
            pre_pad: 10,
            feather,
        };
        let plan = plan(&samples, Some(&network), Target::Own, tiling).unwrap();
        assert_eq!(plan.is_seamless(), tile == 0);
        made(&samples, Some(&network), &plan)
    };
    let whole = of(0, false);
    // What the steps across edges between parts are off by.
    let steps = |ours: &[u16]| -> f64 {
        let width = 120;
        let step = |made: &[u16], at: usize| f64::from(made[at]) - f64::from(made[at - 3]);
        let edges = (20..width)
            .step_by(20)
            .flat_map(|x| (0..88).map(move |y| (y * width + x) * 3));
        edges
            .map(|at| (step(ours, at) - step(&whole, at)).abs())
            .sum()
    };
    let (hard, feather) = (steps(&of(10, false)), steps(&of(10, true)));
    assert!(
        feather > 0.0 && feather < 0.9 * hard,
        "{feather} for {hard}"
    );
}

/// Codes of 16 bits at another size, by Lanczos.
fn rescaled(codes: &[u16], from: Extent, to: Extent, channels: usize) -> Vec<u16> {
    let values: Vec<f32> = codes
        .iter()
        .map(|&code| f32::from(code) / 65535.0)
        .collect();
    let mut scaler = RowScaler::new(from, to, channels);
    let mut out = Vec::new();
    scaler.push(&values, |row| {
        out.extend(
            row.iter()
                .map(|value| (value * 65535.0).round().clamp(0.0, 65535.0) as u16),
        );
    });
    out
}

#[test]
fn other_sizes_than_the_networks_are_resampled_from_what_it_makes() {
    let network = network("compact_general.pth");
    let extent = Extent::new(31, 22);
    let mut dice = ChaCha8Rng::seed_from_u64(6);
    for kind in KINDS {
        let mut samples = noise(&mut dice, extent, kind, true);
        let channels = kind.channels();
        if let Values::Sixteen(values) = &mut samples.values
            && kind.alpha
        {
            // Nothing is weighed by alpha.
            let alphas = values.iter_mut().skip(channels - 1).step_by(channels);
            alphas.for_each(|alpha| *alpha = u16::MAX);
        }
        let own = plan(&samples, Some(&network), Target::Own, Tiling::default()).unwrap();
        let own = made(&samples, Some(&network), &own);
        for target in [
            Target::Factor(2.5),
            Target::Factor(0.5),
            Target::Size(Extent::new(7, 90)),
        ] {
            let plan = plan(&samples, Some(&network), target, Tiling::default()).unwrap();
            assert_eq!(plan.made, Extent::new(124, 88));
            let ours = made(&samples, Some(&network), &plan);
            let wanted = rescaled(&own, plan.made, plan.to, channels);
            let off = apart(&ours, &wanted, u16::MAX);
            assert!(off < 0.1, "{kind:?} {target:?}: off by {off} of 255");
            // All alike stays alike.
            let flat = Samples {
                extent,
                kind,
                values: Values::Eight(vec![255; extent.area() * channels]),
            };
            let lanczos = crate::upscaling_kit::plan(&flat, None, target, whole()).unwrap();
            assert_eq!((lanczos.method, lanczos.to), ("lanczos", plan.to));
            assert!(made(&flat, None, &lanczos).iter().all(|code| *code == 255));
        }
    }
}

#[test]
fn at_its_own_size_lanczos_changes_no_bit() {
    let mut dice = ChaCha8Rng::seed_from_u64(8);
    for kind in KINDS {
        for sixteen in [false, true] {
            let samples = noise(&mut dice, Extent::new(9, 140), kind, sixteen);
            let plan = plan(&samples, None, Target::Factor(1.0), Tiling::default()).unwrap();
            assert!(plan.parts() > 1);
            let codes = match &samples.values {
                Values::Eight(values) => values.iter().map(|&code| code.into()).collect(),
                Values::Sixteen(values) => values.clone(),
            };
            assert_eq!(made(&samples, None, &plan), codes);
        }
    }
}

#[test]
fn what_is_transparent_has_no_say_in_the_colours_beside_it() {
    // Red that can be seen, beside green that cannot.
    let extent = Extent::new(8, 4);
    let pixel = |at: usize| {
        if at % 8 < 4 {
            [200, 0, 0, 255]
        } else {
            [0, 255, 0, 0]
        }
    };
    let samples = Samples {
        extent,
        kind: KINDS[1],
        values: Values::Eight((0..extent.area()).flat_map(pixel).collect()),
    };
    let plan = plan(&samples, None, Target::Factor(3.0), Tiling::default()).unwrap();
    for pixel in made(&samples, None, &plan).as_chunks::<4>().0 {
        assert!(pixel[3] == 0 || pixel[1] == 0, "{pixel:?}");
    }
}

#[test]
fn what_hides_nothing_still_hides_nothing_whatever_the_network() {
    let network = network("body_x4.pth");
    let mut samples = noise(
        &mut ChaCha8Rng::seed_from_u64(1),
        Extent::new(20, 20),
        KINDS[1],
        false,
    );
    if let Values::Eight(values) = &mut samples.values {
        for alpha in values.iter_mut().skip(3).step_by(4) {
            *alpha = 255;
        }
    }
    let plan = plan(&samples, Some(&network), Target::Own, Tiling::default()).unwrap();
    let codes = made(&samples, Some(&network), &plan);
    assert!(codes.iter().skip(3).step_by(4).all(|code| *code == 255));
}

#[test]
fn a_run_ends_within_a_part_and_failures_to_write_end_it_too() {
    let network = network("body_x4.pth");
    let extent = Extent::new(30, 30);
    let samples = noise(&mut ChaCha8Rng::seed_from_u64(1), extent, KINDS[0], false);
    let tiling = Tiling {
        tile: Some(8),
        ..Tiling::default()
    };
    for network in [Some(&network), None] {
        let plan = plan(&samples, network, Target::Factor(2.0), tiling).unwrap();
        let token = CancelToken::new();
        let mut rows = 0;
        let mut run = |token: &CancelToken, fail: bool| {
            let stop = token.clone();
            enlarge(Enlarging {
                samples: &samples,
                plan: &plan,
                network,
                token,
                watch: &mut |_| stop.ask(Wish::Stop),
                rows: &mut |bytes| {
                    rows += bytes.len();
                    if fail {
                        return Err(PipelineError::Computation("no room".to_owned()));
                    }
                    Ok(())
                },
            })
        };
        assert_eq!(run(&token, false), Ok(Enlarged::Cancelled));
        // Nothing is begun once it is to end.
        assert_eq!(run(&token, false), Ok(Enlarged::Cancelled));
        if network.is_none() {
            let failed = run(&CancelToken::new(), true);
            assert_eq!(
                failed,
                Err(PipelineError::Computation("no room".to_owned()))
            );
        } else {
            assert!(rows < plan.to.area() * 3);
        }
    }
}

#[test]
fn networks_of_gray_and_of_colours_take_every_kind_of_picture() {
    let samples = noise(
        &mut ChaCha8Rng::seed_from_u64(1),
        Extent::new(9, 9),
        KINDS[2],
        false,
    );
    // Colours through a gray network are each by themselves, and gray ones through one of colours.
    for name in ["compact_gray.safetensors", "body_x4.pth"] {
        let network = network(name);
        for kind in KINDS {
            let samples = Samples {
                kind,
                values: Values::Eight(vec![90; 81 * kind.channels()]),
                ..samples.clone()
            };
            let plan = plan(&samples, Some(&network), Target::Own, Tiling::default()).unwrap();
            let codes = made(&samples, Some(&network), &plan);
            assert_eq!(codes.len(), plan.to.area() * kind.channels(), "{name}");
        }
    }
}
