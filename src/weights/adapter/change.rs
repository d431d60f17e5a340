//! What an adapter does to one tensor.

use std::ops::Range;

use candle_core::{Result, Tensor};

use super::super::Weights;
use super::Tensors;
use super::matrix::{Matrix, product, values};
use super::role::Role;
use super::scale::ModuleScale;

/// Something that is added to a tensor, and the lengths it may then be given.
#[derive(Clone, Debug)]
pub(super) struct Change {
    weights: Weights,
    added: Added,
    scale: f64,
    lengths: Option<Lengths>,
    /// Of what is added, those of the tensor's own; all where nothing is told.
    rows: Option<Range<usize>>,
}

/// How matrices become the one that is added.
#[derive(Clone, Debug)]
enum Added {
    /// `LoRA`, or a difference stored as it is.
    One(Matrix),
    /// `LoHa`: the product of both, element by element.
    Hadamard(Matrix, Matrix),
    /// `LoKr`: the second, once for each element of the first.
    Kronecker(Matrix, Matrix),
}

/// `DoRA`: the sum is given lengths of its own.
#[derive(Clone, Debug)]
struct Lengths {
    key: String,
    axis: Axis,
}

/// Whether each output has a length, or each input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Axis {
    Outputs,
    Inputs,
}

impl Change {
    /// All that the tensors of a module say: the ends of the names of what is changed, and how.
    pub(super) fn all_of(
        weights: &Weights,
        tensors: &Tensors,
        scale: Option<ModuleScale>,
        strength: f64,
    ) -> Vec<(&'static str, Self)> {
        let mut changes = Vec::new();
        if let Some(added) = Added::of(tensors) {
            let own = tensors.get(&Role::Alpha).map(String::as_str);
            let scale = added.scale(weights, own, scale);
            let lengths = Lengths::of(weights, tensors);
            changes.push((
                "weight",
                Self {
                    weights: weights.clone(),
                    added,
                    scale: scale * strength,
                    lengths,
                    rows: None,
                },
            ));
        }
        for (role, end) in [(Role::Diff, "weight"), (Role::DiffBias, "bias")] {
            if let Some(key) = tensors.get(&role) {
                let change = Self {
                    weights: weights.clone(),
                    added: Added::One(Matrix::Whole(key.clone())),
                    scale: strength,
                    lengths: None,
                    rows: None,
                };
                changes.push((end, change));
            }
        }
        changes
    }

    /// Names of the tensors it is read from.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let lengths = self.lengths.iter().map(|lengths| lengths.key.as_str());
        self.added.keys().into_iter().chain(lengths)
    }

    /// Whether it does anything: at strength 0 an adapter is off, also one that gives lengths.
    pub(super) fn is_nothing(&self) -> bool {
        self.scale == 0.0
    }

    /// Rows and columns of what is added; nothing where its factors do not fit each other.
    pub(super) fn size(&self) -> Option<(usize, usize)> {
        self.added.size(&self.weights)
    }

    /// What it does to each of the tensors it is for, whose outputs follow each other; else why it does
    /// not fit them.
    pub(super) fn shared_out(
        self,
        size: (usize, usize),
        tensors: &[(String, &[usize])],
    ) -> std::result::Result<Vec<(String, Self)>, String> {
        if let [(tensor, shape)] = tensors {
            self.check(size, shape)?;
            return Ok(vec![(tensor.clone(), self)]);
        }
        if self.lengths.as_ref().is_some_and(Lengths::are_of_inputs) {
            return Err("it gives lengths to the inputs of several layers at once".to_owned());
        }
        let mut together = tensors.first().map(|(_, shape)| shape.to_vec());
        for (_, shape) in tensors.iter().skip(1) {
            together = together
                .filter(|together| together.get(1..) == shape.get(1..))
                .map(|mut together| {
                    together[0] += shape[0];
                    together
                });
        }
        let together = together.ok_or("the model's layers do not fit each other")?;
        self.check(size, &together)?;
        let mut from = 0;
        let each = tensors.iter().map(|(tensor, shape)| {
            let rows = from..from + shape[0];
            from = rows.end;
            let change = Self {
                rows: Some(rows),
                ..self.clone()
            };
            (tensor.clone(), change)
        });
        Ok(each.collect())
    }

    /// Whether it fits a tensor of a shape; else why not.
    fn check(
        &self,
        (rows, columns): (usize, usize),
        shape: &[usize],
    ) -> std::result::Result<(), String> {
        let (own, others) = shape.split_first().unwrap_or((&1, &[]));
        if (rows, columns) != (*own, product(others)) {
            return Err(format!(
                "it has {rows}x{columns} where the model has {shape:?}"
            ));
        }
        match &self.lengths {
            Some(lengths) => lengths.check(&self.weights, shape),
            None => Ok(()),
        }
    }

    /// The tensor changed, in f32 as it must be given.
    pub(super) fn apply(&self, tensor: &Tensor) -> Result<Tensor> {
        let added = (self.added.read(&self.weights)? * self.scale)?;
        let added = match &self.rows {
            Some(rows) => added.narrow(0, rows.start, rows.len())?,
            None => added,
        };
        let added = added.reshape(tensor.shape())?.to_device(tensor.device())?;
        let sum = (tensor + added)?;
        match &self.lengths {
            Some(lengths) => lengths.give(&self.weights, self.rows.as_ref(), &sum),
            None => Ok(sum),
        }
    }
}

impl Added {
    fn of(tensors: &Tensors) -> Option<Self> {
        let get = |role| tensors.get(&role).cloned();
        if let (Some(up), Some(down)) = (get(Role::Up), get(Role::Down)) {
            return Some(Self::One(match get(Role::Mid) {
                Some(core) => Matrix::Tucker {
                    core,
                    left: up,
                    is_turned: false,
                    right: down,
                },
                None => Matrix::Factors(up, down),
            }));
        }
        let factors = |left: Role, right: Role, core: Option<Role>| {
            let (left, right) = (get(left)?, get(right)?);
            Some(match core.and_then(get) {
                Some(core) => Matrix::Tucker {
                    core,
                    left,
                    is_turned: true,
                    right,
                },
                None => Matrix::Factors(left, right),
            })
        };
        let first = factors(Role::HadaW1A, Role::HadaW1B, Some(Role::HadaT1));
        let second = factors(Role::HadaW2A, Role::HadaW2B, Some(Role::HadaT2));
        if let (Some(first), Some(second)) = (first, second) {
            return Some(Self::Hadamard(first, second));
        }
        let whole = |role| get(role).map(Matrix::Whole);
        let first = whole(Role::LokrW1).or_else(|| factors(Role::LokrW1A, Role::LokrW1B, None));
        let second = whole(Role::LokrW2)
            .or_else(|| factors(Role::LokrW2A, Role::LokrW2B, Some(Role::LokrT2)));
        Some(Self::Kronecker(first?, second?))
    }

    fn keys(&self) -> Vec<&str> {
        match self {
            Self::One(one) => one.keys(),
            Self::Hadamard(first, second) | Self::Kronecker(first, second) => {
                [first.keys(), second.keys()].concat()
            }
        }
    }

    /// What is divided by: of `LoKr` the rank of whichever factor has one.
    fn rank(&self, weights: &Weights) -> Option<usize> {
        match self {
            Self::One(one) | Self::Hadamard(one, _) => one.rank(weights),
            Self::Kronecker(first, second) => second.rank(weights).or_else(|| first.rank(weights)),
        }
    }

    /// Alpha by rank; 1 where nothing is said of either.
    fn scale(&self, weights: &Weights, alpha: Option<&str>, told: Option<ModuleScale>) -> f64 {
        let alpha = alpha.and_then(|key| weights.values(key).ok()?.first().copied());
        match (alpha, told) {
            (Some(alpha), _) => self
                .rank(weights)
                .map_or(1.0, |rank| f64::from(alpha) / rank.max(1) as f64),
            (None, Some(told)) => told.with_rank(self.rank(weights)),
            (None, None) => 1.0,
        }
    }

    fn size(&self, weights: &Weights) -> Option<(usize, usize)> {
        match self {
            Self::One(one) => one.size(weights),
            Self::Hadamard(first, second) => {
                let size = first.size(weights)?;
                (size == second.size(weights)?).then_some(size)
            }
            Self::Kronecker(first, second) => {
                let (first, second) = (first.size(weights)?, second.size(weights)?);
                Some((
                    first.0.checked_mul(second.0)?,
                    first.1.checked_mul(second.1)?,
                ))
            }
        }
    }

    /// `[rows, columns]` in f32.
    fn read(&self, weights: &Weights) -> Result<Tensor> {
        match self {
            Self::One(one) => one.read(weights),
            Self::Hadamard(first, second) => first.read(weights)? * second.read(weights)?,
            Self::Kronecker(first, second) => {
                let (first, second) = (first.read(weights)?, second.read(weights)?);
                let ((p, q), (r, s)) = (first.dims2()?, second.dims2()?);
                first
                    .reshape((p, 1, q, 1))?
                    .broadcast_mul(&second.reshape((1, r, 1, s))?)?
                    .reshape((p * r, q * s))
            }
        }
    }
}

impl Lengths {
    fn of(weights: &Weights, tensors: &Tensors) -> Option<Self> {
        if let Some(key) = tensors.get(&Role::Magnitude) {
            let (key, axis) = (key.clone(), Axis::Outputs);
            return Some(Self { key, axis });
        }
        let key = tensors.get(&Role::DoraScale)?.clone();
        // Older LyCORIS measures along the outputs: one row, a length for each input.
        let axis = match weights.shape(&key)? {
            [1, inputs, ..] if *inputs > 1 => Axis::Inputs,
            _ => Axis::Outputs,
        };
        Some(Self { key, axis })
    }

    fn check(&self, weights: &Weights, shape: &[usize]) -> std::result::Result<(), String> {
        let count = product(weights.shape(&self.key).unwrap_or(&[]));
        let expected = match self.axis {
            Axis::Outputs => shape.first(),
            Axis::Inputs => shape.get(1),
        };
        if expected == Some(&count) {
            Ok(())
        } else {
            Err(format!(
                "it has {count} lengths where the model has {shape:?}"
            ))
        }
    }

    fn are_of_inputs(&self) -> bool {
        self.axis == Axis::Inputs
    }

    /// `rows` are those of the tensor, where the lengths are of more.
    fn give(&self, weights: &Weights, rows: Option<&Range<usize>>, sum: &Tensor) -> Result<Tensor> {
        let [outputs, inputs, ..] = *sum.dims() else {
            candle_core::bail!("{} gives lengths to what is no matrix", self.key)
        };
        let lengths = values(weights, &self.key)?.to_device(sum.device())?;
        let lengths = match rows {
            Some(rows) => lengths.flatten_all()?.narrow(0, rows.start, rows.len())?,
            None => lengths,
        };
        let parted = sum.reshape((outputs, inputs, ()))?;
        let (others, lengths) = match self.axis {
            Axis::Outputs => ([1, 2], lengths.reshape((outputs, 1, 1))?),
            Axis::Inputs => ([0, 2], lengths.reshape((1, inputs, 1))?),
        };
        let now = parted.sqr()?.sum_keepdim(&others[..])?.sqrt()?;
        // What is nothing stays nothing.
        let factor = lengths.div(&now.maximum(f64::from(f32::MIN_POSITIVE))?)?;
        parted.broadcast_mul(&factor)?.reshape(sum.shape())
    }
}

/// Tensors of a module that [`Change::all_of`] makes nothing of.
pub(super) fn left_over(tensors: &Tensors) -> impl Iterator<Item = &str> {
    let has_added = Added::of(tensors).is_some();
    let used: Vec<String> = Added::of(tensors)
        .map(|added| added.keys().into_iter().map(str::to_owned).collect())
        .unwrap_or_default();
    tensors
        .iter()
        .filter(move |(role, key)| match role {
            Role::Diff | Role::DiffBias => false,
            Role::Alpha | Role::DoraScale | Role::Magnitude => !has_added,
            _ => !used.contains(key),
        })
        .map(|(_, key)| key.as_str())
}
