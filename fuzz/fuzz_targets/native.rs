//! A native network file. What is valid reads back from what is written.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(read) = fuzz::read_file("network.toml", data) else {
        return;
    };
    let text = ingest::native::write(&read.network);
    let Some(again) = fuzz::read_file("again.toml", text.as_bytes()) else {
        panic!("what was written is not valid:\n{text}");
    };
    assert_eq!(again.network, read.network, "{text}");
});
