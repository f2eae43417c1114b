//! Cross-validates a method on a table written by `benches/peers.py`, to compare with scikit-learn on the same folds.
//!
//!     cargo run --release -p cratedigger-learn --example compare -- DIR/NAME METHOD [SEED [N_JOBS]]

use std::error::Error;

use cratedigger_learn::{CvOptions, Dataset, Matrix, Method, cross_validate, given_folds};
use serde::Deserialize;

#[derive(Deserialize)]
struct Meta {
    n_rows: usize,
    n_cols: usize,
    n_classes: usize,
    y: Vec<usize>,
    groups: Option<Vec<i64>>,
    tests: Vec<Vec<usize>>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, method, rest @ ..] = args.as_slice() else {
        return Err("usage: compare DIR/NAME METHOD [SEED [N_JOBS]]".into());
    };
    let method: Method = method.parse()?;
    let seed = rest.first().map_or(Ok(0), |seed| seed.parse())?;
    let n_jobs = rest.get(1).map(|n| n.parse()).transpose()?;

    let meta: Meta = serde_json::from_slice(&std::fs::read(format!("{folder}/meta.json"))?)?;
    let bytes = std::fs::read(format!("{folder}/x.f32"))?;
    let values = bytes
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect();
    let x = Matrix::new(meta.n_rows, meta.n_cols, values)?;
    let mut data = Dataset::new(
        x,
        meta.y,
        (0..meta.n_classes).map(|class| class.to_string()).collect(),
    )?;
    data.groups = meta.groups;
    let folds = given_folds(meta.n_rows, &meta.tests)?;
    let cpu_started = cpu_seconds();
    let result = cross_validate(
        &*method.classifier(seed),
        &data,
        &folds,
        &CvOptions {
            n_jobs,
            ..Default::default()
        },
    )?;
    let epochs: Vec<Option<usize>> = result.folds.iter().map(|fold| fold.n_iter).collect();
    let predict_seconds: f64 = result.folds.iter().map(|fold| fold.predict_seconds).sum();
    println!(
        "{}",
        serde_json::json!({
            "method": method.name(), "mean_accuracy": result.mean_accuracy, "fold_accuracy": result.fold_accuracy,
            "fit_seconds": result.fit_seconds, "predict_seconds": predict_seconds, "n_iter": epochs,
            "cpu_seconds": cpu_seconds().zip(cpu_started).map(|(end, start)| end - start),
        })
    );
    Ok(())
}

/// Processor time of this process so far, on Linux: fields 14 and 15 of `stat`, in hundredths of a second.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / 100.0)
}
