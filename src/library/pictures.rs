//! The folder of pictures, and names within it.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use etcetera::BaseStrategy as _;

use super::atomic::PART_PREFIX;
use super::metadata::holds_more;
use super::{Existing, FileError, Origin, encode_picture, origin_of, write_atomically};
use crate::raster::{Extent, Finest, Header, Original, Pixels, READABLE, Seen, decode, see_png};
use crate::recipe::Recipe;

/// A picture file, read.
#[derive(Debug)]
pub struct PictureFile {
    /// With their file, if it holds more than they and `origin`.
    pub pixels: Pixels,
    pub origin: Origin,
}

/// Bytes beyond which no picture file is read.
const LARGEST_FILE: u64 = 1 << 30;

/// Longest side of what is seen of a picture that there is no room for: a texture of some megabytes.
const SEEN_SIDE: u32 = 2048;

fn unreadable(path: &Path, reason: &impl ToString) -> FileError {
    FileError::Unreadable {
        path: path.display().to_string(),
        reason: reason.to_string(),
    }
}

/// Bytes of a picture file; what cannot be one is not read.
fn bytes_of(path: &Path) -> Result<Vec<u8>, FileError> {
    let known = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    // Reading a pipe would wait for ever, and a checkpoint would fill the memory.
    if !known.is_file() {
        return Err(unreadable(path, &"it is not a file"));
    }
    if known.len() > LARGEST_FILE {
        return Err(unreadable(path, &"it is too large for a picture"));
    }
    fs::read(path).map_err(|error| unreadable(path, &error))
}

/// What a picture file of any format we know tells of its samples, without reading them.
pub fn read_header(path: &Path) -> Result<Header, FileError> {
    Header::read(&bytes_of(path)?).map_err(|error| unreadable(path, &error))
}

/// The samples of a picture file, what stands beside them, and the SHA-256 of the picture's
/// [`Pixels`], which are never in memory as a whole.
pub fn read_finest(path: &Path) -> Result<(Finest, String), FileError> {
    Finest::read(&bytes_of(path)?).map_err(|error| unreadable(path, &error))
}

/// What can be seen of a picture of ours within so many bytes: all that its file holds; or its pixels,
/// read row by row; or those of a smaller version.
pub fn see_picture(path: &Path, room: u64) -> Result<Seen, FileError> {
    let open = || File::open(path).map_err(|error| unreadable(path, &error));
    let length = open()?
        .metadata()
        .map_err(|error| unreadable(path, &error))?;
    let whole = || {
        let pixels = read_picture(path)?.pixels;
        let is_less = false;
        Ok(Seen { pixels, is_less })
    };
    let Ok(head) = png::Decoder::new(BufReader::new(open()?)).read_info() else {
        // Other kinds are in memory when they are written, too.
        return whole();
    };
    let extent = Extent::new(head.info().width, head.info().height);
    let samples = extent.area() as u64 * head.info().bytes_per_pixel() as u64;
    drop(head);
    let pixels = |extent: Extent| 4 * extent.area() as u64;
    if length.len() + samples + pixels(extent) <= room && length.len() <= LARGEST_FILE {
        return whole();
    }
    let level = if pixels(extent) <= room {
        0
    } else {
        let side = extent.width.max(extent.height);
        side.div_ceil(SEEN_SIDE).next_power_of_two().ilog2().max(1)
    };
    see_png(BufReader::new(open()?), level).map_err(|error| unreadable(path, &error))
}

/// Reads a picture file of any format we know.
pub fn read_picture(path: &Path) -> Result<PictureFile, FileError> {
    let bytes = bytes_of(path)?;
    let decoded = decode(&bytes).map_err(|error| unreadable(path, &error))?;
    let original = holds_more(&decoded).then(|| Original::whole(bytes));
    Ok(PictureFile {
        origin: origin_of(&decoded.texts),
        pixels: decoded.pixels.with_original(original),
    })
}

/// Where pictures go when nothing else is said: `Afterimage` in the user's pictures.
pub fn default_folder() -> PathBuf {
    let home = etcetera::home_dir().unwrap_or_default();
    let pictures = home.join("Pictures");
    if pictures.is_dir() {
        return pictures.join("Afterimage");
    }
    etcetera::choose_base_strategy()
        .map_or(pictures, |dirs| dirs.data_dir())
        .join("afterimage")
        .join("pictures")
}

/// Pictures that we neither read nor write, by the extension of their files.
const STRANGE: [&str; 9] = [
    "exr", "heic", "heif", "jfif", "jp2", "jpe", "jxl", "psd", "tga",
];

/// Refuses the name of another kind of picture: a PNG under it would deceive whoever opens it.
pub fn named_as_png(path: &Path) -> Result<(), FileError> {
    let extension = path.extension().unwrap_or_default();
    let others = READABLE.iter().filter(|known| **known != "png");
    if others
        .chain(&STRANGE)
        .any(|known| extension.eq_ignore_ascii_case(known))
    {
        return Err(FileError::NotPng {
            path: path.display().to_string(),
        });
    }
    Ok(())
}

/// `name.png` to `name-3.png`.
pub fn numbered(path: &Path, number: u32) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = match path.extension() {
        Some(extension) => format!("{stem}-{number}.{}", extension.to_string_lossy()),
        None => format!("{stem}-{number}"),
    };
    path.with_file_name(name)
}

/// Files that killed processes left half-written are removed once nothing was added to them for this
/// long: between two rows of a large picture a slow machine, or one that sleeps, may take hours.
const PART_LIFETIME: Duration = Duration::from_hours(7 * 24);

/// The folder of pictures: one folder per day in it, PNG files in those.
#[derive(Clone, Debug)]
pub struct Library {
    folder: PathBuf,
}

impl Library {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Saves under a new name made of day, time and seed.
    pub fn save(&self, pixels: &Pixels, recipe: &Recipe) -> Result<PathBuf, FileError> {
        self.add(pixels, Some(recipe), &recipe.seed.to_string())
    }

    /// Saves a picture that came without a file, under a new name made of day and time.
    pub fn import(&self, pixels: &Pixels) -> Result<PathBuf, FileError> {
        self.add(pixels, None, "pasted")
    }

    /// Where a picture that is written while it is made goes, unless there is one: a new name made of
    /// day and time.
    pub fn place_for(&self, name: &str) -> PathBuf {
        let now = jiff::Zoned::now();
        let name = format!("{}-{name}.png", now.strftime("%H%M%S%3f"));
        let day = now.strftime("%Y-%m-%d").to_string();
        self.folder.join(day).join(name)
    }

    fn add(
        &self,
        pixels: &Pixels,
        recipe: Option<&Recipe>,
        name: &str,
    ) -> Result<PathBuf, FileError> {
        let first = self.place_for(name);
        let bytes = encode_picture(pixels, recipe).map_err(|error| FileError::Unwritable {
            path: first.display().to_string(),
            reason: error.to_string(),
        })?;
        write_under_free_name(&first, &bytes)
    }

    /// The newest pictures, newest first. Files that cannot be listed are left out.
    pub fn newest(&self, most: usize) -> Vec<PathBuf> {
        let mut days = sorted_entries(&self.folder);
        let mut newest = Vec::new();
        while let Some(day) = days.pop() {
            remove_old_parts(&day);
            let pictures = sorted_entries(&day).into_iter().rev().filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension.eq_ignore_ascii_case("png"))
            });
            newest.extend(pictures);
            if newest.len() >= most {
                newest.truncate(most);
                break;
            }
        }
        newest
    }
}

/// Writes to `first`, or to the first of `first-2`, `first-3`, … that does not exist.
pub(super) fn write_under_free_name(first: &Path, bytes: &[u8]) -> Result<PathBuf, FileError> {
    let mut path = first.to_path_buf();
    let mut number = 2;
    loop {
        match write_atomically(&path, bytes, Existing::Keep) {
            Err(FileError::Exists { .. }) => {
                path = numbered(first, number);
                number += 1;
            }
            Err(error) => return Err(error),
            Ok(()) => return Ok(path),
        }
    }
}

fn sorted_entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .collect();
    entries.sort();
    entries
}

fn remove_old_parts(folder: &Path) {
    let is_old = |path: &Path| {
        let modified = fs::metadata(path).and_then(|metadata| metadata.modified());
        modified.is_ok_and(|time| {
            SystemTime::now()
                .duration_since(time)
                .is_ok_and(|age| age > PART_LIFETIME)
        })
    };
    for path in sorted_entries(folder) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(PART_PREFIX)
            && is_old(&path)
            && let Err(error) = fs::remove_file(&path)
        {
            log::warn!(
                "a half-written file cannot be removed: {error}; {}",
                path.display()
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Extent;
    use crate::recipe::{Draft, Limits};

    fn pixels() -> Pixels {
        Pixels::from_rgba(Extent::new(1, 1), vec![255; 4]).unwrap()
    }

    fn recipe() -> Recipe {
        let limits = Limits {
            size_factor: 8,
            max_side: 2048,
            max_steps: 1000,
        };
        Draft::default().recipe(limits).unwrap()
    }

    #[test]
    fn pictures_of_one_second_get_names_of_their_own_and_come_back_newest_first() {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::new(folder.path());
        let saved: Vec<_> = (0..3)
            .map(|_| library.save(&pixels(), &recipe()).unwrap())
            .collect();
        assert_eq!(library.newest(10).len(), 3);
        assert_eq!(library.newest(2).len(), 2);
        let read = read_picture(&saved[2]).unwrap();
        assert_eq!(read.origin, Origin::Recipe(Box::new(recipe())));
    }

    #[test]
    fn of_a_picture_is_seen_what_the_room_allows() {
        let folder = tempfile::tempdir().unwrap();
        let extent = Extent::new(300, 200);
        let rgb: Vec<u8> = (0..extent.area() * 3)
            .map(|at| (at * 7 % 251) as u8)
            .collect();
        let pixels = Pixels::from_rgb(extent, &rgb).unwrap();
        let path = Library::new(folder.path())
            .save(&pixels, &recipe())
            .unwrap();
        let whole = 4 * extent.area() as u64;
        for (room, seen, is_less) in [
            (u64::MAX, extent, false),
            (whole, extent, false),
            (whole - 1, extent.reduced(1), true),
            (0, extent.reduced(1), true),
        ] {
            let found = see_picture(&path, room).unwrap();
            assert_eq!((found.pixels.extent(), found.is_less), (seen, is_less));
        }
        assert_eq!(see_picture(&path, whole).unwrap().pixels, pixels);
    }

    #[test]
    fn numbers_go_before_the_extension() {
        assert_eq!(
            numbered(Path::new("a/b.c.png"), 2),
            Path::new("a/b.c-2.png")
        );
        assert_eq!(numbered(Path::new("cat"), 1), Path::new("cat-1"));
    }

    #[test]
    fn the_name_of_another_kind_of_picture_is_refused() {
        for name in ["a.jpg", "a.b.TIFF", "x/a.webp", "a.avif"] {
            assert!(named_as_png(Path::new(name)).is_err(), "{name}");
        }
        for name in ["a.png", "a.PNG", "a", "v1.2", "jpg"] {
            assert_eq!(named_as_png(Path::new(name)), Ok(()), "{name}");
        }
    }

    #[test]
    fn an_empty_library_has_no_pictures() {
        assert!(Library::new("/nowhere/at/all").newest(5).is_empty());
    }

    #[test]
    fn what_cannot_be_a_picture_is_refused_before_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read_picture(folder.path()).is_err());
        let huge = folder.path().join("model.safetensors");
        // A file with a hole: large, and nowhere.
        fs::File::create(&huge)
            .and_then(|file| file.set_len(LARGEST_FILE + 1))
            .unwrap();
        let error = read_picture(&huge).unwrap_err().to_string();
        assert!(error.contains("too large"), "{error}");
    }
}
