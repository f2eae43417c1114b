//! Networks on frames beside the features.

use cratedigger_study::Findings;
use cratedigger_study::learning::deep::{
    Against, AutoencoderFinding, Deep, EpochFinding, NetworkFinding, OnFeatures,
};

use super::deep_pictures::{attended, curves, remade};
use super::method_names::{capitalised, name_of};
use crate::block::{Block, Cell, Section, Table};
use crate::format::{count, count_of, minus, p_value, percent};

/// The section; `None` where no frames were given.
pub(crate) fn section(findings: &Findings) -> Option<Section> {
    let found = findings.deep.as_ref()?;
    let mut blocks = vec![Block::text(format!(
        "The features sum a recording up; networks read its frames one after the other. On the {} that have frames ({}), \
         by the study's own split, both learnt from {} and were tested on {} of other artists.",
        count_of(found.n_tracks, "track"),
        match found.n_without_frames {
            0 => "all of the study".to_owned(),
            n => format!("{} more have none", count(n)),
        },
        count_of(found.n_train, "track"),
        count_of(found.n_test, "track"),
    ))];
    for network in &found.networks {
        let name = name_of(&network.name);
        blocks.push(Block::text(sentence(
            &name,
            network.accuracy,
            &network.against_features,
            &found.features,
        )));
    }
    if let Some(autoencoder) = &found.autoencoder {
        blocks.push(Block::text(of_autoencoder(autoencoder)));
    }
    for note in &found.notes {
        blocks.push(Block::Notice { text: note.clone() });
    }
    blocks.push(Block::Table {
        table: methods(found),
    });
    let figures = curves(found);
    if !figures.is_empty() {
        blocks.push(Block::heading("How they learnt"));
        blocks.push(Block::Figures { figures });
        blocks.push(Block::Table {
            table: epochs(found).folded(),
        });
    }
    for network in found
        .networks
        .iter()
        .filter(|network| !network.examples.is_empty())
    {
        blocks.push(Block::heading(format!(
            "What {} attended to",
            name_of(&network.name)
        )));
        blocks.push(Block::text(
            "Three seconds from the middle of test tracks that it got right. The gradient says where a little more loudness would have \
             made it surer (or less sure) of the genre; occlusion takes patches away and says what of the probability goes with them."
                .to_owned(),
        ));
        for figures in attended(network) {
            blocks.push(Block::Figures { figures });
        }
    }
    if let Some(autoencoder) = found.autoencoder.as_ref().filter(|one| !one.examples.is_empty()) {
        blocks.push(Block::heading("What the autoencoder kept"));
        blocks.push(Block::Figures {
            figures: remade(autoencoder),
        });
    }
    Some(Section {
        title: "Networks that hear time",
        gist: gist(found),
        blocks,
    })
}

/// By how much and how surely one is above or below another.
fn verdict(against: &Against) -> &'static str {
    let clear = |side: fn(f64, f64) -> bool| {
        against.p < 0.05 && against.interval.is_some_and(|ends| side(ends.low, ends.high))
    };
    if clear(|low, _| low > 0.0) {
        "better by more than chance"
    } else if clear(|_, high| high < 0.0) {
        "worse by more than chance"
    } else {
        "no different by more than chance"
    }
}

fn points(against: &Against) -> String {
    let signed = |value: f64| minus(&format!("{:+.1}", 100.0 * value));
    let ends = against.interval.map_or_else(
        || "too few artists for an interval".to_owned(),
        |ends| format!("interval {} to {}", signed(ends.low), signed(ends.high)),
    );
    format!(
        "{} points, {ends}, p = {}",
        signed(against.difference),
        p_value(against.p.log10())
    )
}

fn sentence(name: &str, accuracy: f64, against: &Against, features: &OnFeatures) -> String {
    format!(
        "{}: {} correct, against {} of {} on the {} of the same tracks: {} ({}).",
        capitalised(name),
        percent(accuracy),
        percent(features.accuracy),
        name_of(&features.method),
        count_of(features.n_features, "feature"),
        verdict(against),
        points(against)
    )
}

fn of_autoencoder(found: &AutoencoderFinding) -> String {
    format!(
        "An autoencoder was trained on the training tracks without their genres. {} on the {} of its code: {} correct, against {} on the \
         features: {} ({}).",
        capitalised(&name_of(&found.method)),
        count_of(found.n_columns, "number"),
        percent(found.accuracy),
        percent(found.features_accuracy),
        verdict(&found.against_features),
        points(&found.against_features)
    )
}

fn gist(found: &Deep) -> String {
    let better = |network: &&NetworkFinding| verdict(&network.against_features).starts_with("better");
    match found.networks.iter().find(better) {
        Some(network) => format!("{} is better than the features", network.name),
        None => "no network is clearly better than the features".to_owned(),
    }
}

fn methods(found: &Deep) -> Table {
    let against = |against: Option<&Against>| {
        let ends = against.and_then(|against| against.interval);
        [
            against.map_or_else(Cell::missing, |against| Cell::real(100.0 * against.difference, 1)),
            ends.map_or_else(Cell::missing, |ends| {
                Cell::text(minus(&format!(
                    "{:+.1} to {:+.1}",
                    100.0 * ends.low,
                    100.0 * ends.high
                )))
            }),
            against.map_or_else(Cell::missing, |against| Cell {
                shown: p_value(against.p.log10()),
                ..Cell::real(against.p, 3)
            }),
        ]
    };
    let mut rows = vec![row(
        "features",
        &found.features.method,
        found.features.accuracy,
        against(None),
        None,
    )];
    for network in &found.networks {
        let seconds = Some(network.fit_seconds);
        let against = against(Some(&network.against_features));
        rows.push(row("frames", &network.name, network.accuracy, against, seconds));
    }
    if let Some(autoencoder) = &found.autoencoder {
        let against = against(Some(&autoencoder.against_features));
        let name = format!("{} on the features", autoencoder.method);
        rows.push(row(
            "autoencoder's code",
            &autoencoder.method,
            autoencoder.accuracy,
            against,
            Some(autoencoder.fit_seconds),
        ));
        let features = autoencoder.features_accuracy;
        rows.push(row(
            "features, for the code",
            &name,
            features,
            [Cell::missing(), Cell::missing(), Cell::missing()],
            None,
        ));
    }
    Table::new(
        "deep-methods",
        "Accuracy on the same test tracks; differences from the features, in points",
        &[
            ("reads", "Reads", false),
            ("method", "Method", false),
            ("accuracy", "Accuracy", true),
            ("difference", "Difference", true),
            ("interval", "95 % interval", false),
            ("p", "p", true),
            ("fit_seconds", "Training of the network (s)", true),
        ],
        rows,
        usize::MAX,
    )
}

fn row(reads: &str, method: &str, accuracy: f64, against: [Cell; 3], seconds: Option<f64>) -> Vec<Cell> {
    let mut row = vec![Cell::text(reads), Cell::text(method), Cell::bar(accuracy)];
    row.extend(against);
    row.push(seconds.map_or_else(Cell::missing, |seconds| Cell::real(seconds, 1)));
    row
}

fn epochs(found: &Deep) -> Table {
    let real = |value: Option<f64>| value.map_or_else(Cell::missing, |value| Cell::real(value, 4));
    let of = |name: &str, curve: &[EpochFinding]| {
        let row = |epoch: &EpochFinding| {
            vec![
                Cell::text(name),
                Cell::count(epoch.epoch),
                Cell::real(epoch.train_loss, 4),
                real(epoch.validation_loss),
                epoch.validation_accuracy.map_or_else(Cell::missing, Cell::share),
                Cell::real(epoch.epoch_seconds, 2),
            ]
        };
        curve.iter().map(row).collect::<Vec<_>>()
    };
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for network in &found.networks {
        rows.extend(of(&network.name, &network.curve));
    }
    if let Some(autoencoder) = &found.autoencoder {
        rows.extend(of("autoencoder", &autoencoder.curve));
    }
    Table::new(
        "deep-epochs",
        "What each epoch brought",
        &[
            ("network", "Network", false),
            ("epoch", "Epoch", true),
            ("train_loss", "Loss in training", true),
            ("validation_loss", "Loss on artists held out", true),
            ("validation_accuracy", "Accuracy on them", true),
            ("epoch_seconds", "Seconds", true),
        ],
        rows,
        usize::MAX,
    )
}

#[cfg(test)]
mod tests {
    use cratedigger_study::learning::methods::Ends;

    use super::*;

    #[test]
    fn a_difference_is_clear_only_where_test_and_interval_say_so() {
        let against = |difference: f64, low: f64, high: f64, p: f64| Against {
            difference,
            interval: Some(Ends { low, high }),
            p,
        };
        assert!(verdict(&against(0.1, 0.02, 0.18, 0.01)).starts_with("better"));
        assert!(verdict(&against(-0.1, -0.18, -0.02, 0.01)).starts_with("worse"));
        assert!(verdict(&against(0.1, -0.02, 0.22, 0.01)).starts_with("no different"));
        assert!(verdict(&against(0.1, 0.02, 0.18, 0.2)).starts_with("no different"));
        let few = Against {
            interval: None,
            ..against(0.5, 0.0, 0.0, 0.01)
        };
        assert!(verdict(&few).starts_with("no different"));
        assert!(points(&few).contains("+50.0 points, too few artists"));
    }
}
