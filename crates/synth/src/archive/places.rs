//! Where artists live: real cities, weighted as the archive's tracks are spread over the world.
//!
//! Weights are hundreds of located tracks and follow what is known of the archive: New York first, then California, New
//! Jersey, Oregon and Pennsylvania; London, Paris and Berlin in Europe; little elsewhere. Some places are the centre of a
//! country or state, as geocoders answer when they are asked for no more than its name.

use super::countries::{
    AR, AT, AU, BE, BR, CA, CH, CL, CN, CO, CZ, Country, DE, DK, EG, ES, FI, FR, GB, GR, HU, ID, IE, IL, IN,
    IT, JP, KE, KR, MX, NL, NO, NZ, PL, PT, RS, RU, SE, TR, US, ZA,
};
use crate::stream::Stream;

/// A city, or the centre of a region or country.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Its country.
    pub(crate) country: Country,
    /// Name.
    pub(crate) name: &'static str,
    /// State or province, "" for none.
    pub(crate) region: &'static str,
    /// Degrees north.
    pub(crate) latitude: f64,
    /// Degrees east.
    pub(crate) longitude: f64,
    /// Share of the located tracks, in hundreds.
    pub(crate) weight: f64,
}

const fn p(
    country: Country,
    name: &'static str,
    region: &'static str,
    latitude: f64,
    longitude: f64,
    weight: f64,
) -> Place {
    Place {
        country,
        name,
        region,
        latitude,
        longitude,
        weight,
    }
}

/// The places.
#[rustfmt::skip]
pub(crate) const PLACES: &[Place] = &[
    p(US, "New York", "NY", 40.7128, -74.006, 18.0),
    p(US, "Brooklyn", "NY", 40.65, -73.95, 15.0),
    p(US, "Rochester", "NY", 43.1566, -77.6088, 2.0),
    p(US, "New Jersey", "", 40.0583, -74.4057, 13.0),
    p(US, "Jersey City", "NJ", 40.7178, -74.0431, 8.0),
    p(US, "Hoboken", "NJ", 40.744, -74.0324, 4.0),
    p(US, "Philadelphia", "PA", 39.9526, -75.1652, 14.0),
    p(US, "Pittsburgh", "PA", 40.4406, -79.9959, 6.0),
    p(US, "Portland", "OR", 45.5231, -122.6765, 18.0),
    p(US, "Eugene", "OR", 44.0521, -123.0868, 2.0),
    p(US, "San Francisco", "CA", 37.7749, -122.4194, 10.0),
    p(US, "Los Angeles", "CA", 34.0522, -118.2437, 9.0),
    p(US, "Oakland", "CA", 37.8044, -122.2711, 3.0),
    p(US, "Santa Cruz", "CA", 36.9741, -122.0308, 2.0),
    p(US, "San Diego", "CA", 32.7157, -117.1611, 2.0),
    p(US, "Chicago", "IL", 41.8781, -87.6298, 14.0),
    p(US, "Providence", "RI", 41.824, -71.4128, 8.0),
    p(US, "Baltimore", "MD", 39.2904, -76.6122, 8.0),
    p(US, "Seattle", "WA", 47.6062, -122.3321, 8.0),
    p(US, "Boston", "MA", 42.3601, -71.0589, 8.0),
    p(US, "Austin", "TX", 30.2672, -97.7431, 7.0),
    p(US, "Richmond", "VA", 37.5407, -77.436, 6.0),
    p(US, "Columbus", "OH", 39.9612, -82.9988, 6.0),
    p(US, "Washington", "DC", 38.9072, -77.0369, 5.0),
    p(US, "Minneapolis", "MN", 44.9778, -93.265, 4.0),
    p(US, "Atlanta", "GA", 33.749, -84.388, 3.0),
    p(US, "Nashville", "TN", 36.1627, -86.7816, 3.0),
    p(US, "Milwaukee", "WI", 43.0389, -87.9065, 3.0),
    p(US, "Detroit", "MI", 42.3314, -83.0458, 3.0),
    p(US, "Denver", "CO", 39.7392, -104.9903, 3.0),
    p(US, "New Orleans", "LA", 29.9511, -90.0715, 3.0),
    p(US, "Miami", "FL", 25.7617, -80.1918, 3.0),
    p(US, "Tucson", "AZ", 32.2226, -110.9747, 2.0),
    p(US, "Anchorage", "AK", 61.2181, -149.9003, 0.04),
    p(US, "Honolulu", "HI", 21.3069, -157.8583, 0.04),
    p(US, "United States", "", 37.0902, -95.7129, 4.0),
    p(CA, "Montreal", "QC", 45.5017, -73.5673, 6.0),
    p(CA, "Toronto", "ON", 43.6532, -79.3832, 6.0),
    p(CA, "Vancouver", "BC", 49.2827, -123.1207, 4.0),
    p(MX, "Mexico City", "", 19.4326, -99.1332, 4.0),
    p(MX, "Monterrey", "", 25.6866, -100.3161, 4.0),
    p(GB, "London", "", 51.5074, -0.1278, 17.0),
    p(GB, "Manchester", "", 53.4808, -2.2426, 4.0),
    p(GB, "Bristol", "", 51.4545, -2.5879, 4.0),
    p(GB, "Glasgow", "", 55.8642, -4.2518, 4.0),
    p(GB, "Edinburgh", "", 55.9533, -3.1883, 4.0),
    p(GB, "United Kingdom", "", 55.3781, -3.436, 3.0),
    p(FR, "Paris", "", 48.8566, 2.3522, 13.0),
    p(FR, "Lyon", "", 45.764, 4.8357, 4.0),
    p(FR, "Marseille", "", 43.2965, 5.3698, 3.0),
    p(FR, "Bordeaux", "", 44.8378, -0.5792, 2.0),
    p(FR, "France", "", 46.2276, 2.2137, 3.0),
    p(DE, "Berlin", "", 52.52, 13.405, 9.0),
    p(DE, "Hamburg", "", 53.5511, 9.9937, 4.0),
    p(DE, "Stuttgart", "", 48.7758, 9.1829, 3.0),
    p(DE, "Leipzig", "", 51.3397, 12.3731, 2.0),
    p(DE, "Germany", "", 51.1657, 10.4515, 2.0),
    p(NL, "Amsterdam", "", 52.3676, 4.9041, 6.0),
    p(NL, "Rotterdam", "", 51.9244, 4.4777, 3.0),
    p(NL, "Utrecht", "", 52.0907, 5.1214, 3.0),
    p(BE, "Brussels", "", 50.8503, 4.3517, 4.0),
    p(BE, "Ghent", "", 51.0543, 3.7174, 2.0),
    p(IT, "Rome", "", 41.9028, 12.4964, 5.0),
    p(IT, "Milan", "", 45.4642, 9.19, 3.0),
    p(IT, "Turin", "", 45.0703, 7.6869, 2.0),
    p(ES, "Barcelona", "", 41.3851, 2.1734, 5.0),
    p(ES, "Madrid", "", 40.4168, -3.7038, 4.0),
    p(PT, "Lisbon", "", 38.7223, -9.1393, 3.0),
    p(PT, "Porto", "", 41.1579, -8.6291, 2.0),
    p(SE, "Stockholm", "", 59.3293, 18.0686, 4.0),
    p(SE, "Malmö", "", 55.605, 13.0038, 2.0),
    p(DK, "Copenhagen", "", 55.6761, 12.5683, 3.0),
    p(NO, "Oslo", "", 59.9139, 10.7522, 2.0),
    p(FI, "Helsinki", "", 60.1699, 24.9384, 2.0),
    p(AT, "Vienna", "", 48.2082, 16.3738, 3.0),
    p(CH, "Zürich", "", 47.3769, 8.5417, 2.0),
    p(IE, "Galway", "", 53.2707, -9.0568, 2.0),
    p(PL, "Warsaw", "", 52.2297, 21.0122, 1.5),
    p(CZ, "Prague", "", 50.0755, 14.4378, 1.0),
    p(HU, "Budapest", "", 47.4979, 19.0402, 1.0),
    p(GR, "Athens", "", 37.9838, 23.7275, 2.0),
    p(RS, "Belgrade", "", 44.7866, 20.4489, 1.0),
    p(RU, "Moscow", "", 55.7558, 37.6173, 5.0),
    p(RU, "Saint Petersburg", "", 59.9311, 30.3609, 3.0),
    p(TR, "Ankara", "", 39.9334, 32.8597, 2.0),
    p(IL, "Tel Aviv", "", 32.0853, 34.7818, 4.0),
    p(JP, "Tokyo", "", 35.6762, 139.6503, 4.0),
    p(JP, "Osaka", "", 34.6937, 135.5023, 1.5),
    p(IN, "Mumbai", "", 19.076, 72.8777, 1.0),
    p(CN, "Beijing", "", 39.9042, 116.4074, 1.0),
    p(KR, "Seoul", "", 37.5665, 126.978, 0.7),
    p(ID, "Jakarta", "", -6.2088, 106.8456, 0.7),
    p(BR, "São Paulo", "", -23.5505, -46.6333, 3.0),
    p(BR, "Recife", "", -8.0476, -34.877, 2.0),
    p(AR, "Buenos Aires", "", -34.6037, -58.3816, 4.0),
    p(CL, "Santiago", "", -33.4489, -70.6693, 3.0),
    p(CO, "Bogotá", "", 4.711, -74.0721, 1.5),
    p(AU, "Melbourne", "", -37.8136, 144.9631, 4.0),
    p(AU, "Sydney", "", -33.8688, 151.2093, 3.0),
    p(NZ, "Wellington", "", -41.2865, 174.7762, 2.0),
    p(ZA, "Cape Town", "", -33.9249, 18.4241, 1.0),
    p(KE, "Nairobi", "", -1.2921, 36.8219, 0.4),
    p(EG, "Cairo", "", 30.0444, 31.2357, 0.4),
];

/// Share of the tracks with a language code in each language but English, which is the rest.
pub(crate) const LANGUAGES: [(&str, f64); 12] = [
    ("es", 0.0136),
    ("fr", 0.0127),
    ("pt", 0.0054),
    ("de", 0.0045),
    ("ru", 0.0029),
    ("it", 0.0027),
    ("tr", 0.0018),
    ("pl", 0.0016),
    ("sr", 0.0012),
    ("el", 0.0008),
    ("sw", 0.0005),
    ("ar", 0.0005),
];

impl Place {
    /// The text an artist of this place writes into the location field.
    pub(crate) fn location(&self, stream: &mut Stream) -> String {
        let country = self.country.name;
        if self.region.is_empty() {
            match stream.below(5) {
                _ if self.name.len() > 3 && self.is_centre() => self.name.to_string(),
                0 => self.name.to_string(),
                1 => format!("{}, {}", self.name, country.to_uppercase()),
                2 => format!("{} / {country}", self.name),
                _ => format!("{}, {country}", self.name),
            }
        } else {
            match stream.below(6) {
                0 => format!("{}, {}, {country}", self.name, self.region),
                1 => self.name.to_lowercase(),
                2 => format!("{} {}", self.name, self.region),
                _ => format!("{}, {}", self.name, self.region),
            }
        }
    }

    /// A point near the place: most artists sit on the very point that a geocoder gives for the name, some in a suburb.
    pub(crate) fn point(&self, stream: &mut Stream) -> (f64, f64) {
        let spread = if stream.chance(0.75) || self.is_centre() {
            0.0
        } else {
            0.06
        };
        let digits = |x: f64| (x * 1e7).round() / 1e7;
        let (north, east) = (stream.normal(), stream.normal());
        (
            digits(self.latitude + spread * north),
            digits(self.longitude + spread * east),
        )
    }

    /// True for the centre of a country or state.
    fn is_centre(&self) -> bool {
        matches!(
            self.name,
            "United States" | "United Kingdom" | "France" | "Germany" | "New Jersey"
        )
    }
}

/// The place of an artist of a genre whose continents are weighted by `continents`.
pub(crate) fn draw(stream: &mut Stream, continents: [f64; 3]) -> usize {
    stream.weighted(PLACES.iter().map(|p| p.weight * continents[p.country.continent]))
}

/// The language of an artist's words: English, or the language of the place as often as makes up its share.
pub(crate) fn language(stream: &mut Stream, place: &Place) -> &'static str {
    let u = stream.uniform();
    let native = place.country.language;
    let Some((_, share)) = LANGUAGES.iter().find(|(code, _)| *code == native) else {
        return "en";
    };
    let total: f64 = PLACES.iter().map(|p| p.weight).sum();
    let speakers: f64 = PLACES
        .iter()
        .filter(|p| p.country.language == native)
        .map(|p| p.weight)
        .sum();
    if u < share * total / speakers {
        native
    } else {
        "en"
    }
}

#[cfg(test)]
mod tests {
    use super::super::countries::{EU, NA};
    use super::*;
    use crate::stream::Domain;

    #[test]
    fn places_are_on_earth_and_named_once() {
        for (i, place) in PLACES.iter().enumerate() {
            assert!(place.latitude.abs() < 90.0 && place.longitude.abs() <= 180.0 && place.weight > 0.0);
            assert!(PLACES[..i].iter().all(|p| p.name != place.name), "{}", place.name);
        }
        let (na, eu) = PLACES
            .iter()
            .fold((0.0, 0.0), |(na, eu), p| match p.country.continent {
                NA => (na + p.weight, eu),
                EU => (na, eu + p.weight),
                _ => (na, eu),
            });
        let total: f64 = PLACES.iter().map(|p| p.weight).sum();
        assert!(
            na / total > 0.5 && eu / total > 0.3 && (na + eu) / total > 0.88,
            "{na} {eu} {total}"
        );
    }

    #[test]
    fn languages_come_out_at_their_shares() {
        let mut s = Stream::new(5, Domain::World, 0);
        let n = 100_000;
        let (mut en, mut fr) = (0, 0);
        for _ in 0..n {
            let place = &PLACES[draw(&mut s, [1.0; 3])];
            match language(&mut s, place) {
                "en" => en += 1,
                "fr" => fr += 1,
                _ => {}
            }
        }
        assert!((f64::from(en) / f64::from(n) - 0.952).abs() < 0.004, "{en}");
        assert!((f64::from(fr) / f64::from(n) - 0.0127).abs() < 0.002, "{fr}");
    }
}
