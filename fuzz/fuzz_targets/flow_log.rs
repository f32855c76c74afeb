//! A flow log of `vpcproof replay`, with a header or without: each line is a record that is judged,
//! or says why it is none.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    vpcproof::fuzzing::flow_log(data);
});
