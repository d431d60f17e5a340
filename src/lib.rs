//! Afterimage: a native desktop studio for making pictures with diffusion models.
//!
//! The modules below are floors, listed from the ground up. A module imports only from modules on
//! lower floors, never from a neighbour; `tests/it/architecture.rs` holds the house to that.

/// Large blocks of networks come from an arena.
#[global_allocator]
static MEMORY: kernels::Memory = kernels::Memory;

// Floor 0: plain descriptions, and loops over slices.
pub mod kernels;
pub mod recipe;

// Floor 1: pictures.
pub mod raster;

// Floor 2: layers, files, schedules, pictures on disk.
pub mod gpu;
pub mod library;
pub mod nn;
pub mod samplers;
pub mod weights;

// Floor 3: networks, and the models people have.
pub mod models;
pub mod stock;

// Floor 4: verbs, and what models learn from.
pub mod pipelines;
pub mod training;

// Floor 5: the background engine.
pub mod engine;

// Floor 6: what people touch.
pub mod app;
pub mod cli;
