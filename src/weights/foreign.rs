//! Files that are often taken for weights, known by how they begin.

/// First bytes, and what a file is that has them.
const KINDS: &[(&[u8], &str)] = &[
    (b"\x89PNG", "it is a picture, whatever its name says"),
    (b"\xff\xd8\xff", "it is a picture, whatever its name says"),
    (b"GIF8", "it is a picture, whatever its name says"),
    (b"RIFF", "it is a picture or a film, whatever its name says"),
    (b"7z\xbc\xaf\x27\x1c", "it is an archive: unpack it first"),
    (b"Rar!", "it is an archive: unpack it first"),
    (b"\x1f\x8b", "it is an archive: unpack it first"),
    (
        b"version https://git-lfs",
        "it only tells where git keeps the file: fetch it with git lfs pull",
    ),
    (b"<", "it is a page of the web, not the file that was meant"),
];

/// How pickles begin, of the versions that Python writes.
const PICKLE: u8 = 0x80;
const PICKLE_VERSIONS: std::ops::RangeInclusive<u8> = 2..=5;

/// What a file is instead of weights, where its first bytes tell.
pub(super) fn kind(bytes: &[u8]) -> Option<&'static str> {
    if let &[PICKLE, version, third, ..] = bytes
        && PICKLE_VERSIONS.contains(&version)
        // The length of a header of safetensors ends in zeros.
        && third != 0
    {
        return Some("it is a pickle that torch did not write, and nothing in it is run");
    }
    let kind = KINDS.iter().find(|(start, _)| bytes.starts_with(start));
    // So may the length of a header; then its text follows.
    let is_safetensors = bytes.get(8) == Some(&b'{');
    kind.filter(|_| !is_safetensors).map(|(_, what)| *what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_of_any_length_is_no_other_kind() {
        for length in [0x80u64, 0x0280, 0x0580, 0x3c, 0x8b1f] {
            let mut bytes = length.to_le_bytes().to_vec();
            bytes.extend(b"{\"a\":");
            assert_eq!(kind(&bytes), None, "{length:#x}");
        }
        assert_eq!(kind(b""), None);
    }

    #[test]
    fn pages_pictures_and_pickles_are_told() {
        for (bytes, word) in [
            (&b"<!DOCTYPE html>"[..], "page"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "picture"),
            (b"\x80\x04\x95\x10\0\0\0\0\0\0\0", "pickle"),
            (
                b"version https://git-lfs.github.com/spec/v1",
                "git lfs pull",
            ),
        ] {
            assert!(kind(bytes).unwrap().contains(word), "{word}");
        }
    }
}
