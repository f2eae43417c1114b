//! Python lists as pandas writes them into cells: `[21, 45]`, `['noise', "don't"]`.

use std::borrow::Cow;

/// Appends the whole numbers of a list to `out`; on `None` what was appended is to be dropped.
pub(crate) fn int_list(cell: &[u8], out: &mut Vec<i64>) -> Option<()> {
    let mut rest = open(cell)?;
    if rest.is_empty() {
        return Some(());
    }
    loop {
        let end = memchr::memchr(b',', rest).unwrap_or(rest.len());
        let item = std::str::from_utf8(rest[..end].trim_ascii()).ok()?;
        out.push(item.parse().ok()?);
        if end == rest.len() {
            return Some(());
        }
        rest = rest[end + 1..].trim_ascii();
        if rest.is_empty() {
            return Some(());
        }
    }
}

/// Hands each text of a list to `item`, with Python's escapes resolved.
///
/// Source: "String and Bytes literals" of the Python language reference; the prefixes `u` and `b` do not occur in the
/// dataset and are refused, as are `\N{...}` and octal escapes.
pub(crate) fn text_list(cell: &[u8], mut item: impl FnMut(&str)) -> Option<()> {
    let mut rest = open(cell)?;
    while !rest.is_empty() {
        let quote = *rest.first().filter(|b| matches!(b, b'\'' | b'"'))?;
        let (value, behind) = string(&rest[1..], quote)?;
        item(&value);
        let behind = behind.trim_ascii_start();
        rest = match behind.first() {
            None => behind,
            Some(b',') => behind[1..].trim_ascii_start(),
            Some(_) => return None,
        };
    }
    Some(())
}

/// What stands between the brackets.
fn open(cell: &[u8]) -> Option<&[u8]> {
    Some(
        cell.trim_ascii()
            .strip_prefix(b"[")?
            .strip_suffix(b"]")?
            .trim_ascii(),
    )
}

/// Reads up to the closing quote: the text, and what follows.
fn string(bytes: &[u8], quote: u8) -> Option<(Cow<'_, str>, &[u8])> {
    let end = memchr::memchr2(quote, b'\\', bytes)?;
    if bytes[end] == quote {
        return Some((std::str::from_utf8(&bytes[..end]).ok()?.into(), &bytes[end + 1..]));
    }
    let mut buffer = String::new();
    let mut at = 0;
    loop {
        let stop = at + memchr::memchr2(quote, b'\\', &bytes[at..])?;
        buffer.push_str(std::str::from_utf8(&bytes[at..stop]).ok()?);
        if bytes[stop] == quote {
            return Some((buffer.into(), &bytes[stop + 1..]));
        }
        let (escaped, n_digits) = match bytes.get(stop + 1)? {
            b'\\' => ('\\', 0),
            b'\'' => ('\'', 0),
            b'"' => ('"', 0),
            b'n' => ('\n', 0),
            b'r' => ('\r', 0),
            b't' => ('\t', 0),
            b'x' => (hex(bytes, stop + 2, 2)?, 2),
            b'u' => (hex(bytes, stop + 2, 4)?, 4),
            b'U' => (hex(bytes, stop + 2, 8)?, 8),
            _ => return None,
        };
        buffer.push(escaped);
        at = stop + 2 + n_digits;
    }
}

fn hex(bytes: &[u8], at: usize, n: usize) -> Option<char> {
    let digits = bytes.get(at..at + n)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    char::from_u32(u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn texts(cell: &str) -> Option<Vec<String>> {
        let mut out = Vec::new();
        text_list(cell.as_bytes(), |t| out.push(t.to_string())).map(|()| out)
    }

    fn ints(cell: &str) -> Option<Vec<i64>> {
        let mut out = Vec::new();
        int_list(cell.as_bytes(), &mut out).map(|()| out)
    }

    #[test]
    fn lists_of_whole_numbers() {
        assert_eq!(ints("[]"), Some(vec![]));
        assert_eq!(ints("[21]"), Some(vec![21]));
        assert_eq!(ints("[89, 12, -25]"), Some(vec![89, 12, -25]));
        assert_eq!(ints(" [ 1 ,2, ] "), Some(vec![1, 2]));
        for cell in [
            "",
            "[",
            "]",
            "21",
            "[21",
            "[,]",
            "[1,,2]",
            "[1.5]",
            "['1']",
            "[[1]]",
            "[1 2]",
            "[99999999999999999999]",
        ] {
            assert_eq!(ints(cell), None, "{cell}");
        }
    }

    #[test]
    fn lists_of_texts() {
        // Each from Python: print(repr([...]))
        assert_eq!(texts("[]"), Some(vec![]));
        assert_eq!(texts("['awol']"), Some(vec!["awol".into()]));
        assert_eq!(
            texts(r#"["don't", 'say "no"', 'both \' and "']"#),
            Some(vec!["don't".into(), "say \"no\"".into(), "both ' and \"".into()])
        );
        assert_eq!(
            texts(r"['a\\b', 'c\nd\te', '\x00', '\u2028', '\U000e0001']"),
            Some(vec![
                "a\\b".into(),
                "c\nd\te".into(),
                "\0".into(),
                "\u{2028}".into(),
                "\u{e0001}".into()
            ])
        );
        assert_eq!(
            texts("['a, b', 'Björk',]"),
            Some(vec!["a, b".into(), "Björk".into()])
        );
        assert_eq!(texts("['']"), Some(vec![String::new()]));
        for cell in [
            "",
            "awol",
            "['awol",
            "['a' 'b']",
            "[a]",
            "['a\\q']",
            "['\\ud800']",
            "['\\x4']",
            "[,]",
            "['a'],",
            "['\\",
        ] {
            assert_eq!(texts(cell), None, "{cell}");
        }
    }
}
