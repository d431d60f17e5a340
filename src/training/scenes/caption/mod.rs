//! What a scene shows, in words: a grammar in English and one in Chinese.
//!
//! Both write from the same [`Facts`] and the same choice of what to mention, so a caption never
//! claims what is not there; about a quarter of the captions leave something out.

mod chinese;
mod english;
mod english_places;
mod manner;

use super::attributes::{Backdrop, Color, Place, Relation, Style, Subject, Time, Weather};
use super::dice::{Dice, Stream};
use super::ground;
use super::scene::Scene;
use super::subjects::{self, Stance};
use super::usual;

/// How many captions a picture has in each language.
pub(super) const COUNT: usize = 3;

/// One caption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    pub text: String,
    /// Names subject, colour, place and time (what there is of them in an empty landscape), and the
    /// style unless it is flat.
    pub complete: bool,
}

/// All captions of one picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captions {
    pub en: [Caption; 3],
    pub zh: [Caption; 3],
    /// One caption more, always complete.
    pub complete_en: String,
    pub complete_zh: String,
}

/// How the subject is related to its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Situation {
    /// On the ground.
    On,
    /// On an islet in the sea.
    Islet,
    /// On a rock in the sea.
    Rock,
    /// On the water.
    Afloat,
    /// From shore to shore.
    Across,
    /// In the air.
    Over,
}

/// Something plain to see besides the attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extra {
    Sun,
    FullMoon,
    Crescent,
    Stars,
    Clouds,
    Lightning,
    Rain,
    Snowfall,
    Fog,
    /// A stream in the forest.
    Stream,
    /// Sunlight through leaves.
    Sunbeams,
    Neon,
    /// Small flying cars over a town.
    Traffic,
}

impl Extra {
    /// How often it is mentioned, among what is there.
    const fn weight(self) -> u32 {
        match self {
            extra if extra.is_of_the_place() => 3,
            _ => 1,
        }
    }

    /// Only some scenes of a place have it.
    const fn is_of_the_place(self) -> bool {
        matches!(
            self,
            Self::Stream | Self::Sunbeams | Self::Neon | Self::Traffic
        )
    }
}

/// What can be said about a scene.
#[derive(Clone, Debug)]
struct Facts {
    subject: Option<(Subject, Color)>,
    /// A broad-leaved tree or another pose that allows other words.
    pose: u8,
    situation: Situation,
    place: Place,
    time: Time,
    backdrop: Backdrop,
    /// The second subject, and where the first is, seen from it.
    company: Option<(Relation, Neighbour)>,
    style: Style,
    extras: Vec<Extra>,
    /// The one of the extras that fills the whole air.
    weather: Option<Extra>,
}

/// A second subject, for the words about it alone.
#[derive(Clone, Copy, Debug)]
struct Neighbour {
    subject: Subject,
    color: Color,
    pose: u8,
}

impl Facts {
    fn of(scene: &Scene) -> Self {
        let situation = scene.figure.map_or(Situation::On, |figure| {
            let ocean = scene.place == Place::Ocean;
            match subjects::art(figure.subject).stance {
                Stance::Floats => Situation::Afloat,
                Stance::Hovers | Stance::Drifts => Situation::Over,
                Stance::Launches if figure.pose > 0 => Situation::Over,
                Stance::Stands | Stance::Launches => match figure.subject {
                    Subject::Lighthouse if ocean => Situation::Rock,
                    Subject::Bridge if ocean => Situation::Across,
                    _ if ocean => Situation::Islet,
                    _ => Situation::On,
                },
            }
        });
        Self {
            subject: scene.figure.map(|figure| (figure.subject, figure.color)),
            pose: scene.figure.map_or(0, |figure| figure.pose),
            situation,
            place: scene.place,
            time: scene.time,
            backdrop: scene.backdrop,
            company: scene.company.map(|company| {
                let neighbour = Neighbour {
                    subject: company.figure.subject,
                    color: company.figure.color,
                    pose: company.figure.pose,
                };
                (company.relation, neighbour)
            }),
            style: scene.style,
            extras: Self::extras(scene),
            weather: match scene.weather {
                Weather::Fair => None,
                Weather::Rain => Some(Extra::Rain),
                Weather::Snowfall => Some(Extra::Snowfall),
                Weather::Fog => Some(Extra::Fog),
            },
        }
    }

    /// The second subject as if it were the first.
    fn of_neighbour(&self) -> Option<(Relation, Self)> {
        let (relation, neighbour) = self.company?;
        let facts = Self {
            subject: Some((neighbour.subject, neighbour.color)),
            pose: neighbour.pose,
            company: None,
            ..self.clone()
        };
        Some((relation, facts))
    }

    fn extras(scene: &Scene) -> Vec<Extra> {
        let sky = &scene.sky;
        let mut extras = Vec::new();
        for (shown, extra) in [
            (ground::has_stream(scene), Extra::Stream),
            (ground::has_sunbeams(scene), Extra::Sunbeams),
            (ground::has_neon(scene), Extra::Neon),
            (ground::has_flying_cars(scene), Extra::Traffic),
        ] {
            if shown {
                extras.push(extra);
            }
        }
        let low = matches!(scene.time, Time::Dawn | Time::Sunset);
        let open = matches!(
            scene.backdrop,
            Backdrop::None | Backdrop::Earth | Backdrop::Hills
        ) && !matches!(scene.place, Place::Forest | Place::City);
        if sky.orb.is_some() && (open || !low) {
            extras.push(match scene.time {
                Time::Night | Time::Dusk if sky.crescent => Extra::Crescent,
                Time::Night => Extra::FullMoon,
                _ => Extra::Sun,
            });
        }
        if !sky.stars.is_empty() {
            extras.push(Extra::Stars);
        }
        if scene.time == Time::Day && !sky.clouds.is_empty() {
            extras.push(Extra::Clouds);
        }
        if sky.bolt.is_some() {
            extras.push(Extra::Lightning);
        }
        if sky.rain && scene.place != Place::Moon {
            extras.push(if scene.place == Place::Snow {
                Extra::Snowfall
            } else {
                Extra::Rain
            });
        }
        extras
    }

    /// It is in the water rather than on it.
    fn swims(&self) -> bool {
        matches!(self.subject, Some((Subject::Whale, _)))
    }

    fn shows(&self, extra: Extra) -> bool {
        self.extras.contains(&extra)
    }
}

/// What one caption mentions.
#[derive(Clone, Copy, Debug)]
struct Mention {
    subject: bool,
    color: bool,
    place: bool,
    time: bool,
    backdrop: bool,
    /// The second subject, where there is one.
    company: bool,
    weather: bool,
    /// The style; a flat picture has none that must be named.
    style: bool,
    extras: [Option<Extra>; 2],
}

impl Mention {
    fn is_complete(self) -> bool {
        self.place && self.time && self.subject && self.color && self.style
    }

    /// All attributes, and perhaps more.
    fn complete(facts: &Facts, dice: &mut Dice) -> Self {
        let extra = dice
            .chance(0.35)
            .then(|| {
                // What only some scenes of a place have is worth more words than sun and stars.
                let weights: Vec<u32> = facts.extras.iter().map(|extra| extra.weight()).collect();
                facts.extras.get(dice.weighted(&weights)).copied()
            })
            .flatten();
        Self {
            subject: true,
            color: true,
            place: true,
            time: true,
            backdrop: facts.backdrop != Backdrop::None && dice.chance(0.62),
            company: true,
            weather: dice.chance(0.75),
            style: true,
            extras: [extra, None],
        }
    }

    /// What does not go without saying, and now and then more.
    fn brief(facts: &Facts, dice: &mut Dice) -> Self {
        let mut told = |unusual: bool, chance: f32| unusual || dice.chance(chance);
        let odd = |is: fn(Subject, Color, Place) -> bool| {
            facts
                .subject
                .is_some_and(|(subject, color)| !is(subject, color, facts.place))
        };
        let color = told(
            odd(|subject, color, _| usual::is_color(subject, color)),
            0.3,
        );
        let place = facts.subject.is_none()
            || told(
                odd(|subject, _, place| usual::is_place(subject, place)),
                0.3,
            );
        let low = matches!(facts.time, Time::Dawn | Time::Sunset);
        let time = told(!usual::is_time(facts.time), if low { 0.6 } else { 0.3 });
        let backdrop = facts.backdrop != Backdrop::None && place && told(false, 0.4);
        let mut extras = facts
            .extras
            .iter()
            .copied()
            .filter(|extra| extra.is_of_the_place() && told(*extra == Extra::Traffic, 0.6));
        Self {
            subject: true,
            color,
            place,
            time,
            backdrop,
            company: true,
            weather: true,
            style: true,
            extras: [extras.next(), extras.next()],
        }
    }

    /// Something is left out.
    fn partial(facts: &Facts, dice: &mut Dice) -> Self {
        // Subject, colour, place, time; how often.
        const KINDS: [(bool, bool, bool, bool); 8] = [
            (true, true, false, false),
            (true, true, true, false),
            (true, true, false, true),
            (true, false, true, true),
            (true, false, false, false),
            (true, false, true, false),
            (false, false, true, true),
            (false, false, true, false),
        ];
        let kind = dice.weighted(&[4, 3, 2, 3, 1, 1, 2, 1]);
        let (subject, color, place, time) = KINDS[kind];
        let place = place || facts.subject.is_none();
        Self {
            subject,
            color,
            place,
            time: time && facts.subject.is_some() || (facts.subject.is_none() && dice.chance(0.3)),
            backdrop: place && facts.backdrop != Backdrop::None && dice.chance(0.3),
            company: subject && color,
            weather: dice.chance(0.3),
            style: facts.style == Style::Flat || dice.chance(0.9),
            extras: [None; 2],
        }
    }

    fn draw(facts: &Facts, dice: &mut Dice) -> Self {
        if dice.chance(0.25) {
            Self::partial(facts, dice)
        } else {
            Self::complete(facts, dice)
        }
    }
}

/// The captions of a scene; the same for the same scene, seed and index.
pub fn captions(scene: &Scene, seed: u64, index: u64) -> Captions {
    written(
        scene,
        Dice::new(seed, index, Stream::Captions),
        Mention::draw,
    )
}

/// As [`captions`], but they leave out what goes without saying.
pub(super) fn brief_captions(scene: &Scene, seed: u64, index: u64) -> Captions {
    written(
        scene,
        Dice::new(seed, index, Stream::Captions),
        Mention::brief,
    )
}

type Writer = fn(&Facts, Mention, &mut Dice) -> String;
type Choice = fn(&Facts, &mut Dice) -> Mention;

fn written(scene: &Scene, mut dice: Dice, choice: Choice) -> Captions {
    let facts = Facts::of(scene);
    Captions {
        en: several(&facts, english::write, choice, &mut dice),
        zh: several(&facts, chinese::write, choice, &mut dice),
        complete_en: full(&facts, english::write, &mut dice),
        complete_zh: full(&facts, chinese::write, &mut dice),
    }
}

fn full(facts: &Facts, write: Writer, dice: &mut Dice) -> String {
    let mention = Mention::complete(facts, dice);
    write(facts, mention, dice)
}

/// Captions that differ from each other, as far as a few tries allow.
fn several(facts: &Facts, write: Writer, choice: Choice, dice: &mut Dice) -> [Caption; COUNT] {
    let mut done: Vec<String> = Vec::new();
    std::array::from_fn(|_| {
        let mut caption = one(facts, write, choice, dice);
        for _ in 0..6 {
            if !done.contains(&caption.text) {
                break;
            }
            caption = one(facts, write, choice, dice);
        }
        done.push(caption.text.clone());
        caption
    })
}

fn one(facts: &Facts, write: Writer, choice: Choice, dice: &mut Dice) -> Caption {
    let mention = choice(facts, dice);
    Caption {
        text: write(facts, mention, dice),
        complete: mention.is_complete(),
    }
}

#[cfg(test)]
mod tests;
