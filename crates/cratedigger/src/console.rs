//! Standard output and standard error. A pipe that was closed or a disk that is full is an error here and never a panic, and
//! control characters in what others wrote reach no terminal.

use std::io::{self, BufWriter, IsTerminal, Write};

use cratedigger_files::{Printable, printable_lines};

/// Prints text for people.
pub(crate) fn print(text: &str) -> io::Result<()> {
    write(printable_lines(text).as_bytes())
}

/// Prints text that was put together for people from [`cratedigger_files::printable`] parts, with colours.
pub(crate) fn print_coloured(text: &[u8]) -> io::Result<()> {
    write(text)
}

/// Writes data to standard output: byte for byte, unless that is a terminal.
pub(crate) fn data(bytes: &[u8]) -> io::Result<()> {
    let mut out = writer(false);
    out.write_all(bytes)?;
    out.flush()
}

/// Standard output for much of it; `for_people` where it is no data to be read by programs.
pub(crate) fn writer(for_people: bool) -> Box<dyn Write + Send> {
    let out = io::stdout();
    match for_people || out.is_terminal() {
        true => Box::new(BufWriter::new(Printable::new(out))),
        false => Box::new(BufWriter::new(out)),
    }
}

/// Writes a line to standard error. Where that cannot be written to, there is nobody to tell.
pub(crate) fn note(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", printable_lines(line));
}

fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}
