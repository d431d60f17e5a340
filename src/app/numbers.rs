//! Numbers as people type them: also sums, products and brackets.

/// The value of what was typed, if it is a finite number.
pub(super) fn parse(text: &str) -> Option<f64> {
    let plain: String = text
        .chars()
        .map(|c| match c {
            '×' | '＊' => '*',
            '÷' => '/',
            '−' | '－' => '-',
            '＋' => '+',
            '，' | ',' | '。' => '.',
            '（' => '(',
            '）' => ')',
            '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
            other => other,
        })
        .collect();
    let plain = plain.trim();
    let value = plain
        .parse::<f64>()
        .ok()
        .or_else(|| exmex::eval_str::<f64>(plain).ok())?;
    value.is_finite().then_some(value)
}

/// A number with as many decimals as it needs, `decimals` at most.
pub(super) fn text(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_is_understood() {
        assert_eq!(parse("20"), Some(20.0));
        assert_eq!(parse(" 64*3 "), Some(192.0));
        assert_eq!(parse("(10+2)/4"), Some(3.0));
        assert_eq!(parse("64×2"), Some(128.0));
        assert_eq!(parse("4,5"), Some(4.5));
        assert_eq!(parse("１２８"), Some(128.0));
    }

    #[test]
    fn what_is_no_number_is_none() {
        assert_eq!(parse(""), None);
        assert_eq!(parse("many"), None);
        assert_eq!(parse("1/0"), None);
    }

    #[test]
    fn numbers_are_written_without_empty_decimals() {
        assert_eq!(text(4.5, 2), "4.5");
        assert_eq!(text(20.0, 2), "20");
        assert_eq!(text(100.0, 0), "100");
    }
}
