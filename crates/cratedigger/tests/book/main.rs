//! What the documentation shows is run, and where it leads something is.
//!
//! Blocks of the fence `console` in README.md and docs/ are run page by page, each page in a fresh folder, and must give the exit
//! code and the output that the page shows (see CONTRIBUTING.md). No network is needed.
#![allow(clippy::unwrap_used)]

mod given;
mod links;
mod pages;
mod runs;
mod shown;

use std::collections::BTreeSet;
use std::sync::Mutex;

use pages::{Fence, Page, root};

#[test]
fn console_blocks_do_what_their_pages_show() {
    let has_all = cfg!(all(
        unix,
        feature = "deep",
        feature = "server",
        feature = "sql",
        feature = "tags"
    ));
    if !has_all {
        println!("skipped: the pages need a shell and every part of the program (--all-features)");
        return;
    }
    let pages = pages::of_the_book();
    let given = given::Given::default();
    let queue = Mutex::new(pages.iter());
    let reports = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(2, usize::from).min(4);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let Some(page) = queue.lock().unwrap().next() else {
                        return;
                    };
                    let report = runs::page(page, &given);
                    reports.lock().unwrap().push(report);
                }
            });
        }
    });
    let reports = reports.into_inner().unwrap();
    let n_run: usize = reports.iter().map(|report| report.n_commands).sum();
    let mut not_run: Vec<&String> = reports.iter().flat_map(|report| &report.not_run).collect();
    not_run.sort();
    println!("{n_run} commands of {} pages were run; not run:", pages.len());
    for block in not_run {
        println!("  {block}");
    }
    let failures: Vec<&str> = reports
        .iter()
        .flat_map(|report| &report.failures)
        .map(String::as_str)
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert!(n_run > 50, "only {n_run} commands were found");
}

#[test]
fn commands_stand_in_blocks_that_are_run_or_say_why_not() {
    let mut told = Vec::new();
    for page in pages::of_the_book() {
        for line in page.indented_commands() {
            told.push(format!(
                "{}:{line}: a command in an indented block is never run",
                page.name
            ));
        }
        for block in page.blocks() {
            let place = format!("{}:{}", page.name, block.line);
            match block.fence() {
                Fence::Unknown(what) => told.push(format!("{place}: ```console {what}: what is that?")),
                Fence::Console if block.commands().is_empty() => {
                    told.push(format!("{place}: no line begins with `$ `"));
                }
                _ => {}
            }
        }
        for name in page.given() {
            if !given::is_known(&name) {
                told.push(format!("{}: `{name}` is not among what can be given", page.name));
            }
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn no_link_leads_nowhere() {
    let mut pages = pages::of_the_book();
    for name in [
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "benches/README.md",
    ] {
        pages.push(Page::read(name));
    }
    let (n_links, broken) = links::broken(&pages);
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(n_links > 100, "only {n_links} links were found");
}

#[test]
fn the_book_has_every_page_once() {
    let summary = Page::read("docs/SUMMARY.md");
    let chapters: Vec<String> = links::targets(&summary.text)
        .into_iter()
        .map(|(_, to)| to)
        .collect();
    let in_book: BTreeSet<String> = chapters.iter().map(|to| format!("docs/{to}")).collect();
    assert_eq!(
        chapters.len(),
        in_book.len(),
        "a chapter stands twice in docs/SUMMARY.md"
    );
    let there: BTreeSet<String> = pages::of_the_book()
        .into_iter()
        .map(|page| page.name)
        .filter(|name| name.starts_with("docs/") && name != "docs/SUMMARY.md")
        .collect();
    assert_eq!(there, in_book, "pages (left) and docs/SUMMARY.md (right)");
    assert!(root().join("docs/book.toml").is_file());
}

/// An example in ` ``` ` is compiled and run by `cargo test`, one marked `text` or `no_run` is not.
#[test]
fn every_crate_begins_with_an_example_that_is_run() {
    let mut n_crates = 0;
    for entry in std::fs::read_dir(root().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let read = |name: &str| std::fs::read_to_string(folder.join(name));
        let (Ok(page), Ok(manifest)) = (read("src/lib.rs"), read("Cargo.toml")) else {
            continue;
        };
        // an extension module of another language cannot be linked into a test
        if manifest.lines().any(|line| line == "doctest = false") {
            continue;
        }
        n_crates += 1;
        let mut fences = page.lines().filter_map(|line| line.strip_prefix("//! ```"));
        // every other fence ends a block
        let mut begins = std::iter::from_fn(|| {
            let begin = fences.next();
            fences.next();
            begin
        });
        assert!(
            begins.any(str::is_empty),
            "{}: no example is run",
            folder.display()
        );
    }
    assert!(n_crates > 10, "only {n_crates} crates were found");
}
