//! The numbers that are written along axes: steps between them, and their texts.

use crate::format::count;

/// The multiples of `step` from `low` to `high`, ends included.
pub(crate) fn multiples(step: f64, low: f64, high: f64) -> impl Iterator<Item = f64> {
    let first = (low / step - 1e-6).ceil() as i64;
    let last = (high / step + 1e-6).floor() as i64;
    (first..=last).map(move |k| k as f64 * step)
}

/// The least of 1, 2 and 5 times a power of ten that is not below `value`.
pub(crate) fn nice_step(value: f64) -> f64 {
    if !(value > 0.0 && value.is_finite()) {
        return 1.0;
    }
    let power = value.log10().floor() as i32;
    let of = |step: f64, power: i32| format!("{step}e{power}").parse::<f64>().unwrap_or(1.0);
    [of(1.0, power), of(2.0, power), of(5.0, power)]
        .into_iter()
        .find(|step| *step >= value * (1.0 - 1e-9))
        .unwrap_or_else(|| of(1.0, power + 1))
}

/// A number in one of the formats of d3 that the pictures use: `,`, `d`, `~g`, `.Nf`, `.N%`; with as many decimals as it takes
/// to tell numbers apart that are `step` from each other, where that is more.
pub(crate) fn format_number(value: f64, format: &str, step: f64) -> String {
    let decimals_of = |step: f64| (-step.log10() - 1e-9).ceil().clamp(0.0, 8.0) as usize;
    let given = |unit: char| {
        format
            .strip_prefix('.')
            .and_then(|rest| rest.strip_suffix(unit))
            .and_then(|digits| digits.parse::<usize>().ok())
    };
    let (text, unit) = if let Some(decimals) = given('%') {
        let decimals = decimals.max(decimals_of(step * 100.0));
        (format!("{:.decimals$}", value.abs() * 100.0), "%")
    } else {
        let decimals = given('f').unwrap_or(0).max(decimals_of(step));
        let text = format!("{:.decimals$}", value.abs());
        if format == "," {
            let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
            let whole = count(whole.parse().unwrap_or(0));
            (format!("{whole}{rest}"), "")
        } else {
            (text, "")
        }
    };
    let zero = text.chars().all(|letter| !('1'..='9').contains(&letter));
    let sign = if value < 0.0 && !zero { "\u{2212}" } else { "" };
    format!("{sign}{text}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_in_the_page() {
        for (value, format, step, text) in [
            (12_000.0, ",", 1.0, "12,000"),
            (0.5, ",", 0.5, "0.5"),
            (2008.0, "d", 1.0, "2008"),
            (0.25, ".0%", 0.25, "25%"),
            (0.125, ".0%", 0.005, "12.5%"),
            (-0.5, ".1f", 0.5, "\u{2212}0.5"),
            (-0.001, ".1f", 1.0, "0.0"),
            (3.0, "", 1.0, "3"),
        ] {
            assert_eq!(format_number(value, format, step), text);
        }
    }

    #[test]
    fn steps_are_one_two_or_five() {
        assert_eq!(
            [0.7, 1.0, 1.1, 2.0, 30.0, 0.0].map(nice_step),
            [1.0, 1.0, 2.0, 2.0, 50.0, 1.0]
        );
    }
}
