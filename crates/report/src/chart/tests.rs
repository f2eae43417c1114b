//! Every picture of a whole study, drawn and counted, and the shapes that a study of the fixture does not have.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use cratedigger_catalog::{ImportOptions, Store, import};
use cratedigger_study::StudyOptions;
use serde_json::{Value, json};

use super::*;
use crate::{files, pages};

fn figure(data: Value, layout: Value) -> Figure {
    Figure {
        id: "fig-test".into(),
        title: "A title & more".into(),
        subtitle: "n = 3 tracks".into(),
        caption: "How to read <it>.".into(),
        alt: "What it shows.".into(),
        height: 340,
        data,
        layout,
    }
}

/// What a picture holds, by the classes of its marks in the drawing.
fn marks_of(figure: &Figure) -> [(&'static str, usize); 5] {
    let numbers = |value: &Value| {
        value
            .as_array()
            .map_or(0, |a| a.iter().filter(|v| !v.is_null()).count())
    };
    let (mut bars, mut points, mut lines, mut cells, mut whiskers) = (0, 0, 0, 0, 0);
    for trace in figure.data.as_array().unwrap() {
        let n = numbers(&trace["x"]).min(numbers(&trace["y"]));
        for axis in ["error_x", "error_y"] {
            whiskers += numbers(&trace[axis]["array"]);
        }
        let mode = trace["mode"].as_str().unwrap_or_default();
        match trace["type"].as_str().unwrap() {
            "bar" => bars += n,
            "scatter" => {
                points += if mode.contains("markers") { n } else { 0 };
                lines += usize::from(mode.contains("lines") && n > 1);
            }
            "heatmap" => {
                cells += trace["z"].as_array().unwrap().iter().map(numbers).sum::<usize>();
            }
            other => panic!("{other}"),
        }
    }
    [
        ("bar", bars),
        ("point", points),
        ("line", lines),
        ("cell", cells),
        ("whisker", whiskers),
    ]
}

fn drawn(svg: &str) -> Vec<(&'static str, usize)> {
    ["bar", "point", "line", "cell", "whisker"]
        .map(|class| (class, svg.matches(&format!(" class=\"{class}\"")).count()))
        .to_vec()
}

/// Elements that end in order, attributes in quotes, entities that XML knows: what every reader of SVG needs.
fn assert_well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = svg.trim_end();
    let text_ok = |text: &str| {
        text.split('&').skip(1).all(|entity| {
            ["amp;", "lt;", "gt;", "quot;", "#39;"]
                .iter()
                .any(|known| entity.starts_with(known))
        }) && !text.contains('>')
    };
    while let Some((text, tail)) = rest.split_once('<') {
        assert!(text_ok(text), "text: {text}");
        let (tag, tail) = tail.split_once('>').unwrap();
        rest = tail;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "</{name}>");
            continue;
        }
        let (name, attributes) = tag.trim_end_matches('/').split_once(' ').unwrap_or((tag, ""));
        let parts: Vec<&str> = attributes.split('"').collect();
        let numbers_ok = !attributes.contains("NaN") && !attributes.contains("inf");
        assert!(
            parts.len() % 2 == 1 && text_ok(attributes) && numbers_ok,
            "attributes of {name}: {attributes}"
        );
        for pair in parts.chunks(2).filter(|pair| pair.len() == 2) {
            assert!(
                pair[0]
                    .trim_start()
                    .strip_suffix('=')
                    .is_some_and(|n| !n.is_empty()),
                "{attributes}"
            );
        }
        if !tag.ends_with('/') {
            open.push(name);
        }
        assert!(!open.is_empty(), "an element after the root");
    }
    assert!(open.is_empty() && rest.is_empty(), "{open:?} {rest}");
}

/// Every key of a figure's traces and layout is one that is drawn, or one that only a pointer or the page's space needs.
fn assert_known(value: &Value, path: &str) {
    const DRAWN: &str = "type name orientation x y z marker color width text textfont error_x error_y array arrayminus thickness \
        symmetric showlegend mode textposition size line dash zmin zmax xgap ygap colorscale colorbar title tickformat \
        texttemplate barmode bargap xaxis yaxis shapes range autorange rangemode dtick tickvals ticktext tickangle tickfont \
        categoryarray categoryorder showgrid x0 x1 y0 y1 xref yref insidetextanchor";
    const PAGE_ONLY: &str = "hovertemplate customdata hoverinfo cliponaxis standoff automargin ticklabelstandoff outlinewidth \
        legend yanchor zeroline meta genres";
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let known = DRAWN
                    .split_whitespace()
                    .chain(PAGE_ONLY.split_whitespace())
                    .any(|own| own == key);
                assert!(known, "{path}.{key}: is it to be drawn?");
                assert_known(value, &format!("{path}.{key}"));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| assert_known(item, path)),
        _ => {}
    }
}

fn check(figure: &Figure) -> String {
    let svg = draw(figure, Some("Invented for a test.")).unwrap();
    assert_eq!(drawn(&svg), marks_of(figure).to_vec(), "{}", figure.id);
    assert_well_formed(&svg);
    assert_known(&figure.data, &figure.id);
    assert_known(&figure.layout, &figure.id);
    for broken in ["var(", "\"@"] {
        assert!(!svg.contains(broken), "{}: {broken}", figure.id);
    }
    assert!(svg.contains("<title id=\"title\">") && svg.contains("Invented for a test."));
    assert!(svg.len() < 400_000, "{}: {}", figure.id, svg.len());
    svg
}

#[test]
fn every_picture_of_a_study_is_drawn_with_all_its_marks() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../study/tests/fixture");
    let folder = tempfile::tempdir().unwrap();
    import(&fixture, folder.path(), &ImportOptions::default(), &|_| {}).unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut options = StudyOptions::default();
    // A quarter of the fixture's 75 tracks would be too few to test on.
    options.test_size = 0.35;
    let mut findings = cratedigger_study::run(&store, &options, &|_| {}).unwrap();
    // A second set of genres, so that there is a picture of sets.
    let mut more = findings.genre_sets[0].clone();
    more.genres.push("Jazz".into());
    findings.genre_sets.push(more);
    let sections = pages::sections(&findings);
    let figures: Vec<&Figure> = pages::figures(&sections).collect();
    assert!(figures.len() > 25, "{}", figures.len());
    let mut total = 0;
    for figure in &figures {
        let svg = check(figure);
        assert_eq!(svg, draw(figure, Some("Invented for a test.")).unwrap());
        total += marks_of(figure).iter().map(|(_, n)| n).sum::<usize>();
    }
    assert!(total > 400, "{total}");
    let out = tempfile::tempdir().unwrap();
    let files = files::write(&findings, out.path()).unwrap();
    let mut names: Vec<String> = figures
        .iter()
        .map(|figure| format!("figures/{}.svg", figure.file()))
        .collect();
    names.extend(pages::maps(&sections).map(|map| format!("figures/{}.svg", map.id)));
    for table in pages::tables(&sections) {
        let name = format!("tables/{}.csv", table.id);
        let text = std::fs::read_to_string(out.path().join(&name)).unwrap();
        let n_rows = table.rows.len() + table.n_more;
        assert!(
            text.lines().count() > n_rows,
            "{name}: fewer lines than {n_rows} rows and a heading"
        );
        names.push(name);
    }
    for name in &names {
        assert!(
            files.contains(&out.path().join(name)) && out.path().join(name).is_file(),
            "{name}"
        );
    }
    // No file stands for two pictures or tables, and none for nothing: the report and the findings are the other two.
    names.sort();
    names.dedup();
    assert_eq!(names.len() + 2, files.len());
}

#[test]
fn bars_are_as_long_as_their_numbers() {
    let svg = check(&figure(
        json!([
            {"type": "bar", "orientation": "h", "name": "one", "y": ["a", "b"], "x": [10, 40], "marker": {"color": "@c1"}},
            {"type": "bar", "orientation": "h", "name": "two", "y": ["a", "b"], "x": [30, 0], "marker": {"color": "@c2"}},
        ]),
        json!({"barmode": "stack", "xaxis": {"range": [0, 40]}, "yaxis": {"autorange": "reversed"}}),
    ));
    let value = |bar: &str, name: &str| -> f64 {
        let (_, rest) = bar.split_once(&format!(" {name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.parse().unwrap()
    };
    let bars: Vec<&str> = svg.split("<rect class=\"bar\"").skip(1).collect();
    let widths: Vec<f64> = bars.iter().map(|bar| value(bar, "width")).collect();
    assert!(
        (widths[1] - 4.0 * widths[0]).abs() < 0.5 && (widths[2] - 3.0 * widths[0]).abs() < 0.5,
        "{widths:?}"
    );
    assert_eq!(widths[3], 0.0);
    // The second trace stands upon the first, and the first name above the second.
    assert!((value(bars[2], "x") - value(bars[0], "x") - widths[0]).abs() < 0.2);
    assert!(value(bars[0], "y") < value(bars[1], "y"));
}

#[test]
fn long_names_missing_numbers_and_odd_ranges_are_drawn() {
    let long = "An extraordinarily long and winding name of a genre &amp; its many many friends and relations everywhere";
    let names: Vec<String> = (0..16).map(|k| format!("{long} {k}")).collect();
    let counts: Vec<usize> = (0..16).collect();
    for horizontal in [true, false] {
        let mut bar =
            json!({"type": "bar", "name": "n", "x": names, "y": counts, "marker": {"color": "@c1"}});
        if horizontal {
            bar = json!({"type": "bar", "orientation": "h", "name": "n", "y": names, "x": counts, "marker": {"color": "@c1"}});
        }
        let svg = check(&figure(json!([bar]), json!({})));
        assert!(svg.contains('\u{2026}') && !svg.contains("&amp;amp;"), "{svg}");
    }
    // No number at all, one number, nothing but zeros, and numbers that are not there.
    for values in [json!([]), json!([5]), json!([0, 0]), json!([null, 3, null, 4, 5])] {
        let n = values.as_array().unwrap().len();
        let x: Vec<usize> = (0..n).collect();
        for kind in ["linear", "log"] {
            let svg = draw(
                &figure(
                    json!([
                        {"type": "scatter", "mode": "lines+markers", "name": "s", "x": x, "y": values, "line": {"color": "@c1"}},
                        {"type": "bar", "name": "b", "x": x, "y": values, "marker": {"color": "@c2"}},
                    ]),
                    json!({"yaxis": {"type": kind}}),
                ),
                None,
            )
            .unwrap();
            assert_well_formed(&svg);
            assert!(
                !svg.contains("NaN") && !svg.contains("inf"),
                "{values} {kind}: {svg}"
            );
        }
    }
    let unknown = figure(json!([{"type": "pie", "values": [1]}]), json!({}));
    assert!(draw(&unknown, None).unwrap_err().to_string().contains("pie"));
}
