//! Seconds that a model's probabilities of rows take, again and again: `predict_seconds MODEL ROWS N_ROUNDS`, ROWS a file of `f32`,
//! little-endian, row after row. What Python is measured against (`crates/python/scripts/measure.py`).

use std::time::Instant;

use cratedigger_learn::{Matrix, Model, with_threads};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, model, rows, n_rounds] = arguments.as_slice() else {
        return Err("predict_seconds MODEL ROWS N_ROUNDS".into());
    };
    let model = Model::load(model)?;
    let bytes = std::fs::read(rows)?;
    let (numbers, _) = bytes.as_chunks::<4>();
    let values: Vec<f32> = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let n_cols = model.card().feature_names.len();
    let x = Matrix::new(values.len() / n_cols, n_cols, values)?;
    for _ in 0..n_rounds.parse()? {
        let started = Instant::now();
        let said = with_threads(None, || Ok(model.predict(&x)))??;
        let seconds = started.elapsed().as_secs_f64();
        let sum: f64 = said.probabilities.iter().flat_map(|p| p.as_slice()).sum();
        println!("{seconds} {sum}");
    }
    Ok(())
}
