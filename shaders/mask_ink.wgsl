// A finished stroke becomes part of one tile of the mask. Blending does the rest: what is there
// shines through as far as the ink is transparent.

struct Ink {
    opacity: f32,
    // 1 adds, 0 takes away.
    adds: f32,
}

@group(0) @binding(0) var<uniform> ink: Ink;
@group(0) @binding(1) var stroke: texture_2d<f32>;

// One triangle that covers the whole tile.
@vertex
fn cover(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
    let place = vec2f(f32((index << 1u) & 2u), f32(index & 2u));
    return vec4f(place.x * 2.0 - 1.0, 1.0 - place.y * 2.0, 0.0, 1.0);
}

@fragment
fn lay(@builtin(position) position: vec4f) -> @location(0) vec4f {
    let share = textureLoad(stroke, vec2i(position.xy), 0).r * ink.opacity;
    return vec4f(share * ink.adds, 0.0, 0.0, share);
}
