#![allow(clippy::unwrap_used)]
use super::*;
use cratedigger_collection::neighbours::Track;
use cratedigger_learn::Hierarchy;

/// Two recordings, one of them named.
pub(crate) fn answer() -> Answer {
    Answer {
        ids: vec!["a,b.mp3".into(), "7".into()],
        classes: vec![1, 0],
        said: vec![Said::Genre(1), Said::Uncertain],
        novelty: None,
        sets: None,
        styles: None,
        scores: vec![0.25, 0.75, 0.1 + 0.2, 0.3],
        labels: vec!["Folk".into(), "Rock".into()],
        are_probabilities: true,
        threshold: None,
        effects: Explained::NotAsked,
        neighbours: None,
        heard: Vec::new(),
        tags: None,
        tag_style: false,
        n_failed: 0,
        n_untagged: 0,
    }
}

#[test]
fn csv_and_json_keep_every_bit() {
    let text = answer().csv();
    assert_eq!(
        text,
        "id,genre,probability,Folk,Rock\n\"a,b.mp3\",Rock,0.75,0.25,0.75\n7,,0.30000000000000004,0.30000000000000004,0.3\n"
    );
    let rows: Value = serde_json::from_slice(&answer().json().unwrap()).unwrap();
    assert_eq!(rows[1]["genre"], Value::Null);
    assert_eq!(
        rows[1]["probabilities"]["Folk"].as_f64().unwrap().to_bits(),
        (0.1f64 + 0.2).to_bits()
    );
    assert_eq!(rows[0]["probability"], 0.75);
    let heard = Heard {
        sample_rate: 44_100,
        n_channels: 2,
        n_samples: 990,
        n_bad_packets: 1,
        n_lost: 10,
        n_trimmed: 1105,
        n_told: Some(1000),
    };
    let of_audio = Answer {
        heard: vec![Some(heard), None],
        ..answer()
    };
    let told: Value = serde_json::from_slice(&of_audio.json().unwrap()).unwrap();
    assert_eq!(told[0]["audio"]["n_lost"], 10);
    assert_eq!(told[0]["audio"]["lost_share"], 0.01);
    assert!(told[1].get("audio").is_none());
    assert_eq!(
        rows[0].as_object().unwrap().len(),
        4,
        "what was not asked for is not there"
    );
}

/// The same with everything that can be asked for.
pub(crate) fn full() -> Answer {
    let track = |id: &str, title: Option<&str>| Track {
        id: id.into(),
        title: title.map(str::to_owned),
        artist: Some("Ann, and Bob".into()),
        genre: Some("Rock".into()),
    };
    let near = |id, title, distance| Near {
        track: track(id, title),
        distance,
    };
    let cell = |outcome, before: Option<&str>| TagCell {
        outcome,
        before: before.map(str::to_owned),
    };
    Answer {
        threshold: Some(0.5),
        sets: Some(GenreSets {
            coverage: 0.9,
            plain: vec![vec![1], vec![]],
            per_class: vec![vec![1, 0], vec![0]],
        }),
        styles: Some(Styles {
            names: vec!["Punk".into(), "Rock".into()],
            tree: Hierarchy::new(vec![Some(1), None]).unwrap(),
            probabilities: vec![0.5, 0.8, 0.01, 0.1 + 0.2],
            named: vec![vec![1, 0], vec![]],
        }),
        effects: Explained::Effects(vec![
            vec![(Family::Mfcc, 0.41), (Family::Zcr, -0.02)],
            vec![(Family::Zcr, 0.25), (Family::Mfcc, 0.0)],
        ]),
        neighbours: Some(vec![
            vec![near("2", Some("Food"), 0.5), near("10", None, 1.25)],
            vec![near("2", Some("Food"), 0.75)],
        ]),
        tags: Some(vec![cell("kept", Some("Blues, \"old\"")), cell("unsure", None)]),
        ..answer()
    }
}

#[test]
fn a_tag_gets_the_genre_or_the_style_below_it() {
    let mut answer = full();
    assert_eq!((answer.for_tag(0), answer.for_tag(1)), (Some("Rock"), None));
    answer.tag_style = true;
    assert_eq!((answer.for_tag(0), answer.for_tag(1)), (Some("Punk"), None));
    answer.styles.as_mut().unwrap().named[0] = vec![1];
    assert_eq!(answer.for_tag(0), Some("Rock"));
}

#[test]
fn what_was_asked_for_besides_is_in_every_format() {
    assert_eq!(
        full().csv(),
        "id,genre,probability,Folk,Rock,verdict,set,set_per_class,styles,style.Punk,style.Rock,effect.mfcc,effect.zcr,neighbours,tag,tag_before\n\
         \"a,b.mp3\",Rock,0.75,0.25,0.75,named,Rock,Rock;Folk,Rock;Punk,0.5,0.8,0.41,-0.02,2;10,kept,\"Blues, \"\"old\"\"\"\n\
         7,,0.30000000000000004,0.30000000000000004,0.3,uncertain,,Folk,,0.01,0.30000000000000004,0.0,0.25,2,unsure,\n"
    );
    let rows: Value = serde_json::from_slice(&full().json().unwrap()).unwrap();
    assert_eq!(rows[0]["families"][1], json!({"family": "zcr", "effect": -0.02}));
    assert_eq!(
        (&rows[0]["verdict"], &rows[1]["verdict"]),
        (&json!("named"), &json!("uncertain"))
    );
    let set = json!({"coverage": 0.9, "genres": [], "genres_per_class": ["Folk"]});
    assert_eq!(rows[1]["set"], set);
    assert_eq!(
        rows[0]["styles"],
        json!([
            {"genre": "Rock", "parent": null, "probability": 0.8},
            {"genre": "Punk", "parent": "Rock", "probability": 0.5},
        ])
    );
    assert_eq!(rows[1]["styles"], json!([]));
    assert_eq!(
        rows[1]["style_probabilities"]["Rock"].as_f64().unwrap().to_bits(),
        (0.1f64 + 0.2).to_bits()
    );
    assert_eq!(
        rows[0]["neighbours"][1],
        json!({"id": "10", "title": null, "artist": "Ann, and Bob", "genre": "Rock", "distance": 1.25})
    );
    assert_eq!(rows[1]["tag"], json!({"outcome": "unsure", "before": null}));
    let bytes = bytes::Bytes::from(full().parquet(None).unwrap());
    let mut read = parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(bytes, 10).unwrap();
    let batch = read.next().unwrap().unwrap();
    let names: Vec<&str> = batch
        .schema_ref()
        .fields()
        .iter()
        .map(|f| f.name().as_str())
        .collect();
    assert_eq!(
        names[5..],
        [
            "verdict",
            "set",
            "set_per_class",
            "styles",
            "style.Punk",
            "style.Rock",
            "effect.mfcc",
            "effect.zcr",
            "neighbours",
            "tag",
            "tag_before"
        ]
    );
    let none = Answer {
        effects: Explained::Impossible,
        ..answer()
    };
    let rows: Value = serde_json::from_slice(&none.json().unwrap()).unwrap();
    assert!(rows[0].as_object().unwrap().contains_key("families") && rows[0]["families"].is_null());
}
