//! The token people have for repositories that are not for everybody.

use std::fmt;
use std::path::PathBuf;

use super::super::places::hub_home;

/// A token; nothing ever shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        (!text.is_empty() && plain).then(|| Self(text.to_owned()))
    }

    /// The one Hugging Face's programs would use, from the places they keep it in.
    pub fn of_this_user() -> Option<Self> {
        let variable = |name| std::env::var(name).ok();
        variable("HF_TOKEN")
            .or_else(|| variable("HUGGING_FACE_HUB_TOKEN"))
            .and_then(|text| Self::new(&text))
            .or_else(|| {
                let file = variable("HF_TOKEN_PATH").map(PathBuf::from);
                let file = file.unwrap_or_else(|| hub_home().join("token"));
                Self::new(&std::fs::read_to_string(file).ok()?)
            })
    }

    /// What a request says.
    pub(super) fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_shown() {
        let token = Token::new(" hf_secret\n").unwrap();
        assert!(!format!("{token:?}").contains("secret"));
        assert_eq!(token.header(), "Bearer hf_secret");
        assert_eq!(Token::new(" \n"), None);
        assert_eq!(Token::new("a\nX-Other: b"), None);
    }
}
