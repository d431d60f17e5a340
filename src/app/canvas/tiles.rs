//! A picture larger than one texture should be: tiles of the part in sight, no finer than the
//! screen shows them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use egui::{
    Color32, Context, Mesh, Painter, Pos2, Rect, Shape, TextureHandle, TextureOptions, pos2, vec2,
};

use super::content::{Look, color_image};
use super::finishing::{Finishing, Touched};
use crate::raster::{Extent, Pixels, REACH};

/// Longest side of a picture that is one texture.
pub(super) const WHOLE: u32 = 2048;
/// Pixels along each side of a tile, without its apron.
const SIDE: u32 = 512;
/// Pixels of its neighbours around a tile, so that nothing is seen of its edge where it is smoothed or
/// finished.
const APRON: u32 = 1 + REACH as u32;
/// Longest side of the rough copy that is seen where tiles are not there yet.
const ROUGH: u32 = 512;
/// What tiles may cost within one frame: about 15 milliseconds.
const PER_FRAME: u64 = 24;
/// The level from which on a tile costs no more: not every pixel is read.
const DEAREST: u32 = 2;
/// Tiles that are kept, of about a megabyte each.
const MOST: usize = 160;

/// Which tile: of the picture at 1/2^`level` of its size, counted from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct At {
    level: u32,
    row: u32,
    column: u32,
    squares: bool,
    finished: bool,
}

struct Tile {
    look: TileLook,
    /// The last frame it was in sight.
    seen: u64,
}

enum TileLook {
    Plain(TextureHandle),
    Touched(Box<Touched>),
}

/// What tiles are made of.
pub(super) trait Source {
    fn extent(&self) -> Extent;

    /// `extent` pixels at 1/2^`level` of its size, from `corner` on.
    fn part(&self, level: u32, corner: [i64; 2], extent: Extent) -> Pixels;

    /// All of it, roughly, with no side above `most`.
    fn rough(&self, most: u32) -> Pixels;
}

impl Source for Pixels {
    fn extent(&self) -> Extent {
        self.extent()
    }

    fn part(&self, level: u32, corner: [i64; 2], extent: Extent) -> Pixels {
        self.reduced(level, corner, extent)
    }

    fn rough(&self, most: u32) -> Pixels {
        self.sampled(most)
    }
}

/// The textures of one large picture.
#[derive(Default)]
pub(super) struct Tiles {
    rough: Option<TextureHandle>,
    loaded: BTreeMap<At, Tile>,
    frame: u64,
}

impl Tiles {
    /// Draws the picture at the given place of the screen; tiles that are not there yet come with
    /// the next frames.
    pub(super) fn draw(
        &mut self,
        ctx: &Context,
        painter: &Painter,
        (source, place): (&impl Source, Rect),
        (look, finishing): (Look, &Finishing),
    ) {
        let picture = source.extent();
        self.frame += 1;
        // Below the tiles, but only while one is missing: what is transparent would be seen twice.
        let below = painter.add(Shape::Noop);
        let mut missing = false;
        let sight = place.intersect(painter.clip_rect());
        if !sight.is_positive() {
            return;
        }
        let scale = place.width() / picture.width as f32;
        let level = level_at(scale * ctx.pixels_per_point());
        let wanted: Vec<At> = in_sight(picture, level, look, (sight, place))
            .map(|at| At {
                finished: finishing.is_on(),
                ..at
            })
            .collect();
        let lacks = |at: &&At| !self.loaded.contains_key(at);
        let mut left = PER_FRAME;
        if self.rough.is_none() && wanted.iter().filter(lacks).count() as u64 * cost(level) > left {
            let image = color_image(&finishing.baked(source.rough(ROUGH), [0, 0]));
            let rough = ctx.load_texture("rough", image, TextureOptions::LINEAR);
            self.rough = Some(rough);
            // That is enough for a frame.
            left = 0;
        }
        for at in wanted {
            let tile = match self.loaded.entry(at) {
                Entry::Occupied(tile) => tile.into_mut(),
                Entry::Vacant(free) => {
                    let cost = cost(level);
                    // One tile a frame at least, however much there is to be read for it.
                    if cost > left && left < PER_FRAME {
                        missing = true;
                        continue;
                    }
                    left = left.saturating_sub(cost);
                    let look = load(ctx, source, at, (look, finishing));
                    free.insert(Tile { look, seen: 0 })
                }
            };
            tile.seen = self.frame;
            let texture = match &mut tile.look {
                TileLook::Plain(texture) => Some(texture.id()),
                TileLook::Touched(touched) => finishing.paint(touched, look),
            };
            let Some(texture) = texture else { continue };
            let (rect, part) = placed(picture, at, place, scale);
            painter.image(texture, rect, part, Color32::WHITE);
        }
        if missing {
            if let Some(rough) = &self.rough {
                let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
                let mut mesh = Mesh::with_texture(rough.id());
                mesh.add_rect_with_uv(place, whole, Color32::WHITE);
                painter.set(below, mesh);
            }
            ctx.request_repaint();
        }
        self.forget();
    }

    /// There is another last touch: what has to be made anew for it is dropped.
    pub(super) fn touch_anew(&mut self, finishing: &Finishing) {
        self.rough = None;
        if !finishing.paints() {
            self.loaded.clear();
        }
    }

    /// Drops what was not in sight for longest.
    fn forget(&mut self) {
        while self.loaded.len() > MOST {
            let oldest = self.loaded.iter().min_by_key(|(_, tile)| tile.seen);
            let Some((&at, _)) = oldest.filter(|(_, tile)| tile.seen < self.frame) else {
                return;
            };
            self.loaded.remove(&at);
        }
    }
}

/// How often the picture is halved before a pixel of it is as large as one of the screen's, seen at
/// `zoom` screen pixels per pixel.
fn level_at(zoom: f32) -> u32 {
    const MOST_LEVELS: f32 = 12.0;
    (1.0 / zoom.max(f32::MIN_POSITIVE))
        .log2()
        .floor()
        .clamp(0.0, MOST_LEVELS) as u32
}

/// What it costs to make a tile: a pixel of it as much as reading three, whose mean it is.
const fn cost(level: u32) -> u64 {
    let side = 1 << (if level < DEAREST { level } else { DEAREST });
    3 + side * side
}

/// The tiles that can be seen.
fn in_sight(
    picture: Extent,
    level: u32,
    look: Look,
    (sight, place): (Rect, Rect),
) -> impl Iterator<Item = At> {
    let extent = picture.reduced(level);
    let span = |low: f32, high: f32, side: u32| {
        let tiles = side.div_ceil(SIDE);
        let tile = |share: f32| (share * side as f32 / SIDE as f32).clamp(0.0, tiles as f32);
        tile(low) as u32..(tile(high).ceil() as u32).min(tiles)
    };
    let low = (sight.min - place.min) / place.size();
    let high = (sight.max - place.min) / place.size();
    let columns = span(low.x, high.x, extent.width);
    span(low.y, high.y, extent.height).flat_map(move |row| {
        columns.clone().map(move |column| At {
            level,
            row,
            column,
            squares: look == Look::Squares,
            finished: false,
        })
    })
}

/// The size of a tile without its apron, in pixels of the reduced picture.
fn extent_of(picture: Extent, at: At) -> Extent {
    let reduced = picture.reduced(at.level);
    let side = |from: u32, length: u32| SIDE.min(length - from * SIDE);
    Extent::new(side(at.column, reduced.width), side(at.row, reduced.height))
}

fn load(
    ctx: &Context,
    source: &impl Source,
    at: At,
    (look, finishing): (Look, &Finishing),
) -> TileLook {
    let extent = extent_of(source.extent(), at);
    let corner = |index: u32| i64::from(index * SIDE) - i64::from(APRON);
    let with_apron = Extent::new(extent.width + 2 * APRON, extent.height + 2 * APRON);
    let from = [corner(at.column), corner(at.row)];
    let part = source.part(at.level, from, with_apron);
    let from = from.map(|at| at as i32);
    if let Some(touched) = finishing.bring(&part, from) {
        return TileLook::Touched(Box::new(touched));
    }
    let image = color_image(&finishing.baked(part, from));
    TileLook::Plain(ctx.load_texture("tile", image, look.options()))
}

/// Where a tile lies on the screen, and which part of its texture that is.
fn placed(picture: Extent, at: At, place: Rect, scale: f32) -> (Rect, Rect) {
    let extent = extent_of(picture, at);
    let block = (1u32 << at.level) as f32;
    // The last block of a row may reach beyond the picture: as much of its texture is left out.
    let span = |index: u32, side: u32, whole: u32| {
        let from = (index * SIDE) as f32 * block;
        let to = (from + side as f32 * block).min(whole as f32);
        (from, to, (to - from) / block)
    };
    let (left, right, width) = span(at.column, extent.width, picture.width);
    let (top, bottom, height) = span(at.row, extent.height, picture.height);
    let rect = Rect::from_min_max(
        place.min + vec2(left, top) * scale,
        place.min + vec2(right, bottom) * scale,
    );
    let apron = APRON as f32;
    let texture = vec2(
        extent.width as f32 + 2.0 * apron,
        extent.height as f32 + 2.0 * apron,
    );
    let low = vec2(apron, apron) / texture;
    let high = vec2(apron + width, apron + height) / texture;
    (rect, Rect::from_min_max(low.to_pos2(), high.to_pos2()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_is_never_finer_than_the_screen_by_half() {
        for (zoom, level) in [(3.0, 0), (1.0, 0), (0.6, 0), (0.5, 1), (0.26, 1), (0.1, 3)] {
            assert_eq!(level_at(zoom), level, "{zoom}");
        }
    }

    #[test]
    fn tiles_cover_what_is_in_sight_and_no_more() {
        let picture = Extent::new(3000, 1000);
        let place = Rect::from_min_size(pos2(-1000.0, 10.0), vec2(3000.0, 1000.0));
        let screen = Rect::from_min_size(pos2(0.0, 0.0), vec2(800.0, 600.0));
        let sight = place.intersect(screen);
        let found: Vec<_> = in_sight(picture, 0, Look::Smooth, (sight, place))
            .map(|at| (at.row, at.column))
            .collect();
        assert_eq!(found, [(0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3)]);
    }

    #[test]
    fn neighbours_meet_and_the_last_ends_with_the_picture() {
        let picture = Extent::new(2500, 2101);
        let place = Rect::from_min_size(pos2(5.0, 7.0), vec2(1250.0, 1050.5));
        let level = 1;
        let at = |row, column| At {
            level,
            row,
            column,
            squares: false,
            finished: false,
        };
        let rect = |row, column| placed(picture, at(row, column), place, 0.5).0;
        assert_eq!(rect(0, 0).min, place.min);
        assert_eq!(rect(0, 0).right(), rect(0, 1).left());
        assert_eq!(rect(1, 0).top(), rect(0, 0).bottom());
        assert_eq!(rect(2, 2).max, place.max);
        assert_eq!(extent_of(picture, at(2, 2)), Extent::new(226, 27));
    }
}
