//! Sums and joins of feature maps, in the order they lie in.

use candle_core::{DType, Result, Tensor};

use super::order::{is_channels_last, pixel_order, pixels};
use super::slices::{elements, on_our_kernels, tensor_of};
use crate::kernels;

/// `a + b`, of one shape.
pub fn add(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    if !on_our_kernels(a) || !on_our_kernels(b) || a.dims() != b.dims() {
        return a + b;
    }
    let last = a.rank() == 4 && is_channels_last(a);
    let (a, b) = if last {
        (pixels(a)?, pixels(b)?)
    } else {
        (a.contiguous()?, b.contiguous()?)
    };
    let sum = kernels::add(&elements(&a)?, &elements(&b)?);
    let sum = tensor_of(sum, a.shape())?;
    if last { pixel_order(&sum) } else { Ok(sum) }
}

/// `(a - b) * factor`, of one shape and in the order of `a`, and the sum of the squares of `a - b`.
pub fn gap(a: &Tensor, b: &Tensor, factor: f64) -> Result<(Tensor, f64)> {
    if !on_our_kernels(a) || !on_our_kernels(b) || a.dims() != b.dims() {
        let gap = (a - b)?;
        let squares = gap.to_dtype(DType::F64)?.sqr()?.sum_all()?;
        return Ok(((gap * factor)?, squares.to_scalar()?));
    }
    let last = a.rank() == 4 && is_channels_last(a);
    let (a, b) = if last {
        (pixels(a)?, pixels(b)?)
    } else {
        (a.contiguous()?, b.contiguous()?)
    };
    let (gap, squares) = kernels::gap(&elements(&a)?, &elements(&b)?, factor as f32);
    let gap = tensor_of(gap, a.shape())?;
    Ok((if last { pixel_order(&gap)? } else { gap }, squares))
}

/// Rows `[1, count, width]`, each times a factor of its own, `[1, count, 1]`.
pub fn scale_rows(rows: &Tensor, factors: &Tensor) -> Result<Tensor> {
    if !on_our_kernels(rows) || !on_our_kernels(factors) || rows.dims()[..2] != factors.dims()[..2]
    {
        return rows.broadcast_mul(factors);
    }
    let rows = rows.contiguous()?;
    let factors = factors.flatten_all()?;
    let scaled = kernels::scale_rows(&elements(&rows)?, &elements(&factors)?);
    tensor_of(scaled, rows.shape())
}

/// `rows + gate * ys`: rows and `ys` `[…, width]` of one shape, `gate` of `width` values, the same for
/// all rows.
pub fn add_gated(rows: &Tensor, gate: &Tensor, ys: &Tensor) -> Result<Tensor> {
    let width = gate.elem_count();
    if rows.dims() != ys.dims() || rows.dims().last() != Some(&width) {
        candle_core::bail!(
            "a gate of {width} between {:?} and {:?}",
            rows.dims(),
            ys.dims()
        )
    }
    let gate = gate.flatten_all()?;
    if !on_our_kernels(rows) || !on_our_kernels(ys) || !on_our_kernels(&gate) {
        return rows + ys.broadcast_mul(&gate)?;
    }
    let (rows, ys) = (rows.contiguous()?, ys.contiguous()?);
    let sum = kernels::add_gated(&elements(&rows)?, &elements(&gate)?, &elements(&ys)?);
    tensor_of(sum, rows.shape())
}

/// `a * b`, of one shape, value by value.
pub fn multiply(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    if !on_our_kernels(a) || !on_our_kernels(b) || a.dims() != b.dims() {
        return a * b;
    }
    let (a, b) = (a.contiguous()?, b.contiguous()?);
    let product = kernels::multiply(&elements(&a)?, &elements(&b)?);
    tensor_of(product, a.shape())
}

/// The channels of `a`, then those of `b`: both `[batch, channels, height, width]`.
pub fn cat_channels(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    if !on_our_kernels(a) || !is_channels_last(a) {
        return Tensor::cat(&[a, b], 1);
    }
    let (batch, first, height, width) = a.dims4()?;
    let second = b.dim(1)?;
    if b.dims() != [batch, second, height, width] {
        candle_core::bail!("{:?} does not fit beside {:?}", b.dims(), a.dims())
    }
    let (a, b) = (pixels(a)?, pixels(b)?);
    let both = kernels::beside((first, second), &elements(&a)?, &elements(&b)?);
    pixel_order(&tensor_of(both, (batch, height, width, first + second))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::channels_last;
    use crate::nn::near::random;

    #[test]
    fn each_row_is_scaled_as_candle_does_it() {
        let (rows, factors) = (random((1, 7, 5)), random((1, 7, 1)));
        let values = |xs: Tensor| xs.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let theirs = values(rows.broadcast_mul(&factors).unwrap());
        assert_eq!(values(scale_rows(&rows, &factors).unwrap()), theirs);
    }

    #[test]
    fn gates_and_products_are_candles() {
        let (rows, ys, gate) = (random((1, 7, 5)), random((1, 7, 5)), random((1, 5)));
        let values = |xs: Tensor| xs.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let wanted = (&rows + ys.broadcast_mul(&gate).unwrap()).unwrap();
        crate::nn::near::assert_near(&add_gated(&rows, &gate, &ys).unwrap(), &wanted, 1e-6);
        let product = multiply(&rows, &ys).unwrap();
        assert_eq!(values(product), values((&rows * &ys).unwrap()));
        assert!(add_gated(&rows, &random(4), &ys).is_err());
    }

    #[test]
    fn sums_and_joins_are_candles_in_every_order() {
        let random = |channels| random((2, channels, 3, 5));
        let (a, b, c) = (random(4), random(4), random(7));
        let values = |xs: Tensor| xs.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let (sum, joined) = ((&a + &b).unwrap(), Tensor::cat(&[&a, &c], 1).unwrap());
        for turn in [
            |xs: &Tensor| xs.clone(),
            |xs: &Tensor| channels_last(xs).unwrap(),
        ] {
            let (a, b, c) = (turn(&a), turn(&b), turn(&c));
            assert_eq!(values(add(&a, &b).unwrap()), values(sum.clone()));
            let (apart, squares) = gap(&a, &b, 0.5).unwrap();
            assert_eq!(is_channels_last(&apart), is_channels_last(&a));
            assert_eq!(values(apart), values(((&a - &b).unwrap() * 0.5).unwrap()));
            let theirs = (&a - &b).unwrap().sqr().unwrap().sum_all().unwrap();
            let theirs = f64::from(theirs.to_scalar::<f32>().unwrap());
            assert!((squares - theirs).abs() < 1e-5 * theirs);
            assert_eq!(
                values(cat_channels(&a, &c).unwrap()),
                values(joined.clone())
            );
            assert_eq!(
                is_channels_last(&cat_channels(&a, &c).unwrap()),
                is_channels_last(&a)
            );
        }
    }
}
