use std::fs;
use std::path::PathBuf;

use afterimage::models::{UNet, UNetConfig};
use candle_core::{DType, Device};
use candle_nn::{VarBuilder, VarMap};
use serde_json::{Value, json};

use crate::command::Desk;
use crate::golden::{copy, path};

/// As often as somebody switches who compares two models for an evening.
const TIMES: usize = 100;
/// Bytes from which a block is counted.
const COUNTED: u64 = 64 << 10;

/// The model `epsilon` with a denoiser of so many channels, whose weights are large enough to be counted.
fn model(folder: PathBuf, channels: usize) -> PathBuf {
    copy(&path("epsilon"), &folder);
    let file = folder.join("unet/config.json");
    let mut config: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    config["block_out_channels"] = json!([channels, channels]);
    fs::write(&file, config.to_string()).unwrap();
    let config: UNetConfig = serde_json::from_value(config).unwrap();
    let weights = VarMap::new();
    let door = VarBuilder::from_varmap(&weights, DType::F32, &Device::Cpu);
    UNet::new(&config, &door).unwrap();
    let unet = folder.join("unet/diffusion_pytorch_model.safetensors");
    weights.save(unet).unwrap();
    folder
}

#[test]
fn two_models_in_turn_a_hundred_times_hold_what_they_held_at_first() {
    let desk = Desk::new();
    let models =
        [("one", 64), ("two", 96)].map(|(name, channels)| model(desk.path(name), channels));
    let [one, two] = models.each_ref().map(|model| model.to_str().unwrap());
    let times = TIMES.to_string();
    let rounds = desk
        .run(["bench", "switch", one, two, "--times", &times])
        .well()
        .events();
    let held: Vec<_> = rounds
        .iter()
        .filter_map(|round| round["held_bytes"].as_u64())
        .collect();
    assert_eq!(held.len(), TIMES);
    // What threads keep for their own work is there from the first round on.
    let kept = fs::metadata(models[1].join("unet/diffusion_pytorch_model.safetensors"));
    assert!(
        held[0] > kept.unwrap().len() / 2,
        "the second model is counted: {}",
        held[0]
    );
    // What threads keep may still grow a little, as larger parts fall to each of them; a block that is
    // left behind by every round would come to three times this.
    let most = held[1] + TIMES as u64 * COUNTED / 3;
    assert!(held.iter().all(|bytes| *bytes <= most), "{held:?}");
    let resident = |round: usize| rounds[round]["resident_bytes"].as_u64().unwrap();
    println!(
        "resident after 10 rounds {}, after 100 {}",
        resident(9),
        resident(TIMES - 1)
    );
}
