//! The archive is downloaded, checked and unpacked.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use cratedigger_catalog::download::{self, Archive, DownloadOptions, DownloadReport, Event};

use super::args::Args;
use crate::console;
use crate::interrupt;
use crate::progress::{Job, Progress, Unit};

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    let options = DownloadOptions {
        base_url: args.base_url.clone(),
        keep_archive: args.keep_archive,
        unpack: !args.no_unpack,
        ..DownloadOptions::default()
    };
    let mut shown = Shown {
        progress,
        file: args.archive.file_name(),
        job: None,
    };
    interrupt::say("what arrived and what was unpacked is kept; the same command goes on");
    let report = download::download(args.archive, &args.out, &options, &mut |event| shown.show(event))?;
    drop(shown);
    console::print(&summary(args.archive, &report))?;
    Ok(ExitCode::SUCCESS)
}

/// The job under way: the next begins when events of another kind come.
struct Shown {
    progress: Progress,
    file: &'static str,
    job: Option<(&'static str, Job)>,
}

impl Shown {
    fn show(&mut self, event: &Event<'_>) {
        match event {
            Event::Hashing { done, total } => self.set("checking", *done, *total),
            Event::Downloading { done, total } => self.set("downloading", *done, total.unwrap_or(*done)),
            Event::Unpacking { done, total, .. } => self.set("unpacking", *done, *total),
            Event::Waiting {
                reason, pause, at, ..
            } => {
                self.job = None;
                self.progress.say(&format!(
                    "{}: {reason}; continuing at byte {at} in {:.0} s",
                    self.file,
                    pause.as_secs_f64()
                ));
            }
            _ => {}
        }
    }

    fn set(&mut self, verb: &'static str, done: u64, total: u64) {
        if self.job.as_ref().is_none_or(|(shown, _)| *shown != verb) {
            self.job = None;
            let job = self.progress.job(format!("{verb} {}", self.file), Unit::Bytes);
            self.job = Some((verb, job));
        }
        if let Some((_, job)) = &self.job {
            job.set(done, total);
        }
    }
}

fn summary(archive: Archive, report: &DownloadReport) -> String {
    let mut text = String::new();
    let there = if report.already_there {
        "already there"
    } else {
        "complete"
    };
    if report.unpacked.is_empty() {
        let path = report
            .archive
            .as_deref()
            .unwrap_or(Path::new(archive.file_name()));
        return format!("{}: {there}, the SHA-1 sum is right\n", path.display());
    }
    let folders: Vec<_> = report
        .unpacked
        .iter()
        .map(|p| clean(p).display().to_string())
        .collect();
    text.push_str(&format!(
        "{}: {there}, {} files, {:.1} MB\n",
        folders.join(", "),
        report.files,
        report.unpacked_bytes as f64 * 1e-6
    ));
    if let (Archive::Metadata, [folder]) = (archive, folders.as_slice()) {
        text.push_str(&format!("Next: cratedigger study {folder}\n"));
    }
    text
}

/// `./fma_metadata` as `fma_metadata`.
fn clean(path: &Path) -> &Path {
    path.strip_prefix(".").unwrap_or(path)
}
