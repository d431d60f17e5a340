//! What models learn from, and how small ones are taught.

mod dice;
mod parameters;
pub mod preview;
pub mod quick_style;
pub mod reading;
pub mod scenes;
