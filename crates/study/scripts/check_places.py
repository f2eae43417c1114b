#!/usr/bin/env python3
"""Places points with geopandas on the embedded boundaries, and writes the golden files of the tests.

    pip install geopandas
    python3 check_places.py --points > ../../places/tests/golden/places.json
    python3 check_places.py --tracks TRACKS.csv > ../tests/golden/echonest-places.json

--points: 4,000 points on a formula that the tests know. For each the row of regions.tsv that holds it, or null.
--tracks: tracks of a folder of the dataset by country and by state of the USA, counted where a polygon holds the point.

Made with geopandas 1.2.0 and shapely 2.2.0.
"""
import json
import os
import sys

import geopandas as gpd
import pandas as pd
import shapely

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "places", "data")


def boundaries():
    """The layer `regions` of boundaries.bin with the rows of regions.tsv."""
    with open(os.path.join(DATA, "boundaries.bin"), "rb") as file:
        data = file.read()
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    x = y = 0
    shapes = []
    for _ in range(varint()):
        assert varint() == len(shapes)
        polygons = []
        for _ in range(varint()):
            rings = []
            for _ in range(varint()):
                ring = []
                for _ in range(varint()):
                    a, b = varint(), varint()
                    x += a >> 1 if a % 2 == 0 else -(a + 1 >> 1)
                    y += b >> 1 if b % 2 == 0 else -(b + 1 >> 1)
                    ring.append((x / 10_000, y / 10_000))
                rings.append(ring)
            polygons.append(shapely.Polygon(rings[0], rings[1:]))
        shapes.append(shapely.MultiPolygon(polygons))
    table = pd.read_csv(os.path.join(DATA, "regions.tsv"), sep="\t", keep_default_na=False)
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4326)


def place(longitudes, latitudes):
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(longitudes, latitudes), crs=4326)
    joined = points.sjoin(boundaries(), how="left", predicate="within")
    return joined[~joined.index.duplicated()]


def main():
    if sys.argv[1] == "--points":
        # The fractional parts of multiples of the golden ratio and of the square root of 2, over the inhabited latitudes.
        k = range(1, 4001)
        longitudes = [-180 + 360 * (i * 0.6180339887498949 % 1) for i in k]
        latitudes = [-56 + 128 * (i * 0.4142135623730951 % 1) for i in k]
        found = place(longitudes, latitudes)["index_right"]
        print(json.dumps([None if pd.isna(v) else int(v) for v in found]))
    else:
        tracks = pd.read_csv(sys.argv[2], index_col=0, header=[0, 1], low_memory=False)
        tracks = tracks[tracks["artist", "latitude"].notna() & tracks["artist", "longitude"].notna()]
        joined = place(tracks["artist", "longitude"].astype(float), tracks["artist", "latitude"].astype(float))
        usa = joined[joined.country == "USA"]
        count = lambda column: {k: int(n) for k, n in sorted(column.value_counts().items())}
        print(json.dumps({"n_located": len(tracks), "n_inside": int(joined.country.notna().sum()),
                          "countries": count(joined.country), "states": count(usa.name)}, indent=1, ensure_ascii=False))


main()
