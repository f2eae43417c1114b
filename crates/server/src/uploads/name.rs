//! What clients call things, made safe to repeat.

/// Names longer than this are cut.
const MAX_NAME_CHARS: usize = 200;

/// The last part of a path, without control characters, cut where it is long.
pub(super) fn file_name(name: &str) -> String {
    short(name.rsplit(['/', '\\']).next().unwrap_or_default())
}

/// Without control characters, cut where it is long.
pub(super) fn short(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(MAX_NAME_CHARS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_folders_and_stay_short() {
        assert_eq!(file_name("C:\\music\\a.mp3"), "a.mp3");
        assert_eq!(file_name("../../etc/pass\nwd"), "passwd");
        assert_eq!(file_name(&"x".repeat(999)).len(), MAX_NAME_CHARS);
    }
}
