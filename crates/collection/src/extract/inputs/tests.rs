#![allow(clippy::unwrap_used)]
use super::*;

fn ids(inputs: &Inputs) -> Vec<&str> {
    inputs.files.iter().map(|f| f.id.as_str()).collect()
}

fn music() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for path in [
        "000/000002.mp3",
        "000/000010.MP3",
        "b/a song.flac",
        "b/notes.txt",
        "b/x/c.wav",
        "d.ogg",
    ] {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }
    dir
}

#[test]
fn one_folder_gives_track_numbers_and_paths_relative_to_it() {
    let dir = music();
    let found = Inputs::find(&[dir.path().to_owned()], &mut std::io::empty()).unwrap();
    assert_eq!(ids(&found), ["2", "10", "b/a song.flac", "b/x/c.wav", "d.ogg"]);
    assert!(found.unread.is_empty());
}

#[test]
fn several_arguments_give_paths_as_they_are() {
    let dir = music();
    let (a, b) = (dir.path().join("b"), dir.path().join("./d.ogg"));
    let found = Inputs::find(&[a.clone(), b], &mut std::io::empty()).unwrap();
    let want = |name: &str| dir.path().join(name).to_string_lossy().into_owned();
    assert_eq!(
        ids(&found),
        [want("b/a song.flac"), want("b/x/c.wav"), want("d.ogg")]
    );
    let twice = Inputs::find(&[a.clone(), a], &mut std::io::empty()).unwrap();
    assert_eq!(twice.files.len(), 2);
    assert!(twice.unread.is_empty());
}

#[test]
fn patterns_and_lists_are_followed_and_what_is_missing_is_told() {
    let dir = music();
    let pattern = dir.path().join("**/*.mp3");
    let found = Inputs::find(&[pattern], &mut std::io::empty()).unwrap();
    assert_eq!(ids(&found), ["2"]);
    let nothing = Inputs::find(&[dir.path().join("*.aif")], &mut std::io::empty()).unwrap();
    assert!(nothing.files.is_empty() && nothing.unread[0].reason.contains("pattern"));

    let here = dir.path().to_string_lossy().into_owned();
    for end in ["\n", "\r\n", "\0"] {
        let text = [
            format!("{here}/000/000002.mp3"),
            format!("{here}/b/notes.txt"),
            format!("{here}/gone.mp3"),
        ];
        let text = text.join(end);
        let found = Inputs::find(&["-".into()], &mut text.as_bytes()).unwrap();
        assert_eq!(found.files.len(), 2, "a listed file is tried whatever its name");
        assert_eq!(found.unread.len(), 1);
        assert!(found.unread[0].path.ends_with("gone.mp3"));
    }
}

#[test]
fn names_of_macos_in_folders_and_patterns_are_counted_and_passed_over() {
    let dir = music();
    for name in [
        "b/._a song.flac",
        "b/._notes.txt",
        "__MACOSX/b/._c.wav",
        "__MACOSX/d.ogg",
    ] {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }
    let found = Inputs::find(&[dir.path().to_owned()], &mut std::io::empty()).unwrap();
    assert_eq!(ids(&found), ["2", "10", "b/a song.flac", "b/x/c.wav", "d.ogg"]);
    assert_eq!((found.passed_over.len(), found.unread.len()), (3, 0));
    assert!(found.passed_over_in_words().unwrap().ends_with(": 3"));
    assert_eq!(found.nothing(), None);
    let of_pattern = |pattern: &str| {
        let found = Inputs::find(&[dir.path().join(pattern)], &mut std::io::empty()).unwrap();
        assert!(found.unread.is_empty(), "{:?}", found.unread);
        (found.files.len(), found.passed_over.len())
    };
    assert_eq!(of_pattern("**/*.ogg"), (1, 1));
    assert_eq!(of_pattern("b/*"), (3, 2));
    assert_eq!(of_pattern("*"), (5, 3));
    assert_eq!(of_pattern("**"), (4, 3), "all folders below");
    assert_eq!(of_pattern("**/b"), (2, 2));
    assert_eq!(of_pattern("__M*/**/*.wav"), (0, 1));
    // What is named is tried, and so is a folder that is.
    let named = ["b/._a song.flac", "__MACOSX"].map(|name| dir.path().join(name));
    let found = Inputs::find(&named, &mut std::io::empty()).unwrap();
    assert_eq!((found.files.len(), found.passed_over.len()), (2, 1));
    let nothing = Inputs::find(&[dir.path().join("__MACOSX/b")], &mut std::io::empty()).unwrap();
    let told = nothing.nothing().unwrap();
    assert!(
        told.contains("no audio file found") && told.ends_with(": 1"),
        "{told}"
    );
}

#[test]
fn folders_of_a_pattern_are_meant_as_they_are_written() {
    let dir = tempfile::tempdir().unwrap();
    for path in [
        "[2020] One/a.mp3",
        "[2020] One/[Live] b.mp3",
        "[2020] One/l.mp3",
        "2 One/c.mp3",
        "[open/d.mp3",
        "what?/*/e.mp3",
    ] {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }
    let of_pattern = |pattern: &str| {
        let found = Inputs::find(&[dir.path().join(pattern)], &mut std::io::empty()).unwrap();
        let names = found
            .files
            .iter()
            .map(|file| file.path.strip_prefix(dir.path()).unwrap());
        let names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
        (names, found.unread.len())
    };
    let all = |names: &[&str]| (names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>(), 0);
    assert_eq!(
        of_pattern("[2020] One/*.mp3"),
        all(&["[2020] One/[Live] b.mp3", "[2020] One/a.mp3", "[2020] One/l.mp3"])
    );
    assert_eq!(of_pattern("[open/*.mp3"), all(&["[open/d.mp3"]));
    assert_eq!(of_pattern("what?/*/*.mp3"), all(&["what?/*/e.mp3"]));
    // Behind the folders brackets are a choice of letters, and themselves where that matches nothing.
    assert_eq!(
        of_pattern("[2020] One/[al].mp3"),
        all(&["[2020] One/a.mp3", "[2020] One/l.mp3"])
    );
    assert_eq!(of_pattern("[2] One/*.mp3"), all(&["2 One/c.mp3"]));
    assert_eq!(
        of_pattern("[2020] One/[Live]*"),
        all(&["[2020] One/[Live] b.mp3"])
    );
    assert_eq!(of_pattern("*/[Live] b.*"), all(&["[2020] One/[Live] b.mp3"]));
    assert_eq!(of_pattern("*/[Live b.*").1, 1);
}

#[test]
fn a_second_file_with_the_same_track_number_is_told_and_left_out() {
    let dir = music();
    std::fs::write(dir.path().join("b/000002.mp3"), "").unwrap();
    let found = Inputs::find(&[dir.path().to_owned()], &mut std::io::empty()).unwrap();
    assert_eq!(ids(&found).iter().filter(|id| **id == "2").count(), 1);
    assert_eq!(found.unread[0].stage, "name");
    assert!(
        found.unread[0].reason.contains("`2`"),
        "{}",
        found.unread[0].reason
    );
}

#[cfg(unix)]
#[test]
fn one_file_is_one_row_whatever_links_lead_to_it() {
    use std::os::unix::fs::symlink;
    let dir = music();
    let at = |name: &str| dir.path().join(name);
    symlink(".", at("loop")).unwrap();
    symlink("../d.ogg", at("b/link.ogg")).unwrap();
    std::fs::hard_link(at("b/x/c.wav"), at("b/x/hard.wav")).unwrap();
    symlink("nowhere", at("b/broken.mp3")).unwrap();
    for argument in [dir.path().to_owned(), at("**/*.*")] {
        let found = Inputs::find(&[argument], &mut std::io::empty()).unwrap();
        assert_eq!(
            found.files.iter().filter(|f| f.id.ends_with("ogg")).count(),
            1,
            "{found:?}"
        );
        let names: Vec<_> = found
            .other_names
            .keys()
            .map(|p| p.file_name().unwrap().to_owned())
            .collect();
        assert_eq!(names.len(), 2, "{names:?}");
        assert!(found.told()[0].contains("links"), "{:?}", found.told());
        assert_eq!(found.unread.len(), 1, "{:?}", found.unread);
        assert!(found.unread[0].path.ends_with("broken.mp3"));
    }
    // A link to a folder is not followed, whatever its name.
    symlink(".", at("b/folder.mp3")).unwrap();
    let found = Inputs::find(&[dir.path().to_owned()], &mut std::io::empty()).unwrap();
    assert_eq!((found.other_names.len(), found.unread.len()), (2, 1));
    // Through the links by name.
    let found = Inputs::find(&[at("loop/loop/d.ogg"), at("d.ogg")], &mut std::io::empty()).unwrap();
    assert_eq!((found.files.len(), found.other_names.len()), (1, 1));
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_told_and_not_opened() {
    let dir = music();
    let pipe = dir.path().join("pipe.mp3");
    let status = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(status.success());
    std::os::unix::fs::symlink("/dev/zero", dir.path().join("zero.mp3")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket.mp3")).unwrap();
    for argument in [dir.path().to_owned(), dir.path().join("*.mp3")] {
        let found = Inputs::find(&[argument], &mut std::io::empty()).unwrap();
        assert_eq!(found.unread.len(), 3, "{:?}", found.unread);
        assert!(found.unread.iter().all(|u| u.reason.contains("no regular file")));
    }
    let named = Inputs::find(&[pipe], &mut std::io::empty()).unwrap();
    assert_eq!((named.files.len(), named.unread.len()), (0, 1));
}
