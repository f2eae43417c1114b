//! `cratedigger synth`: a synthetic archive of the FMA's shape.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::ValueEnum;
use cratedigger_synth::clips::{self, Balance, Channels, ClipOptions, Container, Task};
use cratedigger_synth::{self as synth, Format, SynthFile, SynthOptions};

use super::numbers::jobs;
use crate::console;
use crate::interrupt;
use crate::progress::{Progress, Unit};

/// Write a synthetic archive with the FMA's files, columns, gaps and proportions
///
/// Nothing in it is real but the genre tree, the cities and the proportions; a file SYNTHETIC.json says so, and so does
/// every report made of it. The same options give the same bytes.
///
/// With --clips N the archive can be played: N tracks, each with a file of procedural music, clips/000/000002.wav and so on, in
/// eight styles that stand for root genres (Electronic, Rock, Folk, Experimental, Spoken, Classical, Hip-Hop, Jazz). Artists have
/// two to six clips each and keep their instruments, tempo and recording room; tracks.csv has their genre_top, artist and
/// duration. There is no features.csv then, since the features are in the sound: extract them. An interrupted job goes on where
/// it stopped; another N adds clips and leaves those that are there as they are.
///
/// With --clips-task order the clips are of two genres that consist of the same sounds and differ in their order alone: patterns of
/// notes that rise (Instrumental) and that fall (Easy Listening). What sums a clip up, as the 518 features do, cannot tell them
/// apart; a method that can has heard time.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger synth archive                        2,000 tracks
  cratedigger synth archive --tracks 106574        as many as the real archive has (1 GB)
  cratedigger study archive
  cratedigger synth music --clips 400              400 clips of 30 s, 50 of each style (2 GB)
  cratedigger synth music --clips 400 --seconds 5 --clip-format flac
  cratedigger synth order --clips 400 --seconds 5 --clips-task order    a task for methods that hear time
  cratedigger extract music/clips --out music/features.csv")]
pub(crate) struct Args {
    /// The folder to write into
    dir: PathBuf,

    /// Number of tracks
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    tracks: usize,

    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// How the tables are written
    #[arg(long, value_enum, default_value_t = TableFormat::Csv)]
    format: TableFormat,

    /// Leave out features.csv, by far the largest file
    #[arg(long)]
    no_features: bool,

    /// Leave out echonest.csv
    #[arg(long)]
    no_echonest: bool,

    /// Make N tracks that can be played, without features.csv and echonest.csv
    #[arg(long, value_name = "N", conflicts_with_all = ["tracks", "no_features", "no_echonest"], help_heading = "Clips")]
    clips: Option<usize>,

    /// Seconds of a clip
    #[arg(
        long,
        value_name = "S",
        default_value_t = 30,
        requires = "clips",
        help_heading = "Clips"
    )]
    seconds: u32,

    /// Samples a second
    #[arg(
        long,
        value_name = "HZ",
        default_value_t = 44_100,
        requires = "clips",
        help_heading = "Clips"
    )]
    sample_rate: u32,

    /// Stereo or mono clips
    #[arg(long, value_enum, default_value_t = ChannelChoice::Mixed, requires = "clips", help_heading = "Clips")]
    channels: ChannelChoice,

    /// Kind of files
    #[arg(long, value_enum, default_value_t = ClipFormat::Wav, requires = "clips", help_heading = "Clips")]
    clip_format: ClipFormat,

    /// How many clips of each style
    #[arg(long, value_enum, default_value_t = BalanceChoice::Equal, requires = "clips", help_heading = "Clips")]
    balance: BalanceChoice,

    /// What the genres of clips differ in
    #[arg(long, value_enum, default_value_t = TaskChoice::Styles, requires = "clips", help_heading = "Clips")]
    clips_task: TaskChoice,

    /// Threads that make clips [default: one a processor]
    #[arg(long, value_name = "N", requires = "clips", value_parser = jobs, help_heading = "Clips")]
    jobs: Option<NonZeroUsize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ChannelChoice {
    /// Stereo but for 15 %
    Mixed,
    /// All stereo
    Stereo,
    /// All mono
    Mono,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ClipFormat {
    /// 16-bit PCM
    Wav,
    /// Lossless compression
    Flac,
    /// Half of each
    Mixed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum BalanceChoice {
    /// As many of each
    Equal,
    /// As in the real archive: much Rock, little Jazz
    Archive,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TaskChoice {
    /// All that styles of music differ in
    Styles,
    /// The order of events alone: rising against falling patterns of the same sounds
    Order,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TableFormat {
    /// As the dataset is distributed
    Csv,
    /// The same tables as Parquet files
    Parquet,
}

impl Args {
    fn table_format(&self) -> Format {
        match self.format {
            TableFormat::Csv => Format::Csv,
            TableFormat::Parquet => Format::Parquet,
        }
    }
}

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    if let Some(n_clips) = args.clips {
        return write_clips(args, n_clips, progress);
    }
    let options = SynthOptions {
        n_tracks: args.tracks,
        seed: args.seed,
        with_features: !args.no_features,
        with_echonest: !args.no_echonest,
        format: args.table_format(),
    };
    interrupt::say("the archive is not complete, and says so; the same command makes it anew");
    let mut job = None;
    let report = synth::write(&options, &args.dir, &mut |event| {
        let (table, job) = job.get_or_insert_with(|| begin(progress, event.table));
        if *table != event.table {
            (*table, *job) = begin(progress, event.table);
        }
        job.set(event.done, event.total);
    })?;
    drop(job);
    let text = format!(
        "{} synthetic tracks of {} artists and {} albums, seed {}\n{}",
        report.n_tracks,
        report.n_artists,
        report.n_albums,
        args.seed,
        list(&report.files)
    );
    console::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// A line for each table.
fn list(files: &[SynthFile]) -> String {
    let line = |file: &SynthFile| {
        format!(
            "  {}: {} rows, {:.1} MB\n",
            file.path.display(),
            file.rows,
            file.bytes as f64 * 1e-6
        )
    };
    files.iter().map(line).collect()
}

fn write_clips(args: &Args, n_clips: usize, progress: Progress) -> Result<ExitCode> {
    let options = ClipOptions {
        n_clips,
        seconds: args.seconds,
        sample_rate: args.sample_rate,
        channels: match args.channels {
            ChannelChoice::Mixed => Channels::Mixed,
            ChannelChoice::Stereo => Channels::Stereo,
            ChannelChoice::Mono => Channels::Mono,
        },
        container: match args.clip_format {
            ClipFormat::Wav => Container::Wav,
            ClipFormat::Flac => Container::Flac,
            ClipFormat::Mixed => Container::Mixed,
        },
        task: match args.clips_task {
            TaskChoice::Styles => Task::Styles,
            TaskChoice::Order => Task::Order,
        },
        balance: match args.balance {
            BalanceChoice::Equal => Balance::Equal,
            BalanceChoice::Archive => Balance::Archive,
        },
        seed: args.seed,
        tables: args.table_format(),
        n_jobs: args.jobs.map_or(0, NonZeroUsize::get),
    };
    interrupt::say("clips that are there are kept; the same command goes on");
    let job = progress.job("making clips", Unit::Steps);
    let report = clips::write(&options, &args.dir, &mut |event| job.set(event.done, event.total))?;
    drop(job);
    let mut text = format!(
        "{n_clips} synthetic clips of {} s by {} artists, seed {}\n",
        args.seconds, report.n_artists, args.seed
    );
    if report.n_kept > 0 {
        text += &format!("  {} of them were there already\n", report.n_kept);
    }
    text += &format!(
        "  {}: {:.1} MB\n",
        report.folder.display(),
        report.bytes as f64 * 1e-6
    );
    text += &list(&report.tables);
    console::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn begin(
    progress: Progress,
    table: cratedigger_catalog::TableId,
) -> (cratedigger_catalog::TableId, crate::progress::Job) {
    (
        table,
        progress.job(format!("writing {}", table.name()), Unit::Rows),
    )
}
