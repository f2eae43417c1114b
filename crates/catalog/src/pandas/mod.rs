//! Rows, cells and numbers as pandas writes them into CSV files: the dataset was written with it.

mod cells;
mod decimal;

pub use cells::{Cell, header, push_row};
pub use decimal::{Decimal11, push_int, push_repr};
