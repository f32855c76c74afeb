//! What is known of AWS beside the network: what the program comes with, and the user's own files.

use std::path::Path;

use catalogue::{Catalogue, Mistake, Prices};

use crate::problem::{Problem, ProblemCode, SourceText};
use crate::text_file;

/// What is known of AWS beside the network.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) prices: Prices,
    pub(crate) catalogue: Catalogue,
}

impl Known {
    /// What the program comes with.
    pub(crate) fn bundled() -> Self {
        Self {
            prices: Prices::bundled(),
            catalogue: Catalogue::bundled().clone(),
        }
    }

    /// Puts the prices of a file before those that are known.
    pub(crate) fn with_prices(mut self, path: &Path) -> Result<Self, Vec<Problem>> {
        let prices = read(path, "prices", Prices::read)?;
        self.prices = prices.before(self.prices);
        Ok(self)
    }
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
