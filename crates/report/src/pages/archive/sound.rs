//! What of the sound was lost before features were computed: a part of the section on gaps.

use cratedigger_study::archive::sound::Sound;

use crate::block::{Block, Cell, Table};
use crate::format::{count, count_of, percent, seconds};

pub(crate) fn losses(sound: &Sound, blocks: &mut Vec<Block>) {
    let losses = &sound.losses;
    blocks.push(Block::heading("What of the sound was lost"));
    let whole = count_of(losses.n_recordings, "recording");
    blocks.push(Block::text(match losses.n_with_loss {
        0 => format!("Of the {whole} that gave features no sound is known to be lost."),
        n => format!(
            "Of the {whole} that gave features {} lost some of {} sound: {} in all ({}); {}. Their features are those of \
             what could be played.",
            count(n),
            if n == 1 { "its" } else { "their" },
            seconds(losses.lost_s),
            percent(sound.lost_share()),
            match losses.n_bad_packets {
                1 => "1 packet was damaged".to_owned(),
                n => format!("{} packets were damaged", count(n)),
            }
        ),
    }));
    if losses.n_failed > 0 {
        blocks.push(Block::caveat(format!(
            "{} no features, {} of them because more than the limit (--max-lost) of the sound was lost; the table of failures beside \
             the features names them.",
            match losses.n_failed {
                1 => "1 input gave".to_owned(),
                n => format!("{} inputs gave", count(n)),
            },
            count(losses.n_failed_by_loss)
        )));
    }
    if !sound.is_of_all_rows() {
        blocks.push(Block::caveat(format!(
            "The table of features has {}: some of them are not of the extraction that this was told by.",
            count_of(sound.n_rows, "row")
        )));
    }
    if losses.most.is_empty() {
        return;
    }
    let rows = losses.most.iter().map(|loss| {
        vec![
            Cell::text(&loss.id),
            Cell::real(loss.sound_s, 2),
            Cell::real(loss.lost_s, 2),
            Cell::bar(loss.lost_share),
            Cell::count(loss.n_bad_packets),
        ]
    });
    let named = losses.most.len() as u64;
    blocks.push(Block::Table {
        table: Table::new(
            "sound-lost",
            match named == losses.n_with_loss {
                true => "Recordings that lost some of their sound".to_owned(),
                false => format!("The {named} recordings that lost the greatest share of their sound"),
            },
            &[
                ("id", "Recording", false),
                ("sound_s", "Played (s)", true),
                ("lost_s", "Lost (s)", true),
                ("lost_share", "Share", true),
                ("n_bad_packets", "Damaged packets", true),
            ],
            rows.collect(),
            usize::MAX,
        ),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use cratedigger_study::archive::sound::{Losses, RecordingLoss};

    fn page(sound: &Sound) -> String {
        let mut blocks = Vec::new();
        losses(sound, &mut blocks);
        format!("{blocks:?}")
    }

    #[test]
    fn what_was_lost_and_what_failed_is_said() {
        let mut sound = Sound {
            n_rows: 9,
            losses: Losses {
                n_recordings: 9,
                sound_s: 297.0,
                ..Losses::default()
            },
        };
        let whole = page(&sound);
        assert!(whole.contains("no sound is known to be lost"), "{whole}");
        assert!(
            !whole.contains("sound-lost") && !whole.contains("--max-lost"),
            "{whole}"
        );
        sound.n_rows = 10;
        sound.losses = Losses {
            n_with_loss: 1,
            lost_s: 3.0,
            n_bad_packets: 2,
            most: vec![RecordingLoss {
                id: "17".to_owned(),
                sound_s: 27.0,
                lost_s: 3.0,
                lost_share: 0.1,
                n_bad_packets: 2,
            }],
            n_failed: 4,
            n_failed_by_loss: 3,
            ..sound.losses
        };
        let lost = page(&sound);
        for part in [
            "1 lost some of its sound: 3.0 s in all (1.0",
            "2 packets were damaged",
            "4 inputs gave no features, 3 of them because more than the limit (--max-lost)",
            "has 10 rows",
            "sound-lost",
        ] {
            assert!(lost.contains(part), "{part}: {lost}");
        }
    }
}
