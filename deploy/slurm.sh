#!/bin/sh
# An array of 64 shards of a folder that all nodes see:
#   cratedigger manifest /shared/music --out /shared/work/manifest.parquet
#   sbatch --export=ALL,MANIFEST=/shared/work/manifest.parquet,OUT=/shared/work/parts deploy/slurm.sh
#   cratedigger parts /shared/work/parts --manifest /shared/work/manifest.parquet
# With --scratch below OUT's file system a shard that lost its node goes on where it stopped, on any other.
#SBATCH --job-name=cratedigger
#SBATCH --array=1-64
#SBATCH --cpus-per-task=8
#SBATCH --mem=12G
#SBATCH --requeue
set -eu

"${CRATEDIGGER:-cratedigger}" --quiet extract --manifest "${MANIFEST:?}" --shard "auto/${SHARDS:-64}" --out "${OUT:?}" \
  --jobs "${SLURM_CPUS_PER_TASK:-1}" --scratch "${SCRATCH:-$OUT.scratch}"
