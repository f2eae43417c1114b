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
mod tests {
    #![allow(clippy::unwrap_used)]
    use cratedigger_learn::Matrix;

    use super::*;

    fn data() -> Dataset {
        let mut data = Dataset::new(
            Matrix::new(6, 4, (0..24).map(|at| at as f32).collect()).unwrap(),
            vec![0, 0, 1, 1, 1, 0],
            vec!["Folk".into(), "Rock".into()],
        )
        .unwrap();
        data.groups = Some(vec![1, 1, 2, 3, 3, 4]);
        data
    }

    #[test]
    fn each_side_needs_tracks_and_artists() {
        let options = StudyOptions::default();
        let of = |n_rows: usize, n_artists: usize, split: Splitter, test_size: f64| {
            let x = Matrix::new(n_rows, 1, (0..n_rows).map(|row| row as f32).collect()).unwrap();
            let classes = vec!["Folk".into(), "Rock".into()];
            let mut data = Dataset::new(x, (0..n_rows).map(|row| row % 2).collect(), classes).unwrap();
            data.groups = Some((0..n_rows).map(|row| (row % n_artists) as i64).collect());
            let options = StudyOptions {
                split,
                test_size,
                ..options.clone()
            };
            divide(&data, &options).map_err(|undivided| (undivided.reason, undivided.split.is_some()))
        };
        // Once only both sides together were looked at, which let 14 test tracks of three artists pass.
        let (reason, has_split) = of(56, 14, Splitter::Artist, 0.25).unwrap_err();
        assert!(
            has_split && reason.contains("to test on") && reason.contains("fewer than 20 tracks"),
            "{reason}"
        );
        let (reason, _) = of(200, 12, Splitter::Artist, 0.25).unwrap_err();
        assert!(reason.contains(" by 2 artists to test on"), "{reason}");
        assert!(of(200, 40, Splitter::Artist, 0.25).is_ok());
        let (reason, _) = of(60, 30, Splitter::Random, 0.75).unwrap_err();
        assert!(reason.contains("to train on"), "{reason}");
    }

    #[test]
    fn artists_on_both_sides_are_counted_and_said() {
        let fold = Fold {
            train: vec![0, 2, 3],
            test: vec![1, 4],
        };
        let split = describe(&data(), Splitter::Random, &fold, 0.4, 7);
        assert_eq!((split.n_train, split.n_test, split.n_held_back), (3, 2, 1));
        assert_eq!((split.n_artists_train, split.n_artists_test), (Some(3), Some(2)));
        assert_eq!(
            (split.n_artists_shared, split.n_test_of_shared_artists),
            (Some(2), Some(2))
        );
        assert_eq!(split.classes[1].n_train, 2);
        assert!((split.classes[1].share_train - 2.0 / 3.0).abs() < 1e-15);
        assert_eq!(split.classes[0].share_test, 0.5);
        assert!(
            split.words.contains("2 of the 2 artists") && split.words.contains("flatters"),
            "{}",
            split.words
        );

        let apart = describe(
            &data(),
            Splitter::Artist,
            &Fold {
                train: vec![0, 1, 2],
                test: vec![3, 4, 5],
            },
            0.5,
            7,
        );
        assert_eq!(apart.n_artists_shared, Some(0));
        assert!(
            apart.words.contains("No artist is on both sides"),
            "{}",
            apart.words
        );

        let mut unknown = data();
        unknown.groups = None;
        let split = describe(&unknown, Splitter::Official, &fold, 0.4, 7);
        assert_eq!((split.n_artists_shared, split.test_size), (None, None));
        assert!(split.words.contains("not known"), "{}", split.words);
    }

    #[test]
    fn never_heard_is_said_only_where_it_is_so() {
        let apart = Fold {
            train: vec![0, 1, 2],
            test: vec![3, 4, 5],
        };
        let words = |data: &Dataset, splitter| describe(data, splitter, &apart, 0.5, 7);
        let mut data = data();
        data.artists = data
            .groups
            .as_ref()
            .map(|groups| groups.iter().copied().map(Some).collect());
        assert!(words(&data, Splitter::Artist).words.contains("never heard"));
        // An album of artists 2 and 3.
        data.albums = Some(vec![None, None, Some(9), Some(9), None, None]);
        let split = words(&data, Splitter::ArtistPlain);
        assert_eq!(
            (
                split.n_artists_shared,
                split.n_albums_shared,
                split.n_test_of_shared
            ),
            (Some(0), 1, 1)
        );
        assert!(
            split
                .words
                .contains("1 album with several artists: 1 of the 3 test tracks"),
            "{}",
            split.words
        );
        assert!(!split.words.contains("never heard"), "{}", split.words);
        // One row of each side without its artist.
        data.albums = None;
        data.artists = Some(vec![Some(1), None, Some(2), Some(3), None, Some(4)]);
        let split = words(&data, Splitter::Artist);
        assert_eq!((split.n_without_artist, split.n_artists_test), (2, Some(2)));
        assert!(
            split
                .words
                .contains("The artist of 2 of the 6 tracks is not known"),
            "{}",
            split.words
        );
        assert!(!split.words.contains("never heard"), "{}", split.words);
        // A track that is there twice.
        let twin = data.x.row(0).to_vec();
        data.x.as_mut_slice()[20..].copy_from_slice(&twin);
        let split = words(&data, Splitter::Artist);
        assert_eq!(split.n_doubles, 2);
        assert!(split.words.contains("kept on one side"), "{}", split.words);
    }

    #[test]
    fn what_a_split_lacks_is_said_with_the_remedy() {
        let mut data = data();
        assert_eq!(obstacle(&data, Splitter::Artist), None);
        assert!(obstacle(&data, Splitter::Official).unwrap().contains("set.split"));
        data.official = Some(vec![Part::Training; 6]);
        assert!(
            obstacle(&data, Splitter::Official)
                .unwrap()
                .contains("6 training and 0 test")
        );
        data.groups = None;
        assert!(
            obstacle(&data, Splitter::Artist)
                .unwrap()
                .contains("--split random")
        );
        assert_eq!(obstacle(&data, Splitter::Random), None);
    }
}
