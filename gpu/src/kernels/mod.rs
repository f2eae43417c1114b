//! What runs on the device: the text of each kernel (WGSL), made for what it is to do.

/// How the left matrix of a product is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Left {
    Plain,
    Transposed,
    /// 3 x 3 windows around the places of a map, a place a row.
    Windows,
    /// The same, a place a column.
    WindowsTransposed,
}

/// How the right matrix of a product is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Right {
    Plain,
    Transposed,
    /// A convolution's weights as its gradient needs them: turned by half a turn, inputs and outputs changed.
    Turned,
}

/// What runs on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kernel {
    Product(Left, Right),
    Sums,
    SquaredDifferences,
    NormTable,
    NormForward,
    NormWinners,
    NormBackward,
    /// A function of `simple.wgsl`.
    Simple(&'static str),
    /// A file for a recurrent layer, and the size of its state.
    Recurrent(Cell, usize),
}

/// A pass of a recurrent layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Cell {
    LstmForward,
    LstmBackward,
    GruForward,
    GruBackward,
}

impl Left {
    fn text(self) -> &'static str {
        match self {
            Self::Plain => "a[row * s.k + k]",
            Self::Transposed => "a[k * s.m + row]",
            Self::Windows => "window(row, k)",
            Self::WindowsTransposed => "window(k, row)",
        }
    }
}

impl Right {
    fn text(self) -> &'static str {
        match self {
            Self::Plain => "b[k * s.n + column]",
            Self::Transposed => "b[column * s.k + k]",
            Self::Turned => "b[((8u - k / s.c) * s.n + column) * s.c + k % s.c]",
        }
    }
}

impl Kernel {
    /// What it is called where the device tells of an error.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Product(..) => "product",
            Self::Sums | Self::SquaredDifferences => "columns",
            Self::NormTable | Self::NormForward | Self::NormWinners | Self::NormBackward => "norm",
            Self::Simple(name) => name,
            Self::Recurrent(..) => "recurrent",
        }
    }

    /// Its text.
    pub(crate) fn source(self) -> String {
        let norm = |text: &str| [include_str!("norm.wgsl"), text].join("\n");
        match self {
            Self::Product(left, right) => include_str!("product.wgsl")
                .replace("AT_A", left.text())
                .replace("AT_B", right.text()),
            Self::Sums => include_str!("columns.wgsl")
                .replace("MEAN", "0.0")
                .replace("TERM", "value"),
            Self::SquaredDifferences => include_str!("columns.wgsl")
                .replace("MEAN", "sums[column] / f32(s.count)")
                .replace("TERM", "value * value"),
            Self::NormTable => norm(include_str!("norm_table.wgsl")),
            Self::NormForward => norm(include_str!("norm_forward.wgsl")),
            Self::NormWinners => norm(include_str!("norm_winners.wgsl")),
            Self::NormBackward => norm(include_str!("norm_backward.wgsl")),
            Self::Simple(name) => include_str!("simple.wgsl").replace("CALL", name),
            Self::Recurrent(cell, hidden) => {
                let text = match cell {
                    Cell::LstmForward => include_str!("lstm_forward.wgsl"),
                    Cell::LstmBackward => include_str!("lstm_backward.wgsl"),
                    Cell::GruForward => include_str!("gru_forward.wgsl"),
                    Cell::GruBackward => include_str!("gru_backward.wgsl"),
                };
                let common = include_str!("recurrent.wgsl").replace("HIDDEN", &format!("{hidden}u"));
                [common.as_str(), text].join("\n")
            }
        }
    }
}
