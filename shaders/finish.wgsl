// The last touch to a picture: denoised, sharpened, then its light, colours and grain. What it
// computes is told in `src/raster/finish.rs`.

struct Touch {
    // Factors of light, then contrast.
    light: vec4f,
    // Saturation, denoising, the range of noise, sharpening.
    detail: vec4f,
    // Grain.
    grain: vec4f,
    // Where the texture begins in the picture.
    corner: vec2i,
    // Padding.
    unused: vec2i,
}

// Straight alpha.
@group(0) @binding(0) var picture: texture_2d<f32>;
// One texel for each of 256 brightnesses.
@group(0) @binding(1) var curves: texture_2d<f32>;
@group(0) @binding(2) var<uniform> touch: Touch;

const REACH = 2;
const DEVIATION = 1.2;
const BRIGHTNESS = vec3f(0.2126, 0.7152, 0.0722);

// One triangle that covers the whole target.
@vertex
fn cover(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
    let place = vec2f(f32((index << 1u) & 2u), f32(index & 2u));
    return vec4f(place.x * 2.0 - 1.0, 1.0 - place.y * 2.0, 0.0, 1.0);
}

fn at(place: vec2i) -> vec3f {
    let last = vec2i(textureDimensions(picture)) - 1;
    return textureLoad(picture, clamp(place, vec2i(0), last), 0).rgb;
}

fn clean(place: vec2i) -> vec3f {
    let here = at(place);
    let denoise = touch.detail.y;
    let sharpen = touch.detail.w;
    if (denoise <= 0.0 && sharpen <= 0.0) {
        return here;
    }
    var smoothed = vec3f(0.0);
    var alike = vec3f(0.0);
    var near = 0.0;
    var like = 0.0;
    for (var y = -REACH; y <= REACH; y++) {
        for (var x = -REACH; x <= REACH; x++) {
            let there = at(place + vec2i(x, y));
            let weight = exp(-f32(x * x + y * y) / (2.0 * DEVIATION * DEVIATION));
            let gap = there - here;
            let likeness = weight * exp(touch.detail.z * dot(gap, gap));
            smoothed += weight * there;
            alike += likeness * there;
            near += weight;
            like += likeness;
        }
    }
    let cleaned = here + (alike / like - here) * denoise;
    return cleaned + sharpen * (cleaned - smoothed / near);
}

fn decoded(value: vec3f) -> vec3f {
    let curved = pow((value + 0.055) / 1.055, vec3f(2.4));
    return select(curved, value / 12.92, value <= vec3f(0.04045));
}

fn encoded(light: vec3f) -> vec3f {
    let curved = 1.055 * pow(light, vec3f(1.0 / 2.4)) - 0.055;
    return select(curved, light * 12.92, light <= vec3f(0.0031308));
}

fn curved(value: vec3f) -> vec3f {
    let along = clamp(value, vec3f(0.0), vec3f(1.0)) * 255.0;
    let left = min(vec3i(along), vec3i(254));
    let part = along - vec3f(left);
    var color = vec3f(0.0);
    for (var i = 0; i < 3; i++) {
        let a = textureLoad(curves, vec2i(left[i], 0), 0)[i];
        let b = textureLoad(curves, vec2i(left[i] + 1, 0), 0)[i];
        color[i] = a + (b - a) * part[i];
    }
    return color;
}

fn mixed(seed: u32) -> u32 {
    let state = seed * 747796405u + 2891336453u;
    let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
    return (word >> 22u) ^ word;
}

fn speck(place: vec2u) -> f32 {
    let word = mixed(place.x + mixed(place.y));
    return (f32(word & 0xffffu) + f32(word >> 16u)) / 65535.0 - 1.0;
}

@fragment
fn draw(@builtin(position) position: vec4f) -> @location(0) vec4f {
    let place = vec2i(position.xy);
    let light = encoded(decoded(max(clean(place), vec3f(0.0))) * touch.light.rgb);
    let color = curved((light - 0.5) * touch.light.w + 0.5);
    let gray = dot(color, BRIGHTNESS);
    let grain = touch.grain.x * speck(vec2u(place + touch.corner)) * gray * (1.0 - gray);
    let finished = clamp(gray + (color - gray) * touch.detail.x + grain, vec3f(0.0), vec3f(1.0));
    // What egui shows has its alpha multiplied in.
    let alpha = textureLoad(picture, place, 0).a;
    return vec4f(finished * alpha, alpha);
}
