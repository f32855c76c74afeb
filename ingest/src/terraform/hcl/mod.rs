//! What the `.tf` files of a plan say: locals, functions and blocks, which a plan leaves out.
//!
//! Expressions are evaluated with a name in the place of each value that is known only after the
//! apply, as "the id of this instance". What comes out is put where the plan leaves something open,
//! and nowhere else. It may settle a proof, so only what is exactly Terraform's is evaluated, and
//! whatever else there is stays open (`oracle.rs` compares). Files that are not those of the plan are
//! not used at all; that those which fit are is an assumption, which the report lists.

mod address;
mod block;
mod configuration;
mod document;
mod evaluate;
mod files;
mod fit;
mod function;
mod mention;
mod merge;
mod open_text;
mod operator;
#[cfg(test)]
mod oracle;
mod shape;
mod symbol;
mod traverse;
mod variable;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::json::Value as Json;

use crate::diagnostic::{Code, Diagnostic, Place, Source};
use crate::sink::Sink;
use crate::{Input, InputKind};

use super::plan::{Plan, Resource};

use evaluate::Evaluator;
use files::{Declared, Sources};
use merge::Merged;

pub(super) use symbol::Name;

/// How many things that do not fit are named.
const MAX_MISFITS: usize = 5;

/// What the files add to a plan, by the position of the resource.
#[derive(Default)]
pub(super) struct Written {
    by_resource: BTreeMap<usize, Refined>,
    /// The files that were used.
    pub(super) input: Option<Input>,
}

/// A resource with what the files say of it.
#[derive(Default)]
pub(super) struct Refined {
    /// By attribute.
    pub(super) attributes: BTreeMap<String, Merged>,
    /// The block that declares it.
    pub(super) source: Option<Source>,
}

impl Written {
    fn says_something(&self) -> bool {
        let mut resources = self.by_resource.values();
        resources.any(|refined| !refined.attributes.is_empty())
    }

    /// What the files say of a resource.
    pub(super) fn of(&self, position: usize) -> Option<&Refined> {
        self.by_resource.get(&position)
    }
}

/// Reads the files of a plan: of the first directory that fits it.
pub(super) fn read(plan: &Plan<'_>, directories: &[PathBuf], sink: &mut Sink) -> Written {
    let mut first = None;
    for directory in directories {
        let sources = Sources::read(directory, plan.configuration);
        let evaluator = Evaluator::new(plan, &sources);
        let misfits = fit::misfits(&evaluator);
        if misfits.is_empty() {
            let mut written = written(&evaluator);
            if written.says_something() {
                let (directory, file) = (directory.display(), plan.file());
                let text =
                    format!("the files under `{directory}` are those that `{file}` was made of");
                sink.assume("files-of-the-plan", text);
            }
            written.input = Some(Input {
                path: directory.display().to_string(),
                kind: InputKind::TerraformFiles,
                sha256: sources.sha256(),
                collections: Vec::new(),
            });
            return written;
        }
        first.get_or_insert((directory, misfits));
    }
    if let Some((directory, misfits)) = first {
        warn(plan, directory, &misfits, sink);
    }
    Written::default()
}

fn warn(plan: &Plan<'_>, directory: &Path, misfits: &[String], sink: &mut Sink) {
    let shown: Vec<_> = misfits.iter().take(MAX_MISFITS).cloned().collect();
    let n_more = misfits.len() - shown.len();
    let more = if n_more > 0 {
        format!(" and {n_more} more")
    } else {
        String::new()
    };
    let message = format!(
        "the files are not used, since they do not fit the plan `{}`: {}{more}",
        plan.file(),
        shown.join("; ")
    );
    let place = Place::file(files::shown(directory));
    let warning = Diagnostic::warning(place, Code::FilesDiffer, message);
    sink.push(warning.help("give the directory, as it was, in which `terraform plan` ran"));
}

fn written(evaluator: &Evaluator<'_, '_>) -> Written {
    let mut written = Written::default();
    for (position, resource) in evaluator.plan.resources.iter().enumerate() {
        let files = evaluator.module(&resource.module);
        let Some(declared) = files.and_then(|files| files.blocks.get(&resource.block)) else {
            continue;
        };
        let refined = Refined {
            attributes: refined(evaluator, resource, declared),
            source: Some(declared.source.clone()),
        };
        written.by_resource.insert(position, refined);
    }
    written
}

fn refined(
    evaluator: &Evaluator<'_, '_>,
    resource: &Resource<'_>,
    declared: &Declared,
) -> BTreeMap<String, Merged> {
    let mut refined = BTreeMap::new();
    if !resource.has_unknown() {
        return refined;
    }
    for (name, symbol) in block::attributes(evaluator, resource, declared) {
        let (value, unknown) = resource.raw(&name);
        let is_open = unknown.is_some_and(|unknown| *unknown != Json::Bool(false));
        // A scalar that could be known from the files alone would be known in the plan.
        if !is_open || symbol.is_known() || symbol == symbol::Symbol::Open {
            continue;
        }
        if let Some(merged) = merge::merged(evaluator.plan, value, unknown, &symbol) {
            refined.insert(name, merged);
        }
    }
    refined
}
