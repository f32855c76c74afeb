//! The options for files that replace parts of what is known of AWS.

use std::path::PathBuf;

use crate::known::Known;
use crate::problem::Problem;

/// The options.
#[derive(clap::Args)]
pub(crate) struct KnownFiles {
    /// Prices, in the format of catalogue/data/prices.toml; they replace those of the same component and Region.
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
}

impl KnownFiles {
    /// What is known, with the files.
    ///
    /// # Errors
    ///
    /// Every problem of every file.
    pub(crate) fn read(&self) -> Result<Known, Vec<Problem>> {
        let known = Known::bundled();
        match &self.prices {
            Some(path) => known.with_prices(path),
            None => Ok(known),
        }
    }
}
