//! Whether what came is what was promised.

use std::io::{Read, Write};

use sha1::{Digest as _, Sha1};

use super::source::ContentName;
use crate::recipe::Digest;

/// Hashes a content as its name wants it.
pub(super) enum Check {
    Sha256(Digest),
    Git(Box<Sha1>),
}

impl Check {
    pub(super) fn of(name: &ContentName, bytes: u64) -> Self {
        match name {
            ContentName::Sha256(_) => Self::Sha256(Digest::default()),
            ContentName::Git(_) => {
                let mut hash = Sha1::new();
                hash.update(format!("blob {bytes}\0"));
                Self::Git(Box::new(hash))
            }
        }
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(digest) => digest.add(bytes),
            Self::Git(hash) => hash.update(bytes),
        }
    }

    /// Takes in what is there already.
    pub(super) fn add_all(&mut self, mut there: impl Read) -> std::io::Result<u64> {
        std::io::copy(&mut there, &mut Sink(self))
    }

    /// Whether it all was what `name` promises.
    pub(super) fn fits(self, name: &ContentName) -> bool {
        let hex = match self {
            Self::Sha256(digest) => digest.text(),
            Self::Git(hash) => {
                let bytes = hash.finalize();
                let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
                digits
                    .filter_map(|digit| char::from_digit(digit.into(), 16))
                    .collect()
            }
        };
        hex.eq_ignore_ascii_case(name.hex())
    }
}

struct Sink<'c>(&'c mut Check);

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.add(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_known_by_their_own_hash_or_by_gits() {
        let names = [
            // `printf 'hello\n' | sha256sum`, and `git hash-object`.
            ContentName::Sha256(
                "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03".to_owned(),
            ),
            ContentName::Git("ce013625030ba8dba906f756967f9e9ca394464a".to_owned()),
        ];
        for name in names {
            let mut check = Check::of(&name, 6);
            check.add_all(&b"hel"[..]).unwrap();
            check.add(b"lo\n");
            assert!(check.fits(&name));
            let mut other = Check::of(&name, 6);
            other.add(b"hallo\n");
            assert!(!other.fits(&name));
        }
    }
}
