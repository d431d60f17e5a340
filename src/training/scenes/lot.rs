//! How a scene is drawn by lot: from all that can be, or mostly what people expect.

use super::attributes::{Attributes, Backdrop, Color, Place, Style, Subject, Time, Weather};
use super::combos::{
    EMPTY_SHARE, alone_weight, backdrop_weight, place_weight, style_weight, subject_weight,
    weather_weight,
};
use super::company;
use super::dice::{Dice, Stream};
use super::scene::Scene;
use super::usual;

/// How the parts of a scene are drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lot {
    /// All that can be.
    Even,
    /// Mostly what goes without saying, each part by a lot of its own.
    Usual,
}

impl Lot {
    /// Of the pictures that show the usual, the share that does so in any one part.
    const USUAL_SHARE: f32 = 0.8;

    const fn empty_share(self) -> f32 {
        match self {
            Self::Even => EMPTY_SHARE,
            Self::Usual => 2.0 * EMPTY_SHARE,
        }
    }

    /// Whether the next part is as it usually is; an even lot throws no dice for it.
    fn is_usual(self, dice: &mut Dice) -> bool {
        self == Self::Usual && dice.chance(Self::USUAL_SHARE)
    }
}

impl Scene {
    /// The scene of one index: the same for ever, whatever else is drawn.
    pub fn sample(seed: u64, index: u64) -> Self {
        Self::drawn(Dice::new(seed, index, Stream::Scene), Lot::Even)
    }

    /// As [`Self::sample`], but mostly what people expect who ask for little.
    pub fn usual(seed: u64, index: u64) -> Self {
        Self::drawn(Dice::new(seed, index, Stream::Scene), Lot::Usual)
    }

    fn drawn(mut dice: Dice, lot: Lot) -> Self {
        let subject = (!dice.chance(lot.empty_share())).then(|| {
            let weights: Vec<u32> = Subject::ALL.iter().map(|s| subject_weight(*s)).collect();
            Subject::ALL[dice.weighted(&weights)]
        });
        let weights: Vec<u32> = Place::ALL
            .iter()
            .map(|place| {
                subject.map_or_else(
                    || alone_weight(*place),
                    |subject| place_weight(subject, *place),
                )
            })
            .collect();
        let place = match subject.filter(|_| lot.is_usual(&mut dice)) {
            Some(subject) => *dice.pick(&usual::places(subject)),
            None => Place::ALL[dice.weighted(&weights)],
        };
        let usual_color = lot.is_usual(&mut dice);
        let colors = subject
            .filter(|_| usual_color)
            .map_or(Color::ALL, usual::colors);
        let color = *dice.pick(colors);
        let time = if lot.is_usual(&mut dice) {
            let weights: Vec<u32> = Time::ALL
                .iter()
                .map(|time| usual::time_weight(place, *time))
                .collect();
            Time::ALL[dice.weighted(&weights)]
        } else {
            *dice.pick(Time::ALL)
        };
        let weights: Vec<u32> = Backdrop::ALL
            .iter()
            .map(|backdrop| backdrop_weight(place, *backdrop))
            .collect();
        let backdrop = Backdrop::ALL[dice.weighted(&weights)];
        let wanted = Attributes {
            subject: subject.map(|subject| (subject, color)),
            place,
            time,
            backdrop,
        };
        let mut scene = Self::laid_out(wanted, &mut dice);
        if !lot.is_usual(&mut dice) {
            let weights: Vec<u32> = Weather::ALL
                .iter()
                .map(|weather| weather_weight(place, time, *weather))
                .collect();
            scene.weather = Weather::ALL[dice.weighted(&weights)];
        }
        if scene.weather != Weather::Fair {
            scene.sky.cover(time);
        }
        if !lot.is_usual(&mut dice) {
            company::join(&mut scene, &mut dice);
        }
        // Drawn last: the same scene has the same layout in every style.
        let weights: Vec<u32> = Style::ALL
            .iter()
            .map(|style| style_weight(place, time, *style))
            .collect();
        scene.in_style(Style::ALL[dice.weighted(&weights)])
    }
}
