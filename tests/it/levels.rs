use afterimage::kernels::{FORCED, Level};
use afterimage::library::read_picture;

use crate::command::Desk;

/// The picture of a prompt by Sprout, its colours from 0 to 255.
fn picture(desk: &Desk, name: &str, words: &[&str], level: Option<Level>) -> Vec<u8> {
    let file = desk.path(name);
    let mut program = desk.program();
    program
        .args(["generate", "a red sailboat on the ocean at sunset"])
        .args(["--seed", "7", "--steps", "4", "--out", name])
        .args(words);
    if let Some(level) = level {
        program.env(FORCED, level.name());
    }
    let output = program.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    read_picture(&file).unwrap().pixels.rgba().to_vec()
}

fn largest_gap(a: &[u8], b: &[u8]) -> u8 {
    assert_eq!(a.len(), b.len());
    let gaps = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b));
    gaps.max().unwrap()
}

#[test]
fn every_level_of_vectors_makes_the_picture_to_a_255th() {
    let desk = Desk::new();
    let levels = Level::all();
    let pictures: Vec<_> = levels
        .iter()
        .map(|level| {
            let name = format!("{}.png", level.name());
            // The plainest level takes a minute for every step of a picture of Sprout's own size.
            picture(&desk, &name, &["--size", "64x64"], Some(*level))
        })
        .collect();
    for (level, other) in levels.iter().zip(&pictures) {
        let gap = largest_gap(&pictures[0], other);
        assert!(gap <= 1, "{}: off by {gap}", level.name());
    }
}

#[test]
fn every_number_of_threads_makes_the_same_picture_to_the_bit() {
    let desk = Desk::new();
    let [one, three] = ["1", "3"].map(|threads| {
        let name = format!("{threads}.png");
        picture(&desk, &name, &["--threads", threads], None)
    });
    assert_eq!(one, three);
}
