//! `spiece.model`: the vocabulary of a `SentencePiece` unigram model, a message of protocol buffers.

use crate::weights::ModelError;

/// What is read of the file.
#[derive(Debug, Default, PartialEq)]
pub(super) struct SentencePiece {
    /// By id: what it stands for, and how likely it is.
    pub(super) pieces: Vec<(String, f64)>,
    /// Of what no piece stands for.
    pub(super) unknown: Option<usize>,
    /// How characters are replaced before; empty where they are not.
    pub(super) characters: Vec<u8>,
}

/// Pieces of the largest vocabularies there are.
const MOST_PIECES: usize = 1 << 20;

/// Fields of `ModelProto`, `SentencePiece`, `TrainerSpec` and `NormalizerSpec`.
const PIECES: u64 = 1;
const TRAINER: u64 = 2;
const NORMALIZER: u64 = 3;
const TEXT: u64 = 1;
const SCORE: u64 = 2;
const KIND: u64 = 3;
const KIND_UNKNOWN: u64 = 2;
const MODEL_TYPE: u64 = 3;
const UNIGRAM: u64 = 1;
const CHARACTERS: u64 = 2;

impl SentencePiece {
    pub(super) fn read(bytes: &[u8], file: &str) -> Result<Self, ModelError> {
        Self::parse(bytes).map_err(|reason| ModelError::InvalidConfig {
            file: file.to_owned(),
            reason: reason.to_owned(),
        })
    }

    fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        let mut found = Self::default();
        let mut fields = Fields(bytes);
        while let Some((field, value)) = fields.next()? {
            match (field, value) {
                (PIECES, Value::Bytes(piece)) => found.add_piece(piece)?,
                (TRAINER, Value::Bytes(trainer)) => check_unigram(trainer)?,
                (NORMALIZER, Value::Bytes(normalizer)) => {
                    let mut fields = Fields(normalizer);
                    while let Some((field, value)) = fields.next()? {
                        if let (CHARACTERS, Value::Bytes(characters)) = (field, value) {
                            characters.clone_into(&mut found.characters);
                        }
                    }
                }
                _ => {}
            }
        }
        if found.pieces.is_empty() {
            return Err("it has no pieces");
        }
        Ok(found)
    }

    fn add_piece(&mut self, piece: &[u8]) -> Result<(), &'static str> {
        if self.pieces.len() == MOST_PIECES {
            return Err("it has more pieces than any vocabulary");
        }
        let (mut text, mut score) = (String::new(), 0.0);
        let mut fields = Fields(piece);
        while let Some((field, value)) = fields.next()? {
            match (field, value) {
                (TEXT, Value::Bytes(bytes)) => {
                    let bytes = std::str::from_utf8(bytes);
                    bytes
                        .map_err(|_utf8| "a piece is no text")?
                        .clone_into(&mut text);
                }
                (SCORE, Value::Four(bits)) => score = f64::from(f32::from_bits(bits)),
                (KIND, Value::Number(KIND_UNKNOWN)) => self.unknown = Some(self.pieces.len()),
                _ => {}
            }
        }
        self.pieces.push((text, score));
        Ok(())
    }
}

fn check_unigram(trainer: &[u8]) -> Result<(), &'static str> {
    let mut fields = Fields(trainer);
    while let Some((field, value)) = fields.next()? {
        if let (MODEL_TYPE, Value::Number(kind)) = (field, value)
            && kind != UNIGRAM
        {
            return Err("it is no unigram model");
        }
    }
    Ok(())
}

/// One field's value, by its wire type.
#[derive(Debug)]
enum Value<'a> {
    Number(u64),
    Four(u32),
    Bytes(&'a [u8]),
    Other,
}

/// The fields of a message that are left.
struct Fields<'a>(&'a [u8]);

const CUT: &str = "it ends in the middle of a field";

impl<'a> Fields<'a> {
    fn next(&mut self) -> Result<Option<(u64, Value<'a>)>, &'static str> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = self.number()?;
        let value = match key & 7 {
            0 => Value::Number(self.number()?),
            1 => {
                self.take(8)?;
                Value::Other
            }
            2 => {
                let length = usize::try_from(self.number()?).map_err(|_large| CUT)?;
                Value::Bytes(self.take(length)?)
            }
            5 => {
                let bytes = self.take(4)?.try_into().map_err(|_short| CUT)?;
                Value::Four(u32::from_le_bytes(bytes))
            }
            _ => return Err("it is no message of protocol buffers"),
        };
        Ok(Some((key >> 3, value)))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], &'static str> {
        let (taken, left) = self.0.split_at_checked(length).ok_or(CUT)?;
        self.0 = left;
        Ok(taken)
    }

    /// Seven bits of each byte, the lowest first, while the eighth is set.
    fn number(&mut self) -> Result<u64, &'static str> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err("a number in it is too large")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field of bytes.
    fn bytes(field: u8, content: &[u8]) -> Vec<u8> {
        let mut out = vec![field << 3 | 2, content.len() as u8];
        out.extend(content);
        out
    }

    fn piece(text: &str, score: f32, kind: Option<u8>) -> Vec<u8> {
        let mut content = bytes(1, text.as_bytes());
        content.push(2 << 3 | 5);
        content.extend(score.to_le_bytes());
        content.extend(kind.into_iter().flat_map(|kind| [3 << 3, kind]));
        bytes(1, &content)
    }

    #[test]
    fn pieces_scores_and_the_replaced_characters_are_read() {
        let mut file = piece("<unk>", 0.0, Some(2));
        file.extend(piece("▁a", -1.5, None));
        file.extend(bytes(2, &[3 << 3, 1]));
        file.extend(bytes(3, &bytes(2, &[7, 8])));
        // Of a later version.
        file.extend([9 << 3, 0xff, 0x01]);
        let wanted = SentencePiece {
            pieces: vec![("<unk>".to_owned(), 0.0), ("▁a".to_owned(), -1.5)],
            unknown: Some(0),
            characters: vec![7, 8],
        };
        assert_eq!(SentencePiece::parse(&file), Ok(wanted));
    }

    #[test]
    fn what_is_no_such_file_is_refused() {
        let whole = piece("▁a", -1.5, None);
        for bytes in [
            &whole[..whole.len() - 1],
            b"",
            b"{\"json\": 1}",
            &[
                0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            ],
        ] {
            assert!(SentencePiece::parse(bytes).is_err(), "{bytes:?}");
        }
        let mut pairs = whole.clone();
        pairs.extend(bytes(2, &[3 << 3, 2]));
        assert_eq!(SentencePiece::parse(&pairs), Err("it is no unigram model"));
    }
}
