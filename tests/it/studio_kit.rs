//! A studio whose prompts name files in its folder of models.

use std::fs;
use std::path::{Path, PathBuf};

use afterimage::engine::{
    Destination, Engine as _, EngineHandle, EngineOptions, Event, FinishedPicture, Inputs, Job,
    JobId, Preview, Request, TokenQuestion,
};
use afterimage::recipe::{Draft, Emphasis, Limits, Recipe};
use tempfile::TempDir;

use crate::golden::{NEGATIVE, path};

/// A studio with a folder of models of its own.
pub(crate) struct Studio {
    folder: TempDir,
    engine: EngineHandle,
    jobs: u64,
}

impl Studio {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
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

    /// A file in the folder of models.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("models").join(name)
    }

    /// Lays a copy of a file there.
    pub(crate) fn lay(&self, file: &Path, name: &str) {
        let to = self.file(name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(file, to).unwrap();
    }

    /// The tokens of a prompt, as they are counted while it is typed.
    pub(crate) fn count(&mut self, prompt: &str) -> usize {
        let question = TokenQuestion {
            model: path("epsilon").display().to_string(),
            prompt: prompt.to_owned(),
            emphasis: Emphasis::A1111,
            steps: 4,
        };
        self.engine.send(Request::CountTokens(question)).unwrap();
        loop {
            if let Event::Tokens { count, .. } = self.engine.next_event().unwrap() {
                return count.tokens;
            }
        }
    }

    /// Asks what lies in the folders, as the window does when people come back to a form.
    pub(crate) fn look_again(&mut self) {
        self.engine.send(Request::ListExtras).unwrap();
        while !matches!(self.engine.next_event().unwrap(), Event::Extras(_)) {}
    }

    /// Pictures may hold so many bytes from now on.
    pub(crate) fn allow_memory(&self, bytes: u64) {
        let request = Request::AllowMemory(Some(bytes));
        self.engine.send(request).unwrap();
    }

    /// What a picture on its way looked like, if nobody asked since.
    pub(crate) fn preview(&self) -> Option<Preview> {
        self.engine.take_preview()
    }

    /// The picture of a prompt and what was told beside it; or why there is none.
    pub(crate) fn make(
        &mut self,
        recipe: Recipe,
    ) -> Result<(FinishedPicture, Vec<String>), String> {
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

/// Of a picture by `epsilon`.
pub(crate) fn recipe(prompt: &str) -> Recipe {
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
