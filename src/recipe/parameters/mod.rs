//! The A1111 `parameters` text: what every other tool reads from a picture.
//!
//! The prompt, a `Negative prompt:` line when there is one, and a last line of `key: value` pairs
//! joined by `, `. A value is JSON-quoted if and only if it holds a comma, a colon or a line break.

mod hash_fields;

use std::path::Path;
use std::sync::LazyLock;

use hash_fields::hash_fields;
use regex::Regex;

use super::{
    Draft, Emphasis, Finish, MaskedContent, ModelRef, NoiseSource, Recipe, Region, SAMPLERS,
    SCHEDULES, Shortcuts, SizeCondition, Task, Variation, WeightBits, sampler_by_id,
    schedule_by_id,
};

/// One picture's `parameters`, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    pub prompt: String,
    pub negative_prompt: String,
    /// The pairs of the last line, in order, unquoted.
    pub fields: Vec<(String, String)>,
}

/// At least this many pairs make the last line a key list rather than a part of the prompt.
const MIN_PAIRS: usize = 3;

#[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
static PAIR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)"#).expect("valid pattern")
});

/// Writes the text A1111 would write for this recipe.
pub fn write_parameters(recipe: &Recipe, version: &str) -> String {
    let size = format!("{}x{}", recipe.width, recipe.height);
    if let Task::Remove(removal) = &recipe.task {
        let method = &removal.method;
        return format!("Removed by: {method}, Size: {size}, Version: afterimage {version}");
    }
    if let Task::Style(styling) = &recipe.task {
        let (features, steps) = (&styling.features.id, recipe.steps);
        return format!(
            "Styled by: {features}, Steps: {steps}, Seed: {}, Size: {size}, \
             Version: afterimage {version}",
            recipe.seed
        );
    }
    if let Task::Upscale(enlargement) = &recipe.task {
        let by = if recipe.model.name.is_empty() {
            &enlargement.method
        } else {
            &recipe.model.name
        };
        let (by, scale) = (quoted(by), enlargement.scale);
        return format!(
            "Postprocess upscale by: {scale}, Postprocess upscaler: {by}, Size: {size}, \
             Version: afterimage {version}"
        );
    }
    let mut fields: Vec<(&str, String)> = vec![
        ("Steps", recipe.steps.to_string()),
        (
            "Sampler",
            sampler_by_id(&recipe.sampler)
                .map_or(recipe.sampler.as_str(), |row| row.label)
                .to_owned(),
        ),
        (
            "Schedule type",
            schedule_by_id(&recipe.schedule)
                .map_or(recipe.schedule.as_str(), |row| row.label)
                .to_owned(),
        ),
        ("CFG scale", recipe.guidance.to_string()),
        ("Seed", recipe.seed.to_string()),
        ("Size", size),
    ];
    if let Some(sha256) = &recipe.model.sha256 {
        fields.push(("Model hash", sha256.chars().take(10).collect()));
    }
    fields.push(("Model", recipe.model.name.clone()));
    if let Some(vae) = &recipe.vae {
        fields.extend(vae_fields(vae));
    }
    if recipe.clip_skip > 1 {
        fields.push((CLIP_SKIP, recipe.clip_skip.to_string()));
    }
    fields.extend(variation_fields(recipe.variation));
    fields.push(("RNG", recipe.noise.label().to_owned()));
    // A1111 does not tell its usual way either.
    if recipe.emphasis != Emphasis::A1111 {
        fields.push((EMPHASIS, recipe.emphasis.label().to_owned()));
    }
    fields.extend(task_fields(&recipe.task));
    fields.extend(recipe.size_condition.iter().flat_map(size_fields));
    fields.extend(hash_fields(recipe));
    fields.extend(shortcut_fields(recipe.shortcuts));
    if !recipe.weight_bits.are_stored() {
        fields.push((WEIGHT_BITS, recipe.weight_bits.id().to_owned()));
    }
    if recipe.decode_tile > 0 {
        fields.push((DECODE_TILE, recipe.decode_tile.to_string()));
    }
    if let Some(steps) = recipe.stopped_after {
        fields.push(("Stopped after", steps.to_string()));
    }
    if !recipe.finishes.is_empty() {
        let finishes: Vec<_> = recipe.finishes.iter().map(Finish::to_string).collect();
        fields.push(("Finish", finishes.join("; ")));
    }
    fields.push(("Version", format!("afterimage {version}")));

    let mut text = recipe.prompt.clone();
    if !recipe.negative_prompt.is_empty() {
        text.push_str("\nNegative prompt: ");
        text.push_str(&recipe.negative_prompt);
    }
    text.push('\n');
    let pairs: Vec<_> = fields
        .iter()
        .map(|(key, value)| format!("{key}: {}", quoted(value)))
        .collect();
    text.push_str(&pairs.join(", "));
    text
}

const CLIP_SKIP: &str = "Clip skip";
const EMPHASIS: &str = "Emphasis";
const VARIATION_SEED: &str = "Variation seed";
const VARIATION_STRENGTH: &str = "Variation seed strength";
const GUIDANCE_FROM: &str = "Guidance from";
const GUIDANCE_TO: &str = "Guidance to";
const CACHE_INTERVAL: &str = "Cache interval";
const WEIGHT_BITS: &str = "Weight bits";
const DECODE_TILE: &str = "Decode tile";

const ORIGINAL_SIZE: &str = "Original size";
const CROP: &str = "Crop";
const TARGET_SIZE: &str = "Target size";

/// Keys of our own, since no other tool has any for these.
fn size_fields(size: &SizeCondition) -> [(&'static str, String); 3] {
    let pair = |(across, down): (u32, u32)| format!("{across}x{down}");
    [
        (ORIGINAL_SIZE, pair(size.original)),
        (CROP, pair(size.crop)),
        (TARGET_SIZE, pair(size.target)),
    ]
}

fn variation_fields(variation: Variation) -> Vec<(&'static str, String)> {
    if variation.is_off() {
        return Vec::new();
    }
    vec![
        (VARIATION_SEED, variation.seed.to_string()),
        (VARIATION_STRENGTH, variation.strength.to_string()),
    ]
}

/// Keys of our own, since no other tool has any for these; nothing for what is off.
fn shortcut_fields(shortcuts: Shortcuts) -> Vec<(&'static str, String)> {
    let mut fields = Vec::new();
    let usual = Shortcuts::default();
    if shortcuts.guidance != usual.guidance {
        fields.push((GUIDANCE_FROM, shortcuts.guidance.from.to_string()));
        fields.push((GUIDANCE_TO, shortcuts.guidance.to.to_string()));
    }
    if shortcuts.cache_interval != usual.cache_interval {
        fields.push((CACHE_INTERVAL, shortcuts.cache_interval.to_string()));
    }
    fields
}

/// As others write them: the first digits of the hash, and the file's name alone.
fn vae_fields(vae: &ModelRef) -> Vec<(&'static str, String)> {
    let hash = vae.sha256.iter();
    let hash = hash.map(|sha256| ("VAE hash", sha256.chars().take(10).collect()));
    let name = Path::new(&vae.name).file_name();
    let name = name.map(|name| ("VAE", name.to_string_lossy().into_owned()));
    hash.chain(name).collect()
}

/// What A1111 says of a picture made from another; nothing for text to image.
fn task_fields(task: &Task) -> Vec<(&'static str, String)> {
    let mut fields = Vec::new();
    if *task != Task::TextToImage {
        fields.push(("Denoising strength", task.strength().0.to_string()));
    }
    if let Task::Inpaint(fill) = task {
        let content = match fill.content {
            MaskedContent::Original => "original",
            MaskedContent::Fill => "fill",
            MaskedContent::LatentNoise => "latent noise",
            MaskedContent::LatentNothing => "latent nothing",
        };
        fields.push(("Mask blur", fill.mask_blur.to_string()));
        fields.push(("Masked content", content.to_owned()));
        match fill.region {
            Region::WholePicture => fields.push(("Inpaint area", "Whole picture".to_owned())),
            Region::OnlyMasked { padding } => {
                fields.push(("Inpaint area", "Only masked".to_owned()));
                fields.push(("Masked area padding", padding.to_string()));
            }
        }
    }
    fields
}

/// Takes a `parameters` text apart; a text without a key list is all prompt.
pub fn read_parameters(text: &str) -> Parameters {
    let lines: Vec<&str> = text.trim().lines().collect();
    let (mut body, mut fields) = (lines.as_slice(), Vec::new());
    if let Some((last, rest)) = lines.split_last() {
        let pairs: Vec<_> = PAIR
            .captures_iter(last)
            .map(|pair| (pair[1].to_owned(), unquoted(&pair[2])))
            .collect();
        if pairs.len() >= MIN_PAIRS {
            body = rest;
            fields = pairs;
        }
    }
    let (mut prompt, mut negative) = (Vec::new(), Vec::new());
    let mut in_negative = false;
    for &line in body {
        if let Some(first) = line.trim_start().strip_prefix("Negative prompt:") {
            in_negative = true;
            negative.push(first.trim());
        } else if in_negative {
            negative.push(line);
        } else {
            prompt.push(line);
        }
    }
    Parameters {
        prompt: prompt.join("\n"),
        negative_prompt: negative.join("\n"),
        fields,
    }
}

impl Parameters {
    pub fn get(&self, key: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// Takes over into the form what another tool's picture says and this studio has.
    pub fn apply_to(&self, draft: &mut Draft) {
        draft.prompt.clone_from(&self.prompt);
        draft.negative_prompt.clone_from(&self.negative_prompt);
        if let Some(steps) = self.get("Steps").and_then(|text| text.parse().ok()) {
            draft.steps = steps;
        }
        if let Some(guidance) = self.get("CFG scale").and_then(|text| text.parse().ok()) {
            draft.guidance = guidance;
        }
        if let Some(seed) = self.get("Seed").and_then(|text| text.parse().ok()) {
            draft.seed = seed;
        }
        if let Some((width, height)) = self.get("Size").and_then(|text| text.split_once('x'))
            && let (Ok(width), Ok(height)) = (width.parse(), height.parse())
        {
            (draft.width, draft.height) = (width, height);
        }
        if let Some(label) = self.get("Sampler") {
            self.apply_sampler(label, draft);
        }
        draft.size_condition = self.size_condition();
        draft.emphasis = self
            .get(EMPHASIS)
            .and_then(Emphasis::by_label)
            .unwrap_or(Emphasis::A1111);
        let skip = self.get(CLIP_SKIP).and_then(|text| text.parse().ok());
        draft.clip_skip = skip.unwrap_or(1);
        if !self.fields.is_empty() {
            draft.noise = self.noise();
        }
        draft.variation = self.variation();
        draft.shortcuts = self.shortcuts();
        let bits = self.get(WEIGHT_BITS).and_then(WeightBits::by_id);
        draft.weight_bits = bits.unwrap_or_default();
        let tile = self.get(DECODE_TILE).and_then(|text| text.parse().ok());
        draft.decode_tile = tile.unwrap_or(0);
    }

    fn size_condition(&self) -> Option<SizeCondition> {
        let pair = |key| {
            let (across, down) = self.get(key)?.split_once('x')?;
            Some((across.parse().ok()?, down.parse().ok()?))
        };
        Some(SizeCondition {
            original: pair(ORIGINAL_SIZE)?,
            crop: pair(CROP)?,
            target: pair(TARGET_SIZE)?,
        })
    }

    /// A picture that says nothing of shortcuts was made without any.
    fn shortcuts(&self) -> Shortcuts {
        let mut shortcuts = Shortcuts::default();
        if let Some(from) = self.get(GUIDANCE_FROM).and_then(|text| text.parse().ok()) {
            shortcuts.guidance.from = from;
        }
        if let Some(to) = self.get(GUIDANCE_TO).and_then(|text| text.parse().ok()) {
            shortcuts.guidance.to = to;
        }
        if let Some(interval) = self.get(CACHE_INTERVAL).and_then(|text| text.parse().ok()) {
            shortcuts.cache_interval = interval;
        }
        shortcuts
    }

    /// A1111 says nothing where it drew the noise on the graphics card.
    fn noise(&self) -> NoiseSource {
        let told = self.get("RNG").and_then(NoiseSource::by_label);
        told.unwrap_or(NoiseSource::Nv)
    }

    /// A picture that says nothing of a variation has none.
    fn variation(&self) -> Variation {
        let seed = self.get(VARIATION_SEED).and_then(|text| text.parse().ok());
        let strength = self.get(VARIATION_STRENGTH);
        let strength = strength.and_then(|text| text.parse().ok());
        match (seed, strength) {
            (Some(seed), Some(strength)) => Variation { seed, strength },
            _ => Variation::default(),
        }
    }

    /// Old files put the schedule behind the sampler's name: `DPM++ 2M Karras`. A schedule that is not
    /// named, or left to A1111, is the one it takes with the sampler.
    fn apply_sampler(&self, label: &str, draft: &mut Draft) {
        let (sampler, schedule) = match self.get("Schedule type") {
            Some(schedule) => (label, schedule),
            None => with_schedule(label).unwrap_or((label, AUTOMATIC)),
        };
        let sampler = SAMPLERS.iter().find(|row| row.label == sampler);
        if let Some(row) = sampler {
            row.id.clone_into(&mut draft.sampler);
        }
        let schedule = if schedule == AUTOMATIC {
            sampler.map_or(NORMAL, |row| row.automatic)
        } else {
            let known = SCHEDULES.iter().find(|row| row.label == schedule);
            // A1111's "Uniform" is the model's own, too.
            known.map_or(NORMAL, |row| row.id)
        };
        schedule.clone_into(&mut draft.schedule);
    }
}

/// A1111's own choice of a schedule.
const AUTOMATIC: &str = "Automatic";
const NORMAL: &str = "normal";

/// A label that ends in that of a schedule, taken apart.
fn with_schedule(label: &str) -> Option<(&str, &str)> {
    SCHEDULES.iter().find_map(|row| {
        let sampler = label.strip_suffix(row.label)?.strip_suffix(' ')?;
        Some((sampler, row.label))
    })
}

fn quoted(value: &str) -> String {
    if value.contains([',', ':', '\n']) {
        serde_json::Value::from(value).to_string()
    } else {
        value.to_owned()
    }
}

fn unquoted(value: &str) -> String {
    serde_json::from_str::<String>(value).unwrap_or_else(|_| value.trim().to_owned())
}

#[cfg(test)]
mod tests;
