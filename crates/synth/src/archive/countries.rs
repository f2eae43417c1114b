//! Countries of the places, with their continents and languages.

/// Positions of the continents in `genres::Root::continents`.
pub(super) const NA: usize = 0;
pub(super) const EU: usize = 1;
const X: usize = 2;

/// A country.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Country {
    /// As people write it.
    pub(crate) name: &'static str,
    /// 0 North America, 1 Europe, 2 elsewhere.
    pub(crate) continent: usize,
    /// ISO 639-1 code of its language.
    pub(crate) language: &'static str,
}

pub(super) const US: Country = Country {
    name: "USA",
    continent: NA,
    language: "en",
};
pub(super) const CA: Country = Country {
    name: "Canada",
    continent: NA,
    language: "en",
};
pub(super) const MX: Country = Country {
    name: "Mexico",
    continent: NA,
    language: "es",
};
pub(super) const GB: Country = Country {
    name: "UK",
    continent: EU,
    language: "en",
};
pub(super) const FR: Country = Country {
    name: "France",
    continent: EU,
    language: "fr",
};
pub(super) const DE: Country = Country {
    name: "Germany",
    continent: EU,
    language: "de",
};
pub(super) const NL: Country = Country {
    name: "The Netherlands",
    continent: EU,
    language: "nl",
};
pub(super) const BE: Country = Country {
    name: "Belgium",
    continent: EU,
    language: "fr",
};
pub(super) const IT: Country = Country {
    name: "Italy",
    continent: EU,
    language: "it",
};
pub(super) const ES: Country = Country {
    name: "Spain",
    continent: EU,
    language: "es",
};
pub(super) const PT: Country = Country {
    name: "Portugal",
    continent: EU,
    language: "pt",
};
pub(super) const SE: Country = Country {
    name: "Sweden",
    continent: EU,
    language: "sv",
};
pub(super) const DK: Country = Country {
    name: "Denmark",
    continent: EU,
    language: "da",
};
pub(super) const NO: Country = Country {
    name: "Norway",
    continent: EU,
    language: "no",
};
pub(super) const FI: Country = Country {
    name: "Finland",
    continent: EU,
    language: "fi",
};
pub(super) const AT: Country = Country {
    name: "Austria",
    continent: EU,
    language: "de",
};
pub(super) const CH: Country = Country {
    name: "Switzerland",
    continent: EU,
    language: "de",
};
pub(super) const IE: Country = Country {
    name: "Ireland",
    continent: EU,
    language: "en",
};
pub(super) const PL: Country = Country {
    name: "Poland",
    continent: EU,
    language: "pl",
};
pub(super) const CZ: Country = Country {
    name: "Czech Republic",
    continent: EU,
    language: "cs",
};
pub(super) const HU: Country = Country {
    name: "Hungary",
    continent: EU,
    language: "hu",
};
pub(super) const GR: Country = Country {
    name: "Greece",
    continent: EU,
    language: "el",
};
pub(super) const RS: Country = Country {
    name: "Serbia",
    continent: EU,
    language: "sr",
};
pub(super) const RU: Country = Country {
    name: "Russia",
    continent: EU,
    language: "ru",
};
pub(super) const TR: Country = Country {
    name: "Turkey",
    continent: X,
    language: "tr",
};
pub(super) const IL: Country = Country {
    name: "Israel",
    continent: X,
    language: "he",
};
pub(super) const JP: Country = Country {
    name: "Japan",
    continent: X,
    language: "ja",
};
pub(super) const IN: Country = Country {
    name: "India",
    continent: X,
    language: "hi",
};
pub(super) const CN: Country = Country {
    name: "China",
    continent: X,
    language: "zh",
};
pub(super) const KR: Country = Country {
    name: "South Korea",
    continent: X,
    language: "ko",
};
pub(super) const ID: Country = Country {
    name: "Indonesia",
    continent: X,
    language: "id",
};
pub(super) const BR: Country = Country {
    name: "Brazil",
    continent: X,
    language: "pt",
};
pub(super) const AR: Country = Country {
    name: "Argentina",
    continent: X,
    language: "es",
};
pub(super) const CL: Country = Country {
    name: "Chile",
    continent: X,
    language: "es",
};
pub(super) const CO: Country = Country {
    name: "Colombia",
    continent: X,
    language: "es",
};
pub(super) const AU: Country = Country {
    name: "Australia",
    continent: X,
    language: "en",
};
pub(super) const NZ: Country = Country {
    name: "New Zealand",
    continent: X,
    language: "en",
};
pub(super) const ZA: Country = Country {
    name: "South Africa",
    continent: X,
    language: "en",
};
pub(super) const KE: Country = Country {
    name: "Kenya",
    continent: X,
    language: "sw",
};
pub(super) const EG: Country = Country {
    name: "Egypt",
    continent: X,
    language: "ar",
};
