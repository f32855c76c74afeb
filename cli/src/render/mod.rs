//! Renderers: a report as text or JSON. A new format is one file.

pub(crate) mod aws_path;
pub(crate) mod class;
pub(crate) mod difference;
pub(crate) mod edit;
pub(crate) mod json;
pub(crate) mod matrix;
pub(crate) mod names;
pub(crate) mod path;
pub(crate) mod public_access;
pub(crate) mod repair;
pub(crate) mod resolution;
pub(crate) mod rests;
pub(crate) mod rule;
pub(crate) mod style;
pub(crate) mod text;
pub(crate) mod waived;
pub(crate) mod why;

use ingest::Validated;

use crate::report::Report;
use crate::session::{assumptions, not_modelled};

/// What a renderer is given.
#[derive(Clone, Copy)]
pub(crate) struct Rendering<'a> {
    pub(crate) report: &'a Report,
    pub(crate) validated: &'a Validated,
}

/// Assumptions and what is not modelled, each in a line.
fn preface(validated: &Validated, asks_names: bool) -> Vec<String> {
    let mut lines = assumed(validated, asks_names);
    lines.extend(unmodelled(validated));
    lines
}

fn assumed(validated: &Validated, asks_names: bool) -> Vec<String> {
    let assumptions = assumptions(validated, asks_names);
    let lines = assumptions.map(|one| format!("assumed ({}): {}", one.code, one.text));
    lines.collect()
}

fn unmodelled(validated: &Validated) -> impl Iterator<Item = String> {
    let diagnostics = not_modelled(validated);
    diagnostics.map(|one| format!("not modelled: {} ({})", one.message, one.place))
}
