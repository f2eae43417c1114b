//! Ctrl-C and SIGTERM: what is kept and how to go on is said, what nobody needs is removed, and the process ends as it would have.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

use crate::console::note;

/// How often it is looked whether there was a signal.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What is said then.
static WORDS: Mutex<String> = Mutex::new(String::new());

/// Sets what is said if the work is interrupted from here on: what is kept, and how to go on.
pub(crate) fn say(words: impl Into<String>) {
    *lock() = words.into();
    static BEGUN: Once = Once::new();
    BEGUN.call_once(watch);
}

fn lock() -> MutexGuard<'static, String> {
    WORDS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Listens to the signals that are not ignored. Where that cannot be done they do what they always did.
fn watch() {
    let received = Arc::new(AtomicUsize::new(0));
    for signal in [SIGINT, SIGTERM]
        .into_iter()
        .filter(|&signal| !is_ignored(signal))
    {
        let again = Arc::new(AtomicBool::new(false));
        // In this order: the first signal finds the flag unset, a second one ends the process at once.
        let _ = flag::register_conditional_default(signal, Arc::clone(&again))
            .and_then(|_| flag::register(signal, again))
            .and_then(|_| flag::register_usize(signal, Arc::clone(&received), signal as usize));
    }
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(LOOK_EVERY);
            if let signal @ 1.. = received.load(Ordering::Relaxed) {
                end(signal as i32);
            }
        }
    });
}

fn end(signal: i32) {
    let words = lock().clone();
    note(&format!("\ncratedigger: interrupted: {words}"));
    // Until the end nobody makes another one.
    let _none = cratedigger_files::remove_temporaries();
    // Whoever started the process is to see that a signal ended it.
    let _ = low_level::emulate_default_handler(signal);
    low_level::exit(128 + signal);
}

/// Whether this process was started to ignore a signal, as by `nohup`.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
