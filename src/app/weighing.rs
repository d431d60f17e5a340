//! Weights written into a prompt by key, as A1111 writes them.

use std::ops::Range;

/// What `(x)` counts.
const BRACKETS: f64 = 1.1;

/// The text with what is marked, or else the bracket or the word at the cursor, weighed by so much
/// more, and what is marked then; `None` where there is nothing to weigh. Places are counted in letters.
pub(super) fn weigh(text: &str, marked: Range<usize>, by: f64) -> Option<(String, Range<usize>)> {
    let letters: Vec<char> = text.chars().collect();
    let marked = marked.start.min(letters.len())..marked.end.min(letters.len());
    let inside = if marked.is_empty() {
        bracket_around(&letters, marked.start).or_else(|| word_at(&letters, marked.start))?
    } else {
        trimmed(&letters, marked)?
    };
    let (outside, weight) = weight_of(&letters, &inside).unwrap_or_else(|| (inside.clone(), 1.0));
    let weight = ((weight + by) * 100.0).round() / 100.0;
    let own: String = letters[inside.clone()].iter().collect();
    let (written, offset) = if weight == 1.0 {
        (own, 0)
    } else {
        (format!("({own}:{weight})"), 1)
    };
    let before: String = letters[..outside.start].iter().collect();
    let after: String = letters[outside.end..].iter().collect();
    let from = outside.start + offset;
    Some((
        format!("{before}{written}{after}"),
        from..from + inside.len(),
    ))
}

/// Where the brackets around a text are and what it weighs, if there are any.
fn weight_of(letters: &[char], inside: &Range<usize>) -> Option<(Range<usize>, f64)> {
    let open = inside.start.checked_sub(1)?;
    if letters[open] != '(' || is_escaped(letters, open) {
        return None;
    }
    let close = inside.end + letters[inside.end..].iter().position(|&sign| sign == ')')?;
    let between: String = letters[inside.end..close].iter().collect();
    let weight = match between.strip_prefix(':') {
        Some(number) => number.trim().parse().ok()?,
        None if between.is_empty() => BRACKETS,
        None => return None,
    };
    Some((open..close + 1, weight))
}

/// What stands in the innermost round brackets around a place, without its weight.
fn bracket_around(letters: &[char], at: usize) -> Option<Range<usize>> {
    let level = |sign: char| i32::from(sign == '(') - i32::from(sign == ')');
    let signs = |from: usize, to: usize| {
        (from..to)
            .filter(|&at| !is_escaped(letters, at))
            .map(|at| (at, level(letters[at])))
    };
    let mut depth = 0;
    let open = signs(0, at).rev().find(|(_, level)| {
        depth += level;
        depth == 1
    });
    depth = 0;
    let close = signs(at, letters.len()).find(|(_, level)| {
        depth += level;
        depth == -1
    });
    let ((open, _), (close, _)) = open.zip(close)?;
    let colon = (open + 1..close).rev().find(|&at| letters[at] == ':');
    let number = |colon: &usize| {
        let number: String = letters[colon + 1..close].iter().collect();
        number.trim().parse::<f64>().is_ok()
    };
    let end = colon.filter(number).unwrap_or(close);
    (open + 1 < end).then_some(open + 1..end)
}

fn word_at(letters: &[char], at: usize) -> Option<Range<usize>> {
    let parts = |letter: &char| letter.is_whitespace() || ",.;:|()[]{}<>\\/\"".contains(*letter);
    let before = letters[..at].iter().rev().take_while(|own| !parts(own));
    let after = letters[at..].iter().take_while(|own| !parts(own));
    let word = at - before.count()..at + after.count();
    (!word.is_empty()).then_some(word)
}

/// Without white space at its ends.
fn trimmed(letters: &[char], marked: Range<usize>) -> Option<Range<usize>> {
    let is_ink = |at: &usize| !letters[*at].is_whitespace();
    let from = marked.clone().find(is_ink)?;
    let to = marked.rev().find(is_ink)?;
    Some(from..to + 1)
}

fn is_escaped(letters: &[char], at: usize) -> bool {
    let backslashes = letters[..at].iter().rev().take_while(|&&sign| sign == '\\');
    backslashes.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Marks are `‹` and `›`; a cursor is both.
    #[track_caller]
    fn assert_weighed(text: &str, by: f64, expected: &str) {
        let from = text.chars().position(|sign| sign == '‹').unwrap();
        let to = text.chars().position(|sign| sign == '›').unwrap() - 1;
        let plain = text.replace(['‹', '›'], "");
        let (weighed, marked) = weigh(&plain, from..to, by).unwrap();
        let mut told: Vec<char> = weighed.chars().collect();
        told.insert(marked.end, '›');
        told.insert(marked.start, '‹');
        assert_eq!(told.into_iter().collect::<String>(), expected);
    }

    #[test]
    fn a_word_and_what_is_marked_are_weighed() {
        assert_weighed("a re‹›d cat", 0.1, "a (‹red›:1.1) cat");
        assert_weighed("a ‹red cat ›there", -0.1, "a (‹red cat›:0.9) there");
        assert_weighed("日‹›落", 0.1, "(‹日落›:1.1)");
    }

    #[test]
    fn a_weight_that_is_there_changes_and_goes_at_one() {
        assert_weighed("a (‹red›:1.1) cat", 0.1, "a (‹red›:1.2) cat");
        assert_weighed("a (red‹› cat:0.9)", 0.1, "a ‹red cat›");
        assert_weighed("(‹red›)", 0.1, "(‹red›:1.2)");
        assert_weighed("((a:2) b‹›:1.3)", 0.1, "(‹(a:2) b›:1.4)");
        assert_weighed(r"\(a‹›\)", 0.1, r"\((‹a›:1.1)\)");
    }

    #[test]
    fn where_nothing_stands_nothing_is_weighed() {
        assert_eq!(weigh("a , b", 2..2, 0.1), None);
        assert_eq!(weigh("a   b", 1..3, 0.1), None);
        assert_eq!(weigh("", 0..0, 0.1), None);
    }
}
