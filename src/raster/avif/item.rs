//! One thing in a file, and what is said of it.

use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, MatrixCoefficients, TransferCharacteristics,
};

use super::Refusal;
use super::boxes::{Part, Reader};
use crate::raster::Extent;
use crate::raster::original::timeless;

/// What the colours of a picture are, as numbers of ITU-T H.273.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Nclx {
    primaries: u16,
    transfer: u16,
    pub(super) matrix: u16,
    pub(super) is_full: bool,
}

/// What is done to a picture so that it is upright.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Quarters against the clock.
    Left(u8),
    TopToBottom,
    LeftToRight,
}

/// One thing in a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Item<'a> {
    pub(super) id: u32,
    pub(super) kind: [u8; 4],
    pub(super) is_xmp: bool,
    /// Its data lie in the file, and not among the items' own.
    pub(super) is_in_file: bool,
    /// Offset and length of each part of its data; no length goes to the end.
    pub(super) extents: Vec<(u64, u64)>,
    pub(super) properties: Vec<Part<'a>>,
}

impl<'a> Item<'a> {
    fn property(&self, kind: [u8; 4]) -> Option<Reader<'a>> {
        let part = self.properties.iter().find(|part| part.kind == kind);
        part.map(|part| Reader(part.content))
    }

    pub(super) fn size(&self) -> Option<Extent> {
        let mut reader = self.property(*b"ispe")?;
        reader.version()?;
        let size = Extent::new(reader.long()?, reader.long()?);
        (size.width > 0 && size.height > 0).then_some(size)
    }

    /// More than 8 bits, by the settings of its decoder.
    pub(super) fn is_deep(&self) -> bool {
        let settings = self.property(*b"av1C");
        settings.is_some_and(|settings| settings.0.get(2).is_some_and(|bits| bits & 0x40 > 0))
    }

    pub(super) fn is_alpha(&self) -> bool {
        let kind = self.property(*b"auxC").and_then(|mut reader| {
            reader.version()?;
            reader.text()
        });
        kind.is_some_and(|kind| {
            [
                &b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"[..],
                b"urn:mpeg:hevc:2015:auxid:1",
            ]
            .contains(&kind)
        })
    }

    /// Contents of the boxes that tell colours, of a kind.
    fn colors(&self, kinds: &[&[u8; 4]]) -> Option<Reader<'a>> {
        let mut boxes = self.properties.iter().filter(|part| &part.kind == b"colr");
        boxes.find_map(|part| {
            let mut reader = Reader(part.content);
            let kind = reader.name()?;
            kinds.contains(&&kind).then_some(reader)
        })
    }

    pub(super) fn profile(&self) -> Option<&'a [u8]> {
        self.colors(&[b"prof", b"rICC"]).map(|reader| reader.0)
    }

    pub(super) fn nclx(&self) -> Option<Nclx> {
        let mut reader = self.colors(&[b"nclx"])?;
        Some(Nclx {
            primaries: reader.short()?,
            transfer: reader.short()?,
            matrix: reader.short()?,
            is_full: reader.byte()? & 0x80 > 0,
        })
    }

    /// In the order in which they are done.
    pub(super) fn turns(&self) -> impl Iterator<Item = Turn> {
        self.properties.iter().filter_map(|part| {
            let value = part.content.first();
            match (&part.kind, value) {
                (b"irot", Some(quarters)) => Some(Turn::Left(quarters & 3)),
                (b"imir", Some(axis)) if axis & 1 == 0 => Some(Turn::TopToBottom),
                (b"imir", Some(_)) => Some(Turn::LeftToRight),
                _ => None,
            }
        })
    }
}

impl Nclx {
    /// A profile of these colours; `None` for sRGB.
    pub(super) fn profile(self) -> Result<Option<Vec<u8>>, Refusal> {
        match self.transfer {
            16 | 18 => {
                return Err("it is for bright displays (PQ or HLG); convert it to sRGB first");
            }
            // Unsaid, sRGB, and the curves of BT.709, which browsers take for it.
            1 | 2 | 6 | 13 | 14 | 15 => {}
            other => log::warn!("transfer function {other} of an AVIF is taken for sRGB's"),
        }
        let color_primaries = match self.primaries {
            9 => CicpColorPrimaries::Bt2020,
            12 => CicpColorPrimaries::Smpte432,
            _ => return Ok(None),
        };
        let profile = ColorProfile::new_from_cicp(CicpProfile {
            color_primaries,
            transfer_characteristics: TransferCharacteristics::Srgb,
            matrix_coefficients: MatrixCoefficients::Identity,
            full_range: true,
        });
        Ok(timeless(&profile))
    }
}
