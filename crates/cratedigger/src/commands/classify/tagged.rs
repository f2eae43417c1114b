//! What a network of others says of recordings by itself: its tags, and the genre of the FMA that the likeliest of them means.

use std::fmt::Write;
use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::{Result, bail};
use cratedigger_collection::embedding::{Describer, tags_of};
use cratedigger_collection::extract::Inputs;
use cratedigger_collection::rows::{Kind, Reading, kind};
use cratedigger_files::csv::field;
use serde_json::{Map, Value, json};

use super::args::{Args, OutputFormat};
use crate::commands::output::Out;
use crate::console;
use crate::progress::Progress;

/// A recording and the share of each tag.
struct Row {
    id: String,
    shares: Vec<f64>,
    /// The genre of the likeliest tag that means one, and that tag's share.
    genre: Option<(&'static str, f64)>,
}

pub(super) fn run(
    args: &Args,
    reading: &Reading,
    embedding: &dyn Describer,
    progress: Progress,
) -> Result<ExitCode> {
    if args.explain || args.neighbours.is_some() || args.tags.write_tags {
        bail!(
            "--explain, --neighbours and --write-tags need a model of your own: name one with --model FILE"
        );
    }
    if embedding.tags().is_empty() {
        bail!(
            "the embedding {} names no tags, so that a model of your own is needed: name one with --model FILE",
            embedding.card().name
        );
    }
    if args.format == OutputFormat::Parquet {
        bail!("tags are written as table, json or csv");
    }
    if args.shard.manifest.is_some() {
        bail!("--manifest needs a model of your own: name one with --model FILE");
    }
    if let Some(table) = args.paths.iter().find(|path| kind(path) != Kind::Audio) {
        bail!("{} has features only; an embedding hears audio", table.display());
    }
    let out = match &args.out {
        Some(path) => Some(Out::open(path, args.force, &args.paths)?),
        None => None,
    };
    let inputs = Inputs::find(&args.paths, &mut std::io::stdin().lock())?;
    if let Some(reason) = inputs.nothing() {
        bail!("{reason}");
    }
    let (found, heard, failures) = tags_of(embedding, inputs, &reading.decoding()?, args.jobs, &progress);
    for failure in &failures {
        console::note(&format!("cratedigger: {failure}"));
    }
    for (path, heard) in &heard {
        if let Some(loss) = heard.loss() {
            progress.say(&format!("{}: {loss}", path.display()));
        }
    }
    if found.is_empty() {
        bail!("nothing could be classified");
    }
    let least = args.threshold.unwrap_or(0.0);
    let rows: Vec<Row> = found
        .into_iter()
        .map(|(file, shares)| Row {
            id: file.id,
            genre: best_genre(embedding, &shares).filter(|(_, share)| *share >= least),
            shares,
        })
        .collect();
    let text = match args.format {
        OutputFormat::Json => json(embedding, &rows)?,
        OutputFormat::Csv => csv(embedding, &rows),
        OutputFormat::Table | OutputFormat::Parquet => table(embedding, &rows, args.top),
    };
    match out {
        Some(out) => out.write(text.as_bytes())?,
        None if args.format == OutputFormat::Table => console::print(&text)?,
        None => console::data(text.as_bytes())?,
    }
    if args.format == OutputFormat::Table && args.out.is_none() && std::io::stdout().is_terminal() {
        let card = embedding.card();
        progress.say(&format!(
            "tags of {}, trained on {}; shares of different tags do not sum to 1",
            card.name,
            card.pretrained_on.join(", ")
        ));
    }
    Ok(ExitCode::from(u8::from(!failures.is_empty())))
}

/// The genre of the likeliest tag that means one; the first of equal ones.
fn best_genre(embedding: &dyn Describer, shares: &[f64]) -> Option<(&'static str, f64)> {
    let mut best: Option<(&'static str, f64)> = None;
    for (tag, &share) in embedding.tags().iter().zip(shares) {
        if let Some(genre) = embedding.genre_of(tag)
            && best.is_none_or(|(_, most)| share > most)
        {
            best = Some((genre, share));
        }
    }
    best
}

/// Tags from the likeliest down; equal ones in their order.
fn ranked<'a>(embedding: &'a dyn Describer, row: &Row) -> Vec<(&'a str, f64)> {
    let tags = embedding.tags().iter().map(String::as_str);
    let mut ranked: Vec<(&str, f64)> = tags.zip(row.shares.iter().copied()).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked
}

fn table(embedding: &dyn Describer, rows: &[Row], top: usize) -> String {
    let width = |least: usize, of: &dyn Fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or(0).max(least);
    let ids = width(2, &|row| row.id.chars().count());
    let genres = width(5, &|row| row.genre.map_or(1, |(genre, _)| genre.chars().count()));
    let mut text = format!("{:<ids$}  {:<genres$}  share   tags\n", "id", "genre");
    for row in rows {
        let (genre, share) = match row.genre {
            Some((genre, share)) => (genre, format!("{share:.4}")),
            None => ("-", "-".to_owned()),
        };
        let tags: Vec<String> = ranked(embedding, row)
            .into_iter()
            .take(top)
            .map(|(tag, share)| format!("{tag} {share:.2}"))
            .collect();
        let _ = writeln!(
            text,
            "{:<ids$}  {genre:<genres$}  {share:<6}  {}",
            row.id,
            tags.join(", ")
        );
    }
    text
}

fn json(embedding: &dyn Describer, rows: &[Row]) -> Result<String> {
    let all: Vec<Value> = rows
        .iter()
        .map(|row| {
            let tags: Vec<Value> = ranked(embedding, row)
                .into_iter()
                .map(|(tag, share)| {
                    let mut one = Map::new();
                    one.insert("tag".to_owned(), json!(tag));
                    one.insert("share".to_owned(), json!(share));
                    one.insert("genre".to_owned(), json!(embedding.genre_of(tag)));
                    Value::Object(one)
                })
                .collect();
            json!({
                "id": row.id,
                "genre": row.genre.map(|(genre, _)| genre),
                "share": row.genre.map(|(_, share)| share),
                "embedding": embedding.card().name,
                "tags": tags,
            })
        })
        .collect();
    Ok(serde_json::to_string_pretty(&all)? + "\n")
}

fn csv(embedding: &dyn Describer, rows: &[Row]) -> String {
    let mut text = "id,genre,share".to_owned();
    for tag in embedding.tags() {
        let _ = write!(text, ",{}", field(tag));
    }
    text.push('\n');
    for row in rows {
        let (genre, share) = row
            .genre
            .map_or((String::new(), String::new()), |(g, s)| (field(g), s.to_string()));
        let _ = write!(text, "{},{genre},{share}", field(&row.id));
        for share in &row.shares {
            let _ = write!(text, ",{share}");
        }
        text.push('\n');
    }
    text
}
