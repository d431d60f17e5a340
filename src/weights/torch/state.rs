//! Tensors among the objects of a pickle, and what they are called.

use candle_core::DType;

use super::pickle::{Id, Objects, Value};

/// How deep modules and dictionaries may be nested; large models reach ten.
const DEEPEST: usize = 64;
/// How many entries are looked at: a pickle can name one dictionary in many places.
const MOST_ENTRIES: usize = 1 << 18;
/// Dimensions of a tensor; convolutions have four. A pickle can name one long shape many times.
const MOST_DIMENSIONS: usize = 8;
/// Bytes of a name, all modules on the way included. Long keys, too, can be named many times.
const LONGEST_NAME: usize = 1 << 10;

/// A tensor as torch describes it; nothing of it is checked.
pub(super) struct Described<'a> {
    /// What its storage holds; else the storage's name.
    pub(super) kind: Result<DType, &'a str>,
    /// Which storage it is a view of.
    pub(super) storage: &'a str,
    /// Elements of the storage before it.
    pub(super) offset: usize,
    pub(super) shape: Vec<usize>,
    /// One for each dimension.
    pub(super) strides: Vec<usize>,
}

/// Every tensor that has a name, with that.
pub(super) fn tensors<'a>(objects: &Objects<'a>) -> Result<Vec<(String, Described<'a>)>, String> {
    let mut search = Search {
        objects,
        found: Vec::new(),
        entries: 0,
    };
    let root = search.checkpoint();
    search.look_into(root, &mut Vec::new())?;
    Ok(search.found)
}

struct Search<'o, 'a> {
    objects: &'o Objects<'a>,
    found: Vec<(String, Described<'a>)>,
    entries: usize,
}

impl<'a> Search<'_, 'a> {
    /// The weights of a training checkpoint, beside which lie epochs and optimizers; else all.
    fn checkpoint(&self) -> Id {
        let root = self.objects.root;
        let entries = self.entries_of(root).unwrap_or_default();
        let weights = entries.iter().find(|(key, value)| {
            *self.objects.get(*key) == Value::Text("state_dict")
                && matches!(self.objects.get(*value), Value::Dict(_))
        });
        weights.map_or(root, |(_, value)| *value)
    }

    fn entries_of(&self, id: Id) -> Option<&[(Id, Id)]> {
        let dict = match self.objects.get(id) {
            Value::Made {
                state: Some(state), ..
            } => *state,
            _ => id,
        };
        match self.objects.get(dict) {
            Value::Dict(entries) => Some(entries),
            _ => None,
        }
    }

    fn look_into(&mut self, id: Id, path: &mut Vec<&'a str>) -> Result<(), String> {
        if path.len() > DEEPEST {
            return Err("its objects are nested too deep to be true".to_owned());
        }
        let Some(entries) = self.entries_of(id) else {
            return Ok(());
        };
        let count = self.entries.saturating_add(entries.len());
        if count > MOST_ENTRIES {
            return Err("it has more parts than could be true".to_owned());
        }
        // A copy of the list: nothing is held while its entries are looked at.
        let entries = entries.to_vec();
        self.entries = count;
        for (key, value) in entries {
            let &Value::Text(key) = self.objects.get(key) else {
                continue;
            };
            path.push(key);
            match described(self.objects, value) {
                Some(tensor) => self.found.push((joined(path)?, tensor)),
                None => self.look_into(value, path)?,
            }
            path.pop();
        }
        Ok(())
    }
}

/// The name at the end of a path.
fn joined(path: &[&str]) -> Result<String, String> {
    if path.iter().map(|part| part.len() + 1).sum::<usize>() > LONGEST_NAME {
        return Err("it has a tensor whose name is too long to be true".to_owned());
    }
    Ok(path.join("."))
}

/// The tensor that a call of torch would rebuild.
fn described<'a>(objects: &Objects<'a>, id: Id) -> Option<Described<'a>> {
    let (mut function, mut arguments) = called(objects, id)?;
    // Parameters and other kinds of tensors are wrapped around plain ones, once each.
    for _ in 0..2 {
        match function {
            ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state") => {
                (function, arguments) = called(objects, *arguments.first()?)?;
            }
            ("torch._tensor", "_rebuild_from_type_v2") => {
                let [by, _, with, ..] = arguments else {
                    return None;
                };
                function = global(objects, *by)?;
                arguments = sequence(objects, *with)?;
            }
            _ => {}
        }
    }
    let ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2") = function else {
        return None;
    };
    let [storage, offset, shape, strides, ..] = arguments else {
        return None;
    };
    let storage = StorageName::of(objects, objects.get(*storage))?;
    let (shape, strides) = (sizes(objects, *shape)?, sizes(objects, *strides)?);
    (shape.len() == strides.len()).then_some(())?;
    Some(Described {
        kind: if storage.is_part {
            Err("a part of a storage")
        } else {
            kind(storage.kind)
        },
        storage: storage.key,
        offset: size(objects, *offset)?,
        shape,
        strides,
    })
}

/// How an object names a storage.
pub(super) struct StorageName<'a> {
    pub(super) key: &'a str,
    /// The class it is of.
    pub(super) kind: &'a str,
    /// Whether a part of it is meant, as the oldest files have it.
    is_part: bool,
}

impl<'a> StorageName<'a> {
    /// Of `("storage", class, key, device, elements)`, and a sixth in the older stream, which tells
    /// the part.
    pub(super) fn of(objects: &Objects<'a>, value: &Value<'a>) -> Option<Self> {
        let &Value::Persistent(name) = value else {
            return None;
        };
        let [tag, class, key, rest @ ..] = sequence(objects, name)? else {
            return None;
        };
        let (&Value::Text("storage"), &Value::Text(key)) = (objects.get(*tag), objects.get(*key))
        else {
            return None;
        };
        let part = rest.get(2).map(|part| objects.get(*part));
        Some(Self {
            key,
            kind: global(objects, *class)?.1,
            is_part: matches!(part, Some(Value::Sequence(_))),
        })
    }
}

fn kind(storage: &str) -> Result<DType, &str> {
    match storage {
        "DoubleStorage" => Ok(DType::F64),
        "FloatStorage" => Ok(DType::F32),
        "HalfStorage" => Ok(DType::F16),
        "BFloat16Storage" => Ok(DType::BF16),
        "LongStorage" => Ok(DType::I64),
        other => Err(other),
    }
}

/// A call's function by name, and its arguments.
fn called<'o, 'a>(objects: &'o Objects<'a>, id: Id) -> Option<((&'a str, &'a str), &'o [Id])> {
    match objects.get(id) {
        Value::Made { by, with, .. } => Some((global(objects, *by)?, sequence(objects, *with)?)),
        _ => None,
    }
}

fn global<'a>(objects: &Objects<'a>, id: Id) -> Option<(&'a str, &'a str)> {
    match *objects.get(id) {
        Value::Global { module, name } => Some((module, name)),
        _ => None,
    }
}

fn sequence<'o>(objects: &'o Objects<'_>, id: Id) -> Option<&'o [Id]> {
    match objects.get(id) {
        Value::Sequence(items) => Some(items),
        _ => None,
    }
}

fn size(objects: &Objects<'_>, id: Id) -> Option<usize> {
    match *objects.get(id) {
        Value::Int(value) => value.try_into().ok(),
        _ => None,
    }
}

fn sizes(objects: &Objects<'_>, id: Id) -> Option<Vec<usize>> {
    let items = sequence(objects, id).filter(|items| items.len() <= MOST_DIMENSIONS)?;
    items.iter().map(|&item| size(objects, item)).collect()
}
