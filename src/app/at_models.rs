//! Does what people ask about models, and takes what is told of them.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Context, TextureOptions};

use super::App;
use super::action::{Action, Activity};
use super::canvas::color_image;
use super::stock::Look;
use super::words::of_models;
use crate::engine::{Download, DownloadId, DownloadState, Request, StockEvent, StockRequest};
use crate::stock::fetch::{CURATED, RepoName, Wish};

/// What there is to do with models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ModelsAction {
    /// Look for models anew.
    Refresh,
    /// Look at one.
    Choose(PathBuf),
    /// Tell how one looks that is seen in the list.
    ShowPicture(PathBuf),
    /// Draw with it from now on.
    Use(PathBuf),
    Hash(PathBuf),
    CopyText(String),
    Reveal(PathBuf),
    /// Get a well-known one, by its place.
    GetCurated(usize),
    /// Get the one people typed.
    GetTyped,
    Pause(DownloadId),
    GoOn(DownloadId),
    Cancel(DownloadId),
    RemoveFolder(PathBuf),
    DismissProblem,
}

impl App {
    pub(super) fn act_on_models(&mut self, action: ModelsAction, ctx: &Context) {
        match action {
            ModelsAction::Refresh => self.ask_stock(StockRequest::List),
            ModelsAction::Choose(path) => {
                self.ask_stock(StockRequest::Look(path.clone()));
                self.stock.chosen = Some(path);
            }
            ModelsAction::ShowPicture(path) => {
                self.stock.pictures.insert(path.clone(), Look::Asked);
                self.ask_stock(StockRequest::ShowPicture(path));
            }
            ModelsAction::Use(path) => {
                self.act(Action::ChooseModel(path.display().to_string()), ctx);
                self.act(Action::Go(Activity::Create), ctx);
            }
            ModelsAction::Hash(path) => {
                self.stock.hashing.insert(path.clone());
                self.ask_stock(StockRequest::Hash(path));
            }
            ModelsAction::CopyText(text) => {
                ctx.copy_text(text);
                self.tell_copied(ctx);
            }
            ModelsAction::Reveal(path) => self.reveal(&path, ctx),
            ModelsAction::GetCurated(at) => {
                let row = CURATED.get(at);
                if let Some(Ok(repo)) = row.map(|row| RepoName::parse(row.repo)) {
                    self.get_model(Wish::of(repo));
                }
            }
            ModelsAction::GetTyped => match Wish::parse(&self.stock.repo) {
                Ok(wish) => {
                    self.stock.repo.clear();
                    let variant = self.stock.variant.map(str::to_owned);
                    self.get_model(Wish {
                        variant: variant.or(wish.variant),
                        ..wish
                    });
                }
                Err(_) => self.stock.bad_repo = true,
            },
            ModelsAction::Pause(id) => self.ask_stock(StockRequest::Pause(id)),
            ModelsAction::GoOn(id) => self.ask_stock(StockRequest::GoOn(id)),
            ModelsAction::Cancel(id) => self.ask_stock(StockRequest::Cancel(id)),
            ModelsAction::RemoveFolder(path) => {
                self.ask_stock(StockRequest::RemoveFolder(path));
            }
            ModelsAction::DismissProblem => self.stock.problem = None,
        }
    }

    /// People come to the models: what lies in the folders may have changed.
    pub(super) fn enter_models(&mut self) {
        self.ask_stock(StockRequest::List);
    }

    /// Looks for models in a further folder from now on.
    pub(super) fn add_models_folder(&mut self, path: PathBuf) {
        self.stock.problem = None;
        self.ask_stock(StockRequest::AddFolder(path));
    }

    fn get_model(&mut self, wish: Wish) {
        self.ask_stock(StockRequest::Get(Box::new(wish)));
    }

    fn ask_stock(&mut self, request: StockRequest) {
        self.send(Request::Stock(request));
    }

    pub(super) fn hear_stock(&mut self, event: StockEvent, ctx: &Context) {
        let stock = &mut self.stock;
        match event {
            StockEvent::Listed {
                items,
                roots,
                whole,
                has_token,
                free,
            } => {
                // What was listed before is shown until more is known than that.
                if whole || items.len() >= stock.items.len() {
                    stock.items = items;
                }
                (stock.roots, stock.whole) = (roots, whole);
                (stock.has_token, stock.free) = (has_token, free);
            }
            StockEvent::Looked { path, details } => {
                if stock.chosen.as_ref() == Some(&path) {
                    stock.details = Some((path, details));
                }
            }
            StockEvent::Picture { path, pixels } => {
                let look = match pixels {
                    None => Look::Without,
                    Some(pixels) => {
                        let image = color_image(&pixels);
                        let texture = ctx.load_texture("model", image, TextureOptions::LINEAR);
                        Look::Known(texture)
                    }
                };
                stock.pictures.insert(path, look);
            }
            StockEvent::Hashed { path, sha256 } => {
                stock.hashing.remove(&path);
                match sha256 {
                    Ok(sha256) => {
                        let items = Arc::make_mut(&mut stock.items);
                        let item = items.iter_mut().find(|item| item.path == path);
                        if let Some(item) = item {
                            item.sha256 = Some(sha256);
                        }
                    }
                    Err(problem) => stock.problem = Some(problem),
                }
            }
            StockEvent::Downloads(downloads) => self.hear_downloads(downloads, ctx),
            StockEvent::Refused(problem) => stock.problem = Some(problem),
        }
    }

    fn hear_downloads(&mut self, downloads: Vec<Download>, ctx: &Context) {
        let known = std::mem::replace(&mut self.stock.downloads, downloads);
        let is_done = |download: &&Download| matches!(download.state, DownloadState::Done(_));
        let was_open = |id| known.iter().any(|known| known.id == id && !is_done(&known));
        let mut done = self.stock.downloads.iter().filter(is_done);
        let came = done.find(|download| was_open(download.id));
        if let Some(name) = came.map(|download| download.wish.repo.to_string()) {
            let text = of_models::came(self.settings.language, &name);
            self.toast(ctx, text, false);
        }
    }
}
