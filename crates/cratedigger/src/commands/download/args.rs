//! The arguments of `cratedigger download`.

use std::path::PathBuf;

#[cfg(feature = "download")]
use cratedigger_catalog::download::{Archive, OFFICIAL_BASE_URL};

/// Without downloads no archive is known.
#[cfg(not(feature = "download"))]
type Archive = String;
#[cfg(not(feature = "download"))]
const OFFICIAL_BASE_URL: &str = "";

/// Download an archive of the FMA dataset, check it and unpack it
///
/// From the address of the dataset's authors, or a mirror of it. A download that broke off continues where it stopped
/// when the same command is run again. The archive is checked against the published SHA-1 sum, unpacked, and removed.
#[derive(clap::Args)]
#[cfg_attr(
    not(feature = "download"),
    command(about = "Download an archive of the FMA dataset (not in this build, which lacks the feature `download`)", long_about = None)
)]
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
    #[cfg_attr(feature = "download", arg(value_name = "ARCHIVE"))]
    #[cfg_attr(not(feature = "download"), arg(value_name = "ARCHIVE", default_value = ""))]
    pub(super) archive: Archive,

    /// The folder to download and unpack into
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) out: PathBuf,

    /// Address of the folder that holds the archives, for mirrors
    #[arg(long, value_name = "URL", default_value = OFFICIAL_BASE_URL)]
    pub(super) base_url: String,

    /// Keep the archive after it was unpacked
    #[arg(long)]
    pub(super) keep_archive: bool,

    /// Download and check only
    #[arg(long)]
    pub(super) no_unpack: bool,
}
