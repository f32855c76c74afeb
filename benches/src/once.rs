//! What takes too long for criterion's samples: a few runs each, of which the report shows all.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use crate::notes::criterion_folder;

/// The variable of the environment that asks for the largest networks as well.
pub const LARGE: &str = "VPCPROOF_BENCH_LARGE";

/// Whether the largest networks are measured as well.
pub fn is_large() -> bool {
    env::var_os(LARGE).is_some()
}

/// The runs of one bench, by benchmark: nanoseconds, or bytes where the name ends with `/memory`.
#[derive(Clone, Debug)]
pub struct Once {
    bench: &'static str,
    runs: BTreeMap<String, Vec<f64>>,
}

impl Once {
    /// No runs yet.
    pub const fn new(bench: &'static str) -> Self {
        Self {
            bench,
            runs: BTreeMap::new(),
        }
    }

    /// Adds what one run took.
    pub fn add(&mut self, id: &str, took: Duration) {
        self.push(id, took.as_secs_f64() * 1e9);
    }

    /// Adds how many bytes one run needed at most.
    pub fn add_memory(&mut self, id: &str, bytes: u64) {
        self.push(&format!("{id}/memory"), bytes as f64);
    }

    fn push(&mut self, id: &str, value: f64) {
        self.runs.entry(id.to_owned()).or_default().push(value);
    }

    /// Writes them beside criterion's results.
    ///
    /// # Panics
    ///
    /// When the folder cannot be written.
    pub fn write(&self) {
        let folder = criterion_folder().join("once");
        fs::create_dir_all(&folder).expect("the target folder can be written");
        let text = serde_json::to_string_pretty(&self.runs).expect("numbers are JSON");
        let file = folder.join(format!("{}.json", self.bench));
        fs::write(file, text).expect("the target folder can be written");
    }
}

/// One run of a program: how long it took, what it needed at most where the system tells, and its
/// exit code.
#[derive(Clone, Copy, Debug)]
pub struct Ran {
    /// From start to end.
    pub took: Duration,
    /// The most memory that it had, in bytes.
    pub most_memory: Option<u64>,
    /// How it ended.
    pub code: Option<i32>,
}

/// How often a running program's memory is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// Runs a program, whose output goes to a file.
///
/// # Panics
///
/// When it cannot be started, or the file cannot be written.
pub fn run(command: &mut Command, output: &Path) -> Ran {
    let output = fs::File::create(output).expect("the output can be written");
    let started = Instant::now();
    let mut child = command
        .stdout(output)
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let status = format!("/proc/{}/status", child.id());
    let looks = thread::spawn(move || {
        let mut most = None;
        // The file is empty, or gone, when the program has ended.
        while let Some(now) = high_water(&status) {
            most = Some(now);
            thread::sleep(LOOK);
        }
        most
    });
    let code = child.wait().expect("it was started").code();
    let took = started.elapsed();
    Ran {
        took,
        most_memory: looks.join().expect("looking does not fail"),
        code,
    }
}

/// The line `VmHWM` of a process, in bytes; it only grows.
fn high_water(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}
