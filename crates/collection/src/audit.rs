//! What to listen to first, in words: doubtful labels, albums that are doubtful as a whole, doubles; one list.

use std::collections::BTreeSet;

use cratedigger_catalog::feature_table::RowId;
use cratedigger_learn::audit::company::Mates;
use cratedigger_learn::audit::{AlbumDoubt, DoubleGroup, Doubt, Review};
use cratedigger_learn::{Dataset, Part, ScoreMatrix};
use serde::{Deserialize, Serialize};

/// What an entry is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A track whose label is doubtful.
    Track,
    /// An album that has one label, which most of its tracks speak against.
    Album,
    /// Tracks of the same sound.
    Double,
}

impl Kind {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Track => "track",
            Self::Album => "album",
            Self::Double => "double",
        }
    }
}

/// Something to listen to, or to decide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What it is.
    pub kind: Kind,
    /// The tracks that it is about.
    pub ids: Vec<String>,
    /// Their label; of doubles all of theirs, with ` / ` between them.
    pub genre: String,
    /// What they may be instead.
    pub suggested: Option<String>,
    /// How likely it is that listening finds the label wrong, from 0 to 1: 1 for equal tracks with different labels, 0 for doubles with
    /// the same.
    pub doubt: f64,
    /// Probability of the label by the sound of the track alone.
    pub probability: Option<f64>,
    /// How far the label is ahead of the next by the sound alone, one half for a tie.
    pub margin: Option<f64>,
    /// Whether confident learning finds the label wrong; of albums, of most tracks.
    pub issue: bool,
    /// What speaks against it, in sentences.
    pub reasons: Vec<String>,
}

/// The entries of a review, what pays most to listen to first: the most doubtful, of equally doubtful ones those of the most tracks.
/// `all`: tracks too of which nothing speaks against the label. `proba`: those that the review was made of.
pub fn entries(data: &Dataset, ids: &[RowId], proba: &ScoreMatrix, review: &Review, all: bool) -> Vec<Entry> {
    let told = Told { data, ids, proba };
    let tracks = review.rows.iter().filter(|doubt| all || doubt.is_doubtful());
    let mut entries: Vec<Entry> = tracks.map(|doubt| told.track(doubt)).collect();
    entries.extend(review.albums.iter().map(|album| told.album(album)));
    entries.extend(review.doubles.iter().map(|double| told.double(double)));
    // Stable: equal ones stay in the order of the review.
    entries.sort_by(|a, b| {
        let by_doubt = b.doubt.total_cmp(&a.doubt);
        by_doubt.then(b.ids.len().cmp(&a.ids.len()))
    });
    entries
}

struct Told<'a> {
    data: &'a Dataset,
    ids: &'a [RowId],
    proba: &'a ScoreMatrix,
}

impl Told<'_> {
    fn ids(&self, rows: &[usize]) -> Vec<String> {
        rows.iter().map(|&row| self.ids[row].to_string()).collect()
    }

    fn name(&self, class: usize) -> &str {
        &self.data.classes[class]
    }

    fn track(&self, doubt: &Doubt) -> Entry {
        let mut reasons = Vec::new();
        if doubt.heard != doubt.given {
            let percent = |class: usize| 100.0 * self.proba.row(doubt.row)[class];
            reasons.push(format!(
                "sounds like {} ({:.0} %; {} {:.0} %)",
                self.name(doubt.heard),
                percent(doubt.heard),
                self.name(doubt.given),
                percent(doubt.given)
            ));
        }
        let sources = [
            (&doubt.doubles, "of the same sound"),
            (&doubt.album, "of its album"),
            (&doubt.artist, "of its artist"),
        ];
        reasons.extend(
            sources
                .iter()
                .filter_map(|(mates, whose)| self.company(mates, whose)),
        );
        if doubt.issue {
            reasons.push("confident learning finds it mislabelled".to_owned());
        }
        Entry {
            kind: Kind::Track,
            ids: self.ids(&[doubt.row]),
            genre: self.name(doubt.given).to_owned(),
            suggested: match (doubt.suggested == doubt.given, doubt.heard == doubt.given) {
                (false, _) => Some(self.name(doubt.suggested).to_owned()),
                (true, false) => Some(self.name(doubt.heard).to_owned()),
                (true, true) => None,
            },
            doubt: doubt.doubt(),
            probability: Some(doubt.self_confidence),
            margin: Some(doubt.normalized_margin),
            issue: doubt.issue,
            reasons,
        }
    }

    fn company(&self, mates: &Mates, whose: &str) -> Option<String> {
        let most = mates.most.filter(|_| mates.contradict())?;
        let genre = self.name(most);
        Some(match (mates.n_most, mates.n) {
            (1, 1) => format!("the other track {whose} is {genre}"),
            (n, all) if n == all => format!("all {n} other tracks {whose} are {genre}"),
            (n, all) => format!("{n} of {all} other tracks {whose} are {genre}"),
        })
    }

    fn album(&self, album: &AlbumDoubt) -> Entry {
        let suggested = self.name(album.suggested).to_owned();
        Entry {
            kind: Kind::Album,
            ids: self.ids(&album.rows),
            genre: self.name(album.given).to_owned(),
            doubt: album.doubt,
            probability: None,
            margin: None,
            issue: true,
            reasons: vec![format!(
                "all {} tracks of the album have one label, and {} of them are found mislabelled; together they sound like {suggested}",
                album.rows.len(),
                album.n_issues
            )],
            suggested: Some(suggested),
        }
    }

    fn double(&self, double: &DoubleGroup) -> Entry {
        let labels: BTreeSet<&str> = double
            .rows
            .iter()
            .map(|&row| self.name(self.data.y[row]))
            .collect();
        let labels: Vec<&str> = labels.into_iter().collect();
        let mut reasons = vec![match double.exact {
            true => "the same sound: every feature is equal".to_owned(),
            false => format!(
                "nearly the same sound (at {:.0} % of the distance from which tracks differ)",
                100.0 * double.share
            ),
        }];
        if double.labels_differ {
            reasons.push("with different labels".to_owned());
        }
        if double.n_artists > 1 {
            reasons.push(format!("under {} artists", double.n_artists));
        }
        if self.on_both_sides(&double.rows) {
            reasons.push("on both sides of the official split".to_owned());
        }
        Entry {
            kind: Kind::Double,
            ids: self.ids(&double.rows),
            genre: labels.join(" / "),
            suggested: None,
            // Of labels that differ one at least is wrong; that of near doubles is the surer the nearer they are.
            doubt: match (double.labels_differ, double.exact) {
                (false, _) => 0.0,
                (true, true) => 1.0,
                (true, false) => 1.0 - double.share / 2.0,
            },
            probability: None,
            margin: None,
            issue: false,
            reasons,
        }
    }

    /// Whether some of the rows are for training in the dataset's own split and others for anything else.
    fn on_both_sides(&self, rows: &[usize]) -> bool {
        let Some(parts) = &self.data.official else {
            return false;
        };
        let for_training = rows.iter().filter(|&&row| parts[row] == Part::Training).count();
        for_training > 0 && for_training < rows.len()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use cratedigger_learn::Matrix;

    /// Six tracks of an artist and an album, the last labelled otherwise; two equal tracks of two artists in two parts; an album of three
    /// whose sound speaks against it.
    fn review() -> (Dataset, Vec<RowId>, ScoreMatrix) {
        let y = vec![1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 0];
        let own = [0.8, 0.8, 0.9, 0.7, 0.8, 0.1, 0.6, 0.6, 0.2, 0.1, 0.3];
        let n = y.len();
        let mut values: Vec<f32> = (0..4 * n).map(|at| at as f32).collect();
        values.copy_within(24..28, 28);
        let mut data = Dataset::new(
            Matrix::new(n, 4, values).unwrap(),
            y.clone(),
            vec!["Folk".into(), "Rock".into()],
        )
        .unwrap();
        let id = |row: usize| match row {
            0..6 => 1,
            6 => 2,
            7 => 3,
            _ => 4,
        };
        data.artists = Some((0..n).map(|row| Some(id(row))).collect());
        data.albums = data.artists.clone();
        data.official = Some(
            (0..n)
                .map(|row| if row == 7 { Part::Test } else { Part::Training })
                .collect(),
        );
        let p = y.iter().zip(own).flat_map(|(&class, own)| match class {
            0 => [own, 1.0 - own],
            _ => [1.0 - own, own],
        });
        let proba = ScoreMatrix::new(n, 2, p.collect()).unwrap();
        let ids = (0..n)
            .map(|row| RowId::from(format!("t{row}.mp3").as_str()))
            .collect();
        (data, ids, proba)
    }

    #[test]
    fn entries_say_why_and_the_most_doubtful_come_first() {
        let (data, ids, proba) = review();
        let review = Review::new(&data, &proba).unwrap();
        let entries = super::entries(&data, &ids, &proba, &review, false);
        let double = &entries[0];
        assert_eq!(
            (double.kind, double.doubt, double.genre.as_str()),
            (Kind::Double, 1.0, "Folk / Rock")
        );
        assert_eq!(
            double.reasons,
            [
                "the same sound: every feature is equal",
                "with different labels",
                "under 2 artists",
                "on both sides of the official split"
            ]
        );
        let track = &entries[1];
        assert_eq!(
            (track.ids[0].as_str(), track.suggested.as_deref()),
            ("t5.mp3", Some("Rock"))
        );
        assert_eq!(
            track.reasons[..3],
            [
                "sounds like Rock (90 %; Folk 10 %)",
                "all 5 other tracks of its album are Rock",
                "all 5 other tracks of its artist are Rock"
            ]
        );
        assert!(entries.is_sorted_by(|a, b| a.doubt >= b.doubt));
        let album = entries.iter().find(|entry| entry.kind == Kind::Album);
        if let Some(album) = album {
            assert_eq!((album.ids.len(), album.suggested.as_deref()), (3, Some("Rock")));
        }
        let all = super::entries(&data, &ids, &proba, &review, true);
        assert_eq!(
            all.iter().filter(|entry| entry.kind == Kind::Track).count(),
            data.n_rows()
        );
        let kept: Vec<&Entry> = all.iter().filter(|entry| entries.contains(entry)).collect();
        assert_eq!(kept.len(), entries.len());
    }
}
