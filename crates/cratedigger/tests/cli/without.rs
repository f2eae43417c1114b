//! Builds that lack a part still tell of it, and how to get it.

use crate::desk::Desk;

/// What the first build may be spared: whether this one has it, how it is asked for, its feature.
const PARTS: [(bool, &[&str], &str); 9] = [
    (
        cfg!(feature = "deep"),
        &["autoencoder", "show", "none.cdauto"],
        "deep",
    ),
    (
        cfg!(feature = "deep"),
        &["mel", "music", "--out", "cache"],
        "deep",
    ),
    (cfg!(feature = "sql"), &["sql"], "sql"),
    (cfg!(feature = "download"), &["download"], "download"),
    (
        cfg!(feature = "server"),
        &["serve", "--model", "m.cdmodel"],
        "server",
    ),
    (
        cfg!(feature = "tags"),
        &["classify", "music", "--model", "m.cdmodel", "--write-tags"],
        "tags",
    ),
    (
        cfg!(feature = "tags"),
        &["classify", "music", "--restore-tags"],
        "tags",
    ),
    (
        cfg!(feature = "embed"),
        &["embedding", "import", "none.whl"],
        "embed",
    ),
    (
        cfg!(feature = "embed"),
        &["classify", "music", "--embedding", "none"],
        "embed",
    ),
];

#[test]
fn a_part_that_is_lacking_says_how_to_get_it() {
    let desk = Desk::empty();
    for (is_there, args, feature) in PARTS {
        let help = desk.ok(&[args[0], "--help"]).stdout;
        let lacks = format!("not in this build, which lacks the feature `{feature}`");
        // However wide the lines are.
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(help.contains(&lacks), !is_there, "{args:?}: {help}");
        let run = desk.run(args);
        assert_eq!(run.code, 2, "{args:?}: {}", run.stderr);
        assert_eq!(
            run.stderr.contains(&format!("--features {feature}")),
            !is_there,
            "{args:?}: {}",
            run.stderr
        );
        assert!(run.stdout.is_empty(), "{args:?}: {}", run.stdout);
    }
}
