//! What does the whole program cost, from files on disk to the answer?
//!
//! Each time is that of one process of the release build, reading included, on snapshots that
//! `vpcproof generate` wrote.
#![allow(
    clippy::expect_used,
    reason = "a bench runs by hand, where stopping is the right answer"
)]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;
use std::{env, fs};

use benches::notes::{Notes, workspace};
use benches::program::{CLAIMS, N_RECORDS, change};
use criterion::Criterion;

/// The program and the snapshots.
struct Stage {
    program: PathBuf,
    folder: PathBuf,
}

impl Stage {
    fn new() -> Self {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--release", "--package", "vpcproof"]);
        let built = build.current_dir(workspace()).status();
        assert!(built.expect("cargo runs").success(), "vpcproof is built");
        let target = env::var_os("CARGO_TARGET_DIR");
        let target = target.map_or_else(|| workspace().join("target"), PathBuf::from);
        let folder = target.join("program-bench");
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the last one's folder can be removed");
        }
        fs::create_dir_all(&folder).expect("the target folder can be written");
        let stage = Self {
            program: target.join("release/vpcproof"),
            folder,
        };
        for n in ["1000", "10000"] {
            let run = stage.run(&["generate", "--interfaces", n, n]);
            assert!(run.status.success(), "{n} interfaces are generated");
        }
        for kind in change::KINDS {
            change::write(&stage.folder.join("1000"), &stage.folder.join(kind), kind);
        }
        let claims = stage.folder.join("claims.toml");
        fs::write(claims, CLAIMS).expect("the folder can be written");
        fs::write(stage.folder.join("flow.log"), log(&stage.folder)).expect("it can be written");
        stage
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.run_on(arguments, None)
    }

    /// Runs with so many threads, if it is said with how many.
    fn run_on(&self, arguments: &[&str], n_threads: Option<&str>) -> Output {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(&self.folder);
        command.envs(n_threads.map(|n| ("RAYON_NUM_THREADS", n)));
        command.output().expect("the program runs")
    }
}

/// Flow log records of requests to the interfaces of a snapshot, one after the other.
fn log(folder: &Path) -> String {
    let file = folder.join("1000/describe-network-interfaces.json");
    let text = fs::read_to_string(file).expect("the snapshot is there");
    let document: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let interfaces = document
        .get("NetworkInterfaces")
        .and_then(|all| all.as_array());
    let interfaces: Vec<_> = interfaces.into_iter().flatten().collect();
    let field = |interface: &serde_json::Value, name: &str| {
        let text = interface.get(name).and_then(|text| text.as_str());
        text.expect("interfaces have ids and addresses").to_owned()
    };
    let mut log = String::new();
    for (n, interface) in interfaces.iter().cycle().take(N_RECORDS).enumerate() {
        let (id, to) = (
            field(interface, "NetworkInterfaceId"),
            field(interface, "PrivateIpAddress"),
        );
        let (port, action) = match n % 2 {
            0 => (443, "ACCEPT"),
            _ => (22, "REJECT"),
        };
        let _ = writeln!(
            log,
            "2 123456789012 {id} 192.0.2.{} {to} {} {port} 6 10 4000 1764230400 1764230460 {action} OK",
            n % 250,
            20_000 + n % 40_000
        );
    }
    log
}

/// What ends the name of a question that one thread is to answer.
const ONE_CORE: &str = "-one-core";

/// The questions: a name, the arguments, and the exit code that is right.
fn questions() -> Vec<(String, Vec<&'static str>, i32)> {
    let explain = [
        "explain",
        "1000",
        "--from",
        "eni-00000000000000000",
        "--to",
        "eni-00000000000000007",
        "--traffic",
        "tcp/8443",
    ];
    let mut questions = vec![
        ("show/1000".to_owned(), vec!["show", "1000"], 0),
        ("explain-blocked/1000".to_owned(), explain.to_vec(), 1),
    ];
    for kind in change::KINDS {
        // What a route leaves undetermined is told by the exit code.
        let code = if kind == "route" { 3 } else { 0 };
        questions.push((
            format!("diff-{kind}/1000"),
            vec!["diff", "1000", kind],
            code,
        ));
    }
    for size in ["1000", "10000"] {
        let check = vec!["check", size, "-i", "claims.toml", "--no-builtin"];
        questions.push((format!("ten-claims/{size}"), check, 1));
    }
    let from_internet = vec!["matrix", "1000", "--from", "internet"];
    questions.push(("matrix-from-internet/1000".to_owned(), from_internet, 0));
    questions.push(("matrix/1000".to_owned(), vec!["matrix", "1000"], 0));
    for cores in ["", ONE_CORE] {
        let replay = vec!["replay", "1000", "--logs", "flow.log"];
        questions.push((format!("replay{cores}/{N_RECORDS}"), replay, 1));
    }
    questions
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(5))
        .configure_from_args();
    let stage = Stage::new();
    let mut notes = Notes::new("program");
    let mut group = criterion.benchmark_group("program");
    for (name, arguments, code) in questions() {
        let n_threads = name.contains(ONE_CORE).then_some("1");
        let run = stage.run_on(&arguments, n_threads);
        let told = String::from_utf8_lossy(&run.stdout);
        let error = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(code), "{name}: {error}{told}");
        let last = told.lines().rfind(|line| !line.is_empty());
        notes.say(name.as_str(), last.unwrap_or_default());
        group.bench_function(name, |bencher| {
            bencher.iter(|| stage.run_on(&arguments, n_threads));
        });
    }
    group.finish();
    notes.write();
    criterion.final_summary();
}
