use std::collections::BTreeSet;

use super::fold::Fold;
use crate::data::dataset::Dataset;

/// Artists and albums with rows on both sides of a fold: what a model may recognise in place of a class, which flatters scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BothSides {
    /// Known artists with training and test rows of one fold.
    pub n_artists: usize,
    /// Known albums with training and test rows of one fold.
    pub n_albums: usize,
    /// Test rows whose artist also has training rows.
    pub n_test_of_artists: usize,
    /// Test rows whose artist or album also has training rows.
    pub n_test: usize,
}

impl BothSides {
    /// What is on both sides of any of these folds. Test rows are added up over the folds.
    pub fn of(data: &Dataset, folds: &[Fold]) -> Self {
        let (mut artists, mut albums) = (BTreeSet::new(), BTreeSet::new());
        let mut found = Self::default();
        for fold in folds {
            let of_artists = known(&fold.train, |row| data.artist(row));
            let of_albums = known(&fold.train, |row| data.album(row));
            for &row in &fold.test {
                let artist = data.artist(row).filter(|artist| of_artists.contains(artist));
                let album = data.album(row).filter(|album| of_albums.contains(album));
                found.n_test_of_artists += usize::from(artist.is_some());
                found.n_test += usize::from(artist.is_some() || album.is_some());
                artists.extend(artist);
                albums.extend(album);
            }
        }
        (found.n_artists, found.n_albums) = (artists.len(), albums.len());
        found
    }
}

fn known(rows: &[usize], of: impl Fn(usize) -> Option<i64>) -> BTreeSet<i64> {
    rows.iter().filter_map(|&row| of(row)).collect()
}
