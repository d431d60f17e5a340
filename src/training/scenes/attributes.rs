//! The vocabulary: what a scene can show. Each list is complete and in reading order.

use serde::{Deserialize, Serialize};

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $id:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name {
            $($variant),+
        }

        impl $name {
            /// Every value, once.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name in files.
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$variant => $id),+
                }
            }
        }
    };
}

vocabulary! {
    /// The ground the scene stands on.
    Place {
        Ocean = "ocean",
        Meadow = "meadow",
        Desert = "desert",
        Snow = "snow",
        Forest = "forest",
        City = "city",
        Moon = "moon",
        Beach = "beach",
        Lake = "lake",
        Garden = "garden",
        Village = "village",
        Canyon = "canyon",
    }
}

vocabulary! {
    /// The light and the weather.
    Time {
        Day = "day",
        Dawn = "dawn",
        Sunset = "sunset",
        Night = "night",
        Storm = "storm",
        Dusk = "dusk",
    }
}

vocabulary! {
    /// What stands behind, at the horizon or in the sky.
    Backdrop {
        None = "none",
        Mountains = "mountains",
        Hills = "hills",
        Forest = "forest",
        Skyline = "skyline",
        Earth = "earth",
    }
}

vocabulary! {
    /// What the air does in light that is not a storm's.
    Weather {
        Fair = "fair",
        Rain = "rain",
        Snowfall = "snowfall",
        Fog = "fog",
    }
}

vocabulary! {
    /// Where a scene's subject stands beside its second one.
    Relation {
        LeftOf = "left-of",
        RightOf = "right-of",
        InFrontOf = "in-front-of",
        Behind = "behind",
    }
}

vocabulary! {
    /// The thing the picture is about.
    Subject {
        House = "house",
        Tree = "tree",
        Sailboat = "sailboat",
        Balloon = "balloon",
        Rocket = "rocket",
        Lighthouse = "lighthouse",
        Cat = "cat",
        Corgi = "corgi",
        Astronaut = "astronaut",
        Car = "car",
        FlyingCar = "flying-car",
        Rose = "rose",
        PlainCorgi = "plain-corgi",
        Bird = "bird",
        Whale = "whale",
        Fox = "fox",
        Rabbit = "rabbit",
        Horse = "horse",
        Penguin = "penguin",
        Butterfly = "butterfly",
        Robot = "robot",
        Castle = "castle",
        Train = "train",
        Bicycle = "bicycle",
        Windmill = "windmill",
        Bridge = "bridge",
        Airplane = "airplane",
        Ufo = "ufo",
        Tulip = "tulip",
        Mushroom = "mushroom",
        StreetLamp = "street-lamp",
        Snowman = "snowman",
        Tent = "tent",
        Umbrella = "umbrella",
    }
}

vocabulary! {
    /// The colour of the subject's main area.
    Color {
        Red = "red",
        Orange = "orange",
        Yellow = "yellow",
        Green = "green",
        Blue = "blue",
        Purple = "purple",
        Pink = "pink",
        White = "white",
        Black = "black",
        Brown = "brown",
        Gray = "gray",
        Turquoise = "turquoise",
    }
}

vocabulary! {
    /// The manner a scene is painted in.
    Style {
        Flat = "flat",
        Oil = "oil",
        Watercolour = "watercolour",
        Pixel = "pixel",
        Neon = "neon",
        Pencil = "pencil",
    }
}

/// What a scene shows, without its layout: the key by which scenes are held out of training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Attributes {
    /// Subject and its colour; none in an empty landscape.
    pub subject: Option<(Subject, Color)>,
    pub place: Place,
    pub time: Time,
    pub backdrop: Backdrop,
}

#[cfg(test)]
mod tests {
    use super::{Backdrop, Color, Place, Relation, Style, Subject, Time, Weather};

    #[test]
    fn names_are_unique_and_match_serde() {
        fn check<T: serde::Serialize + Copy>(all: &[T], id: impl Fn(T) -> &'static str) {
            let mut seen = std::collections::BTreeSet::new();
            for value in all {
                assert!(seen.insert(id(*value)), "{} twice", id(*value));
                assert_eq!(
                    serde_json::to_value(value).unwrap(),
                    serde_json::Value::from(id(*value))
                );
            }
        }
        check(Place::ALL, Place::id);
        check(Time::ALL, Time::id);
        check(Backdrop::ALL, Backdrop::id);
        check(Subject::ALL, Subject::id);
        check(Color::ALL, Color::id);
        check(Weather::ALL, Weather::id);
        check(Relation::ALL, Relation::id);
        check(Style::ALL, Style::id);
    }
}
