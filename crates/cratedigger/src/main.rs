//! The `cratedigger` command.

fn main() {}
