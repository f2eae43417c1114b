#!/usr/bin/env python3
"""Makes data/countries.tsv, data/regions.tsv and data/boundaries.bin from Natural Earth.

    apt-get download qgis-common r-cran-rnaturalearthdata r-cran-spdata     # Debian bookworm: 3.22.16+dfsg-1, 0.1.0-2, 2.2.1-1
    for p in *.deb; do dpkg -x "$p" unpacked; done
    pip install geopandas pyogrio rdata            # made with geopandas 1.2.0, shapely 2.2.0, rdata 1.1.0
    python3 make_boundaries.py unpacked ../data

Natural Earth (naturalearthdata.com) is in the public domain. It is taken from packages, since they can be had anywhere:

- shapes of 4,556 first-level regions: 1:10m admin-1 in generalised form, table `states_provinces` of
  `qgis/resources/data/world_map.gpkg` (its README names Natural Earth). A country is the union of its regions: the table
  `countries` of that file has the same vertices;
- names, continents and populations (POP_EST) of countries: `countries50` and `map_units50` of rnaturalearthdata (CC0);
- populations of the states of the USA: American Community Survey 2011-2015 of the U.S. Census Bureau (public domain),
  `total_pop_15` of spData (CC0).

What is changed: coordinates are rounded to 1e-4 degrees (11 m); the continent of a region is that of its map unit, so that
French Guiana lies in South America; Natural Earth's "Seven seas" become the UN's region. For drawing there are three
further layers, simplified so that neighbours still touch: countries, states of the USA, countries around Europe.

`boundaries.bin`: for each of the layers regions, world, usa, europe a count of features; for each feature its number (a row
of regions.tsv, or of countries.tsv in the layers world and europe), then a count of polygons; for each a count of rings, the
outer one first; for each a count of points (a ring closes by itself); for each point longitude and latitude in 1e-4 degrees,
as zigzag-coded differences to the point before, beginning at 0, 0 for every layer. All numbers are LEB128 varints.
"""
import lzma
import os
import struct
import sys
import warnings
import zlib

import geopandas as gpd
import numpy as np
import pandas as pd
import rdata
import shapely

warnings.simplefilter("ignore")
SCALE = 10_000
NAMES = {
    "KOR": "South Korea", "PRK": "North Korea", "CZE": "Czechia", "SWZ": "Eswatini", "MKD": "North Macedonia", "RUS": "Russia",
    "COD": "DR Congo", "LAO": "Laos", "SYR": "Syria", "BRN": "Brunei", "GMB": "Gambia", "CPV": "Cape Verde", "USA": "United States",
    "IOA": "Indian Ocean Territories (Australia)", "HKG": "Hong Kong", "MAC": "Macao", "FRO": "Faroe Islands",
}
# Regions whose map unit is not listed, and Natural Earth's "Seven seas" that are no part of a UN region either.
CONTINENTS = {"CLP": "North America", "ESB": "Asia", "WSB": "Asia", "GIB": "Europe", "KAB": "Asia", "PGA": "Asia", "TUV": "Oceania",
              "UMI": "Oceania", "USG": "North America", "ATF": "Antarctica", "HMD": "Antarctica", "IOT": "Asia", "SGS": "South America",
              "BVT": "Antarctica", "TKL": "Oceania", "SYU": "Asia"}


def r_object(folder, name):
    """An object of an R package's lazy-load database."""
    base = os.path.join(folder, "data", "Rdata")
    offset, length = map(int, rdata.conversion.convert(rdata.parser.parse_file(base + ".rdx"))["variables"][name])
    with open(base + ".rdb", "rb") as file:
        raw = file.read()[offset:offset + length]
    if raw[4:5] == b"Z":
        filters = [{"id": lzma.FILTER_LZMA2, "preset": 9}]
        data = lzma.LZMADecompressor(format=lzma.FORMAT_RAW, filters=filters).decompress(raw[5:])
    elif raw[4:5] == b"2":
        import bz2
        data = bz2.decompress(raw[5:])
    else:
        data = zlib.decompress(raw[4:])
    return rdata.conversion.convert(rdata.parser.parse_data(data))


def varint(out, value):
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def encode(features):
    """`features`: (number, geometry) pairs."""
    out, last, n_points = bytearray(), [0, 0], 0
    varint(out, len(features))
    for number, geometry in features:
        varint(out, number)
        polygons = []
        for polygon in shapely.get_parts(geometry):
            if polygon.geom_type != "Polygon":
                continue
            rings = []
            for ring in [polygon.exterior, *polygon.interiors]:
                points = np.rint(np.asarray(ring.coords)[:, :2] * SCALE).astype(np.int64)
                points = points[np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]]
                if (points[0] == points[-1]).all():
                    points = points[:-1]
                rings.append(points)
            # An outer ring that collapses takes its holes with it.
            if len(rings[0]) >= 3:
                polygons.append([ring for ring in rings if len(ring) >= 3])
        varint(out, len(polygons))
        for rings in polygons:
            varint(out, len(rings))
            for points in rings:
                varint(out, len(points))
                n_points += len(points)
                for point in points.tolist():
                    for axis in (0, 1):
                        step = point[axis] - last[axis]
                        varint(out, step << 1 if step >= 0 else (-step << 1) - 1)
                    last = point
    print(len(features), "features,", n_points, "points,", len(out), "bytes")
    return bytes(out)


def display(frame, tolerance, smallest):
    """Shapes to draw: simplified as a coverage, without the islands too small to see; every feature keeps its largest part."""
    shapes = shapely.coverage_simplify(frame.geometry.values, tolerance)
    kept = []
    for shape in shapes:
        parts = list(shapely.get_parts(shape))
        parts.sort(key=lambda part: -part.area)
        kept.append(shapely.MultiPolygon([p for k, p in enumerate(parts) if (k == 0 or p.area >= smallest) and p.area > 0]))
    return kept


def text(value):
    return "" if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)) else str(value)


def main(unpacked, out):
    r = os.path.join(unpacked, "usr/lib/R/site-library")
    regions = gpd.read_file(os.path.join(unpacked, "usr/share/qgis/resources/data/world_map.gpkg"), layer="states_provinces")
    countries = r_object(os.path.join(r, "rnaturalearthdata"), "countries50").data.map(text).set_index("adm0_a3")
    units = r_object(os.path.join(r, "rnaturalearthdata"), "map_units50").data.map(text).set_index("gu_a3")
    spdata = {name: r_object(os.path.join(r, "spData"), name) for name in ("us_states", "alaska", "hawaii")}
    census = {n: round(float(p)) for frame in spdata.values() for n, p in zip(frame["NAME"], frame["total_pop_15"])}
    assert len(census) == 51, len(census)

    def continent(code):
        for table in (units, countries):
            if code in table.index:
                row = table.loc[code]
                row = row.iloc[0] if isinstance(row, pd.DataFrame) else row
                if row["continent"] and not row["continent"].startswith("Seven seas"):
                    return row["continent"]
                if row["region_un"] and not row["region_un"].startswith("Seven seas"):
                    return row["region_un"]
        return CONTINENTS.get(code, "")

    codes = sorted(set(regions.adm0_a3))
    with open(os.path.join(out, "countries.tsv"), "w") as file:
        file.write("code\tname\tcontinent\tpopulation\n")
        for code in codes:
            known = code in countries.index
            name = NAMES.get(code) or (countries.loc[code, "name_long"] if known else regions[regions.adm0_a3 == code].admin.iloc[0])
            population = countries.loc[code, "pop_est"] if known else ""
            population = str(int(float(population))) if population and float(population) > 0 else ""
            assert continent(code), code
            file.write(f"{code}\t{name}\t{continent(code)}\t{population}\n")

    regions["title"] = [next((text(row[k]) for k in ("name", "woe_name", "gn_name", "admin") if text(row[k])), "") for _, row in regions.iterrows()]
    regions = regions.sort_values(["adm0_a3", "title", "fid"] if "fid" in regions else ["adm0_a3", "title"], kind="stable").reset_index(drop=True)
    with open(os.path.join(out, "regions.tsv"), "w") as file:
        file.write("country\tname\tcontinent\tpopulation\n")
        for _, row in regions.iterrows():
            unit = continent(text(row["gu_a3"])) or continent(row["adm0_a3"])
            population = census[row["title"]] if row["adm0_a3"] == "USA" else ""
            file.write(f"{row['adm0_a3']}\t{row['title']}\t{unit}\t{population}\n")

    order = {code: k for k, code in enumerate(codes)}
    world = regions[regions.adm0_a3 != "ATA"].dissolve("adm0_a3")
    window = shapely.box(-40, 22, 75, 82)
    europe = world.copy()
    europe["geometry"] = shapely.intersection(europe.geometry.values, window)
    europe = europe[~europe.geometry.is_empty]
    usa = regions[regions.adm0_a3 == "USA"]
    layers = [
        encode(list(enumerate(regions.geometry))),
        encode(list(zip([order[c] for c in world.index], display(world, 0.25, 0.06)))),
        encode(list(zip(usa.index, display(usa, 0.06, 0.01)))),
        encode(list(zip([order[c] for c in europe.index], display(europe, 0.08, 0.015)))),
    ]
    with open(os.path.join(out, "boundaries.bin"), "wb") as file:
        file.write(b"".join(layers))


if __name__ == "__main__":
    main(*sys.argv[1:])
