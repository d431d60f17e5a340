use std::sync::Arc;

use afterimage::kernels::within_arena;
use afterimage::models::{
    AutoencoderConfig, AutoencoderKl, CompactLayout, RrdbLayout, SwinIrEnd, SwinIrGroup,
    SwinIrLayout, Told, UNet, UNetConfig, Upscaler, UpscalerLayout, Vgg19, VggLayout,
};
use afterimage::models::{
    JointConfig, JointTransformer, TextEmbeddings, decoder_bytes, denoiser_bytes, joint_bytes,
    prompt_bytes,
};
use afterimage::nn::{Interrupt, Products};
use afterimage::pipelines::{
    CancelToken, LAYER_SETS, StylePictures, StyleTools, style, style_bytes,
};
use afterimage::raster::{Extent, Pixels};
use afterimage::recipe::{FeaturesRef, Input, Optimizer, Recipe, StartFrom, StyleInput, Styling};
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;

/// Above what is held by so much at most, and never below.
const MARGIN: f64 = 1.12;

fn assert_predicted(what: &str, predicted: u64, held: usize) {
    let ratio = predicted as f64 / held as f64;
    assert!(
        (1.0..=MARGIN).contains(&ratio),
        "{what}: {predicted} bytes were predicted, {held} held: {ratio:.3} times"
    );
}

fn zeros() -> VarBuilder<'static> {
    VarBuilder::zeros(DType::F32, &Device::Cpu)
}

#[test]
fn a_call_of_the_denoiser_holds_what_is_predicted() {
    for (config, batch, size) in [
        // As Stable Diffusion's, an eighth as wide: heads of as many channels.
        (
            r#"{"block_out_channels": [40, 80, 160, 160], "attention_head_dim": 1,
                "cross_attention_dim": 96, "norm_num_groups": 8}"#,
            2,
            (64, 64),
        ),
        (
            r#"{"block_out_channels": [40, 80, 160, 160], "attention_head_dim": 1,
                "cross_attention_dim": 96, "norm_num_groups": 8}"#,
            1,
            (40, 72),
        ),
        // As Sprout's, with fewer heads: panels of small ones are too small to be counted.
        (
            r#"{"block_out_channels": [64, 128, 192], "layers_per_block": 2,
                "attention_head_dim": 1, "cross_attention_dim": 256,
                "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
                "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"]}"#,
            2,
            (32, 48),
        ),
    ] {
        let config: UNetConfig = serde_json::from_str(config).unwrap();
        let network = UNet::new(&config, &zeros()).unwrap();
        let (height, width) = size;
        let latents = Tensor::zeros((batch, 4, height, width), DType::F32, &Device::Cpu).unwrap();
        let context = config.cross_attention_dim.at(0);
        let context = Tensor::zeros((batch, 77, context), DType::F32, &Device::Cpu).unwrap();
        let never = Interrupt::never();
        let prompt = network
            .read(&context, None, Told::default(), &never)
            .unwrap();
        let (output, held) =
            within_arena(|| network.forward_with(&latents, 500.0, &prompt, None, &never));
        output.unwrap();
        let predicted = denoiser_bytes(&config, batch, size);
        assert_predicted(&format!("{height}x{width} of {batch}"), predicted, held);
    }
}

/// Heads of as many channels as Stable Diffusion's, an eighth of them.
const EIGHTH: &str = r#"{"block_out_channels": [40, 80, 160, 160], "attention_head_dim": 1,
    "cross_attention_dim": 96, "norm_num_groups": 8}"#;

#[test]
fn texts_told_one_after_the_other_hold_little_more_than_one() {
    let config: UNetConfig = serde_json::from_str(EIGHTH).unwrap();
    let network = UNet::new(&config, &zeros()).unwrap();
    let (texts, size) = (4, (64, 64));
    let latents = Tensor::zeros((texts, 4, size.0, size.1), DType::F32, &Device::Cpu).unwrap();
    let context = Tensor::zeros((texts, 77, 96), DType::F32, &Device::Cpu).unwrap();
    let (told, never) = (
        Told {
            apart: true,
            ..Told::default()
        },
        Interrupt::never(),
    );
    let prompt = network.read(&context, None, told, &never).unwrap();
    let (output, held) =
        within_arena(|| network.forward_with(&latents, 500.0, &prompt, None, &never));
    output.unwrap();
    let one = denoiser_bytes(&config, 1, size) as f64;
    let ratio = held as f64 / one;
    assert!((0.8..1.6).contains(&ratio), "{held} for {one}: {ratio:.3}");
    assert!(held < denoiser_bytes(&config, texts, size) as usize / 2);
}

#[test]
fn what_is_read_of_a_prompt_takes_what_is_predicted() {
    // So many tokens that no block is too small to be counted.
    const TOKENS: usize = 616;
    let config: UNetConfig = serde_json::from_str(EIGHTH).unwrap();
    let network = UNet::new(&config, &zeros()).unwrap();
    let context = Tensor::zeros((1, TOKENS, 96), DType::F32, &Device::Cpu).unwrap();
    let never = Interrupt::never();
    let (prompt, held) = within_arena(|| {
        network
            .read(&context, None, Told::default(), &never)
            .unwrap()
    });
    drop(prompt);
    let predicted = prompt_bytes(&config, TOKENS);
    let ratio = held as f64 / predicted as f64;
    // At the last layer its keys and values lie there as they were computed, too; the smallest blocks
    // are not counted.
    assert!(
        (0.95..1.3).contains(&ratio),
        "{predicted} predicted, {held} held: {ratio:.3}"
    );
}

#[test]
fn a_call_of_the_joint_transformer_holds_what_is_predicted() {
    for (config, tokens, size) in [
        (
            r#"{"num_layers": 3, "attention_head_dim": 64, "num_attention_heads": 4,
                "caption_projection_dim": 256, "joint_attention_dim": 96,
                "pooled_projection_dim": 32, "pos_embed_max_size": 40}"#,
            333,
            (64, 64),
        ),
        // As 3.5 medium's, where the picture also attends to itself.
        (
            r#"{"num_layers": 2, "attention_head_dim": 64, "num_attention_heads": 3,
                "caption_projection_dim": 192, "joint_attention_dim": 96,
                "pooled_projection_dim": 32, "pos_embed_max_size": 40,
                "qk_norm": "rms_norm", "dual_attention_layers": [0, 1]}"#,
            77,
            (48, 72),
        ),
    ] {
        let config: JointConfig = serde_json::from_str(config).unwrap();
        let network = JointTransformer::new(&config, &zeros()).unwrap();
        let never = Interrupt::never();
        let zeros = |shape: &[usize]| Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap();
        let latents = zeros(&[1, 16, size.0, size.1]);
        let run = || {
            let text = TextEmbeddings {
                tokens: zeros(&[1, tokens, config.joint_attention_dim]),
                pooled: Some(zeros(&[1, config.pooled_projection_dim])),
            };
            let prompts = [(); 2].map(|()| network.read(&text, &never).unwrap());
            network.forward(&latents, 500.0, &prompts[0], &never)
        };
        let (output, held) = within_arena(run);
        output.unwrap();
        let predicted = joint_bytes(&config, size, tokens);
        assert_predicted(&format!("{size:?} and {tokens}"), predicted, held);
    }
}

#[test]
fn decoding_holds_what_is_predicted() {
    for (channels, size) in [("[32, 64, 128, 128]", (24, 40)), ("[64, 96]", (80, 64))] {
        let blocks = channels.split(',').count();
        let types = |class: &str| format!("[{}]", vec![format!("\"{class}\""); blocks].join(", "));
        let config = format!(
            r#"{{"block_out_channels": {channels}, "layers_per_block": 2,
                "down_block_types": {}, "up_block_types": {}}}"#,
            types("DownEncoderBlock2D"),
            types("UpDecoderBlock2D"),
        );
        let config: AutoencoderConfig = serde_json::from_str(&config).unwrap();
        let network = AutoencoderKl::new(&config, &zeros()).unwrap();
        let latents = Tensor::zeros((1, 4, size.0, size.1), DType::F32, &Device::Cpu).unwrap();
        let (output, held) = within_arena(|| network.decode(&latents, &Interrupt::never()));
        output.unwrap();
        let predicted = decoder_bytes(&config, size);
        assert_predicted(channels, predicted, held);
    }
}

#[test]
fn a_style_holds_no_more_than_is_predicted() {
    /// Above what is held: its history is full only at the end.
    const ROOM: f64 = 1.5;
    let side = 96;
    let extent = Extent::new(side, side);
    let rgb: Vec<u8> = (0..extent.area() * 3)
        .map(|at| (at * 97 % 251) as u8)
        .collect();
    let picture = Arc::new(Pixels::from_rgb(extent, &rgb).unwrap());
    for (id, set, optimizer) in [
        ("vgg19", &LAYER_SETS[0], Optimizer::Lbfgs),
        ("vgg19", &LAYER_SETS[1], Optimizer::Adam),
        ("embedded", &LAYER_SETS[0], Optimizer::Lbfgs),
    ] {
        let styling = Styling {
            content: Input::default(),
            styles: vec![StyleInput {
                image: Input::default(),
                weight: 1.0,
            }],
            mask: None,
            features: FeaturesRef {
                id: id.to_owned(),
                sha256: None,
                quick: None,
            },
            layers: set.id.to_owned(),
            style_weight: 1e6,
            content_weight: 1.0,
            optimizer,
            start: StartFrom::Content,
            stroke_scale: 1.0,
            keep_colors: 0.0,
            coarse_to_fine: false,
        };
        let vgg = Vgg19::new(
            &VggLayout::published().up_to(set.last()),
            Products::Fast,
            &zeros(),
        )
        .unwrap();
        let vgg = Arc::new(vgg);
        let recipe = Recipe::of_styling(styling.clone(), (12, 0), (side, side));
        let given = StylePictures {
            content: &picture,
            styles: std::slice::from_ref(&picture),
            mask: None,
            start: None,
        };
        let tools = StyleTools {
            token: &CancelToken::new(),
            vgg: &|_| Ok(Arc::clone(&vgg)),
            adain: &|| panic!("AdaIN is not asked for"),
            quick: &|_| panic!("a quick style is not asked for"),
        };
        let (made, held) = within_arena(|| style(&recipe, &styling, given, tools, &mut |_| ()));
        made.unwrap().unwrap();
        let predicted = style_bytes(&styling, extent, 12);
        let ratio = predicted as f64 / held as f64;
        println!(
            "{id} {}: {predicted} predicted, {held} held: {ratio:.3}",
            set.id
        );
        assert!((1.0..=ROOM).contains(&ratio), "{id} {}: {ratio:.3}", set.id);
    }
}

/// The same of networks that enlarge: what windows take is told roughly.
const UPSCALERS_MARGIN: f64 = 1.3;

#[test]
fn enlarging_a_part_holds_what_is_predicted() {
    let rrdb = |blocks, unshuffle| {
        UpscalerLayout::Rrdb(RrdbLayout {
            blocks,
            unshuffle,
            features: 32,
            growth: 16,
            ..RrdbLayout::real_esrgan()
        })
    };
    let compact = |scale, features| {
        UpscalerLayout::Compact(CompactLayout {
            scale,
            features,
            activated: 5,
            ..CompactLayout::general()
        })
    };
    let swin_ir = |end| {
        UpscalerLayout::SwinIr(SwinIrLayout {
            groups: vec![SwinIrGroup { depth: 2, heads: 6 }; 2],
            end,
            ..SwinIrLayout::real()
        })
    };
    for (layout, size) in [
        (rrdb(1, 1), (48, 40)),
        (rrdb(3, 1), (48, 40)),
        (rrdb(2, 2), (96, 64)),
        (rrdb(2, 4), (96, 128)),
        (compact(4, 64), (64, 48)),
        (compact(2, 64), (64, 50)),
        (compact(4, 16), (81, 48)),
        (swin_ir(SwinIrLayout::real().end), (64, 48)),
        (swin_ir(SwinIrEnd::Direct { factor: 4 }), (64, 48)),
        (
            swin_ir(SwinIrEnd::Shuffle {
                features: 64,
                factors: vec![2, 2],
            }),
            (64, 48),
        ),
    ] {
        let network = Upscaler::new(&layout, &zeros()).unwrap();
        let picture = Tensor::zeros((1, 3, size.0, size.1), DType::F32, &Device::Cpu).unwrap();
        let (output, held) = within_arena(|| network.forward(&picture, &Interrupt::never()));
        output.unwrap();
        let predicted = layout.call_bytes(size);
        let ratio = predicted as f64 / held as f64;
        println!("{} {size:?}: {ratio:.3} times", layout.family());
        assert!(
            (1.0..=UPSCALERS_MARGIN).contains(&ratio),
            "{layout:?}: {predicted} bytes were predicted, {held} held: {ratio:.3} times"
        );
    }
}
