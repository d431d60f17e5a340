//! The picture people work on, with the mask they paint over it.

mod form;
mod gesture;
mod history;
mod tools;

pub use crate::engine::EaselState as State;
pub(super) use form::{Around, EaselForm, NewSize, Verb};
pub use tools::{Keys, SIZES, Tool, Tools, Touch};

use std::sync::Arc;

use eframe::egui_wgpu::RenderState;

use self::gesture::{Gesture, hint};
use self::history::History;
use crate::engine::{Entry, Hint, Kept, KeptStep};
use crate::gpu::{MaskColors, MaskFrame, MaskSurface, Overlay};
use crate::raster::{
    Area, Changes, Coverage, Edit, Extent, Ink, Margins, Mask, Pixels, TiledMask, flood, polygon,
    rectangle, similar,
};

/// A picture, its mask, and everything done to both.
pub struct Easel {
    state: State,
    surface: MaskSurface,
    history: History,
    gesture: Option<Gesture>,
    /// Where the last stroke ended, for straight lines.
    last: Option<Touch>,
    /// What was done and is not on disk yet.
    unkept: Vec<Entry>,
    /// A thing to be found, for whoever can.
    wanted: Option<Wanted>,
    /// Counts what changes the look of the mask.
    looks: u64,
}

/// A thing to be found, and how it is laid into the mask then.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    pub hint: Hint,
    pub ink: Ink,
}

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

impl Easel {
    /// With a picture and an empty mask, painted by shaders if there is a device.
    pub fn new(image: Arc<Pixels>, render: Option<RenderState>) -> Self {
        let mask = TiledMask::empty(image.extent());
        let state = State { image, mask };
        let begun = Entry::Picture(state.clone());
        let mut easel = Self::with(state, History::default(), render);
        easel.unkept.push(begun);
        easel
    }

    /// As it was when the studio was closed.
    pub fn restored(kept: Kept, render: Option<RenderState>) -> Self {
        let history = History::kept(kept.steps, kept.done);
        Self::with(kept.now, history, render)
    }

    fn with(state: State, history: History, render: Option<RenderState>) -> Self {
        let mut surface = MaskSurface::new(render);
        surface.load(&state.mask);
        Self {
            state,
            surface,
            history,
            gesture: None,
            last: None,
            unkept: Vec::new(),
            wanted: None,
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

    /// Works on another picture from now on; can be undone.
    pub fn replace(&mut self, after: State) {
        let before = self.state.clone();
        if before != after {
            self.history.push(KeptStep::Picture {
                before,
                after: after.clone(),
            });
            self.unkept.push(Entry::Picture(after.clone()));
            self.go_to(after);
        }
    }

    fn go_to(&mut self, state: State) {
        self.abandon();
        self.last = None;
        self.surface.load(&state.mask);
        self.state = state;
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
                let covered = rectangle(from, to, self.state.image.extent());
                self.lay(covered, ink);
            }
            Some(Gesture::Lasso { path, ink }) => {
                let covered = polygon(&path, self.state.image.extent());
                self.lay(covered, ink);
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
                let covered = polygon(&corners, self.state.image.extent());
                self.lay(covered, ink);
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
        let find = if keys.extend { similar } else { flood };
        let covered = find(&self.state.image, (x as u32, y as u32), tolerance);
        self.lay(covered, tools.ink(keys));
    }

    /// What is to be found since the last call, if anything.
    pub fn take_wanted(&mut self) -> Option<Wanted> {
        self.wanted.take()
    }

    /// Lays what was found into the mask; it must be of the picture's extent.
    pub fn lay_found(&mut self, mask: Mask, ink: Ink) {
        let area = Area::whole(mask.extent());
        self.lay(Some(Coverage { area, mask }), ink);
    }

    fn lay(&mut self, covered: Option<Coverage>, ink: Ink) {
        if let Some(Coverage { area, mask }) = covered {
            let changes = self.state.mask.inked(area, &mask, ink);
            self.surface.show(&changes);
            self.remember(changes);
        }
    }

    /// Makes changes that the surface shows already.
    fn remember(&mut self, changes: Changes) {
        if let Some(edit) = Edit::make(&mut self.state.mask, changes) {
            self.unkept.push(Entry::Mask(edit.clone()));
            self.history.push(KeptStep::Mask(edit));
        }
        self.looks += 1;
    }

    /// Changes the mask as a whole; can be undone.
    pub fn change(&mut self, change: MaskChange) {
        let mask = &self.state.mask;
        let changed = match change {
            MaskChange::Invert => mask.to_mask().inverted(),
            MaskChange::Grow(by) => mask.to_mask().swollen(by),
            MaskChange::Feather(sigma) => mask.to_mask().feathered(sigma),
            MaskChange::Clear => {
                self.become_mask(&TiledMask::empty(mask.extent()));
                return;
            }
        };
        self.become_mask(&TiledMask::from_mask(&changed));
    }

    /// Adds room around the picture, masked so that it can be filled; can be undone.
    pub fn extend(&mut self, room: Margins) {
        let (image, mask) = self
            .state
            .image
            .with_margins(room, &self.state.mask.to_mask());
        self.replace(State {
            image: Arc::new(image),
            mask: TiledMask::from_mask(&mask),
        });
    }

    /// Keeps a part of the picture, with its mask; can be undone.
    pub fn crop(&mut self, part: Area) {
        let mask = self.state.mask.to_mask().cropped(part);
        self.replace(State {
            image: Arc::new(self.state.image.cropped(part)),
            mask: TiledMask::from_mask(&mask),
        });
    }

    /// Takes over a mask, which must be of the picture's extent; can be undone.
    pub fn take_mask(&mut self, mask: &Mask) {
        self.become_mask(&TiledMask::from_mask(mask));
    }

    fn become_mask(&mut self, mask: &TiledMask) {
        self.abandon();
        let changes = self.state.mask.changes_to(mask);
        self.surface.show(&changes);
        self.remember(changes);
    }

    pub const fn can_undo(&self) -> bool {
        self.history.can_go_back() || self.gesture.is_some()
    }

    pub const fn can_redo(&self) -> bool {
        self.history.can_go_forth()
    }

    /// Takes back the last thing done, or what is being drawn.
    pub fn undo(&mut self) {
        if self.abandon() {
            return;
        }
        let step = self.history.back().cloned();
        self.unkept.extend(step.is_some().then_some(Entry::Back));
        match step {
            Some(KeptStep::Mask(edit)) => self.apply(edit.backward()),
            Some(KeptStep::Picture { before, .. }) => self.go_to(before),
            None => {}
        }
    }

    /// Does again what was taken back last.
    pub fn redo(&mut self) {
        self.abandon();
        let step = self.history.forth().cloned();
        self.unkept.extend(step.is_some().then_some(Entry::Forth));
        match step {
            Some(KeptStep::Mask(edit)) => self.apply(edit.forward()),
            Some(KeptStep::Picture { after, .. }) => self.go_to(after),
            None => {}
        }
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
