//! Every claim of an invariant file as a test of its own in `cargo test`.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};

use crate::face::{self, Error, Network};
use crate::invariant_file::{self, InvariantFile};

/// Writes the `main` of a test that has no harness of its own (`harness = false`): every claim of
/// the invariant file is a test, judged on the networks, which are layered left to right.
///
/// ```no_run
/// vpcproof::test_main!("vpcproof.toml", "fixtures/prod", "plan.json");
/// ```
#[macro_export]
macro_rules! test_main {
    ($file:expr, $($network:expr),+ $(,)?) => {
        fn main() -> ::std::process::ExitCode {
            $crate::run_tests($file, &[$($network),+])
        }
    };
}

/// Runs what [`test_main!`] stands for.
pub fn run_tests(file: &str, networks: &[&str]) -> ExitCode {
    let arguments = Arguments::from_args();
    let tests = match tests(Path::new(file), networks) {
        Ok(tests) => tests,
        // What cannot be read fails as a test too, so that no one takes silence for success.
        Err(error) => vec![Trial::test("the-input-can-be-read", move || {
            Err(Failed::from(error.to_string()))
        })],
    };
    libtest_mimic::run(&arguments, tests).exit_code()
}

fn tests(file: &Path, networks: &[&str]) -> Result<Vec<Trial>, Error> {
    let file = invariant_file::read(file).map_err(Error::Problems)?;
    let network = face::load_all(networks)?;
    let shared: Arc<(InvariantFile, Network)> = Arc::new((file, network));
    let test = |index: usize, name: &str| {
        let shared = Arc::clone(&shared);
        Trial::test(name, move || prove(&shared.0, &shared.1, index))
    };
    let names = shared.0.names().enumerate();
    Ok(names.map(|(index, name)| test(index, name)).collect())
}

fn prove(file: &InvariantFile, network: &Network, index: usize) -> Result<(), Failed> {
    let proved = match file.statements.get(index) {
        Some(statement) => network.prove_statement(statement, &file.source),
        None => match file
            .policies
            .get(index.saturating_sub(file.statements.len()))
        {
            Some(statement) => network.prove_policy(statement, &file.source),
            None => return Ok(()),
        },
    };
    proved.map_err(|error| Failed::from(error.to_string()))
}
