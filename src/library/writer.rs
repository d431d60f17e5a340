//! A picture that is written as it comes, and is whole or not there.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::atomic::{Refused, begin, place, unwritable};
use super::metadata::texts_of;
use super::pictures::numbered;
use super::{Existing, FileError};
use crate::raster::{
    Beside, Extent, Format, Kind, PARAMETERS, PngStream, RECIPE, encode_whole, read_to_the_end,
};
use crate::recipe::Recipe;

/// A file of a picture of known size and samples, whose rows come one after the other.
#[derive(Debug)]
pub struct PictureWriter {
    part: NamedTempFile,
    path: PathBuf,
    written: Written,
    body: Body,
    beside: Beside,
}

/// What a file must hold in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    pub format: &'static Format,
    pub extent: Extent,
    pub kind: Kind,
    pub sixteen: bool,
}

#[derive(Debug)]
enum Body {
    Stream(Box<PngStream<BufWriter<File>>>),
    /// Of a kind of file that is packed as a whole.
    Whole(Vec<u8>),
}

impl PictureWriter {
    /// Begins beside `path`. A PNG gets the recipe; all get what `beside` says that they can hold.
    pub fn begin(
        path: &Path,
        written: Written,
        recipe: &Recipe,
        beside: Beside,
    ) -> Result<Self, FileError> {
        let part = begin(path)?;
        let body = if written.format.streams {
            let [parameters, json] = texts_of(recipe);
            let texts = [(PARAMETERS, parameters.as_str()), (RECIPE, json.as_str())];
            let file = part.as_file().try_clone();
            let file = file.map_err(|error| unwritable(path, &error))?;
            let samples = (written.kind, written.sixteen);
            let stream = PngStream::begin(
                BufWriter::new(file),
                written.extent,
                samples,
                &texts,
                &beside,
            );
            Body::Stream(Box::new(stream.map_err(|error| unwritable(path, &error))?))
        } else {
            Body::Whole(Vec::new())
        };
        Ok(Self {
            part,
            path: path.to_path_buf(),
            written,
            body,
            beside,
        })
    }

    /// Takes the next bytes of the picture: rows from the top, samples big-endian.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        match &mut self.body {
            Body::Stream(stream) => {
                let written = stream.write(bytes);
                written.map_err(|error| unwritable(&self.path, &error))
            }
            Body::Whole(all) => {
                all.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    /// Ends the file, reads it once to its end, and puts it at its place.
    pub fn finish(self, existing: Existing) -> Result<PathBuf, FileError> {
        let path = self.path.clone();
        let part = self.complete()?;
        place(part, &path, existing).map_err(|refused| refused.error)?;
        Ok(path)
    }

    /// The same, at the first of `name`, `name-2`, `name-3`, … that does not exist.
    pub fn finish_under_free_name(self) -> Result<PathBuf, FileError> {
        let first = self.path.clone();
        let mut path = first.clone();
        let mut part = self.complete()?;
        let mut number = 2;
        loop {
            match place(part, &path, Existing::Keep) {
                Ok(()) => return Ok(path),
                Err(refused) => match *refused {
                    Refused {
                        error: FileError::Exists { .. },
                        part: again,
                    } => {
                        part = again;
                        path = numbered(&first, number);
                        number += 1;
                    }
                    Refused { error, .. } => return Err(error),
                },
            }
        }
    }

    fn complete(self) -> Result<NamedTempFile, FileError> {
        let Self {
            mut part,
            path,
            written,
            body,
            beside,
        } = self;
        match body {
            Body::Stream(stream) => stream.finish().map_err(|error| unwritable(&path, &error))?,
            Body::Whole(bytes) => {
                let Written {
                    format,
                    extent,
                    kind,
                    ..
                } = written;
                let file = encode_whole(format, (extent, kind), &bytes, &beside);
                let file = file.map_err(|error| unwritable(&path, &error))?;
                drop(bytes);
                std::io::Write::write_all(&mut part, &file)
                    .map_err(|error| unwritable(&path, &error))?;
            }
        }
        let read = || -> Result<(), String> {
            let file = part.reopen().map_err(|error| error.to_string())?;
            let found = read_to_the_end(BufReader::new(file), written.format)?;
            if found != written.extent {
                return Err(format!("it is one of {found}"));
            }
            Ok(())
        };
        match read() {
            Ok(()) => Ok(part),
            Err(reason) => Err(FileError::NotReadBack {
                path: path.display().to_string(),
                reason,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::{Origin, origin_of};
    use crate::raster::{FORMATS, decode};
    use crate::recipe::{Enlargement, Input, ModelRef};

    fn recipe() -> Recipe {
        let enlargement = Enlargement {
            image: Input::default(),
            method: "lanczos".to_owned(),
            scale: 2.0,
            tile: 64,
            tile_pad: 0,
            pre_pad: 0,
            feather: false,
        };
        Recipe::of_enlargement(enlargement, ModelRef::named(""), (4, 3))
    }

    fn written(format: &'static Format) -> Written {
        Written {
            format,
            extent: Extent::new(4, 3),
            kind: Kind {
                color: true,
                alpha: false,
            },
            sixteen: false,
        }
    }

    fn begun(path: &Path, format: &'static Format) -> PictureWriter {
        PictureWriter::begin(path, written(format), &recipe(), Beside::default()).unwrap()
    }

    #[test]
    fn every_kind_of_file_is_read_again_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let bytes: Vec<u8> = (0..36).map(|at| at * 7).collect();
        for format in FORMATS {
            let path = folder.path().join(format!("a.{}", format.extensions[0]));
            let mut writer = begun(&path, format);
            for row in bytes.chunks(12) {
                writer.write(row).unwrap();
            }
            assert_eq!(writer.finish(Existing::Keep).unwrap(), path);
            let decoded = decode(&std::fs::read(&path).unwrap()).unwrap();
            assert_eq!(decoded.pixels.extent(), Extent::new(4, 3));
            if format.name != "JPEG" {
                assert_eq!(decoded.pixels.rgb(), bytes, "{}", format.name);
            }
            if format.streams {
                let origin = origin_of(&decoded.texts);
                assert_eq!(origin, Origin::Recipe(Box::new(recipe())));
            }
        }
        let names = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(names, FORMATS.len());
    }

    #[test]
    fn a_file_that_lacks_rows_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        for format in FORMATS {
            let path = folder.path().join("a");
            let mut writer = begun(&path, format);
            writer.write(&[5; 24]).unwrap();
            assert!(writer.finish(Existing::Keep).is_err(), "{}", format.name);
        }
        // Nor one that nobody ended.
        drop(begun(&folder.path().join("b"), &FORMATS[0]));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn an_existing_file_stays_and_another_name_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        std::fs::write(&path, b"mine").unwrap();
        let filled = || {
            let mut writer = begun(&path, &FORMATS[0]);
            writer.write(&[5; 36]).unwrap();
            writer
        };
        let error = filled().finish(Existing::Keep).unwrap_err();
        assert!(matches!(error, FileError::Exists { .. }));
        let other = filled().finish_under_free_name().unwrap();
        assert_eq!(other, folder.path().join("a-2.png"));
        assert_eq!(std::fs::read(&path).unwrap(), b"mine");
        assert_eq!(filled().finish(Existing::Replace).unwrap(), path);
        assert_ne!(std::fs::read(&path).unwrap(), b"mine");
    }
}
