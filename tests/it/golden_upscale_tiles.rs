//! Against the numbers of `tests/golden/make_upscale_tiles.py`.

use std::collections::HashMap;

use afterimage::pipelines::{Target, Tiling};
use afterimage::raster::{Extent, Kind, Samples, Values};
use candle_core::{DType, Tensor};

use crate::golden::tensors;
use crate::upscaling_kit::{apart, made, network, plan};

fn codes(tensor: &Tensor) -> Vec<u16> {
    let tensor = tensor.flatten_all().unwrap().to_dtype(DType::F64).unwrap();
    let values = tensor.to_vec1::<f64>().unwrap();
    values.into_iter().map(|value| value as u16).collect()
}

fn samples(goldens: &HashMap<String, Tensor>, name: &str) -> Samples {
    let input = &goldens[&format!("{name}.input")];
    let (height, width, channels) = input.dims3().unwrap();
    let values = codes(input);
    Samples {
        extent: Extent::new(width as u32, height as u32),
        kind: Kind {
            color: channels >= 3,
            alpha: channels.is_multiple_of(2),
        },
        values: if input.dtype() == DType::U8 {
            Values::Eight(values.into_iter().map(|code| code as u8).collect())
        } else {
            Values::Sixteen(values)
        },
    }
}

/// What the reference makes, rounded as the picture's samples are.
fn golden(goldens: &HashMap<String, Tensor>, name: &str, most: u16) -> Vec<u16> {
    codes(&((&goldens[name] * f64::from(most)).unwrap().round().unwrap()))
}

#[test]
fn whole_and_in_parts_pictures_are_those_of_the_reference() {
    let goldens = tensors("upscale/tiles.safetensors");
    let names: Vec<_> = goldens
        .keys()
        .filter_map(|name| name.strip_suffix(".input"))
        .collect();
    assert_eq!(names.len(), 10);
    for name in names {
        let (file, _) = name.rsplit_once('.').unwrap();
        let network = network(file);
        let samples = samples(&goldens, name);
        let most = samples.most();
        let numbers = goldens[&format!("{name}.numbers")]
            .to_vec1::<i32>()
            .unwrap();
        let [tile, pad, pre_pad] = numbers[..] else {
            panic!("{numbers:?}")
        };
        for (how, tile) in [("tiled", tile as u32), ("whole", 0)] {
            let tiling = Tiling {
                tile: Some(tile),
                pad: pad as u32,
                pre_pad: pre_pad as u32,
                feather: false,
            };
            let plan = plan(&samples, Some(&network), Target::Own, tiling).unwrap();
            assert_eq!(plan.parts() > 1, tile > 0);
            let ours = made(&samples, Some(&network), &plan);
            let off = apart(
                &ours,
                &golden(&goldens, &format!("{name}.{how}"), most),
                most,
            );
            println!("{name} {how}: off by {off:.3} of 255");
            // A value between two codes may be rounded to either.
            let tolerance = if samples.is_sixteen() { 0.05 } else { 1.0 };
            assert!(off <= tolerance, "{name} {how}: off by {off} of 255");
        }
    }
}
