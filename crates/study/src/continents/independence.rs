//! Whether continents differ in their genres by more than chance: the finding `differences`.

use cratedigger_stats::contingency::{
    Bootstrap, ContingencyTest, EqualCountsTest, Permutation, Unit, against_others, bootstrap_cramers_v,
    contingency_test, equal_counts_test, permutation_test,
};
use cratedigger_stats::{benjamini_hochberg_log10, holm_log10};
use serde::{Deserialize, Serialize};

use crate::places::Atlas;
use crate::places::geography::{CrossTable, Geography};
use crate::places::located::{Located, first_greatest};

/// Shuffles of the permutation tests.
pub const N_PERMUTATIONS: usize = 9_999;

/// Resamples of the interval of Cramér's V.
const N_RESAMPLES: usize = 1_999;

/// The two continents that the published study compared.
const PAIR: [&str; 2] = ["North America", "Europe"];

/// The finding `differences`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContinentTests {
    /// All continents that have tracks of the genres.
    pub continents: Option<TableTests>,
    /// North America and Europe alone, as in the published study.
    pub pair: Option<TableTests>,
}

/// The tests of a table of continents by genres.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableTests {
    /// Tracks: are continent and genre independent?
    pub tracks: ContingencyTest,
    /// Artists: the same, each artist counted once, by the continent and the genre of most of the artist's tracks (the
    /// first of equals).
    pub artists: Option<ContingencyTest>,
    /// Tracks, with whole artists shuffled among the continents.
    pub permutation: Option<Permutation>,
    /// The interval of Cramér's V of tracks over resampled artists.
    pub bootstrap: Option<Bootstrap>,
    /// For each genre, whether its share of the tracks differs among the continents.
    pub by_genre: Vec<GenreTest>,
    /// For each genre, whether its tracks are equally many on each continent, which is what the published study tested: a
    /// question about the size of the continents' catalogues rather than about genres.
    pub equal_counts: Vec<EqualCountsTest>,
}

/// A genre against all others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GenreTest {
    /// The genre.
    pub genre: String,
    /// Its share of the tracks of each continent, in the order of the table's rows.
    pub shares: Vec<f64>,
    /// Pearson's statistic of the genre and all others by continent.
    pub statistic: f64,
    /// Degrees of freedom.
    pub dof: u64,
    /// Cramér's V.
    pub cramers_v: f64,
    /// log10 of the p-value, tracks taken as independent.
    pub log10_p: f64,
    /// The same, corrected after Holm for all genres.
    pub log10_p_holm: f64,
    /// The same, corrected after Benjamini and Hochberg.
    pub log10_p_bh: f64,
    /// The p-value with whole artists shuffled; `null` without artists.
    pub permutation_p: Option<f64>,
    /// The same, corrected after Holm for all genres.
    pub permutation_p_holm: Option<f64>,
    /// The same, corrected after Benjamini and Hochberg.
    pub permutation_p_bh: Option<f64>,
}

/// Tests the continents of a geography; `None` where fewer than two continents or genres have tracks.
pub fn continent_tests(
    geography: &Geography,
    located: &Located,
    atlas: &Atlas,
    seed: u64,
) -> Option<ContinentTests> {
    let table = &geography.continents_by_genre;
    let with_tracks: Vec<usize> = (0..table.rows.len())
        .filter(|&row| !table.rows[row].is_empty() && table.counts[row].iter().any(|&n| n > 0))
        .collect();
    let pair: Option<Vec<usize>> = PAIR
        .iter()
        .map(|name| with_tracks.iter().copied().find(|&row| table.rows[row] == *name))
        .collect();
    let tests = |rows: &[usize]| test_table(table, rows, located, atlas, seed);
    let pair = pair.filter(|pair| pair.len() < with_tracks.len());
    let found = ContinentTests {
        continents: tests(&with_tracks),
        pair: match pair {
            Some(pair) => tests(&pair),
            // The only two continents are these.
            None => None,
        },
    };
    found.continents.is_some().then_some(found)
}

impl ContinentTests {
    /// The tests of North America and Europe, whether or not there are other continents.
    pub fn of_pair(&self) -> Option<&TableTests> {
        self.pair.as_ref().or_else(|| {
            let only = self.continents.as_ref()?;
            (only.tracks.rows.len() == 2
                && PAIR
                    .iter()
                    .all(|name| only.tracks.rows.iter().any(|row| row == name)))
            .then_some(only)
        })
    }
}

fn test_table(
    table: &CrossTable,
    rows: &[usize],
    located: &Located,
    atlas: &Atlas,
    seed: u64,
) -> Option<TableTests> {
    let names: Vec<String> = rows.iter().map(|&row| table.rows[row].clone()).collect();
    let counts: Vec<Vec<u64>> = rows.iter().map(|&row| table.counts[row].clone()).collect();
    let genres = &table.columns;
    let tracks = contingency_test(&names, genres, &counts)?;
    let units: Vec<Unit> = located
        .artists_by_continent(atlas, &names, genres.len())
        .into_iter()
        .map(|(row, counts)| Unit { row, counts })
        .collect();
    let mut of_artists = vec![vec![0; genres.len()]; names.len()];
    for unit in &units {
        of_artists[unit.row][first_greatest(&unit.counts)] += 1;
    }
    let (permutation, by_column) = match permutation_test(&units, names.len(), N_PERMUTATIONS, seed) {
        Some((whole, by_column)) => (Some(whole), by_column),
        None => (None, Vec::new()),
    };
    Some(TableTests {
        artists: contingency_test(&names, genres, &of_artists),
        bootstrap: bootstrap_cramers_v(&units, names.len(), N_RESAMPLES, seed),
        by_genre: genre_tests(genres, &names, &counts, &by_column),
        equal_counts: equal_counts_test(
            &genres
                .iter()
                .enumerate()
                .map(|(column, genre)| (genre.clone(), counts.iter().map(|row| row[column]).collect()))
                .collect::<Vec<_>>(),
        ),
        tracks,
        permutation,
    })
}

fn genre_tests(
    genres: &[String],
    names: &[String],
    counts: &[Vec<u64>],
    permutations: &[Permutation],
) -> Vec<GenreTest> {
    let two = ["this".to_owned(), "others".to_owned()];
    let mut tests: Vec<GenreTest> = genres
        .iter()
        .enumerate()
        .filter_map(|(column, genre)| {
            let against = against_others(counts, column);
            let test = contingency_test(names, &two, &against)?;
            Some(GenreTest {
                genre: genre.clone(),
                shares: against
                    .iter()
                    .map(|row| row[0] as f64 / (row[0] + row[1]).max(1) as f64)
                    .collect(),
                statistic: test.statistic,
                dof: test.dof,
                cramers_v: test.cramers_v,
                log10_p: test.log10_p,
                log10_p_holm: test.log10_p,
                log10_p_bh: test.log10_p,
                permutation_p: permutations.get(column).map(|permutation| permutation.p),
                permutation_p_holm: None,
                permutation_p_bh: None,
            })
        })
        .collect();
    let raw: Vec<f64> = tests.iter().map(|test| test.log10_p).collect();
    let shuffled: Option<Vec<f64>> = tests
        .iter()
        .map(|test| test.permutation_p.map(f64::log10))
        .collect();
    let (holm, bh) = (holm_log10(&raw), benjamini_hochberg_log10(&raw));
    let (shuffled_holm, shuffled_bh) = (
        shuffled.as_deref().map(holm_log10),
        shuffled.as_deref().map(benjamini_hochberg_log10),
    );
    for (k, test) in tests.iter_mut().enumerate() {
        (test.log10_p_holm, test.log10_p_bh) = (holm[k], bh[k]);
        test.permutation_p_holm = shuffled_holm.as_ref().map(|p| 10_f64.powf(p[k]));
        test.permutation_p_bh = shuffled_bh.as_ref().map(|p| 10_f64.powf(p[k]));
    }
    tests
}
