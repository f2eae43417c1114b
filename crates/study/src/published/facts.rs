//! What the dataset's authors counted in it.
//!
//! Source: the executed notebooks `analysis.ipynb`, `usage.ipynb` and `creation.ipynb` of github.com/mdeff/fma (branch `outputs`).

use super::list::{List, Stated};
use crate::findings::Findings;

/// Tracks whose cell of this column is not missing.
const KNOWN: [(&str, f64); 7] = [
    ("track.genre_top", 49_598.0),
    ("track.language_code", 15_024.0),
    ("track.composer", 3835.0),
    ("track.date_recorded", 6159.0),
    ("track.lyricist", 481.0),
    ("track.publisher", 1434.0),
    ("track.information", 2509.0),
];

/// Tracks in each of the ten most frequent languages.
const LANGUAGES: [(&str, f64); 10] = [
    ("en", 14_255.0),
    ("es", 204.0),
    ("fr", 191.0),
    ("pt", 81.0),
    ("de", 68.0),
    ("ru", 30.0),
    ("it", 28.0),
    ("tr", 25.0),
    ("sr", 23.0),
    ("pl", 12.0),
];

/// The most frequent bit rates in kbit/s, the most frequent first.
const BIT_RATES: [f64; 5] = [320.0, 256.0, 192.0, 128.0, 160.0];

pub(super) fn add(findings: &Findings, list: &mut List) {
    let overview = &findings.overview;
    let unknown = "the tables do not tell";
    let mut exact = |figure: String, unit: &str, published: f64, ours: Option<f64>| {
        let ours = ours.ok_or(unknown);
        list.add("dataset", figure, unit, Stated::Exactly(1.0), published, ours);
    };
    let number = |n: Option<u64>| n.map(|n| n as f64);
    exact(
        "artists".to_owned(),
        "artists",
        16_341.0,
        number(overview.n_artists),
    );
    exact(
        "genres that tracks have".to_owned(),
        "value",
        161.0,
        number(overview.n_genres_used),
    );
    let echonest = overview.tables.iter().find(|table| table.table == "echonest");
    exact(
        "rows of the echonest table".to_owned(),
        "tracks",
        13_129.0,
        echonest.map(|table| table.n_rows as f64),
    );
    exact(
        "columns of the echonest table".to_owned(),
        "features",
        249.0,
        echonest.map(|table| table.n_columns as f64),
    );
    for (name, published, of) in [
        (
            "shortest",
            0.0,
            (|quantiles| quantiles.min) as fn(&crate::archive::quantiles::Quantiles) -> f64,
        ),
        ("lower quartile", 149.0, |quantiles| quantiles.q25),
        ("median", 216.0, |quantiles| quantiles.median),
        ("upper quartile", 305.0, |quantiles| quantiles.q75),
        ("longest", 18_350.0, |quantiles| quantiles.max),
    ] {
        let duration = overview.duration.as_ref();
        exact(
            format!("duration, {name}, seconds"),
            "value",
            published,
            duration.map(|duration| of(&duration.quantiles)),
        );
    }
    for (column, published) in KNOWN {
        let columns = &findings.missingness.columns;
        let found = columns.iter().find(|entry| entry.column == column);
        exact(
            format!("tracks with a {column}"),
            "tracks",
            published,
            found.map(|entry| (entry.n - entry.n_missing) as f64),
        );
    }
    for (place, published) in BIT_RATES.into_iter().enumerate() {
        let common = overview
            .bit_rate
            .as_ref()
            .and_then(|found| found.common.get(place));
        exact(
            format!("bit rate number {} by tracks, kbit/s", place + 1),
            "value",
            published,
            common.map(|common| common.bit_rate as f64 / 1000.0),
        );
    }
    for (code, published) in LANGUAGES {
        let languages = findings.geography.as_ref();
        let languages = languages.filter(|geography| geography.n_with_language > 0);
        exact(
            format!("tracks in the language {code}"),
            "tracks",
            published,
            languages.map(|geography| {
                let of_code = geography.languages.iter().find(|language| language.code == code);
                of_code.map_or(0.0, |language| language.n_tracks as f64)
            }),
        );
    }
    let mean = overview.duration.as_ref().map(|duration| duration.quantiles.mean);
    list.add(
        "dataset",
        "duration, mean, seconds",
        "value",
        Stated::Exactly(1e-4),
        277.8491,
        mean.ok_or(unknown),
    );
    list.add(
        "dataset",
        "albums",
        "value",
        Stated::About(2.0),
        14_854.0,
        number(overview.n_albums).ok_or(unknown),
    );
    list.note("the authors counted -1, which stands for no album, as one");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::overview::TableSize;
    use crate::published::verdicts::Verdict;

    #[test]
    fn each_fact_stands_beside_what_the_findings_have() {
        let mut findings = Findings::default();
        let facts = |findings: &Findings| {
            let mut list = List { figures: Vec::new() };
            add(findings, &mut list);
            list.figures
        };
        assert!(
            facts(&findings)
                .iter()
                .all(|figure| figure.verdict == Verdict::NotComputable && !figure.note.is_empty())
        );
        findings.overview.n_artists = Some(16_341);
        findings.overview.n_albums = Some(14_853);
        findings.overview.tables = vec![TableSize {
            table: "echonest".to_owned(),
            n_rows: 13_129,
            n_columns: 248,
        }];
        let facts = facts(&findings);
        for (name, verdict) in [
            ("artists", Verdict::Equal),
            ("albums", Verdict::Equal),
            ("rows of the echonest table", Verdict::Equal),
            ("columns of the echonest table", Verdict::Near),
            ("genres that tracks have", Verdict::NotComputable),
        ] {
            let figure = facts.iter().find(|figure| figure.figure == name);
            assert_eq!(figure.map(|figure| figure.verdict), Some(verdict), "{name}");
        }
    }
}
