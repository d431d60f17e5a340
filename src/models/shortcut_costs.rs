//! What shortcuts save and what they cost in quality, as `afterimage bench shortcuts` measured it
//! with Sprout: the table that is told beside them.

use std::fmt;
use std::sync::LazyLock;

use super::Measured;
use crate::recipe::{Shortcuts, Span};

/// A measurement of some shortcuts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShortcutCost {
    pub shortcuts: Shortcuts,
    pub measured: Measured,
}

static MEASURED: LazyLock<Vec<ShortcutCost>> = LazyLock::new(|| {
    let rows = include_str!("../../assets/sprout/shortcuts.tsv")
        .lines()
        .skip(1);
    rows.filter_map(ShortcutCost::read).collect()
});

impl ShortcutCost {
    /// The columns of a row, as [`fmt::Display`] writes it.
    pub fn columns() -> String {
        let measured = Measured::COLUMNS;
        format!("guidance_from\tguidance_to\tcache_interval\t{measured}")
    }

    fn read(row: &str) -> Option<Self> {
        let mut cells = row.split('\t');
        let mut next = || cells.next()?.parse::<f64>().ok();
        Some(Self {
            shortcuts: Shortcuts {
                guidance: Span {
                    from: next()?,
                    to: next()?,
                },
                cache_interval: next()? as u32,
            },
            measured: Measured::read(&mut next)?,
        })
    }

    /// The measurement nearest to some shortcuts, of those that leave out the same kinds of things;
    /// `None` where nothing is left out.
    pub fn nearest(shortcuts: Shortcuts) -> Option<&'static Self> {
        let kinds = |one: &Shortcuts| (one.guidance.is_whole(), one.keep_features());
        let distance = |row: &&Self| {
            let (ours, theirs) = (shortcuts, row.shortcuts);
            let interval = f64::from(ours.cache_interval) / f64::from(theirs.cache_interval);
            (ours.guidance.from - theirs.guidance.from).abs()
                + (ours.guidance.to - theirs.guidance.to).abs()
                + interval.ln().abs()
        };
        MEASURED
            .iter()
            .filter(|row| kinds(&row.shortcuts) == kinds(&shortcuts))
            .min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }
}

impl fmt::Display for ShortcutCost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shortcuts {
            guidance,
            cache_interval,
        } = self.shortcuts;
        write!(
            f,
            "{}\t{}\t{cache_interval}\t{}",
            guidance.from, guidance.to, self.measured
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shortcuts(from: f64, to: f64, cache_interval: u32) -> Shortcuts {
        Shortcuts {
            guidance: Span { from, to },
            cache_interval,
        }
    }

    #[test]
    fn every_row_of_the_table_is_read_and_would_be_written_so() {
        let table = include_str!("../../assets/sprout/shortcuts.tsv");
        let (head, rows) = table.split_once('\n').unwrap();
        assert_eq!(head, ShortcutCost::columns());
        assert!(MEASURED.len() > 20);
        let written: Vec<_> = MEASURED.iter().map(ToString::to_string).collect();
        assert_eq!(written, rows.lines().collect::<Vec<_>>());
    }

    #[test]
    fn what_leaves_out_more_saves_more_and_differs_more() {
        let of = |interval| {
            ShortcutCost::nearest(shortcuts(0.0, 1.0, interval))
                .unwrap()
                .measured
        };
        for (less, more) in [(2, 3), (3, 5)] {
            assert!(of(less).time > of(more).time);
            assert!(of(less).difference < of(more).difference);
            assert!(of(less).psnr > of(more).psnr);
        }
    }

    #[test]
    fn the_nearest_measurement_leaves_out_the_same_kinds_of_things() {
        let nearest = |asked| ShortcutCost::nearest(asked).map(|row| row.shortcuts);
        assert_eq!(nearest(Shortcuts::default()), None);
        assert_eq!(
            nearest(shortcuts(0.0, 1.0, 99)),
            Some(shortcuts(0.0, 1.0, 10))
        );
        assert_eq!(
            nearest(shortcuts(0.12, 0.79, 1)),
            Some(shortcuts(0.1, 0.8, 1))
        );
        assert_eq!(
            nearest(shortcuts(0.12, 0.79, 3)),
            Some(shortcuts(0.1, 0.8, 3))
        );
    }
}
