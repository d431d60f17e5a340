//! Why a model does not come, each with its cure.

use thiserror::Error;

use crate::library::FileError;

/// Why a model does not come.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GetError {
    #[error(
        "\"{name}\" is no repository of models: write it as ORG/NAME, as its page on Hugging Face is called"
    )]
    BadName { name: String },
    #[error("there is no repository {repo}, or it is private: look for its name on {endpoint}")]
    NoRepository { repo: String, endpoint: String },
    #[error("{repo} has no revision {revision}: leave it out, or give a branch, a tag or a commit")]
    NoRevision { repo: String, revision: String },
    #[error(
        "{repo} is given only to people who have accepted its licence: accept it on {endpoint}/{repo}, \
         then make a token known by `huggingface-cli login` or in HF_TOKEN"
    )]
    NeedsToken { repo: String, endpoint: String },
    #[error(
        "{repo} is not given to the owner of this token: accept its licence on {endpoint}/{repo}, or use \
         a token that may read it"
    )]
    NotAllowed { repo: String, endpoint: String },
    #[error("{repo} holds no weights this program could use")]
    NoWeights { repo: String },
    #[error("{repo} has no file {file}: it has {there}")]
    NoFile {
        repo: String,
        file: String,
        there: String,
    },
    #[error("{repo} holds several models: say which file you want, of {there}")]
    Several { repo: String, there: String },
    /// Another try may go better.
    #[error(
        "the connection to {host} fails ({reason}): what has come is kept, go on when it is back"
    )]
    Line { host: String, reason: String },
    #[error(
        "{host} answers with what cannot be used ({reason}): try later, or another HF_ENDPOINT"
    )]
    Answer { host: String, reason: String },
    #[error(
        "{file} came twice with wrong bytes and was thrown away: try later, or tell the repository's owner"
    )]
    WrongBytes { file: String },
    #[error(transparent)]
    File(#[from] FileError),
}
