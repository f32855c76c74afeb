//! The baselines of `vpcproof check`.

use std::fs;
use std::path::Path;

use catalogue::Day;
use ingest::Validated;

use super::console::Console;
use crate::exit::Exit;
use crate::invariant_file::{InvariantFile, baseline};
use crate::problem::Problem;
use crate::report::{Kind, Report, VerdictWord};
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
        let entries = match recorded.n_entries {
            1 => "1 entry".to_owned(),
            n => format!("{n} entries"),
        };
        console.err(&format!("wrote {} with {entries}", path.display()));
        for text in &recorded.left_out {
            console.err(&format!("warning: {text}"));
        }
    }
    baseline::read(path, file).map_err(|problems| console.problems(&problems))
}

/// Names what no baseline has: violated claims about policies, and what the built-in checks find.
pub(super) fn not_recorded(report: &Report, console: &mut Console) {
    let violated = report.findings.iter();
    let violated = violated.filter(|one| one.verdict == VerdictWord::Violated);
    let mut n_found = 0;
    for finding in violated {
        match finding.kind {
            Kind::Policy => console.err(&format!(
                "warning: `{}` is violated and not in the baseline: it compares policies, and an \
                 entry tells flows apart",
                finding.name
            )),
            Kind::BuiltIn(_) => n_found += 1,
            Kind::Claim(_) => {}
        }
    }
    if n_found > 0 {
        console.err(&format!(
            "warning: what the built-in checks find is not in the baseline: {n_found} of their \
             findings are violated\n  help: `--no-builtin` leaves them out"
        ));
    }
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
