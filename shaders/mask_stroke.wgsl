// A round brush on its way from one place to the next covers pixels of one tile of the mask. Where
// several ways overlap, blending keeps the strongest. The same in plain loops: src/raster/brush.rs.

struct Tile {
    // The picture's pixel at the tile's upper left corner.
    corner: vec2f,
    // Pixels along each side of a tile.
    side: f32,
}

@group(0) @binding(0) var<uniform> tile: Tile;

struct Segment {
    @location(0) start: vec2f,
    @location(1) end: vec2f,
    // At both ends.
    @location(2) radii: vec2f,
    @location(3) hardness: f32,
}

struct Corner {
    @builtin(position) position: vec4f,
    @location(0) @interpolate(flat) start: vec2f,
    @location(1) @interpolate(flat) end: vec2f,
    @location(2) @interpolate(flat) radii: vec2f,
    @location(3) @interpolate(flat) hardness: f32,
}

// Two triangles around all that may be touched.
@vertex
fn sweep(@builtin(vertex_index) index: u32, segment: Segment) -> Corner {
    let reach = max(segment.radii.x, segment.radii.y) + 1.0;
    let low = min(segment.start, segment.end) - reach;
    let high = max(segment.start, segment.end) + reach;
    let right = index == 1u || index == 2u || index == 4u;
    let down = index == 2u || index == 4u || index == 5u;
    let place = vec2f(select(low.x, high.x, right), select(low.y, high.y, down));
    let share = (place - tile.corner) / tile.side;
    let position = vec4f(share.x * 2.0 - 1.0, 1.0 - share.y * 2.0, 0.0, 1.0);
    return Corner(position, segment.start, segment.end, segment.radii, segment.hardness);
}

@fragment
fn cover(corner: Corner) -> @location(0) vec4f {
    let at = corner.position.xy + tile.corner - corner.start;
    let way = corner.end - corner.start;
    let length = dot(way, way);
    let along = select(0.0, clamp(dot(at, way) / length, 0.0, 1.0), length > 0.0);
    let radius = mix(corner.radii.x, corner.radii.y, along);
    let away = distance(at, along * way);
    let fade = radius * (1.0 - corner.hardness) + 1.0;
    let share = clamp((radius + 0.5 - away) / fade, 0.0, 1.0);
    return vec4f(share * share * (3.0 - 2.0 * share), 0.0, 0.0, 0.0);
}
