#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (cratedigger_fuzz::find("contract").expect("a target of this name").run)(bytes);
});
