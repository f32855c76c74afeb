//! A policy document. What is valid reads back from what is written.

#![no_main]

use ingest::Place;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match ingest::policy::read(text, &Place::file("policy.json")) {
        Err(errors) => assert!(!errors.is_empty(), "it failed without a word"),
        Ok(policy) => {
            let written = ingest::policy::write(&policy);
            let again = ingest::policy::read(&written, &Place::file("again.json"));
            assert_eq!(again.as_ref(), Ok(&policy), "{written}");
        }
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    fuzz::mutate_json(data, size, max_size, seed)
});
