//! On Debian and Ubuntu the software device is the package `mesa-vulkan-drivers`.

use afterimage::gpu::{
    Divided, DividerPainter, FinishPainter, Finished, LatentPainter, Latents, Piece, SHADERS, Sheet,
};
use afterimage::raster::{Extent, Pixels, Touch};
use afterimage::recipe::{Curve, Finish};
use eframe::egui_wgpu::{RenderState, RendererOptions};
use egui_kittest::wgpu::{create_render_state, default_wgpu_setup};

#[test]
fn every_shader_is_valid_wgsl() {
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/shaders")).unwrap();
    assert_eq!(files.count(), SHADERS.len(), "a shader is not in SHADERS");
    for (name, text) in SHADERS {
        let module = naga::front::wgsl::parse_str(text)
            .unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string(text)));
        let flags = naga::valid::ValidationFlags::all();
        naga::valid::Validator::new(flags, naga::valid::Capabilities::empty())
            .validate(&module)
            .unwrap_or_else(|error| panic!("{name}: {error:?}"));
    }
}

/// Colours of a texture, read back from the device.
fn read_back(render: &RenderState, texture: &wgpu::Texture) -> Vec<u8> {
    let size = texture.size();
    let row = 4 * size.width;
    assert_eq!(row % wgpu::COPY_BYTES_PER_ROW_ALIGNMENT, 0);
    let buffer = render.device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: u64::from(row * size.height),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut encoder = render
        .device
        .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    encoder.copy_texture_to_buffer(
        texture.as_image_copy(),
        wgpu::TexelCopyBufferInfo {
            buffer: &buffer,
            layout: wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(row),
                rows_per_image: None,
            },
        },
        size,
    );
    render.queue.submit([encoder.finish()]);
    buffer.map_async(wgpu::MapMode::Read, .., |result| result.unwrap());
    render
        .device
        .poll(wgpu::PollType::wait_indefinitely())
        .unwrap();
    buffer.get_mapped_range(..).unwrap().to_vec()
}

/// Numbers without a pattern, from -1.5 to 1.5: beyond what colour can show, too.
fn scattered(count: usize) -> Vec<f32> {
    (0..count as u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 8) as f32 / (1 << 24) as f32 * 3.0 - 1.5)
        .collect()
}

#[test]
fn previews_look_the_same_on_the_device_and_without_one() {
    let render = create_render_state(default_wgpu_setup(), RendererOptions::PREDICTABLE);
    let mut painter = LatentPainter::new(render.clone());
    // Different channel counts, shapes and scales, shrinking too, through one painter.
    for (channels, extent, size) in [
        (4, Extent::new(16, 16), Extent::new(128, 128)),
        (8, Extent::new(16, 24), Extent::new(128, 192)),
        (16, Extent::new(7, 5), Extent::new(64, 64)),
        (1, Extent::new(1, 1), Extent::new(64, 8)),
        (4, Extent::new(160, 96), Extent::new(64, 48)),
    ] {
        let values = scattered(extent.area() * channels);
        let matrix: Vec<[f32; 3]> = scattered(channels * 3)
            .as_chunks::<3>()
            .0
            .iter()
            .map(|row| row.map(|weight| weight * 0.4))
            .collect();
        let latents = Latents::new(extent, &values, &matrix, [0.1, -0.2, 0.05]).unwrap();
        painter.paint(&latents, size).unwrap();
        let texture = painter.texture().unwrap();
        let drawn = Pixels::from_rgba(size, read_back(&render, texture)).unwrap();
        let wanted = latents.draw(size).unwrap();
        let differences = drawn.rgba().iter().zip(wanted.rgba());
        let worst = differences.map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(
            worst <= 2,
            "{channels} channels of {extent} at {size}: {worst}"
        );
        let distinct: std::collections::BTreeSet<_> = wanted.rgba().iter().collect();
        assert!(
            distinct.len() > 2 || extent.area() == 1,
            "nothing was compared"
        );
    }
}

#[test]
fn the_last_touch_is_the_same_on_the_device_and_without_one() {
    let render = create_render_state(default_wgpu_setup(), RendererOptions::PREDICTABLE);
    let painter = FinishPainter::new(render.clone());
    let extent = Extent::new(64, 40);
    let rgba: Vec<u8> = scattered(extent.area() * 4)
        .into_iter()
        .enumerate()
        .map(|(at, value)| match at % 4 {
            3 => 255,
            _ => ((value + 1.5) * 60.0) as u8 + (at / 80 % 64) as u8,
        })
        .collect();
    let picture = Pixels::from_rgba(extent, rgba).unwrap();
    let on = |change: fn(&mut Finish)| {
        let mut finish = Finish::default();
        change(&mut finish);
        finish
    };
    let touches = [
        on(|_| ()),
        on(|finish| finish.exposure = 0.7),
        on(|finish| finish.contrast = -0.4),
        on(|finish| finish.saturation = 0.8),
        on(|finish| (finish.warmth, finish.tint) = (0.6, -0.5)),
        on(|finish| finish.curves.all = Curve([0.1, 0.2, 0.7, 0.8, 1.0])),
        on(|finish| finish.curves.blue = Curve([0.0, 0.5, 0.5, 0.6, 0.9])),
        on(|finish| finish.denoise = 0.8),
        on(|finish| finish.sharpen = 1.5),
        on(|finish| finish.grain = 1.0),
    ];
    let mut brought = Finished::bring(&render, &picture, [7, -2]).unwrap();
    for finish in touches {
        let touch = Touch::new(&finish);
        painter.paint(&mut brought, &touch, true);
        let drawn = read_back(&render, brought.texture().unwrap());
        let from = [7, (-2i32).cast_unsigned()];
        let wanted = picture.touched(&touch, from);
        let gaps = drawn.iter().zip(wanted.rgba()).map(|(a, b)| a.abs_diff(*b));
        let worst = gaps.max().unwrap();
        assert!(worst <= 1, "{finish:?}: {worst}");
        assert!(
            finish.is_off() || wanted != picture,
            "{finish:?} did nothing"
        );
    }
}

/// Pixels without a pattern, some of which let something through.
fn scattered_pixels(width: u32, height: u32, seed: usize) -> Pixels {
    let extent = Extent::new(width, height);
    let values = scattered(extent.area() * 4 + seed);
    let rgba = values[seed..]
        .iter()
        .map(|value| ((value + 1.5) * 85.0) as u8);
    Pixels::from_rgba(extent, rgba.collect()).unwrap()
}

/// A piece of a side, and the pixels of its sheet.
type Laid<'a> = (&'a Pixels, [f32; 4], [f32; 4]);

/// The colour of a place of the screen, alpha multiplied in, as the shader of the divider has it.
fn divided_color(pieces: &[Laid<'_>], squares: bool, [x, y]: [f32; 2]) -> [f32; 4] {
    let inside = |(_, place, _): &&Laid<'_>| {
        (place[0]..place[2]).contains(&x) && (place[1]..place[3]).contains(&y)
    };
    // Later ones lie over earlier ones.
    let Some((pixels, place, part)) = pieces.iter().rev().find(inside) else {
        return [0.0; 4];
    };
    let along = |at: f32, axis: usize| {
        let share = (at - place[axis]) / (place[axis + 2] - place[axis]);
        part[axis] + (part[axis + 2] - part[axis]) * share
    };
    let (x, y) = (along(x, 0), along(y, 1));
    let Extent { width, height } = pixels.extent();
    let texel = |x: f32, y: f32| {
        let inside = |at: f32, side: u32| (at as i64).clamp(0, i64::from(side) - 1) as usize;
        let at = inside(y, height) * width as usize + inside(x, width);
        let [r, g, b, a] = pixels.rgba().as_chunks::<4>().0[at].map(|v| f32::from(v) / 255.0);
        [r * a, g * a, b * a, a]
    };
    if squares {
        return texel(x.floor(), y.floor());
    }
    let (left, top) = ((x - 0.5).floor(), (y - 0.5).floor());
    let (across, down) = (x - 0.5 - left, y - 0.5 - top);
    let mix = |a: [f32; 4], b: [f32; 4], share: f32| -> [f32; 4] {
        std::array::from_fn(|i| a[i] + (b[i] - a[i]) * share)
    };
    let above = mix(texel(left, top), texel(left + 1.0, top), across);
    let below = mix(texel(left, top + 1.0), texel(left + 1.0, top + 1.0), across);
    mix(above, below, down)
}

#[test]
fn both_sides_of_the_divider_are_those_of_plain_loops() {
    let render = create_render_state(default_wgpu_setup(), RendererOptions::PREDICTABLE);
    let mut painter = DividerPainter::new(render.clone());
    // A small picture stretched over what came of it, which lies in two tiles with aprons, the rough
    // copy of it below, and neither fills the screen.
    let small = scattered_pixels(9, 7, 1);
    let (first, second) = (scattered_pixels(20, 30, 5), scattered_pixels(13, 30, 9));
    let rough = scattered_pixels(5, 4, 3);
    let (size, place) = (Extent::new(64, 48), [3.5, -6.25, 61.75, 40.0]);
    let middle = 36.0;
    let before: [Laid<'_>; 1] = [(&small, place, [0.0, 0.0, 9.0, 7.0])];
    let after: [Laid<'_>; 3] = [
        (&rough, place, [0.0, 0.0, 5.0, 4.0]),
        (
            &first,
            [place[0], place[1], middle, place[3]],
            [3.0, 3.0, 17.0, 27.0],
        ),
        (
            &second,
            [middle, place[1], 55.0, place[3]],
            [3.0, 3.0, 10.0, 27.0],
        ),
    ];
    let brought = |pieces: &[Laid<'_>]| -> Vec<Piece> {
        let piece = |(pixels, place, part): &Laid<'_>| Piece {
            sheet: Sheet::bring(&render, pixels).unwrap(),
            place: *place,
            part: *part,
        };
        pieces.iter().map(piece).collect()
    };
    let sides = [brought(&before), brought(&after)];
    let mut sides_seen = [0; 2];
    for (line, squares) in [
        (20.5, false),
        (30.0, true),
        (47.25, false),
        (-3.0, true),
        (70.0, true),
    ] {
        let divided = Divided {
            size,
            line,
            squares,
        };
        let [before_pieces, after_pieces] = sides.clone();
        painter.paint(divided, before_pieces, after_pieces).unwrap();
        let drawn = read_back(&render, painter.texture().unwrap());
        for (at, drawn) in drawn.as_chunks::<4>().0.iter().enumerate() {
            let center = [at as f32 % 64.0 + 0.5, (at / 64) as f32 + 0.5];
            let is_after = center[0] >= line;
            sides_seen[usize::from(is_after)] += 1;
            let pieces: &[_] = if is_after { &after } else { &before };
            let wanted = divided_color(pieces, squares, center);
            let worst = (0..4)
                .map(|i| (f32::from(drawn[i]) - wanted[i] * 255.0).abs())
                .fold(0.0, f32::max);
            assert!(
                worst <= 1.0,
                "{center:?}, line {line}: {drawn:?}, not {wanted:?}"
            );
        }
    }
    assert!(sides_seen.iter().all(|seen| *seen > 1000));
}

#[test]
fn what_a_device_cannot_hold_is_left_to_plain_loops() {
    let render = create_render_state(default_wgpu_setup(), RendererOptions::PREDICTABLE);
    let limits = render.device.limits();
    let mut painter = LatentPainter::new(render);
    let extent = Extent::new(1, 1);
    let matrix = vec![[0.0; 3]; limits.max_texture_array_layers as usize + 1];
    let values = vec![0.0; matrix.len()];
    let latents = Latents::new(extent, &values, &matrix, [0.0; 3]).unwrap();
    assert!(painter.paint(&latents, Extent::new(8, 8)).is_none());
    assert!(latents.draw(Extent::new(8, 8)).is_some());
}
