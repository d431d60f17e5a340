//! Scaled dot-product attention over several heads.

use candle_core::{D, Result, Tensor};

use super::Interrupt;
use super::slices::{elements, on_our_kernels, tensor_of};
use crate::kernels::{self, AttentionShape};

/// How the last dimension is divided, and what a query may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heads {
    /// Divides the width of queries and keys.
    pub count: usize,
    /// Query `i` sees keys `0..=i` alone.
    pub causal: bool,
}

/// Queries `[batch, n, width]` against keys and values `[batch, m, width]`; the result has the
/// shape of the queries.
pub fn attention(
    (q, k, v): (&Tensor, &Tensor, &Tensor),
    heads: Heads,
    interrupt: &Interrupt,
) -> Result<Tensor> {
    interrupt.check()?;
    let (batch, queries, width) = q.dims3()?;
    let keys = k.dim(1)?;
    let head_dim = width / heads.count;
    if !on_our_kernels(q) {
        return attention_candle((q, k, v), heads);
    }
    let shape = AttentionShape {
        batch,
        queries,
        keys,
        heads: heads.count,
        head_dim,
        causal: heads.causal,
    };
    let (q, k, v) = (q.contiguous()?, k.contiguous()?, v.contiguous()?);
    let mut out = vec![0.0; q.elem_count()];
    let stop = || interrupt.is_asked();
    let inputs = (&*elements(&q)?, &*elements(&k)?, &*elements(&v)?);
    kernels::attention(&shape, inputs, &mut out, &stop)?;
    tensor_of(out, q.shape())
}

fn attention_candle((q, k, v): (&Tensor, &Tensor, &Tensor), heads: Heads) -> Result<Tensor> {
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
                let plain = attention_candle((&q, &k, &v), heads).unwrap();
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
}
