//! What `cratedigger embedding` does.

use std::process::ExitCode;

use anyhow::Result;
use cratedigger_collection::embedding::{Describer, networks, open};
use serde_json::{Value, json};

use super::args::{Action, Args};
use crate::commands::output::Out;
use crate::console;
use crate::progress::{Progress, Unit};

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    match &args.action {
        Action::Import { wheel, out } => {
            let folder = match out {
                Some(folder) => folder.clone(),
                None => networks::library::folder()?,
            };
            let job = progress.job(format!("importing {}", wheel.display()), Unit::Steps);
            let imported = networks::musicnn::import(wheel, &folder)?;
            drop(job);
            for one in imported {
                let line = format!("{}  blake3 {}  {}\n", one.name, one.hash, one.path.display());
                console::print(&line)?;
            }
        }
        Action::List { json } => {
            let folder = networks::library::folder()?;
            let mut shown = Vec::new();
            for (_, path) in networks::library::list(&folder)? {
                shown.push(open(&path.to_string_lossy(), &[])?);
            }
            if *json {
                let all: Vec<Value> = shown.iter().map(|one| card(&**one)).collect::<Result<_>>()?;
                console::data((serde_json::to_string_pretty(&all)? + "\n").as_bytes())?;
            } else if shown.is_empty() {
                progress.say(&format!(
                    "none yet in {}; `cratedigger embedding import` brings some",
                    folder.display()
                ));
            }
            if !*json {
                for one in shown {
                    let card = one.card();
                    console::print(&format!(
                        "{:<12}  {:>4} columns  {:>3} tags  trained on {}, licence {}\n",
                        card.name,
                        card.n_columns,
                        one.tags().len(),
                        card.pretrained_on.join(", "),
                        card.licence
                    ))?;
                }
            }
        }
        Action::Export {
            embedding,
            onnx,
            force,
        } => {
            let contract = onnx.with_extension("toml");
            let (out, beside) = (Out::open(onnx, *force, &[])?, Out::open(&contract, *force, &[])?);
            let (bytes, toml) = networks::musicnn::export(embedding)?;
            beside.write(toml.as_bytes())?;
            out.write(&bytes)?;
            progress.say(&format!(
                "written to {} and {}",
                onnx.display(),
                contract.display()
            ));
        }
        Action::Show {
            embedding,
            embedding_contract,
            json,
        } => {
            let found = open(embedding, embedding_contract)?;
            match json {
                true => console::data((serde_json::to_string_pretty(&card(&*found)?)? + "\n").as_bytes())?,
                false => console::print(&in_words(&*found))?,
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn card(embedding: &dyn Describer) -> Result<Value> {
    let mut value = serde_json::to_value(embedding.card())?;
    value["tags"] = json!(embedding.tags());
    Ok(value)
}

fn in_words(embedding: &dyn Describer) -> String {
    let card = embedding.card();
    let mut text = String::new();
    for (name, value) in [
        ("name", &card.name),
        ("contract", &card.contract),
        ("columns", &format!("{}: {}001 …", card.n_columns, card.prefix())),
        ("weights", &format!("blake3 {}", card.hash)),
        ("licence", &card.licence),
        ("trained on", &card.pretrained_on.join(", ")),
        ("source", &card.source),
    ] {
        text += &format!("{name:<12} {value}\n");
    }
    if let Some(caution) = card.caution() {
        text += &format!("{:<12} {caution}\n", "warning");
    }
    let tags: Vec<String> = embedding
        .tags()
        .iter()
        .map(|tag| match embedding.genre_of(tag) {
            Some(genre) if genre != tag => format!("{tag} ({genre})"),
            _ => tag.clone(),
        })
        .collect();
    if !tags.is_empty() {
        text += &format!("{:<12} {}\n", "tags", tags.join(", "));
    }
    text
}
