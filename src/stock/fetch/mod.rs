//! Gets models from where they are published, whatever happens on the way.

mod check;
mod control;
mod curated;
mod download;
mod error;
mod hub_cache;
mod hugging_face;
mod pace;
mod plan;
#[cfg(test)]
mod server;
mod source;
#[cfg(test)]
mod tests;
mod token;

pub use control::{Control, Halt};
pub use curated::{CURATED, Curated};
pub use download::{Downloader, Fetched, Patience, Progress, Room, Wish};
pub use error::GetError;
pub use hugging_face::HuggingFace;
pub use plan::Plan;
pub use source::{ContentName, Listing, Opened, RemoteFile, RepoName, Source};
pub use token::Token;
