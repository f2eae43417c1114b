//! An ONNX graph, built node by node. Operator set 13: the newest in which reductions have their axes as attributes.

use prost::Message;

use super::proto::{
    AttributeProto, DimensionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
};

const FLOAT: i32 = 1;
const INT64: i32 = 7;

/// A graph under construction. Values are known by their names.
#[derive(Default)]
pub(crate) struct GraphWriter {
    graph: GraphProto,
}

/// An attribute of a node.
pub(crate) enum Attribute<'a> {
    Int(&'a str, i64),
    Float(&'a str, f32),
    Ints(&'a str, &'a [i64]),
}

impl GraphWriter {
    /// A tensor of weights; returns its name.
    pub(crate) fn weights(&mut self, name: &str, shape: &[usize], values: &[f32]) -> String {
        debug_assert_eq!(shape.iter().product::<usize>(), values.len());
        let raw_data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor(name, shape, FLOAT, raw_data)
    }

    /// Whole numbers, such as axes.
    pub(crate) fn ints(&mut self, name: &str, values: &[i64]) -> String {
        let raw_data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor(name, &[values.len()], INT64, raw_data)
    }

    fn tensor(&mut self, name: &str, shape: &[usize], data_type: i32, raw_data: Vec<u8>) -> String {
        self.graph.initializer.push(TensorProto {
            dims: shape.iter().map(|&size| size as i64).collect(),
            data_type,
            name: name.to_owned(),
            raw_data,
        });
        name.to_owned()
    }

    /// A node with one output, whose name is returned.
    pub(crate) fn node(
        &mut self,
        op: &str,
        inputs: &[&str],
        output: &str,
        attributes: &[Attribute<'_>],
    ) -> String {
        let attribute = attributes.iter().map(|attribute| match *attribute {
            Attribute::Float(name, f) => AttributeProto {
                name: name.to_owned(),
                f,
                r#type: 1,
                ..AttributeProto::default()
            },
            Attribute::Int(name, i) => AttributeProto {
                name: name.to_owned(),
                i,
                r#type: 2,
                ..AttributeProto::default()
            },
            Attribute::Ints(name, ints) => AttributeProto {
                name: name.to_owned(),
                ints: ints.to_vec(),
                r#type: 7,
                ..AttributeProto::default()
            },
        });
        self.graph.node.push(NodeProto {
            input: inputs.iter().map(|&name| name.to_owned()).collect(),
            output: vec![output.to_owned()],
            name: output.to_owned(),
            op_type: op.to_owned(),
            attribute: attribute.collect(),
        });
        output.to_owned()
    }

    /// An input of the graph; `None` for a size that is free.
    pub(crate) fn input(&mut self, name: &str, shape: &[Option<usize>]) -> String {
        self.graph.input.push(value(name, shape));
        name.to_owned()
    }

    /// An output of the graph.
    pub(crate) fn output(&mut self, name: &str, shape: &[Option<usize>]) {
        self.graph.output.push(value(name, shape));
    }

    /// The bytes of the ONNX file.
    pub(crate) fn finish(mut self, name: &str) -> Vec<u8> {
        self.graph.name = name.to_owned();
        let model = ModelProto {
            ir_version: 8,
            graph: Some(self.graph),
            opset_import: vec![OperatorSetIdProto {
                domain: String::new(),
                version: 13,
            }],
        };
        model.encode_to_vec()
    }
}

fn value(name: &str, shape: &[Option<usize>]) -> ValueInfoProto {
    let dim = shape.iter().enumerate().map(|(at, size)| DimensionProto {
        dim_value: size.map(|size| size as i64),
        dim_param: size.is_none().then(|| format!("size_{at}")),
    });
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto {
            tensor_type: Some(TensorTypeProto {
                elem_type: FLOAT,
                shape: Some(TensorShapeProto { dim: dim.collect() }),
            }),
        }),
    }
}
