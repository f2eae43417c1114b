//! The checksum of tables and tensors: CRC-32C (Castagnoli), masked as LevelDB does it.

const TABLE: [u32; 256] = {
    let mut table = [0u32; 256];
    let mut i = 0;
    while i < 256 {
        let mut crc = i as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0x82f6_3b78
            } else {
                crc >> 1
            };
            bit += 1;
        }
        table[i] = crc;
        i += 1;
    }
    table
};

/// The masked checksum of the parts, one after the other. Source: RFC 3720, appendix B.4; LevelDB, `util/crc32c.h`.
pub(super) fn masked(parts: &[&[u8]]) -> u32 {
    let mut crc = !0u32;
    for byte in parts.iter().flat_map(|part| part.iter()) {
        crc = TABLE[usize::from(crc as u8 ^ byte)] ^ (crc >> 8);
    }
    (!crc).rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_the_standard() {
        let plain = |bytes: &[u8]| masked(&[bytes]).wrapping_sub(0xa282_ead8).rotate_left(15);
        // RFC 3720, B.4: 32 bytes of zeros, of ones, and counting up.
        assert_eq!(plain(&[0; 32]), 0x8a91_36aa);
        assert_eq!(plain(&[0xff; 32]), 0x62a8_ab43);
        let counting: Vec<u8> = (0..32).collect();
        assert_eq!(plain(&counting), 0x46dd_794e);
        assert_eq!(masked(&[&counting[..5], &counting[5..]]), masked(&[&counting]));
    }
}
