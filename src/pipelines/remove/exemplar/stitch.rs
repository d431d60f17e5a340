//! Copied pixels without steps of tone where one piece ends and the next begins.

use super::super::CancelToken;
use super::layer::Layer;

/// A filled place and the place it was copied from.
pub(super) type Copied = (usize, usize);

/// Sweeps over the hole; tones need not settle to the last bit.
const SWEEPS: u32 = 80;
/// Sweeps between two looks at the token.
const PATIENCE: u32 = 20;
/// How much a pixel's own tone counts beside what its neighbours wish: a texture keeps its tone some
/// pixels away from the seams.
const FAITH: f32 = 0.01;
/// Over-relaxation: how far beyond its neighbours' wish each value goes, so that tones travel fast.
const HASTE: f32 = 1.9;

/// What one filled pixel should be: each of up to four neighbours plus the step of colour from it.
struct Tone {
    at: usize,
    neighbours: [usize; 4],
    count: usize,
    /// Sum of the steps.
    steps: [f32; 3],
    /// The colour it was copied with.
    own: [f32; 3],
}

/// Keeps the steps between neighbouring pixels as they are where the pixels come from, and lets
/// their tone follow from the hole's surroundings: Pérez et al. 2003, "Poisson image editing".
pub(super) fn stitch(layer: &mut Layer, copied: &[Copied], token: &CancelToken) -> Option<()> {
    let mut source = vec![None; layer.samples.len()];
    for &(at, from) in copied {
        source[at] = Some(from);
    }
    let tones: Vec<Tone> = copied
        .iter()
        .map(|&(at, _)| tone_of(layer, &source, at))
        .collect();
    for sweep in 0..SWEEPS {
        if sweep % PATIENCE == 0 && token.is_ended() {
            return None;
        }
        for tone in &tones {
            let share = 1.0 / (tone.count as f32 + FAITH);
            for channel in 0..3 {
                let neighbours = tone.neighbours[..tone.count].iter();
                let sum: f32 = neighbours.map(|&at| layer.samples[at][channel]).sum();
                let wanted = (sum + tone.steps[channel] + FAITH * tone.own[channel]) * share;
                let value = &mut layer.samples[tone.at][channel];
                *value += HASTE * (wanted - *value);
            }
        }
    }
    Some(())
}

fn tone_of(layer: &Layer, source: &[Option<usize>], at: usize) -> Tone {
    let (x, y) = (at % layer.width, at / layer.width);
    let beside = [
        (x > 0).then(|| at - 1),
        (x + 1 < layer.width).then(|| at + 1),
        (y > 0).then(|| at - layer.width),
        (y + 1 < layer.height).then(|| at + layer.width),
    ];
    let mut tone = Tone {
        at,
        neighbours: [at; 4],
        count: 0,
        steps: [0.0; 3],
        own: [0, 1, 2].map(|channel| layer.samples[at][channel]),
    };
    for neighbour in beside.into_iter().flatten() {
        // The same step beside the place this pixel is from, and beside the one the neighbour is.
        let here = source[at].and_then(|from| step(layer, from, at, neighbour));
        let there = source[neighbour].and_then(|from| step(layer, from, neighbour, at));
        let steps = match (here, there) {
            (Some(here), Some(there)) => [0, 1, 2].map(|c| (there[c] - here[c]) / 2.0),
            (Some(here), None) => here.map(|value| -value),
            (None, Some(there)) => there,
            (None, None) => [0.0; 3],
        };
        tone.neighbours[tone.count] = neighbour;
        tone.count += 1;
        for (sum, value) in tone.steps.iter_mut().zip(steps) {
            *sum += value;
        }
    }
    tone
}

/// The step of colour from `from` to the place that lies beside it as `to` lies beside `at`; `None`
/// where nothing is known.
fn step(layer: &Layer, from: usize, at: usize, to: usize) -> Option<[f32; 3]> {
    let (x, y) = (
        from % layer.width + to % layer.width,
        from / layer.width + to / layer.width,
    );
    let x = x
        .checked_sub(at % layer.width)
        .filter(|&x| x < layer.width)?;
    let y = y
        .checked_sub(at / layer.width)
        .filter(|&y| y < layer.height)?;
    let beside = y * layer.width + x;
    if layer.missing[beside] || layer.missing[from] {
        return None;
    }
    let (one, other) = (&layer.samples[from], &layer.samples[beside]);
    Some([0, 1, 2].map(|channel| other[channel] - one[channel]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_of_another_tone_takes_the_tone_around_it_and_keeps_its_texture() {
        let width = 40;
        let truth = |x: usize| (x * 2 + 30 * (x % 2)) as f32;
        let colors: Vec<[f32; 3]> = (0..width * 12).map(|at| [truth(at % width); 3]).collect();
        let hole = |at: usize| (4..10).contains(&(at % width)) && (3..9).contains(&(at / width));
        let missing = (0..colors.len()).map(hole).collect();
        let mut layer = Layer::finest(width, &colors, missing);
        // Copied from 20 columns to the right, where all is 40 brighter.
        let copied: Vec<Copied> = (0..colors.len())
            .filter(|&at| hole(at))
            .map(|at| (at, at + 20))
            .collect();
        layer.copy(&copied);
        stitch(&mut layer, &copied, &CancelToken::new()).unwrap();
        for &(at, _) in &copied {
            let gap = (layer.samples[at][0] - truth(at % width)).abs();
            assert!(gap < 3.0, "{at}: off by {gap}");
        }
    }
}
