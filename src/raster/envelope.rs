//! Which of many discs along a line is the nearest at each place of it.

/// A pixel at an edge, grown: what covers pixels of a row, or column.
#[derive(Clone, Copy, Default)]
pub(super) struct Disc {
    /// Distance of its middle from the row or column.
    pub(super) aside: u16,
    /// Of the pixel it grows from; 0 makes it no disc.
    pub(super) value: u8,
}

impl Disc {
    /// An edge lies half a pixel beyond the middle of the last pixel that is wholly painted, and
    /// less far where that one is painted in part.
    fn radius(self, by: f32) -> f32 {
        by + f32::from(self.value) / 255.0 - 0.5
    }

    /// How much it covers of a pixel of its row or column, `along` that away from its middle.
    pub(super) fn covers(self, along: usize, by: f32) -> u8 {
        let (along, aside) = (along as f32, f32::from(self.aside));
        let away = (along * along + aside * aside).sqrt();
        let covered = (self.radius(by) - away + 0.5).clamp(0.0, 1.0);
        (covered * 255.0 + 0.5) as u8
    }
}

/// Names for each place along a line the disc of least power there: that whose border lies nearest,
/// or that which reaches farthest beyond the place.
pub(super) struct Envelope {
    by: f32,
    /// From left to right.
    reigns: Vec<Reign>,
}

struct Reign {
    /// From here on it has less power than those before it.
    from: f64,
    middle: usize,
    /// At place 0.
    power: f64,
    disc: Disc,
}

impl Envelope {
    pub(super) const fn new(by: f32) -> Self {
        Self {
            by,
            reigns: Vec::new(),
        }
    }

    /// Adds a disc to the right of all others.
    pub(super) fn add(&mut self, middle: usize, disc: Disc) {
        if disc.value == 0 {
            return;
        }
        let radius = f64::from(disc.radius(self.by));
        let (aside, along) = (f64::from(disc.aside), middle as f64);
        let power = along * along + aside * aside - radius * radius;
        let mut from = f64::NEG_INFINITY;
        while let Some(last) = self.reigns.last() {
            from = (power - last.power) / (2.0 * (middle - last.middle) as f64);
            if from > last.from {
                break;
            }
            self.reigns.pop();
            from = f64::NEG_INFINITY;
        }
        self.reigns.push(Reign {
            from,
            middle,
            power,
            disc,
        });
    }

    /// Calls `each` for the places along the line that a disc may cover: with the place, the disc's
    /// middle, and the disc.
    pub(super) fn over(&self, length: usize, mut each: impl FnMut(usize, usize, Disc)) {
        // No disc is larger by more than half a pixel, and its edge is smooth over another half.
        let reach = self.by.ceil() as usize;
        for (at, reign) in self.reigns.iter().enumerate() {
            let next = self.reigns.get(at + 1);
            // The first whole place behind each border.
            let behind = |border: f64| (border + 1.0).max(0.0) as usize;
            let end = next.map_or(length, |next| behind(next.from).min(length));
            let from = behind(reign.from).max(reign.middle.saturating_sub(reach));
            for place in from..end.min(reign.middle + reach + 1) {
                each(place, reign.middle, reign.disc);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of the disc named at each place, 0 where none is.
    fn named(discs: &[(usize, Disc)], by: f32, length: usize) -> Vec<u8> {
        let mut envelope = Envelope::new(by);
        for &(middle, disc) in discs {
            envelope.add(middle, disc);
        }
        let mut values = vec![0; length];
        envelope.over(length, |place, _, disc| values[place] = disc.value);
        values
    }

    #[test]
    fn the_nearest_disc_is_named_as_far_as_it_may_reach() {
        let disc = |value| Disc { aside: 0, value };
        assert_eq!(
            named(&[(2, disc(255)), (7, disc(254)), (11, disc(0))], 3.0, 12),
            [255, 255, 255, 255, 255, 254, 254, 254, 254, 254, 254, 0]
        );
    }

    #[test]
    fn a_disc_far_aside_is_hidden_by_those_around_it() {
        let disc = |aside, value| Disc { aside, value };
        assert_eq!(
            named(
                &[(0, disc(0, 253)), (1, disc(5, 254)), (3, disc(0, 255))],
                4.0,
                5
            ),
            [253, 253, 255, 255, 255]
        );
    }

    #[test]
    fn a_disc_covers_half_of_the_pixel_that_its_border_crosses() {
        let disc = Disc {
            aside: 3,
            value: 255,
        };
        assert_eq!(disc.covers(4, 5.0), 255);
        assert_eq!(disc.covers(4, 4.5), 128);
        assert_eq!(disc.covers(4, 4.0), 0);
    }
}
