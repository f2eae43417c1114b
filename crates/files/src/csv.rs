//! Fields of CSV files (RFC 4180).

/// Appends a field, in quotation marks where a comma, a quotation mark or a line's end is in it.
pub fn push_field(out: &mut Vec<u8>, text: &str) {
    if !text.bytes().any(|b| matches!(b, b',' | b'"' | b'\n' | b'\r')) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for b in text.bytes() {
        if b == b'"' {
            out.push(b'"');
        }
        out.push(b);
    }
    out.push(b'"');
}

/// A field alone, as [`push_field`] writes it.
pub fn field(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    push_field(&mut out, text);
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_in_quotation_marks_where_they_must() {
        assert_eq!(field("plain text"), "plain text");
        assert_eq!(field(""), "");
        assert_eq!(field("a,b"), "\"a,b\"");
        assert_eq!(field("a \"b\"\r\nc"), "\"a \"\"b\"\"\r\nc\"");
        assert_eq!(field("é"), "é");
    }
}
