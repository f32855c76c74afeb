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
    let assumed = assumptions(validated, asks_names)
        .map(|assumption| format!("assumed ({}): {}", assumption.code, assumption.text));
    let not_modelled = not_modelled(validated).map(|diagnostic| {
        format!(
            "not modelled: {} ({})",
            diagnostic.message, diagnostic.place
        )
    });
    assumed.chain(not_modelled).collect()
}
