use afterimage::nn::Interrupt;

use crate::golden::{assert_agrees, gap, model, tensors};

const TOLERANCE: f32 = 1e-4;
/// Latents along each side of a tile.
const TILE: usize = 8;

#[test]
fn tiles_are_decoded_and_blended_as_diffusers_does() {
    let (model, goldens) = (model("epsilon"), tensors("tiles.safetensors"));
    let (latents, never) = (&goldens["latents"], Interrupt::never());
    let made = model.autoencoder.decode_in_tiles(latents, TILE, &never);
    let made = made.unwrap();
    assert_agrees("in tiles", &made, &goldens["decoded"], TOLERANCE);
    let whole = model.autoencoder.decode(latents, &never).unwrap();
    assert_agrees("as a whole", &whole, &goldens["whole"], TOLERANCE);
    assert!(gap(&made, &whole) > 100.0 * TOLERANCE, "they differ");
}

#[test]
fn tiles_are_encoded_and_blended_as_diffusers_does() {
    let (model, goldens) = (model("epsilon"), tensors("tiles.safetensors"));
    let (picture, never) = (&goldens["picture"], Interrupt::never());
    let made = model.autoencoder.encode_in_tiles(picture, TILE, &never);
    let (mean, logvar) = made.unwrap();
    assert_agrees("mean", &mean, &goldens["mean"], TOLERANCE);
    assert_agrees("log-variance", &logvar, &goldens["logvar"], TOLERANCE);
}

#[test]
fn what_fits_one_tile_is_decoded_as_a_whole_and_senseless_tiles_are_refused() {
    let (model, goldens) = (model("epsilon"), tensors("tiles.safetensors"));
    let (latents, never) = (&goldens["latents"], Interrupt::never());
    let in_tiles = |side| model.autoencoder.decode_in_tiles(latents, side, &never);
    let whole = model.autoencoder.decode(latents, &never).unwrap();
    assert_eq!(gap(&in_tiles(32).unwrap(), &whole), 0.0);
    for side in [0, 2, 10] {
        assert!(in_tiles(side).is_err(), "{side}");
    }
}
