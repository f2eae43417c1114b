//! Requests until the whole file is there, or there is no sense in another.

use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::Url;
use reqwest::blocking::{Client, Response};

use super::error::{Error, Interruption};
use super::http::{self, ContentRange};
use super::options::{DownloadOptions, Event};
use super::part::{Part, Version};
use super::spec::Spec;

/// What went over the network.
pub(super) struct Sent {
    pub(super) bytes_received: u64,
    pub(super) resumed_at: u64,
    pub(super) requests: u32,
}

/// Downloads `url` to `archive`, by way of its part; the sum is right when this returns.
pub(super) fn fetch(
    spec: &Spec,
    url: &Url,
    archive: &Path,
    options: &DownloadOptions,
    on_event: &mut dyn FnMut(&Event<'_>),
) -> Result<Sent, Error> {
    let client = http::client(options, url)?;
    let mut part = Part::open(archive, spec, on_event)?;
    let mut sent = Sent {
        bytes_received: 0,
        resumed_at: part.len(),
        requests: 0,
    };
    if let Err(error) = request_all(&client, url, spec, &mut part, options, &mut sent, on_event) {
        part.leave();
        return Err(error);
    }
    part.finish(archive, url.as_str())?;
    Ok(sent)
}

/// Requests until the part is whole.
fn request_all(
    client: &Client,
    url: &Url,
    spec: &Spec,
    part: &mut Part,
    options: &DownloadOptions,
    sent: &mut Sent,
    on_event: &mut dyn FnMut(&Event<'_>),
) -> Result<(), Error> {
    let mut farthest = part.len();
    let mut failed = 0;
    let mut changes = 0;
    while !part.is_whole() {
        sent.requests += 1;
        let request = Request {
            client,
            url,
            spec,
            options,
        };
        let reason = match request.send(part, &mut sent.bytes_received, on_event)? {
            Outcome::Whole => break,
            Outcome::Interrupted(reason) => reason,
        };
        if matches!(reason, Interruption::Changed) {
            // Each time all is lost, so such answers count together, whatever arrives in between.
            changes += 1;
            farthest = 0;
            failed = changes;
        } else if matches!(reason, Interruption::Slow { .. }) {
            // It brought something, and always would.
            farthest = part.len();
            failed += 1;
        } else if part.len() > farthest {
            farthest = part.len();
            failed = 0;
        } else {
            failed += 1;
        }
        if failed >= options.max_tries || sent.requests >= options.max_requests {
            return Err(Error::BrokeOff {
                url: url.to_string(),
                at: part.len(),
                total: part.version().total,
                requests: sent.requests,
                source: reason,
            });
        }
        let pause = pause(&reason, failed, options);
        on_event(&Event::Waiting {
            reason: &reason,
            pause,
            failed,
            at: part.len(),
        });
        std::thread::sleep(pause);
    }
    Ok(())
}

/// How one request ended.
enum Outcome {
    Whole,
    Interrupted(Interruption),
}

/// What a request is made of.
struct Request<'a> {
    client: &'a Client,
    url: &'a Url,
    spec: &'a Spec,
    options: &'a DownloadOptions,
}

impl Request<'_> {
    fn send(
        &self,
        part: &mut Part,
        received: &mut u64,
        on_event: &mut dyn FnMut(&Event<'_>),
    ) -> Result<Outcome, Error> {
        let from = part.len();
        let response = match http::get(self.client, self.url, from, part.version()) {
            Ok(response) => response,
            Err(reason) => return Ok(Outcome::Interrupted(reason)),
        };
        let status = response.status().as_u16();
        let mut version = http::version(&response);
        match status {
            // The whole file: nothing is there yet, the server knows no ranges, or the file is another one by now.
            200 => {
                version.total = response.content_length();
                self.check_total(version.total)?;
                part.restart(version)?;
                self.receive(response, part, received, on_event)
            }
            206 if from > 0 => {
                let range = ContentRange::of(&response);
                version.total = range.total;
                self.check_total(version.total)?;
                if range.start != Some(from) || !version.agrees_with(part.version()) {
                    part.restart(Version::default())?;
                    return Ok(Outcome::Interrupted(Interruption::Changed));
                }
                let known = part.version();
                let version = Version {
                    etag: version.etag.or_else(|| known.etag.clone()),
                    last_modified: version.last_modified.or_else(|| known.last_modified.clone()),
                    total: version.total.or(known.total),
                };
                if version != *known {
                    part.remember(version)?;
                }
                self.receive(response, part, received, on_event)
            }
            // There is nothing from that byte on: all of it is here, or the file is another one.
            416 if from > 0 => {
                if ContentRange::of(&response).total == Some(from) {
                    return Ok(Outcome::Whole);
                }
                part.restart(Version::default())?;
                Ok(Outcome::Interrupted(Interruption::Changed))
            }
            408 | 429 | 500 | 502 | 503 | 504 => Ok(Outcome::Interrupted(Interruption::Unavailable {
                status,
                retry_after: http::retry_after(&response),
            })),
            _ => Err(Error::Status {
                url: self.url.to_string(),
                status,
            }),
        }
    }

    /// Appends the body to the part.
    fn receive(
        &self,
        mut response: Response,
        part: &mut Part,
        received: &mut u64,
        on_event: &mut dyn FnMut(&Event<'_>),
    ) -> Result<Outcome, Error> {
        let mut buffer = vec![0; 256 << 10];
        let total = part.version().total;
        let mut window = (Instant::now(), 0);
        loop {
            on_event(&Event::Downloading {
                done: part.len(),
                total,
            });
            match response.read(&mut buffer) {
                Ok(0) if total.is_none_or(|total| part.len() >= total) => return Ok(Outcome::Whole),
                Ok(0) => return Ok(Outcome::Interrupted(Interruption::Short)),
                Ok(n) => {
                    part.append(&buffer[..n])?;
                    *received += n as u64;
                    // A range that runs on beyond the file's own size: the rest is no part of it.
                    if total.is_some_and(|total| part.len() > total) {
                        part.restart(Version::default())?;
                        return Ok(Outcome::Interrupted(Interruption::Changed));
                    }
                    if part.len() > self.spec.bytes.1 {
                        let got = part.len();
                        part.restart(Version::default())?;
                        return Err(self.wrong_size(got));
                    }
                    window.1 += n as u64;
                    if let Some(reason) = self.too_slow(&mut window) {
                        return Ok(Outcome::Interrupted(reason));
                    }
                }
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(source) => return Ok(Outcome::Interrupted(Interruption::Body { source })),
            }
        }
    }

    /// Whether too little arrived since the window's beginning; begins the next one where that is over.
    fn too_slow(&self, (begun, n_bytes): &mut (Instant, u64)) -> Option<Interruption> {
        let (took, min_rate) = (begun.elapsed(), self.options.min_rate);
        if took < self.options.rate_window {
            return None;
        }
        let slow = (*n_bytes as f64) < min_rate as f64 * took.as_secs_f64();
        (*begun, *n_bytes) = (Instant::now(), 0);
        slow.then_some(Interruption::Slow { min_rate })
    }

    /// A server that tells another size than the published one has another file, and is not asked for it.
    fn check_total(&self, total: Option<u64>) -> Result<(), Error> {
        let (least, most) = self.spec.bytes;
        match total.filter(|total| !(least..=most).contains(total)) {
            Some(total) => Err(self.wrong_size(total)),
            None => Ok(()),
        }
    }

    fn wrong_size(&self, got: u64) -> Error {
        Error::WrongSize {
            url: self.url.to_string(),
            expected: match self.spec.bytes {
                (least, most) if least == most => most.to_string(),
                (least, most) => format!("{least} to {most}"),
            },
            got,
        }
    }
}

/// What the server asked for within bounds, else doubled with each failure.
fn pause(reason: &Interruption, failed: u32, options: &DownloadOptions) -> Duration {
    if let Interruption::Unavailable {
        retry_after: Some(pause),
        ..
    } = reason
    {
        return (*pause).min(options.max_retry_after);
    }
    let doublings = failed.saturating_sub(1).min(31);
    options
        .backoff
        .saturating_mul(1 << doublings)
        .min(options.max_backoff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_bound_and_the_server_may_ask_for_its_own() {
        let options = DownloadOptions::default();
        let seconds = |failed| pause(&Interruption::Short, failed, &options).as_secs();
        let all: Vec<_> = (0..9).map(seconds).collect();
        assert_eq!(all, [1, 1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(seconds(u32::MAX), 60);
        let asked = |s| Interruption::Unavailable {
            status: 503,
            retry_after: Some(Duration::from_secs(s)),
        };
        assert_eq!(pause(&asked(7), 3, &options).as_secs(), 7);
        assert_eq!(pause(&asked(1 << 40), 1, &options), options.max_retry_after);
    }
}
