//! Pictures to learn from: illustrated scenes drawn by lot, with what they show in words.

mod afterglow;
mod attributes;
mod backdrop;
mod brush;
mod caption;
mod combos;
mod company;
mod dataset;
mod ground;
mod held_out;
mod light;
mod lot;
mod mood;
mod paint;
mod scene;
mod shape;
mod sky;
mod style;
mod subjects;
mod tint;
mod usual;
mod weather;

use super::dice;

pub use attributes::{Attributes, Backdrop, Color, Place, Relation, Style, Subject, Time, Weather};
pub use caption::{Caption, Captions, captions};
pub use combos::{backdrop_weight, place_weight};
pub use company::Company;
pub use dataset::{DatasetError, DatasetRequest, Format, write_dataset};
pub use held_out::{HELD_OUT_SEED, is_withheld};
pub use paint::paint;
pub use scene::{Cloud, Figure, Orb, Scene, Sky};
