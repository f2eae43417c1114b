//! What must be said of artists, albums and doubles before scores are believed; the same for `evaluate`, `train` and `tune`.

use cratedigger_learn::{BothSides, Dataset, Fold, GroupBy, Grouping};

/// What is known of which rows belong together, and what folds make of it.
pub(crate) struct Belonging {
    pub(crate) grouping: Grouping,
    pub(crate) sides: BothSides,
    /// What a split keeps together.
    pub(crate) group: GroupBy,
    n_rows: usize,
    n_tested: usize,
}

impl Belonging {
    /// Looks at the rows, and at what is on both sides of a fold.
    pub(crate) fn of(data: &Dataset, folds: &[Fold]) -> Self {
        Self {
            grouping: data.grouping(),
            sides: BothSides::of(data, folds),
            group: GroupBy::Artist,
            n_rows: data.n_rows(),
            n_tested: folds.iter().map(|fold| fold.test.len()).sum(),
        }
    }

    /// What a split by artist goes by, in the words of a heading.
    pub(crate) fn by_artist(&self) -> String {
        let n_known = self.n_rows - self.grouping.n_without_artist;
        match n_known {
            n if n == self.n_rows => "by artist".to_owned(),
            0 => "by album, no artist being known".to_owned(),
            n => format!("by artist where it is known ({n} of {} rows)", self.n_rows),
        }
    }

    /// What is independent of each other, for an interval.
    pub(crate) fn independent(&self) -> &'static str {
        match self.grouping.n_without_artist {
            _ if self.group == GroupBy::Album => "albums",
            _ if self.group == GroupBy::Double => "single rows, doubles together",
            0 => "artists",
            n if n == self.n_rows => "albums",
            _ => "artists, and single rows of none",
        }
    }

    /// One sentence each on what flatters the scores.
    pub(crate) fn cautions(&self) -> Vec<String> {
        [self.unknown(), self.on_both_sides()]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Rows that are there twice, which are no fault of the split.
    pub(crate) fn doubles(&self) -> Option<String> {
        (self.grouping.n_doubles > 0).then(|| {
            format!(
                "{} rows equal a row of another artist in every feature; they are kept on one side",
                self.grouping.n_doubles
            )
        })
    }

    fn unknown(&self) -> Option<String> {
        let Grouping {
            n_without_artist,
            n_alone,
            ..
        } = self.grouping;
        let whose = match n_without_artist {
            0 => return None,
            n if n == self.n_rows => "no artist is known".to_owned(),
            n => format!("the artist of {n} of the {} rows is not known", self.n_rows),
        };
        let albums = match n_without_artist - n_alone {
            0 => String::new(),
            n => format!(" (of {n} of these rows the album is)"),
        };
        Some(format!(
            "{whose}{albums}: tracks of one artist may be on both sides, which flatters the scores"
        ))
    }

    fn on_both_sides(&self) -> Option<String> {
        let BothSides {
            n_artists,
            n_albums,
            n_test,
            ..
        } = self.sides;
        let both = "rows both among those that a model is fitted on and among those that it is scored on";
        let what = match (n_artists, n_albums) {
            (0, 0) => return None,
            (0, n) => format!("{} {both}", have(n, "album")),
            (n, 0) => format!("{} {both}", have(n, "artist")),
            (n, m) => format!("{} {both}, and so {}", have(n, "artist"), albums_too(m)),
        };
        let n_tested = self.n_tested;
        Some(format!(
            "{what} ({n_test} of {n_tested} scored rows), which flatters the scores"
        ))
    }
}

fn have(n: usize, what: &str) -> String {
    match n {
        1 => format!("1 {what} has"),
        n => format!("{n} {what}s have"),
    }
}

fn albums_too(n: usize) -> String {
    match n {
        1 => "has 1 album".to_owned(),
        n => format!("have {n} albums"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use cratedigger_learn::Matrix;

    use super::*;

    fn told(artists: &[Option<i64>], albums: &[Option<i64>], test: &[usize]) -> Belonging {
        let n = artists.len();
        let x = Matrix::new(n, 4, (0..4 * n).map(|at| at as f32).collect()).unwrap();
        let mut data = Dataset::new(x, vec![0; n], vec!["Folk".into()]).unwrap();
        data.artists = artists.iter().any(Option::is_some).then(|| artists.to_vec());
        data.albums = albums.iter().any(Option::is_some).then(|| albums.to_vec());
        data.unite_groups();
        let (test, train) = (0..n).partition(|row| test.contains(row));
        Belonging::of(&data, &[Fold { train, test }])
    }

    #[test]
    fn what_is_not_known_is_said_and_changes_the_heading() {
        let all = told(&[Some(1), Some(1), Some(2)], &[None; 3], &[2]);
        assert_eq!(
            (all.by_artist().as_str(), all.independent()),
            ("by artist", "artists")
        );
        assert!(all.cautions().is_empty() && all.doubles().is_none());
        let some = told(&[Some(1), None, None], &[None, Some(4), None], &[2]);
        assert_eq!(some.by_artist(), "by artist where it is known (1 of 3 rows)");
        assert_eq!(
            some.cautions(),
            [
                "the artist of 2 of the 3 rows is not known (of 1 of these rows the album is): tracks of one artist may be on \
              both sides, which flatters the scores"
            ]
        );
        let albums = told(&[None; 3], &[Some(1), Some(1), Some(2)], &[2]);
        assert_eq!(albums.by_artist(), "by album, no artist being known");
        assert!(albums.cautions()[0].starts_with("no artist is known (of 3"));
        assert_eq!(albums.independent(), "albums");
    }

    #[test]
    fn artists_and_albums_on_both_sides_are_counted() {
        let artists = [Some(1), Some(1), Some(2), Some(3)];
        let one = told(&artists, &[None; 4], &[1, 3]);
        assert!(
            one.cautions()[0].starts_with("1 artist has rows both among"),
            "{:?}",
            one.cautions()
        );
        assert!(
            one.cautions()[0].contains("1 of 2 scored rows"),
            "{:?}",
            one.cautions()
        );
        let both = told(&artists, &[None, None, Some(5), Some(5)], &[1, 3]);
        let caution = &both.cautions()[0];
        assert!(
            caution.contains("and so has 1 album (2 of 2 scored rows)"),
            "{caution}"
        );
        let albums = told(&artists, &[None, None, Some(5), Some(5)], &[3]);
        assert!(albums.cautions()[0].starts_with("1 album has rows both"));
        assert!(told(&artists, &[None; 4], &[3]).cautions().is_empty());
    }
}
