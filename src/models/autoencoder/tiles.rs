//! Decoding and encoding in tiles that overlap and fade into each other: diffusers' `tiled_decode` and
//! `_tiled_encode`.
//!
//! A tile is worked on as if it were the whole picture, so that its colours differ a little from those
//! of the whole: norms and attention see no more than the tile. Tiles are laid from the left and from the
//! top, three quarters of a side apart, and each fades in over the quarter it shares with the one before.

use candle_core::{Device, Result, Tensor};

use super::{AutoencoderKl, split};
use crate::nn::Interrupt;

/// Parts of a side that tiles share: the last one of so many.
const PARTS: usize = 4;

/// What a tile became, one plane after the other.
struct Tile {
    values: Vec<f32>,
    height: usize,
    width: usize,
}

impl AutoencoderKl {
    /// [`Self::decode`] of latents `[1, channels, height, width]`, so many of them along a tile's side
    /// at once: a multiple of four, at least four. Latents that fit one tile are decoded as a whole.
    pub fn decode_in_tiles(
        &self,
        latents: &Tensor,
        side: usize,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let factor = self.config.factor();
        let tiles = Tiles {
            side,
            scale: &|latents| latents * factor,
        };
        tiles.run(latents, interrupt, &|part| self.decode(part, interrupt))
    }

    /// [`Self::encode`] of a picture `[1, 3, height, width]`, in the tiles that latents of it would be
    /// decoded in.
    pub fn encode_in_tiles(
        &self,
        picture: &Tensor,
        side: usize,
        interrupt: &Interrupt,
    ) -> Result<(Tensor, Tensor)> {
        let factor = self.config.factor();
        let tiles = Tiles {
            side: side * factor,
            scale: &|pixels| pixels / factor,
        };
        split(&tiles.run(picture, interrupt, &|part| self.moments(part, interrupt))?)
    }
}

/// How something is cut.
struct Tiles<'a> {
    /// Of a tile, as it is given.
    side: usize,
    /// From a length of what is given to one of what is made of it.
    scale: &'a dyn Fn(usize) -> usize,
}

impl Tiles<'_> {
    /// What becomes of `input` `[1, planes, height, width]`: as a whole where it fits one tile.
    fn run(
        &self,
        input: &Tensor,
        interrupt: &Interrupt,
        make: &dyn Fn(&Tensor) -> Result<Tensor>,
    ) -> Result<Tensor> {
        let Self { side, scale } = *self;
        let (batch, _, height, width) = input.dims4()?;
        if side < PARTS || !side.is_multiple_of(PARTS) || batch != 1 {
            candle_core::bail!("a batch of {batch} cannot be worked on in tiles of {side}")
        }
        if height <= side && width <= side {
            return make(input);
        }
        let step = side / PARTS * (PARTS - 1);
        let fade = scale(side) / PARTS;
        let mut whole: Option<Picture> = None;
        // What the tiles of the row above end with, from left to right.
        let mut above: Vec<Tile> = Vec::new();
        for top in (0..height).step_by(step) {
            let mut before: Option<Tile> = None;
            let mut below = Vec::new();
            for (column, left) in (0..width).step_by(step).enumerate() {
                interrupt.check()?;
                let rows = input.narrow(2, top, side.min(height - top))?;
                let part = rows.narrow(3, left, side.min(width - left))?.contiguous()?;
                let mut tile = Tile::of(&make(&part)?)?;
                if let Some(above) = above.get(column) {
                    tile.fade_down(above);
                }
                if let Some(before) = &before {
                    tile.fade_right(before);
                }
                let size = (scale(height), scale(width));
                let whole = whole.get_or_insert_with(|| Picture::new(tile.planes(), size));
                whole.lay(&tile, (scale(top), scale(left)), scale(step));
                below.push(tile.bottom(fade));
                before = Some(tile.right(fade));
            }
            above = below;
        }
        match whole {
            Some(whole) => whole.tensor(input.device()),
            None => candle_core::bail!("there is nothing to be worked on in tiles"),
        }
    }
}

/// How much of the later one there is at a place of the part two tiles share.
fn share(place: usize, shared: usize) -> f32 {
    place as f32 / shared as f32
}

impl Tile {
    /// Of `[1, planes, height, width]`.
    fn of(decoded: &Tensor) -> Result<Self> {
        let (_, _, height, width) = decoded.dims4()?;
        Ok(Self {
            values: decoded.flatten_all()?.to_vec1()?,
            height,
            width,
        })
    }

    const fn planes(&self) -> usize {
        self.values.len() / (self.height * self.width)
    }

    /// Its rows fade in from the last ones of the tile above.
    fn fade_down(&mut self, above: &Self) {
        let shared = above.height.min(self.height);
        let (own, other) = (self.height * self.width, above.height * above.width);
        let planes = self.values.chunks_exact_mut(own);
        for (plane, above_plane) in planes.zip(above.values.chunks_exact(other)) {
            let ending = &above_plane[(above.height - shared) * above.width..];
            let rows = plane.chunks_exact_mut(self.width);
            for (place, (row, ending)) in rows.zip(ending.chunks_exact(above.width)).enumerate() {
                mix(row, ending, share(place, shared));
            }
        }
    }

    /// Its columns fade in from the last ones of the tile to the left.
    fn fade_right(&mut self, before: &Self) {
        let shared = before.width.min(self.width);
        let rows = self.values.chunks_exact_mut(self.width);
        for (row, before_row) in rows.zip(before.values.chunks_exact(before.width)) {
            let ending = &before_row[before.width - shared..];
            for (place, (value, ending)) in row.iter_mut().zip(ending).enumerate() {
                mix(
                    std::slice::from_mut(value),
                    std::slice::from_ref(ending),
                    share(place, shared),
                );
            }
        }
    }

    /// Its last rows, at most so many.
    fn bottom(&self, most: usize) -> Self {
        let height = most.min(self.height);
        let planes = self.values.chunks_exact(self.height * self.width);
        let ending = planes.flat_map(|plane| &plane[(self.height - height) * self.width..]);
        Self {
            values: ending.copied().collect(),
            height,
            width: self.width,
        }
    }

    /// Its last columns, at most so many.
    fn right(&self, most: usize) -> Self {
        let width = most.min(self.width);
        let rows = self.values.chunks_exact(self.width);
        let ending = rows.flat_map(|row| &row[self.width - width..]);
        Self {
            values: ending.copied().collect(),
            height: self.height,
            width,
        }
    }
}

/// `from` fades into `into`, of which there is a share.
fn mix(into: &mut [f32], from: &[f32], share: f32) {
    for (into, from) in into.iter_mut().zip(from) {
        *into = from * (1.0 - share) + *into * share;
    }
}

/// What the tiles become.
struct Picture {
    values: Vec<f32>,
    height: usize,
    width: usize,
}

impl Picture {
    fn new(planes: usize, (height, width): (usize, usize)) -> Self {
        Self {
            values: vec![0.0; planes * height * width],
            height,
            width,
        }
    }

    /// `[1, planes, height, width]`
    fn tensor(self, device: &Device) -> Result<Tensor> {
        let planes = self.values.len() / (self.height * self.width);
        let shape = (1, planes, self.height, self.width);
        Tensor::from_vec(self.values, shape, device)
    }

    /// Lays what a tile shows at a corner, at most so many pixels of each side.
    fn lay(&mut self, tile: &Tile, (top, left): (usize, usize), most: usize) {
        let (rows, columns) = (tile.height.min(most), tile.width.min(most));
        let planes = self.values.chunks_exact_mut(self.height * self.width);
        let tiles = tile.values.chunks_exact(tile.height * tile.width);
        for (plane, tile_plane) in planes.zip(tiles) {
            let into = plane.chunks_exact_mut(self.width).skip(top).take(rows);
            for (row, tile_row) in into.zip(tile_plane.chunks_exact(tile.width)) {
                row[left..left + columns].copy_from_slice(&tile_row[..columns]);
            }
        }
    }
}
