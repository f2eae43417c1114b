//! The languages of the tracks.

use std::collections::{BTreeMap, BTreeSet};

use super::geography::{CrossTable, LanguageCount};
use super::located::Located;
use cratedigger_places::Atlas;

/// Languages that the table by continent has columns for; the others share one.
const N_LANGUAGES: usize = 8;

/// Names of the languages that the archive's codes stand for most often.
const LANGUAGES: [(&str, &str); 42] = [
    ("ar", "Arabic"),
    ("bg", "Bulgarian"),
    ("bm", "Bambara"),
    ("bn", "Bengali"),
    ("ca", "Catalan"),
    ("cs", "Czech"),
    ("cy", "Welsh"),
    ("da", "Danish"),
    ("de", "German"),
    ("ee", "Ewe"),
    ("el", "Greek"),
    ("en", "English"),
    ("es", "Spanish"),
    ("et", "Estonian"),
    ("eu", "Basque"),
    ("fa", "Persian"),
    ("fi", "Finnish"),
    ("fr", "French"),
    ("ga", "Irish"),
    ("gu", "Gujarati"),
    ("ha", "Hausa"),
    ("he", "Hebrew"),
    ("hi", "Hindi"),
    ("hu", "Hungarian"),
    ("id", "Indonesian"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("ko", "Korean"),
    ("la", "Latin"),
    ("lt", "Lithuanian"),
    ("nl", "Dutch"),
    ("no", "Norwegian"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("ro", "Romanian"),
    ("ru", "Russian"),
    ("sr", "Serbian"),
    ("sv", "Swedish"),
    ("th", "Thai"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
    ("zh", "Chinese"),
];

/// Tracks by language; tracks with a language; and the most frequent languages by continent.
pub(super) fn languages(
    located: &Located,
    atlas: &Atlas,
    continents: &[String],
) -> (Vec<LanguageCount>, u64, CrossTable) {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (row, language) in located.languages.iter().enumerate() {
        if let Some(code) = language {
            groups.entry(code).or_default().push(row);
        }
    }
    let n: usize = groups.values().map(Vec::len).sum();
    let mut groups: Vec<(&str, Vec<usize>)> = groups.into_iter().collect();
    groups.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
    let mut counts = vec![vec![0; groups.len().min(N_LANGUAGES + 1)]; continents.len()];
    for (position, (_, rows)) in groups.iter().enumerate() {
        for region in rows.iter().filter_map(|&row| located.region(row)) {
            let name = &atlas.region(region).continent;
            if let Some(continent) = continents.iter().position(|other| other == name) {
                counts[continent][position.min(N_LANGUAGES)] += 1;
            }
        }
    }
    let mut columns: Vec<String> = groups
        .iter()
        .take(N_LANGUAGES)
        .map(|(code, _)| match language_name(code) {
            "" => (*code).to_owned(),
            name => name.to_owned(),
        })
        .collect();
    if groups.len() > N_LANGUAGES {
        columns.push("other languages".to_owned());
    }
    let languages = groups
        .iter()
        .map(|(code, rows)| LanguageCount {
            code: (*code).to_owned(),
            name: language_name(code).to_owned(),
            n_tracks: rows.len() as u64,
            n_artists: rows
                .iter()
                .map(|&row| located.artists[row])
                .collect::<BTreeSet<_>>()
                .len() as u64,
            share: rows.len() as f64 / n as f64,
        })
        .collect();
    (
        languages,
        n as u64,
        CrossTable::new(continents.to_vec(), columns, counts),
    )
}

fn language_name(code: &str) -> &'static str {
    LANGUAGES
        .iter()
        .find(|(known, _)| *known == code)
        .map_or("", |(_, name)| name)
}
