//! What a prompt says beside its words: weights, what holds at which step, what is drawn by lot.
//!
//! The way from the text people type to what the text encoder is told: [`expand`] draws what is left
//! to chance, [`PromptPlan`] tells the texts of every step, [`pieces`] the weights of one text.

mod absolute;
mod attention;
mod branches;
mod dynamic;
mod emphasis;
mod plan;
mod schedule;

pub(super) use dynamic::expand;
pub use dynamic::{NoWildcards, WildcardProblem, Wildcards, is_dynamic};
pub use emphasis::{Emphasis, Piece, pieces};
pub use plan::{Branch, PromptPlan, TimedText};
