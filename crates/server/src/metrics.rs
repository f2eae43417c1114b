//! Counters for `/metrics`, in Prometheus' text format.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Upper edges of the histograms' buckets, in seconds.
const BUCKETS_S: [f64; 12] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// Everything that is counted.
pub(crate) struct Metrics {
    started: Instant,
    requests: Mutex<BTreeMap<(String, String, u16), u64>>,
    durations: Mutex<BTreeMap<String, Histogram>>,
    in_flight: AtomicI64,
    analysis: Mutex<Histogram>,
    uploaded_bytes: AtomicU64,
    audio_milliseconds: AtomicU64,
    files: Mutex<BTreeMap<&'static str, u64>>,
    genres: Mutex<BTreeMap<String, u64>>,
    abstentions: AtomicU64,
}

#[derive(Default, Clone)]
struct Histogram {
    counts: [u64; BUCKETS_S.len()],
    n: u64,
    sum: f64,
}

impl Histogram {
    fn add(&mut self, seconds: f64) {
        for (edge, count) in BUCKETS_S.iter().zip(&mut self.counts) {
            *count += u64::from(seconds <= *edge);
        }
        self.n += 1;
        self.sum += seconds;
    }

    fn write(&self, out: &mut String, name: &str, labels: &str) {
        let comma = if labels.is_empty() { "" } else { "," };
        for (edge, count) in BUCKETS_S.iter().zip(&self.counts) {
            line(
                out,
                format_args!("{name}_bucket{{{labels}{comma}le=\"{edge}\"}} {count}"),
            );
        }
        line(
            out,
            format_args!("{name}_bucket{{{labels}{comma}le=\"+Inf\"}} {}", self.n),
        );
        let braced = if labels.is_empty() {
            String::new()
        } else {
            format!("{{{labels}}}")
        };
        line(out, format_args!("{name}_sum{braced} {}", self.sum));
        line(out, format_args!("{name}_count{braced} {}", self.n));
    }
}

/// What the pool and the model say when the page is asked for.
pub(crate) struct Now<'a> {
    pub(crate) n_running: usize,
    pub(crate) n_taken: usize,
    pub(crate) n_slots: usize,
    pub(crate) upload_memory: u64,
    pub(crate) method: &'a str,
    pub(crate) model: &'a str,
    pub(crate) recipe: &'a str,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            requests: Mutex::default(),
            durations: Mutex::default(),
            in_flight: AtomicI64::new(0),
            analysis: Mutex::default(),
            uploaded_bytes: AtomicU64::new(0),
            audio_milliseconds: AtomicU64::new(0),
            files: Mutex::default(),
            genres: Mutex::default(),
            abstentions: AtomicU64::new(0),
        }
    }

    /// A request began. Dropped, the guard says that it is over, answered or not.
    pub(crate) fn begin(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(self)
    }

    /// A request was answered.
    pub(crate) fn answered(&self, route: &str, method: &str, status: u16, took: Duration) {
        let key = (route.to_owned(), method.to_owned(), status);
        *lock(&self.requests).entry(key).or_default() += 1;
        lock(&self.durations)
            .entry(route.to_owned())
            .or_default()
            .add(took.as_secs_f64());
    }

    /// Bytes of uploads came in.
    pub(crate) fn uploaded(&self, n_bytes: u64) {
        self.uploaded_bytes.fetch_add(n_bytes, Ordering::Relaxed);
    }

    /// A file was analysed (`ok`) or not (the slug of its problem).
    pub(crate) fn analysed(&self, outcome: &'static str, took: Duration, audio_s: f64) {
        *lock(&self.files).entry(outcome).or_default() += 1;
        lock(&self.analysis).add(took.as_secs_f64());
        self.audio_milliseconds
            .fetch_add((audio_s * 1000.0) as u64, Ordering::Relaxed);
    }

    /// A file got a genre, or none.
    pub(crate) fn classified(&self, genre: Option<&str>) {
        match genre {
            Some(genre) => *lock(&self.genres).entry(genre.to_owned()).or_default() += 1,
            None => {
                self.abstentions.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Seconds until `n_waiting` more files are likely done by `n_threads` threads: 1 to 60.
    pub(crate) fn retry_after_s(&self, n_waiting: usize, n_threads: usize) -> u64 {
        let analysis = lock(&self.analysis).clone();
        let mean = if analysis.n == 0 {
            0.5
        } else {
            analysis.sum / analysis.n as f64
        };
        let seconds = mean * n_waiting as f64 / n_threads.max(1) as f64;
        (seconds.ceil() as u64).clamp(1, 60)
    }

    /// The page.
    pub(crate) fn text(&self, now: &Now<'_>) -> String {
        let mut out = String::with_capacity(8192);
        let o = &mut out;
        head(o, "cratedigger_info", "gauge", "Version and model; always 1");
        line(
            o,
            format_args!(
                "cratedigger_info{{version=\"{}\",model=\"{}\",method=\"{}\",recipe=\"{}\"}} 1",
                env!("CARGO_PKG_VERSION"),
                escape(now.model),
                escape(now.method),
                escape(now.recipe)
            ),
        );
        gauge(
            o,
            "cratedigger_uptime_seconds",
            "Seconds since the start",
            self.started.elapsed().as_secs_f64(),
        );
        head(
            o,
            "cratedigger_http_requests_total",
            "counter",
            "Requests answered",
        );
        for ((route, method, status), n) in &*lock(&self.requests) {
            line(
                o,
                format_args!(
                    "cratedigger_http_requests_total{{route=\"{}\",method=\"{}\",status=\"{status}\"}} {n}",
                    escape(route),
                    escape(method)
                ),
            );
        }
        gauge(
            o,
            "cratedigger_http_requests_in_flight",
            "Requests being read or answered",
            self.in_flight.load(Ordering::Relaxed) as f64,
        );
        let name = "cratedigger_http_request_duration_seconds";
        head(o, name, "histogram", "From a request's head to its answer");
        for (route, histogram) in &*lock(&self.durations) {
            histogram.write(o, name, &format!("route=\"{}\"", escape(route)));
        }
        let name = "cratedigger_analysis_duration_seconds";
        head(o, name, "histogram", "Decoding, features and model of one file");
        lock(&self.analysis).write(o, name, "");
        head(
            o,
            "cratedigger_files_total",
            "counter",
            "Files by what came of them",
        );
        for (outcome, n) in &*lock(&self.files) {
            line(
                o,
                format_args!("cratedigger_files_total{{outcome=\"{outcome}\"}} {n}"),
            );
        }
        head(
            o,
            "cratedigger_genres_total",
            "counter",
            "Files by the genre that was named",
        );
        for (genre, n) in &*lock(&self.genres) {
            line(
                o,
                format_args!("cratedigger_genres_total{{genre=\"{}\"}} {n}", escape(genre)),
            );
        }
        counter(
            o,
            "cratedigger_abstentions_total",
            "Files whose best probability was below the threshold",
            self.abstentions.load(Ordering::Relaxed) as f64,
        );
        counter(
            o,
            "cratedigger_uploaded_bytes_total",
            "Bytes of request bodies",
            self.uploaded_bytes.load(Ordering::Relaxed) as f64,
        );
        counter(
            o,
            "cratedigger_audio_seconds_total",
            "Seconds of audio analysed",
            self.audio_milliseconds.load(Ordering::Relaxed) as f64 / 1000.0,
        );
        let waiting = now.n_taken.saturating_sub(now.n_running);
        gauge(
            o,
            "cratedigger_files_running",
            "Files being analysed",
            now.n_running as f64,
        );
        gauge(o, "cratedigger_files_waiting", "Files that wait", waiting as f64);
        gauge(
            o,
            "cratedigger_files_capacity",
            "Most files that can run or wait",
            now.n_slots as f64,
        );
        gauge(
            o,
            "cratedigger_upload_memory_bytes",
            "Memory in use by uploads under way or waiting",
            now.upload_memory as f64,
        );
        if let Some(bytes) = resident_bytes() {
            gauge(
                o,
                "process_resident_memory_bytes",
                "Resident memory of the process",
                bytes as f64,
            );
        }
        out
    }
}

/// A request in flight.
pub(crate) struct InFlight<'a>(&'a Metrics);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    line(out, format_args!("# HELP {name} {help}"));
    line(out, format_args!("# TYPE {name} {kind}"));
}

fn gauge(out: &mut String, name: &str, help: &str, value: f64) {
    head(out, name, "gauge", help);
    line(out, format_args!("{name} {value}"));
}

fn counter(out: &mut String, name: &str, help: &str, value: f64) {
    head(out, name, "counter", help);
    line(out, format_args!("{name} {value}"));
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{text}");
}

/// A label's value: backslash, quote and line end are escaped.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From Linux' /proc, in pages of 4 KiB; other systems tell it in other ways.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kib = status.lines().find_map(|l| l.strip_prefix("VmRSS:"))?;
    let kib: u64 = kib.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NOW: Now<'_> = Now {
        n_running: 1,
        n_taken: 3,
        n_slots: 9,
        upload_memory: 2048,
        method: "mlp",
        model: "ab",
        recipe: "fma/1",
    };

    #[test]
    fn the_page_counts_what_happened() {
        let metrics = Metrics::new();
        let guard = metrics.begin();
        metrics.answered("/v1/classify", "POST", 200, Duration::from_millis(20));
        metrics.answered("/v1/classify", "POST", 200, Duration::from_millis(2000));
        metrics.analysed("ok", Duration::from_millis(10), 30.0);
        metrics.analysed("not-audio", Duration::from_millis(1), 0.0);
        metrics.classified(Some("Hip-\"Hop\""));
        metrics.classified(None);
        let text = metrics.text(&NOW);
        for want in [
            "cratedigger_http_requests_total{route=\"/v1/classify\",method=\"POST\",status=\"200\"} 2",
            "cratedigger_http_request_duration_seconds_bucket{route=\"/v1/classify\",le=\"0.01\"} 0",
            "cratedigger_http_request_duration_seconds_bucket{route=\"/v1/classify\",le=\"0.025\"} 1",
            "cratedigger_http_request_duration_seconds_bucket{route=\"/v1/classify\",le=\"+Inf\"} 2",
            "cratedigger_http_request_duration_seconds_sum{route=\"/v1/classify\"} 2.02",
            "cratedigger_analysis_duration_seconds_count 2",
            "cratedigger_files_total{outcome=\"not-audio\"} 1",
            "cratedigger_genres_total{genre=\"Hip-\\\"Hop\\\"\"} 1",
            "cratedigger_abstentions_total 1",
            "cratedigger_audio_seconds_total 30",
            "cratedigger_files_waiting 2",
            "cratedigger_upload_memory_bytes 2048",
            "cratedigger_http_requests_in_flight 1",
        ] {
            assert!(text.lines().any(|l| l == want), "no line {want} in\n{text}");
        }
        drop(guard);
        assert!(metrics.text(&NOW).contains("in_flight 0"));
    }

    #[test]
    fn the_time_to_come_again_grows_with_the_queue_within_bounds() {
        let metrics = Metrics::new();
        metrics.analysed("ok", Duration::from_secs(2), 1.0);
        assert_eq!(metrics.retry_after_s(5, 2), 5);
        assert_eq!(metrics.retry_after_s(0, 2), 1);
        assert_eq!(metrics.retry_after_s(10_000, 2), 60);
    }
}
