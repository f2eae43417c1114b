//! What can be trusted without listening.

use cratedigger_study::Findings;
use cratedigger_study::learning::methods::Ends;
use cratedigger_study::learning::selective::{PartFinding, Selective, SelectiveMethod, SetsFinding};
use serde_json::{Value, json};

use super::method_names::{capitalised, colour, name_of};
use crate::block::{Block, Cell, Figure, Section, Table};
use crate::format::{count, percent};

/// The section; `None` where no probabilities could be calibrated.
pub(crate) fn section(findings: &Findings) -> Option<Section> {
    let found = match &findings.selective {
        Some(found) => found,
        // What was left out is said where it would be.
        None if findings.left_out("selective") => {
            return Some(Section {
                title: TITLE,
                gist: String::new(),
                blocks: Vec::new(),
            });
        }
        None => return None,
    };
    let best = found
        .methods
        .iter()
        .reduce(|best, method| if method.augrc < best.augrc { method } else { best })?;
    let mut blocks = vec![
        Block::text(format!(
            "A guess for every track is of little use to who cannot listen to all of them. Here a method may keep silent: only tracks \
             whose calibrated probability is high enough are answered, and the curve tells what share of the answers is wrong then. The \
             test artists are in two halves, and whatever is chosen or calibrated for one half comes from the other. {}",
            surest(best)
        )),
        Block::figure(curves(found)),
        Block::Table {
            table: accuracies(found),
        },
        Block::heading("Answers that keep a promise"),
        Block::text(promise(found)),
        Block::Table {
            table: answers(found),
        },
        Block::heading("Sets that hold the genre"),
        Block::text(format!(
            "A set names every genre that the track may well be of, so that the true one is in {} of them (split conformal prediction). \
             By a promise about all tracks together rare genres may be held less often; by a promise about each genre by itself they are \
             not, and sets are larger.",
            percent(found.coverage)
        )),
        Block::Table { table: sets(found) },
        Block::Table {
            table: parts(best, &best.by_genre, "selective-genres", "genre"),
        },
    ];
    for (found, id, of) in [
        (&best.by_continent, "selective-continents", "continent"),
        (&best.by_language, "selective-languages", "language"),
        (&best.by_year, "selective-years", "years"),
        (&best.by_bit_rate, "selective-bit-rates", "bit_rate"),
    ] {
        if !found.is_empty() {
            blocks.push(Block::Table {
                table: parts(best, found, id, of),
            });
        }
    }
    Some(Section {
        title: TITLE,
        gist: gist(best),
        blocks,
    })
}

const TITLE: &str = "What can be trusted";

/// How right the surest half is, and all.
fn surest(best: &SelectiveMethod) -> String {
    let at = |coverage: f64| {
        let found = best.accuracy_at.iter().find(|at| at.coverage == coverage);
        found.map_or_else(String::new, |at| percent(at.accuracy))
    };
    format!(
        "{} is least often wrong and sure of it: right in {} of all tracks, and in {} of the half that it is surest of.",
        capitalised(&name_of(&best.name)),
        at(1.0),
        at(0.5)
    )
}

fn gist(best: &SelectiveMethod) -> String {
    match best.answers.risk {
        Some(risk) => format!(
            "{} of the tracks answered, {} of them wrong",
            percent(best.answers.coverage),
            percent(risk)
        ),
        None => "no answer keeps the promise".to_owned(),
    }
}

fn promise(found: &Selective) -> String {
    format!(
        "The least probability that is answered was chosen so that of the answers at most {} are wrong, with a confidence of {}, by a \
         bound that takes artists as independent of each other, not tracks (selection with guaranteed risk). Where too few artists \
         calibrate, or the surest are too often wrong, nothing is answered.",
        percent(found.max_risk),
        percent(found.confidence)
    )
}

/// The risk of each method by the share of tracks that it answers.
fn curves(found: &Selective) -> Figure {
    let mut data: Vec<Value> = found
        .methods
        .iter()
        .map(|method| {
            json!({
                "type": "scatter", "mode": "lines", "name": format!("{} ({:.3})", method.name, method.augrc),
                "x": method.curve.iter().map(|point| point.coverage).collect::<Vec<_>>(),
                "y": method.curve.iter().map(|point| point.risk).collect::<Vec<_>>(),
                "line": {"color": colour(&method.name), "width": 2},
                "hovertemplate": format!("{}: %{{x:.1%}} answered, %{{y:.1%}} of them wrong<extra></extra>", method.name),
            })
        })
        .collect();
    data.insert(
        0,
        json!({
            "type": "scatter", "mode": "lines", "name": format!("{} wrong", percent(found.max_risk)), "hoverinfo": "skip",
            "x": [0, 1], "y": [found.max_risk, found.max_risk], "line": {"color": "@soft", "width": 1.2, "dash": "dash"},
        }),
    );
    Figure {
        id: "fig-risk-coverage".into(),
        title: "Wrong answers by the share of tracks that is answered".into(),
        subtitle: "calibrated probabilities, surest tracks first; in brackets the area AUGRC".into(),
        caption: "The lower the better. At the right end every track is answered; tracks of equal probability are answered together."
            .into(),
        alt: "Share of wrong answers against the share of tracks that is answered, by method; the table below has the numbers.".into(),
        height: 460,
        data: Value::Array(data),
        layout: json!({
            "legend": Figure::legend_below(),
            "xaxis": {"title": {"text": "Share of tracks that is answered"}, "tickformat": ".0%", "range": [0, 1.02]},
            "yaxis": {"title": {"text": "Share of the answers that is wrong"}, "tickformat": ".0%", "automargin": true},
        }),
    }
}

fn accuracies(found: &Selective) -> Table {
    let rows = found.methods.iter().map(|method| {
        let mut row = vec![Cell::name(&method.name)];
        row.extend(method.accuracy_at.iter().map(|at| Cell::share(at.accuracy)));
        row.extend([Cell::real(method.aurc, 4), Cell::real(method.augrc, 4)]);
        row
    });
    Table::new(
        "risk-coverage",
        "Accuracy on the tracks that a method is surest of, by the share that it answers",
        &[
            ("method", "Method", false),
            ("accuracy_50", "50 %", true),
            ("accuracy_80", "80 %", true),
            ("accuracy_90", "90 %", true),
            ("accuracy_95", "95 %", true),
            ("accuracy_100", "all", true),
            ("aurc", "AURC", true),
            ("augrc", "AUGRC", true),
        ],
        rows.collect(),
        usize::MAX,
    )
}

fn answers(found: &Selective) -> Table {
    let rows = found.methods.iter().map(|method| {
        let answers = &method.answers;
        let thresholds: Vec<String> = answers
            .thresholds
            .iter()
            .map(|threshold| {
                threshold.map_or_else(|| "none".to_owned(), |threshold| format!("{threshold:.3}"))
            })
            .collect();
        vec![
            Cell::name(&method.name),
            Cell::text(thresholds.join(", ")),
            Cell::count(answers.n_answered),
            Cell::share(answers.coverage),
            answers.risk.map_or_else(Cell::missing, Cell::share),
            interval(answers.risk_interval),
        ]
    });
    Table::new(
        "selective-answers",
        format!(
            "Answers of which at most {} are to be wrong",
            percent(found.max_risk)
        ),
        &[
            ("method", "Method", false),
            ("thresholds", "Answered from, by half", false),
            ("n_answered", "Tracks answered", true),
            ("coverage", "Share", true),
            ("risk", "Wrong of these", true),
            ("risk_interval", "95 % interval", false),
        ],
        rows.collect(),
        usize::MAX,
    )
}

fn sets(found: &Selective) -> Table {
    let mut rows = Vec::new();
    for method in &found.methods {
        for (kind, sets) in [
            ("all tracks", &method.sets),
            ("each genre", &method.sets_per_class),
        ] {
            rows.push(vec![
                Cell::name(&method.name),
                Cell::text(kind),
                Cell::share(sets.coverage),
                interval(sets.coverage_interval),
                Cell::real(sets.mean_size, 2),
                Cell::count(sets.n_empty),
                Cell::count(sets.n_single),
                match sets.n_single {
                    0 => Cell::missing(),
                    n => Cell::share(sets.n_single_right as f64 / n as f64),
                },
            ]);
        }
    }
    Table::new(
        "prediction-sets",
        format!(
            "Sets that are to hold the genre of {} of the tracks",
            percent(found.coverage)
        ),
        &[
            ("method", "Method", false),
            ("promise", "Promise about", false),
            ("coverage", "Hold it", true),
            ("coverage_interval", "95 % interval", false),
            ("mean_size", "Genres in a set", true),
            ("n_empty", "Empty", true),
            ("n_single", "Of one genre", true),
            ("single_right", "Right of these", true),
        ],
        rows,
        usize::MAX,
    )
}

fn parts(method: &SelectiveMethod, parts: &[PartFinding], id: &str, of: &str) -> Table {
    let held = |sets: &SetsFinding| {
        [
            Cell::share(sets.coverage),
            interval(sets.coverage_interval),
            Cell::real(sets.mean_size, 2),
        ]
    };
    let rows = parts.iter().map(|part| {
        let mut row = vec![
            Cell::name(&part.label),
            Cell::count(part.n_tracks),
            part.n_artists.map_or_else(Cell::missing, Cell::count),
            Cell::share(part.accuracy),
            interval(part.accuracy_interval),
            Cell::share(part.answered),
            part.risk.map_or_else(Cell::missing, Cell::share),
            interval(part.risk_interval),
        ];
        row.extend(held(&part.sets));
        row.extend(held(&part.sets_per_class));
        row
    });
    let n: u64 = parts.iter().map(|part| part.n_tracks).sum();
    Table::new(
        id,
        format!(
            "{}: accuracy, answers and sets by {}, {} test tracks",
            capitalised(&name_of(&method.name)),
            of.replace('_', " "),
            count(n)
        ),
        &[
            (of, &capital(of), false),
            ("n_tracks", "Tracks", true),
            ("n_artists", "Artists", true),
            ("accuracy", "Accuracy", true),
            ("accuracy_interval", "95 % interval", false),
            ("answered", "Answered", true),
            ("risk", "Wrong of these", true),
            ("risk_interval", "95 % interval", false),
            ("coverage", "Sets that hold it", true),
            ("coverage_interval", "95 % interval", false),
            ("mean_size", "Genres in a set", true),
            ("coverage_per_class", "By genre: hold it", true),
            ("coverage_per_class_interval", "95 % interval", false),
            ("mean_size_per_class", "Genres in a set", true),
        ],
        rows.collect(),
        usize::MAX,
    )
}

fn capital(text: &str) -> String {
    text[..1].to_uppercase() + &text[1..].replace('_', " ")
}

fn interval(ends: Option<Ends>) -> Cell {
    ends.map_or_else(Cell::missing, |ends| {
        Cell::text(format!("{} to {}", percent(ends.low), percent(ends.high)))
    })
}
