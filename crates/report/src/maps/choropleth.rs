//! Maps whose areas are coloured by a number of their own.

use cratedigger_study::places::geography::{Geography, PlaceCount};
use cratedigger_study::places::{Atlas, Shape};

use super::canvas::{Canvas, HEAD, LAND, View, WIDTH};
use super::map::{FEWEST_FOR_SHARES, Map, STROKE, background};
use super::part::Part;
use super::scale::{self, Scale};
use super::tooltip;
use crate::format::{count, count_of, percent};

/// What a choropleth tells of each place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    /// Tracks.
    Tracks,
    /// Tracks for a million inhabitants.
    PerMillion,
    /// The share of a genre, by its position, among the tracks of the genres.
    Share(usize),
}

/// A choropleth; `None` where no place on it has a value.
pub(crate) fn choropleth(
    geography: &Geography,
    atlas: &Atlas,
    part: Part,
    measure: Measure,
    synthetic: bool,
) -> Option<Map> {
    let drawing = atlas.drawing(part.drawing());
    let place_of = |number: usize| -> Option<&PlaceCount> {
        let by_region = matches!(part, Part::Usa | Part::Areas);
        let (code, name) = if by_region {
            (&atlas.country_of(number).code, atlas.region(number).name.as_str())
        } else {
            (&atlas.countries()[number].code, "")
        };
        let places = if by_region {
            &geography.regions
        } else {
            &geography.countries
        };
        places
            .iter()
            .find(|place| &place.country == code && (!by_region || place.name == name))
    };
    let value_of = |place: &PlaceCount| -> Option<f64> {
        match measure {
            Measure::Tracks => (place.n_tracks > 0).then_some(place.n_tracks as f64),
            Measure::PerMillion => place.tracks_per_million.filter(|_| place.n_tracks > 0),
            Measure::Share(genre) => {
                let enough = place.n_of_genres >= FEWEST_FOR_SHARES;
                enough.then(|| place.n_by_genre[genre] as f64 / place.n_of_genres as f64)
            }
        }
    };
    let views = part.views(atlas);
    // Only what can be seen makes the scale.
    let seen = |shape: &Shape| {
        shape.rings.iter().flatten().any(|&corner| {
            let inside = |view: &View| view.contains(view.at(corner));
            views.first().is_some_and(inside) || (part == Part::Usa && views[1..].iter().any(inside))
        })
    };
    let shown: Vec<(&Shape, usize, Option<&PlaceCount>)> = drawing
        .iter()
        .filter(|(_, shape)| seen(shape))
        .map(|(number, shape)| (shape, *number, place_of(*number)))
        .collect();
    let values: Vec<f64> = shown
        .iter()
        .filter_map(|(.., place)| place.and_then(value_of))
        .collect();
    let scale = match measure {
        Measure::Share(_) => Scale::linear(&values)?,
        _ => Scale::logarithmic(&values)?,
    };
    let format_value = |value: f64| match measure {
        Measure::Tracks => count(value.round() as u64),
        Measure::PerMillion if value < 10.0 => format!("{value:.1}"),
        Measure::PerMillion => count(value.round() as u64),
        Measure::Share(_) => percent(value),
    };

    let mut id = format!("map-{}", part.id());
    let (title, what) = match measure {
        Measure::Tracks => {
            id.push_str("-tracks");
            (format!("Tracks {}", part.words()), "tracks".to_owned())
        }
        Measure::PerMillion => {
            id.push_str("-per-million");
            (
                format!("Tracks per million inhabitants {}", part.words()),
                "tracks per million inhabitants".to_owned(),
            )
        }
        Measure::Share(genre) => {
            id.push_str(&format!("-share-{}", genre + 1));
            let name = &geography.genres[genre];
            (
                format!("Share of {name} {}", part.words()),
                format!("share of {name}"),
            )
        }
    };
    let mut canvas = Canvas::new(&format!("fig-{id}"));
    let mut labels: Vec<(f64, [f64; 2], String)> = Vec::new();
    for (number, view) in views.iter().enumerate() {
        let degrees = if number == 0 {
            background(&mut canvas, view, if part == Part::World { 30 } else { 10 })
        } else {
            canvas.begin(view, STROKE);
            Vec::new()
        };
        for (shape, place, counts) in &shown {
            // Alaska and Hawaii have views of their own.
            let home = if part != Part::Usa {
                0
            } else {
                match atlas.region(*place).name.as_str() {
                    "Alaska" => 1,
                    "Hawaii" => 2,
                    _ => 0,
                }
            };
            if home != number {
                continue;
            }
            let name = match part {
                Part::Usa => atlas.region(*place).name.clone(),
                Part::Areas if !atlas.region(*place).name.is_empty() => atlas.region(*place).name.clone(),
                Part::Areas => atlas.country_of(*place).name.clone(),
                _ => atlas.countries()[*place].name.clone(),
            };
            let value = counts.and_then(value_of);
            let fill = match value {
                // A share of nothing is a value too.
                Some(value) => scale.colour(value).unwrap_or(scale::CLASSES[0]),
                None => LAND,
            };
            let told = tooltip::of_area(&name, *counts, value.map(format_value), &what);
            canvas.shape(view, shape, fill, &told);
            if let (Some(value), Some(at)) = (value, middle(view, shape)) {
                labels.push((value, at, format!("{name} {}", format_value(value))));
            }
        }
        canvas.end();
        canvas.degrees(view, &degrees);
    }
    // The highest values by name, where the names do not cover each other.
    labels.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut placed: Vec<([f64; 2], f64)> = Vec::new();
    for (_, [x, y], text) in labels.iter().take(9) {
        let width = 7.2 * text.chars().count() as f64;
        let x = x.clamp(width / 2.0 + 4.0, WIDTH - width / 2.0 - 4.0);
        let free = placed.iter().all(|([other_x, other_y], other)| {
            (x - other_x).abs() > (width + other) / 2.0 + 4.0 || (y - other_y).abs() > 15.0
        });
        if free && placed.len() < 5 {
            canvas.label([x, *y], text);
            placed.push(([x, *y], width));
        }
    }
    let bottom = HEAD + views[0].height() + 14.0;
    let mut left = 14.0;
    let mut row = bottom;
    let mut entries: Vec<(&str, String)> = Vec::new();
    for (class, &lower) in scale.lower.iter().enumerate() {
        let text = match scale.lower.get(class + 1) {
            Some(&next) if measure == Measure::Tracks && next - lower <= 1.0 => format_value(lower),
            Some(&next) if measure == Measure::Tracks => {
                format!("{}\u{2013}{}", format_value(lower), format_value(next - 1.0))
            }
            Some(&next) => format!("{}\u{2013}{}", format_value(lower), format_value(next)),
            None => format!(
                "{}\u{2013}{}",
                format_value(lower.min(scale.greatest)),
                format_value(scale.greatest)
            ),
        };
        entries.push((scale.colour(lower).unwrap_or(LAND), text));
    }
    entries.push((
        LAND,
        match measure {
            Measure::Tracks => "no track".to_owned(),
            Measure::PerMillion => "no track, or population not known".to_owned(),
            Measure::Share(_) => format!("fewer than {FEWEST_FOR_SHARES} tracks of the genres"),
        },
    ));
    for (colour, text) in entries {
        let width = 48.0 + 7.6 * text.chars().count() as f64;
        if left + width > WIDTH {
            left = 14.0;
            row += 24.0;
        }
        canvas.swatch(left, row, colour);
        canvas.text([left + 33.0, row + 12.0], 14.0, false, "start", &text);
        left += width;
    }
    let (n_tracks, n_artists_note): (u64, String) = {
        let counted: Vec<&PlaceCount> = shown.iter().filter_map(|(.., place)| *place).collect();
        let n = match measure {
            Measure::Share(_) => counted
                .iter()
                .filter(|place| value_of(place).is_some())
                .map(|place| place.n_of_genres)
                .sum(),
            _ => counted.iter().map(|place| place.n_tracks).sum(),
        };
        (n, format!("in {}", count_of(values.len() as u64, "place")))
    };
    let subtitle = match measure {
        Measure::Share(_) => format!(
            "n = {} of the genres {n_artists_note}",
            count_of(n_tracks, "track")
        ),
        _ => format!("n = {} {n_artists_note}", count_of(n_tracks, "track")),
    };
    let leading: Vec<String> = labels.iter().take(3).map(|(.., text)| text.clone()).collect();
    let alt = format!(
        "Map of {what}; highest: {}. The tables have all numbers.",
        leading.join(", ")
    );
    let caption = match (part, measure) {
        (Part::Usa, Measure::Tracks) => "Albers projection; Alaska and Hawaii at other scales. All genres.",
        (_, Measure::Tracks) => {
            "Tracks placed by their artists' coordinates, of all genres. The projection keeps areas."
        }
        (_, Measure::PerMillion) => {
            "Where few people live, few tracks make a high figure: see the number of artists in the table."
        }
        (_, Measure::Share(_)) => "Of the tracks of the selected genres.",
    };
    Some(Map {
        id,
        caption: caption.to_owned(),
        svg: canvas.finish(row + 30.0, &title, &subtitle, &alt, synthetic),
    })
}

/// The middle of the largest ring that can be seen.
fn middle(view: &View, shape: &Shape) -> Option<[f64; 2]> {
    let ring = shape
        .rings
        .iter()
        .max_by(|a, b| extent(a).total_cmp(&extent(b)))?;
    let points: Vec<[f64; 2]> = ring
        .iter()
        .map(|&corner| view.at(corner))
        .filter(|&at| view.contains(at))
        .collect();
    let n = points.len() as f64;
    (n > 0.0).then(|| {
        [0, 1].map(|axis| {
            let low = points
                .iter()
                .map(|point| point[axis])
                .fold(f64::INFINITY, f64::min);
            let high = points
                .iter()
                .map(|point| point[axis])
                .fold(f64::NEG_INFINITY, f64::max);
            (low + high) / 2.0
        })
    })
}

/// The area of a ring in square degrees.
fn extent(ring: &[[f64; 2]]) -> f64 {
    let next = ring.iter().cycle().skip(1);
    let twice: f64 = ring
        .iter()
        .zip(next)
        .map(|(a, b)| a[0] * b[1] - b[0] * a[1])
        .sum();
    (twice / 2.0).abs()
}
