//! Links the pinned z3, or says in one sentence what to run.
//!
//! The settings in `.cargo/config.toml` keep the bindings from finding any other z3, so without this file the
//! first word of trouble would come from the linker.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::path::PathBuf;

/// The only version that `solver::version::check` accepts. `tools/fetch-z3` and `.cargo/config.toml` name it too.
const PINNED: &str = "5.3.3.0";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=Z3_LIBRARY_PATH_OVERRIDE");
    println!("cargo::rerun-if-env-changed=Z3_SYS_Z3_VERSION");
    println!("cargo::rustc-env=VPCPROOF_PINNED_Z3={PINNED}");
    if let Err(sentence) = link() {
        println!("cargo::error={sentence}");
    }
}

fn link() -> Result<(), String> {
    let lib = PathBuf::from(env::var_os("Z3_LIBRARY_PATH_OVERRIDE").ok_or_else(settings_not_read)?);
    let bindings_version = env::var("Z3_SYS_Z3_VERSION").map_err(|_| settings_not_read())?;
    if !PINNED.starts_with(&format!("{bindings_version}.")) {
        return Err(format!(
            "Z3_SYS_Z3_VERSION is `{bindings_version}`, but the solver is written for z3 {PINNED}: set it to the \
             first three numbers"
        ));
    }

    let library = lib.join(file_name()?);
    let stamp = lib.with_file_name("version");
    println!("cargo::rerun-if-changed={}", library.display());
    println!("cargo::rerun-if-changed={}", stamp.display());
    let version = fs::read_to_string(&stamp).unwrap_or_default();
    if version.trim() != PINNED || !library.exists() {
        return Err(format!(
            "z3 {PINNED} is not in `{}` yet: run `tools/fetch-z3` once (seconds; no root, no compiler) and build again",
            lib.display()
        ));
    }
    println!("cargo::rustc-link-search=native={}", lib.display());
    offer_to_cargo(&lib)
}

/// Cargo lets the programs that it starts load libraries from folders inside its target folder only. Naming the
/// library there makes doctests work, which are built elsewhere, and the tests of projects that use this crate.
fn offer_to_cargo(lib: &Path) -> Result<(), String> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(settings_not_read)?);
    let failed = |error| format!("could not link z3 into `{}`: {error}", out.display());
    for entry in fs::read_dir(lib).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = out.join(entry.file_name());
        let _absent_is_fine = fs::remove_file(&name);
        symlink(entry.path(), name).map_err(failed)?;
    }
    println!("cargo::rustc-link-search=native={}", out.display());
    Ok(())
}

fn file_name() -> Result<&'static str, String> {
    match env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("linux") => Ok("libz3.so"),
        Ok("macos") => Ok("libz3.dylib"),
        _ => Err("vpcproof builds for Linux and macOS only".to_owned()),
    }
}

fn settings_not_read() -> String {
    "the z3 settings are missing: run cargo from inside the vpcproof repository, or copy the lines of its \
     `.cargo/config.toml` into the project that uses vpcproof"
        .to_owned()
}
