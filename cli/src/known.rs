//! What is known of AWS beside the network: what the program comes with, and the user's own files.

use std::path::Path;

use catalogue::{Catalogue, Mistake, Prices};

use crate::problem::{Problem, ProblemCode, SourceText};
use crate::text_file;

/// What is known of AWS beside the network.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Known {
    pub(crate) prices: Prices,
    pub(crate) catalogue: Catalogue,
}

impl Known {
    /// What the program comes with.
    fn bundled() -> Self {
        Self {
            prices: Prices::bundled(),
            catalogue: Catalogue::bundled().clone(),
        }
    }

    /// Puts the user's files before what the program comes with.
    ///
    /// # Errors
    ///
    /// Every problem of both.
    pub(crate) fn with(
        prices: Option<&Path>,
        catalogue: Option<&Path>,
    ) -> Result<Self, Vec<Problem>> {
        let mut known = Self::bundled();
        let mut problems = Vec::new();
        match prices.map(|path| read(path, "prices", Prices::read)) {
            Some(Ok(own)) => known.prices = own.before(known.prices),
            Some(Err(more)) => problems.extend(more),
            None => {}
        }
        match catalogue.map(read_catalogue) {
            Some(Ok(own)) => known.catalogue = own.before(&known.catalogue),
            Some(Err(more)) => problems.extend(more),
            None => {}
        }
        if problems.is_empty() {
            Ok(known)
        } else {
            Err(problems)
        }
    }
}

/// Reads a catalogue.
pub(crate) fn read_catalogue(path: &Path) -> Result<Catalogue, Vec<Problem>> {
    read(path, "services", Catalogue::read)
}

/// Reads a file of TOML; mistakes of syntax are all told before those of meaning.
fn read<T>(
    path: &Path,
    expected: &str,
    read: impl Fn(&str) -> Result<T, Vec<Mistake>>,
) -> Result<T, Vec<Problem>> {
    let source = text_file::read(path, ProblemCode::UnreadableCatalogue, expected)?;
    if let Err(mistakes) = ingest::toml_error::parse(&source.text) {
        let mistakes = mistakes.into_iter();
        let problems = mistakes.map(|one| invalid(&source, &one.span, one.message).help(one.help));
        return Err(problems.collect());
    }
    read(&source.text).map_err(|mistakes| {
        let mistakes = mistakes.into_iter();
        let problems = mistakes.map(|one| invalid(&source, &one.span, one.message));
        problems.collect()
    })
}

fn invalid(source: &SourceText, span: &std::ops::Range<usize>, message: String) -> Problem {
    source.problem(ProblemCode::InvalidCatalogue, span, message)
}
