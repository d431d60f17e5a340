//! `afterimage fit`: what is learnt about models people have, to go with them.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::console::{say, use_threads};
use super::{CommandError, failed};
use crate::engine::model_files;
use crate::library::{Existing, FileError, write_atomically};
use crate::models::{LATENT_COLORS, PREVIEW_DECODER_FILE};
use crate::training::preview::{
    DecoderOrder, Doing, FitPictures, FittedDecoder, FittedPreview, fit_decoder, fit_preview,
};

const VAE_CONFIG: &str = "vae/config.json";

#[derive(Clone, Debug, Args)]
pub struct FitArgs {
    #[command(subcommand)]
    pub what: Fit,
}

#[derive(Clone, Debug, Subcommand)]
pub enum Fit {
    /// The colours previews are drawn with: the linear map from latents to colours that is nearest to
    /// scenes of Sprout's painter.
    Preview(FitPreviewArgs),
    /// A tiny decoder previews are drawn with, in place of colours alone: taught by scenes of Sprout's
    /// painter, in some minutes.
    Decoder(FitDecoderArgs),
}

/// What is fitted to what.
#[derive(Clone, Debug, Args)]
pub struct FitModelArgs {
    /// "sprout", a checkpoint in one file, or a folder in the diffusers layout.
    #[arg(long, value_name = "NAME|FILE|DIR")]
    pub model: String,
    /// The scenes' side, in pixels.
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(8..=2048))]
    pub size: u32,
    /// The same seed draws the same scenes.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Threads to compute with; all cores when it is not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

impl FitModelArgs {
    const fn pictures(&self, count: u32) -> FitPictures {
        FitPictures {
            count,
            side: self.size,
            seed: self.seed,
        }
    }
}

#[derive(Clone, Debug, Args)]
#[command(args_override_self = true)]
pub struct FitPreviewArgs {
    #[command(flatten)]
    pub to: FitModelArgs,
    /// Scenes to fit it to.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub pictures: u32,
    /// Write it into the vae/config.json of a folder, where it is read from then on; it is printed
    /// otherwise.
    #[arg(long)]
    pub write: bool,
}

#[derive(Clone, Debug, Args)]
#[command(args_override_self = true)]
pub struct FitDecoderArgs {
    #[command(flatten)]
    pub to: FitModelArgs,
    /// Scenes to learn from.
    #[arg(long, value_name = "N", default_value_t = 512, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    pub pictures: u32,
    /// Steps of sixteen parts of scenes.
    #[arg(long, value_name = "N", default_value_t = 1500, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub steps: u32,
    /// The file it is written to; when it is not given, the place in the model's folder where it is read
    /// from, beside its autoencoder.
    #[arg(long, value_name = "FILE.safetensors")]
    pub out: Option<PathBuf>,
    /// Replace the file if it exists.
    #[arg(long)]
    pub force: bool,
}

/// Runs the command to its end.
pub fn fit(args: &FitArgs) -> Result<(), CommandError> {
    match &args.what {
        Fit::Preview(args) => fit_map(args),
        Fit::Decoder(args) => teach_decoder(args),
    }
}

fn fit_map(args: &FitPreviewArgs) -> Result<(), CommandError> {
    let model = &args.to.model;
    use_threads(args.to.threads)?;
    let config = args
        .write
        .then(|| vae_config(model, "leave --write out to see the map"));
    let config = config.transpose()?;
    let files = model_files(model).map_err(failed)?;
    let pictures = args.to.pictures(args.pictures);
    let bar = ProgressBar::new(args.pictures.into());
    let fitted = fit_preview(&*files, pictures, &mut |done| bar.set_position(done.into()));
    bar.finish_and_clear();
    let fitted = fitted.map_err(failed)?;
    let FittedPreview {
        colors,
        error,
        error_before,
        contrast,
        contrast_before,
    } = fitted;
    let rounded = |row: &[f32; 3]| row.map(|value| (f64::from(value) * 1e4).round() / 1e4);
    let map = json!({
        "matrix": colors.matrix.iter().map(rounded).collect::<Vec<_>>(),
        "bias": rounded(&colors.bias),
    });
    match config {
        Some(path) => write(&path, map)?,
        None => say(&json!({ LATENT_COLORS: map }).to_string())?,
    }
    super::say_error(&format!(
        "error {error_before:.4} before, {error:.4} now; contrast {contrast_before:.2} before, \
         {contrast:.2} now (1 is the pictures')"
    ));
    Ok(())
}

fn teach_decoder(args: &FitDecoderArgs) -> Result<(), CommandError> {
    let model = &args.to.model;
    use_threads(args.to.threads)?;
    let path = match &args.out {
        Some(path) => {
            writable(path, args.force)?;
            path.clone()
        }
        None => vae_config(model, "tell --out")?.with_file_name(PREVIEW_DECODER_FILE),
    };
    let files = model_files(model).map_err(failed)?;
    let order = DecoderOrder {
        pictures: args.to.pictures(args.pictures),
        steps: args.steps,
    };
    let bar = ProgressBar::new(args.pictures.into());
    let fitted = fit_decoder(&*files, order, &mut |doing, done| {
        bar.set_length(match doing {
            Doing::Encoding => args.pictures.into(),
            Doing::Learning => args.steps.into(),
        });
        bar.set_position(done.into());
    });
    bar.finish_and_clear();
    let FittedDecoder { bytes, error } = fitted.map_err(failed)?;
    write_atomically(&path, &bytes, Existing::Replace).map_err(failed)?;
    say(&path.display().to_string())?;
    super::say_error(&format!(
        "error {error:.4} on pictures it has not learnt from"
    ));
    Ok(())
}

/// Whether a file can be written, asked before the work.
fn writable(path: &Path, force: bool) -> Result<(), CommandError> {
    let told = path.display().to_string();
    if path.exists() && !force {
        return Err(failed(FileError::Exists { path: told }));
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.is_dir()) {
        let reason = "its folder is not there".to_owned();
        return Err(failed(FileError::Unwritable { path: told, reason }));
    }
    Ok(())
}

/// The configuration of the autoencoder in a model's folder; `else_do` is for who has no folder.
fn vae_config(model: &str, else_do: &str) -> Result<PathBuf, CommandError> {
    let path = Path::new(model).join(VAE_CONFIG);
    if path.is_file() {
        return Ok(path);
    }
    Err(CommandError::Usage(format!(
        "{model} is no folder with {VAE_CONFIG} to write into: {else_do}"
    )))
}

fn write(path: &Path, map: Value) -> Result<(), CommandError> {
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let mut config: Value = serde_json::from_str(&text).map_err(failed)?;
    config[LATENT_COLORS] = map;
    let text = serde_json::to_string_pretty(&config).map_err(failed)? + "\n";
    write_atomically(path, text.as_bytes(), Existing::Replace).map_err(failed)?;
    say(&path.display().to_string())
}
