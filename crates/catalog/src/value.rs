//! Cells to values: missing texts, numbers, dates and Python lists.

pub(crate) mod date;
pub(crate) mod list;
pub(crate) mod missing;
pub(crate) mod number;

pub(crate) use date::timestamp;
pub(crate) use list::{int_list, text_list};
pub use missing::is_missing;
pub(crate) use number::{float, whole};

/// `True` or `False` in the spellings that pandas' `read_csv` knows.
pub(crate) fn boolean(cell: &[u8]) -> Option<bool> {
    match cell {
        b"True" | b"TRUE" | b"true" => Some(true),
        b"False" | b"FALSE" | b"false" => Some(false),
        _ => None,
    }
}
