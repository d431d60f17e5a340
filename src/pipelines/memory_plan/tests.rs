use super::*;
use crate::models::PartBytes;

const GIB: u64 = 1 << 30;
/// Of a picture of 1024 pixels a side: a call takes 1 GiB for each text, decoding 4.
const NEEDS: MemoryNeeds = MemoryNeeds {
    weights: [
        PartBytes {
            text: GIB,
            denoiser: 4 * GIB,
            autoencoder: GIB / 4,
        },
        PartBytes {
            text: GIB / 2,
            denoiser: 2 * GIB,
            autoencoder: GIB / 8,
        },
        PartBytes {
            text: GIB,
            denoiser: GIB,
            autoencoder: GIB / 4,
        },
    ],
    window: 1 << 20,
    call: 1 << 10,
    together: true,
    decode: 4 << 10,
    tiles: true,
    told_guidance: false,
    factor: 8,
};

fn demand(change: impl FnOnce(&mut Draft)) -> Demand {
    let mut draft = Draft {
        width: 1024,
        height: 1024,
        guidance: 7.5,
        ..Draft::default()
    };
    change(&mut draft);
    Demand::of(&draft, &NEEDS)
}

/// How it is drawn within so many bytes, or why it is not.
fn within(demand: &Demand, allowed: u64) -> Result<(Thrift, Vec<Saving>), TooLittleMemory> {
    let plan = MemoryPlan::of(&NEEDS, demand, Some(allowed))?;
    assert!(plan.bytes <= allowed);
    Ok((plan.thrift, plan.savings(demand)))
}

fn bytes(demand: &Demand) -> u64 {
    MemoryPlan::of(&NEEDS, demand, None).unwrap().bytes
}

#[test]
fn what_fits_is_drawn_as_it_is_asked_for() {
    let demand = demand(|_| {});
    let whole = bytes(&demand);
    // Weights, what is worked in with its gaps, and little else.
    let known = 5 * GIB + GIB / 4 + 4 * GIB + 4 * GIB / GAPS;
    assert!(known < whole && whole < known + GIB / 2, "{whole}");
    assert_eq!(within(&demand, whole).unwrap().1, []);
}

#[test]
fn the_picture_stays_the_same_as_long_as_that_is_enough() {
    let demand = demand(|_| {});
    let (thrift, savings) = within(&demand, bytes(&demand) - GIB).unwrap();
    assert_eq!(savings, [Saving::DropEncoders]);
    assert_eq!((thrift.decode_tile, thrift.bits), (0, WeightBits::AsStored));
    // Where the denoiser's calls are the fullest moment, texts go one by one.
    let composed = Demand { texts: 6, ..demand };
    let (_, savings) = within(&composed, bytes(&composed) - GIB - GIB / 2).unwrap();
    assert_eq!(savings, [Saving::OneText]);
}

#[test]
fn tiles_are_as_large_as_fits_and_weights_keep_their_bits_as_long_as_tiles_are_enough() {
    let demand = demand(|_| {});
    let tiled = |decode_tile: u32| {
        bytes(&Demand {
            decode_tile,
            ..demand
        })
    };
    let (thrift, savings) = within(&demand, tiled(768)).unwrap();
    assert_eq!(savings, [Saving::Tiles(768)]);
    assert!(thrift.bits.are_stored());
    let (thrift, _) = within(&demand, tiled(768) - GIB - GIB / 4).unwrap();
    assert!(
        thrift.decode_tile < 768 && thrift.bits.are_stored(),
        "{thrift:?}"
    );
    let (thrift, savings) = within(&demand, 5 * GIB).unwrap();
    assert_eq!(thrift.bits, WeightBits::Half);
    assert!(
        savings.contains(&Saving::Bits(WeightBits::Half)),
        "{savings:?}"
    );
}

#[test]
fn composed_prompts_and_texts_that_take_turns_take_more() {
    let of = |prompt: &str| {
        demand(|draft| {
            prompt.clone_into(&mut draft.prompt);
            draft.width = 512;
        })
    };
    assert_eq!((of("a cat").texts, of("a cat").windows), (2, 1));
    let composed = of("a cat AND a dog AND a hat AND snow");
    assert_eq!((composed.texts, composed.windows), (5, 1));
    assert!(bytes(&composed) > bytes(&of("a cat")));
    assert_eq!(of("a [cat:dog:0.5]").windows, 2);
    assert_eq!(of(&"a cat ".repeat(100)).windows, 2);
    assert!(bytes(&of("a [cat:dog:0.5]")) > bytes(&of("a cat")));
    // Without guidance there is no negative prompt.
    assert_eq!(demand(|draft| draft.guidance = 1.0).texts, 1);
}

#[test]
fn tiles_that_were_asked_for_stay_what_they_are() {
    let demand = demand(|draft| draft.decode_tile = 512);
    let (thrift, savings) = within(&demand, bytes(&demand)).unwrap();
    assert_eq!((thrift.decode_tile, savings), (512, Vec::new()));
    let (thrift, savings) = within(&demand, bytes(&demand) - GIB).unwrap();
    assert_eq!(
        (thrift.decode_tile, savings),
        (512, vec![Saving::DropEncoders])
    );
}

#[test]
fn what_cannot_fit_is_refused_with_what_would() {
    let demand = demand(|_| {});
    let refusal = within(&demand, 3 * GIB).unwrap_err();
    assert!(refusal.needed > 3 * GIB);
    assert_eq!((refusal.extent, refusal.allowed), (demand.extent, 3 * GIB));
    let (extent, needed) = refusal.smaller.unwrap();
    assert!(extent.width < 1024 && extent.width == extent.height && needed <= 3 * GIB);
    assert!(within(&Demand { extent, ..demand }, 3 * GIB).is_ok());
    let larger = Extent::new(extent.width + 32, extent.height + 32);
    assert!(
        within(
            &Demand {
                extent: larger,
                ..demand
            },
            3 * GIB
        )
        .is_err()
    );
    let (bits, needed) = refusal.fewer_bits.unwrap();
    assert_eq!(bits, WeightBits::EightBit);
    assert!(needed <= 3 * GIB && within(&Demand { bits, ..demand }, needed).is_ok());
    let text = refusal.to_string();
    for told in [
        "a picture of 1024x1024 needs ",
        "choose at most ",
        "8 bits",
        "allow more memory",
    ] {
        assert!(text.contains(told), "{text}");
    }
}

#[test]
fn nothing_fits_into_nothing_and_that_is_told_without_cures() {
    let refusal = within(&demand(|_| {}), 1).unwrap_err();
    assert_eq!((refusal.smaller, refusal.fewer_bits), (None, None));
    assert!(refusal.to_string().contains("choose a smaller model"));
}

#[test]
fn a_small_decoder_needs_no_tiles() {
    let needs = MemoryNeeds {
        tiles: false,
        ..NEEDS
    };
    let demand = demand(|_| {});
    let refusal = MemoryPlan::of(&needs, &demand, Some(4 * GIB)).unwrap_err();
    let is_tiles = |saving: &Saving| matches!(saving, Saving::Tiles(_));
    assert!(!refusal.savings.iter().any(is_tiles));
}

#[test]
fn no_size_overflows() {
    let demand = Demand {
        extent: Extent::new(u32::MAX, u32::MAX),
        texts: 1000,
        windows: 1000,
        ..demand(|_| {})
    };
    let needs = MemoryNeeds {
        weights: [PartBytes {
            text: u64::MAX,
            denoiser: u64::MAX,
            autoencoder: u64::MAX,
        }; 3],
        ..NEEDS
    };
    assert!(MemoryPlan::of(&needs, &demand, Some(u64::MAX - 1)).is_err());
}
