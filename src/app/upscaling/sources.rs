//! The pictures to be made larger, and which of them people look at.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::app::shelf::PictureId;
use crate::engine::JobId;
use crate::raster::{Kind, Pixels};

/// A picture to be made larger.
pub(in crate::app) struct Source {
    /// On the shelf, once it has been read.
    pub(in crate::app) id: Option<PictureId>,
    pub(in crate::app) path: Option<PathBuf>,
    pub(in crate::app) name: String,
    /// While people look at it, and as long as it has no file.
    pub(in crate::app) pixels: Option<Arc<Pixels>>,
    /// Channels of its samples, and whether they have 16 bits; known with the pixels.
    pub(in crate::app) samples: (Kind, bool),
    /// Whether nothing can be seen through it; known with them.
    pub(in crate::app) is_opaque: bool,
    /// Those that make it larger.
    pub(in crate::app) jobs: Vec<JobId>,
    /// The newest result.
    pub(in crate::app) result: Option<PictureId>,
}

impl Source {
    /// A file nobody has read yet.
    pub(in crate::app) fn of_file(path: PathBuf) -> Self {
        Self {
            id: None,
            name: file_name(&path),
            path: Some(path),
            pixels: None,
            samples: (
                Kind {
                    color: true,
                    alpha: false,
                },
                false,
            ),
            is_opaque: true,
            jobs: Vec::new(),
            result: None,
        }
    }

    fn of_picture(id: PictureId, path: Option<PathBuf>, name: String) -> Self {
        Self {
            id: Some(id),
            name,
            ..Self::of_file(path.clone().unwrap_or_default())
        }
        .at(path)
    }

    /// Keeps what pixels tell of its samples.
    pub(in crate::app) fn look_through(&mut self, pixels: &Pixels) {
        self.samples = pixels.samples();
        self.is_opaque = pixels.is_opaque();
    }

    fn at(self, path: Option<PathBuf>) -> Self {
        Self { path, ..self }
    }
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// All of them, in the order they came.
#[derive(Default)]
pub(in crate::app) struct Sources {
    all: Vec<Source>,
    chosen: usize,
}

impl Sources {
    pub(in crate::app) fn all(&self) -> &[Source] {
        &self.all
    }

    /// Where the one people look at is.
    pub(in crate::app) const fn place(&self) -> usize {
        self.chosen
    }

    pub(in crate::app) fn chosen(&self) -> Option<&Source> {
        self.all.get(self.chosen)
    }

    pub(in crate::app) fn get_mut(&mut self, place: usize) -> Option<&mut Source> {
        self.all.get_mut(place)
    }

    /// The one a job makes larger.
    pub(in crate::app) fn of_job(&mut self, job: JobId) -> Option<&mut Source> {
        self.all
            .iter_mut()
            .find(|source| source.jobs.contains(&job))
    }

    /// Files to be made larger, unless they are there.
    pub(in crate::app) fn add_files(&mut self, paths: impl IntoIterator<Item = PathBuf>) {
        for path in paths {
            let is_there = |source: &Source| source.path.as_ref() == Some(&path);
            if !self.all.iter().any(is_there) {
                self.all.push(Source::of_file(path));
            }
        }
    }

    /// A picture that is in memory is looked at from now on. One that is there already stays; a
    /// picture alone, of which nothing was made, gives way.
    pub(in crate::app) fn look_at(
        &mut self,
        (id, path, name): (PictureId, Option<PathBuf>, String),
        pixels: &Arc<Pixels>,
    ) {
        let is_it =
            |source: &Source| source.id == Some(id) || path.is_some() && source.path == path;
        let known = self.all.iter().position(is_it);
        let place = known.unwrap_or_else(|| {
            let untouched = |source: &Source| source.jobs.is_empty() && source.result.is_none();
            if self.all.len() == 1 && untouched(&self.all[0]) {
                self.all.clear();
            }
            self.all.push(Source::of_picture(id, path, name));
            self.all.len() - 1
        });
        self.choose(place);
        if let Some(source) = self.all.get_mut(place) {
            source.id = Some(id);
            source.look_through(pixels);
            source.pixels = Some(Arc::clone(pixels));
        }
    }

    /// Looks at another one; those before it that can be read again leave the memory.
    pub(in crate::app) fn choose(&mut self, place: usize) {
        self.chosen = place.min(self.all.len().saturating_sub(1));
        for (at, source) in self.all.iter_mut().enumerate() {
            if at != self.chosen && source.path.is_some() {
                source.pixels = None;
            }
        }
    }

    /// Takes one out.
    pub(in crate::app) fn remove(&mut self, place: usize) -> Option<Source> {
        if place >= self.all.len() {
            return None;
        }
        let removed = self.all.remove(place);
        let chosen = if place < self.chosen {
            self.chosen - 1
        } else {
            self.chosen
        };
        self.choose(chosen);
        Some(removed)
    }

    /// The place of a file, unless something was made of it.
    pub(in crate::app) fn untouched(&self, path: &Path) -> Option<usize> {
        self.all.iter().position(|source| {
            let untouched = source.jobs.is_empty() && source.result.is_none();
            source.path.as_deref() == Some(path) && untouched
        })
    }

    /// Those the primary button makes larger: of several those of which nothing is made, else the one
    /// people look at.
    pub(in crate::app) fn to_make(&self) -> Vec<usize> {
        let untouched = |place: &usize| {
            let source = &self.all[*place];
            source.jobs.is_empty() && source.result.is_none()
        };
        let all: Vec<_> = (0..self.all.len()).filter(untouched).collect();
        if self.all.len() > 1 && !all.is_empty() {
            all
        } else {
            self.chosen().map(|_| self.chosen).into_iter().collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Extent;

    fn pixels() -> Arc<Pixels> {
        Arc::new(Pixels::clear(Extent::new(2, 2)))
    }

    fn look(sources: &mut Sources, id: u64, path: &str) {
        let path = (!path.is_empty()).then(|| PathBuf::from(path));
        sources.look_at((PictureId(id), path, "name".to_owned()), &pixels());
    }

    #[test]
    fn a_picture_alone_gives_way_to_the_next_and_a_batch_does_not() {
        let mut sources = Sources::default();
        look(&mut sources, 1, "/a.png");
        look(&mut sources, 2, "/b.png");
        assert_eq!(sources.all().len(), 1);
        sources.add_files(["/c.png", "/b.png"].map(PathBuf::from));
        assert_eq!(sources.all().len(), 2);
        look(&mut sources, 3, "/c.png");
        assert_eq!((sources.place(), sources.all().len()), (1, 2));
        assert!(sources.all()[0].pixels.is_none(), "it can be read again");
        look(&mut sources, 4, "");
        assert_eq!(sources.all().len(), 3);
        sources.choose(0);
        assert!(sources.all()[2].pixels.is_some(), "it has no file");
    }

    #[test]
    fn of_a_batch_what_is_not_made_yet_is_made() {
        let mut sources = Sources::default();
        assert!(sources.to_make().is_empty());
        sources.add_files(["/a.png", "/b.png", "/c.png"].map(PathBuf::from));
        assert_eq!(sources.to_make(), [0, 1, 2]);
        sources.all[1].result = Some(PictureId(9));
        assert_eq!(sources.to_make(), [0, 2]);
        sources.all[0].jobs.push(JobId(1));
        sources.all[2].jobs.push(JobId(2));
        sources.choose(1);
        assert_eq!(sources.to_make(), [1], "all are made: once more");
        sources.remove(0);
        assert_eq!((sources.place(), sources.all().len()), (0, 2));
    }
}
