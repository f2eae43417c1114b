"""Features of a folder of recordings by Spark.

    spark-submit --conf spark.executor.memoryOverhead=3g crates/python/examples/spark_features.py MUSIC OUT [MODEL]

MUSIC is a folder that every executor can read. OUT gets Parquet files: `features` of each recording, or its genre where a MODEL is
named. The wheel must be installed where the executors' Python is (or sent along, packed by venv-pack, with --archives).
"""

import sys
from pathlib import Path

from cratedig.spark import classify, features
from pyspark.sql import SparkSession

KINDS = {".mp3", ".flac", ".ogg", ".opus", ".wav", ".aiff", ".m4a"}


def main() -> None:
    """Run the job."""
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    music, out = sys.argv[1:3]
    spark = SparkSession.builder.appName("cratedigger").getOrCreate()
    uris = [(str(path),) for path in sorted(Path(music).rglob("*")) if path.suffix.lower() in KINDS]
    # Some partitions for each task that runs at a time, so that the last ones end together.
    n_partitions = max(1, min(len(uris), 8 * spark.sparkContext.defaultParallelism))
    rows = spark.createDataFrame(uris, "uri string").repartition(n_partitions)
    memory = 2 << 30
    made = classify(rows, sys.argv[3], memory=memory) if len(sys.argv) == 4 else features(rows, memory=memory)
    made.write.mode("errorifexists").option("compression", "zstd").parquet(out)
    done = spark.read.parquet(out)
    n_failed = done.where("failure is not null").count()
    print(f"{out}: {done.count()} rows, {n_failed} of them with a failure")
    spark.stop()


if __name__ == "__main__":
    main()
