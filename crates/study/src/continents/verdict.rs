//! What may be said of the differences between continents: one rule for the table as a whole and for each genre.

use serde::{Deserialize, Serialize};

use crate::words::{count_of, list};

/// What counts as more than chance, after correction.
const LEVEL: f64 = 0.05;

/// What may be said, by one rule: the whole table and each genre are tested with whole artists shuffled, and all of these p-values
/// are corrected together after Holm. Continents differ where any of them is below 0.05; so the whole table and its genres cannot
/// contradict each other, and the probability of any false claim is at most 0.05.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether a difference is shown; `null` without artists.
    pub differ: Option<bool>,
    /// The p-value of the whole table with whole artists shuffled, corrected after Holm for itself and all genres.
    pub whole_p_holm: Option<f64>,
    /// The genres for which it is shown.
    pub genres: Vec<String>,
    /// Genres for which only tests that take an artist's tracks as independent would show it.
    pub genres_by_tracks_alone: Vec<String>,
    /// The same in words.
    pub words: String,
}

/// A genre's corrected p-values.
pub(crate) struct GenreP<'a> {
    /// The genre.
    pub(crate) genre: &'a str,
    /// With whole artists shuffled.
    pub(crate) by_artists: Option<f64>,
    /// log10, with tracks taken as independent.
    pub(crate) log10_by_tracks: f64,
}

/// `whole`: the whole table's p-value with whole artists shuffled, as it is and corrected.
pub(crate) fn verdict(genres: &[GenreP<'_>], whole: Option<(f64, f64)>) -> Verdict {
    let shown = |genre: &GenreP<'_>| genre.by_artists.is_some_and(|p| p < LEVEL);
    let (with, without): (Vec<&GenreP<'_>>, Vec<&GenreP<'_>>) = genres.iter().partition(|genre| shown(genre));
    let names = |genres: &[&GenreP<'_>]| genres.iter().map(|genre| genre.genre.to_owned()).collect();
    let by_tracks_alone: Vec<&GenreP<'_>> = without
        .into_iter()
        .filter(|genre| genre.log10_by_tracks < LEVEL.log10())
        .collect();
    let mut verdict = Verdict {
        differ: whole.map(|(_, corrected)| corrected < LEVEL || !with.is_empty()),
        whole_p_holm: whole.map(|(_, corrected)| corrected),
        genres: names(&with),
        genres_by_tracks_alone: names(&by_tracks_alone),
        words: String::new(),
    };
    verdict.words = words(&verdict, whole, genres.len());
    verdict
}

fn words(verdict: &Verdict, whole: Option<(f64, f64)>, n_genres: usize) -> String {
    let Some((p, corrected)) = whole else {
        return "Whether continents differ in their genres cannot be told, since no artists are known."
            .to_owned();
    };
    let correction = format!("after correction for {}", count_of(n_genres as u64 + 1, "test"));
    let differ =
        "Continents differ in their genres by more than the luck of which artists are in the archive";
    let mut words = match (verdict.genres.as_slice(), corrected < LEVEL) {
        ([], false) => format!(
            "A difference between the continents is not shown: with whole artists shuffled, p = {p:.3}, and {corrected:.3} \
             {correction}. That is not to say that there is none."
        ),
        ([], true) => format!("{differ} ({correction}), though of no single genre is it shown."),
        (genres, true) => format!("{differ}. It is shown for {} ({correction}).", list(genres)),
        (genres, false) => format!(
            "{differ}: it is shown for {} ({correction}), while the table as a whole would not show it, since the other genres \
             add more chance than difference (p = {p:.3} with whole artists shuffled).",
            list(genres)
        ),
    };
    if !verdict.genres_by_tracks_alone.is_empty() {
        words.push_str(&format!(
            " Of {} it would be said only if an artist\u{2019}s tracks were independent of each other: a few artists may make the \
             difference.",
            list(&verdict.genres_by_tracks_alone)
        ));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(genres: &[(&'static str, f64, f64)], whole: (f64, f64)) -> Verdict {
        let genres: Vec<GenreP<'_>> = genres
            .iter()
            .map(|&(genre, by_artists, by_tracks)| GenreP {
                genre,
                by_artists: Some(by_artists),
                log10_by_tracks: f64::log10(by_tracks),
            })
            .collect();
        verdict(&genres, Some(whole))
    }

    #[test]
    fn the_whole_table_and_its_genres_never_contradict_each_other() {
        // Once: "no more than chance", and in the next sentence "it holds for Folk and Jazz".
        let found = of(
            &[
                ("Folk", 0.0013, 1e-9),
                ("Jazz", 0.0012, 1e-5),
                ("Rock", 0.4, 1e-30),
            ],
            (0.105, 0.21),
        );
        assert_eq!(found.differ, Some(true));
        assert_eq!(found.genres, ["Folk", "Jazz"]);
        assert_eq!(found.genres_by_tracks_alone, ["Rock"]);
        assert!(
            found
                .words
                .contains("shown for Folk and Jazz (after correction for 4 tests)"),
            "{}",
            found.words
        );
        assert!(
            found.words.contains("the table as a whole would not show it"),
            "{}",
            found.words
        );
        assert!(!found.words.contains("not shown"));

        let none = of(&[("Folk", 0.2, 0.3), ("Rock", 0.06, 0.2)], (0.02, 0.06));
        assert_eq!((none.differ, none.genres.len()), (Some(false), 0));
        assert!(
            none.words.contains("is not shown") && none.words.contains("0.060"),
            "{}",
            none.words
        );
        assert!(!none.words.contains("chance"));

        let whole = of(&[("Folk", 0.2, 0.3)], (0.001, 0.002));
        assert!(
            whole.differ == Some(true) && whole.words.contains("of no single genre"),
            "{}",
            whole.words
        );
        let unknown = verdict(&[], None);
        assert!(unknown.differ.is_none() && unknown.words.contains("cannot be told"));
    }
}
