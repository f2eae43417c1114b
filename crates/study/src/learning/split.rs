//! The finding `split`: who trains, who tests, and what that says about the scores.

use std::collections::BTreeSet;

use cratedigger_learn::metrics::FEWEST_GROUPS;
use cratedigger_learn::{BothSides, Dataset, Fold, Part, Splitter};
use serde::{Deserialize, Serialize};

use crate::options::StudyOptions;
use crate::words::{count, count_of, sentence};

/// Tracks that each side of the split must have at least, for a score to say anything at all.
const FEWEST_TRACKS: usize = 20;

/// Artists that each side must have at least, where they are known: with fewer the test tracks have no interval.
const FEWEST_ARTISTS: usize = FEWEST_GROUPS;

/// The finding `split`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// How tracks were divided: `artist`, `official`, `random`, `stratified` or `artist-plain`.
    pub kind: String,
    /// The share of the tracks that was asked for as test tracks; `null` for the official split, which has its own.
    pub test_size: Option<f64>,
    /// The seed.
    pub seed: u64,
    /// Tracks to train on.
    pub n_train: u64,
    /// Tracks to test on.
    pub n_test: u64,
    /// Tracks on neither side: the official split's validation tracks.
    pub n_held_back: u64,
    /// Known artists of the training tracks; `null` where no artist is known.
    pub n_artists_train: Option<u64>,
    /// Known artists of the test tracks.
    pub n_artists_test: Option<u64>,
    /// Known artists with tracks on both sides: 0 for a split by artist.
    pub n_artists_shared: Option<u64>,
    /// Test tracks whose artist also has training tracks.
    pub n_test_of_shared_artists: Option<u64>,
    /// Tracks of either side whose artist is not known.
    pub n_without_artist: u64,
    /// Known albums with tracks on both sides: 0 for a split by artist, which keeps albums of several artists whole.
    pub n_albums_shared: u64,
    /// Test tracks whose artist or album also has training tracks.
    pub n_test_of_shared: u64,
    /// Tracks, wherever they are, that equal a track of another artist in every feature; a split by artist keeps them together.
    pub n_doubles: u64,
    /// Tracks of each class on both sides, in the order of the classes.
    pub classes: Vec<ClassSplit>,
    /// The same in words.
    pub words: String,
}

/// A class on both sides of the split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassSplit {
    /// The class.
    pub label: String,
    /// Its training tracks.
    pub n_train: u64,
    /// Its test tracks.
    pub n_test: u64,
    /// `n_train` divided by all training tracks.
    pub share_train: f64,
    /// `n_test` divided by all test tracks.
    pub share_test: f64,
}

/// Why nothing can be learnt, with the division where there is one.
#[derive(Debug)]
pub(crate) struct Undivided {
    /// One or two sentences: what is lacking, and what to do.
    pub(crate) reason: String,
    /// The division that came of it.
    pub(crate) split: Option<Box<Split>>,
}

/// Divides `data` as the options say, where that leaves enough to learn from.
pub(crate) fn divide(data: &Dataset, options: &StudyOptions) -> Result<(Fold, Split), Undivided> {
    let StudyOptions {
        split: splitter,
        test_size,
        seed,
        ..
    } = *options;
    let undivided = |reason| Undivided { reason, split: None };
    if let Some(reason) = obstacle(data, splitter) {
        return Err(undivided(reason));
    }
    if data.n_rows() < 2 * FEWEST_TRACKS {
        return Err(undivided(format!(
            "{} tracks are left to learn from, and fewer than {} say nothing about genres.",
            data.n_rows(),
            2 * FEWEST_TRACKS
        )));
    }
    let fold = splitter
        .hold_out(data, test_size, seed)
        .map_err(|error| undivided(sentence(&error)))?;
    let split = describe(data, splitter, &fold, test_size, seed);
    if split.classes.iter().filter(|class| class.n_train > 0).count() < 2 {
        return Err(Undivided {
            reason: "After the split the training tracks are all of one genre, since too few artists stand behind the others. \
                     Try another seed, other genres, or --split random."
                .to_owned(),
            split: Some(Box::new(split)),
        });
    }
    if let Some(reason) = too_small(data, &fold) {
        return Err(Undivided {
            reason,
            split: Some(Box::new(split)),
        });
    }
    Ok((fold, split))
}

/// Why one side says nothing about genres, in words that say what to do; `None` where both have enough tracks and artists.
fn too_small(data: &Dataset, fold: &Fold) -> Option<String> {
    [("to train on", &fold.train), ("to test on", &fold.test)]
        .into_iter()
        .find_map(|(what, rows)| {
            let artists = data.groups.as_ref().map(|groups| {
                let artists: BTreeSet<i64> = rows.iter().map(|&row| groups[row]).collect();
                artists.len()
            });
            let enough = rows.len() >= FEWEST_TRACKS && artists.is_none_or(|n| n >= FEWEST_ARTISTS);
            let by = artists.map_or_else(String::new, |n| format!(" by {}", count_of(n as u64, "artist")));
            (!enough).then(|| {
                format!(
                    "The split leaves {}{by} {what}, and fewer than {FEWEST_TRACKS} tracks or {FEWEST_ARTISTS} artists on a side \
                     say nothing about genres. More tracks are needed, or another --test-size.",
                    count_of(rows.len() as u64, "track")
                )
            })
        })
}

/// Describes a division of `data` into training and test rows.
pub fn describe(data: &Dataset, splitter: Splitter, fold: &Fold, test_size: f64, seed: u64) -> Split {
    let artists =
        |rows: &[usize]| -> BTreeSet<i64> { rows.iter().filter_map(|&row| data.artist(row)).collect() };
    let sides = BothSides::of(data, std::slice::from_ref(fold));
    let n_without_artist = fold
        .train
        .iter()
        .chain(&fold.test)
        .filter(|&&row| data.artist(row).is_none())
        .count();
    let known = data.n_without_artist() < data.n_rows();
    let if_known = |n: usize| known.then_some(n as u64);
    let n_of = |rows: &[usize], class: usize| rows.iter().filter(|&&row| data.y[row] == class).count() as u64;
    let (n_train, n_test) = (fold.train.len(), fold.test.len());
    let share = |n: u64, all: usize| if all == 0 { 0.0 } else { n as f64 / all as f64 };
    let classes = data.classes.iter().enumerate().map(|(class, label)| {
        let (in_train, in_test) = (n_of(&fold.train, class), n_of(&fold.test, class));
        ClassSplit {
            label: label.clone(),
            n_train: in_train,
            n_test: in_test,
            share_train: share(in_train, n_train),
            share_test: share(in_test, n_test),
        }
    });
    let mut split = Split {
        kind: splitter.name().to_owned(),
        test_size: (splitter != Splitter::Official).then_some(test_size),
        seed,
        n_train: n_train as u64,
        n_test: n_test as u64,
        n_held_back: (data.n_rows() - n_train - n_test) as u64,
        n_artists_train: if_known(artists(&fold.train).len()),
        n_artists_test: if_known(artists(&fold.test).len()),
        n_artists_shared: if_known(sides.n_artists),
        n_test_of_shared_artists: if_known(sides.n_test_of_artists),
        n_without_artist: n_without_artist as u64,
        n_albums_shared: sides.n_albums as u64,
        n_test_of_shared: sides.n_test as u64,
        n_doubles: data.grouping().n_doubles as u64,
        classes: classes.collect(),
        words: String::new(),
    };
    split.words = words(&split);
    split
}

/// Why a splitter cannot divide this data set at all, in words that say what to do; `None` where it may be tried.
pub fn obstacle(data: &Dataset, splitter: Splitter) -> Option<String> {
    match splitter {
        Splitter::Artist | Splitter::ArtistPlain if data.groups.is_none() => Some(
            "No track of the selection has an artist or an album (artist.id and album.id are empty), so artists cannot be kept \
             apart. Use --split random, and read its scores as flattered."
                .to_owned(),
        ),
        Splitter::Official => {
            let n = |part| data.official.as_ref().map_or(0, |parts| parts.iter().filter(|&&is| is == part).count());
            match &data.official {
                None => Some(
                    "The official split needs set.split for every track of the selection, and it is empty for some. Use \
                     --split artist."
                        .to_owned(),
                ),
                Some(_) if n(Part::Training) == 0 || n(Part::Test) == 0 => Some(format!(
                    "The official split has {} training and {} test tracks in the selection; both sides are needed. Use \
                     --split artist.",
                    n(Part::Training),
                    n(Part::Test)
                )),
                Some(_) => None,
            }
        }
        _ => None,
    }
}

fn words(split: &Split) -> String {
    let sizes = format!(
        "{} train and {} test.",
        count_of(split.n_train, "track"),
        count(split.n_test)
    );
    let held_back = match split.n_held_back {
        0 => String::new(),
        n => format!(
            " The {} of the validation part are on neither side.",
            count_of(n, "track")
        ),
    };
    let flatters =
        "flatters every score: recognising an artist or an album is easier than recognising a genre.";
    let n_known = split.n_train + split.n_test - split.n_without_artist;
    let unknown = format!(
        "The artist of {} of the {} is not known",
        count(split.n_without_artist),
        count_of(n_known + split.n_without_artist, "track")
    );
    let artists = match (split.n_artists_shared, split.n_artists_test) {
        (Some(0), Some(n_test)) if split.n_without_artist == 0 && split.n_albums_shared == 0 => format!(
            " No artist is on both sides: the {} tested on were never heard in training, as it will be with new music.",
            count_of(n_test, "artist")
        ),
        (Some(0), Some(_)) if split.n_without_artist == 0 => format!(
            " No artist is on both sides, but {} with several artists: {} of the {} have album mates in training, which {flatters}",
            count_of(split.n_albums_shared, "album"),
            count(split.n_test_of_shared),
            count_of(split.n_test, "test track")
        ),
        (Some(0), Some(_)) => format!(
            " No known artist is on both sides. {unknown}, and tracks of one artist may be on both sides among these, which {flatters}"
        ),
        (Some(shared), Some(n_test)) => {
            let unknown = match split.n_without_artist {
                0 => String::new(),
                _ => format!(" {unknown}."),
            };
            format!(
                " {} of the {} tested on were also heard in training ({} of the {}), which {flatters}{unknown}",
                count(shared),
                count_of(n_test, "artist"),
                count(split.n_test_of_shared_artists.unwrap_or_default()),
                count_of(split.n_test, "test track")
            )
        }
        _ => " Artists are not known here, so the same artist may be on both sides, which flatters every score."
            .to_owned(),
    };
    let doubles = match (split.n_doubles, split.kind.as_str()) {
        (0, _) => String::new(),
        (n, "artist") => format!(
            " {} that equal one of another artist in every feature are kept on one side with it.",
            count_of(n, "track")
        ),
        (n, _) => format!(
            " {} equal one of another artist in every feature, and may be on both sides.",
            count_of(n, "track")
        ),
    };
    format!("{sizes}{held_back}{artists}{doubles}")
}

#[cfg(test)]
mod tests;
