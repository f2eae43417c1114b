//! Invented names and prose, with the quirks of real catalogue text: HTML over several lines, quotes, commas, apostrophes and
//! letters beyond ASCII. Every biography says that it is invented.

use crate::stream::Stream;

const ONSETS: [&str; 24] = [
    "b", "br", "d", "dr", "f", "g", "gl", "h", "k", "kr", "l", "m", "n", "p", "qu", "r", "s", "sk", "t",
    "tr", "v", "w", "y", "z",
];
const VOWELS: [&str; 12] = ["a", "a", "e", "e", "i", "o", "o", "u", "ae", "ou", "é", "ö"];
const CODAS: [&str; 10] = ["", "", "", "", "l", "n", "r", "m", "x", "sh"];
const ADJECTIVES: [&str; 32] = [
    "amber",
    "backward",
    "broken",
    "copper",
    "distant",
    "electric",
    "empty",
    "faded",
    "flat",
    "foggy",
    "frozen",
    "green",
    "hollow",
    "idle",
    "invisible",
    "late",
    "little",
    "long",
    "lunar",
    "magnetic",
    "muddy",
    "narrow",
    "northern",
    "paper",
    "plastic",
    "quiet",
    "rusty",
    "second",
    "slow",
    "sleepless",
    "tidal",
    "wooden",
];
const NOUNS: [&str; 40] = [
    "antenna",
    "attic",
    "battery",
    "bicycle",
    "bridge",
    "canal",
    "carousel",
    "cellar",
    "circuit",
    "cloud",
    "compass",
    "corridor",
    "engine",
    "factory",
    "ferry",
    "field",
    "garden",
    "glacier",
    "harbour",
    "kettle",
    "ladder",
    "lantern",
    "library",
    "machine",
    "meadow",
    "mirror",
    "motor",
    "orchard",
    "parade",
    "pylon",
    "railway",
    "river",
    "signal",
    "station",
    "telephone",
    "tunnel",
    "umbrella",
    "valley",
    "window",
    "winter",
];
const VERBS: [&str; 12] = [
    "records",
    "collects",
    "repeats",
    "bends",
    "borrows",
    "rewinds",
    "cuts up",
    "slows down",
    "layers",
    "tapes over",
    "forgets",
    "rehearses",
];
const LICENSES: [(&str, f64); 9] = [
    ("Attribution-NonCommercial-ShareAlike 3.0 International", 19.0),
    (
        "Attribution-NonCommercial-NoDerivatives (aka Music Sharing) 3.0 International",
        22.0,
    ),
    ("Attribution-Noncommercial-Share Alike 3.0 United States", 14.0),
    (
        "Attribution-Noncommercial-No Derivative Works 3.0 United States",
        12.0,
    ),
    ("Attribution", 9.0),
    ("Attribution-NonCommercial", 8.0),
    (
        "Creative Commons Attribution-NonCommercial-NoDerivatives 4.0",
        7.0,
    ),
    ("Attribution-ShareAlike", 5.0),
    ("CC0 1.0 Universal", 4.0),
];

/// An invented word of `n` syllables, in lower case.
pub(crate) fn word(s: &mut Stream, n: usize) -> String {
    let mut text = String::new();
    for _ in 0..n {
        text.push_str(s.pick(&ONSETS));
        text.push_str(s.pick(&VOWELS));
    }
    text.push_str(s.pick(&CODAS));
    text
}

/// With the first letter in upper case.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or(String::new(), |c| c.to_uppercase().chain(letters).collect())
}

/// A person: two invented words.
pub(crate) fn person(s: &mut Stream) -> String {
    format!("{} {}", capital(&word(s, 2)), capital(&word(s, 3)))
}

/// Several people, joined as artists join them.
pub(crate) fn people(s: &mut Stream) -> String {
    let joint = s.pick(&[", ", ",", "\n", " & "]);
    let n = 1 + s.below(5);
    (0..n).map(|_| person(s)).collect::<Vec<_>>().join(joint)
}

/// An artist's name, with an invented word of three syllables or more in it.
pub(crate) fn artist_name(s: &mut Stream) -> String {
    let n = 3 + s.below(2);
    let name = capital(&word(s, n));
    let noun = capital(s.pick(&NOUNS));
    match s.below(9) {
        0 | 1 => name,
        2 => format!("The {name} {noun}s"),
        3 => format!("{} {name}", capital(s.pick(&ADJECTIVES))),
        4 => format!("{name} & the {noun}s"),
        5 => format!("{name}'s {noun}"),
        6 => format!("\"{noun}\" {name}"),
        7 => format!("{name} {}", capital(&word(s, 3))),
        _ => format!("{noun} {name}"),
    }
}

/// The name of a label or project.
pub(crate) fn company(s: &mut Stream) -> String {
    let kind = s.pick(&["Records", "Tapes", "Recordings", "Netlabel", "Editions"]);
    format!("{} {kind}", capital(&word(s, 3)))
}

/// The title of a track or album.
pub(crate) fn title(s: &mut Stream) -> String {
    let (adjective, noun, other) = (s.pick(&ADJECTIVES), s.pick(&NOUNS), s.pick(&NOUNS));
    match s.below(14) {
        0 | 1 => capital(noun),
        2..=5 => format!("{} {}", capital(adjective), capital(noun)),
        6 => format!("{} of the {}", capital(noun), capital(other)),
        7 => format!(
            "{} {} (part {})",
            capital(adjective),
            capital(noun),
            1 + s.below(4)
        ),
        8 => capital(&word(s, 3)),
        9 => format!("{}, {}", capital(noun), capital(other)),
        10 => format!(
            "{} \"{}\" {}",
            capital(adjective),
            capital(&word(s, 2)),
            capital(noun)
        ),
        11 => format!(
            "Don't {} the {}",
            s.pick(&["wake", "paint", "follow", "sell"]),
            capital(noun)
        ),
        12 => format!("{} No. {}", capital(noun), 1 + s.below(30)),
        _ => format!("{adjective} {noun}"),
    }
}

/// A list of tags, such as artists give: their own name first.
pub(crate) fn tags(s: &mut Stream, first: Option<&str>, most: usize) -> Vec<String> {
    let mut tags: Vec<String> = first
        .map(|name| name.replace('"', "").to_lowercase())
        .into_iter()
        .collect();
    for _ in 0..s.below(most + 1) {
        tags.push(match s.below(3) {
            0 => format!("{} {}", s.pick(&ADJECTIVES), s.pick(&NOUNS)),
            1 => format!("{} 'n' {}", s.pick(&NOUNS), s.pick(&NOUNS)),
            _ => s.pick(&NOUNS).to_string(),
        });
    }
    tags
}

/// A licence's title.
pub(crate) fn license(s: &mut Stream) -> &'static str {
    LICENSES[s.weighted(LICENSES.iter().map(|l| l.1))].0
}

/// Paragraphs of HTML about `subject`, of about `n_sentences` sentences, the first of which says that it is invented.
pub(crate) fn html(s: &mut Stream, subject: &str, n_sentences: usize) -> String {
    let mut text = format!("<p>{subject} is invented: text of a synthetic archive.");
    for i in 0..n_sentences {
        if i > 0 && s.chance(0.2) {
            text.push_str(s.pick(&["</p>\n<p>", "<br />\n", "</p>\n\n<p style=\"text-align: left;\">"]));
        } else {
            text.push(' ');
        }
        let (a, n, m, v) = (
            s.pick(&ADJECTIVES),
            s.pick(&NOUNS),
            s.pick(&NOUNS),
            s.pick(&VERBS),
        );
        text.push_str(&match s.below(7) {
            0 => format!("{} {v} the {a} {n} in a {m}.", capital(&word(s, 3))),
            1 => format!(
                "After the {n}, \"{}\" {v} every {a} {m}, twice.",
                capital(&word(s, 2))
            ),
            2 => format!(
                "See <a href=\"http://example.org/{}\" target=\"_blank\">the {n}</a>.",
                word(s, 3)
            ),
            3 => format!("It's a {a} {n}; nobody {v} the {m}…"),
            4 => format!(
                "<em>{} {}</em> {v} a {n}, a {m} &amp; {} more.",
                capital(a),
                capital(m),
                2 + s.below(40)
            ),
            5 => format!("The {n} of {} {v} its {a} {m}.", capital(&word(s, 3))),
            _ => format!("{} {v} {a} {n}s.", person(s)),
        });
    }
    text.push_str("</p>");
    text
}

/// A name as part of an address: letters and digits only.
pub(crate) fn slug(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .collect::<String>()
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Domain;

    #[test]
    fn texts_have_the_quirks_that_readers_trip_over() {
        let mut s = Stream::new(4, Domain::World, 0);
        let all: String = (0..200)
            .map(|_| html(&mut s, "Nobody", 8) + &artist_name(&mut s) + &title(&mut s))
            .collect();
        for quirk in ["\n", "\"", ",", "'", "ö", "…", "&amp;"] {
            assert!(all.contains(quirk), "{quirk:?}");
        }
        assert_eq!(slug("The Ölbra 'n' Co."), "thelbranco");
        assert_eq!(capital("éa"), "Éa");
    }
}
