//! Which changes there are, how strong, and what they are called.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use crate::error::{Error, Result};

/// A way to change a recording that leaves its genre as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Nothing: decoded, written and analysed again. What changes here changes by the way of the others.
    None,
    /// Louder or softer, in dB. What leaves full scale is clipped, as it would be in a file.
    Gain,
    /// Darker (above 0) or brighter (below 0): bass below 250 Hz raised and treble above 4 kHz lowered by as many dB, by shelving filters
    /// (R. Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter coefficients", shelves of slope 1).
    Eq,
    /// Nothing above this many Hz: a windowed sinc of 255 taps (Kaiser's window, beta 8.6; scipy: `firwin`).
    Lowpass,
    /// White Gaussian noise, this many dB below the mean power of the recording.
    Noise,
    /// Down to this rate in Hz and up again.
    Resample,
    /// This share of the recording, from its middle.
    Excerpt,
    /// Coded and decoded as Opus at this many kbit/s (of one channel).
    Codec,
}

impl ChangeKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::None,
        Self::Gain,
        Self::Eq,
        Self::Lowpass,
        Self::Noise,
        Self::Resample,
        Self::Excerpt,
        Self::Codec,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gain => "gain",
            Self::Eq => "eq",
            Self::Lowpass => "lowpass",
            Self::Noise => "noise",
            Self::Resample => "resample",
            Self::Excerpt => "excerpt",
            Self::Codec => "codec",
        }
    }

    /// What strengths are counted in; empty for shares.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Gain | Self::Eq | Self::Noise => "dB",
            Self::Lowpass | Self::Resample => "Hz",
            Self::Codec => "kbit/s",
            Self::None | Self::Excerpt => "",
        }
    }

    /// The strengths that are tried where none is named, the weaker first.
    pub fn strengths(self) -> &'static [f64] {
        match self {
            Self::None => &[0.0],
            Self::Gain => &[-6.0, -12.0],
            Self::Eq => &[6.0, -6.0],
            Self::Lowpass => &[8000.0, 4000.0],
            Self::Noise => &[40.0, 20.0],
            Self::Resample => &[22_050.0, 11_025.0],
            Self::Excerpt => &[0.5, 0.25],
            Self::Codec => &[48.0, 16.0],
        }
    }

    /// The strengths that can be asked for.
    pub fn range(self) -> RangeInclusive<f64> {
        match self {
            Self::None => 0.0..=0.0,
            Self::Gain | Self::Eq => -60.0..=60.0,
            Self::Lowpass | Self::Resample => 1000.0..=768_000.0,
            Self::Noise => -20.0..=120.0,
            Self::Excerpt => 0.001..=1.0,
            Self::Codec => 6.0..=510.0,
        }
    }
}

impl FromStr for ChangeKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == text.trim());
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            bad(text, &format!("there are {names}"))
        })
    }
}

/// A change of some strength.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    pub(super) kind: ChangeKind,
    pub(super) strength: f64,
    pub(super) seed: u64,
}

impl Change {
    /// A change; the seed draws noise, which is another for every recording and the same for the same one.
    ///
    /// # Errors
    /// [`Error::BadChange`] for a strength outside of [`ChangeKind::range`], and for a rate that is no whole number.
    pub fn new(kind: ChangeKind, strength: f64, seed: u64) -> Result<Self> {
        let range = kind.range();
        if !range.contains(&strength) {
            let unit = kind.unit();
            return Err(bad(
                &format!("{}:{strength}", kind.name()),
                &format!("it can be from {} to {} {unit}", range.start(), range.end()),
            ));
        }
        if kind == ChangeKind::Resample && strength.fract() != 0.0 {
            return Err(bad(
                &format!("{}:{strength}", kind.name()),
                "a rate is a whole number of Hz",
            ));
        }
        Ok(Self { kind, strength, seed })
    }

    /// What is done.
    pub fn kind(&self) -> ChangeKind {
        self.kind
    }

    /// How much, in [`ChangeKind::unit`].
    pub fn strength(&self) -> f64 {
        self.strength
    }

    /// For people: `lowpass 4000 Hz`.
    pub fn in_words(&self) -> String {
        let name = self.kind.name();
        match (self.kind, self.kind.unit()) {
            (ChangeKind::None, _) => name.to_owned(),
            (_, "") => format!("{name} {}", self.strength),
            (_, unit) => format!("{name} {} {unit}", self.strength),
        }
    }
}

/// `lowpass:4000:7`: kind, strength and seed, from which it is read again bit by bit.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.kind.name(), self.strength, self.seed)
    }
}

impl FromStr for Change {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut parts = text.split(':');
        let (Some(kind), Some(strength), Some(seed), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(bad(text, "it is KIND:STRENGTH:SEED"));
        };
        let strength = strength
            .parse()
            .map_err(|_| bad(text, "the strength is no number"))?;
        let seed = seed
            .parse()
            .map_err(|_| bad(text, "the seed is no whole number"))?;
        Self::new(kind.parse()?, strength, seed)
    }
}

fn bad(text: &str, reason: &str) -> Error {
    Error::BadChange {
        text: text.to_owned(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn changes_come_back_from_their_texts() {
        for kind in ChangeKind::ALL {
            assert_eq!(kind.name().parse::<ChangeKind>().unwrap(), kind);
            for &strength in kind.strengths() {
                let change = Change::new(kind, strength, 77).unwrap();
                assert_eq!(change.to_string().parse::<Change>().unwrap(), change);
            }
        }
        let odd = Change::new(ChangeKind::Noise, 0.1 + 0.2, u64::MAX).unwrap();
        assert_eq!(odd.to_string().parse::<Change>().unwrap(), odd);
        assert_eq!(
            Change::new(ChangeKind::Lowpass, 4000.0, 0).unwrap().in_words(),
            "lowpass 4000 Hz"
        );
        for text in [
            "",
            "gain",
            "gain:1",
            "gain:x:0",
            "gain:1:-1",
            "gain:61:0",
            "gain:NaN:0",
            "loud:1:0",
            "resample:11025.5:0",
            "excerpt:0:0",
            "excerpt:1.01:0",
            "codec:5:0",
            "gain:1:0:0",
        ] {
            assert!(text.parse::<Change>().is_err(), "{text}");
        }
    }
}
