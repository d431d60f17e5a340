//! Two subjects in one scene, and how the one stands to the other.

use serde::{Deserialize, Serialize};

use super::attributes::{Color, Place, Relation, Subject};
use super::combos::{place_weight, subject_weight};
use super::dice::Dice;
use super::scene::{Figure, Scene};
use super::subjects::{self, Stance};

/// One picture in this many, about, of those that could have a second subject, has one.
const SHARE: f32 = 0.3;

/// The scene's second subject.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Company {
    pub figure: Figure,
    /// Where the scene's first subject is, seen from the second.
    pub relation: Relation,
}

/// Now and then puts a second subject into a scene whose first one stands on firm ground.
pub(super) fn join(scene: &mut Scene, dice: &mut Dice) {
    let Some(first) = scene.figure else { return };
    let room = stands(first.subject) && scene.place != Place::Ocean;
    if !room || !dice.chance(SHARE) {
        return;
    }
    let weights: Vec<u32> = Subject::ALL
        .iter()
        .map(|subject| {
            let fits = stands(*subject)
                && *subject != first.subject
                && place_weight(*subject, scene.place) > 0;
            if fits { subject_weight(*subject) } else { 0 }
        })
        .collect();
    if weights.iter().all(|weight| *weight == 0) {
        return;
    }
    let subject = Subject::ALL[dice.weighted(&weights)];
    // Two colours that differ, so that each can be told.
    let others: Vec<Color> = Color::ALL
        .iter()
        .copied()
        .filter(|color| *color != first.color)
        .collect();
    let color = *dice.pick(&others);
    let relation = *dice.pick(Relation::ALL);
    let (first, second) = arranged(scene, first, (subject, color), relation, dice);
    scene.figure = Some(first);
    scene.company = Some(Company {
        figure: second,
        relation,
    });
}

fn stands(subject: Subject) -> bool {
    subjects::art(subject).stance == Stance::Stands
}

/// Both figures at their places: side by side on one line, or one half before the other.
fn arranged(
    scene: &Scene,
    mut first: Figure,
    (subject, color): (Subject, Color),
    relation: Relation,
    dice: &mut Dice,
) -> (Figure, Figure) {
    let art = subjects::art(subject);
    let mut second = Figure {
        subject,
        color,
        pose: dice.below(u32::from(art.poses)) as u8,
        height: dice.range(art.height.0, art.height.1),
        facing: dice.sign(),
        tilt: 0.0,
        ..first
    };
    first.tilt = 0.0;
    let near = scene.horizon + (0.95 - scene.horizon) * dice.range(0.62, 0.9);
    let side_by_side = matches!(relation, Relation::LeftOf | Relation::RightOf);
    // The farther one stands higher in the picture and is seen a little smaller.
    let (far, shrink) = if side_by_side {
        (near, 1.0)
    } else {
        (scene.horizon + (near - scene.horizon) * 0.36, 0.88)
    };
    let widest = if side_by_side { 0.235 } else { 0.27 };
    let fit = |figure: &mut Figure, base: f32, scale: f32| {
        let half = subjects::art(figure.subject).half_width;
        let tallest = (base - 0.06).min(0.56);
        figure.height = (figure.height * 0.86 * scale)
            .min(widest / half)
            .min(tallest);
        figure.base = base;
        figure.floor = base;
    };
    match relation {
        Relation::LeftOf | Relation::RightOf => {
            fit(&mut first, near, 1.0);
            fit(&mut second, near - dice.range(0.0, 0.03), 1.0);
            let half = |figure: &Figure| subjects::art(figure.subject).half_width * figure.height;
            // The two and the gap between them share the width.
            let spare = (1.0 - 2.0 * (half(&first) + half(&second))).max(0.0);
            let edge = (spare * 0.36).min(0.16);
            let (left, right) = (edge, 1.0 - edge);
            if relation == Relation::LeftOf {
                first.x = left + half(&first);
                second.x = right - half(&second);
            } else {
                second.x = left + half(&second);
                first.x = right - half(&first);
            }
        }
        Relation::InFrontOf | Relation::Behind => {
            let aside = dice.sign() * dice.range(0.11, 0.16);
            let middle = dice.range(0.44, 0.56);
            let (front, back) = if relation == Relation::InFrontOf {
                (&mut first, &mut second)
            } else {
                (&mut second, &mut first)
            };
            fit(front, near, 0.8);
            fit(back, far.max(back.height * 0.5 + 0.1), 1.25 * shrink);
            front.x = middle + aside;
            back.x = middle - aside;
        }
    }
    (first, second)
}

#[cfg(test)]
mod tests {
    use super::super::attributes::Relation;
    use super::super::scene::Scene;

    #[test]
    fn the_first_subject_is_where_the_relation_says() {
        let mut seen = 0;
        for index in 0..4000 {
            let scene = Scene::sample(9, index);
            let (Some(first), Some(company)) = (scene.figure, scene.company) else {
                continue;
            };
            seen += 1;
            let second = company.figure;
            assert_ne!(first.subject, second.subject);
            assert_ne!(first.color, second.color);
            match company.relation {
                Relation::LeftOf => assert!(first.x + 0.2 < second.x, "{scene:?}"),
                Relation::RightOf => assert!(first.x > second.x + 0.2, "{scene:?}"),
                Relation::InFrontOf => assert!(first.base > second.base + 0.05, "{scene:?}"),
                Relation::Behind => assert!(first.base + 0.05 < second.base, "{scene:?}"),
            }
            for figure in [first, second] {
                assert!(
                    figure.base - figure.height > 0.0 && figure.base < 0.99,
                    "{figure:?}"
                );
            }
        }
        assert!(seen > 300, "{seen}");
    }
}
