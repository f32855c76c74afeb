//! A line of `vpcproof trace --flows`: whatever it is, the answer is one line of JSON.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|data: &[u8]| {
    let answer = vpcproof::fuzzing::flow_line(data);
    assert!(!answer.contains('\n'), "{answer}");
    let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    assert!(
        answer.get("error").is_some() != answer.get("disposition").is_some(),
        "{answer}"
    );
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    fuzz::mutate_json(data, size, max_size, seed)
});
