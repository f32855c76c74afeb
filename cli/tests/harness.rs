//! Every claim of a file is a test of its own.

vpcproof::test_main!(
    "tests/networks/small.invariants.toml",
    "tests/networks/small.toml"
);
