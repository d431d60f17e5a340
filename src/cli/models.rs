//! Lists the models people have, and gets further ones.

use std::io::{IsTerminal as _, stderr};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::console::say;
use super::{CommandError, failed};
use crate::engine::EngineOptions;
use crate::stock::fetch::{
    CURATED, Control, Downloader, Fetched, Halt, HuggingFace, Progress, Wish,
};
use crate::stock::{
    Cache, Details, Family, Item, Kind, Root, Roots, details, item_at, scan, sha256_of_file,
};

#[derive(Clone, Debug, Args)]
pub struct ModelsArgs {
    #[command(subcommand)]
    pub what: Models,
}

#[derive(Clone, Debug, Subcommand)]
pub enum Models {
    /// Tell which models there are, in every folder that is known.
    List {
        /// Only what has these words in its name, family, kind or folder.
        #[arg(value_name = "WORD")]
        search: Vec<String>,
        /// Only what is for this.
        #[arg(long, value_name = "KIND", value_parser = kind_ids())]
        kind: Option<String>,
        /// A JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Get a model from Hugging Face; what has come of it before goes on from there.
    Get(GetArgs),
    /// Tell which models many people begin with, and what they take.
    Curated {
        /// A JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Tell in which folders models are looked for.
    Roots {
        /// A JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Look for models in a further folder: of ComfyUI, of A1111, a Hugging Face cache, any other, or
    /// ComfyUI's list of folders (a file of YAML). Nothing is copied.
    AddRoot {
        #[arg(value_name = "PATH")]
        path: PathBuf,
    },
    /// Look there no more; nothing in it is touched.
    RemoveRoot {
        #[arg(value_name = "PATH")]
        path: PathBuf,
    },
    /// Tell what is known of one file or folder of weights.
    Info {
        #[arg(value_name = "PATH")]
        path: PathBuf,
        /// Compute the SHA-256 of the file too.
        #[arg(long)]
        hash: bool,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Clone, Debug, Args)]
pub struct GetArgs {
    /// A repository, as its page is called; a branch, a tag or a commit may follow it: ORG/NAME@R.
    #[arg(value_name = "ORG/NAME")]
    pub repo: String,
    /// A branch, a tag or a commit; "main" when none is given.
    #[arg(long, value_name = "R")]
    pub revision: Option<String>,
    /// Weights stored in another way, such as fp16, where there are such; when it is not given, what
    /// the list of well-known models says.
    #[arg(long, value_name = "V")]
    pub variant: Option<String>,
    /// Only this file; again for others.
    #[arg(long, value_name = "FILE")]
    pub file: Vec<String>,
    /// Tell what would come, and get nothing.
    #[arg(long)]
    pub plan: bool,
    /// Tell what happens as one JSON object a line.
    #[arg(long)]
    pub json: bool,
}

fn kind_ids() -> Vec<&'static str> {
    Kind::ALL.iter().map(|(_, id)| *id).collect()
}

/// Runs `models`.
pub fn models(args: &ModelsArgs, options: &EngineOptions) -> Result<(), CommandError> {
    let mut roots = Roots::of_this_user(&options.models, &options.settings_file);
    match &args.what {
        Models::List { search, kind, json } => {
            let search = search.join(" ");
            let fits = |item: &Item| {
                let kind_fits = kind
                    .as_ref()
                    .is_none_or(|kind| *kind == item.told.kind.id());
                kind_fits && item.matches(&search)
            };
            list(&roots, options, &fits, *json)
        }
        Models::Get(args) => get(args, &roots),
        Models::Curated { json } => curated(*json),
        Models::Roots { json } => roots
            .all()
            .iter()
            .try_for_each(|root| say_root(root, *json)),
        Models::AddRoot { path } => {
            let root = roots.add(path).map_err(failed)?;
            say_root(&root, false)
        }
        Models::RemoveRoot { path } => roots.remove(&absolute(path)).map_err(failed),
        Models::Info { path, hash, json } => {
            let (item, details) = info(path, *hash, options)?;
            say_info(&item, &details, *json)
        }
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn list(
    roots: &Roots,
    options: &EngineOptions,
    fits: &dyn Fn(&Item) -> bool,
    json: bool,
) -> Result<(), CommandError> {
    let mut cache = Cache::open(&options.model_cache());
    let mut told = Ok(());
    scan(&roots.all(), &mut cache, &mut |item| {
        if fits(&item) {
            told = say_item(&item, json);
        }
        told.is_ok()
    });
    if let Err(error) = cache.save() {
        log::warn!("what is known of models is not kept: {error}");
    }
    told
}

fn say_item(item: &Item, as_json: bool) -> Result<(), CommandError> {
    if as_json {
        return say(&item_json(item).to_string());
    }
    let told = &item.told;
    let facts = [
        told.kind.id(),
        told.family.map_or("", Family::title),
        told.precision.as_deref().unwrap_or_default(),
        &size(item.bytes),
        told.licence.as_deref().unwrap_or_default(),
    ];
    let facts: Vec<_> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
    say(&format!(
        "{}\t{}\t{}",
        item.name,
        facts.join(" · "),
        item.path.display()
    ))
}

fn item_json(item: &Item) -> Value {
    let told = &item.told;
    json!({
        "name": item.name,
        "kind": told.kind.id(),
        "family": told.family.map(Family::title),
        "precision": told.precision,
        "bytes": item.bytes,
        "licence": told.licence,
        "title": told.title,
        "path": item.path.display().to_string(),
        "root": item.root.display().to_string(),
        "sha256": item.sha256,
        "problem": told.problem,
    })
}

fn say_root(root: &Root, as_json: bool) -> Result<(), CommandError> {
    let path = root.path.display().to_string();
    let problem = root.problem.as_ref().map(ToString::to_string);
    if as_json {
        let line = json!({
            "path": path, "layout": root.layout.title(), "added": root.added, "problem": problem,
        });
        return say(&line.to_string());
    }
    let facts = [root.layout.title().to_owned(), problem.unwrap_or_default()];
    let facts: Vec<_> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
    say(format!("{path}\t{}", facts.join(" · ")).trim_end())
}

fn curated(as_json: bool) -> Result<(), CommandError> {
    CURATED.iter().try_for_each(|row| {
        let family = row.family.map(Family::title);
        if as_json {
            let line = json!({
                "repo": row.repo, "title": row.title, "family": family, "variant": row.variant,
                "bytes": row.bytes, "licence": row.licence,
            });
            return say(&line.to_string());
        }
        let family = family.unwrap_or_default();
        let (size, licence) = (size(row.bytes), row.licence);
        say(&format!(
            "{}\t{} · {family} · {size} · {licence}",
            row.repo, row.title
        ))
    })
}

fn info(path: &Path, hash: bool, options: &EngineOptions) -> Result<(Item, Details), CommandError> {
    let path = absolute(path);
    if !path.exists() {
        return Err(failed(format!("there is no {}", path.display())));
    }
    let mut cache = Cache::open(&options.model_cache());
    let found = item_at(&path, &mut cache);
    let Some(mut item) = found else {
        let what = "is neither a file of weights nor a model's folder";
        return Err(failed(format!("{} {what}", path.display())));
    };
    if hash && path.is_file() && item.sha256.is_none() {
        item.sha256 = sha256_of_file(&path, &|| true).map_err(failed)?;
        if let Some(sha256) = &item.sha256 {
            cache.remember_sha256(&path, sha256);
        }
    }
    if let Err(error) = cache.save() {
        log::warn!("what is known of models is not kept: {error}");
    }
    let details = match &item.told.problem {
        Some(problem) => return Err(failed(problem)),
        None => details(&path).map_err(failed)?,
    };
    Ok((item, details))
}

fn say_info(item: &Item, details: &Details, as_json: bool) -> Result<(), CommandError> {
    if as_json {
        let mut line = item_json(item);
        let rows: serde_json::Map<String, Value> = details
            .rows
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect();
        line["metadata"] = rows.into();
        line["trigger_words"] = json!(details.trigger_words);
        line["tensors"] = details.tensors.into();
        line["elements"] = details.elements.into();
        return say(&line.to_string());
    }
    say_item(item, false)?;
    if let Some(sha256) = &item.sha256 {
        say(&format!("sha256\t{sha256}"))?;
    }
    if !details.trigger_words.is_empty() {
        say(&format!(
            "trigger words\t{}",
            details.trigger_words.join(", ")
        ))?;
    }
    let one_line = |value: &str| value.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut rows = details.rows.iter();
    rows.try_for_each(|(name, value)| say(&format!("{name}\t{}", one_line(value))))
}

/// Of a model: `2.1 GB`.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

fn get(args: &GetArgs, roots: &Roots) -> Result<(), CommandError> {
    let asked = Wish::parse(&args.repo).map_err(|error| CommandError::Usage(error.to_string()))?;
    let wish = Wish {
        revision: args.revision.clone().unwrap_or(asked.revision),
        variant: args.variant.clone().or(asked.variant),
        files: args.file.clone(),
        repo: asked.repo,
    };
    let source = HuggingFace::of_this_user();
    let downloader = Downloader::new(&source, roots.hub());
    if args.plan {
        let (_, plan) = downloader.plan(&wish).map_err(failed)?;
        for file in &plan.files {
            say(&format!("{}\t{}", file.path, size(file.bytes)))?;
        }
        return say(&format!("in all\t{}", size(plan.bytes)));
    }
    let control = Control::default();
    let pausing = control.clone();
    if let Err(error) = ctrlc::set_handler(move || pausing.ask(Halt::Pause)) {
        log::warn!("an interrupt ends the program at once: {error}");
    }
    let bar = bar(args.json);
    let mut last = std::time::Instant::now();
    let mut told = Ok(());
    let got = downloader.get(&wish, &control, &mut |progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.done);
        bar.set_message(message(progress));
        // A line for every chunk would be nothing but lines.
        if args.json && last.elapsed().as_millis() > 250 {
            last = std::time::Instant::now();
            told = say(&progress_json(progress).to_string());
        }
        if told.is_err() {
            control.ask(Halt::Pause);
        }
    });
    bar.finish_and_clear();
    told?;
    match got.map_err(failed)? {
        Fetched::Whole(folder) if args.json => {
            say(&json!({"event": "finished", "path": folder.display().to_string()}).to_string())
        }
        Fetched::Whole(folder) => say(&folder.display().to_string()),
        Fetched::Halted(_) => Err(failed(
            "stopped; what has come is kept, and the same command goes on from there",
        )),
    }
}

fn bar(json: bool) -> ProgressBar {
    if json || !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{msg} [{bar:24}] {bytes}/{total_bytes}");
    if let Ok(style) = style {
        bar.set_style(style.progress_chars("█▌ "));
    }
    bar
}

fn message(progress: &Progress) -> String {
    if progress.waits {
        return "waiting for the connection".to_owned();
    }
    let rate = progress
        .rate
        .map(|rate| format!(" · {}/s", size(rate as u64)));
    let left = progress
        .left()
        .map(|left| format!(" · {} s left", left.as_secs()));
    let name = progress.file.rsplit('/').next().unwrap_or_default();
    format!(
        "{name}{}{}",
        rate.unwrap_or_default(),
        left.unwrap_or_default()
    )
}

fn progress_json(progress: &Progress) -> Value {
    json!({
        "event": "progress", "file": progress.file, "done": progress.done, "total": progress.total,
        "bytes_per_second": progress.rate, "waits": progress.waits,
        "seconds_left": progress.left().map(|left| left.as_secs_f64()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_people_say_them() {
        assert_eq!(size(1), "1 kB");
        assert_eq!(size(9_800_000), "9 MB");
        assert_eq!(size(2_135_000_000), "2.1 GB");
    }
}
