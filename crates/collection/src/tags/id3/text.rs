//! Texts in frames of ID3v2: a byte that says the encoding, then texts with a NUL between them.

/// The texts of a frame's content, without empty ones.
pub(super) fn decode(content: &[u8]) -> Vec<String> {
    let Some((&encoding, bytes)) = content.split_first() else {
        return Vec::new();
    };
    let text = match encoding {
        1 => utf16(bytes, false),
        2 => utf16(bytes, true),
        3 => String::from_utf8_lossy(bytes).into_owned(),
        _ => latin1(bytes),
    };
    text.split('\0')
        .map(|part| part.trim_start_matches('\u{feff}').to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

/// The content of a text frame: Latin-1 where that can write the text; else UTF-16 with its mark, of version 4 UTF-8.
pub(super) fn encode(text: &str, version: u8) -> Vec<u8> {
    if text.is_ascii() {
        return [&[0][..], text.as_bytes()].concat();
    }
    if version >= 4 {
        return [&[3][..], text.as_bytes()].concat();
    }
    let narrow: Result<Vec<u8>, _> = text.chars().map(|c| u8::try_from(u32::from(c))).collect();
    match narrow {
        Ok(bytes) => [&[0][..], &bytes].concat(),
        Err(_) => {
            let wide = text.encode_utf16().flat_map(u16::to_le_bytes);
            [1, 0xff, 0xfe].into_iter().chain(wide).collect()
        }
    }
}

pub(in crate::tags) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// Without a mark, the order of bytes is the one that is said.
fn utf16(bytes: &[u8], big: bool) -> String {
    let (big, bytes) = match bytes {
        [0xfe, 0xff, rest @ ..] => (true, rest),
        [0xff, 0xfe, rest @ ..] => (false, rest),
        _ => (big, bytes),
    };
    let units = bytes.as_chunks::<2>().0.iter().map(|&pair| match big {
        true => u16::from_be_bytes(pair),
        false => u16::from_le_bytes(pair),
    });
    char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_in_every_version() {
        for text in ["Rock", "Schrägmusik", "Тяжёлый", "a/b"] {
            for version in [2, 3, 4] {
                assert_eq!(decode(&encode(text, version)), [text], "{version}");
            }
        }
        assert_eq!(decode(b"\x03Jazz\0Funk\0"), ["Jazz", "Funk"]);
        let two = b"\x01\xff\xfeA\0\0\0\xff\xfeB\0\0\0";
        assert_eq!(decode(two), ["A", "B"]);
        assert_eq!(decode(b"\x02\0A\0\xe9"), ["A\u{e9}"]);
        assert_eq!(decode(b"\x01\xfe\xff\0A\xff"), ["A"], "an odd byte");
        assert!(decode(b"").is_empty() && decode(b"\0").is_empty());
    }
}
