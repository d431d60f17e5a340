//! Boxes and numbers of ISO files, big-endian. What is cut short is nothing.

/// A box: four letters, and what is in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    pub(super) kind: [u8; 4],
    pub(super) content: &'a [u8],
}

/// Reads from the front of some bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of up to 8 bytes; 0 of none.
    pub(super) fn number(&mut self, bytes: usize) -> Option<u64> {
        let bytes = self.take(bytes)?.iter();
        Some(bytes.fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.number(1).map(|number| number as u8)
    }

    pub(super) fn short(&mut self) -> Option<u16> {
        self.number(2).map(|number| number as u16)
    }

    pub(super) fn long(&mut self) -> Option<u32> {
        self.number(4).map(|number| number as u32)
    }

    /// A short number before some version of a box, a long one from then on.
    pub(super) fn wide(&mut self, is_long: bool) -> Option<u32> {
        self.number(if is_long { 4 } else { 2 })
            .map(|number| number as u32)
    }

    pub(super) fn name(&mut self) -> Option<[u8; 4]> {
        self.take(4)?.first_chunk().copied()
    }

    /// What stands before a zero, which is left out.
    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.0.iter().position(|&byte| byte == 0)?;
        let text = self.take(length)?;
        self.take(1)?;
        Some(text)
    }

    /// Version and flags, with which many boxes begin.
    pub(super) fn version(&mut self) -> Option<(u8, u32)> {
        let long = self.long()?;
        Some(((long >> 24) as u8, long & 0x00ff_ffff))
    }

    /// The next box; one without a length goes to the end.
    pub(super) fn part(&mut self) -> Option<Part<'a>> {
        let start = self.0;
        let length = self.long()?;
        let kind = self.name()?;
        let content = match length {
            0 => self.take(self.0.len())?,
            1 => {
                let length = usize::try_from(self.number(8)?).ok()?;
                self.take(length.checked_sub(start.len() - self.0.len())?)?
            }
            length => self.take((length as usize).checked_sub(8)?)?,
        };
        Some(Part { kind, content })
    }

    /// All boxes up to one that is not whole.
    pub(super) fn parts(mut self) -> impl Iterator<Item = Part<'a>> {
        std::iter::from_fn(move || self.part())
    }
}

/// The kinds of file that a file says it is.
pub(super) fn brands(file: &[u8]) -> impl Iterator<Item = [u8; 4]> {
    let kind = Reader(file).part().filter(|part| &part.kind == b"ftyp");
    let content = kind.map_or(&[][..], |part| part.content);
    // The second is a version.
    let brands = content.as_chunks().0.iter().copied().enumerate();
    brands.filter(|(at, _)| *at != 1).map(|(_, brand)| brand)
}
