//! Why a server does not start, or a recording gets no verdict.

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Errors of a server. The message of an error does not repeat that of its source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A choice is lacking, out of its range, or contradicts another.
    #[error("{0}")]
    Choice(String),
    /// The model cannot be served.
    #[error("{0}")]
    Model(String),
    /// The folder of the report holds none.
    #[error("{0}")]
    Report(String),
    /// A server that was asked takes no requests, or is another program.
    #[error("the server is not ready: it answered {0:?}")]
    NotReady(String),
    /// The system gave no random numbers.
    #[error("the system gave no random numbers for a token: {0}")]
    NoRandomNumbers(getrandom::Error),
    /// A log was started in this process before.
    #[error("the log cannot be started: {0}")]
    Log(tracing::subscriber::SetGlobalDefaultError),
    /// Who started the server could not be told that it listens.
    #[error("{0}")]
    NotHeard(#[source] std::io::Error),
    /// What was being done when the source of this error came up.
    #[error("{what}")]
    Doing {
        /// The work or the file.
        what: String,
        /// What went wrong.
        #[source]
        source: Box<Error>,
    },
    /// A file could not be read, or a socket not be used.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The settings file is no TOML, or of other names.
    #[error(transparent)]
    Toml(#[from] toml::de::Error),
    /// Audio could not be decoded or analysed.
    #[error(transparent)]
    Audio(#[from] cratedigger_features::Error),
    /// A row does not have the shape that is wanted.
    #[error(transparent)]
    Learn(#[from] cratedigger_learn::LearnError),
    /// The model cannot be read, or does not fit the features.
    #[error(transparent)]
    Fit(#[from] cratedigger_learn::model::ModelError),
    /// Tracks to look among cannot be read, or there is no verdict.
    #[error(transparent)]
    Collection(#[from] cratedigger_collection::Error),
}

impl Error {
    /// The error and all of its causes in one line, for a log and for a client.
    pub(crate) fn in_one_line(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

/// Tells what was being done when an error came up.
pub(crate) trait Context<T> {
    /// In fixed words.
    fn context(self, what: &str) -> Result<T>;
    /// In words that are put together only then.
    fn with_context(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: Into<Error>> Context<T> for Result<T, E> {
    fn context(self, what: &str) -> Result<T> {
        self.with_context(|| what.to_owned())
    }

    fn with_context(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|source| Error::Doing {
            what: what(),
            source: Box::new(source.into()),
        })
    }
}

/// Ends a function with an error of a kind and a message.
macro_rules! refuse {
    ($kind:ident, $($message:tt)+) => {
        return Err($crate::error::Error::$kind(format!($($message)+)))
    };
}
pub(crate) use refuse;
