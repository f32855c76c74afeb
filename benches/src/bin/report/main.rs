//! Measures everything, and writes it into the book and the record.
//!
//! ```text
//! cargo run --release -p vpcproof-benches --bin report -- --measure [--large]
//! ```
//!
//! `--measure` runs all benches first, some twenty minutes on two cores that nothing else uses;
//! `--large` also the networks of a million interfaces and of five hundred VPCs, which take some
//! minutes and 4 GB. Without them the report is that of the last `cargo bench`.
//!
//! It takes every number from the results, and stops when one that a table needs is not there or
//! is of another run. `--date 2026-01-31` dates the record, `--criterion FOLDER` takes the results
//! from elsewhere, and `--into FOLDER` writes below another folder than the workspace, to look at the
//! numbers without recording them.

mod goals;
mod machine;
mod measure;
mod page;
mod plot;
mod results;
mod tables;

use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs};

use benches::notes::{criterion_folder, workspace};

use machine::Machine;
use results::Results;

/// Why there is no report; for a person to read.
type Problem = String;

struct Arguments {
    measure: bool,
    large: bool,
    date: String,
    criterion: PathBuf,
    into: PathBuf,
}

fn arguments() -> Result<Arguments, Problem> {
    let mut read = Arguments {
        measure: false,
        large: false,
        date: machine::today()?,
        criterion: criterion_folder(),
        into: workspace(),
    };
    let mut arguments = env::args().skip(1);
    while let Some(name) = arguments.next() {
        let mut value = || {
            let value = arguments.next();
            value.ok_or_else(|| format!("`{name}` needs a value"))
        };
        match name.as_str() {
            "--measure" => read.measure = true,
            "--large" => read.large = true,
            "--date" => read.date = machine::date(value()?)?,
            "--criterion" => read.criterion = value()?.into(),
            "--into" => read.into = value()?.into(),
            _ => {
                return Err(format!(
                    "`{name}` is none of `--measure`, `--large`, `--date`, `--criterion` and `--into`"
                ));
            }
        }
    }
    Ok(read)
}

fn run() -> Result<Vec<PathBuf>, Problem> {
    let Arguments {
        measure,
        large,
        date,
        criterion,
        into,
    } = arguments()?;
    match (measure, large) {
        (true, _) => measure::all(large)?,
        (false, true) => return Err("`--large` is of use with `--measure` only".to_owned()),
        (false, false) => {}
    }
    let results = Results::read(&criterion)?;
    let tables = tables::all();
    let mut wanted: Vec<_> = tables.iter().flat_map(tables::Table::ids).collect();
    wanted.extend(goals::ids().filter(|id| !goals::is_large(id) || results.has(id)));
    wanted.sort();
    wanted.dedup();
    results.complete(&wanted)?;
    let machine = Machine::this()?;

    let book = into.join("docs/src");
    let mut files = vec![(
        book.join("benchmarks.md"),
        page::page(&results, &machine, &date)?,
    )];
    for (name, drawing) in page::plots(&results)? {
        files.push((book.join(format!("benchmarks/{name}.svg")), drawing));
    }
    files.push((
        into.join(format!("benches/record/{date}.json")),
        results.record(&wanted, &machine, &date)?,
    ));
    for (file, text) in &files {
        let failed = |error| format!("could not write `{}`: {error}", file.display());
        let folder = file.parent().unwrap_or(file);
        fs::create_dir_all(folder).map_err(failed)?;
        fs::write(file, text).map_err(failed)?;
    }
    Ok(files.into_iter().map(|(file, _)| file).collect())
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program of the benches, which talks to whoever started it"
)]
fn main() -> ExitCode {
    match run() {
        Ok(files) => {
            for file in files {
                println!("wrote {}", file.display());
            }
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}
