//! `afterimage fit`: what is learnt about models people have, to go with them.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::console::{say, use_threads};
use super::{CommandError, failed};
use crate::engine::model_files;
use crate::library::{Existing, write_atomically};
use crate::models::LATENT_COLORS;
use crate::training::preview::{FitPictures, FittedPreview, fit_preview};

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
}

#[derive(Clone, Debug, Args)]
#[command(args_override_self = true)]
pub struct FitPreviewArgs {
    /// "sprout", a checkpoint in one file, or a folder in the diffusers layout.
    #[arg(long, value_name = "NAME|FILE|DIR")]
    pub model: String,
    /// Scenes to fit it to.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub pictures: u32,
    /// Their side, in pixels.
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(8..=2048))]
    pub size: u32,
    /// The same seed draws the same scenes.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Write it into the vae/config.json of a folder, where it is read from then on; it is printed
    /// otherwise.
    #[arg(long)]
    pub write: bool,
    /// Threads to compute with; all cores when it is not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// Runs the command to its end.
pub fn fit(args: &FitArgs) -> Result<(), CommandError> {
    let Fit::Preview(args) = &args.what;
    use_threads(args.threads)?;
    let config = args.write.then(|| config_of(&args.model)).transpose()?;
    let files = model_files(&args.model).map_err(failed)?;
    let pictures = FitPictures {
        count: args.pictures,
        side: args.size,
        seed: args.seed,
    };
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

/// The configuration it is written into.
fn config_of(model: &str) -> Result<PathBuf, CommandError> {
    let path = Path::new(model).join("vae/config.json");
    if path.is_file() {
        return Ok(path);
    }
    Err(CommandError::Usage(format!(
        "--write needs a folder with vae/config.json, and {model} is none: leave it out to see the map"
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
