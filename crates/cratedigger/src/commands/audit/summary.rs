//! What was found, for people.

use std::fmt::Write;

use cratedigger_collection::audit::{Entry, Kind};
use cratedigger_collection::rows::Labelled;
use cratedigger_learn::Splitter;
use cratedigger_learn::audit::Review;

/// Who judged the labels.
pub(super) enum By {
    /// A saved model, by its method.
    Model(String),
    /// Models on folds.
    Folds {
        methods: Vec<&'static str>,
        n_folds: usize,
        split: Splitter,
    },
}

impl By {
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Model(method) => format!("a saved {method}"),
            Self::Folds {
                methods,
                n_folds,
                split,
            } => {
                let by = match split {
                    Splitter::Artist => "by artist",
                    _ => "artists unknown",
                };
                format!("{}, {n_folds} folds, {by}", methods.join(" and "))
            }
        }
    }
}

/// The counts, and the first entries.
pub(super) fn text(rows: &Labelled, by: &By, review: &Review, entries: &[Entry], top: usize) -> String {
    let data = &rows.data;
    let mut text = format!(
        "{} tracks of {} genres, judged by {}\n",
        data.n_rows(),
        data.n_classes(),
        by.in_words()
    );
    let _ = writeln!(
        text,
        "{} labels are doubtful; confident learning finds {} mislabelled by their sound and estimates that {:.1} % are\n{}; {}",
        review.n_doubtful(),
        review.n_issues(),
        100.0 * review.joint.noise_rate(),
        match review.albums.len() {
            0 => "no album is doubtful as a whole".to_owned(),
            1 => "1 album is doubtful as a whole".to_owned(),
            n => format!("{n} albums are doubtful as a whole"),
        },
        doubles(review),
    );
    if entries.is_empty() || top == 0 {
        return text;
    }
    text.push('\n');
    let line = |entry: &Entry| -> [String; 4] {
        let what = match (entry.kind, entry.ids.as_slice()) {
            (Kind::Track, [id, ..]) => id.clone(),
            (kind, [id, rest @ ..]) => {
                format!("{} of {} tracks: {id} and others", kind.name(), rest.len() + 1)
            }
            (kind, []) => kind.name().to_owned(),
        };
        let genre = match &entry.suggested {
            Some(suggested) => format!("{} -> {suggested}?", entry.genre),
            None => entry.genre.clone(),
        };
        [
            format!("{:.3}", entry.doubt),
            genre,
            what,
            entry.reasons.join("; "),
        ]
    };
    let mut lines = vec![["doubt", "genre", "track", "why"].map(str::to_owned)];
    lines.extend(entries.iter().take(top).map(line));
    let width = |column: usize| {
        lines
            .iter()
            .map(|line| line[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2)];
    for line in &lines {
        let padded: Vec<String> = line[..3]
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        let _ = writeln!(text, "{}  {}", padded.join("  "), line[3]);
    }
    if entries.len() > top {
        let _ = writeln!(text, "… and {} more; --out FILE writes all", entries.len() - top);
    }
    text
}

fn doubles(review: &Review) -> String {
    if review.doubles.is_empty() {
        return match review.near.measures.first() {
            Some(_) => "no track is there twice".to_owned(),
            None => "no two tracks are equal (near doubles need 30 tracks and 20 features)".to_owned(),
        };
    }
    let n_rows: usize = review.doubles.iter().map(|double| double.rows.len()).sum();
    let count = |of: &dyn Fn(&cratedigger_learn::audit::DoubleGroup) -> bool| {
        review.doubles.iter().filter(|double| of(double)).count()
    };
    format!(
        "{n_rows} tracks are there more than once, in {} groups: {} equal, {} nearly so; {} under several artists, {} with different labels",
        review.doubles.len(),
        count(&|double| double.exact),
        count(&|double| !double.exact),
        count(&|double| double.n_artists > 1),
        count(&|double| double.labels_differ),
    )
}
