#!/usr/bin/env python3
"""What pandas reads from tests/fixtures/*.csv, written to tests/fixtures/golden.json.

    python3 -m venv venv && venv/bin/pip install pandas==3.1.1
    venv/bin/python crates/catalog/scripts/make_golden.py            # writes
    venv/bin/python crates/catalog/scripts/make_golden.py --check    # compares, exit status 1 on a difference

Columns are converted as the dataset's own loader does (`load` in utils.py of https://github.com/mdeff/fma). A missing value
is null, a number of type double is given by its 64 bits, a date by its microseconds since 1970.
"""

import ast
import json
import struct
import sys
import warnings
from pathlib import Path

import pandas as pd

FIXTURES = Path(__file__).resolve().parent.parent / "tests" / "fixtures"
LISTS = ["track.tags", "album.tags", "artist.tags", "track.genres", "track.genres_all", "tags"]
DATES = [
    "track.date_created", "track.date_recorded", "album.date_created", "album.date_released", "artist.date_created",
    "artist.active_year_begin", "artist.active_year_end", "track_date_created", "track_date_recorded",
]
WHOLE = [
    "album.comments", "album.favorites", "album.id", "album.listens", "album.tracks", "artist.comments",
    "artist.favorites", "artist.id", "track.bit_rate", "track.comments", "track.duration", "track.favorites",
    "track.interest", "track.listens", "track.number", "#tracks", "parent", "top_level", "album_id", "artist_id",
    "license_parent_id", "track_bit_rate", "track_comments", "track_favorites", "track_instrumental", "track_interest",
    "track_listens", "track_number",
]


# The replacement that pandas announces for float_precision is not in 3.1.
warnings.filterwarnings("ignore", message=".*float_precision.*")


def cells(name, column):
    if name in LISTS:
        return [None if pd.isnull(v) else ast.literal_eval(v) for v in column]
    if name in DATES:
        dates = pd.to_datetime(column, format="mixed")
        return [None if pd.isnull(v) else v.value // 1000 for v in dates]
    if name in WHOLE:
        return [None if pd.isnull(v) else int(v) for v in column]
    if pd.api.types.is_bool_dtype(column):
        return [bool(v) for v in column]
    if pd.api.types.is_integer_dtype(column) and name.startswith("new."):
        return [int(v) for v in column]
    if pd.api.types.is_numeric_dtype(column) and not column.isnull().all():
        return [None if pd.isnull(v) else struct.pack(">d", float(v)).hex() for v in column]
    return [None if pd.isnull(v) else str(v) for v in column]


def table(path, levels):
    header = list(range(levels)) if levels > 1 else 0
    frame = pd.read_csv(path, index_col=0, header=header, float_precision="round_trip", low_memory=False)
    columns = {}
    for key in frame.columns:
        name = ".".join(key) if levels > 1 else key
        columns[name] = cells(name, frame[key])
    return {"index": [int(v) for v in frame.index], "columns": columns}


def main():
    levels = {"tracks": 2, "features": 3, "echonest": 3, "genres": 1, "raw_tracks": 1}
    golden = {"pandas": pd.__version__}
    golden.update({name: table(FIXTURES / f"{name}.csv", n) for name, n in levels.items()})
    text = json.dumps(golden, indent=1) + "\n"
    path = FIXTURES / "golden.json"
    if "--check" in sys.argv[1:]:
        sys.exit(0 if path.read_text() == text else "golden.json differs from what pandas reads")
    path.write_text(text)


if __name__ == "__main__":
    main()
