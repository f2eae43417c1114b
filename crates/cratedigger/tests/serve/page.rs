//! The page in a real browser: files dropped and picked, an invalid one explained, pictures drawn, nothing complained about.

use serde_json::json;

use crate::chromium::Chromium;
use crate::client::Server;
use crate::sounds::{self, clip};

/// How many different colours a canvas shows; an empty one has 1.
const COLOURS: &str = "(canvas) => new Set(new Uint32Array(canvas.getContext('2d') \
    .getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size";

#[test]
fn files_are_dropped_picked_and_recorded_and_a_bad_one_is_explained() {
    let Some(mut browser) = Chromium::start(1100, 1400) else {
        return;
    };
    let report = tempfile::tempdir().unwrap();
    std::fs::write(report.path().join("report.html"), "<title>r</title><p id=r>x</p>").unwrap();
    let data = report.path().join("features.csv");
    sounds::write_features(&data);
    let server = Server::start(&[
        "--report",
        report.path().to_str().unwrap(),
        "--neighbours",
        data.to_str().unwrap(),
    ]);
    let dir = server.dir.path();
    let files = [("drone.wav", clip(0, 200, 4.0)), ("pulse.wav", clip(2, 201, 4.0))];
    for (name, bytes) in &files {
        std::fs::write(dir.join(name), bytes).unwrap();
    }
    std::fs::write(dir.join("bad <b>name.mp3"), "this is no music").unwrap();

    browser.open(&format!("http://{}/", server.addr));
    browser.wait_for("document.getElementById('model').textContent.startsWith('3 genres')");
    browser.wait_for("!document.getElementById('report').hidden");
    browser.screenshot("page-empty.png");
    browser.drop_files("#drop", &[dir.join("drone.wav"), dir.join("bad <b>name.mp3")]);
    let cards = "document.querySelectorAll('.card')";
    browser.wait_for(&format!(
        "{cards}.length === 2 && document.getElementById('status').textContent === ''"
    ));
    // The last one added comes first.
    let text = |i: usize, part: &str| format!("{cards}[{i}].querySelector('{part}').textContent");
    assert_eq!(browser.eval(&text(1, ".name")), "drone.wav");
    let verdict = browser.eval(&text(1, ".verdict"));
    assert!(verdict.as_str().unwrap().starts_with("Drone, "), "{verdict}");
    assert_eq!(
        browser.eval(&format!("{cards}[1].querySelectorAll('.bars li').length")),
        3
    );
    assert_eq!(
        browser.eval(&format!("{cards}[1].querySelectorAll('.bars .limit').length")),
        3
    );
    assert_eq!(
        browser.eval(&format!("{cards}[1].querySelectorAll('.effects li').length")),
        11
    );
    let near = format!("{cards}[1].querySelectorAll('.near li')");
    assert_eq!(browser.eval(&format!("{near}.length")), 5);
    let nearest = browser.eval(&format!("{near}[0].textContent"));
    assert!(nearest.as_str().unwrap().starts_with("Drone "), "{nearest}");
    assert_eq!(browser.eval(&text(1, ".n-tracks")), "24");
    for canvas in [".wave", ".spectrum"] {
        browser.wait_for(&format!("({COLOURS})({cards}[1].querySelector('{canvas}')) > 1"));
    }
    assert_eq!(browser.eval(&text(0, ".name")), "bad <b>name.mp3");
    let problem = browser.eval(&text(0, ".problem"));
    assert!(
        problem.as_str().unwrap().contains("not a known audio format"),
        "{problem}"
    );
    let only = browser.complaints.drain(..).filter(|c| !c.contains("415"));
    assert_eq!(only.collect::<Vec<_>>(), [""; 0], "besides the refused file");

    // Picked: the element that the keyboard reaches takes the files.
    let root = browser.call("DOM.getDocument", json!({}))["root"]["nodeId"].clone();
    let input = browser.call("DOM.querySelector", json!({"nodeId": root, "selector": "#files"}));
    let picked = json!({"nodeId": input["nodeId"], "files": [dir.join("pulse.wav")]});
    browser.call("DOM.setFileInputFiles", picked);
    browser.wait_for(&format!("{cards}.length === 3 && {} !== ''", text(0, ".verdict")));
    let verdict = browser.eval(&text(0, ".verdict"));
    assert!(verdict.as_str().unwrap().starts_with("Pulse, "), "{verdict}");
    browser.screenshot("page-light.png");

    // By keyboard: the first stop is the file input, the next the button that records.
    browser.eval("document.activeElement.blur()");
    browser.press("Tab", 9, "");
    assert_eq!(browser.eval("document.activeElement.id"), "files");
    browser.press("Tab", 9, "");
    assert_eq!(browser.eval("document.activeElement.id"), "record");
    browser.press("Enter", 13, "\r");
    browser.wait_for("document.getElementById('status').textContent.startsWith('Recording, 2 s')");
    browser.press("Enter", 13, "\r");
    browser.wait_for(&format!("{cards}.length === 4 && {} !== ''", text(0, ".verdict")));
    let name = browser.eval(&text(0, ".name"));
    assert!(name.as_str().unwrap().starts_with("recording-"), "{name}");
    assert_eq!(browser.complaints, [""; 0]);

    let dark = json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]});
    browser.call("Emulation.setEmulatedMedia", dark);
    browser.screenshot("page-dark.png");

    browser.open(&format!("http://{}/report/", server.addr));
    browser.wait_for("document.getElementById('r').textContent === 'x'");
}

#[test]
fn on_a_phone_nothing_is_wider_than_the_screen_and_a_token_is_asked_for() {
    let Some(mut browser) = Chromium::start(360, 740) else {
        return;
    };
    let hash = blake3::hash(b"open sesame").to_hex().to_string();
    let server = Server::start(&["--token-hash", &hash, "--threshold", "1"]);
    std::fs::write(server.dir.path().join("noise.wav"), clip(1, 5, 3.0)).unwrap();
    browser.open(&format!("http://{}/", server.addr));
    browser.wait_for("!document.getElementById('token-form').hidden");
    browser.eval(
        "document.getElementById('token').value = 'open sesame'; \
        document.querySelector('#token-form button').click()",
    );
    browser.wait_for("document.getElementById('model').textContent.startsWith('3 genres')");
    browser.drop_files("#drop", &[server.dir.path().join("noise.wav")]);
    browser.wait_for("document.querySelector('.verdict')?.textContent.startsWith('Not sure: Noise')");
    assert_eq!(browser.eval("document.documentElement.scrollWidth <= 360"), true);
    assert_eq!(browser.eval("document.querySelector('.neighbours').hidden"), true);
    browser.screenshot("page-phone.png");
    let only = browser.complaints.drain(..).filter(|c| !c.contains("401"));
    assert_eq!(only.collect::<Vec<_>>(), [""; 0], "besides the missing token");
}
