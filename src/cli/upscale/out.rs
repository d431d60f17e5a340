//! Where enlarged pictures go: every name is decided before any work.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::cli::{CommandError, UpscaleArgs};
use crate::library::numbered;
use crate::models::UpscalerFile;

/// One file for each picture. Fails when a file is there already, unless it may be replaced.
pub(super) fn places(
    args: &UpscaleArgs,
    network: Option<&UpscalerFile>,
) -> Result<Vec<PathBuf>, CommandError> {
    let out = &args.out;
    let text = out.to_string_lossy();
    let is_folder = out.is_dir() || text.ends_with(['/', std::path::MAIN_SEPARATOR]);
    let places = match args.images.as_slice() {
        [_] if !is_folder => vec![out.clone()],
        images if is_folder => in_folder(images, out, &suffix(args, network)),
        images => {
            return Err(CommandError::Usage(format!(
                "{} pictures do not fit into the one file {}: give a folder, ending in /",
                images.len(),
                out.display()
            )));
        }
    };
    let reads = |place: &Path| {
        let place = place.canonicalize().ok()?;
        let mut images = args.images.iter();
        images.find(|image| image.canonicalize().is_ok_and(|image| image == place))
    };
    if let (true, Some(image)) = (
        args.images.len() > 1,
        places.iter().find_map(|place| reads(place)),
    ) {
        return Err(CommandError::Usage(format!(
            "{} would be replaced by a result before it is read: give another folder",
            image.display()
        )));
    }
    let mut existing = places.iter().filter(|path| path.exists());
    match existing.next() {
        Some(path) if !args.force => Err(CommandError::Failed(format!(
            "{} exists already: choose another name, or add --force to replace it",
            path.display()
        ))),
        _ => Ok(places),
    }
}

/// `x4`: what tells the result's name from the picture's.
fn suffix(args: &UpscaleArgs, network: Option<&UpscalerFile>) -> String {
    match (args.size, args.scale) {
        (Some((width, height)), _) => format!("{width}x{height}"),
        (None, Some(scale)) => format!("x{scale}"),
        (None, None) => format!("x{}", network.map_or(4, |network| network.layout().scale())),
    }
}

/// `NAME-x4.png` for each, numbered where two have one name.
fn in_folder(images: &[PathBuf], folder: &Path, suffix: &str) -> Vec<PathBuf> {
    let mut taken = BTreeSet::new();
    let name = |image: &PathBuf| {
        let stem = image.file_stem().unwrap_or_default().to_string_lossy();
        let first = folder.join(format!("{stem}-{suffix}.png"));
        let mut path = first.clone();
        let mut number = 2;
        while !taken.insert(path.clone()) {
            path = numbered(&first, number);
            number += 1;
        }
        path
    };
    images.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_of_one_name_do_not_take_each_others_place() {
        let images = ["a/cat.jpg", "b/cat.png", "dog"].map(PathBuf::from);
        let names = in_folder(&images, Path::new("out"), "x4");
        let expected = ["out/cat-x4.png", "out/cat-x4-2.png", "out/dog-x4.png"];
        assert_eq!(names, expected.map(PathBuf::from));
    }
}
