//! What a network hears at once: pieces of a signal or of a spectrogram.

use crate::contract::{Contract, Tail};
use crate::error::{Error, Result};

/// Where the patches of a recording begin, in samples or frames.
///
/// # Errors
/// `TooShort` where not one patch is filled and zeros are not allowed.
pub(crate) fn starts(n: usize, contract: &Contract) -> Result<Vec<usize>> {
    let (patch, step) = (contract.patch, contract.step());
    let starts: Vec<usize> = match contract.tail {
        Tail::Drop => (0..(n + 1).saturating_sub(patch)).step_by(step).collect(),
        Tail::Zeros => (0..n).step_by(step).collect(),
    };
    if starts.is_empty() {
        return Err(Error::TooShort {
            seconds: contract.patch_s() * n as f64 / patch as f64,
            needed: contract.patch_s(),
        });
    }
    Ok(starts)
}

/// The patch that begins at `start`, of `width` numbers for each sample or frame; zeros follow the end.
pub(crate) fn cut(x: &[f32], start: usize, contract: &Contract, width: usize) -> Vec<f32> {
    let end = (start + contract.patch).min(x.len() / width);
    let mut out = x[start * width..end * width].to_vec();
    out.resize(contract.patch * width, 0.0);
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn contract(hop: usize, tail: &str) -> Contract {
        let said = [
            "input=musicnn-mel",
            "patch=4",
            "licence=x",
            "pretrained_on=[\"y\"]",
        ]
        .map(str::to_owned);
        let more = [format!("hop={hop}"), format!("tail={tail}")];
        Contract::parse("", &[said.as_slice(), &more].concat(), "x").unwrap()
    }

    #[test]
    fn patches_are_cut_as_the_contract_says() {
        assert_eq!(starts(9, &contract(4, "drop")).unwrap(), [0, 4]);
        assert_eq!(starts(8, &contract(4, "drop")).unwrap(), [0, 4]);
        assert_eq!(starts(9, &contract(2, "drop")).unwrap(), [0, 2, 4]);
        assert_eq!(starts(9, &contract(4, "zeros")).unwrap(), [0, 4, 8]);
        assert_eq!(starts(3, &contract(4, "zeros")).unwrap(), [0]);
        let short = starts(3, &contract(4, "drop")).unwrap_err();
        assert!(matches!(short, Error::TooShort { .. }), "{short}");
        assert!(starts(0, &contract(4, "zeros")).is_err());
        let x: Vec<f32> = (0..18).map(|i| i as f32).collect();
        assert_eq!(
            cut(&x, 4, &contract(4, "zeros"), 2),
            [8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0]
        );
        assert_eq!(
            cut(&x, 8, &contract(4, "zeros"), 2),
            [16.0, 17.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
        );
    }
}
