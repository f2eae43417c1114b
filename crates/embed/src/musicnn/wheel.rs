//! The Python package with musicnn's weights: read, checked, and kept as a file for each network.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use super::rebuilt::rebuilt;
use super::tags::{MSD, MTT};
use super::weights::{About, Architecture, Weights};
use crate::checkpoint;
use crate::embedding::Embedding;
use crate::error::{Error, Result};
use crate::library::EXTENSION;

/// The largest file of the package that is unpacked.
const MAX_BYTES: u64 = 1 << 28;
/// The end of a checkpoint's two files.
const INDEX: &str = ".index";
const DATA: &str = ".data-00000-of-00001";
/// What a network needs; the rest are an optimiser's moments.
const PARTS: [&str; 6] = [
    "kernel",
    "bias",
    "gamma",
    "beta",
    "moving_mean",
    "moving_variance",
];

/// A network that was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Its name, such as `MSD_musicnn`.
    pub name: String,
    /// The file that it is kept in.
    pub path: PathBuf,
    /// BLAKE3 of that file.
    pub hash: String,
}

/// Reads all networks of a wheel of musicnn (`pip download --no-deps musicnn==0.1.0`), runs each once, and writes them into the
/// folder, each whole or not at all. A file that is there is replaced.
///
/// # Errors
/// `Damaged` where the file is no such wheel; `Graph` where a network cannot be rebuilt; `File`.
pub fn import(wheel: &Path, folder: &Path) -> Result<Vec<Imported>> {
    let all = read(wheel).map_err(|error| error.in_file(wheel))?;
    std::fs::create_dir_all(folder).map_err(|error| Error::from(error).in_file(folder))?;
    let mut imported = Vec::with_capacity(all.len());
    for weights in all {
        let bytes = weights.to_bytes()?;
        let path = folder.join(format!("{}.{EXTENSION}", weights.about.name));
        let hash = blake3::hash(&bytes).to_hex().to_string();
        let (onnx, contract) = rebuilt(&weights)?;
        Embedding::new(onnx, contract, hash.clone())?;
        cratedigger_files::write_whole(&path, &bytes).map_err(|error| Error::from(error).in_file(&path))?;
        let name = weights.about.name;
        imported.push(Imported { name, path, hash });
    }
    Ok(imported)
}

/// The networks of a wheel, by name.
fn read(wheel: &Path) -> Result<Vec<Weights>> {
    let wrong = |problem: String| Error::damaged("the package", problem);
    let mut zip = ZipArchive::new(File::open(wheel)?).map_err(|error| {
        wrong(format!(
            "it is no wheel ({error}); `pip download --no-deps musicnn==0.1.0` brings one"
        ))
    })?;
    let names: Result<Vec<String>, _> = zip.file_names().map(|name| name.map(Cow::into_owned)).collect();
    let names = names.map_err(|error| wrong(error.to_string()))?;
    let find = |end: &str| names.iter().find(|name| name.ends_with(end));
    let text = |zip: &mut ZipArchive<File>, name: Option<&String>| -> Result<String> {
        match name {
            Some(name) => Ok(String::from_utf8_lossy(&unpack(zip, name)?).into_owned()),
            None => Ok(String::new()),
        }
    };
    let metadata = text(&mut zip, find(".dist-info/METADATA"))?;
    let licence = names.iter().find(|name| name.contains(".dist-info/LICENSE"));
    let licence_text = text(&mut zip, licence)?;
    let field = |key: &str| {
        let mut lines = metadata.lines().take_while(|line| !line.is_empty());
        let value = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
        value.unwrap_or("unknown").trim().to_owned()
    };
    let mut folders: Vec<&str> = names.iter().filter_map(|name| name.strip_suffix(INDEX)).collect();
    folders.sort_unstable();
    let mut out = Vec::new();
    for folder in folders {
        let name = folder
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default();
        let (architecture, pretrained_on, tags) = match name {
            "MTT_musicnn" => (Architecture::Musicnn, "MagnaTagATune", MTT),
            "MSD_musicnn" | "MSD_musicnn_big" => (Architecture::Musicnn, "Million Song Dataset", MSD),
            "MTT_vgg" => (Architecture::Vgg, "MagnaTagATune", MTT),
            "MSD_vgg" => (Architecture::Vgg, "Million Song Dataset", MSD),
            _ => continue,
        };
        let index = unpack(&mut zip, &format!("{folder}{INDEX}"))?;
        let data = unpack(&mut zip, &format!("{folder}{DATA}"))?;
        let wanted = |name: &str| name.rsplit('/').next().is_some_and(|part| PARTS.contains(&part));
        let about = About {
            name: name.to_owned(),
            architecture,
            licence: field("License"),
            licence_text: licence_text.clone(),
            pretrained_on: vec![pretrained_on.to_owned()],
            source: format!(
                "{} {} of PyPI, {}",
                field("Name"),
                field("Version"),
                field("Home-page")
            ),
            tags: tags.map(str::to_owned).to_vec(),
        };
        let tensors = checkpoint::read(&index, &data, wanted)?;
        out.push(Weights { about, tensors });
    }
    match out.is_empty() {
        true => Err(wrong("it holds none of musicnn's networks".to_owned())),
        false => Ok(out),
    }
}

fn unpack(zip: &mut ZipArchive<File>, name: &str) -> Result<Vec<u8>> {
    let wrong = |problem: String| Error::damaged(format!("`{name}` of the package"), problem);
    let mut entry = zip.by_name(name).map_err(|error| wrong(error.to_string()))?;
    if entry.size() > MAX_BYTES {
        return Err(wrong(format!("it has {} bytes", entry.size())));
    }
    let mut bytes = Vec::new();
    (&mut entry)
        .take(MAX_BYTES)
        .read_to_end(&mut bytes)
        .map_err(|error| wrong(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::test_wheel::{tiny, write_wheel};
    use super::*;

    #[test]
    fn a_wheel_is_imported_whole_with_licence_and_source() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = folder.path().join("musicnn-9-py3-none-any.whl");
        write_wheel(
            &wheel,
            &[
                ("MSD_musicnn", tiny(Architecture::Musicnn)),
                ("MTT_vgg", tiny(Architecture::Vgg)),
                ("other", tiny(Architecture::Vgg)),
            ],
        );
        let out = folder.path().join("kept");
        let imported = import(&wheel, &out).unwrap();
        let names: Vec<&str> = imported.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["MSD_musicnn", "MTT_vgg"]);
        let bytes = std::fs::read(&imported[0].path).unwrap();
        assert_eq!(blake3::hash(&bytes).to_hex().as_str(), imported[0].hash);
        let kept = Weights::from_bytes(&bytes).unwrap();
        assert_eq!(
            (kept.about.licence.as_str(), kept.about.source.as_str()),
            ("ISC", "musicnn 9 of PyPI, http://here")
        );
        assert!(kept.about.licence_text.contains("Permission"));
        assert_eq!(kept.tensors.len(), 64, "without the optimiser's");
        assert_eq!(import(&wheel, &out).unwrap(), imported, "the same bytes again");
    }

    #[test]
    fn what_is_no_such_wheel_is_refused_and_nothing_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let (wheel, out) = (folder.path().join("a.whl"), folder.path().join("kept"));
        let refused = |word: &str| {
            let error = import(&wheel, &out).unwrap_err();
            let text = format!("{error}: {}", std::error::Error::source(&error).unwrap());
            assert!(text.contains(word) && text.contains("a.whl"), "{word}: {text}");
            assert!(!out.exists());
        };
        refused("No such file");
        std::fs::write(&wheel, b"PK nothing").unwrap();
        refused("no wheel");
        write_wheel(&wheel, &[("other", tiny(Architecture::Vgg))]);
        refused("none of musicnn's");
        let whole = std::fs::read(&wheel).unwrap();
        std::fs::write(&wheel, &whole[..whole.len() / 2]).unwrap();
        refused("no wheel");
        let mut lacking = tiny(Architecture::Musicnn);
        lacking.remove("conv2d_6/kernel");
        write_wheel(&wheel, &[("MSD_musicnn", lacking)]);
        let error = import(&wheel, &out).unwrap_err().to_string();
        assert!(error.contains("MSD_musicnn"), "{error}");
        assert_eq!(std::fs::read_dir(&out).unwrap().count(), 0);
    }
}
