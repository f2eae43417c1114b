//! What each source of information adds to the features of the sound.

use cratedigger_study::Findings;
use cratedigger_study::learning::methods::Ends;
use cratedigger_study::learning::sources::{Difference, Gain, SourceFinding, Sources};

use super::method_names::name_of;
use crate::block::{Block, Cell, Section, Table};
use crate::format::{count, count_of, minus, p_value, percent};

/// The section; `None` where no inputs were asked for.
pub(crate) fn section(findings: &Findings) -> Option<Section> {
    let found = findings.sources.as_ref()?;
    let known: Vec<String> = found
        .known
        .iter()
        .map(|known| {
            format!(
                "{} of {} of {}",
                known.family,
                count(known.n_tracks),
                count_of(found.n_tracks, "track")
            )
        })
        .collect();
    let mut blocks = vec![Block::text(format!(
        "{} was fitted to the features of the sound alone, with each further source beside them, and with all, on the same {} and {}. \
         Known are {}; what is not known of a track is missing, not left out. Places, languages and other categories become the \
         shares of the genres among the training tracks of the category, drawn towards those of all tracks; no track takes part in \
         its own number, nor does another of its artist.",
        capital(&name_of(&found.method)),
        count_of(found.n_tracks, "track"),
        count_of(found.n_folds, "fold"),
        known.join(", "),
    ))];
    for embedding in &found.embeddings {
        blocks.push(Block::text(format!(
            "{}: {} of a network that was trained on {}; licence {}, blake3 {}.",
            embedding.name,
            count_of(embedding.n_columns, "number"),
            embedding.pretrained_on.join(", "),
            embedding.licence,
            embedding.hash
        )));
        if let Some(caution) = &embedding.caution {
            blocks.push(Block::Caveat {
                text: format!("Beware: {caution}."),
            });
        }
    }
    for set in &found.sets {
        if let Some(gain) = &set.gain {
            blocks.push(Block::text(sentence(set, gain)));
        }
    }
    blocks.push(Block::Table { table: table(found) });
    Some(Section {
        title: "What each source adds",
        gist: gist(found),
        blocks,
    })
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What stands beside the features in a set, or in their place.
fn added(set: &SourceFinding) -> String {
    let (features, names): (Vec<&str>, Vec<&str>) = set
        .families
        .iter()
        .map(String::as_str)
        .partition(|name| *name == "features");
    let names = match names.split_last() {
        Some((last, rest @ [_, ..])) => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    };
    match features.is_empty() {
        true => format!("{names} alone"),
        false => names,
    }
}

fn sentence(set: &SourceFinding, gain: &Gain) -> String {
    let moved = minus(&format!("{:+.1}", 100.0 * gain.accuracy));
    let (added, p) = (added(set), p_value(gain.p_holm.log10()));
    let ends = gain
        .accuracy_interval
        .map_or_else(String::new, |ends| format!(", {}", points(ends)));
    match gain.verdict.as_str() {
        "adds" => format!("{added}: better by more than chance, {moved} points of accuracy{ends} (p = {p})."),
        "lowers" => {
            format!("{added}: worse by more than chance, {moved} points of accuracy{ends} (p = {p}).")
        }
        _ if !set.families.iter().any(|name| name == "features") => {
            format!(
                "{added}: no better or worse than the features by more than chance, {moved} points of accuracy{ends} (p = {p})."
            )
        }
        _ => format!(
            "{added}: adds nothing that can be told from chance, {moved} points of accuracy{ends} (p = {p})."
        ),
    }
}

fn points(ends: Ends) -> String {
    minus(&format!(
        "interval {:+.1} to {:+.1}",
        100.0 * ends.low,
        100.0 * ends.high
    ))
}

fn gist(found: &Sources) -> String {
    let helpful: Vec<String> = found
        .sets
        .iter()
        .filter(|set| set.gain.as_ref().is_some_and(|gain| gain.verdict == "adds"))
        .map(added)
        .collect();
    match helpful.is_empty() {
        true => "nothing adds to the sound".to_owned(),
        false => format!("better with {}", helpful.join("; ")),
    }
}

fn table(found: &Sources) -> Table {
    let signed = |value: f64| Cell::real(100.0 * value, 1);
    let difference = |found: Option<&Difference>, scale: f64, decimals: usize| match found {
        None => [Cell::missing(), Cell::missing()],
        Some(found) => [
            Cell::real(scale * found.difference, decimals),
            Cell::text(minus(&format!(
                "{:+.decimals$} to {:+.decimals$}",
                scale * found.interval.low,
                scale * found.interval.high
            ))),
        ],
    };
    let rows = found.sets.iter().map(|set| {
        let gain = set.gain.as_ref();
        let mut row = vec![
            Cell::text(set.families.join(" + ")),
            Cell::count(set.n_features),
            Cell::share(set.accuracy),
            Cell::share(set.balanced_accuracy),
            set.log_loss
                .map_or_else(Cell::missing, |loss| Cell::real(loss, 3)),
            gain.map_or_else(Cell::missing, |gain| signed(gain.accuracy)),
            gain.and_then(|gain| gain.accuracy_interval)
                .map_or_else(Cell::missing, |ends| {
                    Cell::text(minus(&format!(
                        "{:+.1} to {:+.1}",
                        100.0 * ends.low,
                        100.0 * ends.high
                    )))
                }),
            gain.map_or_else(Cell::missing, |gain| Cell {
                shown: p_value(gain.p_holm.log10()),
                ..Cell::real(gain.p_holm, 3)
            }),
        ];
        row.extend(difference(gain.map(|gain| &gain.balanced_accuracy), 100.0, 1));
        row.extend(difference(gain.and_then(|gain| gain.log_loss.as_ref()), 1.0, 3));
        row
    });
    Table::new(
        "sources",
        format!(
            "Scores by source of information; differences from the features alone ({} correct), in points",
            percent(found.sets[0].accuracy)
        ),
        &[
            ("sources", "Sources", false),
            ("n_features", "Columns", true),
            ("accuracy", "Accuracy", true),
            ("balanced_accuracy", "Balanced accuracy", true),
            ("log_loss", "Log loss", true),
            ("accuracy_gain", "Accuracy gained", true),
            ("accuracy_interval", "Interval (all sets together)", false),
            ("p_holm", "p (Holm)", true),
            ("balanced_gain", "Balanced accuracy gained", true),
            ("balanced_interval", "95 % interval", false),
            ("log_loss_change", "Log loss changed", true),
            ("log_loss_interval", "95 % interval", false),
        ],
        rows.collect(),
        usize::MAX,
    )
}
