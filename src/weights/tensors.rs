//! Tensors in files of weights: read, named, written.

#![expect(unsafe_code, reason = "memory maps")]

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use candle_core::{DType, Device, Result, Shape, Tensor};
use candle_nn::VarBuilder;
use candle_nn::var_builder::SimpleBackend;
use memmap2::Mmap;
#[cfg(unix)]
use memmap2::UncheckedAdvice;
use safetensors::tensor::{Dtype, TensorView};

use crate::recipe::Digest;

use super::coded::Coded;
use super::files::open_file;
use super::header::{self, About, Header, Place, Places};
use super::{ModelError, eight_bit, torch};

/// The bytes of one file of weights, safetensors, torch's or GGUF, or of several that hold the tensors
/// of one network; their headers checked once. Cheap to clone and to share.
#[derive(Clone)]
pub struct Weights {
    /// At least one; places count their bytes as if they lay one after the other.
    files: Vec<Arc<Bytes>>,
    places: Arc<Places>,
    about: Arc<About>,
    /// As named in the model's folder.
    file: String,
    /// Whether its tensors are some of those of a checkpoint, which has no configurations.
    is_part: bool,
}

enum Bytes {
    Mapped(Mmap),
    Static(&'static [u8]),
}

impl Bytes {
    fn get(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Static(bytes) => bytes,
        }
    }

    /// Gives the memory of a part of a mapped file back: what was copied is not kept twice. Where it is
    /// read again, the system brings it again.
    #[cfg(unix)]
    fn release(&self, part: Range<usize>) {
        let Self::Mapped(map) = self else { return };
        // SAFETY: the map is of a file and only read, so that its pages hold nothing but the file's
        // bytes, before and after.
        let released = unsafe {
            map.unchecked_advise_range(UncheckedAdvice::DontNeed, part.start, part.len())
        };
        if let Err(error) = released {
            log::debug!("pages of weights are kept: {error}");
        }
    }

    #[cfg(not(unix))]
    #[expect(clippy::unused_self, reason = "the system takes pages back by itself")]
    fn release(&self, _: Range<usize>) {}
}

/// Bytes whose hash is computed before their pages are given back.
const HASHED_AT_ONCE: usize = 16 << 20;

impl std::fmt::Debug for Weights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Weights({}, {} bytes)", self.file, self.tensor_bytes())
    }
}

impl Weights {
    /// The weights in one file of its own, whatever it is called: safetensors, or what torch
    /// writes (`.pt`, `.pth`, `.ckpt`).
    pub fn open(path: &Path) -> std::result::Result<Self, ModelError> {
        Self::map_file(path, &path.display().to_string())
    }

    /// Maps a file into memory: its pages are read as they are used and never copied as a whole.
    pub(super) fn map_file(path: &Path, file: &str) -> std::result::Result<Self, ModelError> {
        let (handle, _) = open_file(path, file)?;
        // SAFETY: the map is only read. Should another program change or cut the file while it is
        // mapped, weights would change or the process would be signalled; every reader of mapped
        // checkpoints lives with that.
        let map = unsafe { Mmap::map(&handle) }.map_err(|error| ModelError::Unreadable {
            file: file.to_owned(),
            reason: error.to_string(),
        })?;
        Self::checked(Bytes::Mapped(map), file)
    }

    /// Weights that are part of the program.
    pub(crate) fn from_static(
        bytes: &'static [u8],
        file: &str,
    ) -> std::result::Result<Self, ModelError> {
        Self::checked(Bytes::Static(bytes), file)
    }

    /// Which kind of file it is, its first bytes tell: names often do not.
    fn checked(bytes: Bytes, file: &str) -> std::result::Result<Self, ModelError> {
        let all = bytes.get();
        let header = if torch::is_torch(all) {
            torch::places(all).map(|places| Header {
                places,
                about: About::new(),
            })
        } else {
            header::read(all, all.len() as u64).map_err(header::Trouble::reason)
        };
        let file = file.to_owned();
        match header {
            Ok(Header { mut places, about }) => {
                eight_bit::take_scales(&mut places, |place| number(all, place));
                Ok(Self {
                    files: vec![Arc::new(bytes)],
                    places: Arc::new(places),
                    about: Arc::new(about),
                    file,
                    is_part: false,
                })
            }
            Err(reason) => Err(ModelError::Damaged { file, reason }),
        }
    }

    pub(super) fn place(&self, name: &str) -> Option<&Place> {
        self.places.get(name)
    }

    /// Every tensor by its name.
    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    /// The same bytes, with other tensors in them.
    pub(super) fn with_places(&self, places: Arc<Places>, file: String) -> Self {
        Self {
            files: self.files.clone(),
            places,
            about: Arc::clone(&self.about),
            file,
            is_part: true,
        }
    }

    /// Some of the tensors of several files, each of which lies in one of them.
    pub(super) fn joined(
        parts: &[(Self, Vec<String>)],
        file: String,
    ) -> std::result::Result<Self, ModelError> {
        let (mut files, mut places, mut before) = (Vec::new(), Places::new(), 0);
        for (part, names) in parts {
            for name in names {
                let Some(place) = part.place(name) else {
                    return Err(ModelError::Incomplete {
                        file: part.file.clone(),
                        reason: format!("it has no tensor {name}"),
                    });
                };
                let bytes = before + place.bytes.start..before + place.bytes.end;
                let place = Place {
                    bytes,
                    ..place.clone()
                };
                places.insert(name.clone(), place);
            }
            before += part
                .files
                .iter()
                .map(|bytes| bytes.get().len())
                .sum::<usize>();
            files.extend(part.files.iter().cloned());
        }
        Ok(Self {
            files,
            places: Arc::new(places),
            about: Arc::default(),
            file,
            is_part: false,
        })
    }

    /// The file a place lies in, and where in it.
    fn file_of(&self, place: &Range<usize>) -> Option<(&Bytes, Range<usize>)> {
        let mut before = 0;
        for bytes in &self.files {
            let length = bytes.get().len();
            if place.start - before < length {
                return Some((bytes, place.start - before..place.end - before));
            }
            before += length;
        }
        // A tensor without elements may lie behind the last byte.
        let last = self.files.last()?;
        Some((last, 0..0))
    }

    /// Bytes of its tensors in the file.
    pub fn tensor_bytes(&self) -> u64 {
        let places = self.places.values();
        places.map(|place| place.bytes.len() as u64).sum()
    }

    /// The whole file, the first one of several.
    pub fn bytes(&self) -> &[u8] {
        self.files.first().map_or(&[], |bytes| bytes.get())
    }

    /// SHA-256 of the whole file, of several one after the other, in hexadecimal.
    pub fn sha256(&self) -> String {
        let mut digest = Digest::default();
        for bytes in &self.files {
            for (index, part) in bytes.get().chunks(HASHED_AT_ONCE).enumerate() {
                digest.add(part);
                let start = index * HASHED_AT_ONCE;
                bytes.release(start..start + part.len());
            }
        }
        digest.text()
    }

    /// The names of all tensors, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    /// The shape of a tensor, if there is one of that name.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.places.get(name).map(|place| place.shape.as_slice())
    }

    /// What a file says about itself under a name.
    pub fn about(&self, name: &str) -> Option<&str> {
        self.about.get(name).map(String::as_str)
    }

    /// The values of a tensor of f32, if there is one of that name.
    pub fn values(&self, name: &str) -> Result<Vec<f32>> {
        let tensor = self.get_unchecked(name, DType::F32, &Device::Cpu)?;
        tensor.flatten_all()?.to_vec1()
    }

    /// The file's name in the model's folder.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// How a tensor's numbers are stored, if there is one of that name and candle knows them.
    pub fn dtype(&self, name: &str) -> Option<DType> {
        self.places.get(name)?.kind.as_ref().ok().copied()
    }

    /// The door for a network's constructor: every tensor arrives as `dtype` on `device`.
    pub fn builder(&self, dtype: DType, device: &Device) -> VarBuilder<'static> {
        VarBuilder::from_backend(Box::new(self.clone()), dtype, device.clone())
    }

    /// The door for the constructor of a network that takes tensors as they are stored, of f16, bf16 or
    /// f32; others arrive as f32. What `dtype` tells is for the network.
    pub fn as_stored(&self, dtype: DType, device: &Device) -> VarBuilder<'static> {
        VarBuilder::from_backend(Box::new(AsStored(self.clone())), dtype, device.clone())
    }

    /// [`Self::as_stored`], and beside each matrix that is coded in blocks its bytes, under its name, a
    /// dot and the name of their kind: `[rows, bytes of a row]`, for layers that decode them
    /// themselves.
    pub fn in_blocks(&self, dtype: DType, device: &Device) -> VarBuilder<'static> {
        VarBuilder::from_backend(Box::new(InBlocks(self.clone())), dtype, device.clone())
    }

    /// The matrix whose blocks have this name.
    fn blocks_named(&self, name: &str) -> Option<&Place> {
        let (own, kind) = name.rsplit_once('.')?;
        let place = self.places.get(own)?;
        let Some(Coded::Blocks(blocks)) = place.coded else {
            return None;
        };
        let &[_, columns] = place.shape.as_slice() else {
            return None;
        };
        let fits = place.strides.is_none()
            && columns.is_multiple_of(blocks.block_size())
            && format!("{blocks:?}") == kind;
        fits.then_some(place)
    }

    /// Bytes in the file of a matrix that [`Self::in_blocks`] hands out as they are.
    pub fn block_bytes(&self, name: &str) -> Option<usize> {
        let place = self.places.get(name)?;
        let Some(Coded::Blocks(blocks)) = place.coded else {
            return None;
        };
        let kind = format!("{name}.{blocks:?}");
        Some(self.blocks_named(&kind)?.bytes.len())
    }

    /// Turns the failure of a network without a configuration into one that names this file.
    pub fn of_other_network(&self, network: &str, error: &candle_core::Error) -> ModelError {
        ModelError::OtherNetwork {
            file: self.file.clone(),
            network: network.to_owned(),
            reason: plain_reason(error),
        }
    }

    /// Turns the failure to find a network that enlarges pictures into one that names this file.
    pub fn no_upscaler(&self, error: &candle_core::Error) -> ModelError {
        ModelError::NoUpscaler {
            file: self.file.clone(),
            reason: plain_reason(error),
        }
    }

    /// Turns a constructor's failure into one that names this file.
    pub fn mismatch(&self, error: &candle_core::Error) -> ModelError {
        let (file, reason) = (self.file.clone(), plain_reason(error));
        if self.is_part {
            ModelError::Incomplete { file, reason }
        } else {
            ModelError::Mismatch { file, reason }
        }
    }
}

/// That of a tensor of f32 with one element.
fn number(all: &[u8], place: &Place) -> Option<f32> {
    let is_one = place.elements() == 1 && place.kind == Ok(DType::F32) && place.coded.is_none();
    let bytes = all.get(place.bytes.clone()).filter(|_| is_one)?;
    bytes.try_into().ok().map(f32::from_le_bytes)
}

/// candle's reason in one line, without the backtrace it may carry.
fn plain_reason(error: &candle_core::Error) -> String {
    match error {
        candle_core::Error::WithBacktrace { inner, .. } => plain_reason(inner),
        candle_core::Error::CannotFindTensor { path } => format!("it has no tensor {path}"),
        candle_core::Error::UnexpectedShape { msg, expected, got } => {
            let name = msg.rsplit(' ').next().unwrap_or(msg);
            format!("tensor {name} has shape {got:?} where {expected:?} is expected")
        }
        other => other
            .to_string()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned(),
    }
}

impl SimpleBackend for Weights {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        _hint: candle_nn::Init,
        dtype: DType,
        device: &Device,
    ) -> Result<Tensor> {
        let tensor = self.get_unchecked(name, dtype, device)?;
        if *tensor.shape() != shape {
            return Err(candle_core::Error::UnexpectedShape {
                msg: format!("shape mismatch for {name}"),
                expected: shape,
                got: tensor.shape().clone(),
            });
        }
        Ok(tensor)
    }

    fn get_unchecked(&self, name: &str, dtype: DType, device: &Device) -> Result<Tensor> {
        let Some(place) = self.places.get(name) else {
            return Err(candle_core::Error::CannotFindTensor {
                path: name.to_owned(),
            });
        };
        let stored = match &place.kind {
            Ok(stored) => *stored,
            Err(other) => candle_core::bail!("tensor {name} holds {other}, which no network takes"),
        };
        let Some((bytes, range)) = self.file_of(&place.bytes) else {
            candle_core::bail!("tensor {name} lies in no file")
        };
        let data = &bytes.get()[range.clone()];
        let data = match place.coded {
            None => Cow::Borrowed(data),
            Some(coded) => Cow::Owned(coded.decoded(data)?),
        };
        let data = match &place.strides {
            None => data,
            Some(strides) => Cow::Owned(place.gathered(&data, strides, stored.size_in_bytes())),
        };
        let tensor = Tensor::from_raw_buffer(&data, stored, &place.shape, device)?;
        bytes.release(range);
        tensor.to_dtype(dtype)
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }
}

/// Tensors of a file in the numbers it stores.
struct AsStored(Weights);

impl AsStored {
    fn dtype(&self, name: &str) -> DType {
        match self.0.dtype(name) {
            Some(stored @ (DType::F16 | DType::BF16)) => stored,
            _ => DType::F32,
        }
    }
}

impl SimpleBackend for AsStored {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        hint: candle_nn::Init,
        _: DType,
        device: &Device,
    ) -> Result<Tensor> {
        self.0.get(shape, name, hint, self.dtype(name), device)
    }

    fn get_unchecked(&self, name: &str, _: DType, device: &Device) -> Result<Tensor> {
        self.0.get_unchecked(name, self.dtype(name), device)
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.0.contains_tensor(name)
    }
}

/// Tensors of a file in the numbers it stores, and blocks as they are.
struct InBlocks(Weights);

impl SimpleBackend for InBlocks {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        hint: candle_nn::Init,
        dtype: DType,
        device: &Device,
    ) -> Result<Tensor> {
        AsStored(self.0.clone()).get(shape, name, hint, dtype, device)
    }

    fn get_unchecked(&self, name: &str, dtype: DType, device: &Device) -> Result<Tensor> {
        let Some(place) = self.0.blocks_named(name) else {
            return AsStored(self.0.clone()).get_unchecked(name, dtype, device);
        };
        let Some((bytes, range)) = self.0.file_of(&place.bytes) else {
            candle_core::bail!("tensor {name} lies in no file")
        };
        let rows = place.shape[0];
        let row = range.len() / rows.max(1);
        let blocks = &bytes.get()[range.clone()];
        let tensor = Tensor::from_raw_buffer(blocks, DType::U8, &[rows, row], device);
        bytes.release(range);
        tensor
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.0.contains_tensor(name) || self.0.blocks_named(name).is_some()
    }
}

/// Writes f32 tensors (name, shape, values) as safetensors bytes.
pub fn write_tensors(tensors: &[(&str, &[usize], &[f32])]) -> std::result::Result<Vec<u8>, String> {
    write_tensors_about(tensors, None)
}

/// [`write_tensors`], and what the file says about itself: a name and a text. Several of them would
/// lie in any order, and equal files differ.
pub fn write_tensors_about(
    tensors: &[(&str, &[usize], &[f32])],
    about: Option<(&str, &str)>,
) -> std::result::Result<Vec<u8>, String> {
    let views = tensors
        .iter()
        .map(|(name, shape, values)| {
            TensorView::new(Dtype::F32, shape.to_vec(), bytemuck::cast_slice(values))
                .map(|view| (*name, view))
                .map_err(|error| error.to_string())
        })
        .collect::<std::result::Result<Vec<_>, _>>()?;
    let about = about.map(|(name, text)| HashMap::from([(name.to_owned(), text.to_owned())]));
    safetensors::serialize(views, about).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::{FolderFiles, ModelFiles as _};
    use super::*;

    fn folder_with(bytes: &[u8]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("w.safetensors"), bytes).unwrap();
        folder
    }

    fn two_tensors() -> Vec<u8> {
        write_tensors(&[("a", &[2, 2], &[1.0, 2.0, 3.0, 4.0]), ("b.c", &[1], &[5.0])]).unwrap()
    }

    #[test]
    fn written_tensors_are_read_by_name_and_prefix() {
        let folder = folder_with(&two_tensors());
        let weights = FolderFiles::new(folder.path())
            .weights("w.safetensors")
            .unwrap();
        let vb = weights.builder(DType::F32, &Device::Cpu);
        assert_eq!(
            vb.get((2, 2), "a").unwrap().to_vec2::<f32>().unwrap(),
            [[1.0, 2.0], [3.0, 4.0]]
        );
        assert_eq!(
            vb.pp("b").get(1, "c").unwrap().to_vec1::<f32>().unwrap(),
            [5.0]
        );
    }

    #[test]
    fn a_cut_or_foreign_file_is_told_apart_before_any_tensor_is_read() {
        let whole = two_tensors();
        for bytes in [
            &whole[..whole.len() - 1],
            &whole[..20],
            b"PK\x03\x04 not safetensors at all",
            b"",
        ] {
            let folder = folder_with(bytes);
            let error = FolderFiles::new(folder.path())
                .weights("w.safetensors")
                .unwrap_err();
            let text = error.to_string();
            assert!(text.starts_with("w.safetensors "), "{text}");
        }
    }

    #[test]
    fn a_wrong_shape_and_a_missing_tensor_are_named() {
        let folder = folder_with(&two_tensors());
        let weights = FolderFiles::new(folder.path())
            .weights("w.safetensors")
            .unwrap();
        let vb = weights.builder(DType::F32, &Device::Cpu);
        let shape = weights.mismatch(&vb.get(4, "a").unwrap_err()).to_string();
        assert!(
            shape.contains("tensor a has shape [2, 2] where [4]"),
            "{shape}"
        );
        let missing = weights
            .mismatch(&vb.pp("b").get(4, "z").unwrap_err())
            .to_string();
        assert!(missing.contains("no tensor b.z"), "{missing}");
    }
}
