//! How many attributes were read right, and in which pictures.

use serde_json::{Map, Value, json};

use crate::training::reading::{Attribute, Reading};
use crate::training::scenes::Scene;

/// What a column counts: an attribute, or that both of two subjects are there.
const COLUMNS: usize = Attribute::ALL.len() + 1;
const BOTH: usize = COLUMNS - 1;

/// A row: some pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pictures: u32,
    /// Right ones and all that were asked for, of each column.
    counts: [(u32, u32); COLUMNS],
}

impl Row {
    pub(super) const fn new(name: &'static str) -> Self {
        Self {
            name,
            pictures: 0,
            counts: [(0, 0); COLUMNS],
        }
    }

    /// Counts what was read from a picture of a scene.
    pub(super) fn add(&mut self, reading: &Reading, scene: &Scene) {
        self.pictures += 1;
        for (column, (attribute, _)) in Attribute::ALL.into_iter().enumerate() {
            let Some((right, asked)) = reading.is_right(attribute, scene) else {
                continue;
            };
            let column = if asked > 1 { BOTH } else { column };
            self.counts[column].0 += u32::from(right);
            self.counts[column].1 += 1;
        }
    }

    fn percent(&self, column: usize) -> Option<f64> {
        let (right, asked) = self.counts[column];
        (asked > 0).then(|| 100.0 * f64::from(right) / f64::from(asked))
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let mut percents = Map::new();
        for (column, name) in names().into_iter().enumerate() {
            percents.insert(name.to_owned(), json!(self.percent(column)));
        }
        json!({
            "event": "row", "name": self.name, "pictures": self.pictures, "percent": percents,
        })
    }
}

fn names() -> [&'static str; COLUMNS] {
    let mut names = Attribute::ALL.map(|(_, name)| name).into_iter();
    std::array::from_fn(|_| names.next().unwrap_or("both"))
}

/// Rows as people read them, in percent; columns of figures stand below each other.
pub(super) fn lines(rows: &[Row]) -> Vec<String> {
    let first = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let head = names().map(|name| format!("{name:>8}")).concat();
    let mut lines = vec![format!("{:first$}{head}  pictures", "% right")];
    for row in rows.iter().filter(|row| row.pictures > 0) {
        let figure = |column: usize| match row.percent(column) {
            Some(percent) => format!("{percent:>8.1}"),
            None => format!("{:>8}", "-"),
        };
        let figures: String = (0..COLUMNS).map(figure).collect();
        lines.push(format!("{:first$}{figures}{:>10}", row.name, row.pictures));
    }
    lines
}
