// Latents become colour, enlarged to the size of the picture.
//
// A linear map from latents to colour commutes with the enlargement, so each of the sixteen latent
// pixels around a place is coloured first and then mixed, by Catmull-Rom weights: smooth, and not
// softer than the latents are.

// One layer per latent channel.
@group(0) @binding(0) var latents: texture_2d_array<f32>;
// The colour of empty latents, then one texel per channel.
@group(0) @binding(1) var colors: texture_2d<f32>;

struct Corner {
    @builtin(position) position: vec4f,
    // From (0, 0) at the top left to (1, 1).
    @location(0) place: vec2f,
}

// One triangle that covers the whole target.
@vertex
fn cover(@builtin(vertex_index) index: u32) -> Corner {
    let place = vec2f(f32((index << 1u) & 2u), f32(index & 2u));
    let position = vec4f(place.x * 2.0 - 1.0, 1.0 - place.y * 2.0, 0.0, 1.0);
    return Corner(position, place);
}

// How much each of four neighbours counts, `t` of the way from the second to the third.
fn weights(t: f32) -> vec4f {
    return vec4f(
        t * (-0.5 + t * (1.0 - 0.5 * t)),
        1.0 + t * t * (1.5 * t - 2.5),
        t * (0.5 + t * (2.0 - 1.5 * t)),
        t * t * (0.5 * t - 0.5),
    );
}

fn color_at(at: vec2i) -> vec3f {
    var color = textureLoad(colors, vec2i(0, 0), 0).rgb;
    let channels = i32(textureNumLayers(latents));
    for (var channel = 0; channel < channels; channel++) {
        let value = textureLoad(latents, at, channel, 0).r;
        color += value * textureLoad(colors, vec2i(channel + 1, 0), 0).rgb;
    }
    return color;
}

@fragment
fn draw(corner: Corner) -> @location(0) vec4f {
    let size = vec2i(textureDimensions(latents));
    let at = corner.place * vec2f(size) - 0.5;
    let first = vec2i(floor(at)) - 1;
    let across = weights(fract(at.x));
    let down = weights(fract(at.y));
    var color = vec3f(0.0);
    for (var y = 0; y < 4; y++) {
        for (var x = 0; x < 4; x++) {
            let neighbour = clamp(first + vec2i(x, y), vec2i(0), size - 1);
            color += across[x] * down[y] * color_at(neighbour);
        }
    }
    // From [-1, 1] to what a screen shows.
    return vec4f(clamp(color * 0.5 + 0.5, vec3f(0.0), vec3f(1.0)), 1.0);
}
