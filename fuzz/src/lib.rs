//! Every reader of foreign bytes, as a function of bytes: what a fuzzer drives, and what the tests run on seeds and on a
//! bounded number of damaged ones.
//!
//! A target takes any bytes and must end, without a panic, within its bounds; where it reads something whole, what it wrote again must
//! be read as the same. `cargo test -p cratedigger-fuzz` is the bounded run; `driver/` has the same targets for libFuzzer:
//!
//! ```sh
//! cargo install --locked cargo-fuzz                       # and a nightly tool chain
//! cargo +nightly fuzz run --fuzz-dir fuzz/driver model -- -max_total_time=600
//! fuzz/long_run.sh 300                                    # every target, 300 s each
//! ```
//!
//! | to change | look into |
//! |---|---|
//! | what a target does with its bytes | its file, by subject |
//! | where its seeds come from | [`Target::seeds`], and `seeds.rs` for those that are made |

mod audio;
mod bodies;
mod models;
mod networks;
mod notes;
mod place;
mod seeds;
mod tables;

pub use seeds::Seed;

/// A reader of foreign bytes.
#[derive(Clone, Copy)]
pub struct Target {
    /// What it is called, also by the fuzzer.
    pub name: &'static str,
    /// Gives it bytes; whether they were taken for something whole.
    pub run: fn(&[u8]) -> bool,
    /// Inputs to begin with.
    pub seeds: fn() -> Vec<Seed>,
    /// Longest input that is worth trying, in bytes.
    pub max_len: usize,
    /// How many damaged inputs the bounded run gives it.
    pub n_cases: u64,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    target(
        "audio",
        audio::features,
        || seeds::files("crates/features/tests/data/audio"),
        1 << 16,
        300,
    ),
    target("tags", audio::tags, seeds::tagged, 1 << 16, 300),
    target("csv", tables::csv, seeds::tables, 1 << 16, 1000),
    target("features", tables::features, seeds::features, 1 << 18, 500),
    target("store", tables::store, seeds::stores, 1 << 14, 1000),
    target("boundaries", tables::boundaries, seeds::boundaries, 1 << 16, 1000),
    target("model", models::model, seeds::models, 1 << 17, 2000),
    target(
        "autoencoder",
        models::autoencoder,
        seeds::autoencoders,
        1 << 17,
        500,
    ),
    target("contract", networks::contract, seeds::contracts, 1 << 14, 2000),
    target("onnx", networks::onnx, seeds::graphs, 1 << 16, 500),
    target(
        "checkpoint",
        networks::checkpoint,
        seeds::checkpoints,
        1 << 16,
        2000,
    ),
    target("package", networks::package, seeds::packages, 1 << 16, 300),
    target("journal", notes::journal, seeds::journals, 1 << 16, 150),
    target("losses", notes::losses, seeds::losses, 1 << 16, 1000),
    target("frames", notes::frames, seeds::frames, 1 << 16, 1000),
    target("wire", notes::wire, seeds::messages, 1 << 14, 2000),
    target("settings", bodies::settings, seeds::settings, 1 << 14, 1000),
    target("http", bodies::http, seeds::requests, 1 << 16, 150),
];

const fn target(
    name: &'static str,
    run: fn(&[u8]) -> bool,
    seeds: fn() -> Vec<Seed>,
    max_len: usize,
    n_cases: u64,
) -> Target {
    Target {
        name,
        run,
        seeds,
        max_len,
        n_cases,
    }
}

/// The target of this name.
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
