//! Kinds of picture files that are written, and what fits into them.

use std::path::Path;

use thiserror::Error;

use super::{Extent, Kind};

/// A kind of file.
#[derive(Debug, PartialEq, Eq)]
pub struct Format {
    /// As people call it.
    pub name: &'static str,
    pub extensions: &'static [&'static str],
    /// Pixels of the longest side it can tell of.
    pub longest: u32,
    pub alpha: bool,
    pub sixteen: bool,
    /// Rows are written as they come; else the whole picture is in memory first.
    pub streams: bool,
    /// Bytes of each pixel that its encoder takes beside the picture and the file.
    pub encoding: u64,
}

/// All of them, the usual one first.
pub const FORMATS: &[Format] = &[
    Format {
        name: "PNG",
        extensions: &["png"],
        // Four bytes, of which the first bit stays clear.
        longest: i32::MAX as u32,
        alpha: true,
        sixteen: true,
        streams: true,
        encoding: 0,
    },
    Format {
        name: "WebP",
        extensions: &["webp"],
        // Fourteen bits.
        longest: (1 << 14) - 1,
        alpha: true,
        sixteen: false,
        streams: false,
        encoding: 4,
    },
    Format {
        name: "JPEG",
        extensions: &["jpg", "jpeg"],
        longest: u16::MAX as u32,
        alpha: false,
        sixteen: false,
        streams: false,
        encoding: 0,
    },
];

/// Why a picture does not fit into a kind of file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unfit {
    #[error(
        "{path}: no such kind of picture is written; name it .png, which keeps everything, .webp or .jpg"
    )]
    Unknown { path: String },
    #[error(
        "{name} holds pictures of at most {longest} pixels a side, and this one becomes {extent}: name \
         it .png, or choose a smaller scale"
    )]
    TooLarge {
        name: &'static str,
        longest: u32,
        extent: Extent,
    },
    #[error("{name} does not hold transparency, which this picture has: name it .png or .webp")]
    Transparent { name: &'static str },
    #[error("{name} does not hold 16 bits, which this picture has: name it .png")]
    Deep { name: &'static str },
}

impl Format {
    /// The kind a file's name tells; PNG where it tells none.
    pub fn of(path: &Path) -> Result<&'static Self, Unfit> {
        let Some(extension) = path.extension() else {
            return Ok(&FORMATS[0]);
        };
        let is_known = |format: &&Self| {
            let mut extensions = format.extensions.iter();
            extensions.any(|known| extension.eq_ignore_ascii_case(known))
        };
        FORMATS.iter().find(is_known).ok_or_else(|| Unfit::Unknown {
            path: path.display().to_string(),
        })
    }

    /// Whether a picture of this size and these samples fits.
    pub fn check(&self, extent: Extent, (kind, sixteen): (Kind, bool)) -> Result<(), Unfit> {
        let (name, longest) = (self.name, self.longest);
        if extent.width.max(extent.height) > longest {
            return Err(Unfit::TooLarge {
                name,
                longest,
                extent,
            });
        }
        if kind.alpha && !self.alpha {
            return Err(Unfit::Transparent { name });
        }
        if sixteen && !self.sixteen {
            return Err(Unfit::Deep { name });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_extensions_and_others_by_none() {
        for format in FORMATS {
            for extension in format.extensions {
                let path = format!("a/b.{}", extension.to_uppercase());
                assert_eq!(Format::of(Path::new(&path)), Ok(format));
            }
        }
        assert_eq!(Format::of(Path::new("plain")).unwrap().name, "PNG");
        let error = Format::of(Path::new("a.tga")).unwrap_err().to_string();
        assert!(error.contains("a.tga") && error.contains(".png"), "{error}");
    }

    #[test]
    fn what_does_not_fit_is_told_with_the_limit() {
        let of = |name: &str| Format::of(Path::new(name)).unwrap();
        let (plain, clear) = (
            Kind {
                color: true,
                alpha: false,
            },
            Kind {
                color: true,
                alpha: true,
            },
        );
        let wide = Extent::new(16_384, 9);
        let refused =
            |name: &str, extent, kind| of(name).check(extent, kind).unwrap_err().to_string();
        assert!(refused("a.webp", wide, (plain, false)).contains("16383"));
        assert_eq!(of("a.jpg").check(wide, (plain, false)), Ok(()));
        assert!(refused("a.jpg", Extent::new(1, 65_536), (plain, false)).contains("65535"));
        assert!(refused("a.jpg", wide, (clear, false)).contains("transparency"));
        assert!(refused("a.webp", Extent::new(5, 5), (clear, true)).contains("16 bits"));
        assert_eq!(
            of("a.png").check(Extent::new(70_000, 9), (clear, true)),
            Ok(())
        );
    }
}
