//! Writes each target's seeds into a folder of its own: `write_seeds FOLDER`.

fn main() -> std::io::Result<()> {
    let Some(folder) = std::env::args_os().nth(1).map(std::path::PathBuf::from) else {
        return Err(std::io::Error::other("usage: write_seeds FOLDER"));
    };
    for target in cratedigger_fuzz::TARGETS {
        let of_target = folder.join(target.name);
        std::fs::create_dir_all(&of_target)?;
        for (number, seed) in (target.seeds)().into_iter().enumerate() {
            std::fs::write(of_target.join(format!("seed-{number}")), seed.bytes)?;
        }
    }
    Ok(())
}
