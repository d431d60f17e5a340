//! Weights in A1111's syntax: `(x)` counts 1.1 times, `[x]` 1/1.1, `(x:1.3)` as much as is said;
//! nested ones multiply, a backslash makes a bracket text, and what is not closed ends with the text.

use std::sync::LazyLock;

use regex::Regex;

use super::Piece;

const STRONGER: f64 = 1.1;

#[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
static BREAK: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\s*\bBREAK\b\s*").expect("valid pattern"));

/// `:1.3)`, which closes a round bracket.
#[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
static WEIGHT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^:\s*([+-]?[.\d]+)\s*\)").expect("valid pattern"));

pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut reader = Reader::default();
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        let taken = reader.take(sign, rest);
        rest = &rest[taken..];
    }
    reader.finish()
}

/// What has been read so far, and where brackets were opened that are not closed yet.
#[derive(Default)]
struct Reader {
    pieces: Vec<Piece>,
    round: Vec<usize>,
    square: Vec<usize>,
}

impl Reader {
    /// Reads what begins with `sign` and tells its bytes.
    fn take(&mut self, sign: char, rest: &str) -> usize {
        match sign {
            '\\' => return self.take_escaped(rest),
            '(' => self.round.push(self.pieces.len()),
            '[' => self.square.push(self.pieces.len()),
            ')' => self.close_round(STRONGER, ")"),
            ']' => match self.square.pop() {
                Some(from) => self.multiply(from, 1.0 / STRONGER),
                None => self.push("]"),
            },
            ':' => return self.take_colon(rest),
            _ => {
                let end = rest.find(['\\', '(', ')', '[', ']', ':']);
                let words = &rest[..end.unwrap_or(rest.len())];
                self.push_words(words);
                return words.len();
            }
        }
        sign.len_utf8()
    }

    /// A backslash before a bracket or another backslash makes that text; alone it is nothing.
    fn take_escaped(&mut self, rest: &str) -> usize {
        match rest[1..].chars().next() {
            Some(sign @ ('(' | ')' | '[' | ']' | '\\')) => {
                self.push(&sign.to_string());
                2
            }
            _ => 1,
        }
    }

    fn take_colon(&mut self, rest: &str) -> usize {
        let weighed = WEIGHT.captures(rest).and_then(|found| {
            let weight = found[1].parse::<f64>().ok()?;
            Some((weight, found[0].len()))
        });
        if let Some((weight, length)) = weighed {
            self.close_round(weight, &rest[..length]);
            length
        } else {
            self.push(":");
            1
        }
    }

    /// Closes a round bracket; where none is open the sign is text.
    fn close_round(&mut self, weight: f64, sign: &str) {
        match self.round.pop() {
            Some(from) => self.multiply(from, weight),
            None => self.push_words(sign),
        }
    }

    fn multiply(&mut self, from: usize, by: f64) {
        for piece in self.pieces.iter_mut().skip(from) {
            if let Piece::Words { weight, .. } = piece {
                *weight *= by;
            }
        }
    }

    fn push_words(&mut self, words: &str) {
        for (index, part) in BREAK.split(words).enumerate() {
            if index > 0 {
                self.pieces.push(Piece::Break);
            }
            self.push(part);
        }
    }

    fn push(&mut self, text: &str) {
        self.pieces.push(Piece::words(text, 1.0));
    }

    /// What is still open ends here; neighbours of one weight become one.
    fn finish(mut self) -> Vec<Piece> {
        for from in std::mem::take(&mut self.round) {
            self.multiply(from, STRONGER);
        }
        for from in std::mem::take(&mut self.square) {
            self.multiply(from, 1.0 / STRONGER);
        }
        let mut merged: Vec<Piece> = Vec::new();
        for piece in self.pieces {
            match (merged.last_mut(), piece) {
                (
                    Some(Piece::Words { text, weight }),
                    Piece::Words {
                        text: more,
                        weight: same,
                    },
                ) if *weight == same => text.push_str(&more),
                (_, piece) => merged.push(piece),
            }
        }
        if merged.is_empty() {
            merged.push(Piece::words("", 1.0));
        }
        merged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_weights(text: &str, expected: &[(&str, f64)]) {
        let found: Vec<_> = pieces(text)
            .into_iter()
            .map(|piece| match piece {
                Piece::Words { text, weight } => (text, (weight * 1e4).round() / 1e4),
                Piece::Break => ("BREAK".to_owned(), 0.0),
            })
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|&(text, weight)| (text.to_owned(), weight))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn brackets_weigh_what_is_between_them() {
        assert_weights("normal text", &[("normal text", 1.0)]);
        assert_weights(
            "an (important) word",
            &[("an ", 1.0), ("important", 1.1), (" word", 1.0)],
        );
        assert_weights(
            "(much:1.3) and [less]",
            &[("much", 1.3), (" and ", 1.0), ("less", 0.9091)],
        );
        assert_weights("(a: +.5 )", &[("a", 0.5)]);
        assert_weights("", &[("", 1.0)]);
    }

    #[test]
    fn nested_weights_multiply() {
        assert_weights("((house:1.3))", &[("house", 1.43)]);
        assert_weights("(((house:1.3)))", &[("house", 1.573)]);
        assert_weights(
            "(a [b] (c:2):0.5)",
            &[("a ", 0.5), ("b", 0.4545), (" ", 0.5), ("c", 1.0)],
        );
        assert_weights(
            "a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).",
            &[
                ("a ", 1.0),
                ("house", 1.573),
                (" ", 1.1),
                ("on", 1.0),
                (" a ", 1.1),
                ("hill", 0.55),
                (", sun, ", 1.1),
                ("sky", 1.4641),
                (".", 1.1),
            ],
        );
    }

    #[test]
    fn what_is_not_closed_or_not_open_is_understood() {
        assert_weights("(unnecessary)(parens)", &[("unnecessaryparens", 1.1)]);
        assert_weights("(unbalanced", &[("unbalanced", 1.1)]);
        assert_weights("[also", &[("also", 0.9091)]);
        assert_weights(
            "closed) and] again:1.2)",
            &[("closed) and] again:1.2)", 1.0)],
        );
        assert_weights("(a:1.2.3)", &[("a:1.2.3", 1.1)]);
    }

    #[test]
    fn a_backslash_makes_signs_text() {
        assert_weights(r"\(literal\] \\ \x", &[(r"(literal] \ x", 1.0)]);
        assert_weights(r"(a\)b:1.5)", &[("a)b", 1.5)]);
    }

    #[test]
    fn a_break_is_no_text_wherever_it_stands() {
        assert_weights("a BREAK b", &[("a", 1.0), ("BREAK", 0.0), ("b", 1.0)]);
        assert_weights("(a BREAK b:1.2)", &[("a", 1.2), ("BREAK", 0.0), ("b", 1.2)]);
        assert_weights("BREAKFAST", &[("BREAKFAST", 1.0)]);
    }

    #[test]
    fn what_asks_for_further_weights_stays_text() {
        assert_weights(
            "a <lora:ink:0.8>, (b)",
            &[("a <lora:ink:0.8>, ", 1.0), ("b", 1.1)],
        );
    }
}
