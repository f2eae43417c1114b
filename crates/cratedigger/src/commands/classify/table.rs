//! Genres for people: a line for each recording, and what was asked for below it.

use std::borrow::Cow;
use std::fmt::Write;
use std::fs::File;
use std::io::IsTerminal;
use std::process::{Command, Stdio};

use cratedigger_collection::classify::{Explained, Said};
use cratedigger_features::Family;
use cratedigger_files::printable;

use super::output::Answer;

/// Characters of a bar.
const BAR: usize = 20;

/// What is shown where no genre is named.
const NONE: &str = "-";

/// What is shown of a recording that is unlike everything learnt.
const UNKNOWN: &str = "unknown";

/// The longest name of a recording that gets a column of its own width.
const LONGEST_ID: usize = 60;

/// Characters of a line from which on there is place for bars.
const LEAST_FOR_BARS: usize = 64;

/// Effects below this are told together.
const SMALL: f64 = 0.0005;

/// Width of a terminal that does not tell its own.
const USUAL_WIDTH: usize = 80;

/// How a table looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// Genres for each recording.
    pub(super) top: usize,
    /// Whether bars are drawn.
    pub(super) bars: bool,
    /// Whether lines are coloured.
    pub(super) colour: bool,
    /// Characters of a line, where it has an end.
    pub(super) width: Option<usize>,
}

impl Look {
    /// Bars, colours and lines that fit on a terminal, words alone elsewhere. `NO_COLOR`, `TERM=dumb` and `COLUMNS` are
    /// respected.
    pub(super) fn new(to_terminal: bool, top: usize) -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            top,
            bars: to_terminal,
            colour: to_terminal && !dumb && !is_set("NO_COLOR"),
            width: to_terminal.then(terminal_width),
        }
    }

    fn paint(self, code: &str, text: &str) -> String {
        match self.colour {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }
}

/// `COLUMNS` where it is set, else what the terminal says.
fn terminal_width() -> usize {
    let columns = || std::env::var("COLUMNS").ok()?.trim().parse().ok();
    let asked = || -> Option<usize> {
        // The standard library does not know; `stty` is where terminals are.
        let terminal = match std::io::stdin().is_terminal() {
            true => Stdio::inherit(),
            false => File::open("/dev/tty").ok()?.into(),
        };
        let out = Command::new("stty").arg("size").stdin(terminal).output().ok()?;
        let text = String::from_utf8(out.stdout).ok()?;
        text.split_whitespace().nth(1)?.parse().ok()
    };
    columns()
        .or_else(asked)
        .filter(|&width| width > 0)
        .unwrap_or(USUAL_WIDTH)
}

impl Answer {
    /// Has control characters in names, labels and tags shown instead of sent.
    pub(super) fn make_printable(&mut self) {
        let show = |text: &mut String| {
            if let Cow::Owned(shown) = printable(text) {
                *text = shown;
            }
        };
        self.ids.iter_mut().chain(&mut self.labels).for_each(show);
        let styles = self.styles.iter_mut().flat_map(|styles| &mut styles.names);
        styles.for_each(show);
        for near in self.neighbours.iter_mut().flatten().flatten() {
            let track = &mut near.track;
            show(&mut track.id);
            let others = [&mut track.title, &mut track.artist, &mut track.genre];
            others.into_iter().flatten().for_each(show);
        }
        let tags = self.tags.iter_mut().flatten();
        tags.filter_map(|tag| tag.before.as_mut()).for_each(show);
    }

    /// Lines for people.
    pub(super) fn table(&self, look: &Look) -> String {
        let longest = |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap_or(0);
        let genre_width =
            longest(&mut self.labels.iter().map(|label| label.chars().count())).max(match self.novelty {
                Some(_) => UNKNOWN.len(),
                None => 5,
            });
        let bars =
            look.bars && self.are_probabilities && look.width.is_none_or(|width| width >= LEAST_FOR_BARS);
        // id, genre, score and bar with two spaces between them; the id gives way first.
        let others = 2 + genre_width + 2 + 11 + if bars { 2 + BAR } else { 0 };
        let most = look.width.map_or(LONGEST_ID, |width| {
            width.saturating_sub(others).clamp(8, LONGEST_ID)
        });
        let id_width = longest(&mut self.ids.iter().map(|id| id.chars().count())).clamp(2, most);
        let score = self.score_name();
        let mut text = format!("{:<id_width$}  {:<genre_width$}  {score}\n", "id", "genre");
        for row in 0..self.ids.len() {
            let id = match look.width {
                Some(_) => shorten(&self.ids[row], id_width),
                None => self.ids[row].clone(),
            };
            self.line(&mut text, row, &id, [id_width, genre_width], bars, look);
            self.below(&mut text, row, bars, look);
        }
        if let Some(threshold) = self.threshold.filter(|&t| bars && t > 0.0) {
            let _ = writeln!(text, "┊ below {threshold:.2} no genre is named");
        }
        text
    }

    fn line(
        &self,
        text: &mut String,
        row: usize,
        id: &str,
        [id_width, genre_width]: [usize; 2],
        bars: bool,
        look: &Look,
    ) {
        let best = self.row(row)[self.classes[row]];
        let named = self.said[row].genre().is_some();
        let genre = format!(
            "{:<genre_width$}",
            match self.said[row] {
                Said::Unknown => UNKNOWN,
                _ => self.genre(row).unwrap_or(NONE),
            }
        );
        let genre = look.paint(if named { "1" } else { "2" }, &genre);
        let _ = write!(text, "{id:<id_width$}  {genre}  {best:>11.4}");
        let mut n_chars = id.chars().count().max(id_width) + 2 + genre_width + 2 + 11;
        if bars {
            let bar = bar(best, self.threshold);
            let _ = write!(text, "  {}", look.paint(if named { "36" } else { "33" }, &bar));
            n_chars += 2 + BAR;
        }
        let mut others: Vec<String> = self
            .ranked(row)
            .into_iter()
            .take(look.top)
            .skip(usize::from(named))
            .map(|(label, score)| format!("{label} {score:.2}"))
            .collect();
        if self.said[row] == Said::Unknown {
            if let Some(first) = others.first_mut() {
                *first = format!("unlike all that was learnt; likeliest: {first}");
            }
        } else if let (false, Some(threshold), Some(first)) = (named, self.threshold, others.first_mut()) {
            // Where bars are drawn, the last line tells the threshold.
            *first = match bars {
                true => format!("unsure: {first}"),
                false => format!("not sure (below {threshold:.2}): {first}"),
            };
        }
        // As many as the line can take.
        for (at, other) in others.iter().enumerate() {
            let between = if at == 0 { "  " } else { ", " };
            n_chars += between.len() + other.chars().count();
            if look.width.is_some_and(|width| n_chars > width) {
                break;
            }
            let _ = write!(text, "{between}{other}");
        }
        text.push('\n');
    }

    /// What was asked for besides, indented.
    fn below(&self, text: &mut String, row: usize, bars: bool, look: &Look) {
        let label = self.labels[self.classes[row]].as_str();
        if let Some(sets) = &self.sets {
            set(text, &self.names(&sets.plain[row]), sets.coverage, look);
        }
        if let Some(all) = &self.styles {
            styles(text, &all.paths(row), look);
        }
        match &self.effects {
            Explained::NotAsked => {}
            Explained::Impossible => {
                text.push_str(
                    "    the model does not know what is typical, so nothing speaks for or against\n",
                );
            }
            Explained::Effects(rows) => effects(text, label, &rows[row], bars, look),
        }
        for (at, near) in self.neighbours.iter().flat_map(|rows| &rows[row]).enumerate() {
            let track = &near.track;
            let mut name = match (&track.title, &track.artist) {
                (Some(title), Some(artist)) => format!("{title}, by {artist}"),
                (Some(name), None) | (None, Some(name)) => name.clone(),
                (None, None) => String::new(),
            };
            match &track.genre {
                Some(genre) if name.is_empty() => name = genre.clone(),
                Some(genre) => name = format!("{name} ({genre})"),
                None => {}
            }
            let head = if at == 0 { "near" } else { "" };
            let mut line = format!("    {head:<7}  {:>5.2}  {}", near.distance, track.id);
            if !name.is_empty() {
                line = format!("{line}  {name}");
            }
            // Unlike a path, a title is known by its beginning.
            if let Some(width) = look.width.filter(|&width| line.chars().count() > width) {
                line = line.chars().take(width.saturating_sub(1)).chain(['…']).collect();
            }
            let _ = writeln!(text, "{line}");
        }
        if let Some(tags) = &self.tags {
            let tag = &tags[row];
            let before = tag.before.as_deref().unwrap_or("none");
            let label = self.for_tag(row).unwrap_or(label);
            let words = match tag.outcome {
                "written" => format!("{label} written; before: {before}"),
                "would-be-written" => format!("{label} would be written; before: {before}"),
                "same" => format!("{before} is there already"),
                "kept" => format!("{before} stays; --overwrite-genre replaces it"),
                "unknown" => "nothing written: it is unlike all that was learnt".to_owned(),
                "unsure" => "nothing written: no genre is named".to_owned(),
                other => other.to_owned(),
            };
            let _ = writeln!(text, "    tag      {words}");
        }
    }
}

/// The genres of a set, as many as the line can take.
fn set(text: &mut String, genres: &[&str], coverage: f64, look: &Look) {
    let names = match genres.is_empty() {
        true => "no genre is likely enough".to_owned(),
        false => genres.join(", "),
    };
    let line = format!("    set      {} %: {names}", (1e4 * coverage).round() / 100.0);
    let _ = writeln!(text, "{}", cut(line, look));
}

/// The styles that are named, each with the genres above it, as many as the line can take.
fn styles(text: &mut String, paths: &[(String, f64)], look: &Look) {
    let names: Vec<String> = paths.iter().map(|(path, p)| format!("{path} {p:.2}")).collect();
    let names = match names.is_empty() {
        true => "none is likely enough".to_owned(),
        false => names.join(", "),
    };
    let _ = writeln!(text, "{}", cut(format!("    styles   {names}"), look));
}

/// A line with its end left out where it is wider than the terminal.
fn cut(line: String, look: &Look) -> String {
    match look.width {
        Some(width) if line.chars().count() > width => line.chars().take(width - 1).chain(['…']).collect(),
        _ => line,
    }
}

/// A line for each family that changes the probability by half a thousandth or more.
fn effects(text: &mut String, label: &str, effects: &[(Family, f64)], bars: bool, look: &Look) {
    let told: Vec<&(Family, f64)> = effects.iter().filter(|(_, e)| e.abs() >= SMALL).collect();
    let largest = told.iter().map(|(_, e)| e.abs()).fold(0.05, f64::max);
    let mut last = "";
    for (family, effect) in &told {
        let (word, colour) = if *effect > 0.0 {
            ("for", "36")
        } else {
            ("against", "33")
        };
        let head = if word == last { "" } else { word };
        last = word;
        let name = family.name();
        let _ = write!(text, "    {head:<7}  {name:<18}  {:>+6.1} %", 100.0 * effect);
        if bars {
            let n = (effect.abs() / largest * BAR as f64).round() as usize;
            let _ = write!(text, "  {}", look.paint(colour, &"█".repeat(n.max(1))));
        }
        text.push('\n');
    }
    let n_small = effects.len() - told.len();
    if n_small > 0 {
        let _ = writeln!(
            text,
            "    {}{n_small} {} hardly any difference to {label}",
            if told.is_empty() { "" } else { "         " },
            if n_small == 1 {
                "family makes"
            } else {
                "families make"
            }
        );
    }
}

/// A bar of [`BAR`] characters, with a mark where the threshold is.
fn bar(share: f64, threshold: Option<f64>) -> String {
    let full = (share * BAR as f64).round() as usize;
    let mark = threshold
        .filter(|&t| t > 0.0)
        .map(|t| ((t * BAR as f64).round() as usize).min(BAR - 1));
    let cell = |at: usize| match (Some(at) == mark, at < full) {
        (true, _) => '┊',
        (false, true) => '█',
        (false, false) => '░',
    };
    (0..BAR).map(cell).collect()
}

/// The end of a name that is too long says more than its beginning.
fn shorten(text: &str, width: usize) -> String {
    let n = text.chars().count();
    if n <= width || width < 3 {
        return text.to_owned();
    }
    let kept = width - 1;
    let front = kept / 3;
    let head: String = text.chars().take(front).collect();
    let tail: String = text.chars().skip(n - (kept - front)).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests;
