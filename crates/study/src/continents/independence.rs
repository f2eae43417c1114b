//! Whether continents differ in their genres by more than chance: the finding `differences`.

use cratedigger_stats::contingency::{
    Unit, against_others, association, association_of_table, contingency_test, equal_counts_test,
    permutation_test, shuffled_table,
};
// The tests and the strength of the dependence that these findings hold.
pub use cratedigger_stats::contingency::{Association, ContingencyTest, EqualCountsTest, Permutation};
use cratedigger_stats::{benjamini_hochberg_log10, holm_log10};
use serde::{Deserialize, Serialize};

use super::verdict::{GenreP, Verdict, verdict};
use crate::places::Atlas;
use crate::places::geography::{CrossTable, Geography};
use crate::places::located::{Located, first_greatest};

/// Shuffles of the permutation tests.
pub const N_PERMUTATIONS: usize = 9_999;

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
    /// Cramér's V of tracks, with artists as what is independent.
    pub tracks_association: Option<Association>,
    /// Cramér's V of artists, each counted once.
    pub artists_association: Option<Association>,
    /// What may be said of it all.
    pub verdict: Verdict,
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
    /// log10 of the p-value, tracks taken as independent; of random tables where a cell is expected to hold fewer than five.
    pub log10_p: f64,
    /// The same, corrected after Holm for all genres.
    pub log10_p_holm: f64,
    /// The same, corrected after Benjamini and Hochberg.
    pub log10_p_bh: f64,
    /// The p-value with whole artists shuffled; `null` without artists.
    pub permutation_p: Option<f64>,
    /// The same, corrected after Holm for all genres and the table as a whole.
    pub permutation_p_holm: Option<f64>,
    /// The same, corrected after Benjamini and Hochberg for all genres.
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
    let tracks = contingency_test(&names, genres, &counts, seed)?;
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
    let artists = contingency_test(&names, genres, &of_artists, seed);
    let artists_association = artists.as_ref().and_then(|artists| {
        let shuffled = shuffled_table(&artists.observed, N_PERMUTATIONS, seed)?;
        association_of_table(&artists.observed, &shuffled)
    });
    let mut by_genre = genre_tests(genres, &names, &counts, &by_column, seed);
    let whole_p_holm = correct(&mut by_genre, permutation.as_ref());
    let corrected: Vec<GenreP<'_>> = by_genre.iter().map(GenreTest::corrected).collect();
    let verdict = verdict(
        &corrected,
        permutation.as_ref().map(|whole| whole.p).zip(whole_p_holm),
    );
    Some(TableTests {
        tracks_association: permutation
            .as_ref()
            .and_then(|shuffled| association(&units, names.len(), shuffled)),
        artists_association,
        artists,
        verdict,
        by_genre,
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

impl GenreTest {
    fn corrected(&self) -> GenreP<'_> {
        GenreP {
            genre: &self.genre,
            by_artists: self.permutation_p_holm,
            log10_by_tracks: self.log10_p_holm,
        }
    }
}

/// Each genre against all others; nothing is corrected yet.
fn genre_tests(
    genres: &[String],
    names: &[String],
    counts: &[Vec<u64>],
    permutations: &[Permutation],
    seed: u64,
) -> Vec<GenreTest> {
    let two = ["this".to_owned(), "others".to_owned()];
    let one = |(column, genre): (usize, &String)| {
        let against = against_others(counts, column);
        let test = contingency_test(names, &two, &against, seed)?;
        let log10_p = test.log10_p_to_go_by();
        Some(GenreTest {
            genre: genre.clone(),
            shares: against
                .iter()
                .map(|row| row[0] as f64 / (row[0] + row[1]).max(1) as f64)
                .collect(),
            statistic: test.statistic,
            dof: test.dof,
            cramers_v: test.cramers_v,
            log10_p,
            log10_p_holm: log10_p,
            log10_p_bh: log10_p,
            permutation_p: permutations.get(column).map(|permutation| permutation.p),
            permutation_p_holm: None,
            permutation_p_bh: None,
        })
    };
    genres.iter().enumerate().filter_map(one).collect()
}

/// Corrects the genres' p-values; those of shuffled artists together with that of the whole table, whose corrected p-value is
/// returned.
fn correct(tests: &mut [GenreTest], whole: Option<&Permutation>) -> Option<f64> {
    let raw: Vec<f64> = tests.iter().map(|test| test.log10_p).collect();
    let (holm, bh) = (holm_log10(&raw), benjamini_hochberg_log10(&raw));
    for (test, (holm, bh)) in tests.iter_mut().zip(holm.into_iter().zip(bh)) {
        (test.log10_p_holm, test.log10_p_bh) = (holm, bh);
    }
    let shuffled: Vec<f64> = tests
        .iter()
        .map(|test| test.permutation_p.map(f64::log10))
        .collect::<Option<_>>()?;
    let power = |p: &f64| 10_f64.powf(*p);
    for (test, bh) in tests.iter_mut().zip(benjamini_hochberg_log10(&shuffled)) {
        test.permutation_p_bh = Some(power(&bh));
    }
    let family: Vec<f64> = [whole?.p.log10()].into_iter().chain(shuffled).collect();
    let holm = holm_log10(&family);
    for (test, holm) in tests.iter_mut().zip(&holm[1..]) {
        test.permutation_p_holm = Some(power(holm));
    }
    holm.first().map(power)
}
