//! What fewer bits of the weights save and cost: the table that is told beside the choice.

use std::fmt;
use std::sync::LazyLock;

use super::Measured;
use crate::recipe::WeightBits;

/// A measurement of fewer bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeightCost {
    pub bits: WeightBits,
    pub measured: Measured,
}

static MEASURED: LazyLock<Vec<WeightCost>> = LazyLock::new(|| {
    let rows = include_str!("../../assets/sprout/weight_bits.tsv")
        .lines()
        .skip(1);
    rows.filter_map(WeightCost::read).collect()
});

impl WeightCost {
    /// The columns of a row, as [`fmt::Display`] writes it.
    pub fn columns() -> String {
        format!("weight_bits\t{}", Measured::COLUMNS)
    }

    fn read(row: &str) -> Option<Self> {
        let (bits, cells) = row.split_once('\t')?;
        let mut cells = cells.split('\t');
        Some(Self {
            bits: WeightBits::by_id(bits)?,
            measured: Measured::read(&mut || cells.next()?.parse().ok())?,
        })
    }

    /// Of some bits; `None` of those that are stored, which cost nothing.
    pub fn of(bits: WeightBits) -> Option<&'static Self> {
        MEASURED.iter().find(|cost| cost.bits == bits)
    }
}

impl fmt::Display for WeightCost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\t{}", self.bits.id(), self.measured)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read_and_would_be_written_so() {
        let table = include_str!("../../assets/sprout/weight_bits.tsv");
        let (head, rows) = table.split_once('\n').unwrap();
        assert_eq!(head, WeightCost::columns());
        let written: Vec<_> = MEASURED.iter().map(ToString::to_string).collect();
        assert_eq!(written, rows.lines().collect::<Vec<_>>());
    }

    #[test]
    fn eight_bits_cost_at_most_what_was_promised() {
        assert_eq!(WeightCost::of(WeightBits::AsStored), None);
        let cost = WeightCost::of(WeightBits::EightBit).unwrap().measured;
        assert!(cost.difference > 0.0 && cost.difference <= 2.0);
    }
}
