//! Whether a store answers at all, as every request to it shows; what is waited for is told once, and once that it is over.

use std::error::Error as _;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpService, ReqwestConnector,
};

/// Silence that is told. Shorter ones are everyday life of stores.
const TOLD_AFTER: Duration = Duration::from_secs(5);

type Tell = Box<dyn Fn(&str) + Send + Sync>;

/// Who is told.
static TELL: OnceLock<Tell> = OnceLock::new();

/// Says who is told, in one line each, that a store does not answer and is waited for, and that it answers again. For the whole process,
/// as stores are opened in many places; only the first call counts. Without one nobody is told.
pub fn tell_waits(tell: impl Fn(&str) + Send + Sync + 'static) {
    let _ = TELL.set(Box::new(tell));
}

/// Sees what becomes of the requests to one store.
pub(crate) struct Watch {
    patience: Duration,
    told_after: Duration,
    silence: Mutex<Silence>,
    tell: Tell,
}

/// Requests that failed, with none between them that was answered.
#[derive(Default)]
struct Silence {
    since: Option<Instant>,
    is_told: bool,
}

impl Watch {
    /// Of a store each of whose requests is tried again for so long.
    pub(crate) fn new(patience: Duration) -> Self {
        Self::with(patience, TOLD_AFTER, |line| {
            if let Some(tell) = TELL.get() {
                tell(line);
            }
        })
    }

    fn with(patience: Duration, told_after: Duration, tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self {
            patience,
            told_after,
            silence: Mutex::default(),
            tell: Box::new(tell),
        }
    }

    fn see(&self, host: &str, outcome: &Result<HttpResponse, HttpError>) {
        let said = match outcome {
            Ok(response) => {
                let status = response.status();
                (status.is_server_error() || status.as_u16() == 429).then(|| status.to_string())
            }
            Err(error) => Some(innermost(error)),
        };
        let mut silence = self.silence.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(said) = said else {
            let Silence { since, is_told } = std::mem::take(&mut *silence);
            drop(silence);
            if let (Some(since), true) = (since, is_told) {
                let waited = since.elapsed().as_secs_f64();
                (self.tell)(&format!("{host} answers again, after {waited:.0} s"));
            }
            return;
        };
        let since = *silence.since.get_or_insert_with(Instant::now);
        if silence.is_told || self.patience.is_zero() || since.elapsed() < self.told_after {
            return;
        }
        silence.is_told = true;
        drop(silence);
        let (waited, patience) = (since.elapsed().as_secs_f64(), self.patience.as_secs_f64());
        (self.tell)(&format!(
            "{host} has not answered for {waited:.0} s ({said}); it is waited for, {patience:.0} s for each request"
        ));
    }
}

/// The first cause, which tells most: that a connection was refused, that a name is not known.
fn innermost(error: &HttpError) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said = error.to_string();
        cause = error.source();
    }
    said
}

/// Connections whose requests are watched.
#[derive(Clone)]
pub(crate) struct Watched(pub(crate) Arc<Watch>);

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watched")
    }
}

impl HttpConnector for Watched {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Service {
            client: ReqwestConnector::default().connect(options)?,
            watched: self.clone(),
        }))
    }
}

#[derive(Debug)]
struct Service {
    client: HttpClient,
    watched: Watched,
}

impl HttpService for Service {
    fn call<'a, 'b>(
        &'a self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            let host = request.uri().host().unwrap_or_default().to_owned();
            let outcome = self.client.execute(request).await;
            self.watched.0.see(&host, &outcome);
            outcome
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use object_store::client::HttpErrorKind;

    use super::*;

    fn answer(status: u16) -> Result<HttpResponse, HttpError> {
        let mut response = HttpResponse::new(Vec::new().into());
        *response.status_mut() = status.try_into().unwrap();
        Ok(response)
    }

    fn refused() -> Result<HttpResponse, HttpError> {
        let cause = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        Err(HttpError::new(HttpErrorKind::Connect, cause))
    }

    #[test]
    fn a_silence_is_told_once_and_its_end_too() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let lines = told.clone();
        let watch = Watch::with(Duration::from_secs(180), Duration::ZERO, move |line| {
            lines.lock().unwrap().push(line.to_owned());
        });
        for outcome in [
            answer(200),
            refused(),
            answer(503),
            refused(),
            answer(404),
            answer(200),
        ] {
            watch.see("h", &outcome);
        }
        watch.see("h", &answer(429));
        let told = told.lock().unwrap();
        assert_eq!(
            told.iter().map(String::as_str).collect::<Vec<_>>(),
            [
                "h has not answered for 0 s (connection refused); it is waited for, 180 s for each request",
                "h answers again, after 0 s",
                "h has not answered for 0 s (429 Too Many Requests); it is waited for, 180 s for each request",
            ]
        );
    }

    #[test]
    fn what_is_short_or_not_waited_for_is_not_told() {
        let patient = Duration::from_secs(180);
        for (patience, after) in [
            (patient, Duration::from_secs(3600)),
            (Duration::ZERO, Duration::ZERO),
        ] {
            let watch = Watch::with(patience, after, |line| panic!("{line}"));
            for outcome in [refused(), answer(503), answer(200)] {
                watch.see("h", &outcome);
            }
        }
    }
}
