"""Features of a folder of recordings by Ray.

    ray job submit --runtime-env-json '{"pip": ["cratedig[ray]"]}' -- python crates/python/examples/ray_features.py MUSIC OUT [MODEL]

MUSIC is a folder that every node can read. OUT gets Parquet files: `features` of each recording, or its genre where a MODEL is
named.
"""

import sys
from pathlib import Path

import ray
from cratedig.ray import classify, features

KINDS = {".mp3", ".flac", ".ogg", ".opus", ".wav", ".aiff", ".m4a"}


def main() -> None:
    """Run the job."""
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    music, out = sys.argv[1:3]
    ray.init()
    uris = [{"uri": str(path)} for path in sorted(Path(music).rglob("*")) if path.suffix.lower() in KINDS]
    # Some blocks for each worker, so that the last ones end together.
    n_blocks = max(1, min(len(uris), 8 * int(ray.cluster_resources().get("CPU", 1))))
    rows = ray.data.from_items(uris, override_num_blocks=n_blocks)
    memory = 2 << 30
    made = classify(rows, sys.argv[3], memory=memory) if len(sys.argv) == 4 else features(rows, memory=memory)
    made.write_parquet(out)
    done = ray.data.read_parquet(out)
    n_failed = done.filter(lambda row: row["failure"] is not None).count()
    print(f"{out}: {done.count()} rows, {n_failed} of them with a failure")


if __name__ == "__main__":
    main()
