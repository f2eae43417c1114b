#!/usr/bin/env bash
# Requests that a schema-based fuzzer makes of openapi.json, against a running server: no answer may be a 5xx, and every
# answer must be described. Needs `pip install schemathesis` (4.x).
#   crates/cratedigger/scripts/fuzz_api.sh target/release/cratedigger genres.cdmodel [REPORT_DIR [NEIGHBOURS]]
set -euo pipefail
binary=$1 model=$2 report=${3:-} neighbours=${4:-}
out=$(mktemp)
"$binary" --quiet serve --model "$model" --addr 127.0.0.1:0 ${report:+--report "$report"} \
  ${neighbours:+--neighbours "$neighbours"} >"$out" &
server=$!
trap 'kill "$server"; rm -f "$out"' EXIT
until url=$(sed -n 's/^listening on //p' "$out") && [ -n "$url" ]; do sleep 0.1; done
until curl -sf "$url/readyz" >/dev/null; do sleep 0.1; done
schemathesis run "$url/openapi.json" --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
  --max-examples "${EXAMPLES:-200}" --seed 1
