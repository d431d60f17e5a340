//! Scaled dot-product attention over several heads.

use candle_core::{D, Result, Tensor};

use super::Interrupt;
use super::slices::{elements, on_our_kernels, tensor_of};
use crate::kernels::{HeadShape, Level, PackedKeys, ScoreRow, Tokens};

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

/// Queries `[batch, n, width]` against keys and values `[batch, m, width]`; the result has the
/// shape of the queries.
pub fn attention(
    qkv: (&Tensor, &Tensor, &Tensor),
    heads: Heads,
    interrupt: &Interrupt,
) -> Result<Tensor> {
    attend(qkv, heads, None, interrupt)
}

/// [`attention`] that also looks at where things lie.
pub fn biased_attention(
    qkv: (&Tensor, &Tensor, &Tensor),
    heads: Heads,
    bias: Bias<'_>,
    interrupt: &Interrupt,
) -> Result<Tensor> {
    let (q, k, _) = qkv;
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
    attend(qkv, heads, Some(bias), interrupt)
}

fn attend(
    (q, k, v): (&Tensor, &Tensor, &Tensor),
    heads: Heads,
    bias: Option<Bias<'_>>,
    interrupt: &Interrupt,
) -> Result<Tensor> {
    interrupt.check()?;
    let (batch, queries, width) = q.dims3()?;
    let keys = k.dim(1)?;
    let head_dim = width / heads.count;
    if !on_our_kernels(q) {
        return attention_candle((q, k, v), heads, bias);
    }
    let shape = HeadShape {
        batch,
        heads: heads.count,
        head_dim,
    };
    let (q, k, v) = (q.contiguous()?, k.contiguous()?, v.contiguous()?);
    let mut out = vec![0.0; q.elem_count()];
    let stop = || interrupt.is_asked();
    let (q_values, k, v) = (elements(&q)?, elements(&k)?, elements(&v)?);
    let whole = |values| Tokens::whole(values, shape.width());
    let packed = PackedKeys::new(Level::best(), shape, whole(&k), whole(&v));
    let mut ask = |bias| packed.ask(whole(&q_values), heads.causal, bias, &mut out, &stop);
    match bias {
        None => ask(None)?,
        Some(Bias::Table(table)) => {
            let table = table.contiguous()?;
            let table = &*elements(&table)?;
            let add = |row: ScoreRow, scores: &mut [f32]| {
                let table = &table[(row.head * queries + row.query) * keys + row.from..];
                for (score, bias) in scores.iter_mut().zip(table) {
                    *score += bias;
                }
            };
            ask(Some(&add))?;
        }
        Some(Bias::Grid { rows, columns }) => {
            let (rows, columns) = (rows.contiguous()?, columns.contiguous()?);
            let (height, width) = (rows.dim(3)?, columns.dim(3)?);
            let (rows, columns) = (&*elements(&rows)?, &*elements(&columns)?);
            let add = |row: ScoreRow, scores: &mut [f32]| {
                let at = (row.image * queries + row.query) * heads.count + row.head;
                let (rows, columns) = (&rows[at * height..], &columns[at * width..]);
                for (key, score) in (row.from..).zip(scores) {
                    *score += rows[key / width] + columns[key % width];
                }
            };
            ask(Some(&add))?;
        }
    }
    tensor_of(out, q.shape())
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
    use candle_core::Device;

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
                    Tensor::randn(0f32, 2.0, (batch, len, count * head_dim), &Device::Cpu).unwrap()
                };
                let (q, k, v) = (random(queries), random(keys), random(keys));
                let heads = Heads { count, causal };
                let ours = attention((&q, &k, &v), heads, &Interrupt::never()).unwrap();
                let plain = attention_candle((&q, &k, &v), heads, None).unwrap();
                let gap = (ours - plain)
                    .unwrap()
                    .abs()
                    .unwrap()
                    .flatten_all()
                    .unwrap();
                assert!(gap.max(0).unwrap().to_scalar::<f32>().unwrap() < 2e-5);
            }
        }
    }
    #[test]
    fn biases_are_added_where_query_and_key_lie() {
        let (batch, queries, count, head_dim) = (2, 7, 3, 4);
        let (height, width) = (3, 5);
        let random = |shape: &[usize]| Tensor::randn(0f32, 1.0, shape, &Device::Cpu).unwrap();
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
            let gap = |other: &Tensor| {
                let gap = (&ours - other).unwrap().abs().unwrap();
                let gap = gap.flatten_all().unwrap().max(0).unwrap();
                gap.to_scalar::<f32>().unwrap()
            };
            assert!(gap(&plain) < 2e-5);
            assert!(gap(&attention_candle((&q, &k, &v), heads, None).unwrap()) > 0.05);
        }
        let swapped = Bias::Grid {
            rows: &columns,
            columns: &columns,
        };
        assert!(biased_attention((&q, &k, &v), heads, swapped, &Interrupt::never()).is_err());
    }
}
