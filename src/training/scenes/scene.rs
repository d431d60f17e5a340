//! The scene: everything a picture shows, as a plain value, and how it is laid out.

use serde::{Deserialize, Serialize};

use super::attributes::{Attributes, Backdrop, Color, Place, Style, Subject, Time, Weather};
use super::company::Company;
use super::dice::{Dice, Stream};
use super::ground;
use super::subjects::{self, Stance};

/// One illustrated scene. Lengths are shares of the picture's side, y runs down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    pub place: Place,
    pub time: Time,
    pub backdrop: Backdrop,
    /// The manner it is painted in.
    pub style: Style,
    /// What the picture is about; none in an empty landscape.
    pub figure: Option<Figure>,
    /// A second subject, and how the first stands to it.
    pub company: Option<Company>,
    pub weather: Weather,
    pub sky: Sky,
    /// Where sky and ground meet.
    pub horizon: f32,
    /// Where between its two palettes the sky stands, 0 to 1.
    pub warmth: f32,
    /// Seeds the ornament: waves, tufts, craters, windows.
    pub detail: u64,
}

/// The subject and how it stands.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    pub subject: Subject,
    pub color: Color,
    /// Centre of the foot.
    pub x: f32,
    /// Lowest point.
    pub base: f32,
    /// Where its shadow falls; equals `base` unless it flies.
    pub floor: f32,
    pub height: f32,
    /// 1, or -1 for the mirror image.
    pub facing: f32,
    /// Which of the subject's poses.
    pub pose: u8,
    /// Lean, in turns.
    pub tilt: f32,
}

impl Figure {
    /// Left, top, right and bottom in shares of the picture; lean and light reach a little beyond.
    pub fn bounds(&self) -> [f32; 4] {
        let half = subjects::art(self.subject).half_width * self.height;
        [
            self.x - half,
            self.base - self.height,
            self.x + half,
            self.base,
        ]
    }
}

/// A disc in the sky.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Orb {
    pub x: f32,
    pub y: f32,
    pub radius: f32,
}

/// A cloud: its middle and its width.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cloud {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub shape: u8,
}

/// What is in the sky.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sky {
    /// The sun, or at night the moon.
    pub orb: Option<Orb>,
    /// At night: a crescent instead of a full disc.
    pub crescent: bool,
    /// The Earth, over the moon's surface.
    pub earth: Option<Orb>,
    pub clouds: Vec<Cloud>,
    pub stars: Vec<Orb>,
    /// Where lightning strikes, from left (0) to right (1).
    pub bolt: Option<f32>,
    /// Rain; snow on snow, dust on the moon.
    pub rain: bool,
}

impl Sky {
    /// Bad weather hides the stars and all but a low sun.
    pub(super) fn cover(&mut self, time: Time) {
        self.stars.clear();
        if !matches!(time, Time::Dawn | Time::Sunset) {
            self.orb = None;
        }
    }
}

impl Scene {
    /// Whoever is in the scene, from the farthest to the nearest.
    pub fn figures(&self) -> Vec<Figure> {
        let mut all: Vec<Figure> = self.figure.into_iter().collect();
        all.extend(self.company.map(|company| company.figure));
        all.sort_by(|a, b| a.floor.total_cmp(&b.floor));
        all
    }

    /// The same scene, painted in another manner.
    #[must_use]
    pub fn in_style(self, style: Style) -> Self {
        Self { style, ..self }
    }

    /// A flat scene with the given attributes, the rest drawn by lot.
    pub fn with_attributes(wanted: Attributes, seed: u64, index: u64) -> Self {
        Self::laid_out(wanted, &mut Dice::new(seed, index, Stream::Scene))
    }

    /// What the scene shows, without its layout.
    pub fn attributes(&self) -> Attributes {
        Attributes {
            subject: self.figure.map(|figure| (figure.subject, figure.color)),
            place: self.place,
            time: self.time,
            backdrop: self.backdrop,
        }
    }

    /// A flat scene in fair weather, its layout drawn by lot.
    pub(super) fn laid_out(wanted: Attributes, dice: &mut Dice) -> Self {
        let (low, high) = match wanted.place {
            Place::Ocean => (0.54, 0.64),
            Place::Meadow | Place::Desert | Place::Snow => (0.56, 0.66),
            Place::Forest => (0.62, 0.68),
            Place::City => (0.60, 0.66),
            Place::Moon => (0.58, 0.68),
            Place::Beach | Place::Lake => (0.50, 0.57),
            Place::Garden | Place::Canyon => (0.56, 0.63),
            Place::Village => (0.58, 0.64),
        };
        let horizon = dice.range(low, high);
        let figure = wanted
            .subject
            .map(|(subject, color)| place_figure(subject, color, (wanted.place, horizon), dice));
        let sky = fill_sky(wanted, horizon, figure.as_ref(), dice);
        Self {
            place: wanted.place,
            time: wanted.time,
            backdrop: wanted.backdrop,
            style: Style::Flat,
            figure,
            company: None,
            weather: Weather::Fair,
            sky,
            horizon,
            warmth: dice.unit(),
            detail: dice.next_u64(),
        }
    }
}

fn place_figure(
    subject: Subject,
    color: Color,
    (place, horizon): (Place, f32),
    dice: &mut Dice,
) -> Figure {
    let art = subjects::art(subject);
    let pose = dice.below(u32::from(art.poses)) as u8;
    let mut height = dice.range(art.height.0, art.height.1);
    let half = art.half_width * height;
    // In town the street lies in the middle.
    let margin = (half + 0.02).max(match place {
        Place::City => 0.34,
        Place::Village | Place::Garden | Place::Canyon => 0.3,
        _ => 0.26,
    });
    let x = if margin < 0.5 {
        dice.range(margin, 1.0 - margin)
    } else {
        0.5
    };
    let facing = dice.sign();
    let near = dice.unit();
    // Where dry ground begins, below the horizon.
    let shore = match place {
        Place::Lake => ground::LAKE_SHORE + 0.045,
        Place::Beach => 0.21,
        Place::Village => 0.17,
        Place::Canyon => 0.15,
        _ => 0.12,
    };
    let footing = horizon + shore + (0.935 - horizon - shore) * near;
    let (base, floor, tilt) = match art.stance {
        Stance::Stands => {
            height *= 0.9 + 0.14 * near;
            let low = if place == Place::Ocean {
                // The islet needs some water in front of it.
                horizon + 0.13 + 0.12 * near
            } else {
                footing
            };
            let base = low.max(height + 0.05);
            (base, base, 0.0)
        }
        Stance::Floats => {
            let reach = if place == Place::Lake { 0.1 } else { 0.16 };
            let base = (horizon + 0.10 + reach * near).max(height + 0.04);
            (base, base, dice.range(-0.012, 0.012))
        }
        Stance::Hovers => {
            let floor = (horizon + 0.2 + 0.12 * near).min(0.94);
            (
                floor - dice.range(0.15, 0.26),
                floor,
                dice.range(-0.012, 0.012),
            )
        }
        Stance::Drifts => {
            let top = dice.range(0.05, 0.12);
            (
                top + height,
                (horizon + 0.22).min(0.93),
                dice.range(-0.012, 0.012),
            )
        }
        // A rocket stands in its first pose and flies in the others.
        Stance::Launches if pose == 0 => {
            let low = if place == Place::Ocean {
                horizon + 0.13 + 0.12 * near
            } else {
                footing
            };
            let base = low.max(height + 0.05);
            (base, base, 0.0)
        }
        Stance::Launches => {
            height *= 0.92;
            let top = dice.range(0.06, 0.12);
            let tilt = if pose == 1 {
                0.0
            } else {
                facing * dice.range(0.05, 0.09)
            };
            (top + height, (horizon + 0.22).min(0.93), tilt)
        }
    };
    Figure {
        subject,
        color,
        x,
        base,
        floor,
        height,
        facing,
        pose,
        tilt,
    }
}

/// A place for a disc, as clear of the figure and of another disc as a few throws find.
fn beside(
    figure: Option<&Figure>,
    other: Option<&Orb>,
    (low, high): (f32, f32),
    dice: &mut Dice,
) -> f32 {
    let room = |x: f32| {
        let from_figure = figure.map_or(1.0, |figure| {
            let half = subjects::art(figure.subject).half_width * figure.height;
            (x - figure.x).abs() - half
        });
        let from_other = other.map_or(1.0, |orb| (x - orb.x).abs() - orb.radius);
        from_figure.min(from_other)
    };
    let mut best = dice.range(low, high);
    for _ in 0..7 {
        // Enough is enough: a disc need not hug the edge.
        if room(best) > 0.14 {
            break;
        }
        let next = dice.range(low, high);
        if room(next) > room(best) {
            best = next;
        }
    }
    best
}

fn fill_sky(wanted: Attributes, horizon: f32, figure: Option<&Figure>, dice: &mut Dice) -> Sky {
    let (place, time) = (wanted.place, wanted.time);
    // What stands in front of a low sun.
    let lift = match (place, wanted.backdrop) {
        (Place::Forest | Place::City, _) => 0.11,
        (Place::Canyon, _) => 0.12,
        (Place::Garden, _) | (_, Backdrop::Mountains | Backdrop::Skyline | Backdrop::Forest) => {
            0.09
        }
        (_, Backdrop::Hills) | (Place::Village | Place::Lake, _) => 0.05,
        _ => 0.0,
    };
    let span = match place {
        Place::Forest | Place::City => (0.26, 0.74),
        Place::Village | Place::Canyon => (0.3, 0.7),
        _ => (0.13, 0.87),
    };
    let likely = match time {
        Time::Day | Time::Dawn => 0.85,
        Time::Sunset => 0.88,
        // There is no moon over the moon.
        Time::Night | Time::Dusk if place == Place::Moon => 0.0,
        Time::Storm => 0.0,
        Time::Night => 0.75,
        // A young moon; the sun has gone.
        Time::Dusk => 0.35,
    };
    let orb = dice.chance(likely).then(|| {
        let x = beside(figure, None, span, dice);
        let (y, radius) = match time {
            Time::Dawn => (
                horizon - lift - dice.range(0.01, 0.08),
                dice.range(0.065, 0.09),
            ),
            Time::Sunset => (
                horizon - lift - dice.range(-0.02, 0.07),
                dice.range(0.1, 0.14),
            ),
            Time::Night | Time::Dusk => (dice.range(0.12, 0.22), dice.range(0.055, 0.08)),
            Time::Day | Time::Storm => (dice.range(0.12, 0.2), dice.range(0.06, 0.08)),
        };
        Orb { x, y, radius }
    });
    let earth = (wanted.backdrop == Backdrop::Earth).then(|| {
        let x = beside(figure, orb.as_ref(), (0.16, 0.84), dice);
        // In a storm it hangs under the clouds.
        let drop = if time == Time::Storm { 0.19 } else { 0.0 };
        Orb {
            x,
            y: dice.range(0.15, 0.22) + drop,
            radius: dice.range(0.095, 0.125),
        }
    });
    let stars = scatter_stars(wanted, horizon, &[orb, earth], dice);
    let bolt = (time == Time::Storm && dice.chance(0.7)).then(|| beside(figure, None, span, dice));
    let rain = time == Time::Storm && (bolt.is_none() || dice.chance(0.75));
    Sky {
        orb,
        crescent: time == Time::Dusk || time == Time::Night && dice.chance(0.5),
        earth,
        clouds: spread_clouds(wanted, horizon, orb.as_ref(), dice),
        stars,
        bolt,
        rain,
    }
}

fn scatter_stars(
    wanted: Attributes,
    horizon: f32,
    taken: &[Option<Orb>],
    dice: &mut Dice,
) -> Vec<Orb> {
    let (count, floor) = match (wanted.place, wanted.time) {
        (_, Time::Night) => (dice.between(8, 11), horizon - 0.16),
        (_, Time::Dusk) => (dice.between(4, 6), horizon - 0.32),
        (Place::Moon, Time::Day) => (5, 0.24),
        (Place::Moon, Time::Dawn) => (5, 0.26),
        (Place::Moon, Time::Sunset) => (6, 0.28),
        _ => (0, 0.0),
    };
    let mut stars: Vec<Orb> = Vec::new();
    // A fixed number of tries, so that the loop ends; crowded stars are skipped.
    for _ in 0..count * 3 {
        let star = Orb {
            x: dice.range(0.04, 0.96),
            y: dice.range(0.03, floor.max(0.2)),
            radius: dice.range(0.008, 0.013),
        };
        let apart = |other: &Orb, gap: f32| {
            let (dx, dy) = (star.x - other.x, star.y - other.y);
            dx * dx + dy * dy > (gap + other.radius) * (gap + other.radius)
        };
        if stars.len() < count as usize
            && stars.iter().all(|other| apart(other, 0.09))
            && taken.iter().flatten().all(|other| apart(other, 0.05))
        {
            stars.push(star);
        }
    }
    stars
}

fn spread_clouds(
    wanted: Attributes,
    horizon: f32,
    orb: Option<&Orb>,
    dice: &mut Dice,
) -> Vec<Cloud> {
    if wanted.place == Place::Moon {
        return Vec::new();
    }
    let count = match wanted.time {
        Time::Day => dice.between(2, 3),
        Time::Dawn => dice.between(1, 3),
        Time::Sunset => dice.between(2, 4),
        Time::Night => dice.below(2),
        Time::Dusk => dice.between(1, 2),
        Time::Storm => return Vec::new(),
    };
    let (low, high) = match wanted.time {
        Time::Day | Time::Night => (0.08, horizon - 0.26),
        _ => (0.1, horizon - 0.2),
    };
    (0..count)
        .map(|n| {
            // One in each strip of the sky, so that they do not pile up.
            let strip = (n as f32 + dice.range(0.15, 0.85)) / count as f32;
            Cloud {
                x: dice.range(0.05, 0.95),
                y: low + (high - low) * strip,
                width: dice.range(0.18, 0.34),
                shape: dice.below(3) as u8,
            }
        })
        // High suns and moons stay clear of clouds; a low one may sink behind a streak.
        .filter(|cloud| {
            let hidden = |orb: &Orb| {
                (cloud.x - orb.x).abs() < cloud.width * 0.55 + orb.radius
                    && (cloud.y - orb.y).abs() < cloud.width * 0.3 + orb.radius
            };
            !(matches!(wanted.time, Time::Day | Time::Night | Time::Dusk)
                && orb.is_some_and(hidden))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::attributes::Style;
    use super::super::combos::style_weight;
    use super::Scene;

    #[test]
    fn a_scene_depends_on_seed_and_index_alone() {
        let early: Vec<Scene> = (0..20).map(|i| Scene::sample(7, i)).collect();
        assert_eq!(early[13], Scene::sample(7, 13));
        assert_ne!(early[13], Scene::sample(8, 13));
        assert_ne!(early[12], early[13]);
    }

    #[test]
    fn a_scene_survives_json() {
        for index in 0..50 {
            let scene = Scene::sample(3, index);
            let text = serde_json::to_string(&scene).unwrap();
            assert_eq!(serde_json::from_str::<Scene>(&text).unwrap(), scene);
        }
    }

    #[test]
    fn nearly_half_are_flat_and_no_style_hides_the_time() {
        let mut counts = [0_u32; Style::ALL.len()];
        for index in 0..2000 {
            let scene = Scene::sample(6, index);
            counts[scene.style as usize] += 1;
            assert!(
                style_weight(scene.place, scene.time, scene.style) > 0,
                "{scene:?}"
            );
            let other = Scene::with_attributes(scene.attributes(), 6, index);
            assert_eq!(other.style, Style::Flat);
        }
        assert!((800..1070).contains(&counts[0]), "{counts:?}");
        assert!(
            counts[1..].iter().all(|n| (80..320).contains(n)),
            "{counts:?}"
        );
    }

    #[test]
    fn figures_stay_inside_the_picture() {
        for index in 0..2000 {
            if let Some(figure) = Scene::sample(5, index).figure {
                assert!(figure.base - figure.height > 0.0, "{figure:?}");
                assert!(figure.base < 0.99, "{figure:?}");
            }
        }
    }
}
