//! Places by what artists wrote: `Brooklyn, NY`, `London, UK`, `Deutschland`.
//!
//! The second source, for artists without coordinates, and a cautious one: only a whole part between commas counts, names
//! that mean several places (Georgia, Birmingham) count only with a part that decides, and parts that contradict each other
//! give nothing.

use std::collections::BTreeMap;

use super::atlas::Atlas;

const GAZETTEER: &str = include_str!("../data/gazetteer.tsv");

/// What a text says of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextPlace {
    /// A country, and perhaps a region of it.
    Found {
        /// The position of the country.
        country: usize,
        /// The position of the region.
        region: Option<usize>,
    },
    /// Parts that mean several places, or that contradict each other.
    Ambiguous,
    /// No part is known.
    Unknown,
}

/// Names of countries, regions and large cities.
#[derive(Debug, Clone)]
pub struct Gazetteer {
    /// By folded name.
    names: BTreeMap<String, Entry>,
}

#[derive(Debug, Clone, Default)]
struct Entry {
    /// A country's or region's name.
    areas: Vec<Meaning>,
    /// A region's abbreviation: counts after another part only.
    codes: Vec<Meaning>,
    /// A city's name.
    cities: Vec<Meaning>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Meaning {
    country: usize,
    region: Option<usize>,
}

impl Gazetteer {
    /// The names of an atlas' countries, and the lines of `data/gazetteer.tsv` whose country and region the atlas has.
    pub fn new(atlas: &Atlas) -> Self {
        let mut gazetteer = Self {
            names: BTreeMap::new(),
        };
        for (country, entry) in atlas.countries().iter().enumerate() {
            gazetteer.entry(&entry.name).areas.push(Meaning {
                country,
                region: None,
            });
        }
        for line in GAZETTEER.lines().filter(|line| !line.starts_with('#')) {
            let mut cells = line.split('\t');
            let (Some(kind), Some(code), Some(region), Some(names)) =
                (cells.next(), cells.next(), cells.next(), cells.next())
            else {
                continue;
            };
            let Some(country) = atlas.countries().iter().position(|entry| entry.code == code) else {
                continue;
            };
            let position = atlas
                .regions()
                .iter()
                .position(|entry| entry.country == country && entry.name == region);
            let meaning = Meaning {
                country,
                region: position,
            };
            for name in names.split('|') {
                let entry = gazetteer.entry(name);
                match kind {
                    "area" => entry.areas.push(meaning),
                    "code" => entry.codes.push(meaning),
                    _ => entry.cities.push(meaning),
                }
            }
        }
        for entry in gazetteer.names.values_mut() {
            for meanings in [&mut entry.areas, &mut entry.codes, &mut entry.cities] {
                // The same place under two spellings that fold alike.
                let mut seen = Vec::new();
                meanings.retain(|meaning| {
                    let new = !seen.contains(meaning);
                    seen.push(*meaning);
                    new
                });
            }
        }
        gazetteer
    }

    fn entry(&mut self, name: &str) -> &mut Entry {
        self.names.entry(fold(name)).or_default()
    }

    /// The place that a text means.
    pub fn find(&self, text: &str) -> TextPlace {
        let parts: Vec<String> = text
            .split([',', ';', '/', '(', ')', '|', '\n'])
            .map(fold)
            .filter(|part| !part.is_empty())
            .collect();
        let entries: Vec<Option<&Entry>> = parts.iter().map(|part| self.names.get(part)).collect();
        let several = parts.len() > 1;
        // What the parts may mean, the last one (the largest area) first, and whether an area's full name decided it.
        let mut places: Option<(Vec<Meaning>, bool)> = None;
        for (position, entry) in entries.iter().enumerate().rev() {
            let Some(entry) = entry else { continue };
            let mut meanings: Vec<Meaning> = Vec::new();
            let codes: &[Meaning] = if several && position > 0 {
                &entry.codes
            } else {
                &[]
            };
            for meaning in entry.areas.iter().chain(codes).chain(&entry.cities) {
                if !meanings.contains(meaning) {
                    meanings.push(*meaning);
                }
            }
            if meanings.is_empty() {
                continue;
            }
            let area = !entry.areas.is_empty();
            places = Some(match places {
                None => (meanings, area),
                Some((before, decided)) => {
                    let mut both = Vec::new();
                    for joined in before
                        .iter()
                        .flat_map(|wide| meanings.iter().filter_map(|narrow| wide.join(*narrow)))
                    {
                        if !both.contains(&joined) {
                            both.push(joined);
                        }
                    }
                    match both.is_empty() {
                        false => (both, decided || area),
                        // A town may bear a listed city's name (Paris, Texas): the area decides.
                        true if decided && !area => (before, decided),
                        true => return TextPlace::Ambiguous,
                    }
                }
            });
        }
        match places.as_ref().map(|(places, _)| places.as_slice()) {
            None => TextPlace::Unknown,
            Some([only]) => TextPlace::Found {
                country: only.country,
                region: only.region,
            },
            Some([first, rest @ ..]) if rest.iter().all(|other| other.country == first.country) => {
                TextPlace::Found {
                    country: first.country,
                    region: None,
                }
            }
            Some(_) => TextPlace::Ambiguous,
        }
    }
}

impl Meaning {
    /// The narrower of two meanings, where they can both be true.
    fn join(self, other: Self) -> Option<Self> {
        match (self.region, other.region) {
            _ if self.country != other.country => None,
            (Some(a), Some(b)) if a != b => None,
            (Some(_), _) => Some(self),
            (None, _) => Some(other),
        }
    }
}

/// A name in lower case, without accents of western European languages, without full stops, with single spaces.
fn fold(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for letter in name.chars().flat_map(char::to_lowercase) {
        match letter {
            'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' | 'ā' => text.push('a'),
            'é' | 'è' | 'ê' | 'ë' => text.push('e'),
            'í' | 'ì' | 'î' | 'ï' | 'ı' => text.push('i'),
            'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ø' => text.push('o'),
            'ú' | 'ù' | 'û' | 'ü' => text.push('u'),
            'ç' | 'č' | 'ć' => text.push('c'),
            'ñ' | 'ń' => text.push('n'),
            'ß' => text.push_str("ss"),
            'š' => text.push('s'),
            'ž' => text.push('z'),
            'ł' => text.push('l'),
            // The mark that lower-casing `İ` leaves.
            '.' | '\u{307}' => {}
            '\'' | '\u{2019}' => text.push('\''),
            other if other.is_whitespace() || other == '-' => text.push(' '),
            other => text.push(other),
        }
    }
    text.split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn texts_are_matched_with_care() {
        let atlas = Atlas::embedded().unwrap();
        let gazetteer = Gazetteer::new(&atlas);
        let find = |text: &str| match gazetteer.find(text) {
            TextPlace::Found { country, region } => format!(
                "{} {}",
                atlas.countries()[country].code,
                region.map_or("", |region| atlas.region(region).name.as_str())
            ),
            TextPlace::Ambiguous => "ambiguous".to_owned(),
            TextPlace::Unknown => "unknown".to_owned(),
        };
        for (text, want) in [
            ("Brooklyn, NY", "USA New York"),
            ("New York", "USA New York"),
            ("new york city", "USA New York"),
            ("New Jersey", "USA New Jersey"),
            ("Providence, RI", "USA Rhode Island"),
            ("Portland, OR", "USA Oregon"),
            ("Portland, Maine", "USA Maine"),
            ("Portland", "USA "),
            ("Atlanta, Georgia", "USA Georgia"),
            ("Tbilisi, Georgia", "ambiguous"),
            ("Georgia", "ambiguous"),
            ("London", "ambiguous"),
            ("London, UK", "GBR "),
            ("London, Ontario", "CAN Ontario"),
            ("Hamburg, Deutschland", "DEU "),
            ("München", "DEU "),
            ("Paris, Texas", "USA Texas"),
            ("Paris / Berlin", "ambiguous"),
            ("Berlin, DE", "DEU "),
            ("Toronto, CA", "ambiguous"),
            ("Montréal, QC, Canada", "CAN Québec"),
            ("Zürich (Switzerland)", "CHE "),
            ("USA, Germany", "ambiguous"),
            ("U.S.A.", "USA "),
            ("OR", "unknown"),
            ("a small village, the moon", "unknown"),
            ("", "unknown"),
        ] {
            assert_eq!(find(text), want, "{text}");
        }
    }
}
