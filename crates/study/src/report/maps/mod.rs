//! Maps, drawn as SVG: they need no network, print sharply, and are files of their own beside the report.

mod canvas;
mod scale;

use serde::Serialize;

use super::format::{count, count_of, percent};
use crate::geography::{Geography, PlaceCount};
use crate::places::{Atlas, Drawing, Shape};
use crate::projection::Projection;
use canvas::{Canvas, HEAD, LAND, View, WIDTH};
use scale::{GENRES, Scale};

/// Tracks of the genres that a place must have for a genre's share of them to be drawn.
pub(super) const FEWEST_FOR_SHARES: u64 = 20;

/// Genres with a colour of their own; the others share grey.
const N_COLOURS: usize = GENRES.len();

/// A map.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Map {
    /// Its anchor and the name of its file.
    pub(super) id: String,
    /// How to read it.
    pub(super) caption: String,
    /// The drawing.
    pub(super) svg: String,
}

impl Map {
    /// The drawing as a file of its own.
    pub(super) fn file(&self) -> String {
        canvas::standalone(&self.svg)
    }
}

/// What a choropleth tells of each place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// Tracks.
    Tracks,
    /// Tracks for a million inhabitants.
    PerMillion,
    /// The share of a genre, by its position, among the tracks of the genres.
    Share(usize),
}

/// Which part of the world a choropleth shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    World,
    Europe,
    Usa,
    /// The areas of a user's file.
    Areas,
}

impl Part {
    fn drawing(self) -> Drawing {
        match self {
            Self::World => Drawing::World,
            Self::Europe => Drawing::Europe,
            Self::Usa => Drawing::Usa,
            Self::Areas => Drawing::Areas,
        }
    }

    fn id(self) -> &'static str {
        match self {
            Self::World => "world",
            Self::Europe => "europe",
            Self::Usa => "usa",
            Self::Areas => "areas",
        }
    }

    /// The places as they are called in a title.
    fn words(self) -> &'static str {
        match self {
            Self::World => "by country",
            Self::Europe => "in Europe, by country",
            Self::Usa => "in the USA, by state",
            Self::Areas => "by area",
        }
    }

    fn views(self, atlas: &Atlas) -> Vec<View> {
        match self {
            Self::World => vec![world()],
            Self::Europe => vec![View {
                projection: Projection::EUROPE,
                plane: [-0.44, -0.315, 0.45, 0.345],
                place: [0.0, HEAD, WIDTH],
            }],
            Self::Usa => {
                let main = View {
                    projection: Projection::USA,
                    plane: [-0.40, -0.262, 0.385, 0.262],
                    place: [0.0, HEAD, WIDTH],
                };
                let bottom = HEAD + main.height();
                let inset = |longitude: f64,
                             latitude: f64,
                             parallels: [f64; 2],
                             plane: [f64; 4],
                             left: f64,
                             width: f64| {
                    let mut view = View {
                        projection: Projection::Albers {
                            longitude,
                            latitude,
                            parallels,
                        },
                        plane,
                        place: [left, 0.0, width],
                    };
                    view.place[1] = bottom - view.height() - 4.0;
                    view
                };
                vec![
                    main,
                    inset(-154.0, 62.0, [55.0, 65.0], [-0.34, -0.21, 0.30, 0.17], 8.0, 215.0),
                    inset(
                        -157.5,
                        20.5,
                        [8.0, 18.0],
                        [-0.06, -0.035, 0.06, 0.035],
                        235.0,
                        110.0,
                    ),
                ]
            }
            Self::Areas => vec![around(atlas.drawing(Drawing::Areas))],
        }
    }
}

fn world() -> View {
    View {
        projection: Projection::EqualEarth,
        plane: [-2.50, -1.02, 2.72, 1.28],
        place: [0.0, HEAD, WIDTH],
    }
}

/// A view that holds all areas: the world's map where they reach far, a plane that touches their middle otherwise.
fn around(areas: &[(usize, Shape)]) -> View {
    let corners = || areas.iter().flat_map(|(_, shape)| shape.rings.iter().flatten());
    let fold = |axis: usize, pick: fn(f64, f64) -> f64, from: f64| {
        corners().map(|corner| corner[axis]).fold(from, pick)
    };
    let [west, south] = [0, 1].map(|axis| fold(axis, f64::min, f64::INFINITY));
    let [east, north] = [0, 1].map(|axis| fold(axis, f64::max, f64::NEG_INFINITY));
    if east - west > 90.0 || north - south > 60.0 || !(east - west).is_finite() {
        return world();
    }
    let projection = Projection::Lambert {
        longitude: (west + east) / 2.0,
        latitude: (south + north) / 2.0,
    };
    let mut plane = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for corner in corners() {
        let [x, y] = projection.project(*corner);
        plane = [plane[0].min(x), plane[1].min(y), plane[2].max(x), plane[3].max(y)];
    }
    let (width, height) = (plane[2] - plane[0], plane[3] - plane[1]);
    // Not flatter than 3 to 1, not higher than broad.
    let size = width.max(height).max(1e-6) * 1.06;
    let tall = height.max(size / 3.0) * 1.06;
    let [x, y] = [(plane[0] + plane[2]) / 2.0, (plane[1] + plane[3]) / 2.0];
    View {
        projection,
        plane: [x - size / 2.0, y - tall / 2.0, x + size / 2.0, y + tall / 2.0],
        place: [0.0, HEAD, WIDTH],
    }
}

/// The world with a circle for each bin, cut into the genres' shares.
pub(super) fn world_by_genre(geography: &Geography, atlas: &Atlas, synthetic: bool) -> Option<Map> {
    let greatest = geography.cells.iter().map(|cell| cell.n_tracks).max()?;
    let n: u64 = geography.cells.iter().map(|cell| cell.n_tracks).sum();
    // Genres by their tracks on the map: the first ones have colours.
    let totals: Vec<u64> = (0..geography.genres.len())
        .map(|genre| geography.cells.iter().map(|cell| cell.n_by_genre[genre]).sum())
        .collect();
    let mut order: Vec<usize> = (0..totals.len()).filter(|&genre| totals[genre] > 0).collect();
    order.sort_by_key(|&genre| std::cmp::Reverse(totals[genre]));
    let colours: Vec<String> = (0..order.len())
        .map(|rank| match GENRES.get(rank) {
            Some((name, colour)) => format!("var(--{name}, {colour})"),
            None => "var(--soft, #5a636d)".to_owned(),
        })
        .collect();
    let view = world();
    let mut canvas = Canvas::new("fig-map-genres");
    let degrees = background(&mut canvas, &view, 30);
    for (_, shape) in atlas.drawing(Drawing::World) {
        canvas.shape(&view, shape, LAND, "");
    }
    canvas.end();
    canvas.degrees(&view, &degrees);
    let radius = |n: u64| 1.8 + 17.0 * (n as f64 / greatest as f64).sqrt();
    let mut cells: Vec<_> = geography.cells.iter().collect();
    // Large ones first, so that small ones stay visible.
    cells.sort_by_key(|cell| std::cmp::Reverse(cell.n_tracks));
    for cell in cells {
        let at = view.at([cell.longitude, cell.latitude]);
        let share = |genre: &usize| cell.n_by_genre[*genre] as f64 / cell.n_tracks as f64;
        let sectors: Vec<(f64, String)> = order.iter().map(share).zip(colours.iter().cloned()).collect();
        let parts: Vec<String> = order
            .iter()
            .filter(|&&genre| cell.n_by_genre[genre] > 0)
            .map(|&genre| format!("{} {}", geography.genres[genre], count(cell.n_by_genre[genre])))
            .collect();
        let title = format!(
            "{}: {} by {} ({})",
            cell.place,
            count_of(cell.n_tracks, "track"),
            count_of(cell.n_artists, "artist"),
            parts.join(", ")
        );
        canvas.pie(at, radius(cell.n_tracks), &sectors, &title);
    }
    let bottom = HEAD + view.height();
    let mut left = 14.0;
    let mut line = bottom + 16.0;
    for (rank, &genre) in order.iter().enumerate().take(N_COLOURS + 1) {
        let (name, n) = if rank < N_COLOURS {
            (geography.genres[genre].clone(), totals[genre])
        } else {
            (
                "other genres".to_owned(),
                order[rank..].iter().map(|&genre| totals[genre]).sum(),
            )
        };
        let text = format!("{name} ({})", count(n));
        let width = 52.0 + 7.6 * text.chars().count() as f64;
        if left + width > WIDTH - 220.0 && left > 14.0 {
            left = 14.0;
            line += 24.0;
        }
        canvas.swatch(left, line, &colours[rank]);
        canvas.text([left + 33.0, line + 12.0], 14.0, false, "start", &text);
        left += width;
    }
    // Sizes: the greatest, and about a tenth and a hundredth of it.
    let mut right = WIDTH - 20.0;
    let mut sizes = vec![greatest, greatest / 10, greatest / 100];
    sizes.retain(|&n| n > 0);
    for n in sizes {
        let r = radius(n);
        let text = count(n);
        canvas.text([right, bottom + 48.0], 14.0, false, "end", &text);
        right -= 9.2 * text.chars().count() as f64 + 8.0 + r;
        canvas.ring([right, bottom + 43.0], r);
        right -= r + 16.0;
    }
    canvas.text(
        [WIDTH - 20.0, bottom + 14.0],
        12.5,
        true,
        "end",
        "tracks in a circle (area)",
    );
    let title = "Tracks by genre over the world";
    let subtitle = format!(
        "n = {} in {}",
        count_of(n, "track"),
        count_of(geography.cells.len() as u64, "bin")
    );
    let alt = format!(
        "World map of {} in {} bins, each a circle cut by genre. The tables have the numbers by country.",
        count_of(n, "track"),
        geography.cells.len()
    );
    Some(Map {
        id: "map-genres".to_owned(),
        caption: "Tracks in the same hexagonal bin (centres 350 km apart) share a circle at their middle, whose area stands for their number. Equal Earth \
                  projection, which keeps areas."
            .to_owned(),
        svg: canvas.finish((line + 34.0).max(bottom + 68.0), title, &subtitle, &alt, synthetic),
    })
}

/// A choropleth; `None` where no place on it has a value.
pub(super) fn choropleth(
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
            let told = match (counts, value) {
                (Some(place), Some(value)) => format!(
                    "{name}: {} {what} ({} by {})",
                    format_value(value),
                    count_of(place.n_tracks, "track"),
                    count_of(place.n_artists, "artist")
                ),
                (Some(place), None) => format!(
                    "{name}: {} by {}",
                    count_of(place.n_tracks, "track"),
                    count_of(place.n_artists, "artist")
                ),
                (None, _) => format!("{name}: no track"),
            };
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

/// Borders between places.
const STROKE: &str = "stroke:var(--card, #ffffff);stroke-width:7;stroke-linejoin:round";

/// Begins a view with its graticule; returns where to write which degrees.
fn background(canvas: &mut Canvas, view: &View, step: i32) -> Vec<([f64; 2], String)> {
    canvas.begin(view, STROKE);
    canvas.graticule(view, step)
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
