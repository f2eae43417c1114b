//! Which columns are empty, at the archive's rates and with its joint structure.
//!
//! Gaps belong to artists and albums, not to tracks: who leaves the website empty leaves the biography empty too, on all
//! tracks. Rates are the dataset's proportions of empty cells; pairs are tied by conditional probabilities that follow from
//! the published phi coefficients: P(a and b) = phi sqrt(p_a (1 - p_a) p_b (1 - p_b)) + p_a p_b.

use crate::stream::{Stream, Urn};

/// Empty columns of an artist, as bits.
pub(crate) mod artist {
    pub(crate) const WEBSITE: u16 = 1;
    pub(crate) const BIO: u16 = 1 << 1;
    pub(crate) const LOCATION: u16 = 1 << 2;
    /// Latitude and longitude: a geocoder gives both or none.
    pub(crate) const COORDINATES: u16 = 1 << 3;
    pub(crate) const MEMBERS: u16 = 1 << 4;
    pub(crate) const YEAR_BEGIN: u16 = 1 << 5;
    pub(crate) const YEAR_END: u16 = 1 << 6;
    pub(crate) const LABELS: u16 = 1 << 7;
    pub(crate) const RELATED: u16 = 1 << 8;
    pub(crate) const WIKIPEDIA: u16 = 1 << 9;
    pub(crate) const DATE_CREATED: u16 = 1 << 10;
    /// The words' language, a column of the track.
    pub(crate) const LANGUAGE: u16 = 1 << 11;
}

/// Empty columns of an album, and of its tracks, as bits.
pub(crate) mod album {
    pub(crate) const TITLE: u16 = 1;
    pub(crate) const DATE_CREATED: u16 = 1 << 1;
    pub(crate) const TYPE: u16 = 1 << 2;
    pub(crate) const ENGINEER: u16 = 1 << 3;
    pub(crate) const PRODUCER: u16 = 1 << 4;
    pub(crate) const DATE_RELEASED: u16 = 1 << 5;
    pub(crate) const INFORMATION: u16 = 1 << 6;
    pub(crate) const COMPOSER: u16 = 1 << 7;
    pub(crate) const LYRICIST: u16 = 1 << 8;
    pub(crate) const PUBLISHER: u16 = 1 << 9;
    pub(crate) const DATE_RECORDED: u16 = 1 << 10;
    pub(crate) const TRACK_INFORMATION: u16 = 1 << 11;
    pub(crate) const LICENSE: u16 = 1 << 12;
}

/// Share of the tracks that belong to no album: their album's title, dates and type are empty together.
pub(crate) const NO_ALBUM: f64 = 0.00962;

/// An event of one column, with its probability where the mask of conditions holds and where it does not.
struct Step {
    bit: u16,
    given: u16,
    if_empty: f64,
    if_filled: f64,
}

const fn step(bit: u16, given: u16, if_empty: f64, if_filled: f64) -> Step {
    Step {
        bit,
        given,
        if_empty,
        if_filled,
    }
}

/// All combinations of the steps' bits with their probabilities, in a fixed order.
fn combinations(steps: &[Step]) -> Vec<(u16, f64)> {
    let mut all = vec![(0u16, 1.0)];
    for s in steps {
        all = all
            .into_iter()
            .flat_map(|(bits, weight)| {
                let p = if bits & s.given != 0 {
                    s.if_empty
                } else {
                    s.if_filled
                };
                [(bits, weight * (1.0 - p)), (bits | s.bit, weight * p)]
            })
            .collect();
    }
    all
}

/// Draws the empty columns of every artist; `sizes` are their numbers of tracks, `order` is the order of drawing.
pub(crate) fn draw_artists(stream: &mut Stream, sizes: &[f64], order: &[u32]) -> Vec<u16> {
    use artist::*;
    let total: f64 = sizes.iter().sum();
    // Website 0.256329, bio 0.332332 (phi 0.538926), location 0.341209 (phi with website 0.485648), coordinates 0.582037
    // (phi with location 0.588272).
    let core = combinations(&[
        step(WEBSITE, 0, 0.0, 0.256_329),
        step(BIO, WEBSITE, 0.764_73, 0.183_29),
        step(LOCATION, WEBSITE, 0.733_40, 0.206_03),
        step(COORDINATES, LOCATION, 0.985_20, 0.373_23),
    ]);
    let mut bits = vec![0u16; sizes.len()];
    draw_classes(stream, &core, total, sizes, order, |i, class| bits[i] |= class);

    // How much of the profile an artist left empty: 0 to 3 of website, bio, location.
    let levels: Vec<usize> = bits
        .iter()
        .map(|b| (b & (WEBSITE | BIO | LOCATION)).count_ones() as usize)
        .collect();
    let mut at_level = [0.0; 4];
    for (&level, size) in levels.iter().zip(sizes) {
        at_level[level] += size;
    }
    for (bit, rate, ratio) in [
        (MEMBERS, 0.560_409, 2.4),
        (YEAR_BEGIN, 0.786_899, 2.2),
        (LABELS, 0.866_093, 2.0),
        (RELATED, 0.876_593, 2.0),
        (WIKIPEDIA, 0.947_633, 2.0),
        (DATE_CREATED, 0.008_032, 1.5),
        (LANGUAGE, 0.859_028, 1.1),
    ] {
        let p = tilted(rate, &at_level, ratio);
        let mut urns: Vec<Urn> = (0..4)
            .map(|l| Urn::new(&[1.0 - p[l], p[l]], at_level[l]))
            .collect();
        for &i in order {
            let i = i as usize;
            if urns[levels[i]].draw(stream, sizes[i], |_| 1.0) == 1 {
                bits[i] |= bit;
            }
        }
    }

    // A year of the end without one of the beginning is rare: 0.949566 empty in all.
    let begun: f64 = order
        .iter()
        .map(|&i| {
            if bits[i as usize] & YEAR_BEGIN == 0 {
                sizes[i as usize]
            } else {
                0.0
            }
        })
        .sum();
    let mut ends = Urn::new(&[0.236_66, 0.763_34], begun);
    for &i in order {
        let i = i as usize;
        if bits[i] & YEAR_BEGIN != 0 || ends.draw(stream, sizes[i], |_| 1.0) == 1 {
            bits[i] |= YEAR_END;
        }
    }
    bits
}

/// Draws the empty columns of every album; `sizes` are their numbers of tracks, `none` tells the tracks without an album.
pub(crate) fn draw_albums(stream: &mut Stream, sizes: &[f64], none: &[bool], order: &[u32]) -> Vec<u16> {
    use album::*;
    // Without an album all of these are empty: 0.00962. Date of creation 0.033113 in all and type 0.061065 in all are nested
    // in each other (phi 0.725658 is the most that such shares allow).
    let rest = 1.0 - NO_ALBUM;
    let created = (0.033_113 - NO_ALBUM) / rest;
    let kind = (0.061_065 - 0.033_113) / (rest * (1.0 - created));
    // Of what is left: engineer 0.856485 and producer 0.830540 (phi 0.768470: both empty 0.812422).
    let (engineer, producer, both) = (
        (0.856_485 - NO_ALBUM) / rest,
        (0.830_540 - NO_ALBUM) / rest,
        (0.812_422 - NO_ALBUM) / rest,
    );
    let both_given = both / engineer;
    let producer_alone = (producer - both) / (1.0 - engineer);
    // Date of release 0.340421, likelier empty where the type is.
    let no_kind = created + (1.0 - created) * kind;
    let released = ((0.340_421 - NO_ALBUM) / rest - 0.75 * no_kind) / (1.0 - no_kind);
    let information = (0.219_800 - NO_ALBUM) / rest;
    // Composer 0.965564; lyricist 0.997082 only beside one; publisher 0.988149 mostly beside one.
    let classes = combinations(&[
        step(DATE_CREATED, 0, 0.0, created),
        step(TYPE, DATE_CREATED, 1.0, kind),
        step(ENGINEER, 0, 0.0, engineer),
        step(PRODUCER, ENGINEER, both_given, producer_alone),
        step(DATE_RELEASED, TYPE, 0.75, released),
        step(
            INFORMATION,
            DATE_RELEASED,
            information * 1.25,
            information * (1.0 - 0.25 * 0.34 / 0.66),
        ),
    ]);
    let total: f64 = order
        .iter()
        .map(|&i| if none[i as usize] { 0.0 } else { sizes[i as usize] })
        .sum();
    let with_album: Vec<u32> = order.iter().copied().filter(|&i| !none[i as usize]).collect();
    let mut bits: Vec<u16> = none
        .iter()
        .map(|&none| {
            let all = TITLE | DATE_CREATED | TYPE | ENGINEER | PRODUCER | DATE_RELEASED | INFORMATION;
            if none { all } else { 0 }
        })
        .collect();
    draw_classes(stream, &classes, total, sizes, &with_album, |i, class| {
        bits[i] |= class
    });

    let all: f64 = sizes.iter().sum();
    let writers = combinations(&[
        step(COMPOSER, 0, 0.0, 0.965_564),
        step(LYRICIST, COMPOSER, 1.0, 1.0 - 0.084_73),
        step(PUBLISHER, COMPOSER, 1.0 - 0.005_14, 0.8),
    ]);
    draw_classes(stream, &writers, all, sizes, order, |i, class| bits[i] |= class);
    for (bit, rate) in [
        (DATE_RECORDED, 0.942_209),
        (TRACK_INFORMATION, 0.977_959),
        (LICENSE, 0.000_816),
    ] {
        draw_classes(
            stream,
            &[(0, 1.0 - rate), (bit, rate)],
            all,
            sizes,
            order,
            |i, class| bits[i] |= class,
        );
    }
    bits
}

fn draw_classes(
    stream: &mut Stream,
    classes: &[(u16, f64)],
    total: f64,
    sizes: &[f64],
    order: &[u32],
    mut set: impl FnMut(usize, u16),
) {
    let weights: Vec<f64> = classes.iter().map(|c| c.1).collect();
    let mut urn = Urn::new(&weights, total);
    for &i in order {
        let i = i as usize;
        set(i, classes[urn.draw(stream, sizes[i], |_| 1.0)].0);
    }
}

/// Probabilities at the four levels whose odds grow by `ratio` from each level to the next and whose mean, weighted by
/// `at_level`, is `rate`.
fn tilted(rate: f64, at_level: &[f64; 4], ratio: f64) -> [f64; 4] {
    let total: f64 = at_level.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let at = |log_odds: f64| {
        std::array::from_fn::<f64, 4, _>(|level| {
            let odds = (log_odds + level as f64 * ratio.ln()).exp();
            odds / (1.0 + odds)
        })
    };
    let (mut low, mut high) = (-20.0, 20.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        let mean: f64 = at(middle).iter().zip(at_level).map(|(p, w)| p * w).sum::<f64>() / total;
        if mean < rate { low = middle } else { high = middle }
    }
    at(0.5 * (low + high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Domain;

    /// Phi of two 0/1 columns weighted by tracks, by the definition.
    fn phi(bits: &[u16], sizes: &[f64], a: u16, b: u16) -> f64 {
        let share = |f: &dyn Fn(u16) -> bool| {
            bits.iter()
                .zip(sizes)
                .map(|(&x, s)| if f(x) { *s } else { 0.0 })
                .sum::<f64>()
                / sizes.iter().sum::<f64>()
        };
        let (pa, pb, both) = (
            share(&|x| x & a != 0),
            share(&|x| x & b != 0),
            share(&|x| x & a != 0 && x & b != 0),
        );
        (both - pa * pb) / (pa * (1.0 - pa) * pb * (1.0 - pb)).sqrt()
    }

    fn rate(bits: &[u16], sizes: &[f64], a: u16) -> f64 {
        bits.iter()
            .zip(sizes)
            .map(|(&x, s)| if x & a != 0 { *s } else { 0.0 })
            .sum::<f64>()
            / sizes.iter().sum::<f64>()
    }

    #[test]
    fn shares_and_phi_are_the_datasets() {
        let mut s = Stream::new(1, Domain::World, 0);
        let mut sizes: Vec<f64> = (0..20_000).map(|_| s.geometric(6.5) as f64).collect();
        sizes.sort_by(|a, b| b.total_cmp(a));
        let order: Vec<u32> = (0..20_000).collect();
        let bits = draw_artists(&mut s, &sizes, &order);
        use artist::*;
        for (bit, want) in [
            (WEBSITE, 0.256_329),
            (BIO, 0.332_332),
            (LOCATION, 0.341_209),
            (COORDINATES, 0.582_037),
            (MEMBERS, 0.560_409),
            (YEAR_BEGIN, 0.786_899),
            (YEAR_END, 0.949_566),
            (LABELS, 0.866_093),
            (RELATED, 0.876_593),
            (WIKIPEDIA, 0.947_633),
        ] {
            assert!(
                (rate(&bits, &sizes, bit) - want).abs() < 0.002,
                "{bit}: {}",
                rate(&bits, &sizes, bit)
            );
        }
        for (a, b, want) in [
            (COORDINATES, LOCATION, 0.588_272),
            (BIO, WEBSITE, 0.538_926),
            (WEBSITE, LOCATION, 0.485_648),
        ] {
            assert!(
                (phi(&bits, &sizes, a, b) - want).abs() < 0.005,
                "{a} {b}: {}",
                phi(&bits, &sizes, a, b)
            );
        }
        assert!(phi(&bits, &sizes, MEMBERS, BIO) > 0.1 && phi(&bits, &sizes, MEMBERS, BIO) < 0.45);
    }

    #[test]
    fn albums_gaps_are_nested_as_in_the_dataset() {
        let mut s = Stream::new(2, Domain::World, 0);
        let mut sizes: Vec<f64> = (0..20_000).map(|_| s.geometric(7.0) as f64).collect();
        let n_none = (sizes.iter().sum::<f64>() * NO_ALBUM / (1.0 - NO_ALBUM)).round() as usize;
        sizes.extend(vec![1.0; n_none]);
        let none: Vec<bool> = (0..sizes.len()).map(|i| i >= 20_000).collect();
        let order: Vec<u32> = (0..sizes.len() as u32).collect();
        let bits = draw_albums(&mut s, &sizes, &none, &order);
        use album::*;
        for (bit, want) in [
            (TITLE, 0.009_62),
            (DATE_CREATED, 0.033_113),
            (TYPE, 0.061_065),
            (ENGINEER, 0.856_485),
            (PRODUCER, 0.830_540),
            (DATE_RELEASED, 0.340_421),
            (INFORMATION, 0.219_800),
            (COMPOSER, 0.965_564),
            (LYRICIST, 0.997_082),
            (PUBLISHER, 0.988_149),
        ] {
            assert!(
                (rate(&bits, &sizes, bit) - want).abs() < 0.002,
                "{bit}: {}",
                rate(&bits, &sizes, bit)
            );
        }
        for (a, b, want) in [
            (ENGINEER, PRODUCER, 0.768_470),
            (TYPE, DATE_CREATED, 0.725_658),
            (TITLE, DATE_CREATED, 0.532_504),
        ] {
            assert!(
                (phi(&bits, &sizes, a, b) - want).abs() < 0.005,
                "{a} {b}: {}",
                phi(&bits, &sizes, a, b)
            );
        }
    }
}
