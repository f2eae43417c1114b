//! The archive's genre tree and how often its genres occur.
//!
//! The tree (identifiers, titles, parents, roots) and the counts are those of the dataset's `genres.csv` (Defferrard et al.,
//! ISMIR 2017): facts about the Free Music Archive that a catalogue of its shape has to share. The tracks are invented.

/// One genre of the tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Genre {
    /// Identifier in `track.genres`.
    pub(crate) id: i64,
    /// Identifier of the parent, 0 for a root.
    pub(crate) parent: i64,
    /// Identifier of the root above it, its own for a root.
    pub(crate) top_level: i64,
    /// Tracks with this genre, or one below it, in the real archive: the weight here.
    pub(crate) n_tracks: u32,
    /// Name.
    pub(crate) title: &'static str,
}

/// A genre without a parent, and how its tracks are labelled in the dataset.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Root {
    /// Identifier.
    pub(crate) id: i64,
    /// Tracks whose `genre_top` it is, of 49,598.
    pub(crate) n_top: f64,
    /// Tracks whose first genre stands below it, with a `genre_top` or without.
    pub(crate) n_first: f64,
    /// How much likelier than elsewhere its artists live in North America, in Europe, in the rest of the world.
    pub(crate) continents: [f64; 3],
}

const fn g(id: i64, parent: i64, top_level: i64, n_tracks: u32, title: &'static str) -> Genre {
    Genre {
        id,
        parent,
        top_level,
        n_tracks,
        title,
    }
}

const fn r(id: i64, n_top: u32, n_first: u32, continents: [f64; 3]) -> Root {
    Root {
        id,
        n_top: n_top as f64,
        n_first: n_first as f64,
        continents,
    }
}

/// The 16 roots, most frequent `genre_top` first.
pub(crate) const ROOTS: [Root; 16] = [
    r(12, 14_182, 22_036, [1.40, 0.60, 0.75]),
    r(38, 10_608, 23_361, [0.95, 1.08, 1.0]),
    r(15, 9_372, 25_371, [0.58, 1.52, 1.15]),
    r(21, 3_552, 4_619, [1.15, 0.88, 0.7]),
    r(17, 2_803, 6_274, [1.20, 0.80, 0.8]),
    r(10, 2_332, 8_430, [1.0, 1.0, 1.0]),
    r(1235, 2_079, 4_448, [0.9, 1.1, 1.1]),
    r(2, 1_389, 3_006, [0.5, 1.0, 3.5]),
    r(5, 1_230, 2_106, [0.9, 1.2, 0.8]),
    r(4, 571, 2_329, [1.0, 1.0, 1.0]),
    r(8, 554, 711, [1.6, 0.4, 0.4]),
    r(20, 423, 805, [1.2, 0.8, 0.8]),
    r(9, 194, 777, [1.6, 0.4, 0.4]),
    r(14, 175, 954, [1.1, 0.9, 0.8]),
    r(3, 110, 1_717, [1.2, 0.8, 0.8]),
    r(13, 24, 174, [1.0, 1.0, 1.0]),
];

/// Tracks of the real archive, with a `genre_top` or without.
pub(crate) const ARCHIVE_TRACKS: f64 = 106_574.0;

/// All 163 genres, ascending by identifier.
#[rustfmt::skip]
pub(crate) const GENRES: [Genre; 163] = [
    g(1, 38, 38, 8693, "Avant-Garde"),
    g(2, 0, 2, 5271, "International"),
    g(3, 0, 3, 1752, "Blues"),
    g(4, 0, 4, 4126, "Jazz"),
    g(5, 0, 5, 4106, "Classical"),
    g(6, 38, 38, 914, "Novelty"),
    g(7, 20, 20, 217, "Comedy"),
    g(8, 0, 8, 868, "Old-Time / Historic"),
    g(9, 0, 9, 1987, "Country"),
    g(10, 0, 10, 13845, "Pop"),
    g(11, 14, 14, 367, "Disco"),
    g(12, 0, 12, 32923, "Rock"),
    g(13, 0, 13, 730, "Easy Listening"),
    g(14, 0, 14, 1499, "Soul-RnB"),
    g(15, 0, 15, 34413, "Electronic"),
    g(16, 6, 38, 304, "Sound Effects"),
    g(17, 0, 17, 12706, "Folk"),
    g(18, 1235, 1235, 5913, "Soundtrack"),
    g(19, 14, 14, 773, "Funk"),
    g(20, 0, 20, 1876, "Spoken"),
    g(21, 0, 21, 8389, "Hip-Hop"),
    g(22, 38, 38, 774, "Audio Collage"),
    g(25, 12, 12, 9261, "Punk"),
    g(26, 12, 12, 1952, "Post-Rock"),
    g(27, 12, 12, 6041, "Lo-Fi"),
    g(30, 38, 38, 3237, "Field Recordings"),
    g(31, 12, 12, 1498, "Metal"),
    g(32, 38, 38, 7268, "Noise"),
    g(33, 17, 17, 2267, "Psych-Folk"),
    g(36, 12, 12, 688, "Krautrock"),
    g(37, 4, 4, 97, "Jazz: Vocal"),
    g(38, 0, 38, 38154, "Experimental"),
    g(41, 38, 38, 6110, "Electroacoustic"),
    g(42, 15, 15, 5723, "Ambient Electronic"),
    g(43, 65, 20, 210, "Radio Art"),
    g(45, 12, 12, 2469, "Loud-Rock"),
    g(46, 2, 2, 573, "Latin America"),
    g(47, 38, 38, 2546, "Drone"),
    g(49, 17, 17, 753, "Free-Folk"),
    g(53, 45, 12, 2071, "Noise-Rock"),
    g(58, 12, 12, 2502, "Psych-Rock"),
    g(63, 9, 9, 178, "Bluegrass"),
    g(64, 25, 12, 563, "Electro-Punk"),
    g(65, 20, 20, 518, "Radio"),
    g(66, 12, 12, 5432, "Indie-Rock"),
    g(70, 12, 12, 2230, "Industrial"),
    g(71, 25, 12, 600, "No Wave"),
    g(74, 4, 4, 1531, "Free-Jazz"),
    g(76, 10, 10, 7144, "Experimental Pop"),
    g(77, 2, 2, 387, "French"),
    g(79, 2, 2, 880, "Reggae - Dub"),
    g(81, 92, 2, 110, "Afrobeat"),
    g(83, 21, 21, 84, "Nerdcore"),
    g(85, 12, 12, 3548, "Garage"),
    g(86, 2, 2, 216, "Indian"),
    g(88, 12, 12, 517, "New Wave"),
    g(89, 25, 12, 1858, "Post-Punk"),
    g(90, 53, 12, 251, "Sludge"),
    g(92, 2, 2, 329, "African"),
    g(94, 17, 17, 1289, "Freak-Folk"),
    g(97, 4, 4, 291, "Jazz: Out"),
    g(98, 12, 12, 795, "Progressive"),
    g(100, 21, 21, 740, "Alternative Hip-Hop"),
    g(101, 31, 12, 196, "Death-Metal"),
    g(102, 2, 2, 176, "Middle East"),
    g(103, 17, 17, 4162, "Singer-Songwriter"),
    g(107, 1235, 1235, 7206, "Ambient"),
    g(109, 25, 12, 1419, "Hardcore"),
    g(111, 25, 12, 1003, "Power-Pop"),
    g(113, 26, 12, 484, "Space-Rock"),
    g(117, 2, 2, 62, "Polka"),
    g(118, 2, 2, 608, "Balkan"),
    g(125, 38, 38, 1511, "Unclassifiable"),
    g(130, 2, 2, 727, "Europe"),
    g(137, 9, 9, 994, "Americana"),
    g(138, 20, 20, 490, "Spoken Weird"),
    g(166, 65, 20, 122, "Interview"),
    g(167, 31, 12, 152, "Black-Metal"),
    g(169, 9, 9, 128, "Rockabilly"),
    g(170, 13, 13, 47, "Easy Listening: Vocal"),
    g(171, 2, 2, 234, "Brazilian"),
    g(172, 2, 2, 118, "Asia-Far East"),
    g(173, 86, 2, 4, "N. Indian Traditional"),
    g(174, 86, 2, 17, "South Indian Traditional"),
    g(175, 86, 2, 0, "Bollywood"),
    g(176, 2, 2, 23, "Pacific"),
    g(177, 2, 2, 72, "Celtic"),
    g(178, 4, 4, 0, "Be-Bop"),
    g(179, 4, 4, 104, "Big Band/Swing"),
    g(180, 17, 17, 161, "British Folk"),
    g(181, 15, 15, 2140, "Techno"),
    g(182, 15, 15, 1482, "House"),
    g(183, 15, 15, 2809, "Glitch"),
    g(184, 15, 15, 1013, "Minimal Electronic"),
    g(185, 15, 15, 511, "Breakcore - Hard"),
    g(186, 38, 38, 682, "Sound Poetry"),
    g(187, 5, 5, 292, "20th Century Classical"),
    g(188, 20, 20, 301, "Poetry"),
    g(189, 65, 20, 26, "Talk Radio"),
    g(214, 92, 2, 40, "North African"),
    g(224, 38, 38, 1916, "Sound Collage"),
    g(232, 2, 2, 47, "Flamenco"),
    g(236, 15, 15, 3472, "IDM"),
    g(240, 297, 15, 1231, "Chiptune"),
    g(247, 38, 38, 2957, "Musique Concrete"),
    g(250, 38, 38, 4261, "Improv"),
    g(267, 1235, 1235, 360, "New Age"),
    g(286, 15, 15, 1751, "Trip-Hop"),
    g(296, 15, 15, 1414, "Dance"),
    g(297, 15, 15, 2208, "Chip Music"),
    g(311, 13, 13, 440, "Lounge"),
    g(314, 12, 12, 482, "Goth"),
    g(322, 5, 5, 630, "Composed Music"),
    g(337, 15, 15, 500, "Drum & Bass"),
    g(359, 12, 12, 762, "Shoegaze"),
    g(360, 6, 38, 201, "Kid-Friendly"),
    g(361, 109, 12, 175, "Thrash"),
    g(362, 10, 10, 1835, "Synth Pop"),
    g(374, 20, 20, 9, "Banter"),
    g(377, 19, 14, 1, "Deep Funk"),
    g(378, 20, 20, 177, "Spoken Word"),
    g(400, 182, 15, 823, "Chill-out"),
    g(401, 181, 15, 189, "Bigbeat"),
    g(404, 85, 12, 265, "Surf"),
    g(428, 20, 20, 73, "Radio Theater"),
    g(439, 31, 12, 314, "Grindcore"),
    g(440, 12, 12, 116, "Rock Opera"),
    g(441, 5, 5, 161, "Opera"),
    g(442, 5, 5, 170, "Chamber Music"),
    g(443, 5, 5, 216, "Choral Music"),
    g(444, 5, 5, 25, "Symphony"),
    g(456, 38, 38, 1392, "Minimalism"),
    g(465, 20, 20, 18, "Musical Theater"),
    g(468, 15, 15, 1144, "Dubstep"),
    g(491, 468, 15, 78, "Skweee"),
    g(493, 651, 9, 4, "Western Swing"),
    g(495, 15, 15, 2061, "Downtempo"),
    g(502, 46, 2, 67, "Cumbia"),
    g(504, 2, 2, 114, "Latin"),
    g(514, 38, 38, 1414, "Sound Art"),
    g(524, 130, 2, 112, "Romany (Gypsy)"),
    g(538, 18, 1235, 338, "Compilation"),
    g(539, 21, 21, 638, "Rap"),
    g(542, 21, 21, 735, "Breakbeat"),
    g(567, 3, 3, 66, "Gospel"),
    g(580, 21, 21, 202, "Abstract Hip-Hop"),
    g(602, 79, 2, 94, "Reggae - Dancehall"),
    g(619, 130, 2, 115, "Spanish"),
    g(651, 9, 9, 79, "Country & Western"),
    g(659, 5, 5, 1239, "Contemporary Classical"),
    g(693, 21, 21, 56, "Wonky"),
    g(695, 15, 15, 258, "Jungle"),
    g(741, 130, 2, 57, "Klezmer"),
    g(763, 16, 38, 268, "Holiday"),
    g(808, 46, 2, 12, "Salsa"),
    g(810, 13, 13, 120, "Nu-Jazz"),
    g(811, 21, 21, 1192, "Hip-Hop Beats"),
    g(906, 4, 4, 107, "Modern Jazz"),
    g(1032, 102, 2, 60, "Turkish"),
    g(1060, 46, 2, 30, "Tango"),
    g(1156, 130, 2, 26, "Fado"),
    g(1193, 763, 38, 72, "Christmas"),
    g(1235, 0, 1235, 14938, "Instrumental"),
];

/// Position of the genre `id` in [`GENRES`].
pub(crate) fn index_of(id: i64) -> Option<usize> {
    GENRES.binary_search_by_key(&id, |g| g.id).ok()
}

/// Position in [`ROOTS`] of the root above the genre at `index`.
pub(crate) fn root_of(index: usize) -> usize {
    ROOTS
        .iter()
        .position(|r| r.id == GENRES[index].top_level)
        .unwrap_or(0)
}

/// Title of the root at position `root`.
pub(crate) fn root_title(root: usize) -> &'static str {
    index_of(ROOTS[root].id).map_or("", |i| GENRES[i].title)
}

/// Positions of the genre at `index` and of all its ancestors, itself first.
pub(crate) fn lineage(index: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(index), |&i| index_of(GENRES[i].parent))
}

/// The genres below each root with their weights: how often a track carries just this genre.
pub(crate) struct Palette {
    roots: Vec<Vec<(usize, f64)>>,
}

impl Palette {
    /// Weights from the archive's counts: those of a genre less those of its children, and at least a tenth of them, since
    /// a track may carry both.
    pub(crate) fn new() -> Self {
        let mut own: Vec<f64> = GENRES.iter().map(|g| f64::from(g.n_tracks)).collect();
        for genre in &GENRES {
            if let Some(parent) = index_of(genre.parent) {
                own[parent] -= f64::from(genre.n_tracks);
            }
        }
        let mut roots = vec![Vec::new(); ROOTS.len()];
        for (i, genre) in GENRES.iter().enumerate() {
            roots[root_of(i)].push((i, own[i].max(0.1 * f64::from(genre.n_tracks))));
        }
        Self { roots }
    }

    /// Positions in [`GENRES`] and weights of the genres of the root at position `root`.
    pub(crate) fn of(&self, root: usize) -> &[(usize, f64)] {
        &self.roots[root]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tree_is_whole() {
        let mut n_roots = 0;
        for (i, genre) in GENRES.iter().enumerate() {
            assert!(i == 0 || GENRES[i - 1].id < genre.id);
            let last = lineage(i).last();
            assert_eq!(
                last.map(|l| GENRES[l].id),
                Some(genre.top_level),
                "{}",
                genre.title
            );
            n_roots += usize::from(genre.parent == 0);
        }
        assert_eq!(n_roots, ROOTS.len());
        assert_eq!(ROOTS.iter().map(|r| r.n_top).sum::<f64>(), 49_598.0);
        assert!(
            ROOTS
                .iter()
                .all(|r| index_of(r.id).is_some_and(|i| GENRES[i].parent == 0))
        );
        assert_eq!(root_title(0), "Rock");
    }

    #[test]
    fn palette_covers_every_genre_once() {
        let palette = Palette::new();
        let mut seen = vec![0; GENRES.len()];
        for root in 0..ROOTS.len() {
            for &(i, weight) in palette.of(root) {
                seen[i] += 1;
                assert!(weight >= 0.0);
            }
        }
        assert!(seen.iter().all(|&n| n == 1));
    }
}
