//! The tensors of a checkpoint. Source: TensorFlow, `core/protobuf/tensor_bundle.proto` and `util/tensor_bundle`.

use std::collections::BTreeMap;

use prost::Message;

use super::{crc32c, table};
use crate::error::{Error, Result};

/// `DT_FLOAT` of TensorFlow's `types.proto`.
const FLOAT: i32 = 1;

/// The entry of the empty name.
#[derive(Clone, PartialEq, Message)]
struct Header {
    #[prost(int32, tag = "1")]
    num_shards: i32,
    /// 0 says that the lowest byte comes first.
    #[prost(int32, tag = "2")]
    endianness: i32,
}

/// Where a tensor lies, and what it is.
#[derive(Clone, PartialEq, Message)]
struct Entry {
    #[prost(int32, tag = "1")]
    dtype: i32,
    #[prost(message, optional, tag = "2")]
    shape: Option<Shape>,
    #[prost(int32, tag = "3")]
    shard_id: i32,
    #[prost(int64, tag = "4")]
    offset: i64,
    #[prost(int64, tag = "5")]
    size: i64,
    #[prost(fixed32, tag = "6")]
    crc32c: u32,
    /// A tensor that is kept in parts.
    #[prost(bytes = "vec", repeated, tag = "7")]
    slices: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
struct Shape {
    #[prost(message, repeated, tag = "2")]
    dim: Vec<Dim>,
}

#[derive(Clone, PartialEq, Message)]
struct Dim {
    #[prost(int64, tag = "1")]
    size: i64,
}

/// Numbers in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Size of each dimension.
    pub shape: Vec<usize>,
    /// The numbers.
    pub values: Vec<f32>,
}

/// The single-precision tensors of a checkpoint whose names `wanted` takes, by name.
///
/// # Errors
/// `Damaged` where the files are not those of a checkpoint of one part, or do not match their checksums. Memory is bounded by
/// their lengths.
pub fn read(index: &[u8], data: &[u8], wanted: impl Fn(&str) -> bool) -> Result<BTreeMap<String, Tensor>> {
    let entries = table::entries(index)?;
    let mut entries = entries.iter();
    let header = match entries.next() {
        Some((name, header)) if name.is_empty() => {
            Header::decode(header.as_slice()).map_err(|error| damaged("", &error.to_string()))?
        }
        _ => return Err(damaged("", "its index has no header")),
    };
    if header.num_shards != 1 || header.endianness != 0 {
        return Err(damaged("", "it has several parts, or the highest byte first"));
    }
    let mut tensors = BTreeMap::new();
    for (name, entry) in entries {
        let name = String::from_utf8_lossy(name).into_owned();
        if !wanted(&name) {
            continue;
        }
        let entry = Entry::decode(entry.as_slice()).map_err(|error| damaged(&name, &error.to_string()))?;
        if entry.dtype == FLOAT {
            tensors.insert(name.clone(), tensor(&name, &entry, data)?);
        }
    }
    Ok(tensors)
}

fn tensor(name: &str, entry: &Entry, data: &[u8]) -> Result<Tensor> {
    let dims = entry.shape.iter().flat_map(|shape| &shape.dim);
    let shape: Option<Vec<usize>> = dims.map(|dim| usize::try_from(dim.size).ok()).collect();
    let shape = shape.ok_or_else(|| damaged(name, "a size is below 0"))?;
    let place = || {
        let start = usize::try_from(entry.offset).ok()?;
        let end = start.checked_add(usize::try_from(entry.size).ok()?)?;
        data.get(start..end)
    };
    let bytes = match place() {
        Some(bytes) if entry.shard_id == 0 && entry.slices.is_empty() => bytes,
        _ => return Err(damaged(name, "it does not lie in the file, or in parts")),
    };
    let n_bytes = shape.iter().try_fold(4usize, |n, size| n.checked_mul(*size));
    if n_bytes != Some(bytes.len()) {
        return Err(damaged(
            name,
            &format!("{} bytes for the shape {shape:?}", bytes.len()),
        ));
    }
    if crc32c::masked(&[bytes]) != entry.crc32c {
        return Err(damaged(name, "it does not match its checksum"));
    }
    let values: Vec<f32> = bytes
        .chunks_exact(4)
        .map(|c| f32::from_le_bytes([c[0], c[1], c[2], c[3]]))
        .collect();
    match values.iter().all(|value| value.is_finite()) {
        true => Ok(Tensor { shape, values }),
        false => Err(damaged(name, "it has values that are no numbers")),
    }
}

fn damaged(name: &str, problem: &str) -> Error {
    match name {
        "" => Error::damaged("the checkpoint", problem),
        name => Error::damaged(format!("tensor `{name}` of the checkpoint"), problem),
    }
}

/// The two files of a checkpoint of these tensors, for tests.
#[cfg(test)]
pub(crate) fn test_bundle(tensors: &BTreeMap<String, Tensor>) -> (Vec<u8>, Vec<u8>) {
    let header = Header {
        num_shards: 1,
        endianness: 0,
    };
    let mut entries = vec![(Vec::new(), header.encode_to_vec())];
    let mut data = Vec::new();
    for (name, tensor) in tensors {
        let bytes: Vec<u8> = tensor
            .values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        let entry = Entry {
            dtype: FLOAT,
            shape: Some(Shape {
                dim: tensor
                    .shape
                    .iter()
                    .map(|&size| Dim { size: size as i64 })
                    .collect(),
            }),
            shard_id: 0,
            offset: data.len() as i64,
            size: bytes.len() as i64,
            crc32c: crc32c::masked(&[&bytes]),
            slices: Vec::new(),
        };
        entries.push((name.clone().into_bytes(), entry.encode_to_vec()));
        data.extend(bytes);
    }
    (table::test_table(&entries, 16), data)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn some() -> BTreeMap<String, Tensor> {
        let tensor = |shape: &[usize]| Tensor {
            shape: shape.to_vec(),
            values: (0..shape.iter().product::<usize>())
                .map(|i| i as f32 - 2.5)
                .collect(),
        };
        [
            ("a/kernel", tensor(&[2, 3])),
            ("a/bias", tensor(&[3])),
            ("scalar", tensor(&[])),
            ("none", tensor(&[0, 5])),
        ]
        .map(|(name, tensor)| (name.to_owned(), tensor))
        .into()
    }

    #[test]
    fn tensors_are_read_back_and_only_those_that_are_wanted() {
        let (index, data) = test_bundle(&some());
        assert_eq!(read(&index, &data, |_| true).unwrap(), some());
        let one = read(&index, &data, |name| name == "a/bias").unwrap();
        assert_eq!(one.keys().collect::<Vec<_>>(), ["a/bias"]);
    }

    #[test]
    fn a_changed_or_shorter_file_is_refused() {
        let (index, data) = test_bundle(&some());
        for n in 0..data.len() {
            assert!(read(&index, &data[..n], |_| true).is_err(), "{n}");
            let mut other = data.clone();
            other[n] ^= 4;
            let error = read(&index, &other, |_| true).unwrap_err().to_string();
            assert!(error.contains("checksum"), "{error}");
        }
        assert!(read(&data, &index, |_| true).is_err());
    }

    #[test]
    fn entries_that_lie_are_refused() {
        let header = Header {
            num_shards: 1,
            endianness: 0,
        };
        let honest = Entry {
            dtype: FLOAT,
            shape: Some(Shape {
                dim: vec![Dim { size: 2 }],
            }),
            size: 8,
            crc32c: crc32c::masked(&[&[0; 8]]),
            ..Entry::default()
        };
        let with = |header: &Header, entry: Entry| {
            let entries = [
                (Vec::new(), header.encode_to_vec()),
                (b"t".to_vec(), entry.encode_to_vec()),
            ];
            read(&table::test_table(&entries, 9), &[0; 8], |_| true)
        };
        assert_eq!(with(&header, honest.clone()).unwrap()["t"].values, [0.0, 0.0]);
        let huge = Some(Shape {
            dim: vec![Dim { size: i64::MAX }, Dim { size: 4 }],
        });
        for lie in [
            Entry {
                offset: 1,
                ..honest.clone()
            },
            Entry {
                offset: -1,
                ..honest.clone()
            },
            Entry {
                size: i64::MAX,
                offset: 9,
                ..honest.clone()
            },
            Entry {
                size: 4,
                ..honest.clone()
            },
            Entry {
                shard_id: 1,
                ..honest.clone()
            },
            Entry {
                shape: huge,
                ..honest.clone()
            },
            Entry {
                shape: None,
                ..honest.clone()
            },
            Entry {
                shape: Some(Shape {
                    dim: vec![Dim { size: -2 }],
                }),
                ..honest.clone()
            },
            Entry {
                slices: vec![vec![1]],
                ..honest.clone()
            },
        ] {
            assert!(with(&header, lie.clone()).is_err(), "{lie:?}");
        }
        for bad in [
            Header {
                num_shards: 2,
                endianness: 0,
            },
            Header {
                num_shards: 1,
                endianness: 1,
            },
        ] {
            assert!(with(&bad, honest.clone()).is_err(), "{bad:?}");
        }
    }
}
