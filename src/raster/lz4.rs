//! What an LZ4 block would be unpacked to, without unpacking it.

/// The number of bytes in an LZ4 block; `None` if it cannot be unpacked. Takes time by the packed
/// bytes alone, and no memory.
pub(super) fn unpacked_length(packed: &[u8]) -> Option<u64> {
    let mut rest = packed;
    let mut unpacked = 0;
    loop {
        let token = next(&mut rest)?;
        let literals = length(token >> 4, &mut rest)?;
        rest = rest.get(usize::try_from(literals).ok()?..)?;
        unpacked += literals;
        // The last sequence ends after its literals.
        if rest.is_empty() {
            return Some(unpacked);
        }
        let distance = u16::from_le_bytes([next(&mut rest)?, next(&mut rest)?]);
        if distance == 0 || u64::from(distance) > unpacked {
            return None;
        }
        unpacked += length(token & 15, &mut rest)? + SHORTEST_MATCH;
    }
}

const SHORTEST_MATCH: u64 = 4;

fn next(bytes: &mut &[u8]) -> Option<u8> {
    let (&byte, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(byte)
}

/// A length of four bits, continued in bytes of their own if it is too long for these.
fn length(start: u8, bytes: &mut &[u8]) -> Option<u64> {
    let mut length = u64::from(start);
    if start == 15 {
        loop {
            let more = next(bytes)?;
            length += u64::from(more);
            if more < u8::MAX {
                break;
            }
        }
    }
    Some(length)
}

#[cfg(test)]
mod tests {
    use lz4_flex::block::{compress, decompress_into};

    use super::*;

    fn values(count: usize) -> Vec<u8> {
        (0..count).map(|at| (at * at / 3000) as u8 & 0x3c).collect()
    }

    #[test]
    fn packed_bytes_have_the_length_of_what_was_packed() {
        for count in [0, 1, 13, 300, 70_000] {
            let packed = compress(&values(count));
            assert_eq!(unpacked_length(&packed), Some(count as u64));
            let zeros = compress(&vec![0; count]);
            assert_eq!(unpacked_length(&zeros), Some(count as u64));
        }
        assert_eq!(unpacked_length(&[]), None);
    }

    #[test]
    fn a_damaged_block_is_judged_as_unpacking_it_would() {
        let mut packed = compress(&values(9000));
        let mut room = vec![0; 1 << 20];
        for at in 0..packed.len() {
            for mask in [0x01, 0x10, 0xff] {
                packed[at] ^= mask;
                let unpacked = decompress_into(&packed, &mut room).ok();
                assert_eq!(unpacked_length(&packed), unpacked.map(|n| n as u64), "{at}");
                packed[at] ^= mask;
            }
            let cut = decompress_into(&packed[..at], &mut room).ok();
            assert_eq!(
                unpacked_length(&packed[..at]),
                cut.map(|n| n as u64),
                "{at}"
            );
        }
    }
}
