//! What the window knows of models: those people have, those that come, and the one they look at.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::TextureHandle;

use crate::engine::{Download, DownloadState};
use crate::stock::{Details, Item, Kind, Root, StockError};

/// What is seen of a model's picture.
pub(super) enum Look {
    Asked,
    /// There is none.
    Without,
    Known(TextureHandle),
}

/// Everything that is told about models, and how people look at it.
#[derive(Default)]
pub(super) struct Stock {
    pub(super) items: Arc<Vec<Item>>,
    pub(super) roots: Vec<Root>,
    /// Nothing more comes.
    pub(super) whole: bool,
    /// There is a token for repositories that are not for everybody.
    pub(super) has_token: bool,
    /// Bytes left where models come to.
    pub(super) free: Option<u64>,
    pub(super) downloads: Vec<Download>,
    /// The model people look at.
    pub(super) chosen: Option<PathBuf>,
    pub(super) details: Option<(PathBuf, Result<Details, StockError>)>,
    pub(super) pictures: HashMap<PathBuf, Look>,
    /// Files whose hash is computed.
    pub(super) hashing: HashSet<PathBuf>,
    /// Why a hash or a folder came to nothing.
    pub(super) problem: Option<StockError>,
    /// Words of the search.
    pub(super) search: String,
    /// Only these.
    pub(super) kind: Option<Kind>,
    /// The repository people type.
    pub(super) repo: String,
    /// Which of its weights, if people say so.
    pub(super) variant: Option<&'static str>,
    /// It is no name of one.
    pub(super) bad_repo: bool,
}

impl Stock {
    /// What the search and the filter leave.
    pub(super) fn shown(&self) -> Vec<&Item> {
        let fits = |item: &&Item| {
            self.kind.is_none_or(|kind| is_of(item, kind)) && item.matches(&self.search)
        };
        self.items.iter().filter(fits).collect()
    }

    /// Kinds there are, in their order; models in a file and in a folder are one.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        let there = |kind: &Kind| self.items.iter().any(|item| is_of(item, *kind));
        let all = Kind::ALL.iter().map(|(kind, _)| *kind);
        all.filter(|kind| *kind != Kind::Folder)
            .filter(there)
            .collect()
    }

    pub(super) fn chosen(&self) -> Option<&Item> {
        let path = self.chosen.as_ref()?;
        self.items.iter().find(|item| item.path == *path)
    }

    pub(super) fn details_of(&self, path: &Path) -> Option<&Result<Details, StockError>> {
        let (known, details) = self.details.as_ref()?;
        (known == path).then_some(details)
    }

    pub(super) fn picture(&self, path: &Path) -> Option<&TextureHandle> {
        match self.pictures.get(path)? {
            Look::Known(texture) => Some(texture),
            Look::Asked | Look::Without => None,
        }
    }

    /// Downloads that are not done.
    pub(super) fn open_downloads(&self) -> impl Iterator<Item = &Download> {
        let open = |download: &&Download| !matches!(download.state, DownloadState::Done(_));
        self.downloads.iter().filter(open)
    }
}

fn is_of(item: &Item, kind: Kind) -> bool {
    item.told.kind == kind || kind == Kind::Checkpoint && item.told.kind.is_model()
}
