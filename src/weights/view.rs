//! Tensors of a file under other names, and parts of them; none is copied.

use std::ops::Range;
use std::sync::Arc;

use super::header::{Place, Places};
use super::{ModelError, Weights};

/// How a tensor is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    Whole,
    /// Some of its rows: indices along the first dimension.
    Rows(Range<usize>),
    /// A matrix with rows and columns exchanged.
    Transposed,
    /// A convolution of 1×1 as the matrix it is; a matrix as it is.
    Matrix,
}

/// A tensor by the name it has in a file, and how it is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub name: String,
    pub view: View,
}

impl Weights {
    /// Some of its tensors under other names, on the same bytes; what `part` calls them is for messages.
    pub fn seen_as(
        &self,
        part: &str,
        tensors: impl IntoIterator<Item = (String, Seen)>,
    ) -> Result<Self, ModelError> {
        let file = format!("{} ({part})", self.file());
        let mut places = Places::new();
        for (name, seen) in tensors {
            let place = self
                .place(&seen.name)
                .and_then(|place| place.seen(&seen.view));
            let Some(place) = place else {
                return Err(ModelError::Incomplete {
                    file,
                    reason: format!("tensor {} has another shape than it should", seen.name),
                });
            };
            places.insert(name, place);
        }
        Ok(self.with_places(Arc::new(places), file))
    }
}

impl Place {
    /// Where that part of the tensor lies; `None` where it has no such part.
    fn seen(&self, view: &View) -> Option<Self> {
        match view {
            View::Whole => Some(self.clone()),
            View::Rows(rows) => self.rows(rows),
            View::Transposed => self.transposed(),
            View::Matrix => self.matrix(),
        }
    }

    fn rows(&self, rows: &Range<usize>) -> Option<Self> {
        let (&count, inner) = self.shape.split_first()?;
        if rows.start >= rows.end || rows.end > count {
            return None;
        }
        let size = self.bytes_of_elements(1);
        let bytes = match (&self.strides, size) {
            (None, _) => {
                let row = self.bytes_of_elements(inner.iter().product())?;
                self.bytes.start + rows.start * row..self.bytes.start + rows.end * row
            }
            (Some(strides), Some(size)) => {
                let start = self.bytes.start + rows.start * strides[0] * size;
                start..self.bytes.end - (count - rows.end) * strides[0] * size
            }
            (Some(_), None) => return None,
        };
        let mut shape = self.shape.clone();
        shape[0] = rows.end - rows.start;
        Some(Self {
            shape,
            bytes,
            ..self.clone()
        })
    }

    fn transposed(&self) -> Option<Self> {
        let &[rows, columns] = self.shape.as_slice() else {
            return None;
        };
        let strides = self.strides.clone().unwrap_or_else(|| vec![columns, 1]);
        Some(Self {
            shape: vec![columns, rows],
            strides: Some(vec![strides[1], strides[0]]),
            ..self.clone()
        })
    }

    fn matrix(&self) -> Option<Self> {
        let (&[_, _, ..], rest) = (self.shape.as_slice(), self.shape.get(2..)?) else {
            return None;
        };
        if rest.iter().any(|&side| side != 1) {
            return None;
        }
        Some(Self {
            shape: self.shape[..2].to_vec(),
            strides: self.strides.as_ref().map(|strides| strides[..2].to_vec()),
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device};

    use super::super::{FolderFiles, ModelFiles as _, write_tensors};
    use super::*;

    fn numbered() -> (tempfile::TempDir, Weights) {
        let folder = tempfile::tempdir().unwrap();
        let values: Vec<f32> = (0..6).map(|value| value as f32).collect();
        let bytes = write_tensors(&[("a", &[3, 2], &values), ("b", &[3, 2, 1, 1], &values)]);
        std::fs::write(folder.path().join("w.safetensors"), bytes.unwrap()).unwrap();
        let weights = FolderFiles::new(folder.path()).weights("w.safetensors");
        (folder, weights.unwrap())
    }

    fn seen(weights: &Weights, name: &str, view: View) -> Result<Weights, ModelError> {
        let name = name.to_owned();
        weights.seen_as("part", [("x".to_owned(), Seen { name, view })])
    }

    fn values(weights: &Weights) -> Vec<Vec<f32>> {
        let vb = weights.builder(DType::F32, &Device::Cpu);
        let shape = weights.shape("x").unwrap();
        vb.get(shape, "x").unwrap().to_vec2().unwrap()
    }

    #[test]
    fn parts_and_turned_matrices_are_seen_on_the_same_bytes() {
        let (_folder, weights) = numbered();
        let rows = seen(&weights, "a", View::Rows(1..3)).unwrap();
        assert_eq!(values(&rows), [[2.0, 3.0], [4.0, 5.0]]);
        let turned = seen(&weights, "a", View::Transposed).unwrap();
        assert_eq!(values(&turned), [[0.0, 2.0, 4.0], [1.0, 3.0, 5.0]]);
        let matrix = seen(&weights, "b", View::Matrix).unwrap();
        assert_eq!(values(&matrix), [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]);
        for seen in [rows, turned, matrix] {
            assert_eq!(seen.bytes().as_ptr(), weights.bytes().as_ptr());
        }
    }

    #[test]
    fn rows_of_a_turned_matrix_are_its_columns() {
        let (_folder, weights) = numbered();
        let turned = seen(&weights, "a", View::Transposed).unwrap();
        let second = seen(&turned, "x", View::Rows(1..2)).unwrap();
        assert_eq!(values(&second), [[1.0, 3.0, 5.0]]);
    }

    #[test]
    fn what_a_tensor_has_no_part_of_is_told() {
        let (_folder, weights) = numbered();
        for (name, view) in [
            ("a", View::Rows(2..4)),
            ("a", View::Rows(1..1)),
            ("b", View::Transposed),
            ("c", View::Whole),
        ] {
            let error = seen(&weights, name, view).unwrap_err().to_string();
            assert!(
                error.contains(&format!("tensor {name} has another shape")),
                "{error}"
            );
        }
    }
}
