//! A picture as finely as its file tells it, for what makes another picture of the whole.

use std::borrow::Cow;

use super::mixed::{Mix, Mixed, Space};
use super::saving::{Kept, Metadata};
use super::source::Source;
use super::{Place, Samples, Values};
use crate::raster::codec::{PARAMETERS, RECIPE};
use crate::raster::{CodecError, Format, Pixels};

/// The samples a PNG of the picture would have, at its file's own depth and in its colours, and what
/// its file holds beside them.
#[derive(Debug)]
pub struct Finest {
    pub samples: Samples,
    pub beside: Beside,
}

/// What goes from a file to that of a picture made of it: colour profile, EXIF, XMP and chunks that are
/// true of other pixels too.
#[derive(Debug, Default)]
pub struct Beside {
    pub(super) profile: Option<Vec<u8>>,
    /// Name and content of chunks.
    pub(super) chunks: Vec<([u8; 4], Vec<u8>)>,
}

impl Finest {
    /// Reads the picture's file once more, if it has one. Where that cannot be read the pixels are all
    /// there is, which is told in the log.
    pub fn of(pixels: &Pixels) -> Self {
        match Self::with_file(pixels) {
            Ok(Some(finest)) => finest,
            Ok(None) => Self::plain(pixels),
            Err(error) => {
                log::warn!("a picture is worked on without what its file held: {error}");
                Self::plain(pixels)
            }
        }
    }

    /// Of a picture file as it is, and the SHA-256 of its [`Pixels`]: decoded once, and in memory once.
    pub fn read(file: &[u8]) -> Result<(Self, String), CodecError> {
        let source = Source::read(file)?;
        let sha256 = source.sha256()?;
        let beside = Beside::of(&source, &Space::Own);
        let samples = source.samples;
        Ok((Self { samples, beside }, sha256))
    }

    /// Without an alpha that hides nothing, where a kind of file holds none.
    pub fn fit(&mut self, format: &Format) {
        if self.samples.kind.alpha && !format.alpha && self.samples.are_opaque() {
            self.samples.drop_alpha();
        }
    }

    fn plain(pixels: &Pixels) -> Self {
        Self {
            samples: samples_of(pixels, Mixed::plain(pixels)),
            beside: Beside::default(),
        }
    }

    fn with_file(pixels: &Pixels) -> Result<Option<Self>, CodecError> {
        let Some(original) = pixels.original() else {
            return Ok(None);
        };
        let source = Source::read(original.file())?;
        let Place::At { x, y } = original.place() else {
            let beside = Beside::of(&source, &Space::Srgb);
            return Ok(Some(Self {
                beside,
                ..Self::plain(pixels)
            }));
        };
        let colors = source.colors();
        let mix = Mix::of(pixels, (&source.samples, &colors), (x, y))?;
        if mix.is_untouched() {
            let beside = Beside::of(&source, &Space::Own);
            let samples = source.samples;
            return Ok(Some(Self { samples, beside }));
        }
        let mixed = mix.mixed()?.unwrap_or_else(|| Mixed::plain(pixels));
        let beside = Beside::of(&source, &mixed.space);
        let samples = samples_of(pixels, mixed);
        Ok(Some(Self { samples, beside }))
    }
}

impl Beside {
    /// What a file says of samples in a colour space, but for how it was made and how it looked small.
    fn of(source: &Source<'_>, space: &Space) -> Self {
        let mut metadata = Metadata::of(source, space, &[PARAMETERS, RECIPE]);
        metadata.remove_thumbnails();
        let Metadata {
            profile,
            early,
            late,
        } = metadata;
        let chunks = early.into_iter().chain(late);
        let owned = |Kept { kind, data }: Kept<'_>| (kind, Cow::into_owned(data));
        Self {
            profile: profile.map(<[u8]>::to_vec),
            chunks: chunks.map(owned).collect(),
        }
    }

    /// The profile of the samples' colours, where it is no sRGB that need not be told.
    pub fn profile(&self) -> Option<&[u8]> {
        self.profile.as_deref()
    }

    /// The block of EXIF, if there is one.
    pub fn exif(&self) -> Option<&[u8]> {
        let mut chunks = self.chunks.iter();
        let chunk = chunks.find(|(kind, _)| kind == b"eXIf");
        chunk.map(|(_, data)| data.as_slice())
    }
}

fn samples_of(pixels: &Pixels, mixed: Mixed) -> Samples {
    let values = if mixed.sixteen {
        let pairs = mixed.bytes.as_chunks::<2>().0.iter();
        Values::Sixteen(pairs.map(|pair| u16::from_be_bytes(*pair)).collect())
    } else {
        Values::Eight(mixed.bytes)
    };
    Samples {
        extent: pixels.extent(),
        kind: mixed.kind,
        values,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::{Extent, Header, Kind, Original, decode};

    fn sixteen() -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 2, 1);
        encoder.set_color(png::ColorType::GrayscaleAlpha);
        encoder.set_depth(png::BitDepth::Sixteen);
        encoder
            .add_text_chunk("Author".to_owned(), "somebody".to_owned())
            .unwrap();
        encoder
            .add_text_chunk(PARAMETERS.to_owned(), "how".to_owned())
            .unwrap();
        let mut writer = encoder.write_header().unwrap();
        writer
            .write_image_data(&[1, 2, 255, 254, 3, 4, 0, 9])
            .unwrap();
        writer.finish().unwrap();
        file
    }

    #[test]
    fn a_picture_as_its_file_has_it_keeps_every_bit_of_every_sample() {
        let file = sixteen();
        let pixels = decode(&file).unwrap().pixels;
        let finest = Finest::of(&pixels.with_original(Some(Original::whole(file))));
        let Samples { kind, values, .. } = finest.samples;
        assert_eq!((kind.color, kind.alpha), (false, true));
        assert_eq!(values, Values::Sixteen(vec![0x102, 0xfffe, 0x304, 9]));
        let texts: Vec<_> = finest.beside.chunks.iter().map(|(kind, _)| kind).collect();
        assert_eq!(texts, [b"tEXt"], "how it was made is not told");
    }

    #[test]
    fn a_file_is_named_and_known_without_its_pixels() {
        let file = sixteen();
        let (finest, sha256) = Finest::read(&file).unwrap();
        assert_eq!(sha256, decode(&file).unwrap().pixels.sha256());
        let header = Header::read(&file).unwrap();
        let samples = &finest.samples;
        assert_eq!(
            (header.extent, header.kind, header.sixteen),
            (samples.extent, samples.kind, samples.is_sixteen())
        );
    }

    #[test]
    fn alpha_goes_where_it_hides_nothing_and_no_file_would_hold_it() {
        let of = |alpha: u8| Finest {
            samples: Samples {
                extent: Extent::new(2, 1),
                kind: Kind {
                    color: true,
                    alpha: true,
                },
                values: Values::Eight(vec![1, 2, 3, 255, 4, 5, 6, alpha]),
            },
            beside: Beside::default(),
        };
        let format = |name: &str| Format::of(std::path::Path::new(name)).unwrap();
        for (name, alpha, goes) in [
            ("a.jpg", 255, true),
            ("a.jpg", 254, false),
            ("a.png", 255, false),
        ] {
            let mut finest = of(alpha);
            finest.fit(format(name));
            assert_eq!(finest.samples.kind.alpha, !goes, "{name} {alpha}");
            if goes {
                assert_eq!(finest.samples.values, Values::Eight(vec![1, 2, 3, 4, 5, 6]));
            }
        }
    }

    #[test]
    fn a_picture_without_a_file_has_its_pixels() {
        let pixels = Pixels::from_rgb(Extent::new(1, 2), &[1, 2, 3, 4, 5, 6]).unwrap();
        let Samples { kind, values, .. } = Finest::of(&pixels).samples;
        assert_eq!((kind.color, kind.alpha), (true, false));
        assert_eq!(values, Values::Eight(vec![1, 2, 3, 4, 5, 6]));
        let lost = Some(Original::whole(b"no picture".to_vec()));
        let again = Finest::of(&pixels.with_original(lost)).samples.values;
        assert_eq!(again, Values::Eight(vec![1, 2, 3, 4, 5, 6]));
    }
}
