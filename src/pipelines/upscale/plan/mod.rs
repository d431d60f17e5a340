//! What making a picture larger will take, known before it begins.

use thiserror::Error;

use super::Enlarger;
use super::finish::ROWS_AT_ONCE;
use super::passes::network_calls;
use crate::models::UpscalerLayout;
use crate::raster::{Extent, Format, Kind, RowScaler, Unfit};
use crate::recipe::{Enlargement, Input};

/// Sides of tiles that are looked through, where people leave the choice: larger ones save little of
/// the work, and less is seen of it meanwhile.
const MOST_TILE: u32 = 384;
const LEAST_TILE: u32 = 32;
/// Rows of a band where no network works.
const BAND: u32 = 64;
/// Pixels a side of the largest picture anything here can count.
const LONGEST: u32 = i32::MAX as u32;
/// The program itself, and what its threads keep for their own work.
const PROGRAM: u64 = 160 << 20;
/// Blocks of different sizes leave gaps in an arena.
const GAPS: u64 = 4;
/// Rows that are given at once, at most, as bytes.
const GIVEN_AT_ONCE: u64 = 8 << 20;

/// How a picture is cut into parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// Side of a part, in pixels; 0: the picture as a whole; `None`: as large as the memory allows.
    pub tile: Option<u32>,
    /// Pixels around a part that the network is shown too.
    pub pad: u32,
    /// Pixels the picture is extended by to the right and downward, by its reflection.
    pub pre_pad: u32,
    /// Parts are blended over half of what they were shown too, on each side of their edges; else cut
    /// hard there.
    pub feather: bool,
}

impl Default for Tiling {
    /// As Real-ESRGAN's authors cut pictures, but for the size of the parts.
    fn default() -> Self {
        Self {
            tile: None,
            pad: 10,
            pre_pad: 10,
            feather: false,
        }
    }
}

/// How large the result is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// As the network makes it; four times without one.
    Own,
    /// Of both sides.
    Factor(f64),
    Size(Extent),
    /// Of the longer side, in pixels; the shape stays.
    LongerSide(u32),
}

/// Without a network that says otherwise.
const USUAL_FACTOR: u32 = 4;

/// What makes the picture larger.
#[derive(Clone, Copy, Debug)]
pub enum Way<'a> {
    Lanczos,
    Network {
        layout: &'a UpscalerLayout,
        /// Of its weights, read.
        bytes: u64,
    },
}

/// What is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Goal<'a> {
    pub from: Extent,
    /// Channels of the picture's samples, and whether they have 16 bits.
    pub samples: (Kind, bool),
    /// Nothing can be seen through it, as far as that is known.
    pub is_opaque: bool,
    pub way: Way<'a>,
    pub target: Target,
    pub tiling: Tiling,
    /// Bytes that may be used.
    pub memory: u64,
    /// Bytes that whoever asks holds of it all the while.
    pub held: u64,
    pub format: &'static Format,
}

/// How a picture will be made larger, and what that takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Of [`super::ENLARGERS`].
    pub method: &'static str,
    pub from: Extent,
    /// What the network makes.
    pub made: Extent,
    /// What is written: resampled from what is made, where that has another size.
    pub to: Extent,
    /// Sides of a part, in pixels of the picture.
    pub tile: Extent,
    pub pad: u32,
    pub pre_pad: u32,
    pub feather: bool,
    /// Parts side by side, and one below the other.
    pub columns: u32,
    pub rows: u32,
    /// How often the network is called for each part.
    pub calls: u32,
    /// Pixels around it that a pixel is made from; `None` where there is no end to them.
    pub receptive_field: Option<u32>,
    /// Memory at the fullest moment, predicted.
    pub bytes: u64,
    /// Of those, what computing a part takes.
    pub part_bytes: u64,
    /// The most the file can take.
    pub file_bytes: u64,
}

/// Why nothing can be planned.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum PlanError {
    #[error(transparent)]
    Unfit(#[from] Unfit),
    #[error(
        "{from} cannot become {factor} times as large: give a factor above 0 that leaves at least a pixel and at most {LONGEST} a side"
    )]
    Factor { from: Extent, factor: f64 },
    #[error(
        "even with parts of {tile} pixels {needed} are needed, and {allowed} are allowed: allow more memory, or choose a smaller picture or scale",
        needed = Amount(*needed), allowed = Amount(*allowed)
    )]
    Memory {
        tile: u32,
        needed: u64,
        allowed: u64,
    },
    #[error(
        "{parts} need {needed}, and {allowed} are allowed: {cure}, or allow more memory",
        parts = Parts(*tile), needed = Amount(*needed), allowed = Amount(*allowed), cure = Cure(*fitting)
    )]
    Tile {
        /// 0: the picture as a whole.
        tile: u32,
        needed: u64,
        allowed: u64,
        /// The largest that would fit.
        fitting: u32,
    },
    #[error("parts of {tile} pixels cannot be blended over {pad} on each side: take parts of at least {least}, or a smaller overlap", least = pad)]
    Feather { tile: u32, pad: u32 },
    #[error(
        "the network takes pictures of {channels} channels, which is neither gray nor colour: choose another network"
    )]
    Channels { channels: usize },
}

/// Bytes as people read them.
struct Amount(u64);

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} MiB", self.0.div_ceil(1 << 20))
    }
}

struct Parts(u32);

impl std::fmt::Display for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            0 => f.write_str("the picture as a whole would"),
            tile => write!(f, "parts of {tile} pixels"),
        }
    }
}

struct Cure(u32);

impl std::fmt::Display for Cure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "take parts of at most {} pixels", self.0)
    }
}

impl Plan {
    /// Alpha that hides nothing is left out where the kind of file holds none.
    pub fn of(goal: &Goal<'_>) -> Result<Self, PlanError> {
        let mut goal = *goal;
        if goal.is_opaque && !goal.format.alpha {
            goal.samples.0.alpha = false;
        }
        let goal = &goal;
        let own = match goal.way {
            Way::Lanczos => USUAL_FACTOR,
            Way::Network { layout, .. } => layout.scale() as u32,
        };
        let to = goal.size(own)?;
        goal.format.check(to, goal.samples)?;
        match goal.way {
            Way::Lanczos => goal.without_network(to),
            Way::Network { layout, bytes } => goal.with_network(to, layout, bytes),
        }
    }

    /// What a recipe says of it, for a picture of this content.
    pub fn enlargement(&self, sha256: String) -> Enlargement {
        Enlargement {
            image: Input { sha256 },
            method: self.method.to_owned(),
            scale: f64::from(self.to.width) / f64::from(self.from.width),
            tile: self.tile.width.max(self.tile.height),
            tile_pad: self.pad,
            pre_pad: self.pre_pad,
            feather: self.feather,
        }
    }

    pub(super) fn enlarger(&self) -> &'static Enlarger {
        // Plans are made here, by names that are there; a test looks.
        Enlarger::by_id(self.method).unwrap_or(&super::ENLARGERS[0])
    }

    pub const fn parts(&self) -> u32 {
        self.columns * self.rows
    }

    /// Pixels beyond a part's edges over which it is blended with the next one.
    pub(super) const fn reach(&self) -> u32 {
        reach(self.pad, self.feather)
    }

    /// Whether parts come out like those of the whole picture: also where they reach farthest they are
    /// shown all that counts.
    pub fn is_seamless(&self) -> bool {
        let shown = self.pad - self.reach();
        self.parts() == 1 || self.receptive_field.is_some_and(|field| shown >= field)
    }

    /// Pixels that are computed for one of the picture: what parts are shown too counts again, and so
    /// does a pixel whose channels are computed apart.
    pub fn overhead(&self) -> f64 {
        let shown = |tile: u32| f64::from(tile + 2 * self.pad) / f64::from(tile.max(1));
        let calls = f64::from(self.calls);
        if self.parts() == 1 {
            return calls;
        }
        calls * shown(self.tile.width) * shown(self.tile.height)
    }
}

/// Half of what parts are shown of each other, where they are blended.
const fn reach(pad: u32, feather: bool) -> u32 {
    if feather { pad / 2 } else { 0 }
}

/// Bytes of those allowed that may be used to look at a result: the program stays, and so does what is
/// held meanwhile.
pub const fn room_for_result(memory: u64, held: u64) -> u64 {
    memory.saturating_sub(PROGRAM).saturating_sub(held)
}

impl Goal<'_> {
    fn size(&self, own: u32) -> Result<Extent, PlanError> {
        let factor = match self.target {
            Target::Own => f64::from(own),
            Target::Factor(factor) => factor,
            Target::Size(extent) if extent.width > 0 && extent.height > 0 => return Ok(extent),
            Target::LongerSide(side) if side > 0 => return Ok(self.from.with_longer_side(side)),
            Target::Size(_) | Target::LongerSide(_) => 0.0,
        };
        let refused = PlanError::Factor {
            from: self.from,
            factor,
        };
        let side = |side: u32| {
            let scaled = (f64::from(side) * factor).round();
            (1.0..=f64::from(LONGEST))
                .contains(&scaled)
                .then_some(scaled as u32)
        };
        match (side(self.from.width), side(self.from.height)) {
            (Some(width), Some(height)) => Ok(Extent::new(width, height)),
            _ => Err(refused),
        }
    }

    /// Bytes a sample takes.
    const fn depth(&self) -> u64 {
        if self.samples.1 { 2 } else { 1 }
    }

    const fn channels(&self) -> usize {
        self.samples.0.channels()
    }

    /// What is held whatever the parts: of rows of some width, so many at once.
    fn beside_parts(&self, made: Extent, to: Extent, rows: u32) -> u64 {
        let channels = self.channels() as u64;
        let picture = area(self.from) * channels * self.depth();
        let row = u64::from(made.width) * channels * size_of::<f32>() as u64;
        let scaler = if made == to {
            0
        } else {
            RowScaler::bytes(made, to, self.channels(), ROWS_AT_ONCE)
        };
        let result = if self.format.streams {
            GIVEN_AT_ONCE.max(2 * u64::from(to.width) * channels * self.depth())
        } else {
            // Its samples, and the file they become.
            (2 * channels)
                .saturating_add(self.format.encoding)
                .saturating_mul(area(to))
        };
        [
            PROGRAM,
            self.held,
            picture,
            scaler,
            // Where parts are added to them, and on their way out.
            2 * row * u64::from(rows),
            result,
        ]
        .into_iter()
        .fold(0, u64::saturating_add)
    }

    /// The most a file of the result can take.
    fn file_bytes(&self, to: Extent) -> u64 {
        let row = (u64::from(to.width) * self.channels() as u64 * self.depth()).saturating_add(1);
        // What cannot be packed grows by less than a thousandth; texts and profiles come on top.
        let pixels = row.saturating_mul(u64::from(to.height));
        pixels.saturating_add(pixels / 1000).saturating_add(4 << 20)
    }

    fn without_network(&self, to: Extent) -> Result<Plan, PlanError> {
        let band = BAND.min(self.from.height);
        let bytes = self.beside_parts(self.from, to, band);
        if bytes > self.memory {
            return Err(PlanError::Memory {
                tile: band,
                needed: bytes,
                allowed: self.memory,
            });
        }
        Ok(Plan {
            method: "lanczos",
            from: self.from,
            made: self.from,
            to,
            tile: Extent::new(self.from.width, band),
            pad: 0,
            pre_pad: 0,
            feather: false,
            columns: 1,
            rows: self.from.height.div_ceil(band),
            calls: 1,
            receptive_field: Some(0),
            bytes,
            part_bytes: 0,
            file_bytes: self.file_bytes(to),
        })
    }

    fn with_network(
        &self,
        to: Extent,
        layout: &UpscalerLayout,
        weights: u64,
    ) -> Result<Plan, PlanError> {
        let channels = layout.channels();
        let calls = network_calls((self.samples.0, self.is_opaque), channels)
            .ok_or(PlanError::Channels { channels })?;
        let scale = layout.scale() as u32;
        let made = |side: u32| side.saturating_mul(scale);
        let made = Extent::new(made(self.from.width), made(self.from.height));
        let multiple = multiple(layout) as u32;
        let pad = self.tiling.pad.next_multiple_of(multiple);
        let longest = self.from.width.max(self.from.height);
        // The picture as the network sees it, in one part.
        let whole = (longest + self.tiling.pre_pad).next_multiple_of(multiple);
        let need = |tile: u32| {
            let tile = Extent::new(tile, tile).within(self.from, self.tiling.pre_pad, multiple);
            let shown = |tile: u32, side: u32| {
                let most = (side + self.tiling.pre_pad).next_multiple_of(multiple);
                (tile + 2 * pad).min(most) as usize
            };
            let shown = (
                shown(tile.height, self.from.height),
                shown(tile.width, self.from.width),
            );
            let part = layout.call_bytes(shown) / GAPS * (GAPS + 1);
            let blended = 2 * reach(pad, self.tiling.feather);
            let rows = tile
                .height
                .saturating_add(blended)
                .saturating_mul(scale)
                .min(made.height);
            let beside = self.beside_parts(made, to, rows);
            (beside.saturating_add(weights).saturating_add(part), part)
        };
        let least = (2 * reach(pad, self.tiling.feather)).max(LEAST_TILE);
        let least = least.next_multiple_of(multiple).min(whole);
        let fits = |tile: &u32| need(*tile).0 <= self.memory;
        let sides = |most: u32| {
            let step = LEAST_TILE.next_multiple_of(multiple);
            let steps = (1..)
                .map(move |count| count * step)
                .take_while(move |tile| *tile < most);
            std::iter::once(most).chain(steps.collect::<Vec<_>>().into_iter().rev())
        };
        let largest = || {
            let most = whole.min(MOST_TILE.next_multiple_of(multiple));
            sides(most).filter(|tile| *tile >= least).find(fits)
        };
        let tile = match self.tiling.tile {
            None => largest().ok_or_else(|| PlanError::Memory {
                tile: least,
                needed: need(least).0,
                allowed: self.memory,
            })?,
            Some(asked) => {
                let tile = match asked {
                    0 => whole,
                    asked => asked.min(whole).next_multiple_of(multiple).min(whole),
                };
                if !fits(&tile) {
                    let (needed, allowed) = (need(tile).0, self.memory);
                    return Err(match largest() {
                        Some(fitting) => PlanError::Tile {
                            tile: asked,
                            needed,
                            allowed,
                            fitting,
                        },
                        None => PlanError::Memory {
                            tile: least,
                            needed: need(least).0,
                            allowed,
                        },
                    });
                }
                tile
            }
        };
        let (bytes, part_bytes) = need(tile);
        let sides = Extent::new(tile, tile).within(self.from, self.tiling.pre_pad, multiple);
        let columns = self.from.width.div_ceil(sides.width);
        let rows = self.from.height.div_ceil(sides.height);
        let faded = 2 * reach(pad, self.tiling.feather);
        let is_cut = columns > 1 && sides.width < faded || rows > 1 && sides.height < faded;
        if self.tiling.feather && is_cut {
            return Err(PlanError::Feather { tile, pad });
        }
        Ok(Plan {
            method: "network",
            from: self.from,
            made,
            to,
            tile: sides,
            pad,
            pre_pad: self.tiling.pre_pad,
            feather: self.tiling.feather,
            columns,
            rows,
            calls,
            receptive_field: layout.receptive_field().map(|field| field as u32),
            bytes,
            part_bytes,
            file_bytes: self.file_bytes(to),
        })
    }
}

impl Extent {
    /// No larger than a picture with what it is extended by.
    fn within(self, from: Self, pre_pad: u32, multiple: u32) -> Self {
        let most = |side: u32| (side + pre_pad).next_multiple_of(multiple);
        Self::new(
            self.width.min(most(from.width)),
            self.height.min(most(from.height)),
        )
    }
}

/// Sides are made multiples of this: of what the network needs, or else of what Real-ESRGAN's
/// authors make them for networks of its scale.
pub(super) fn multiple(layout: &UpscalerLayout) -> usize {
    match (layout.multiple(), layout.scale()) {
        (1, 2) => 2,
        (1, 1) => 4,
        (multiple, _) => multiple,
    }
}

fn area(extent: Extent) -> u64 {
    u64::from(extent.width) * u64::from(extent.height)
}

#[cfg(test)]
mod tests;
