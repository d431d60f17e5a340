//! Work on the easel's mask as a whole, or on the picture's size: on a large picture it takes
//! seconds, and a thread of its own.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use super::clerk::Done;
use super::guard::guarded;
use super::protocol::{Event, Failure};
use crate::library::{EaselState, SMALL_SIDE};
use crate::raster::{
    Area, Changes, Coverage, Edit, Extent, Ink, Margins, Mask, Pixels, TiledMask, fit_within,
    flood, polygon, rectangle, similar,
};

/// What can be done to a mask as a whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MaskChange {
    Invert,
    /// By pixels; fewer than 0 shrink.
    Grow(f32),
    /// By pixels of the edge's deviation.
    Feather(f32),
    Clear,
}

/// What is to be done to a picture and its mask.
#[derive(Clone, Debug, PartialEq)]
pub enum Reshape {
    Change(MaskChange),
    /// Everything of about the colour of a pixel within the picture: all of it, or what hangs
    /// together with that pixel.
    Color {
        at: (u32, u32),
        tolerance: u8,
        everywhere: bool,
        ink: Ink,
    },
    /// Between two corners.
    Rectangle {
        from: [f32; 2],
        to: [f32; 2],
        ink: Ink,
    },
    /// Inside of a closed line.
    Polygon {
        corners: Vec<[f32; 2]>,
        ink: Ink,
    },
    /// What a mask of the picture's extent paints.
    Lay {
        mask: Arc<Mask>,
        ink: Ink,
    },
    /// A mask in place of the present one, read from a picture of the same extent.
    Take(Arc<Pixels>),
    /// A step of the history is undone, or done again.
    Step {
        edit: Edit,
        back: bool,
    },
    /// Room around the picture, coloured as its edges and masked.
    Extend(Margins),
    /// A part of the picture alone.
    Crop(Area),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Reshaped {
    /// The mask as it is now, the tiles that are new, and how to undo them.
    Mask {
        mask: TiledMask,
        changes: Changes,
        edit: Edit,
    },
    /// The mask a step further back or forth in the history, and the tiles that are new.
    Stepped {
        mask: TiledMask,
        changes: Changes,
        back: bool,
    },
    /// Another picture, and a small copy of it, no side longer than [`SMALL_SIDE`].
    Picture {
        state: EaselState,
        small: Arc<Pixels>,
    },
    /// All is as it was.
    Nothing,
}

impl Reshape {
    /// The larger one of the size of the picture and that of what becomes of it.
    pub fn extent(&self, picture: Extent) -> Extent {
        match self {
            Self::Extend(margins) => margins.around(picture),
            _ => picture,
        }
    }

    /// Does it.
    pub fn of(&self, state: &EaselState) -> Reshaped {
        let picture = state.image.extent();
        match self {
            Self::Change(change) => become_mask(state, &changed(&state.mask, *change)),
            Self::Color {
                at,
                tolerance,
                everywhere,
                ink,
            } => {
                let find = if *everywhere { similar } else { flood };
                laid(state, find(&state.image, *at, *tolerance), *ink)
            }
            Self::Rectangle { from, to, ink } => laid(state, rectangle(*from, *to, picture), *ink),
            Self::Polygon { corners, ink } => laid(state, polygon(corners, picture), *ink),
            Self::Lay { mask, ink } => {
                let area = Area::whole(mask.extent());
                let changes = state.mask.inked(area, mask, *ink);
                edited(state, changes)
            }
            Self::Take(pixels) => {
                let mask = TiledMask::from_mask(&Mask::from_pixels(pixels));
                become_mask(state, &mask)
            }
            Self::Step { edit, back } => stepped(state, edit, *back),
            Self::Extend(margins) => {
                let (image, mask) = state.image.with_margins(*margins, &state.mask.to_mask());
                framed(image, &mask)
            }
            Self::Crop(part) => {
                let mask = state.mask.to_mask().cropped(*part);
                framed(state.image.cropped(*part), &mask)
            }
        }
    }
}

fn changed(mask: &TiledMask, change: MaskChange) -> TiledMask {
    let changed = match change {
        MaskChange::Invert => mask.to_mask().inverted(),
        MaskChange::Grow(by) => mask.to_mask().swollen(by),
        MaskChange::Feather(sigma) => mask.to_mask().feathered(sigma),
        MaskChange::Clear => return TiledMask::empty(mask.extent()),
    };
    TiledMask::from_mask(&changed)
}

fn framed(image: Pixels, mask: &Mask) -> Reshaped {
    Reshaped::Picture {
        small: Arc::new(fit_within(&image, SMALL_SIDE)),
        state: EaselState {
            image: Arc::new(image),
            mask: TiledMask::from_mask(mask),
        },
    }
}

fn laid(state: &EaselState, covered: Option<Coverage>, ink: Ink) -> Reshaped {
    match covered {
        Some(Coverage { area, mask }) => edited(state, state.mask.inked(area, &mask, ink)),
        None => Reshaped::Nothing,
    }
}

fn become_mask(state: &EaselState, mask: &TiledMask) -> Reshaped {
    edited(state, state.mask.changes_to(mask))
}

fn edited(state: &EaselState, changes: Changes) -> Reshaped {
    let mut mask = state.mask.clone();
    match Edit::make(&mut mask, changes.clone()) {
        Some(edit) => Reshaped::Mask {
            mask,
            changes,
            edit,
        },
        None => Reshaped::Nothing,
    }
}

fn stepped(state: &EaselState, edit: &Edit, back: bool) -> Reshaped {
    let changes = if back {
        edit.backward()
    } else {
        edit.forward()
    };
    let mut mask = state.mask.clone();
    for (at, values) in changes.iter().cloned() {
        mask.set(at, values);
    }
    Reshaped::Stepped {
        mask,
        changes,
        back,
    }
}

/// A piece of work and what it is done to.
#[derive(Clone, Debug, PartialEq)]
pub struct Reshaping {
    /// Names it; whoever asks counts up.
    pub number: u64,
    pub state: EaselState,
    pub how: Reshape,
}

/// Does one piece of work after the other until there are no more senders.
pub(super) fn run_reshaper(work: &Receiver<Reshaping>, done: &Sender<Done>) {
    for Reshaping { number, state, how } in work {
        let result = guarded(|| Ok::<_, Failure>(Box::new(how.of(&state))));
        let event = Event::Reshaped { number, result };
        if done.send(Done::Event(event)).is_err() {
            log::warn!("the engine ended before a mask could be told");
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> EaselState {
        let extent = Extent::new(12, 8);
        let rgb: Vec<u8> = (0..96)
            .flat_map(|at| [if at % 12 < 6 { 10 } else { 200 }; 3])
            .collect();
        EaselState {
            image: Arc::new(Pixels::from_rgb(extent, &rgb).unwrap()),
            mask: TiledMask::empty(extent),
        }
    }

    #[test]
    fn what_has_a_colour_is_masked_and_the_edit_takes_it_back() {
        let state = state();
        let how = Reshape::Color {
            at: (1, 1),
            tolerance: 8,
            everywhere: false,
            ink: Ink::FULL,
        };
        let Reshaped::Mask {
            mut mask,
            changes,
            edit,
        } = how.of(&state)
        else {
            panic!()
        };
        assert_eq!((mask.value(5, 7), mask.value(6, 7)), (255, 0));
        assert_eq!(changes, edit.forward());
        for (at, values) in edit.backward() {
            mask.set(at, values);
        }
        assert_eq!(mask, state.mask);
        assert_eq!(
            Reshape::Change(MaskChange::Clear).of(&state),
            Reshaped::Nothing
        );
    }

    #[test]
    fn a_part_keeps_its_mask() {
        let mut state = state();
        let how = Reshape::Rectangle {
            from: [4.0, 2.0],
            to: [8.0, 5.0],
            ink: Ink::FULL,
        };
        if let Reshaped::Mask { mask, .. } = how.of(&state) {
            state.mask = mask;
        }
        let part = Area {
            x: 6,
            y: 4,
            extent: Extent::new(3, 4),
        };
        let Reshaped::Picture {
            state: cropped,
            small,
        } = Reshape::Crop(part).of(&state)
        else {
            panic!()
        };
        assert_eq!(small, cropped.image);
        assert_eq!(*cropped.image, state.image.cropped(part));
        assert_eq!(
            (cropped.mask.value(1, 0), cropped.mask.value(2, 0)),
            (255, 0)
        );
        assert_eq!(cropped.mask.value(1, 1), 0);
    }
}
