//! Exit codes: 0 all proved, 1 violated, 2 could not run, 3 undecided.

use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything that was asked is proved.
    Proved,
    /// At least one claim is violated.
    Violated,
    /// It could not run: bad input, bad usage, or engines that disagree; or a waiver of the input does
    /// not count any more.
    CouldNotRun,
    /// Nothing is violated, something is unknown, or vacuous where that is an error.
    Undecided,
}

impl Exit {
    /// The number that scripts see.
    pub const fn code(self) -> u8 {
        match self {
            Exit::Proved => 0,
            Exit::Violated => 1,
            Exit::CouldNotRun => 2,
            Exit::Undecided => 3,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}
