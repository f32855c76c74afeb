//! The files of a directory, as JSON documents in the order of their names.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::json::Value;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::file::{File, Limits};
use crate::json::{self, Budget};
use crate::sink::Sink;

/// How deep folders are searched: `account/region` and the files in them.
const MAX_FOLDERS: usize = 2;
/// How many files one directory may have.
const MAX_FILES: usize = 100_000;

/// One file of the directory.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// The file as the caller would name it.
    pub(super) file: Arc<str>,
    /// Its name from the directory on, with `/` between folders.
    pub(super) name: String,
    pub(super) sha256: String,
    pub(super) value: Value,
}

impl Document {
    /// The folders from the directory on, `""` for its own files.
    pub(super) fn folder(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The name without folders and without `.json` or `.json.gz`.
    pub(super) fn stem(&self) -> &str {
        let name = self.name.rsplit('/').next().unwrap_or_default();
        let name = name.strip_suffix(".gz").unwrap_or(name);
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }
}

/// Reads every JSON file; `None` when there is none.
pub(super) fn read(path: &Path, limits: Limits, sink: &mut Sink) -> Option<Vec<Document>> {
    let directory = Place::file(path.display().to_string());
    let mut names = Vec::new();
    list(path, "", MAX_FOLDERS, &mut names, sink);
    names.sort();
    if names.is_empty() && !sink.has_errors() {
        let message = "the directory has no JSON file";
        let diagnostic = Diagnostic::error(directory.clone(), Code::EmptyDirectory, message);
        let help = "expected the output of AWS CLI calls, as `aws ec2 describe-vpcs > \
                    describe-vpcs.json`, in it or in account/region folders";
        sink.push(diagnostic.help(help));
    }
    if names.len() > MAX_FILES {
        let message = format!("the directory has more than {MAX_FILES} JSON files");
        sink.error(directory, Code::FileTooLarge, message);
        return None;
    }
    let budget = Budget::default();
    let mut documents = Vec::new();
    for (name, file) in names {
        let read = File::read(&file, limits);
        let parsed = read.and_then(|file| {
            let value = json::parse(file.text(), &file.name, &budget)?;
            Ok((file, value))
        });
        match parsed {
            Ok((file, value)) => documents.push(Document {
                file: file.name,
                name,
                sha256: file.sha256,
                value,
            }),
            Err(diagnostic) => sink.push(*diagnostic),
        }
    }
    (!documents.is_empty()).then_some(documents)
}

fn list(
    path: &Path,
    prefix: &str,
    folders: usize,
    names: &mut Vec<(String, PathBuf)>,
    sink: &mut Sink,
) {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => {
            let place = Place::file(path.display().to_string());
            let message = format!("cannot be read: {error}");
            sink.error(place, Code::UnreadableFile, message);
            return;
        }
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || names.len() > MAX_FILES {
            continue;
        }
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            if let Some(folders) = folders.checked_sub(1) {
                list(&path, &format!("{name}/"), folders, names, sink);
            }
        } else if is_json(&path) {
            names.push((name, path));
        }
    }
}

/// Whether a file is JSON by its name, packed or not.
fn is_json(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str);
    let name = name.unwrap_or_default().to_ascii_lowercase();
    [".json", ".json.gz"].iter().any(|end| name.ends_with(end))
}
