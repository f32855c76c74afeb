//! The book and the READMEs say what the program does: every example of an invariant file or a
//! network is read, every transcript is run again, and every code has its heading.
//!
//! What a block is for stands in its info string: `toml,invariants` is an invariant file that fits
//! the demo network, `toml,network` a native network file, `console` a transcript.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The network that the examples of invariant files are about.
const DEMO: &str = "fixtures/tokyo-endpoints/describe";
/// Stands for whatever is left out of a transcript.
const LEFT_OUT: &str = "…";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A page: its name and its text.
struct Page {
    name: String,
    text: String,
}

/// A fenced block of a page.
struct Block {
    /// Where it begins.
    place: String,
    /// The heading above it.
    heading: String,
    info: String,
    lines: Vec<String>,
}

/// A run of the program, from the root of the workspace.
struct Run {
    code: i32,
    /// Standard output, then standard error.
    text: String,
}

fn page(path: &str) -> Page {
    let text = fs::read_to_string(root().join(path)).unwrap();
    Page {
        name: path.to_owned(),
        text,
    }
}

/// The pages of the book, and the READMEs that show commands.
fn pages() -> Vec<Page> {
    let mut paths = vec![
        "README.md".to_owned(),
        "proptests/README.md".to_owned(),
        "fixtures/tokyo-endpoints/README.md".to_owned(),
    ];
    for entry in fs::read_dir(root().join("docs/src")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            paths.push(format!("docs/src/{name}"));
        }
    }
    paths.sort();
    paths.iter().map(|path| page(path)).collect()
}

fn blocks(page: &Page) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    let mut heading = String::new();
    for (line, number) in page.text.lines().zip(1..) {
        match (line.trim_start().strip_prefix("```"), open.as_mut()) {
            (Some(info), None) => {
                open = Some(Block {
                    place: format!("{}:{number}", page.name),
                    heading: heading.clone(),
                    info: info.to_owned(),
                    lines: Vec::new(),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => block.lines.push(line.to_owned()),
            (None, None) => {
                if let Some((_, title)) = line.split_once("# ")
                    && line.starts_with('#')
                {
                    heading = title.to_owned();
                }
            }
        }
    }
    assert!(
        open.is_none(),
        "{}: a block is not closed; blocks of blocks are not read",
        page.name
    );
    blocks
}

fn blocks_of(info: &str) -> Vec<Block> {
    let all = pages().into_iter().flat_map(|page| blocks(&page));
    all.filter(|block| block.info == info).collect()
}

fn run(arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_vpcproof"))
        .args(arguments)
        .current_dir(root())
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    Run {
        code: output.status.code().unwrap(),
        text: out + &err,
    }
}

/// The words of a command line; quotation marks keep white space.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for letter in line.chars() {
        match (quote, letter) {
            (Some(open), letter) if open == letter => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None, ' ') => words.push(String::new()),
            (_, letter) => words.last_mut().unwrap().push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Runs a line that begins with `vpcproof`.
fn run_line(line: &str) -> Run {
    let words = words(line);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(words.first(), Some(&"vpcproof"), "{line}");
    run(&words[1..])
}

/// The headings of a level.
fn headings(page: &Page, mark: &str) -> Vec<String> {
    let lines = page.text.lines();
    let titles = lines.filter_map(|line| line.strip_prefix(&format!("{mark} ")));
    titles.map(str::to_owned).collect()
}

/// Headings and codes are the same, each once.
fn assert_headings_are(page: &Page, mark: &str, codes: BTreeSet<String>) {
    let headings = headings(page, mark);
    let once: BTreeSet<String> = headings.iter().cloned().collect();
    assert_eq!(once.len(), headings.len(), "a heading occurs twice");
    let without: Vec<_> = codes.difference(&once).collect();
    assert!(
        without.is_empty(),
        "{} has no heading for {without:?}",
        page.name
    );
    let unknown: Vec<_> = once.difference(&codes).collect();
    assert!(
        unknown.is_empty(),
        "{}: no code is called {unknown:?}",
        page.name
    );
}

fn built_in_checks() -> BTreeSet<String> {
    let listed = run(&["explain-code"]);
    let lines = listed.text.lines();
    let lines = lines.skip_while(|line| *line != "built-in checks").skip(1);
    let codes = lines.map_while(|line| line.strip_prefix("  "));
    codes.map(str::to_owned).collect()
}

/// The codes of defects, as the model's source has them: no list of them is to be had.
fn defects() -> BTreeSet<String> {
    let source = fs::read_to_string(root().join("model/src/defect.rs")).unwrap();
    let arms = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Defect::"));
    let codes = arms.filter_map(|arm| arm.strip_suffix("\",")?.split_once(" => \""));
    codes.map(|(_, code)| code.to_owned()).collect()
}

#[test]
fn every_invariant_file_of_the_book_fits_the_demo_network() {
    let blocks = blocks_of("toml,invariants");
    assert!(blocks.len() >= 5, "only {} are marked", blocks.len());
    let place = TempDir::new().unwrap();
    for block in blocks {
        let path = place.path().join("vpcproof.toml");
        fs::write(&path, block.lines.join("\n")).unwrap();
        let path = path.display().to_string();
        let run = run(&["check", DEMO, "-i", &path, "--no-builtin"]);
        assert_ne!(run.code, 2, "{}\n{}", block.place, run.text);
    }
}

#[test]
fn every_network_of_the_book_is_read() {
    let blocks = blocks_of("toml,network");
    assert!(blocks.len() >= 9, "only {} are marked", blocks.len());
    let place = TempDir::new().unwrap();
    for block in blocks {
        let path = place.path().join("network.toml");
        fs::write(&path, block.lines.join("\n")).unwrap();
        let run = run(&["show", &path.display().to_string()]);
        assert_eq!(run.code, 0, "{}\n{}", block.place, run.text);
    }
}

/// On the network beneath its heading, with the claims beneath it where there are any, a check finds
/// something, as the lines beneath say, and no other one does but `endpoint-policy-open`.
#[test]
fn every_built_in_check_finds_its_example() {
    let page = page("docs/src/checks.md");
    let blocks = blocks(&page);
    let place = TempDir::new().unwrap();
    for code in built_in_checks() {
        let of_check = |info: &str| {
            let mut found = blocks.iter();
            let found = found.find(|block| block.heading == code && block.info == info);
            found.unwrap_or_else(|| panic!("{code} has no block `{info}`"))
        };
        let path = place.path().join("network.toml");
        fs::write(&path, of_check("toml,network").lines.join("\n")).unwrap();
        let network = path.display().to_string();
        let claims = place.path().join("claims.toml");
        let mut arguments = vec!["check", &network];
        let with = blocks
            .iter()
            .find(|block| block.heading == code && block.info == "toml,claims");
        let shown = claims.display().to_string();
        if let Some(block) = with {
            fs::write(&claims, block.lines.join("\n")).unwrap();
            arguments.extend(["-i", &shown]);
        }
        let run = run(&arguments);
        assert_eq!(run.code, 1, "{code}\n{}", run.text);
        let found: BTreeSet<&str> = run
            .text
            .lines()
            .filter_map(|line| line.strip_prefix("VIOLATED  ")?.split(':').next())
            .collect();
        assert!(found.contains(code.as_str()), "{code}\n{}", run.text);
        let others = found
            .iter()
            .filter(|one| ![code.as_str(), "endpoint-policy-open"].contains(one));
        assert_eq!(others.count(), 0, "{code}\n{}", run.text);
        for line in &of_check("text").lines {
            assert!(run.text.contains(line), "{code}: {line}\n{}", run.text);
        }
    }
}

#[test]
fn every_built_in_check_has_a_heading() {
    let codes = built_in_checks();
    assert!(codes.contains("world-open"), "{codes:?}");
    assert_headings_are(&page("docs/src/checks.md"), "##", codes);
}

#[test]
fn every_diagnostic_has_a_heading() {
    let read = ingest::Code::ALL.iter().map(|code| code.name().to_owned());
    let problems = vpcproof::ProblemCode::ALL;
    let problems = problems.iter().map(|code| code.name().to_owned());
    let defects = defects();
    assert!(defects.len() > 20, "{defects:?}");
    let codes = read.chain(problems).chain(defects).collect();
    assert_headings_are(&page("docs/src/bad-input.md"), "###", codes);
}

/// The message beneath a code's heading is one with that code.
#[test]
fn every_example_of_a_diagnostic_has_its_code() {
    let page = page("docs/src/bad-input.md");
    for code in headings(&page, "###") {
        let blocks = blocks(&page);
        let block = blocks.iter().find(|block| block.heading == code);
        let block = block.unwrap_or_else(|| panic!("{code} has no example"));
        let first = &block.lines[0];
        let severities = ["error", "warning"];
        let fits = severities
            .iter()
            .any(|severity| first.starts_with(&format!("{severity}[{code}]: ")));
        assert!(fits, "{}: {first}", block.place);
    }
}

/// Every assumption of the readers is in the table of what is taken for granted.
#[test]
fn every_assumption_is_listed() {
    let page = page("docs/src/bad-input.md");
    let mut codes = BTreeSet::new();
    let mut folders = vec![root().join("ingest/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for call in text.split(".assume(").skip(1) {
                let code = call.trim_start().strip_prefix('"');
                let code = code.and_then(|rest| rest.split('"').next());
                codes.extend(code.map(str::to_owned));
            }
        }
    }
    assert!(codes.contains("plan-alone"), "{codes:?}");
    for code in codes {
        assert!(page.text.contains(&format!("\n| `{code}` |")), "{code}");
    }
}

/// A line of the README that calls the program says its exit code, which is the one that it has.
#[test]
fn the_commands_of_the_readme_exit_as_it_says() {
    let readme = page("README.md");
    let mut n_run = 0;
    for line in readme.text.lines() {
        if !line.starts_with("vpcproof ") {
            continue;
        }
        let (command, code) = line
            .split_once("# exit code ")
            .unwrap_or_else(|| panic!("`{line}` does not say its exit code"));
        let code: String = code.chars().take_while(char::is_ascii_digit).collect();
        let run = run_line(command.trim());
        assert_eq!(run.code.to_string(), code, "{line}\n{}", run.text);
        n_run += 1;
    }
    assert!(n_run >= 3, "only {n_run} commands");
}

/// A transcript is what the program prints: each of its lines is there, in this order. A line `…`
/// stands for any number of lines, and `…` at the end of one for its rest; `echo $?` shows the code.
#[test]
fn every_transcript_is_what_the_program_prints() {
    let blocks = blocks_of("console");
    assert!(blocks.len() >= 8, "only {} are marked", blocks.len());
    for block in blocks {
        let mut last: Option<Run> = None;
        let mut rest: Vec<String> = Vec::new();
        let mut gap = false;
        let mut asks_code = false;
        for line in &block.lines {
            let fail = |why: &str| panic!("{}: {why}: `{line}`", block.place);
            if line == "$ echo $?" {
                asks_code = true;
            } else if let Some(command) = line.strip_prefix("$ ") {
                let run = run_line(command);
                rest = run.text.lines().rev().map(str::to_owned).collect();
                last = Some(run);
                gap = false;
            } else if asks_code {
                let code = last.as_ref().map(|run| run.code.to_string());
                if code.as_ref() != Some(line) {
                    fail(&format!("the exit code is {code:?}"));
                }
                asks_code = false;
            } else if line == LEFT_OUT {
                gap = true;
            } else {
                let fits = |printed: &str| match line.strip_suffix(LEFT_OUT) {
                    Some(start) => printed.starts_with(start),
                    None => printed == line,
                };
                loop {
                    match rest.pop() {
                        Some(printed) if fits(&printed) => break,
                        Some(_) if gap => {}
                        Some(printed) => fail(&format!("printed is `{printed}`")),
                        None => fail("not printed"),
                    }
                }
                gap = false;
            }
        }
    }
}
