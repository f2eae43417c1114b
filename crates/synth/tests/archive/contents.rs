//! Shares, gaps, splits, places and features.

use std::collections::{BTreeMap, HashMap, HashSet};

use cratedigger_synth::{self as synth, Format, SynthOptions};

use crate::desk::*;

#[test]
fn shares_gaps_and_splits_are_the_datasets() {
    let dir = tempfile::tempdir().unwrap();
    let options = SynthOptions {
        n_tracks: 20_000,
        with_features: false,
        with_echonest: false,
        ..SynthOptions::default()
    };
    let report = synth::write(&options, dir.path(), &mut |_| {}).unwrap();
    let tracks = Tracks::read(dir.path());
    assert_eq!(tracks.ids.len(), 20_000);
    assert!(
        tracks.ids.windows(2).all(|w| w[0] < w[1]),
        "identifiers ascend, so none occurs twice"
    );
    let highest = tracks.ids[19_999] as f64 / 20_000.0;
    assert!(
        (highest - 155_320.0 / 106_574.0).abs() < 0.05,
        "gaps of the identifiers: {highest}"
    );
    assert_eq!((report.n_artists, report.n_tracks), (3_067, 20_000));

    for (column, want) in [
        ("album.date_released", 0.340_421),
        ("album.engineer", 0.856_485),
        ("album.information", 0.219_800),
        ("album.producer", 0.830_540),
        ("artist.active_year_begin", 0.786_899),
        ("artist.active_year_end", 0.949_566),
        ("artist.associated_labels", 0.866_093),
        ("artist.bio", 0.332_332),
        ("artist.latitude", 0.582_037),
        ("artist.location", 0.341_209),
        ("artist.longitude", 0.582_037),
        ("artist.members", 0.560_409),
        ("artist.related_projects", 0.876_593),
        ("artist.website", 0.256_329),
        ("artist.wikipedia_page", 0.947_633),
        ("track.composer", 0.965_564),
        ("track.date_recorded", 0.942_209),
        ("track.information", 0.977_959),
        ("track.language_code", 0.859_028),
        ("track.lyricist", 0.997_082),
        ("track.publisher", 0.988_149),
    ] {
        assert!(
            (tracks.empty(column) - want).abs() < 0.01,
            "{column}: {} for {want}",
            tracks.empty(column)
        );
    }
    assert!(
        (tracks.empty("track.genre_top") - 0.534_614).abs() < 0.02,
        "{}",
        tracks.empty("track.genre_top")
    );
    for (a, b, want) in [
        ("artist.longitude", "artist.latitude", 1.0),
        ("album.producer", "album.engineer", 0.768_470),
        ("album.type", "album.date_created", 0.725_658),
        ("artist.latitude", "artist.location", 0.588_272),
        ("artist.bio", "artist.website", 0.538_926),
        ("album.title", "album.date_created", 0.532_504),
        ("artist.website", "artist.location", 0.485_648),
    ] {
        assert!(
            (tracks.phi(a, b) - want).abs() < 0.02,
            "{a} {b}: {} for {want}",
            tracks.phi(a, b)
        );
    }

    let mut split_of: HashMap<&str, &str> = HashMap::new();
    let mut parts: BTreeMap<&str, f64> = BTreeMap::new();
    for (artist, split) in tracks.columns["artist.id"]
        .iter()
        .zip(&tracks.columns["set.split"])
    {
        assert_eq!(
            split_of.entry(artist).or_insert(split),
            split,
            "artist {artist} is in two parts"
        );
        *parts.entry(split).or_default() += 1.0 / 20_000.0;
    }
    for (part, want) in [("training", 0.7915), ("validation", 0.1028), ("test", 0.1057)] {
        assert!((parts[part] - want).abs() < 0.01, "{parts:?}");
    }
    let mut tops: BTreeMap<&str, f64> = BTreeMap::new();
    for top in &tracks.columns["track.genre_top"] {
        *tops.entry(top).or_default() += 1.0 / 20_000.0;
    }
    for (top, n) in [
        ("Rock", 14_182.0),
        ("Experimental", 10_608.0),
        ("Electronic", 9_372.0),
        ("Hip-Hop", 3_552.0),
    ] {
        let want = n / 106_574.0;
        assert!(
            (tops[top] - want).abs() < 0.012,
            "{top}: {} for {want}",
            tops[top]
        );
    }
}

#[test]
fn rock_lives_in_north_america_and_electronic_in_europe() {
    let dir = tempfile::tempdir().unwrap();
    let options = SynthOptions {
        n_tracks: 20_000,
        with_features: false,
        with_echonest: false,
        ..SynthOptions::default()
    };
    synth::write(&options, dir.path(), &mut |_| {}).unwrap();
    let tracks = Tracks::read(dir.path());
    let mut counts: HashMap<(&str, bool), f64> = HashMap::new();
    let (mut english, mut spoken, mut located, mut both) = (0.0, 0.0, 0.0, 0.0);
    for i in 0..tracks.ids.len() {
        let cell = |name: &str| tracks.columns[name][i].as_str();
        spoken += f64::from(u8::from(!cell("track.language_code").is_empty()));
        english += f64::from(u8::from(cell("track.language_code") == "en"));
        let (Ok(latitude), Ok(longitude)) = (
            cell("artist.latitude").parse::<f64>(),
            cell("artist.longitude").parse::<f64>(),
        ) else {
            continue;
        };
        located += 1.0;
        let america = longitude < -50.0 && latitude > 12.0;
        let europe = (-25.0..65.0).contains(&longitude) && latitude > 34.5;
        both += f64::from(u8::from(america || europe));
        if america || europe {
            *counts.entry((cell("track.genre_top"), america)).or_default() += 1.0;
        }
    }
    let odds = |genre: &'static str| counts[&(genre, true)] / counts[&(genre, false)];
    assert!(
        odds("Rock") > 1.25 * odds("Experimental"),
        "{} {}",
        odds("Rock"),
        odds("Experimental")
    );
    assert!(
        odds("Experimental") > 1.25 * odds("Electronic"),
        "{} {}",
        odds("Experimental"),
        odds("Electronic")
    );
    assert!(both / located > 0.85, "{}", both / located);
    assert!((english / spoken - 0.95).abs() < 0.03, "{}", english / spoken);
}

#[test]
fn features_have_their_names_digits_and_oddities() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), 2_000, 0, Format::Csv);
    let all = records(&dir.path().join("features.csv"));
    let tracks = Tracks::read(dir.path());
    assert_eq!(all.len(), 2_004);
    let of = |statistic: &str| -> Vec<usize> { (1..519).filter(|&k| all[1][k] == statistic).collect() };
    let (kurtosis, max, mean, median, min, skew, std) = (
        of("kurtosis"),
        of("max"),
        of("mean"),
        of("median"),
        of("min"),
        of("skew"),
        of("std"),
    );
    let (mut n_silent, mut n_absurd) = (0, 0);
    for (row, id) in all[4..].iter().zip(&tracks.ids) {
        assert_eq!(row[0], id.to_string());
        assert!(
            row[1..]
                .iter()
                .all(|c| c.len() >= 16 && c.as_bytes()[c.len() - 4] == b'e'),
            "{:?}",
            &row[..5]
        );
        let values: Vec<f64> = row.iter().map(|c| c.parse().unwrap()).collect();
        n_silent += usize::from(values[1..].iter().all(|&x| x == 0.0));
        n_absurd += usize::from(kurtosis.iter().any(|&k| values[k] > 100.0));
        for d in 0..74 {
            let at = |columns: &[usize]| values[columns[d]];
            assert!(
                at(&min) <= at(&median) && at(&median) <= at(&max),
                "track {id}, series {d}"
            );
            assert!(
                at(&min) <= at(&mean) && at(&mean) <= at(&max) && at(&std) >= 0.0,
                "track {id}, series {d}"
            );
            // 11 digits are written.
            let slack = 1e-8 * (1.0 + at(&skew).powi(2));
            assert!(
                at(&kurtosis) >= at(&skew).powi(2) - 2.0 - slack,
                "track {id}, series {d}"
            );
        }
    }
    assert!((1..20).contains(&n_silent), "{n_silent} silent tracks");
    assert!((1..40).contains(&n_absurd), "{n_absurd} absurd tracks");
    let echonest = records(&dir.path().join("echonest.csv"));
    let known: HashSet<i64> = echonest[4..].iter().map(|r| r[0].parse().unwrap()).collect();
    let share = known.len() as f64 / 2_000.0;
    assert!((share - 0.123).abs() < 0.03, "{share}");
    assert!(known.iter().all(|id| tracks.ids.binary_search(id).is_ok()));
}
