//! The styles of music that clips are made of, each named after a root genre of the dataset.

mod classical;
mod electronic;
mod experimental;
mod folk;
mod hip_hop;
mod jazz;
mod order;
mod rock;
mod spoken;

use serde::{Deserialize, Serialize};

use super::canvas::Canvas;
use crate::archive::genres::{ROOTS, root_title};
use crate::stream::Stream;

/// A style of synthetic music.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Style {
    /// Four on the floor: drum machine, sequenced bass, pads that duck under the bass drum.
    Electronic,
    /// Distorted guitars left and right, bass and a drum kit.
    Rock,
    /// One plucked guitar, at times a second one or a voice that hums.
    Folk,
    /// Drones and collages of noise, without a beat.
    Experimental,
    /// Somebody talks, at times over soft music.
    Spoken,
    /// A piano on its own.
    Classical,
    /// Breakbeats, sub bass, a looped sample, rap.
    HipHop,
    /// Walking bass, ride cymbal, an electric piano and a horn.
    Jazz,
    /// Patterns of a few notes, each higher than the one before.
    Rising,
    /// The same patterns from the highest note to the lowest.
    Falling,
}

impl Style {
    /// The styles of music, in the order in which clips take turns.
    pub const ALL: [Style; 8] = [
        Style::Electronic,
        Style::Rock,
        Style::Folk,
        Style::Experimental,
        Style::Spoken,
        Style::Classical,
        Style::HipHop,
        Style::Jazz,
    ];

    /// The pair that only the order of events tells apart.
    pub const ORDER: [Style; 2] = [Style::Rising, Style::Falling];

    /// The title of the root genre that it stands for, as in `track.genre_top`.
    pub fn genre_top(self) -> &'static str {
        root_title(self.root())
    }

    /// Position in [`ROOTS`].
    pub(crate) fn root(self) -> usize {
        let id = match self {
            Style::Electronic => 15,
            Style::Rock => 12,
            Style::Folk => 17,
            Style::Experimental => 38,
            Style::Spoken => 20,
            Style::Classical => 5,
            Style::HipHop => 21,
            Style::Jazz => 4,
            Style::Rising => 1235,
            Style::Falling => 13,
        };
        ROOTS.iter().position(|r| r.id == id).unwrap_or(0)
    }

    /// How often the style is drawn where the archive's own proportions are asked for.
    pub(crate) fn weight(self) -> f64 {
        ROOTS[self.root()].n_top
    }
}

/// What an artist has, whatever the piece: instruments, tempo, manner.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Band {
    Electronic(electronic::Band),
    Rock(rock::Band),
    Folk(folk::Band),
    Experimental(experimental::Band),
    Spoken(spoken::Band),
    Classical(classical::Band),
    HipHop(hip_hop::Band),
    Jazz(jazz::Band),
    Order(order::Band),
}

impl Band {
    /// Somebody who plays `style`.
    pub(super) fn draw(style: Style, s: &mut Stream) -> Self {
        match style {
            Style::Electronic => Self::Electronic(electronic::Band::draw(s)),
            Style::Rock => Self::Rock(rock::Band::draw(s)),
            Style::Folk => Self::Folk(folk::Band::draw(s)),
            Style::Experimental => Self::Experimental(experimental::Band::draw(s)),
            Style::Spoken => Self::Spoken(spoken::Band::draw(s)),
            Style::Classical => Self::Classical(classical::Band::draw(s)),
            Style::HipHop => Self::HipHop(hip_hop::Band::draw(s)),
            Style::Jazz => Self::Jazz(jazz::Band::draw(s)),
            Style::Rising => Self::Order(order::Band::draw(s, true)),
            Style::Falling => Self::Order(order::Band::draw(s, false)),
        }
    }

    /// Plays `n` frames of a piece.
    pub(super) fn play(&self, s: &mut Stream, n: usize, rate: f64) -> Canvas {
        match self {
            Self::Electronic(band) => band.play(s, n, rate),
            Self::Rock(band) => band.play(s, n, rate),
            Self::Folk(band) => band.play(s, n, rate),
            Self::Experimental(band) => band.play(s, n, rate),
            Self::Spoken(band) => band.play(s, n, rate),
            Self::Classical(band) => band.play(s, n, rate),
            Self::HipHop(band) => band.play(s, n, rate),
            Self::Jazz(band) => band.play(s, n, rate),
            Self::Order(band) => band.play(s, n, rate),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_stand_for_different_roots() {
        let titles: Vec<&str> = Style::ALL.iter().map(|s| s.genre_top()).collect();
        assert_eq!(
            titles,
            [
                "Electronic",
                "Rock",
                "Folk",
                "Experimental",
                "Spoken",
                "Classical",
                "Hip-Hop",
                "Jazz"
            ]
        );
        let pair = Style::ORDER.map(|s| s.genre_top());
        assert_eq!(pair, ["Instrumental", "Easy Listening"]);
        assert!(pair.iter().all(|title| !titles.contains(title)));
    }
}
