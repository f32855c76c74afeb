//! Problems with what the user wrote: in the invariant file, in a file of prices or services, or in a
//! selector on the command line.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

macro_rules! problem_codes {
    ($($variant:ident = $name:literal: $text:literal,)*) => {
        /// What kind of problem it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum ProblemCode {
            $(#[doc = $text] $variant,)*
        }

        impl ProblemCode {
            /// Every code.
            pub const ALL: &'static [ProblemCode] = &[$(ProblemCode::$variant,)*];

            /// The kebab-case name that documents and scripts use.
            pub const fn name(self) -> &'static str {
                match self {
                    $(ProblemCode::$variant => $name,)*
                }
            }
        }
    };
}

problem_codes! {
    UnreadableInvariantFile = "unreadable-invariant-file": "The invariant file cannot be read.",
    InvalidInvariantFile = "invalid-invariant-file": "The invariant file is not TOML.",
    UnreadablePolicy = "unreadable-policy": "The policy that a claim compares with cannot be read.",
    UnreadableCatalogue = "unreadable-catalogue": "A file of prices or services cannot be read.",
    InvalidCatalogue = "invalid-catalogue": "A file of prices or services is not TOML, or says what it may not say.",
    UnknownField = "unknown-field": "A field that means nothing where it stands.",
    MissingClaimField = "missing-claim-field": "A field that the claim needs is missing.",
    WrongFieldType = "wrong-field-type": "A field has a value of another type than expected.",
    InvalidFieldValue = "invalid-field-value": "A field has a value that is none of those that are known.",
    InvalidSelector = "invalid-selector": "A selector cannot be read, or does not fit the place where it stands.",
    UnknownGroup = "unknown-group": "A group, or a site of the networks on premises, that the file does not define.",
    UnknownTagKey = "unknown-tag-key": "A tag key that nothing of the network has.",
    UnknownName = "unknown-name": "A VPC or prefix list that the network does not have, or a VPC that cannot be asked for names.",
    InvalidTraffic = "invalid-traffic": "Traffic that cannot be read.",
    DuplicateName = "duplicate-name": "Two claims or two groups have one name.",
    NotModelledYet = "not-modelled-yet": "Something that vpcproof does not model yet.",
    UnknownClaim = "unknown-claim": "A waiver names a claim that the file does not have.",
    NotWaivable = "not-waivable": "A claim of which nothing can be waived, or not what a waiver says.",
    ExpiredWaiver = "expired-waiver": "The end of a waiver has passed.",
    WaiverTooWide = "waiver-too-wide": "A waiver leaves nothing that its claim speaks of.",
    UnusedWaiver = "unused-waiver": "Nothing is violated in what a waiver waives: a warning.",
    BaselineWider = "baseline-wider": "Something that an entry of the baseline says is not violated: a warning.",
    InvalidBaseline = "invalid-baseline": "A baseline cannot be read, or says what a baseline may not say.",
}

impl ProblemCode {
    /// Whether it lets the run go on as if it were not there.
    pub const fn is_warning(self) -> bool {
        matches!(self, ProblemCode::UnusedWaiver | ProblemCode::BaselineWider)
    }
}

/// The text that problems point into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText {
    /// The file as the user named it, or `--from` and its like.
    pub name: Arc<str>,
    /// The text.
    pub text: Arc<str>,
    /// Where its lines begin, but the first.
    line_starts: Arc<[usize]>,
}

impl SourceText {
    /// A named text.
    pub fn new(name: impl AsRef<str>, text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self {
            name: Arc::from(name.as_ref()),
            text: Arc::from(text),
            line_starts: breaks.map(|(position, _)| position + 1).collect(),
        }
    }

    /// Line and column of a byte, both from one; columns count characters.
    pub(crate) fn position(&self, byte: usize) -> (usize, usize) {
        let byte = byte.min(self.text.len());
        let n_breaks = self.line_starts.partition_point(|start| *start <= byte);
        let start = n_breaks.checked_sub(1);
        let start = start.and_then(|last| self.line_starts.get(last)).copied();
        let line = self.text.get(start.unwrap_or(0)..byte);
        let column = line.map_or(0, |text| text.chars().count()) + 1;
        (n_breaks + 1, column)
    }

    /// A problem at a place of this text.
    pub(crate) fn problem(
        &self,
        code: ProblemCode,
        span: &Range<usize>,
        message: impl Into<String>,
    ) -> Problem {
        let (line, column) = self.position(span.start);
        Problem {
            code,
            file: self.name.clone(),
            line,
            column,
            message: message.into(),
            help: None,
        }
    }
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file as the user named it.
    pub file: Arc<str>,
    /// The line, from one.
    pub line: usize,
    /// The column, from one.
    pub column: usize,
    /// The documented code.
    pub code: ProblemCode,
    /// What is wrong: one line in lower case.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Problem {
    /// The same with a word on what to do.
    #[must_use]
    pub(crate) fn help(mut self, help: Option<impl Into<String>>) -> Self {
        self.help = help.map(Into::into);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (code, file) = (self.code.name(), &self.file);
        let (line, column) = (self.line, self.column);
        let word = if self.code.is_warning() {
            "warning"
        } else {
            "error"
        };
        write!(
            formatter,
            "{word}[{code}]: {}\n  --> {file}:{line}:{column}",
            self.message
        )?;
        match &self.help {
            None => Ok(()),
            Some(help) => write!(formatter, "\n  help: {help}"),
        }
    }
}
