//! The helper processes of a program that runs, on Linux.

use std::fs;
use std::process::Command;

/// Helpers of a process that have worked for some tenths of a second, by their numbers.
pub(crate) fn busy_helpers(parent: u32) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(number) = entry.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else {
            continue;
        };
        let Some((_, rest)) = stat.rsplit_once(") ") else {
            continue;
        };
        let fields: Vec<&str> = rest.split(' ').collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        if fields[1].parse() == Ok(parent) && fields[0] != "Z" && ticks >= 30 {
            found.push(number);
        }
    }
    found
}

/// Ends a process at once.
pub(crate) fn kill(number: u32) {
    let status = Command::new("kill")
        .args(["-9", &number.to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}
