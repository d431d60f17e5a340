//! The same random weights in our networks and in those of candle-transformers, which were written
//! by other people from the same papers.

use afterimage::models::{AutoencoderConfig, AutoencoderKl, UNet, UNetConfig};
use afterimage::nn::Interrupt;
use afterimage::weights::Weights;
use candle_core::{DType, Device, Tensor};
use candle_nn::{Module as _, VarBuilder, VarMap};
use candle_transformers::models::segment_anything::image_encoder::ImageEncoderViT;
use candle_transformers::models::stable_diffusion::{unet_2d, vae};

use crate::golden::gap;
use crate::tiny_sam;

/// candle's GEGLU has the tanh form of GELU where diffusers has the exact one; they differ by up to
/// 5e-4 each time.
const GELU_FORMS: f32 = 5e-3;

fn spread(tensor: &Tensor) -> f32 {
    tensor
        .flatten_all()
        .unwrap()
        .var(0)
        .unwrap()
        .to_scalar::<f32>()
        .unwrap()
        .sqrt()
}

#[test]
fn the_unet_is_candles_up_to_the_form_of_gelu() {
    let variables = VarMap::new();
    let vb = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
    let block = |out_channels, use_cross_attn| unet_2d::BlockConfig {
        out_channels,
        use_cross_attn,
        attention_head_dim: 2,
    };
    let config = unet_2d::UNet2DConditionModelConfig {
        blocks: vec![block(32, Some(1)), block(64, None)],
        layers_per_block: 2,
        cross_attention_dim: 12,
        ..Default::default()
    };
    let theirs = unet_2d::UNet2DConditionModel::new(vb.clone(), 4, 4, false, config).unwrap();
    let config: UNetConfig = serde_json::from_str(
        r#"{"block_out_channels": [32, 64], "layers_per_block": 2,
            "attention_head_dim": 2, "cross_attention_dim": 12,
            "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
            "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"]}"#,
    )
    .unwrap();
    let ours = UNet::new(&config, &vb).unwrap();
    let latents = Tensor::randn(0f32, 1.0, (2, 4, 8, 12), &Device::Cpu).unwrap();
    let context = Tensor::randn(0f32, 1.0, (2, 7, 12), &Device::Cpu).unwrap();
    let theirs = theirs.forward(&latents, 321.0, &context).unwrap();
    let ours = ours
        .forward(&latents, 321.0, &context, &Interrupt::never())
        .unwrap();
    let gap = gap(&ours, &theirs);
    assert!(gap < GELU_FORMS * spread(&theirs).max(1.0), "off by {gap}");
}

#[test]
fn segment_anythings_encoder_is_candles() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("weights");
    tiny_sam::write(&file, &tiny_sam::shapes("vit"));
    let vb = Weights::open(&file)
        .unwrap()
        .builder(DType::F32, &Device::Cpu);
    let vb = vb.pp("image_encoder");
    let theirs = ImageEncoderViT::new(64, 8, 3, 24, 3, 3, 32, true, true, true, 3, &[1], vb);
    // Black is not 0 once it is normalised.
    let black: Vec<f32> = [-123.675 / 58.395, -116.28 / 57.12, -103.53 / 57.375]
        .into_iter()
        .flat_map(|value| std::iter::repeat_n(value, 64 * 64))
        .collect();
    let black = Tensor::from_vec(black, (1, 3, 64, 64), &Device::Cpu).unwrap();
    let theirs = theirs.unwrap().forward(&black).unwrap();
    let ours = tiny_sam::network("vit");
    let ours = ours.embed(&[0; 3 * 64 * 64], (64, 64), &Interrupt::never());
    assert!(gap(&ours.unwrap().features, &theirs) < 2e-4);
}

#[test]
fn the_autoencoder_is_candles_both_ways() {
    let variables = VarMap::new();
    let vb = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
    let config = vae::AutoEncoderKLConfig {
        block_out_channels: vec![8, 16],
        layers_per_block: 2,
        latent_channels: 4,
        norm_num_groups: 4,
        use_quant_conv: true,
        use_post_quant_conv: true,
    };
    let theirs = vae::AutoEncoderKL::new(vb.clone(), 3, 3, config).unwrap();
    let config: AutoencoderConfig = serde_json::from_str(
        r#"{"block_out_channels": [8, 16], "layers_per_block": 2, "latent_channels": 4, "norm_num_groups": 4}"#,
    )
    .unwrap();
    let ours = AutoencoderKl::new(&config, &vb).unwrap();
    let latents = Tensor::randn(0f32, 1.0, (1, 4, 6, 5), &Device::Cpu).unwrap();
    let decoded = ours.decode(&latents, &Interrupt::never()).unwrap();
    assert!(gap(&decoded, &theirs.decode(&latents).unwrap()) < 1e-4);
}
