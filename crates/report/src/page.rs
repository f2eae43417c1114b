//! From findings to files: `findings.json`, `report.html`, and one CSV file for each table.
//!
//! The report is one file that opens without a network: plotly.js, the findings, style and scripts are inside of it, and
//! a content security policy forbids the page to load anything. Every text from the data is escaped.

use std::io::Write;
use std::path::{Path, PathBuf};

use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde_json::json;

use cratedigger_study::Findings;

use crate::block::{self, Block, Figure, Section, Table};
use crate::error::{ReportError, Result};
use crate::maps::Map;
use crate::pages::{archive, continents, learning, places, published};
use crate::{chart, format, plotly};

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
        write_file(path, content).map_err(|source| ReportError::Write {
            path: path.clone(),
            source,
        })?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

/// The report as one HTML document.
///
/// # Errors
/// `Json` or `Template`, which would be defects of this crate.
pub fn html(findings: &Findings) -> Result<String> {
    page(findings, &sections(findings))
}

pub(crate) fn sections(findings: &Findings) -> Vec<Section> {
    let mut sections = vec![
        archive::overview::overview(findings),
        archive::missingness::wrangling(findings),
        archive::overview::genres(findings),
        places::geography::section(findings),
        continents::independence::section(findings),
        archive::outliers::section(findings),
        learning::split::split(findings),
        learning::methods::classifiers(findings),
    ];
    sections.extend(published::section(findings));
    sections.push(learning::split::provenance(findings));
    sections
}

pub(crate) fn maps(sections: &[Section]) -> impl Iterator<Item = &Map> {
    sections
        .iter()
        .flat_map(|section| &section.blocks)
        .flat_map(|block| match block {
            Block::Maps { maps } => maps.as_slice(),
            _ => &[],
        })
}

pub(crate) fn tables(sections: &[Section]) -> impl Iterator<Item = &Table> {
    sections
        .iter()
        .flat_map(|section| &section.blocks)
        .filter_map(|block| match block {
            Block::Table { table } => Some(table),
            _ => None,
        })
}

pub(crate) fn figures(sections: &[Section]) -> impl Iterator<Item = &Figure> {
    sections
        .iter()
        .flat_map(|section| &section.blocks)
        .flat_map(|block| match block {
            Block::Figures { figures } => figures.as_slice(),
            _ => &[],
        })
}

fn page(findings: &Findings, sections: &[Section]) -> Result<String> {
    let drawn: Vec<serde_json::Value> = figures(sections)
        .map(|figure| {
            json!({
                "id": figure.id, "file": figure.file(), "title": figure.title, "subtitle": figure.subtitle, "height": figure.height,
                "data": figure.data, "layout": figure.layout,
            })
        })
        .collect();
    let mut environment = Environment::new();
    environment.add_filter("figure_file", |id: &str| block::file_of_figure(id).to_owned());
    environment.add_template("report.html", include_str!("../templates/report.html"))?;
    let page = environment.get_template("report.html")?.render(context! {
        sections => Value::from(Serde(sections)),
        synthetic => findings.provenance.synthetic.clone(),
        source => findings.provenance.data_source.clone(),
        generated => format::utc(findings.provenance.generated_unix_seconds),
        n_tracks => format::count_of(findings.overview.n_tracks, "track"),
        genres => findings.overview.genre_top.iter().map(|genre| genre.genre.clone()).collect::<Vec<_>>(),
        program => format!("{} {}", findings.provenance.program, findings.provenance.version),
        css => Value::from_safe_string(include_str!("../templates/report.css").to_owned()),
        js => Value::from_safe_string(include_str!("../templates/report.js").to_owned()),
        plotly => Value::from_safe_string(plotly::script().map_err(ReportError::Plotly)?),
        figures_json => Value::from_safe_string(for_script(&serde_json::to_string(&drawn)?)),
        findings_json => Value::from_safe_string(for_script(&serde_json::to_string(findings)?)),
    })?;
    Ok(page)
}

/// JSON as it may stand inside of a script element: no text in it can end the element or begin a comment.
fn for_script(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

fn write_file(path: &Path, content: &str) -> std::io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cratedigger-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // What the user's umask leaves of it, as for any other file.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(dir)?;
    file.write_all(content.as_bytes())?;
    file.flush()?;
    file.persist(path)?;
    Ok(())
}
