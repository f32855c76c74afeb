//! A Network Access Scope. What is imported is an invariant file that can be read.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|data: &[u8]| {
    vpcproof::fuzzing::access_scope(&fuzz::file("scope.json", data));
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    fuzz::mutate_json(data, size, max_size, seed)
});
