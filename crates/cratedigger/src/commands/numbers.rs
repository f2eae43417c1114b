//! Numbers of the command line that have bounds, each in one place: NaN, zero and too much are refused with what is wanted.

use std::num::NonZeroUsize;

use cratedigger_collection::most_threads;

/// A number of threads.
pub(crate) fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    let most = most_threads();
    match text.parse::<NonZeroUsize>() {
        Ok(n) if n.get() <= most => Ok(n),
        _ => Err(format!("a number of threads from 1 to {most} is wanted")),
    }
}

/// A share from 0 to 1.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("a share from 0 to 1 is wanted".to_owned()),
    }
}

/// A share that leaves something on both sides.
pub(crate) fn part(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if share > 0.0 && share < 1.0 => Ok(share),
        _ => Err("a share above 0 and below 1 is wanted".to_owned()),
    }
}

/// A confidence: more than a coin has, and less than certainty.
pub(crate) fn confidence(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if share > 0.5 && share < 1.0 => Ok(share),
        _ => Err("a share above 0.5 and below 1 is wanted".to_owned()),
    }
}

/// A number above 0 that has an end.
pub(crate) fn above_zero(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(n) if n > 0.0 && n.is_finite() => Ok(n),
        _ => Err("a number above 0 is wanted".to_owned()),
    }
}

/// A number of bytes, candidates, folds: 1 or more.
pub(crate) fn at_least_one<T: std::str::FromStr + PartialOrd + From<u8>>(text: &str) -> Result<T, String> {
    match text.parse::<T>() {
        Ok(n) if n >= T::from(1) => Ok(n),
        _ => Err("a whole number from 1 on is wanted".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        let most = most_threads();
        assert_eq!(jobs("1"), Ok(NonZeroUsize::MIN));
        assert!(jobs(&most.to_string()).is_ok());
        for bad in ["0.5", "1", "nan", ""] {
            assert!(confidence(bad).is_err(), "{bad}");
        }
        assert_eq!(confidence("0.95"), Ok(0.95));
        for bad in ["0", "-1", "1000000", "18446744073709551616", "", "x"] {
            assert!(
                jobs(bad).is_err_and(|said| said.contains(&format!("1 to {most}"))),
                "{bad}"
            );
        }
        for bad in ["nan", "NaN", "-0.1", "1.1", "inf", "-inf", ""] {
            assert!(share(bad).is_err() && part(bad).is_err(), "{bad}");
        }
        assert!(share("0").is_ok() && share("1").is_ok() && part("0").is_err() && part("1").is_err());
        for bad in ["nan", "0", "-0", "-1", "inf", "1e999", ""] {
            assert!(above_zero(bad).is_err(), "{bad}");
        }
        assert_eq!(above_zero("0.5"), Ok(0.5));
        assert!(at_least_one::<u64>("0").is_err() && at_least_one::<u64>("-1").is_err());
        assert_eq!(at_least_one::<u64>("7"), Ok(7));
        assert!(at_least_one::<usize>("0").is_err());
    }
}
