// Two pictures of one thing, seen at the same place, one at each side of a line. Each is drawn in
// pieces, as large ones lie in several textures.

struct Piece {
    // Where it is seen, in the target's pixels: left, top, right, bottom.
    place: vec4f,
    // Which part of its texture that is, in texels.
    part: vec4f,
    // Of the target, in pixels.
    size: vec2f,
    // Where the line is, in pixels from the target's left edge.
    line: f32,
    // At the right of the line (1), or at its left (0).
    is_after: f32,
    // Every texel is a square of its own (1), or goes over into the next ones (0).
    is_squares: f32,
    // Alpha is not multiplied in yet (1).
    is_straight: f32,
}

@group(0) @binding(0) var sheet: texture_2d<f32>;
@group(0) @binding(1) var<uniform> piece: Piece;

// Two triangles: the piece where it is seen.
@vertex
fn cover(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
    let right = index == 1u || index == 2u || index == 4u;
    let down = index == 2u || index == 4u || index == 5u;
    let x = select(piece.place.x, piece.place.z, right);
    let y = select(piece.place.y, piece.place.w, down);
    let screen = vec2f(x, y) / piece.size;
    return vec4f(screen.x * 2.0 - 1.0, 1.0 - screen.y * 2.0, 0.0, 1.0);
}

fn texel(at: vec2f) -> vec4f {
    let last = vec2i(textureDimensions(sheet)) - 1;
    let color = textureLoad(sheet, clamp(vec2i(at), vec2i(0), last), 0);
    // Mixed so that what is transparent has no say in the colours beside it.
    return vec4f(color.rgb * mix(1.0, color.a, piece.is_straight), color.a);
}

@fragment
fn draw(@builtin(position) position: vec4f) -> @location(0) vec4f {
    if (position.x >= piece.line) != (piece.is_after == 1.0) {
        discard;
    }
    let share = (position.xy - piece.place.xy) / (piece.place.zw - piece.place.xy);
    let at = mix(piece.part.xy, piece.part.zw, share);
    if piece.is_squares == 1.0 {
        return texel(floor(at));
    }
    let first = floor(at - 0.5);
    let part = at - 0.5 - first;
    let above = mix(texel(first), texel(first + vec2f(1.0, 0.0)), part.x);
    let below = mix(texel(first + vec2f(0.0, 1.0)), texel(first + vec2f(1.0, 1.0)), part.x);
    return mix(above, below, part.y);
}
