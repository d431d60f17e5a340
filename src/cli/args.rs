//! The command line, as people type it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use serde::de::DeserializeOwned;

use super::lora::{LoraArg, parse_lora};
use super::memory_size::{MemoryArgs, parse_memory};
use super::told_size::ToldSizeArgs;
use super::{
    BenchArgs, CommandError, EvaluateArgs, FitArgs, KeepArgs, ModelsArgs, NoiseArgs,
    QuickStyleArgs, RankArgs, ScenesArgs,
};
use crate::pipelines::{ENLARGERS, FEATURES, LAYER_SETS, REMOVERS, Tiling};
use crate::recipe::{
    Draft, Emphasis, MaskedContent, Optimizer, ResizeMode, SAMPLERS, SCHEDULES, Shortcuts, Span,
    WeightBits,
};

/// A native desktop studio for making pictures with diffusion models.
///
/// Without a command the window opens.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "afterimage",
    version,
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = true
)]
pub struct Arguments {
    /// A picture to open in the window, with the recipe in it.
    #[arg(value_name = "PICTURE", value_parser = parse_picture)]
    pub open: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Make pictures from prompts.
    Generate(GenerateArgs),
    /// Fill a part of a picture.
    Inpaint(InpaintArgs),
    /// Give a picture the style of another.
    Style(StyleArgs),
    /// Teach a small network one style, which it then gives any picture in a moment.
    QuickStyle(QuickStyleArgs),
    /// Make pictures larger.
    Upscale(UpscaleArgs),
    /// Tell which of some pictures fits a text best.
    Rank(RankArgs),
    /// List the models you have, and get further ones.
    Models(ModelsArgs),
    /// Draw the illustrated scenes Sprout is trained on, with their captions.
    Scenes(ScenesArgs),
    /// Tell how much of its prompts a model of Sprout's world draws.
    Evaluate(EvaluateArgs),
    /// Learn something about a model you have, to go with it.
    Fit(FitArgs),
    /// Measure what users wait for.
    Bench(BenchArgs),
}

#[derive(Clone, Debug, Args)]
#[command(args_override_self = true)]
pub struct GenerateArgs {
    /// What the pictures should show; several prompts make several pictures.
    #[arg(value_name = "PROMPT", required_unless_present = "prompts")]
    pub prompt: Vec<String>,
    /// A text file with one prompt a line; empty lines are left out.
    #[arg(long, value_name = "FILE", conflicts_with = "prompt")]
    pub prompts: Option<PathBuf>,
    /// A picture to start from instead of pure noise.
    #[arg(long, value_name = "IMAGE")]
    pub init: Option<PathBuf>,
    /// How much of that picture to give up: above 0, up to 1.
    #[arg(long, value_name = "F", default_value_t = 0.6, requires = "init")]
    pub strength: f64,
    #[arg(long, value_name = "ID", default_value = "crop_and_resize", requires = "init", value_parser = parse_named::<ResizeMode>, help = RESIZE_HELP)]
    pub resize_mode: ResizeMode,
    #[command(flatten)]
    pub best: KeepArgs,
    #[command(flatten)]
    pub run: RunArgs,
}

#[derive(Clone, Debug, Args)]
#[command(args_override_self = true)]
pub struct InpaintArgs {
    /// The picture to fill a part of.
    #[arg(value_name = "IMAGE")]
    pub image: PathBuf,
    /// A picture of the same size: white is filled, black stays (but for the fading edge); of one
    /// with transparency the transparent parts are filled.
    #[arg(long, value_name = "MASK")]
    pub mask: PathBuf,
    /// Fill what the mask keeps, and keep what it fills.
    #[arg(long)]
    pub invert_mask: bool,
    #[arg(long, value_name = "ID", default_value = DIFFUSION, help = METHOD_HELP, value_parser = method_ids())]
    pub method: String,
    /// Weights for lama; without it those in the studio's folder of models are used.
    #[arg(long, value_name = "FILE")]
    pub weights: Option<PathBuf>,
    /// What the filled part should show; for diffusion.
    #[arg(long, value_name = "T", default_value = "")]
    pub prompt: String,
    /// How much of what is under the mask to give up: above 0, up to 1.
    #[arg(long, value_name = "F", default_value_t = 1.0)]
    pub strength: f64,
    /// Show the model only the masked part, at the size it draws best.
    #[arg(long)]
    pub only_masked: bool,
    /// Pixels of the surroundings to show it too.
    #[arg(long, value_name = "N", default_value_t = 32, requires = "only_masked")]
    pub padding: u32,
    /// Pixels over which the mask's outer edge fades.
    #[arg(long, value_name = "N", default_value_t = 4.0)]
    pub mask_blur: f32,
    #[arg(long, value_name = "ID", default_value = "original", value_parser = parse_named::<MaskedContent>, help = CONTENT_HELP)]
    pub masked_content: MaskedContent,
    /// Leave the new colours as the model gives them, instead of moving them to those around.
    #[arg(long)]
    pub no_color_match: bool,
    #[command(flatten)]
    pub run: RunArgs,
}

#[derive(Clone, Debug, Args)]
#[command(args_override_self = true)]
pub struct StyleArgs {
    /// The picture whose shapes are kept.
    #[arg(value_name = "CONTENT")]
    pub content: PathBuf,
    /// The picture whose strokes and palette are taken; a quick style needs none.
    #[arg(
        value_name = "STYLE",
        required_unless_present = "quick",
        conflicts_with = "quick"
    )]
    pub style: Option<PathBuf>,
    /// A style quick-style has made, by its name or file: in one pass, in a moment. Files of
    /// PyTorch's example `fast_neural_style` are such styles too.
    #[arg(long, value_name = "NAME|FILE")]
    pub quick: Option<String>,
    /// A further picture to take the style of; again for others.
    #[arg(long, value_name = "IMAGE")]
    pub also: Vec<PathBuf>,
    /// How much each of several styles counts, such as 2,1; all the same if not given.
    #[arg(long, value_name = "F,F", value_delimiter = ',', requires = "also")]
    pub mix: Vec<f32>,
    /// A picture of the content's size: the style goes where it is white.
    #[arg(long, value_name = "MASK")]
    pub mask: Option<PathBuf>,
    /// Evaluations of both losses.
    #[arg(long, value_name = "N", default_value_t = 300)]
    pub steps: u32,
    #[arg(long, value_name = "F", default_value_t = 1e6)]
    pub style_weight: f64,
    #[arg(long, value_name = "F", default_value_t = 1.0)]
    pub content_weight: f64,
    /// Pixels of the result's longer side.
    #[arg(long, value_name = "N", default_value_t = 512)]
    pub size: u32,
    /// What the picture is at first.
    #[arg(long, value_name = "ID", value_enum, default_value = "content")]
    pub init: StyleInit,
    /// Go on from a picture an earlier run left.
    #[arg(long, value_name = "IMAGE", conflicts_with = "init")]
    pub from: Option<PathBuf>,
    /// Seed of the noise; a random one is drawn, and told, when it is not given.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// What sees strokes and shapes: vgg19, whose weights you have, or embedded, which needs none; or
    /// what paints in one pass: adain, whose networks you have, or quick. When it is not given, vgg19
    /// where its weights are found.
    #[arg(long, value_name = "ID", value_parser = feature_ids())]
    pub features: Option<String>,
    /// Weights of VGG-19; without it those in the studio's folder of models are used.
    #[arg(long, value_name = "FILE")]
    pub weights: Option<PathBuf>,
    #[arg(long, value_name = "ID", default_value = LAYER_SETS[0].id, help = LAYERS_HELP, value_parser = layer_set_ids())]
    pub layers: String,
    /// What walks down the losses: lbfgs or adam.
    #[arg(long, value_name = "ID", default_value = "lbfgs", value_parser = parse_named::<Optimizer>)]
    pub optimizer: Optimizer,
    /// Size of the brush strokes, as a factor.
    #[arg(long, value_name = "F", default_value_t = 1.0)]
    pub stroke_size: f32,
    /// From 0, the style's colours, to 1, the content's.
    #[arg(long, value_name = "F", default_value_t = 0.0)]
    pub keep_colors: f32,
    /// Work at the size of the result from the beginning, instead of from small to large.
    #[arg(long)]
    pub one_size: bool,
    /// Threads to compute with; all cores when it is not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// A PNG file, or a folder (ending in /, or existing).
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Replace existing files.
    #[arg(long)]
    pub force: bool,
    /// Tell what happens as one JSON object a line.
    #[arg(long)]
    pub json: bool,
}

/// What a picture is at first that takes over a style.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum StyleInit {
    Content,
    Noise,
}

fn feature_ids() -> Vec<&'static str> {
    FEATURES.iter().map(|features| features.id).collect()
}

fn layer_set_ids() -> Vec<&'static str> {
    LAYER_SETS.iter().map(|set| set.id).collect()
}

/// What every command that runs a model is told.
#[derive(Clone, Debug, Args)]
pub struct RunArgs {
    /// What the pictures should not show.
    #[arg(long, value_name = "T", default_value = "")]
    pub negative: String,
    #[arg(long, value_name = "ID", default_value = "a1111", value_parser = parse_named::<Emphasis>, help = EMPHASIS_HELP)]
    pub emphasis: Emphasis,
    /// Which layer of the text encoder is listened to, from the last: 1 is the last, 2 the one before.
    #[arg(long, value_name = "N", default_value_t = Draft::default().clip_skip)]
    pub clip_skip: u32,
    /// "sprout", a checkpoint in one file, or a folder in the diffusers layout.
    #[arg(long, value_name = "NAME|FILE|DIR", default_value_t = Draft::default().model)]
    pub model: String,
    /// A file with another VAE than the model's own, or with a TAESD, which makes the pictures in a
    /// moment and almost as well. When it is not given, MODEL.vae.safetensors (or .pt, .ckpt) beside a
    /// checkpoint MODEL.safetensors is used, if there is one.
    #[arg(long, value_name = "FILE")]
    pub vae: Option<PathBuf>,
    /// A LoRA or its kin by file, or by its name in the folder "loras" of the studio's folder of
    /// models, and how much it counts; again for others. As <lora:NAME:WEIGHT> in the prompt.
    #[arg(long, value_name = "NAME|FILE[:WEIGHT]", value_parser = parse_lora)]
    pub lora: Vec<LoraArg>,
    #[arg(long, value_name = "ID", help = sampler_help())]
    pub sampler: Option<String>,
    #[arg(long, value_name = "ID", default_value_t = Draft::default().schedule, help = schedule_help())]
    pub schedule: String,
    /// Steps from noise to picture, in each of which some samplers look twice; from a picture only the
    /// part that --strength says. When it is not given, as many as the model is usually drawn with.
    #[arg(long, value_name = "N")]
    pub steps: Option<u32>,
    /// How closely to follow the prompt; 1 or less switches guidance off. When it is not given, 4
    /// for Sprout, 5 for Stable Diffusion XL, 7 for Stable Diffusion 3, 3.5 for FLUX.1-dev, 1 for
    /// FLUX.1-schnell and Z-Image-Turbo, and 7.5 for most other models.
    #[arg(long, value_name = "F")]
    pub cfg: Option<f32>,
    /// Guide only from this part of the steps on, from 0 to 1; a step without guidance is half the
    /// work.
    #[arg(long, value_name = "F", default_value_t = Span::WHOLE.from, allow_negative_numbers = true)]
    pub guidance_from: f64,
    /// Guide only up to this part of the steps, from 0 to 1: the last ones need guidance least.
    #[arg(long, value_name = "F", default_value_t = Span::WHOLE.to, allow_negative_numbers = true)]
    pub guidance_to: f64,
    /// Compute the whole denoiser only in one of so many steps, and its outermost layers in the
    /// others: much less to compute for a similar picture; 1 is off.
    #[arg(long, value_name = "N", default_value_t = Shortcuts::default().cache_interval)]
    pub cache_interval: u32,
    #[arg(long, value_name = "ID", default_value = "as_stored", value_parser = parse_named::<WeightBits>, help = WEIGHT_BITS_HELP)]
    pub weight_bits: WeightBits,
    #[command(flatten)]
    pub memory: MemoryArgs,
    /// Seed of the first picture; a random one is drawn, and told, when it is not given.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    #[command(flatten)]
    pub noise: NoiseArgs,
    /// In pixels; when it is not given, that of the picture it starts from, or the one the model was
    /// trained at.
    #[arg(long, value_name = "WxH", value_parser = parse_size)]
    pub size: Option<(u32, u32)>,
    #[command(flatten)]
    pub told_size: ToldSizeArgs,
    /// Pictures for each prompt, with seeds counting up.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub count: u32,
    /// Threads to compute with; all cores when it is not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// A PNG file, or a folder (ending in /, or existing): of several pictures NAME-1.png and so on.
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Replace existing files.
    #[arg(long)]
    pub force: bool,
    /// Write noise, final latents and prompt embeddings too, as safetensors.
    #[arg(long, value_name = "FILE.safetensors")]
    pub dump_latents: Option<PathBuf>,
    /// Tell what happens as one JSON object a line.
    #[arg(long)]
    pub json: bool,
}

impl RunArgs {
    pub(super) fn shortcuts(&self) -> Shortcuts {
        Shortcuts {
            guidance: Span {
                from: self.guidance_from,
                to: self.guidance_to,
            },
            cache_interval: self.cache_interval,
        }
    }
}

#[derive(Clone, Debug, Args)]
#[command(args_override_self = true)]
pub struct UpscaleArgs {
    /// Pictures to make larger, or to restore.
    #[arg(value_name = "IMAGE", required = true)]
    pub images: Vec<PathBuf>,
    /// A file of weights (of ESRGAN and its kin), or the name of one in the folder
    /// "upscale" of the studio's folder of models, or sprout-x2, sprout-x4, sprout-x4-crisp or
    /// sprout-restore, which are built in; when it is not given, the first one of the folder, and a built-in one where there is
    /// none.
    #[arg(long, value_name = "NAME|FILE")]
    pub model: Option<String>,
    #[arg(long, value_name = "ID", help = ENLARGER_HELP, value_parser = enlarger_ids())]
    pub method: Option<String>,
    /// How many times as large; the network's own when it is not given, 4 without a network. Another
    /// than the network's is resampled at the end, by Lanczos.
    #[arg(long, value_name = "F", allow_negative_numbers = true)]
    pub scale: Option<f64>,
    /// In pixels, in place of a scale.
    #[arg(long, value_name = "WxH", value_parser = parse_size, conflicts_with = "scale")]
    pub size: Option<(u32, u32)>,
    /// Side of a part, in pixels of the picture; 0 for the picture as a whole. When it is not given,
    /// as large as --memory allows.
    #[arg(long, value_name = "N")]
    pub tile: Option<u32>,
    /// Pixels around a part that the network is shown too.
    #[arg(long, value_name = "N", default_value_t = Tiling::default().pad, value_parser = clap::value_parser!(u32).range(0..=4096))]
    pub tile_pad: u32,
    /// Pixels the picture is extended by to the right and downward meanwhile.
    #[arg(long, value_name = "N", default_value_t = Tiling::default().pre_pad, value_parser = clap::value_parser!(u32).range(0..=4096))]
    pub pre_pad: u32,
    /// Blend parts over what they were shown too, instead of cutting them hard.
    #[arg(long)]
    pub feather: bool,
    /// Memory that may be used, as 2GiB or 800MiB.
    #[arg(long, value_name = "SIZE", default_value = "2GiB", value_parser = parse_memory)]
    pub memory: u64,
    /// Tell what it will take, and do nothing.
    #[arg(long)]
    pub plan: bool,
    /// Threads to compute with; all cores when it is not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// A file (.png keeps everything; .webp, .jpg), or a folder (ending in /, or existing): then
    /// NAME-x4.png and so on.
    #[arg(long, value_name = "PATH|DIR")]
    pub out: PathBuf,
    /// Replace existing files.
    #[arg(long)]
    pub force: bool,
    /// Tell what happens as one JSON object a line.
    #[arg(long)]
    pub json: bool,
}

/// The way to fill that runs a model.
const DIFFUSION: &str = "diffusion";
const METHOD_HELP: &str = "What fills it: diffusion runs a model; exemplar takes the picture's own patches, telea carries colours inward (for scratches), lama is a network whose weights you have";

fn method_ids() -> Vec<&'static str> {
    let removers = REMOVERS.iter().map(|remover| remover.id);
    std::iter::once(DIFFUSION).chain(removers).collect()
}

const ENLARGER_HELP: &str = "How: network shows parts of the picture to a network; lanczos resamples; network when it is not given";

fn enlarger_ids() -> Vec<&'static str> {
    ENLARGERS.iter().map(|enlarger| enlarger.id).collect()
}

const LAYERS_HELP: &str = "Which of VGG-19's convolutions are looked at: first_five, for strokes and palette; gatys, those of the paper, conv1_1 to conv5_1, for larger forms too";
const RESIZE_HELP: &str =
    "How that picture takes the size: just_resize, crop_and_resize or resize_and_fill";
const EMPHASIS_HELP: &str = "Whose syntax prompts are in: a1111; no_norm, the same without its norm; comfy, ComfyUI's; none, every sign is text and a long prompt is cut, as in diffusers";
const WEIGHT_BITS_HELP: &str = "How the model's weights are kept: as_stored; half, in 16 bits; eight_bit, those of its transformers: less memory for a similar picture";
const CONTENT_HELP: &str = "What lies under the mask at first, below full strength: original, fill, latent_noise or latent_nothing";

fn sampler_help() -> String {
    let rows: Vec<_> = SAMPLERS
        .iter()
        .map(|row| format!("{} ({})", row.id, row.label))
        .collect();
    format!("One of {}; else the model's usual", rows.join(", "))
}

fn schedule_help() -> String {
    let rows: Vec<_> = SCHEDULES.iter().map(|row| row.id).collect();
    format!("One of {}; normal is the model's own", rows.join(", "))
}

/// A word as recipes spell it.
fn parse_named<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(text.into()).map_err(|error| error.to_string())
}

pub(super) fn parse_size(text: &str) -> Result<(u32, u32), String> {
    let sides = text.split_once(['x', 'X', '×']);
    let parsed = sides.and_then(|(w, h)| Some((w.trim().parse().ok()?, h.trim().parse().ok()?)));
    parsed.ok_or_else(|| "a size is written WIDTHxHEIGHT, for example 128x192".to_owned())
}

/// A file that is there: anything else is more likely a mistyped command.
fn parse_picture(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.is_file() {
        Ok(path)
    } else {
        Err("there is no such command, and no such picture".to_owned())
    }
}

/// Parses the command line. Help and version are told as `Ok(Err(text))`.
pub fn parse(
    words: impl IntoIterator<Item = OsString>,
) -> Result<Result<Arguments, String>, CommandError> {
    match Arguments::try_parse_from(words) {
        Ok(arguments) => Ok(Ok(arguments)),
        Err(error) if !error.use_stderr() => Ok(Err(error.render().to_string())),
        Err(error) => {
            let text = error.render().to_string();
            let lines: Vec<_> = text
                .lines()
                .map(str::trim)
                .take_while(|line| !line.starts_with("Usage:"))
                .filter(|line| !line.is_empty())
                .collect();
            let message = lines.join(" ");
            let message = message.strip_prefix("error: ").unwrap_or(&message);
            Err(CommandError::Usage(format!(
                "{message}; see afterimage --help"
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn the_plain_command_opens_the_window() {
        assert!(
            parse(words("afterimage"))
                .unwrap()
                .unwrap()
                .command
                .is_none()
        );
    }

    #[test]
    fn a_picture_opens_in_the_window() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_path_buf();
        let line = [OsString::from("afterimage"), path.clone().into_os_string()];
        let arguments = parse(line).unwrap().unwrap();
        assert!(arguments.command.is_none());
        assert_eq!(arguments.open, Some(path));
    }

    #[test]
    fn a_mistyped_option_is_told_in_one_line() {
        for line in [
            "afterimage generate cat --stepps 3",
            "afterimage generate",
            "afterimage generate cat --size 12",
            "afterimage generate cat --threads 0",
            "afterimage paint",
            "afterimage generate cat --strength 0.5",
            "afterimage inpaint cat.png",
            "afterimage inpaint cat.png --mask m.png --masked-content paint",
            "afterimage upscale --out x.png",
            "afterimage upscale cat.png",
            "afterimage upscale cat.png --out x.png --memory lots",
            "afterimage upscale cat.png --out x.png --scale 2 --size 3x4",
        ] {
            let error = parse(words(line)).unwrap_err();
            assert!(matches!(error, CommandError::Usage(_)));
            assert_eq!(error.message().lines().count(), 1, "{}", error.message());
        }
    }
    #[test]
    fn sizes_are_width_by_height() {
        assert_eq!(parse_size("128x192"), Ok((128, 192)));
        assert!(parse_size("128").is_err());
        assert!(parse_size("-1x5").is_err());
    }
}
