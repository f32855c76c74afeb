//! The invariant file, `vpcproof.toml`: groups of selectors, and claims in four words.
//!
//! [`read`] finds every problem of the file at once, each at its line and column. What selectors
//! mean is known only with a network: [`lower`](lower::lower) makes a [`model::Invariant`].

mod claim;
mod fields;
pub(crate) mod lower;
mod read;
mod request;
mod sites;
#[cfg(test)]
mod tests;
pub(crate) mod traffic;
pub(crate) mod words;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::problem::{Problem, ProblemCode, SourceText};
use crate::selector::parse::Names;

pub(crate) use claim::Statement;
pub use claim::{Severity, Word};

/// The name that is looked for, upwards from the working directory.
pub const FILE_NAME: &str = "vpcproof.toml";

/// The largest invariant file that is read: 1 MiB.
const MAX_BYTES: usize = 1024 * 1024;

/// The claims of a file, in its order.
#[derive(Clone, Debug)]
pub struct InvariantFile {
    /// The text that its problems point into.
    pub(crate) source: SourceText,
    /// The claims.
    pub(crate) statements: Vec<Statement>,
    /// The groups, and the sites of the networks on premises.
    pub(crate) names: Names,
}

impl InvariantFile {
    /// The names of the claims, in the file's order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.statements
            .iter()
            .map(|statement| statement.name.as_str())
    }
}

/// Reads an invariant file.
///
/// # Errors
///
/// Every problem of the file that can be seen without a network.
pub fn read(path: &Path) -> Result<InvariantFile, Vec<Problem>> {
    let name = path.display().to_string();
    let unreadable = |message: String, help: Option<&str>| {
        let source = SourceText::new(&name, "");
        let problem = source.problem(ProblemCode::UnreadableInvariantFile, &(0..0), message);
        vec![problem.help(help)]
    };
    let bytes =
        bytes(path).map_err(|error| unreadable(format!("cannot be read: {error}"), None))?;
    if bytes.len() > MAX_BYTES {
        let help = "expected claims, which people write; are the arguments in the right order?";
        let message = format!("the file is larger than {MAX_BYTES} bytes");
        return Err(unreadable(message, Some(help)));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let message = format!("the file is not UTF-8, at byte {offset}");
        unreadable(message, Some("write it again as UTF-8"))
    })?;
    let text = text.trim_start_matches('\u{feff}');
    read::read(SourceText::new(name, text))
}

/// The bytes of a file, one more than the limit at most: a pipe has no size to be asked for.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
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
