//! torch's CPU generator: the stream of `torch.randn`.

use rand_mt::Mt;

/// Values drawn below this count come from torch's double-precision path.
const FILL_BLOCK: usize = 16;

/// Every draw continues where the last one ended.
#[derive(Clone, Debug)]
pub(super) struct TorchCpu {
    twister: Mt,
    /// The second value of the last double-precision pair, not handed out yet.
    spare: Option<f64>,
}

impl TorchCpu {
    /// A generator after `torch.manual_seed(seed)`; torch's twister takes the low 32 bits.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            twister: Mt::new(seed as u32),
            spare: None,
        }
    }

    /// The next `count` values of the stream.
    pub(super) fn draw(&mut self, count: usize) -> Vec<f32> {
        if count < FILL_BLOCK {
            return (0..count).map(|_| self.draw_one() as f32).collect();
        }
        let mut values: Vec<f32> = (0..count).map(|_| self.uniform()).collect();
        let (blocks, rest) = values.as_chunks_mut::<FILL_BLOCK>();
        for block in blocks {
            box_muller(block);
        }
        if !rest.is_empty() {
            // torch draws the last block anew, over values it has already transformed.
            let mut block: [f32; FILL_BLOCK] = std::array::from_fn(|_| self.uniform());
            box_muller(&mut block);
            values[count - FILL_BLOCK..].copy_from_slice(&block);
        }
        values
    }

    /// 24 random bits in [0, 1).
    fn uniform(&mut self) -> f32 {
        (self.twister.next_u32() & 0x00ff_ffff) as f32 / (1 << 24) as f32
    }

    /// 53 random bits in [0, 1), the high word first.
    fn uniform_f64(&mut self) -> f64 {
        let high = u64::from(self.twister.next_u32());
        let low = u64::from(self.twister.next_u32());
        (((high << 32) | low) & ((1 << 53) - 1)) as f64 / (1u64 << 53) as f64
    }

    fn draw_one(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let angle = std::f64::consts::TAU * self.uniform_f64();
        let radius = (-2.0 * (-self.uniform_f64()).ln_1p()).sqrt();
        self.spare = Some(radius * angle.sin());
        radius * angle.cos()
    }
}

/// Box and Muller's transform of eight pairs, the partners eight places apart; radius and angle are
/// rounded to f32 as torch's vectorised code holds them.
fn box_muller(block: &mut [f32; FILL_BLOCK]) {
    let half = FILL_BLOCK / 2;
    for j in 0..half {
        let u1 = 1.0 - block[j];
        let angle = (std::f64::consts::TAU * f64::from(block[j + half])) as f32;
        let radius = (-2.0 * f64::from(u1).ln()).sqrt() as f32;
        let (sin, cos) = f64::from(angle).sin_cos();
        block[j] = (f64::from(radius) * cos) as f32;
        block[j + half] = (f64::from(radius) * sin) as f32;
    }
}
