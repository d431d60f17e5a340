//! The adapters a prompt asks for: found, read, and fitted to a model.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::models::{FileState, state_of};
use super::protocol::Note;
use super::shelves::Shelves;
use crate::models::Manifest;
use crate::recipe::{AdapterRef, AskedNetwork, sha256_of};
use crate::weights::{Adapter, Adapters, Extras, ModelError, Strengths, near_names};

/// An adapter's file as it now is, and how much it counts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    name: String,
    path: PathBuf,
    state: Option<FileState>,
    strengths: Strengths,
}

/// Looks for the files of what a prompt asks for.
pub(super) fn find(networks: &[AskedNetwork], shelves: &Shelves) -> Result<Vec<Found>, ModelError> {
    let mut adapters = networks
        .iter()
        .filter(|asked| asked.is_adapter())
        .peekable();
    if adapters.peek().is_none() {
        return Ok(Vec::new());
    }
    let files = Extras::of(shelves.own()).loras;
    adapters
        .map(|asked| {
            let path = shelves.lora(&files, &asked.name);
            let path = path.ok_or_else(|| ModelError::UnknownAdapter {
                name: asked.name.clone(),
                folder: shelves.own().display().to_string(),
                near: near_names(&files, &asked.name),
            })?;
            // A form refuses what is no number.
            let (unet, text) = asked.weights.unwrap_or((1.0, 1.0));
            Ok(Found {
                name: asked.name.clone(),
                state: state_of(&path),
                path,
                strengths: Strengths { unet, text },
            })
        })
        .collect()
}

/// Tags of a prompt that no adapter is asked for by.
pub(super) fn unknown(networks: &[AskedNetwork]) -> impl Iterator<Item = Note> {
    let unknown = networks.iter().filter(|asked| !asked.is_adapter());
    unknown.map(|asked| Note::UnknownNetwork {
        tag: asked.tag.clone(),
    })
}

/// What is told of the adapters in a model.
#[derive(Debug, Default)]
pub(super) struct Fitted {
    /// As the recipe names them.
    pub(super) refs: Vec<AdapterRef>,
    pub(super) notes: Vec<Note>,
}

impl Fitted {
    /// Reads the files and fits them to a model; hashes of files that are as they were are known.
    pub(super) fn of(
        found: &[Found],
        manifest: &Manifest,
        hashes: &mut Hashes,
    ) -> Result<(Self, Adapters), ModelError> {
        let (mut fitted, mut adapters) = (Self::default(), Adapters::default());
        if found.is_empty() {
            return Ok((fitted, adapters));
        }
        let modules = manifest.modules();
        for one in found {
            let adapter = Adapter::open(&one.path)?;
            let unused = adapters.add(&adapter, one.strengths, &modules)?;
            if let Some(first) = unused.first() {
                fitted.notes.push(Note::AdapterUnused {
                    adapter: one.name.clone(),
                    unused: unused.len(),
                    first: first.clone(),
                });
            }
            fitted.refs.push(AdapterRef {
                name: one.name.clone(),
                weight: one.strengths.unet,
                text_weight: one.strengths.text,
                sha256: hashes.of(one, &adapter),
            });
        }
        Ok((fitted, adapters))
    }

    /// What is told of those a recipe asks for by content.
    pub(super) fn others(&self, asked: &[AdapterRef]) -> impl Iterator<Item = Note> {
        let pairs = asked.iter().zip(&self.refs);
        let others = pairs.filter(|(asked, own)| {
            asked.name == own.name && !asked.sha256.is_empty() && asked.sha256 != own.sha256
        });
        others.map(|(asked, _)| Note::OtherAdapter {
            adapter: asked.name.clone(),
        })
    }
}

/// SHA-256 of adapters by their files: a weight that is tried out again and again asks for it each time.
#[derive(Debug, Default)]
pub(super) struct Hashes(BTreeMap<PathBuf, (FileState, String)>);

impl Hashes {
    fn of(&mut self, found: &Found, adapter: &Adapter) -> String {
        let known = self.0.get(&found.path);
        if let (Some((state, hash)), Some(now)) = (known, found.state)
            && *state == now
        {
            return hash.clone();
        }
        let hash = sha256_of(&[adapter.content()]);
        if let Some(state) = found.state {
            self.0.insert(found.path.clone(), (state, hash.clone()));
        }
        hash
    }
}
