//! From a model's name to its files, its card and its networks.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use candle_core::Device;

use super::adapting::{Fitted, Found, Hashes};
use super::likeness::clip_files;
use super::protocol::ModelCard;
use crate::kernels::give_back_free_memory;
use crate::models::{
    AdaIn, CLIP_WEIGHTS, Checkpoint, Clip, Johnson, Lama, Manifest, SPROUT, StableDiffusion,
    Upscaler, UpscalerFile, UpscalerPlace, Vgg19, VggConv, WithVae, title_of,
};
use crate::nn::{Interrupt, Products};
use crate::raster::Extent;
use crate::recipe::{Limits, WeightBits, sha256_of};
use crate::weights::{Extras, FolderFiles, ModelError, ModelFiles, Weights};

/// Longest side a picture may have, in pixels: beyond it one picture takes hours on a CPU.
const MAX_SIDE: u32 = 4096;

/// A model's name, and the file of another autoencoder.
pub(super) type Names<'a> = (&'a str, Option<&'a str>);

/// Reads what a model's files say, and no weight.
pub(super) fn read_manifest((name, vae): Names<'_>) -> Result<Manifest, ModelError> {
    Manifest::read(&*files_with(name, vae)?)
}

/// The files of a model, with another autoencoder over its own where one is given.
pub(super) fn files_with(name: &str, vae: Option<&str>) -> Result<Box<dyn ModelFiles>, ModelError> {
    let files = model_files(name)?;
    Ok(match vae {
        Some(vae) => Box::new(WithVae::over(files, Path::new(vae))?),
        None => files,
    })
}

/// The files of a model: an embedded one by name, any other by its folder or its checkpoint.
pub fn model_files(name: &str) -> Result<Box<dyn ModelFiles>, ModelError> {
    if name == SPROUT.name {
        return Ok(Box::new(SPROUT));
    }
    let path = Path::new(name);
    if path.is_dir() {
        Ok(Box::new(FolderFiles::new(path)))
    } else if path.is_file() {
        Ok(Box::new(Checkpoint::open(path)?))
    } else {
        Err(ModelError::UnknownModel {
            name: name.to_owned(),
        })
    }
}

/// A network that enlarges pictures: the file that lies elsewhere; or else by its path, or by its name
/// in the folder of further weights or among the embedded ones.
pub(super) fn upscaler_file(
    (name, elsewhere): (&str, Option<&Path>),
    folder: &Path,
) -> Result<UpscalerFile, ModelError> {
    match elsewhere {
        Some(path) => UpscalerFile::open(path),
        None => UpscalerFile::named(name, &Extras::of(folder)),
    }
}

/// The file of a network that has learnt one style: by its path, or by its name in the folder of
/// further weights.
pub fn quick_style_file(name: &str, folder: &Path) -> Result<PathBuf, ModelError> {
    let extras = Extras::of(folder);
    extras
        .quick_style(name)
        .ok_or_else(|| ModelError::NoQuickStyle {
            name: name.to_owned(),
            folder: folder.display().to_string(),
            there: extras.quick_style_names(),
        })
}

/// Bytes of a CLIP up to which it stays in memory beside a model: the built-in one does.
const SMALL_CLIP: u64 = 64 << 20;

/// Length of a file and when it was written: what tells whether it is still the same.
pub(super) type FileState = (u64, SystemTime);

pub(super) fn state_of(path: &Path) -> Option<FileState> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.len(), metadata.modified().ok()?))
}

/// Limits of the recipes a model takes.
pub(super) fn limits_of(manifest: &Manifest) -> Limits {
    Limits {
        size_factor: manifest.pixel_factor() as u32,
        max_side: manifest
            .most_pixels()
            .map_or(MAX_SIDE, |most| MAX_SIDE.min(most as u32)),
        max_steps: manifest.scheduler.num_train_timesteps as u32,
    }
}

/// The last manifest read, for people who type into the prompt of one model.
#[derive(Debug, Default)]
pub(super) struct Models {
    last: Option<(String, Manifest)>,
}

impl Models {
    /// The manifest of a model, of the last one where it has that name: what it says of prompts is the
    /// same with another autoencoder.
    pub(super) fn known_manifest(&mut self, name: &str) -> Result<&Manifest, ModelError> {
        let manifest = match self.last.take() {
            Some((known, manifest)) if known == name => manifest,
            _ => Manifest::read(&*model_files(name)?)?,
        };
        Ok(&self.last.insert((name.to_owned(), manifest)).1)
    }

    /// What the window shows of a model; always read anew, since its files may have changed.
    pub(super) fn card(&mut self, name: &str, vae: Option<&str>) -> Result<ModelCard, ModelError> {
        self.last = None;
        let manifest = read_manifest((name, vae))?;
        let manifest = &self.last.insert((name.to_owned(), manifest)).1;
        let factor = manifest.autoencoder.factor() as u32;
        let (height, width) = manifest.denoiser.native_latent();
        let embedded = name == SPROUT.name;
        Ok(ModelCard {
            name: name.to_owned(),
            title: title_of(name),
            embedded,
            limits: limits_of(manifest),
            native: Extent::new(width as u32 * factor, height as u32 * factor),
            family: manifest.family(),
            usual: manifest.usual(name),
            weight_bytes: manifest.weight_bytes(),
            token_window: manifest.texts.window(),
            needs: manifest.needs(),
            work: manifest.denoiser.work(manifest.texts.tokens()),
        })
    }
}

/// The networks in memory: one model at a time, and what removes things until a model is used again.
#[derive(Debug, Default)]
pub(super) struct Resident {
    loaded: Option<Loaded>,
    /// Of the model that is about to be read.
    manifest: Option<Manifest>,
    lama: Option<(PathBuf, Arc<Lama>)>,
    /// With the last convolution that was read.
    vgg: Option<(PathBuf, VggConv, Hashed<Vgg19>)>,
    /// With the files of encoder and decoder.
    adain: Option<((PathBuf, PathBuf), Hashed<AdaIn>)>,
    /// With its file, as it was when it was read.
    quick: Option<(PathBuf, Option<FileState>, Hashed<Johnson>)>,
    upscaler: Option<Arc<LoadedUpscaler>>,
    clip: Option<LoadedClip>,
    hashes: Hashes,
}

/// A CLIP, with its name and the file of its weights as it was when it was read.
#[derive(Debug)]
struct LoadedClip {
    name: String,
    state: Option<FileState>,
    clip: Arc<Clip>,
}

/// A network that sees styles, and the SHA-256 of its files.
#[derive(Debug)]
pub(super) struct Hashed<N> {
    pub(super) network: Arc<N>,
    pub(super) sha256: String,
}

impl<N> Clone for Hashed<N> {
    fn clone(&self) -> Self {
        Self {
            network: Arc::clone(&self.network),
            sha256: self.sha256.clone(),
        }
    }
}

/// A network that enlarges pictures, with what names it.
#[derive(Debug)]
pub(super) struct LoadedUpscaler {
    place: UpscalerPlace,
    state: Option<FileState>,
    pub(super) network: Upscaler,
    /// Of its weights, read.
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

#[derive(Debug)]
pub(super) struct Loaded {
    name: String,
    vae: Option<String>,
    bits: WeightBits,
    /// What changed its weights, as it was found.
    found: Vec<Found>,
    pub(super) fitted: Fitted,
    pub(super) model: StableDiffusion,
    /// SHA-256 of the denoiser's weights; computed beside the first picture, since it takes seconds
    /// on a large file.
    hash: Hash,
    /// The same of another autoencoder's file.
    vae_hash: Hash,
}

#[derive(Debug)]
enum Hash {
    Pending(Option<std::thread::JoinHandle<String>>),
    Known(Option<String>),
}

impl Resident {
    /// What a model's files say: read for [`Self::model`], where its networks are not in memory.
    pub(super) fn manifest(&mut self, names: Names<'_>) -> Result<&Manifest, ModelError> {
        let loaded = self.loaded.as_ref();
        if let Some(loaded) = loaded.filter(|loaded| loaded.names() == names) {
            // One that was asked for before and refused is another model's.
            self.manifest = None;
            return Ok(&loaded.model.manifest);
        }
        Ok(self.manifest.insert(read_manifest(names)?))
    }

    /// The networks of a model whose [`Self::manifest`] was asked for last, with the autoencoder of a
    /// file where one is given; read where another model was in memory, or this one in other bits or with
    /// other adapters; that one is dropped first.
    pub(super) fn model(
        &mut self,
        names: Names<'_>,
        bits: WeightBits,
        found: &[Found],
        interrupt: &Interrupt,
    ) -> Result<&mut Loaded, ModelError> {
        self.lama = None;
        self.vgg = None;
        self.adain = None;
        self.quick = None;
        self.upscaler = None;
        self.clip.take_if(|known| known.clip.bytes() > SMALL_CLIP);
        let loaded = match self.loaded.take() {
            Some(loaded) if loaded.is(names, bits, found) => loaded,
            other => {
                drop(other);
                let (name, vae) = names;
                let manifest = match self.manifest.take() {
                    Some(manifest) => manifest,
                    None => read_manifest(names)?,
                };
                let (fitted, adapters) = Fitted::of(found, &manifest, &mut self.hashes)?;
                let hash = Hash::of(manifest.denoiser_weights().clone());
                let vae_hash = match vae {
                    Some(path) => Hash::of(Weights::open(Path::new(path))?),
                    None => Hash::Known(None),
                };
                let (device, keep) = (&Device::Cpu, bits.into());
                let loaded = Loaded {
                    name: name.to_owned(),
                    vae: vae.map(str::to_owned),
                    bits,
                    found: found.to_vec(),
                    model: StableDiffusion::load_with(
                        manifest, &adapters, device, keep, interrupt,
                    )?,
                    fitted,
                    hash,
                    vae_hash,
                };
                // What was read and packed has left its room behind.
                give_back_free_memory();
                loaded
            }
        };
        Ok(self.loaded.insert(loaded))
    }

    /// A CLIP by its name or folder, read where it is not in memory. A large one takes the place of a
    /// model.
    pub(super) fn clip(&mut self, name: &str) -> Result<Arc<Clip>, ModelError> {
        let state = CLIP_WEIGHTS
            .iter()
            .find_map(|file| state_of(&Path::new(name).join(file)));
        let known = self.clip.take();
        if let Some(known) = known.filter(|known| known.name == name && known.state == state) {
            return Ok(Arc::clone(&self.clip.insert(known).clip));
        }
        let clip = Arc::new(Clip::read(&*clip_files(name)?)?);
        if clip.bytes() > SMALL_CLIP {
            (self.loaded, self.lama, self.vgg, self.adain) = (None, None, None, None);
            (self.quick, self.upscaler) = (None, None);
        }
        self.clip = Some(LoadedClip {
            name: name.to_owned(),
            state,
            clip: Arc::clone(&clip),
        });
        Ok(clip)
    }

    /// A network that enlarges pictures, read where it is not in memory.
    pub(super) fn upscaler(
        &mut self,
        network: (&str, Option<&Path>),
        folder: &Path,
    ) -> Result<Arc<LoadedUpscaler>, ModelError> {
        (self.loaded, self.lama, self.vgg, self.adain) = (None, None, None, None);
        let file = upscaler_file(network, folder)?;
        let state = match file.place() {
            UpscalerPlace::File(path) => state_of(path),
            UpscalerPlace::Embedded(_) => None,
        };
        let known = self.upscaler.take();
        let is_same =
            |known: &Arc<LoadedUpscaler>| known.place == *file.place() && known.state == state;
        if let Some(known) = known.filter(is_same) {
            return Ok(Arc::clone(self.upscaler.insert(known)));
        }
        let loaded = Arc::new(LoadedUpscaler {
            place: file.place().clone(),
            state,
            network: file.read()?,
            bytes: file.weight_bytes(),
            sha256: file.sha256(),
        });
        Ok(Arc::clone(self.upscaler.insert(loaded)))
    }

    /// The network of big-lama whose weights lie in `folder`, read where it is not in memory.
    pub(super) fn lama(&mut self, folder: &Path) -> Result<Arc<Lama>, ModelError> {
        let path = Extras::of(folder).lama.ok_or_else(|| ModelError::NoLama {
            folder: folder.display().to_string(),
        })?;
        if let Some((known, lama)) = &self.lama
            && *known == path
        {
            return Ok(Arc::clone(lama));
        }
        self.lama = None;
        let lama = Arc::new(Lama::open(&path)?);
        self.lama = Some((path, Arc::clone(&lama)));
        Ok(lama)
    }

    /// The networks of `AdaIN` whose weights lie in `folder`, read where they are not in memory.
    pub(super) fn adain(&mut self, folder: &Path) -> Result<Hashed<AdaIn>, ModelError> {
        let paths = Extras::of(folder)
            .adain
            .ok_or_else(|| ModelError::NoAdaIn {
                folder: folder.display().to_string(),
            })?;
        if let Some((_, adain)) = self.adain.as_ref().filter(|(known, _)| *known == paths) {
            return Ok(adain.clone());
        }
        self.adain = None;
        let (encoder, decoder) = (Weights::open(&paths.0)?, Weights::open(&paths.1)?);
        let adain = Hashed {
            network: Arc::new(AdaIn::read((&encoder, &decoder))?),
            sha256: sha256_of(&[encoder.bytes(), decoder.bytes()]),
        };
        self.adain = Some((paths, adain.clone()));
        Ok(adain)
    }

    /// The network of one style, by its name or file, read where it is not in memory.
    pub(super) fn quick(
        &mut self,
        name: &str,
        folder: &Path,
    ) -> Result<Hashed<Johnson>, ModelError> {
        let path = quick_style_file(name, folder)?;
        let state = state_of(&path);
        if let Some((known, known_state, quick)) = &self.quick
            && *known == path
            && *known_state == state
        {
            return Ok(quick.clone());
        }
        self.quick = None;
        let weights = Weights::open(&path)?;
        let quick = Hashed {
            network: Arc::new(Johnson::read(&weights)?),
            sha256: weights.sha256(),
        };
        self.quick = Some((path, state, quick.clone()));
        Ok(quick)
    }

    /// VGG-19 up to a convolution, whose weights lie in `folder`, read where it is not in memory.
    pub(super) fn vgg(
        &mut self,
        folder: &Path,
        last: VggConv,
        products: Products,
    ) -> Result<Hashed<Vgg19>, ModelError> {
        let path = Extras::of(folder).vgg.ok_or_else(|| ModelError::NoVgg {
            folder: folder.display().to_string(),
        })?;
        if let Some((known, read, vgg)) = &self.vgg
            && *known == path
            && *read >= last
            && vgg.network.products() == products
        {
            return Ok(vgg.clone());
        }
        self.vgg = None;
        let weights = Weights::open(&path)?;
        let vgg = Hashed {
            network: Arc::new(Vgg19::read(&weights, last, products)?),
            sha256: weights.sha256(),
        };
        self.vgg = Some((path, last, vgg.clone()));
        Ok(vgg)
    }
}

impl Loaded {
    fn names(&self) -> Names<'_> {
        (&self.name, self.vae.as_deref())
    }

    fn is(&self, names: Names<'_>, bits: WeightBits, found: &[Found]) -> bool {
        self.names() == names && self.bits == bits && self.found == found
    }

    /// Of the denoiser's weights.
    pub(super) fn sha256(&mut self) -> Option<String> {
        self.hash.wait()
    }

    /// Of another autoencoder's file.
    pub(super) fn vae_sha256(&mut self) -> Option<String> {
        self.vae_hash.wait()
    }
}

impl Hash {
    /// Of a whole file, computed in a thread of its own.
    fn of(weights: Weights) -> Self {
        let hashing = std::thread::Builder::new()
            .name("afterimage-hash".to_owned())
            .spawn(move || weights.sha256());
        Self::Pending(hashing.ok())
    }

    /// Waits for it where it is not known yet; `None` if it could not be computed.
    fn wait(&mut self) -> Option<String> {
        if let Self::Pending(handle) = self {
            let hash = handle.take().and_then(|handle| handle.join().ok());
            *self = Self::Known(hash);
        }
        match self {
            Self::Known(hash) => hash.clone(),
            Self::Pending(_) => None,
        }
    }
}
