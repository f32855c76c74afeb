//! The program, run in a directory of its own.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]
#![allow(dead_code, reason = "Each test uses some of these.")]

pub mod config;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A claim that holds in `small.toml`.
pub const PRIVATE: &str = r#"
[[never]]
name = "database-is-private"
from = "internet"
to   = "interface tag:tier=db"
"#;
/// A claim that is violated there.
pub const REACHED: &str = r#"
[[never]]
name = "app-stays-off-the-database"
from = "interface tag:tier=app"
to   = "interface tag:tier=db"
"#;

/// What a run left.
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// A directory where the program runs, without an invariant file above it.
pub struct Place {
    directory: TempDir,
}

pub fn network(name: &str) -> String {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "networks", name]
        .iter()
        .collect();
    path.display().to_string()
}

impl Place {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { directory }
    }

    /// With an invariant file.
    pub fn with(invariants: &str) -> Self {
        let place = Self::new();
        fs::write(place.path("vpcproof.toml"), invariants).unwrap();
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, "", &[])
    }

    pub fn run_with(&self, arguments: &[&str], input: &str, variables: &[(&str, &str)]) -> Run {
        let mut child = Command::new(env!("CARGO_BIN_EXE_vpcproof"))
            .args(arguments)
            .current_dir(self.directory.path())
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Written beside the reading, since a pipe holds little and both sides would wait.
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_owned();
        let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
        let output = child.wait_with_output().unwrap();
        // A program that stops reading early closes the pipe, which is its right.
        drop(writer.join().unwrap());
        Run {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Whether a file is there with some text in it.
pub fn has(path: &Path, text: &str) -> bool {
    fs::read_to_string(path).is_ok_and(|found| found.contains(text))
}
