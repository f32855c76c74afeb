//! A directory of AWS CLI output, as [`fuzz::read_directory`] spells it.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|data: &[u8]| {
    fuzz::read_directory(data);
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    fuzz::mutate_directory(data, size, max_size, seed)
});
