//! The clerk's thread: everything that touches files but the weights, and what leaves the studio.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::clipboard::Clipboard;
use super::guard::guarded;
use super::likeness::{LikenessEvent, clips, set_all_aside};
use super::models::{Models, upscaler_file};
use super::protocol::{
    Destination, Entry, Event, FinishedPicture, Job, JobId, Kept, KeptPicture, LibraryEntry,
    OpenedPicture, Origin, THUMBNAIL_SIDE, TokenQuestion, UpscalerCard,
};
use super::runner::{MadePicture, WrittenPicture};
use super::shelves::Shelves;
use crate::library::{
    EaselJournal, Existing, FileError, Library, encode_finished, named_as_png, read_picture,
    see_picture, write_atomically,
};
use crate::raster::{Pixels, TiledMask, fit_within};
use crate::recipe::{Finish, Recipe, extract_networks};
use crate::training::quick_style::find_quick_styles;
use crate::weights::{Inversions, ModelError, QUICK_STYLES};

/// Work for the clerk.
#[derive(Debug)]
pub(super) enum Errand {
    SavePicture {
        job: JobId,
        picture: Box<MadePicture>,
        target: Target,
    },
    SaveAs {
        pixels: Arc<Pixels>,
        finish: Box<Finish>,
        recipe: Option<Box<Recipe>>,
        path: PathBuf,
        existing: Existing,
    },
    SaveMask {
        mask: TiledMask,
        path: PathBuf,
        existing: Existing,
    },
    Copy {
        pixels: Arc<Pixels>,
        finish: Box<Finish>,
    },
    Import {
        pixels: Arc<Pixels>,
    },
    Open {
        path: PathBuf,
    },
    SeeResult {
        path: PathBuf,
        room: u64,
    },
    ListLibrary {
        most: usize,
    },
    Inspect {
        model: String,
        vae: Option<String>,
    },
    CountTokens(TokenQuestion),
    SaveSettings {
        json: String,
    },
    RestoreEasel,
    Keep(Box<Entry>),
    Recall(KeptPicture),
    ShowSmall(KeptPicture),
    ListExtras,
    ListClips,
    SetAside(Vec<PathBuf>),
    ListQuickStyles,
    ForgetQuickStyle {
        path: PathBuf,
    },
    InspectUpscaler {
        name: String,
    },
    TellWritten {
        job: JobId,
        picture: Box<WrittenPicture>,
    },
}

/// Where a job's pictures and tensors go.
#[derive(Clone, Debug)]
pub(super) struct Target {
    destination: Destination,
    dumps: Vec<PathBuf>,
}

impl Target {
    pub(super) fn of(job: &Job) -> Self {
        Self {
            destination: job.destination.clone(),
            dumps: job.dump_latents.clone(),
        }
    }
}

/// What the clerk has done.
#[derive(Debug)]
pub(super) enum Done {
    Event(Event),
    /// A picture of a job is dealt with, written or not.
    Picture {
        event: Event,
        job: JobId,
        took: Duration,
    },
}

/// Where the clerk reads and writes.
pub(super) struct Places {
    pub(super) library: Library,
    pub(super) settings_file: PathBuf,
    /// Folder of the easel's journal.
    pub(super) easel: PathBuf,
    /// Folder of further weights.
    pub(super) models: PathBuf,
}

/// The clerk's state.
pub(super) struct Clerk {
    places: Places,
    /// Once it has been opened.
    journal: Option<EaselJournal>,
    models: Models,
    clipboard: Clipboard,
    /// Files of textual inversions, as they lay when somebody last asked what there is: a prompt is
    /// counted at each letter, and folders may be large or far away.
    embeddings: Option<Vec<PathBuf>>,
}

impl Clerk {
    pub(super) fn new(places: Places) -> Self {
        Self {
            places,
            journal: None,
            models: Models::default(),
            clipboard: Clipboard::default(),
            embeddings: None,
        }
    }

    /// Runs errands until there are no more senders of them.
    pub(super) fn run(&mut self, errands: &Receiver<Errand>, done: &Sender<Done>) {
        for errand in errands {
            if let Some(result) = self.do_errand(errand)
                && done.send(result).is_err()
            {
                log::warn!("the engine ended before a file job could be told");
            }
        }
    }

    fn list_quick_styles(&self) -> Event {
        let (styles, unfinished) = find_quick_styles(&self.places.models.join(QUICK_STYLES));
        Event::QuickStyles { styles, unfinished }
    }

    /// Nothing else is ever removed.
    fn forget_quick_style(&self, path: &Path) {
        let (styles, unfinished) = find_quick_styles(&self.places.models.join(QUICK_STYLES));
        let styles = styles.iter().map(|style| &style.path);
        let mut known = styles.chain(unfinished.iter().map(|lesson| &lesson.path));
        if known.any(|known| known == path)
            && let Err(error) = std::fs::remove_file(path)
        {
            log::warn!("a quick style could not be removed: {error}");
        }
    }

    fn do_errand(&mut self, errand: Errand) -> Option<Done> {
        let event = match errand {
            Errand::SavePicture {
                job,
                picture,
                target,
            } => return Some(self.save_picture(job, *picture, &target)),
            Errand::SaveAs {
                pixels,
                finish,
                mut recipe,
                path,
                existing,
            } => {
                if let Some(recipe) = recipe.as_mut().filter(|_| !finish.is_off()) {
                    recipe.finishes.push(*finish);
                }
                let picture = (&*pixels, &*finish);
                let result = guarded(|| write_picture(picture, recipe.as_deref(), &path, existing));
                Event::Saved { path, result }
            }
            Errand::SaveMask {
                mask,
                path,
                existing,
            } => {
                let result = guarded(|| {
                    let pixels = mask.to_mask().to_pixels();
                    write_picture((&pixels, &Finish::default()), None, &path, existing)
                });
                Event::Saved { path, result }
            }
            Errand::Copy { pixels, finish } => Event::Copied(guarded(|| {
                let pixels = pixels.finished(&finish);
                self.clipboard.copy(&Arc::new(pixels))
            })),
            Errand::Import { pixels } => {
                let saved = guarded(|| self.places.library.import(&pixels));
                let picture = Box::new(OpenedPicture {
                    thumbnail: thumbnail(&pixels),
                    pixels,
                    origin: Origin::Unknown,
                });
                Event::Imported { picture, saved }
            }
            Errand::SeeResult { path, room } => {
                let seen = guarded(|| see(&path, room));
                Event::Seen { path, seen }
            }
            Errand::Open { path } => {
                let picture = guarded(|| open(&path));
                Event::Opened { path, picture }
            }
            Errand::ListLibrary { most } => Event::Library(self.list(most)),
            Errand::Inspect { model, vae } => {
                let card = guarded(|| self.models.card(&model, vae.as_deref()));
                Event::Model { model, card }
            }
            Errand::CountTokens(question) => self.count_tokens(question)?,
            Errand::ListExtras => {
                self.embeddings = None;
                Event::Extras(self.shelves().extras())
            }
            Errand::ListClips => {
                Event::Likeness(LikenessEvent::Clips(clips(&self.shelves().roots())))
            }
            Errand::SetAside(pictures) => Event::Likeness(set_all_aside(pictures)),
            Errand::ListQuickStyles => self.list_quick_styles(),
            Errand::ForgetQuickStyle { path } => {
                self.forget_quick_style(&path);
                self.list_quick_styles()
            }
            Errand::InspectUpscaler { name } => {
                let card = guarded(|| self.upscaler(&name));
                Event::Upscaler { name, card }
            }
            Errand::TellWritten { job, picture } => return Some(tell_written(job, *picture)),
            Errand::RestoreEasel => Event::Easel(guarded(|| self.restore_easel())),
            Errand::Keep(entry) => {
                let kept = guarded(|| self.keep(*entry));
                Event::NotKept(kept.err()?)
            }
            Errand::Recall(picture) => {
                let pixels = guarded(|| self.journal()?.recall(&picture).map(Arc::new));
                Event::Recalled { picture, pixels }
            }
            Errand::ShowSmall(picture) => {
                let small = guarded(|| self.journal()?.small(&picture).map(Arc::new));
                Event::Small { picture, small }
            }
            Errand::SaveSettings { json } => {
                let file = &self.places.settings_file;
                let saved = guarded(|| write_atomically(file, json.as_bytes(), Existing::Replace));
                Event::SettingsNotSaved(saved.err()?)
            }
        };
        Some(Done::Event(event))
    }

    /// Opens the journal of the easel, and tells what it keeps.
    fn restore_easel(&mut self) -> Result<Option<Box<Kept>>, FileError> {
        let (journal, kept) = EaselJournal::open(&self.places.easel)?;
        self.journal = Some(journal);
        Ok(kept.map(Box::new))
    }

    fn keep(&mut self, entry: Entry) -> Result<(), FileError> {
        self.journal()?.append(entry)
    }

    fn journal(&mut self) -> Result<&mut EaselJournal, FileError> {
        let journal = match self.journal.take() {
            Some(journal) => journal,
            // It could not be opened, which was told then; perhaps it can by now.
            None => EaselJournal::open(&self.places.easel)?.0,
        };
        Ok(self.journal.insert(journal))
    }

    fn save_picture(&self, job: JobId, made: MadePicture, target: &Target) -> Done {
        let started = Instant::now();
        let MadePicture {
            picture,
            pixels,
            recipe,
            dump,
        } = made;
        let saved = guarded(|| {
            let file = self.write_made(&pixels, &recipe, picture, &target.destination)?;
            if let (Some(bytes), Some(path)) = (dump, target.dumps.get(picture as usize)) {
                write_atomically(path, &bytes, Existing::Replace)?;
            }
            Ok::<_, FileError>(file)
        });
        Done::Picture {
            event: Event::Picture(Box::new(FinishedPicture {
                job,
                picture,
                thumbnail: thumbnail(&pixels),
                pixels: Arc::new(pixels),
                reduced: false,
                recipe,
                saved,
            })),
            job,
            took: started.elapsed(),
        }
    }

    fn write_made(
        &self,
        pixels: &Pixels,
        recipe: &Recipe,
        picture: u32,
        destination: &Destination,
    ) -> Result<PathBuf, FileError> {
        if let Destination::Files { paths, overwrite } = destination
            && let Some(path) = paths.get(picture as usize)
        {
            let existing = Existing::replaced_if(*overwrite);
            let picture = (pixels, &Finish::default());
            return write_picture(picture, Some(recipe), path, existing).map(|()| path.clone());
        }
        self.places.library.save(pixels, recipe)
    }

    fn list(&self, most: usize) -> Vec<LibraryEntry> {
        let entry = |path: PathBuf| {
            let picture = guarded(|| open(&path))
                .map_err(|error| log::warn!("left out of the library: {error}"))
                .ok()?;
            Some(LibraryEntry {
                path,
                thumbnail: picture.thumbnail,
                recipe: match picture.origin {
                    Origin::Recipe(recipe) => Some(recipe),
                    Origin::Parameters(_) | Origin::Unknown => None,
                },
            })
        };
        self.places
            .library
            .newest(most)
            .into_iter()
            .filter_map(entry)
            .collect()
    }

    fn upscaler(&self, name: &str) -> Result<UpscalerCard, ModelError> {
        let file = upscaler_file((name, None), &self.places.models)?;
        Ok(UpscalerCard {
            bytes: file.weight_bytes(),
            layout: file.layout().clone(),
        })
    }

    fn shelves(&self) -> Shelves {
        let Places {
            models,
            settings_file,
            ..
        } = &self.places;
        Shelves::new(models.clone(), settings_file.clone())
    }

    fn count_tokens(&mut self, asked: TokenQuestion) -> Option<Event> {
        let embeddings = match self.embeddings.take() {
            Some(known) => known,
            None => self.shelves().embeddings(),
        };
        let embeddings = self.embeddings.insert(embeddings);
        let counted = guarded(|| {
            let texts = &self.models.known_manifest(&asked.model)?.texts;
            let (prompt, _) = extract_networks(&asked.prompt);
            // A file that cannot be read is told where it is used.
            let words = Inversions::named_in(&[&prompt], embeddings).unwrap_or_default();
            texts.count(&prompt, asked.emphasis, asked.steps, &words)
        });
        // A model that cannot be read is told where its card is asked for.
        let count = counted.ok()?;
        Some(Event::Tokens { asked, count })
    }
}

/// Reads a picture that was written while it was made.
fn tell_written(job: JobId, written: WrittenPicture) -> Done {
    let started = Instant::now();
    let WrittenPicture {
        picture,
        path,
        recipe,
        shown,
        room,
    } = written;
    let (pixels, reduced) = guarded(|| see(&path, room)).unwrap_or_else(|error| {
        log::warn!("a picture is shown as it looked while it was made: {error}");
        (shown, true)
    });
    Done::Picture {
        event: Event::Picture(Box::new(FinishedPicture {
            job,
            picture,
            thumbnail: thumbnail(&pixels),
            pixels,
            reduced,
            recipe,
            saved: Ok(path),
        })),
        job,
        took: started.elapsed(),
    }
}

fn open(path: &Path) -> Result<OpenedPicture, FileError> {
    let file = read_picture(path)?;
    file.pixels.look_through();
    Ok(OpenedPicture {
        thumbnail: thumbnail(&file.pixels),
        pixels: Arc::new(file.pixels),
        origin: file.origin,
    })
}

/// What can be seen of a picture of ours within so many bytes, and whether that is less than its file
/// holds.
fn see(path: &Path, room: u64) -> Result<(Arc<Pixels>, bool), FileError> {
    let seen = see_picture(path, room)?;
    seen.pixels.look_through();
    Ok((Arc::new(seen.pixels), seen.is_less))
}

fn thumbnail(pixels: &Pixels) -> Arc<Pixels> {
    Arc::new(fit_within(pixels, THUMBNAIL_SIDE))
}

fn write_picture(
    (pixels, finish): (&Pixels, &Finish),
    recipe: Option<&Recipe>,
    path: &Path,
    existing: Existing,
) -> Result<(), FileError> {
    named_as_png(path)?;
    let bytes = encode_finished(pixels, finish, recipe).map_err(|error| FileError::Unwritable {
        path: path.display().to_string(),
        reason: error.to_string(),
    })?;
    write_atomically(path, &bytes, existing)
}
