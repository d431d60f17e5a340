//! The English grammar.

use super::super::attributes::{Backdrop, Color, Place, Relation, Style, Subject, Time};
use super::super::dice::Dice;
use super::english_places::{landscape, place, place_key};
use super::manner::english as manner;
use super::{Extra, Facts, Mention};

/// One of the options; the earlier ones are meant to be the commoner words, so they are drawn twice
/// as often as the last.
pub(super) fn word<'a>(options: &[&'a str], dice: &mut Dice) -> &'a str {
    let weights: Vec<u32> = (0..options.len())
        .map(|n| {
            if n == 0 {
                4
            } else if n + 1 < options.len() {
                2
            } else {
                1
            }
        })
        .collect();
    options[dice.weighted(&weights)]
}

/// The phrase with its indefinite article.
fn with_article(phrase: &str) -> String {
    let vowel = phrase.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {phrase}", if vowel { "an" } else { "a" })
}

fn color(color: Color, dice: &mut Dice) -> &'static str {
    match color {
        Color::Gray => word(&["gray", "gray", "grey"], dice),
        _ => color.id(),
    }
}

/// The subject without an article.
fn noun(facts: &Facts, colored: bool, dice: &mut Dice) -> Option<String> {
    let (subject, hue) = facts.subject?;
    let hue = color(hue, dice);
    let plain: &[&str] = match subject {
        Subject::House => &["house", "house", "cottage"],
        Subject::Tree => &["tree"],
        Subject::Sailboat => &["sailboat", "sailboat", "sailing boat", "boat"],
        Subject::Balloon => &["hot air balloon", "hot-air balloon", "balloon"],
        Subject::Rocket => &["rocket", "rocket", "rocket ship", "spaceship"],
        Subject::Lighthouse => &["lighthouse"],
        Subject::Cat => &["cat", "cat", "kitten"],
        Subject::Car => &["car", "car", "automobile"],
        Subject::FlyingCar => &["flying car", "flying car", "hover car"],
        Subject::Rose => &["rose", "rose", "rose flower"],
        Subject::Bird => &["bird"],
        Subject::Whale => &["whale"],
        Subject::Fox => &["fox"],
        Subject::Rabbit => &["rabbit", "rabbit", "bunny"],
        Subject::Horse => &["horse", "horse", "pony"],
        Subject::Penguin => &["penguin"],
        Subject::Butterfly => &["butterfly"],
        Subject::PlainCorgi => return Some(plain_corgi(hue, colored, dice)),
        Subject::Robot => &["robot"],
        Subject::Castle => &["castle"],
        Subject::Train => &["train", "train", "steam train"],
        Subject::Bicycle => &["bicycle", "bicycle", "bike"],
        Subject::Windmill => &["windmill"],
        Subject::Bridge => &["bridge"],
        Subject::Airplane => &["airplane", "plane", "aeroplane"],
        Subject::Ufo => &["UFO", "flying saucer"],
        Subject::Tulip if facts.pose > 0 => {
            let all = word(&["bunch of", "bunch of", "group of"], dice);
            return Some(if colored {
                format!("{all} {hue} tulips")
            } else {
                format!("{all} tulips")
            });
        }
        Subject::Tulip => &["tulip", "tulip", "tulip flower"],
        Subject::Mushroom if facts.pose > 0 => {
            let pair = word(&["pair of", "pair of", "couple of"], dice);
            return Some(if colored {
                format!("{pair} {hue} mushrooms")
            } else {
                format!("{pair} mushrooms")
            });
        }
        Subject::Mushroom => &["mushroom", "mushroom", "toadstool"],
        Subject::StreetLamp => &["street lamp", "street lamp", "lamp post", "street light"],
        Subject::Tent => &["tent", "tent", "camping tent"],
        Subject::Umbrella => &["umbrella", "umbrella", "parasol"],
        Subject::Snowman => return Some(snowman(hue, colored, dice)),
        Subject::Corgi => return Some(corgi(hue, colored, dice)),
        Subject::Astronaut => return Some(astronaut(hue, colored, dice)),
    };
    let name = word(plain, dice);
    if !colored {
        return Some(name.to_owned());
    }
    let turned = dice.chance(0.14).then(|| match subject {
        Subject::Tree if facts.pose != 1 => Some(format!("tree with {hue} leaves")),
        Subject::Sailboat => Some(format!("sailboat with {hue} sails")),
        Subject::Rose => Some(format!("rose with {hue} petals")),
        Subject::Lighthouse => Some(format!("{hue} striped lighthouse")),
        Subject::Cat => Some(format!("cat with {hue} fur")),
        Subject::Butterfly => Some(format!("butterfly with {hue} wings")),
        Subject::Fox => Some(format!("fox with {hue} fur")),
        Subject::Rabbit => Some(format!("rabbit with {hue} fur")),
        Subject::Bird => Some(format!("bird with {hue} feathers")),
        Subject::Tulip => Some(format!("tulip with {hue} petals")),
        Subject::Mushroom => Some(format!("mushroom with {} cap", with_article(hue))),
        _ => None,
    });
    Some(turned.flatten().unwrap_or_else(|| format!("{hue} {name}")))
}

fn corgi(hue: &str, colored: bool, dice: &mut Dice) -> String {
    let dog = word(&["corgi", "corgi", "corgi dog", "dog"], dice);
    let suit = word(&["spacesuit", "space suit"], dice);
    let verb = word(&["in", "wearing"], dice);
    if colored {
        format!("{dog} {verb} {} {suit}", with_article(hue))
    } else {
        format!("{dog} {verb} a {suit}")
    }
}

/// A corgi without a spacesuit; it is the sweater that is coloured.
fn plain_corgi(hue: &str, colored: bool, dice: &mut Dice) -> String {
    let dog = word(&["corgi", "corgi", "corgi dog", "dog"], dice);
    let sweater = word(&["sweater", "sweater", "jumper"], dice);
    let verb = word(&["in", "wearing"], dice);
    if colored {
        format!("{dog} {verb} {} {sweater}", with_article(hue))
    } else if dice.chance(0.5) {
        format!("{dog} {verb} a {sweater}")
    } else {
        dog.to_owned()
    }
}

fn astronaut(hue: &str, colored: bool, dice: &mut Dice) -> String {
    let name = word(&["astronaut", "astronaut", "spaceman"], dice);
    if !colored {
        return name.to_owned();
    }
    match dice.below(5) {
        0 => format!("{hue} {name}"),
        1 => format!("{name} wearing {} spacesuit", with_article(hue)),
        2 => format!("{name} in {} suit", with_article(hue)),
        _ => format!("{name} in {} spacesuit", with_article(hue)),
    }
}

/// Snow is white; the colour is what the snowman wears.
fn snowman(hue: &str, colored: bool, dice: &mut Dice) -> String {
    if !colored {
        return "snowman".to_owned();
    }
    match dice.below(5) {
        0 => format!("snowman wearing {} hat and scarf", with_article(hue)),
        1 => format!("snowman in {} scarf", with_article(hue)),
        2 => format!("snowman with {} scarf", with_article(hue)),
        _ => format!("snowman with {} hat and scarf", with_article(hue)),
    }
}

/// When: an adverb.
fn time(facts: &Facts, dice: &mut Dice) -> &'static str {
    let sunny = facts.shows(Extra::Sun);
    match facts.time {
        Time::Day if sunny => word(
            &[
                "on a sunny day",
                "in daylight",
                "during the day",
                "by day",
                "in the sunshine",
            ],
            dice,
        ),
        Time::Day => word(
            &["during the day", "in daylight", "by day", "in the daytime"],
            dice,
        ),
        Time::Dawn => word(
            &[
                "at dawn",
                "at sunrise",
                "in the early morning",
                "at daybreak",
            ],
            dice,
        ),
        Time::Sunset => word(
            &[
                "at sunset",
                "at sundown",
                "in the evening",
                "in the light of the setting sun",
            ],
            dice,
        ),
        Time::Night => word(
            &[
                "at night",
                "at night",
                "under a starry sky",
                "on a starry night",
                "at nighttime",
            ],
            dice,
        ),
        Time::Dusk => word(
            &[
                "at dusk",
                "at twilight",
                "in the blue hour",
                "during the blue hour",
            ],
            dice,
        ),
        Time::Storm => match facts.place {
            Place::Moon => word(&["in a storm", "in a dust storm", "during a storm"], dice),
            Place::Snow if facts.shows(Extra::Snowfall) => word(
                &[
                    "in a storm",
                    "in a snowstorm",
                    "in stormy weather",
                    "during a snowstorm",
                ],
                dice,
            ),
            _ if facts.shows(Extra::Lightning) => word(
                &[
                    "in a storm",
                    "in a thunderstorm",
                    "during a storm",
                    "in stormy weather",
                ],
                dice,
            ),
            _ => word(
                &[
                    "in a storm",
                    "during a storm",
                    "in stormy weather",
                    "under storm clouds",
                ],
                dice,
            ),
        },
    }
}

/// When: a keyword.
fn time_key(facts: &Facts, dice: &mut Dice) -> &'static str {
    match facts.time {
        Time::Day => word(&["day", "daylight", "daytime"], dice),
        Time::Dawn => word(&["dawn", "sunrise", "early morning"], dice),
        Time::Sunset => word(&["sunset", "sundown"], dice),
        Time::Dusk => word(&["dusk", "twilight", "blue hour"], dice),
        Time::Night => word(&["night", "starry night"], dice),
        Time::Storm if facts.shows(Extra::Lightning) => word(&["storm", "thunderstorm"], dice),
        Time::Storm => word(&["storm", "stormy weather"], dice),
    }
}

/// When: a thing that can be over a place.
fn time_noun(facts: &Facts, dice: &mut Dice) -> &'static str {
    match facts.time {
        Time::Day => word(&["a clear day", "daylight"], dice),
        Time::Dawn => word(&["dawn", "a sunrise"], dice),
        Time::Sunset => word(&["a sunset", "sunset"], dice),
        Time::Dusk => word(&["dusk", "twilight", "the blue hour"], dice),
        Time::Night => word(&["a starry night", "night"], dice),
        Time::Storm => "a storm",
    }
}

fn backdrop_name(backdrop: Backdrop, dice: &mut Dice) -> Option<&'static str> {
    Some(match backdrop {
        Backdrop::None => return None,
        Backdrop::Mountains => word(&["mountains", "mountain peaks"], dice),
        Backdrop::Hills => word(&["hills", "rolling hills"], dice),
        Backdrop::Forest => word(&["a forest", "trees"], dice),
        Backdrop::Skyline => word(&["a city skyline", "a skyline", "city buildings"], dice),
        Backdrop::Earth => word(&["the Earth", "Earth"], dice),
    })
}

fn backdrop(facts: &Facts, dice: &mut Dice) -> Option<String> {
    let name = backdrop_name(facts.backdrop, dice)?;
    if facts.backdrop == Backdrop::Earth {
        return Some(match dice.below(3) {
            0 => format!("with {name} in the sky"),
            1 => format!("with {name} in the background"),
            _ => format!("{name} in the sky"),
        });
    }
    Some(match dice.below(5) {
        0 | 1 => format!("with {name} in the background"),
        2 => format!("{name} in the background"),
        3 => format!("{name} behind"),
        _ => format!("with {name} in the distance"),
    })
}

fn extra(facts: &Facts, extra: Extra, dice: &mut Dice) -> &'static str {
    match (extra, facts.time) {
        (Extra::Sun, Time::Dawn) => word(&["with the rising sun", "a pale sun"], dice),
        (Extra::Sun, Time::Sunset) => word(&["with the setting sun", "a big orange sun"], dice),
        (Extra::Sun, _) => word(&["with the sun in the sky", "a bright sun"], dice),
        (Extra::FullMoon, _) => word(&["with a full moon", "with the moon", "moonlight"], dice),
        (Extra::Crescent, _) => word(&["with a crescent moon", "with the moon"], dice),
        (Extra::Stars, _) => word(&["with stars in the sky", "stars"], dice),
        (Extra::Clouds, _) => word(&["with white clouds", "clouds in the sky"], dice),
        (Extra::Lightning, _) => word(&["with lightning", "a bolt of lightning"], dice),
        (Extra::Rain, _) => word(&["with rain", "in the rain"], dice),
        (Extra::Snowfall, _) => word(&["with falling snow", "snow falling", "snowing"], dice),
        (Extra::Fog, _) => word(&["in the fog", "with fog", "misty"], dice),
        (Extra::Stream, _) => word(&["with a stream", "a stream", "a little stream"], dice),
        (Extra::Sunbeams, _) => word(
            &[
                "sunlight through the leaves",
                "with sunbeams",
                "with sunlight through the trees",
            ],
            dice,
        ),
        (Extra::Neon, _) => word(
            &["neon lights", "with neon signs", "with neon lights"],
            dice,
        ),
        (Extra::Traffic, _) => word(
            &[
                "flying cars in the sky",
                "with flying cars in the sky",
                "flying cars overhead",
            ],
            dice,
        ),
    }
}

/// Where the first subject is, seen from the second: "to the left of a blue house".
fn beside(facts: &Facts, colored: bool, dice: &mut Dice) -> Option<String> {
    let (relation, other) = facts.of_neighbour()?;
    let preposition = match relation {
        Relation::LeftOf => word(&["to the left of", "left of"], dice),
        Relation::RightOf => word(&["to the right of", "right of"], dice),
        Relation::InFrontOf => "in front of",
        Relation::Behind => "behind",
    };
    let noun = noun(&other, colored, dice)?;
    Some(format!("{preposition} {}", with_article(&noun)))
}

/// The middle of a sentence: what, where and when, in one of several orders.
fn clause(facts: &Facts, mention: Mention, dice: &mut Dice) -> String {
    let subject = mention
        .subject
        .then(|| noun(facts, mention.color, dice))
        .flatten();
    let pretty = dice.chance(0.05);
    let subject = subject.map(|noun| {
        with_article(&if pretty {
            format!("beautiful {noun}")
        } else {
            noun
        })
    });
    let beside = mention
        .company
        .then(|| beside(facts, mention.color, dice))
        .flatten();
    let subject = subject.map(|subject| match &beside {
        Some(beside) => format!("{subject} {beside}"),
        None => subject,
    });
    let when = mention.time.then(|| time(facts, dice));
    let form = dice.weighted(&[10, 2, 3, 3, 3]);
    match (subject, mention.place, form) {
        (Some(subject), true, 2) if mention.time => {
            format!(
                "{} over {} with {subject}",
                time_noun(facts, dice),
                landscape(facts.place, dice)
            )
        }
        (Some(subject), true, 3) => {
            let land = landscape(facts.place, dice);
            when.map_or_else(
                || format!("{land} with {subject}"),
                |when| format!("{land} {when} with {subject}"),
            )
        }
        (Some(subject), true, 4) if mention.time => {
            format!(
                "{}, {subject} {}",
                when.unwrap_or_default(),
                place(facts, dice)
            )
        }
        (Some(subject), with_place, form) => {
            let mut parts = vec![subject];
            if form == 1 {
                parts.extend(when.map(str::to_owned));
                parts.extend(with_place.then(|| place(facts, dice)));
            } else {
                parts.extend(with_place.then(|| place(facts, dice)));
                parts.extend(when.map(str::to_owned));
            }
            parts.join(" ")
        }
        (None, _, 2 | 3) if mention.time => {
            format!(
                "{} over {}",
                time_noun(facts, dice),
                landscape(facts.place, dice)
            )
        }
        (None, _, _) => {
            let land = landscape(facts.place, dice);
            when.map_or_else(|| land.to_owned(), |when| format!("{land} {when}"))
        }
    }
}

/// Keywords between commas.
fn list(facts: &Facts, mention: Mention, dice: &mut Dice) -> String {
    let mut words: Vec<String> = Vec::new();
    if mention.subject {
        words.extend(noun(facts, mention.color, dice));
        if mention.company {
            words.extend(beside(facts, mention.color, dice));
        }
    }
    if mention.place {
        words.push(place_key(facts.place, dice).to_owned());
    }
    if mention.time {
        words.push(time_key(facts, dice).to_owned());
    }
    words.join(", ")
}

/// Where the style is named.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// "an oil painting of …".
    Before,
    /// "oil painting, …".
    First,
    /// "…, oil painting".
    After,
    Nowhere,
}

fn naming(facts: &Facts, mention: Mention, keywords: bool, dice: &mut Dice) -> Naming {
    if facts.style == Style::Flat {
        return if !keywords && dice.chance(0.12) {
            Naming::Before
        } else {
            Naming::Nowhere
        };
    }
    if !mention.style {
        return Naming::Nowhere;
    }
    match dice.below(10) {
        0..=4 if !keywords => Naming::Before,
        5 => Naming::First,
        _ => Naming::After,
    }
}

/// What is said of the picture's making; each style has its own.
fn quality(style: Style, dice: &mut Dice) -> &'static str {
    match style {
        Style::Flat => word(
            &[
                "flat illustration",
                "highly detailed",
                "vector art",
                "digital art",
                "high quality",
            ],
            dice,
        ),
        Style::Pixel | Style::Neon => {
            word(&["highly detailed", "digital art", "high quality"], dice)
        }
        Style::Oil | Style::Watercolour | Style::Pencil => {
            word(&["highly detailed", "beautiful", "high quality"], dice)
        }
    }
}

pub(super) fn write(facts: &Facts, mention: Mention, dice: &mut Dice) -> String {
    let keywords = dice.chance(0.2);
    let mut text = if keywords {
        list(facts, mention, dice)
    } else {
        clause(facts, mention, dice)
    };
    let mut naming = naming(facts, mention, keywords, dice);
    let words = manner(facts.style);
    // "an illustration of at dawn, …" would be wrong.
    let adverb = ["at ", "on ", "in ", "by ", "during ", "under "];
    if naming == Naming::Before && adverb.iter().any(|start| text.starts_with(start)) {
        naming = if facts.style == Style::Flat {
            Naming::Nowhere
        } else {
            Naming::After
        };
    }
    match naming {
        Naming::Before => text = format!("{} {text}", word(words.before, dice)),
        Naming::First => text = format!("{}, {text}", word(words.after, dice)),
        Naming::After | Naming::Nowhere => {}
    }
    let mut tails: Vec<String> = Vec::new();
    if mention.backdrop {
        tails.extend(backdrop(facts, dice));
    }
    let weather = facts.weather.filter(|_| mention.weather);
    for seen in weather
        .into_iter()
        .chain(mention.extras.into_iter().flatten())
    {
        tails.push(extra(facts, seen, dice).to_owned());
    }
    // Before the qualities or after all.
    if naming == Naming::After {
        tails.push(word(words.after, dice).to_owned());
    }
    if dice.chance(0.1) {
        tails.push(quality(facts.style, dice).to_owned());
    }
    for tail in tails {
        // One "with" in a sentence is enough.
        let joined = tail.starts_with("with ") && !keywords && !text.contains(" with ");
        text.push_str(if joined && dice.chance(0.5) {
            " "
        } else {
            ", "
        });
        text.push_str(&tail);
    }
    if !keywords && dice.chance(0.15) {
        let mut letters = text.chars();
        text = letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters).collect()
        });
        if dice.chance(0.6) {
            text.push('.');
        }
    }
    text
}
