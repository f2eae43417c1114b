#!/usr/bin/env bash
# What the Dockerfile's last stage makes, made and tried without Docker: a root with the program and certificates alone, entered as
# the user 65532. Wants root rights (chroot), python3, and a program that is static:
#
#   cargo build --locked --profile dist -p cratedigger --features full --target x86_64-unknown-linux-musl
#   sudo deploy/check_image.sh target/x86_64-unknown-linux-musl/dist/cratedigger
set -euo pipefail
program=${1:?the static program}
if LC_ALL=C readelf -lW "$program" | grep -q 'INTERP'; then
  echo "$program wants a loader: it is not static" >&2
  exit 2
fi

root=$(mktemp -d)
chmod 755 "$root"
trap 'kill "$server" 2>/dev/null || true; wait 2>/dev/null || true; umount "$root/proc" 2>/dev/null || true; rm -rf "$root"' EXIT
server=
install -D "$program" "$root/usr/bin/cratedigger"
install -d -m 1777 "$root/tmp"
install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
# what an engine mounts
mkdir "$root/proc" "$root/models" "$root/dev"
mount -t proc proc "$root/proc"
mknod -m 666 "$root/dev/null" c 1 3

# a command whose process is the program's own, so that it can be told to stop
inside=(env -i CRATEDIGGER_CACHE=/tmp/cratedigger SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
  "$(command -v chroot)" --userspec=65532:65532 "$root" /usr/bin/cratedigger)

"${inside[@]}" --version
# a model and a clip of its own, made inside as well
"${inside[@]}" synth /tmp/music --clips 60 --seconds 2 --quiet
"${inside[@]}" train /tmp/music --method logistic-regression --out /tmp/genres.cdmodel --quiet
mv "$root/tmp/genres.cdmodel" "$root/models/"
"${inside[@]}" serve --new-token > "$root/tmp/token"
token=$(awk '/^token  / {print $2}' "$root/tmp/token")
hash=$(awk '/^token hash/ {print $3}' "$root/tmp/token")

"${inside[@]}" serve --model /models/genres.cdmodel --addr 0.0.0.0:8080 --token-hash "$hash" --log json 2> "$root/tmp/log" &
server=$!
for _ in $(seq 50); do
  "${inside[@]}" serve --check > /dev/null 2>&1 && break
  sleep 0.2
done
"${inside[@]}" serve --check
clip=$(find "$root/tmp/music" -name '*.flac' -o -name '*.wav' | sort | head -n 1)
python3 - "$token" "$clip" <<'PYTHON'
import json, sys, urllib.request
token, clip = sys.argv[1:]
head = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
request = urllib.request.Request("http://127.0.0.1:8080/v1/classify", open(clip, "rb").read(), head)
result = json.load(urllib.request.urlopen(request))["results"][0]
print("classified:", result["verdict"], result["genre"], max(p["probability"] for p in result["probabilities"]))
PYTHON
kill "$server"
wait "$server"
server=
echo "the image's root serves, classifies, is healthy, and stops when told"
