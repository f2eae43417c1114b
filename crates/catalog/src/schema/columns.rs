//! The columns of each table. Long because it is a table.

use super::kinds::{ColumnType, Known, TableId};
use ColumnType::{Category, Float64, Int64, IntList, Text, TextList, Timestamp};

/// The columns of `tracks.csv`, in its order.
const TRACKS: [(&str, ColumnType); 52] = [
    ("album.comments", Int64),
    ("album.date_created", Timestamp),
    ("album.date_released", Timestamp),
    ("album.engineer", Text),
    ("album.favorites", Int64),
    ("album.id", Int64),
    ("album.information", Text),
    ("album.listens", Int64),
    ("album.producer", Text),
    ("album.tags", TextList),
    ("album.title", Text),
    ("album.tracks", Int64),
    ("album.type", Text),
    ("artist.active_year_begin", Timestamp),
    ("artist.active_year_end", Timestamp),
    ("artist.associated_labels", Text),
    ("artist.bio", Text),
    ("artist.comments", Int64),
    ("artist.date_created", Timestamp),
    ("artist.favorites", Int64),
    ("artist.id", Int64),
    ("artist.latitude", Float64),
    ("artist.location", Text),
    ("artist.longitude", Float64),
    ("artist.members", Text),
    ("artist.name", Text),
    ("artist.related_projects", Text),
    ("artist.tags", TextList),
    ("artist.website", Text),
    ("artist.wikipedia_page", Text),
    ("set.split", Category(&["training", "validation", "test"])),
    ("set.subset", Category(&["small", "medium", "large"])),
    ("track.bit_rate", Int64),
    ("track.comments", Int64),
    ("track.composer", Text),
    ("track.date_created", Timestamp),
    ("track.date_recorded", Timestamp),
    ("track.duration", Int64),
    ("track.favorites", Int64),
    ("track.genre_top", Text),
    ("track.genres", IntList),
    ("track.genres_all", IntList),
    ("track.information", Text),
    ("track.interest", Int64),
    ("track.language_code", Text),
    ("track.license", Text),
    ("track.listens", Int64),
    ("track.lyricist", Text),
    ("track.number", Int64),
    ("track.publisher", Text),
    ("track.tags", TextList),
    ("track.title", Text),
];

/// The columns of `genres.csv`, in its order.
const GENRES: [(&str, ColumnType); 4] = [
    ("#tracks", Int64),
    ("parent", Int64),
    ("title", Text),
    ("top_level", Int64),
];

/// The columns of `echonest.csv` but the 224 temporal features, which are `echonest.temporal_features.000` to `.223`.
const ECHONEST: [(&str, ColumnType); 25] = [
    ("echonest.audio_features.acousticness", Float64),
    ("echonest.audio_features.danceability", Float64),
    ("echonest.audio_features.energy", Float64),
    ("echonest.audio_features.instrumentalness", Float64),
    ("echonest.audio_features.liveness", Float64),
    ("echonest.audio_features.speechiness", Float64),
    ("echonest.audio_features.tempo", Float64),
    ("echonest.audio_features.valence", Float64),
    // A date of any precision: `2008`, `2008-11`, `2008-11-26`.
    ("echonest.metadata.album_date", Text),
    ("echonest.metadata.album_name", Text),
    ("echonest.metadata.artist_latitude", Float64),
    ("echonest.metadata.artist_location", Text),
    ("echonest.metadata.artist_longitude", Float64),
    ("echonest.metadata.artist_name", Text),
    ("echonest.metadata.release", Text),
    ("echonest.ranks.artist_discovery_rank", Float64),
    ("echonest.ranks.artist_familiarity_rank", Float64),
    ("echonest.ranks.artist_hotttnesss_rank", Float64),
    ("echonest.ranks.song_currency_rank", Float64),
    ("echonest.ranks.song_hotttnesss_rank", Float64),
    ("echonest.social_features.artist_discovery", Float64),
    ("echonest.social_features.artist_familiarity", Float64),
    ("echonest.social_features.artist_hotttnesss", Float64),
    ("echonest.social_features.song_currency", Float64),
    ("echonest.social_features.song_hotttnesss", Float64),
];
const N_TEMPORAL: usize = 224;

const RAW_TRACKS: [(&str, ColumnType); 38] = [
    ("album_id", Int64),
    ("album_title", Text),
    ("album_url", Text),
    ("artist_id", Int64),
    ("artist_name", Text),
    ("artist_url", Text),
    ("artist_website", Text),
    ("license_image_file", Text),
    ("license_image_file_large", Text),
    ("license_parent_id", Int64),
    ("license_title", Text),
    ("license_url", Text),
    ("tags", TextList),
    ("track_bit_rate", Int64),
    ("track_comments", Int64),
    ("track_composer", Text),
    ("track_copyright_c", Text),
    ("track_copyright_p", Text),
    ("track_date_created", Timestamp),
    ("track_date_recorded", Timestamp),
    ("track_disc_number", Int64),
    ("track_duration", Text),
    ("track_explicit", Text),
    ("track_explicit_notes", Text),
    ("track_favorites", Int64),
    ("track_file", Text),
    ("track_genres", Text),
    ("track_image_file", Text),
    ("track_information", Text),
    ("track_instrumental", Int64),
    ("track_interest", Int64),
    ("track_language_code", Text),
    ("track_listens", Int64),
    ("track_lyricist", Text),
    ("track_number", Int64),
    ("track_publisher", Text),
    ("track_title", Text),
    ("track_url", Text),
];

const RAW_ALBUMS: [(&str, ColumnType); 18] = [
    ("album_comments", Int64),
    ("album_date_created", Timestamp),
    ("album_date_released", Timestamp),
    ("album_engineer", Text),
    ("album_favorites", Int64),
    ("album_handle", Text),
    ("album_image_file", Text),
    ("album_images", Text),
    ("album_information", Text),
    ("album_listens", Int64),
    ("album_producer", Text),
    ("album_title", Text),
    ("album_tracks", Int64),
    ("album_type", Text),
    ("album_url", Text),
    ("artist_name", Text),
    ("artist_url", Text),
    ("tags", TextList),
];

const RAW_ARTISTS: [(&str, ColumnType); 24] = [
    ("artist_active_year_begin", Int64),
    ("artist_active_year_end", Int64),
    ("artist_associated_labels", Text),
    ("artist_bio", Text),
    ("artist_comments", Int64),
    ("artist_contact", Text),
    ("artist_date_created", Timestamp),
    ("artist_donation_url", Text),
    ("artist_favorites", Int64),
    ("artist_flattr_name", Text),
    ("artist_handle", Text),
    ("artist_image_file", Text),
    ("artist_images", Text),
    ("artist_latitude", Float64),
    ("artist_location", Text),
    ("artist_longitude", Float64),
    ("artist_members", Text),
    ("artist_name", Text),
    ("artist_paypal_name", Text),
    ("artist_related_projects", Text),
    ("artist_url", Text),
    ("artist_website", Text),
    ("artist_wikipedia_page", Text),
    ("tags", TextList),
];

const RAW_GENRES: [(&str, ColumnType); 4] = [
    ("genre_color", Text),
    ("genre_handle", Text),
    ("genre_parent_id", Int64),
    ("genre_title", Text),
];

/// The families of `features.csv` with the number of values that each frame has.
const FAMILIES: [(&str, usize); 11] = [
    ("chroma_cens", 12),
    ("chroma_cqt", 12),
    ("chroma_stft", 12),
    ("mfcc", 20),
    ("rmse", 1),
    ("spectral_bandwidth", 1),
    ("spectral_centroid", 1),
    ("spectral_contrast", 7),
    ("spectral_rolloff", 1),
    ("tonnetz", 6),
    ("zcr", 1),
];
/// The seven statistics over frames.
const STATISTICS: [&str; 7] = ["kurtosis", "max", "mean", "median", "min", "skew", "std"];

/// The names of the 518 audio features in the order of the distributed `features.csv`: family, statistic and number
/// joined by dots (`mfcc.mean.01`), 11 families, 7 statistics.
///
/// Source: `features.py` of <https://github.com/mdeff/fma>, function `columns`.
pub fn feature_columns() -> Vec<String> {
    let mut names = Vec::with_capacity(518);
    for (family, n) in FAMILIES {
        for statistic in STATISTICS {
            for number in 1..=n {
                names.push(format!("{family}.{statistic}.{number:02}"));
            }
        }
    }
    names
}

pub(super) fn known(table: TableId, name: &str) -> Known {
    match table {
        TableId::Features => match is_feature(name) {
            true => Known::Always(Float64),
            false => Known::Never,
        },
        TableId::Echonest | TableId::RawEchonest if is_temporal(name) => Known::Always(Float64),
        TableId::RawTracks
        | TableId::RawAlbums
        | TableId::RawArtists
        | TableId::RawGenres
        | TableId::RawEchonest => find(table, name).map_or(Known::Never, Known::Usually),
        _ => find(table, name).map_or(Known::Never, Known::Always),
    }
}

pub(super) fn distributed(table: TableId) -> Vec<String> {
    if table == TableId::Features {
        return feature_columns();
    }
    let mut names: Vec<String> = list(table).iter().map(|(name, _)| name.to_string()).collect();
    if matches!(table, TableId::Echonest | TableId::RawEchonest) {
        names.extend((0..N_TEMPORAL).map(|i| format!("echonest.temporal_features.{i:03}")));
    }
    names
}

fn list(table: TableId) -> &'static [(&'static str, ColumnType)] {
    match table {
        TableId::Tracks => &TRACKS,
        TableId::Genres => &GENRES,
        TableId::Features => &[],
        TableId::Echonest | TableId::RawEchonest => &ECHONEST,
        TableId::RawTracks => &RAW_TRACKS,
        TableId::RawAlbums => &RAW_ALBUMS,
        TableId::RawArtists => &RAW_ARTISTS,
        TableId::RawGenres => &RAW_GENRES,
    }
}

fn find(table: TableId, name: &str) -> Option<ColumnType> {
    list(table)
        .iter()
        .find(|(n, _)| *n == name)
        .map(|(_, kind)| *kind)
}

/// `family.statistic.number` of any family and number, so that further families keep their type.
fn is_feature(name: &str) -> bool {
    let mut parts = name.split('.');
    let (Some(family), Some(statistic), Some(number), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    !family.is_empty()
        && STATISTICS.contains(&statistic)
        && number.len() == 2
        && number.bytes().all(|b| b.is_ascii_digit())
}

fn is_temporal(name: &str) -> bool {
    name.strip_prefix("echonest.temporal_features.")
        .is_some_and(|number| number.len() == 3 && number.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_518_features_are_those_of_the_distributed_file() {
        let names = feature_columns();
        assert_eq!(names.len(), 518);
        assert_eq!(names.first().map(String::as_str), Some("chroma_cens.kurtosis.01"));
        assert_eq!(names.last().map(String::as_str), Some("zcr.std.01"));
        assert!(
            names
                .iter()
                .all(|n| known(TableId::Features, n) == Known::Always(Float64))
        );
        assert_eq!(known(TableId::Features, "mfcc.mode.01"), Known::Never);
        assert_eq!(known(TableId::Features, "mfcc.mean.1"), Known::Never);
    }

    #[test]
    fn every_distributed_column_is_known_under_its_own_type() {
        for table in TableId::ALL {
            for name in distributed(table) {
                assert_ne!(known(table, &name), Known::Never, "{table}: {name}");
            }
        }
        assert_eq!(distributed(TableId::Echonest).len(), 249);
        assert_eq!(known(TableId::Tracks, "track.genres"), Known::Always(IntList));
        assert_eq!(known(TableId::RawTracks, "track_interest"), Known::Usually(Int64));
        assert_eq!(known(TableId::Tracks, "track.mood"), Known::Never);
    }
}
