"""Packs plotly.js, which every report carries, into vendor/plotly.

    npm pack plotly.js-dist-min@3.0.1 && tar xzf plotly.js-dist-min-3.0.1.tgz
    python crates/report/scripts/pack_plotly.py package

The text must be the one whose SHA-256 stands below (another version: its sum, and the version in src/plotly.rs). It is written
with gzip (level 9, no name, no time), so that the same text gives the same file; the licence (MIT) is copied beside it.
"""

import gzip
import hashlib
import pathlib
import shutil
import sys

SHA256 = "a32e817bb121e9e89016ce4cee85ee3f1c66f6a6c95c4b53a5f488f77756d7a4"

package = pathlib.Path(sys.argv[1])
target = pathlib.Path(__file__).parent.parent / "vendor" / "plotly"
text = (package / "plotly.min.js").read_bytes()
found = hashlib.sha256(text).hexdigest()
if found != SHA256:
    sys.exit(f"plotly.min.js has the SHA-256 {found}, expected {SHA256}")
target.mkdir(parents=True, exist_ok=True)
(target / "plotly.min.js.gz").write_bytes(gzip.compress(text, 9, mtime=0))
shutil.copyfile(package / "LICENSE", target / "LICENSE")
