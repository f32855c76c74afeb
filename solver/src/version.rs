//! The one z3 that the solver trusts.
//!
//! The bindings carry z3's enumerations as numbers, and those numbers have changed between releases, so another
//! library can answer wrongly rather than fail. The solver therefore asks the library that was really loaded for
//! its name before it asks it anything else.
//!
//! This module does not find or fetch the library: `tools/fetch-z3` does, and `build.rs` links it.

use std::error::Error;
use std::fmt;

/// The version of the only library that the solver runs with, in z3's own four numbers.
pub const PINNED: &str = env!("VPCPROOF_PINNED_Z3");

/// The library that was loaded is not the pinned one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsupportedZ3 {
    /// What the loaded library says it is.
    pub found: String,
}

impl fmt::Display for UnsupportedZ3 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "the z3 library that was loaded is `{}`, but its answers are only trusted at version {PINNED}: \
             run `tools/fetch-z3`, build again, and unset LD_LIBRARY_PATH if it names another z3",
            self.found
        )
    }
}

impl Error for UnsupportedZ3 {}

/// The version of the loaded library, if it is the pinned one.
///
/// ```
/// assert_eq!(solver::version::check(), Ok(solver::version::PINNED));
/// ```
///
/// # Errors
///
/// When the loaded library is any other release of z3, older or newer.
pub fn check() -> Result<&'static str, UnsupportedZ3> {
    judge(z3::full_version())
}

/// The pinned library says `5.3.3.0`; other builds put a name before the numbers, or a commit after them.
fn judge(full_version: &'static str) -> Result<&'static str, UnsupportedZ3> {
    full_version
        .split_whitespace()
        .find(|word| *word == PINNED)
        .ok_or_else(|| UnsupportedZ3 {
            found: full_version.to_owned(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_linked_library_is_the_pinned_one() {
        assert_eq!(check(), Ok(PINNED));
    }

    #[test]
    fn any_other_library_is_refused_by_name() {
        for other in [
            "4.8.12.0",
            "5.3.2.0",
            "15.3.3.0",
            "5.3.3.01",
            "Z3 5.3.2.0",
            "",
        ] {
            assert_eq!(
                judge(other),
                Err(UnsupportedZ3 {
                    found: other.to_owned()
                })
            );
        }
    }

    #[test]
    fn the_refusal_says_what_was_found_and_what_to_run() {
        let refusal = UnsupportedZ3 {
            found: "4.8.12.0".to_owned(),
        }
        .to_string();
        assert!(refusal.contains("4.8.12.0"), "{refusal}");
        assert!(refusal.contains(PINNED), "{refusal}");
        assert!(refusal.contains("tools/fetch-z3"), "{refusal}");
    }
}
