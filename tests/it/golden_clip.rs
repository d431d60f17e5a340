use afterimage::models::{Clip, ClipVector, Likeness};
use afterimage::nn::Interrupt;
use afterimage::raster::{Extent, Pixels};
use afterimage::weights::FolderFiles;
use candle_core::Tensor;

use crate::clip_kit::{PARTS, texts};
use crate::golden::{path, tensors};

/// Of cosines and of scores, which are about twenty times as large.
const COSINE: f64 = 1e-5;
const SCORE: f64 = 1e-3;

fn clip(name: &str) -> Clip {
    Clip::read(&FolderFiles::new(path("clip").join(name))).unwrap()
}

fn picture(tensor: &Tensor) -> Pixels {
    let (height, width, _) = tensor.dims3().unwrap();
    let rgb = tensor.flatten_all().unwrap().to_vec1::<u8>().unwrap();
    Pixels::from_rgb(Extent::new(width as u32, height as u32), &rgb).unwrap()
}

#[test]
fn scores_of_whole_clips_are_those_of_transformers() {
    for name in PARTS {
        let clip = clip(name);
        let goldens = tensors(&format!("clip/{name}/golden.safetensors"));
        let never = Interrupt::never();
        let read = texts().map(|text| clip.text(&text, &never).unwrap());
        let (cosines, scores) = (&goldens["cosine"], &goldens["score"]);
        let spread = cosines.flatten_all().unwrap().var(0).unwrap();
        assert!(spread.to_scalar::<f32>().unwrap() > 1e-3, "{name}");
        for index in 0..2 {
            let seen = picture(&goldens[&format!("picture.{index}")]);
            let seen = clip.picture(&seen, &never).unwrap();
            let golden = |of: &Tensor| of.get(index).unwrap().to_vec1::<f32>().unwrap();
            let theirs = golden(cosines).into_iter().zip(golden(scores));
            for (text, (cosine, score)) in read.iter().zip(theirs) {
                let Likeness {
                    cosine: ours,
                    score: scored,
                } = clip.likeness(text, &seen);
                let gap = (ours - f64::from(cosine)).abs();
                assert!(gap < COSINE, "{name}: {ours} is not {cosine}");
                let gap = (scored - f64::from(score)).abs();
                assert!(gap < SCORE, "{name}: {scored} is not {score}");
            }
        }
    }
}

#[test]
fn a_text_beyond_the_window_is_cut_and_the_rest_is_told() {
    let clip = clip("old");
    let never = Interrupt::never();
    let [short, _, other, long] = texts();
    assert!(clip.unread(&long).unwrap().ends_with("light"));
    assert_eq!(clip.unread(&short), None);
    let read = |text: &str| -> ClipVector { clip.text(text, &never).unwrap() };
    assert_eq!(read(&long), read(&format!("{long} a cat")));
    assert_ne!(read(&short), read(&other));
}
