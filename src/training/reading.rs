//! Reads from a picture what the painter put into one: by the text of each attribute's values that fits
//! best. Radford et al. 2021 call that zero-shot.

use std::collections::BTreeMap;

use candle_core::Result;
use serde::Deserialize;

use super::scenes::{Color, Place, Scene, Style, Subject, Time};
use crate::models::{Clip, ClipVector};
use crate::nn::Interrupt;
use crate::raster::Pixels;
use crate::weights::{ModelError, ModelFiles, parse_json};

/// Lies in a CLIP's folder and has the texts.
const FILE: &str = "reading.json";

/// The language of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tongue {
    English,
    Chinese,
}

impl Tongue {
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];
}

/// What can be read from a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribute {
    Subject,
    Color,
    Place,
    Time,
    Style,
}

impl Attribute {
    /// Every one, with its name in `reading.json`.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Subject, "subject"),
        (Self::Color, "color"),
        (Self::Place, "place"),
        (Self::Time, "time"),
        (Self::Style, "style"),
    ];

    /// The names of its values, in the painter's order.
    pub fn values(self) -> Vec<&'static str> {
        match self {
            Self::Subject => Subject::ALL.iter().map(|value| value.id()).collect(),
            Self::Color => Color::ALL.iter().map(|value| value.id()).collect(),
            Self::Place => Place::ALL.iter().map(|value| value.id()).collect(),
            Self::Time => Time::ALL.iter().map(|value| value.id()).collect(),
            Self::Style => Style::ALL.iter().map(|value| value.id()).collect(),
        }
    }

    /// What a scene has: one value; of two subjects both, and then no colour can be asked for; nothing
    /// in an empty landscape.
    fn of(self, scene: &Scene) -> Vec<&'static str> {
        let figure = scene.figure;
        let other = scene.company.map(|company| company.figure);
        match self {
            Self::Subject => {
                let figures = figure.into_iter().chain(other);
                figures.map(|figure| figure.subject.id()).collect()
            }
            Self::Color if other.is_some() => Vec::new(),
            Self::Color => figure.iter().map(|figure| figure.color.id()).collect(),
            Self::Place => vec![scene.place.id()],
            Self::Time => vec![scene.time.id()],
            Self::Style => vec![scene.style.id()],
        }
    }
}

#[derive(Deserialize)]
struct Texts {
    en: String,
    zh: String,
}

/// A CLIP that knows the texts of all values.
#[derive(Debug)]
pub struct Reader<'a> {
    clip: &'a Clip,
    /// Of each language and attribute, in the painter's order.
    vectors: [Vec<Vec<ClipVector>>; 2],
}

/// What was read from a picture: the names of the two likeliest values of each attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading([[&'static str; 2]; 5]);

impl<'a> Reader<'a> {
    /// With the texts that lie in a folder.
    pub fn new(clip: &'a Clip, files: &dyn ModelFiles) -> std::result::Result<Self, ModelError> {
        let table: BTreeMap<String, BTreeMap<String, Texts>> = parse_json(files, FILE)?;
        let invalid = |reason: String| ModelError::InvalidConfig {
            file: FILE.to_owned(),
            reason,
        };
        let never = Interrupt::never();
        let mut vectors = [Vec::new(), Vec::new()];
        for (attribute, name) in Attribute::ALL {
            let values = table.get(name);
            for (tongue, vectors) in Tongue::ALL.into_iter().zip(&mut vectors) {
                let read = attribute.values().into_iter().map(|value| {
                    let texts = values.and_then(|values| values.get(value));
                    let texts = texts.ok_or_else(|| invalid(format!("it lacks {name}/{value}")))?;
                    let text = match tongue {
                        Tongue::English => &texts.en,
                        Tongue::Chinese => &texts.zh,
                    };
                    let vector = clip.text(text, &never);
                    vector.map_err(|error| invalid(error.to_string()))
                });
                vectors.push(read.collect::<std::result::Result<_, _>>()?);
            }
        }
        Ok(Self { clip, vectors })
    }

    /// What a picture shows, by the texts of each language: English first.
    pub fn read(&self, pixels: &Pixels, interrupt: &Interrupt) -> Result<[Reading; 2]> {
        let picture = self.clip.picture(pixels, interrupt)?;
        Ok(self.vectors.each_ref().map(|attributes| {
            let mut attributes = attributes.iter().zip(Attribute::ALL);
            Reading(std::array::from_fn(|_| {
                let Some((vectors, (attribute, _))) = attributes.next() else {
                    return [""; 2];
                };
                let cosines = vectors.iter().map(|text| text.cosine(&picture));
                let mut ranked: Vec<_> = cosines.zip(attribute.values()).collect();
                ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
                [ranked[0].1, ranked[1].1]
            }))
        }))
    }
}

impl Reading {
    /// The likeliest value of an attribute.
    pub const fn of(&self, attribute: Attribute) -> &'static str {
        self.0[attribute as usize][0]
    }

    /// Whether an attribute of a scene was read right, and how many values were asked for: of two
    /// subjects both must be the likeliest. `None` where the scene has nothing to ask for.
    pub fn is_right(&self, attribute: Attribute, scene: &Scene) -> Option<(bool, usize)> {
        let wanted = attribute.of(scene);
        let told = self.0[attribute as usize].get(..wanted.len())?;
        let right = wanted.iter().all(|value| told.contains(value));
        (!wanted.is_empty()).then_some((right, wanted.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_company(has: bool) -> Scene {
        let mut scenes = (0..1000).map(|index| Scene::sample(5, index));
        scenes
            .find(|scene| scene.figure.is_some() && scene.company.is_some() == has)
            .unwrap()
    }

    fn right(scene: &Scene) -> Reading {
        Reading(Attribute::ALL.map(|(attribute, _)| {
            let mut told = attribute.of(scene).into_iter();
            [told.next().unwrap_or("?"), told.next().unwrap_or("?")]
        }))
    }

    #[test]
    fn of_one_subject_all_five_are_asked() {
        let scene = with_company(false);
        let mut reading = right(&scene);
        for (attribute, _) in Attribute::ALL {
            assert_eq!(reading.is_right(attribute, &scene), Some((true, 1)));
        }
        reading.0[Attribute::Color as usize].swap(0, 1);
        let color = reading.is_right(Attribute::Color, &scene);
        assert_eq!(color, Some((false, 1)));
    }

    #[test]
    fn of_two_subjects_both_must_be_likeliest_and_no_colour_is_asked() {
        let scene = with_company(true);
        let mut reading = right(&scene);
        reading.0[0].swap(0, 1);
        let told = |reading: &Reading| reading.is_right(Attribute::Subject, &scene);
        assert_eq!(told(&reading), Some((true, 2)));
        reading.0[0][1] = "?";
        assert_eq!(told(&reading), Some((false, 2)));
        assert_eq!(reading.is_right(Attribute::Color, &scene), None);
    }

    #[test]
    fn of_an_empty_landscape_there_is_no_subject_to_ask_for() {
        let mut scenes = (0..100).map(|index| Scene::sample(5, index));
        let scene = scenes.find(|scene| scene.figure.is_none()).unwrap();
        let reading = right(&scene);
        assert_eq!(reading.is_right(Attribute::Subject, &scene), None);
        assert_eq!(reading.is_right(Attribute::Place, &scene), Some((true, 1)));
    }
}
