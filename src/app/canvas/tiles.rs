//! A picture larger than one texture should be: tiles of the part in sight, no finer than the
//! screen shows them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use egui::{Color32, Context, Painter, Pos2, Rect, TextureHandle, TextureOptions, pos2, vec2};

use super::content::{Look, color_image};
use super::divider::{Placed, Sight};
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
    hand: Hand,
}

/// Who draws the last touch, if there is one, and where the texels are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hand {
    /// A texture of egui's without a touch.
    Plain,
    /// The same, touched in plain loops.
    Baked,
    /// On the device, where shaders touch and divide.
    Device,
}

impl Hand {
    /// Of what egui shows by itself.
    const fn of(finishing: &Finishing) -> Self {
        match (finishing.is_on(), finishing.paints()) {
            (false, _) => Self::Plain,
            (true, false) => Self::Baked,
            (true, true) => Self::Device,
        }
    }
}

struct Tile {
    look: TileLook,
    /// The last frame it was in sight.
    seen: u64,
}

enum TileLook {
    Plain(TextureHandle),
    Device(Box<Touched>),
}

impl TileLook {
    fn of(touched: Touched) -> Self {
        Self::Device(Box::new(touched))
    }
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
    /// A rough copy of the whole, made by a hand.
    rough: Option<(Hand, TileLook)>,
    loaded: BTreeMap<At, Tile>,
    frame: u64,
}

/// What a frame shows of a picture.
struct Wanted {
    tiles: Vec<At>,
    /// Some of them are not there yet.
    missing: bool,
    /// Points per pixel of the picture.
    scale: f32,
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
        let sight = place.intersect(painter.clip_rect());
        let hand = Hand::of(finishing);
        let wanted = self.make(ctx, (source, place, sight), (look, finishing, hand));
        let texture = |shown: &mut TileLook| match shown {
            TileLook::Plain(texture) => Some(texture.id()),
            TileLook::Device(touched) => finishing.paint(touched, look),
        };
        // Below the tiles, but only while one is missing: what is transparent would be seen twice.
        if wanted.missing
            && let Some((_, rough)) = &mut self.rough
            && let Some(texture) = texture(rough)
        {
            let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
            painter.image(texture, place, whole, Color32::WHITE);
        }
        for at in wanted.tiles {
            let Some(texture) = self.loaded.get_mut(&at).and_then(|t| texture(&mut t.look)) else {
                continue;
            };
            let (rect, part) = placed(source.extent(), at, place, wanted.scale);
            let size = with_apron(extent_of(source.extent(), at));
            let size = vec2(size.width as f32, size.height as f32);
            let part = Rect::from_min_max(
                (part.min.to_vec2() / size).to_pos2(),
                (part.max.to_vec2() / size).to_pos2(),
            );
            painter.image(texture, rect, part, Color32::WHITE);
        }
        self.forget();
    }

    /// What is seen of the picture, on the device; later pieces lie over earlier ones.
    pub(super) fn pieces(
        &mut self,
        ctx: &Context,
        (source, sight): (&impl Source, Sight),
        (look, finishing): (Look, &Finishing),
    ) -> Option<Vec<Placed>> {
        let Sight { place, seen, .. } = sight;
        let wanted = self.make(ctx, (source, place, seen), (look, finishing, Hand::Device));
        let sheet = |shown: &mut TileLook| match shown {
            TileLook::Plain(_) => None,
            TileLook::Device(touched) => finishing.sheet(touched, look),
        };
        let mut pieces = Vec::new();
        if wanted.missing
            && let Some((_, rough)) = &mut self.rough
        {
            pieces.push(Placed::whole(sheet(rough)?, place));
        }
        for at in wanted.tiles {
            if let Some(tile) = self.loaded.get_mut(&at) {
                let (rect, part) = placed(source.extent(), at, place, wanted.scale);
                let sheet = sheet(&mut tile.look)?;
                pieces.push(Placed { sheet, rect, part });
            }
        }
        self.forget();
        Some(pieces)
    }

    /// Makes what is seen and not there yet, as far as a frame has time for it.
    fn make(
        &mut self,
        ctx: &Context,
        (source, place, sight): (&impl Source, Rect, Rect),
        (look, finishing, hand): (Look, &Finishing, Hand),
    ) -> Wanted {
        let picture = source.extent();
        self.frame += 1;
        let scale = place.width() / picture.width as f32;
        let mut missing = false;
        if !sight.is_positive() {
            let tiles = Vec::new();
            return Wanted {
                tiles,
                missing,
                scale,
            };
        }
        let level = level_at(scale * ctx.pixels_per_point());
        let tiles: Vec<At> = in_sight(picture, level, look, (sight, place))
            .map(|at| At { hand, ..at })
            .collect();
        let lacks = |at: &&At| !self.loaded.contains_key(at);
        let mut left = PER_FRAME;
        self.rough.take_if(|(made_by, _)| *made_by != hand);
        if self.rough.is_none() && tiles.iter().filter(lacks).count() as u64 * cost(level) > left {
            let rough = source.rough(ROUGH);
            let texture = |rough| {
                let image = color_image(&finishing.baked(rough, [0, 0]));
                TileLook::Plain(ctx.load_texture("rough", image, TextureOptions::LINEAR))
            };
            let made = match hand {
                Hand::Device => finishing.bring(&rough, [0, 0]).map(TileLook::of),
                Hand::Plain | Hand::Baked => None,
            };
            self.rough = Some((hand, made.unwrap_or_else(|| texture(rough))));
            // That is enough for a frame.
            left = 0;
        }
        for at in &tiles {
            let tile = match self.loaded.entry(*at) {
                Entry::Occupied(tile) => tile.into_mut(),
                Entry::Vacant(free) => {
                    let cost = cost(level);
                    // One tile a frame at least, however much there is to be read for it.
                    if cost > left && left < PER_FRAME {
                        missing = true;
                        continue;
                    }
                    left = left.saturating_sub(cost);
                    let look = load(ctx, source, *at, (look, finishing));
                    free.insert(Tile { look, seen: 0 })
                }
            };
            tile.seen = self.frame;
        }
        if missing {
            ctx.request_repaint();
        }
        Wanted {
            tiles,
            missing,
            scale,
        }
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
            hand: Hand::Plain,
        })
    })
}

/// The size of a tile without its apron, in pixels of the reduced picture.
fn extent_of(picture: Extent, at: At) -> Extent {
    let reduced = picture.reduced(at.level);
    let side = |from: u32, length: u32| SIDE.min(length - from * SIDE);
    Extent::new(side(at.column, reduced.width), side(at.row, reduced.height))
}

/// With what is around it.
const fn with_apron(tile: Extent) -> Extent {
    Extent::new(tile.width + 2 * APRON, tile.height + 2 * APRON)
}

fn load(
    ctx: &Context,
    source: &impl Source,
    at: At,
    (look, finishing): (Look, &Finishing),
) -> TileLook {
    let extent = extent_of(source.extent(), at);
    let corner = |index: u32| i64::from(index * SIDE) - i64::from(APRON);
    let from = [corner(at.column), corner(at.row)];
    let part = source.part(at.level, from, with_apron(extent));
    let from = from.map(|at| at as i32);
    if at.hand == Hand::Device
        && let Some(touched) = finishing.bring(&part, from)
    {
        return TileLook::of(touched);
    }
    let image = color_image(&finishing.baked(part, from));
    TileLook::Plain(ctx.load_texture("tile", image, look.options()))
}

/// Where a tile lies on the screen, and which part of its texture that is, in texels.
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
    let low = pos2(apron, apron);
    (rect, Rect::from_min_size(low, vec2(width, height)))
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
            hand: Hand::Plain,
        };
        let rect = |row, column| placed(picture, at(row, column), place, 0.5).0;
        assert_eq!(rect(0, 0).min, place.min);
        assert_eq!(rect(0, 0).right(), rect(0, 1).left());
        assert_eq!(rect(1, 0).top(), rect(0, 0).bottom());
        assert_eq!(rect(2, 2).max, place.max);
        assert_eq!(extent_of(picture, at(2, 2)), Extent::new(226, 27));
    }
}
