//! Prompts drawn by lot, in the syntax of sd-dynamic-prompts: `{a|b}`, weighted `{0.5::a|b}`, several
//! `{2$$a|b|c}`, `{1-2$$ and $$a|b}`, and `__name__`, a line of a file of wildcards.
//!
//! The same template, seed and files give the same text. Brackets without a choice stay text.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};
use thiserror::Error;

/// Files of wildcards within files of wildcards, and braces within braces.
const DEEPEST: usize = 32;
/// Choices one prompt may ask for; files that name each other in circles ask for no end of them.
const MOST_CHOICES: u32 = 10_000;
/// Bytes of what is drawn: lines of files, and what joins them, may be of any length.
const LONGEST: usize = 1 << 20;
/// What stands between several chosen ones.
const JOINER: &str = ", ";

/// Where wildcards come from.
pub trait Wildcards {
    /// The lines of a name, or of every name a pattern with `*` fits; `None` if there is none.
    fn options(&self, name: &str) -> Option<Vec<String>>;
}

/// Knows no name.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoWildcards;

impl Wildcards for NoWildcards {
    fn options(&self, _: &str) -> Option<Vec<String>> {
        None
    }
}

/// Why a text cannot be drawn.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WildcardProblem {
    #[error(
        "there are no wildcards \"{name}\": put {name}.txt, one choice a line, into the folder wildcards of the folder of models, or correct the name"
    )]
    Unknown { name: String },
    #[error("the wildcards \"{name}\" hold no choice: write one a line into {name}.txt")]
    Empty { name: String },
    #[error("the wildcards of this prompt name each other without end: take one of the names out")]
    Endless,
    #[error("what is drawn for this prompt becomes longer than a megabyte: ask for fewer choices")]
    TooLong,
}

/// Whether something of a prompt is drawn by lot.
pub fn is_dynamic(prompt: &str) -> bool {
    let parts = read(prompt, 0);
    parts.iter().any(|part| !matches!(part, Part::Text(_)))
}

/// The text of a template; each `stream` of a seed draws for itself.
pub(crate) fn expand(
    template: &str,
    (seed, stream): (u64, u64),
    wildcards: &dyn Wildcards,
) -> Result<String, WildcardProblem> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(stream);
    let mut lot = Lot {
        random,
        wildcards,
        choices: 0,
    };
    let mut text = String::new();
    lot.write(&read(template, 0), 0, &mut text)?;
    Ok(text)
}

/// A part of a template.
#[derive(Debug)]
enum Part {
    Text(String),
    Choice(Choice),
    Wildcard(String),
}

#[derive(Debug)]
struct Choice {
    least: usize,
    most: usize,
    joiner: String,
    options: Vec<Choosable>,
}

#[derive(Debug)]
struct Choosable {
    weight: f64,
    text: String,
}

struct Lot<'a> {
    random: ChaCha8Rng,
    wildcards: &'a dyn Wildcards,
    choices: u32,
}

impl Lot<'_> {
    fn write(
        &mut self,
        parts: &[Part],
        depth: usize,
        text: &mut String,
    ) -> Result<(), WildcardProblem> {
        for part in parts {
            match part {
                Part::Text(own) => text.push_str(own),
                Part::Choice(choice) => self.write_choice(choice, depth, text)?,
                Part::Wildcard(name) => {
                    let options = self.options(name)?;
                    let chosen = self.draw(&mut options.iter().collect());
                    self.write_chosen(chosen, depth, text)?;
                }
            }
        }
        Ok(())
    }

    fn write_choice(
        &mut self,
        choice: &Choice,
        depth: usize,
        text: &mut String,
    ) -> Result<(), WildcardProblem> {
        // Several of one name are several of its lines.
        let of_name = match choice.options.as_slice() {
            [only] => lone_wildcard(&only.text),
            _ => None,
        };
        let lines = of_name.map(|name| self.options(&name)).transpose()?;
        let mut left: Vec<_> = lines.as_ref().unwrap_or(&choice.options).iter().collect();
        let more = self.below((choice.most - choice.least).saturating_add(1));
        let count = choice.least.saturating_add(more);
        for index in 0..count.min(left.len()) {
            if index > 0 {
                text.push_str(&choice.joiner);
            }
            let chosen = self.draw(&mut left);
            self.write_chosen(chosen, depth, text)?;
        }
        Ok(())
    }

    fn write_chosen(
        &mut self,
        chosen: Option<&Choosable>,
        depth: usize,
        text: &mut String,
    ) -> Result<(), WildcardProblem> {
        self.choices += 1;
        if depth >= DEEPEST || self.choices > MOST_CHOICES {
            return Err(WildcardProblem::Endless);
        }
        if text.len() > LONGEST {
            return Err(WildcardProblem::TooLong);
        }
        match chosen {
            Some(chosen) => self.write(&read(&chosen.text, 0), depth + 1, text),
            None => Ok(()),
        }
    }

    fn options(&self, name: &str) -> Result<Vec<Choosable>, WildcardProblem> {
        let name = || name.to_owned();
        let Some(lines) = self.wildcards.options(&name()) else {
            return Err(WildcardProblem::Unknown { name: name() });
        };
        if lines.is_empty() {
            return Err(WildcardProblem::Empty { name: name() });
        }
        Ok(lines.iter().map(|line| Choosable::of(line)).collect())
    }

    /// Takes one out by lot, by their weights.
    fn draw<'c>(&mut self, left: &mut Vec<&'c Choosable>) -> Option<&'c Choosable> {
        let sum: f64 = left.iter().map(|option| option.weight).sum();
        let mut drawn = self.fraction() * sum;
        let chosen = left.iter().position(|option| {
            drawn -= option.weight;
            drawn < 0.0
        });
        // Where all weights are 0, or the last digits of the sum are lost.
        let place = chosen.or_else(|| left.len().checked_sub(1))?;
        Some(left.remove(place))
    }

    fn below(&mut self, count: usize) -> usize {
        ((self.fraction() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// From 0 up to 1, of 53 bits.
    fn fraction(&mut self) -> f64 {
        (self.random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl Choosable {
    /// `0.5::text`, or the text alone.
    fn of(option: &str) -> Self {
        let weighed = option.split_once("::").and_then(|(weight, text)| {
            let weight: f64 = weight.trim().parse().ok()?;
            (weight.is_finite() && weight >= 0.0).then_some((weight, text))
        });
        let (weight, text) = weighed.unwrap_or((1.0, option));
        Self {
            weight,
            text: text.to_owned(),
        }
    }
}

fn read(template: &str, depth: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some(sign) = rest.chars().next() {
        let special = match sign {
            '{' => choice(rest, depth),
            '_' => wildcard(rest),
            _ => None,
        };
        if let Some((part, length)) = special {
            parts.push(part);
            rest = &rest[length..];
            continue;
        }
        // A backslash keeps the brace behind it from being one.
        let length = match sign {
            '\\' if rest[1..].starts_with(['{', '}']) => 2,
            // Underscores too many for a name are no beginning of another.
            '_' => rest.len() - rest.trim_start_matches('_').len(),
            _ => sign.len_utf8(),
        };
        match parts.last_mut() {
            Some(Part::Text(text)) => text.push_str(&rest[..length]),
            _ => parts.push(Part::Text(rest[..length].to_owned())),
        }
        rest = &rest[length..];
    }
    parts
}

/// `__name__` and its length.
fn wildcard(rest: &str) -> Option<(Part, usize)> {
    let inside = rest.strip_prefix("__")?;
    let end = inside.find("__")?;
    let name = &inside[..end];
    let is_name = |letter: char| letter.is_alphanumeric() || "_-/*. ".contains(letter);
    let fits = !name.is_empty()
        && name.chars().all(is_name)
        && !name.starts_with([' ', '/', '_'])
        && !name.ends_with(' ')
        && !name.contains("..");
    fits.then(|| (Part::Wildcard(name.to_owned()), end + 4))
}

/// The name, where that is all there is.
fn lone_wildcard(text: &str) -> Option<String> {
    match wildcard(text.trim())? {
        (Part::Wildcard(name), length) if length == text.trim().len() => Some(name),
        _ => None,
    }
}

/// `{…}` and its length, where it holds a choice.
fn choice(rest: &str, depth: usize) -> Option<(Part, usize)> {
    if depth >= DEEPEST {
        return None;
    }
    let mut level = 0;
    let mut cuts = vec![1];
    let mut signs = rest.char_indices();
    let end = loop {
        match signs.next()? {
            (_, '\\') => drop(signs.next()),
            // Nobody could draw from it; and braces that are not closed would be looked through to the
            // end of the text, each of them.
            (_, '{') if level > DEEPEST => return None,
            (_, '{') => level += 1,
            (at, '}') => {
                level -= 1;
                if level == 0 {
                    break at;
                }
            }
            (at, '|') if level == 1 => cuts.push(at + 1),
            _ => {}
        }
    };
    let (head, least, most, joiner) = quantity(&rest[1..end]);
    if cuts.len() == 1 && head == 0 {
        return None;
    }
    cuts[0] += head;
    let ends = cuts[1..].iter().map(|cut| cut - 1).chain([end]);
    let options = cuts.iter().zip(ends);
    let options = options.map(|(&from, end)| Choosable::of(&rest[from..end]));
    let choice = Choice {
        least,
        most,
        joiner,
        options: options.collect(),
    };
    Some((Part::Choice(choice), end + 1))
}

/// What stands in front of the options: its length, how few, how many, and what joins them.
fn quantity(inside: &str) -> (usize, usize, usize, String) {
    let one = (0, 1, 1, JOINER.to_owned());
    let Some((count, behind)) = inside.split_once("$$") else {
        return one;
    };
    let number = |text: &str| text.trim().parse::<usize>().ok();
    let bounds = match count.split_once('-') {
        None => number(count).map(|count| (count, count)),
        Some((least, most)) if least.trim().is_empty() => number(most).map(|most| (0, most)),
        Some((least, most)) if most.trim().is_empty() => {
            number(least).map(|least| (least, usize::MAX / 2))
        }
        Some((least, most)) => number(least).zip(number(most)),
    };
    let Some((least, most)) = bounds.map(|(a, b)| (a.min(b), a.max(b))) else {
        return one;
    };
    let head = count.len() + 2;
    let first_option = behind.find(['{', '|']).unwrap_or(behind.len());
    match behind.find("$$").filter(|&at| at <= first_option) {
        Some(at) => (head + at + 2, least, most, behind[..at].to_owned()),
        None => (head, least, most, JOINER.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    struct Files(BTreeMap<&'static str, Vec<&'static str>>);

    impl Wildcards for Files {
        fn options(&self, name: &str) -> Option<Vec<String>> {
            let lines = self.0.get(name)?;
            Some(lines.iter().map(ToString::to_string).collect())
        }
    }

    fn files() -> Files {
        Files(BTreeMap::from([
            ("colour", vec!["red", "{dark|light} blue"]),
            ("thing", vec!["__colour__ boat"]),
            ("circle", vec!["__circle__"]),
            ("flood", vec!["__flood2__ __flood2__"]),
            ("flood2", vec!["__flood__ __flood__"]),
            ("nothing", vec![]),
        ]))
    }

    /// What many seeds make of a template.
    fn all(template: &str) -> BTreeSet<String> {
        (0..300)
            .map(|seed| expand(template, (seed, 0), &files()).unwrap())
            .collect()
    }

    #[track_caller]
    fn assert_all(template: &str, expected: &[&str]) {
        let expected = expected.iter().map(ToString::to_string).collect();
        assert_eq!(all(template), expected, "{template}");
    }

    #[test]
    fn one_of_several_is_drawn_and_choices_nest() {
        assert_all("a {red|blue} cat", &["a red cat", "a blue cat"]);
        assert_all("{a|{b|c} d|}", &["a", "b d", "c d", ""]);
    }

    #[test]
    fn several_are_drawn_each_once() {
        let pairs = ["a, b", "b, a", "a, c", "c, a", "b, c", "c, b"];
        assert_all("{2$$a|b|c}", &pairs);
        assert_all("{2$$ and $$a|b}", &["a and b", "b and a"]);
        assert_all("{1-2$$ + $$a|b}", &["a", "b", "a + b", "b + a"]);
        assert_all("{-1$$a|b}", &["", "a", "b"]);
        assert_all("{2-$$/$$a|b}", &["a/b", "b/a"]);
        assert_all("{9$$a|b}", &["a, b", "b, a"]);
    }

    #[test]
    fn wildcards_are_lines_of_files_that_hold_choices_and_wildcards() {
        let boats = ["red boat", "dark blue boat", "light blue boat"];
        assert_all("__thing__", &boats);
        assert_all(
            "{__colour__|x_y}",
            &["red", "dark blue", "light blue", "x_y"],
        );
        let pairs = [
            "red, dark blue",
            "red, light blue",
            "dark blue, red",
            "light blue, red",
        ];
        assert_all("{2$$__colour__}", &pairs);
    }

    #[test]
    fn numbers_no_prompt_needs_do_no_harm() {
        let most = usize::MAX;
        assert_all(&format!("{{0-{most}$$a}}"), &["a"]);
        assert_all(&format!("{{{most}$$a}}"), &["a"]);
        assert_all(&format!("{{{}-{most}$$ $$a|b}}", most - 1), &["a b", "b a"]);
    }

    #[test]
    fn texts_without_end_are_refused_or_read_at_once() {
        let options = vec!["a"; 300].join("|");
        let long = format!("{{300$${}$${options}}}", "x".repeat(5000));
        let drawn = expand(&long, (1, 0), &NoWildcards);
        assert_eq!(drawn, Err(WildcardProblem::TooLong));
        for text in ["{".repeat(200_000), "{a}{".repeat(50_000)] {
            assert_eq!(expand(&text, (1, 0), &NoWildcards), Ok(text));
        }
        let deep = format!("{}a|b{}", "{".repeat(100_000), "}".repeat(100_000));
        assert!(is_dynamic(&deep));
    }

    #[test]
    fn weights_say_how_often() {
        let often = |template| {
            let drawn = |seed| expand(template, (seed, 0), &NoWildcards).unwrap() == "a";
            (0..4000).filter(|&seed| drawn(seed)).count() as f64 / 4000.0
        };
        assert!((often("{a|b}") - 0.5).abs() < 0.03);
        assert!((often("{0.5::a|b}") - 1.0 / 3.0).abs() < 0.03);
        assert!((often("{3::a|b}") - 0.75).abs() < 0.03);
        assert_eq!(often("{0::a|b}"), 0.0);
    }

    #[test]
    fn a_seed_always_draws_the_same_and_streams_differ() {
        let template = "{1|2|3|4|5|6|7|8|9}{1|2|3|4|5|6|7|8|9}{1|2|3|4|5|6|7|8|9}";
        let drawn = |seed, stream| expand(template, (seed, stream), &NoWildcards).unwrap();
        assert_eq!(drawn(7, 0), drawn(7, 0));
        assert_eq!(drawn(7, 0), "274");
        assert_ne!(drawn(7, 0), drawn(7, 1));
        assert_ne!(drawn(7, 0), drawn(8, 0));
    }

    #[test]
    fn what_is_no_choice_stays_as_it_is() {
        for text in [
            "a {cat} [b|c]",
            "{a|b",
            "a|b}",
            r"\{a|b\}",
            "snake_case __",
            "____",
            "__ x __",
            "__a/../b__",
            "{[b:.5] c",
        ] {
            assert!(!is_dynamic(text), "{text}");
            assert_eq!(expand(text, (1, 0), &files()).unwrap(), text);
        }
        for text in ["{a|b}", "x __colour__", "{2$$a}", "{|}"] {
            assert!(is_dynamic(text), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_drawn_is_told() {
        let problem = |template| expand(template, (1, 0), &files()).unwrap_err();
        let name = "colours".to_owned();
        assert_eq!(problem("a __colours__"), WildcardProblem::Unknown { name });
        let name = "nothing".to_owned();
        assert_eq!(problem("__nothing__"), WildcardProblem::Empty { name });
        assert_eq!(problem("__circle__"), WildcardProblem::Endless);
        assert_eq!(problem("__flood__"), WildcardProblem::Endless);
    }

    #[test]
    fn braces_without_end_do_no_harm() {
        let text = format!("{}a|b{}", "{".repeat(3000), "}".repeat(3000));
        assert!(expand(&text, (1, 0), &NoWildcards).is_ok());
    }
}
