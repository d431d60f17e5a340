//! Prompts that are composed, in A1111's syntax: `a cat :1.2 AND a dog :0.5`.

use std::sync::LazyLock;

use regex::Regex;

#[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
static AND: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bAND\b").expect("valid pattern"));

/// A text and the weight behind it.
#[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
static WEIGHED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)^(.*?)(?:\s*:\s*([-+]?(?:\d+\.?|\d*\.\d+)))?\s*$").expect("valid pattern")
});

/// The composed prompts and how much each counts; a prompt alone can have a weight too.
pub(super) fn branches(prompt: &str) -> Vec<(f64, &str)> {
    AND.split(prompt)
        .map(|branch| {
            let found = WEIGHED.captures(branch);
            let text = found.as_ref().and_then(|found| found.get(1));
            let weight = found.as_ref().and_then(|found| found.get(2));
            let weight = weight.and_then(|weight| weight.as_str().parse().ok());
            (
                weight.unwrap_or(1.0),
                text.map_or(branch, |text| text.as_str()),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_composed_with_their_weights() {
        assert_eq!(branches("a cat"), [(1.0, "a cat")]);
        assert_eq!(
            branches("a cat :1.2 AND a dog: -.5 "),
            [(1.2, "a cat"), (-0.5, " a dog")]
        );
        assert_eq!(branches("SAND AND\nsea"), [(1.0, "SAND"), (1.0, "\nsea")]);
        assert_eq!(branches("a cat:2"), [(2.0, "a cat")]);
        assert_eq!(branches("(a:1.2)"), [(1.0, "(a:1.2)")]);
        assert_eq!(branches("a AND"), [(1.0, "a"), (1.0, "")]);
    }
}
