//! Weights in `ComfyUI`'s syntax: round brackets alone. `(x)` counts 1.1 times as much as what is
//! around it, `(x:1.3)` as much as is said, wherever it stands.

use super::Piece;

const STRONGER: f64 = 1.1;
/// Brackets deeper than any prompt's are text.
const DEEPEST: usize = 100;
/// Stand for escaped brackets while the others are looked for.
const OPEN: &str = "\0\u{1}";
const CLOSE: &str = "\0\u{2}";

pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let hidden = text.replace("\\(", OPEN).replace("\\)", CLOSE);
    let mut found = Vec::new();
    weigh(&hidden, 1.0, 0, &mut found);
    if found.is_empty() {
        found.push(Piece::words("", 1.0));
    }
    found
}

fn weigh(text: &str, around: f64, depth: usize, found: &mut Vec<Piece>) {
    for part in outermost(text) {
        let inside = part
            .strip_prefix('(')
            .and_then(|part| part.strip_suffix(')'));
        match inside {
            Some(inside) if depth < DEEPEST => {
                let (inside, weight) = told(inside).unwrap_or((inside, around * STRONGER));
                weigh(inside, weight, depth + 1, found);
            }
            _ => {
                let text = part.replace(OPEN, "(").replace(CLOSE, ")");
                found.push(Piece::words(text, around));
            }
        }
    }
}

/// The weight behind the last colon, and what it is of.
fn told(inside: &str) -> Option<(&str, f64)> {
    let colon = inside.rfind(':').filter(|&colon| colon > 0)?;
    let weight: f64 = inside[colon + 1..].trim().parse().ok()?;
    weight.is_finite().then_some((&inside[..colon], weight))
}

/// A text cut before and behind its outermost brackets.
fn outermost(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    let mut level = 0_i64;
    for (at, sign) in text.char_indices() {
        match sign {
            '(' => {
                if level == 0 && at > from {
                    parts.push(&text[from..at]);
                    from = at;
                }
                level += 1;
            }
            ')' => {
                level -= 1;
                if level == 0 {
                    parts.push(&text[from..=at]);
                    from = at + 1;
                }
            }
            _ => {}
        }
    }
    if from < text.len() {
        parts.push(&text[from..]);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_weights(text: &str, expected: &[(&str, f64)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|&(text, weight)| Piece::words(text, weight))
            .collect();
        assert_eq!(pieces(text), expected, "{text}");
    }

    #[test]
    fn a_weight_that_is_told_holds_wherever_it_stands() {
        assert_weights("a (b) c", &[("a ", 1.0), ("b", 1.1), (" c", 1.0)]);
        assert_weights("((b:1.5))", &[("b", 1.5)]);
        assert_weights("(a (b:0.5) c:1.3)", &[("a ", 1.3), ("b", 0.5), (" c", 1.3)]);
        assert_weights("((b))", &[("b", 1.1 * 1.1)]);
    }

    #[test]
    fn square_brackets_and_breaks_are_text() {
        assert_weights("[a] BREAK b AND c", &[("[a] BREAK b AND c", 1.0)]);
    }

    #[test]
    fn escaped_and_unbalanced_brackets_are_text() {
        assert_weights(r"a \(b\) (c\):2)", &[("a (b) ", 1.0), ("c)", 2.0)]);
        assert_weights("(open", &[("(open", 1.0)]);
        assert_weights("(:1.2)", &[(":1.2", 1.1)]);
        assert_weights("", &[("", 1.0)]);
    }

    #[test]
    fn brackets_without_end_do_no_harm() {
        let text = format!("{}a{}", "(".repeat(50_000), ")".repeat(50_000));
        assert_eq!(pieces(&text).len(), 1);
    }
}
