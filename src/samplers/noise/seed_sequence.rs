//! Seeds out of a seed: numpy's `SeedSequence`, which mixes a number and a place in a tree into as many
//! words as are asked for.

const FIRST_A: u32 = 0x43b0_d7e5;
const NEXT_A: u32 = 0x931e_8875;
const FIRST_B: u32 = 0x8b51_f9dd;
const NEXT_B: u32 = 0x58f3_8ded;
const MIX_LEFT: u32 = 0xca01_f9dd;
const MIX_RIGHT: u32 = 0x4973_f715;
const SHIFT: u32 = 16;

/// A multiplier that changes with each use.
struct Hash {
    factor: u32,
    next: u32,
}

impl Hash {
    fn of(&mut self, value: u32) -> u32 {
        let value = value ^ self.factor;
        self.factor = self.factor.wrapping_mul(self.next);
        let value = value.wrapping_mul(self.factor);
        value ^ (value >> SHIFT)
    }
}

fn mix(left: u32, right: u32) -> u32 {
    let value = MIX_LEFT
        .wrapping_mul(left)
        .wrapping_sub(MIX_RIGHT.wrapping_mul(right));
    value ^ (value >> SHIFT)
}

/// The words of a number, the low one first; of 0 one word.
fn words(number: u64) -> impl Iterator<Item = u32> {
    let (low, high) = (number as u32, (number >> 32) as u32);
    std::iter::once(low).chain((high > 0).then_some(high))
}

/// `COUNT` words from a seed and a place, mixed in a pool of `POOL` words. A place of no numbers is the
/// seed's own sequence.
pub(super) fn seeds<const POOL: usize, const COUNT: usize>(
    seed: u64,
    place: &[u64],
) -> [u32; COUNT] {
    let mut entropy: Vec<u32> = words(seed).collect();
    if !place.is_empty() {
        entropy.resize(entropy.len().max(POOL), 0);
    }
    entropy.extend(place.iter().flat_map(|number| words(*number)));

    let mut hash = Hash {
        factor: FIRST_A,
        next: NEXT_A,
    };
    let mut pool: [u32; POOL] =
        std::array::from_fn(|at| hash.of(entropy.get(at).copied().unwrap_or(0)));
    for from in 0..POOL {
        for to in (0..POOL).filter(|to| *to != from) {
            pool[to] = mix(pool[to], hash.of(pool[from]));
        }
    }
    for word in entropy.iter().skip(POOL) {
        for to in &mut pool {
            *to = mix(*to, hash.of(*word));
        }
    }
    let mut hash = Hash {
        factor: FIRST_B,
        next: NEXT_B,
    };
    std::array::from_fn(|at| hash.of(pool[at % POOL]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `numpy.random.SeedSequence(seed, spawn_key=place, pool_size=…).generate_state(4)`.
    #[test]
    fn words_are_numpys() {
        let own = [2968811710, 3677149159, 745650761, 2884920346];
        assert_eq!(seeds::<4, 4>(0, &[]), own);
        let placed = [1167487741, 594211726, 3626736891, 2420502566];
        assert_eq!(seeds::<24, 4>(7, &[5, 3]), placed);
        let long = [3018520362, 980991674, 3115594370, 3606932884];
        assert_eq!(seeds::<24, 4>((1 << 40) + 9, &[1 << 33, 34]), long);
    }
}
