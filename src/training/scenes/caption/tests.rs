//! Captions say what is there, in both languages.

use super::super::attributes::{Color, Place, Subject, Time};
use super::super::scene::Scene;
use super::{Captions, captions};

fn subject_words(subject: Subject) -> [&'static [&'static str]; 2] {
    match subject {
        Subject::House => [&["house", "cottage"], &["房", "屋"]],
        Subject::Tree => [&["tree"], &["树"]],
        Subject::Sailboat => [&["boat"], &["帆船"]],
        Subject::Balloon => [&["balloon"], &["热气球"]],
        Subject::Rocket => [&["rocket", "spaceship"], &["火箭"]],
        Subject::Lighthouse => [&["lighthouse"], &["灯塔"]],
        Subject::Cat => [&["cat", "kitten"], &["猫"]],
        Subject::Corgi => [&["corgi", "dog"], &["柯基"]],
        Subject::Astronaut => [&["astronaut", "spaceman"], &["宇航员", "航天员"]],
        Subject::Car => [&["car", "automobile"], &["车"]],
        Subject::FlyingCar => [&["flying car", "hover car"], &["飞行汽车", "飞车"]],
        Subject::Rose => [&["rose"], &["玫瑰"]],
    }
}

fn color_words(color: Color) -> [&'static [&'static str]; 2] {
    match color {
        Color::Red => [&["red"], &["红"]],
        Color::Orange => [&["orange"], &["橙", "橘"]],
        Color::Yellow => [&["yellow"], &["黄"]],
        Color::Green => [&["green"], &["绿"]],
        Color::Blue => [&["blue"], &["蓝"]],
        Color::Purple => [&["purple"], &["紫"]],
        Color::Pink => [&["pink"], &["粉"]],
        Color::White => [&["white"], &["白"]],
    }
}

fn place_words(place: Place) -> [&'static [&'static str]; 2] {
    match place {
        Place::Ocean => [&["ocean", "sea"], &["海"]],
        Place::Meadow => [&["meadow", "grass"], &["草"]],
        Place::Desert => [&["desert"], &["沙漠"]],
        Place::Snow => [&["snow"], &["雪"]],
        Place::Forest => [&["forest", "woods"], &["森林", "树林"]],
        Place::City => [&["city", "street"], &["城市", "街道"]],
        Place::Moon => [&["moon", "lunar"], &["月球"]],
        Place::Beach => [&["beach"], &["海滩", "沙滩"]],
        Place::Lake => [&["lake"], &["湖"]],
        Place::Garden => [&["garden"], &["花园"]],
        Place::Village => [&["village"], &["村"]],
        Place::Canyon => [&["canyon"], &["峡谷"]],
    }
}

fn time_words(time: Time) -> [&'static [&'static str]; 2] {
    match time {
        Time::Day => [&["day", "sunshine"], &["白天", "晴"]],
        Time::Dawn => [
            &["dawn", "sunrise", "morning", "daybreak"],
            &["黎明", "清晨", "日出", "拂晓"],
        ],
        Time::Sunset => [
            &["sunset", "setting sun", "sundown", "evening"],
            &["日落", "黄昏", "傍晚"],
        ],
        Time::Night => [&["night", "starry"], &["夜", "晚上", "星空"]],
        Time::Storm => [&["storm"], &["暴", "雷雨"]],
        Time::Dusk => [&["dusk", "twilight", "blue hour"], &["暮", "蓝调", "入夜"]],
    }
}

fn all(count: u64) -> impl Iterator<Item = (Scene, Captions)> {
    (0..count).map(|index| {
        let scene = Scene::sample(21, index);
        let words = captions(&scene, 21, index);
        (scene, words)
    })
}

fn names(text: &str, words: &[&str]) -> bool {
    let text = text.to_lowercase();
    words.iter().any(|word| text.contains(word))
}

#[test]
fn complete_captions_name_all_four() {
    for (scene, words) in all(4000) {
        let flagged = |language: &[super::Caption]| -> Vec<String> {
            language
                .iter()
                .filter(|c| c.complete)
                .map(|c| c.text.clone())
                .collect()
        };
        let texts = [
            [flagged(&words.en), vec![words.complete_en.clone()]].concat(),
            [flagged(&words.zh), vec![words.complete_zh.clone()]].concat(),
        ];
        for (language, texts) in texts.iter().enumerate() {
            for text in texts {
                assert!(
                    names(text, place_words(scene.place)[language]),
                    "place of {scene:?}: {text}"
                );
                assert!(
                    names(text, time_words(scene.time)[language]),
                    "time of {scene:?}: {text}"
                );
                if let Some(figure) = scene.figure {
                    assert!(
                        names(text, subject_words(figure.subject)[language]),
                        "subject of {scene:?}: {text}"
                    );
                    assert!(
                        names(text, color_words(figure.color)[language]),
                        "colour of {scene:?}: {text}"
                    );
                }
            }
        }
    }
}

#[test]
fn no_caption_names_another_time_or_subject_colour() {
    for (scene, words) in all(4000) {
        let Some(figure) = scene.figure else { continue };
        for caption in &words.en {
            // Things have colours of their own: green meadows, white clouds, an orange sun.
            let text = caption
                .text
                .to_lowercase()
                .replace("green meadow", "")
                .replace("white clouds", "")
                .replace("blue hour", "")
                .replace("big orange sun", "");
            for color in Color::ALL.iter().filter(|color| **color != figure.color) {
                let hit = text
                    .split(|c: char| !c.is_alphabetic())
                    .any(|w| w == color.id());
                assert!(!hit, "{color:?} in {text}");
            }
        }
        for caption in &words.zh {
            // Words that contain a colour but do not name one.
            let mut text = caption.text.replace("绿色的草地", "");
            for other in ["白天", "白云", "黄昏", "蓝调时刻", "粉红"] {
                text = text.replace(other, if other == "粉红" { "粉" } else { "" });
            }
            for color in Color::ALL.iter().filter(|color| **color != figure.color) {
                assert!(!names(&text, color_words(*color)[1]), "{color:?} in {text}");
            }
        }
    }
}

#[test]
fn about_three_in_four_are_complete() {
    let mut complete = 0;
    let mut total = 0;
    for (_, words) in all(2000) {
        complete += words
            .en
            .iter()
            .chain(&words.zh)
            .filter(|c| c.complete)
            .count();
        total += words.en.len() + words.zh.len();
    }
    let share = f64::from(complete as u32) / f64::from(total as u32);
    assert!((0.70..0.80).contains(&share), "{share}");
}

#[test]
fn articles_and_spaces_are_right() {
    for (_, words) in all(4000) {
        for text in words
            .en
            .iter()
            .map(|c| c.text.as_str())
            .chain([words.complete_en.as_str()])
        {
            let lower = text.to_lowercase();
            for wrong in [
                " a orange",
                " a astronaut",
                " a island",
                " a automobile",
                " an red",
                "  ",
                " ,",
                "an a ",
                "a a ",
            ] {
                assert!(!format!(" {lower}").contains(wrong), "{text}");
            }
            assert!(!text.is_empty() && !text.ends_with([' ', ',']), "{text}");
        }
        for text in words.zh.iter().map(|c| c.text.as_str()) {
            assert!(
                !text.is_empty() && !text.contains("的的") && !text.contains(' '),
                "{text}"
            );
        }
    }
}

#[test]
fn captions_are_stable() {
    let scene = Scene::sample(4, 9);
    assert_eq!(captions(&scene, 4, 9), captions(&scene, 4, 9));
    assert_ne!(captions(&scene, 4, 9), captions(&scene, 4, 10));
}
