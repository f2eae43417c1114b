//! Numbers as people read them.

pub(crate) use cratedigger_study::words::{count, count_of};

/// A formatted number with a minus sign for its hyphen.
pub(crate) fn minus(text: &str) -> String {
    text.replace('-', "\u{2212}")
}

/// A share in per cent with one decimal: `34.0 %`, with a space that does not break. What is not quite nothing or everything is not rounded to it.
pub(crate) fn percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    match text.as_str() {
        "0.0" if share > 0.0 => "< 0.1\u{a0}%".to_owned(),
        "100.0" if share < 1.0 => "> 99.9\u{a0}%".to_owned(),
        _ => format!("{text}\u{a0}%"),
    }
}

/// A duration: `0.42 s`, `3.1 s`, `4 min 30 s`.
pub(crate) fn seconds(seconds: f64) -> String {
    if seconds < 1.0 {
        format!("{seconds:.2} s")
    } else if seconds < 99.95 {
        format!("{seconds:.1} s")
    } else {
        let whole = seconds.round() as u64;
        format!("{} min {} s", whole / 60, whole % 60)
    }
}

/// Minutes and seconds of a track: `4:01`.
pub(crate) fn clock(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    match whole / 3600 {
        0 => format!("{}:{:02}", whole / 60, whole % 60),
        hours => format!("{hours}:{:02}:{:02}", whole / 60 % 60, whole % 60),
    }
}

/// A p-value from its decimal logarithm: `0.034`, `2.1 × 10⁻⁷`, `1.3 × 10⁻¹⁴⁹`; `1` where it is that.
pub(crate) fn p_value(log10_p: f64) -> String {
    if !log10_p.is_finite() {
        return "0".to_owned();
    }
    if log10_p > -3.0 {
        let text = format!("{:.3}", 10_f64.powf(log10_p));
        return if text == "1.000" { "1".to_owned() } else { text };
    }
    let mut power = log10_p.floor();
    let mut mantissa = format!("{:.1}", 10_f64.powf(log10_p - power));
    if mantissa == "10.0" {
        mantissa = "1.0".to_owned();
        power += 1.0;
    }
    let digits = [
        '\u{2070}', '\u{b9}', '\u{b2}', '\u{b3}', '\u{2074}', '\u{2075}', '\u{2076}', '\u{2077}', '\u{2078}',
        '\u{2079}',
    ];
    let raised: String = format!("{:.0}", power.abs())
        .chars()
        .filter_map(|digit| digits.get(digit.to_digit(10)? as usize))
        .collect();
    format!("{mantissa} \u{d7} 10\u{207b}{raised}")
}

/// A text as it may stand inside of an element or an attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // What XML cannot hold.
            other if other.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A text from the data as plotly shows it literally: plotly reads a few HTML tags and entities in texts.
pub(crate) fn plain(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A list in words: `Rock`, `Rock and Folk`, `Rock, Folk and Jazz`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A point in time as `2008-11-26 01:44 UTC`, from seconds since 1970 (Howard Hinnant, "chrono-compatible low-level date
/// algorithms", `civil_from_days`).
pub(crate) fn utc(unix_seconds: u64) -> String {
    let (days, rest) = (unix_seconds / 86_400, unix_seconds % 86_400);
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02} UTC",
        rest / 3600,
        rest / 60 % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            ["0", "999", "1,000", "106,574"],
            [0, 999, 1000, 106_574].map(count).each_ref().map(String::as_str)
        );
        assert_eq!(
            (count_of(1, "artist"), count_of(0, "artist")),
            ("1 artist".into(), "0 artists".into())
        );
        assert_eq!(
            ["0.0 %", "< 0.1 %", "34.0 %", "> 99.9 %", "100.0 %"].map(|text| text.replace(" %", "\u{a0}%")),
            [0.0, 1e-6, 0.340421, 0.9999, 1.0].map(percent)
        );
        assert_eq!(
            ["0.42 s", "12.3 s", "4 min 30 s"].map(str::to_owned),
            [0.42, 12.34, 270.0].map(seconds)
        );
        assert_eq!(
            ["0:04", "4:01", "5:05:50"].map(str::to_owned),
            [4.0, 241.0, 18_350.0].map(clock)
        );
        let names = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(
            (list(&names[..1]), list(&names[..2]), list(&names)),
            ("a".into(), "a and b".into(), "a, b and c".into())
        );
    }

    #[test]
    fn small_probabilities_keep_their_size() {
        assert_eq!(
            [0.0, -0.02, -1.4685, -3.0, -6.68, -148.881, -0.0000001, -5.00001].map(p_value),
            [
                "1",
                "0.955",
                "0.034",
                "1.0 \u{d7} 10\u{207b}\u{b3}",
                "2.1 \u{d7} 10\u{207b}\u{2077}",
                "1.3 \u{d7} 10\u{207b}\u{b9}\u{2074}\u{2079}",
                "1",
                "1.0 \u{d7} 10\u{207b}\u{2075}"
            ]
            .map(str::to_owned)
        );
        assert_eq!(p_value(f64::NEG_INFINITY), "0");
        assert_eq!(
            escape("<a b=\"c\">&'\u{1}"),
            "&lt;a b=&quot;c&quot;&gt;&amp;&#39; "
        );
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        // date -u -d @N
        assert_eq!(utc(0), "1970-01-01 00:00 UTC");
        assert_eq!(utc(951_782_400), "2000-02-29 00:00 UTC");
        assert_eq!(utc(1_227_663_885), "2008-11-26 01:44 UTC");
        assert_eq!(utc(4_107_542_399), "2100-02-28 23:59 UTC");
        assert_eq!(utc(4_107_542_400), "2100-03-01 00:00 UTC");
    }
}
