//! A sorted table of keys and values, as LevelDB writes it: blocks of entries that leave out what they share with the one
//! before, an index of blocks, and a footer. Source: LevelDB, `doc/table_format.md`.

use super::crc32c;
use crate::error::{Error, Result};

/// The last eight bytes.
const MAGIC: u64 = 0xdb47_7524_8b80_fb57;
/// Two handles of at most 20 bytes each, and the magic.
const FOOTER: usize = 48;
/// Behind each block: how it is compressed, and its checksum.
const TRAILER: usize = 5;

/// All entries, in the order of the file.
pub(super) fn entries(bytes: &[u8]) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let cut = || damaged("it is cut short, or no table");
    let at = bytes.len().checked_sub(FOOTER).ok_or_else(cut)?;
    let footer = &bytes[at..];
    if footer[FOOTER - 8..] != MAGIC.to_le_bytes() {
        return Err(damaged("it does not end like a table"));
    }
    let mut rest = footer;
    let (_, _) = (varint(&mut rest)?, varint(&mut rest)?);
    let index = block(bytes, &mut rest)?;
    let mut out = Vec::new();
    for (_, handle) in parse(index)? {
        out.extend(parse(block(bytes, &mut handle.as_slice())?)?);
    }
    if !out.windows(2).all(|pair| pair[0].0 < pair[1].0) {
        return Err(damaged("its keys are not in order"));
    }
    Ok(out)
}

/// The block that a handle (offset and length) points to.
fn block<'a>(bytes: &'a [u8], handle: &mut &[u8]) -> Result<&'a [u8]> {
    let (offset, length) = (varint(handle)?, varint(handle)?);
    let range = || {
        let start = usize::try_from(offset).ok()?;
        let end = start.checked_add(usize::try_from(length).ok()?)?;
        bytes.get(start..end.checked_add(TRAILER)?)
    };
    let whole = range().ok_or_else(|| damaged("a block lies outside of it"))?;
    let (block, trailer) = whole.split_at(whole.len() - TRAILER);
    match trailer[0] {
        0 => {}
        1 => {
            return Err(damaged(
                "a block is compressed (snappy), which TensorFlow does not do by itself",
            ));
        }
        other => {
            return Err(damaged(&format!(
                "a block is compressed in an unknown way ({other})"
            )));
        }
    }
    if crc32c::masked(&[block, &trailer[..1]]).to_le_bytes() != trailer[1..] {
        return Err(damaged("a block does not match its checksum"));
    }
    Ok(block)
}

/// The entries of a block.
fn parse(block: &[u8]) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let entries = || {
        let (rest, n) = block.split_at_checked(block.len().checked_sub(4)?)?;
        let n = u32::from_le_bytes(n.try_into().ok()?);
        let restarts = usize::try_from(n).ok()?.checked_mul(4)?;
        rest.get(..rest.len().checked_sub(restarts)?)
    };
    let mut rest = entries().ok_or_else(|| damaged("the end of a block is wrong"))?;
    let mut out: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    while !rest.is_empty() {
        let [shared, own, value] = [varint(&mut rest)?, varint(&mut rest)?, varint(&mut rest)?];
        let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let before = out.last().map_or(&[][..], |(key, _)| key);
        let mut key = before
            .get(..size(shared))
            .ok_or_else(|| damaged("a key shares more than there is"))?
            .to_vec();
        key.extend_from_slice(take(&mut rest, size(own))?);
        let value = take(&mut rest, size(value))?.to_vec();
        out.push((key, value));
    }
    Ok(out)
}

fn take<'a>(rest: &mut &'a [u8], n: usize) -> Result<&'a [u8]> {
    let (taken, after) = rest
        .split_at_checked(n)
        .ok_or_else(|| damaged("an entry is cut short"))?;
    *rest = after;
    Ok(taken)
}

/// A number of 7 bits a byte, lowest first.
fn varint(rest: &mut &[u8]) -> Result<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, after) = rest
            .split_first()
            .ok_or_else(|| damaged("a number is cut short"))?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(damaged("a number is too long"))
}

fn damaged(problem: &str) -> Error {
    Error::damaged("the index of the checkpoint", problem)
}

/// A table of these entries (sorted), for tests: blocks of `per_block` entries that share their beginnings.
#[cfg(test)]
pub(crate) fn test_table(entries: &[(Vec<u8>, Vec<u8>)], per_block: usize) -> Vec<u8> {
    fn put(out: &mut Vec<u8>, mut n: u64) {
        while n >= 0x80 {
            out.push(n as u8 | 0x80);
            n >>= 7;
        }
        out.push(n as u8);
    }
    fn add(file: &mut Vec<u8>, entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
        let (mut block, mut before) = (Vec::new(), Vec::new());
        for (key, value) in entries {
            let shared = key.iter().zip(&before).take_while(|(a, b)| a == b).count();
            for n in [shared, key.len() - shared, value.len()] {
                put(&mut block, n as u64);
            }
            block.extend_from_slice(&key[shared..]);
            block.extend_from_slice(value);
            before.clone_from(key);
        }
        block.extend_from_slice(&[0, 0, 0, 0, 1, 0, 0, 0]);
        let mut handle = Vec::new();
        put(&mut handle, file.len() as u64);
        put(&mut handle, block.len() as u64);
        let crc = crc32c::masked(&[&block, &[0]]);
        file.append(&mut block);
        file.push(0);
        file.extend_from_slice(&crc.to_le_bytes());
        handle
    }
    let mut file = Vec::new();
    let index: Vec<(Vec<u8>, Vec<u8>)> = entries
        .chunks(per_block)
        .map(|part| (part[part.len() - 1].0.clone(), add(&mut file, part)))
        .collect();
    let meta = add(&mut file, &[]);
    let mut footer = [meta, add(&mut file, &index)].concat();
    footer.resize(FOOTER - 8, 0);
    file.extend_from_slice(&footer);
    file.extend_from_slice(&MAGIC.to_le_bytes());
    file
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn some() -> Vec<(Vec<u8>, Vec<u8>)> {
        let names = [
            "",
            "batch/beta",
            "batch/gamma",
            "batch_1/beta",
            "conv/kernel",
            "dense",
        ];
        let value = |i: usize| vec![i as u8; 50 * i];
        names
            .iter()
            .enumerate()
            .map(|(i, name)| (name.as_bytes().to_vec(), value(i)))
            .collect()
    }

    #[test]
    fn a_table_gives_its_entries_back() {
        for per_block in [1, 2, 100] {
            assert_eq!(entries(&test_table(&some(), per_block)).unwrap(), some());
        }
    }

    #[test]
    fn bytes_of_any_content_give_entries_or_an_error() {
        let whole = test_table(&some(), 2);
        for n in 0..whole.len() {
            assert!(entries(&whole[..n]).is_err(), "cut at {n}");
        }
        let mut n_wrong = 0;
        for at in 0..whole.len() {
            for mask in [0x01, 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] ^= mask;
                match entries(&bytes) {
                    // The handle of the empty block, and what is unused of the footer.
                    Ok(read) => assert_eq!(read, some(), "byte {at}"),
                    Err(_) => n_wrong += 1,
                }
            }
        }
        assert!(n_wrong > 2 * whole.len(), "{n_wrong} of {}", 3 * whole.len());
        let mut snappy = test_table(&some()[..1], 1);
        // The only entry takes 3 + 0 bytes, and the restarts eight.
        snappy[11] = 1;
        assert!(entries(&snappy).unwrap_err().to_string().contains("snappy"));
    }
}
