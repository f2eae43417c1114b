//! The files of a report.

use std::path::{Path, PathBuf};

use cratedigger_study::Findings;

use crate::chart;
use crate::error::Result;
use crate::folder::Folder;
use crate::page::page;
use crate::pages::{figures, maps, sections, tables};

/// Writes `findings.json`, `report.html`, `tables/*.csv` and `figures/*.svg` into a folder, which is made where it is not there;
/// what has these names in it is replaced. [`Folder::open`] asks before the work whether that can be done.
///
/// Returns the files, the report first.
///
/// # Errors
/// `Write` with the file and what the system said.
pub fn write(findings: &Findings, out_dir: &Path) -> Result<Vec<PathBuf>> {
    Folder::open(out_dir, true)?.write_report(findings)
}

impl Folder {
    /// Writes the report of these findings into the folder, and removes what an older one left. Returns the files, the report first.
    ///
    /// # Errors
    /// `Write` with the file and what the system said.
    pub fn write_report(self, findings: &Findings) -> Result<Vec<PathBuf>> {
        let (tables_dir, figures_dir) = (Path::new("tables"), Path::new("figures"));
        let sections = sections(findings);
        let mut files = Vec::new();
        files.extend(
            tables(&sections).map(|table| (tables_dir.join(format!("{}.csv", table.id)), table.to_csv())),
        );
        files.extend(maps(&sections).map(|map| (figures_dir.join(format!("{}.svg", map.id)), map.file())));
        for figure in figures(&sections) {
            let drawn = chart::draw(figure, findings.provenance.synthetic.as_deref())?;
            files.push((figures_dir.join(format!("{}.svg", figure.file())), drawn));
        }
        files.push((
            "findings.json".into(),
            serde_json::to_string_pretty(findings)? + "\n",
        ));
        files.push(("report.html".into(), page(findings, &sections)?));
        let dir = self.dir().to_owned();
        self.write(&files)?;
        Ok(files.into_iter().rev().map(|(name, _)| dir.join(name)).collect())
    }
}
