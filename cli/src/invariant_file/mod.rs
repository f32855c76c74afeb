//! The invariant file, `vpcproof.toml`: groups of selectors, and claims in four words.
//!
//! [`read`] finds every problem of the file at once, each at its line and column. What selectors
//! mean is known only with a network: [`lower`](lower::lower) makes a [`model::Invariant`].

pub(crate) mod baseline;
pub(crate) mod change;
mod claim;
mod fields;
pub(crate) mod known;
mod left_out;
pub(crate) mod lower;
pub(crate) mod policy;
mod read;
pub(crate) mod request;
mod sites;
#[cfg(test)]
mod tests;
pub(crate) mod traffic;
pub(crate) mod waive;
pub(crate) mod words;

use std::path::{Path, PathBuf};

use crate::problem::{Problem, ProblemCode, SourceText};
use crate::selector::parse::Names;
use crate::text_file;

pub(crate) use claim::{Selection, Statement};
pub use claim::{Severity, Word};

/// The name that is looked for, upwards from the working directory.
pub const FILE_NAME: &str = "vpcproof.toml";

/// The claims of a file: those about flows, then those about policies, each in the file's order.
#[derive(Clone, Debug)]
pub struct InvariantFile {
    /// The text that its problems point into.
    pub(crate) source: SourceText,
    /// The claims about flows.
    pub(crate) statements: Vec<Statement>,
    /// The claims about policies.
    pub(crate) policies: Vec<policy::PolicyStatement>,
    /// What a change of the network is meant to do, where the file says so.
    pub(crate) change: Option<Vec<change::ChangeEntry>>,
    /// Findings that a baseline lets be as a whole.
    pub(crate) known: Vec<known::KnownFinding>,
    /// The groups, and the sites of the networks on premises.
    pub(crate) names: Names,
}

impl InvariantFile {
    /// The names of the claims, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let statements = self.statements.iter().map(|statement| &statement.name);
        let policies = self.policies.iter().map(|statement| &statement.name);
        statements.chain(policies).map(String::as_str)
    }
}

/// Reads an invariant file.
///
/// # Errors
///
/// Every problem of the file that can be seen without a network.
pub fn read(path: &Path) -> Result<InvariantFile, Vec<Problem>> {
    let code = ProblemCode::UnreadableInvariantFile;
    read::read(text_file::read(path, code, "claims, which people write")?)
}

/// Reads an invariant file from a text.
#[cfg(any(test, fuzzing))]
pub(crate) fn read_text(name: &str, text: &str) -> Result<InvariantFile, Vec<Problem>> {
    read::read(SourceText::new(name, text))
}

/// The invariant file of a directory: its own, or the nearest one above it.
pub fn find(directory: &Path) -> Option<PathBuf> {
    directory
        .ancestors()
        .map(|directory| directory.join(FILE_NAME))
        .find(|path| path.is_file())
}

/// The invariant file that was named, or that of the working directory.
pub(crate) fn named_or_found(named: Option<&Path>) -> Option<PathBuf> {
    let found = || find(&std::env::current_dir().ok()?);
    named.map(Path::to_owned).or_else(found)
}
