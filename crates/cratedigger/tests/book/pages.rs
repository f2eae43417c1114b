//! Pages of Markdown and the blocks that stand in them.

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A page and what it is called, from the root, with `/`.
pub(crate) struct Page {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A fenced block: the line of its fence (from 1), what stands behind the fence, and its lines.
pub(crate) struct Block {
    pub(crate) line: usize,
    info: String,
    lines: Vec<String>,
}

/// What the fence of a block says of it.
pub(crate) enum Fence {
    /// `console`: is run.
    Console,
    /// `console no-run: REASON`, or `sh`.
    NotRun(String),
    /// `console` with something else behind it.
    Unknown(String),
    /// No commands.
    Other,
}

/// A command of a block, the line that it stands on, and what the page shows of its output.
pub(crate) struct Command {
    pub(crate) line: usize,
    pub(crate) text: String,
    pub(crate) output: Vec<String>,
}

impl Command {
    /// The exit code that the command's comment tells (`# exit code 1`), else 0.
    pub(crate) fn exit_code(&self) -> i32 {
        self.text
            .split_once("# exit code ")
            .and_then(|(_, code)| code.split_whitespace().next()?.parse().ok())
            .unwrap_or(0)
    }
}

impl Page {
    pub(crate) fn read(name: &str) -> Self {
        let text = fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        Self {
            name: name.to_owned(),
            text,
        }
    }

    /// Names in comments `<!-- given: NAME, NAME -->`: what is there before the first command is run.
    pub(crate) fn given(&self) -> Vec<String> {
        let comments = self
            .text
            .lines()
            .filter_map(|line| line.strip_prefix("<!-- given: ")?.strip_suffix(" -->"));
        comments
            .flat_map(|names| names.split(", "))
            .map(str::to_owned)
            .collect()
    }

    pub(crate) fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut inside = false;
        for (at, line) in self.text.lines().enumerate() {
            match (line.strip_prefix("```"), inside) {
                (Some(info), false) => {
                    inside = true;
                    blocks.push(Block {
                        line: at + 1,
                        info: info.to_owned(),
                        lines: Vec::new(),
                    });
                }
                (Some(_), true) => inside = false,
                (None, true) => blocks.last_mut().unwrap().lines.push(line.to_owned()),
                (None, false) => {}
            }
        }
        assert!(!inside, "{}: a block does not end", self.name);
        blocks
    }

    /// Lines (from 1) of commands that stand in a block without fences.
    pub(crate) fn indented_commands(&self) -> Vec<usize> {
        let mut inside = false;
        let mut found = Vec::new();
        for (at, line) in self.text.lines().enumerate() {
            inside ^= line.starts_with("```");
            if !inside && line.starts_with("    cratedigger ") {
                found.push(at + 1);
            }
        }
        found
    }
}

impl Block {
    pub(crate) fn fence(&self) -> Fence {
        let (language, rest) = self.info.split_once(' ').unwrap_or((&self.info, ""));
        match (language, rest.strip_prefix("no-run: "), rest) {
            ("console", None, "") => Fence::Console,
            ("console", Some(reason), _) if !reason.is_empty() => Fence::NotRun(reason.to_owned()),
            ("console", ..) => Fence::Unknown(rest.to_owned()),
            ("sh", ..) => Fence::NotRun("a block of `sh`".to_owned()),
            _ => Fence::Other,
        }
    }

    /// Lines that begin with `$ ` (and go on where they end with `\`), each with the lines up to the next.
    pub(crate) fn commands(&self) -> Vec<Command> {
        let mut commands: Vec<Command> = Vec::new();
        for (at, line) in self.lines.iter().enumerate() {
            match (line.strip_prefix("$ "), commands.last_mut()) {
                (Some(text), _) => commands.push(Command {
                    line: self.line + 1 + at,
                    text: text.to_owned(),
                    output: Vec::new(),
                }),
                (None, Some(last)) if last.text.ends_with('\\') => {
                    last.text.push('\n');
                    last.text.push_str(line);
                }
                (None, Some(last)) => last.output.push(line.clone()),
                (None, None) => {}
            }
        }
        commands
    }
}

/// README.md and every page below `docs`, by name.
pub(crate) fn of_the_book() -> Vec<Page> {
    let mut names = vec!["README.md".to_owned()];
    below("docs", &mut names);
    names.sort();
    names.iter().map(|name| Page::read(name)).collect()
}

fn below(folder: &str, names: &mut Vec<String>) {
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            below(&name, names);
        } else if name.ends_with(".md") {
            names.push(name);
        }
    }
}
