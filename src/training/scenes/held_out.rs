//! What no network of ours was trained on.

use super::scene::Scene;

/// Scenes of this seed were left out of every training.
pub const HELD_OUT_SEED: u64 = 1000;
/// One combination of subject, colour and place in so many was never trained on.
const ONE_IN: u32 = 25;

/// Whether a scene's subject, colour and place are a combination that was never trained on; as
/// `assets/sprout/train/data.py` decides it.
pub fn is_withheld(scene: &Scene) -> bool {
    let figure = scene
        .figure
        .map(|figure| (figure.subject.id(), figure.color.id()));
    // So Python writes what is missing.
    let (subject, color) = figure.unwrap_or(("None", "None"));
    let key = format!("{subject}/{color}/{}", scene.place.id());
    crc32fast::hash(key.as_bytes()).is_multiple_of(ONE_IN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_one_in_twenty_five_is_withheld_and_those_python_withholds() {
        // By `zlib.crc32`.
        assert_eq!(crc32fast::hash(b"house/red/ocean"), 2_393_600_626);
        let withheld = (0..2000).filter(|&index| is_withheld(&Scene::sample(1, index)));
        let count = withheld.count();
        assert!((40..140).contains(&count), "{count}");
    }
}
