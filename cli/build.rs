//! Lets `cargo install --path cli` work: a program that is copied elsewhere no longer lies beside `.z3`, so it is
//! also told where `.z3` was when it was built.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=Z3_LIBRARY_PATH_OVERRIDE");
    if let Ok(lib) = env::var("Z3_LIBRARY_PATH_OVERRIDE") {
        println!("cargo::rustc-link-arg-bins=-Wl,-rpath,{lib}");
    }
}
