//! A list of recordings as a table: where they are, how large, what changes with them, what their rows are called.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, AsArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use cratedigger_catalog::feature_table::RowId;
use cratedigger_features::Input;
use cratedigger_files::{Existing, WholeFile, folder_of, is_uri, sweep};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use serde::{Deserialize, Serialize};

use super::share::Shard;
use super::table_file::TableFile;
use crate::error::{Context, Error, Result, refuse};
use crate::extract::{Inputs, Unread};
use crate::objects::{Found, Known, Objects, search};

/// The columns.
const COLUMNS: [&str; 5] = ["uri", "size", "etag", "mtime_ns", "track_id"];

/// The key of what a manifest says of itself.
const KEY: &str = "cratedigger.manifest";

/// Rows of a row group; a shard reads the groups that it is in.
const GROUP_ROWS: usize = 1 << 17;

/// Rows that are written or read at once.
const BATCH_ROWS: usize = 1 << 13;

/// A recording of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its address, or the absolute path of a file.
    pub uri: String,
    /// Size and etag or time.
    pub known: Known,
    /// What its row is called.
    pub id: String,
}

/// What a manifest says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct About {
    /// Of all entries, in their order.
    hash: String,
    n: u64,
    /// Bytes of all recordings, those of none counting as one of a byte: what shards are balanced by.
    weight: u64,
    /// Whether every row is called by a track number.
    tracks_only: bool,
}

/// What came of the making of a manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Recordings.
    pub n: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What was named or found and is not in it.
    pub unread: Vec<Unread>,
}

/// Lists what the arguments mean, as an extraction would find it, into a Parquet file. Listings of stores are streamed.
///
/// # Errors
/// The file cannot be written, or is there and not to be replaced; a list cannot be read.
pub fn write_manifest(
    arguments: &[PathBuf],
    stdin: &mut dyn Read,
    out: &Path,
    existing: Existing,
) -> Result<Made> {
    let mut writer = Writer::create(out, existing)?;
    let mut made = Made::default();
    let (addresses, paths): (Vec<PathBuf>, Vec<PathBuf>) =
        arguments.iter().cloned().partition(|argument| is_uri(argument));
    let is_all = arguments.len() == 1;
    if !paths.is_empty() {
        let inputs = Inputs::find_among(&paths, is_all, stdin)?;
        for file in &inputs.files {
            let known = match inputs.objects.get(&file.path) {
                Some(known) => known.clone(),
                None => Known::of_file(inputs.state(file)),
            };
            writer.add(&file.path, known, file.id.clone(), &mut made)?;
        }
        made.unread.extend(inputs.unread);
    }
    if !addresses.is_empty() {
        search(&mut Objects::default(), &addresses, &mut |_, found| {
            let (path, root, known) = match found {
                Found::Named(path, known) => (path, None, known),
                Found::Below(folder, path, known) => (path, is_all.then_some(folder), known),
                Found::Not(path, reason) => {
                    made.unread.push(failed(path, "open", reason));
                    return Ok(());
                }
            };
            let id = Inputs::id_of(&path, root.as_deref());
            writer.add(&path, known, id, &mut made)
        })?;
    }
    writer.finish()?;
    Ok(made)
}

fn failed(path: PathBuf, stage: &str, reason: String) -> Unread {
    Unread {
        path,
        stage: stage.to_owned(),
        reason,
    }
}

struct Writer {
    path: PathBuf,
    file: WholeFile,
    parquet: ArrowWriter<BufWriter<File>>,
    schema: SchemaRef,
    rows: Vec<Entry>,
    ids: HashSet<[u8; 16]>,
    hash: blake3::Hasher,
    about: About,
}

impl Writer {
    fn create(path: &Path, existing: Existing) -> Result<Self> {
        sweep(folder_of(path));
        let cannot = || format!("cannot write {}", path.display());
        let file = WholeFile::create(path, existing).with_context(cannot)?;
        let text = |name: &str, nullable| Field::new(name, DataType::Utf8, nullable);
        let number = |name: &str, nullable| Field::new(name, DataType::Int64, nullable);
        let [uri, size, etag, mtime, id] = COLUMNS;
        let schema = Arc::new(Schema::new(vec![
            text(uri, false),
            number(size, false),
            text(etag, true),
            number(mtime, true),
            text(id, false),
        ]));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .build();
        let to = BufWriter::new(file.as_file().try_clone().with_context(cannot)?);
        let parquet = ArrowWriter::try_new(to, schema.clone(), Some(properties)).map_err(unwritten)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            parquet,
            schema,
            rows: Vec::new(),
            ids: HashSet::new(),
            hash: blake3::Hasher::new(),
            about: About {
                hash: String::new(),
                n: 0,
                weight: 0,
                tracks_only: true,
            },
        })
    }

    fn add(&mut self, path: &Path, known: Known, id: String, made: &mut Made) -> Result<()> {
        let full = match is_uri(path) {
            true => path.to_owned(),
            false => std::path::absolute(path).with_context(|| path.display().to_string())?,
        };
        let Some(uri) = full.to_str() else {
            made.unread
                .push(failed(full, "name", "its name is no UTF-8".to_owned()));
            return Ok(());
        };
        let mut first = [0; 16];
        first.copy_from_slice(&blake3::hash(id.as_bytes()).as_bytes()[..16]);
        if !self.ids.insert(first) {
            let reason = format!(
                "its row would be called `{id}` like that of another one; list them in two manifests"
            );
            made.unread.push(failed(full, "name", reason));
            return Ok(());
        }
        made.n += 1;
        made.bytes += known.size;
        self.about.n += 1;
        self.about.weight += known.size.max(1);
        self.about.tracks_only &= matches!(RowId::from(id.as_str()), RowId::Track(_));
        let entry = Entry {
            uri: uri.to_owned(),
            known,
            id,
        };
        entry.hash_into(&mut self.hash);
        self.rows.push(entry);
        match self.rows.len() < BATCH_ROWS {
            true => Ok(()),
            false => self.flush(),
        }
    }

    fn flush(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        let is_object = |row: &Entry| is_uri(Path::new(&row.uri));
        let etags = rows
            .iter()
            .map(|row| is_object(row).then(|| row.known.version.clone()));
        let times = rows
            .iter()
            .map(|row| (!is_object(row)).then(|| row.known.version.parse::<i64>().unwrap_or(0)));
        let batch = RecordBatch::try_new(
            self.schema.clone(),
            vec![
                Arc::new(StringArray::from_iter_values(rows.iter().map(|row| &row.uri))),
                Arc::new(Int64Array::from_iter_values(
                    rows.iter()
                        .map(|row| i64::try_from(row.known.size).unwrap_or(i64::MAX)),
                )),
                Arc::new(etags.collect::<StringArray>()),
                Arc::new(times.collect::<Int64Array>()),
                Arc::new(StringArray::from_iter_values(rows.iter().map(|row| &row.id))),
            ],
        )?;
        self.parquet.write(&batch).map_err(unwritten)
    }

    fn finish(mut self) -> Result<()> {
        self.flush()?;
        self.about.hash = self.hash.finalize().to_hex()[..32].to_owned();
        let about = serde_json::to_string(&self.about)?;
        self.parquet
            .append_key_value_metadata(KeyValue::new(KEY.to_owned(), about));
        let cannot = || format!("cannot write {}", self.path.display());
        let mut to = self.parquet.into_inner().map_err(unwritten)?;
        to.flush().with_context(cannot)?;
        self.file.finish().map(drop).with_context(cannot)
    }
}

fn unwritten(error: parquet::errors::ParquetError) -> Error {
    Error::Input(format!("the manifest cannot be written: {error}"))
}

impl Entry {
    /// Each text with its length, so that no two lists of entries give the same bytes.
    pub(super) fn hash_into(&self, hash: &mut blake3::Hasher) {
        for text in [&self.uri, &self.known.version, &self.id] {
            hash.update(&(text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        }
        hash.update(&self.known.size.to_le_bytes());
    }
}

/// A manifest that is there.
#[derive(Debug)]
pub struct Manifest {
    path: PathBuf,
    file: TableFile,
    about: About,
}

impl Manifest {
    /// Opens one, of this machine or of a store; of the latter only what is asked for is read.
    ///
    /// # Errors
    /// It is not there, or no manifest.
    pub fn open(path: &Path) -> Result<Self> {
        let file = TableFile::open(path)?;
        let reader = builder(path, &file)?;
        let metadata = reader.metadata().file_metadata().key_value_metadata();
        let about = metadata
            .into_iter()
            .flatten()
            .find(|pair| pair.key == KEY)
            .and_then(|pair| serde_json::from_str::<About>(pair.value.as_deref()?).ok());
        let Some(about) = about else {
            refuse!(
                Input,
                "{} is no manifest; `cratedigger manifest PATH --out {}` makes one",
                path.display(),
                path.display()
            );
        };
        if u64::try_from(reader.metadata().file_metadata().num_rows()).ok() != Some(about.n) {
            refuse!(Input, "{}: it has not the rows that it says", path.display());
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            about,
        })
    }

    /// Recordings.
    pub fn n(&self) -> u64 {
        self.about.n
    }

    /// What it is told from others by: a hash of all entries.
    pub fn hash(&self) -> &str {
        &self.about.hash
    }

    /// Whether every row is called by a track number.
    pub fn tracks_only(&self) -> bool {
        self.about.tracks_only
    }

    /// Its recordings, or those of a shard.
    ///
    /// # Errors
    /// It cannot be read, or its columns are not those of a manifest.
    pub fn entries(&self, shard: Option<Shard>) -> Result<Vec<Entry>> {
        let rows = match shard {
            Some(shard) => self.rows_of(shard)?,
            None => 0..self.about.n,
        };
        let n = (rows.end - rows.start) as usize;
        let builder = builder(&self.path, &self.file)?;
        // Only the row groups that hold some of them.
        let (mut groups, mut start, mut skipped) = (Vec::new(), 0, 0);
        for (at, group) in builder.metadata().row_groups().iter().enumerate() {
            let end = start + u64::try_from(group.num_rows()).unwrap_or(0);
            if end <= rows.start {
                skipped = end;
            } else if start < rows.end {
                groups.push(at);
            }
            start = end;
        }
        let reader = builder
            .with_row_groups(groups)
            .with_offset((rows.start - skipped) as usize)
            .with_limit(n)
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(|error| self.unread(&error))?;
        let mut entries = Vec::with_capacity(n);
        for batch in reader {
            self.add(&batch?, &mut entries)?;
        }
        match entries.len() == n {
            true => Ok(entries),
            false => refuse!(Input, "{}: it ends early", self.path.display()),
        }
    }

    /// As inputs of an extraction; what is known of them must still hold when they are analysed.
    ///
    /// # Errors
    /// As [`Self::entries`]; stores cannot be opened.
    pub fn inputs(&self, shard: Option<Shard>) -> Result<(Inputs, Vec<Entry>)> {
        let entries = self.entries(shard)?;
        let mut inputs = Inputs::default();
        for entry in &entries {
            let path = PathBuf::from(&entry.uri);
            inputs.objects.insert(path.clone(), entry.known.clone());
            inputs.files.push(Input {
                id: entry.id.clone(),
                path,
            });
        }
        #[cfg(feature = "store")]
        if inputs.files.iter().any(|file| is_uri(&file.path)) {
            inputs.objects.stores()?;
        }
        Ok((inputs, entries))
    }

    fn rows_of(&self, shard: Shard) -> Result<Range<u64>> {
        let builder = builder(&self.path, &self.file)?;
        let place = builder.schema().index_of(COLUMNS[1])?;
        let only_sizes = ProjectionMask::roots(builder.parquet_schema(), [place]);
        let reader = builder
            .with_projection(only_sizes)
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(|error| self.unread(&error))?;
        let mut wrong = None;
        let batches = reader.map_while(|batch| match batch {
            Ok(batch) => Some(batch),
            Err(error) => {
                wrong = Some(error);
                None
            }
        });
        let weights = batches.flat_map(|batch| {
            let sizes = batch.column(0).as_primitive_opt::<Int64Type>().cloned();
            let sizes: Vec<u64> = sizes
                .iter()
                .flatten()
                .map(|size| size.unwrap_or(0).max(0) as u64)
                .collect();
            sizes
        });
        let rows = shard.rows(weights, u128::from(self.about.weight));
        match wrong {
            Some(error) => Err(error.into()),
            None => Ok(rows),
        }
    }

    fn add(&self, batch: &RecordBatch, entries: &mut Vec<Entry>) -> Result<()> {
        let [uris, sizes, etags, times, ids] = COLUMNS.map(|name| batch.column_by_name(name));
        let text = |column: Option<&Arc<dyn Array>>| column.and_then(|c| c.as_string_opt::<i32>().cloned());
        let number =
            |column: Option<&Arc<dyn Array>>| column.and_then(|c| c.as_primitive_opt::<Int64Type>().cloned());
        let (Some(uris), Some(sizes), Some(etags), Some(times), Some(ids)) =
            (text(uris), number(sizes), text(etags), number(times), text(ids))
        else {
            refuse!(
                Input,
                "{}: its columns are not those of a manifest: {}",
                self.path.display(),
                COLUMNS.join(", ")
            );
        };
        for row in 0..batch.num_rows() {
            let version = match (etags.is_valid(row), times.is_valid(row)) {
                (true, _) => etags.value(row).to_owned(),
                (_, true) => times.value(row).to_string(),
                _ => String::new(),
            };
            entries.push(Entry {
                uri: uris.value(row).to_owned(),
                known: Known {
                    size: sizes.value(row).max(0) as u64,
                    version,
                },
                id: ids.value(row).to_owned(),
            });
        }
        Ok(())
    }

    fn unread(&self, error: &parquet::errors::ParquetError) -> Error {
        Error::Input(format!("{}: {error}", self.path.display()))
    }
}

fn builder(path: &Path, file: &TableFile) -> Result<ParquetRecordBatchReaderBuilder<TableFile>> {
    ParquetRecordBatchReaderBuilder::try_new(file.again()?)
        .map_err(|error| Error::Input(format!("{} is no manifest: {error}", path.display())))
}
