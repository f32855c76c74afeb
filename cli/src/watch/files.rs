//! The files that a run reads, and whether they are as they were.
//!
//! They are looked at again and again. Notices of the system would come earlier, and do not come at all for files of
//! other machines or of a container's host, for which an editor puts another file in the place of the one that was
//! watched, and when the system's queue is full.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ingest::is_terraform_file;

/// How many files are looked at.
const MOST_FILES: usize = 200_000;
/// How deep folders of `.tf` files are searched, modules that were fetched among them.
const MOST_FOLDERS: usize = 12;
/// How deep the readers search the directory of a snapshot.
const FOLDERS_OF_SNAPSHOT: usize = 2;
/// Some file systems tell times in steps of two seconds: a file that was written this long ago may be written
/// once more with the same time.
const RECENT: Duration = Duration::from_secs(3);

/// What is looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watched {
    roots: Vec<Root>,
    /// What the program itself writes.
    without: Vec<PathBuf>,
}

#[derive(Clone, Debug)]
struct Root {
    path: PathBuf,
    folders: usize,
    is_of_directory: fn(&str) -> bool,
}

/// What files looked like; those that are not there are not in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Look {
    stamps: BTreeMap<PathBuf, Stamp>,
}

#[derive(Clone, Copy, Debug)]
struct Stamp {
    bytes: u64,
    written: Option<SystemTime>,
    /// Of the content, while the time alone is not enough.
    digest: Option<u64>,
}

impl Watched {
    /// Watches a file, or what the readers take for a network in a directory: also files that come.
    pub(crate) fn network(&mut self, path: &Path) {
        self.push(path, FOLDERS_OF_SNAPSHOT, |name| ends_with(name, ".json"));
    }

    /// Watches a file that may not be there.
    pub(crate) fn file(&mut self, path: &Path) {
        self.push(path, 0, |_| false);
    }

    /// Watches a directory of Terraform's files with the local modules that the `.tf` files among them
    /// call. Of another kind of file is told that it is not read, so it is waited for as well.
    pub(crate) fn terraform_files(&mut self, path: &Path) {
        let is_read = |name: &str| is_terraform_file(Path::new(name)) || name == "modules.json";
        self.push(path, MOST_FOLDERS, is_read);
        let mut waiting = vec![path.to_owned()];
        let mut seen = Vec::new();
        while let Some(directory) = waiting.pop() {
            if seen.contains(&directory) || seen.len() >= MOST_FILES {
                continue;
            }
            let names = fs::read_dir(&directory).into_iter().flatten().flatten();
            let files = names.map(|entry| entry.path());
            let files = files.filter(|file| file.extension().is_some_and(|of| of == "tf"));
            let texts = files.filter_map(|file| fs::read_to_string(file).ok());
            waiting.extend(texts.flat_map(|text| modules(&text, &directory)));
            // A module may be outside of the directory.
            self.push(&directory, 0, is_read);
            seen.push(directory);
        }
    }

    /// Leaves out what the program itself writes.
    pub(crate) fn without(&mut self, path: &Path) {
        self.without.push(absolute(path));
    }

    fn push(&mut self, path: &Path, folders: usize, is_of_directory: fn(&str) -> bool) {
        self.roots.push(Root {
            path: path.to_owned(),
            folders,
            is_of_directory,
        });
    }

    /// What was named and cannot be read twice, as a pipe.
    pub(crate) fn unrepeatable(&self) -> Option<&Path> {
        let paths = self.roots.iter().map(|root| root.path.as_path());
        let mut found = paths.filter(|path| {
            let found = fs::metadata(path);
            found.is_ok_and(|found| !found.is_file() && !found.is_dir())
        });
        found.next()
    }

    /// Looks at all of them. `earlier` is the look that this one will be compared with.
    pub(crate) fn look(&self, earlier: Option<&Look>) -> Look {
        let mut look = Look::default();
        for root in &self.roots {
            match fs::metadata(&root.path) {
                Ok(found) if found.is_dir() => {
                    self.directory(root, &root.path, root.folders, earlier, &mut look);
                }
                Ok(found) => self.stamp(&root.path, &found, earlier, &mut look),
                // It is not there.
                Err(_) => {}
            }
        }
        look
    }

    fn directory(
        &self,
        root: &Root,
        directory: &Path,
        folders: usize,
        earlier: Option<&Look>,
        look: &mut Look,
    ) {
        let entries = fs::read_dir(directory).into_iter().flatten().flatten();
        for entry in entries {
            let path = entry.path();
            let Ok(found) = fs::metadata(&path) else {
                continue;
            };
            if found.is_dir() {
                if let Some(folders) = folders.checked_sub(1) {
                    self.directory(root, &path, folders, earlier, look);
                }
            } else if (root.is_of_directory)(&entry.file_name().to_string_lossy()) {
                self.stamp(&path, &found, earlier, look);
            }
        }
    }

    fn stamp(&self, path: &Path, found: &Metadata, earlier: Option<&Look>, look: &mut Look) {
        let is_too_many = look.stamps.len() >= MOST_FILES;
        if is_too_many || !found.is_file() || self.without.contains(&absolute(path)) {
            return;
        }
        let written = found.modified().ok();
        let age = written.and_then(|written| written.elapsed().ok());
        let is_recent = age.is_none_or(|age| age < RECENT);
        let before = earlier.and_then(|earlier| earlier.stamps.get(path));
        let of_before = before.and_then(|before| before.digest);
        let needs_digest = is_recent || of_before.is_some();
        let digest = needs_digest.then(|| digest(path)).flatten();
        // From now on its time is enough, if it is as it was.
        let is_settled = !is_recent && digest == of_before;
        let stamp = Stamp {
            bytes: found.len(),
            written,
            digest: digest.filter(|_| !is_settled),
        };
        look.stamps.insert(path.to_owned(), stamp);
    }
}

fn digest(path: &Path) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    fs::read(path).ok()?.hash(&mut hasher);
    Some(hasher.finish())
}

impl Look {
    pub(crate) fn n_files(&self) -> usize {
        self.stamps.len()
    }

    /// The files that are not as they were, gone or new.
    pub(crate) fn changed(&self, later: &Look) -> Vec<PathBuf> {
        let both = self.stamps.keys().chain(later.stamps.keys());
        let is_changed = |path: &&PathBuf| match (self.stamps.get(*path), later.stamps.get(*path)) {
            (Some(one), Some(other)) => one.differs(other),
            (Some(_), None) | (None, Some(_)) => true,
            (None, None) => false,
        };
        let mut changed: Vec<PathBuf> = both.filter(is_changed).cloned().collect();
        changed.sort();
        changed.dedup();
        changed
    }
}

impl Stamp {
    fn differs(&self, later: &Stamp) -> bool {
        let is_other_text =
            matches!((self.digest, later.digest), (Some(one), Some(other)) if one != other);
        self.bytes != later.bytes || self.written != later.written || is_other_text
    }
}

fn ends_with(name: &str, suffix: &str) -> bool {
    let start = name.len().checked_sub(suffix.len());
    start.is_some_and(|start| {
        name.get(start..)
            .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    })
}

fn absolute(path: &Path) -> PathBuf {
    let of_parent = || {
        let parent = fs::canonicalize(match path.parent()? {
            parent if parent.as_os_str().is_empty() => Path::new("."),
            parent => parent,
        });
        Some(parent.ok()?.join(path.file_name()?))
    };
    of_parent().unwrap_or_else(|| path.to_owned())
}

/// The directories of the local modules that a text of HCL calls, and perhaps others.
fn modules(text: &str, directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for line in text.lines() {
        let Some(("source", value)) = line.split_once('=').map(|(key, value)| (key.trim(), value))
        else {
            continue;
        };
        let value = value.trim().trim_matches('"');
        if value.starts_with("./") || value.starts_with("../") {
            found.push(directory.join(value));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched(directory: &Path) -> Watched {
        let mut watched = Watched::default();
        watched.network(directory);
        watched
    }

    fn names(look: &Look, later: &Look) -> Vec<String> {
        let changed = look.changed(later);
        let names = changed.iter().map(|path| path.file_name().unwrap());
        names
            .map(|name| name.to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn files_that_change_come_and_go_are_seen() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::create_dir_all(at("account/region")).unwrap();
        for name in ["a.json", "account/region/b.json", "left-out.txt"] {
            fs::write(at(name), "one").unwrap();
        }
        let watched = watched(directory.path());
        let first = watched.look(None);
        assert_eq!(first.n_files(), 2);
        assert!(names(&first, &watched.look(Some(&first))).is_empty());
        fs::write(at("a.json"), "two").unwrap();
        fs::write(at("c.json"), "new").unwrap();
        fs::write(at("left-out.txt"), "two").unwrap();
        fs::remove_file(at("account/region/b.json")).unwrap();
        let second = watched.look(Some(&first));
        assert_eq!(names(&first, &second), ["a.json", "b.json", "c.json"]);
    }

    #[test]
    fn a_file_that_is_written_twice_at_the_same_time_is_seen() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.json");
        let write = |text: &str, at: SystemTime| {
            fs::write(&path, text).unwrap();
            let file = fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(at).unwrap();
        };
        let at = SystemTime::now();
        let watched = watched(directory.path());
        write("one", at);
        let first = watched.look(None);
        write("two", at);
        assert_eq!(names(&first, &watched.look(Some(&first))), ["a.json"]);
    }

    #[test]
    fn a_file_that_was_written_long_ago_is_not_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.json");
        fs::write(&path, "one").unwrap();
        let watched = watched(directory.path());
        let has_digest = |look: &Look| look.stamps[&path].digest.is_some();
        let first = watched.look(None);
        assert!(has_digest(&first));
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - 2 * RECENT).unwrap();
        let second = watched.look(Some(&first));
        assert_eq!(names(&first, &second), ["a.json"], "its time changed");
        assert!(!has_digest(&second) && !has_digest(&watched.look(Some(&second))));
    }

    #[test]
    fn what_the_program_writes_is_left_out() {
        let directory = tempfile::tempdir().unwrap();
        let mut watched = watched(directory.path());
        watched.without(&directory.path().join("report.json"));
        let first = watched.look(None);
        fs::write(directory.path().join("report.json"), "{}").unwrap();
        assert!(names(&first, &watched.look(Some(&first))).is_empty());
    }

    #[test]
    fn a_file_that_is_not_there_is_waited_for() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("vpcproof.toml");
        let mut watched = Watched::default();
        watched.file(&path);
        let first = watched.look(None);
        fs::write(&path, "").unwrap();
        assert_eq!(
            names(&first, &watched.look(Some(&first))),
            ["vpcproof.toml"]
        );
    }

    #[test]
    fn local_modules_are_watched_too() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        for folder in ["root", "modules/vpc", "modules/subnet"] {
            fs::create_dir_all(at(folder)).unwrap();
        }
        let call = |of: &str| format!("module \"m\" {{\n  source  = \"{of}\"\n}}\n");
        fs::write(at("root/main.tf"), call("../modules/vpc")).unwrap();
        fs::write(at("modules/vpc/main.tf"), call("../subnet")).unwrap();
        fs::write(at("modules/subnet/main.tf"), "").unwrap();
        let mut watched = Watched::default();
        watched.terraform_files(&at("root"));
        let first = watched.look(None);
        fs::write(at("modules/subnet/main.tf"), "locals {}").unwrap();
        assert_eq!(names(&first, &watched.look(Some(&first))), ["main.tf"]);
    }

    #[test]
    fn the_manifest_of_fetched_modules_is_watched_and_what_else_is_there_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::create_dir_all(at(".terraform/modules/vpc")).unwrap();
        let files = [
            "main.tf",
            "generated.tf.json",
            "more.tofu",
            ".terraform/modules/modules.json",
            ".terraform/modules/vpc/main.tf",
        ];
        let others = ["terraform.tfstate", ".terraform/environment", "other.json"];
        for name in files.iter().chain(&others) {
            fs::write(at(name), "").unwrap();
        }
        let mut watched = Watched::default();
        watched.terraform_files(directory.path());
        let first = watched.look(None);
        assert_eq!(first.n_files(), files.len());
        for name in files {
            fs::write(at(name), "# edited").unwrap();
            let changed = first.changed(&watched.look(Some(&first)));
            assert_eq!(changed, [at(name)]);
            fs::write(at(name), "").unwrap();
            let file = fs::File::options().write(true).open(at(name)).unwrap();
            let written = first.stamps[&at(name)].written.unwrap();
            file.set_modified(written).unwrap();
        }
        for name in others {
            fs::write(at(name), "edited").unwrap();
        }
        assert!(names(&first, &watched.look(Some(&first))).is_empty());
    }
}
