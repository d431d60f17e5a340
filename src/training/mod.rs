//! What models learn from.

pub mod scenes;
