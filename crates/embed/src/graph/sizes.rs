//! What a graph of others claims to hold, before its runtime believes it.
//!
//! The reader of the runtime takes memory for a text or for weights by the length that is written before them. So all messages that it
//! reads are walked here first, by a decoder that believes no length beyond its message's end.

use prost::Message;

use crate::error::{Error, Result};

/// The messages of `onnx.proto` that are read, without their texts and numbers.
#[derive(Clone, PartialEq, Message)]
struct ModelSizes {
    #[prost(message, optional, tag = "7")]
    graph: Option<GraphSizes>,
    #[prost(message, repeated, tag = "8")]
    opset_import: Vec<Leaf>,
    #[prost(message, repeated, tag = "14")]
    metadata_props: Vec<Leaf>,
}

/// A message without messages in it.
#[derive(Clone, PartialEq, Message)]
struct Leaf {}

#[derive(Clone, PartialEq, Message)]
struct GraphSizes {
    #[prost(message, repeated, tag = "1")]
    node: Vec<NodeSizes>,
    #[prost(message, repeated, tag = "5")]
    initializer: Vec<TensorSizes>,
    #[prost(message, repeated, tag = "11")]
    input: Vec<ValueSizes>,
    #[prost(message, repeated, tag = "12")]
    output: Vec<ValueSizes>,
    #[prost(message, repeated, tag = "13")]
    value_info: Vec<ValueSizes>,
}

#[derive(Clone, PartialEq, Message)]
struct ValueSizes {
    #[prost(message, optional, tag = "2")]
    r#type: Option<TypeSizes>,
}

#[derive(Clone, PartialEq, Message)]
struct TypeSizes {
    #[prost(message, optional, tag = "1")]
    tensor_type: Option<TensorTypeSizes>,
    #[prost(message, optional, boxed, tag = "4")]
    sequence_type: Option<Box<SequenceSizes>>,
}

#[derive(Clone, PartialEq, Message)]
struct SequenceSizes {
    #[prost(message, optional, boxed, tag = "1")]
    elem_type: Option<Box<TypeSizes>>,
}

#[derive(Clone, PartialEq, Message)]
struct TensorTypeSizes {
    #[prost(message, optional, tag = "2")]
    shape: Option<ShapeSizes>,
}

#[derive(Clone, PartialEq, Message)]
struct ShapeSizes {
    #[prost(message, repeated, tag = "1")]
    dim: Vec<Leaf>,
}

#[derive(Clone, PartialEq, Message)]
struct NodeSizes {
    #[prost(message, repeated, tag = "5")]
    attribute: Vec<AttributeSizes>,
}

#[derive(Clone, PartialEq, Message)]
struct AttributeSizes {
    #[prost(message, optional, tag = "5")]
    t: Option<TensorSizes>,
    #[prost(message, optional, tag = "6")]
    g: Option<GraphSizes>,
    #[prost(message, repeated, tag = "10")]
    tensors: Vec<TensorSizes>,
    #[prost(message, repeated, tag = "11")]
    graphs: Vec<GraphSizes>,
}

#[derive(Clone, PartialEq, Message)]
struct TensorSizes {
    #[prost(int64, repeated, packed = "false", tag = "1")]
    dims: Vec<i64>,
    #[prost(string, tag = "8")]
    name: String,
    #[prost(message, repeated, tag = "13")]
    external_data: Vec<Leaf>,
}

/// Whether every length is one that the file has room for, and every tensor has as many numbers as the file has room for: two a byte, for the smallest kind that there is.
///
/// # Errors
/// `Graph` with the tensor's name, or where the file is no graph at all.
pub(super) fn check(bytes: &[u8]) -> Result<()> {
    let model = ModelSizes::decode(bytes)
        .map_err(|error| Error::Graph(format!("the ONNX file cannot be read: {error}")))?;
    let mut open: Vec<&GraphSizes> = model.graph.iter().collect();
    while let Some(graph) = open.pop() {
        let attributes = graph.node.iter().flat_map(|node| &node.attribute);
        let mut tensors: Vec<&TensorSizes> = graph.initializer.iter().collect();
        for attribute in attributes {
            tensors.extend(attribute.t.iter().chain(&attribute.tensors));
            open.extend(attribute.g.iter().chain(&attribute.graphs));
        }
        for tensor in tensors {
            let claimed = tensor
                .dims
                .iter()
                .try_fold(1u64, |n, &size| n.checked_mul(u64::try_from(size).ok()?));
            if claimed.is_none_or(|n| n > 2 * bytes.len() as u64) {
                return Err(Error::Graph(format!(
                    "its tensor `{}` claims to be of {:?} numbers, and the file has {} bytes",
                    tensor.name,
                    tensor.dims,
                    bytes.len()
                )));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn tensor(dims: &[i64]) -> TensorSizes {
        TensorSizes {
            dims: dims.to_vec(),
            name: "w".to_owned(),
            external_data: Vec::new(),
        }
    }

    fn file(initializer: Vec<TensorSizes>, node: Vec<NodeSizes>) -> Vec<u8> {
        let graph = GraphSizes {
            node,
            initializer,
            ..GraphSizes::default()
        };
        let model = ModelSizes {
            graph: Some(graph),
            ..ModelSizes::default()
        };
        model.encode_to_vec()
    }

    fn within(attribute: AttributeSizes) -> Vec<NodeSizes> {
        vec![NodeSizes {
            attribute: vec![attribute],
        }]
    }

    #[test]
    fn claims_beyond_the_file_are_refused_wherever_they_stand() {
        check(include_bytes!("../../tests/golden/small.onnx")).unwrap();
        check(&file(vec![tensor(&[2, 3]), tensor(&[]), tensor(&[0, 5])], vec![])).unwrap();
        // the second is none again in 64 bits, the third below zero
        for dims in [&[1 << 30, 1 << 30][..], &[1 << 32, 1 << 32], &[-1], &[1000]] {
            let bad = tensor(dims);
            let inner = GraphSizes {
                initializer: vec![bad.clone()],
                ..GraphSizes::default()
            };
            for bytes in [
                file(vec![bad.clone()], Vec::new()),
                file(
                    Vec::new(),
                    within(AttributeSizes {
                        t: Some(bad.clone()),
                        ..AttributeSizes::default()
                    }),
                ),
                file(
                    Vec::new(),
                    within(AttributeSizes {
                        graphs: vec![inner.clone()],
                        ..AttributeSizes::default()
                    }),
                ),
            ] {
                let error = check(&bytes).unwrap_err().to_string();
                assert!(error.contains("`w` claims"), "{dims:?}: {error}");
            }
        }
        assert!(check(b"no graph").is_err());
        // a name of 361 GB, in each message that has one
        let long = b"\x0a\xd8\xd0\xbd\xdb\xc2\x0a";
        for path in [
            &[7][..],
            &[7, 1],
            &[7, 1, 5],
            &[7, 1, 5, 5],
            &[7, 5],
            &[7, 5, 13],
            &[7, 11],
            &[7, 12],
            &[7, 13],
            &[7, 11, 2, 1, 2, 1],
            &[7, 11, 2, 4, 1, 1, 2],
            &[8],
            &[14],
        ] {
            let bytes = path.iter().rev().fold(long.to_vec(), |inner, field| {
                [&[field << 3 | 2, inner.len() as u8], &inner[..]].concat()
            });
            assert!(check(&bytes).is_err(), "{path:?}");
        }
    }
}
