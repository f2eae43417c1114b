use super::proto::{
    AttributeProto, DimensionProto, GraphProto, NodeProto, TensorProto, TensorShapeProto, TensorTypeProto,
    TypeProto, ValueInfoProto,
};

/// Where the operators for machine learning are.
pub(super) const ML_DOMAIN: &str = "ai.onnx.ml";

/// Element types, by their numbers in ONNX.
#[derive(Clone, Copy)]
pub(crate) enum Element {
    Float = 1,
    Int64 = 7,
    String = 8,
    Double = 11,
}

/// What a node is told.
#[derive(Clone)]
pub(crate) enum Attribute {
    Int(i64),
    Ints(Vec<i64>),
    Floats(Vec<f32>),
    String(String),
    Strings(Vec<String>),
}

impl Attribute {
    fn proto(&self, name: &str) -> AttributeProto {
        let empty = AttributeProto {
            name: name.to_owned(),
            ..AttributeProto::default()
        };
        match self.clone() {
            Self::Int(i) => AttributeProto {
                i,
                r#type: 2,
                ..empty
            },
            Self::String(s) => AttributeProto {
                s: s.into_bytes(),
                r#type: 3,
                ..empty
            },
            Self::Floats(floats) => AttributeProto {
                floats,
                r#type: 6,
                ..empty
            },
            Self::Ints(ints) => AttributeProto {
                ints,
                r#type: 7,
                ..empty
            },
            Self::Strings(strings) => AttributeProto {
                strings: strings.into_iter().map(String::into_bytes).collect(),
                r#type: 8,
                ..empty
            },
        }
    }
}

/// The outputs of a model, by name.
pub(crate) struct Outputs {
    /// Probabilities or decision values, one column for two classes.
    pub(crate) scores: String,
    /// What the label is the largest of, one column per class, where that is not the scores.
    pub(crate) label_by: Option<String>,
}

impl From<String> for Outputs {
    fn from(scores: String) -> Self {
        Self {
            scores,
            label_by: None,
        }
    }
}

/// A graph under construction. Values are known by name; every node gets a fresh one.
#[derive(Default)]
pub(crate) struct Graph {
    proto: GraphProto,
    n_values: usize,
    uses_ml: bool,
}

impl Graph {
    /// Adds a node with one output and returns its name.
    pub(crate) fn node(&mut self, op: &str, inputs: &[&str], attributes: &[(&str, i64)]) -> String {
        let attributes: Vec<(&str, Attribute)> = attributes
            .iter()
            .map(|&(name, i)| (name, Attribute::Int(i)))
            .collect();
        self.node_with(op, inputs, &attributes)
    }

    /// The same with attributes of any kind.
    pub(crate) fn node_with(
        &mut self,
        op: &str,
        inputs: &[&str],
        attributes: &[(&str, Attribute)],
    ) -> String {
        self.add(op, "", inputs, attributes, 1).remove(0)
    }

    /// A node with so many outputs of the operators for machine learning.
    pub(crate) fn ml_node(
        &mut self,
        op: &str,
        input: &str,
        attributes: &[(&str, Attribute)],
        n_outputs: usize,
    ) -> Vec<String> {
        self.uses_ml = true;
        self.add(op, ML_DOMAIN, &[input], attributes, n_outputs)
    }

    fn add(
        &mut self,
        op: &str,
        domain: &str,
        inputs: &[&str],
        attributes: &[(&str, Attribute)],
        n_outputs: usize,
    ) -> Vec<String> {
        let outputs: Vec<String> = (0..n_outputs).map(|_| self.fresh(op)).collect();
        self.proto.node.push(NodeProto {
            input: inputs.iter().map(|&name| name.to_owned()).collect(),
            output: outputs.clone(),
            op_type: op.to_owned(),
            attribute: attributes
                .iter()
                .map(|(name, attribute)| attribute.proto(name))
                .collect(),
            domain: domain.to_owned(),
        });
        outputs
    }

    pub(crate) fn cast(&mut self, value: &str, to: Element) -> String {
        self.node("Cast", &[value], &[("to", to as i64)])
    }

    pub(crate) fn floats(&mut self, shape: &[usize], values: &[f32]) -> String {
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(Element::Float, shape, raw, Vec::new())
    }

    #[cfg(feature = "deep")]
    pub(crate) fn integers(&mut self, values: &[i64]) -> String {
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(Element::Int64, &[values.len()], raw, Vec::new())
    }

    pub(crate) fn doubles(&mut self, shape: &[usize], values: &[f64]) -> String {
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(Element::Double, shape, raw, Vec::new())
    }

    pub(crate) fn indices(&mut self, values: &[usize]) -> String {
        let raw = values.iter().flat_map(|&value| (value as i64).to_le_bytes());
        self.constant(Element::Int64, &[values.len()], raw.collect(), Vec::new())
    }

    pub(crate) fn strings(&mut self, values: &[&str]) -> String {
        let data = values.iter().map(|value| value.as_bytes().to_vec()).collect();
        self.constant(Element::String, &[values.len()], Vec::new(), data)
    }

    /// Declares an input of the graph.
    pub(crate) fn input(&mut self, name: &str, element: Element, n_columns: Option<usize>) {
        self.proto
            .input
            .push(value_info(name, element, n_columns.as_slice()));
    }

    /// Declares an input of any number of things of these sizes.
    #[cfg(feature = "deep")]
    pub(crate) fn input_of(&mut self, name: &str, element: Element, sizes: &[usize]) {
        self.proto.input.push(value_info(name, element, sizes));
    }

    /// Makes `value` an output of the graph under this name.
    pub(crate) fn output(&mut self, value: &str, name: &str, element: Element, n_columns: Option<usize>) {
        self.proto.node.push(NodeProto {
            input: vec![value.to_owned()],
            output: vec![name.to_owned()],
            op_type: "Identity".to_owned(),
            ..NodeProto::default()
        });
        self.proto
            .output
            .push(value_info(name, element, n_columns.as_slice()));
    }

    /// Whether it has operators for machine learning.
    pub(super) fn uses_ml(&self) -> bool {
        self.uses_ml
    }

    pub(super) fn finish(mut self, name: &str) -> GraphProto {
        name.clone_into(&mut self.proto.name);
        self.proto
    }

    fn constant(
        &mut self,
        element: Element,
        shape: &[usize],
        raw_data: Vec<u8>,
        string_data: Vec<Vec<u8>>,
    ) -> String {
        let name = self.fresh("constant");
        self.proto.initializer.push(TensorProto {
            dims: shape.iter().map(|&size| size as i64).collect(),
            data_type: element as i32,
            string_data,
            name: name.clone(),
            raw_data,
        });
        name
    }

    fn fresh(&mut self, what: &str) -> String {
        self.n_values += 1;
        format!("{}_{}", what.to_lowercase(), self.n_values)
    }
}

/// A free number of rows of these sizes: a list without any, a table with one.
fn value_info(name: &str, element: Element, sizes: &[usize]) -> ValueInfoProto {
    let rows = DimensionProto {
        dim_value: None,
        dim_param: Some("N".to_owned()),
    };
    let sizes = sizes.iter().map(|&n| DimensionProto {
        dim_value: Some(n as i64),
        dim_param: None,
    });
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto {
            tensor_type: Some(TensorTypeProto {
                elem_type: element as i32,
                shape: Some(TensorShapeProto {
                    dim: std::iter::once(rows).chain(sizes).collect(),
                }),
            }),
        }),
    }
}
