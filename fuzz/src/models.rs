//! Files of models and of autoencoders.

use cratedigger_learn::autoencoder::Autoencoder;
use cratedigger_learn::{Matrix, Model};

/// A model as it is, and with its checksum made right, so that the fuzzer gets behind it. A model that is read answers, and what it
/// writes is read as the same.
pub(crate) fn model(bytes: &[u8]) -> bool {
    let _ = Model::from_bytes(bytes);
    let Some(bytes) = with_right_checksum(bytes) else {
        return false;
    };
    let Ok(model) = Model::from_bytes(&bytes) else {
        return false;
    };
    let n_columns = model.card().feature_names.len();
    if n_columns <= 4096
        && let Ok(x) = Matrix::new(2, n_columns, vec![0.5; 2 * n_columns])
    {
        let _ = model.predict(&x);
    }
    if let Ok(written) = model.to_bytes() {
        let again = Model::from_bytes(&written).expect("what was written can be read");
        assert_eq!(again.to_bytes().expect("it can be written again"), written);
    }
    true
}

/// The same of an autoencoder.
pub(crate) fn autoencoder(bytes: &[u8]) -> bool {
    let _ = Autoencoder::from_bytes(bytes);
    let Some(bytes) = with_right_checksum(bytes) else {
        return false;
    };
    let Ok(autoencoder) = Autoencoder::from_bytes(&bytes) else {
        return false;
    };
    if let Ok(written) = autoencoder.to_bytes() {
        Autoencoder::from_bytes(&written).expect("what was written can be read");
    }
    true
}

/// The file with the BLAKE3 sum that its header has a place for: of the file in which these digits are zeros.
fn with_right_checksum(bytes: &[u8]) -> Option<Vec<u8>> {
    const PREFIX: &[u8] = b"blake3:";
    let at = bytes.windows(PREFIX.len()).position(|window| window == PREFIX)? + PREFIX.len();
    let mut bytes = bytes.to_vec();
    bytes.get_mut(at..at + 64)?.fill(b'0');
    let sum = blake3::hash(&bytes).to_hex();
    bytes[at..at + 64].copy_from_slice(sum.as_bytes());
    Some(bytes)
}
