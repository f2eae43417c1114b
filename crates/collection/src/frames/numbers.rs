//! The files of numbers of a cache, appended to.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::folder::{FILE_BYTES, data_file};
use crate::error::{Context, Result};

/// The file of numbers that is being appended to.
pub(super) struct Numbers {
    folder: PathBuf,
    number: u32,
    file: File,
    end: u64,
    before: u64,
}

impl Numbers {
    /// Cuts off what no record tells of, as an interruption leaves it. `ends`: where the numbers of each file end by the index.
    pub(super) fn open(folder: &Path, ends: &BTreeMap<u32, u64>) -> Result<Self> {
        let (number, end) = ends
            .last_key_value()
            .map_or((0, 0), |(&number, &end)| (number, end));
        let mut later = number + 1;
        while let Ok(()) = std::fs::remove_file(data_file(folder, later)) {
            later += 1;
        }
        let mut numbers = Self {
            before: ends.range(..number).map(|(_, end)| end).sum(),
            file: open_data(folder, number)?,
            folder: folder.to_owned(),
            number,
            end,
        };
        numbers
            .file
            .set_len(end)
            .with_context(|| numbers.cannot_write())?;
        let to_end = numbers.file.seek(SeekFrom::Start(end));
        to_end.with_context(|| numbers.cannot_write())?;
        Ok(numbers)
    }

    /// The number of the file and the place in it that the bytes are at now.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(u32, u64)> {
        if self.end >= FILE_BYTES {
            self.sync()?;
            self.before += self.end;
            (self.number, self.end) = (self.number + 1, 0);
            self.file = open_data(&self.folder, self.number)?;
        }
        let offset = self.end;
        let written = self.file.write_all(bytes);
        written.with_context(|| self.cannot_write())?;
        self.end += bytes.len() as u64;
        Ok((self.number, offset))
    }

    pub(super) fn sync(&self) -> Result<()> {
        self.file.sync_data().with_context(|| self.cannot_write())
    }

    /// Bytes of all files.
    pub(super) fn bytes(&self) -> u64 {
        self.before + self.end
    }

    fn cannot_write(&self) -> String {
        format!("cannot write {}", data_file(&self.folder, self.number).display())
    }
}

fn open_data(folder: &Path, number: u32) -> Result<File> {
    let path = data_file(folder, number);
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .with_context(|| format!("cannot write {}", path.display()))
}
