//! What became of a recording as bytes, between two processes of one build.

use crate::audio::limits::AudioInfo;
use crate::audio::names::FORMATS;
use crate::error::Error;
use crate::frames::Features;
use crate::recipe::Recipe;
use crate::summary::columns::N_COLUMNS;

/// Features, or why there are none, as bytes. The words of an error stay; of one of the operating system nothing else does.
pub fn encode_outcome(outcome: &Result<Features, Error>) -> Vec<u8> {
    let mut out = Writer(Vec::with_capacity(8 * (N_COLUMNS + 16)));
    match outcome {
        Ok(features) => {
            out.0.push(0);
            out.text(features.recipe().version());
            put_info(&mut out, &features.info());
            out.float(features.tuning());
            features.values().iter().for_each(|v| out.float(*v));
        }
        Err(error) => put_error(&mut out, error),
    }
    out.0
}

/// The reverse of [`encode_outcome`]; `None` for bytes that are none of it.
pub fn decode_outcome(bytes: &[u8]) -> Option<Result<Features, Error>> {
    let (tag, rest) = bytes.split_first()?;
    let mut rest = Reader(rest);
    if *tag != 0 {
        return take_error(*tag, &mut rest).map(Err);
    }
    let recipe = Recipe::from_version(&rest.text()?)?;
    let info = take_info(&mut rest)?;
    let tuning = rest.float()?;
    let values: Vec<f64> = (0..N_COLUMNS).map(|_| rest.float()).collect::<Option<_>>()?;
    Some(Ok(Features::from_parts(recipe, info, tuning, values)))
}

/// What was decoded of a recording whose numbers go another way, or why there are none, as bytes; errors as in
/// [`encode_outcome`].
pub fn encode_info(outcome: &Result<AudioInfo, Error>) -> Vec<u8> {
    let mut out = Writer(Vec::new());
    match outcome {
        Ok(info) => {
            out.0.push(0);
            put_info(&mut out, info);
        }
        Err(error) => put_error(&mut out, error),
    }
    out.0
}

/// The reverse of [`encode_info`]; `None` for bytes that are none of it.
pub fn decode_info(bytes: &[u8]) -> Option<Result<AudioInfo, Error>> {
    let (tag, rest) = bytes.split_first()?;
    let mut rest = Reader(rest);
    match tag {
        0 => take_info(&mut rest).map(Ok),
        tag => take_error(*tag, &mut rest).map(Err),
    }
}

fn put_info(out: &mut Writer, info: &AudioInfo) {
    for n in [
        u64::from(info.sample_rate),
        info.n_channels as u64,
        info.n_samples,
        info.n_bad_packets,
        info.n_lost,
        info.n_trimmed,
        info.n_told.unwrap_or(u64::MAX),
    ] {
        out.number(n);
    }
}

fn take_info(rest: &mut Reader<'_>) -> Option<AudioInfo> {
    Some(AudioInfo {
        sample_rate: u32::try_from(rest.number()?).ok()?,
        n_channels: usize::try_from(rest.number()?).ok()?,
        n_samples: rest.number()?,
        n_bad_packets: rest.number()?,
        n_lost: rest.number()?,
        n_trimmed: rest.number()?,
        n_told: Some(rest.number()?).filter(|n| *n < u64::MAX),
    })
}

fn put_error(out: &mut Writer, error: &Error) {
    let mut put = |tag: u8, numbers: &[u64], floats: &[f64], texts: &[&str]| {
        out.0.push(tag);
        numbers.iter().for_each(|n| out.number(*n));
        floats.iter().for_each(|x| out.float(*x));
        texts.iter().for_each(|text| out.text(text));
    };
    match error {
        Error::File { source, .. } => put_error(out, source),
        Error::Read { source } => put(1, &[], &[], &[&source.to_string()]),
        Error::Empty => put(2, &[], &[], &[]),
        Error::TooLarge { n_bytes, limit } => put(3, &[*n_bytes, *limit], &[], &[]),
        Error::TooLong { limit_s } => put(4, &[], &[*limit_s], &[]),
        Error::TooManySamples { limit } => put(5, &[*limit], &[], &[]),
        Error::TookTooLong { limit_s } => put(6, &[], &[*limit_s], &[]),
        Error::UnknownFormat { reason } => put(7, &[], &[], &[reason]),
        Error::NoAudioTrack => put(8, &[], &[], &[]),
        Error::UnsupportedCodec { reason } => put(9, &[], &[], &[reason]),
        Error::NoAudio {
            n_bad_packets,
            reason,
        } => put(10, &[*n_bad_packets], &[], &[reason]),
        Error::TooMuchLost {
            n_lost,
            n_samples,
            n_bad_packets,
            share,
            limit,
        } => put(11, &[*n_lost, *n_samples, *n_bad_packets], &[*share, *limit], &[]),
        Error::Damaged { format, reason } => put(12, &[], &[], &[format, reason]),
        Error::DecoderPanicked { message } => put(13, &[], &[], &[message]),
        Error::NotANumber { index } => put(14, &[*index], &[], &[]),
        Error::TooShort {
            n_samples,
            sample_rate,
            needed,
        } => put(15, &[*n_samples, u64::from(*sample_rate), *needed], &[], &[]),
        Error::RateTooLow {
            sample_rate,
            needed_hz,
        } => put(16, &[u64::from(*sample_rate)], &[*needed_hz], &[]),
        Error::BadRate { sample_rate } => put(17, &[u64::from(*sample_rate)], &[], &[]),
        Error::Changed { first, second } => put(18, &[*first, *second], &[], &[]),
        Error::Panicked { message } => put(19, &[], &[], &[message]),
        other => put(19, &[], &[], &[&other.to_string()]),
    }
}

fn take_error(tag: u8, rest: &mut Reader<'_>) -> Option<Error> {
    let rate = |n: u64| u32::try_from(n).ok();
    Some(match tag {
        1 => Error::Read {
            source: std::io::Error::other(rest.text()?),
        },
        2 => Error::Empty,
        3 => Error::TooLarge {
            n_bytes: rest.number()?,
            limit: rest.number()?,
        },
        4 => Error::TooLong {
            limit_s: rest.float()?,
        },
        5 => Error::TooManySamples {
            limit: rest.number()?,
        },
        6 => Error::TookTooLong {
            limit_s: rest.float()?,
        },
        7 => Error::UnknownFormat { reason: rest.text()? },
        8 => Error::NoAudioTrack,
        9 => Error::UnsupportedCodec { reason: rest.text()? },
        10 => Error::NoAudio {
            n_bad_packets: rest.number()?,
            reason: rest.text()?,
        },
        11 => Error::TooMuchLost {
            n_lost: rest.number()?,
            n_samples: rest.number()?,
            n_bad_packets: rest.number()?,
            share: rest.float()?,
            limit: rest.float()?,
        },
        12 => {
            let format = rest.text()?;
            Error::Damaged {
                format: FORMATS.into_iter().find(|known| *known == format)?,
                reason: rest.text()?,
            }
        }
        13 => Error::DecoderPanicked {
            message: rest.text()?,
        },
        14 => Error::NotANumber {
            index: rest.number()?,
        },
        15 => Error::TooShort {
            n_samples: rest.number()?,
            sample_rate: rate(rest.number()?)?,
            needed: rest.number()?,
        },
        16 => Error::RateTooLow {
            sample_rate: rate(rest.number()?)?,
            needed_hz: rest.float()?,
        },
        17 => Error::BadRate {
            sample_rate: rate(rest.number()?)?,
        },
        18 => Error::Changed {
            first: rest.number()?,
            second: rest.number()?,
        },
        19 => Error::Panicked {
            message: rest.text()?,
        },
        _ => return None,
    })
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, n: u64) {
        self.0.extend(n.to_le_bytes());
    }

    fn float(&mut self, x: f64) {
        self.0.extend(x.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend(text.as_bytes());
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn number(&mut self) -> Option<u64> {
        let (bytes, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*bytes))
    }

    fn float(&mut self) -> Option<f64> {
        self.number().map(f64::from_bits)
    }

    fn text(&mut self) -> Option<String> {
        let n = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        String::from_utf8(bytes.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::extractor::extract::Extractor;

    #[test]
    fn features_come_back_bit_by_bit() {
        let tone: Vec<f32> = (0..22_050).map(|i| (i as f32 * 0.1).sin()).collect();
        for recipe in Recipe::ALL {
            let features = Extractor::new(recipe).extract_samples(&tone, 22_050).unwrap();
            let bytes = encode_outcome(&Ok(features.clone()));
            let back = decode_outcome(&bytes).unwrap().unwrap();
            assert_eq!(
                (back.recipe(), back.info(), back.tuning()),
                (recipe, features.info(), features.tuning())
            );
            let of_info = encode_info(&Ok(features.info()));
            assert_eq!(decode_info(&of_info).unwrap().unwrap(), features.info());
            assert!((0..of_info.len()).all(|n| decode_info(&of_info[..n]).is_none()));
            let bits = |f: &Features| f.values().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&back), bits(&features));
            for n in 0..bytes.len() {
                assert!(decode_outcome(&bytes[..n]).is_none());
            }
        }
    }

    #[test]
    fn errors_keep_their_words_and_their_kinds() {
        let errors = [
            Error::Read {
                source: std::io::Error::other("the disk is gone"),
            },
            Error::Empty,
            Error::TooLarge { n_bytes: 9, limit: 8 },
            Error::TooLong { limit_s: 1.5 },
            Error::TooManySamples { limit: 7 },
            Error::TookTooLong { limit_s: 2.5 },
            Error::UnknownFormat { reason: "é".into() },
            Error::NoAudioTrack,
            Error::UnsupportedCodec { reason: "x".into() },
            Error::NoAudio {
                n_bad_packets: 3,
                reason: String::new(),
            },
            Error::TooMuchLost {
                n_lost: 1,
                n_samples: 2,
                n_bad_packets: 3,
                share: 0.25,
                limit: 0.01,
            },
            Error::DecoderPanicked { message: "m".into() },
            Error::NotANumber { index: 4 },
            Error::TooShort {
                n_samples: 1,
                sample_rate: 2,
                needed: 3,
            },
            Error::RateTooLow {
                sample_rate: 8000,
                needed_hz: 4500.5,
            },
            Error::BadRate { sample_rate: 1 },
            Error::Changed { first: 1, second: 2 },
            Error::Panicked { message: "p".into() },
        ];
        let damaged = FORMATS.map(|format| Error::Damaged {
            format,
            reason: "cut".into(),
        });
        for error in errors.into_iter().chain(damaged) {
            let bytes = encode_outcome(&Err(error));
            let back = decode_outcome(&bytes).unwrap();
            assert_eq!(encode_outcome(&back), bytes);
            assert_eq!(encode_info(&decode_info(&bytes).unwrap()), bytes);
            let told = back.unwrap_err();
            assert!(!told.to_string().is_empty());
        }
        let in_file = Error::File {
            path: "a.mp3".into(),
            source: Box::new(Error::Empty),
        };
        assert!(matches!(
            decode_outcome(&encode_outcome(&Err(in_file))),
            Some(Err(Error::Empty))
        ));
        assert!(decode_outcome(b"").is_none() && decode_outcome(&[99]).is_none());
    }
}
