//! What a selection gives.

use super::*;
use crate::pipelines::Wish;
use crate::raster::PAINTED;

fn within(cx: f32, cy: f32, radius: f32) -> impl Fn(u32, u32) -> bool {
    move |x, y| (x as f32 - cx).hypot(y as f32 - cy) <= radius
}

/// Noise of 20 levels either way, the same each time.
fn noise(x: u32, y: u32) -> i32 {
    let mixed =
        (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77)).wrapping_mul(0xC2B2_AE3D);
    ((mixed >> 13) % 41) as i32 - 20
}

/// Bright things on dark noisy ground.
fn picture(extent: Extent, is_thing: impl Fn(u32, u32) -> bool) -> Pixels {
    let rgb: Vec<u8> = (0..extent.height)
        .flat_map(|y| (0..extent.width).map(move |x| (x, y)))
        .flat_map(|(x, y)| {
            let base = if is_thing(x, y) {
                [230, 200, 90]
            } else {
                [60, 90, 80]
            };
            base.map(|value| (value + noise(x, y)) as u8)
        })
        .collect();
    Pixels::from_rgb(extent, &rgb).unwrap()
}

fn area(x: u32, y: u32, width: u32, height: u32) -> Area {
    Area {
        x,
        y,
        extent: Extent::new(width, height),
    }
}

fn select(image: &Pixels, hint: Hint) -> Mask {
    let mask = select_object(image, hint, &CancelToken::new()).unwrap();
    assert_eq!(mask.extent(), image.extent());
    mask
}

/// Pixels in both the mask and the truth, over those in either.
fn overlap(mask: &Mask, truth: impl Fn(u32, u32) -> bool) -> f32 {
    let width = mask.extent().width as usize;
    let (mut both, mut either) = (0_u32, 0_u32);
    for (at, &value) in mask.values().iter().enumerate() {
        let (found, true_here) = (
            value >= PAINTED,
            truth((at % width) as u32, (at / width) as u32),
        );
        both += u32::from(found && true_here);
        either += u32::from(found || true_here);
    }
    both as f32 / either as f32
}

#[test]
fn a_bright_disc_is_found_by_box_and_by_click_at_any_size() {
    for scale in [1, 4] {
        let extent = Extent::new(160 * scale, 120 * scale);
        let size = scale as f32;
        let disc = within(90.0 * size, 60.0 * size, 30.0 * size);
        let image = picture(extent, &disc);
        let hints = [
            Hint::Box(area(50 * scale, 20 * scale, 80 * scale, 80 * scale)),
            Hint::Point {
                x: 80 * scale,
                y: 55 * scale,
            },
        ];
        for hint in hints {
            let found = overlap(&select(&image, hint), &disc);
            assert!(found > 0.95, "{hint:?} at {extent}: {found}");
        }
    }
}

#[test]
fn of_two_things_of_one_colour_a_click_selects_the_one_clicked() {
    let (left, right) = (within(40.0, 40.0, 20.0), within(110.0, 60.0, 20.0));
    let image = picture(Extent::new(150, 100), |x, y| left(x, y) || right(x, y));
    assert!(overlap(&select(&image, Hint::Point { x: 45, y: 40 }), left) > 0.95);
    assert!(overlap(&select(&image, Hint::Point { x: 110, y: 65 }), right) > 0.95);
}

#[test]
fn a_box_around_two_things_selects_both() {
    let (left, right) = (within(40.0, 40.0, 20.0), within(110.0, 60.0, 20.0));
    let both = |x, y| left(x, y) || right(x, y);
    let image = picture(Extent::new(150, 100), both);
    let mask = select(&image, Hint::Box(area(10, 10, 130, 80)));
    assert!(overlap(&mask, both) > 0.95);
}

#[test]
fn an_edge_is_smooth() {
    let disc = within(60.0, 50.0, 25.0);
    let mask = select(
        &picture(Extent::new(120, 100), disc),
        Hint::Point { x: 60, y: 50 },
    );
    let between = mask
        .values()
        .iter()
        .filter(|&&value| value != 0 && value != 255);
    assert!(between.count() > 100);
}

#[test]
fn what_is_cut_out_is_found_where_the_rest_is_transparent() {
    let extent = Extent::new(80, 60);
    let disc = within(40.0, 30.0, 15.0);
    let rgba: Vec<u8> = (0..extent.height)
        .flat_map(|y| (0..extent.width).map(move |x| (x, y)))
        .flat_map(|(x, y)| [128, 128, 128, if disc(x, y) { 255 } else { 0 }])
        .collect();
    let image = Pixels::from_rgba(extent, rgba).unwrap();
    for hint in [Hint::Point { x: 40, y: 30 }, Hint::Box(area(15, 5, 50, 50))] {
        assert!(overlap(&select(&image, hint), &disc) > 0.95, "{hint:?}");
    }
    let clear = Pixels::from_rgba(extent, vec![0; extent.area() * 4]).unwrap();
    select(&clear, Hint::Point { x: 3, y: 3 });
}

#[test]
fn any_size_and_any_hint_gives_a_mask() {
    for (width, height) in [(1, 1), (1, 70), (70, 1), (2, 2), (33, 17), (401, 263)] {
        let extent = Extent::new(width, height);
        let image = picture(extent, |x, y| (x / 5 + y / 7) % 2 == 0);
        let (right, bottom) = (width - 1, height - 1);
        let hints = [
            Hint::Point { x: 0, y: 0 },
            Hint::Point {
                x: right,
                y: bottom,
            },
            Hint::Point {
                x: u32::MAX,
                y: u32::MAX,
            },
            Hint::Box(area(0, 0, 1, 1)),
            Hint::Box(area(right, bottom, 1, 1)),
            Hint::Box(area(0, 0, width, height)),
            Hint::Box(area(right / 2, 0, u32::MAX, u32::MAX)),
        ];
        for hint in hints {
            select(&image, hint);
        }
    }
}

#[test]
fn a_box_without_pixels_or_outside_of_the_picture_selects_nothing() {
    let image = picture(Extent::new(40, 30), within(20.0, 15.0, 8.0));
    for empty in [area(5, 5, 0, 9), area(40, 0, 9, 9), area(9, 99, 9, 9)] {
        assert_eq!(select(&image, Hint::Box(empty)).bounds(), None);
    }
    let nothing = Pixels::from_rgba(Extent::new(0, 0), Vec::new()).unwrap();
    assert!(
        select(&nothing, Hint::Point { x: 0, y: 0 })
            .values()
            .is_empty()
    );
}

#[test]
fn the_same_hint_gives_the_same_mask() {
    let image = picture(Extent::new(200, 150), |x, y| (x / 9 + y / 7) % 3 == 0);
    for hint in [
        Hint::Point { x: 90, y: 80 },
        Hint::Box(area(20, 20, 99, 99)),
    ] {
        assert_eq!(select(&image, hint), select(&image, hint));
    }
}

#[test]
fn a_run_ends_when_asked() {
    let image = picture(Extent::new(90, 70), within(40.0, 40.0, 20.0));
    let token = CancelToken::new();
    token.ask(Wish::Stop);
    for hint in [Hint::Point { x: 40, y: 40 }, Hint::Box(area(9, 9, 70, 60))] {
        assert_eq!(select_object(&image, hint, &token), None);
    }
}
