//! Files that people write: small, UTF-8, and untrusted like any other.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::problem::{Problem, ProblemCode, SourceText};

/// The largest file that is read: 1 MiB.
const MAX_BYTES: usize = 1024 * 1024;

/// Reads a file; `expected` says what it should hold to whoever gives a file that is too large.
///
/// # Errors
///
/// The one problem, by the code.
pub(crate) fn read(
    path: &Path,
    code: ProblemCode,
    expected: &str,
) -> Result<SourceText, Vec<Problem>> {
    let name = path.display().to_string();
    let unreadable = |message: String, help: Option<&str>| {
        let source = SourceText::new(&name, "");
        let problem = source.problem(code, &(0..0), message);
        vec![problem.help(help)]
    };
    let bytes =
        bytes(path).map_err(|error| unreadable(format!("cannot be read: {error}"), None))?;
    if bytes.len() > MAX_BYTES {
        let help = format!("expected {expected}; are the arguments in the right order?");
        let message = format!("the file is larger than {MAX_BYTES} bytes");
        return Err(unreadable(message, Some(&help)));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let message = format!("the file is not UTF-8, at byte {offset}");
        unreadable(message, Some("write it again as UTF-8"))
    })?;
    Ok(SourceText::new(&name, text.trim_start_matches('\u{feff}')))
}

/// The bytes of a file, one more than the limit at most: a pipe has no size to be asked for.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}
