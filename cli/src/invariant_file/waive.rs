//! `[[waive]]`: flows of a claim that are not judged for a while, and why.

use std::collections::BTreeSet;
use std::ops::Range;

use catalogue::Day;
use model::{Family, PortRange, RequestSet};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::claim::{Selection, Statement, Word};
use super::fields::{Notes, Text};
use super::policy::PolicyStatement;
use super::read::{classes, families, selection, source_ports};
use super::request;
use super::traffic::{Class, Shown};
use crate::change::stated::Does;
use crate::nearest::suggest;
use crate::problem::{ProblemCode, SourceText};
use crate::selector::Base;
use crate::selector::parse::Names;

/// The fields of a waiver.
const FIELDS: [&str; 10] = [
    "invariant",
    "of",
    "from",
    "to",
    "traffic",
    "source-ports",
    "family",
    "request",
    "reason",
    "until",
];
/// The fields that say what is waived; those that are not there narrow nothing.
const NARROWING: [&str; 7] = [
    "of",
    "from",
    "to",
    "traffic",
    "source-ports",
    "family",
    "request",
];
/// The endpoints of a claim about policies.
const OF: &str = "of";
/// The reason of an entry of a baseline that gives none.
pub(super) const RECORDED: &str = "in the baseline";

/// Where a waiver comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Somebody states it, in the invariant file.
    Stated,
    /// It is an entry of a baseline: what was violated when that was made.
    Baseline,
}

/// What is waived of a claim: the flows, or the requests, that all of its fields mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waiver {
    /// Where it begins in its file.
    pub(crate) span: Range<usize>,
    /// The text of that file.
    pub(crate) source: SourceText,
    pub(crate) origin: Origin,
    /// Endpoints; `None` is every one of a claim about policies.
    pub(crate) of: Option<Selection>,
    /// Who sends; `None` is every sender of the claim.
    pub(crate) from: Option<Selection>,
    /// Interfaces that it is sent to; `None` is every place of the claim.
    pub(crate) to: Option<Selection>,
    /// `None` is all traffic of the claim.
    pub(crate) traffic: Option<Vec<Class>>,
    /// The sender's ports of TCP and UDP; `None` is every port.
    pub(crate) source_ports: Option<Vec<PortRange>>,
    /// `None` is every family of the claim.
    pub(crate) families: Option<BTreeSet<Family>>,
    /// `None` is every request of the claim.
    pub(crate) request: Option<RequestSet>,
    pub(crate) reason: String,
    /// The last day on which it counts.
    pub(crate) until: Option<Day>,
}

impl Waiver {
    /// A field of it that only a claim about flows has.
    fn of_flows(&self) -> Option<&'static str> {
        let fields = [
            ("from", self.from.is_some()),
            ("to", self.to.is_some()),
            ("traffic", self.traffic.is_some()),
            ("source-ports", self.source_ports.is_some()),
            ("family", self.families.is_some()),
        ];
        let mut there = fields.into_iter().filter(|(_, is_there)| *is_there);
        there.next().map(|(field, _)| field)
    }

    /// The flows in the user's own names, as `from A to B with tcp/443`.
    pub(crate) fn flows(&self) -> String {
        let place = |word: &str, selection: &Selection| format!("{word} `{}`", selection.text);
        let traffic = self.traffic.as_ref().map(|classes| {
            let classes: Vec<String> = classes.iter().map(ToString::to_string).collect();
            format!("with {}", classes.join(", "))
        });
        let ports = self.source_ports.as_ref().map(|ranges| {
            let ranges: Vec<String> = ranges.iter().map(|one| Shown(one).to_string()).collect();
            format!("from ports {}", ranges.join(", "))
        });
        let families = self.families.as_ref().map(|families| {
            let families: Vec<&str> = families.iter().map(|one| spoken(*one)).collect();
            format!("over {}", families.join(" and "))
        });
        let requests = self
            .request
            .as_ref()
            .map(|set| format!("with requests {}", request::told(set)));
        let parts = [
            self.of.as_ref().map(|of| place("of", of)),
            self.from.as_ref().map(|from| place("from", from)),
            self.to.as_ref().map(|to| place("to", to)),
            traffic,
            ports,
            families,
            requests,
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// A family as people say it.
const fn spoken(family: Family) -> &'static str {
    match family {
        Family::V4 => "IPv4",
        Family::V6 => "IPv6",
    }
}

/// Reads one, with the name of its claim.
pub(super) fn read(
    table: &DeTable<'_>,
    span: Range<usize>,
    origin: Origin,
    names: &Names,
    notes: &mut Notes<'_>,
) -> Option<(Text, Waiver)> {
    notes.only_known(table, &FIELDS, "`[[waive]]`");
    let field = |name: &str| {
        let found = table.iter().find(|(key, _)| key.get_ref() == name);
        found.map(|(_, value)| value)
    };
    let needed: &[&str] = match origin {
        Origin::Stated => &["invariant", "reason"],
        Origin::Baseline => &["invariant"],
    };
    for name in needed {
        if field(name).is_none() {
            let message = format!("`[[waive]]` lacks the field `{name}`");
            notes.push(ProblemCode::MissingClaimField, &span, message, None);
        }
    }
    if NARROWING.iter().all(|name| field(name).is_none()) {
        let message = "`[[waive]]` says with none of `from`, `to`, `traffic`, `source-ports`, `family` and `request` what it waives";
        let help = "a claim of which nothing is left has to be deleted".to_owned();
        notes.push(ProblemCode::MissingClaimField, &span, message, Some(help));
    }
    let mut ends = |name: &str| {
        let texts = notes.strings(field(name)?, name);
        let ends = selection(&texts, names, notes);
        only_ends(&ends, name, notes);
        Some(ends)
    };
    let (from, to) = (ends("from"), ends("to"));
    let of = field(OF).map(|value| {
        let texts = notes.strings(value, OF);
        selection(&texts, names, notes)
    });
    let request = field("request").and_then(|value| request::read(value, notes));
    let traffic = field("traffic").map(|value| classes(value, notes));
    let source_ports = field("source-ports").map(|value| source_ports(value, notes));
    let families = field("family").map(|value| families(value, notes));
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
    let reason = match origin {
        Origin::Stated => reason?.0,
        Origin::Baseline => reason.map_or_else(|| RECORDED.to_owned(), |(text, _)| text),
    };
    let waiver = Waiver {
        span,
        source: notes.source.clone(),
        origin,
        of,
        from,
        to,
        traffic,
        source_ports,
        families,
        request,
        reason: reason.trim().to_owned(),
        until,
    };
    Some((invariant?, waiver))
}

/// That what a waiver takes at one end is something that can be taken out there.
fn only_ends(selection: &Selection, field: &str, notes: &mut Notes<'_>) {
    let is_from = field == "from";
    for selector in &selection.selectors {
        let is_taken = match &selector.base {
            Base::Interface | Base::Instance | Base::Subnet | Base::Vpc => true,
            // What is sent there is not told apart by addresses.
            Base::Internet | Base::OnPremises(_) => is_from,
            Base::Any
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
        if !is_taken {
            let message = format!("`{field}` of a waiver cannot be `{}`", selector.base);
            let outside = if is_from {
                "`internet`, `onprem`, "
            } else {
                ""
            };
            let help = format!(
                "it takes {outside}`interface`, `instance`, `subnet` and `vpc`, and groups of them; \
                 left out, it is all that the claim says"
            );
            let (code, help) = (ProblemCode::InvalidSelector, Some(help));
            notes.push(code, &selector.span, message, help);
        }
    }
}

pub(super) fn day(value: &Spanned<DeValue<'_>>, notes: &mut Notes<'_>) -> Option<Day> {
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
    policies: &mut [PolicyStatement],
    has_change: bool,
    notes: &mut Notes<'_>,
) {
    for ((name, span), waiver) in waivers {
        // People allow in the reference what may be; a program does not write there.
        let policy = policies.iter_mut().find(|one| one.name == name);
        if let Some(policy) = policy.filter(|_| waiver.origin == Origin::Baseline) {
            if let Some(field) = waiver.of_flows() {
                let message = format!("`{field}` is nothing of `{name}`, which is a `[[policy]]`");
                let help = Some("it speaks of no flow: an entry has `of` and `request`".to_owned());
                notes.push(ProblemCode::NotWaivable, &span, message, help);
            } else {
                policy.waivers.push(waiver);
            }
            continue;
        }
        let found = statements.iter_mut().find(|one| one.name == name);
        match found {
            Some(statement) if statement.word == Word::Sometimes => {
                let message = format!("nothing of `{name}` can be waived: it is a `[[sometimes]]`");
                let help = "it asks for one flow, so that flows left out make it harder to hold and \
                            excuse nothing";
                let (code, help) = (ProblemCode::NotWaivable, Some(help.to_owned()));
                notes.push(code, &span, message, help);
            }
            Some(_) if waiver.of.is_some() => {
                let message = format!("`of` is nothing of `{name}`, which speaks of flows");
                let help = Some("it has `from` and `to`".to_owned());
                notes.push(ProblemCode::NotWaivable, &span, message, help);
            }
            Some(statement) if waiver.request.is_some() && statement.request.is_none() => {
                let message = format!("no requests of `{name}` can be waived: it has no `request`");
                let help = Some("give the claim a `request`, or waive flows of it".to_owned());
                notes.push(ProblemCode::NotWaivable, &span, message, help);
            }
            Some(statement) => statement.waivers.push(waiver),
            None if waiver.origin == Origin::Baseline => {
                let message = format!("the invariant file has no claim `{name}` any more");
                let help = Some("delete the entry, or make the baseline again".to_owned());
                notes.push(ProblemCode::UnusedWaiver, &span, message, help);
            }
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
