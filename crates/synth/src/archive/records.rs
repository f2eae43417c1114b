//! What `tracks.csv` says of an artist, an album and a track.

use super::labels::Labels;
use super::missing::{album as empty_album, artist as empty_artist};
use super::places::{self, PLACES};
use super::plan::{AlbumPlan, Oddity, Plan};
use super::{genres, text};
use crate::stream::{Domain, Stream};
use cratedigger_catalog::pandas::Cell;

const DAY: i64 = 86_400;
/// Seconds from 1970 to 2000.
const Y2000: i64 = 946_684_800;

/// An artist's columns.
pub(crate) struct ArtistRecord {
    id: i64,
    /// Name; the Echonest table has it too.
    pub(crate) name: String,
    created: Option<i64>,
    year_begin: Option<i64>,
    year_end: Option<i64>,
    labels: Option<String>,
    bio: Option<String>,
    comments: i64,
    favorites: i64,
    /// Degrees north and east.
    pub(crate) point: Option<(f64, f64)>,
    /// Where the artist says to live.
    pub(crate) location: Option<String>,
    members: Option<String>,
    related: Option<String>,
    tags: Vec<String>,
    website: Option<String>,
    wikipedia: Option<String>,
    language: Option<&'static str>,
    split: &'static str,
    /// Median number of listens of a track.
    appeal: f64,
}

impl ArtistRecord {
    /// The columns of the artist at `index`. `with_prose` false leaves the long texts out, for tables that lack them.
    pub(crate) fn new(plan: &Plan, index: usize, with_prose: bool) -> Self {
        let artist = &plan.artists[index];
        let s = &mut Stream::new(plan.seed, Domain::Artist, index as u64);
        let filled = |bit: u16| artist.missing & bit == 0;
        let place = &PLACES[usize::from(artist.place)];
        let name = text::artist_name(s);
        let location = place.location(s);
        let point = place.point(s);
        let language = places::language(s, place);
        let appeal = s.log_normal(700.0, 1.0);
        let comments = s.log_normal(0.6, 1.4) as i64;
        let favorites = (appeal * s.log_normal(0.006, 0.8)) as i64;
        let begin = 2015 - s.geometric(9.0).min(45) as i64;
        let end = begin + s.below((2017 - begin) as usize) as i64;
        let slug = text::slug(&name);
        let tags = text::tags(s, Some(&name), 3);
        let labels = (0..1 + s.below(4))
            .map(|_| text::company(s))
            .collect::<Vec<_>>()
            .join(", ");
        let related = (0..1 + s.below(3))
            .map(|_| text::artist_name(s))
            .collect::<Vec<_>>()
            .join(", ");
        let members = text::people(s);
        let website = match s.below(3) {
            0 => format!("http://{slug}.example.com"),
            1 => format!("http://www.example.org/{slug}"),
            _ => format!("https://{slug}.example.net/music?ref=archive"),
        };
        let n_sentences = s.log_normal(17.0, 0.9) as usize;
        let bio = (with_prose && filled(empty_artist::BIO)).then(|| text::html(s, &name, n_sentences));
        Self {
            id: artist.id,
            created: filled(empty_artist::DATE_CREATED).then_some(artist.created),
            year_begin: filled(empty_artist::YEAR_BEGIN).then(|| new_year(begin)),
            year_end: filled(empty_artist::YEAR_END).then(|| new_year(end)),
            labels: filled(empty_artist::LABELS).then_some(labels),
            bio,
            comments,
            favorites,
            point: filled(empty_artist::COORDINATES).then_some(point),
            location: filled(empty_artist::LOCATION).then_some(location),
            members: filled(empty_artist::MEMBERS).then_some(members),
            related: filled(empty_artist::RELATED).then_some(related),
            tags,
            website: filled(empty_artist::WEBSITE).then_some(website),
            wikipedia: filled(empty_artist::WIKIPEDIA)
                .then(|| format!("http://en.wikipedia.example.org/wiki/{slug}")),
            language: filled(empty_artist::LANGUAGE).then_some(language),
            split: ["training", "validation", "test"][usize::from(artist.split).min(2)],
            appeal,
            name,
        }
    }
}

/// An album's columns.
pub(crate) struct AlbumRecord {
    plan: AlbumPlan,
    /// Title; the Echonest table has it too.
    pub(crate) title: Option<String>,
    comments: i64,
    created: Option<i64>,
    released: Option<i64>,
    engineer: Option<String>,
    favorites: i64,
    information: Option<String>,
    listens: i64,
    producer: Option<String>,
    tags: Vec<String>,
    n_tracks: i64,
    kind: Option<&'static str>,
    license: Option<&'static str>,
    publisher: Option<String>,
    bit_rate: i64,
    recorded: i64,
}

impl AlbumRecord {
    /// The columns of the album at `index`.
    pub(crate) fn new(plan: &Plan, index: usize) -> Self {
        let album = &plan.albums[index];
        let s = &mut Stream::new(plan.seed, Domain::Album, index as u64);
        let filled = |bit: u16| album.missing & bit == 0;
        let title = text::title(s);
        let listens = s.log_normal(5_000.0, 1.1);
        let comments = s.log_normal(0.3, 1.2) as i64;
        let favorites = (listens * s.log_normal(0.0006, 0.6)) as i64;
        // Most are released in the year before the upload; some are old.
        let age = if s.chance(0.1) {
            s.log_normal(2_500.0, 0.6)
        } else {
            s.log_normal(60.0, 1.2)
        } as i64;
        let released = midnight(album.created - age * DAY);
        let engineer = text::person(s);
        let producer = if s.chance(0.5) {
            engineer.clone()
        } else {
            text::people(s).replace('\n', ", ")
        };
        let n_more = if s.chance(0.2) { s.below(6) } else { 0 };
        let n_tracks = if album.id < 0 {
            -1
        } else {
            i64::from(album.n_tracks) + n_more as i64
        };
        let kind = match s.below(100) {
            _ if album.is_compilation && !index.is_multiple_of(4) => "Radio Program",
            0..=86 => "Album",
            87..=92 => "Live Performance",
            93..=97 => "Single Tracks",
            _ => "Contest",
        };
        let license = text::license(s);
        let publisher = text::company(s);
        // Albums are encoded at one rate, mostly; the rest (0) has a variable one.
        let bit_rate = [320_000, 256_000, 192_000, 160_000, 128_000, 0]
            [s.weighted([60.0, 16.0, 11.0, 2.0, 3.0, 8.0].into_iter())];
        let tags = if s.chance(0.12) {
            text::tags(s, None, 4)
        } else {
            Vec::new()
        };
        let n_sentences = s.log_normal(5.0, 0.9) as usize;
        let information = if s.chance(0.1) {
            "<p></p>".to_string()
        } else {
            text::html(s, &title, n_sentences)
        };
        Self {
            plan: album.clone(),
            comments,
            created: filled(empty_album::DATE_CREATED).then_some(album.created),
            released: filled(empty_album::DATE_RELEASED).then_some(released),
            engineer: filled(empty_album::ENGINEER).then_some(engineer),
            favorites,
            information: filled(empty_album::INFORMATION).then_some(information),
            listens: listens as i64,
            producer: filled(empty_album::PRODUCER).then_some(producer),
            tags,
            n_tracks,
            kind: filled(empty_album::TYPE).then_some(kind),
            license: filled(empty_album::LICENSE).then_some(license),
            publisher: filled(empty_album::PUBLISHER).then_some(publisher),
            bit_rate,
            recorded: midnight(released - s.below(900) as i64 * DAY),
            title: filled(empty_album::TITLE).then_some(title),
        }
    }
}

/// A track's own columns.
pub(crate) struct TrackRecord {
    /// Title; the Echonest table has it too.
    pub(crate) title: Option<String>,
    bit_rate: i64,
    comments: i64,
    composer: Option<String>,
    created: i64,
    recorded: Option<i64>,
    /// `track.duration` in seconds.
    pub(crate) duration: i64,
    favorites: i64,
    information: Option<String>,
    interest: i64,
    listens: i64,
    lyricist: Option<String>,
    number: i64,
    subset: &'static str,
    tags: Vec<String>,
}

impl TrackRecord {
    /// The columns of the track at `index`.
    pub(crate) fn new(
        plan: &Plan,
        index: usize,
        labels: &Labels,
        artist: &ArtistRecord,
        album: &AlbumRecord,
    ) -> Self {
        let track = &plan.tracks[index];
        let s = &mut Stream::new(plan.seed, Domain::Track, index as u64);
        let filled = |bit: u16| album.plan.missing & bit == 0;
        let title = text::title(s);
        let listens = (artist.appeal * s.log_normal(1.0, 0.7)).max(1.0);
        let interest = (listens * s.log_normal(2.8, 0.4)) as i64 + 1;
        let favorites = (listens * s.log_normal(0.0025, 0.7)) as i64;
        let bit_rate = match s.uniform() {
            // Headers of a few files tell nonsense.
            u if u < 0.0004 => s.pick(&[-1, 8_000, 9_961, 448_000, 1_411_200]),
            _ if album.bit_rate == 0 => s.between(96_000.0, 320_000.0) as i64,
            _ => album.bit_rate,
        };
        let duration = match s.uniform() {
            // Empty files and day-long streams.
            u if u < 0.0008 => s.below(3) as i64,
            u if u < 0.006 => s.log_normal(3_000.0, 0.6).min(18_350.0) as i64,
            u if u < 0.12 => s.log_normal(70.0, 0.7) as i64,
            _ => s.log_normal(225.0, 0.45) as i64,
        };
        let subset = if !labels.has_top {
            "large"
        } else {
            let root = &genres::ROOTS[labels.root];
            // Eight genres have 1,000 tracks each in the small subset; 17,000 more tracks make it medium.
            let small = if root.n_top > 1_380.0 {
                1_000.0 / root.n_top
            } else {
                0.0
            };
            let u = s.uniform();
            if u < small {
                "small"
            } else if u < small + (1.0 - small) * 17_000.0 / 41_598.0 {
                "medium"
            } else {
                "large"
            }
        };
        let composer = if s.chance(0.6) {
            artist.name.clone()
        } else {
            text::person(s)
        };
        let lyricist = text::person(s);
        let information = filled(empty_album::TRACK_INFORMATION).then(|| text::html(s, &title, 1));
        let tags = if s.chance(0.2) {
            text::tags(s, None, 5)
        } else {
            Vec::new()
        };
        let step = s.below(12) as i64;
        Self {
            title: (track.oddity != Oddity::Untitled).then_some(title),
            bit_rate,
            comments: s.log_normal(0.12, 1.3) as i64,
            composer: filled(empty_album::COMPOSER).then_some(composer),
            created: album.plan.created + i64::from(track.number) * 12 + step,
            recorded: filled(empty_album::DATE_RECORDED).then_some(album.recorded),
            duration,
            favorites,
            information,
            interest,
            listens: listens as i64,
            lyricist: filled(empty_album::LYRICIST).then_some(lyricist),
            number: if album.plan.id < 0 {
                0
            } else {
                i64::from(track.number)
            },
            subset,
            tags,
        }
    }
}

/// The 52 cells of a row of `tracks.csv`, in its order.
pub(crate) fn track_cells<'a>(
    album: &'a AlbumRecord,
    artist: &'a ArtistRecord,
    track: &'a TrackRecord,
    labels: &Labels,
) -> [Cell<'a>; 52] {
    let known = |text: Option<&'static str>| text.map_or(Cell::Empty, Cell::Text);
    [
        Cell::Int(album.comments),
        Cell::time(album.created),
        Cell::time(album.released),
        Cell::text(album.engineer.as_ref()),
        Cell::Int(album.favorites),
        Cell::Int(album.plan.id),
        Cell::text(album.information.as_ref()),
        Cell::Int(album.listens),
        Cell::text(album.producer.as_ref()),
        Cell::Texts(&album.tags),
        Cell::text(album.title.as_ref()),
        Cell::Int(album.n_tracks),
        known(album.kind),
        Cell::time(artist.year_begin),
        Cell::time(artist.year_end),
        Cell::text(artist.labels.as_ref()),
        Cell::text(artist.bio.as_ref()),
        Cell::Int(artist.comments),
        Cell::time(artist.created),
        Cell::Int(artist.favorites),
        Cell::Int(artist.id),
        Cell::float(artist.point.map(|p| p.0)),
        Cell::text(artist.location.as_ref()),
        Cell::float(artist.point.map(|p| p.1)),
        Cell::text(artist.members.as_ref()),
        Cell::Text(&artist.name),
        Cell::text(artist.related.as_ref()),
        Cell::Texts(&artist.tags),
        Cell::text(artist.website.as_ref()),
        Cell::text(artist.wikipedia.as_ref()),
        Cell::Text(artist.split),
        Cell::Text(track.subset),
        Cell::Int(track.bit_rate),
        Cell::Int(track.comments),
        Cell::text(track.composer.as_ref()),
        Cell::Time(track.created),
        Cell::time(track.recorded),
        Cell::Int(track.duration),
        Cell::Int(track.favorites),
        if labels.has_top {
            Cell::Text(genres::root_title(labels.root))
        } else {
            Cell::Empty
        },
        Cell::Ints(labels.ids()),
        Cell::Ints(labels.ids_all()),
        Cell::text(track.information.as_ref()),
        Cell::Int(track.interest),
        known(artist.language),
        known(album.license),
        Cell::Int(track.listens),
        Cell::text(track.lyricist.as_ref()),
        Cell::Int(track.number),
        Cell::text(album.publisher.as_ref()),
        Cell::Texts(&track.tags),
        Cell::text(track.title.as_ref()),
    ]
}

fn midnight(seconds: i64) -> i64 {
    seconds - seconds.rem_euclid(DAY)
}

/// The first second of a year between 1970 and 2099.
fn new_year(year: i64) -> i64 {
    let since = year - 2000;
    // Leap days from 2000 on, 2000 itself included; negative before.
    Y2000 + (365 * since + (since + 3).div_euclid(4)) * DAY
}

#[cfg(test)]
mod tests;
