//! Diagnostics: what is wrong with an input, where, and what to do.

use std::fmt;
use std::sync::Arc;

use model::Defect;

/// One remark on an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the input can be used all the same.
    pub severity: Severity,
    /// Its documented code.
    pub code: Code,
    /// Where.
    pub place: Place,
    /// What is wrong: one line in lower case.
    pub message: String,
    /// What was expected, or what to do.
    pub help: Option<String>,
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The input cannot be used.
    Error,
    /// It can, with a loss that is named.
    Warning,
}

/// A place in an input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as the caller named it.
    pub file: Arc<str>,
    /// The JSON pointer (RFC 6901) or, in a native file, the TOML path.
    pub pointer: Option<String>,
    /// The line, counted from one.
    pub line: Option<usize>,
    /// Where the file that the input was made of declares it.
    pub source: Option<Source>,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The file.
    pub file: Arc<str>,
    /// The line, counted from one.
    pub line: usize,
}

/// Something that the reader took for granted, and that every report has to say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Assumption {
    /// Its kebab-case code.
    pub code: &'static str,
    /// One sentence.
    pub text: String,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What kind of remark a diagnostic is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $variant,)*
            /// The parts do not fit together: a code of [`model::Defect`].
            Defect(&'static str),
        }

        impl Code {
            /// Every code of the readers; those of [`model::Defect`] come on top.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The kebab-case name that documents and scripts use.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Code::$variant => $name,)*
                    Code::Defect(name) => name,
                }
            }
        }
    };
}

codes! {
    /// A file or directory cannot be read.
    UnreadableFile = "unreadable-file",
    /// A file is larger than the limit.
    FileTooLarge = "file-too-large",
    /// A file is not UTF-8.
    NotUtf8 = "not-utf8",
    /// A file is empty.
    EmptyFile = "empty-file",
    /// A directory holds no input.
    EmptyDirectory = "empty-directory",
    /// A file is not JSON.
    InvalidJson = "invalid-json",
    /// A file is nested deeper than the limit.
    NestingTooDeep = "nesting-too-deep",
    /// A file is not YAML, or uses what CloudFormation does not take of it.
    InvalidYaml = "invalid-yaml",
    /// A file is not TOML.
    InvalidToml = "invalid-toml",
    /// A file is none of the formats that are read.
    UnrecognisedInput = "unrecognised-input",
    /// A file is of a format that is known, and that is not read.
    UnsupportedInput = "unsupported-input",
    /// A file is one page of several.
    IncompletePage = "incomplete-page",
    /// A call of a collection was not answered.
    CallFailed = "call-failed",
    /// A field that is needed is missing.
    MissingField = "missing-field",
    /// A field is of another type than expected.
    WrongType = "wrong-type",
    /// A native file, or a Network Access Scope, has a key that means nothing there.
    UnknownKey = "unknown-key",
    /// A value is none of those that are known.
    InvalidValue = "invalid-value",
    /// A value is not a canonical CIDR block.
    InvalidCidr = "invalid-cidr",
    /// A value is not an address.
    InvalidAddress = "invalid-address",
    /// A policy cannot be read.
    InvalidPolicy = "invalid-policy",
    /// A policy is one that AWS does not accept in its place.
    RefusedPolicy = "refused-policy",
    /// The files of a directory are not those that a plan was made of.
    FilesDiffer = "files-differ",
    /// A part of a resource is written in two ways that take away each other's.
    MixedStyles = "mixed-styles",
    /// Two components of a kind have one id.
    DuplicateId = "duplicate-id",
    /// Something that is used is not in the input.
    NotDefined = "not-defined",
    /// A Network Access Scope asks for what the invariant language does not say exactly.
    NotExact = "not-exact",
    /// Something in the input has no model yet; what depends on it is unknown.
    NotModelled = "not-modelled",
}

impl Code {
    /// The code of a defect; where the readers have one of the same name, that one.
    pub fn of_defect(defect: &Defect) -> Code {
        let name = defect.code();
        let own = Code::ALL.iter().find(|code| code.name() == name);
        own.copied().unwrap_or(Code::Defect(name))
    }
}

impl Place {
    /// A whole file.
    pub fn file(file: impl Into<Arc<str>>) -> Self {
        Self {
            file: file.into(),
            pointer: None,
            line: None,
            source: None,
        }
    }
}

impl Diagnostic {
    /// An error.
    pub fn error(place: Place, code: Code, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            place,
            message: message.into(),
            help: None,
        }
    }

    /// A warning.
    pub fn warning(place: Place, code: Code, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(place, code, message)
        }
    }

    /// The same with a word on what was expected or what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        })
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
        }
        match self.pointer.as_deref() {
            None | Some("") => {}
            Some(pointer) => write!(formatter, " at {pointer}")?,
        }
        match &self.source {
            None => Ok(()),
            Some(Source { file, line }) => write!(formatter, ", from {file}:{line}"),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (severity, code) = (self.severity, self.code);
        write!(
            formatter,
            "{severity}[{code}]: {}\n  --> {}",
            self.message, self.place
        )?;
        match &self.help {
            None => Ok(()),
            Some(help) => write!(formatter, "\n  help: {help}"),
        }
    }
}
