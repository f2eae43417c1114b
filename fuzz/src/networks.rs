//! Networks of others: contracts, graphs, weights.

use cratedigger_embed::{Contract, Embedding, checkpoint, musicnn};

use crate::place;

/// A contract in TOML.
pub(crate) fn contract(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let Ok(contract) = Contract::parse(text, &[], "fuzz") else {
        return false;
    };
    let _ = (
        contract.rate(),
        contract.step(),
        contract.patch_s(),
        contract.input_axes(),
    );
    assert!(!contract.in_words().is_empty());
    true
}

/// A graph of ONNX with a contract of two seconds.
pub(crate) fn onnx(bytes: &[u8]) -> bool {
    place::file(
        "graph.toml",
        include_bytes!("../../crates/embed/tests/golden/small.toml"),
    );
    let path = place::file("graph.onnx", bytes);
    let Ok(embedding) = Embedding::open(&path.to_string_lossy(), &[]) else {
        return false;
    };
    let _ = embedding.describe_samples(&[0.1; 16_000], 16_000);
    true
}

/// A checkpoint: its index, and behind the place that the first two bytes name its numbers.
pub(crate) fn checkpoint(bytes: &[u8]) -> bool {
    let Some((place, rest)) = bytes.split_first_chunk() else {
        return false;
    };
    let (index, data) = rest.split_at(usize::from(u16::from_le_bytes(*place)).min(rest.len()));
    checkpoint::read(index, data, |_| true).is_ok()
}

/// A wheel with networks in it.
pub(crate) fn package(bytes: &[u8]) -> bool {
    let wheel = place::file("musicnn.whl", bytes);
    musicnn::import(&wheel, &place::empty("networks")).is_ok()
}
