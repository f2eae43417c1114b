//! The files of a report.

use std::path::{Path, PathBuf};

use cratedigger_files::write_whole;
use cratedigger_study::Findings;

use crate::chart;
use crate::error::{ReportError, Result};
use crate::page::page;
use crate::pages::{figures, maps, sections, tables};

/// Writes `findings.json`, `report.html`, `tables/*.csv` and `figures/*.svg` into a folder, which is made where it is not there.
///
/// Every file is written under a temporary name and renamed, so that a file is whole or not there. Returns the files, the
/// report first.
///
/// # Errors
/// `Write` with the file and what the system said.
pub fn write(findings: &Findings, out_dir: &Path) -> Result<Vec<PathBuf>> {
    let tables_dir = out_dir.join("tables");
    let figures_dir = out_dir.join("figures");
    for dir in [out_dir, &tables_dir, &figures_dir] {
        std::fs::create_dir_all(dir).map_err(|source| ReportError::Write {
            path: dir.to_owned(),
            source,
        })?;
    }
    let sections = sections(findings);
    let mut files = vec![(out_dir.join("report.html"), page(findings, &sections)?)];
    files.push((
        out_dir.join("findings.json"),
        serde_json::to_string_pretty(findings)? + "\n",
    ));
    files.extend(
        tables(&sections).map(|table| (tables_dir.join(format!("{}.csv", table.id)), table.to_csv())),
    );
    files.extend(maps(&sections).map(|map| (figures_dir.join(format!("{}.svg", map.id)), map.file())));
    for figure in figures(&sections) {
        let drawn = chart::draw(figure, findings.provenance.synthetic.as_deref())?;
        files.push((figures_dir.join(format!("{}.svg", figure.file())), drawn));
    }
    for (path, content) in &files {
        write_whole(path, content.as_bytes()).map_err(|source| ReportError::Write {
            path: path.clone(),
            source,
        })?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}
