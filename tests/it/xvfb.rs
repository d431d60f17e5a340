//! A screen without hardware, and hands on its keyboard and mouse.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ClientMessageEvent, ConfigureWindowAux,
    ConnectionExt as _, CreateWindowAux, EventMask, ImageFormat, InputFocus, KEY_PRESS_EVENT,
    KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT, MapState, PropMode, SELECTION_NOTIFY_EVENT,
    SelectionNotifyEvent, Window, WindowClass,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

pub(crate) const WIDTH: u16 = 1280;
pub(crate) const HEIGHT: u16 = 800;

/// Patience with a machine that computes everything, pixels too, on few cores.
const PATIENCE: Duration = Duration::from_mins(2);

/// Calls `look` until it finds something.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// An X server of its own; gone when dropped.
pub(crate) struct Screen {
    server: Child,
    pub(crate) display: String,
    connection: RustConnection,
    root: Window,
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }
}

/// What the screen shows: blue, green, red and nothing for each pixel, rows from the top.
#[derive(PartialEq, Eq)]
pub(crate) struct Shot {
    bgrx: Vec<u8>,
}

impl Shot {
    /// Red, green and blue of every pixel of a part of the screen.
    pub(crate) fn part(
        &self,
        (left, top): (u16, u16),
        (width, height): (u16, u16),
    ) -> Vec<[u8; 3]> {
        (top..top + height)
            .flat_map(|y| (left..left + width).map(move |x| (usize::from(y), usize::from(x))))
            .map(|(y, x)| {
                let at = 4 * (y * usize::from(WIDTH) + x);
                [self.bgrx[at + 2], self.bgrx[at + 1], self.bgrx[at]]
            })
            .collect()
    }

    /// Number of different colours.
    pub(crate) fn colors(&self) -> usize {
        let mut colors = self.part((0, 0), (WIDTH, HEIGHT));
        colors.sort_unstable();
        colors.dedup();
        colors.len()
    }
}

impl Screen {
    /// Starts Xvfb on a display that is free.
    pub(crate) fn start() -> Self {
        let geometry = format!("{WIDTH}x{HEIGHT}x24");
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                &geometry,
                "-nolisten",
                "tcp",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("install Xvfb, on Debian and Ubuntu the package xvfb: {error}")
            });
        let mut number = String::new();
        BufReader::new(server.stdout.as_mut().unwrap())
            .read_line(&mut number)
            .unwrap();
        let display = format!(":{}", number.trim());
        let (connection, screen) = x11rb::connect(Some(&display)).unwrap();
        let root = connection.setup().roots[screen].root;
        Self {
            server,
            display,
            connection,
            root,
        }
    }

    /// The mapped top-level window of that title, once it is there; moved to the corner and given
    /// the keyboard, as a window manager would.
    pub(crate) fn window(&self, title: &str) -> Window {
        let window = wait_for(&format!("the window {title}"), || {
            self.find(self.root, title)
        });
        let whole = ConfigureWindowAux::new()
            .x(0)
            .y(0)
            .width(u32::from(WIDTH))
            .height(u32::from(HEIGHT));
        self.connection.configure_window(window, &whole).unwrap();
        self.connection
            .set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME)
            .unwrap();
        self.connection.sync().unwrap();
        window
    }

    /// Drops a file of another program on a window: that is carried there by the pointer, over the
    /// window's middle first.
    pub(crate) fn drop_file(&self, window: Window, path: &std::path::Path, at: (i16, i16)) {
        let connection = &self.connection;
        let atom = |name: &str| {
            let asked = connection.intern_atom(false, name.as_bytes()).unwrap();
            asked.reply().unwrap().atom
        };
        let source = connection.generate_id().unwrap();
        connection
            .create_window(
                x11rb::COPY_DEPTH_FROM_PARENT,
                source,
                self.root,
                0,
                0,
                1,
                1,
                0,
                WindowClass::INPUT_OUTPUT,
                x11rb::COPY_FROM_PARENT,
                &CreateWindowAux::new(),
            )
            .unwrap();
        let selection = atom("XdndSelection");
        connection
            .set_selection_owner(source, selection, x11rb::CURRENT_TIME)
            .unwrap();
        let tell = |kind: &str, data: [u32; 5]| {
            let message = ClientMessageEvent::new(32, window, atom(kind), data);
            connection
                .send_event(false, window, EventMask::NO_EVENT, message)
                .unwrap();
            connection.sync().unwrap();
        };
        tell("XdndEnter", [source, 5 << 24, atom("text/uri-list"), 0, 0]);
        for (x, y) in [(i16::try_from(WIDTH).unwrap() / 2, 400), at] {
            self.fake(MOTION_NOTIFY_EVENT, 0, (x, y));
            let place = (x as u32) << 16 | y as u32;
            let copy = atom("XdndActionCopy");
            tell(
                "XdndPosition",
                [source, 0, place, x11rb::CURRENT_TIME, copy],
            );
            self.answer(source, path, "XdndStatus");
            // The window follows the pointer by itself.
            std::thread::sleep(Duration::from_millis(400));
        }
        tell("XdndDrop", [source, 0, x11rb::CURRENT_TIME, 0, 0]);
        self.answer(source, path, "XdndFinished");
        connection.destroy_window(source).unwrap();
        connection.sync().unwrap();
    }

    /// Hands over a file's address until the window has said something.
    fn answer(&self, source: Window, path: &std::path::Path, until: &str) {
        let connection = &self.connection;
        let asked = connection.intern_atom(false, until.as_bytes()).unwrap();
        let until_atom = asked.reply().unwrap().atom;
        wait_for(until, || match connection.poll_for_event().unwrap()? {
            Event::SelectionRequest(asked) => {
                let address = format!("file://{}\r\n", path.display());
                connection
                    .change_property8(
                        PropMode::REPLACE,
                        asked.requestor,
                        asked.property,
                        asked.target,
                        address.as_bytes(),
                    )
                    .unwrap();
                let told = SelectionNotifyEvent {
                    response_type: SELECTION_NOTIFY_EVENT,
                    sequence: 0,
                    time: asked.time,
                    requestor: asked.requestor,
                    selection: asked.selection,
                    target: asked.target,
                    property: asked.property,
                };
                connection
                    .send_event(false, asked.requestor, EventMask::NO_EVENT, told)
                    .unwrap();
                connection.sync().unwrap();
                None
            }
            Event::ClientMessage(told) if told.type_ == until_atom => {
                assert_eq!(told.window, source);
                Some(())
            }
            _ => None,
        });
    }

    /// Takes the keyboard away from every window.
    pub(crate) fn unfocus(&self) {
        self.connection
            .set_input_focus(InputFocus::NONE, x11rb::NONE, x11rb::CURRENT_TIME)
            .unwrap();
        self.connection.sync().unwrap();
    }

    fn find(&self, parent: Window, title: &str) -> Option<Window> {
        let tree = self.connection.query_tree(parent).ok()?.reply().ok()?;
        tree.children.into_iter().find(|&window| {
            let name = self
                .connection
                .get_property(false, window, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 64)
                .ok()
                .and_then(|cookie| cookie.reply().ok());
            // Only a window that is seen can be given the keyboard.
            let seen = self
                .connection
                .get_window_attributes(window)
                .ok()
                .and_then(|cookie| cookie.reply().ok())
                .is_some_and(|attributes| attributes.map_state == MapState::VIEWABLE);
            seen && name.is_some_and(|name| name.value == title.as_bytes())
        })
    }

    pub(crate) fn shot(&self) -> Shot {
        let image = self
            .connection
            .get_image(
                ImageFormat::Z_PIXMAP,
                self.root,
                0,
                0,
                WIDTH,
                HEIGHT,
                u32::MAX,
            )
            .unwrap()
            .reply()
            .unwrap();
        Shot { bgrx: image.data }
    }

    fn fake(&self, kind: u8, detail: u8, (x, y): (i16, i16)) {
        self.connection
            .xtest_fake_input(kind, detail, 0, self.root, x, y, 0)
            .unwrap();
        self.connection.sync().unwrap();
        // A frame or two, so that the window sees every press and release.
        std::thread::sleep(Duration::from_millis(30));
    }

    pub(crate) fn click(&self, x: i16, y: i16) {
        self.fake(MOTION_NOTIFY_EVENT, 0, (x, y));
        self.fake(BUTTON_PRESS_EVENT, 1, (0, 0));
        self.fake(BUTTON_RELEASE_EVENT, 1, (0, 0));
    }

    /// Draws with the primary button held, from place to place.
    pub(crate) fn drag(&self, path: &[(i16, i16)]) {
        self.hold(path);
        self.fake(BUTTON_RELEASE_EVENT, 1, (0, 0));
    }

    /// Holds the primary button down from place to place, and does not let go.
    pub(crate) fn hold(&self, path: &[(i16, i16)]) {
        self.fake(MOTION_NOTIFY_EVENT, 0, path[0]);
        self.fake(BUTTON_PRESS_EVENT, 1, (0, 0));
        for place in &path[1..] {
            self.fake(MOTION_NOTIFY_EVENT, 0, *place);
        }
    }

    /// Lets the primary button go, and takes the pointer elsewhere.
    pub(crate) fn release(&self, place: (i16, i16)) {
        self.fake(BUTTON_RELEASE_EVENT, 1, (0, 0));
        self.fake(MOTION_NOTIFY_EVENT, 0, place);
    }

    /// Presses keys together, by their keysyms, and lets them go in reverse.
    pub(crate) fn press(&self, keysyms: &[u32]) {
        let codes: Vec<u8> = keysyms
            .iter()
            .map(|keysym| self.keycode(*keysym).0)
            .collect();
        for code in &codes {
            self.fake(KEY_PRESS_EVENT, *code, (0, 0));
        }
        for code in codes.iter().rev() {
            self.fake(KEY_RELEASE_EVENT, *code, (0, 0));
        }
    }

    /// Types printable ASCII, whose keysyms are its codes.
    pub(crate) fn write(&self, text: &str) {
        for letter in text.chars() {
            let keysym = u32::from(letter);
            if self.keycode(keysym).1 {
                self.press(&[SHIFT, keysym]);
            } else {
                self.press(&[keysym]);
            }
        }
    }

    /// The key that gives a keysym, and whether it needs Shift.
    fn keycode(&self, keysym: u32) -> (u8, bool) {
        let setup = self.connection.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let mapping = self
            .connection
            .get_keyboard_mapping(first, last - first + 1)
            .unwrap()
            .reply()
            .unwrap();
        let per_key = usize::from(mapping.keysyms_per_keycode);
        for (index, keysyms) in mapping.keysyms.chunks(per_key).enumerate() {
            if let Some(level) = keysyms.iter().take(2).position(|known| *known == keysym) {
                return (first + index as u8, level == 1);
            }
        }
        panic!("no key gives {keysym:#x}")
    }
}

pub(crate) const SHIFT: u32 = 0xffe1;
pub(crate) const CONTROL: u32 = 0xffe3;
pub(crate) const ENTER: u32 = 0xff0d;
