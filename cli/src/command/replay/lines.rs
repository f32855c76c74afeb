//! The lines of a file, many at a time.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::super::input;

/// About how many bytes are read at a time.
const CHUNK: usize = 4 * 1024 * 1024;
/// The longest line that is read; the rest of a longer one is a line of its own, and no record.
const MOST_BYTES: u64 = 64 * 1024;
/// What a gzip file begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A file of which lines are read.
pub(super) struct Lines {
    pub(super) path: PathBuf,
    input: Box<dyn BufRead>,
}

/// Some lines of it.
#[derive(Default)]
pub(super) struct Chunk {
    bytes: Vec<u8>,
    /// Where each line ends.
    ends: Vec<usize>,
}

impl Lines {
    /// Opens a file, or standard input for `-`.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = input::open(path)?;
        let mut input: Box<dyn BufRead> = Box::new(BufReader::with_capacity(CHUNK, file));
        if input.fill_buf()?.starts_with(&GZIP) {
            let decoder = MultiGzDecoder::new(input);
            input = Box::new(BufReader::with_capacity(CHUNK, decoder));
        }
        Ok(Self {
            path: path.to_owned(),
            input,
        })
    }

    /// Reads the next lines in the place of others; whether they are the last.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or its compression is broken.
    pub(super) fn next(&mut self, chunk: &mut Chunk) -> io::Result<bool> {
        chunk.bytes.clear();
        chunk.ends.clear();
        while chunk.bytes.len() < CHUNK {
            let mut line = self.input.by_ref().take(MOST_BYTES);
            if line.read_until(b'\n', &mut chunk.bytes)? == 0 {
                return Ok(true);
            }
            chunk.ends.push(chunk.bytes.len());
        }
        Ok(false)
    }
}

impl Chunk {
    pub(super) fn n_lines(&self) -> usize {
        self.ends.len()
    }

    /// A line with its end; nothing behind the last one.
    pub(super) fn line(&self, at: usize) -> &[u8] {
        let before = at.checked_sub(1).and_then(|before| self.ends.get(before));
        let begin = before.copied().unwrap_or_default();
        let end = self.ends.get(at).copied().unwrap_or_default();
        self.bytes.get(begin..end).unwrap_or_default()
    }
}
