//! A claim as the user states it, with selectors not yet resolved.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use model::{ContextKey, Family, KeySet, PortRange, RequestSet};

use crate::invariant_file::traffic::Class;
use crate::invariant_file::waive::Waiver;
use crate::selector::Selector;

/// The four words of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// No flow in scope is delivered.
    Never,
    /// Every flow in scope is delivered, and answered.
    Always,
    /// At least one is.
    Sometimes,
    /// Every delivered flow passes these.
    Only,
}

impl Word {
    /// Every word.
    pub(crate) const ALL: [Word; 4] = [Word::Never, Word::Always, Word::Sometimes, Word::Only];

    /// The word as the file writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Word::Never => "never",
            Word::Always => "always",
            Word::Sometimes => "sometimes",
            Word::Only => "only",
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// How bad a violation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// High, the default of the file's claims.
    High,
    /// Medium.
    Medium,
    /// Low.
    Low,
}

impl Severity {
    /// Every severity, the highest first.
    pub(crate) const ALL: [Severity; 3] = [Severity::High, Severity::Medium, Severity::Low];

    /// The word that files and reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What is asked of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Delivered,
    Answered,
}

/// A list of selectors, and how the user wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selection {
    pub(crate) selectors: Vec<Selector>,
    pub(crate) text: String,
}

/// One claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) word: Word,
    pub(crate) name: String,
    /// Where it begins in the file.
    pub(crate) span: Range<usize>,
    pub(crate) from: Selection,
    pub(crate) to: Selection,
    /// `None` is the word's default.
    pub(crate) traffic: Option<Vec<Class>>,
    pub(crate) source_ports: Option<Vec<PortRange>>,
    pub(crate) families: BTreeSet<Family>,
    pub(crate) via: Vec<Selection>,
    pub(crate) asked: Asked,
    pub(crate) request: Option<RequestSet>,
    pub(crate) severity: Severity,
    pub(crate) vacuous_is_error: bool,
    /// What of it is not judged for a while.
    pub(crate) waivers: Vec<Waiver>,
}

/// What a key of the context holds, in words.
fn key((key, keys): (&ContextKey, &KeySet)) -> String {
    let list = |patterns: &[String]| format!("`{}`", patterns.join("` or `"));
    let or_absent = if keys.absent { ", or absent" } else { "" };
    match &keys.values {
        None => format!("{key} absent"),
        Some(patterns) => match (patterns.include.as_slice(), patterns.exclude.as_slice()) {
            ([], []) => format!("{key} present{or_absent}"),
            ([], not) => format!("{key} other than {}{or_absent}", list(not)),
            (these, []) => format!("{key} {}{or_absent}", list(these)),
            (these, not) => format!("{key} {} but not {}{or_absent}", list(these), list(not)),
        },
    }
}

impl Selection {
    /// The same wherever it stands.
    pub(crate) fn without_places(&self) -> Self {
        let selectors = self.selectors.iter();
        Self {
            selectors: selectors.map(Selector::without_place).collect(),
            text: self.text.clone(),
        }
    }
}

impl Statement {
    /// The same wherever it stands in a file; its waivers stay where they are.
    pub(crate) fn without_places(&self) -> Self {
        Self {
            span: 0..0,
            from: self.from.without_places(),
            to: self.to.without_places(),
            via: self.via.iter().map(Selection::without_places).collect(),
            ..self.clone()
        }
    }

    /// The claim as a sentence in the user's own names.
    pub(crate) fn sentence(&self) -> String {
        let (from, to) = (&self.from.text, &self.to.text);
        let traffic = match &self.traffic {
            None => String::new(),
            Some(classes) => {
                let classes: Vec<String> = classes.iter().map(ToString::to_string).collect();
                format!(" with {}", classes.join(", "))
            }
        };
        let request = match &self.request {
            None => String::new(),
            Some(set) => {
                let actions = match set.actions.include.as_slice() {
                    [] => "any request".to_owned(),
                    actions => actions.join(" or "),
                };
                let list = |patterns: &[String]| patterns.join("` or `");
                let resources = &set.resources;
                let on = match (resources.include.as_slice(), resources.exclude.as_slice()) {
                    ([], []) => String::new(),
                    ([], not) => format!(" on anything but `{}`", list(not)),
                    (these, _) => format!(" on `{}`", list(these)),
                };
                let keys: Vec<String> = set.context.iter().map(key).collect();
                let with = if keys.is_empty() {
                    String::new()
                } else {
                    format!(", with {}", keys.join(" and "))
                };
                format!(" carrying {actions}{on}{with}")
            }
        };
        let scope = format!("from `{from}` to `{to}`{traffic}{request}");
        let via: Vec<String> = self
            .via
            .iter()
            .map(|one| format!("`{}`", one.text))
            .collect();
        let via = via.join(", then ");
        let done = match (self.asked, &self.request) {
            (Asked::Delivered, None) => "delivered",
            (Asked::Delivered, Some(_)) => "delivered and permitted",
            (Asked::Answered, None) => "answered",
            (Asked::Answered, Some(_)) => "answered and permitted",
        };
        let passes = if via.is_empty() {
            String::new()
        } else {
            format!(" and passes {via}")
        };
        match self.word {
            Word::Never => format!("no flow {scope} is {done}"),
            Word::Always => format!("every flow {scope} is {done}{passes}"),
            Word::Sometimes => format!("some flow {scope} is {done}{passes}"),
            Word::Only => format!("every delivered flow {scope} passes {via}"),
        }
    }
}
