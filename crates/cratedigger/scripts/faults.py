#!/usr/bin/env python3
"""What is left when a command is killed at a write, when the disk is full, when it may not write, and when two run at once.

    python crates/cratedigger/scripts/faults.py path/to/cratedigger [kill|disk|rights|twice]… [COMMAND]…

COMMAND is one of the names below ("write tags"); without any, all are tried. Every command that writes is run once undisturbed. Then
  kill    it is killed (SIGKILL) at its first rename, its second, …, and likewise at each unlink, fsync and truncation, each time from the
          same beginning (strace; Linux). After each: what was there before is there, whole; the same command, with --resume where there
          is one, then gives what the undisturbed run gave, byte by byte, and leaves nothing else behind.
  disk    it writes into a file system with too little room, from 4 KiB up (a small tmpfs; wants root). The exit code is 2, the message
          says so, and the output is the old one or none.
  rights  it writes into a folder that it may not write into (as another user; wants root).
  twice   two of them run at once on one output: each is done or says why not; the output is that of one of them.
Prints a line for each command and ends with 1 if anything was otherwise.
"""
import hashlib, json, os, shutil, subprocess, sys, tempfile

CALLS = ["rename,renameat,renameat2,link,linkat", "unlink,unlinkat", "fsync,fdatasync", "ftruncate"]
NOBODY = 65534


class Command:
    """A command line that writes `outputs` (files or folders) beside inputs that are there; `again` is what finishes it after a kill."""

    def __init__(self, name, line, outputs, again=None, stride=1, on_top=True):
        self.name, self.line, self.outputs = name, line.split(), outputs
        self.again = (again or line).split()
        # from the tenth call on every how many-eth is tried, where a command has hundreds of a kind
        self.stride = stride
        # whether it does its work anew where it was done already
        self.on_top = on_top


COMMANDS = [  # each gives the same bytes every time
    Command("import", "import tables --store store", ["store"]),
    Command("extract", "extract music/clips --out features.parquet --force", ["features.parquet", "features.audio.csv"],
            "extract music/clips --out features.parquet --force --resume"),
    Command("extract to CSV", "extract music/clips --out features.csv --force", ["features.csv", "features.csv.json", "features.audio.csv"],
            "extract music/clips --out features.csv --force --resume"),
    Command("train", "train table.parquet --labels labels.csv --split stratified --method decision-tree --out own.cdmodel --force", ["own.cdmodel"]),
    Command("tune", "tune table.parquet --labels labels.csv --split stratified --method decision-tree --random 3 --out own.cdmodel --force", ["own.cdmodel"],
            "tune table.parquet --labels labels.csv --split stratified --method decision-tree --random 3 --out own.cdmodel --force --resume"),
    Command("classify to a file", "classify --model base.cdmodel table.parquet --format csv --out genres.csv --force", ["genres.csv"]),
    Command("write tags", "classify --model base.cdmodel music/clips --write-tags --overwrite-genre", ["music/clips"], on_top=False),
    Command("synth", "synth made --tracks 50", ["made"]),
    Command("study", "study tables --out report --methods majority --seed 1", ["report"], stride=9),
]


def run(desk, binary, line, before=(), **more):
    return subprocess.run([*before, binary, *line], cwd=desk, capture_output=True, text=True, **more)


def content(path):
    """A file's bytes but for what says when and where it was made: seconds, times and paths of inputs in JSON, pictures of seconds in
    HTML, and the backups of tags, which have both."""
    if path.endswith((".html", ".cdtag", "times.csv", "provenance.csv")):
        return b"there"
    data = open(path, "rb").read()
    if path.endswith(".json"):
        def plain(value):
            if isinstance(value, dict):
                return {k: plain(v) for k, v in value.items() if not k.endswith("_seconds") and k not in ("modified_ns", "path", "source")}
            return [plain(v) for v in value] if isinstance(value, list) else value
        try:
            data = json.dumps(plain(json.loads(data)), sort_keys=True).encode()
        except ValueError:
            pass
    return data


def state(desk, names):
    """What is below these names, by path."""
    found = {}
    for name in names:
        top = os.path.join(desk, name)
        files = [top] if os.path.isfile(top) else [os.path.join(at, f) for at, _, fs in os.walk(top) for f in fs]
        for path in files:
            found[os.path.relpath(path, desk)] = hashlib.sha256(content(path)).hexdigest()
    return found


def everything(desk):
    return set(state(desk, ["."]))


def make_base(binary, folder):
    """Inputs: tables, a folder of sound, features with labels, a model."""
    def ok(*line):
        done = run(folder, binary, line)
        if done.returncode:
            sys.exit(f"{line}: {done.stderr}")
    ok("-q", "synth", "tables", "--tracks", "300")
    ok("-q", "synth", "music", "--clips", "12", "--seconds", "2")
    ok("-q", "extract", "music/clips", "--out", "table.parquet")
    paths = sorted(os.path.relpath(os.path.join(at, f), os.path.join(folder, "music", "clips"))
                   for at, _, fs in os.walk(os.path.join(folder, "music", "clips")) for f in fs)
    with open(os.path.join(folder, "labels.csv"), "w") as out:
        out.write("track_id,genre\n")
        for i, path in enumerate(paths):
            out.write(f"{int(os.path.splitext(os.path.basename(path))[0])},{'AB'[i % 2]}\n")
    ok("-q", "train", "table.parquet", "--labels", "labels.csv", "--split", "stratified", "--method", "decision-tree", "--out", "base.cdmodel")


def desk_of(base, to, old=None):
    shutil.copytree(base, to, symlinks=True)
    for name, source in (old or {}).items():
        target = os.path.join(to, name)
        if os.path.isdir(source):
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)
    return to


def kill(binary, base, command, scratch):
    """Kills at every write; says what was not as it should be."""
    wrong, n = [], 0
    whole = desk_of(base, os.path.join(scratch, "whole"))
    done = run(whole, binary, command.line)
    if done.returncode:
        return [f"the undisturbed run failed: {done.stderr.strip()}"], 0
    want, all_files = state(whole, command.outputs), everything(whole)
    # once more on top of what is there, so that there is something to lose
    outputs = {name: os.path.join(whole, name) for name in command.outputs if command.on_top and os.path.exists(os.path.join(whole, name))}
    for calls in CALLS:
        k = 0
        while k < 400:
            k += 1 if k < 10 else command.stride
            desk = desk_of(base, os.path.join(scratch, "desk"), outputs)
            before = state(desk, command.outputs)
            inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:signal=KILL:when={k}"]
            died = run(desk, binary, command.line, inject)
            killed = died.returncode not in (0, 1)
            if killed:
                n += 1
                after = state(desk, command.outputs)
                torn = {path for path, sum_ in after.items() if sum_ not in (before.get(path), want.get(path)) and not temporary(path)}
                lost = {path for path in before if path not in after} if not torn else set()
                if torn:
                    wrong.append(f"{calls} {k}: neither old nor new: {sorted(torn)[:3]}")
                if lost and command.name not in ("study", "import", "synth"):
                    wrong.append(f"{calls} {k}: gone: {sorted(lost)[:3]}")
                again = run(desk, binary, command.again)
                if again.returncode:
                    wrong.append(f"{calls} {k}: the second run: {again.stderr.strip()[-300:]}")
                elif state(desk, command.outputs) != want:
                    wrong.append(f"{calls} {k}: the second run gave other bytes")
                elif everything(desk) - all_files:
                    wrong.append(f"{calls} {k}: left behind: {sorted(everything(desk) - all_files)[:3]}")
            shutil.rmtree(desk)
            if not killed:
                break
    shutil.rmtree(whole)
    if not n:
        wrong.append("it was never killed: nothing was tried")
    return wrong, n


def temporary(path):
    """Temporary files, journals, the backup of a song that is not replaced yet, and the note beside a CSV file, which names the old and the new file while one is replaced."""
    name = os.path.basename(path)
    return name.endswith(".csv.json") or name.startswith(".cratedigger-") or name.endswith((".partial", ".journal", ".lock", ".cdtag.new")) or ".cratedigger" in name


def full_disk_of_songs(binary, base, command, place):
    """Songs in a file system that has little room beside them: each is the old one, or the new one with its backup."""
    wrong, n = [], 0
    used = int(subprocess.run(["du", "-sk", "music/clips"], cwd=base, capture_output=True, text=True).stdout.split()[0])
    tagged = desk_of(base, place + "-tagged")
    run(tagged, binary, command.line)
    old, new = state(base, ["music/clips"]), state(tagged, ["music/clips"])
    room = 4
    while room < used:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={used + 64 + room}k", "tmpfs", place], check=True)
        try:
            desk_of(os.path.join(base, "music"), os.path.join(place, "music"))
            shutil.copy2(os.path.join(base, "base.cdmodel"), place)
            done = run(place, binary, command.line)
            if done.returncode == 0:
                break
            n += 1
            if done.returncode not in (1, 2) or "No space left" not in done.stderr + done.stdout:
                wrong.append(f"{room} KiB: exit code {done.returncode}: {done.stderr.strip()[-200:]!r}")
            for path, content_ in state(place, ["music/clips"]).items():
                if not temporary(path) and not path.endswith(".cdtag") and content_ not in (old.get(path), new.get(path)):
                    wrong.append(f"{room} KiB: {path} is neither old nor new")
        finally:
            subprocess.run(["umount", place], check=True)
        room *= 2
    return wrong, n


def disk(binary, base, command, scratch):
    """Too little room, in doubling steps, until there is enough."""
    wrong, n, size = [], 0, 4
    place = os.path.join(scratch, "small")
    os.mkdir(place)
    if command.name == "write tags":
        return full_disk_of_songs(binary, base, command, place)
    while size < 1 << 18:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", place], check=True)
        try:
            # inputs stay where there is room; only the outputs are in the small place
            line = [place + "/" + word if word in command.outputs or word in ("store", "report", "made") else word for word in command.line]
            if line == command.line:
                return wrong, n
            done = run(base, binary, line, env={**os.environ, "TMPDIR": scratch})
            left = [f for f in everything(place) if not f.endswith((".partial", ".journal"))]
            if done.returncode == 0:
                return wrong, n
            n += 1
            if done.returncode != 2:
                wrong.append(f"{size} KiB: exit code {done.returncode}")
            if "No space left" not in done.stderr and "no room" not in done.stderr:
                wrong.append(f"{size} KiB: it says {done.stderr.strip()[-200:]!r}")
            halves = [f for f in left if f in command.outputs]
            if halves:
                wrong.append(f"{size} KiB: there is {halves}")
        finally:
            subprocess.run(["umount", place], check=True)
        size *= 2
    return wrong, n


def rights(binary, base, command, scratch):
    """A folder that may be read only."""
    desk = desk_of(base, os.path.join(scratch, "closed"))
    for at, dirs, files in os.walk(desk):
        os.chmod(at, 0o555)
        for f in files:
            os.chmod(os.path.join(at, f), 0o444)
    before = state(desk, ["."])
    done = subprocess.run([binary, *command.line], cwd=desk, capture_output=True, text=True, user=NOBODY, group=NOBODY,
                          env={**os.environ, "HOME": scratch})
    wrong = []
    if done.returncode not in (1, 2):
        wrong.append(f"exit code {done.returncode}")
    if "ermission denied" not in done.stderr and "read-only" not in done.stderr and "not be written" not in done.stderr:
        wrong.append(f"it says {done.stderr.strip()[-200:]!r}")
    if state(desk, ["."]) != before:
        wrong.append("something was changed")
    shutil.rmtree(desk)
    return wrong, 1


def twice(binary, base, command, scratch):
    wrong, n = [], 5
    for _ in range(n):
        desk = desk_of(base, os.path.join(scratch, "both"))
        two = [subprocess.Popen([binary, *command.line], cwd=desk, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for _ in "12"]
        ends = [(p.communicate()[1], p.returncode) for p in two]
        if all(code for _, code in ends):
            wrong.append(f"neither was done: {[said.strip()[-150:] for said, _ in ends]}")
        for said, code in ends:
            if code not in (0, 1, 2) or "panicked" in said:
                wrong.append(f"exit code {code}: {said.strip()[-200:]}")
        alone = desk_of(base, os.path.join(scratch, "alone"))
        run(alone, binary, command.line)
        if state(desk, command.outputs) != state(alone, command.outputs):
            wrong.append("the output is that of neither")
        shutil.rmtree(desk)
        shutil.rmtree(alone)
    return wrong, n


def main():
    binary = os.path.abspath(sys.argv[1])
    all_kinds = ["kill", "disk", "rights", "twice"]
    kinds = [word for word in sys.argv[2:] if word in all_kinds] or all_kinds
    names = [word for word in sys.argv[2:] if word not in all_kinds]
    commands = [command for command in COMMANDS if command.name in names or not names]
    if len(commands) < len(names):
        sys.exit(f"the commands are {[command.name for command in COMMANDS]}")
    failed = False
    with tempfile.TemporaryDirectory() as tmp:
        os.chmod(tmp, 0o755)
        os.environ["CRATEDIGGER_CACHE"] = os.path.join(tmp, "cache")
        base = os.path.join(tmp, "base")
        os.mkdir(base)
        make_base(binary, base)
        for kind in kinds:
            if kind != "kill" and kind != "twice" and os.geteuid():
                print(f"{kind}: skipped, wants root")
                continue
            for command in commands:
                scratch = os.path.join(tmp, "scratch")
                os.mkdir(scratch)
                os.chmod(scratch, 0o777)
                wrong, n = globals()[kind](binary, base, command, scratch)
                shutil.rmtree(scratch, ignore_errors=True)
                failed |= bool(wrong)
                print(f"{kind:7} {command.name:20} {n:4} times: {'as it should be' if not wrong else 'WRONG'}", flush=True)
                for line in wrong[:8]:
                    print("        ", line)
    sys.exit(failed)


if __name__ == "__main__":
    main()
