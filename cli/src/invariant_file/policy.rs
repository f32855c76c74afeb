//! `[[policy]]`: an endpoint's policy against another one.

use std::ops::Range;
use std::path::Path;

use model::{Policy, RequestSet};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::claim::{Selection, Severity};
use super::fields::Notes;
use super::request;
use super::waive::Waiver;
use crate::problem::ProblemCode;
use crate::text_file;

/// The fields of such a claim.
pub(super) const FIELDS: [&str; 6] = ["name", "of", "within", "equals", "request", "severity"];

/// How a policy has to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    /// It permits nothing that the reference does not.
    Within,
    /// It permits the same.
    Equals,
}

impl Relation {
    const ALL: [Relation; 2] = [Relation::Within, Relation::Equals];

    /// The field that says it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Relation::Within => "within",
            Relation::Equals => "equals",
        }
    }
}

/// A claim about the policies of endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PolicyStatement {
    pub(crate) name: String,
    /// Where it begins in the file.
    pub(crate) span: Range<usize>,
    /// The endpoints.
    pub(crate) of: Selection,
    pub(crate) relation: Relation,
    /// The file of the reference as the user named it.
    pub(crate) file: String,
    pub(crate) reference: Policy,
    /// The requests that are compared.
    pub(crate) set: RequestSet,
    pub(crate) severity: Severity,
    /// What a baseline has of it.
    pub(crate) waivers: Vec<Waiver>,
}

impl PolicyStatement {
    /// The same wherever it stands in a file; its waivers stay where they are.
    pub(crate) fn without_places(&self) -> Self {
        Self {
            span: 0..0,
            of: self.of.without_places(),
            ..self.clone()
        }
    }

    /// The claim as a sentence in the user's own names.
    pub(crate) fn sentence(&self) -> String {
        let (of, file) = (&self.of.text, &self.file);
        match self.relation {
            Relation::Within => format!("the policy of `{of}` permits nothing beyond `{file}`"),
            Relation::Equals => format!("the policy of `{of}` permits the same as `{file}`"),
        }
    }
}

/// Reads one; `select` reads the selectors, and `directory` is where paths begin.
pub(super) fn read(
    table: &DeTable<'_>,
    span: Range<usize>,
    directory: &Path,
    select: impl Fn(&Spanned<DeValue<'_>>, &mut Notes<'_>) -> Selection,
    notes: &mut Notes<'_>,
) -> Option<PolicyStatement> {
    notes.only_known(table, &FIELDS, "`[[policy]]`");
    let field = |name: &str| {
        let found = table.iter().find(|(key, _)| key.get_ref() == name);
        found.map(|(_, value)| value)
    };
    for name in ["name", "of"] {
        if field(name).is_none() {
            let message = format!("`[[policy]]` lacks the field `{name}`");
            notes.push(ProblemCode::MissingClaimField, &span, message, None);
        }
    }
    let relations = Relation::ALL.into_iter();
    let found: Vec<_> = relations
        .filter_map(|relation| Some((relation, field(relation.name())?)))
        .collect();
    let [(relation, file)] = found.as_slice() else {
        let message = "`[[policy]]` has one of the fields `within` and `equals`";
        let help = Some("name the JSON file of a policy, as `within = \"policies/s3.json\"`");
        let (code, help) = (ProblemCode::MissingClaimField, help.map(str::to_owned));
        notes.push(code, &span, message, help);
        return None;
    };
    let name = field("name").and_then(|value| notes.string(value, "name"));
    let of = field("of").map(|value| select(value, notes));
    let severities = Severity::ALL.map(|severity| (severity.name(), severity));
    let severity = field("severity").and_then(|value| notes.word(value, "severity", &severities));
    let set = field("request").and_then(|value| request::read(value, notes));
    let (file, file_span) = notes.string(file, relation.name())?;
    let reference = reference(&file, &file_span, directory, notes);
    Some(PolicyStatement {
        name: name?.0,
        span,
        of: of?,
        relation: *relation,
        file,
        reference: reference?,
        set: set.unwrap_or_else(RequestSet::every),
        severity: severity.unwrap_or(Severity::High),
        waivers: Vec::new(),
    })
}

/// The reference; its mistakes are told where the claim names its file.
fn reference(
    file: &str,
    span: &Range<usize>,
    directory: &Path,
    notes: &mut Notes<'_>,
) -> Option<Policy> {
    let code = ProblemCode::UnreadablePolicy;
    let text = match text_file::read(&directory.join(file), code, "a policy") {
        Ok(text) => text,
        Err(problems) => {
            for problem in problems {
                let message = format!("`{file}`: {}", problem.message);
                notes.push(code, span, message, problem.help);
            }
            return None;
        }
    };
    match ingest::policy::read(&text.text, &ingest::Place::file(file)) {
        Ok(policy) => Some(policy),
        Err(diagnostics) => {
            for diagnostic in diagnostics {
                let message = format!("{}: {}", diagnostic.place, diagnostic.message);
                notes.push(code, span, message, diagnostic.help);
            }
            None
        }
    }
}
