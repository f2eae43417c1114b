//! Addresses of objects among the arguments that stand for files: tables and models are fetched before the work, outputs are put
//! after it. The one place where that is done, for all commands; recordings are another matter, and never files.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use cratedigger_collection::objects::ObjectFiles;
use cratedigger_files::{TemporaryFolder, is_uri};

use crate::interrupt;

/// Extensions of what is read whole: tables, models, settings.
const READ_WHOLE: [&str; 6] = ["parquet", "csv", "cdmodel", "onnx", "json", "toml"];

/// Options that name what is written.
const WRITTEN: [&str; 3] = ["--out", "--features-out", "--trusted"];

/// Options whose values are read in part only, where they are.
const READ_IN_PLACE: [&str; 1] = ["--manifest"];

/// Options of commands that put their outputs themselves.
const PUTS_ITSELF: [&str; 1] = ["--shard"];

/// The arguments, with files of this machine in place of addresses.
pub(crate) struct Staged {
    arguments: Vec<OsString>,
    stores: Option<ObjectFiles>,
    /// Of what was fetched: removed with this.
    folder: Option<TemporaryFolder>,
    outputs: Vec<Output>,
}

/// Something that is written here first.
struct Output {
    address: PathBuf,
    folder: PathBuf,
    file: PathBuf,
    replace: bool,
}

impl Staged {
    /// Fetches what is to be read.
    ///
    /// # Errors
    /// Something is not to be had, or an output is there already and not to be replaced.
    pub(crate) fn of(arguments: Vec<OsString>) -> Result<Self> {
        let mut staged = Self {
            arguments: Vec::with_capacity(arguments.len()),
            stores: None,
            folder: None,
            outputs: Vec::new(),
        };
        let puts_itself = arguments.iter().any(|a| PUTS_ITSELF.contains(&name_of(a)));
        let replace = arguments.iter().any(|a| a == "--force");
        let mut option = OsString::new();
        for argument in arguments {
            let (before, value) = match value_of(&argument) {
                Some((name, value)) => (format!("{name}="), value),
                None => (String::new(), argument.clone()),
            };
            let is_of = |options: &[&str]| {
                options
                    .iter()
                    .any(|name| option == *name || before == format!("{name}="))
            };
            let (is_written, is_in_place) = (is_of(&WRITTEN), is_of(&READ_IN_PLACE));
            let path = PathBuf::from(&value);
            let file = match is_uri(&path) {
                true if is_written && !puts_itself => Some(staged.output(&path, replace)?),
                true if !is_written && !is_in_place && is_read_whole(&path) => Some(staged.fetch(&path)?),
                _ => None,
            };
            let given = match file {
                Some(file) => {
                    let mut given = OsString::from(before);
                    given.push(file);
                    given
                }
                None => argument.clone(),
            };
            staged.arguments.push(given);
            option = argument;
        }
        Ok(staged)
    }

    /// Whether files stand in place of addresses.
    pub(crate) fn has_any(&self) -> bool {
        self.stores.is_some()
    }

    /// What to parse.
    pub(crate) fn arguments(&self) -> &[OsString] {
        &self.arguments
    }

    /// Puts the outputs, after work that was not in vain; what the output is named after comes last.
    ///
    /// # Errors
    /// A store refuses, or something came in the way meanwhile.
    pub(crate) fn publish(&self) -> Result<()> {
        let Some(stores) = &self.stores else { return Ok(()) };
        for output in &self.outputs {
            let mut files = Vec::new();
            list(&output.folder, &mut files)?;
            files.sort_by_key(|file| (*file == output.file, file.clone()));
            let parent = parent(&output.address);
            for file in files {
                let below = file.strip_prefix(&output.folder).unwrap_or(&file);
                let address = PathBuf::from(format!("{parent}/{}", below.to_string_lossy()));
                let replace = output.replace || file != output.file;
                let put = stores.put(&file, &address, replace);
                let put = put.with_context(|| {
                    format!(
                        "cannot put {}; it is kept in {}, from where `extract` with --resume puts it",
                        address.display(),
                        output.folder.display()
                    )
                })?;
                if !put {
                    bail!(
                        "{} came to be there meanwhile and stays; what was made is in {}",
                        address.display(),
                        output.folder.display()
                    );
                }
            }
            let _ = std::fs::remove_dir_all(&output.folder);
        }
        Ok(())
    }

    /// Removes what was written, unless it is what an interrupted run goes on with.
    pub(crate) fn give_up(&self) {
        for output in &self.outputs {
            let mut files = Vec::new();
            let _ = list(&output.folder, &mut files);
            if !files
                .iter()
                .any(|file| file.extension().is_some_and(|e| e == "partial"))
            {
                let _ = std::fs::remove_dir_all(&output.folder);
            }
        }
    }

    fn stores(&mut self) -> Result<&ObjectFiles> {
        if self.stores.is_none() {
            self.stores = Some(ObjectFiles::open()?);
        }
        self.stores.as_ref().context("no stores")
    }

    /// A table or a model, and what stands beside a file of features.
    fn fetch(&mut self, address: &Path) -> Result<PathBuf> {
        let folder = match &self.folder {
            Some(folder) => folder.path().to_owned(),
            None => {
                let folder = TemporaryFolder::new()?;
                interrupt::say("nothing was written; the same command begins anew");
                let path = folder.path().to_owned();
                self.folder = Some(folder);
                path
            }
        };
        // Several may have the same name.
        let n = std::fs::read_dir(&folder)?.count();
        let folder = folder.join(n.to_string());
        std::fs::create_dir(&folder)?;
        let file = folder.join(address.file_name().unwrap_or_default());
        let stores = self.stores()?;
        stores
            .fetch(address, &file)
            .with_context(|| format!("cannot read {}", address.display()))?;
        if matches!(extension(address).as_str(), "csv" | "parquet") {
            let parent = parent(address);
            let mut note = file.clone().into_os_string();
            note.push(".json");
            let beside = [
                PathBuf::from(note),
                file.with_extension("audio.csv"),
                file.with_extension("failures.csv"),
            ];
            for beside in beside {
                let name = beside.file_name().unwrap_or_default().to_string_lossy();
                let address = PathBuf::from(format!("{parent}/{name}"));
                if stores.has(&address).unwrap_or(false) {
                    stores
                        .fetch(&address, &beside)
                        .with_context(|| format!("cannot read {}", address.display()))?;
                }
            }
        }
        Ok(file)
    }

    fn output(&mut self, address: &Path, replace: bool) -> Result<PathBuf> {
        if address.to_string_lossy().starts_with("http") {
            bail!("{}: nothing is written by https://", address.display());
        }
        let stores = self.stores()?;
        if !replace && stores.has(address)? {
            bail!("{} is there already; replace it with --force", address.display());
        }
        // The same for the same address, so that --resume finds it.
        let name = name_in_scratch(address);
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let file = folder.join(address.file_name().unwrap_or_default());
        self.outputs.push(Output {
            address: address.to_owned(),
            folder,
            file: file.clone(),
            replace,
        });
        Ok(file)
    }
}

/// A name that tells addresses apart.
fn name_in_scratch(address: &Path) -> String {
    let text = address.to_string_lossy();
    let plain: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' {
                c
            } else {
                '_'
            }
        })
        .collect();
    let start = plain.len().saturating_sub(60);
    let sum = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("cratedigger-out-{sum:016x}-{}", &plain[start..])
}

fn is_read_whole(path: &Path) -> bool {
    READ_WHOLE.contains(&extension(path).as_str())
}

fn extension(path: &Path) -> String {
    path.extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase()
}

/// An address without its last part.
fn parent(address: &Path) -> String {
    let text = address.to_string_lossy();
    text.trim_end_matches('/')
        .rsplit_once('/')
        .map_or(String::new(), |(parent, _)| parent.to_owned())
}

/// `--out=x` as `--out` and `x`.
fn value_of(argument: &OsStr) -> Option<(&str, OsString)> {
    let (name, value) = argument.to_str()?.split_once('=')?;
    name.starts_with("--").then(|| (name, value.into()))
}

fn name_of(argument: &OsStr) -> &str {
    argument
        .to_str()
        .unwrap_or_default()
        .split('=')
        .next()
        .unwrap_or_default()
}

/// All files below a folder but journals and locks.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    entries.sort();
    for path in entries {
        match path.is_dir() {
            true => list(&path, files)?,
            false => files.push(path),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn given(arguments: &[&str]) -> Vec<OsString> {
        arguments.iter().map(OsString::from).collect()
    }

    #[test]
    fn what_names_no_table_of_a_store_is_left_as_it_is() {
        let arguments = given(&[
            "cratedigger",
            "extract",
            "s3://b/music/",
            "a.parquet",
            "--out",
            "f.parquet",
            "--shard=1/2",
            "-",
        ]);
        let staged = Staged::of(arguments.clone()).unwrap();
        assert_eq!(staged.arguments(), arguments);
        // Put by the command itself.
        let arguments = given(&[
            "cratedigger",
            "extract",
            "--shard",
            "1/2",
            "--out",
            "s3://b/parts",
        ]);
        assert_eq!(Staged::of(arguments.clone()).unwrap().arguments(), arguments);
        assert!(Staged::of(given(&["x", "--out", "https://h/f.parquet"])).is_err());
        assert!(is_read_whole(Path::new("s3://b/A.Parquet")) && !is_read_whole(Path::new("s3://b/a.mp3")));
        assert_eq!(parent(Path::new("s3://b/x/f.csv")), "s3://b/x");
        assert_ne!(
            name_in_scratch(Path::new("s3://b/é/f")),
            name_in_scratch(Path::new("s3://b/e/f"))
        );
    }
}
