use std::sync::Arc;

use afterimage::app::easel::{Easel, Keys, State, Tool, Tools, Touch};
use afterimage::engine::{MaskChange, Reshape};
use afterimage::gpu::{MaskColors, MaskFrame, MaskSurface};
use afterimage::raster::{
    Changes, Extent, Ink, Mask, Pixels, Segment, Stroke, TiledMask, polygon, rectangle,
};
use eframe::egui_wgpu::{RenderState, RendererOptions};
use egui_kittest::wgpu::{create_render_state, default_wgpu_setup};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

fn device() -> RenderState {
    create_render_state(default_wgpu_setup(), RendererOptions::PREDICTABLE)
}

fn random(dice: &mut ChaCha8Rng, low: f32, high: f32) -> f32 {
    low + dice.next_u32() as f32 / u32::MAX as f32 * (high - low)
}

fn segment(dice: &mut ChaCha8Rng, extent: Extent) -> Segment {
    let (width, height) = (extent.width as f32, extent.height as f32);
    let mut place = || [random(dice, -30.0, width), random(dice, -30.0, height)];
    let (from, to) = (place(), place());
    Segment {
        from,
        to,
        radii: [random(dice, 0.5, 60.0), random(dice, 0.5, 60.0)],
        hardness: random(dice, 0.0, 1.0),
    }
}

fn apply(mask: &mut TiledMask, changes: Changes) {
    for (at, values) in changes {
        mask.set(at, values);
    }
}

#[test]
fn a_stroke_on_the_device_is_the_one_of_plain_loops() {
    let extent = Extent::new(1300, 1100);
    let mut dice = ChaCha8Rng::seed_from_u64(7);
    let (mut device, mut plain) = (MaskSurface::new(Some(device())), MaskSurface::new(None));
    let mut masks = [TiledMask::empty(extent), TiledMask::empty(extent)];
    device.load(&masks[0]);
    plain.load(&masks[1]);
    for stroke in 0..6 {
        let ink = Ink {
            opacity: random(&mut dice, 0.3, 1.0),
            erases: stroke % 3 == 2,
        };
        for _ in 0..3 {
            let piece = [segment(&mut dice, extent), segment(&mut dice, extent)];
            device.draw(&piece);
            plain.draw(&piece);
        }
        apply(&mut masks[0], device.finish(ink));
        apply(&mut masks[1], plain.finish(ink));
        let [one, other] = [masks[0].to_mask(), masks[1].to_mask()];
        let gaps = one.values().iter().zip(other.values());
        let worst = gaps.map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        // Each stroke may round the other way.
        assert!(worst <= 1 + stroke, "stroke {stroke}: off by {worst}");
        assert!(one.values().iter().any(|&value| value > 60));
    }
}

#[test]
fn an_abandoned_stroke_leaves_nothing() {
    for render in [Some(device()), None] {
        let mask = TiledMask::empty(Extent::new(600, 600));
        let mut surface = MaskSurface::new(render);
        surface.load(&mask);
        surface.draw(&[Segment::dab([300.0, 300.0], 40.0, 1.0)]);
        surface.abandon();
        assert!(surface.finish(Ink::FULL).is_empty());
    }
}

fn picture(extent: Extent) -> Arc<Pixels> {
    let rgb = (0..extent.area() as u32)
        .flat_map(|at| [(at % 5) as u8 * 50, (at / extent.width % 3) as u8 * 80, 9])
        .collect::<Vec<_>>();
    Arc::new(Pixels::from_rgb(extent, &rgb).unwrap())
}

fn touch(x: f32, y: f32) -> Touch {
    Touch {
        at: [x, y],
        pressure: 1.0,
    }
}

/// Does something at random, as people would.
fn do_anything(easel: &mut Easel, dice: &mut ChaCha8Rng) {
    let Extent { width, height } = easel.image().extent();
    let mut place = || {
        let (width, height) = (width as f32, height as f32);
        touch(
            random(dice, -9.0, width + 9.0),
            random(dice, -9.0, height + 9.0),
        )
    };
    let places = [place(), place(), place(), place()];
    let tools = [
        Tool::Brush,
        Tool::Eraser,
        Tool::Rectangle,
        Tool::Lasso,
        Tool::Polygon,
        Tool::Flood,
    ];
    let choice = dice.next_u32() % 11;
    let tools = Tools {
        tool: tools[choice as usize % tools.len()],
        size: random(dice, 1.0, 40.0),
        hardness: random(dice, 0.0, 1.0),
        opacity: random(dice, 0.2, 1.0),
        tolerance: 10.0,
    };
    let keys = Keys {
        extend: dice.next_u32().is_multiple_of(4),
        erase: dice.next_u32().is_multiple_of(4),
    };
    match choice {
        6 => easel.reshape(Reshape::Change(MaskChange::Invert)),
        7 => easel.reshape(Reshape::Change(MaskChange::Grow(random(dice, -4.0, 4.0)))),
        8 => easel.reshape(Reshape::Change(MaskChange::Feather(2.0))),
        9 => easel.reshape(Reshape::Change(MaskChange::Clear)),
        10 => {
            // A picture of another size takes the place of this one.
            let side = 60 + dice.next_u32() % 50;
            let image = picture(Extent::new(side, 70));
            let mask = TiledMask::empty(image.extent());
            easel.replace(State { image, mask });
        }
        _ => {
            easel.press(places[0], &tools, keys);
            for place in &places[1..] {
                easel.follow(*place, &tools);
                if tools.tool == Tool::Polygon {
                    easel.press(*place, &tools, keys);
                }
            }
            easel.release();
            easel.close();
        }
    }
}

#[test]
fn a_thousand_steps_can_be_taken_back_and_done_again() {
    let mut dice = ChaCha8Rng::seed_from_u64(3);
    let mut easel = Easel::new(picture(Extent::new(90, 70)), None);
    // The reference: every state there was, as a plain list.
    let mut states = vec![easel.state().clone()];
    let mut here = 0;
    for _ in 0..1000 {
        match dice.next_u32() % 5 {
            0 => {
                easel.undo();
                here = here.max(1) - 1;
            }
            1 => {
                easel.redo();
                here = (here + 1).min(states.len() - 1);
            }
            _ => {
                let before = easel.state().clone();
                do_anything(&mut easel, &mut dice);
                if *easel.state() != before {
                    states.truncate(here + 1);
                    states.push(easel.state().clone());
                    here += 1;
                }
            }
        }
        assert!(*easel.state() == states[here]);
        assert_eq!(easel.can_undo(), here > 0);
        assert_eq!(easel.can_redo(), here + 1 < states.len());
    }
    assert!(states.len() > 100, "{} states", states.len());
    while easel.can_undo() {
        easel.undo();
    }
    assert!(*easel.state() == states[0]);
    while easel.can_redo() {
        easel.redo();
    }
    assert!(Some(easel.state()) == states.last());
}

#[test]
fn what_a_device_shows_follows_undo_and_redo() {
    let extent = Extent::new(1100, 600);
    let mut easel = Easel::new(picture(extent), Some(device()));
    let tools = Tools::default();
    let draw = |easel: &mut Easel, x: f32| {
        easel.press(touch(x, 100.0), &tools, Keys::default());
        easel.follow(touch(x, 500.0), &tools);
        easel.release();
    };
    draw(&mut easel, 100.0);
    let once = easel.mask().clone();
    draw(&mut easel, 1020.0);
    let twice = easel.mask().clone();
    easel.undo();
    assert_eq!(*easel.mask(), once);
    easel.redo();
    assert_eq!(*easel.mask(), twice);
    // A stroke after going back is laid over what is there then, on the device too.
    easel.undo();
    easel.undo();
    assert!(easel.mask().is_empty());
    draw(&mut easel, 1020.0);
    easel.undo();
    draw(&mut easel, 100.0);
    assert_eq!(*easel.mask(), once);
}

fn painted(extent: Extent, changes: impl FnOnce(&TiledMask) -> Changes) -> Mask {
    let mut mask = TiledMask::empty(extent);
    let changes = changes(&mask);
    apply(&mut mask, changes);
    mask.to_mask()
}

#[test]
fn each_tool_paints_what_it_says() {
    let extent = Extent::new(90, 70);
    let drawn = |tool: Tool, places: &[Touch], keys: Keys| {
        let mut easel = Easel::new(picture(extent), None);
        let tools = Tools {
            tool,
            size: 10.0,
            ..Tools::default()
        };
        easel.press(places[0], &tools, keys);
        for place in &places[1..] {
            easel.follow(*place, &tools);
            if tool == Tool::Polygon {
                easel.press(*place, &tools, keys);
            }
        }
        easel.release();
        easel.close();
        easel.mask().to_mask()
    };
    let none = Keys::default();
    let corners = [touch(10.0, 10.0), touch(60.0, 15.0), touch(40.0, 60.0)];
    let outline = corners.map(|touch| touch.at);
    let shape = |covered: Option<afterimage::raster::Coverage>| {
        let covered = covered.unwrap();
        painted(extent, |mask| {
            mask.inked(covered.area, &covered.mask, Ink::FULL)
        })
    };
    assert_eq!(
        drawn(Tool::Rectangle, &corners[..2], none),
        shape(rectangle(outline[0], outline[1], extent))
    );
    for tool in [Tool::Lasso, Tool::Polygon] {
        assert_eq!(
            drawn(tool, &corners, none),
            shape(polygon(&outline, extent))
        );
    }
    let brush = Tools {
        size: 10.0,
        ..Tools::default()
    };
    let stroke = painted(extent, |mask| {
        let mut stroke = Stroke::new(extent);
        for (from, to) in [(0, 0), (0, 1), (1, 2)] {
            stroke.draw(&Segment {
                from: outline[from],
                to: outline[to],
                radii: [5.0, 5.0],
                hardness: brush.hardness,
            });
        }
        stroke.inked(mask, Ink::FULL)
    });
    assert_eq!(drawn(Tool::Brush, &corners, none), stroke);
    let erase = Keys {
        erase: true,
        ..none
    };
    assert!(drawn(Tool::Brush, &corners, erase).bounds().is_none());
}

#[test]
fn what_takes_long_is_done_elsewhere_and_nothing_else_paints_meanwhile() {
    let extent = Extent::new(1100, 600);
    let mut easel = Easel::new(picture(extent), None);
    let tools = Tools::default();
    let stroke = |easel: &mut Easel| {
        easel.press(touch(100.0, 100.0), &tools, Keys::default());
        easel.release();
    };
    stroke(&mut easel);
    let before = easel.mask().clone();
    easel.reshape(Reshape::Change(MaskChange::Invert));
    assert!(easel.is_busy() && !easel.can_undo());
    stroke(&mut easel);
    easel.undo();
    easel.reshape(Reshape::Change(MaskChange::Clear));
    assert_eq!(*easel.mask(), before);
    let how = easel.take_away().unwrap();
    assert_eq!(how, Reshape::Change(MaskChange::Invert));
    assert!(easel.take_away().is_none());
    let reshaped = how.of(easel.state());
    easel.take_reshaped(reshaped);
    assert!(!easel.is_busy());
    assert_eq!(easel.mask().to_mask(), before.to_mask().inverted());
    easel.undo();
    assert_eq!(*easel.mask(), before);
    // Another picture does not wait for it.
    easel.reshape(Reshape::Change(MaskChange::Invert));
    let image = picture(Extent::new(60, 60));
    let mask = TiledMask::empty(image.extent());
    easel.replace(State { image, mask });
    assert!(!easel.is_busy());
}

#[test]
fn a_large_mask_reaches_the_device_over_frames_and_a_stroke_finds_it_there() {
    let extent = Extent::new(4100, 2050);
    let values = vec![255; extent.area()];
    let mask = TiledMask::from_mask(&Mask::from_values(extent, values).unwrap());
    assert_eq!(mask.tiles().count(), 15);
    let mut surface = MaskSurface::new(Some(device()));
    surface.load(&mask);
    // What is erased is erased from what was loaded, though no frame has shown it.
    surface.draw(&[Segment::dab([3900.0, 1900.0], 20.0, 1.0)]);
    let changes = surface.finish(Ink {
        erases: true,
        ..Ink::FULL
    });
    let mut erased = mask.clone();
    apply(&mut erased, changes);
    assert_eq!(
        (erased.value(3900, 1900), erased.value(3800, 1900)),
        (0, 255)
    );

    let frame = MaskFrame {
        size: Extent::new(410, 205),
        origin: [0.0, 0.0],
        zoom: 0.1,
    };
    let colors = MaskColors {
        tint: [1.0, 0.0, 0.0, 0.5],
        dash: [1.0; 4],
        gap: [0.0; 4],
        thickness: 1.0,
        period: 9.0,
        phase: 0.0,
        padding: 0.0,
    };
    let look = |surface: &mut MaskSurface| {
        let seen = surface.overlay(&frame, &colors, Ink::FULL).is_some();
        (seen, surface.is_behind())
    };
    // 14 tiles, at most 8 of them in a frame; it is seen once it is whole.
    assert_eq!(look(&mut surface), (false, true));
    assert_eq!(look(&mut surface), (true, false));
    // Of the same mask changed, what was seen stays until then.
    let all = TiledMask::empty(extent).changes_to(&mask);
    surface.show(&all);
    assert_eq!(look(&mut surface), (true, true));
    assert_eq!(look(&mut surface), (true, false));
    surface.show(&all.iter().take(3).cloned().collect());
    assert_eq!(look(&mut surface), (true, false));
}
