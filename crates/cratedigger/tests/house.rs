//! The house stays as `ARCHITECTURE.md` draws it: crates depend on each other as its table says and in no other way, and the
//! files of a crate form no circle.
//!
//! What is read is the text of the manifests and sources, tests left out: `use` trees, paths that begin with `crate`, `super` or
//! `self`, and what a file calls in the modules that it declares. A name that a module takes from elsewhere (`pub use`) leads
//! to where it is defined, so that a front page that gathers names is in no circle with what it gathers.

mod house {
    pub(crate) mod circles;
    pub(crate) mod crates;
    pub(crate) mod imports;
}

use std::path::{Path, PathBuf};

use house::{circles, crates};

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn crates_depend_on_each_other_as_the_table_in_architecture_says() {
    let allowed = crates::allowed(&root().join("ARCHITECTURE.md"));
    let found = crates::found(&root().join("crates"));
    assert!(found.len() > 5, "only {} crates were found", found.len());
    let names = |map: &crates::Arrows| map.keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(&allowed),
        names(&found),
        "the table's crates (left) are not those of the folder `crates` (right)"
    );
    for (name, depends_on) in &found {
        assert_eq!(
            &allowed[name], depends_on,
            "the crate {name}: the table (left) has other arrows than its Cargo.toml (right)"
        );
    }
    if let Some(circle) = circles::first(&found) {
        panic!("crates form a circle: {}", circle.join(" -> "));
    }
}

#[test]
fn files_of_a_crate_form_no_circle() {
    let mut told = Vec::new();
    for name in crates::found(&root().join("crates")).keys() {
        let arrows = house::imports::of_crate(&root().join("crates").join(name).join("src"));
        told.extend(
            circles::all(&arrows)
                .into_iter()
                .map(|circle| format!("{name}: {}", circle.join(", "))),
        );
    }
    assert!(
        told.is_empty(),
        "files that import each other:\n{}",
        told.join("\n")
    );
}

#[test]
fn a_circle_is_found_through_names_that_a_module_passes_on() {
    let file = |name: &str, text: &str| (PathBuf::from(name), text.to_owned());
    let arrows = house::imports::between(&[
        file("lib.rs", "mod a;\nmod b;\npub use b::Shape;\n"),
        file("a.rs", "use crate::Shape;\nfn f() {}\n"),
        file(
            "b/mod.rs",
            "mod c;\nmod d;\npub use c::{Shape, other};\npub use d::far;\n",
        ),
        file(
            "b/c.rs",
            "use super::far;\npub struct Shape;\n#[cfg(test)]\nmod tests { use crate::a::f; }\n",
        ),
        file("b/d.rs", "pub fn far() { crate::a::f() }\n"),
    ]);
    let of = |name: &str| arrows[name].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(of("a.rs"), ["b/c.rs"]);
    assert_eq!(of("b/c.rs"), ["b/d.rs"]);
    assert_eq!(of("b/d.rs"), ["a.rs"]);
    assert!(of("lib.rs").is_empty() && of("b/mod.rs").is_empty());
    assert_eq!(circles::all(&arrows), [["a.rs", "b/c.rs", "b/d.rs"]]);
}

#[test]
fn property_tests_draw_the_same_cases_in_every_run() {
    let mut folders = vec![root().join("crates")];
    let (mut n_found, mut loose) = (0, Vec::new());
    // In two parts, so that this file has none.
    let (block, config) = (concat!("proptest", "! {"), concat!("#![proptest", "_config("));
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source file");
                for behind in text.split(block).skip(1) {
                    n_found += 1;
                    let of_it = behind.trim_start().strip_prefix(config).unwrap_or_default();
                    if !of_it.starts_with("cases(") && !of_it.starts_with("common::cases(") {
                        loose.push(path.display().to_string());
                    }
                }
            }
        }
    }
    assert!(n_found >= 3, "only {n_found} property tests were found");
    assert!(
        loose.is_empty(),
        "property tests that take other seeds in each run: {loose:?}"
    );
}
