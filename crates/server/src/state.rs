//! What all requests share: the model, the threads, the limits, the counters.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use cratedigger_collection::Listener;
use cratedigger_features::Limits;

use crate::analysis::Analyser;
use crate::assets::Site;
use crate::classifier::Classifier;
use crate::error::{Context, Error, Result};
use crate::metrics::Metrics;
use crate::pool::Pool;
use crate::settings::Settings;
use crate::uploads::Rules;

/// What all requests share.
pub(crate) struct App {
    pub(crate) settings: Settings,
    pub(crate) classifier: Classifier,
    pub(crate) analyser: Analyser,
    pub(crate) pool: Pool,
    pub(crate) rules: Rules,
    pub(crate) metrics: Metrics,
    pub(crate) site: Site,
    /// Set when the first transforms are planned, cleared when the server is being stopped.
    pub(crate) ready: AtomicBool,
    n_requests: AtomicU64,
}

pub(crate) type Shared = Arc<App>;

/// What a handler tells the log about its request.
#[derive(Clone, Copy)]
pub(crate) struct Work {
    pub(crate) n_files: usize,
    pub(crate) n_bytes: u64,
}

impl App {
    /// Loads what the settings name.
    pub(crate) fn new(settings: Settings, listener: &dyn Listener) -> Result<Shared> {
        let mut classifier =
            Classifier::load(&settings.model, settings.threshold, settings.embedding.as_ref())?;
        if let Some(data) = &settings.neighbours {
            classifier.look_among(data, settings.cache.as_deref(), listener)?;
        }
        let limits = Limits::default()
            .max_duration_s(settings.max_duration_s)
            .max_bytes(settings.max_body);
        let site = Site::new(settings.report.as_deref())?;
        Ok(Arc::new(Self {
            analyser: Analyser::new(
                classifier.recipe(),
                classifier.reads_features(),
                &classifier.card().frames,
                limits,
                settings.helper.as_ref(),
            )?,
            classifier,
            pool: Pool::new(settings.decodes, settings.queue).context("cannot start the decoding threads")?,
            rules: Rules::new(
                settings.upload_memory,
                settings.max_body,
                settings.max_files,
                settings.read_timeout,
                settings.upload_timeout,
                settings.min_rate,
            ),
            metrics: Metrics::new(),
            site,
            ready: AtomicBool::new(false),
            n_requests: AtomicU64::new(0),
            settings,
        }))
    }

    /// Whether requests are taken.
    pub(crate) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    /// The number of a request that begins, from 1 up.
    pub(crate) fn next_number(&self) -> u64 {
        self.n_requests.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Plans what the first request would otherwise wait for, then takes requests.
    pub(crate) fn warm_up(&self) {
        let one_second: Vec<f32> = (0..44_100)
            .map(|i| 0.25 * (i as f32 * 0.05).sin() + 0.1 * (i as f32 * 0.31).cos())
            .collect();
        let outcome = self
            .analyser
            .samples(&one_second, 44_100)
            .map_err(Error::from)
            .and_then(|mut sound| {
                let n_more = self.classifier.embedding().map_or(0, |more| more.columns().len());
                sound.embedding = vec![0.0; n_more];
                self.classifier.classify(&sound)
            });
        if let Err(error) = outcome {
            tracing::warn!(
                "the model could not classify a test sound: {}",
                error.in_one_line()
            );
        }
        self.ready.store(true, Ordering::Relaxed);
    }
}
