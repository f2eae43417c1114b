//! The report of a small study in a real browser, from a file and without any network: every picture drawn, tables sorted by
//! keyboard, genres chosen, light and dark, nothing asked for and nothing complained about.
#![allow(clippy::unwrap_used)]

#[path = "common/chromium.rs"]
mod chromium;

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use chromium::Chromium;

/// The figures that plotly.js did not draw: no drawing, one without a size, or one without a mark that can be seen.
const NOT_DRAWN: &str = "JSON.parse(document.getElementById('figures-json').textContent).map((figure) => figure.id).filter((id) => {
    const place = document.getElementById(id + '-plot');
    const size = (element) => element.getBoundingClientRect();
    const drawing = place.querySelector('svg.main-svg');
    const marks = place.querySelectorAll('.barlayer .point path, .scatterlayer .trace path, .heatmaplayer image');
    const seen = [...marks].some((mark) => size(mark).width > 1 || size(mark).height > 1);
    return !drawing || size(drawing).width < 200 || size(drawing).height < 100 || !seen;
})";

/// A study of 600 invented tracks; returns the address of its report.
fn report(dir: &Path) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_cratedigger"))
        .args([
            "study",
            "--tracks",
            "600",
            "--methods",
            "mlp,linear-svc",
            "--genre-sets",
            "3,5",
            "--compare",
        ])
        .args(["--out", "out"])
        .current_dir(dir)
        .env("CRATEDIGGER_CACHE", dir.join("cache"))
        .env_remove("CRATEDIGGER_STORE")
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    format!(
        "file://{}",
        dir.join("out/report.html").canonicalize().unwrap().display()
    )
}

fn open_offline(browser: &mut Chromium, url: &str) {
    let cut = json!({"offline": true, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
    browser.call("Network.emulateNetworkConditions", cut);
    browser.requests.clear();
    browser.open(url);
    browser.wait_for("document.documentElement.dataset.drawn !== undefined");
}

fn scheme(browser: &mut Chromium, name: &str) {
    let media = json!({"features": [{"name": "prefers-color-scheme", "value": name}]});
    browser.call("Emulation.setEmulatedMedia", media);
}

/// The relative luminance (WCAG 2.2) of the colour of a part of the page.
fn luminance(browser: &mut Chromium, selector: &str, property: &str) -> f64 {
    let colour = format!(
        "getComputedStyle(document.querySelector('{selector}')).{property}.match(/[\\d.]+/g).slice(0, 3).map(Number)"
    );
    let rgb: Vec<f64> = serde_json::from_value(browser.eval(&colour)).unwrap();
    let linear = |value: f64| {
        let value = value / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2])
}

#[test]
fn the_report_is_drawn_offline_and_answers_keys_and_schemes() {
    let Some(mut browser) = Chromium::start(1280, 900) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let url = report(dir.path());
    scheme(&mut browser, "light");
    open_offline(&mut browser, &url);

    let n_figures = browser
        .eval("document.querySelectorAll('figure .plot').length")
        .as_u64()
        .unwrap();
    assert!(n_figures > 20, "{n_figures}");
    assert_eq!(browser.eval(NOT_DRAWN), json!([]));
    let unnamed = "[...document.querySelectorAll('[role=img]')].filter((element) => \
        !(element.getAttribute('aria-label') || element.getAttribute('aria-labelledby'))).length";
    assert_eq!(browser.eval(unnamed), 0);
    let doubled = "(() => { const ids = [...document.querySelectorAll('[id]')].map((e) => e.id); \
        return ids.filter((id, k) => ids.indexOf(id) !== k); })()";
    assert_eq!(browser.eval(doubled), json!([]), "ids given twice");
    browser.screenshot("report-light.png");

    keys(&mut browser);
    genres(&mut browser);

    let light = [
        luminance(&mut browser, "body", "backgroundColor"),
        luminance(&mut browser, ".gtitle", "fill"),
    ];
    scheme(&mut browser, "dark");
    let contrast = |low: f64, high: f64| (high + 0.05) / (low + 0.05);
    browser.wait_for("getComputedStyle(document.querySelector('.gtitle')).fill !== 'rgb(28, 33, 38)'");
    let dark = [
        luminance(&mut browser, "body", "backgroundColor"),
        luminance(&mut browser, ".gtitle", "fill"),
    ];
    assert!(light[0] > 0.8 && dark[0] < 0.05, "{light:?} {dark:?}");
    assert!(
        contrast(light[1], light[0]) > 7.0 && contrast(dark[0], dark[1]) > 7.0,
        "{light:?} {dark:?}"
    );
    assert_eq!(browser.eval(NOT_DRAWN), json!([]));
    browser.screenshot("report-dark.png");

    assert_eq!(browser.complaints, [""; 0]);
    let asked: Vec<&String> = browser
        .requests
        .iter()
        .filter(|asked| !asked.starts_with("data:"))
        .collect();
    assert_eq!(asked, [&url], "the page itself and nothing else");
}

/// The way to the content, and a table sorted by one column and the other way round.
fn keys(browser: &mut Chromium) {
    browser.press("Tab", 9, "");
    assert_eq!(browser.eval("document.activeElement.className"), "skip");
    browser.press("Enter", 13, "\r");
    browser.wait_for("location.hash === '#content'");

    let column = "[...document.querySelectorAll('#table-genres tbody tr')].map((row) => Number(row.cells[1].dataset.sort))";
    let before: Vec<f64> = serde_json::from_value(browser.eval(column)).unwrap();
    assert!(
        before.len() > 3 && before[0] > before[before.len() - 1],
        "{before:?}"
    );
    browser.eval("document.querySelector('#table-genres th button').focus()");
    browser.press("Tab", 9, "");
    assert_eq!(browser.eval("document.activeElement.closest('th')?.cellIndex"), 1);
    let sort = "document.activeElement.closest('th').ariaSort";
    for (key, code, text, way) in [("Enter", 13, "\r", "descending"), (" ", 32, " ", "ascending")] {
        browser.press(key, code, text);
        assert_eq!(browser.eval(sort), way);
        let after: Vec<f64> = serde_json::from_value(browser.eval(column)).unwrap();
        let mut sorted = before.clone();
        sorted.sort_by(|a, b| {
            if way == "ascending" {
                a.total_cmp(b)
            } else {
                b.total_cmp(a)
            }
        });
        assert_eq!(after, sorted, "{way}");
    }
}

/// A genre that is left out is not drawn, and comes back.
fn genres(browser: &mut Chromium) {
    let bars = "document.querySelectorAll('#fig-genres-plot .barlayer .point').length";
    let all = browser.eval(bars).as_u64().unwrap();
    browser.eval("document.getElementById('genre-choice').open = true; document.querySelector('#genre-choice input').focus()");
    browser.press(" ", 32, " ");
    browser.wait_for(&format!("{bars} === {}", all - 2));
    browser.press(" ", 32, " ");
    browser.wait_for(&format!("{bars} === {all}"));
}

#[test]
fn on_a_phone_no_part_of_the_report_is_wider_than_the_screen() {
    let Some(mut browser) = Chromium::start(390, 844) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let url = report(dir.path());
    open_offline(&mut browser, &url);
    assert_eq!(browser.eval("document.documentElement.scrollWidth"), 390);
    assert_eq!(browser.eval(NOT_DRAWN), json!([]));
    // Wide tables scroll in their own place.
    let wide: Value = browser.eval(
        "[...document.querySelectorAll('.scroll')].filter((place) => place.scrollWidth > place.clientWidth + 1).length",
    );
    assert!(wide.as_u64().unwrap() > 3, "{wide}");
    assert_eq!(browser.complaints, [""; 0]);
    browser.screenshot("report-phone.png");
}
