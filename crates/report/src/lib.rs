//! From findings to files: `findings.json`, `report.html`, and one CSV file for each table.

mod block;
mod chart;
mod error;
mod files;
mod format;
mod maps;
mod page;
mod pages;
mod plotly;

pub use error::{ReportError, Result};
pub use files::write;
pub use page::html;
