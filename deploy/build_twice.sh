#!/usr/bin/env bash
# Builds the released program twice, from nothing, in the same folder, and compares: the second must be the first, byte by byte.
#
#   deploy/build_twice.sh [TARGET]        takes twice as long as one build; about 4 GB of disk
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:-$(rustc -vV | sed -n 's/^host: //p')}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export CARGO_TARGET_DIR="$place/target" SOURCE_DATE_EPOCH=0

sum() {
  rm -rf "$CARGO_TARGET_DIR"
  cargo build --quiet --locked --profile dist -p cratedigger --features full --target "$target"
  sha256sum < "$CARGO_TARGET_DIR/$target/dist/cratedigger"
}

first=$(sum)
second=$(sum)
printf '%s first\n%s second\n' "$first" "$second"
[ "$first" = "$second" ] && echo "the same program" || { echo "not the same program" >&2; exit 1; }
