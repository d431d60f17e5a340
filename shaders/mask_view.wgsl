// One tile of the mask as it is seen on the screen, with the stroke that is being drawn.

struct Frame {
    // Screen pixels of the target.
    size: vec2f,
    // Where the picture's upper left corner lies in it.
    origin: vec2f,
    // Screen pixels per pixel of the picture.
    zoom: f32,
    // Of the stroke: how opaque it is, and whether it adds (1) or takes away (0).
    opacity: f32,
    adds: f32,
}

struct Tile {
    // The picture's pixel at the tile's upper left corner.
    corner: vec2f,
    // Pixels of the tile that lie in the picture.
    size: vec2f,
}

@group(0) @binding(0) var<uniform> frame: Frame;
@group(1) @binding(0) var<uniform> tile: Tile;
@group(1) @binding(1) var mask: texture_2d<f32>;
@group(1) @binding(2) var stroke: texture_2d<f32>;

// Two triangles: the tile on the screen.
@vertex
fn place(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
    let right = index == 1u || index == 2u || index == 4u;
    let down = index == 2u || index == 4u || index == 5u;
    let inside = vec2f(select(0.0, tile.size.x, right), select(0.0, tile.size.y, down));
    let screen = ((tile.corner + inside) * frame.zoom + frame.origin) / frame.size;
    return vec4f(screen.x * 2.0 - 1.0, 1.0 - screen.y * 2.0, 0.0, 1.0);
}

fn value_at(at: vec2f) -> f32 {
    let texel = vec2i(clamp(floor(at), vec2f(0.0), tile.size - 1.0));
    let share = textureLoad(stroke, texel, 0).r * frame.opacity;
    return share * frame.adds + textureLoad(mask, texel, 0).r * (1.0 - share);
}

@fragment
fn see(@builtin(position) position: vec4f) -> @location(0) vec4f {
    let at = (position.xy - frame.origin) / frame.zoom - tile.corner;
    // Where a screen pixel holds several of the picture, the mean of up to 4 × 4 of them.
    let taps = clamp(ceil(1.0 / frame.zoom), 1.0, 4.0);
    let step = 1.0 / (frame.zoom * taps);
    let first = at - 0.5 * step * (taps - 1.0);
    var sum = 0.0;
    for (var y = 0.0; y < taps; y += 1.0) {
        for (var x = 0.0; x < taps; x += 1.0) {
            sum += value_at(first + vec2f(x, y) * step);
        }
    }
    return vec4f(sum / (taps * taps), 0.0, 0.0, 0.0);
}
