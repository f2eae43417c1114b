#!/usr/bin/env python3
"""Kills an extraction at random moments, resumes it, and compares what comes out with an undisturbed run, byte by byte.

    python crates/cratedigger/scripts/kill_and_resume.py path/to/cratedigger FOLDER_OF_AUDIO [N_KILLS] [SEED]

FOLDER_OF_AUDIO: for example the clips of `cratedigger synth archive --clips 2000 --seconds 5`.
"""
import hashlib, os, random, signal, subprocess, sys, tempfile, time


def digest(path):
    return hashlib.sha256(open(path, "rb").read()).hexdigest()[:16]


def main():
    binary, folder = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    n_kills = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    rng = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 0)
    failed = False
    for kind in ("parquet", "csv"):
        with tempfile.TemporaryDirectory() as tmp:
            whole, killed = (os.path.join(tmp, f"{name}.{kind}") for name in ("whole", "killed"))
            start = time.monotonic()
            code = subprocess.run([binary, "-q", "extract", folder, "--out", whole]).returncode
            seconds = time.monotonic() - start
            n = 0
            while n < n_kills:
                child = subprocess.Popen([binary, "-q", "extract", folder, "--out", killed, "--resume"], stdout=subprocess.DEVNULL)
                # Together the kills take less than the whole run, so that each finds work to interrupt.
                time.sleep(rng.uniform(0.02, 1.6) * seconds / (n_kills + 2))
                if child.poll() is not None:
                    sys.exit("the extraction ended before it was killed often enough: take more files")
                child.send_signal(signal.SIGKILL)
                child.wait()
                n += 1
                size = os.path.getsize(killed + ".partial") if os.path.exists(killed + ".partial") else 0
                print(f"{kind}: kill {n:2} with {size / 1e6:7.2f} MB in the journal", flush=True)
            again = subprocess.run([binary, "-q", "extract", folder, "--out", killed, "--resume"]).returncode
            same = digest(whole) == digest(killed) and code == again
            failed |= not same
            print(f"{kind}: undisturbed {digest(whole)} ({seconds:.1f} s, exit {code}), killed {n_kills} times {digest(killed)}"
                  f" (exit {again}): {'identical' if same else 'DIFFERENT'}; journal left: {os.path.exists(killed + '.partial')}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
