//! `cratedigger-gpu`: the command `cratedigger` with its networks on a GPU.

use std::process::ExitCode;

use cratedigger_gpu::Gpu;

fn main() -> ExitCode {
    cratedigger::main_with(|tell| {
        Box::new(Gpu::new(move |device| {
            tell(&format!("networks are computed on {device}"));
        }))
    })
}
