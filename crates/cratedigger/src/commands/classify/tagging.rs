//! Genres into the tags of files, and files given back.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use cratedigger_collection::classify::Said;
use cratedigger_collection::extract::Inputs;
use cratedigger_collection::tags::{Restored, Tagged, Tagger};

use super::output::{Answer, TagCell};
use crate::console::{self, note};
use crate::interrupt;
use crate::progress::{Progress, Unit};

/// Writes the genres that are named, or their styles, into the files' tags. What cannot be written is told, and the rest goes on.
pub(super) fn write(
    mut answer: Answer,
    paths: &[Option<PathBuf>],
    tagger: Tagger<'_>,
    progress: Progress,
) -> Answer {
    interrupt::say(
        "tags that were written stay, each with its backup; the same command writes the others, --restore-tags takes them back",
    );
    let job = progress.job("writing tags", Unit::Steps);
    tagger.sweep(&paths.iter().flatten().map(PathBuf::as_path).collect::<Vec<_>>());
    let mut cells = Vec::with_capacity(paths.len());
    for (row, path) in paths.iter().enumerate() {
        let cell = match (path, answer.for_tag(row)) {
            (Some(path), Some(genre)) => match tagger.write(path, genre) {
                Ok(tagged) => cell(tagged, path),
                Err(error) => {
                    note(&format!(
                        "cratedigger: {}: tag: {}",
                        path.display(),
                        error.in_one_line()
                    ));
                    answer.n_untagged += 1;
                    TagCell {
                        outcome: "failed",
                        before: None,
                    }
                }
            },
            _ => TagCell {
                outcome: match answer.said[row] {
                    Said::Unknown => "unknown",
                    _ => "unsure",
                },
                before: None,
            },
        };
        cells.push(cell);
        job.set(row as u64 + 1, paths.len() as u64);
    }
    drop(job);
    let n = |outcome: &str| cells.iter().filter(|cell| cell.outcome == outcome).count();
    let (done, verb) = match tagger.dry_run {
        true => (n("would-be-written"), "would be written"),
        false => (n("written"), "written"),
    };
    progress.say(&format!(
        "genres of {done} files {verb}; {} have theirs already, {} keep another one, {} are unsure{}, {} failed",
        n("same"),
        n("kept"),
        n("unsure"),
        match n("unknown") {
            0 => String::new(),
            n => format!(", {n} are unlike all that was learnt"),
        },
        n("failed")
    ));
    answer.tags = Some(cells);
    answer
}

/// Gives back files from their backups.
///
/// # Errors
/// None of the files has a backup.
pub(super) fn restore(paths: &[PathBuf], tagger: Tagger<'_>, progress: Progress) -> Result<ExitCode> {
    let inputs = Inputs::find(paths, &mut std::io::stdin().lock())?;
    let mut n_failed = 0;
    for unread in &inputs.unread {
        note(&format!(
            "cratedigger: {}: {}",
            unread.path.display(),
            unread.reason
        ));
        n_failed += 1;
    }
    interrupt::say("files that were restored stay so; the same command restores the others");
    let job = progress.job("restoring", Unit::Steps);
    tagger.sweep(
        &inputs
            .files
            .iter()
            .map(|file| file.path.as_path())
            .collect::<Vec<_>>(),
    );
    let (mut lines, mut n_without) = (Vec::new(), 0);
    for (at, file) in inputs.files.iter().enumerate() {
        match tagger.restore(&file.path) {
            Ok(Restored::Done { told }) => {
                tell(&file.path, &told);
                lines.push(format!("restored  {}", file.path.display()));
            }
            Ok(Restored::WouldBeDone) => {
                lines.push(format!("would be restored  {}", file.path.display()));
            }
            Ok(Restored::NoBackup) => n_without += 1,
            Err(error) => {
                note(&format!(
                    "cratedigger: {}: {}",
                    file.path.display(),
                    error.in_one_line()
                ));
                n_failed += 1;
            }
        }
        job.set(at as u64 + 1, inputs.files.len() as u64);
    }
    drop(job);
    console::print(&lines.iter().map(|line| format!("{line}\n")).collect::<String>())?;
    if lines.is_empty() {
        bail!(
            "nothing was restored: {n_without} files have no backup, {n_failed} failed; backups in a folder are found with \
             --tag-backup DIR"
        );
    }
    progress.say(&format!(
        "{} files restored, {n_without} without a backup, {n_failed} failed",
        lines.len()
    ));
    Ok(ExitCode::from(u8::from(n_failed > 0)))
}

/// What came of a file; several genres in one cell, with `; ` between them.
fn cell(tagged: Tagged, path: &Path) -> TagCell {
    let (outcome, before, told) = match tagged {
        Tagged::Written { before, told } => ("written", before, told),
        Tagged::WouldBeWritten { before, told } => ("would-be-written", before, told),
        Tagged::Same { genres } => ("same", genres, Vec::new()),
        Tagged::Kept { genres } => ("kept", genres, Vec::new()),
    };
    tell(path, &told);
    let before = (!before.is_empty()).then(|| before.join("; "));
    TagCell { outcome, before }
}

/// What could not be kept.
fn tell(path: &Path, told: &[String]) {
    for sentence in told {
        note(&format!("cratedigger: {}: {sentence}", path.display()));
    }
}
