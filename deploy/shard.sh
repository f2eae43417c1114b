#!/bin/sh
# Makes the part of one shard. Which one is said by the service that runs many of these:
# Kubernetes (indexed job), Slurm (array from 1), AWS Batch (array job) or Google Batch.
#
#   MANIFEST=s3://work/manifest.parquet SHARDS=64 OUT=s3://work/parts shard.sh [more arguments of `cratedigger extract`]
#
# Any exit code but 0 means: run it again. A part that is there is not made anew.
set -eu

if [ -n "${JOB_COMPLETION_INDEX:-}" ]; then index=$((JOB_COMPLETION_INDEX + 1))
elif [ -n "${SLURM_ARRAY_TASK_ID:-}" ]; then index=$SLURM_ARRAY_TASK_ID
elif [ -n "${AWS_BATCH_JOB_ARRAY_INDEX:-}" ]; then index=$((AWS_BATCH_JOB_ARRAY_INDEX + 1))
elif [ -n "${BATCH_TASK_INDEX:-}" ]; then index=$((BATCH_TASK_INDEX + 1))
else
  echo "shard.sh: none of JOB_COMPLETION_INDEX, SLURM_ARRAY_TASK_ID, AWS_BATCH_JOB_ARRAY_INDEX, BATCH_TASK_INDEX is set" >&2
  exit 2
fi

exec "${CRATEDIGGER:-cratedigger}" --quiet extract --manifest "$MANIFEST" --shard "$index/$SHARDS" --out "$OUT" "$@"
