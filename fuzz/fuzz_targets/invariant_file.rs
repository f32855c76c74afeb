//! An invariant file, and what its selectors mean in a network.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        vpcproof::fuzzing::invariant_file(text);
    }
});
