//! `vpcproof check --watch`: what is edited is checked again, and what is broken meanwhile is waited out.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use common::{PRIVATE, Place, REACHED, network};
use serde_json::Value;

/// How long a line may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(180);

/// A program that watches, with the lines that it writes.
struct Watching {
    child: Child,
    lines: Receiver<(bool, String)>,
    /// Standard output so far.
    out: String,
}

impl Drop for Watching {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Watching {
    fn new(place: &Place, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_vpcproof"))
            .args(["check", "network.toml", "--watch"])
            .args(arguments)
            .current_dir(place.path(""))
            .env_remove("CI")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::channel();
        let out: Box<dyn Read + Send> = Box::new(child.stdout.take().unwrap());
        let err: Box<dyn Read + Send> = Box::new(child.stderr.take().unwrap());
        for (is_out, stream) in [(true, out), (false, err)] {
            let sender = sender.clone();
            thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    drop(sender.send((is_out, line)));
                }
            });
        }
        Self {
            child,
            lines,
            out: String::new(),
        }
    }

    /// Everything that it writes until it waits again: standard output, whose last line is one that `is_last` knows, and
    /// standard error.
    fn until(&mut self, is_last: Option<fn(&str) -> bool>) -> (String, String) {
        let (mut out, mut err) = (String::new(), String::new());
        let (mut is_whole, mut waits) = (is_last.is_none(), false);
        while !(is_whole && waits) {
            let next = self.lines.recv_timeout(PATIENCE);
            let (is_out, line) = next.unwrap_or_else(|_| panic!("it is silent\n{out}\n{err}"));
            is_whole |= is_out && is_last.is_some_and(|is_last| is_last(&line));
            waits |= !is_out && line.starts_with("watching ");
            let text = if is_out { &mut out } else { &mut err };
            text.push_str(&line);
            text.push('\n');
        }
        self.out.push_str(&out);
        (out, err)
    }

    /// A report, and what is said beside it.
    fn report(&mut self) -> (String, String) {
        self.until(Some(|line| line.contains(" vacuous, ")))
    }
}

/// Writes a file as most editors do: another one comes in its place.
fn put(place: &Place, name: &str, text: &str) {
    let draft = place.path("draft");
    fs::write(&draft, text).unwrap();
    fs::rename(draft, place.path(name)).unwrap();
}

fn place() -> Place {
    let place = Place::with(PRIVATE);
    fs::copy(network("small.toml"), place.path("network.toml")).unwrap();
    place
}

#[test]
fn edits_are_checked_again_and_broken_files_are_waited_out() {
    let place = place();
    let mut watching = Watching::new(&place, &["--no-builtin"]);
    let (out, err) = watching.report();
    assert!(out.starts_with("PROVED    database-is-private\n"), "{out}");
    // The network, the invariant file.
    assert!(err.ends_with("watching 2 files; Ctrl-C ends it\n"), "{err}");

    put(&place, "vpcproof.toml", &[PRIVATE, REACHED].concat());
    let (out, err) = watching.report();
    let news = "NEW       app-stays-off-the-database: VIOLATED\n\nPROVED    database-is-private\n";
    assert!(out.starts_with(news), "{out}");
    assert!(out.contains("1 proved, 1 violated"), "{out}");
    assert!(err.contains("vpcproof.toml changed\n"), "{err}");

    let whole = fs::read_to_string(place.path("network.toml")).unwrap();
    put(&place, "network.toml", &whole[..whole.len() / 2]);
    let (out, err) = watching.until(None);
    assert_eq!(
        out, "",
        "nothing is judged of a network that cannot be read"
    );
    assert!(err.contains("network.toml changed\n"), "{err}");
    assert!(err.contains("error"), "{err}");

    // What lets the application in is gone.
    let rule = "ingress = [\"tcp/5432 from sg:app\"]";
    assert!(whole.contains(rule), "{whole}");
    put(&place, "network.toml", &whole.replace(rule, "ingress = []"));
    let (out, _) = watching.report();
    let news = "CHANGED   app-stays-off-the-database: VIOLATED -> PROVED\n\nPROVED    database-is-private\n";
    assert!(out.starts_with(news), "{out}");

    // A claim less, and no file at all for a moment.
    fs::remove_file(place.path("vpcproof.toml")).unwrap();
    let (_, err) = watching.until(None);
    assert!(err.contains("there is nothing to check"), "{err}");
    put(&place, "vpcproof.toml", REACHED);
    let (out, _) = watching.report();
    let news =
        "GONE      database-is-private, which was PROVED\n\nPROVED    app-stays-off-the-database\n";
    assert!(out.starts_with(news), "{out}");
}

#[test]
fn json_is_one_whole_document_after_another() {
    let place = place();
    let arguments = [
        "--no-builtin",
        "--output",
        "json",
        "--output",
        "text=report.txt",
    ];
    let mut watching = Watching::new(&place, &arguments);
    watching.until(Some(|line| line == "}"));
    put(&place, "vpcproof.toml", REACHED);
    let (_, err) = watching.until(Some(|line| line == "}"));
    assert!(
        err.contains("NEW       app-stays-off-the-database: VIOLATED"),
        "{err}"
    );
    let documents = serde_json::Deserializer::from_str(&watching.out).into_iter::<Value>();
    let documents: Vec<Value> = documents.map(Result::unwrap).collect();
    let names = documents
        .iter()
        .map(|one| one["results"][0]["name"].clone());
    let names: Vec<Value> = names.collect();
    assert_eq!(names, ["database-is-private", "app-stays-off-the-database"]);
    let report = fs::read_to_string(place.path("report.txt")).unwrap();
    assert!(report.starts_with("VIOLATED"), "{report}");
}

#[test]
fn a_job_of_ci_does_not_wait() {
    let place = place();
    let arguments = ["check", "network.toml", "--watch"];
    let run = place.run_with(&arguments, "", &[("CI", "true")]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("`--watch` is left out"), "{}", run.err);
    assert!(
        run.out.starts_with("PROVED    database-is-private\n"),
        "{}",
        run.out
    );
}

#[test]
fn what_no_file_can_mend_is_not_waited_for() {
    let place = place();
    let arguments = [
        "check",
        "network.toml",
        "--watch",
        "--create-baseline",
        "b.toml",
    ];
    let run = place.run_with(&arguments, "", &[("CI", "")]);
    assert_eq!(run.code, 2, "{}", run.err);
    let arguments = [
        "check",
        "network.toml",
        "--watch",
        "--output",
        "json",
        "--output",
        "text",
    ];
    let run = place.run_with(&arguments, "", &[("CI", "")]);
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(
        run.err.contains("two outputs go to standard output"),
        "{}",
        run.err
    );
    let run = place.run_with(&["check", "/dev/null", "--watch"], "", &[("CI", "")]);
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(
        run.err.contains("cannot be read a second time"),
        "{}",
        run.err
    );
}

#[test]
fn the_baseline_is_watched_too() {
    let place = Place::with(REACHED);
    fs::copy(network("small.toml"), place.path("network.toml")).unwrap();
    let create = |file: &str| {
        let arguments = ["check", "network.toml", "--no-builtin", "--create-baseline"];
        let run = place.run_with(&[&arguments[..], &[file]].concat(), "", &[("CI", "")]);
        assert_eq!(run.code, 0, "{}", run.err);
    };
    create("known.toml");
    fs::write(place.path("vpcproof.toml"), PRIVATE).unwrap();
    create("empty.toml");
    fs::write(place.path("vpcproof.toml"), REACHED).unwrap();
    fs::copy(place.path("known.toml"), place.path("baseline.toml")).unwrap();
    let mut watching = Watching::new(&place, &["--no-builtin", "--baseline", "baseline.toml"]);
    let (out, err) = watching.report();
    assert!(out.contains("0 violated"), "{out}");
    assert!(err.ends_with("watching 3 files; Ctrl-C ends it\n"), "{err}");
    let empty = fs::read_to_string(place.path("empty.toml")).unwrap();
    put(&place, "baseline.toml", &empty);
    let (out, err) = watching.report();
    assert!(err.contains("baseline.toml changed\n"), "{err}");
    assert!(out.contains("1 violated"), "{out}");
}
