//! Seconds of a training step on the GPU: `crates/deep/examples/step.rs`, which says what, with this engine.
//!
//!     cargo run --release --manifest-path gpu/Cargo.toml --example step -- cnn 2
//!
//! The same words to `cargo run --release -p cratedigger-deep --example step` give the processor's.

#[path = "../../crates/deep/examples/step.rs"]
mod step;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tell = |device: &str| eprintln!("on {device}");
    cratedigger_deep::use_engine(Box::new(cratedigger_gpu::Gpu::new(tell)))?;
    step::main()
}
