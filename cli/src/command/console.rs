//! Standard output and standard error.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use ingest::{ReadError, Validated};

use super::{Color, Networks};
use crate::doubt::Doubt;
use crate::exit::Exit;
use crate::problem::Problem;
use crate::render::style::Style;
use crate::session::{self, Failure};

/// How long work lasts before its progress is shown.
const QUIET: Duration = Duration::from_secs(1);

/// Where results, diagnostics and progress go.
pub(crate) struct Console {
    /// For standard output.
    pub(crate) style: Style,
    started: Instant,
    progress: bool,
    shown: bool,
    /// Whether whoever read standard output went away.
    closed: bool,
}

impl Console {
    pub(crate) fn new(color: Color) -> Self {
        let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let forced = env::var_os("CLICOLOR_FORCE").is_some_and(|v| !v.is_empty() && v != "0");
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if set("NO_COLOR") => false,
            Color::Auto => forced || io::stdout().is_terminal(),
        };
        Self {
            style: Style { color },
            started: Instant::now(),
            progress: io::stderr().is_terminal(),
            shown: false,
            closed: false,
        }
    }

    pub(crate) const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Begins to measure anew how long work lasts.
    pub(crate) fn restart(&mut self) {
        self.started = Instant::now();
    }

    /// Writes a result. A reader that went away is not an error of ours.
    pub(crate) fn out(&mut self, text: &str) {
        self.clear();
        let mut stdout = io::stdout().lock();
        let written = stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush());
        self.closed |= written.is_err();
    }

    /// Writes a diagnostic.
    pub(crate) fn err(&mut self, text: &str) {
        self.clear();
        let written = writeln!(io::stderr().lock(), "{text}");
        drop(written);
    }

    /// Says why a run could not go on.
    pub(crate) fn error(&mut self, message: &str) -> Exit {
        self.err(&format!("error: {message}"));
        Exit::CouldNotRun
    }

    /// Refuses to decide flows that depend on what a network has by a guess.
    pub(crate) fn refuse_guesses(&mut self, validated: &Validated, what: &str) -> Result<(), Exit> {
        let guessed = Doubt::of(validated, true).guessed();
        if guessed.is_empty() {
            return Ok(());
        }
        let exit = self.error(&format!(
            "{what} cannot be decided: what decides them is not known"
        ));
        for reason in guessed {
            self.err(&format!("  {reason}"));
        }
        Err(exit)
    }

    /// Says what is being worked at, on a terminal, once it lasts.
    pub(crate) fn progress(&mut self, what: &str) {
        if self.progress && self.started.elapsed() > QUIET {
            let mut stderr = io::stderr().lock();
            let written =
                write!(stderr, "\r\u{1b}[2Kchecking {what}").and_then(|()| stderr.flush());
            drop(written);
            self.shown = true;
        }
    }

    fn clear(&mut self) {
        if self.shown {
            let written = write!(io::stderr().lock(), "\r\u{1b}[2K");
            drop(written);
            self.shown = false;
        }
    }

    /// Reads the networks; warnings and errors go to standard error.
    pub(crate) fn read(&mut self, networks: &Networks) -> Result<Validated, Exit> {
        self.open(networks, true)
    }

    /// Reads another side of networks that were read already, whose warnings would come twice.
    pub(crate) fn read_silently(&mut self, networks: &Networks) -> Result<Validated, Exit> {
        self.open(networks, false)
    }

    fn open(&mut self, networks: &Networks, warns: bool) -> Result<Validated, Exit> {
        let options = ingest::Options {
            terraform_files: networks.hcl.clone(),
            prior_state: networks.prior_state,
        };
        match session::open(&networks.networks, &options) {
            Ok(validated) => {
                let warnings = validated.diagnostics.iter();
                // What is not modelled is part of every report.
                let told =
                    |one: &&ingest::Diagnostic| warns && one.code != ingest::Code::NotModelled;
                for warning in warnings.filter(told) {
                    self.err(&warning.to_string());
                }
                Ok(validated)
            }
            Err(ReadError {
                diagnostics,
                n_more,
            }) => {
                for diagnostic in &diagnostics {
                    self.err(&diagnostic.to_string());
                }
                let errors = diagnostics.iter().filter(|one| one.is_error()).count();
                let count = match (errors, n_more) {
                    (1, 0) => "1 error".to_owned(),
                    (_, 0) => format!("{errors} errors"),
                    (_, _) => format!("{errors} errors, and {n_more} more that are not shown"),
                };
                self.err(&format!("error: the network cannot be used ({count})"));
                Err(Exit::CouldNotRun)
            }
        }
    }

    /// Reads the networks for a question that z3 is asked.
    pub(crate) fn read_for_solver(&mut self, networks: &Networks) -> Result<Validated, Exit> {
        if let Err(error) = solver::version::check() {
            self.err(&format!("error: {error}"));
            return Err(Exit::CouldNotRun);
        }
        self.read(networks)
    }

    pub(crate) fn problems(&mut self, problems: &[Problem]) -> Exit {
        for problem in problems {
            self.err(&problem.to_string());
        }
        Exit::CouldNotRun
    }

    pub(crate) fn failure(&mut self, failure: &Failure) -> Exit {
        match failure {
            Failure::Problems(problems) => self.problems(problems),
            Failure::Disagreement(disagreement) => {
                self.err(&format!("error: {disagreement}"));
                Exit::CouldNotRun
            }
        }
    }
}
