//! Readers of others that panic at damaged bytes: their panics are errors.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Does `work`; what it says in a panic is an error. What it was changing must not be used afterwards.
///
/// # Errors
/// The words of the panic.
///
/// ```
/// let numbers = [1, 2, 3];
/// let at = |place: usize| cratedigger_files::contained(|| numbers[place]);
/// assert_eq!(at(2), Ok(3));
/// assert!(at(3).unwrap_err().contains("out of bounds"));
/// ```
pub fn contained<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    DEPTH.set(DEPTH.get() + 1);
    let done = catch_unwind(AssertUnwindSafe(work));
    DEPTH.set(DEPTH.get() - 1);
    done.map_err(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
        words.unwrap_or("a panic without words").to_owned()
    })
}

/// Whether this thread is within [`contained`]: a program need not tell a person of such a panic, who gets the error.
pub fn is_contained() -> bool {
    DEPTH.get() > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_known_within_and_not_after_a_panic() {
        assert!(!is_contained());
        assert_eq!(contained(|| contained(is_contained)), Ok(Ok(true)));
        let said = contained(|| -> () { panic!("row {}", 7) });
        assert_eq!(said, Err("row 7".to_owned()));
        assert!(!is_contained());
    }
}
