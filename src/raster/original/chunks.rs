//! The chunks of a PNG file, as they stand there.

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Say what colours the samples are.
const COLOR: [&[u8; 4]; 7] = [
    b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"cICP", b"mDCV", b"cLLI",
];

/// A chunk, without its length and its checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunk<'a> {
    pub(super) kind: [u8; 4],
    pub(super) data: &'a [u8],
    /// It stands behind the pixels.
    pub(super) is_late: bool,
}

impl<'a> Chunk<'a> {
    /// Nothing can be shown without it.
    const fn is_critical(&self) -> bool {
        self.kind[0].is_ascii_uppercase()
    }

    pub(super) fn is_color(&self) -> bool {
        COLOR.contains(&&self.kind)
    }

    /// The keyword, if it is a text.
    pub(super) fn keyword(&self) -> Option<&'a [u8]> {
        let is_text = [b"tEXt", b"zTXt", b"iTXt"].contains(&&self.kind);
        self.data
            .split(|&byte| byte == 0)
            .next()
            .filter(|_| is_text)
    }

    /// Whether it may stand in a file with other pixels, which a lower-case letter at the end of its
    /// name says (PNG 1.2, section 3.3). The time says otherwise and is kept: it tells when somebody
    /// last worked on the file this picture came from.
    pub(super) const fn is_safe_to_copy(&self) -> bool {
        self.kind[3].is_ascii_lowercase() || matches!(&self.kind, b"tIME")
    }
}

/// All undamaged chunks of a PNG that it can be shown without, in order, except transparency, which is
/// in the pixels by now. Nothing of any other file.
pub(super) fn ancillary(file: &[u8]) -> Vec<Chunk<'_>> {
    let mut found = Vec::new();
    let mut rest = file.strip_prefix(SIGNATURE).unwrap_or_default();
    let mut is_late = false;
    while let Some((chunk, checksum, next)) = next(rest, is_late) {
        rest = next;
        match &chunk.kind {
            b"IEND" => break,
            b"IDAT" => is_late = true,
            b"tRNS" => {}
            _ if chunk.is_critical() => {}
            _ if checksum != checksum_of(&chunk) => {
                log::warn!("a damaged chunk of a PNG is left out");
            }
            _ => found.push(chunk),
        }
    }
    found
}

/// The next chunk, the checksum it has, and what comes after.
fn next(bytes: &[u8], is_late: bool) -> Option<(Chunk<'_>, u32, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (kind, rest) = rest.split_first_chunk()?;
    let (data, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    let (checksum, rest) = rest.split_first_chunk()?;
    let chunk = Chunk {
        kind: *kind,
        data,
        is_late,
    };
    Some((chunk, u32::from_be_bytes(*checksum), rest))
}

fn checksum_of(chunk: &Chunk<'_>) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(&chunk.kind);
    sum.update(chunk.data);
    sum.finalize()
}
