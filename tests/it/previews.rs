use std::fs;
use std::path::Path;

use afterimage::engine::{LatentPreview, Preview};
use afterimage::raster::Extent;
use afterimage::recipe::Recipe;
use afterimage::training::preview::{DecoderOrder, Doing, FitPictures, fit_decoder};
use afterimage::weights::FolderFiles;

use crate::command::Desk;
use crate::golden::{copy, path};
use crate::studio_kit::{Studio, recipe};

const PICTURES: FitPictures = FitPictures {
    count: 20,
    side: 32,
    seed: 1,
};

/// A picture by the model of a folder, and the first preview of it.
fn drawn(folder: &Path) -> (Vec<u8>, LatentPreview) {
    let mut studio = Studio::new();
    let mut recipe: Recipe = recipe("a red sailboat");
    recipe.model.name = folder.display().to_string();
    let (picture, _) = studio.make(recipe).unwrap();
    match studio.preview() {
        Some(Preview::Latents(preview)) => (picture.pixels.rgb(), preview),
        other => panic!("{other:?}"),
    }
}

#[test]
fn previews_are_drawn_by_the_decoder_that_was_taught() {
    let desk = Desk::new();
    let folder = desk.path("model");
    copy(&path("epsilon"), &folder);
    let (before, latents) = drawn(&folder);
    assert_eq!((latents.channels, latents.extent), (4, Extent::new(8, 8)));
    let model = folder.to_str().unwrap();
    let words = ["fit", "decoder", "--size", "32", "--pictures", "20"];
    let more = ["--steps", "20", "--model", model];
    let said = desk.run(words.iter().chain(&more)).well();
    let file = folder.join("vae/preview_decoder.safetensors");
    assert_eq!(Path::new(said.out.trim()), file);
    assert!(said.err.contains("on pictures it has not learnt from"));
    let (after, colours) = drawn(&folder);
    assert_eq!(after, before, "the picture itself is the same");
    assert_eq!((colours.channels, colours.extent), (3, Extent::new(8, 8)));
    assert_eq!(colours.colors.matrix[1], [0.0, 1.0, 0.0]);
    assert!(colours.values.iter().all(|value| value.is_finite()));
}

#[test]
fn a_decoder_of_other_latents_is_named() {
    let desk = Desk::new();
    let folder = desk.path("model");
    copy(&path("epsilon"), &folder);
    let file = folder.join("vae/preview_decoder.safetensors");
    fs::copy(
        folder.join("vae/diffusion_pytorch_model.safetensors"),
        &file,
    )
    .unwrap();
    let mut recipe = recipe("a red sailboat");
    recipe.model.name = folder.display().to_string();
    let refused = Studio::new().make(recipe).unwrap_err();
    let told =
        "preview_decoder.safetensors cannot draw this model's previews (it has other tensors)";
    assert!(refused.contains(told), "{refused}");
}

#[test]
fn more_steps_bring_it_nearer_and_the_same_order_makes_the_same_file() {
    let files = FolderFiles::new(path("epsilon"));
    let mut heard = Vec::new();
    let mut taught = |steps| {
        let order = DecoderOrder {
            pictures: PICTURES,
            steps,
        };
        fit_decoder(&files, order, &mut |doing, done| heard.push((doing, done))).unwrap()
    };
    let (little, much, again) = (taught(2), taught(60), taught(60));
    assert!(
        much.error < 0.7 * little.error,
        "{} {}",
        much.error,
        little.error
    );
    assert_eq!(much, again);
    assert_eq!(heard[19], (Doing::Encoding, 20));
    assert_eq!(heard[21], (Doing::Learning, 2));
}

#[test]
fn what_cannot_be_written_is_told_before_the_work() {
    let desk = Desk::new();
    let fit = |words: &[&str]| {
        let all = ["fit", "decoder", "--model", "sprout"];
        desk.run(all.iter().chain(words))
    };
    fit(&[]).refused(
        2,
        "no folder with vae/config.json to write into: tell --out",
    );
    let out = desk.path("there.safetensors");
    fs::write(&out, "kept").unwrap();
    let out = out.to_str().unwrap();
    fit(&["--out", out]).refused(1, "exists already");
    assert_eq!(fs::read(out).unwrap(), b"kept");
    let nowhere = desk.path("none/a.safetensors");
    fit(&["--out", nowhere.to_str().unwrap()]).refused(1, "its folder is not there");
}
