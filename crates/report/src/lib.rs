//! From the findings of a study to files: one page that opens offline, tables and pictures.
//!
//! ```text
//! Findings ──pages──> sections of blocks (paragraphs, figures, maps, tables)
//!                        ├── page  + templates/, plotly.js ──> report.html
//!                        ├── chart (figures without a browser) ─> figures/*.svg
//!                        ├── maps ─────────────────────────────> figures/map-*.svg
//!                        └── tables ───────────────────────────> tables/*.csv
//! Findings ──────────────────────────────────────────────────────> findings.json
//! ```
//!
//! The report says nothing that is not in the findings; numbers become words here (`format`).
//!
//! | to change | look into |
//! |---|---|
//! | what a section says, its tables and pictures | `pages/`: a file for each section, in folders named as the study's |
//! | which sections there are, and their order | `SECTIONS` in `pages/mod.rs` |
//! | how numbers read | `format.rs` |
//! | a tooltip on a map | `maps/tooltip.rs`; on another picture: `hovertemplate` in its section |
//! | colours, a map's scale | `maps/scale.rs` (genres, amounts), `templates/report.css` (the page) |
//! | how pictures are drawn as files | `chart/` |
//! | the page around the sections | `templates/` |
//! | what becomes of an older report, and of files of others, in the folder | `folder.rs` |
//! | the version of plotly.js | `scripts/pack_plotly.py` |
//!
//! ```
//! use cratedigger_catalog::{ImportOptions, Store, import};
//! use cratedigger_study::StudyOptions;
//!
//! let folder = tempfile::tempdir()?;
//! import("../study/tests/fixture".as_ref(), &folder.path().join("store"), &ImportOptions::default(), &|_| {})?;
//! let mut options = StudyOptions::default();
//! options.methods = Vec::new(); // no classifiers: this is only an example
//! let findings = cratedigger_study::run(&Store::open(&folder.path().join("store"))?, &options, &|_| {})?;
//!
//! let files = cratedigger_report::write(&findings, &folder.path().join("out"))?;
//! assert!(files[0].ends_with("report.html"));
//! assert!(folder.path().join("out/figures/map-world-tracks.svg").is_file());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod block;
mod chart;
mod error;
mod files;
mod folder;
mod format;
mod maps;
mod page;
mod pages;
mod plotly;

pub use error::{ReportError, Result};
pub use files::write;
pub use folder::Folder;
pub use page::html;
