//! Cells in messages.

/// The start of a cell for messages: at most 40 characters, control characters escaped.
pub(super) fn shorten(value: &[u8]) -> String {
    const MAX_CHARS: usize = 40;
    let start = &value[..value.len().min(4 * MAX_CHARS + 4)];
    let text = String::from_utf8_lossy(start);
    let mut short = String::new();
    for c in text.chars().take(MAX_CHARS) {
        if c.is_control() {
            short.extend(c.escape_default())
        } else {
            short.push(c)
        }
    }
    if text.chars().count() > MAX_CHARS || start.len() < value.len() {
        short.push('…');
    }
    short
}
