//! `vpcproof check --watch`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::check::{self, Arguments};
use super::console::Console;
use crate::exit::Exit;
use crate::invariant_file::FILE_NAME;
use crate::watch::files::{Look, Watched};

/// How long it waits between two looks at the files, and how much longer than a look takes.
const PAUSE: Duration = Duration::from_millis(250);
const PAUSE_FOR_EACH_LOOK: u32 = 4;
/// After a change files have to stay as they are for as long, since programs write many of them, or one in parts.
const CALM: Duration = Duration::from_millis(150);
/// How often they are looked at until they do.
const MOST_LOOKS: usize = 40;
/// How many changed files are named.
const MOST_NAMED: usize = 3;

/// Whether this is a job that nobody looks at, which would never end.
pub(super) fn is_unattended() -> bool {
    env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false" && value != "0")
}

/// Checks, and again after each change of what was read, until nobody reads the reports any more.
pub(super) fn run(arguments: &Arguments, console: &mut Console) -> Exit {
    // What no file can mend is not waited for.
    if let Err(message) = arguments.outputs.get() {
        return console.error(&message);
    }
    if let Err(error) = solver::version::check() {
        return console.error(&error.to_string());
    }
    if let Some(path) = watched(arguments).unrepeatable() {
        return console.error(&format!(
            "`{}` is no file or directory, and cannot be read a second time for `--watch`\n  help: write it into a file",
            path.display()
        ));
    }
    let mut past = None;
    loop {
        let watched = watched(arguments);
        // Before anything is read, so that what changes meanwhile is seen later.
        let seen = watched.look(None);
        let exit = match check::once(arguments, console, past.as_ref()) {
            Ok((exit, run)) => {
                let [judged, all] = run.n_judged();
                if judged < all {
                    let kept = all - judged;
                    console.err(&format!("{judged} judged again, {kept} kept: nothing that they can touch has changed"));
                }
                past = Some(run);
                exit
            }
            Err(exit) => exit,
        };
        let files = match seen.n_files() {
            1 => "1 file".to_owned(),
            n => format!("{n} files"),
        };
        console.err(&format!("watching {files}; Ctrl-C ends it"));
        if console.is_closed() {
            return exit;
        }
        let changed = wait(&watched, seen);
        console.err(&told(&changed));
        console.restart();
    }
}

/// Everything that `check` reads with these arguments.
fn watched(arguments: &Arguments) -> Watched {
    let mut watched = Watched::default();
    for path in &arguments.networks.networks {
        watched.network(path);
    }
    for path in &arguments.networks.hcl {
        watched.terraform_files(path);
    }
    let others = [&arguments.prices, &arguments.catalogue, &arguments.baseline];
    for path in others.into_iter().flatten() {
        watched.file(path);
    }
    let candidates = match &arguments.invariants {
        Some(path) => vec![path.clone()],
        None => {
            let here = env::current_dir().unwrap_or_default();
            let directories = here.ancestors();
            directories.map(|one| one.join(FILE_NAME)).collect()
        }
    };
    for path in &candidates {
        watched.file(path);
    }
    let file = candidates.iter().find(|path| path.is_file());
    for policy in file.map(|path| policies(path)).unwrap_or_default() {
        watched.file(&policy);
    }
    let outputs = arguments.outputs.get().unwrap_or_default();
    for path in outputs.iter().filter_map(|output| output.path.as_ref()) {
        watched.without(path);
    }
    watched
}

/// The files of policies that an invariant file names, as far as it can be read.
fn policies(file: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let directory = file.parent().unwrap_or(Path::new(""));
    let table: toml::Table = text.parse().unwrap_or_default();
    let claims = table.get("policy").and_then(toml::Value::as_array);
    let claims = claims.into_iter().flatten();
    let named = claims.flat_map(|claim| [claim.get("within"), claim.get("equals")]);
    let named = named.flatten().filter_map(toml::Value::as_str);
    named.map(|name| directory.join(name)).collect()
}

/// Waits until files have changed and are calm again.
fn wait(watched: &Watched, mut seen: Look) -> Vec<PathBuf> {
    loop {
        let begun = Instant::now();
        let now = watched.look(Some(&seen));
        if !seen.changed(&now).is_empty() {
            return seen.changed(&calm(watched, now, || thread::sleep(CALM)));
        }
        seen = now;
        thread::sleep(PAUSE.max(begun.elapsed() * PAUSE_FOR_EACH_LOOK));
    }
}

/// Looks again after each pause until nothing has changed in one.
fn calm(watched: &Watched, mut seen: Look, mut pause: impl FnMut()) -> Look {
    for _ in 0..MOST_LOOKS {
        pause();
        let now = watched.look(Some(&seen));
        let is_calm = seen.changed(&now).is_empty();
        seen = now;
        if is_calm {
            break;
        }
    }
    seen
}

fn told(changed: &[PathBuf]) -> String {
    let named: Vec<String> = changed
        .iter()
        .take(MOST_NAMED)
        .map(|path| path.display().to_string())
        .collect();
    let more = match changed.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    // One that was written and put back as it was is not named.
    if named.is_empty() {
        "checking again".to_owned()
    } else {
        format!("{}{more} changed", named.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    #[test]
    fn files_that_are_still_written_are_waited_for() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("network.json");
        fs::write(&path, "").unwrap();
        let mut watched = Watched::default();
        watched.file(&path);
        for (n_writes, n_pauses) in [(0, 1), (3, 4), (2 * MOST_LOOKS, MOST_LOOKS)] {
            let mut n_paused = 0;
            let seen = calm(&watched, watched.look(None), || {
                n_paused += 1;
                if n_paused <= n_writes {
                    fs::write(&path, "x".repeat(n_paused)).unwrap();
                }
            });
            assert_eq!(n_paused, n_pauses, "{n_writes} writes");
            // What it saw last is what is there.
            assert!(seen.changed(&watched.look(Some(&seen))).is_empty());
        }
    }

    #[test]
    fn everything_that_a_run_reads_is_watched_but_what_it_writes() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let read = [
            "snapshot/vpcs.json",
            "tf/main.tf",
            "tf/.terraform/modules/modules.json",
            "claims/vpcproof.toml",
            "claims/within.json",
            "claims/policies/equal.json",
            "prices.toml",
            "catalogue.toml",
            "baseline.toml",
        ];
        for name in read {
            fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            fs::write(at(name), "").unwrap();
        }
        let claims = "[[policy]]\nwithin = \"within.json\"\n\
                      [[policy]]\nequals = \"policies/equal.json\"\n";
        fs::write(at("claims/vpcproof.toml"), claims).unwrap();
        let text = |name: &str| at(name).to_str().unwrap().to_owned();
        let report = format!("json={}", text("snapshot/report.json"));
        let line = [
            "check".to_owned(),
            text("snapshot"),
            format!("--hcl={}", text("tf")),
            format!("--invariants={}", text("claims/vpcproof.toml")),
            format!("--prices={}", text("prices.toml")),
            format!("--catalogue={}", text("catalogue.toml")),
            format!("--baseline={}", text("baseline.toml")),
            format!("--output={report}"),
        ];
        let watched = watched(&Line::parse_from(line).arguments);
        let mut seen = watched.look(None);
        assert_eq!(seen.n_files(), read.len());
        for name in read {
            let edited = format!("{}\n", fs::read_to_string(at(name)).unwrap());
            fs::write(at(name), edited).unwrap();
            let now = watched.look(Some(&seen));
            assert_eq!(seen.changed(&now), [at(name)]);
            seen = now;
        }
        fs::write(at("snapshot/report.json"), "{}").unwrap();
        assert!(seen.changed(&watched.look(Some(&seen))).is_empty());
    }

    #[test]
    fn an_invariant_file_that_cannot_be_read_names_no_policies() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("vpcproof.toml");
        assert!(policies(&path).is_empty(), "it is not there");
        fs::write(&path, "[[policy]]\nwithin = ").unwrap();
        assert!(policies(&path).is_empty());
        fs::write(&path, "[[policy]]\nwithin = 3\nequals = \"own.json\"\n").unwrap();
        assert_eq!(policies(&path), [directory.path().join("own.json")]);
    }
}
