#!/usr/bin/env python3
"""Kills trainings of every network and of the autoencoder at random moments by SIGKILL, lets the same command go on, and compares the
file with that of an undisturbed training with one thread, byte by byte.

    python crates/cratedigger/scripts/kill_training.py target/release/cratedigger [N_KILLS] [SEED] [NETWORK…]

The command must be built with the feature `deep`. Clips are synthetic; they and all files are in a temporary folder.
"""
import hashlib, os, random, signal, subprocess, sys, tempfile, time

SMALL = ["--param", "max_epochs=24", "--param", "patience=24"]
LABELLED = ["--labels", "music/tracks.csv", "--genres", "all"]


def network(name, frames):
    return ["train", frames, *LABELLED, "--method", name, *SMALL]


TRAININGS = {
    "cnn": network("cnn", "frames"),
    "crnn": network("crnn", "frames"),
    "lstm": network("lstm", "descriptors"),
    "autoencoder": ["autoencoder", "train", "frames", "--artists", "music/tracks.csv", *SMALL],
}


def digest(path):
    return hashlib.sha256(open(path, "rb").read()).hexdigest()[:16]


def main():
    binary = os.path.abspath(sys.argv[1])
    n_kills = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    failed = False
    with tempfile.TemporaryDirectory() as tmp:
        def command(args, jobs, out):
            return [binary, "-q", *args, "--jobs", str(jobs), "--out", out, "--force"]

        def run(args):
            subprocess.run(args, cwd=tmp, check=True, stdout=subprocess.DEVNULL)

        run([binary, "-q", "synth", "music", "--clips", "160", "--seconds", "5"])
        run([binary, "-q", "mel", "music/clips", "--out", "frames"])
        run([binary, "-q", "mel", "music/clips", "--kind", "descriptors", "--out", "descriptors"])
        for name in sys.argv[4:] or TRAININGS:
            args, suffix = TRAININGS[name], ".cdauto" if name == "autoencoder" else ".cdmodel"
            whole, killed = f"{name}-whole{suffix}", f"{name}-killed{suffix}"
            start = time.monotonic()
            run(command(args, 1, whole))
            seconds = time.monotonic() - start
            moments = []
            while len(moments) < n_kills:
                child = subprocess.Popen(command(args, 1 + len(moments) % 2, killed), cwd=tmp, stdout=subprocess.DEVNULL)
                # Together the kills take less than the whole training, so that each finds work to interrupt.
                moment = rng.uniform(0.02, 1.6) * seconds / (n_kills + 2)
                time.sleep(moment)
                if child.poll() is not None:
                    # A quicker machine than before: what it made is compared too, and the next run begins anew.
                    failed |= digest(os.path.join(tmp, whole)) != digest(os.path.join(tmp, killed))
                    continue
                child.send_signal(signal.SIGKILL)
                child.wait()
                moments.append(moment)
            run(command(args, 2, killed))
            same = digest(os.path.join(tmp, whole)) == digest(os.path.join(tmp, killed))
            left = [file for file in os.listdir(tmp) if f"{name}-killed" in file and file != killed]
            failed |= not same or bool(left)
            print(f"{name}: {digest(os.path.join(tmp, whole))} in {seconds:.1f} s; killed {n_kills} times, after {min(moments):.2f} to "
                  f"{max(moments):.2f} s each: {'identical' if same else 'DIFFERENT'}; left over: {left or 'nothing'}", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
