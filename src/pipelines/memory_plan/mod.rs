//! What drawing a picture will take of memory, and how it is made to fit: chosen before it begins.

mod refusal;
mod saving;

pub use refusal::TooLittleMemory;
pub use saving::Saving;

use crate::models::MemoryNeeds;
use crate::raster::Extent;
use crate::recipe::{Draft, PromptPlan, WeightBits, extract_networks, is_guided, tile_step};

/// The program itself, its window, and what its threads keep for their own work, in bytes. Of Stable
/// Diffusion 1.5 at 512 × 512, without a window, about 100 MB were held beside all that is counted: half of
/// it memory, half pages of mapped files.
const PROGRAM: u64 = 120 << 20;
/// Blocks of different sizes leave gaps in the memory that networks work in: one part of so many. There
/// a tenth was touched beyond what was held at once.
const GAPS: u64 = 8;
/// Bytes for each pixel of a picture that is done, until it has a file: f32 in both orders, and bytes.
const PICTURE: u64 = 32;
/// Sides of tiles to choose from, in latents, the best first: the larger, the less colours differ
/// between tiles.
const TILES: [u32; 6] = [128, 96, 64, 48, 32, 24];
/// Letters of a window of a prompt, about: four a token.
const LETTERS: usize = 300;

/// What is to be drawn, as far as it takes memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Of what is generated.
    pub extent: Extent,
    pub bits: WeightBits,
    /// Texts the denoiser is told in each call: prompts that are composed, and a negative one.
    pub texts: u32,
    /// Windows that are read for each of them, about: those of the longest text, as often as others take
    /// its place in the course of the run.
    pub windows: u32,
    /// Side of the tiles asked for, in pixels; 0 leaves the choice to the memory.
    pub decode_tile: u32,
}

impl Demand {
    /// Of the picture a draft describes.
    pub fn of(draft: &Draft, needs: &MemoryNeeds) -> Self {
        let (prompt, _) = extract_networks(&draft.prompt);
        let plan = PromptPlan::of(&prompt, draft.emphasis, draft.steps.max(1));
        let is_guided = !plan.is_single() || is_guided(draft.guidance) && !needs.told_guidance;
        let windows = if draft.emphasis.is_none() {
            1
        } else {
            let texts = plan.branches.iter().flat_map(|branch| &branch.texts);
            let negative = draft.negative_prompt.chars().count();
            let lengths = texts.map(|timed| timed.text.chars().count());
            let longest = lengths.chain([negative]).max().unwrap_or(0);
            let turns = plan.branches.iter().map(|branch| branch.texts.len()).max();
            longest.div_ceil(LETTERS).max(1) * turns.unwrap_or(1)
        };
        Self {
            extent: Extent::new(draft.width, draft.height),
            bits: draft.weight_bits,
            texts: plan.branches.len() as u32 + u32::from(is_guided),
            windows: windows as u32,
            decode_tile: draft.decode_tile,
        }
    }
}

/// What is done to take less memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thrift {
    pub bits: WeightBits,
    /// Side of the tiles the picture is decoded in, in pixels; 0: it is decoded as a whole.
    pub decode_tile: u32,
    /// The denoiser is told one text after the other.
    pub one_text: bool,
    /// The text encoders' weights are dropped as soon as the prompts are read.
    pub drop_encoders: bool,
}

/// How a picture is drawn, and what that takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryPlan {
    pub thrift: Thrift,
    /// Resident memory of the whole process at its fullest moment, predicted. Of mapped files it has the
    /// few pages that are being read; the rest the system may drop at any time.
    pub bytes: u64,
    /// Of those, what networks work in at once.
    pub work: u64,
}

impl MemoryPlan {
    /// The way that changes least of those that fit into so many bytes: first what leaves the picture as
    /// it is, then tiles, the largest first, then fewer bits of the weights. Everything fits where the
    /// bytes are not known.
    pub fn of(
        needs: &MemoryNeeds,
        demand: &Demand,
        allowed: Option<u64>,
    ) -> Result<Self, TooLittleMemory> {
        let allowed = allowed.unwrap_or(u64::MAX);
        let fits = |plan: &Self| plan.bytes <= allowed;
        let mut plans = demand.ways(needs).map(|way| Self::with(needs, demand, way));
        match plans.find(fits) {
            Some(plan) => Ok(plan),
            None => Err(TooLittleMemory::of(needs, demand, allowed)),
        }
    }

    fn with(needs: &MemoryNeeds, demand: &Demand, thrift: Thrift) -> Self {
        let weights = needs.weights_in(thrift.bits);
        let pixels = demand.pixels(needs);
        let texts = u64::from(demand.texts);
        let windows = texts.saturating_mul(demand.windows.into());
        let told = windows.saturating_mul(needs.window);
        let work = demand.work(needs, thrift);
        let gaps = work / GAPS;
        let beside = [
            PROGRAM,
            weights.denoiser,
            weights.autoencoder,
            told,
            pixels.saturating_mul(PICTURE),
        ];
        let beside = beside.into_iter().fold(0, u64::saturating_add);
        let working = work.saturating_add(gaps);
        let fullest = if thrift.drop_encoders {
            working.max(weights.text)
        } else {
            working.saturating_add(weights.text)
        };
        Self {
            thrift,
            bytes: beside.saturating_add(fullest),
            work,
        }
    }

    /// What is done beyond what was asked for.
    pub fn savings(&self, demand: &Demand) -> Vec<Saving> {
        let Thrift {
            bits,
            decode_tile,
            one_text,
            drop_encoders,
        } = self.thrift;
        let is_tiled = decode_tile != demand.decode_tile;
        [
            is_tiled.then_some(Saving::Tiles(decode_tile)),
            (bits != demand.bits).then_some(Saving::Bits(bits)),
            one_text.then_some(Saving::OneText),
            drop_encoders.then_some(Saving::DropEncoders),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Demand {
    /// Of what is generated, both sides filled up to whole latents.
    fn pixels(&self, needs: &MemoryNeeds) -> u64 {
        let factor = u64::from(needs.factor.max(1));
        let side = |side: u32| u64::from(side).next_multiple_of(factor);
        side(self.extent.width).saturating_mul(side(self.extent.height))
    }

    /// What networks hold at once.
    fn work(&self, needs: &MemoryNeeds, thrift: Thrift) -> u64 {
        let pixels = self.pixels(needs);
        let at_once = needs.together && !thrift.one_text;
        let together = if at_once { self.texts } else { 1 };
        let texts = u64::from(together.max(1));
        let call = needs.call.saturating_mul(pixels).saturating_mul(texts);
        let decode = match u64::from(thrift.decode_tile) {
            0 => needs.decode.saturating_mul(pixels),
            side => {
                let tile = side.saturating_mul(side).min(pixels);
                // The picture the tiles are laid into.
                let picture = pixels.saturating_mul(PICTURE);
                needs.decode.saturating_mul(tile).saturating_add(picture)
            }
        };
        call.max(decode)
    }

    /// Ways to draw it, the one that changes least first.
    fn ways(&self, needs: &MemoryNeeds) -> impl Iterator<Item = Thrift> {
        let one_text = if self.texts > 1 && needs.together {
            &[false, true][..]
        } else {
            &[false]
        };
        self.bits(needs).into_iter().flat_map(move |bits| {
            self.tiles(needs).into_iter().flat_map(move |decode_tile| {
                one_text.iter().flat_map(move |&one_text| {
                    [false, true].map(|drop_encoders| Thrift {
                        bits,
                        decode_tile,
                        one_text,
                        drop_encoders,
                    })
                })
            })
        })
    }

    /// Those that were asked for, and fewer where that saves anything.
    fn bits(&self, needs: &MemoryNeeds) -> Vec<WeightBits> {
        let bytes = |bits| needs.weights_in(bits).sum();
        let half = WeightBits::Half;
        let is_less = self.bits.are_stored() && bytes(half) < bytes(self.bits);
        [Some(self.bits), is_less.then_some(half)]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Sides of tiles in pixels: those that were asked for, or the whole and then ever smaller ones.
    fn tiles(&self, needs: &MemoryNeeds) -> Vec<u32> {
        if self.decode_tile > 0 || !needs.tiles {
            return vec![self.decode_tile];
        }
        let longest = self.extent.width.max(self.extent.height);
        let sides = TILES.map(|latents| latents / 4 * tile_step(needs.factor));
        let smaller = sides.into_iter().filter(|&side| side < longest);
        std::iter::once(0).chain(smaller).collect()
    }
}

#[cfg(test)]
mod tests;
