// The mask over the picture: a tint, and a dashed line around what is painted.

struct Overlay {
    // Colour in the screen's own values, and how opaque it is where all is painted.
    tint: vec4f,
    // Of the dashes, and of the gaps between them.
    dash: vec4f,
    gap: vec4f,
    // Screen pixels: how thick the line is, how long a dash is with its gap, and how far the dashes
    // have marched.
    thickness: f32,
    period: f32,
    phase: f32,
}

@group(0) @binding(0) var<uniform> overlay: Overlay;
// What is seen of the mask, one value per screen pixel.
@group(0) @binding(1) var seen: texture_2d<f32>;

// One triangle that covers the whole target.
@vertex
fn cover(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
    let place = vec2f(f32((index << 1u) & 2u), f32(index & 2u));
    return vec4f(place.x * 2.0 - 1.0, 1.0 - place.y * 2.0, 0.0, 1.0);
}

fn is_painted(at: vec2i) -> bool {
    let last = vec2i(textureDimensions(seen)) - 1;
    return textureLoad(seen, clamp(at, vec2i(0), last), 0).r >= 0.5;
}

@fragment
fn tinted(@builtin(position) position: vec4f) -> @location(0) vec4f {
    let at = vec2i(position.xy);
    let reach = i32(overlay.thickness);
    var edge = false;
    if is_painted(at) {
        for (var away = 1; away <= reach; away++) {
            edge = edge
                || !is_painted(at + vec2i(away, 0)) || !is_painted(at - vec2i(away, 0))
                || !is_painted(at + vec2i(0, away)) || !is_painted(at - vec2i(0, away));
        }
    }
    if edge {
        let along = fract((position.x + position.y + overlay.phase) / overlay.period);
        let color = select(overlay.gap, overlay.dash, along < 0.6);
        return vec4f(color.rgb * color.a, color.a);
    }
    let share = textureLoad(seen, at, 0).r * overlay.tint.a;
    return vec4f(overlay.tint.rgb * share, share);
}
