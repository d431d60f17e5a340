//! Against the numbers of `tests/golden/make_style.py`.

use std::sync::Arc;

use afterimage::models::Vgg19;
use afterimage::nn::Products;
use afterimage::pipelines::{
    CancelToken, Evaluated, LAYER_SETS, LayerSet, StylePictures, StyleTools, Styled, Wish, style,
};
use afterimage::raster::{Extent, Mask, Pixels};
use afterimage::recipe::{
    FeaturesRef, Input, Optimizer, Recipe, StartFrom, StyleInput, Styling, Task,
};
use candle_core::Tensor;

use crate::golden::{path, tensors};

/// As many as the goldens tell.
const EVALUATIONS: u32 = 45;

fn pixels(tensor: &Tensor) -> Pixels {
    let (_, _, height, width) = tensor.dims4().unwrap();
    let values = tensor.permute((0, 2, 3, 1)).unwrap().flatten_all().unwrap();
    let values: Vec<u8> = values
        .to_vec1::<f32>()
        .unwrap()
        .iter()
        .map(|value| (value * 255.0).round() as u8)
        .collect();
    Pixels::from_rgb(Extent::new(width as u32, height as u32), &values).unwrap()
}

/// At the size of the pictures, from the content.
fn recipe(set: &LayerSet, extent: Extent, change: impl FnOnce(&mut Styling)) -> Recipe {
    let mut styling = Styling {
        content: Input::default(),
        styles: vec![StyleInput {
            image: Input::default(),
            weight: 1.0,
        }],
        mask: None,
        features: FeaturesRef {
            id: "vgg19".to_owned(),
            sha256: None,
            quick: None,
        },
        layers: set.id.to_owned(),
        style_weight: 1e6,
        content_weight: 1.0,
        optimizer: Optimizer::Lbfgs,
        start: StartFrom::Content,
        stroke_scale: 1.0,
        keep_colors: 0.0,
        coarse_to_fine: false,
    };
    change(&mut styling);
    Recipe::of_styling(styling, (EVALUATIONS, 7), (extent.width, extent.height))
}

/// The losses of every evaluation, and the picture.
fn run(
    recipe: &Recipe,
    given: StylePictures<'_>,
    token: &CancelToken,
    mut after: impl FnMut(&Evaluated<'_>),
) -> (Vec<(f64, f64)>, Option<Styled>) {
    let Task::Style(styling) = &recipe.task else {
        panic!()
    };
    let tools = StyleTools {
        token,
        vgg: &|set| Vgg19::open(&path("vgg/vgg19.pth"), set.last(), Products::Whole).map(Arc::new),
        adain: &|| panic!("AdaIN is not asked for"),
        quick: &|_| panic!("a quick style is not asked for"),
    };
    let mut told = Vec::new();
    let styled = style(recipe, styling, given, tools, &mut |evaluated| {
        told.push((evaluated.style_loss, evaluated.content_loss));
        assert_eq!(evaluated.evaluation as usize, told.len());
        after(evaluated);
    });
    (told, styled.unwrap())
}

struct Scene {
    content: Pixels,
    styles: Vec<Arc<Pixels>>,
}

impl Scene {
    fn new() -> Self {
        let goldens = tensors("style/golden.safetensors");
        Self {
            content: pixels(&goldens["content"]),
            styles: vec![Arc::new(pixels(&goldens["style"]))],
        }
    }

    fn given(&self) -> StylePictures<'_> {
        StylePictures {
            content: &self.content,
            styles: &self.styles,
            mask: None,
            start: None,
        }
    }
}

#[test]
fn both_optimisers_walk_torchs_way() {
    let goldens = tensors("style/golden.safetensors");
    let scene = Scene::new();
    // The style is not of the content's size: as large as it is when the longer sides are alike.
    let extent = scene.content.extent();
    for set in LAYER_SETS {
        for (optimizer, name, near) in [
            (Optimizer::Lbfgs, "lbfgs", 0.02),
            (Optimizer::Adam, "adam", 0.01),
        ] {
            let recipe = recipe(set, extent, |styling| {
                styling.optimizer = optimizer;
                styling.stroke_scale = 44.0 / 48.0;
            });
            let (told, styled) = run(&recipe, scene.given(), &CancelToken::new(), |_| {});
            assert_eq!(told.len(), EVALUATIONS as usize);
            assert_eq!(styled.unwrap().stopped_after, None);
            let golden = goldens[&format!("{}.{name}", set.id)]
                .to_vec2::<f32>()
                .unwrap();
            for at in [0, 1, 5, 19] {
                let wanted: f32 = golden[at].iter().sum();
                let ours = told[at].0 + told[at].1;
                let off = (ours / f64::from(wanted) - 1.0).abs();
                println!("{} {name} {}: {ours:.4}, torch {wanted:.4}", set.id, at + 1);
                assert!(off < near, "{} {name} {}: {ours} {wanted}", set.id, at + 1);
            }
        }
    }
}

#[test]
fn from_noise_too_a_mask_keeps_what_it_does_not_touch() {
    let scene = Scene::new();
    let extent = scene.content.extent();
    let values = (0..extent.area()).map(|at| if at % 48 < 24 { 255 } else { 0 });
    let mask = Mask::from_values(extent, values.collect()).unwrap();
    let given = StylePictures {
        mask: Some(&mask),
        ..scene.given()
    };
    let recipe = recipe(&LAYER_SETS[0], extent, |styling| {
        styling.start = StartFrom::Noise;
        styling.mask = Some(Input::default());
    });
    let (told, styled) = run(&recipe, given, &CancelToken::new(), |_| {});
    assert!(told[44].0 < 0.2 * told[0].0, "{told:?}");
    let made = styled.unwrap().pixels;
    let pairs = made.rgb().into_iter().zip(scene.content.rgb()).enumerate();
    let mut changed = 0;
    for (at, (made, content)) in pairs {
        if at / 3 % 48 >= 24 {
            assert_eq!(made, content);
        } else {
            changed += u32::from(made != content);
        }
    }
    assert!(changed > 1000, "{changed}");
}

#[test]
fn a_run_that_is_stopped_keeps_what_is_there_and_goes_on_from_it() {
    let scene = Scene::new();
    let extent = scene.content.extent();
    let first = recipe(&LAYER_SETS[0], extent, |_| {});
    let token = CancelToken::new();
    let (told, styled) = run(&first, scene.given(), &token, |evaluated| {
        if evaluated.evaluation == 10 {
            token.ask(Wish::Stop);
        }
    });
    let styled = styled.unwrap();
    assert_eq!((told.len(), styled.stopped_after), (10, Some(10)));
    let given = StylePictures {
        start: Some(&styled.pixels),
        ..scene.given()
    };
    let on = recipe(&LAYER_SETS[0], extent, |styling| {
        styling.start = StartFrom::Picture(Input::default());
    });
    let (on, _) = run(&on, given, &CancelToken::new(), |_| {});
    assert!(on[0].0 < 2.0 * told[9].0 && on[0].0 < 0.1 * told[0].0);
    // And discarded, nothing is left.
    let token = CancelToken::new();
    let (_, discarded) = run(&first, scene.given(), &token, |_| token.ask(Wish::Discard));
    assert!(discarded.is_none());
}

#[test]
fn from_small_to_large_every_evaluation_counts_once_and_the_size_is_that_asked() {
    let scene = Scene::new();
    let extent = Extent::new(300, 250);
    let recipe = recipe(&LAYER_SETS[0], extent, |styling| {
        styling.coarse_to_fine = true;
        styling.keep_colors = 1.0;
    });
    let mut sizes = Vec::new();
    let (told, styled) = run(&recipe, scene.given(), &CancelToken::new(), |evaluated| {
        sizes.push(evaluated.extent);
    });
    assert_eq!(told.len(), EVALUATIONS as usize);
    assert_eq!(styled.unwrap().pixels.extent(), extent);
    sizes.dedup();
    assert_eq!(sizes, [Extent::new(150, 125), extent]);
}

#[test]
fn nothing_is_too_small_or_too_narrow_for_a_style() {
    let rgb: Vec<u8> = (0..300 * 3).map(|at| (at * 37 % 251) as u8).collect();
    let narrow = Pixels::from_rgb(Extent::new(100, 3), &rgb).unwrap();
    let styles = [Arc::new(narrow.clone())];
    let mask = Mask::from_values(narrow.extent(), vec![255; 300]).unwrap();
    for set in LAYER_SETS {
        for features in ["vgg19", "embedded"] {
            let extent = Extent::new(64, 2);
            let mut recipe = recipe(set, extent, |styling| {
                styling.features.id = features.to_owned();
                styling.mask = Some(Input::default());
                styling.stroke_scale = 0.25;
            });
            recipe.steps = 3;
            let given = StylePictures {
                content: &narrow,
                styles: &styles,
                mask: Some(&mask),
                start: None,
            };
            let (told, styled) = run(&recipe, given, &CancelToken::new(), |_| {});
            assert_eq!(told.len(), 3, "{} {features}", set.id);
            assert_eq!(styled.unwrap().pixels.extent(), extent);
        }
    }
}

#[test]
fn embedded_features_need_no_file_and_make_the_same_picture_each_time() {
    let scene = Scene::new();
    let extent = Extent::new(64, 53);
    let recipe = recipe(&LAYER_SETS[0], extent, |styling| {
        styling.features.id = "embedded".to_owned();
    });
    let Task::Style(styling) = &recipe.task else {
        panic!()
    };
    let make = || {
        let mut told = Vec::new();
        let tools = StyleTools {
            token: &CancelToken::new(),
            vgg: &|_| panic!("no file is needed"),
            adain: &|| panic!("AdaIN is not asked for"),
            quick: &|_| panic!("a quick style is not asked for"),
        };
        let styled = style(&recipe, styling, scene.given(), tools, &mut |evaluated| {
            told.push(evaluated.style_loss + evaluated.content_loss);
        });
        (told, styled.unwrap().unwrap().pixels)
    };
    let (told, made) = make();
    assert!(told[44] < 0.5 * told[0], "{told:?}");
    assert_eq!(make().1, made);
}
