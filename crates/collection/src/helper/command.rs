//! How a helper is started.

use std::ffi::OsString;
use std::path::PathBuf;

/// A program, and the arguments with which it calls [`serve`](super::serve()).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelperCommand {
    /// The program.
    pub program: PathBuf,
    /// What lists of processes call it.
    pub name: OsString,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

impl HelperCommand {
    /// The program that runs now, with one argument.
    ///
    /// Where the system tells it, it is the program's very file, even if another has taken its name since.
    ///
    /// # Errors
    /// The program does not know where it is.
    pub fn this_program(argument: &str) -> std::io::Result<Self> {
        let link = PathBuf::from("/proc/self/exe");
        let path = std::env::current_exe()?;
        Ok(Self {
            name: path.file_name().unwrap_or_default().to_owned(),
            program: match cfg!(target_os = "linux") && link.exists() {
                true => link,
                false => path,
            },
            arguments: vec![argument.into()],
        })
    }
}
