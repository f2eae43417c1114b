//! The tags of the two data sets, and those that mean one of the FMA's root genres.

/// MagnaTagATune's 50 most frequent tags, in the order of the outputs. Source: musicnn 0.1.0, `configuration.py`.
pub const MTT: [&str; 50] = [
    "guitar",
    "classical",
    "slow",
    "techno",
    "strings",
    "drums",
    "electronic",
    "rock",
    "fast",
    "piano",
    "ambient",
    "beat",
    "violin",
    "vocal",
    "synth",
    "female",
    "indian",
    "opera",
    "male",
    "singing",
    "vocals",
    "no vocals",
    "harpsichord",
    "loud",
    "quiet",
    "flute",
    "woman",
    "male vocal",
    "no vocal",
    "pop",
    "soft",
    "sitar",
    "solo",
    "man",
    "classic",
    "choir",
    "voice",
    "new age",
    "dance",
    "male voice",
    "female vocal",
    "beats",
    "harp",
    "cello",
    "no voice",
    "weird",
    "country",
    "metal",
    "female voice",
    "choral",
];

/// The 50 tags of the Million Song Dataset's split by Choi, in the order of the outputs. Source: the same.
pub const MSD: [&str; 50] = [
    "rock",
    "pop",
    "alternative",
    "indie",
    "electronic",
    "female vocalists",
    "dance",
    "00s",
    "alternative rock",
    "jazz",
    "beautiful",
    "metal",
    "chillout",
    "male vocalists",
    "classic rock",
    "soul",
    "indie rock",
    "Mellow",
    "electronica",
    "80s",
    "folk",
    "90s",
    "chill",
    "instrumental",
    "punk",
    "oldies",
    "blues",
    "hard rock",
    "ambient",
    "acoustic",
    "experimental",
    "female vocalist",
    "guitar",
    "Hip-Hop",
    "70s",
    "party",
    "country",
    "easy listening",
    "sexy",
    "catchy",
    "funk",
    "electro",
    "heavy metal",
    "Progressive rock",
    "60s",
    "rnb",
    "indie pop",
    "sad",
    "House",
    "happy",
];

/// Tags and the root genre of the FMA that holds all that they mean: the genre of that name, or one that the FMA's own tree
/// puts below it (Punk and Metal below Rock, Techno, House and Dance below Electronic, Funk below Soul-RnB, Opera and Choral
/// Music below Classical, Indian below International, Ambient and New Age below Instrumental).
///
/// Left out are moods, times, voices and instruments, and words that cross the FMA's roots: `alternative`, `indie`,
/// `chillout`, `classic`, `acoustic`, `oldies`.
const GENRES: [(&str, &str); 34] = [
    ("alternative rock", "Rock"),
    ("ambient", "Instrumental"),
    ("blues", "Blues"),
    ("choral", "Classical"),
    ("classic rock", "Rock"),
    ("classical", "Classical"),
    ("country", "Country"),
    ("dance", "Electronic"),
    ("easy listening", "Easy Listening"),
    ("electro", "Electronic"),
    ("electronic", "Electronic"),
    ("electronica", "Electronic"),
    ("experimental", "Experimental"),
    ("folk", "Folk"),
    ("funk", "Soul-RnB"),
    ("hard rock", "Rock"),
    ("heavy metal", "Rock"),
    ("hip-hop", "Hip-Hop"),
    ("house", "Electronic"),
    ("indian", "International"),
    ("indie pop", "Pop"),
    ("indie rock", "Rock"),
    ("instrumental", "Instrumental"),
    ("jazz", "Jazz"),
    ("metal", "Rock"),
    ("new age", "Instrumental"),
    ("opera", "Classical"),
    ("pop", "Pop"),
    ("progressive rock", "Rock"),
    ("punk", "Rock"),
    ("rnb", "Soul-RnB"),
    ("rock", "Rock"),
    ("soul", "Soul-RnB"),
    ("techno", "Electronic"),
];

/// The FMA's root genre that holds what a tag means; capitals do not count. `None` where there is no such genre.
pub fn genre_of(tag: &str) -> Option<&'static str> {
    let tag = tag.to_lowercase();
    let known = GENRES.iter().find(|(known, _)| *known == tag);
    known.map(|(_, genre)| *genre)
}

/// The genre of the likeliest tag that means one, and that tag's share; the first of equal ones. `None` where no tag does.
pub fn best_genre(tags: &[String], shares: &[f64]) -> Option<(&'static str, f64)> {
    let mut best: Option<(&'static str, f64)> = None;
    for (tag, &share) in tags.iter().zip(shares) {
        if let Some(genre) = genre_of(tag)
            && best.is_none_or(|(_, most)| share > most)
        {
            best = Some((genre, share));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_genre_is_a_root_of_the_fma_and_every_word_is_used() {
        let roots = [
            "Blues",
            "Classical",
            "Country",
            "Easy Listening",
            "Electronic",
            "Experimental",
            "Folk",
            "Hip-Hop",
            "Instrumental",
            "International",
            "Jazz",
            "Old-Time / Historic",
            "Pop",
            "Rock",
            "Soul-RnB",
            "Spoken",
        ];
        for (tag, genre) in &GENRES {
            assert!(roots.contains(genre), "{genre}");
            let used = MTT.iter().chain(&MSD).any(|known| known.to_lowercase() == *tag);
            assert!(used, "{tag} is no tag");
        }
        assert!(GENRES.is_sorted());
        assert_eq!(genre_of("Hip-Hop"), Some("Hip-Hop"));
        assert_eq!(genre_of("indie"), None);
    }

    #[test]
    fn the_likeliest_tag_that_means_a_genre_names_it() {
        let tags = ["indie", "punk", "jazz", "rock"].map(str::to_owned);
        assert_eq!(best_genre(&tags, &[0.9, 0.3, 0.4, 0.4]), Some(("Jazz", 0.4)));
        assert_eq!(best_genre(&tags, &[0.9, 0.5, 0.4, 0.4]), Some(("Rock", 0.5)));
        assert_eq!(best_genre(&tags[..1], &[0.9]), None);
    }
}
