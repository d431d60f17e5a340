//! Files that torch writes, read without running anything of them.
//!
//! Since torch 1.6 `torch.save` and `torch.jit.save` write a zip archive: `data.pkl` is a pickle
//! that tells how objects are put together, and each storage of tensors is an entry of its own,
//! uncompressed. Before, and where it is asked to, torch wrote pickles and storages one after the
//! other. A pickle is a program; here its instructions only put together a description, and no
//! function that it names is ever called.

mod archive;
mod pickle;
mod state;
mod stream;
#[cfg(test)]
mod tests;

use std::ops::Range;

use super::header::{Place, Places};
use archive::Archive;
use pickle::Objects;
use state::Described;
use stream::{Stream, is_stream};

/// How every zip archive begins.
const ZIP: &[u8] = b"PK\x03\x04";

/// How many times the file's size all tensors may be, read one by one: some share their weights, but
/// one storage can be named as often as a pickle likes.
const MOST_SHARED: u64 = 2;

/// Whether torch wrote a file, as its first bytes tell.
pub(super) fn is_torch(bytes: &[u8]) -> bool {
    bytes.starts_with(ZIP) || is_stream(bytes)
}

/// The tensors of such a file: of a dictionary by their keys (those under `state_dict` where it has
/// one), of a `TorchScript` module by the path of attributes, both joined by dots. What is no tensor
/// is left out.
pub(super) fn places(bytes: &[u8]) -> Result<Places, String> {
    let most = (bytes.len() as u64).saturating_mul(MOST_SHARED);
    if is_stream(bytes) {
        let stream = Stream::open(bytes)?;
        return located(&stream.objects, &|key| stream.storage(key), most);
    }
    let archive = Archive::open(bytes)?;
    let (objects, _) = pickle::read(archive.pickle()?)?;
    located(&objects, &|key| archive.storage(key), most)
}

/// Where a storage lies in the file, by its key.
type Storages<'s> = &'s dyn Fn(&str) -> Result<Range<usize>, String>;

/// Where the tensors lie, which may have `most` bytes in all.
fn located(objects: &Objects<'_>, storages: Storages<'_>, most: u64) -> Result<Places, String> {
    let mut places = Places::new();
    let mut named = 0u64;
    for (name, tensor) in state::tensors(objects)? {
        let place =
            place(storages, &tensor).map_err(|reason| format!("tensor {name}: {reason}"))?;
        let size = place
            .kind
            .as_ref()
            .map_or(0, candle_core::DType::size_in_bytes);
        named = named.saturating_add(place.elements().saturating_mul(size as u64));
        if named > most {
            let reason = "its tensors share their storages more often than could be true";
            return Err(reason.to_owned());
        }
        places.insert(name, place);
    }
    if places.is_empty() {
        return Err("there are no named tensors in it".to_owned());
    }
    Ok(places)
}

/// Where a tensor lies, checked against its storage.
fn place(storages: Storages<'_>, tensor: &Described<'_>) -> Result<Place, String> {
    let shape = tensor.shape.clone();
    let foreign = |what: String| Place {
        kind: Err(what),
        coded: None,
        shape: shape.clone(),
        strides: None,
        bytes: 0..0,
    };
    let kind = match tensor.kind {
        Ok(kind) => kind,
        Err(what) => return Ok(foreign(what.to_owned())),
    };
    let elements = product(&shape).ok_or("its shape is too large to be true")?;
    let (bytes, strides) = if elements == 0 {
        (0..0, None)
    } else {
        let storage = storages(tensor.storage)?;
        let span = span(&shape, &tensor.strides).ok_or("its strides are too large to be true")?;
        let size = kind.size_in_bytes();
        let bytes = within(&storage, tensor.offset, span, size)
            .ok_or("it reaches beyond its storage in the file")?;
        if elements > span {
            return Ok(foreign("elements that share their place".to_owned()));
        }
        let strided = !is_row_major(&shape, &tensor.strides);
        (bytes, strided.then(|| tensor.strides.clone()))
    };
    Ok(Place {
        kind: Ok(kind),
        coded: None,
        shape,
        strides,
        bytes,
    })
}

fn product(shape: &[usize]) -> Option<usize> {
    shape
        .iter()
        .try_fold(1, |product: usize, &side| product.checked_mul(side))
}

/// Elements from the first to the last one of a tensor that has any, both included.
fn span(shape: &[usize], strides: &[usize]) -> Option<usize> {
    shape
        .iter()
        .zip(strides)
        .try_fold(1, |span: usize, (&side, &stride)| {
            span.checked_add((side - 1).checked_mul(stride)?)
        })
}

/// The bytes of `span` elements from `offset` on, if the storage has them.
fn within(storage: &Range<usize>, offset: usize, span: usize, size: usize) -> Option<Range<usize>> {
    let start = storage.start.checked_add(offset.checked_mul(size)?)?;
    let end = start.checked_add(span.checked_mul(size)?)?;
    (end <= storage.end).then_some(start..end)
}

fn is_row_major(shape: &[usize], strides: &[usize]) -> bool {
    let mut expected = 1;
    shape.iter().zip(strides).rev().all(|(&side, &stride)| {
        let fits = side == 1 || stride == expected;
        expected *= side;
        fits
    })
}
