//! Files a model is made of: where they lie, how they are read, what can be wrong with them.
//!
//! Nothing in a file is ever executed: configurations are JSON, weights are safetensors or GGUF, and
//! the files torch writes are only described to us.

mod adapter;
mod asked;
mod blocks;
mod coded;
mod eight_bit;
mod embedded;
mod error;
mod extras;
mod facts;
mod files;
mod foreign;
mod gguf;
mod header;
mod inversion;
mod named_files;
mod other_use;
mod prompt_names;
mod shards;
mod tensors;
mod torch;
mod view;
mod wildcards;

pub use adapter::{Adapter, Adapters, ModelPart, Modules, Strengths};
pub use asked::Asked;
pub use embedded::EmbeddedFiles;
pub use error::{ModelError, in_brackets};
pub use extras::{CHECKPOINTS, Extras, QUICK_STYLES, WEIGHTS};
pub use facts::{FileFacts, TensorFacts};
pub use files::{FolderFiles, ModelFiles, parse_json};
pub use inversion::{Inversion, Inversions, Piece};
pub use named_files::{find_named, names_of, near_names, weights_below, weights_in};
pub use other_use::OtherUse;
pub use prompt_names::PromptNames;
pub use tensors::{Weights, write_tensors, write_tensors_about};
pub use view::{Seen, View};
pub use wildcards::WildcardFolder;
