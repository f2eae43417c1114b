//! Gives a kept input to its target: `try_one TARGET FILE…`.

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let name = arguments.next().unwrap_or_default();
    let Some(target) = cratedigger_fuzz::find(&name.to_string_lossy()) else {
        return Err(std::io::Error::other("usage: try_one TARGET FILE…"));
    };
    for path in arguments {
        let whole = (target.run)(&std::fs::read(&path)?);
        println!("{}: {}", path.display(), if whole { "whole" } else { "refused" });
    }
    Ok(())
}
