//! `[[waive]]`: flows of a claim that are not judged for a while, and why.

use std::ops::Range;

use catalogue::Day;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::claim::{Selection, Statement, Word};
use super::fields::{Notes, Text};
use super::policy::PolicyStatement;
use super::traffic::Class;
use crate::change::stated::Does;
use crate::nearest::suggest;
use crate::problem::ProblemCode;
use crate::selector::Base;

/// The fields of a waiver.
const FIELDS: [&str; 6] = ["invariant", "from", "to", "traffic", "reason", "until"];
/// The fields that say which flows are waived; those that are not there narrow nothing.
const NARROWING: [&str; 3] = ["from", "to", "traffic"];

/// What is waived of a claim: the flows that all of its fields mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waiver {
    /// Where it begins in the file.
    pub(crate) span: Range<usize>,
    /// Interfaces that send; `None` is every sender of the claim.
    pub(crate) from: Option<Selection>,
    /// Interfaces that it is sent to; `None` is every place of the claim.
    pub(crate) to: Option<Selection>,
    /// `None` is all traffic of the claim.
    pub(crate) traffic: Option<Vec<Class>>,
    pub(crate) reason: String,
    /// The last day on which it counts.
    pub(crate) until: Option<Day>,
}

impl Waiver {
    /// The flows in the user's own names, as `from A to B with tcp/443`.
    pub(crate) fn flows(&self) -> String {
        let place = |word: &str, selection: &Selection| format!("{word} `{}`", selection.text);
        let traffic = self.traffic.as_ref().map(|classes| {
            let classes: Vec<String> = classes.iter().map(ToString::to_string).collect();
            format!("with {}", classes.join(", "))
        });
        let parts = [
            self.from.as_ref().map(|from| place("from", from)),
            self.to.as_ref().map(|to| place("to", to)),
            traffic,
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// Reads one, with the name of its claim; `select` and `classes` read selectors and traffic.
pub(super) fn read(
    table: &DeTable<'_>,
    span: Range<usize>,
    select: impl Fn(&Spanned<DeValue<'_>>, &str, &mut Notes<'_>) -> Selection,
    classes: impl Fn(&Spanned<DeValue<'_>>, &mut Notes<'_>) -> Vec<Class>,
    notes: &mut Notes<'_>,
) -> Option<(Text, Waiver)> {
    notes.only_known(table, &FIELDS, "`[[waive]]`");
    let field = |name: &str| {
        let found = table.iter().find(|(key, _)| key.get_ref() == name);
        found.map(|(_, value)| value)
    };
    for name in ["invariant", "reason"] {
        if field(name).is_none() {
            let message = format!("`[[waive]]` lacks the field `{name}`");
            notes.push(ProblemCode::MissingClaimField, &span, message, None);
        }
    }
    if NARROWING.iter().all(|name| field(name).is_none()) {
        let message = "`[[waive]]` says with none of `from`, `to` and `traffic` what it waives";
        let help = "a claim of which nothing is left has to be deleted".to_owned();
        notes.push(ProblemCode::MissingClaimField, &span, message, Some(help));
    }
    let mut interfaces = |name: &str| {
        let selection = select(field(name)?, name, notes);
        only_interfaces(&selection, name, notes);
        Some(selection)
    };
    let (from, to) = (interfaces("from"), interfaces("to"));
    let traffic = field("traffic").map(|value| classes(value, notes));
    let until = field("until").and_then(|value| day(value, notes));
    let reason = field("reason").and_then(|value| notes.string(value, "reason"));
    if let Some((text, span)) = &reason
        && text.trim().is_empty()
    {
        let help = Some("say why the flows are let be, for those who read the report".to_owned());
        let message = "`reason` is empty";
        notes.push(ProblemCode::InvalidFieldValue, span, message, help);
    }
    let invariant = field("invariant").and_then(|value| notes.string(value, "invariant"));
    let waiver = Waiver {
        span,
        from,
        to,
        traffic,
        reason: reason?.0.trim().to_owned(),
        until,
    };
    Some((invariant?, waiver))
}

fn only_interfaces(selection: &Selection, field: &str, notes: &mut Notes<'_>) {
    for selector in &selection.selectors {
        let is_interfaces = match &selector.base {
            Base::Interface | Base::Instance | Base::Subnet | Base::Vpc => true,
            Base::Internet
            | Base::OnPremises(_)
            | Base::Any
            | Base::Endpoint
            | Base::EndpointService
            | Base::LoadBalancer
            | Base::NatGateway
            | Base::TransitGateway
            | Base::VirtualPrivateGateway
            | Base::Service(_)
            | Base::Name(_)
            | Base::Ip(_)
            | Base::PrefixList(_)
            | Base::Recipe(_) => false,
        };
        if !is_interfaces {
            let message = format!("`{field}` of a waiver cannot be `{}`", selector.base);
            let help = "it takes `interface`, `instance`, `subnet` and `vpc`, and groups of them; \
                        left out, it is all that the claim says";
            let (code, help) = (ProblemCode::InvalidSelector, Some(help.to_owned()));
            notes.push(code, &selector.span, message, help);
        }
    }
}

fn day(value: &Spanned<DeValue<'_>>, notes: &mut Notes<'_>) -> Option<Day> {
    let date = value.get_ref().as_datetime();
    let day = date.and_then(|date| date.to_string().parse().ok());
    if day.is_none() {
        let message = "`until` is no day; expected one without quotes, as `until = 2027-03-31`";
        notes.push(ProblemCode::WrongFieldType, &value.span(), message, None);
    }
    day
}

/// Gives each waiver to its claim.
pub(super) fn attach(
    waivers: Vec<(Text, Waiver)>,
    statements: &mut [Statement],
    policies: &[PolicyStatement],
    has_change: bool,
    notes: &mut Notes<'_>,
) {
    for ((name, span), waiver) in waivers {
        let found = statements.iter_mut().find(|one| one.name == name);
        match found {
            Some(statement) if statement.word == Word::Sometimes => {
                let message = format!("nothing of `{name}` can be waived: it is a `[[sometimes]]`");
                let help = "it asks for one flow, so that flows left out make it harder to hold and \
                            excuse nothing";
                let (code, help) = (ProblemCode::NotWaivable, Some(help.to_owned()));
                notes.push(code, &span, message, help);
            }
            Some(statement) => statement.waivers.push(waiver),
            None => no_claim(&name, &span, (statements, policies, has_change), notes),
        }
    }
}

/// Says why a waiver has no claim about flows.
fn no_claim(
    name: &str,
    span: &Range<usize>,
    (statements, policies, has_change): (&[Statement], &[PolicyStatement], bool),
    notes: &mut Notes<'_>,
) {
    if policies.iter().any(|one| one.name == name) {
        let message = format!("nothing of `{name}` can be waived: it is a `[[policy]]`");
        let help = "it compares policies and speaks of no flow; allow in the reference what may be";
        let (code, help) = (ProblemCode::NotWaivable, Some(help.to_owned()));
        return notes.push(code, span, message, help);
    }
    if has_change && Does::ALL.iter().any(|does| does.name() == name) {
        let message = format!("nothing of `{name}` can be waived: it is a part of `[change]`");
        let help = "state there what the change may do besides";
        let (code, help) = (ProblemCode::NotWaivable, Some(help.to_owned()));
        return notes.push(code, span, message, help);
    }
    let message = format!("the file has no claim `{name}`");
    let names = statements.iter().map(|one| one.name.as_str());
    let help = suggest(name, names, "claims about flows");
    notes.push(ProblemCode::UnknownClaim, span, message, help);
}
