//! The commands of a page, run in order in a folder of its own.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::given::Given;
use crate::pages::{Fence, Page};
use crate::shown;

/// Lines of output that a failure shows.
const MOST_TOLD: usize = 40;

/// What came of a page.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) n_commands: usize,
    /// Blocks that were not run, with the reason.
    pub(crate) not_run: Vec<String>,
    pub(crate) failures: Vec<String>,
}

/// Runs the page's console blocks.
pub(crate) fn page(page: &Page, given: &Given) -> Report {
    let mut report = Report::default();
    let desk = tempfile::tempdir().unwrap();
    let folder = desk.path().join("here");
    std::fs::create_dir(&folder).unwrap();
    given.bring(&page.given(), &folder);
    for block in page.blocks() {
        match block.fence() {
            Fence::Console => {}
            Fence::NotRun(reason) => {
                report
                    .not_run
                    .push(format!("{}:{}: {reason}", page.name, block.line));
                continue;
            }
            Fence::Unknown(_) | Fence::Other => continue,
        }
        for command in block.commands() {
            report.n_commands += 1;
            let run = shell(&command.text, &folder, desk.path());
            let text = String::from_utf8_lossy(&run.stdout);
            let got: Vec<String> = text.lines().map(str::to_owned).collect();
            let code = run.status.code().unwrap_or(-1);
            let shows_output = command.output.iter().any(|line| !line.trim().is_empty());
            if code != command.exit_code() || (shows_output && !shown::fits(&command.output, &got)) {
                let n_more = got.len().saturating_sub(MOST_TOLD);
                report.failures.push(format!(
                    "{}:{}: $ {}\nexit code {code}, expected {}; the page shows\n{}\nand what came is\n{}\n({n_more} lines more)",
                    page.name,
                    command.line,
                    command.text,
                    command.exit_code(),
                    command.output.join("\n"),
                    got[..got.len() - n_more].join("\n"),
                ));
            }
        }
    }
    report
}

/// A command as a person would type it: in `folder`, the program on the path, standard error among standard output; what it keeps
/// for later is kept below `home`.
pub(crate) fn shell(command: &str, folder: &Path, home: &Path) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_cratedigger")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(program.to_owned()).chain(std::env::split_paths(&path)));
    Command::new("sh")
        .arg("-c")
        .arg(format!("exec 2>&1\n{command}"))
        .current_dir(folder)
        .env("PATH", path.unwrap())
        .env("HOME", home)
        .env("XDG_CACHE_HOME", home.join(".cache"))
        .env("XDG_DATA_HOME", home.join(".local/share"))
        .env("XDG_CONFIG_HOME", home.join(".config"))
        .env("NO_COLOR", "1")
        .env_remove("CRATEDIGGER_CACHE")
        .env_remove("CRATEDIGGER_STORE")
        .env_remove("COLUMNS")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}
