//! Runs everything that is measured.

use std::process::Command;

use benches::notes::workspace;
use benches::once::LARGE;

use crate::Problem;

/// Builds the program whose whole runs are measured, and runs all benches.
pub(crate) fn all(large: bool) -> Result<(), Problem> {
    let build = ["build", "--release", "--package", "vpcproof"];
    let bench = ["bench", "--package", "vpcproof-benches"];
    for arguments in [&build[..], &bench[..]] {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(arguments).current_dir(workspace());
        if large {
            cargo.env(LARGE, "1");
        }
        let said = || format!("cargo {}", arguments.join(" "));
        let status = cargo.status();
        let status = status.map_err(|error| format!("could not run `{}`: {error}", said()))?;
        if !status.success() {
            return Err(format!("`{}` failed", said()));
        }
    }
    Ok(())
}
