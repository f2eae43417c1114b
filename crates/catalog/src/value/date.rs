//! Dates without time zone to microseconds since 1970.

/// Microseconds since 1970-01-01 00:00:00 of a date in the dataset's notations.
///
/// `2008-11-26`, with a time after a space or a `T` (`01:48`, `01:48:12`, `01:48:12.5`) in `tracks.csv`; `11/26/2008`, with
/// a time such as `01:48:12 AM`, in `raw_*.csv`. Proleptic Gregorian calendar; a day that does not exist is `None`.
pub(crate) fn timestamp(cell: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(cell).ok()?.trim();
    let (date, time) = match text.find([' ', 'T']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let days = match date.contains('/') {
        true => {
            let [month, day, year] = parts(date, '/')?;
            days_since_1970(number(year, 4, 4)?, number(month, 1, 2)?, number(day, 1, 2)?)?
        }
        false => {
            let [year, month, day] = parts(date, '-')?;
            days_since_1970(number(year, 4, 4)?, number(month, 2, 2)?, number(day, 2, 2)?)?
        }
    };
    let micros = time.map_or(Some(0), time_of_day)?;
    Some(days * 86_400_000_000 + micros)
}

/// Microseconds since midnight of `hh:mm`, `hh:mm:ss`, `hh:mm:ss.ffffff`, each with or without ` AM` or ` PM`.
fn time_of_day(time: &str) -> Option<i64> {
    let (clock, half) = match time.split_once(' ') {
        Some((clock, "AM")) => (clock, Some(0)),
        Some((clock, "PM")) => (clock, Some(12)),
        Some(_) => return None,
        None => (time, None),
    };
    let mut fields = clock.split(':');
    let mut hour = number(fields.next()?, 1, 2)?;
    let minute = number(fields.next()?, 2, 2)?;
    let (second, micros) = match fields.next() {
        Some(seconds) => match seconds.split_once('.') {
            Some((whole, fraction)) => (number(whole, 2, 2)?, fraction_in_micros(fraction)?),
            None => (number(seconds, 2, 2)?, 0),
        },
        None => (0, 0),
    };
    if let Some(half) = half {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + half;
    }
    if fields.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(((hour * 60 + minute) * 60 + second) * 1_000_000 + micros)
}

/// The first six digits of a fraction of a second; further ones are dropped.
fn fraction_in_micros(fraction: &str) -> Option<i64> {
    let value = number(fraction, 1, 9)?;
    let scaled = value * 10_i64.pow(9 - fraction.len() as u32);
    Some(scaled / 1000)
}

fn parts(date: &str, separator: char) -> Option<[&str; 3]> {
    let mut parts = date.split(separator);
    let three = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(three)
}

fn number(text: &str, min_len: usize, max_len: usize) -> Option<i64> {
    let digits = (min_len..=max_len).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// Days from 1970-01-01 to a date.
/// Source: H. Hinnant, "chrono-compatible low-level date algorithms", `days_from_civil`: years start in March, so that the
/// leap day is a year's last.
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if year == 0 || !(1..=length).contains(&day) {
        return None;
    }
    let march_year = if month <= 2 { year - 1 } else { year };
    let era = march_year.div_euclid(400);
    let year_of_era = march_year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn counting_the_days_one_by_one_agrees() {
        let mut day = days_since_1970(1, 1, 1).unwrap();
        assert_eq!(day, -719_162);
        for year in 1..=2400 {
            for month in 1..=12 {
                for d in 1..=31 {
                    if let Some(got) = days_since_1970(year, month, d) {
                        assert_eq!(got, day, "{year}-{month}-{d}");
                        day += 1;
                    }
                }
            }
        }
        // 2,400 Gregorian years are six times 400 years of 146,097 days.
        assert_eq!(day - days_since_1970(1, 1, 1).unwrap(), 6 * 146_097);
    }

    #[test]
    fn the_notations_of_the_dataset() {
        // date -u -d '2008-11-26 01:48:12' +%s
        let want = Some(1_227_664_092_000_000);
        for text in [
            "2008-11-26 01:48:12",
            "2008-11-26T01:48:12",
            "2008-11-26 01:48:12.000",
            "11/26/2008 01:48:12 AM",
            "11/26/2008 1:48:12 AM",
        ] {
            assert_eq!(timestamp(text.as_bytes()), want, "{text}");
        }
        assert_eq!(
            timestamp(b"11/26/2008 01:48:12 PM"),
            want.map(|t| t + 12 * 3_600_000_000)
        );
        assert_eq!(
            timestamp(b"11/26/2008 12:48:12 AM"),
            want.map(|t| t - 3_600_000_000)
        );
        assert_eq!(timestamp(b"1970-01-01"), Some(0));
        assert_eq!(timestamp(b"1/05/2009"), timestamp(b"2009-01-05 00:00:00"));
        assert_eq!(timestamp(b"1969-12-31 23:59:59.999999"), Some(-1));
        assert_eq!(timestamp(b"1970-01-01 00:00:00.5"), Some(500_000));
    }

    #[test]
    fn days_and_times_that_do_not_exist_are_refused() {
        for text in [
            "",
            "2008",
            "2008-11",
            "2008-13-01",
            "2008-02-30",
            "2007-02-29",
            "1900-02-29",
            "0000-00-00",
            "2008-11-26 24:00:00",
            "2008-11-26 01:60:00",
            "2008-11-26 01:48:12 XM",
            "11/26/2008 13:00:00 PM",
            "11/26/2008 00:00:00 AM",
            "2008-11-26 01",
            "2008-1-2",
            "26.11.2008",
            "2008-11-26-01",
            "2008-11-26 01:02:03:04",
            "2008-11-26 01:02:03.",
            "２００８-11-26",
        ] {
            assert_eq!(timestamp(text.as_bytes()), None, "{text}");
        }
        assert!(timestamp(b"2000-02-29").is_some());
    }
}
