//! What of a prompt holds at which step, in A1111's syntax: `[from:to:when]`, `[to:when]`,
//! `[from::when]`, and `[a|b|c]`, which takes turns; nested as deep as people like.
//!
//! `when` is a step, or a part of all steps where it is written with a point. A bracket that is none
//! of these is text, and weighs (see [`super::attention`]). As in A1111, a text that cannot be read as
//! a whole, such as one with `|` outside of square brackets, has no schedule at all.

use std::sync::LazyLock;

use regex::Regex;

/// Brackets deeper than any prompt's are text.
const DEEPEST: usize = 100;
/// Turns that are told one by one: no run has as many steps, and a form may hold any number.
const MOST_TURNS: u32 = 1 << 14;

/// What ends `[a:b:` as a schedule.
#[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
static WHEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*\]").expect("valid pattern")
});

/// The texts of a prompt over `steps` steps: each with the step it ends with, as A1111 tells them.
pub(super) fn schedule(prompt: &str, steps: u32) -> Vec<(u32, String)> {
    let Some(parts) = read(prompt) else {
        return vec![(steps, prompt.to_owned())];
    };
    let mut ends = vec![steps];
    collect_ends(&parts, steps, &mut ends);
    ends.sort_unstable();
    ends.dedup();
    ends.into_iter()
        .map(|step| {
            let mut text = String::new();
            write_at(&parts, step, steps, &mut text);
            (step, text)
        })
        .collect()
}

/// A part of a prompt.
#[derive(Debug)]
enum Part {
    Text(String),
    Change {
        before: Vec<Self>,
        after: Vec<Self>,
        when: When,
    },
    Turns(Vec<Vec<Self>>),
}

#[derive(Clone, Copy, Debug)]
enum When {
    Step(f64),
    Fraction(f64),
}

impl When {
    /// The last step before the change; 0 and less if there is none.
    fn step(self, steps: u32) -> i64 {
        let step = match self {
            Self::Step(step) => step,
            Self::Fraction(fraction) => fraction * f64::from(steps),
        };
        (step as i64).min(steps.into())
    }
}

fn collect_ends(parts: &[Part], steps: u32, ends: &mut Vec<u32>) {
    for part in parts {
        match part {
            Part::Text(_) => {}
            Part::Change {
                before,
                after,
                when,
            } => {
                let step = u32::try_from(when.step(steps)).unwrap_or(0);
                ends.extend((step >= 1).then_some(step));
                collect_ends(before, steps, ends);
                collect_ends(after, steps, ends);
            }
            Part::Turns(turns) => {
                ends.extend(1..=steps.min(MOST_TURNS));
                for turn in turns {
                    collect_ends(turn, steps, ends);
                }
            }
        }
    }
}

fn write_at(parts: &[Part], step: u32, steps: u32, text: &mut String) {
    for part in parts {
        match part {
            Part::Text(own) => text.push_str(own),
            Part::Change {
                before,
                after,
                when,
            } => {
                let now = if i64::from(step) <= when.step(steps) {
                    before
                } else {
                    after
                };
                write_at(now, step, steps, text);
            }
            Part::Turns(turns) => {
                let turn = step.saturating_sub(1) as usize % turns.len();
                write_at(&turns[turn], step, steps, text);
            }
        }
    }
}

/// `None` where it cannot be read as a whole.
fn read(prompt: &str) -> Option<Vec<Part>> {
    if !escapes_letters(prompt) {
        return None;
    }
    let mut parts = Vec::new();
    let mut at = 0;
    while at < prompt.len() {
        if let Some((plain, end)) = plain(prompt, at) {
            push_text(&mut parts, plain);
            at = end;
        } else if let Some((group, end)) = group(prompt, at, 0) {
            parts.extend(group);
            at = end;
        } else if prompt[at..].starts_with('|') {
            return None;
        } else {
            push_text(&mut parts, &prompt[at..=at]);
            at += 1;
        }
    }
    Some(parts)
}

/// Whether every backslash has a letter behind it.
fn escapes_letters(prompt: &str) -> bool {
    let mut letters = prompt.chars();
    while let Some(letter) = letters.next() {
        if letter == '\\' && letters.next().is_none_or(|letter| letter == '\n') {
            return false;
        }
    }
    true
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        Some(Part::Text(last)) => last.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
}

/// Text up to the next sign, and where it ends; a backslash takes the letter behind it along.
fn plain(prompt: &str, from: usize) -> Option<(&str, usize)> {
    let mut letters = prompt[from..].char_indices();
    let mut end = prompt.len();
    while let Some((offset, letter)) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            '(' | ')' | '[' | ']' | ':' | '|' => {
                end = from + offset;
                break;
            }
            _ => {}
        }
    }
    (end > from).then(|| (&prompt[from..end], end))
}

/// What brackets hold up to a sign that ends it, and where that is.
fn inside(prompt: &str, from: usize, depth: usize) -> (Vec<Part>, usize) {
    let mut parts = Vec::new();
    let mut at = from;
    loop {
        if let Some((plain, end)) = plain(prompt, at) {
            push_text(&mut parts, plain);
            at = end;
        } else if let Some((group, end)) = group(prompt, at, depth) {
            parts.extend(group);
            at = end;
        } else {
            return (parts, at);
        }
    }
}

/// A bracket and what belongs to it, if it is closed and all within is understood, and where it ends.
fn group(prompt: &str, from: usize, depth: usize) -> Option<(Vec<Part>, usize)> {
    let open = prompt[from..].chars().next();
    let open = open.filter(|open| depth < DEEPEST && matches!(open, '(' | '['))?;
    let (first, mut at) = inside(prompt, from + 1, depth + 1);
    let mut held = vec![first];
    let separator = prompt[at..].chars().next();
    loop {
        let sign = prompt[at..].chars().next();
        match (open, sign) {
            ('[', Some(':')) if separator == sign && held.len() <= 2 => {
                if let Some(found) = WHEN.captures(&prompt[at + 1..]) {
                    let end = at + 1 + found[0].len();
                    return change(held, &found[1]).map(|change| (vec![change], end));
                }
            }
            ('[', Some('|')) if separator == sign => {}
            ('(', Some(':')) if held.len() == 1 => {}
            ('(', Some(')')) => return Some((bracketed('(', held, ')'), at + 1)),
            ('[', Some(']')) if held.len() == 1 => {
                return Some((bracketed('[', held, ']'), at + 1));
            }
            ('[', Some(']')) if separator == Some('|') => {
                return Some((vec![Part::Turns(held)], at + 1));
            }
            _ => return None,
        }
        let (next, end) = inside(prompt, at + 1, depth + 1);
        held.push(next);
        at = end;
    }
}

/// A change at `when` between the last two parts; without a first one, from nothing.
fn change(mut held: Vec<Vec<Part>>, when: &str) -> Option<Part> {
    let after = held.pop()?;
    let number = when.parse().ok()?;
    Some(Part::Change {
        before: held.pop().unwrap_or_default(),
        after,
        when: if when.contains('.') {
            When::Fraction(number)
        } else {
            When::Step(number)
        },
    })
}

/// Brackets that only weigh, with what is between them.
fn bracketed(open: char, held: Vec<Vec<Part>>, close: char) -> Vec<Part> {
    let mut parts = vec![Part::Text(open.to_string())];
    for (index, inside) in held.into_iter().enumerate() {
        if index > 0 {
            parts.push(Part::Text(":".to_owned()));
        }
        parts.extend(inside);
    }
    parts.push(Part::Text(close.to_string()));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_texts(prompt: &str, steps: u32, expected: &[(u32, &str)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|&(step, text)| (step, text.to_owned()))
            .collect();
        assert_eq!(schedule(prompt, steps), expected, "{prompt}");
    }

    #[test]
    fn a_text_changes_at_a_step_or_a_part_of_the_run() {
        assert_texts("test", 10, &[(10, "test")]);
        assert_texts("a [b:3]", 10, &[(3, "a "), (10, "a b")]);
        assert_texts("a [b: 3 ]", 10, &[(3, "a "), (10, "a b")]);
        assert_texts("a [b:.5] c", 10, &[(5, "a  c"), (10, "a b c")]);
        assert_texts("a [b::0.25]", 20, &[(5, "a b"), (20, "a ")]);
        assert_texts("a [b:c:10] d", 20, &[(10, "a b d"), (20, "a c d")]);
        assert_texts("a [b : c : 1] d", 10, &[(1, "a b  d"), (10, "a  c  d")]);
        assert_texts("a [b:c:30]", 20, &[(20, "a b")]);
        assert_texts("a [b:c:0]", 20, &[(20, "a c")]);
        assert_texts("a [b:c:-2]", 20, &[(20, "a c")]);
        assert_texts("a [b:1.5]", 10, &[(10, "a ")]);
    }

    #[test]
    fn changes_hold_weights_and_other_changes() {
        assert_texts("a [[[b]]:2]", 10, &[(2, "a "), (10, "a [[b]]")]);
        assert_texts("[(a:2):3]", 10, &[(3, ""), (10, "(a:2)")]);
        assert_texts(
            "a[b:[c:d:2]:1]e",
            10,
            &[(1, "abe"), (2, "ace"), (10, "ade")],
        );
        assert_texts("[[a]:b:0.5]", 20, &[(10, "[a]"), (20, "b")]);
        assert_texts(
            "[(a [b:c:2]:1.2)::4]",
            6,
            &[(2, "(a b:1.2)"), (4, "(a c:1.2)"), (6, "")],
        );
    }

    #[test]
    fn texts_take_turns() {
        let both = [(1, "a"), (2, "(b:1.1)"), (3, "a"), (4, "(b:1.1)")];
        assert_texts("[a|(b:1.1)]", 4, &both);
        let empty = [(1, "female"), (2, "male"), (3, "female")];
        assert_texts("[fe|]male", 3, &empty);
        let longer = [
            (1, "female"),
            (2, "male"),
            (3, "male"),
            (4, "male"),
            (5, "female"),
        ];
        assert_texts("[fe|||]male", 5, &longer);
        assert_texts("[[a|b]:c:2]", 4, &[(1, "a"), (2, "b"), (3, "c"), (4, "c")]);
    }

    #[test]
    fn what_is_no_schedule_is_text() {
        for text in [
            "a [unbalanced",
            "a [b:c] d",
            "a [b:c:d:3]",
            "a (b:1.2) [c]",
            "a | b [c:d:3]",
            "(a|b) [c:d:3]",
            "[a|b:3]",
            "a [b:3] \\",
            r"\[a:b:3\]",
            "<lora:ink:0.8>",
            "",
        ] {
            assert_texts(text, 10, &[(10, text)]);
        }
        assert_texts(
            "((a][:b:c [d:3]",
            10,
            &[(3, "((a][:b:c "), (10, "((a][:b:c d")],
        );
        assert_texts(r"[a\:b:c:3]", 10, &[(3, r"a\:b"), (10, "c")]);
    }

    #[test]
    fn brackets_without_end_do_no_harm() {
        let text = "[".repeat(20_000);
        assert_texts(&text, 10, &[(10, &text)]);
    }

    #[test]
    fn more_steps_than_any_run_has_take_no_more_room() {
        let texts = schedule("[a|b]", u32::MAX);
        assert_eq!(texts.len(), MOST_TURNS as usize + 1);
        assert_eq!(texts[1], (2, "b".to_owned()));
        assert_eq!(texts.last().unwrap().0, u32::MAX);
    }
}
