"""Reads a synthetic archive with pandas, as the dataset's own loader does, and checks what a reader relies on.

    python check_with_pandas.py DIR

Written for pandas 2 and 3; nothing else is needed.
"""

import ast
import sys

import pandas as pd

directory = sys.argv[1]
tracks = pd.read_csv(f"{directory}/tracks.csv", index_col=0, header=[0, 1])
genres = pd.read_csv(f"{directory}/genres.csv", index_col=0)
features = pd.read_csv(f"{directory}/features.csv", index_col=0, header=[0, 1, 2])
echonest = pd.read_csv(f"{directory}/echonest.csv", index_col=0, header=[0, 1, 2])

assert tracks.shape[1] == 52 and features.shape[1] == 518 and echonest.shape[1] == 249 and genres.shape == (163, 4)
assert tracks.index.is_unique and tracks.index.is_monotonic_increasing
assert tracks.index.equals(features.index)
assert echonest.index.isin(tracks.index).all()
assert features.dtypes.eq("float64").all() and features.notna().all().all()

for column in [("track", "genres"), ("track", "genres_all"), ("track", "tags"), ("album", "tags"), ("artist", "tags")]:
    assert tracks[column].map(ast.literal_eval).map(lambda items: isinstance(items, list)).all(), column
for level, name in [("track", "date_created"), ("album", "date_released"), ("artist", "active_year_begin")]:
    parsed = pd.to_datetime(tracks[level, name], format="%Y-%m-%d %H:%M:%S")
    assert parsed.isna().equals(tracks[level, name].isna())

# genre_top is the one root of genres_all, and empty where there are several.
roots = tracks["track", "genres_all"].map(lambda text: sorted({genres.top_level[g] for g in ast.literal_eval(text)}))
one = roots.map(len).eq(1)
assert one.equals(tracks["track", "genre_top"].notna())
assert [genres.title[r[0]] for r in roots[one]] == tracks.loc[one, ("track", "genre_top")].tolist()
counted = pd.Series([g for text in tracks["track", "genres_all"] for g in ast.literal_eval(text)]).value_counts()
assert genres["#tracks"].eq(counted.reindex(genres.index, fill_value=0)).all()

assert tracks["set", "split"].groupby(tracks["artist", "id"]).nunique().max() == 1
assert (tracks["artist", "latitude"].isna() == tracks["artist", "longitude"].isna()).all()
print(f"{directory}: {len(tracks)} tracks, {len(echonest)} with Echonest features: as expected")
