//! Small networks as ONNX, with what they say of recordings: what `scripts/check_network_onnx.py` compares.
//!
//! `cargo run --release -p cratedigger-learn --features deep --example network_onnx -- DIR`

use std::path::PathBuf;
use std::sync::Arc;

use cratedigger_learn::model::{Model, ModelCard};
use cratedigger_learn::{Dataset, FittedPipeline, FramesInMemory, Matrix, Method, Recordings, Rows};
use cratedigger_stats::rng::SeededRng;
use serde_json::json;

const N_BANDS: usize = 24;
const EXCERPT: usize = 48;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = PathBuf::from(std::env::args().nth(1).ok_or("name a folder")?);
    for n_classes in [2, 3] {
        let mut rng = SeededRng::new(n_classes as u64);
        // Of 60 to 119 frames, so that two or three excerpts cover each.
        let recordings: Vec<Vec<f32>> = (0..24)
            .map(|row| {
                let n_frames = 60 + rng.below(60);
                let level = (row % n_classes) as f32;
                (0..n_frames * N_BANDS)
                    .map(|at| (3.0 * rng.unit()) as f32 + level * ((at / N_BANDS) % 3) as f32)
                    .collect()
            })
            .collect();
        let n = recordings.len();
        let source = FramesInMemory::new("mel/1", N_BANDS, recordings.clone())?;
        let rows = Recordings::new(Arc::new(source), (0..n).collect())?;
        let x = Matrix::new(n, 0, Vec::new())?.with_recordings(rows)?;
        let classes = (0..n_classes).map(|class| format!("genre {class}")).collect();
        let data = Dataset::new(x, (0..n).map(|row| row % n_classes).collect(), classes)?;
        for (method, more) in [
            (Method::CNN, vec![("widths", "4,6"), ("hidden", "5")]),
            (
                Method::CRNN,
                vec![
                    ("widths", "4,6,5"),
                    ("hidden", "7"),
                    ("cell", "gru"),
                    ("n_layers", "2"),
                ],
            ),
            (
                Method::CRNN,
                vec![("widths", "4,6"), ("hidden", "7"), ("cell", "lstm")],
            ),
            (Method::LSTM, vec![("hidden", "6"), ("n_layers", "2")]),
        ] {
            let excerpt = EXCERPT.to_string();
            let common = [
                ("excerpt_frames", excerpt.as_str()),
                ("max_epochs", "6"),
                ("batch_size", "8"),
            ];
            let params = more
                .iter()
                .chain(&common)
                .map(|(name, value)| Ok((name.to_string(), value.parse()?)));
            let params = params.collect::<Result<_, cratedigger_learn::LearnError>>()?;
            let classifier = method.classifier_with(&params, 1)?;
            let fitted = FittedPipeline::fit_rows(&*classifier, Rows::of(&data), None)?;
            let proba = fitted.model().predict_proba(&data.x)?;
            let cell = more
                .iter()
                .find(|(name, _)| *name == "cell")
                .map_or("", |(_, cell)| cell);
            let name = format!("{method}{cell}-{n_classes}");
            let model = Model::new(fitted, ModelCard::of(&data))?;
            std::fs::write(dir.join(format!("{name}.onnx")), model.to_onnx()?)?;
            let told = json!({
                "n_bands": N_BANDS,
                "excerpt_frames": EXCERPT,
                "recordings": recordings,
                "probabilities": (0..n).map(|row| proba.row(row)).collect::<Vec<_>>(),
            });
            std::fs::write(dir.join(format!("{name}.json")), told.to_string())?;
        }
    }
    Ok(())
}
