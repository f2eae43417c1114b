//! The HTTP client, and what its answers say.

use std::sync::Once;
use std::time::Duration;

use reqwest::Url;
use reqwest::blocking::{Client, Response};
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_RANGE, ETAG, HeaderName, HeaderValue, IF_RANGE, LAST_MODIFIED, RANGE,
    RETRY_AFTER,
};

use super::error::{Error, Interruption};
use super::options::DownloadOptions;
use super::part::Version;

/// Address of a file in the folder `base`.
pub(super) fn url(base: &str, file_name: &str) -> Result<Url, Error> {
    let bad = |reason: String| Error::BadUrl {
        url: base.to_owned(),
        reason,
    };
    let full = format!("{}/{file_name}", base.trim_end_matches('/'));
    let url = Url::parse(&full).map_err(|e| bad(e.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad("not http or https".to_owned()));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad(
            "with a query or fragment no file name can follow it".to_owned()
        ));
    }
    Ok(url)
}

/// A client that asks for the bytes as they are, through the system's proxy but never for this very machine.
pub(super) fn client(options: &DownloadOptions, url: &Url) -> Result<Client, Error> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // An error says that the program has chosen a provider already; that one serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let mut builder = Client::builder()
        .user_agent(concat!("cratedigger/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(options.connect_timeout)
        .timeout(options.read_timeout)
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate();
    if matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")) {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|source| Error::Client { source })
}

/// Asks for the file from byte `from` on, if it is still of that version.
pub(super) fn get(
    client: &Client,
    url: &Url,
    from: u64,
    version: &Version,
) -> Result<Response, Interruption> {
    let mut request = client
        .get(url.clone())
        .header(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if from > 0 {
        request = request.header(RANGE, format!("bytes={from}-"));
        if let Some(validator) = version.validator() {
            request = request.header(IF_RANGE, validator);
        }
    }
    request.send().map_err(|source| Interruption::Request { source })
}

/// ETag, date and, for a whole answer, size.
pub(super) fn version(response: &Response) -> Version {
    Version {
        etag: text(response, ETAG),
        last_modified: text(response, LAST_MODIFIED),
        total: None,
    }
}

/// `Content-Range`: the first byte where one is given, and the size of the file where it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ContentRange {
    pub(super) start: Option<u64>,
    pub(super) total: Option<u64>,
}

impl ContentRange {
    pub(super) fn of(response: &Response) -> Self {
        text(response, CONTENT_RANGE).map_or_else(Self::default, |value| Self::parse(&value))
    }

    /// `bytes 5-9/10`, `bytes 5-9/*` or `bytes */10` (RFC 9110, section 14.4).
    fn parse(value: &str) -> Self {
        let Some((range, total)) = value
            .trim()
            .strip_prefix("bytes ")
            .and_then(|rest| rest.split_once('/'))
        else {
            return Self::default();
        };
        Self {
            start: range
                .split_once('-')
                .and_then(|(start, _)| start.trim().parse().ok()),
            total: total.trim().parse().ok(),
        }
    }
}

/// `Retry-After` in seconds; the form with a date is not read, the usual pause follows then.
pub(super) fn retry_after(response: &Response) -> Option<Duration> {
    Some(Duration::from_secs(
        text(response, RETRY_AFTER)?.trim().parse().ok()?,
    ))
}

fn text(response: &Response, name: HeaderName) -> Option<String> {
    Some(response.headers().get(name)?.to_str().ok()?.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_client_for_https_can_be_built() {
        let url = url(crate::download::OFFICIAL_BASE_URL, "x.zip").unwrap();
        assert_eq!(url.as_str(), "https://os.unil.cloud.switch.ch/fma/x.zip");
        client(&DownloadOptions::default(), &url).unwrap();
    }

    #[test]
    fn addresses_get_the_file_name_and_others_are_refused() {
        for base in ["http://h/a", "http://h/a/", "http://h/a//"] {
            assert_eq!(url(base, "f.zip").unwrap().as_str(), "http://h/a/f.zip");
        }
        for base in [
            "",
            "fma",
            "ftp://h/",
            "file:///etc",
            "http://h/?x=1",
            "http://h/#x",
        ] {
            let error = url(base, "f.zip").unwrap_err().to_string();
            assert!(error.contains(&format!("`{base}` is not the address")), "{error}");
        }
    }

    #[test]
    fn content_ranges_are_read() {
        let range = |start, total| ContentRange { start, total };
        assert_eq!(ContentRange::parse("bytes 5-9/10"), range(Some(5), Some(10)));
        assert_eq!(ContentRange::parse("bytes 5-9/*"), range(Some(5), None));
        assert_eq!(ContentRange::parse("bytes */10"), range(None, Some(10)));
        for bad in [
            "",
            "bytes",
            "bytes 5",
            "items 5-9/10",
            "bytes -5-9/x",
            "bytes 99999999999999999999-1/2",
        ] {
            assert_eq!(ContentRange::parse(bad).start, None, "{bad}");
        }
    }
}
