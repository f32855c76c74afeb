//! Files: bytes from disk, unpacked, within limits, as text.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

use crate::diagnostic::{Code, Diagnostic, Place};

/// The largest file that is read: 256 MiB.
pub(crate) const MAX_FILE_BYTES: u64 = 256 * 1024 * 1024;

/// The limits of one run; a test sets its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) file_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: MAX_FILE_BYTES,
        }
    }
}

/// A file that was read.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: Arc<str>,
    pub(crate) text: String,
    pub(crate) sha256: String,
}

impl File {
    /// Reads a file of UTF-8 text that is not empty.
    pub(crate) fn read(path: &Path, limits: Limits) -> Result<File, Box<Diagnostic>> {
        let name: Arc<str> = path.display().to_string().into();
        let place = Place::file(name.clone());
        let bytes = bytes(path, limits).map_err(|error| {
            let message = format!("cannot be read: {error}");
            let diagnostic = Diagnostic::error(place.clone(), Code::UnreadableFile, message);
            Box::new(diagnostic.help(if error.kind() == io::ErrorKind::NotFound {
                "check the path; it is taken from the working directory"
            } else {
                "expected a file that this user may read"
            }))
        })?;
        let Some(bytes) = bytes else {
            return Err(Box::new(too_large(place, limits)));
        };
        if let Some((what, instead)) = packed(&bytes) {
            let message = format!("this is {what}");
            let diagnostic = Diagnostic::error(place, Code::UnsupportedInput, message);
            return Err(Box::new(diagnostic.help(instead)));
        }
        let sha256 = sha256(&bytes);
        let bytes = if bytes.starts_with(GZIP) {
            unpacked(&bytes, &place, limits)?
        } else {
            bytes
        };
        let text = String::from_utf8(bytes).map_err(|error| {
            let offset = error.utf8_error().valid_up_to();
            let message = format!("the file is not UTF-8, at byte {offset}");
            let help = "write it again as UTF-8; redirection in Windows PowerShell makes UTF-16";
            Box::new(Diagnostic::error(place.clone(), Code::NotUtf8, message).help(help))
        })?;
        if text.trim().is_empty() {
            let diagnostic = Diagnostic::error(place, Code::EmptyFile, "the file is empty");
            let help = "the command that wrote it failed, or printed nothing";
            return Err(Box::new(diagnostic.help(help)));
        }
        Ok(File { name, text, sha256 })
    }

    /// The text without a byte order mark.
    pub(crate) fn text(&self) -> &str {
        self.text.trim_start_matches('\u{feff}')
    }
}

/// What a file is that is no text by its first bytes, and what to give instead.
fn packed(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    if bytes.starts_with(b"PK\x03\x04") {
        // The first entry of a plan: the header of a zip entry has 30 bytes, and then its name.
        let is_plan = bytes
            .get(30..)
            .is_some_and(|name| name.starts_with(b"tfplan"));
        return Some(if is_plan {
            (
                "a plan as `terraform plan -out` writes it",
                "give what `terraform show -json` prints of it",
            )
        } else {
            ("a zip archive", "unpack it, and give what is in it")
        });
    }
    None
}

/// What a file begins with that gzip packed.
const GZIP: &[u8] = b"\x1f\x8b";

/// What gzip packed, which AWS delivers files in. A small file can have much in it, so that the limit
/// is one of what is unpacked.
fn unpacked(bytes: &[u8], place: &Place, limits: Limits) -> Result<Vec<u8>, Box<Diagnostic>> {
    let mut all = Vec::new();
    let mut unpacked = MultiGzDecoder::new(bytes).take(limits.file_bytes.saturating_add(1));
    if let Err(error) = unpacked.read_to_end(&mut all) {
        let message = format!("cannot be unpacked: {error}");
        let diagnostic = Diagnostic::error(place.clone(), Code::UnreadableFile, message);
        return Err(Box::new(
            diagnostic.help("fetch the file again, and as a whole"),
        ));
    }
    if u64::try_from(all.len()).unwrap_or(u64::MAX) > limits.file_bytes {
        return Err(Box::new(too_large(place.clone(), limits)));
    }
    Ok(all)
}

fn too_large(place: Place, limits: Limits) -> Diagnostic {
    let message = format!("the file is larger than {} bytes", limits.file_bytes);
    Diagnostic::error(place, Code::FileTooLarge, message).help("split it by account or region")
}

/// The bytes of a file, or `None` when there are more than the limit.
fn bytes(path: &Path, limits: Limits) -> io::Result<Option<Vec<u8>>> {
    let file = fs::File::open(path)?;
    // A size on disk that is too large saves the reading, and no other is believed: a pipe has none,
    // and a file may grow while it is read.
    if file.metadata()?.len() > limits.file_bytes {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.take(limits.file_bytes.saturating_add(1))
        .read_to_end(&mut bytes)?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    Ok((length <= limits.file_bytes).then_some(bytes))
}

/// The SHA-256 of some bytes, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        let written = write!(text, "{byte:02x}");
        debug_assert!(written.is_ok(), "writing to a string does not fail");
    }
    text
}
