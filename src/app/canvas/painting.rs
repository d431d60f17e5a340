//! The mask over the picture: the pointer paints it, a frame shows it.

use egui::{
    Color32, Context, CursorIcon, Event, Painter, PointerButton, Pos2, Rect, Response, Stroke,
    TextureHandle, TextureId, TextureOptions, Ui, pos2, vec2,
};

use super::content::color_image;
use super::edges::Frame;
use super::view::Room;
use crate::app::easel::{Easel, Keys, Tool, Tools, Touch};
use crate::app::theme::Palette;
use crate::gpu::{MaskColors, MaskFrame, Overlay};
use crate::raster::Extent;

/// What is painted, with what, and how it looks.
pub struct Painting<'a> {
    pub easel: &'a mut Easel,
    pub tools: &'a Tools,
    pub look: MaskLook,
    /// The pointer moves the picture for now, whatever the tool.
    pub hand: bool,
    /// Edges to be dragged, where that is what people do.
    pub frame: Option<Frame<'a>>,
}

/// How the mask is seen over the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaskLook {
    pub shown: bool,
    pub color: [u8; 3],
    /// From 0 to 1.
    pub opacity: f32,
}

/// Points between a click and a polygon's first corner that still close it.
const CLOSE: f32 = 9.0;
/// Points a second that the dashes march.
const MARCH: f64 = 18.0;
/// Seconds between two places of the marching line.
const BEAT: f64 = 0.1;

/// The mask on the screen: drawn anew only when something about it has changed.
#[derive(Default)]
pub(super) struct MaskOnScreen {
    drawn: Option<Drawn>,
    uploaded: Option<TextureHandle>,
}

struct Drawn {
    asked: Asked,
    texture: Option<TextureId>,
}

#[derive(Clone, Copy, PartialEq)]
struct Asked {
    frame: MaskFrame,
    colors: MaskColors,
    looks: u64,
}

/// Where the picture is on the screen, for pointer and mask.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) room: Room,
    /// Of the whole picture.
    pub(super) picture: Rect,
}

impl Place {
    /// Screen pixels per pixel of the picture.
    fn zoom(&self) -> f32 {
        self.picture.width() * self.room.pixels_per_point / self.room.picture.x
    }

    pub(super) fn to_picture(self, at: Pos2) -> [f32; 2] {
        let share = (at - self.picture.min) / self.picture.size() * self.room.picture;
        [share.x, share.y]
    }

    pub(super) fn to_screen(self, at: [f32; 2]) -> Pos2 {
        self.picture.min + vec2(at[0], at[1]) / self.room.picture * self.picture.size()
    }
}

impl Painting<'_> {
    /// Whether the primary button paints now; else it moves the picture.
    pub(super) fn paints(&self) -> bool {
        self.frame.is_none() && self.tools.tool != Tool::Move && !self.hand
    }

    /// Takes every event of the pointer, also several in one frame, so that no stroke is cut short.
    pub(super) fn pointer(&mut self, ui: &Ui, response: &Response, place: Place) {
        // Not what egui says of the widget: a quick stroke may begin and end within one frame.
        let begins = |at: Pos2| {
            response.rect.contains(at) && ui.ctx().layer_id_at(at) == Some(response.layer_id)
        };
        let events = ui.input(|input| input.events.clone());
        let mut pressure = 1.0;
        for event in events {
            match event {
                Event::Touch {
                    force: Some(force), ..
                } => pressure = force,
                Event::PointerButton {
                    pos,
                    button: PointerButton::Primary,
                    pressed: true,
                    modifiers,
                } if begins(pos) => {
                    let keys = Keys {
                        extend: modifiers.shift,
                        erase: modifiers.alt,
                    };
                    let at = place.to_picture(pos);
                    if !self.closes(place, pos) {
                        self.easel.press(Touch { at, pressure }, self.tools, keys);
                    }
                }
                Event::PointerMoved(pos) => {
                    let at = place.to_picture(pos);
                    self.easel.follow(Touch { at, pressure }, self.tools);
                }
                Event::PointerGone
                | Event::PointerButton {
                    button: PointerButton::Primary,
                    pressed: false,
                    ..
                } => self.easel.release(),
                _ => {}
            }
        }
        if response.double_clicked() {
            self.easel.close();
        }
    }

    /// A click on its first corner closes a polygon.
    fn closes(&mut self, place: Place, at: Pos2) -> bool {
        let outline = self.easel.outline();
        self.tools.tool == Tool::Polygon
            && outline.len() > 3
            && place.to_screen(outline[0]).distance(at) < CLOSE
            && self.easel.close()
    }

    /// The ring of the brush, or the outline that is being drawn.
    pub(super) fn hands(&self, ui: &Ui, painter: &Painter, response: &Response, place: Place) {
        let outline: Vec<Pos2> = self
            .easel
            .outline()
            .into_iter()
            .map(|at| place.to_screen(at))
            .collect();
        if outline.len() > 1 {
            // Light over dark can be seen on every picture.
            let dark = Stroke::new(3.0, Color32::from_black_alpha(140));
            painter.line(outline.clone(), dark);
            painter.line(outline, Stroke::new(1.4, Color32::WHITE));
        }
        let Some(pointer) = response.hover_pos() else {
            return;
        };
        match self.tools.tool {
            Tool::Brush | Tool::Eraser => {
                ui.set_cursor_icon(CursorIcon::None);
                let radius = self.tools.size / 2.0 * place.zoom() / place.room.pixels_per_point;
                let dark = Stroke::new(2.5, Color32::from_black_alpha(120));
                painter.circle_stroke(pointer, radius.max(1.5), dark);
                painter.circle_stroke(pointer, radius.max(1.5), Stroke::new(1.3, Color32::WHITE));
            }
            Tool::Rectangle | Tool::Lasso | Tool::Polygon | Tool::Flood | Tool::Smart => {
                ui.set_cursor_icon(CursorIcon::Crosshair);
            }
            Tool::Move => {}
        }
    }
}

impl MaskOnScreen {
    /// Draws the mask over the part of the picture that is in sight.
    pub(super) fn show(
        &mut self,
        ui: &Ui,
        painter: &Painter,
        palette: &Palette,
        painting: &mut Painting<'_>,
        place: Place,
    ) {
        let scale = place.room.pixels_per_point;
        let sight = place.picture.intersect(place.room.rect);
        let whole = |value: f32| (value * scale).round();
        let (left, top) = (whole(sight.left()), whole(sight.top()));
        let (right, bottom) = (whole(sight.right()), whole(sight.bottom()));
        if right <= left || bottom <= top {
            return;
        }
        let frame = MaskFrame {
            size: Extent::new((right - left) as u32, (bottom - top) as u32),
            origin: [
                place.picture.left() * scale - left,
                place.picture.top() * scale - top,
            ],
            zoom: place.zoom(),
        };
        let phase = if painting.easel.may_march() {
            ui.ctx()
                .request_repaint_after(std::time::Duration::from_secs_f64(BEAT));
            let beat = (ui.input(|input| input.time) / BEAT).floor() * BEAT;
            -((beat * MARCH).rem_euclid(1000.0) as f32).round() * scale
        } else {
            0.0
        };
        let colors = colors(palette, painting.look, scale, phase);
        let asked = Asked {
            frame,
            colors,
            looks: painting.easel.looks(),
        };
        let is_new = self.drawn.as_ref().is_none_or(|drawn| drawn.asked != asked);
        if is_new || painting.easel.is_behind() {
            let texture = match painting.easel.overlay(&frame, &colors) {
                Some(Overlay::Texture(id)) => Some(id),
                Some(Overlay::Image(pixels)) => Some(self.upload(ui.ctx(), &pixels)),
                None => None,
            };
            self.drawn = Some(Drawn { asked, texture });
            if painting.easel.is_behind() {
                ui.ctx().request_repaint();
            }
        }
        if let Some(texture) = self.drawn.as_ref().and_then(|drawn| drawn.texture) {
            let rect = Rect::from_min_max(
                pos2(left / scale, top / scale),
                pos2(right / scale, bottom / scale),
            );
            let all = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
            painter.image(texture, rect, all, Color32::WHITE);
        }
    }

    fn upload(&mut self, ctx: &Context, pixels: &crate::raster::Pixels) -> TextureId {
        let image = color_image(pixels);
        let handle = match self.uploaded.take() {
            Some(mut handle) => {
                handle.set(image, TextureOptions::NEAREST);
                handle
            }
            None => ctx.load_texture("mask", image, TextureOptions::NEAREST),
        };
        let id = handle.id();
        self.uploaded = Some(handle);
        id
    }
}

fn colors(palette: &Palette, look: MaskLook, scale: f32, phase: f32) -> MaskColors {
    let [red, green, blue] = look.color.map(|value| f32::from(value) / 255.0);
    let dash = palette
        .accent
        .to_array()
        .map(|value| f32::from(value) / 255.0);
    MaskColors {
        tint: [red, green, blue, look.opacity.clamp(0.0, 1.0)],
        dash,
        gap: [0.0, 0.0, 0.0, 0.55],
        thickness: (1.3 * scale).round().max(1.0),
        period: 9.0 * scale,
        phase,
        padding: 0.0,
    }
}
