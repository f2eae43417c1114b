//! What is right about right requests.

use std::io::Cursor;

use cratedigger_features::{Extractor, Recipe};
use cratedigger_learn::{Matrix, Model};

use crate::client::Server;
use crate::sounds::{self, STYLES, clip};

#[test]
fn unseen_clips_get_the_genres_and_the_very_probabilities_of_the_model() {
    let server = Server::start(&[]);
    let model = Model::from_bytes(sounds::model()).unwrap();
    let extractor = Extractor::new(Recipe::Fma);
    for (style, name) in STYLES.iter().enumerate() {
        for number in 100..103 {
            let audio = clip(style, number, 1.3);
            let answer = server.post_audio("/v1/classify", &audio);
            assert_eq!(answer.status, 200, "{}", answer.text());
            let answer = answer.json();
            let result = &answer["results"][0];
            assert_eq!(result["genre"], *name);
            assert_eq!(result["file"], serde_json::Value::Null);
            let features = extractor.extract_reader(Cursor::new(audio)).unwrap();
            let row: Vec<f32> = features.values().iter().map(|&v| v as f32).collect();
            let said = model.predict(&Matrix::new(1, row.len(), row).unwrap()).unwrap();
            let said = said.probabilities.unwrap();
            let got = result["probabilities"].as_array().unwrap();
            assert_eq!(got.len(), STYLES.len());
            for entry in got {
                let at = STYLES.iter().position(|s| entry["genre"] == *s).unwrap();
                assert_eq!(entry["probability"].as_f64().unwrap(), said.row(0)[at]);
            }
            assert!(
                got.windows(2)
                    .all(|w| w[0]["probability"].as_f64() >= w[1]["probability"].as_f64())
            );
            assert_eq!(result["audio"]["duration_seconds"], 1.3);
            assert_eq!(result["families"].as_array().unwrap().len(), 11);
            assert_eq!(result["neighbours"], serde_json::Value::Null);
        }
    }
}

#[test]
fn several_files_keep_their_order_and_a_bad_one_does_not_spoil_the_others() {
    let server = Server::start(&[]);
    let (one, two) = (clip(2, 50, 1.0), clip(1, 51, 1.0));
    let files: [(&str, &[u8]); 4] = [
        ("a/b\\one.wav", &one),
        ("garbage.mp3", b"this is no music at all, not even nearly"),
        ("empty.wav", b""),
        ("two.wav", &two),
    ];
    let answer = server.post_files("/v1/classify", &files);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    let results = answer["results"].as_array().unwrap();
    let names: Vec<_> = results.iter().map(|r| r["file"].as_str().unwrap()).collect();
    assert_eq!(names, ["one.wav", "garbage.mp3", "empty.wav", "two.wav"]);
    assert_eq!(results[0]["genre"], "Pulse");
    assert_eq!(results[3]["genre"], "Noise");
    assert_eq!(results[1]["problem"]["type"], "urn:cratedigger:problem:not-audio");
    assert_eq!(results[2]["problem"]["status"], 422);
    // One file alone: its problem is that of the request.
    server
        .post_files("/v1/classify", &files[1..2])
        .is_problem(415, "not-audio");
}

#[test]
fn every_file_has_its_entry_however_its_name_is_written() {
    let server = Server::start(&[]);
    let (one, two) = (clip(2, 50, 1.0), clip(1, 51, 1.0));
    let parts: [(&[u8], &[u8]); 8] = [
        (b"Content-Disposition: form-data; name=\"note\"", b"no file"),
        (b"Content-Disposition: form-data; name=\"f\"; filename*=UTF-8''M%C3%B6t%C3%B6r.wav", &one),
        (b"Content-Disposition: form-data; name=\"f\"; filename=\"M\xf6t\xf6r.wav\"", &two),
        (b"Content-Disposition: form-data; name=\"f\"; filename*=iso-8859-1''caf%E9.wav", b""),
        // A field for files in which none was chosen.
        (b"Content-Disposition: form-data; name=\"f\"; filename=\"\"\r\nContent-Type: application/octet-stream", b""),
        (b"Content-Disposition: form-data; name=\"f\"; filename=\"\"", &one),
        (b"Content-Disposition: form-data; name=\"f\"\r\nContent-Type: audio/wav", &two),
        (b"Content-Disposition: form-data; name=\"f\"; filename=\"last.wav\"", b"no audio at all, not even nearly"),
    ];
    let answer = server.post_parts("/v1/classify", &parts);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    let of = |key: &str| -> Vec<Option<&str>> {
        let results = answer["results"].as_array().unwrap();
        results.iter().map(|result| result[key].as_str()).collect()
    };
    let (motor, cafe) = (Some("M\u{f6}t\u{f6}r.wav"), Some("caf\u{e9}.wav"));
    assert_eq!(of("file"), [motor, motor, cafe, None, None, Some("last.wav")]);
    let (pulse, noise) = (Some("Pulse"), Some("Noise"));
    assert_eq!(of("genre"), [pulse, noise, None, pulse, noise, None]);
    // Files that are all empty are files too; a lone one is no request.
    let empty: (&[u8], &[u8]) = (parts[3].0, b"");
    let answer = server.post_parts("/v1/classify", &[empty, empty]).json();
    let results = answer["results"].as_array().unwrap();
    assert!(
        results.len() == 2 && results.iter().all(|result| result["problem"]["status"] == 422),
        "{answer}"
    );
    server
        .post_parts("/v1/classify", &[parts[0], empty])
        .is_problem(400, "bad-request");
    server
        .post_parts("/v1/classify", &[parts[0], parts[4]])
        .is_problem(400, "bad-request");
}

#[test]
fn features_are_those_of_the_library() {
    let server = Server::start(&[]);
    let audio = clip(0, 60, 1.0);
    let answer = server.post_files("/v1/features", &[("x.wav", &audio)]).json();
    let features = Extractor::new(Recipe::Fma)
        .extract_reader(Cursor::new(audio))
        .unwrap();
    assert_eq!(answer["recipe"], Recipe::Fma.version());
    assert_eq!(answer["columns"][517], "zcr.std.01");
    let values: Vec<f64> = answer["results"][0]["values"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect();
    assert_eq!(values, features.values());
    assert_eq!(
        answer["results"][0]["tuning_semitones"].as_f64().unwrap(),
        features.tuning()
    );
}

#[test]
fn the_tracks_most_alike_are_told_nearest_first() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("features.csv");
    sounds::write_features(&path);
    let server = Server::start(&["--neighbours", path.to_str().unwrap()]);
    assert_eq!(server.get("/v1/model").json()["neighbours"], 24);
    // A clip that is among the data, one that is not.
    let answer = server.post_audio("/v1/classify", &clip(2, 3, 1.0)).json();
    let near = answer["results"][0]["neighbours"].as_array().unwrap();
    assert_eq!(near.len(), 5);
    assert_eq!(near[0]["id"], "Pulse 3");
    assert_eq!(near[0]["title"], serde_json::Value::Null);
    let distance = |i: usize| near[i]["distance"].as_f64().unwrap();
    assert!(distance(0) < 1e-6 && distance(1) > 0.1, "{near:?}");
    assert!((1..5).all(|i| distance(i - 1) <= distance(i)), "{near:?}");
    let answer = server.post_audio("/v1/classify", &clip(0, 77, 1.3)).json();
    let near = answer["results"][0]["neighbours"].as_array().unwrap();
    assert!(near[0]["id"].as_str().unwrap().starts_with("Drone "), "{near:?}");
    // The definition, from what the model sees.
    let model = Model::from_bytes(sounds::model()).unwrap();
    let seen = |audio: Vec<u8>| {
        let features = Extractor::new(Recipe::Fma)
            .extract_reader(Cursor::new(audio))
            .unwrap();
        let row: Vec<f32> = features.values().iter().map(|&v| v as f32).collect();
        let x = Matrix::new(1, row.len(), row).unwrap();
        model.pipeline().transform(&x).unwrap().row(0).to_vec()
    };
    let here = seen(clip(0, 77, 1.3));
    let mut all: Vec<(f64, String)> = Vec::new();
    for (style, name) in STYLES.iter().enumerate() {
        for number in 0..8 {
            let there = seen(clip(style, number, 1.0));
            let squares = here.iter().zip(&there).map(|(a, b)| f64::from(a - b).powi(2));
            let distance = (squares.sum::<f64>() / here.len() as f64).sqrt();
            all.push((distance, format!("{name} {number}")));
        }
    }
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (near, (distance, id)) in near.iter().zip(&all) {
        assert_eq!(near["id"], **id);
        assert!((near["distance"].as_f64().unwrap() - distance).abs() < 1e-5);
    }
}

#[test]
fn above_the_threshold_nothing_is_named() {
    let server = Server::start(&["--threshold", "1"]);
    let result = server.post_audio("/v1/classify", &clip(1, 7, 1.0)).json();
    assert_eq!(result["threshold"], 1.0);
    let result = &result["results"][0];
    assert_eq!(result["abstained"], true);
    assert_eq!(result["genre"], serde_json::Value::Null);
    assert_eq!(result["probabilities"][0]["genre"], "Noise");
    assert_eq!(server.metric("cratedigger_abstentions_total"), 1.0);
}
