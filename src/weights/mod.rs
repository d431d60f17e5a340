//! Files a model is made of: where they lie, how they are read, what can be wrong with them.
//!
//! Nothing in a file is ever executed: configurations are JSON, weights are safetensors, and the
//! files torch writes are only described to us.

mod asked;
mod embedded;
mod error;
mod extras;
mod facts;
mod files;
mod header;
mod tensors;
mod torch;

pub use asked::Asked;
pub use embedded::EmbeddedFiles;
pub use error::ModelError;
pub use extras::{Extras, QUICK_STYLES, WEIGHTS};
pub use facts::{FileFacts, TensorFacts};
pub use files::{FolderFiles, ModelFiles, parse_json};
pub use tensors::{Weights, write_tensors, write_tensors_about};
