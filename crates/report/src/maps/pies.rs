//! The world with circles that are cut into the shares of genres.

use cratedigger_study::places::geography::Geography;
use cratedigger_study::places::{Atlas, Drawing};

use super::canvas::{Canvas, HEAD, LAND, WIDTH};
use super::map::{Map, background};
use super::part::world;
use super::scale::GENRES;
use super::tooltip;
use crate::format::{count, count_of};

/// Genres with a colour of their own; the others share grey.
const N_COLOURS: usize = GENRES.len();

/// The world with a circle for each bin, cut into the genres' shares.
pub(crate) fn world_by_genre(geography: &Geography, atlas: &Atlas, synthetic: bool) -> Option<Map> {
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
        canvas.pie(
            at,
            radius(cell.n_tracks),
            &sectors,
            &tooltip::of_circle(cell, &geography.genres, &order),
        );
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
