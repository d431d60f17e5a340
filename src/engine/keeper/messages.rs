//! What is asked and told about the models people have.

use std::path::PathBuf;
use std::sync::Arc;

use crate::raster::Pixels;
use crate::stock::fetch::{GetError, Progress, Wish};
use crate::stock::{Details, Item, Root, StockError};

/// Names a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DownloadId(pub u64);

/// What can be asked about models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StockRequest {
    /// Tell which models and downloads there are; answered by [`StockEvent::Listed`], again and again
    /// while they are found, and [`StockEvent::Downloads`].
    List,
    /// Look for models in a further folder.
    AddFolder(PathBuf),
    /// Look there no more.
    RemoveFolder(PathBuf),
    /// Look closely at a model; answered by [`StockEvent::Looked`].
    Look(PathBuf),
    /// Tell how a model looks; answered by [`StockEvent::Picture`].
    ShowPicture(PathBuf),
    /// Compute a file's hash; answered by [`StockEvent::Hashed`].
    Hash(PathBuf),
    /// Get a model, after those before it.
    Get(Box<Wish>),
    Pause(DownloadId),
    GoOn(DownloadId),
    /// End a download, throw away what is not whole, and list it no more.
    Cancel(DownloadId),
}

/// What is told about models.
#[derive(Clone, Debug, PartialEq)]
pub enum StockEvent {
    Listed {
        items: Arc<Vec<Item>>,
        roots: Vec<Root>,
        /// Nothing more comes.
        whole: bool,
        /// There is a token for repositories that are not for everybody.
        has_token: bool,
        /// Bytes left where models come to.
        free: Option<u64>,
    },
    Looked {
        path: PathBuf,
        details: Result<Details, StockError>,
    },
    Picture {
        path: PathBuf,
        /// Nothing where there is none.
        pixels: Option<Arc<Pixels>>,
    },
    Hashed {
        path: PathBuf,
        sha256: Result<String, StockError>,
    },
    /// Every download, each time something about one changes.
    Downloads(Vec<Download>),
    /// A folder cannot be looked into, or forgotten.
    Refused(StockError),
}

/// A model that comes, or came.
#[derive(Clone, Debug, PartialEq)]
pub struct Download {
    pub id: DownloadId,
    pub wish: Wish,
    pub state: DownloadState,
    pub progress: Progress,
}

/// What is the matter with a download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DownloadState {
    /// For those before it.
    Waiting,
    Running,
    Paused,
    /// With the folder that shows the model.
    Done(PathBuf),
    Failed(GetError),
}
