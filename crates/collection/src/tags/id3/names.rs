//! The genres that have a number: ID3v1's list with the additions of Winamp, and how ID3v2's `TCON` uses it.

/// Genres by their number, spelt as most programs do.
///
/// Source: ID3v1's list (0 to 79), Winamp's additions up to 5.6 (80 to 191).
#[rustfmt::skip]
const NAMES: [&str; 192] = [
    "Blues", "Classic Rock", "Country", "Dance", "Disco", "Funk", "Grunge", "Hip-Hop", "Jazz",
    "Metal", "New Age", "Oldies", "Other", "Pop", "R&B", "Rap", "Reggae", "Rock", "Techno",
    "Industrial", "Alternative", "Ska", "Death Metal", "Pranks", "Soundtrack", "Euro-Techno",
    "Ambient", "Trip-Hop", "Vocal", "Jazz+Funk", "Fusion", "Trance", "Classical", "Instrumental",
    "Acid", "House", "Game", "Sound Clip", "Gospel", "Noise", "Alt. Rock", "Bass", "Soul", "Punk",
    "Space", "Meditative", "Instrumental Pop", "Instrumental Rock", "Ethnic", "Gothic", "Darkwave",
    "Techno-Industrial", "Electronic", "Pop-Folk", "Eurodance", "Dream", "Southern Rock", "Comedy",
    "Cult", "Gangsta Rap", "Top 40", "Christian Rap", "Pop/Funk", "Jungle", "Native American",
    "Cabaret", "New Wave", "Psychedelic", "Rave", "Showtunes", "Trailer", "Lo-Fi", "Tribal",
    "Acid Punk", "Acid Jazz", "Polka", "Retro", "Musical", "Rock & Roll", "Hard Rock", "Folk",
    "Folk-Rock", "National Folk", "Swing", "Fast-Fusion", "Bebop", "Latin", "Revival", "Celtic",
    "Bluegrass", "Avantgarde", "Gothic Rock", "Progressive Rock", "Psychedelic Rock",
    "Symphonic Rock", "Slow Rock", "Big Band", "Chorus", "Easy Listening", "Acoustic", "Humour",
    "Speech", "Chanson", "Opera", "Chamber Music", "Sonata", "Symphony", "Booty Bass", "Primus",
    "Porn Groove", "Satire", "Slow Jam", "Club", "Tango", "Samba", "Folklore", "Ballad",
    "Power Ballad", "Rhythmic Soul", "Freestyle", "Duet", "Punk Rock", "Drum Solo", "A Cappella",
    "Euro-House", "Dance Hall", "Goa", "Drum & Bass", "Club-House", "Hardcore", "Terror", "Indie",
    "BritPop", "Afro-Punk", "Polsk Punk", "Beat", "Christian Gangsta Rap", "Heavy Metal",
    "Black Metal", "Crossover", "Contemporary Christian", "Christian Rock", "Merengue", "Salsa",
    "Thrash Metal", "Anime", "JPop", "Synthpop", "Abstract", "Art Rock", "Baroque", "Bhangra",
    "Big Beat", "Breakbeat", "Chillout", "Downtempo", "Dub", "EBM", "Eclectic", "Electro",
    "Electroclash", "Emo", "Experimental", "Garage", "Global", "IDM", "Illbient", "Industro-Goth",
    "Jam Band", "Krautrock", "Leftfield", "Lounge", "Math Rock", "New Romantic", "Nu-Breakz",
    "Post-Punk", "Post-Rock", "Psytrance", "Shoegaze", "Space Rock", "Trop Rock", "World Music",
    "Neoclassical", "Audiobook", "Audio Theatre", "Neue Deutsche Welle", "Podcast", "Indie Rock",
    "G-Funk", "Dubstep", "Garage Rock", "Psybient",
];

/// The name of a number.
pub(in crate::tags) fn name(number: u8) -> Option<&'static str> {
    NAMES.get(usize::from(number)).copied()
}

/// The number of a name, large and small letters alike.
pub(in crate::tags) fn number(name: &str) -> Option<u8> {
    let at = NAMES.iter().position(|known| known.eq_ignore_ascii_case(name))?;
    u8::try_from(at).ok()
}

/// The genres that a text of `TCON` tells: `Rock`, `17`, `(17)`, `(17)Rock`, `(4)Eurodisco`, `(17)(6)`, `(RX)`, `((brackets)`.
pub(super) fn of_text(text: &str, out: &mut Vec<String>) {
    let text = text.trim();
    if let Some(known) = of_code(text) {
        return push(known, out);
    }
    let mut rest = text;
    while let Some((code, after)) = rest.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
        match of_code(code) {
            Some(known) => push(known, out),
            None => break,
        }
        rest = after;
    }
    let rest = rest
        .strip_prefix('(')
        .filter(|rest| rest.starts_with('('))
        .unwrap_or(rest);
    push(rest, out);
}

fn of_code(code: &str) -> Option<&'static str> {
    match code {
        "RX" => Some("Remix"),
        "CR" => Some("Cover"),
        _ if code.bytes().all(|c| c.is_ascii_digit()) => name(code.parse().ok()?),
        _ => None,
    }
}

/// Adds a genre once.
pub(in crate::tags) fn push(genre: &str, out: &mut Vec<String>) {
    let genre = genre.trim();
    if !genre.is_empty() && !out.iter().any(|known| known == genre) {
        out.push(genre.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As mutagen 1.48 reads them (`TCON.genres`).
    #[test]
    fn a_text_tells_genres_by_number_and_name() {
        for (text, genres) in [
            ("Rock", &["Rock"][..]),
            ("17", &["Rock"]),
            ("(17)", &["Rock"]),
            ("(17)Rock", &["Rock"]),
            ("(4)Eurodisco", &["Disco", "Eurodisco"]),
            ("(17)(6)", &["Rock", "Grunge"]),
            ("(51)(39)Tekno", &["Techno-Industrial", "Noise", "Tekno"]),
            ("(RX)(CR)", &["Remix", "Cover"]),
            ("((brackets)", &["(brackets)"]),
            ("(live)", &["(live)"]),
            ("Rock/Pop", &["Rock/Pop"]),
            ("", &[]),
        ] {
            let mut found = Vec::new();
            of_text(text, &mut found);
            assert_eq!(found, genres, "{text}");
        }
        assert_eq!(
            (number("hip-hop"), number("Vaporwave"), name(191), name(192)),
            (Some(7), None, Some("Psybient"), None)
        );
    }
}
