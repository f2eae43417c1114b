//! What pages take for granted: small files and folders under the names that the pages call them by.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::pages::root;
use crate::runs::shell;

/// What a page may name, and the commands that make it in an empty folder, all of whose content the page gets. `$CRATES` is the
/// folder of the workspace's crates; `../NAME` is what stands further up, made before.
const RECIPES: &[(&str, &str)] = &[
    ("fma_metadata", "cratedigger synth fma_metadata --tracks 600"),
    (
        "fma_metadata of 250 tracks",
        "cratedigger synth fma_metadata --tracks 250",
    ),
    // genres that can be told apart, and so many artists that something can be promised
    (
        "fma_metadata of clips",
        "cratedigger synth fma_metadata --clips 1000 --seconds 1 --sample-rate 22050
         cratedigger extract fma_metadata/clips --out fma_metadata/features.csv
         rm -r fma_metadata/clips",
    ),
    ("DIR", "cratedigger synth DIR --tracks 250"),
    (
        "song.mp3",
        "cp $CRATES/features/tests/data/audio/mp3_cbr.mp3 song.mp3",
    ),
    (
        "fma_small",
        "mkdir -p fma_small/000
         cp $CRATES/features/tests/data/audio/mp3_cbr.mp3 fma_small/000/000002.mp3
         cp $CRATES/features/tests/data/audio/mp3_vbr.mp3 fma_small/000/000005.mp3",
    ),
    // a person's folder: files by artist and album, without tables, and labels beside it
    (
        "music and genres.csv",
        r#"cratedigger synth made --clips 96 --seconds 2 --clip-format flac --seed 5
         cratedigger sql --data made --format csv --out rows.csv \
             "select track_id, artist.id, album.id, track.genre_top from tracks order by 1"
         echo path,genre,artist > genres.csv
         while IFS=, read -r track artist album genre; do
             [ "$track" = track_id ] && continue
             folder=artist-$artist/album-$album
             mkdir -p music/$folder
             mv made/clips/000/$(printf %06d $track).flac music/$folder/track-$track.flac
             echo $folder/track-$track.flac,$genre,artist-$artist >> genres.csv
         done < rows.csv
         rm -r made rows.csv"#,
    ),
    (
        "genres.cdmodel",
        "cratedigger train '../fma_metadata of clips/fma_metadata' --genres all --calibrate --out genres.cdmodel",
    ),
];

/// Whether a page may name this.
pub(crate) fn is_known(name: &str) -> bool {
    RECIPES.iter().any(|recipe| recipe.0 == name)
}

/// What was made so far, for all pages.
pub(crate) struct Given {
    folder: tempfile::TempDir,
    made: Mutex<BTreeSet<&'static str>>,
}

impl Default for Given {
    fn default() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            made: Mutex::default(),
        }
    }
}

impl Given {
    /// Copies what a page names into its folder.
    pub(crate) fn bring(&self, names: &[String], folder: &Path) {
        for name in names {
            assert!(is_known(name), "`{name}` is not among what can be given");
            run("cp -r . \"$TO\"", &self.make(name), folder);
        }
    }

    /// The folder in which it is.
    fn make(&self, name: &str) -> PathBuf {
        // one at a time: most pages need the same
        let mut made = self.made.lock().unwrap();
        for (above, commands) in RECIPES {
            let wanted = *above == name;
            let needed = RECIPES
                .iter()
                .any(|recipe| recipe.0 == name && recipe.1.contains(&format!("../{above}/")));
            if (wanted || needed) && made.insert(above) {
                let folder = self.folder.path().join(above);
                fs::create_dir(&folder).unwrap();
                run(commands, &folder, &folder);
            }
        }
        self.folder.path().join(name)
    }
}

fn run(commands: &str, folder: &Path, to: &Path) {
    let home = tempfile::tempdir().unwrap();
    let crates = root().join("crates").canonicalize().unwrap();
    let commands = format!(
        "set -e\nCRATES='{}'\nTO='{}'\n{commands}",
        crates.display(),
        to.display()
    );
    let run = shell(&commands, folder, home.path());
    let text = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{commands}\n{text}");
}
