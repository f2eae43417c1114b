//! `cratedigger download`: the dataset's official archives.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use cratedigger_catalog::download::{
    self, Archive, DownloadOptions, DownloadReport, Event, OFFICIAL_BASE_URL,
};

use crate::progress::{Job, Progress, Unit};

/// Download an archive of the FMA dataset, check it and unpack it
///
/// From the address of the dataset's authors, or a mirror of it. A download that broke off continues where it stopped
/// when the same command is run again. The archive is checked against the published SHA-1 sum, unpacked, and removed.
#[derive(clap::Args)]
#[command(after_help = "\
Archives:
  metadata   342 MiB   all tables: tracks, genres, features, echonest, raw
  small      7.2 GiB   8,000 clips of 30 s, 8 balanced genres
  medium      22 GiB   25,000 clips of 30 s, 16 unbalanced genres
  large       93 GiB   106,574 clips of 30 s, 161 unbalanced genres
  full       879 GiB   106,574 untrimmed tracks, 161 unbalanced genres
While it is unpacked, an archive and its content are both on disk: free twice its size (2 GB for
the metadata).

Examples:
  cratedigger download metadata
  cratedigger study fma_metadata
  cratedigger download small --out /data/fma")]
pub(crate) struct Args {
    /// metadata, small, medium, large or full
    #[arg(value_name = "ARCHIVE")]
    archive: Archive,

    /// The folder to download and unpack into
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,

    /// Address of the folder that holds the archives, for mirrors
    #[arg(long, value_name = "URL", default_value = OFFICIAL_BASE_URL)]
    base_url: String,

    /// Keep the archive after it was unpacked
    #[arg(long)]
    keep_archive: bool,

    /// Download and check only
    #[arg(long)]
    no_unpack: bool,
}

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
    let report = download::download(args.archive, &args.out, &options, &mut |event| shown.show(event))?;
    drop(shown);
    print!("{}", summary(args.archive, &report));
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
