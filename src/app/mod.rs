//! The window: panels that edit a draft, a canvas that shows what comes of it.
//!
//! Panels read a `View` and name `Action`s; `act` does them and `hear` takes what
//! the engine tells. Nothing here computes, reads or writes files, or waits.

mod act;
mod action;
mod at_easel;
mod at_keys;
mod at_models;
mod at_quick_style;
mod at_ranking;
mod at_style;
mod at_style_again;
mod at_upscale;
mod bench;
mod dialogs;
mod hear;
mod icons;
mod keys;
mod live;
mod memory;
mod numbers;
mod panels;
mod path_sheet;
mod pointer;
mod ranking;
mod recalling;
mod recording;
mod reshaping;
mod session;
mod shapes;
mod shelf;
mod start;
mod state;
mod stock;
mod style;
mod timing;
mod upscaling;
mod view;
mod weighing;
mod widgets;
mod window;
mod work;

pub mod canvas;
pub mod clipboard;
mod completion;
pub mod easel;
pub mod fonts;
pub mod reveal;
pub mod theme;
pub mod words;

pub use bench::{FrameReport, Pace, bench_ui};
pub use recording::{Recorder, Recording};
pub use window::{WindowError, run};

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui_wgpu::RenderState;
use egui::{Event, Key, ThemePreference, ViewportCommand};

use action::{Action, Activity};
use canvas::Canvas;
use clipboard::{Pasted, Pasting};
use dialogs::Dialogs;
use easel::Easel;
use hear::Opening;
use keys::{Command, KeyEdit};
use live::Live;
pub use memory::FreeMemory;
use memory::MemoryWatch;
use path_sheet::{PathSheet, ToSave};
use pointer::PointerQuery;
use session::{Card, Session};
use state::{Form, Settings, ThemeChoice};
use stock::Stock;
use style::StyleTable;
use view::View;
use words::Language;

use crate::engine::{Engine, JobId, Preview, Request, TokenQuestion};

/// Wakes the window from any thread.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// Pictures of the library listed in the filmstrip.
const LISTED: usize = 60;

/// What a window starts with.
#[derive(Clone)]
pub struct AppOptions {
    /// The settings' JSON, as read at start.
    pub settings: Option<String>,
    /// Where settings that could not be read were put, if there were any.
    pub settings_put_aside: Option<PathBuf>,
    /// Of the system; kept settings have their own.
    pub language: Option<Language>,
    /// The library's folder.
    pub pictures_folder: PathBuf,
    pub device: Device,
    /// A picture to open at start.
    pub open: Option<PathBuf>,
    /// Bytes of pictures that the easel's history holds in memory; the others rest on disk.
    pub most_in_memory: usize,
    /// Tells how much memory drawing may take where people set no limit.
    pub free_memory: FreeMemory,
    pub wake: Waker,
}

/// What computes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// `CPU`.
    pub name: String,
    pub cores: usize,
    /// `AVX-512`.
    pub simd: String,
    /// Of the whole machine.
    pub memory_bytes: u64,
}

/// The whole window.
pub struct App {
    engine: Box<dyn Engine>,
    settings: Settings,
    session: Session,
    canvas: Canvas,
    easel: Option<Easel>,
    style: StyleTable,
    stock: Stock,
    live: Live,
    /// Tells where the pointer is while another program has it.
    pointer: Option<PointerQuery>,
    /// What draws with shaders, if anything does.
    render: Option<RenderState>,
    dialogs: Dialogs,
    device: Device,
    memory: MemoryWatch,
    pictures_folder: PathBuf,
    activity: Activity,
    sheet: Option<PathSheet>,
    to_save: Option<ToSave>,
    keys_shown: bool,
    key_edit: KeyEdit,
    /// Commands whose key is down now.
    held: Vec<Command>,
    /// The prompt takes the focus once, so that people can type at once.
    focus_prompt: bool,
    panels_hidden: bool,
    full_screen: bool,
    /// Files asked for, and what for.
    opening: Vec<Opening>,
    /// The form as it was before a recipe was taken over.
    before_adopting: Option<Form>,
    /// What the canvas showed before the run.
    before_run: Option<shelf::PictureId>,
    /// What the engine has been asked about the form: model, then prompt.
    inspected: Option<(String, Option<String>)>,
    counted: Option<TokenQuestion>,
    /// A model was just chosen: its own size and guidance are to be taken over.
    take_model_defaults: bool,
    next_job: u64,
    next_search: u64,
    /// Asked for while nothing ran: people want to see it.
    follow_next: Option<JobId>,
    started: bool,
    pasting: Pasting,
    /// A pasted picture is on its way into the library.
    importing: bool,
    open_at_start: Option<PathBuf>,
    most_in_memory: usize,
    settings_put_aside: Option<PathBuf>,
}

impl App {
    /// A window around an engine. `render` draws previews with shaders; without it they are drawn
    /// as plain images.
    pub fn new(engine: Box<dyn Engine>, options: AppOptions, render: Option<RenderState>) -> Self {
        let settings = Settings::at_start(options.settings.as_deref(), options.language);
        Self {
            engine,
            style: StyleTable::new(settings.style.pairing),
            stock: Stock::default(),
            live: Live::default(),
            settings,
            session: Session::default(),
            canvas: Canvas::new(render.clone()),
            easel: None,
            pointer: None,
            render,
            dialogs: Dialogs::new(Arc::clone(&options.wake)),
            device: options.device,
            memory: MemoryWatch::new(options.free_memory),
            pictures_folder: options.pictures_folder,
            activity: Activity::default(),
            sheet: None,
            to_save: None,
            keys_shown: false,
            key_edit: KeyEdit::default(),
            held: Vec::new(),
            focus_prompt: true,
            panels_hidden: false,
            full_screen: false,
            opening: Vec::new(),
            before_adopting: None,
            before_run: None,
            inspected: None,
            counted: None,
            take_model_defaults: false,
            next_job: 1,
            next_search: 1,
            follow_next: None,
            started: false,
            pasting: Pasting::new(options.wake),
            importing: false,
            open_at_start: options.open,
            most_in_memory: options.most_in_memory,
            settings_put_aside: options.settings_put_aside,
        }
    }

    /// Gives a context the window's fonts and look, and leaves every key to the table of commands;
    /// called once.
    pub fn install(ctx: &egui::Context) {
        fonts::install(ctx);
        theme::install(ctx);
        ctx.options_mut(|options| {
            options.zoom_with_keyboard = false;
            options.quit_shortcuts.clear();
        });
    }

    /// Takes what happened since the last frame; never waits.
    pub fn tick(&mut self, ctx: &egui::Context) {
        self.start(ctx);
        while let Some(event) = self.engine.try_event() {
            self.hear(event, ctx);
        }
        match self.engine.take_preview() {
            Some(Preview::Latents(preview)) => self.hear_preview(preview, ctx),
            Some(Preview::Picture(preview)) => self.hear_picture_preview(preview, ctx),
            None => {}
        }
        while let Some((purpose, path)) = self.dialogs.chosen() {
            self.path_chosen(purpose, &path, ctx);
        }
        self.take_dropped_files(ctx);
        self.take_pasted(ctx);
        self.watch_memory();
        self.ask_about_the_form();
        self.ask_about_the_network();
        self.ask_about_clips();
        self.apply_settings(ctx);
        self.end_toast(ctx);
        self.hold_the_door(ctx);
    }

    /// Draws the window and does what people ask.
    pub fn show(&mut self, ui: &mut egui::Ui) {
        self.free_tab(ui.ctx());
        widgets::notice_input(ui.ctx());
        let mut actions = Vec::new();
        self.take_keys(ui.ctx(), &mut actions);
        let palette = theme::Palette::of(ui.visuals().dark_mode);
        let allowed = self.memory.allowed(&self.settings);
        let mut view = View {
            settings: &mut self.settings,
            session: &self.session,
            canvas: &mut self.canvas,
            easel: &mut self.easel,
            style: &mut self.style,
            stock: &mut self.stock,
            sheet: &mut self.sheet,
            activity: self.activity,
            keys_shown: self.keys_shown,
            key_edit: &self.key_edit,
            held: &self.held,
            full_screen: self.full_screen,
            focus_prompt: &mut self.focus_prompt,
            panels_hidden: self.panels_hidden,
            device: &self.device,
            allowed,
            pictures_folder: &self.pictures_folder,
            palette,
            actions: &mut actions,
        };
        panels::show(ui, &mut view);
        for action in actions {
            self.act(action, ui.ctx());
        }
        self.search();
        self.reshape(ui.ctx());
        self.recall();
        self.keep_easel();
        self.rest_pictures();
        self.follow_the_form(ui.ctx());
        // What was typed in this frame is asked about in this frame.
        self.ask_about_the_form();
    }

    /// Keeps the settings; called when the window closes.
    pub fn finish(&mut self) {
        self.save_settings();
    }

    fn start(&mut self, ctx: &egui::Context) {
        if self.started {
            return;
        }
        self.started = true;
        ctx.set_zoom_factor(self.settings.scale);
        // The form comes first: reading the library's pictures takes longer.
        self.ask_about_the_form();
        self.send(Request::RestoreEasel);
        self.send(Request::ListExtras);
        self.send(Request::ListLibrary { most: LISTED });
        if let Some(path) = self.settings_put_aside.take() {
            let text = words::failures::settings_put_aside(self.settings.language, &path);
            self.toast(ctx, text, true);
        }
        if let Some(path) = self.open_at_start.take() {
            self.act(Action::OpenPicture(path), ctx);
        }
    }

    /// Sends a request, and remembers whether the engine still takes any.
    fn send(&mut self, request: Request) -> bool {
        let taken = self.engine.send(request).is_ok();
        self.session.unavailable = !taken;
        taken
    }

    fn save_settings(&mut self) {
        self.remember_table();
        self.session.settings_failure = None;
        self.send(Request::SaveSettings {
            json: self.settings.to_json(),
        });
    }

    /// Asks what the panels need to know of the form's model and prompt, once per change.
    fn ask_about_the_form(&mut self) {
        let draft = &self.settings.form.draft;
        let (model, vae) = (draft.model.clone(), draft.vae.clone());
        let inspected = (model.clone(), vae.clone());
        if self.inspected.as_ref() != Some(&inspected) {
            let request = Request::Inspect {
                model: model.clone(),
                vae,
            };
            if self.send(request) {
                self.session.card = Card::Reading;
                self.inspected = Some(inspected);
            }
            return;
        }
        let asked = TokenQuestion {
            model,
            prompt: draft.prompt.clone(),
            emphasis: draft.emphasis,
            steps: draft.steps,
        };
        if self.counted.as_ref() != Some(&asked)
            && self.session.model().is_some()
            && self.send(Request::CountTokens(asked.clone()))
        {
            self.counted = Some(asked);
        }
    }

    /// Keeps the window open where closing it would lose a picture that has no file, or end what is
    /// under way; whoever closes it again while that is being said means it.
    fn hold_the_door(&mut self, ctx: &egui::Context) {
        if !ctx.input(|input| input.viewport().close_requested()) {
            return;
        }
        let words = words::words(self.settings.language);
        let at_work = self.session.running().is_some() || !self.session.queue.is_empty();
        let text = match (self.session.shelf.has_unsaved(), at_work) {
            (true, _) => words.closing_loses,
            (false, true) => words.closing_ends,
            (false, false) => return,
        };
        let said = self.session.toast.as_ref().map(|toast| &*toast.text);
        if said != Some(text) {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.toast(ctx, text.to_owned(), true);
        }
    }

    fn apply_settings(&mut self, ctx: &egui::Context) {
        let theme = match self.settings.theme {
            ThemeChoice::System => ThemePreference::System,
            ThemeChoice::Dark => ThemePreference::Dark,
            ThemeChoice::Light => ThemePreference::Light,
        };
        if ctx.options(|options| options.theme_preference) != theme {
            ctx.set_theme(theme);
        }
        // It changes between two frames.
        self.settings.scale = ctx.zoom_factor();
    }

    fn end_toast(&mut self, ctx: &egui::Context) {
        let Some(toast) = &self.session.toast else {
            return;
        };
        let left = toast.until - ctx.time();
        if left <= 0.0 {
            self.dismiss_toast();
        } else {
            ctx.request_repaint_after(std::time::Duration::from_secs_f64(left));
        }
    }

    /// The settings of before can be brought back as long as the message says so.
    fn dismiss_toast(&mut self) {
        self.session.toast = None;
        self.before_adopting = None;
    }

    fn take_dropped_files(&mut self, ctx: &egui::Context) {
        self.follow_carried_files(ctx);
        let dropped: Vec<PathBuf> = ctx.input(|input| {
            let files = input.raw.dropped_files.iter();
            files.map(|file| file.path().to_owned()).collect()
        });
        let Some((first, others)) = dropped.split_first() else {
            return;
        };
        if self.activity == Activity::Style {
            self.drop_on_table(dropped, ctx);
            return;
        }
        if self.activity == Activity::Upscale {
            self.add_to_upscale(&dropped);
        } else if !others.is_empty() {
            log::info!("only the first of several dropped files is opened here");
        }
        self.act(Action::OpenPicture(first.clone()), ctx);
    }

    /// While files are carried over the window the system tells nobody where the pointer is; it is
    /// asked, where that is possible.
    fn follow_carried_files(&mut self, ctx: &egui::Context) {
        /// Between two looks.
        const PACE: std::time::Duration = std::time::Duration::from_millis(50);
        let carried = ctx.input(|input| {
            !(input.raw.hovered_files.is_empty() && input.raw.dropped_files.is_empty())
        });
        if self.activity != Activity::Style || !carried {
            return;
        }
        let at = self.pointer.as_ref().and_then(PointerQuery::at);
        self.style.carried = at.and_then(|at| pointer::in_window(at, ctx));
        ctx.request_repaint_after(PACE);
    }

    /// The same window, told by the system where the pointer is.
    #[must_use]
    pub fn with_pointer(mut self) -> Self {
        self.pointer = PointerQuery::open();
        self
    }

    /// A picture of the clipboard, or a file of a picture copied elsewhere.
    fn take_pasted(&mut self, ctx: &egui::Context) {
        let events = ctx.input(|input| input.events.clone());
        let waits = self.key_edit.waiting.is_some();
        for event in events {
            match event {
                // A key that is held pastes again and again.
                Event::PasteImage(image) if !self.importing && !waits => {
                    self.importing = self.pasting.begin(image);
                }
                Event::Paste(text) if !ctx.text_edit_focused() => {
                    if let Some(path) = clipboard::picture_file(&text) {
                        self.act(Action::OpenPicture(path), ctx);
                    }
                }
                _ => {}
            }
        }
        if let Some(pasted) = self.pasting.done() {
            self.importing = match pasted {
                Pasted::Picture(pixels) => {
                    let pixels = Arc::new(pixels);
                    self.send(Request::Import { pixels })
                }
                Pasted::Empty => false,
            };
        }
    }

    /// A control that was clicked has the focus, but whoever goes by pointer at the easel does not
    /// mean it by Tab.
    fn free_tab(&self, ctx: &egui::Context) {
        let tab = self.settings.keys.has_tab(Command::Original)
            && ctx.input(|input| input.modifiers.is_none() && input.key_pressed(Key::Tab));
        let by_pointer = !widgets::by_keyboard(ctx) && !ctx.text_edit_focused();
        if tab && by_pointer && self.activity == Activity::Canvas && self.easel.is_some() {
            ctx.memory_mut(|memory| {
                if let Some(id) = memory.focused() {
                    memory.surrender_focus(id);
                }
            });
        }
    }
}
