//! Queries, keys and values of transformers that norm their heads and turn them by where tokens lie.

use std::ops::Deref;

use candle_core::{D, Device, Result, Tensor};
use candle_nn::VarBuilder;

use super::keep::small;
use super::slices::{elements, on_our_kernels, tensor_of};
use crate::kernels::{self, HeadNorm, HeadRow, HeadStream, Pairs, Turns};

/// How rows of queries, keys and values are divided into heads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadGroups {
    /// Heads of queries.
    pub queries: usize,
    /// Heads of keys and of values, each of which as many neighbouring queries share; divides their
    /// number.
    pub keys: usize,
    /// Values of a head, an even number.
    pub dim: usize,
}

impl HeadGroups {
    /// Every query has a key of its own.
    pub const fn equal(heads: usize, dim: usize) -> Self {
        Self {
            queries: heads,
            keys: heads,
            dim,
        }
    }

    const fn row(self) -> HeadRow {
        HeadRow {
            queries: self.queries,
            keys: self.keys,
            dim: self.dim,
        }
    }
}

/// Brings every head of queries and of keys to mean square 1, then multiplies.
#[derive(Debug)]
pub struct HeadNorms {
    queries: Tensor,
    keys: Tensor,
    eps: f64,
}

impl HeadNorms {
    /// Reads `weight` of two builders, of queries and of keys: `[dim]`.
    pub fn new(
        dim: usize,
        eps: f64,
        queries: &VarBuilder<'_>,
        keys: &VarBuilder<'_>,
    ) -> Result<Self> {
        Ok(Self {
            queries: small(&queries.get(dim, "weight")?)?,
            keys: small(&keys.get(dim, "weight")?)?,
            eps,
        })
    }

    /// Weights of queries and of keys.
    fn held(&self) -> Result<(Values<'_>, Values<'_>, f32)> {
        let (queries, keys) = (elements(&self.queries)?, elements(&self.keys)?);
        Ok((Box::new(queries), Box::new(keys), self.eps as f32))
    }
}

/// Borrowed from a tensor.
type Values<'a> = Box<dyn Deref<Target = [f32]> + 'a>;

/// By which angles pairs of a head's values are turned, for every token.
#[derive(Debug)]
pub struct Rotation {
    /// `[tokens, dim / 2]`
    cosines: Tensor,
    sines: Tensor,
    pairs: Pairs,
}

/// Tokens that lie in a space of three axes: a share of each head's values turns with each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axes {
    /// Values of a head that turn with an axis; even numbers.
    pub dims: [usize; 3],
    /// How many times slower the last pair of an axis turns than the first, nearly.
    pub theta: f64,
    /// Whether angles are numbers of 32 bits, as they are to networks that were trained so.
    pub coarse: bool,
}

impl Axes {
    /// Turns neighbouring values of tokens at these places.
    pub fn rotation(&self, places: &[[u32; 3]], device: &Device) -> Result<Rotation> {
        let of_pair: Vec<(usize, f64)> = self
            .dims
            .iter()
            .enumerate()
            .flat_map(|(axis, &dim)| {
                let speed = move |at: usize| self.theta.powf(-2.0 * at as f64 / dim as f64);
                (0..dim / 2).map(move |at| (axis, speed(at)))
            })
            .collect();
        let angle = |token: usize, pair: usize| {
            let (axis, speed) = of_pair[pair];
            let angle = f64::from(places[token][axis]) * speed;
            if self.coarse {
                f64::from(angle as f32)
            } else {
                angle
            }
        };
        let size = (places.len(), of_pair.len());
        Rotation::of(size, Pairs::Neighbours, angle, device)
    }
}

impl Rotation {
    /// Of tokens in a row: turns each value and that half a head behind it, as language models do.
    pub fn in_a_row(tokens: usize, dim: usize, theta: f64, device: &Device) -> Result<Self> {
        // The reference holds speeds and angles in f32.
        let angle = |token: usize, pair: usize| {
            let speed = 1.0 / (theta as f32).powf((2 * pair) as f32 / dim as f32);
            f64::from(token as f32 * speed)
        };
        Self::of((tokens, dim / 2), Pairs::Halves, angle, device)
    }

    fn of(
        (tokens, count): (usize, usize),
        pairs: Pairs,
        angle: impl Fn(usize, usize) -> f64,
        device: &Device,
    ) -> Result<Self> {
        let (mut cosines, mut sines) = (Vec::new(), Vec::new());
        for token in 0..tokens {
            for pair in 0..count {
                let (sine, cosine) = angle(token, pair).sin_cos();
                cosines.push(cosine as f32);
                sines.push(sine as f32);
            }
        }
        Ok(Self {
            cosines: Tensor::from_vec(cosines, (tokens, count), device)?,
            sines: Tensor::from_vec(sines, (tokens, count), device)?,
            pairs,
        })
    }
}

/// Streams of tokens `[batch, tokens, (queries + 2 * keys) * dim]`, queries, keys and values side by
/// side, to one that [`super::self_attention`] takes: `[batch, tokens of all, 3 * queries * dim]`.
pub fn join_heads(
    streams: &[(&Tensor, Option<&HeadNorms>)],
    groups: HeadGroups,
    rotation: Option<&Rotation>,
) -> Result<Tensor> {
    let (batch, width) = check(streams, groups, rotation)?;
    if !streams.iter().all(|(values, _)| on_our_kernels(values)) {
        return join_candle(streams, groups, rotation);
    }
    let values = streams.iter().map(|(values, _)| values.contiguous());
    let values = values.collect::<Result<Vec<_>>>()?;
    let held = values.iter().map(elements).collect::<Result<Vec<_>>>()?;
    let norms = streams
        .iter()
        .map(|(_, norms)| norms.map(HeadNorms::held).transpose());
    let norms = norms.collect::<Result<Vec<_>>>()?;
    let streams: Vec<_> = held
        .iter()
        .zip(&norms)
        .map(|(values, norms)| HeadStream {
            values,
            norms: norms.as_ref().map(|(queries, keys, eps)| HeadNorm {
                queries,
                keys,
                eps: *eps,
            }),
        })
        .collect();
    let angles = rotation
        .map(|rotation| -> Result<_> {
            Ok((elements(&rotation.cosines)?, elements(&rotation.sines)?))
        })
        .transpose()?;
    let turns = rotation.zip(angles.as_ref());
    let turns = turns.map(|(rotation, (cosines, sines))| Turns {
        cosines,
        sines,
        pairs: rotation.pairs,
    });
    let out = kernels::join_heads(&streams, batch, groups.row(), turns);
    let tokens = out.len() / batch / width;
    tensor_of(out, (batch, tokens, width))
}

/// Pictures, and values of a row as it comes out.
fn check(
    streams: &[(&Tensor, Option<&HeadNorms>)],
    groups: HeadGroups,
    rotation: Option<&Rotation>,
) -> Result<(usize, usize)> {
    let row = groups.row();
    if groups.keys == 0 || !groups.queries.is_multiple_of(groups.keys) || groups.dim % 2 == 1 {
        candle_core::bail!("{groups:?} cannot be shared")
    }
    let (mut batch, mut tokens) = (None, 0);
    for (values, _) in streams {
        let (own, count, width) = values.dims3()?;
        if width != row.width() || own == 0 || *batch.get_or_insert(own) != own {
            candle_core::bail!("rows of heads {groups:?} were given as {:?}", values.dims())
        }
        tokens += count;
    }
    let turned = rotation.map(|rotation| rotation.cosines.dims().to_vec());
    if turned.is_some_and(|turned| turned != [tokens, groups.dim / 2]) {
        candle_core::bail!("{tokens} tokens do not lie where as many are turned")
    }
    let batch = batch.unwrap_or(1);
    Ok((batch, row.width_after()))
}

/// As candle does it.
fn join_candle(
    streams: &[(&Tensor, Option<&HeadNorms>)],
    groups: HeadGroups,
    rotation: Option<&Rotation>,
) -> Result<Tensor> {
    let HeadGroups { queries, keys, dim } = groups;
    let mut parts = [const { Vec::new() }; 3];
    for (values, norms) in streams {
        let (batch, tokens, _) = values.dims3()?;
        let firsts = [(0, queries), (queries, keys), (queries + keys, keys)];
        for (part, (first, count)) in firsts.into_iter().enumerate() {
            let heads = values
                .narrow(D::Minus1, first * dim, count * dim)?
                .reshape((batch, tokens, count, dim))?;
            let heads = match norms {
                Some(norms) if part == 0 => normed(&heads, &norms.queries, norms.eps)?,
                Some(norms) if part == 1 => normed(&heads, &norms.keys, norms.eps)?,
                _ => heads,
            };
            let shape = (batch, tokens, count, queries / count, dim);
            let heads = heads.unsqueeze(3)?.broadcast_as(shape)?;
            parts[part].push(heads.reshape((batch, tokens, queries, dim))?);
        }
    }
    let parts = parts.iter().enumerate().map(|(part, streams)| {
        let heads = Tensor::cat(streams, 1)?;
        let heads = match rotation {
            Some(rotation) if part < 2 => turned(&heads, rotation)?,
            _ => heads,
        };
        heads.flatten_from(2)
    });
    Tensor::cat(&parts.collect::<Result<Vec<_>>>()?, D::Minus1)
}

fn normed(heads: &Tensor, weight: &Tensor, eps: f64) -> Result<Tensor> {
    let square = (heads.sqr()?.mean_keepdim(D::Minus1)? + eps)?;
    heads.broadcast_div(&square.sqrt()?)?.broadcast_mul(weight)
}

fn turned(heads: &Tensor, rotation: &Rotation) -> Result<Tensor> {
    let (batch, tokens, count, dim) = heads.dims4()?;
    let (shape, axis) = match rotation.pairs {
        Pairs::Neighbours => ((batch, tokens, count, dim / 2, 2), 4),
        Pairs::Halves => ((batch, tokens, count, 2, dim / 2), 3),
    };
    let pairs = heads.reshape(shape)?;
    let (first, second) = (pairs.get_on_dim(axis, 0)?, pairs.get_on_dim(axis, 1)?);
    let angles = |angles: &Tensor| angles.reshape((1, tokens, 1, dim / 2));
    let (cosines, sines) = (angles(&rotation.cosines)?, angles(&rotation.sines)?);
    let turned = [
        (first.broadcast_mul(&cosines)? - second.broadcast_mul(&sines)?)?,
        (second.broadcast_mul(&cosines)? + first.broadcast_mul(&sines)?)?,
    ];
    Tensor::stack(&turned, axis)?.reshape((batch, tokens, count, dim))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::near::{DIRECT, assert_near, gap, random};

    fn norms(dim: usize) -> HeadNorms {
        HeadNorms {
            queries: random(dim),
            keys: random(dim),
            eps: 1e-6,
        }
    }

    #[test]
    fn streams_are_normed_turned_and_joined_as_candle_does_it() {
        let (batch, dim) = (2, 12);
        let axes = Axes {
            dims: [4, 6, 2],
            theta: 100.0,
            coarse: false,
        };
        let places: Vec<_> = (0..8).map(|at| [at, 3 * at, 7]).collect();
        let around = axes.rotation(&places, &Device::Cpu).unwrap();
        let in_a_row = Rotation::in_a_row(8, dim, 100.0, &Device::Cpu).unwrap();
        for groups in [
            HeadGroups::equal(3, dim),
            HeadGroups {
                queries: 6,
                keys: 2,
                dim,
            },
        ] {
            let stream = |tokens| random((batch, tokens, groups.row().width()));
            let (text, picture) = (stream(3), stream(5));
            let own = [norms(dim), norms(dim)];
            let streams = [(&text, Some(&own[0])), (&picture, Some(&own[1]))];
            for rotation in [None, Some(&around), Some(&in_a_row)] {
                let ours = join_heads(&streams, groups, rotation).unwrap();
                assert_eq!(ours.dims(), [batch, 8, 3 * groups.queries * dim]);
                let theirs = join_candle(&streams, groups, rotation).unwrap();
                assert_near(&ours, &theirs, DIRECT);
            }
            let plain = [(&text, None), (&picture, None)];
            let ours = join_heads(&plain, groups, None).unwrap();
            let theirs = join_candle(&plain, groups, None).unwrap();
            assert_near(&ours, &theirs, DIRECT);
            let other = join_candle(&plain, groups, Some(&around)).unwrap();
            assert!(gap(&ours, &other) > 0.1);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let groups = HeadGroups::equal(2, 4);
        let (fits, wide) = (random((1, 3, 24)), random((1, 3, 25)));
        let turns = Rotation::in_a_row(2, 4, 100.0, &Device::Cpu).unwrap();
        assert!(join_heads(&[(&wide, None)], groups, None).is_err());
        assert!(join_heads(&[(&fits, None)], groups, Some(&turns)).is_err());
        let uneven = HeadGroups {
            queries: 4,
            keys: 3,
            dim: 2,
        };
        assert!(join_heads(&[(&random((1, 1, 20)), None)], uneven, None).is_err());
    }
}
