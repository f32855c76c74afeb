//! The directory that the CDK synthesizes into: the templates of all its stacks.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// How deep assemblies are nested: that of an application, of a stage, of a stage in it.
const MAX_DEPTH: usize = 3;

/// Whether a directory is an assembly: the CDK writes the version of its form into a file `cdk.out`.
pub(super) fn is_assembly(path: &Path) -> bool {
    path.join("cdk.out").is_file() && path.join("manifest.json").is_file()
}

/// The templates of an assembly and of those in it, those of nested stacks among them, by name.
pub(super) fn templates(path: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    list(path, MAX_DEPTH, &mut found);
    found.sort();
    found
}

fn list(path: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if name.ends_with(".template.json") && path.is_file() {
            found.push(path);
        } else if depth > 1 && is_assembly(&path) {
            list(&path, depth - 1, found);
        }
    }
}
