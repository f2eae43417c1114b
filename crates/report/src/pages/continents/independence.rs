//! The section on whether continents differ in their genres.

use cratedigger_study::Findings;
use cratedigger_study::continents::independence::{Association, ContingencyTest, TableTests};
use serde_json::json;

use crate::block::{Block, Cell, Figure, Section, Table};
use crate::format::{count, count_of, list, p_value, percent, plain};

pub(crate) fn section(findings: &Findings) -> Option<Section> {
    let mut blocks = Vec::new();
    let gist = match findings
        .differences
        .as_ref()
        .and_then(|found| Some((found, found.continents.as_ref()?)))
    {
        None => {
            blocks.push(Block::Notice {
                text:
                    "It takes tracks of two genres on two continents to compare them; this archive has none."
                        .into(),
            });
            "nothing to compare".to_owned()
        }
        Some((found, all)) => {
            table_tests(all, "", "all", &mut blocks);
            if let Some(pair) = &found.pair {
                table_tests(pair, "North America and Europe alone", "pair", &mut blocks);
            }
            match (&all.tracks_association, all.verdict.differ) {
                (Some(found), Some(true)) => format!("Cram\u{e9}r\u{2019}s V {:.2}", found.corrected),
                _ => "not shown".to_owned(),
            }
        }
    };
    Some(Section {
        title: "Which differences are real",
        gist,
        blocks,
    })
}

fn table_tests(found: &TableTests, heading: &str, id: &str, blocks: &mut Vec<Block>) {
    let tracks = &found.tracks;
    if heading.is_empty() {
        blocks.push(Block::text(
            "If genre did not depend on continent, every continent would have the same mix, but for chance. Pearson\u{2019}s \
             chi-squared test asks how often chance alone would give a table as uneven as this one. It takes every track as a draw \
             of its own, which tracks are not: an artist\u{2019}s tracks share a genre and a home. So the same question is asked of \
             artists, and once more of tracks with whole artists shuffled among the continents; the last answer is the one to trust.",
        ));
    } else {
        blocks.push(Block::heading(heading));
    }
    let row = |counted: &str,
               n: u64,
               statistic: f64,
               dof: Option<u64>,
               log10_p: f64,
               v: f64,
               of: Option<&Association>| {
        let real = |value: fn(&Association) -> f64| {
            of.map_or_else(Cell::missing, |association| Cell::real(value(association), 3))
        };
        vec![
            Cell::text(counted),
            Cell::count(n),
            Cell::real(statistic, 1),
            dof.map_or_else(Cell::missing, Cell::count),
            Cell::probability(log10_p),
            Cell::real(v, 3),
            real(|found| found.shuffled),
            real(|found| found.corrected),
            of.map_or_else(Cell::missing, |found| {
                Cell::text(format!("{:.3} to {:.3}", found.low, found.high))
            }),
        ]
    };
    let test = |counted: &str, test: &ContingencyTest, of: Option<&Association>| {
        row(
            counted,
            test.n,
            test.statistic,
            Some(test.dof),
            test.log10_p_to_go_by(),
            test.cramers_v,
            of,
        )
    };
    let mut rows = vec![test("tracks, each by itself", tracks, None)];
    if let Some(artists) = &found.artists {
        rows.push(test(
            "artists, each once",
            artists,
            found.artists_association.as_ref(),
        ));
    }
    if let Some(permutation) = &found.permutation {
        let association = found.tracks_association.as_ref();
        rows.push(row(
            "tracks, whole artists shuffled",
            permutation.n_units,
            permutation.statistic,
            None,
            permutation.log10_p,
            association.map_or(tracks.cramers_v, |found| found.cramers_v),
            association,
        ));
    }
    blocks.push(Block::text(&found.verdict.words));
    blocks.push(Block::Table {
        table: Table::new(
            format!("independence-{id}"),
            "Are continent and genre independent?",
            &[
                ("counted", "Counted", false),
                ("n", "n", true),
                ("statistic", "Chi-squared", true),
                ("dof", "d.f.", true),
                ("log10_p", "p", true),
                ("cramers_v", "Cram\u{e9}r\u{2019}s V", true),
                ("shuffled_v", "V shuffled", true),
                ("corrected_v", "V corrected", true),
                ("interval", "95 % interval", false),
            ],
            rows,
            usize::MAX,
        ),
    });
    if let Some(permutation) = &found.permutation {
        blocks.push(Block::text(format!(
            "Shuffled {} times, whole artists gave a chi-squared of {:.0} in the middle case and more than {:.0} in one of twenty; \
             independent tracks would give about {}. {} Cram\u{e9}r\u{2019}s V runs from 0 (no dependence) to 1, but chance alone \
             makes it greater than 0: \u{201c}V shuffled\u{201d} is that of the middle shuffle. \u{201c}V corrected\u{201d} has what \
             chance gives on average taken off (Bergsma 2013), and its interval takes artists as what is independent. The verdict is \
             by one rule: the table as a whole and each genre are tested with whole artists shuffled, all of these p corrected \
             together after Holm, and continents differ where any is below 0.05. p-values below the reach of ordinary numbers are computed as logarithms, which the CSV files hold.",
            count(permutation.n_permutations),
            permutation.median_statistic,
            permutation.q95_statistic,
            tracks.dof,
            match permutation.n_at_least {
                0 => "None reached the data\u{2019}s, so that p is the least that so many shuffles can give.".to_owned(),
                1 => "One reached the data\u{2019}s.".to_owned(),
                n => format!("{} reached the data\u{2019}s.", count(n)),
            }
        )));
    }
    for (test, what) in [(Some(tracks), "Tracks"), (found.artists.as_ref(), "Artists")] {
        if let Some(warning) = test.and_then(|test| test.warning.as_ref()) {
            blocks.push(Block::caveat(format!("{what}: {warning}")));
        }
    }
    blocks.push(Block::figure(shares(found, id)));
    blocks.push(Block::figure(residuals(found, id)));
    by_genre(found, id, blocks);
    cells(found, id, blocks);
    equal_counts(found, id, blocks);
}

fn by_genre(found: &TableTests, id: &str, blocks: &mut Vec<Block>) {
    let rows = found.by_genre.iter().map(|test| {
        let p = |p: Option<f64>| p.map_or_else(Cell::missing, |p| Cell::probability(p.log10()));
        vec![
            Cell::text(&test.genre),
            Cell::real(test.statistic, 1),
            Cell::count(test.dof),
            Cell::real(test.cramers_v, 3),
            Cell::probability(test.log10_p),
            Cell::probability(test.log10_p_holm),
            Cell::probability(test.log10_p_bh),
            p(test.permutation_p),
            p(test.permutation_p_holm),
            p(test.permutation_p_bh),
        ]
    });
    blocks.push(Block::Table {
        table: Table::new(
            format!("genre-tests-{id}"),
            "Each genre against all others, by continent: p by tracks and with whole artists shuffled, each corrected after Holm (with the whole table where artists are shuffled) and after Benjamini and Hochberg (BH)",
            &[
                ("genre", "Genre", false),
                ("statistic", "Chi-squared", true),
                ("dof", "d.f.", true),
                ("cramers_v", "V", true),
                ("log10_p", "p by tracks", true),
                ("log10_p_holm", "Holm", true),
                ("log10_p_bh", "BH", true),
                ("log10_permutation_p", "p by artists", true),
                ("log10_permutation_p_holm", "Holm", true),
                ("log10_permutation_p_bh", "BH", true),
            ],
            rows.collect(),
            usize::MAX,
        ),
    });
}

fn cells(found: &TableTests, id: &str, blocks: &mut Vec<Block>) {
    let tracks = &found.tracks;
    let rows = tracks.rows.iter().enumerate().flat_map(|(r, row)| {
        tracks.columns.iter().enumerate().map(move |(c, column)| {
            vec![
                Cell::text(row),
                Cell::text(column),
                Cell::count(tracks.observed[r][c]),
                Cell::real(tracks.expected[r][c], 1),
                Cell::real(tracks.residuals[r][c], 1),
                Cell::probability(tracks.residuals_log10_p_holm[r][c]),
            ]
        })
    });
    blocks.push(Block::Table {
        table: Table::new(
            format!("residuals-{id}"),
            "Tracks found and expected in each cell, adjusted residuals and their p after Holm",
            &[
                ("continent", "Continent", false),
                ("genre", "Genre", false),
                ("observed", "Found", true),
                ("expected", "Expected", true),
                ("residual", "Adjusted residual", true),
                ("log10_p_holm", "p (Holm)", true),
            ],
            rows.collect(),
            usize::MAX,
        )
        .folded(),
    });
}

fn equal_counts(found: &TableTests, id: &str, blocks: &mut Vec<Block>) {
    blocks.push(Block::text(
        "The published study called scipy.stats.chisquare on the table\u{2019}s columns. That asks whether a genre has equally many \
         tracks on every continent, so it answers mostly that one continent has more tracks of everything. For comparison:",
    ));
    let rows = found.equal_counts.iter().map(|test| {
        let counts: Vec<String> = test.counts.iter().map(u64::to_string).collect();
        vec![
            Cell::text(&test.label),
            Cell::text(counts.join(" / ")),
            Cell::real(test.expected, 1),
            Cell::real(test.statistic, 1),
            Cell::probability(test.log10_p),
            Cell::probability(test.log10_p_holm),
            Cell::probability(test.log10_p_bh),
        ]
    });
    blocks.push(Block::Table {
        table: Table::new(
            format!("equal-counts-{id}"),
            format!(
                "Are the counts equal in {}? (scipy.stats.chisquare)",
                list(&found.tracks.rows)
            ),
            &[
                ("genre", "Genre", false),
                ("counts", "Tracks", false),
                ("expected", "Expected of each", true),
                ("statistic", "Chi-squared", true),
                ("log10_p", "p", true),
                ("log10_p_holm", "Holm", true),
                ("log10_p_bh", "BH", true),
            ],
            rows.collect(),
            usize::MAX,
        )
        .folded(),
    });
}

fn shares(found: &TableTests, id: &str) -> Figure {
    let tracks = &found.tracks;
    let sums: Vec<u64> = tracks.observed.iter().map(|row| row.iter().sum()).collect();
    let names: Vec<String> = tracks
        .rows
        .iter()
        .zip(&sums)
        .map(|(row, n)| format!("{} (n = {})", plain(row), count(*n)))
        .collect();
    let colours = ["@c1", "@c2", "@c3", "@c4", "@c5", "@c6"];
    let traces: Vec<_> = tracks
        .columns
        .iter()
        .enumerate()
        .map(|(c, column)| {
            let x: Vec<f64> = tracks.observed.iter().zip(&sums).map(|(row, &n)| row[c] as f64 / n as f64).collect();
            let counts: Vec<String> = tracks.observed.iter().map(|row| count_of(row[c], "track")).collect();
            json!({
                "type": "bar", "orientation": "h", "name": plain(column), "y": names, "x": x, "customdata": counts,
                "marker": {"color": colours.get(c).copied().unwrap_or("@soft"), "line": {"width": 1, "color": "@card"}},
                "hovertemplate": format!("%{{y}}<br>{}: %{{x:.1%}} (%{{customdata}})<extra></extra>", plain(column)),
            })
        })
        .collect();
    Figure {
        id: format!("fig-genre-shares-{id}"),
        title: "Genres by continent".into(),
        subtitle: format!("n = {} of the selected genres", count_of(tracks.n, "track")),
        caption: "Each bar is a continent\u{2019}s tracks of the selected genres.".into(),
        alt: format!(
            "Stacked bars of the genres\u{2019} shares: {}.",
            tracks
                .rows
                .iter()
                .enumerate()
                .map(|(r, row)| {
                    let parts: Vec<String> = tracks
                        .columns
                        .iter()
                        .enumerate()
                        .map(|(c, column)| {
                            format!(
                                "{column} {}",
                                percent(tracks.observed[r][c] as f64 / sums[r] as f64)
                            )
                        })
                        .collect();
                    format!("{row} {}", parts.join(", "))
                })
                .collect::<Vec<_>>()
                .join("; ")
        ),
        height: 180 + 36 * tracks.rows.len() as u32,
        data: json!(traces),
        layout: json!({
            "meta": {"genres": "traces"}, "barmode": "stack", "bargap": 0.25,
            "xaxis": {"title": {"text": "Share of the continent\u{2019}s tracks"}, "tickformat": ".0%", "range": [0, 1]},
            "yaxis": {"autorange": "reversed", "automargin": true, "ticklabelstandoff": 6, "title": {"text": ""}},
        }),
    }
}

fn residuals(found: &TableTests, id: &str) -> Figure {
    let tracks = &found.tracks;
    let greatest = tracks
        .residuals
        .iter()
        .flatten()
        .fold(1.0_f64, |greatest, z| greatest.max(z.abs()));
    let names = |names: &[String]| names.iter().map(|name| plain(name)).collect::<Vec<_>>();
    Figure {
        id: format!("fig-residuals-{id}"),
        title: "More and fewer tracks than expected".into(),
        subtitle: format!("Adjusted residuals, n = {}", count_of(tracks.n, "track")),
        caption: "Under independence, 19 of 20 cells would lie between \u{2212}2 and 2 if tracks were independent of each other; \
                  read the colours as a pattern, not as a proof."
            .into(),
        alt: "Heat map of adjusted residuals by continent and genre. The table has all numbers.".into(),
        height: 200 + 36 * tracks.rows.len() as u32,
        data: json!([{
            "type": "heatmap", "x": names(&tracks.columns), "y": names(&tracks.rows), "z": tracks.residuals,
            "zmin": -greatest, "zmax": greatest, "xgap": 2, "ygap": 2, "texttemplate": "%{z:.1f}",
            "colorscale": [[0, "@low"], [0.5, "@mid"], [1, "@high"]],
            "colorbar": {"title": {"text": "Residual"}, "thickness": 12, "outlinewidth": 0},
            "hovertemplate": "%{y}, %{x}: %{z:.2f}<extra></extra>",
        }]),
        layout: json!({
            "meta": {"genres": "x"},
            "xaxis": {"title": {"text": "Genre"}, "type": "category", "automargin": true, "showgrid": false, "dtick": 1},
            "yaxis": {"autorange": "reversed", "type": "category", "automargin": true, "showgrid": false, "dtick": 1, "ticklabelstandoff": 6},
        }),
    }
}

impl Cell {
    /// A p-value from its logarithm; the CSV file holds the logarithm.
    fn probability(log10_p: f64) -> Self {
        Self {
            shown: p_value(log10_p),
            ..Self::real(log10_p, 3)
        }
    }
}
