//! Captions say what is there, in both languages.

use super::super::attributes::{Color, Place, Relation, Style, Subject, Time};
use super::super::scene::Scene;
use super::super::usual;
use super::{Captions, brief_captions, captions};

fn subject_words(subject: Subject) -> [&'static [&'static str]; 2] {
    match subject {
        Subject::House => [&["house", "cottage"], &["房", "屋"]],
        Subject::Tree => [&["tree"], &["树"]],
        Subject::Sailboat => [&["boat"], &["帆船"]],
        Subject::Balloon => [&["balloon"], &["热气球"]],
        Subject::Rocket => [&["rocket", "spaceship"], &["火箭"]],
        Subject::Lighthouse => [&["lighthouse"], &["灯塔"]],
        Subject::Cat => [&["cat", "kitten"], &["猫"]],
        Subject::Corgi | Subject::PlainCorgi => [&["corgi", "dog"], &["柯基"]],
        Subject::Astronaut => [&["astronaut", "spaceman"], &["宇航员", "航天员"]],
        Subject::Car => [&["car", "automobile"], &["车"]],
        Subject::FlyingCar => [&["flying car", "hover car"], &["飞行汽车", "飞车"]],
        Subject::Rose => [&["rose"], &["玫瑰"]],
        Subject::Bird => [&["bird"], &["鸟"]],
        Subject::Whale => [&["whale"], &["鲸"]],
        Subject::Fox => [&["fox"], &["狐狸"]],
        Subject::Rabbit => [&["rabbit", "bunny"], &["兔"]],
        Subject::Horse => [&["horse", "pony"], &["马"]],
        Subject::Penguin => [&["penguin"], &["企鹅"]],
        Subject::Butterfly => [&["butterfly"], &["蝴蝶"]],
        Subject::Robot => [&["robot"], &["机器人"]],
        Subject::Castle => [&["castle"], &["堡"]],
        Subject::Train => [&["train"], &["火车"]],
        Subject::Bicycle => [&["bicycle", "bike"], &["车"]],
        Subject::Windmill => [&["windmill"], &["风车"]],
        Subject::Bridge => [&["bridge"], &["桥"]],
        Subject::Airplane => [&["plane"], &["飞机"]],
        Subject::Ufo => [&["ufo", "flying saucer"], &["飞碟"]],
        Subject::Tulip => [&["tulip"], &["郁金香"]],
        Subject::Mushroom => [&["mushroom", "toadstool"], &["蘑菇"]],
        Subject::StreetLamp => [&["street l", "lamp post"], &["路灯", "街灯"]],
        Subject::Snowman => [&["snowman"], &["雪人"]],
        Subject::Tent => [&["tent"], &["帐篷"]],
        Subject::Umbrella => [&["umbrella", "parasol"], &["伞"]],
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
        Color::Black => [&["black"], &["黑"]],
        Color::Brown => [&["brown"], &["棕", "褐"]],
        Color::Gray => [&["gray", "grey"], &["灰"]],
        Color::Turquoise => [&["turquoise"], &["青"]],
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

fn relation_words(relation: Relation) -> [&'static [&'static str]; 2] {
    match relation {
        Relation::LeftOf => [&["left of"], &["左"]],
        Relation::RightOf => [&["right of"], &["右"]],
        Relation::InFrontOf => [&["in front of"], &["前"]],
        Relation::Behind => [&["behind"], &["后"]],
    }
}

fn style_words(style: Style) -> [&'static [&'static str]; 2] {
    match style {
        Style::Flat => [
            &["flat", "vector", "illustration", "drawing of"],
            &["插画", "扁平"],
        ],
        Style::Oil => [&["oil "], &["油画"]],
        Style::Watercolour => [&["watercolour", "watercolor"], &["水彩"]],
        Style::Pixel => [&["pixel art"], &["像素"]],
        Style::Neon => [&["neon", "cyberpunk"], &["赛博朋克", "霓虹"]],
        Style::Pencil => [&["pencil"], &["铅笔"]],
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
fn brief_captions_leave_out_what_goes_without_saying_and_nothing_else() {
    let mut bare = 0;
    for index in 0..3000 {
        let scene = Scene::usual(21, index);
        let mut told: Vec<[&[&str]; 2]> = Vec::new();
        if let Some(figure) = scene.figure {
            told.push(subject_words(figure.subject));
            if !usual::is_color(figure.subject, figure.color) {
                told.push(color_words(figure.color));
            }
        }
        let expected =
            |figure: super::super::scene::Figure| usual::is_place(figure.subject, scene.place);
        if !scene.figure.is_some_and(expected) {
            told.push(place_words(scene.place));
        }
        if !usual::is_time(scene.time) {
            told.push(time_words(scene.time));
        }
        if scene.style != Style::Flat {
            told.push(style_words(scene.style));
        }
        let words = brief_captions(&scene, 21, index);
        for (language, captions) in [&words.en, &words.zh].into_iter().enumerate() {
            for caption in captions {
                for words in &told {
                    assert!(
                        names(&caption.text, words[language]),
                        "{caption:?} {scene:?}"
                    );
                }
            }
        }
        bare += words
            .en
            .iter()
            .filter(|caption| caption.text.split(' ').count() <= 3)
            .count();
    }
    // "a cat", "a red rose".
    assert!(bare > 300, "{bare}");
}

#[test]
fn complete_captions_name_all_attributes() {
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
                assert!(
                    scene.style == Style::Flat || names(text, style_words(scene.style)[language]),
                    "style of {scene:?}: {text}"
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
                if let Some(company) = scene.company {
                    let other = company.figure;
                    assert!(
                        names(text, subject_words(other.subject)[language])
                            && names(text, color_words(other.color)[language])
                            && names(text, relation_words(company.relation)[language]),
                        "the second subject of {scene:?}: {text}"
                    );
                }
            }
        }
    }
}

#[test]
fn no_caption_names_another_time_or_subject_colour() {
    for (scene, words) in all(4000) {
        if scene.figure.is_none() {
            continue;
        }
        let shown: Vec<Color> = scene.figures().iter().map(|figure| figure.color).collect();
        let others = || Color::ALL.iter().filter(|color| !shown.contains(color));
        for caption in &words.en {
            // Things have colours of their own: green meadows, white clouds, an orange sun.
            let text = caption
                .text
                .to_lowercase()
                .replace("green meadow", "")
                .replace("white clouds", "")
                .replace("big orange sun", "")
                .replace("blue hour", "");
            for color in others() {
                let hit = text
                    .split(|c: char| !c.is_alphabetic())
                    .any(|w| color_words(*color)[0].contains(&w));
                assert!(!hit, "{color:?} in {text}");
            }
        }
        for caption in &words.zh {
            // Words that contain a colour but do not name one.
            let mut text = caption.text.replace("绿色的草地", "");
            for (other, own) in [
                ("白天", ""),
                ("白云", ""),
                ("黄昏", ""),
                ("蓝调时刻", ""),
                ("粉红", "粉"),
                ("青绿", "青"),
            ] {
                text = text.replace(other, own);
            }
            for color in others() {
                assert!(!names(&text, color_words(*color)[1]), "{color:?} in {text}");
            }
        }
    }
}

#[test]
fn no_caption_names_another_style_and_most_name_their_own() {
    let (mut styled, mut named) = (0, 0);
    for (scene, words) in all(4000) {
        for (language, captions) in [words.en, words.zh].iter().enumerate() {
            for caption in captions {
                // A town has neon signs in every style.
                let plain = caption
                    .text
                    .replace("neon lights", "")
                    .replace("neon signs", "");
                let plain = plain.replace("霓虹灯", "");
                for style in Style::ALL.iter().filter(|style| **style != scene.style) {
                    assert!(
                        !names(&plain, style_words(*style)[language])
                            // A drawing with a pencil is a drawing.
                            || (*style == Style::Flat && scene.style == Style::Pencil),
                        "{style:?} in {:?}: {}",
                        scene.style,
                        caption.text
                    );
                }
                if scene.style != Style::Flat {
                    styled += 1;
                    named += u32::from(names(&caption.text, style_words(scene.style)[language]));
                }
            }
        }
    }
    assert!(named * 100 > styled * 95, "{named} of {styled}");
    assert!(named < styled);
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
