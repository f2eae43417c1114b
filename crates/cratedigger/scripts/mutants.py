#!/usr/bin/env python3
"""The mutants of cargo-mutants, all in one build: whether a test notices each wrong operator, condition and value.

    pip install tree-sitter tree-sitter-rust; cargo install --locked cargo-mutants
    python crates/cratedigger/scripts/mutants.py PACKAGE [--file GLOB]… [--only REGEX] [--all] [--jobs N] [--tests TESTS…]

`cargo mutants` compiles a crate anew for each mutant, hours for two thousand of them. This takes its list (`cargo mutants --list`; without
--file, what `.cargo/mutants.toml` names), writes every mutant of a copy of the workspace behind a number, compiles once, and runs the tests with each number:
first those of the mutant's own module and those around it, then, if it lived, those of the library whose names have one of TESTS in them (all without
them), and with --all those of the folder `tests`; --seconds of processor time for each run. --only: mutants whose names match. What does not compile
so (constants, chains of `let`) is said at the end, for `cargo mutants --re`. Prints the survivors; ends with 1 if there are any.
"""
import argparse, concurrent.futures, json, os, re, resource, shutil, subprocess, sys

import tree_sitter, tree_sitter_rust

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../.."))
SWITCH = """
#[allow(missing_docs)]
pub fn mutant() -> u32 {
    static NUMBER: std::sync::LazyLock<u32> =
        std::sync::LazyLock::new(|| std::env::var("MUTANT").map_or(0, |number| number.parse().unwrap()));
    *NUMBER
}
"""
OPERATIONS = {"BinaryOperator": ("binary_expression", "compound_assignment_expr"), "UnaryOperator": ("unary_expression",)}


class Source:
    """A file with its mutants: `sites` are (begin, end, [(number, text)]) of expressions; where begin is end, a statement is put in."""

    def __init__(self, path, mutants):
        with open(os.path.join(ROOT, path), "rb") as file:
            self.text = file.read()
        self.path, self.sites, self.placed = path, {}, []
        starts = [0] + [match.end() for match in re.finditer(b"\n", self.text)]
        tree = tree_sitter.Parser(tree_sitter.Language(tree_sitter_rust.language())).parse(self.text)
        # columns are characters, nodes are bytes
        at = lambda place: starts[place["line"] - 1] + len(self.text[starts[place["line"] - 1]:].decode()[: place["column"] - 1].encode())
        self.left_out = []
        for number, mutant in mutants:
            begin, end = at(mutant["span"]["start"]), at(mutant["span"]["end"])
            site = self.site(tree, mutant, begin, end)
            if site is None:
                self.left_out.append(number)
                continue
            first, last, text = site
            self.sites.setdefault((first, last), []).append((number, text))

    def site(self, tree, mutant, begin, end):
        node, new = tree.root_node.descendant_for_byte_range(begin, end), mutant["replacement"].encode()
        if mutant["genre"] == "FnValue":
            while node and node.type != "function_item":
                node = node.parent
            place = node.child_by_field_name("body").start_byte + 1
            return place, place, new
        if mutant["genre"] == "MatchArmGuard":
            return begin, end, new
        kinds = OPERATIONS.get(mutant["genre"], ())
        while node and node.type not in kinds:
            node = node.parent
        if node is None:
            return None
        return node.start_byte, node.end_byte, self.text[node.start_byte:begin] + new + self.text[end:node.end_byte]

    def mutated(self):
        """The text with all mutants in it; `placed` gets (begin, end, site) of the result."""
        out, self.placed = bytearray(), []
        sites = sorted(self.sites, key=lambda site: (site[0], -site[1]))

        def write(begin, end, index):
            while index < len(sites) and sites[index][0] < end or index < len(sites) and sites[index] == (end, end):
                site = sites[index]
                first, last = site
                out.extend(self.text[begin:first])
                placed = len(out)
                index += 1
                if first == last:
                    for number, text in self.sites[site]:
                        out.extend(b" if crate::mutant() == %d { return %s; } " % (number, text))
                else:
                    out.extend(b"(match crate::mutant() { ")
                    for number, text in self.sites[site]:
                        out.extend(b"%d => %s\n, " % (number, text))
                    out.extend(b"_ => ")
                    index = write(first, last, index)
                    out.extend(b"\n})")
                self.placed.append((placed, len(out), site))
                begin = last
            out.extend(self.text[begin:end])
            return index

        write(0, len(self.text), 0)
        return bytes(out)

    def give_up(self, offset):
        """Takes out the innermost site that has this place of the result in it."""
        around = [(end - begin, site) for begin, end, site in self.placed if begin <= offset < end and site in self.sites]
        if not around:
            return False
        self.left_out += [number for number, _ in self.sites.pop(min(around)[1])]
        return True


def copy_of_workspace(folder):
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in names.splitlines():
        if os.path.isfile(os.path.join(ROOT, name)):
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            shutil.copy2(os.path.join(ROOT, name), os.path.join(folder, name))


def compiled(folder, package, crate, sources, kinds):
    """Writes the mutants, compiles the tests, and takes out what does not compile. Gives the tests of the library and the others."""
    for path in (os.path.join(folder, crate, "Cargo.toml"), os.path.join(folder, crate, "src/lib.rs")):
        with open(path) as file:
            text = file.read()
        with open(path, "w") as file:
            file.write(text.replace("[lints]\nworkspace = true\n", "") if path.endswith(".toml") else text + SWITCH)
    # what was made of the workspace itself has the same name, and would be taken for this
    subprocess.run(["cargo", "clean", "--quiet", "--profile", "mutants", "-p", package], cwd=folder, check=True)
    for _ in range(40):
        for source in sources:
            with open(os.path.join(folder, source.path), "wb") as file:
                file.write(source.mutated() + (SWITCH.encode() if source.path == f"{crate}/src/lib.rs" else b""))
        run = subprocess.run(["cargo", "test", "--locked", "--profile", "mutants", "-p", package, *kinds, "--no-run", "--message-format=json"],
                             cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        messages = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
        if run.returncode == 0:
            made = [m for m in messages if m["reason"] == "compiler-artifact" and m.get("executable") and m["profile"]["test"]]
            return ([m["executable"] for m in made if m["target"]["kind"] == ["lib"]], [m["executable"] for m in made if m["target"]["kind"] == ["test"]])
        progress = False
        for message in (m["message"] for m in messages if m["reason"] == "compiler-message" and m["message"]["level"] == "error"):
            for span in message["spans"]:
                source = next((source for source in sources if span["file_name"] == source.path), None)
                if span["is_primary"] and source:
                    progress |= source.give_up(span["byte_start"])
        if not progress:
            sys.exit("does not compile:\n" + "\n".join(m["message"]["rendered"] for m in messages if m["reason"] == "compiler-message")[:5000])
        print(f"left out so far: {sum(len(source.left_out) for source in sources)}", flush=True)
    sys.exit("does not compile")


def modules_of(path):
    """The module of a file, then what it is in: the tests of some stand beside them."""
    words = [word for word in path.split("/src/")[1][: -len(".rs")].split("/") if word not in ("mod", "lib")]
    return ["::".join(words[:n]) + "::" for n in range(len(words), 0, -1)]


def noticed(number, run, cwd, seconds):
    """Whether a test of this run fails (the others are not waited for), or takes more than so much processor time."""
    def limited():
        resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))

    env = dict(os.environ, MUTANT=str(number), RAYON_NUM_THREADS="2", RUST_TEST_THREADS="2", CARGO_MANIFEST_DIR=cwd)
    with subprocess.Popen(run, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, preexec_fn=limited) as process:
        failed = any(line.rstrip().endswith("FAILED") for line in process.stdout)
        process.kill() if failed else process.wait()
        return failed or process.returncode != 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("package")
    parser.add_argument("--file", action="append", default=[])
    parser.add_argument("--only", default="")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--tests", nargs="+", default=[])
    args = parser.parse_args()
    names = ["--no-config"] * bool(args.file) + [word for glob in args.file for word in ("--file", glob)]
    listed = subprocess.run(["cargo", "mutants", "--list", "--json", "--package", args.package] + names, cwd=ROOT, check=True, capture_output=True, text=True)
    mutants = {number + 1: mutant for number, mutant in enumerate(json.loads(listed.stdout)) if re.search(args.only, mutant["name"])}
    by_file = {}
    for number, mutant in mutants.items():
        by_file.setdefault(mutant["file"], []).append((number, mutant))
    sources = [Source(path, found) for path, found in sorted(by_file.items())]
    crate = sources[0].path.split("/src/")[0]
    # always the same place, so that little is compiled the next time
    folder = os.path.join(os.path.abspath(os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))), f"mutants-of-{args.package}")
    shutil.rmtree(folder, ignore_errors=True)
    copy_of_workspace(folder)
    lib, others = compiled(folder, args.package, crate, sources, ["--lib", "--tests"] if args.all else ["--lib"])
    left_out = {number for source in sources for number in source.left_out}
    # cargo gives what it makes of the workspace itself the same names
    kept = os.path.join(folder, "tests-with-mutants")
    os.makedirs(kept)
    lib, others = ([shutil.copy2(run, kept) for run in runs] for runs in (lib, others))
    cwd = os.path.join(folder, crate)
    if any(noticed(0, [run] + args.tests, cwd, 3600) for run in lib) or any(noticed(0, [run], cwd, 3600) for run in others):
        sys.exit("the tests fail without a mutant")

    def lives(number):
        own = [[run, module] for run in lib for module in modules_of(mutants[number]["file"])]
        rest = [[run] + args.tests for run in lib] + [[run] for run in others]
        return not any(noticed(number, run, cwd, args.seconds) for run in own + rest)

    survivors, tried = [], sorted(set(mutants) - left_out)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for done, (number, lived) in enumerate(zip(tried, pool.map(lives, tried)), 1):
            if lived:
                survivors.append(number)
                print(f"lives: {mutants[number]['name']}", flush=True)
            if done % 100 == 0:
                print(f"{done} of {len(tried)}, {len(survivors)} live", flush=True)
    for number in sorted(left_out):
        print(f"left out: {mutants[number]['name']}")
    print(f"{len(mutants)} mutants: {len(tried) - len(survivors)} noticed, {len(survivors)} lived, {len(left_out)} left out")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
