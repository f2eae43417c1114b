//! The `cratedigger` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    cratedigger::main()
}
