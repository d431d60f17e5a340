//! The picture people work on, with the mask they paint over it.

mod form;
mod gesture;
mod going;
mod history;
mod memory;
mod tools;

pub use crate::engine::EaselState as State;
pub(super) use form::{Around, EaselForm, NewSize, Verb};
pub(super) use memory::MOST_IN_MEMORY;
pub use tools::{Keys, SIZES, Tool, Tools, Touch};

use std::sync::Arc;

use eframe::egui_wgpu::RenderState;

use self::gesture::{Gesture, hint};
use self::going::Going;
use self::history::History;
use self::memory::Memory;
use crate::engine::{
    Entry, HeldState, Hint, Kept, KeptPicture, KeptState, KeptStep, Reshape, Reshaped,
};
use crate::gpu::{MaskColors, MaskFrame, MaskSurface, Overlay};
use crate::raster::{Changes, Edit, Extent, Ink, Pixels, TiledMask};

/// A picture, its mask, and everything done to both.
pub struct Easel {
    state: State,
    /// The state's picture, as the history knows it.
    picture: KeptPicture,
    surface: MaskSurface,
    history: History,
    memory: Memory,
    gesture: Option<Gesture>,
    /// Where the last stroke ended, for straight lines.
    last: Option<Touch>,
    /// What was done and is not on disk yet.
    unkept: Vec<Entry>,
    /// A thing to be found, for whoever can.
    wanted: Option<Wanted>,
    away: Away,
    /// A small copy of the picture that came of such work.
    small: Option<Arc<Pixels>>,
    /// All cores compute: even what is small would have to wait for them.
    crowded: bool,
    /// Counts what changes the look of the mask.
    looks: u64,
}

/// A thing to be found, and how it is laid into the mask then.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    pub hint: Hint,
    pub ink: Ink,
}

/// Pictures of so many pixels are worked on at once: what takes longer would hold up the window.
const AT_ONCE: usize = 512 * 512;

/// Steps of the history that change so many tiles are taken at once.
const TILES_AT_ONCE: usize = 4;

/// Work that is done elsewhere.
#[derive(Debug, Default)]
enum Away {
    #[default]
    Nothing,
    /// Not handed over yet.
    Asked(Reshape),
    Waiting,
    /// A picture of the history is read, on the way to where people go.
    Recalling {
        going: Going,
        picture: KeptPicture,
        /// Handed over.
        asked: bool,
    },
}

impl Easel {
    /// With a picture and an empty mask, painted by shaders if there is a device.
    pub fn new(image: Arc<Pixels>, render: Option<RenderState>) -> Self {
        let begun = HeldState {
            picture: KeptPicture::new(image.extent()),
            mask: TiledMask::empty(image.extent()),
            image,
        };
        let mut easel = Self::with(begun.clone(), History::default(), render);
        easel.unkept.push(Entry::Picture(begun));
        easel
    }

    /// As it was when the studio was closed.
    pub fn restored(kept: Kept, render: Option<RenderState>) -> Self {
        let history = History::kept(kept.steps, kept.done);
        Self::with(kept.now, history, render)
    }

    fn with(now: HeldState, history: History, render: Option<RenderState>) -> Self {
        let HeldState {
            picture,
            image,
            mask,
        } = now;
        let mut surface = MaskSurface::new(render);
        surface.load(&mask);
        let mut memory = Memory::default();
        memory.hold(&picture, &image);
        Self {
            state: State { image, mask },
            picture,
            surface,
            history,
            memory,
            gesture: None,
            last: None,
            unkept: Vec::new(),
            wanted: None,
            away: Away::Nothing,
            small: None,
            crowded: false,
            looks: 0,
        }
    }

    /// What was done since the last call, to be put on disk.
    pub fn take_unkept(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.unkept)
    }

    pub const fn image(&self) -> &Arc<Pixels> {
        &self.state.image
    }

    pub const fn mask(&self) -> &TiledMask {
        &self.state.mask
    }

    pub const fn state(&self) -> &State {
        &self.state
    }

    /// The picture as the history knows it: the same one after it has left memory and come back.
    pub const fn picture(&self) -> &KeptPicture {
        &self.picture
    }

    /// The present state, to go back to.
    pub fn kept_state(&self) -> KeptState {
        KeptState {
            picture: self.picture.clone(),
            mask: self.state.mask.clone(),
        }
    }

    /// Works on another picture from now on; can be undone.
    pub fn replace(&mut self, state: State) {
        self.away = Away::Nothing;
        if self.state != state {
            let before = self.kept_state();
            let after = HeldState {
                picture: KeptPicture::new(state.image.extent()),
                image: state.image,
                mask: state.mask,
            };
            self.unkept.push(Entry::Picture(after.clone()));
            self.history.push(KeptStep::Picture {
                before,
                after: after.kept(),
            });
            self.put(after);
        }
    }

    fn put(&mut self, state: HeldState) {
        let HeldState {
            picture,
            image,
            mask,
        } = state;
        self.abandon();
        self.last = None;
        self.surface.load(&mask);
        self.memory.hold(&picture, &image);
        self.picture = picture;
        self.state = State { image, mask };
        self.looks += 1;
    }

    /// Whether a stroke or an outline is being drawn.
    pub const fn is_drawing(&self) -> bool {
        self.gesture.is_some()
    }

    /// The outline that is being drawn, in pixels of the picture.
    pub fn outline(&self) -> Vec<[f32; 2]> {
        self.gesture
            .as_ref()
            .map(Gesture::outline)
            .unwrap_or_default()
    }

    /// The pointer goes down.
    pub fn press(&mut self, touch: Touch, tools: &Tools, keys: Keys) {
        if self.is_busy() {
            return;
        }
        if let Some(Gesture::Polygon { corners, .. }) = &mut self.gesture {
            corners.push(touch.at);
            return;
        }
        match tools.tool {
            Tool::Brush | Tool::Eraser => {
                let from = self.last.filter(|_| keys.extend).unwrap_or(touch);
                self.surface.draw(&[tools.segment(from, touch)]);
                self.gesture = Some(Gesture::stroke(touch, tools.ink(keys)));
                self.looks += 1;
            }
            Tool::Smart => self.gesture = Some(Gesture::search(touch, tools.ink(keys))),
            Tool::Rectangle => self.gesture = Some(Gesture::rectangle(touch, tools.ink(keys))),
            Tool::Lasso => self.gesture = Some(Gesture::lasso(touch, tools.ink(keys))),
            Tool::Polygon => self.gesture = Some(Gesture::polygon(touch, tools.ink(keys))),
            Tool::Flood => self.flood(touch, tools, keys),
            Tool::Move => {}
        }
    }

    /// The pointer moves, whether it is down or not.
    pub fn follow(&mut self, touch: Touch, tools: &Tools) {
        match &mut self.gesture {
            Some(Gesture::Stroke { last, .. }) if *last != touch => {
                self.surface.draw(&[tools.segment(*last, touch)]);
                *last = touch;
                self.looks += 1;
            }
            Some(gesture) => gesture.follow(touch),
            None => {}
        }
    }

    /// The pointer goes up.
    pub fn release(&mut self) {
        match self.gesture.take() {
            Some(Gesture::Stroke { last, ink }) => {
                let changes = self.surface.finish(ink);
                self.last = Some(last);
                self.remember(changes);
            }
            Some(Gesture::Rectangle { from, to, ink }) => {
                self.reshape(Reshape::Rectangle { from, to, ink });
            }
            Some(Gesture::Lasso { path, ink }) => {
                self.reshape(Reshape::Polygon { corners: path, ink });
            }
            Some(Gesture::Search { from, to, ink }) => {
                let hint = hint(from, to, self.state.image.extent());
                self.wanted = hint.map(|hint| Wanted { hint, ink });
            }
            // Goes on from click to click.
            polygon @ Some(Gesture::Polygon { .. }) => self.gesture = polygon,
            None => {}
        }
    }

    /// Closes a polygon; whether there was one.
    pub fn close(&mut self) -> bool {
        match self.gesture.take() {
            Some(Gesture::Polygon { corners, ink, .. }) => {
                self.reshape(Reshape::Polygon { corners, ink });
                true
            }
            other => {
                self.gesture = other;
                false
            }
        }
    }

    /// Forgets what is being drawn; whether there was anything.
    pub fn abandon(&mut self) -> bool {
        let drawing = self.gesture.take().is_some();
        if drawing {
            self.surface.abandon();
            self.looks += 1;
        }
        drawing
    }

    fn flood(&mut self, touch: Touch, tools: &Tools, keys: Keys) {
        let Extent { width, height } = self.state.image.extent();
        let [x, y] = touch.at;
        if x < 0.0 || y < 0.0 || x >= width as f32 || y >= height as f32 {
            return;
        }
        let tolerance = tools.tolerance.clamp(0.0, 255.0) as u8;
        self.reshape(Reshape::Color {
            at: (x as u32, y as u32),
            tolerance,
            everywhere: keys.extend,
            ink: tools.ink(keys),
        });
    }

    /// What is to be found since the last call, if anything.
    pub fn take_wanted(&mut self) -> Option<Wanted> {
        self.wanted.take()
    }

    /// Works on the mask as a whole, or on the picture's size; can be undone. On a large picture it
    /// is done elsewhere, and until then nothing else changes the mask.
    pub fn reshape(&mut self, how: Reshape) {
        if self.is_busy() {
            return;
        }
        self.abandon();
        if self.crowded || how.extent(self.state.image.extent()).area() > AT_ONCE {
            self.away = Away::Asked(how);
        } else {
            let reshaped = how.of(&self.state);
            self.take_reshaped(reshaped);
        }
    }

    /// Tells whether something computes on all cores.
    pub const fn set_crowded(&mut self, crowded: bool) {
        self.crowded = crowded;
    }

    /// Whether work is done elsewhere.
    pub const fn is_busy(&self) -> bool {
        !matches!(self.away, Away::Nothing)
    }

    /// Work to be done elsewhere since the last call, if any; its end is to be told by
    /// [`take_reshaped`](Self::take_reshaped).
    pub fn take_away(&mut self) -> Option<Reshape> {
        match std::mem::replace(&mut self.away, Away::Waiting) {
            Away::Asked(how) => Some(how),
            other => {
                self.away = other;
                None
            }
        }
    }

    /// What came of the work that was done elsewhere.
    pub fn take_reshaped(&mut self, reshaped: Reshaped) {
        if matches!(self.away, Away::Recalling { .. }) {
            // People have gone elsewhere meanwhile.
            return;
        }
        self.away = Away::Nothing;
        match reshaped {
            Reshaped::Mask {
                mask,
                changes,
                edit,
            } => {
                self.surface.show(&changes);
                self.state.mask = mask;
                self.push(edit);
            }
            Reshaped::Stepped {
                mask,
                changes,
                back,
            } => {
                // The history is where it was: while work is away, nothing else goes along it.
                self.move_along(back);
                self.surface.show(&changes);
                self.state.mask = mask;
            }
            Reshaped::Picture { state, small } => {
                self.replace(state);
                self.small = Some(small);
            }
            Reshaped::Nothing => {}
        }
        self.looks += 1;
    }

    /// A small copy of the picture that came of such work since the last call.
    pub fn take_small(&mut self) -> Option<Arc<Pixels>> {
        self.small.take()
    }

    /// Makes changes that the surface shows already.
    fn remember(&mut self, changes: Changes) {
        if let Some(edit) = Edit::make(&mut self.state.mask, changes) {
            self.push(edit);
        }
        self.looks += 1;
    }

    fn push(&mut self, edit: Edit) {
        self.unkept.push(Entry::Mask(edit.clone()));
        self.history.push(KeptStep::Mask(edit));
    }

    fn apply(&mut self, changes: Changes) {
        self.surface.show(&changes);
        for (at, values) in changes {
            self.state.mask.set(at, values);
        }
        self.looks += 1;
    }

    /// Rises whenever the overlay has to be drawn anew.
    pub(super) const fn looks(&self) -> u64 {
        self.looks
    }

    /// Whether the last overlay lacked some of the mask.
    pub(super) fn is_behind(&self) -> bool {
        self.surface.is_behind()
    }

    /// Whether the line around the mask may march.
    pub(super) fn may_march(&self) -> bool {
        self.surface.is_hardware() && !self.state.mask.is_empty()
    }

    /// The mask as it is seen, with what is being drawn.
    pub(super) fn overlay(&mut self, frame: &MaskFrame, colors: &MaskColors) -> Option<Overlay> {
        let ink = match &self.gesture {
            Some(Gesture::Stroke { ink, .. }) => *ink,
            _ => Ink::FULL,
        };
        self.surface.overlay(frame, colors, ink)
    }
}
