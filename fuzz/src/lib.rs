//! What the fuzz targets share: inputs as files, what has to hold of every reading, and mistakes in
//! the structure of JSON, which bytes alone seldom make.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ingest::Validated;
use libfuzzer_sys::fuzzer_mutate;
use tempfile::TempDir;

#[path = "../../ingest/tests/hostile/mutate.rs"]
mod mutate;

use mutate::Random;

/// A directory of this process; `fuzz/run` lets it lie in memory.
fn directory() -> &'static Path {
    static DIRECTORY: OnceLock<TempDir> = OnceLock::new();
    DIRECTORY
        .get_or_init(|| tempfile::tempdir().expect("a directory"))
        .path()
}

/// One file of that name and content.
pub fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = directory().join(name);
    fs::write(&path, bytes).expect("a file");
    path
}

/// Reads one file of that name and content.
pub fn read_file(name: &str, bytes: &[u8]) -> Option<Validated> {
    read(file(name, bytes))
}

/// What begins a file in the input of `describe`, before its name and a line break.
const FILE: &str = "=== ";

/// Reads a directory of files that stand one after the other, each behind a line `=== NAME`.
pub fn read_directory(text: &[u8]) -> Option<Validated> {
    let path = directory().join("describe");
    let _absent_the_first_time = fs::remove_dir_all(&path);
    fs::create_dir(&path).expect("a directory");
    for (name, content) in files(text) {
        fs::write(path.join(name), content).expect("a file");
    }
    read(path)
}

fn files(bytes: &[u8]) -> Vec<(String, &[u8])> {
    const MOST: usize = 64;
    let mut files: Vec<(String, &[u8])> = Vec::new();
    for part in split(bytes, FILE.as_bytes()).into_iter().take(MOST) {
        let end = part.iter().position(|byte| *byte == b'\n');
        let (name, content) = part.split_at(end.unwrap_or(part.len()));
        let name: String = String::from_utf8_lossy(name)
            .chars()
            .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-')
            .take(60)
            .collect();
        files.push((format!("{name}.json"), content));
    }
    files
}

fn split<'a>(bytes: &'a [u8], by: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (position, window) in bytes.windows(by.len()).enumerate() {
        if window == by && position >= start {
            parts.push(&bytes[start..position]);
            start = position + by.len();
        }
    }
    parts.push(&bytes[start..]);
    parts.into_iter().filter(|part| !part.is_empty()).collect()
}

/// Reads and validates. What cannot be used says why, each time with a place and in one line.
fn read(path: PathBuf) -> Option<Validated> {
    let outcome = ingest::read(&[path]).and_then(|read| read.validate());
    match outcome {
        Ok(validated) => Some(validated),
        Err(error) => {
            assert!(
                error.diagnostics.iter().any(|one| one.is_error()),
                "it failed without a word"
            );
            for diagnostic in &error.diagnostics {
                assert!(!diagnostic.message.is_empty() && !diagnostic.place.file.is_empty());
            }
            None
        }
    }
}

/// Changes JSON in its structure, and in its bytes every other time; for `fuzz_mutator!`.
pub fn mutate_json(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    if seed.is_multiple_of(2) {
        return fuzzer_mutate(data, size, max_size);
    }
    let mut random = Random::new(u64::from(seed));
    let Ok(mut value) = serde_json::from_slice(&data[..size]) else {
        return fuzzer_mutate(data, size, max_size);
    };
    for _ in 0..=random.below(3) {
        mutate::mutate(&mut value, &mut random);
    }
    let text = value.to_string();
    put(data, text.as_bytes(), size, max_size)
}

/// The same in one of the files of a directory.
pub fn mutate_directory(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut random = Random::new(u64::from(seed));
    let mut files: Vec<(String, Vec<u8>)> = files(&data[..size])
        .into_iter()
        .map(|(name, content)| (name, content.to_vec()))
        .collect();
    if seed.is_multiple_of(2) || files.is_empty() {
        return fuzzer_mutate(data, size, max_size);
    }
    let chosen = random.below(files.len());
    let Ok(mut value) = serde_json::from_slice(&files[chosen].1) else {
        return fuzzer_mutate(data, size, max_size);
    };
    for _ in 0..=random.below(3) {
        mutate::mutate(&mut value, &mut random);
    }
    files[chosen].1 = value.to_string().into_bytes();
    let mut text = Vec::new();
    for (name, content) in &files {
        text.extend_from_slice(FILE.as_bytes());
        text.extend_from_slice(name.trim_end_matches(".json").as_bytes());
        text.push(b'\n');
        text.extend_from_slice(content);
        text.push(b'\n');
    }
    put(data, &text, size, max_size)
}

fn put(data: &mut [u8], text: &[u8], size: usize, max_size: usize) -> usize {
    if text.len() > max_size.min(data.len()) {
        return fuzzer_mutate(data, size, max_size);
    }
    data[..text.len()].copy_from_slice(text);
    text.len()
}
