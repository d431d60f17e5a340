use std::fs;
use std::path::{Path, PathBuf};

use afterimage::engine::{
    Destination, Engine as _, EngineHandle, EngineOptions, Event, FinishedPicture, Inputs, Job,
    JobId, Request,
};
use afterimage::recipe::{Draft, Limits, Recipe, sha256_of, write_parameters};
use tempfile::TempDir;

use crate::golden::{NEGATIVE, PROMPT, path, tensors};

/// A studio with the adapters of the goldens in its folder of models.
struct Studio {
    folder: TempDir,
    engine: EngineHandle,
    jobs: u64,
}

impl Studio {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let loras = folder.path().join("models/loras");
        // As people sort them.
        fs::create_dir_all(loras.join("mine")).unwrap();
        for (set, name) in [("kohya", "Ink wash"), ("old", "mine/armor")] {
            let file = path("adapters").join(format!("set_{set}.safetensors"));
            fs::copy(file, loras.join(format!("{name}.safetensors"))).unwrap();
        }
        let options = EngineOptions {
            pictures: folder.path().join("pictures"),
            settings_file: folder.path().join("settings.json"),
            easel: folder.path().join("easel"),
            models: folder.path().join("models"),
        };
        Self {
            engine: EngineHandle::start(options, Box::new(|| {})).unwrap(),
            folder,
            jobs: 0,
        }
    }

    fn lora(&self, name: &str) -> PathBuf {
        let file = format!("models/loras/{name}.safetensors");
        self.folder.path().join(file)
    }

    /// The picture of a prompt and what was told beside it; or why there is none.
    fn make(&mut self, recipe: Recipe) -> Result<(FinishedPicture, Vec<String>), String> {
        self.jobs += 1;
        let id = JobId(self.jobs);
        let job = Job {
            id,
            recipe,
            count: 1,
            inputs: Inputs::default(),
            destination: Destination::Library,
            dump_latents: Vec::new(),
            threads: None,
        };
        self.engine.send(Request::Submit(Box::new(job))).unwrap();
        let (mut made, mut notes) = (None, Vec::new());
        loop {
            match self.engine.next_event().unwrap() {
                Event::Note { note, .. } => notes.push(note.to_string()),
                Event::Picture(picture) => made = Some(*picture),
                Event::Finished { job, .. } if job == id => return Ok((made.unwrap(), notes)),
                Event::Failed { failure, .. } => return Err(failure.to_string()),
                _ => {}
            }
        }
    }
}

fn recipe(prompt: &str) -> Recipe {
    let draft = Draft {
        prompt: prompt.to_owned(),
        negative_prompt: NEGATIVE.to_owned(),
        model: path("epsilon").display().to_string(),
        sampler: "ddim".to_owned(),
        schedule: "normal".to_owned(),
        steps: 4,
        guidance: 4.0,
        seed: 7,
        width: 16,
        height: 16,
        ..Draft::default()
    };
    let limits = Limits {
        size_factor: 1,
        max_side: 4096,
        max_steps: 1000,
    };
    draft.recipe(limits).unwrap()
}

/// How far a picture is from diffusers', of 255.
fn off(picture: &FinishedPicture, run: &str) -> f32 {
    let goldens = tensors("adapters/sets.safetensors");
    let golden = goldens[&format!("{run}.picture")].flatten_all().unwrap();
    let golden = golden.to_vec1::<f32>().unwrap();
    let ours = picture.pixels.rgb();
    assert_eq!(ours.len(), golden.len());
    let gaps = ours.into_iter().zip(golden);
    gaps.map(|(ours, theirs)| (f32::from(ours) - theirs * 255.0).abs())
        .fold(0.0, f32::max)
}

#[test]
fn tags_in_the_prompt_make_diffusers_pictures_one_after_the_other() {
    let mut studio = Studio::new();
    for (tags, run) in [
        ("", "none"),
        ("<lora:ink wash:0.8>", "kohya"),
        ("<lora:Ink wash.safetensors:0.7><lora:armor:0.5>", "both"),
        ("<lora:mine/armor:-0.6>", "old"),
        ("", "none"),
    ] {
        let prompt = format!("{PROMPT}{tags}");
        let (picture, notes) = studio.make(recipe(&prompt)).unwrap();
        assert!(off(&picture, run) <= 2.0, "{tags}: {}", off(&picture, run));
        assert_eq!(notes, [""; 0]);
        assert_eq!(picture.recipe.prompt, prompt);
    }
}

/// SHA-256 of what follows a file's header.
fn content_hash(file: &Path) -> String {
    let bytes = fs::read(file).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    sha256_of(&[&bytes[8 + length..]])
}

#[test]
fn a_picture_knows_what_it_was_made_with_and_says_when_that_has_changed() {
    let mut studio = Studio::new();
    let asked = recipe("a cat <lora:armor:0.5:1>");
    let (picture, _) = studio.make(asked.clone()).unwrap();
    let [armor] = picture.recipe.adapters.as_slice() else {
        panic!("{:?}", picture.recipe.adapters)
    };
    let hash = content_hash(&studio.lora("mine/armor"));
    assert_eq!((armor.name.as_str(), &armor.sha256), ("armor", &hash));
    assert_eq!((armor.weight, armor.text_weight), (1.0, 0.5));
    let text = write_parameters(&picture.recipe, "0");
    let told = format!("Lora hashes: \"armor: {}\"", &hash[..12]);
    assert!(text.contains(&told), "{text}");
    assert!(picture.recipe.asks_the_same(&asked));

    let (again, notes) = studio.make(picture.recipe.clone()).unwrap();
    assert_eq!(again.pixels, picture.pixels);
    assert_eq!(notes, [""; 0]);
    fs::copy(studio.lora("Ink wash"), studio.lora("mine/armor")).unwrap();
    let (other, notes) = studio.make(picture.recipe.clone()).unwrap();
    assert!(other.pixels != picture.pixels);
    assert!(notes[0].contains("\"armor\" is another file"), "{notes:?}");
}

#[test]
fn what_is_not_there_or_not_known_is_told_and_the_engine_goes_on() {
    let mut studio = Studio::new();
    let missing = studio.make(recipe("a cat <lora:armour:1>")).unwrap_err();
    assert!(missing.contains("no LoRA \"armour\""), "{missing}");
    assert!(missing.contains("(armor)"), "{missing}");

    let text = studio.folder.path().join("models/loras/notes.pt");
    fs::write(&text, "no weights").unwrap();
    let damaged = studio.make(recipe("a cat <lora:notes>")).unwrap_err();
    assert!(damaged.contains("notes.pt"), "{damaged}");

    let mut tag = recipe("a cat");
    tag.prompt.push_str("<lora:armor:much>");
    let refused = studio.make(tag).unwrap_err();
    assert!(refused.contains("<lora:armor:much>"), "{refused}");

    let (_, notes) = studio.make(recipe("a cat <hypernet:ink:1>")).unwrap();
    assert!(
        notes[0].contains("<hypernet:ink:1> is left out"),
        "{notes:?}"
    );
}
