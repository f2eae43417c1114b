//! Links in pages of Markdown, and whether they lead anywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::pages::{Page, root};

/// How many relative links the pages have, and those whose file or heading is not there.
pub(crate) fn broken(pages: &[Page]) -> (usize, Vec<String>) {
    let mut n_links = 0;
    let mut told = Vec::new();
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for page in pages {
        for (line, to) in targets(&page.text) {
            n_links += 1;
            let (path, anchor) = to
                .split_once('#')
                .map_or((to.as_str(), None), |(path, anchor)| (path, Some(anchor)));
            let file = if path.is_empty() {
                page.name.clone()
            } else {
                below(&page.name, path)
            };
            let place = format!("{}:{line}", page.name);
            if page.name.starts_with("docs/") && !file.starts_with("docs/") && file.ends_with(".md") {
                told.push(format!(
                    "{place}: {to}: mdBook takes every .md for a chapter of the book"
                ));
            } else if !root().join(&file).exists() {
                told.push(format!("{place}: {to}: there is no {file}"));
            } else if let Some(anchor) = anchor {
                let headings = known
                    .entry(file.clone())
                    .or_insert_with(|| headings(&Page::read(&file).text));
                if !headings.contains(anchor) {
                    told.push(format!("{place}: {to}: no heading of {file} is called so"));
                }
            }
        }
    }
    (n_links, told)
}

/// The relative links of a page with their lines (from 1), those in code left out.
pub(crate) fn targets(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, line) in prose(text) {
        let line = without_code(line);
        for rest in line.split("](").skip(1) {
            let Some((to, _)) = rest.split_once(')') else {
                continue;
            };
            if !to.contains("://") && !to.starts_with("mailto:") {
                found.push((at, to.to_owned()));
            }
        }
    }
    found
}

/// Lines that stand in no fenced block, with their numbers from 1.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut inside = false;
    text.lines().enumerate().filter_map(move |(at, line)| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        (!inside && !fence).then_some((at + 1, line))
    })
}

/// The line without what stands between backticks.
fn without_code(line: &str) -> String {
    let spans: Vec<&str> = line.split('`').collect();
    // a backtick without a partner is none
    if spans.len().is_multiple_of(2) {
        return line.to_owned();
    }
    spans.into_iter().step_by(2).collect()
}

/// The path of a link, from the root, seen from a page.
fn below(page: &str, path: &str) -> String {
    let folder = Path::new(page).parent().unwrap();
    let mut parts: Vec<&str> = folder.iter().map(|part| part.to_str().unwrap()).collect();
    for part in path.split('/') {
        match part {
            ".." => {
                parts.pop();
            }
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// What the headings of a page are called in links, as GitHub and mdBook make it.
fn headings(text: &str) -> BTreeSet<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut names = BTreeSet::new();
    for (_, line) in prose(text) {
        let Some(title) = line.strip_prefix('#').map(|rest| rest.trim_start_matches('#')) else {
            continue;
        };
        let Some(title) = title.strip_prefix(' ') else {
            continue;
        };
        let name = heading(title);
        let n = seen.entry(name.clone()).or_insert(0);
        names.insert(if *n == 0 { name } else { format!("{name}-{n}") });
        *n += 1;
    }
    names
}

fn heading(title: &str) -> String {
    // a link's words without its target
    let mut words = String::new();
    let mut rest = title.trim();
    while let Some((before, after)) = rest.split_once("](") {
        words.push_str(before);
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    words.push_str(rest);
    let kept = words
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn a_link_to_nothing_is_found() {
    let page = |text: &str| Page {
        name: "docs/trust.md".to_owned(),
        text: text.to_owned(),
    };
    let n_broken = |text: &str| broken(&[page(text)]).1.len();
    assert_eq!(
        n_broken("[a](models.md) [b](models.md#tuning) [c](https://example.org/x.md)"),
        0
    );
    assert_eq!(
        n_broken("[a](model.md) [b](models.md#no-such-heading) [c](#nor-this)"),
        3
    );
    assert_eq!(n_broken("[a](../README.md) [b](../benches/)"), 1);
    assert_eq!(n_broken("`[a](nowhere.md)`\n```\n[a](nowhere.md)\n```\n"), 0);
    assert_eq!(
        heading("Add a `method`: [how](x.md), 2 of 3"),
        "add-a-method-how-2-of-3"
    );
}
