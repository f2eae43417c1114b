//! `--embedding`: columns of a network of others, from extraction to the verdict, and tags without a model.
#![cfg(feature = "embed")]

use std::fs;

use crate::desk::Desk;

/// Two numbers of seconds of sound and a network that hears a quarter of one: `crates/embed/tests/golden/make_onnx.py`.
fn small(desk: &Desk) {
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../embed/tests/golden/small");
    for extension in ["onnx", "toml"] {
        fs::copy(
            format!("{golden}.{extension}"),
            desk.path(&format!("small.{extension}")),
        )
        .unwrap();
    }
}

#[test]
fn an_embedding_goes_from_the_sound_to_the_verdict() {
    let desk = Desk::empty();
    desk.tones();
    small(&desk);
    let told = desk.ok(&[
        "extract",
        "music",
        "--embedding",
        "small.onnx",
        "--out",
        "f.parquet",
    ]);
    assert!(told.stdout.contains("24 rows of 524 features"), "{}", told.stdout);
    desk.ok(&["extract", "music", "--embedding", "small.onnx", "--out", "f.csv"]);

    // The same rows, whichever way they come in.
    let train = |data: &str, out: &str, more: &[&str]| {
        let args = [
            "train",
            data,
            "--labels",
            "labels.csv",
            "--method",
            "linear-svc",
            "--calibrate",
            "--features",
            "embedding",
        ];
        desk.ok(&[&args[..], &["--out", out], more].concat()).stdout
    };
    let card = train("f.parquet", "a.cdmodel", &[]);
    assert!(
        card.contains("6: embedding.small.001 … embedding.small.006"),
        "{card}"
    );
    assert!(
        card.contains("trained on nothing at all, licence MIT OR Apache-2.0"),
        "{card}"
    );
    train("f.csv", "b.cdmodel", &[]);
    train("music", "c.cdmodel", &["--embedding", "small.onnx"]);
    let json = |file: &str| {
        let mut card = desk.json(&["model", "show", file, "--json"]);
        card["data"]["source"] = "".into();
        card
    };
    let a = json("a.cdmodel");
    let hash = blake3::hash(&fs::read(desk.path("small.onnx")).unwrap())
        .to_hex()
        .to_string();
    assert_eq!(a["embeddings"][0]["hash"], hash.as_str());
    assert_eq!((json("b.cdmodel"), json("c.cdmodel")), (a.clone(), a));

    let scores = desk.json(&[
        "evaluate",
        "f.parquet",
        "--labels",
        "labels.csv",
        "--method",
        "linear-svc",
        "--features",
        "embedding",
        "--json",
    ]);
    assert!(scores["mean_accuracy"].as_f64().unwrap() > 0.8, "{scores}");
    assert_eq!(scores["embeddings"][0]["name"], "small");

    desk.refused(
        &[
            "evaluate",
            "f.parquet",
            "--labels",
            "labels.csv",
            "--embedding",
            "small.onnx",
        ],
        &["describes audio", "f.parquet"],
    );

    // Audio and its features have one verdict.
    let csv = |data: &str, more: &[&str]| {
        let args = ["classify", "--model", "a.cdmodel", data, "--format", "csv"];
        desk.ok(&[&args[..], more].concat()).stdout
    };
    let mut of_audio: Vec<String> = csv("music", &["--embedding", "small.onnx"])
        .lines()
        .map(str::to_owned)
        .collect();
    let mut of_file: Vec<String> = csv("f.parquet", &[]).lines().map(str::to_owned).collect();
    of_audio.sort();
    of_file.sort();
    assert_eq!(of_audio.len(), 25);
    assert_eq!(of_audio, of_file);
}

#[test]
fn another_embedding_than_the_models_is_refused() {
    let desk = Desk::empty();
    desk.tones();
    small(&desk);
    let labels = ["--labels", "labels.csv", "--method", "linear-svc"];
    let train = [
        &[
            "train",
            "music",
            "--embedding",
            "small.onnx",
            "--out",
            "m.cdmodel",
            "--features-out",
            "f.parquet",
        ],
        &labels[..],
    ]
    .concat();
    desk.ok(&train);
    desk.refused(
        &["classify", "--model", "m.cdmodel", "music/1.wav"],
        &["trained on the embedding `small`", "--embedding"],
    );
    // Other words of the contract are other numbers; so are other weights.
    let classify = [
        "classify",
        "--model",
        "m.cdmodel",
        "music/1.wav",
        "--embedding",
        "small.onnx",
    ];
    desk.ok(&classify);
    desk.refused(
        &[&classify[..], &["--embedding-contract", "hop=500"]].concat(),
        &["hop 1000", "hop 500", "different things"],
    );
    let mut bytes = fs::read(desk.path("small.onnx")).unwrap();
    let name = bytes.windows(5).rposition(|window| window == b"small").unwrap();
    bytes[name] = b'S';
    fs::write(desk.path("other.onnx"), bytes).unwrap();
    fs::copy(desk.path("small.toml"), desk.path("other.toml")).unwrap();
    let other = ["--embedding", "other.onnx"];
    desk.refused(&[&classify[..4], &other].concat(), &["different things"]);
    desk.ok(&[&["extract", "music", "--out", "other.parquet"], &other[..]].concat());
    desk.refused(
        &["classify", "--model", "m.cdmodel", "other.parquet"],
        &["other.parquet", "different things"],
    );
    desk.refused(
        &[
            "evaluate",
            "other.parquet",
            "--labels",
            "labels.csv",
            "--model",
            "m.cdmodel",
        ],
        &["different things"],
    );
    desk.ok(&["extract", "music", "--out", "plain.parquet"]);
    desk.refused(
        &["classify", "--model", "m.cdmodel", "plain.parquet"],
        &["hold none"],
    );
    desk.refused(
        &[
            &["train", "f.parquet", "other.parquet", "--out", "n.cdmodel"],
            &labels[..],
        ]
        .concat(),
        &["another embedding"],
    );
    // An interrupted extraction goes on with the same embedding only.
    fs::write(
        desk.path("g.parquet.partial"),
        "{\"recipe\":\"fma/1 librosa-0.5.0\",\"max_duration_s\":1.0,\"max_bytes\":1}\n",
    )
    .unwrap();
    desk.refused(
        &[
            "extract",
            "music",
            "--embedding",
            "small.onnx",
            "--out",
            "g.parquet",
            "--resume",
        ],
        &["no embedding", "the embedding small"],
    );
}

#[test]
fn training_on_the_fma_is_told_wherever_it_matters() {
    let desk = Desk::empty();
    desk.tones();
    small(&desk);
    let toml = fs::read_to_string(desk.path("small.toml")).unwrap();
    fs::write(
        desk.path("small.toml"),
        toml.replace("nothing at all", "fma_large"),
    )
    .unwrap();
    let caution = "trained on the FMA (fma_large)";
    let told = desk.ok(&[
        "extract",
        "music",
        "--embedding",
        "small.onnx",
        "--out",
        "f.parquet",
    ]);
    assert!(told.stderr.contains(caution), "{}", told.stderr);
    let labels = ["f.parquet", "--labels", "labels.csv", "--method", "linear-svc"];
    let told = desk.ok(&[&["evaluate"], &labels[..]].concat());
    assert!(told.stderr.contains(caution), "{}", told.stderr);
    let told = desk.ok(&[&["train"], &labels[..], &["--out", "m.cdmodel"]].concat());
    assert!(told.stdout.contains(caution), "{}", told.stdout);
    // Without its columns there is nothing to be cautious of.
    let told = desk.ok(&[&["evaluate"], &labels[..], &["--features", "mfcc"]].concat());
    assert!(!told.stderr.contains(caution), "{}", told.stderr);
}

#[test]
fn tags_are_named_without_a_model() {
    let desk = Desk::empty();
    desk.tones();
    small(&desk);
    let classify = [
        "classify",
        "--embedding",
        "small.onnx",
        "music/0.wav",
        "music/1.wav",
    ];
    let table = desk.ok(&classify).stdout;
    assert_eq!(table.lines().count(), 3, "{table}");
    let all = desk.json(&[&classify[..], &["--format", "json"]].concat());
    let first = &all[0];
    assert_eq!(
        (
            first["embedding"].as_str(),
            first["tags"].as_array().unwrap().len()
        ),
        (Some("small"), 4)
    );
    let share = |tag: &str| {
        let tags = first["tags"].as_array().unwrap();
        tags.iter().find(|one| one["tag"] == tag).unwrap()["share"]
            .as_f64()
            .unwrap()
    };
    // `sad` means no genre.
    let best = ["rock", "jazz", "Hip-Hop"]
        .map(share)
        .into_iter()
        .fold(0.0, f64::max);
    assert_eq!(first["share"].as_f64(), Some(best));
    let csv = desk.ok(&[&classify[..], &["--format", "csv"]].concat()).stdout;
    assert!(csv.starts_with("id,genre,share,rock,jazz,sad,Hip-Hop\n"), "{csv}");
    let none = desk.ok(&[&classify[..], &["--threshold", "1"]].concat()).stdout;
    assert!(
        none.lines().skip(1).all(|line| line.contains("  -      -")),
        "{none}"
    );
    desk.refused(&[&classify[..], &["--explain"]].concat(), &["--model"]);
    desk.refused(
        &[&classify[..], &["--format", "parquet"]].concat(),
        &["table, json or csv"],
    );
    fs::write(desk.path("bad.wav"), "no sound").unwrap();
    let run = desk.run(&[&classify[..], &["bad.wav"]].concat());
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("bad.wav") && run.stdout.lines().count() == 3);

    let shown = desk.ok(&["embedding", "show", "small.onnx"]).stdout;
    assert!(
        shown.contains("waveform at 8000 Hz") && shown.contains("rock (Rock)"),
        "{shown}"
    );
    desk.refused(
        &["embedding", "import", "small.onnx"],
        &["no wheel", "pip download"],
    );
    let list = desk
        .command(&["embedding", "list"])
        .env("CRATEDIGGER_EMBEDDINGS", desk.path("none"))
        .output()
        .unwrap();
    assert!(list.status.success() && list.stdout.is_empty());
    assert!(String::from_utf8(list.stderr).unwrap().contains("none yet"));
}
