//! The baselines of `vpcproof check`.

use std::fs;
use std::path::Path;

use catalogue::Day;
use ingest::Validated;

use super::console::Console;
use crate::exit::Exit;
use crate::invariant_file::{InvariantFile, baseline};
use crate::problem::{Problem, SourceText};
use crate::report::{Finding, Kind, Report, VerdictWord};
use crate::waive;

/// What is asked of baselines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    /// The one to make.
    pub(super) create: Option<&'a Path>,
    /// The one to read.
    pub(super) read: Option<&'a Path>,
    pub(super) closed_world: bool,
    pub(super) today: Day,
}

/// Reads the baseline, or makes it and reads that; leaves the warnings that it has.
pub(super) fn with(
    asked: Asked<'_>,
    validated: &Validated,
    file: Option<&mut InvariantFile>,
    console: &mut Console,
) -> Result<Vec<Problem>, Exit> {
    let Some(path) = asked.create.or(asked.read) else {
        return Ok(Vec::new());
    };
    let Some(file) = file else {
        return Err(console.error(
            "a baseline is of the claims of an invariant file, and there is none\n  help: \
             `vpcproof init NETWORK` writes a starter file",
        ));
    };
    if asked.create.is_some() {
        let each = |what: &str| console.progress(what);
        let terms = (asked.closed_world, asked.today);
        let recorded = waive::baseline::record(validated, file, terms, each)
            .map_err(|failure| console.failure(&failure))?;
        write_baseline(path, &recorded.text).map_err(|message| console.error(&message))?;
        for text in &recorded.left_out {
            console.err(&format!("warning: {text}"));
        }
    }
    baseline::read(path, file).map_err(|problems| console.problems(&problems))
}

/// Adds to the new baseline what is let be as a whole.
pub(super) fn complete(
    path: &Path,
    report: &Report,
    file: Option<&mut InvariantFile>,
    console: &mut Console,
) -> Result<(), Exit> {
    let Some(file) = file else { return Ok(()) };
    let of_flows = fs::read_to_string(path).unwrap_or_default();
    let text = waive::baseline::with_tables(&of_flows, &waive::known::tables(report));
    write_baseline(path, &text).map_err(|message| console.error(&message))?;
    let source = SourceText::new(path.display().to_string(), &text);
    baseline::read_known(&source, file).map_err(|problems| console.problems(&problems))?;
    let n_entries = text.lines().filter(|line| line.starts_with("[[")).count();
    let entries = match n_entries {
        1 => "1 entry".to_owned(),
        n => format!("{n} entries"),
    };
    console.err(&format!("wrote {} with {entries}", path.display()));
    let is_open = |one: &&Finding| {
        let is_violated = one.verdict == VerdictWord::Violated;
        is_violated && one.kind == Kind::Policy && one.pinned.is_none()
    };
    for finding in report.findings.iter().filter(is_open) {
        console.err(&format!(
            "warning: `{}` is violated and not in the baseline: a policy that it compares is not known",
            finding.name
        ));
    }
    Ok(())
}

/// Writes a baseline, in place of an older one only.
fn write_baseline(path: &Path, text: &str) -> Result<(), String> {
    if let Ok(old) = fs::read(path)
        && !old.starts_with(waive::baseline::BEGINNING.as_bytes())
    {
        return Err(format!(
            "`{}` is there already, and is no baseline\n  help: give another name",
            path.display()
        ));
    }
    fs::write(path, text)
        .map_err(|error| format!("`{}` cannot be written: {error}", path.display()))
}
