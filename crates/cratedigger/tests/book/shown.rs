//! Whether output is what a page shows of it.

/// Whether `got` is `shown`: line by line and word by word, where `…` on a line of its own stands for any lines, as a word for any
/// words, and within a word for any text. Blanks between words do not count, empty lines at the end neither.
///
/// Numbers with a decimal point may differ by 0.005 and 2 %: processors add in different orders.
pub(crate) fn fits(shown: &[String], got: &[String]) -> bool {
    lines_fit(without_empty_end(shown), without_empty_end(got))
}

fn without_empty_end(lines: &[String]) -> &[String] {
    let n = lines.iter().rposition(|line| !line.trim().is_empty());
    &lines[..n.map_or(0, |at| at + 1)]
}

fn lines_fit(shown: &[String], got: &[String]) -> bool {
    let Some((first, rest)) = shown.split_first() else {
        return got.is_empty();
    };
    if first.trim() == "…" {
        return (0..=got.len()).any(|n| lines_fit(rest, &got[n..]));
    }
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    got.split_first()
        .is_some_and(|(line, more)| words_fit(&words(first), &words(line)) && lines_fit(rest, more))
}

fn words_fit(shown: &[String], got: &[String]) -> bool {
    let Some((first, rest)) = shown.split_first() else {
        return got.is_empty();
    };
    if first == "…" {
        return (0..=got.len()).any(|n| words_fit(rest, &got[n..]));
    }
    got.split_first()
        .is_some_and(|(word, more)| word_fits(first, word) && words_fit(rest, more))
}

fn word_fits(shown: &str, got: &str) -> bool {
    if let Some((begin, rest)) = shown.split_once('…') {
        let ends = got.strip_prefix(begin).into_iter().flat_map(|got| {
            let places = got.char_indices().map(|(at, _)| at).chain([got.len()]);
            places.map(|at| &got[at..]).collect::<Vec<_>>()
        });
        return ends.into_iter().any(|end| word_fits(rest, end));
    }
    shown == got
        || matches!((number(shown), number(got)), (Some(a), Some(b)) if (a - b).abs() <= 0.005 + 0.02 * a.abs())
}

/// The number of a word with a decimal point, whatever brackets and commas are around it.
fn number(word: &str) -> Option<f64> {
    let word = word.trim_matches(|c| "(),;:%".contains(c));
    word.contains('.').then(|| word.parse().ok())?
}

#[test]
fn output_fits_what_is_shown_of_it_and_nothing_else() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let fit = |shown: &str, got: &str| fits(&lines(shown), &lines(got));
    assert!(fit("a  b\nc", "a b\nc\n\n"));
    assert!(fit("a\n…\nd", "a\nb\nc\nd") && fit("a\n…\nd", "a\nd") && fit("…", ""));
    assert!(
        fit("in … s", "in 0.3 s") && fit("to /tmp/…/x", "to /tmp/a/x") && fit("0.1…,0.2…,b", "0.13,0.2,b")
    );
    assert!(fit("0.5 (0.123)", "0.504 (0.124)"));
    assert!(!fit("a b", "a c") && !fit("a", "a\nb") && !fit("a\nb", "a"));
    assert!(!fit("a\n…\nd", "a\nb\nc") && !fit("ab…ba", "aba") && !fit("a…b…", "ac"));
    assert!(!fit("0.5", "0.6") && !fit("12", "13") && !fit("0.5", "0.5 x"));
}
