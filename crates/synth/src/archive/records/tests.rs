use super::*;
use cratedigger_catalog::schema::{ColumnType, Known, TableId, distributed_columns, known_column};

#[test]
fn cells_have_the_types_of_their_columns() {
    let plan = Plan::new(3_000, 6);
    let labeller = super::super::labels::Labeller::new(&plan);
    let columns = distributed_columns(TableId::Tracks);
    let mut n_filled = vec![0; columns.len()];
    for i in 0..plan.tracks.len() {
        let labels = labeller.labels(i);
        let artist = ArtistRecord::new(&plan, plan.tracks[i].artist as usize, true);
        let album = AlbumRecord::new(&plan, plan.tracks[i].album as usize);
        let track = TrackRecord::new(&plan, i, &labels, &artist, &album);
        for (k, (cell, column)) in track_cells(&album, &artist, &track, &labels)
            .iter()
            .zip(&columns)
            .enumerate()
        {
            let Known::Always(kind) = known_column(TableId::Tracks, column) else {
                panic!("{column}")
            };
            let fits = match (cell, kind) {
                (Cell::Empty, _)
                | (Cell::Int(_), ColumnType::Int64)
                | (Cell::Float(_), ColumnType::Float64)
                | (Cell::Time(_), ColumnType::Timestamp)
                | (Cell::Text(_), ColumnType::Text)
                | (Cell::Ints(_), ColumnType::IntList)
                | (Cell::Texts(_), ColumnType::TextList) => true,
                (Cell::Text(t), ColumnType::Category(all)) => all.contains(t),
                _ => false,
            };
            assert!(fits, "{column}: {cell:?} is not {kind:?}");
            n_filled[k] += usize::from(*cell != Cell::Empty);
        }
    }
    for (column, n) in columns.iter().zip(n_filled) {
        assert!(n > 0, "{column} is always empty");
    }
}

#[test]
fn years_begin_when_they_do() {
    // date -u -d '1970-01-01' +%s, and so on.
    for (year, seconds) in [
        (1970, 0),
        (1972, 63_072_000),
        (2000, 946_684_800),
        (2001, 978_307_200),
        (2009, 1_230_768_000),
    ] {
        assert_eq!(new_year(year), seconds, "{year}");
    }
    assert_eq!(midnight(1_227_663_885), 1_227_657_600);
}
