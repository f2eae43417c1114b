#!/usr/bin/env bash
# Times one clip on one core: decoding alone and cratedigger, librosa 0.5.0, librosa 0.11, Essentia's MusicExtractor.
# usage: benches/compare.sh CLIP.mp3 [PYTHON_0_5_0] [PYTHON_0_11] [PYTHON_ESSENTIA]
#   each PYTHON is an interpreter that has the library (and soundfile); a missing one is left out.
# Best of several runs of each, in processor seconds, so that other work on the machine disturbs the ratio little.
set -euo pipefail
clip=${1:?usage: compare.sh CLIP.mp3 [PYTHON_0_5_0] [PYTHON_0_11] [PYTHON_ESSENTIA]}
here=$(cd "$(dirname "$0")/.." && pwd)
wav=$(mktemp --suffix .wav)
trap 'rm -f "$wav"' EXIT
ffmpeg -v error -y -i "$clip" -c:a pcm_s16le "$wav"
one="taskset -c 0 env OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 NUMBA_NUM_THREADS=1"
cargo build --release -q -p cratedigger-features --example profile
$one "${CARGO_TARGET_DIR:-$here/../../target}/release/examples/profile" --runs 15 "$clip"
for python in "${2:-}" "${3:-}"; do
  if [ -n "$python" ]; then $one "$python" "$here/benches/time_librosa.py" "$wav" "$clip"; fi
done
if [ -n "${4:-}" ]; then $one "$4" "$here/benches/time_essentia.py" "$clip"; fi
