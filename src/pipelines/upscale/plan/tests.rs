use super::*;
use crate::models::{CompactLayout, RrdbLayout};
use crate::raster::FORMATS;

const COLORS: Kind = Kind {
    color: true,
    alpha: false,
};

fn goal(way: Way<'_>, side: u32, memory: u64) -> Goal<'_> {
    Goal {
        from: Extent::new(side, side),
        samples: (COLORS, false),
        is_opaque: true,
        way,
        target: Target::Own,
        tiling: Tiling::default(),
        memory,
        held: 0,
        format: &FORMATS[0],
    }
}

#[test]
fn sixteen_thousand_pixels_a_side_fit_into_two_gigabytes() {
    let compact = UpscalerLayout::Compact(CompactLayout::general());
    let real = UpscalerLayout::Rrdb(RrdbLayout::real_esrgan());
    for (layout, bytes, field) in [(&compact, 8 << 20, 34), (&real, 300 << 20, 349)] {
        let way = Way::Network { layout, bytes };
        let plan = Plan::of(&goal(way, 4096, 2 << 30)).unwrap();
        assert_eq!(plan.to, Extent::new(16_384, 16_384));
        assert!(plan.bytes <= 2 << 30 && plan.tile.width >= 64, "{plan:?}");
        assert_eq!(plan.receptive_field, Some(field));
        assert!(!plan.is_seamless());
        // Twice the memory never makes the parts smaller.
        let more = Plan::of(&goal(way, 4096, 4 << 30)).unwrap();
        assert!(more.tile.width >= plan.tile.width);
    }
}

#[test]
fn what_cannot_be_met_is_refused_with_a_cure() {
    let layout = UpscalerLayout::Compact(CompactLayout::general());
    let way = Way::Network {
        layout: &layout,
        bytes: 8 << 20,
    };
    let refused = |goal: &Goal<'_>| Plan::of(goal).unwrap_err().to_string();
    let small = goal(way, 4096, 170 << 20);
    assert!(refused(&small).contains("even with parts of 32 pixels"));
    let mut whole = goal(way, 4096, 2 << 30);
    whole.tiling.tile = Some(0);
    let said = refused(&whole);
    assert!(
        said.contains("the picture as a whole") && said.contains("parts of at most"),
        "{said}"
    );
    let fitting = Plan::of(&goal(way, 4096, 2 << 30)).unwrap().tile.width;
    assert!(
        said.contains(&format!("at most {fitting} pixels")),
        "{said}"
    );
    let mut feather = goal(way, 400, 2 << 30);
    feather.tiling = Tiling {
        tile: Some(64),
        pad: 90,
        feather: true,
        ..Tiling::default()
    };
    assert!(refused(&feather).contains("at least 90"));
    for factor in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-9, 1e9] {
        let goal = Goal {
            target: Target::Factor(factor),
            ..goal(way, 50, 2 << 30)
        };
        assert!(refused(&goal).contains("times as large"), "{factor}");
    }
    let webp = Goal {
        format: &FORMATS[1],
        ..goal(way, 4096, 2 << 30)
    };
    assert!(refused(&webp).contains("16383"));
    // Alpha that hides nothing does not keep a picture from a kind of file without one.
    let clear = Kind {
        color: true,
        alpha: true,
    };
    for is_opaque in [true, false] {
        let jpeg = Goal {
            samples: (clear, false),
            is_opaque,
            format: &FORMATS[2],
            ..goal(way, 50, 2 << 30)
        };
        let plan = Plan::of(&jpeg);
        assert_eq!(plan.map(|plan| plan.calls).ok(), is_opaque.then_some(1));
    }
    // A file that does not stream is in memory.
    let jpeg = Goal {
        format: &FORMATS[2],
        ..goal(way, 4096, 1 << 30)
    };
    assert!(refused(&jpeg).contains("MiB"));
}

#[test]
fn a_small_picture_is_one_part_and_methods_are_known() {
    let layout = UpscalerLayout::Compact(CompactLayout::general());
    let way = Way::Network {
        layout: &layout,
        bytes: 8 << 20,
    };
    for way in [way, Way::Lanczos] {
        let plan = Plan::of(&goal(way, 60, 2 << 30)).unwrap();
        assert_eq!(plan.parts(), 1);
        assert!(plan.is_seamless());
        assert!(Enlarger::by_id(plan.method).is_some());
        assert_eq!(plan.to, Extent::new(240, 240));
    }
    let fractional = Goal {
        target: Target::Factor(2.5),
        ..goal(way, 61, 2 << 30)
    };
    assert_eq!(Plan::of(&fractional).unwrap().to, Extent::new(153, 153));
}
