//! A CloudFormation template in YAML, or any other YAML file.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    fuzz::read_file("template.yaml", data);
});
