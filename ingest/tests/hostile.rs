//! Recorded inputs with mistakes made on purpose: cut short, one byte changed, the structure of the
//! JSON changed. Whatever they say, reading ends soon, without a panic, in a network or in an error.
//!
//! The mistakes are the same in every run. `fuzz/` looks for others, with the same mutator.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unreachable,
    reason = "A test that cannot go on fails."
)]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "A mistake that does not fit a kind of value becomes another mistake."
)]

#[path = "hostile/mutate.rs"]
mod mutate;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mutate::Random;
use serde_json::Value;

/// How long one input of some hundred kilobytes may take, on a machine that has other things to do.
const MOST: Duration = Duration::from_secs(5);

/// How reading ended, and how often.
#[derive(Debug, Default)]
struct Tally {
    read: usize,
    refused: usize,
}

impl Tally {
    /// A property that met only one of the two says nothing of the other.
    fn met_both(&self, n_inputs: usize) {
        assert_eq!(self.read + self.refused, n_inputs, "{self:?}");
        assert!(self.read > 0 && self.refused > 0, "{self:?}");
    }

    /// Reads and validates one input.
    fn read(&mut self, path: &Path, what: &str) {
        let started = Instant::now();
        let outcome = ingest::read(&[path.to_owned()]).and_then(|read| read.validate());
        let elapsed = started.elapsed();
        assert!(elapsed < MOST, "{what}: {elapsed:?}");
        match outcome {
            Ok(_) => self.read += 1,
            Err(error) => {
                let mut errors = error.diagnostics.iter().filter(|one| one.is_error());
                assert!(errors.next().is_some(), "{what}: refused without a word");
                for one in &error.diagnostics {
                    assert!(!one.place.file.is_empty(), "{what}: {one}");
                    assert!(!one.message.contains('\n'), "{what}: {one}");
                }
                self.refused += 1;
            }
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files of some folders with that extension, in order.
fn files(folders: &[&str], extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "there are no files in {folders:?}");
    found
}

fn plans() -> Vec<PathBuf> {
    files(
        &[
            "fixtures/tokyo-endpoints",
            "ingest/tests/terraform/change",
            "ingest/tests/terraform/load_balancers",
            "ingest/tests/terraform/modules",
        ],
        "json",
    )
}

/// A copy of the recorded directory, of which one file after the other is spoilt.
struct Snapshot {
    directory: tempfile::TempDir,
    files: Vec<(String, Vec<u8>)>,
}

impl Snapshot {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut copies = Vec::new();
        for path in files(&["fixtures/tokyo-endpoints/describe"], "json") {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let bytes = fs::read(&path).unwrap();
            fs::write(directory.path().join(&name), &bytes).unwrap();
            copies.push((name, bytes));
        }
        Self {
            directory,
            files: copies,
        }
    }

    /// Reads the directory with `bytes` in the place of one file.
    fn read_with(&self, name: &str, bytes: &[u8], tally: &mut Tally, what: &str) {
        let path = self.directory.path().join(name);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, bytes).unwrap();
        tally.read(self.directory.path(), what);
        fs::write(&path, whole).unwrap();
    }
}

/// Reads one file of that name and content.
fn read_file(name: &str, bytes: &[u8], tally: &mut Tally, what: &str) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    fs::write(&path, bytes).unwrap();
    tally.read(&path, what);
}

/// `n` places in something of that length, the last byte among them.
fn places(length: usize, n: usize) -> impl Iterator<Item = usize> {
    (1..=n).map(move |place| length * place / n - 1)
}

fn flipped(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let position = random.below(bytes.len());
    bytes[position] ^= 1 << random.below(8);
    bytes
}

fn mutated(document: &Value, random: &mut Random) -> Vec<u8> {
    let mut document = document.clone();
    for _ in 0..=random.below(3) {
        mutate::mutate(&mut document, random);
    }
    document.to_string().into_bytes()
}

#[test]
fn a_directory_with_a_spoilt_file_is_read_or_refused() {
    const EACH: usize = 2;
    let snapshot = Snapshot::new();
    let (mut tally, mut n_inputs) = (Tally::default(), 0);
    for (seed, (name, bytes)) in (1..).zip(&snapshot.files) {
        let mut random = Random::new(seed);
        for place in places(bytes.len(), EACH) {
            let what = format!("{name} cut at {place}");
            snapshot.read_with(name, &bytes[..place], &mut tally, &what);
        }
        for turn in 0..EACH {
            let what = format!("{name}, seed {seed}, flip {turn}");
            snapshot.read_with(name, &flipped(bytes, &mut random), &mut tally, &what);
        }
        n_inputs += 2 * EACH;
    }
    tally.met_both(n_inputs);
}

#[test]
fn a_directory_with_another_structure_is_read_or_refused() {
    const EACH: usize = 5;
    let snapshot = Snapshot::new();
    let (mut tally, mut n_inputs) = (Tally::default(), 0);
    for (seed, (name, bytes)) in (1..).zip(&snapshot.files) {
        let document: Value = serde_json::from_slice(bytes).unwrap();
        let mut random = Random::new(seed);
        for turn in 0..EACH {
            let what = format!("{name}, seed {seed}, turn {turn}");
            snapshot.read_with(name, &mutated(&document, &mut random), &mut tally, &what);
        }
        n_inputs += EACH;
    }
    tally.met_both(n_inputs);
}

#[test]
fn a_plan_or_state_that_is_cut_or_has_another_byte_is_read_or_refused() {
    const EACH: usize = 25;
    let (mut tally, mut n_inputs) = (Tally::default(), 0);
    for (seed, path) in (1..).zip(plans()) {
        let bytes = fs::read(&path).unwrap();
        let name = path.display();
        let mut random = Random::new(seed);
        for place in places(bytes.len(), EACH) {
            let what = format!("{name} cut at {place}");
            read_file("plan.json", &bytes[..place], &mut tally, &what);
        }
        for turn in 0..EACH {
            let what = format!("{name}, seed {seed}, flip {turn}");
            let bytes = flipped(&bytes, &mut random);
            read_file("plan.json", &bytes, &mut tally, &what);
        }
        n_inputs += 2 * EACH;
    }
    tally.met_both(n_inputs);
}

#[test]
fn a_plan_or_state_with_another_structure_is_read_or_refused() {
    const EACH: usize = 50;
    let (mut tally, mut n_inputs) = (Tally::default(), 0);
    for (seed, path) in (1..).zip(plans()) {
        let document: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let name = path.display();
        let mut random = Random::new(seed);
        for turn in 0..EACH {
            let what = format!("{name}, seed {seed}, turn {turn}");
            let bytes = mutated(&document, &mut random);
            read_file("plan.json", &bytes, &mut tally, &what);
        }
        n_inputs += EACH;
    }
    tally.met_both(n_inputs);
}

/// Time that grows with the square of the size would show here: each association once made a list of
/// all route tables.
#[test]
fn a_plan_of_many_resources_is_read_soon() {
    const N_EACH: usize = 10_000;
    let mut resources = vec![serde_json::json!({
        "address": "aws_vpc.main", "mode": "managed", "type": "aws_vpc", "name": "main",
        "values": {"id": "vpc-1", "cidr_block": "10.0.0.0/8"},
    })];
    for n in 0..N_EACH {
        let (high, low) = (n / 256, n % 256);
        let mut add = |of: &str, values: Value| {
            resources.push(serde_json::json!({
                "address": format!("{of}.one[{n}]"), "mode": "managed", "type": of, "name": "one",
                "index": n, "values": values,
            }));
        };
        add(
            "aws_subnet",
            serde_json::json!({
                "id": format!("subnet-{n}"), "vpc_id": "vpc-1",
                "cidr_block": format!("10.{high}.{low}.0/24"),
            }),
        );
        add(
            "aws_route_table",
            serde_json::json!({"id": format!("rtb-{n}"), "vpc_id": "vpc-1", "route": []}),
        );
        add(
            "aws_route_table_association",
            serde_json::json!({
                "subnet_id": format!("subnet-{n}"), "route_table_id": format!("rtb-{n}"),
            }),
        );
    }
    let plan = serde_json::json!({
        "format_version": "1.2", "configuration": {}, "resource_changes": [],
        "planned_values": {"root_module": {"resources": resources}},
    });
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("plan.json");
    fs::write(&path, plan.to_string()).unwrap();
    let started = Instant::now();
    let read = ingest::read(&[path]).unwrap();
    let elapsed = started.elapsed();
    assert_eq!(read.draft.subnets.len(), N_EACH);
    assert!(elapsed < 3 * MOST, "{elapsed:?}");
}

#[test]
fn a_native_file_with_any_mistake_is_read_or_refused() {
    const EACH: usize = 60;
    let (mut tally, mut n_inputs) = (Tally::default(), 0);
    let networks = files(
        &["cli/tests/networks", "proptests/corpus/regressions"],
        "toml",
    );
    for (seed, path) in (1..).zip(networks) {
        let bytes = fs::read(&path).unwrap();
        let name = path.display();
        let mut random = Random::new(seed);
        for place in places(bytes.len(), EACH) {
            let what = format!("{name} cut at {place}");
            read_file("network.toml", &bytes[..place], &mut tally, &what);
        }
        for turn in 0..EACH {
            let what = format!("{name}, seed {seed}, flip {turn}");
            let bytes = flipped(&bytes, &mut random);
            read_file("network.toml", &bytes, &mut tally, &what);
        }
        n_inputs += 2 * EACH;
    }
    tally.met_both(n_inputs);
}

#[test]
fn a_template_with_any_mistake_is_read_or_refused() {
    const EACH: usize = 60;
    let (mut tally, mut n_inputs) = (Tally::default(), 0);
    for (seed, name) in (1..).zip(["template.yaml", "template.json"]) {
        let bytes = fs::read(root().join("fixtures/tokyo-endpoints").join(name)).unwrap();
        let mut random = Random::new(seed);
        for place in places(bytes.len(), EACH) {
            let what = format!("{name} cut at {place}");
            read_file(name, &bytes[..place], &mut tally, &what);
        }
        for turn in 0..EACH {
            let what = format!("{name}, seed {seed}, flip {turn}");
            let bytes = flipped(&bytes, &mut random);
            read_file(name, &bytes, &mut tally, &what);
        }
        n_inputs += 2 * EACH;
    }
    let document = fs::read(root().join("fixtures/tokyo-endpoints/template.json")).unwrap();
    let document: Value = serde_json::from_slice(&document).unwrap();
    let mut random = Random::new(3);
    for turn in 0..EACH {
        let what = format!("template.json, turn {turn}");
        let bytes = mutated(&document, &mut random);
        read_file("template.json", &bytes, &mut tally, &what);
    }
    tally.met_both(n_inputs + EACH);
}

#[test]
fn a_policy_with_any_mistake_is_read_or_refused() {
    const EACH: usize = 500;
    let policy = r#"{"Version": "2012-10-17", "Id": "perimeter", "Statement": [
        {"Sid": "own", "Effect": "Allow", "Principal": {"AWS": ["123456789012", "*"]},
         "Action": ["s3:GetObject", "s3:Put*"], "Resource": "arn:aws:s3:::bucket/${aws:username}/*",
         "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-example"}}},
        {"Effect": "Deny", "NotPrincipal": {"Service": "logs.amazonaws.com"},
         "NotAction": "s3:*", "NotResource": ["*"]}]}"#;
    let document: Value = serde_json::from_str(policy).unwrap();
    let place = ingest::Place::file("policy.json");
    let mut random = Random::new(1);
    let mut tally = Tally::default();
    for turn in 0..EACH {
        let text = String::from_utf8(mutated(&document, &mut random)).unwrap();
        match ingest::policy::read(&text, &place) {
            Ok(_) => tally.read += 1,
            Err(errors) => {
                assert!(!errors.is_empty(), "turn {turn}: refused without a word");
                tally.refused += 1;
            }
        }
    }
    tally.met_both(EACH);
}
