//! Where the pointer is while another program carries files with it: the window hears nothing of it
//! then, but on X11 the server can be asked.

use egui::{Context, Pos2};

/// A way to ask.
pub(super) struct PointerQuery {
    #[cfg(target_os = "linux")]
    server: x11rb::rust_connection::RustConnection,
    #[cfg(target_os = "linux")]
    root: u32,
}

#[cfg(target_os = "linux")]
impl PointerQuery {
    /// `None` where there is no server to ask.
    pub(super) fn open() -> Option<Self> {
        use x11rb::connection::Connection as _;
        let (server, screen) = x11rb::connect(None)
            .inspect_err(|error| log::info!("the pointer cannot be asked for: {error}"))
            .ok()?;
        let root = server.setup().roots.get(screen)?.root;
        Some(Self { server, root })
    }

    /// On the whole screen, in pixels.
    pub(super) fn at(&self) -> Option<Pos2> {
        use x11rb::protocol::xproto::ConnectionExt as _;
        let asked = self.server.query_pointer(self.root).ok()?;
        let told = asked.reply().ok()?;
        Some(egui::pos2(told.root_x.into(), told.root_y.into()))
    }
}

#[cfg(not(target_os = "linux"))]
impl PointerQuery {
    /// There is nobody to ask.
    pub(super) const fn open() -> Option<Self> {
        None
    }

    pub(super) const fn at(&self) -> Option<Pos2> {
        None
    }
}

/// A place of the screen, in the window's points; `None` where the window's own place is not known.
pub(super) fn in_window(at: Pos2, ctx: &Context) -> Option<Pos2> {
    let points = at / ctx.pixels_per_point();
    let corner = ctx.input(|input| input.viewport().inner_rect)?.min;
    Some((points - corner).to_pos2())
}
