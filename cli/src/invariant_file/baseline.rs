//! A baseline: waivers in a file of their own, which the program writes and people read.

use std::path::Path;

use ingest::toml_error::{self, Mistake};

use super::fields::Notes;
use super::read::each;
use super::waive::Origin;
use super::{InvariantFile, known, waive};
use crate::problem::{Problem, ProblemCode, SourceText};
use crate::text_file;

/// The parts of a baseline: waivers of flows, and findings that are let be as a whole.
const WAIVE: &str = "waive";
const KNOWN: &str = "known";

/// Reads a baseline, and gives its entries to the claims of an invariant file. What is left are
/// warnings.
///
/// # Errors
///
/// Every problem of the baseline.
pub(crate) fn read(path: &Path, file: &mut InvariantFile) -> Result<Vec<Problem>, Vec<Problem>> {
    let code = ProblemCode::InvalidBaseline;
    let expected = "what `vpcproof check --create-baseline` writes";
    read_source(&text_file::read(path, code, expected)?, file)
}

/// Of a baseline that was just written, the findings that are let be as a whole.
///
/// # Errors
///
/// Every problem of the baseline.
pub(crate) fn read_known(
    source: &SourceText,
    file: &mut InvariantFile,
) -> Result<(), Vec<Problem>> {
    let mut alone = file.clone();
    read_source(source, &mut alone)?;
    file.known = alone.known;
    Ok(())
}

/// The same of a text.
///
/// # Errors
///
/// Every problem of the baseline.
pub(crate) fn read_source(
    source: &SourceText,
    file: &mut InvariantFile,
) -> Result<Vec<Problem>, Vec<Problem>> {
    let document = toml_error::parse(&source.text).map_err(|mistakes| {
        let problem = |mistake: Mistake| {
            let code = ProblemCode::InvalidBaseline;
            let problem = source.problem(code, &mistake.span, mistake.message);
            problem.help(mistake.help)
        };
        mistakes.into_iter().map(problem).collect::<Vec<_>>()
    })?;
    let document = document.get_ref();
    let mut notes = Notes {
        source,
        problems: Vec::new(),
        n_selectors: 0,
    };
    for key in document
        .keys()
        .filter(|key| ![WAIVE, KNOWN].contains(&key.get_ref().as_ref()))
    {
        let message = format!("a baseline has no part `{}`", key.get_ref());
        let help = "it has `[[waive]]` and `[[known]]` only; claims and groups stand in the invariant file";
        let (code, help) = (ProblemCode::InvalidBaseline, Some(help.to_owned()));
        notes.push(code, &key.span(), message, help);
    }
    let mut entries = Vec::new();
    let names = &file.names;
    each(document, WAIVE, &mut notes, |table, span, notes| {
        entries.extend(waive::read(table, span, Origin::Baseline, names, notes));
    });
    let mut known = Vec::new();
    each(document, KNOWN, &mut notes, |table, span, notes| {
        known.extend(known::read(table, span, notes));
    });
    file.known = known;
    waive::attach(
        entries,
        &mut file.statements,
        &mut file.policies,
        file.change.is_some(),
        &mut notes,
    );
    let (warnings, errors): (Vec<_>, Vec<_>) = notes
        .problems
        .into_iter()
        .partition(|problem| problem.code.is_warning());
    if errors.is_empty() {
        Ok(warnings)
    } else {
        Err(errors)
    }
}
