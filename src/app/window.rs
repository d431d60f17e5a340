//! Opens the window and keeps it until it is closed.

use std::sync::Arc;
use std::time::Instant;

use eframe::NativeOptions;
use egui::{IconData, ViewportBuilder};
use thiserror::Error;

use super::{App, AppOptions, Recorder, Waker};
use crate::engine::Engine;
use crate::gpu;

/// What the window is called, and by what name the desktop knows it.
const TITLE: &str = "Afterimage";
const APP_ID: &str = "afterimage";

/// In points.
const SIZE: [f32; 2] = [1440.0, 900.0];
const LEAST_SIZE: [f32; 2] = [900.0, 600.0];

/// Pixels along each side of the icon.
const ICON_SIDE: u32 = 64;

/// Why there is no window; one line that says what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WindowError {
    #[error(
        "there is no display to open a window on: start the studio in a desktop session, or make \
         pictures without a window by `afterimage generate \"PROMPT\"`"
    )]
    NoDisplay,
    #[error(
        "the window cannot be opened ({0}): start the studio in a desktop session, or make \
         pictures without a window by `afterimage generate \"PROMPT\"`"
    )]
    Desktop(String),
    #[error(
        "nothing here can draw the window ({0}): install a graphics driver (on Debian and Ubuntu \
         the package mesa-vulkan-drivers), or make pictures without a window by \
         `afterimage generate \"PROMPT\"`"
    )]
    Graphics(String),
    #[error("the engine cannot be started ({0}): close other programs and start the studio again")]
    Engine(String),
}

/// Opens the window and returns when it is closed. `start` is given what wakes the window, and
/// starts the engine; `recorder` takes down what people do, where there is one.
pub fn run(
    start: impl FnOnce(Waker) -> Result<(Box<dyn Engine>, AppOptions), String>,
    recorder: Option<Recorder>,
) -> Result<(), WindowError> {
    let began = Instant::now();
    if !has_display() {
        return Err(WindowError::NoDisplay);
    }
    let options = NativeOptions {
        viewport: ViewportBuilder::default()
            .with_title(TITLE)
            .with_app_id(APP_ID)
            .with_icon(icon())
            .with_inner_size(SIZE)
            .with_min_inner_size(LEAST_SIZE),
        wgpu_options: gpu::setup(),
        ..NativeOptions::default()
    };
    let create = |context: &eframe::CreationContext<'_>| {
        let ctx = context.egui_ctx.clone();
        App::install(&ctx);
        let (engine, options) = start(Arc::new(move || ctx.request_repaint()))?;
        let app = App::new(engine, options, context.wgpu_render_state.clone()).with_pointer();
        Ok(Box::new(Window {
            app,
            recorder,
            began: Some(began),
        }) as Box<dyn eframe::App>)
    };
    eframe::run_native(TITLE, options, Box::new(create)).map_err(|error| told(&error))
}

/// Whether there is anything to open a window on: asked first, since the toolkit takes long to
/// answer and says it in many words.
fn has_display() -> bool {
    let asks_server = cfg!(all(unix, not(target_os = "macos")));
    !asks_server
        || ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"]
            .into_iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn told(error: &eframe::Error) -> WindowError {
    let reason = |error: &dyn std::fmt::Display| {
        let text = error.to_string();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    match error {
        eframe::Error::AppCreation(error) => WindowError::Engine(reason(error)),
        eframe::Error::Wgpu(error) => WindowError::Graphics(reason(error)),
        eframe::Error::Winit(error) => WindowError::Desktop(reason(error)),
        eframe::Error::WinitEventLoop(error) => WindowError::Desktop(reason(error)),
    }
}

/// The app, as the toolkit calls it.
struct Window {
    app: App,
    recorder: Option<Recorder>,
    /// Until the first frame.
    began: Option<Instant>,
}

impl eframe::App for Window {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.app.tick(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.app.show(ui);
        if let Some(began) = self.began.take() {
            log::info!("first frame after {} ms", began.elapsed().as_millis());
        }
    }

    fn raw_input_hook(&mut self, _ctx: &egui::Context, input: &mut egui::RawInput) {
        if let Some(recorder) = &mut self.recorder {
            recorder.note(input);
        }
    }

    fn on_exit(&mut self) {
        self.app.finish();
        if let Some(recorder) = self.recorder.take() {
            recorder.finish();
        }
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}

/// An amber tile with a light that fades: what stays in the eye.
fn icon() -> IconData {
    let side = ICON_SIDE as f32;
    let rgba = (0..ICON_SIDE * ICON_SIDE)
        .flat_map(|index| {
            let x = ((index % ICON_SIDE) as f32 + 0.5) / side;
            let y = ((index / ICON_SIDE) as f32 + 0.5) / side;
            icon_pixel(x, y)
        })
        .collect();
    IconData {
        rgba,
        width: ICON_SIDE,
        height: ICON_SIDE,
    }
}

/// Straight RGBA at a place of the icon, from (0, 0) to (1, 1).
fn icon_pixel(x: f32, y: f32) -> [u8; 4] {
    /// Half the side of the tile without its round corners, and their radius.
    const INNER: f32 = 0.26;
    const CORNER: f32 = 0.22;
    const TOP: [f32; 3] = [247.0, 190.0, 116.0];
    const BOTTOM: [f32; 3] = [226.0, 122.0, 84.0];
    const LIGHT: [f32; 3] = [255.0, 232.0, 196.0];
    // One pixel of the icon, over which edges soften.
    let soft = |distance: f32| (0.5 - distance * ICON_SIDE as f32).clamp(0.0, 1.0);
    let (from_x, from_y) = ((x - 0.5).abs() - INNER, (y - 0.5).abs() - INNER);
    let tile = soft(from_x.max(0.0).hypot(from_y.max(0.0)) - CORNER);
    let disc = soft((x - 0.4).hypot(y - 0.4) - 0.17);
    let halo = (1.0 - (x - 0.4).hypot(y - 0.4) / 0.42).clamp(0.0, 1.0) * 0.45;
    let light = disc.max(halo);
    let [red, green, blue]: [u8; 3] = std::array::from_fn(|i| {
        let ground = TOP[i] + (BOTTOM[i] - TOP[i]) * y;
        (ground + (LIGHT[i] - ground) * light).round() as u8
    });
    [red, green, blue, (tile * 255.0).round() as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_one_line_with_a_way_out() {
        for error in [
            WindowError::NoDisplay,
            WindowError::Desktop("x".to_owned()),
            WindowError::Graphics("x".to_owned()),
        ] {
            let text = error.to_string();
            assert_eq!(text.lines().count(), 1);
            assert!(text.contains("afterimage generate"), "{text}");
        }
    }

    #[test]
    fn the_icon_is_a_tile_with_open_corners() {
        let icon = icon();
        let alpha = |x: usize, y: usize| icon.rgba[4 * (y * ICON_SIDE as usize + x) + 3];
        assert_eq!(alpha(0, 0), 0);
        assert_eq!(alpha(32, 32), 255);
    }
}
