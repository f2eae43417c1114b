//! The published figures, by topic, and where the findings have theirs.

use cratedigger_learn::Method;

use super::list::{List, Stated};
use crate::findings::Findings;
use crate::learning::methods::ClassifierFinding;
use crate::places::geography::PlaceCount;

/// The shares of missing values, as the study's table has them.
const MISSING: [(&str, f64); 22] = [
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
    ("track.genre_top", 0.534_614),
    ("track.information", 0.977_959),
    ("track.language_code", 0.859_028),
    ("track.lyricist", 0.997_082),
    ("track.publisher", 0.988_149),
];

/// The phi coefficients of the study's table.
const PHI: [(&str, &str, f64); 8] = [
    ("artist.latitude", "artist.longitude", 1.0),
    ("album.engineer", "album.producer", 0.768_470),
    ("album.date_created", "album.type", 0.725_658),
    ("artist.latitude", "artist.location", 0.588_272),
    ("artist.location", "artist.longitude", 0.588_272),
    ("artist.bio", "artist.website", 0.538_926),
    ("album.date_created", "album.title", 0.532_504),
    ("artist.location", "artist.website", 0.485_648),
];

pub(super) fn archive(findings: &Findings, list: &mut List) {
    let overview = &findings.overview;
    let counted = |figure: f64| match findings.left_out("overview") {
        true => Err("its section was left out"),
        false => Ok(figure),
    };
    list.add(
        "selection",
        "tracks in the archive",
        "tracks",
        Stated::Exactly(1.0),
        106_574.0,
        counted(overview.n_tracks as f64),
    );
    list.add(
        "selection",
        "artists",
        "artists",
        Stated::MoreThan,
        15_000.0,
        overview
            .n_artists
            .map(|n| n as f64)
            .ok_or("artist.id is not known"),
    );
    let share = overview.n_with_genre_top as f64 / overview.n_tracks.max(1) as f64;
    list.add(
        "selection",
        "tracks with a genre_top",
        "share",
        Stated::About(0.01),
        0.47,
        counted(share),
    );
    let echonest = overview.tables.iter().find(|table| table.table == "echonest");
    list.add(
        "selection",
        "tracks in the echonest table",
        "tracks",
        Stated::About(1000.0),
        13_000.0,
        echonest
            .map(|table| table.n_rows as f64)
            .ok_or("the archive has no echonest table"),
    );
    let features = overview.tables.iter().find(|table| table.table == "features");
    list.add(
        "selection",
        "features of each track",
        "features",
        Stated::Exactly(1.0),
        518.0,
        features
            .map(|table| table.n_columns as f64)
            .ok_or("the archive has no features table"),
    );
    let three = ["Rock", "Experimental", "Electronic"];
    let top: Vec<&str> = overview
        .genre_top
        .iter()
        .take(3)
        .map(|genre| genre.genre.as_str())
        .collect();
    let same = three.iter().all(|name| top.contains(name));
    let of_three: u64 = overview
        .genre_top
        .iter()
        .filter(|genre| three.contains(&genre.genre.as_str()))
        .map(|genre| genre.n_tracks)
        .sum();
    list.add(
        "selection",
        "tracks of Rock, Experimental and Electronic",
        "tracks",
        Stated::About(2000.0),
        35_000.0,
        if of_three > 0 {
            Ok(of_three as f64)
        } else {
            Err("no track has one of these genres")
        },
    );
    list.note(if same {
        ""
    } else {
        "the three most frequent genres are other ones here"
    });
}

pub(super) fn gaps(findings: &Findings, list: &mut List) {
    for (column, published) in MISSING {
        let ours = findings
            .missingness
            .columns
            .iter()
            .find(|entry| entry.column == column);
        list.add(
            "missing values",
            column,
            "share",
            Stated::Exactly(1e-6),
            published,
            ours.map(|entry| entry.proportion)
                .ok_or("the table has no such column"),
        );
    }
    for (a, b, published) in PHI {
        let pair = findings
            .missingness
            .phi
            .iter()
            .find(|pair| (pair.a == a && pair.b == b) || (pair.a == b && pair.b == a));
        let short = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
        list.add(
            "missing together",
            format!("{} and {}", short(a), short(b)),
            "phi",
            Stated::Exactly(1e-6),
            published,
            pair.map(|pair| pair.phi)
                .ok_or("one of the columns is never or always missing"),
        );
    }
}

pub(super) fn places(findings: &Findings, list: &mut List) {
    let unknown = "no track has coordinates";
    let geography = findings
        .geography
        .as_ref()
        .filter(|geography| geography.coverage.n_placed > 0);
    list.add(
        "places",
        "located tracks of the three genres",
        "tracks",
        Stated::About(5000.0),
        40_000.0,
        geography
            .map(|found| found.coverage.n_placed_of_genres as f64)
            .ok_or(unknown),
    );
    list.note(
        "the study has about 35,000 tracks of these genres, and places fewer than half of all tracks: it must have counted other \
         genres too, so the places below are compared with the located tracks of all genres",
    );
    let count = |places: &[PlaceCount], country: &str, name: Option<&str>| {
        let of = |place: &&PlaceCount| place.country == country && name.is_none_or(|name| place.name == name);
        places.iter().find(of).map_or(0.0, |place| place.n_tracks as f64)
    };
    for (name, stated, published) in [
        ("New York", Stated::About(500.0), 3500.0),
        ("California", Stated::About(500.0), 2500.0),
        ("New Jersey", Stated::About(500.0), 2500.0),
        ("Oregon", Stated::About(200.0), 2000.0),
        ("Pennsylvania", Stated::About(500.0), 2000.0),
        ("Alaska", Stated::LessThan, 10.0),
        ("Hawaii", Stated::LessThan, 10.0),
    ] {
        list.add(
            "places",
            name,
            "tracks",
            stated,
            published,
            geography
                .map(|found| count(&found.regions, "USA", Some(name)))
                .ok_or(unknown),
        );
    }
    for (name, code, published) in [
        ("Great Britain", "GBR", 3500.0),
        ("France", "FRA", 2500.0),
        ("Germany", "DEU", 2000.0),
    ] {
        list.add(
            "places",
            name,
            "tracks",
            Stated::About(500.0),
            published,
            geography
                .map(|found| count(&found.countries, code, None))
                .ok_or(unknown),
        );
    }
    let languages = findings
        .geography
        .as_ref()
        .filter(|geography| geography.n_with_language > 0);
    for (name, code, published, unit) in [
        ("English", "en", 0.94, 0.01),
        ("Spanish", "es", 0.014, 0.001),
        ("French", "fr", 0.013, 0.001),
    ] {
        let share = |languages: &crate::places::geography::Geography| {
            languages
                .languages
                .iter()
                .find(|language| language.code == code)
                .map_or(0.0, |language| language.share)
        };
        list.add(
            "languages",
            name,
            "share",
            Stated::About(unit),
            published,
            languages.map(share).ok_or("no track has a language"),
        );
    }
}

pub(super) fn tests(findings: &Findings, list: &mut List) {
    let pair = findings.differences.as_ref().and_then(|found| found.of_pair());
    for genre in ["Rock", "Experimental", "Electronic"] {
        let test = pair.and_then(|pair| pair.equal_counts.iter().find(|test| test.label == genre));
        list.add(
            "tests",
            format!("{genre}, North America and Europe equal: p"),
            "log10 p",
            Stated::LessThan,
            0.05_f64.log10(),
            test.map(|test| test.log10_p)
                .ok_or("the genre is not among those compared, or a continent is missing"),
        );
    }
}

pub(super) fn outliers(findings: &Findings, list: &mut List) {
    let missing = "the archive has no features table";
    let features = findings
        .outliers
        .as_ref()
        .filter(|found| found.table == "features");
    // A z-score above 3 is what the study counted, whatever this study's threshold is.
    let second = features.and_then(|found| found.features.get(1));
    let above = features.filter(|found| found.threshold == 3.0).and(second);
    list.add(
        "outliers",
        "second feature: tracks beyond z = 3",
        "tracks",
        Stated::Exactly(1.0),
        102.0,
        above
            .map(|feature| feature.n_beyond() as f64)
            .ok_or(if second.is_some() {
                "another threshold was asked for"
            } else {
                missing
            }),
    );
    for (name, published, unit, of) in [
        (
            "minimum",
            -1.97,
            0.01,
            (|feature| feature.lowest.value) as fn(&crate::archive::outliers::FeatureOutliers) -> f64,
        ),
        ("median", -0.15, 0.01, |feature| feature.median),
        ("maximum", 1777.0, 1.0, |feature| feature.highest.value),
    ] {
        list.add(
            "outliers",
            format!("second feature: {name}"),
            "value",
            Stated::Exactly(unit),
            published,
            second.map(of).ok_or(missing),
        );
    }
}

/// The study's methods: what they are called there and which they are here; accuracy, and seconds to train.
const METHODS: [(&str, Method, f64, f64); 4] = [
    ("neural network (MLP)", Method::MLP, 0.81, 75.0),
    (
        "gradient boosting (XGBoost)",
        Method::GRADIENT_BOOSTING,
        0.78,
        270.0,
    ),
    ("linear SVM", Method::LINEAR_SVC, 0.60, f64::NAN),
    ("decision tree", Method::DECISION_TREE, 0.64, 30.0),
];

/// The classifier of this method, or why there is none.
fn classifier(findings: &Findings, method: Method) -> Result<&ClassifierFinding, &'static str> {
    let mut classifiers = findings.classifiers.iter();
    classifiers
        .find(|classifier| classifier.name == method.name())
        .ok_or("not among the methods of this study; see --methods")
}

pub(super) fn accuracies(findings: &Findings, list: &mut List) {
    let split = findings.split.as_ref().map_or("", |split| split.kind.as_str());
    for (name, method, published, _) in METHODS {
        let found = classifier(findings, method);
        list.add(
            "accuracy",
            name,
            "share",
            Stated::About(0.01),
            published,
            found.map(|found| found.accuracy),
        );
        if split != "random" {
            list.note("the study split tracks at random, with artists on both sides, which flatters");
        }
    }
    list.add(
        "accuracy",
        "neural network after tuning",
        "share",
        Stated::About(0.01),
        0.80,
        findings
            .tuning
            .as_ref()
            .map(|tuning| tuning.after.accuracy)
            .ok_or("nothing was tuned: see --skip, --no-tune and --methods"),
    );
}

pub(super) fn times(findings: &Findings, list: &mut List) {
    for (name, method, _, published) in METHODS.into_iter().filter(|method| method.3.is_finite()) {
        let found = classifier(findings, method);
        let stated = if method == Method::DECISION_TREE {
            Stated::LessThan
        } else {
            Stated::About(10.0)
        };
        list.add(
            "training time",
            name,
            "s",
            stated,
            published,
            found.map(|found| found.fit_seconds),
        );
        list.note("another machine");
    }
}

#[cfg(test)]
mod tests;
