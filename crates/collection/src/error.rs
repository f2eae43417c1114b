//! What can go wrong with a collection, one variant for each thing that a caller would do about it.

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Errors of the work on collections. The message of an error does not repeat that of its source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A table lacks a column that cannot be done without.
    #[error("table `{table}` has no column `{column}`; it has: {present}")]
    MissingColumn {
        /// The table's name.
        table: &'static str,
        /// The column that was looked for.
        column: String,
        /// The columns that are there, the first ones by name.
        present: String,
    },
    /// A column holds another type than its meaning asks for.
    #[error(
        "column `{column}` of table `{table}` is of type {found}, expected {expected}; import the archive again"
    )]
    ColumnType {
        /// The table's name.
        table: &'static str,
        /// The column.
        column: String,
        /// The Arrow type that was found.
        found: String,
        /// What was expected instead, in words.
        expected: &'static str,
    },
    /// A table that was asked for is not in the store.
    #[error("the archive has no `{table}` table; it has: {present}")]
    MissingTable {
        /// The table's name.
        table: &'static str,
        /// The tables that are there.
        present: String,
    },
    /// A genre was asked for that this archive does not know.
    #[error("there is no genre named {}; this archive has: {valid}", quoted(.unknown))]
    UnknownGenre {
        /// The names that were not found.
        unknown: Vec<String>,
        /// The names that can be asked for, most frequent first.
        valid: String,
    },
    /// A family of features was asked for that the table does not have.
    #[error("there is no feature family named {}; this archive has: {valid}", quoted(.unknown))]
    UnknownFeatures {
        /// The names that were not found.
        unknown: Vec<String>,
        /// The families that can be asked for.
        valid: String,
    },
    /// An option's text does not say a valid choice.
    #[error("`{value}` is not a valid value of `{option}`: expected {expected}")]
    InvalidOption {
        /// The option, as on the command line.
        option: &'static str,
        /// The value that was given.
        value: String,
        /// What would have been valid.
        expected: &'static str,
    },
    /// Nothing is left to learn from.
    #[error("{reason}")]
    NothingToLearn {
        /// One sentence that says what is lacking and what to do.
        reason: String,
    },
    /// Two choices contradict each other, or one is lacking.
    #[error("{0}")]
    Choice(String),
    /// What was named is not there, is of another kind, or holds nothing that can be used.
    #[error("{0}")]
    Input(String),
    /// Genres of rows cannot be read, or do not fit the rows.
    #[error("{0}")]
    Labels(String),
    /// The model cannot be used for what is asked of it.
    #[error("{0}")]
    Model(String),
    /// The journal of an extraction stands in the way: it is of another job, damaged, in use, or left by an interruption.
    #[error("{0}")]
    Journal(String),
    /// A store did not answer for several recordings in a row, as often as they were asked for.
    #[error("{0}")]
    Outage(String),
    /// A tag was not written or not given back; the file is as it was.
    #[error("{0}")]
    Tag(String),
    /// What was being done when the source of this error came up.
    #[error("{what}")]
    Doing {
        /// The work or the file.
        what: String,
        /// What went wrong.
        #[source]
        source: Box<Error>,
    },
    /// The tables of an archive could not be read.
    #[error("the archive's tables could not be read")]
    Archive(#[source] cratedigger_catalog::Error),
    /// A column could not be computed.
    #[error("a table could not be worked with")]
    Arrow(#[from] arrow::error::ArrowError),
    /// A file of features or a store could not be read or written.
    #[error(transparent)]
    Table(#[from] cratedigger_catalog::Error),
    /// A file of labels could not be read as CSV.
    #[error(transparent)]
    Csv(arrow::error::ArrowError),
    /// A file could not be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Audio could not be decoded or analysed.
    #[error(transparent)]
    Audio(#[from] cratedigger_features::Error),
    /// An embedding could not be opened.
    #[cfg(feature = "embed")]
    #[error(transparent)]
    Embedding(#[from] cratedigger_embed::Error),
    /// An object of a store could not be read, listed or put.
    #[cfg(feature = "store")]
    #[error(transparent)]
    Store(#[from] cratedigger_store::Error),
    /// Rows do not make a data set.
    #[error(transparent)]
    Learn(#[from] cratedigger_learn::LearnError),
    /// A model does not fit the rows, or cannot be read.
    #[error(transparent)]
    Fit(#[from] cratedigger_learn::model::ModelError),
    /// A head of a journal or of a backup is not what it should be.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The user's folders are not known.
    #[error(transparent)]
    Home(#[from] etcetera::HomeDirError),
}

impl Error {
    /// The error and all of its causes in one line, as a failure among others is listed.
    pub fn in_one_line(&self) -> String {
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
    fn with_context<S: Into<String>>(self, what: impl FnOnce() -> S) -> Result<T>;
}

impl<T, E: Into<Error>> Context<T> for Result<T, E> {
    fn context(self, what: &str) -> Result<T> {
        self.with_context(|| what)
    }

    fn with_context<S: Into<String>>(self, what: impl FnOnce() -> S) -> Result<T> {
        self.map_err(|source| Error::Doing {
            what: what().into(),
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

fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    quoted.join(", ")
}
