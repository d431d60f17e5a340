//! The plain, serializable description of a picture.
//!
//! A [`Recipe`] holds everything needed to make a picture again. Panels edit a [`Draft`], the
//! channel carries the recipe, the PNG stores it, the command line builds it. What is not in the
//! recipe cannot change the picture.

mod catalog;
mod digest;
mod draft;
mod finish;
mod networks;
mod parameters;
mod prompt;
mod shortcuts;
mod size_condition;
mod styling;
mod task;
mod variation;
mod weight_bits;

use prompt::expand;
use serde::{Deserialize, Serialize};

pub use catalog::{
    Calls, SAMPLERS, SCHEDULES, SamplerRow, ScheduleRow, calls_of, sampler_by_id, schedule_by_id,
    step_of_call,
};
pub use digest::{Digest, sha256_of};
pub(crate) use draft::near;
pub use draft::{Draft, Field, Limits, Problem, tile_step};
pub use finish::{CURVE_POINTS, Curve, Curves, Finish, place_of};
pub use networks::{AdapterRef, AskedNetwork, EmbeddingRef, extract_networks};
pub use parameters::{Parameters, read_parameters, write_parameters};
pub use prompt::{
    Branch, Emphasis, NoWildcards, Piece, PromptPlan, TimedText, WildcardProblem, Wildcards,
    is_dynamic, pieces, plain_words,
};
pub use shortcuts::{Call, Shortcuts, Span};
pub use size_condition::SizeCondition;
pub use styling::{FeaturesRef, Optimizer, StartFrom, StyleInput, Styling};
pub use task::{
    Change, Enlargement, Fill, Input, MaskedContent, Region, Removal, ResizeMode, Strength, Task,
};
pub use variation::Variation;
pub use weight_bits::WeightBits;

/// Version of the JSON written into pictures; raised when a field changes its meaning.
pub const RECIPE_VERSION: u32 = 1;

/// Everything needed to make one picture again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    pub version: u32,
    pub task: Task,
    pub prompt: String,
    #[serde(default)]
    pub negative_prompt: String,
    /// What the prompts were drawn from by lot, where they were.
    #[serde(default, skip_serializing_if = "Template::is_empty")]
    pub template: Template,
    /// Whose syntax the prompts are in.
    #[serde(default, skip_serializing_if = "Emphasis::is_none")]
    pub emphasis: Emphasis,
    /// Which layer of the text encoder is listened to: 1 is the last, 2 the one before.
    #[serde(default = "last_layer", skip_serializing_if = "is_last_layer")]
    pub clip_skip: u32,
    pub model: ModelRef,
    /// A file with another autoencoder than the model's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vae: Option<ModelRef>,
    /// A row of [`SAMPLERS`], by id.
    pub sampler: String,
    /// A row of [`SCHEDULES`], by id.
    pub schedule: String,
    /// Of the path from noise to picture, at least 1; from a picture only the part that its strength
    /// says. Some samplers call the denoiser twice in each; see [`calls_of`].
    pub steps: u32,
    /// Scale of classifier-free guidance; see [`is_guided`].
    pub guidance: f32,
    /// What changed the model's weights, as the prompt asked; known once they have been read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adapters: Vec<AdapterRef>,
    /// What stood for words of the prompts; known once it has been read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub embeddings: Vec<EmbeddingRef>,
    /// What is left out for speed.
    #[serde(default, skip_serializing_if = "Shortcuts::are_off")]
    pub shortcuts: Shortcuts,
    /// How the model's weights are kept.
    #[serde(default, skip_serializing_if = "WeightBits::are_stored")]
    pub weight_bits: WeightBits,
    /// Pixels along each side of the tiles the picture is decoded in; 0: as a whole.
    #[serde(default, skip_serializing_if = "is_whole")]
    pub decode_tile: u32,
    pub seed: u64,
    pub noise: NoiseSource,
    /// Another seed the initial noise is moved towards.
    #[serde(default, skip_serializing_if = "Variation::is_off")]
    pub variation: Variation,
    /// Of what is generated, in pixels.
    pub width: u32,
    /// Of what is generated, in pixels.
    pub height: u32,
    /// What Stable Diffusion XL is told of the size; the picture's own where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_condition: Option<SizeCondition>,
    /// Set when the run was stopped: how many calls of the denoiser had been done when the picture was
    /// decoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_after: Option<u32>,
    /// What was done to the pixels when the picture was saved, one after the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub finishes: Vec<Finish>,
}

/// Names a model and, once it has been read, its exact weights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRef {
    /// Name of a known model, or its file or the folder it lies in.
    pub name: String,
    /// SHA-256 of the file with the denoiser's weights, in hexadecimal: in a picture those it was made with,
    /// in a job those it should be made with again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl ModelRef {
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            sha256: None,
        }
    }
}

/// Where the random numbers come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoiseSource {
    /// `torch.randn` with a CPU generator; A1111 calls it `CPU`.
    #[default]
    TorchCpu,
    /// `torch.randn` as NVIDIA's devices compute it; A1111 calls it `NV`.
    Nv,
}

impl NoiseSource {
    pub const ALL: [Self; 2] = [Self::TorchCpu, Self::Nv];

    /// What A1111 calls it.
    pub fn label(self) -> &'static str {
        match self {
            Self::TorchCpu => "CPU",
            Self::Nv => "NV",
        }
    }

    /// The source A1111 calls by this name. Its `GPU` is NVIDIA's own, where there is such a device.
    pub fn by_label(label: &str) -> Option<Self> {
        if label == "GPU" {
            return Some(Self::Nv);
        }
        Self::ALL.into_iter().find(|source| source.label() == label)
    }
}

/// Prompts with choices in them; what is `None` holds none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Template {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negative_prompt: Option<String>,
}

impl Template {
    /// Of prompts people typed; where every sign is text nothing is drawn.
    pub fn of(prompt: &str, negative_prompt: &str, emphasis: Emphasis) -> Self {
        let drawn = |text: &str| {
            let drawn = !emphasis.is_none() && is_dynamic(text);
            drawn.then(|| text.to_owned())
        };
        Self {
            prompt: drawn(prompt),
            negative_prompt: drawn(negative_prompt),
        }
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_whole(decode_tile: &u32) -> bool {
    *decode_tile == 0
}

fn last_layer() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_last_layer(clip_skip: &u32) -> bool {
    *clip_skip == last_layer()
}

/// Whether a scale of guidance does anything: at 1 or below the negative prompt is not looked at.
pub fn is_guided(guidance: f32) -> bool {
    guidance > 1.0
}

impl Recipe {
    /// What makes something disappear from a picture of the given size. It names no model.
    pub fn of_removal(removal: Removal, size: (u32, u32)) -> Self {
        Self::undrawn(Task::Remove(removal), ModelRef::named(""), size)
    }

    /// What gives a picture the style of others: so many evaluations, at a size.
    pub fn of_styling(styling: Styling, (steps, seed): (u32, u64), size: (u32, u32)) -> Self {
        Self {
            steps,
            seed,
            ..Self::undrawn(Task::Style(styling), ModelRef::named(""), size)
        }
    }

    /// What makes a picture larger, up to the given size; `network` is named "" where none does.
    pub fn of_enlargement(enlargement: Enlargement, network: ModelRef, size: (u32, u32)) -> Self {
        Self::undrawn(Task::Upscale(enlargement), network, size)
    }

    /// Of a task without a prompt.
    fn undrawn(task: Task, model: ModelRef, (width, height): (u32, u32)) -> Self {
        Self {
            version: RECIPE_VERSION,
            task,
            prompt: String::new(),
            negative_prompt: String::new(),
            template: Template::default(),
            emphasis: Emphasis::None,
            clip_skip: last_layer(),
            model,
            vae: None,
            sampler: String::new(),
            schedule: String::new(),
            steps: 0,
            guidance: 0.0,
            adapters: Vec::new(),
            embeddings: Vec::new(),
            shortcuts: Shortcuts::default(),
            weight_bits: WeightBits::default(),
            decode_tile: 0,
            seed: 0,
            noise: NoiseSource::TorchCpu,
            variation: Variation::default(),
            width,
            height,
            size_condition: None,
            stopped_after: None,
            finishes: Vec::new(),
        }
    }

    /// Whether a model drew the picture, so that its settings can be taken over.
    pub const fn is_drawn(&self) -> bool {
        !matches!(
            self.task,
            Task::Remove(_) | Task::Style(_) | Task::Upscale(_)
        )
    }

    /// What the model is told of the picture's size, where it is told any.
    pub fn told_size(&self) -> SizeCondition {
        let own = SizeCondition::whole(self.width, self.height);
        self.size_condition.unwrap_or(own)
    }

    /// The recipe of picture `index` of a job: the seed counts up, all else stays. Where it is varied,
    /// the variation's does, as in A1111.
    pub fn for_picture(&self, index: u32) -> Self {
        let mut recipe = self.clone();
        let counting = if self.variation.is_off() {
            &mut recipe.seed
        } else {
            &mut recipe.variation.seed
        };
        *counting = counting.wrapping_add(u64::from(index));
        recipe
    }

    /// How often the denoiser is called, as long as nobody stops it.
    pub fn calls(&self) -> u32 {
        calls_of(&self.sampler, self.task.strength().steps_of(self.steps))
    }

    /// The recipe with its prompts drawn by lot, from its seed; as it is where nothing is drawn.
    pub fn drawn(mut self, wildcards: &dyn Wildcards) -> Result<Self, Problem> {
        let draw = |template: &Option<String>, stream| {
            let expanded = template
                .as_ref()
                .map(|template| expand(template, (self.seed, stream), wildcards));
            expanded.transpose().map_err(Problem::Wildcard)
        };
        let prompts = [
            draw(&self.template.prompt, 0)?,
            draw(&self.template.negative_prompt, 1)?,
        ];
        let [prompt, negative_prompt] = prompts;
        self.prompt = prompt.unwrap_or(self.prompt);
        self.negative_prompt = negative_prompt.unwrap_or(self.negative_prompt);
        Ok(self)
    }

    /// Whether both ask for the same picture, whatever weights they know, whatever their prompts were
    /// drawn from, wherever a run was stopped and whatever was done to its pixels afterwards.
    pub fn asks_the_same(&self, other: &Self) -> bool {
        let asked = |recipe: &Self| Self {
            model: ModelRef::named(recipe.model.name.clone()),
            adapters: Vec::new(),
            embeddings: Vec::new(),
            vae: recipe
                .vae
                .as_ref()
                .map(|vae| ModelRef::named(vae.name.clone())),
            template: Template::default(),
            stopped_after: None,
            finishes: Vec::new(),
            ..recipe.clone()
        };
        asked(self) == asked(other)
    }
}

#[cfg(test)]
pub(crate) fn sample_recipe() -> Recipe {
    Recipe {
        version: RECIPE_VERSION,
        task: Task::TextToImage,
        prompt: "a red sailboat".to_owned(),
        negative_prompt: String::new(),
        template: Template::default(),
        emphasis: Emphasis::A1111,
        clip_skip: 1,
        model: ModelRef::named("sprout"),
        vae: None,
        sampler: "dpmpp_2m".to_owned(),
        schedule: "karras".to_owned(),
        steps: 20,
        guidance: 4.5,
        adapters: Vec::new(),
        embeddings: Vec::new(),
        shortcuts: Shortcuts::default(),
        weight_bits: WeightBits::default(),
        decode_tile: 0,
        seed: 7,
        noise: NoiseSource::TorchCpu,
        variation: Variation::default(),
        width: 128,
        height: 128,
        size_condition: None,
        stopped_after: None,
        finishes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_survives_its_json() {
        let recipe = sample_recipe();
        let json = serde_json::to_string(&recipe).unwrap();
        assert_eq!(serde_json::from_str::<Recipe>(&json).unwrap(), recipe);
    }

    #[test]
    fn recipes_from_before_there_were_shortcuts_have_none_and_are_written_as_ever() {
        let recipe = sample_recipe();
        let json = serde_json::to_string(&recipe).unwrap();
        assert!(
            !json.contains("shortcuts") && !json.contains("bits") && !json.contains("variation"),
            "{json}"
        );
        assert!(
            serde_json::from_str::<Recipe>(&json)
                .unwrap()
                .shortcuts
                .are_off()
        );
    }

    #[test]
    fn a_recipe_with_shortcuts_survives_its_json_and_asks_for_another_picture() {
        let mut recipe = sample_recipe();
        recipe.shortcuts = Shortcuts {
            guidance: Span { from: 0.1, to: 0.8 },
            cache_interval: 3,
        };
        let json = serde_json::to_string(&recipe).unwrap();
        assert_eq!(serde_json::from_str::<Recipe>(&json).unwrap(), recipe);
        assert!(!recipe.asks_the_same(&sample_recipe()));
        let fewer = Recipe {
            weight_bits: WeightBits::EightBit,
            ..sample_recipe()
        };
        let json = serde_json::to_string(&fewer).unwrap();
        assert_eq!(serde_json::from_str::<Recipe>(&json).unwrap(), fewer);
        assert!(!fewer.asks_the_same(&sample_recipe()));
        let tiled = Recipe {
            decode_tile: 512,
            ..sample_recipe()
        };
        let json = serde_json::to_string(&tiled).unwrap();
        assert_eq!(serde_json::from_str::<Recipe>(&json).unwrap(), tiled);
        assert!(!tiled.asks_the_same(&sample_recipe()));
    }

    #[test]
    fn another_autoencoder_survives_its_json_and_asks_for_another_picture() {
        let json = serde_json::to_string(&sample_recipe()).unwrap();
        assert!(!json.contains("vae"), "{json}");
        let mut recipe = sample_recipe();
        recipe.vae = Some(ModelRef::named("/vae.pt"));
        let json = serde_json::to_string(&recipe).unwrap();
        assert_eq!(serde_json::from_str::<Recipe>(&json).unwrap(), recipe);
        assert!(!recipe.asks_the_same(&sample_recipe()));
        let mut known = recipe.clone();
        known.vae.as_mut().unwrap().sha256 = Some("6c".to_owned());
        assert!(known.asks_the_same(&recipe));
    }

    #[test]
    fn recipes_from_before_there_was_a_syntax_take_prompts_literally() {
        let mut old = serde_json::to_value(sample_recipe()).unwrap();
        let removed = old.as_object_mut().unwrap().remove("emphasis");
        assert_eq!(removed, Some("a1111".into()));
        let old: Recipe = serde_json::from_value(old).unwrap();
        assert_eq!((old.emphasis, old.clip_skip), (Emphasis::None, 1));
        let json = serde_json::to_string(&old).unwrap();
        for new in ["emphasis", "clip_skip", "template"] {
            assert!(!json.contains(new), "{json}");
        }
    }

    #[test]
    fn prompts_are_drawn_for_every_picture_and_what_they_were_drawn_from_is_kept() {
        let template = "a {red|green|blue} {cat|dog|bird}";
        let mut recipe = sample_recipe();
        recipe.clip_skip = 2;
        recipe.template = Template::of(template, "plain", Emphasis::A1111);
        let drawn = |picture| recipe.for_picture(picture).drawn(&NoWildcards).unwrap();
        let prompts: std::collections::BTreeSet<_> =
            (0..40).map(|picture| drawn(picture).prompt).collect();
        assert_eq!(prompts.len(), 9);
        let third = drawn(3);
        assert_eq!(third, drawn(3));
        assert_eq!(third.template.prompt.as_deref(), Some(template));
        assert_eq!(third.negative_prompt, "");
        let json = serde_json::to_string(&third).unwrap();
        assert_eq!(serde_json::from_str::<Recipe>(&json).unwrap(), third);
        assert!(Template::of(template, "", Emphasis::None).is_empty());
        recipe.template.prompt = Some("__none__".to_owned());
        assert!(recipe.drawn(&NoWildcards).is_err());
    }

    #[test]
    fn an_enlargement_survives_its_json() {
        let enlargement = Enlargement {
            image: Input::default(),
            method: "network".to_owned(),
            scale: 2.5,
            tile: 256,
            tile_pad: 10,
            pre_pad: 10,
            feather: false,
        };
        let recipe = Recipe::of_enlargement(enlargement, ModelRef::named("x4"), (640, 480));
        let json = serde_json::to_string(&recipe).unwrap();
        assert_eq!(serde_json::from_str::<Recipe>(&json).unwrap(), recipe);
        assert!(!recipe.is_drawn());
    }

    #[test]
    fn pictures_of_one_job_differ_in_their_seed_alone() {
        let recipe = sample_recipe();
        let third = recipe.for_picture(2);
        assert_eq!(third.seed, 9);
        assert_eq!(Recipe { seed: 7, ..third }, recipe);
    }

    #[test]
    fn varied_pictures_of_one_job_go_from_one_seed_to_others() {
        let varied = |seed| Recipe {
            variation: Variation {
                seed,
                strength: 0.2,
            },
            ..sample_recipe()
        };
        assert_eq!(varied(4).for_picture(2), varied(6));
        let json = serde_json::to_string(&varied(4)).unwrap();
        assert_eq!(serde_json::from_str::<Recipe>(&json).unwrap(), varied(4));
        assert!(!varied(4).asks_the_same(&sample_recipe()));
    }

    #[test]
    fn sources_of_noise_are_what_a1111_calls_them() {
        for source in NoiseSource::ALL {
            assert_eq!(NoiseSource::by_label(source.label()), Some(source));
        }
        assert_eq!(NoiseSource::by_label("GPU"), Some(NoiseSource::Nv));
        assert_eq!(NoiseSource::by_label("dice"), None);
    }

    #[test]
    fn what_is_asked_is_the_same_whatever_came_of_it() {
        let recipe = sample_recipe();
        let mut stopped = recipe.clone();
        stopped.model.sha256 = Some("6c".to_owned());
        stopped.stopped_after = Some(3);
        assert!(recipe.asks_the_same(&stopped));
        assert!(!recipe.asks_the_same(&recipe.for_picture(1)));
    }
}
