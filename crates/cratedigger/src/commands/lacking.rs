//! Parts that a build can be without.

/// Says what this build cannot do, and how to get one that can.
pub(crate) fn part(what: &str, feature: &str) -> anyhow::Error {
    anyhow::anyhow!(
        "this build {what}: run `cargo run --release --features {feature} -- …`, or install one that can by \
         `cargo install --path crates/cratedigger --features {feature}` (`--features full` has everything)"
    )
}
