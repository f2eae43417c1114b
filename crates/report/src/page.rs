//! The page: sections, style, scripts and findings in one HTML document.
//!
//! It opens without a network: plotly.js, the findings, style and scripts are inside of it, and a content security policy
//! forbids it to load anything. Every text from the data is escaped.

use cratedigger_study::Findings;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde_json::json;

use crate::error::{ReportError, Result};
use crate::pages::{Anchored, figures, sections};
use crate::{block, format, plotly};

/// The report as one HTML document.
///
/// # Errors
/// `Json`, `Template` or `Plotly`, which would be defects of this crate.
pub fn html(findings: &Findings) -> Result<String> {
    page(findings, &sections(findings))
}

/// The page with these sections of the findings.
pub(crate) fn page(findings: &Findings, sections: &[Anchored]) -> Result<String> {
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
        n_tracks => n_tracks(findings),
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

/// The tracks of the archive; by the first step of the selection where there is no overview.
fn n_tracks(findings: &Findings) -> String {
    let first = findings.selection.steps.first();
    match first.filter(|_| findings.left_out("overview")) {
        Some(step) => format::count_of(step.n, "track"),
        None if findings.left_out("overview") => "tracks not counted".to_owned(),
        None => format::count_of(findings.overview.n_tracks, "track"),
    }
}

/// JSON as it may stand inside of a script element: no text in it can end the element or begin a comment.
fn for_script(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}
