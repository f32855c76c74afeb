//! What has to hold of every reading of what others wrote, whatever it is: for the fuzz targets, and
//! for a test that makes the same mistakes in every run.

use std::path::Path;

use crate::access_scope;
use crate::invariant_file;
use crate::replay::{Format, Line, Replayer};

/// Whether a scope is imported. What it says as claims is an invariant file; what cannot be said says why.
pub(crate) fn access_scope(path: &Path) -> bool {
    let scope = match ingest::access_scope::read(path) {
        Ok(scope) => scope,
        Err(error) => {
            let mut errors = error.diagnostics.iter().filter(|one| one.is_error());
            assert!(errors.next().is_some(), "it failed without a word");
            return false;
        }
    };
    match access_scope::claims(&scope) {
        Ok(claims) => {
            let text = access_scope::write(&claims, "scope", "scope.json");
            let read = invariant_file::read_text("vpcproof.toml", &text);
            let scope = std::fs::read_to_string(path);
            assert!(read.is_ok(), "{:?}\n{text}\n{scope:?}", read.err());
            true
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "it failed without a word");
            for problem in problems {
                assert!(!problem.message.is_empty() && !problem.place.file.is_empty());
            }
            false
        }
    }
}

/// How many records of a flow log are judged. Its first line may say what the fields are.
pub(crate) fn flow_log(bytes: &[u8], replayer: &Replayer) -> usize {
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').peekable();
    let first = lines.peek().and_then(|line| str::from_utf8(line).ok());
    let format = match first.filter(|line| Format::is_header(line)) {
        None => Format::default(),
        Some(header) => match Format::parse(header) {
            Ok(format) => format,
            Err(message) => {
                assert!(!message.is_empty(), "it failed without a word");
                return 0;
            }
        },
    };
    let mut n_judged = 0;
    for line in lines {
        match format.read(line) {
            Ok(Line::Record(record)) => {
                let _judged = replayer.judge(&record);
                n_judged += 1;
            }
            Ok(Line::Header | Line::NoData) => {}
            Err(why) => assert!(!why.told().is_empty(), "it failed without a word"),
        }
    }
    n_judged
}

#[cfg(test)]
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "A mistake that does not fit a kind of value becomes another mistake."
)]
#[path = "../../ingest/tests/hostile/mutate.rs"]
mod mutate;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::mutate::{self, Random};
    use super::{access_scope, flow_log};
    use crate::replay::Replayer;

    const N_OF_EACH: usize = 60;

    fn files(folder: &str) -> Vec<PathBuf> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut files: Vec<PathBuf> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        assert!(!files.is_empty());
        files
    }

    #[test]
    fn scopes_with_mistakes_are_imported_or_refused_by_name() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("scope.json");
        let mut random = Random::new(1);
        let (mut n_imported, mut n_refused) = (0, 0);
        for file in files("tests/scopes") {
            let text = fs::read_to_string(file).unwrap();
            for _ in 0..N_OF_EACH {
                let mut value = serde_json::from_str(&text).unwrap();
                for _ in 0..=random.below(3) {
                    mutate::mutate(&mut value, &mut random);
                }
                fs::write(&path, value.to_string()).unwrap();
                if access_scope(&path) {
                    n_imported += 1;
                } else {
                    n_refused += 1;
                }
            }
            fs::write(&path, &text[..random.below(text.len())]).unwrap();
            access_scope(&path);
        }
        assert!(
            n_imported > 20 && n_refused > 20,
            "{n_imported}, {n_refused}"
        );
    }

    #[test]
    fn flow_logs_with_mistakes_are_judged_or_refused_by_name() {
        let network = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/networks/shop.toml");
        let validated = ingest::read(&[network]).unwrap().validate().unwrap();
        let replayer = Replayer::new(&validated.network);
        let mut random = Random::new(2);
        let (mut n_judged, mut n_refused) = (0, 0);
        for file in files("../fuzz/seeds/flow_log") {
            let bytes = fs::read(file).unwrap();
            assert!(flow_log(&bytes, &replayer) > 0);
            for _ in 0..20 * N_OF_EACH {
                let mut bytes = bytes.clone();
                for _ in 0..=random.below(3) {
                    let position = random.below(bytes.len());
                    match random.below(3) {
                        0 => bytes[position] = b"0123456789.:- \n"[random.below(15)],
                        1 => bytes[position] = u8::try_from(random.below(256)).unwrap(),
                        _ => {
                            bytes.remove(position);
                        }
                    }
                }
                match flow_log(&bytes, &replayer) {
                    0 => n_refused += 1,
                    n => n_judged += n,
                }
            }
        }
        assert!(n_judged > 100 && n_refused > 20, "{n_judged}, {n_refused}");
    }
}
