//! Scaled dot-product attention over several heads.

use candle_core::{D, Result, Tensor};

use super::Interrupt;
use super::slices::{elements, on_our_kernels, tensor_of};
use crate::kernels::{self, HeadShape, Level, PackedKeys, ScoreRow, Tokens};

/// How the last dimension is divided, and what a query may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heads {
    /// Divides the width of queries and keys.
    pub count: usize,
    /// Query `i` sees keys `0..=i` alone.
    pub causal: bool,
}

/// What is added to the scaled scores, by where query and key lie.
#[derive(Clone, Copy, Debug)]
pub enum Bias<'a> {
    /// `[heads, queries, keys]`, the same for every picture.
    Table(&'a Tensor),
    /// The keys are the pixels of a grid: one number for a key's row and one for its column, as in
    /// Li et al. 2022, "`MViTv2`".
    Grid {
        /// `[batch, queries, heads, height]`
        rows: &'a Tensor,
        /// `[batch, queries, heads, width]`
        columns: &'a Tensor,
    },
}

/// Some of the values of every token: `[batch, tokens, …]`, `width` of them from `offset` on.
#[derive(Clone, Copy)]
struct Part<'a> {
    tensor: &'a Tensor,
    offset: usize,
    width: usize,
}

impl<'a> Part<'a> {
    fn whole(tensor: &'a Tensor) -> Result<Self> {
        Ok(Self {
            tensor,
            offset: 0,
            width: tensor.dim(D::Minus1)?,
        })
    }

    /// One of `count` parts of one width.
    fn of(tensor: &'a Tensor, index: usize, count: usize) -> Result<Self> {
        let width = tensor.dim(D::Minus1)? / count;
        Ok(Self {
            tensor,
            offset: index * width,
            width,
        })
    }

    /// Calls `run` with the values where they lie.
    fn with<T>(&self, run: impl FnOnce(Tokens<'_>) -> Result<T>) -> Result<T> {
        let tensor = self.tensor.contiguous()?;
        let values = elements(&tensor)?;
        run(Tokens {
            values: &values,
            pitch: self.tensor.dim(D::Minus1)?,
            offset: self.offset,
        })
    }

    /// As a tensor of its own: `[batch, tokens, width]`.
    fn tensor(&self) -> Result<Tensor> {
        self.tensor.narrow(D::Minus1, self.offset, self.width)
    }
}

/// Keys and values that any number of queries may be held against.
#[derive(Debug)]
pub struct Keys {
    held: Held,
    heads: Heads,
    batch: usize,
    count: usize,
}

#[derive(Debug)]
enum Held {
    /// As our kernels read them.
    Packed(PackedKeys),
    /// Both `[batch, tokens, width]`, where candle computes.
    Plain(Tensor, Tensor),
}

impl Keys {
    /// Of keys and values side by side: `[batch, tokens, 2 * width]`.
    pub fn of_pair(pair: &Tensor, heads: Heads) -> Result<Self> {
        Self::of(Part::of(pair, 0, 2)?, Part::of(pair, 1, 2)?, heads)
    }

    fn of(keys: Part<'_>, values: Part<'_>, heads: Heads) -> Result<Self> {
        let (batch, count, _) = keys.tensor.dims3()?;
        let held = if on_our_kernels(keys.tensor) {
            let shape = HeadShape {
                batch,
                heads: heads.count,
                head_dim: keys.width / heads.count,
            };
            keys.with(|keys| {
                values.with(|values| {
                    let packed = PackedKeys::new(Level::best(), shape, keys, values);
                    Ok(Held::Packed(packed))
                })
            })?
        } else {
            Held::Plain(keys.tensor()?, values.tensor()?)
        };
        Ok(Self {
            held,
            heads,
            batch,
            count,
        })
    }

    /// What queries `[batch, n, width]` see; of their shape.
    pub fn ask(&self, queries: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        self.answer(Part::whole(queries)?, None, interrupt)
    }

    fn answer(
        &self,
        queries: Part<'_>,
        bias: Option<Bias<'_>>,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        interrupt.check()?;
        let (batch, count, _) = queries.tensor.dims3()?;
        if batch != self.batch {
            candle_core::bail!("keys of {} pictures were asked for {batch}", self.batch)
        }
        let packed = match &self.held {
            Held::Packed(packed) => packed,
            Held::Plain(keys, values) => {
                return attention_candle((&queries.tensor()?, keys, values), self.heads, bias);
            }
        };
        let stop = || interrupt.is_asked();
        let out = queries.with(|queries| {
            let ask = |bias: Option<kernels::Bias<'_>>| {
                Ok(packed.ask(queries, self.heads.causal, bias, &stop)?)
            };
            match bias {
                None => ask(None),
                Some(bias) => bias.with((count, self.heads.count, self.count), |bias| {
                    ask(Some(bias))
                }),
            }
        })?;
        tensor_of(out, (batch, count, queries.width))
    }
}

impl Bias<'_> {
    /// Calls `run` with it as our kernels take it.
    fn with<T>(
        self,
        (queries, heads, keys): (usize, usize, usize),
        run: impl FnOnce(kernels::Bias<'_>) -> Result<T>,
    ) -> Result<T> {
        match self {
            Self::Table(table) => {
                let table = table.contiguous()?;
                let table = &*elements(&table)?;
                run(&|row: ScoreRow, scores: &mut [f32]| {
                    let table = &table[(row.head * queries + row.query) * keys + row.from..];
                    for (score, bias) in scores.iter_mut().zip(table) {
                        *score += bias;
                    }
                })
            }
            Self::Grid { rows, columns } => {
                let (rows, columns) = (rows.contiguous()?, columns.contiguous()?);
                let (height, width) = (rows.dim(3)?, columns.dim(3)?);
                let (rows, columns) = (&*elements(&rows)?, &*elements(&columns)?);
                run(&|row: ScoreRow, scores: &mut [f32]| {
                    let at = (row.image * queries + row.query) * heads + row.head;
                    let (rows, columns) = (&rows[at * height..], &columns[at * width..]);
                    for (key, score) in (row.from..).zip(scores) {
                        *score += rows[key / width] + columns[key % width];
                    }
                })
            }
        }
    }
}

/// Values of f32 that packed keys and values of a head take.
pub fn attention_values(tokens: usize, head_dim: usize) -> usize {
    PackedKeys::head_values(Level::best(), (tokens, head_dim))
}

/// Queries `[batch, n, width]` against keys and values `[batch, m, width]`; the result has the
/// shape of the queries.
pub fn attention(
    (q, k, v): (&Tensor, &Tensor, &Tensor),
    heads: Heads,
    interrupt: &Interrupt,
) -> Result<Tensor> {
    Keys::of(Part::whole(k)?, Part::whole(v)?, heads)?.ask(q, interrupt)
}

/// Queries, keys and values side by side, `[batch, n, 3 * width]`, to `[batch, n, width]`.
pub fn self_attention(qkv: &Tensor, heads: Heads, interrupt: &Interrupt) -> Result<Tensor> {
    let [q, k, v] = [0, 1, 2].map(|index| Part::of(qkv, index, 3));
    Keys::of(k?, v?, heads)?.answer(q?, None, interrupt)
}

/// [`attention`] that also looks at where things lie.
pub fn biased_attention(
    (q, k, v): (&Tensor, &Tensor, &Tensor),
    heads: Heads,
    bias: Bias<'_>,
    interrupt: &Interrupt,
) -> Result<Tensor> {
    let ((batch, queries, _), keys) = (q.dims3()?, k.dim(1)?);
    let fits = match bias {
        Bias::Table(table) => table.dims() == [heads.count, queries, keys],
        Bias::Grid { rows, columns } => {
            let (height, width) = (rows.dim(3)?, columns.dim(3)?);
            height * width == keys
                && rows.dims() == [batch, queries, heads.count, height]
                && columns.dims() == [batch, queries, heads.count, width]
        }
    };
    if !fits {
        candle_core::bail!("a bias does not fit {queries} queries and {keys} keys")
    }
    Keys::of(Part::whole(k)?, Part::whole(v)?, heads)?.answer(
        Part::whole(q)?,
        Some(bias),
        interrupt,
    )
}

fn attention_candle(
    (q, k, v): (&Tensor, &Tensor, &Tensor),
    heads: Heads,
    bias: Option<Bias<'_>>,
) -> Result<Tensor> {
    let (batch, queries, width) = q.dims3()?;
    let keys = k.dim(1)?;
    let head_dim = width / heads.count;
    let split = |xs: &Tensor, len: usize| {
        xs.reshape((batch, len, heads.count, head_dim))?
            .transpose(1, 2)?
            .contiguous()
    };
    let (q, k, v) = (split(q, queries)?, split(k, keys)?, split(v, keys)?);
    let mut scores = (q.matmul(&k.t()?)? / (head_dim as f64).sqrt())?;
    match bias {
        None => {}
        Some(Bias::Table(table)) => scores = scores.broadcast_add(table)?,
        Some(Bias::Grid { rows, columns }) => {
            let (rows, columns) = (rows.transpose(1, 2)?, columns.transpose(1, 2)?);
            let grid = rows.unsqueeze(4)?.broadcast_add(&columns.unsqueeze(3)?)?;
            scores = (scores + grid.flatten_from(3)?)?;
        }
    }
    if heads.causal {
        let hidden: Vec<f32> = (0..queries * keys)
            .map(|i| {
                if i % keys > i / keys {
                    f32::NEG_INFINITY
                } else {
                    0.0
                }
            })
            .collect();
        let mask = Tensor::from_vec(hidden, (queries, keys), scores.device())?;
        scores = scores.broadcast_add(&mask.to_dtype(scores.dtype())?)?;
    }
    candle_nn::ops::softmax(&scores, D::Minus1)?
        .matmul(&v)?
        .transpose(1, 2)?
        .reshape((batch, queries, width))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::near::{DIRECT, assert_near, gap, random};

    #[test]
    fn our_attention_is_the_plain_one() {
        for (batch, queries, keys, count, head_dim) in [
            (1, 1, 1, 1, 1),
            (2, 5, 7, 3, 4),
            (1, 77, 77, 4, 8),
            (1, 700, 600, 2, 5),
        ] {
            for causal in [false, true] {
                if causal && queries != keys {
                    continue;
                }
                let random = |len| {
                    random((batch, len, count * head_dim))
                        .affine(2.0, 0.0)
                        .unwrap()
                };
                let (q, k, v) = (random(queries), random(keys), random(keys));
                let heads = Heads { count, causal };
                let ours = attention((&q, &k, &v), heads, &Interrupt::never()).unwrap();
                let plain = attention_candle((&q, &k, &v), heads, None).unwrap();
                assert_near(&ours, &plain, DIRECT);
            }
        }
    }

    #[test]
    fn biases_are_added_where_query_and_key_lie() {
        let (batch, queries, count, head_dim) = (2, 7, 3, 4);
        let (height, width) = (3, 5);
        let q = random(&[batch, queries, count * head_dim]);
        let k = random(&[batch, height * width, count * head_dim]);
        let v = random(&[batch, height * width, count * head_dim]);
        let table = random(&[count, queries, height * width]);
        let rows = random(&[batch, queries, count, height]);
        let columns = random(&[batch, queries, count, width]);
        let heads = Heads {
            count,
            causal: false,
        };
        let grid = Bias::Grid {
            rows: &rows,
            columns: &columns,
        };
        for bias in [Bias::Table(&table), grid] {
            let ours = biased_attention((&q, &k, &v), heads, bias, &Interrupt::never()).unwrap();
            let plain = attention_candle((&q, &k, &v), heads, Some(bias)).unwrap();
            assert_near(&ours, &plain, DIRECT);
            let without = attention_candle((&q, &k, &v), heads, None).unwrap();
            assert!(gap(&ours, &without) > 0.05);
        }
        let swapped = Bias::Grid {
            rows: &columns,
            columns: &columns,
        };
        assert!(biased_attention((&q, &k, &v), heads, swapped, &Interrupt::never()).is_err());
    }

    #[test]
    fn parts_of_one_tensor_are_those_of_three() {
        let (batch, tokens, count, head_dim) = (2, 19, 3, 5);
        let width = count * head_dim;
        let random = |width| random((batch, tokens, width));
        let (q, k, v) = (random(width), random(width), random(width));
        let heads = Heads {
            count,
            causal: false,
        };
        let wanted = attention((&q, &k, &v), heads, &Interrupt::never()).unwrap();
        let values = |xs: &Tensor| xs.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let qkv = Tensor::cat(&[&q, &k, &v], 2).unwrap();
        let own = self_attention(&qkv, heads, &Interrupt::never()).unwrap();
        assert_eq!(values(&own), values(&wanted));
        let pair = Tensor::cat(&[&k, &v], 2).unwrap();
        let keys = Keys::of_pair(&pair, heads).unwrap();
        for _ in 0..2 {
            let asked = keys.ask(&q, &Interrupt::never()).unwrap();
            assert_eq!(values(&asked), values(&wanted));
        }
        assert!(
            keys.ask(&q.narrow(0, 0, 1).unwrap(), &Interrupt::never())
                .is_err()
        );
    }
}
