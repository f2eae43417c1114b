//! How patient and how greedy the reading of objects is.

use std::time::Duration;

use object_store::{BackoffConfig, RetryConfig};

use crate::error::{Error, Result};

/// The longest time for which a request is tried again: its signature is not renewed, and stores refuse one that is a quarter of an hour
/// old.
const MOST_RETRY_S: f64 = 600.0;

/// How long a request is tried again, and how much is fetched ahead.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Settings {
    /// Seconds for which a request is tried again that was not answered, 0 for never (`CRATEDIGGER_STORE_RETRY_SECONDS`).
    pub retry_s: f64,
    /// Seconds for one request and its answer (`CRATEDIGGER_STORE_TIMEOUT`).
    pub timeout_s: f64,
    /// Objects that are fetched or wait at a time (`CRATEDIGGER_PREFETCH`).
    pub ahead_count: usize,
    /// Their bytes, unless a single one has more (`CRATEDIGGER_PREFETCH_BYTES`).
    pub ahead_bytes: u64,
    /// Bytes that one request asks for (`CRATEDIGGER_STORE_RANGE`).
    pub range_bytes: u64,
    /// Whether `http://` is read, too (`CRATEDIGGER_ALLOW_HTTP`).
    pub allow_http: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            retry_s: 180.0,
            timeout_s: 60.0,
            ahead_count: 32,
            ahead_bytes: 256 << 20,
            range_bytes: 16 << 20,
            allow_http: false,
        }
    }
}

impl Settings {
    /// The defaults, and what environment variables say.
    ///
    /// # Errors
    /// One of them is no number, or out of bounds.
    pub fn from_env() -> Result<Self> {
        Self::from_variables(&|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn from_variables(get: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let whole = |name: &'static str, default: u64, bounds: std::ops::RangeInclusive<u64>| {
            let Some(value) = get(name) else {
                return Ok(default);
            };
            let number = value.parse().ok().filter(|number| bounds.contains(number));
            number.ok_or_else(|| Error::Setting {
                name,
                value,
                expected: format!("a whole number from {} to {}", bounds.start(), bounds.end()),
            })
        };
        let seconds = |name: &'static str, default: f64, bounds: std::ops::RangeInclusive<f64>| {
            let Some(value) = get(name) else {
                return Ok(default);
            };
            let number = value.parse::<f64>().ok().filter(|s| bounds.contains(s));
            number.ok_or_else(|| Error::Setting {
                name,
                value,
                expected: format!("seconds from {} to {}", bounds.start(), bounds.end()),
            })
        };
        let default = Self::default();
        Ok(Self {
            retry_s: seconds(
                "CRATEDIGGER_STORE_RETRY_SECONDS",
                default.retry_s,
                0.0..=MOST_RETRY_S,
            )?,
            timeout_s: seconds("CRATEDIGGER_STORE_TIMEOUT", default.timeout_s, 0.001..=86_400.0)?,
            ahead_count: whole("CRATEDIGGER_PREFETCH", default.ahead_count as u64, 1..=10_000)? as usize,
            ahead_bytes: whole("CRATEDIGGER_PREFETCH_BYTES", default.ahead_bytes, 1..=1 << 40)?,
            range_bytes: whole("CRATEDIGGER_STORE_RANGE", default.range_bytes, 1 << 10..=1 << 30)?,
            allow_http: get("CRATEDIGGER_ALLOW_HTTP").is_some_and(|value| value == "true" || value == "1"),
        })
    }

    /// As `object_store` wants it: the first wait is 0.1 s, each next one is drawn from 0.1 s to four times the last, 15 s at most. With
    /// twice the last, waits would not grow: half of them would be shorter than the one before, and ten be over after a second or two.
    /// The time limits them, not their number.
    pub(crate) fn retry(&self) -> RetryConfig {
        RetryConfig {
            backoff: BackoffConfig {
                init_backoff: Duration::from_millis(100),
                max_backoff: Duration::from_secs(15),
                base: 4.0,
            },
            max_retries: usize::MAX,
            retry_timeout: Duration::from_secs_f64(self.retry_s),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn variables_are_read_and_wrong_ones_named() {
        let of = |name: &'static str, value: &'static str| {
            Settings::from_variables(&move |asked| (asked == name).then(|| value.to_owned()))
        };
        assert_eq!(of("", "").unwrap(), Settings::default());
        assert_eq!(of("CRATEDIGGER_PREFETCH", "7").unwrap().ahead_count, 7);
        assert_eq!(of("CRATEDIGGER_STORE_RETRY_SECONDS", "0.5").unwrap().retry_s, 0.5);
        assert_eq!(of("CRATEDIGGER_STORE_RETRY_SECONDS", "0").unwrap().retry_s, 0.0);
        for (name, value) in [
            ("CRATEDIGGER_PREFETCH", "0"),
            ("CRATEDIGGER_STORE_RETRY_SECONDS", "many"),
            ("CRATEDIGGER_STORE_RETRY_SECONDS", "601"),
            ("CRATEDIGGER_STORE_TIMEOUT", "nan"),
            ("CRATEDIGGER_STORE_TIMEOUT", "-1"),
        ] {
            let error = of(name, value).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(value), "{error}");
        }
    }
}
