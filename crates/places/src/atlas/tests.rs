#![allow(clippy::unwrap_used)]
use geo::{Contains, Coord, LineString, MultiPolygon, Polygon};

use super::index::great_circle_km;
use super::*;

/// Country, region ("" where it does not matter) and coordinates of city centres, from the cities' Wikipedia articles.
const CITIES: [(&str, &str, &str, f64, f64); 54] = [
    ("New York", "USA", "New York", 40.7128, -74.0060),
    ("Brooklyn", "USA", "New York", 40.6782, -73.9442),
    ("Jersey City", "USA", "New Jersey", 40.7282, -74.0776),
    ("Philadelphia", "USA", "Pennsylvania", 39.9526, -75.1652),
    ("Los Angeles", "USA", "California", 34.0522, -118.2437),
    ("San Francisco", "USA", "California", 37.7749, -122.4194),
    ("Portland", "USA", "Oregon", 45.5152, -122.6784),
    ("Vancouver, Washington", "USA", "Washington", 45.6387, -122.6615),
    ("Seattle", "USA", "Washington", 47.6062, -122.3321),
    ("Chicago", "USA", "Illinois", 41.8781, -87.6298),
    ("Austin", "USA", "Texas", 30.2672, -97.7431),
    ("New Orleans", "USA", "Louisiana", 29.9511, -90.0715),
    ("Boston", "USA", "Massachusetts", 42.3601, -71.0589),
    ("Washington", "USA", "District of Columbia", 38.9072, -77.0369),
    ("Providence", "USA", "Rhode Island", 41.8240, -71.4128),
    ("Cincinnati", "USA", "Ohio", 39.1031, -84.5120),
    ("Honolulu", "USA", "Hawaii", 21.3069, -157.8583),
    ("Anchorage", "USA", "Alaska", 61.2176, -149.8997),
    ("Key West", "USA", "Florida", 24.5551, -81.7800),
    ("Toronto", "CAN", "Ontario", 43.6532, -79.3832),
    ("Montreal", "CAN", "Québec", 45.5019, -73.5674),
    ("Vancouver", "CAN", "British Columbia", 49.2827, -123.1207),
    ("Mexico City", "MEX", "", 19.4326, -99.1332),
    ("Havana", "CUB", "", 23.1136, -82.3666),
    ("São Paulo", "BRA", "São Paulo", -23.5505, -46.6333),
    ("Buenos Aires", "ARG", "", -34.6037, -58.3816),
    ("Cayenne", "FRA", "Guyane française", 4.9224, -52.3135),
    ("London", "GBR", "", 51.5074, -0.1278),
    ("Edinburgh", "GBR", "", 55.9533, -3.1883),
    ("Belfast", "GBR", "", 54.5973, -5.9301),
    ("Dublin", "IRL", "", 53.3498, -6.2603),
    ("Paris", "FRA", "Paris", 48.8566, 2.3522),
    ("Strasbourg", "FRA", "", 48.5734, 7.7521),
    ("Berlin", "DEU", "Berlin", 52.5200, 13.4050),
    ("Hamburg", "DEU", "Hamburg", 53.5511, 9.9937),
    ("Amsterdam", "NLD", "", 52.3676, 4.9041),
    ("Brussels", "BEL", "", 50.8503, 4.3517),
    ("Copenhagen", "DNK", "", 55.6761, 12.5683),
    ("Venice", "ITA", "", 45.4408, 12.3155),
    ("Lisbon", "PRT", "", 38.7223, -9.1393),
    ("Istanbul", "TUR", "", 41.0082, 28.9784),
    ("Moscow", "RUS", "", 55.7558, 37.6173),
    ("Vladivostok", "RUS", "", 43.1155, 131.8855),
    ("Reykjavik", "ISL", "", 64.1466, -21.9426),
    ("Tokyo", "JPN", "Tokyo", 35.6762, 139.6503),
    ("Hong Kong", "HKG", "", 22.3193, 114.1694),
    ("Singapore", "SGP", "", 1.3521, 103.8198),
    ("Mumbai", "IND", "", 19.0760, 72.8777),
    ("Cairo", "EGY", "", 30.0444, 31.2357),
    ("Cape Town", "ZAF", "", -33.9249, 18.4241),
    ("Maseru", "LSO", "", -29.3151, 27.4869),
    ("Sydney", "AUS", "New South Wales", -33.8688, 151.2093),
    ("Auckland", "NZL", "", -36.8509, 174.7645),
    ("Suva", "FJI", "", -18.1248, 178.4501),
];

#[test]
fn cities_lie_where_they_lie() {
    let atlas = Atlas::embedded().unwrap();
    for (city, country, region, latitude, longitude) in CITIES {
        let outcome = atlas.locate(latitude, longitude);
        let found = outcome.region().unwrap_or_else(|| panic!("{city}: {outcome:?}"));
        assert_eq!(atlas.country_of(found).code, country, "{city}: {outcome:?}");
        assert!(
            region.is_empty() || atlas.region(found).name == region,
            "{city}: {}",
            atlas.region(found).name
        );
    }
}

#[test]
fn continents_are_those_of_the_region() {
    let atlas = Atlas::embedded().unwrap();
    let continent = |latitude, longitude| {
        let region = atlas.locate(latitude, longitude).region().unwrap();
        atlas.region(region).continent.clone()
    };
    assert_eq!(continent(4.9224, -52.3135), "South America"); // Cayenne, France
    assert_eq!(continent(48.8566, 2.3522), "Europe");
    assert_eq!(continent(4.1755, 73.5093), "Asia"); // Malé; Natural Earth says "Seven seas"
    let mut names: Vec<&str> = atlas
        .regions()
        .iter()
        .map(|region| region.continent.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(
        names,
        [
            "Africa",
            "Antarctica",
            "Asia",
            "Europe",
            "North America",
            "Oceania",
            "South America"
        ]
    );
    let population = |name: &str| {
        let usa = |region: &&Region| atlas.countries()[region.country].code == "USA" && region.name == name;
        atlas.regions().iter().find(usa).unwrap().population.unwrap()
    };
    assert_eq!(
        (population("Oregon"), population("New York")),
        (3_939_233, 19_673_174)
    );
}

/// scripts/check_places.py --points
#[test]
fn points_lie_where_geopandas_finds_them() {
    let atlas = Atlas::embedded().unwrap();
    let golden: Vec<Option<usize>> =
        serde_json::from_str(include_str!("../../tests/golden/places.json")).unwrap();
    assert_eq!(golden.len(), 4000);
    for (k, want) in golden.iter().enumerate() {
        let i = (k + 1) as f64;
        let longitude = -180.0 + 360.0 * ((i * 0.618_033_988_749_894_9) % 1.0);
        let latitude = -56.0 + 128.0 * ((i * 0.414_213_562_373_095_1) % 1.0);
        let got = match atlas.locate(latitude, longitude) {
            Outcome::Inside { region } => Some(region),
            _ => None,
        };
        assert_eq!(got, *want, "{latitude} {longitude}");
    }
}

/// A square with a hole, an island in the hole, and a neighbour that shares a slanted border.
fn pieces() -> Vec<Shape> {
    let square = |x: f64, y: f64, size: f64| vec![[x, y], [x + size, y], [x + size, y + size], [x, y + size]];
    vec![
        Shape {
            rings: vec![
                square(0.0, 0.0, 10.0),
                square(4.0, 4.0, 2.0),
                square(4.5, 4.5, 1.0),
            ],
        },
        Shape {
            rings: vec![square(4.0, 4.0, 2.0)],
        },
        Shape {
            rings: vec![vec![[10.0, 0.0], [17.3, -2.1], [19.1, 12.7], [10.0, 10.0]]],
        },
    ]
}

#[test]
fn the_index_agrees_with_geo_on_holes_islands_and_corners() {
    let pieces = pieces();
    let index = index::Index::new(&pieces);
    let polygon = |outer: &[[f64; 2]], holes: &[&[[f64; 2]]]| {
        let line = |ring: &[[f64; 2]]| LineString(ring.iter().map(|p| Coord { x: p[0], y: p[1] }).collect());
        Polygon::new(line(outer), holes.iter().map(|ring| line(ring)).collect())
    };
    let r = |shape: usize, ring: usize| pieces[shape].rings[ring].as_slice();
    let slow = [
        MultiPolygon(vec![polygon(r(0, 0), &[r(0, 1)]), polygon(r(0, 2), &[])]),
        MultiPolygon(vec![polygon(r(1, 0), &[])]),
        MultiPolygon(vec![polygon(r(2, 0), &[])]),
    ];
    let mut n_inside = [0; 3];
    for i in 0..20_000 {
        let x = -2.0 + 24.0 * ((f64::from(i) * 0.618_033_988_749_894_9) % 1.0);
        let y = -4.0 + 18.0 * ((f64::from(i) * 0.414_213_562_373_095_1) % 1.0);
        let want = slow.iter().position(|shape| shape.contains(&Coord { x, y }));
        assert_eq!(index.containing([x, y]), want, "{x} {y}");
        if let Some(shape) = want {
            n_inside[shape] += 1;
        }
    }
    assert!(n_inside.iter().all(|&n| n > 100), "{n_inside:?}");
    // In the hole is the second shape, on its island the first.
    assert_eq!(index.containing([4.2, 5.0]), Some(1));
    assert_eq!(index.containing([5.0, 5.0]), Some(0));
    // Every point of a common border has exactly one owner.
    for k in 1..100 {
        assert!(index.containing([10.0, f64::from(k) / 10.0]).is_some());
    }
}

#[test]
fn near_the_coast_is_the_nearest_region_and_its_distance() {
    let pieces = pieces();
    let index = index::Index::new(&pieces);
    // 0.3 degrees west of the middle of an edge that follows a meridian.
    let (shape, km) = index.nearest([-0.3, 5.0], 50.0).unwrap();
    assert_eq!(shape, 0);
    assert!(
        (km - great_circle_km([-0.3, 5.0], [0.0, 5.0])).abs() < 1e-9,
        "{km}"
    );
    assert!((km - 33.23).abs() < 0.01, "{km}");
    // Beyond the limit there is nothing; a corner is nearer than any edge's line.
    assert_eq!(index.nearest([-0.5, 5.0], 50.0), None);
    let (_, km) = index.nearest([-0.2, -0.2], 50.0).unwrap();
    assert!((km - great_circle_km([-0.2, -0.2], [0.0, 0.0])).abs() < 1e-9);

    // Every edge of every shape, one after the other, gives the same.
    let atlas = Atlas::embedded().unwrap();
    let mut n_near = 0;
    for i in 0..150_u32 {
        // Around Venice, the Danish straits, the Aegean and Fiji, which lies on both sides of the antimeridian.
        let (x, y, width, height) = [
            (12.0, 45.0, 1.5, 1.0),
            (10.5, 55.0, 2.5, 2.0),
            (24.0, 36.0, 4.0, 3.0),
            (179.0, -18.5, 1.0, 3.0),
            (-180.0, -19.0, 1.0, 3.0),
        ][(i % 5) as usize];
        let longitude = x + width * ((f64::from(i) * 0.618_033_988_749_894_9) % 1.0);
        let latitude = y + height * ((f64::from(i) * 0.414_213_562_373_095_1) % 1.0);
        let Outcome::Near { region, distance_km } = atlas.locate(latitude, longitude) else {
            continue;
        };
        n_near += 1;
        let mut least = (usize::MAX, f64::INFINITY);
        for (other, shape) in (0..atlas.regions().len()).map(|other| (other, atlas.shape(other))) {
            for ring in &shape.rings {
                for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
                    // Edges are much shorter than these three degrees of latitude and four of longitude.
                    let aside = (a[0] - longitude + 540.0).rem_euclid(360.0) - 180.0;
                    if (a[1] - latitude).abs() > 3.0 || aside.abs() > 4.0 {
                        continue;
                    }
                    // Points of the edge, finely.
                    for step in 0..=400 {
                        let t = f64::from(step) / 400.0;
                        let at = [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
                        let km = great_circle_km([longitude, latitude], at);
                        if km < least.1 {
                            least = (other, km);
                        }
                    }
                }
            }
        }
        assert_eq!(region, least.0, "{latitude} {longitude}");
        // The nearest point is found in a plane, which is out by less than a thousandth; the slow way sees points only.
        assert!(
            distance_km <= least.1 * 1.001 && distance_km > least.1 - 0.1,
            "{distance_km} {}",
            least.1
        );
    }
    assert!(n_near > 30, "{n_near}");
}

#[test]
fn the_antimeridian_and_the_poles() {
    let atlas = Atlas::embedded().unwrap();
    let code = |latitude, longitude| {
        let region = atlas.locate(latitude, longitude).region()?;
        Some(atlas.country_of(region).code.clone())
    };
    // Chukotka reaches over the antimeridian; Taveuni (Fiji) lies on it.
    assert_eq!(code(66.5, 179.5).as_deref(), Some("RUS"));
    assert_eq!(code(66.5, -179.5).as_deref(), Some("RUS"));
    assert_eq!(code(66.5, 180.0), code(66.5, -180.0));
    assert_eq!(code(66.5, 180.0).as_deref(), Some("RUS"));
    assert_eq!(code(-90.0, 0.0).as_deref(), Some("ATA"));
    assert_eq!(code(-89.99, 179.99).as_deref(), Some("ATA"));
    assert_eq!(code(90.0, 12.0), None);
    assert_eq!(atlas.locate(90.0, 12.0), Outcome::Nowhere { reason: Reason::Sea });
}

#[test]
fn the_nearest_shape_may_lie_beyond_the_antimeridian() {
    let square = |x: f64| vec![[x, 0.0], [x + 1.0, 0.0], [x + 1.0, 1.0], [x, 1.0]];
    let east = Shape {
        rings: vec![square(178.9)],
    };
    let west = Shape {
        rings: vec![square(-179.9)],
    };
    let (east, west) = (index::Index::new(&[east]), index::Index::new(&[west]));
    // 0.2 degrees of longitude at half a degree north.
    let (_, km) = east.nearest([-179.9, 0.5], 50.0).unwrap();
    assert!(
        (km - great_circle_km([-179.9, 0.5], [179.9, 0.5])).abs() < 1e-6 && (km - 22.2).abs() < 0.1,
        "{km}"
    );
    assert!(west.nearest([179.9, 0.5], 50.0).is_some());
    assert!(west.nearest([179.0, 0.5], 50.0).is_none());
}

#[test]
fn what_cannot_be_placed_says_why() {
    let atlas = Atlas::embedded().unwrap();
    let reason = |latitude, longitude| match atlas.locate(latitude, longitude) {
        Outcome::Nowhere { reason } => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(reason(0.0, 0.0), Reason::NullIsland);
    assert_eq!(reason(30.0, -40.0), Reason::Sea);
    assert_eq!(reason(95.0, 200.0), Reason::OutOfRange);
    assert_eq!(reason(f64::NAN, 5.0), Reason::OutOfRange);
    // Berlin and New York the wrong way round: 13 N 52 E is in the Arabian Sea, -74 N 41 E in Antarctica.
    assert_eq!(reason(13.405, 52.52), Reason::SwappedPerhaps);
    assert_eq!(reason(-122.4194, 37.7749), Reason::SwappedPerhaps);
}
