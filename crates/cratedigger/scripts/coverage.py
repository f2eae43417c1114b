#!/usr/bin/env python3
"""Which share of the library crates' lines the tests run: a table by crate, and the total.

    rustup component add llvm-tools && cargo install --locked cargo-llvm-cov
    python crates/cratedigger/scripts/coverage.py [--lcov FILE] [--lines CRATE]…

Runs the README's test command with `cargo llvm-cov`'s environment, in CARGO_TARGET_DIR: the workspace's own crates are compiled with counters,
beside those without; dependencies are taken as they are. Examples in documentation are not counted: rustdoc has no counters on
stable. Every line of `crates/*/src` that has code counts, without what stands under `#[cfg(test)]` (items, modules, files of modules).
  --lcov FILE     runs nothing and tells of this file, which an earlier run named
  --lines CRATE   lists the lines of a crate that did not run
Ends with 1 if a test failed or the total is below 88 %.
"""
import argparse, os, re, shlex, shutil, subprocess, sys

WANTED = 88.0
# The command is arguments and words; the wheel runs within Python, by `crates/python/check`; readers for fuzzing are tests.
NO_LIBRARIES = {"cratedigger": "the command", "python": "the wheel"}
ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../.."))


def run_tests():
    """Runs the tests with counters. Gives the file of lines in lcov's format, and whether all tests passed."""
    told = subprocess.run(["cargo", "llvm-cov", "show-env"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    env = dict(os.environ, **dict(word.split("=", 1) for word in shlex.split(told)))
    # Thousands of processes: each adds its counts to one of four files of its program.
    env["LLVM_PROFILE_FILE"] = env["LLVM_PROFILE_FILE"].replace("%p-%2m", "%4m")
    # Counters cost more than optimisation saves: half of it builds in half the time.
    env["__CARGO_LLVM_COV_RUSTC_WRAPPER_RUSTFLAGS"] += "\x1f-Copt-level=1"
    # A wrapper that does nothing: cargo then keeps these crates apart from those that were compiled without counters.
    env["RUSTC_WORKSPACE_WRAPPER"] = shutil.which("env")
    subprocess.run(["cargo", "llvm-cov", "clean", "--profraw-only"], cwd=ROOT, env=env, check=True)
    with open(os.path.join(ROOT, "README.md")) as readme:
        command = next(line for line in readme if line.startswith("cargo test ")).split()
    passed = subprocess.run(command + ["--locked", "--no-fail-fast", "--lib", "--bins", "--tests"], cwd=ROOT, env=env).returncode == 0
    lcov = os.path.join(env["CARGO_LLVM_COV_TARGET_DIR"], "coverage.lcov")
    subprocess.run(["cargo", "llvm-cov", "report", "--release", "--lcov", "--output-path", lcov], cwd=ROOT, env=env, check=True)
    return lcov, passed


def lines_of(lcov):
    """How often each line of each file ran."""
    files, lines = {}, None
    with open(lcov) as text:
        for line in text:
            kind, _, rest = line.rstrip("\n").partition(":")
            if kind == "SF":
                lines = files.setdefault(os.path.relpath(os.path.realpath(rest), ROOT), {})
            elif kind == "DA":
                number, count = rest.split(",")[:2]
                lines[int(number)] = lines.get(int(number), 0) + int(count)
    return files


def of_tests(path):
    """Lines of a file under `#[cfg(test)]`, and what the modules among them are called as files and folders."""
    inside, modules = set(), []
    with open(os.path.join(ROOT, path)) as text:
        lines = text.read().split("\n")
    folder, name = os.path.split(path)
    if name not in ("mod.rs", "lib.rs", "main.rs"):
        folder = os.path.join(folder, name[: -len(".rs")])
    number = 0
    while number < len(lines):
        attribute = re.match(r"( *)#\[cfg\((all\()?test\b", lines[number])
        if not attribute:
            number += 1
            continue
        begin, indent, elsewhere = number, attribute[1], None
        while lines[number].lstrip().startswith("#["):
            elsewhere = (re.search(r'#\[path = "(.*)"\]', lines[number]) or [None, elsewhere])[1]
            number += 1
        if module := re.match(r" *(?:pub(?:\(.*\))? )?mod (\w+);", lines[number]):
            at = os.path.join(os.path.dirname(path), elsewhere) if elsewhere else os.path.join(folder, module[1] + ".rs")
            modules += [os.path.normpath(at), os.path.normpath(at)[: -len(".rs")] + os.sep]
        if not lines[number].rstrip().endswith((";", "}")):
            # rustfmt ends an item with the indentation that it began with
            while not re.match(re.escape(indent) + r"[})\]]", lines[number]):
                number += 1
        inside.update(range(begin + 1, number + 2))
        number += 1
    return inside, modules


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lcov")
    parser.add_argument("--lines", action="append", default=[])
    args = parser.parse_args()
    lcov, passed = (args.lcov, True) if args.lcov else run_tests()
    files = {path: lines for path, lines in lines_of(lcov).items() if re.match(r"crates/[^/]+/src/", path)}
    sources = [os.path.relpath(os.path.join(folder, name), ROOT)
               for crate in sorted(os.listdir(os.path.join(ROOT, "crates")))
               for folder, _, names in os.walk(os.path.join(ROOT, "crates", crate, "src")) for name in names if name.endswith(".rs")]
    tests = {path: of_tests(path) for path in sources}
    modules = tuple(module for _, found in tests.values() for module in found)
    crates = {}
    for path, lines in sorted(files.items()):
        if path.startswith(modules) if modules else False:
            continue
        counted = {number: count for number, count in lines.items() if number not in tests.get(path, ((), ()))[0]}
        missed = [number for number, count in sorted(counted.items()) if count == 0]
        crate = crates.setdefault(path.split("/")[1], [0, 0, []])
        crate[0] += len(counted)
        crate[1] += len(missed)
        crate[2].append((path, missed, len(counted)))
    for name in args.lines:
        for path, missed, n in sorted(crates[name][2], key=lambda file: -len(file[1])):
            if missed:
                print(f"{path}: {len(missed)} of {n}: {' '.join(map(str, missed))}")
    print("| crate | lines | run | share |\n|---|---|---|---|")
    share = lambda n, missed: f"{n} | {n - missed} | {100 * (n - missed) / n:.1f} %"
    libraries = [crate for name, crate in crates.items() if name not in NO_LIBRARIES]
    for name, (n, missed, _) in sorted(crates.items()):
        print(f"| {name}{' (' + NO_LIBRARIES[name] + ', not counted)' if name in NO_LIBRARIES else ''} | {share(n, missed)} |")
    n, missed = sum(crate[0] for crate in libraries), sum(crate[1] for crate in libraries)
    print(f"| **library crates** | {share(n, missed)} |")
    print(f"lines: {lcov}")
    return 0 if passed and 100 * (n - missed) / n >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
