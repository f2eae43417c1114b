#!/usr/bin/env bash
# Drives every target (or those named behind the seconds) by libFuzzer: `fuzz/long_run.sh SECONDS [TARGET…]`. What it finds, and the
# corpus that it made, stay in fuzz/driver. Wants a nightly tool chain, a C++ compiler and cargo-fuzz.
set -euo pipefail
cd "$(dirname "$0")/driver"
seconds=${1:?seconds for each target}
shift
targets=("$@")
[ "${#targets[@]}" -gt 0 ] || mapfile -t targets < <(cargo +nightly fuzz list --fuzz-dir .)

# Seeds that are made by what is fuzzed.
(cd .. && cargo run --release --quiet --example write_seeds -- driver/corpus)

failed=()
for target in "${targets[@]}"; do
  echo "== $target"
  # no sanitizer: nothing of ours has unsafe code, and what is looked for are panics, hangs and memory
  cargo +nightly fuzz run --fuzz-dir . --sanitizer none "$target" -- \
    -max_total_time="$seconds" -timeout=60 -rss_limit_mb=3000 -max_len=131072 -print_final_stats=1 2> "$target.log" || failed+=("$target")
  grep -E '^(stat::|SUMMARY|==|artifact)' "$target.log" || true
done
[ "${#failed[@]}" -eq 0 ] || { echo "found something: ${failed[*]}" >&2; exit 1; }
