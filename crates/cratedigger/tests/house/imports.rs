//! Arrows between the files of a crate.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::circles::Arrows;

/// The files below `src`, and which of the others each of them uses.
pub(crate) fn of_crate(src: &Path) -> Arrows {
    let mut files = Vec::new();
    read(src, src, &mut files);
    files.sort();
    between(&files)
}

/// The same, of files that are given as text.
pub(crate) fn between(files: &[(PathBuf, String)]) -> Arrows {
    let modules: Vec<Module> = files
        .iter()
        .filter_map(|(path, text)| Module::new(path, text))
        .collect();
    let by_path: BTreeMap<&[String], &Module> =
        modules.iter().map(|module| (&module.path[..], module)).collect();
    let house = House { by_path };
    modules
        .iter()
        .map(|module| {
            let mut used: BTreeSet<String> = module
                .paths
                .iter()
                .filter_map(|path| house.resolve(&module.path, path, 0))
                .collect();
            used.remove(&module.file);
            (module.file.clone(), used)
        })
        .collect()
}

fn read(src: &Path, folder: &Path, files: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            read(src, &path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && let (Ok(text), Ok(below)) = (fs::read_to_string(&path), path.strip_prefix(src))
        {
            files.push((below.to_owned(), text));
        }
    }
}

/// A file with what it names.
struct Module {
    file: String,
    /// Where it hangs in the tree of modules.
    path: Vec<String>,
    /// Names that it takes from elsewhere, with the paths to them; `*` for all names of a path.
    taken: Vec<(String, Vec<String>)>,
    /// Paths that its own code uses.
    paths: Vec<Vec<String>>,
}

impl Module {
    /// `None` for a file of tests.
    fn new(file: &Path, text: &str) -> Option<Self> {
        let mut path: Vec<String> = file
            .with_extension("")
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        let is_test =
            |name: &String| name == "tests" || name.ends_with("_tests") || name.starts_with("test_");
        if path.iter().any(is_test) {
            return None;
        }
        if path.last().is_some_and(|name| name == "mod")
            || matches!(&path[..], [name] if name == "lib" || name == "main")
        {
            path.pop();
        }
        let words = words(&without_tests(text));
        let mut module = Self {
            file: file.to_string_lossy().replace('\\', "/"),
            path,
            taken: Vec::new(),
            paths: Vec::new(),
        };
        module.read(&words);
        Some(module)
    }

    fn read(&mut self, words: &[String]) {
        let word = |at: usize| words.get(at).map_or("", String::as_str);
        let mut children = BTreeSet::new();
        // Words of its own code, beside declarations.
        let mut used = BTreeSet::new();
        let mut at = 0;
        while at < words.len() {
            if word(at) == "mod" && word(at + 2) == ";" {
                children.insert(word(at + 1).to_owned());
                at += 3;
            } else if word(at) == "use" {
                let is_public = at > 0 && matches!(word(at - 1), "pub" | ")");
                let mut leaves = Vec::new();
                at = tree(words, at + 1, Vec::new(), &mut leaves);
                for (name, path) in leaves {
                    let is_child = path
                        .first()
                        .is_some_and(|first| children.contains(first) || first == "self");
                    if !(is_public || is_child) {
                        self.paths.push(path.clone());
                    }
                    self.taken.push((name, path));
                }
            } else if word(at + 1) == "::" && (at == 0 || word(at - 1) != "::") {
                used.insert(word(at));
                let mut path = vec![word(at).to_owned()];
                while word(at + 1) == "::" {
                    path.push(word(at + 2).to_owned());
                    at += 2;
                }
                self.paths.push(path);
                at += 1;
            } else {
                used.insert(word(at));
                at += 1;
            }
        }
        // What it takes from its own children counts where it is used, not where it is passed on.
        let own = self.taken.iter().filter(|(name, path)| {
            path.first().is_some_and(|first| children.contains(first)) && used.contains(name.as_str())
        });
        let own: Vec<Vec<String>> = own.map(|(_, path)| path.clone()).collect();
        self.paths.extend(own);
    }
}

/// All modules of a crate.
struct House<'a> {
    by_path: BTreeMap<&'a [String], &'a Module>,
}

impl House<'_> {
    /// The file in which the path, as written in the module `from`, is defined; `None` where it leads out of the crate.
    fn resolve(&self, from: &[String], path: &[String], depth: usize) -> Option<String> {
        if depth > 20 {
            return None;
        }
        let mut here = from.to_vec();
        let mut rest = path;
        match rest.first()?.as_str() {
            "crate" => {
                here.clear();
                rest = &rest[1..];
            }
            "self" => rest = &rest[1..],
            "super" => {}
            // A module of its own, or a name that it took from elsewhere.
            name => {
                here.push(name.to_owned());
                if !self.by_path.contains_key(&here[..]) {
                    return None;
                }
                here.pop();
            }
        }
        while rest.first().is_some_and(|name| name == "super") {
            here.pop()?;
            rest = &rest[1..];
        }
        while let Some(name) = rest.first() {
            here.push(name.clone());
            if !self.by_path.contains_key(&here[..]) {
                here.pop();
                break;
            }
            rest = &rest[1..];
        }
        let module = self.by_path.get(&here[..])?;
        let Some(name) = rest.first() else {
            return Some(module.file.clone());
        };
        let taken = module.taken.iter().find(|(taken, _)| taken == name);
        if let Some((_, onward)) = taken
            && let Some(file) = self.resolve(&here, onward, depth + 1)
        {
            return Some(file);
        }
        Some(module.file.clone())
    }
}

/// The leaves of a `use` tree: the name under which each is known here, and its path. Returns the place after the tree.
fn tree(
    words: &[String],
    mut at: usize,
    mut path: Vec<String>,
    leaves: &mut Vec<(String, Vec<String>)>,
) -> usize {
    loop {
        match words.get(at).map_or(";", String::as_str) {
            "{" => {
                at += 1;
                while !matches!(words.get(at).map_or("}", String::as_str), "}") {
                    let next = tree(words, at, path.clone(), leaves);
                    let is_comma = words.get(next).is_some_and(|word| word == ",");
                    at = (next + usize::from(is_comma)).max(at + 1);
                }
                return at + 1;
            }
            "::" => at += 1,
            ";" | "," | "}" => break,
            "as" => {
                leaves.push((words.get(at + 1).cloned().unwrap_or_default(), path));
                return at + 2;
            }
            name => {
                path.push(name.to_owned());
                at += 1;
            }
        }
    }
    // `use a::{self, B}` names `a` itself.
    if path.len() > 1 && path.last().is_some_and(|name| name == "self") {
        path.pop();
    }
    if let Some(name) = path.last().cloned() {
        leaves.push((name, path));
    }
    at
}

/// The text without comments and what is behind `#[cfg(test)]`.
fn without_tests(text: &str) -> String {
    let mut kept = String::new();
    let mut skipped: Option<i64> = None;
    for line in text.lines() {
        let code = match line.trim_start() {
            comment if comment.starts_with("//") => "",
            _ => line,
        };
        if skipped.is_none() && code.trim() == "#[cfg(test)]" {
            skipped = Some(0);
            continue;
        }
        if let Some(open) = &mut skipped {
            *open += code.matches(['{', '(']).count() as i64 - code.matches(['}', ')']).count() as i64;
            let ends = code.trim_end().ends_with(['}', ';']);
            if *open <= 0 && ends {
                skipped = None;
            }
            continue;
        }
        kept.push_str(code);
        kept.push('\n');
    }
    kept
}

/// Names, `::` and single signs, without what stands in quotation marks.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        if sign == '\'' && signs.next_if_eq(&'"').is_some() {
            // the character '"'
            continue;
        }
        if sign == '"' {
            while let Some(inside) = signs.next() {
                match inside {
                    '"' => break,
                    '\\' => drop(signs.next()),
                    _ => {}
                }
            }
        } else if sign.is_alphanumeric() || sign == '_' {
            let mut word = String::from(sign);
            while let Some(next) = signs.next_if(|next| next.is_alphanumeric() || *next == '_') {
                word.push(next);
            }
            words.push(word);
        } else if sign == ':' && signs.next_if_eq(&':').is_some() {
            words.push("::".to_owned());
        } else if !sign.is_whitespace() {
            words.push(sign.to_string());
        }
    }
    words
}
