//! What a bench saw besides the time: verdicts, shares, counts. The report prints it beside the
//! times; criterion has no place for it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The folder in which criterion keeps its results, found in the order in which criterion does.
pub fn criterion_folder() -> PathBuf {
    let target = || match env::var_os("CARGO_TARGET_DIR") {
        Some(target) => PathBuf::from(target),
        None => workspace().join("target"),
    };
    env::var_os("CRITERION_HOME").map_or_else(|| target().join("criterion"), PathBuf::from)
}

/// The folder of the workspace.
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The notes of one bench.
#[derive(Clone, Debug)]
pub struct Notes {
    bench: &'static str,
    said: BTreeMap<String, String>,
}

impl Notes {
    /// No notes yet.
    pub const fn new(bench: &'static str) -> Self {
        Self {
            bench,
            said: BTreeMap::new(),
        }
    }

    /// Notes something about a benchmark or, under another key, about the bench.
    pub fn say(&mut self, key: impl Into<String>, what: impl Into<String>) {
        self.said.insert(key.into(), what.into());
    }

    /// Writes them beside criterion's results.
    ///
    /// # Panics
    ///
    /// When the folder cannot be written.
    pub fn write(&self) {
        let folder = criterion_folder().join("notes");
        fs::create_dir_all(&folder).expect("the target folder can be written");
        let text = serde_json::to_string_pretty(&self.said).expect("strings are JSON");
        let file = folder.join(format!("{}.json", self.bench));
        fs::write(file, text).expect("the target folder can be written");
    }
}
