//! What the command says about its engines.

/// The z3 that answers, or what was found instead.
pub(crate) fn z3_version() -> String {
    match solver::version::check() {
        Ok(version) => version.to_owned(),
        Err(error) => error.found,
    }
}
