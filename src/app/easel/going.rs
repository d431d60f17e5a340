//! Going through the history; pictures that rest on disk are waited for.

use std::sync::Arc;

use super::history::{after, before};
use super::{Away, Easel, TILES_AT_ONCE};
use crate::engine::{Entry, HeldState, KeptPicture, KeptState, KeptStep, Reshape};
use crate::raster::Pixels;

/// Where people want to go.
#[derive(Clone, Debug)]
pub(super) enum Going {
    Back,
    Forth,
    To(KeptState),
}

impl Easel {
    pub const fn can_undo(&self) -> bool {
        !self.is_busy() && (self.history.can_go_back() || self.gesture.is_some())
    }

    pub const fn can_redo(&self) -> bool {
        !self.is_busy() && self.history.can_go_forth()
    }

    /// Takes back the last thing done, or what is being drawn.
    pub fn undo(&mut self) {
        if self.abandon() || self.is_busy() {
            return;
        }
        self.go(Going::Back);
    }

    /// Does again what was taken back last.
    pub fn redo(&mut self) {
        self.abandon();
        if !self.is_busy() {
            self.go(Going::Forth);
        }
    }

    /// Works on a kept state from now on; can be undone. Work that is done elsewhere is of no use
    /// any more.
    pub fn go_back_to(&mut self, state: KeptState) {
        self.away = Away::Nothing;
        if state != self.kept_state() {
            self.go(Going::To(state));
        }
    }

    /// Goes at once, or once the picture has been recalled.
    fn go(&mut self, going: Going) {
        let state = match &going {
            Going::Back => self.history.last().and_then(before),
            Going::Forth => self.history.next().and_then(after),
            Going::To(state) => Some(state),
        };
        let Some(state) = state.cloned() else {
            return self.go_along_mask(&going);
        };
        let Some(image) = self.memory.pixels(&state.picture) else {
            let picture = state.picture;
            self.away = Away::Recalling {
                going,
                picture,
                asked: false,
            };
            return;
        };
        let held = HeldState {
            picture: state.picture,
            image,
            mask: state.mask,
        };
        match going {
            Going::Back => self.move_along(true),
            Going::Forth => self.move_along(false),
            Going::To(after) => {
                let before = self.kept_state();
                self.unkept.push(Entry::Picture(held.clone()));
                self.history.push(KeptStep::Picture { before, after });
            }
        }
        self.put(held);
    }

    /// A step that changed the mask alone, if there is one. One that changes much of it is taken
    /// elsewhere.
    fn go_along_mask(&mut self, going: &Going) {
        let back = matches!(going, Going::Back);
        let step = if back {
            self.history.last()
        } else {
            self.history.next()
        };
        let Some(KeptStep::Mask(edit)) = step else {
            return;
        };
        if edit.tiles() > TILES_AT_ONCE {
            let edit = edit.clone();
            self.away = Away::Asked(Reshape::Step { edit, back });
            return;
        }
        let changes = if back {
            edit.backward()
        } else {
            edit.forward()
        };
        self.move_along(back);
        self.apply(changes);
    }

    /// The history follows the mask by a step.
    pub(super) fn move_along(&mut self, back: bool) {
        if back {
            self.history.go_back();
            self.unkept.push(Entry::Back);
        } else {
            self.history.go_forth();
            self.unkept.push(Entry::Forth);
        }
    }

    /// The picture that has to be read since the last call, if any; its end is to be told by
    /// [`take_recalled`](Self::take_recalled).
    pub fn take_recall(&mut self) -> Option<KeptPicture> {
        match &mut self.away {
            Away::Recalling { picture, asked, .. } if !*asked => {
                *asked = true;
                Some(picture.clone())
            }
            _ => None,
        }
    }

    /// A picture was read, or could not be: then all stays as it was. Whether anybody waited for it:
    /// people may have gone elsewhere meanwhile.
    pub fn take_recalled(&mut self, recalled: &KeptPicture, pixels: Option<&Arc<Pixels>>) -> bool {
        let is_waited_for = matches!(
            &self.away,
            Away::Recalling { picture, .. } if picture == recalled
        );
        if is_waited_for
            && let Away::Recalling { going, .. } = std::mem::take(&mut self.away)
            && let Some(pixels) = pixels
        {
            self.hold(recalled, pixels);
            self.go(going);
        }
        is_waited_for
    }

    /// A picture's pixels, if they are in memory.
    pub fn pixels_of(&self, picture: &KeptPicture) -> Option<Arc<Pixels>> {
        self.memory.pixels(picture)
    }

    /// Holds the pixels of a picture of the history in memory again.
    pub fn hold(&mut self, picture: &KeptPicture, pixels: &Arc<Pixels>) {
        self.memory.hold(picture, pixels);
    }

    /// Lets those pictures rest on disk that are farther away than what `most` bytes hold in memory;
    /// `others` are farther than all of the easel's. Whether all of them do: those that are not on
    /// disk yet stay.
    pub fn rest_beyond<'a>(
        &mut self,
        most: usize,
        others: impl IntoIterator<Item = &'a KeptPicture>,
    ) -> bool {
        let mut nearest_first = vec![self.picture.clone()];
        nearest_first.extend(self.history.pictures().cloned());
        nearest_first.extend(others.into_iter().cloned());
        self.memory.rest_beyond(most, nearest_first)
    }
}
