//! An append-only file of records, each with its length and checksum.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, ErrorKind, Read, Result, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::raster::TILE;

/// The kind of every file.
const MARK: [u8; 8] = *b"AFTIEASL";

/// What a reader must know to read a file. One that knows less would take what it does not know for
/// damage, and cut it off; so it is told to put the file aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub(super) enum Version {
    First = 1,
    /// Some pictures came from files.
    Files = 2,
}

const VERSIONS: [Version; 2] = [Version::First, Version::Files];

/// Begins every file. Tiles of another size are another version.
fn header(version: Version) -> Vec<u8> {
    let version = version as u32;
    [MARK.as_slice(), &version.to_le_bytes(), &TILE.to_le_bytes()].concat()
}

/// Length and checksum before each record.
const FRAME: usize = 8;

/// CRC-32 of a record and its length.
fn checksum(length: u32, record: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    // Otherwise a length that was cut short could name another record.
    sum.update(&length.to_le_bytes());
    sum.update(record);
    sum.finalize()
}

/// A record as it stands in the file.
fn framed(record: &[u8]) -> Result<Vec<u8>> {
    let length = u32::try_from(record.len())
        .map_err(|error| std::io::Error::new(ErrorKind::InvalidInput, error))?;
    let mut framed = Vec::with_capacity(FRAME + record.len());
    framed.extend(length.to_le_bytes());
    framed.extend(checksum(length, record).to_le_bytes());
    framed.extend(record);
    Ok(framed)
}

/// A whole file of records, all of which that version knows.
pub(super) fn file_of(version: Version, records: impl Iterator<Item = Vec<u8>>) -> Result<Vec<u8>> {
    let mut bytes = header(version);
    for record in records {
        bytes.extend(framed(&record)?);
    }
    Ok(bytes)
}

/// What is found where records should be.
pub(super) enum Found<R> {
    Nothing,
    /// Of a version we do not know, or not a file of ours.
    Unknown,
    Records(Reader<R>),
}

/// Looks into a file, which need not be there.
pub(super) fn look_into(path: &Path) -> Result<Found<BufReader<File>>> {
    match File::open(path) {
        Ok(file) => {
            let length = file.metadata()?.len();
            Reader::begin(BufReader::new(file), length)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Found::Nothing),
        Err(error) => Err(error),
    }
}

/// Reads records one by one.
pub(super) struct Reader<R> {
    from: R,
    /// Bytes that have not been read.
    left: u64,
}

impl<R: Read> Reader<R> {
    /// Reads from something of a known length.
    pub(super) fn begin(mut from: R, length: u64) -> Result<Found<R>> {
        let expected = VERSIONS.map(header);
        let limit = expected[0].len() as u64;
        let mut found = Vec::with_capacity(expected[0].len());
        from.by_ref().take(limit).read_to_end(&mut found)?;
        let Some(expected) = expected.iter().find(|header| header.starts_with(&found)) else {
            return Ok(Found::Unknown);
        };
        // Less than a header was cut off before anything was written.
        if found.len() < expected.len() {
            return Ok(Found::Nothing);
        }
        let left = length.saturating_sub(limit);
        Ok(Found::Records(Self { from, left }))
    }

    /// The next record; `None` at the end, or where the file was cut off or damaged.
    pub(super) fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let Some(left) = self.left.checked_sub(FRAME as u64) else {
            return Ok(None);
        };
        let (mut length, mut sum) = ([0; 4], [0; 4]);
        self.from.read_exact(&mut length)?;
        self.from.read_exact(&mut sum)?;
        let length = u32::from_le_bytes(length);
        // Before memory is asked for: a damaged length can be any.
        let Some(left) = left.checked_sub(length.into()) else {
            return Ok(None);
        };
        let mut record = vec![0; length as usize];
        self.from.read_exact(&mut record)?;
        if checksum(length, &record) != u32::from_le_bytes(sum) {
            return Ok(None);
        }
        self.left = left;
        Ok(Some(record))
    }

    /// Whether everything was read, up to the end of the file.
    pub(super) const fn is_at_end(&self) -> bool {
        self.left == 0
    }
}

/// Writes records at the end of a file.
#[derive(Debug)]
pub(super) struct RecordFile {
    path: PathBuf,
    length: u64,
}

impl RecordFile {
    /// Goes on after the first `length` bytes, which must be a header and whole records.
    pub(super) const fn new(path: PathBuf, length: u64) -> Self {
        Self { path, length }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// Puts a record on disk that readers from a version on know; when this returns, it survives
    /// power loss too.
    pub(super) fn append(&mut self, record: &[u8], version: Version) -> Result<()> {
        let framed = framed(record)?;
        let mut file = OpenOptions::new().write(true).open(&self.path)?;
        // What an earlier attempt wrote before it failed goes.
        file.set_len(self.length)?;
        if version > Version::First {
            file.write_all(&header(version))?;
        }
        file.seek(SeekFrom::Start(self.length))?;
        file.write_all(&framed)?;
        file.sync_data()?;
        self.length += framed.len() as u64;
        Ok(())
    }
}
