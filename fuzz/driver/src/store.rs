#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (cratedigger_fuzz::find("store").expect("a target of this name").run)(bytes);
});
