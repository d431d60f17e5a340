//! The zip archive torch writes, as ranges of the file it is in.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::ops::Range;

use zip::{CompressionMethod, ZipArchive};

/// Where the description of all objects lies.
const PICKLE: &str = "data.pkl";

/// An archive's entries, none of them copied.
pub(super) struct Archive<'a> {
    bytes: &'a [u8],
    entries: BTreeMap<String, Entry>,
    /// The folder everything of it lies in, with the slash; torch names it after the file.
    folder: String,
}

struct Entry {
    range: Range<usize>,
    /// Neither compressed nor encrypted.
    plain: bool,
}

impl<'a> Archive<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, String> {
        let foreign = |error: zip::result::ZipError| format!("as a zip archive: {error}");
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(foreign)?;
        let mut entries = BTreeMap::new();
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index).map_err(foreign)?;
            let name = entry.name().map_err(foreign)?.into_owned();
            let range = entry
                .data_start()
                .and_then(|start| Some((start, start.checked_add(entry.compressed_size())?)))
                .and_then(|(start, end)| Some((start.try_into().ok()?, end.try_into().ok()?)))
                .filter(|(_, end)| *end <= bytes.len())
                .map(|(start, end)| start..end)
                .ok_or_else(|| format!("its part {name} reaches beyond its end"))?;
            let plain = entry.compression() == CompressionMethod::Stored && !entry.encrypted();
            entries.insert(name, Entry { range, plain });
        }
        let folder = entries
            .keys()
            .filter_map(|name| name.strip_suffix(PICKLE))
            .filter(|folder| folder.is_empty() || folder.ends_with('/'))
            .min_by_key(|folder| folder.len())
            .ok_or("it is a zip archive without data.pkl, so torch did not write it")?
            .to_owned();
        let archive = Self {
            bytes,
            entries,
            folder,
        };
        archive.check_byte_order()?;
        Ok(archive)
    }

    /// The description of all objects.
    pub(super) fn pickle(&self) -> Result<&'a [u8], String> {
        Ok(&self.bytes[self.part(PICKLE)?])
    }

    /// Where a storage of tensors lies.
    pub(super) fn storage(&self, key: &str) -> Result<Range<usize>, String> {
        self.part(&format!("data/{key}"))
    }

    fn part(&self, name: &str) -> Result<Range<usize>, String> {
        let entry = self
            .entries
            .get(&format!("{}{name}", self.folder))
            .ok_or_else(|| format!("its part {name} is missing"))?;
        if entry.plain {
            Ok(entry.range.clone())
        } else {
            Err(format!(
                "its part {name} is compressed, which torch never does"
            ))
        }
    }

    fn check_byte_order(&self) -> Result<(), String> {
        let Ok(range) = self.part("byteorder") else {
            // Files without it are little-endian.
            return Ok(());
        };
        match &self.bytes[range] {
            b"little" => Ok(()),
            _ => Err("its numbers are stored big end first, which is not read here".to_owned()),
        }
    }
}
