//! The name of a content.

use sha2::{Digest as _, Sha256};

/// SHA-256 of some bytes, given in parts, in hexadecimal.
pub fn sha256_of(parts: &[&[u8]]) -> String {
    let mut digest = Digest::default();
    for part in parts {
        digest.add(part);
    }
    digest.text()
}

/// SHA-256 of bytes that come one after the other.
#[derive(Debug, Default)]
pub struct Digest(Sha256);

impl Digest {
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// In hexadecimal.
    pub fn text(self) -> String {
        self.0
            .finalize()
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vector of FIPS 180-2.
    #[test]
    fn parts_are_one_content() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_of(&[b"abc"]), abc);
        assert_eq!(sha256_of(&[b"a", b"", b"bc"]), abc);
    }
}
