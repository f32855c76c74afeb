//! The report for people.

use std::collections::BTreeSet;
use std::fmt::Write;

use ingest::Validated;
use model::{
    Address, AddressSlot, ComponentId, Direction, Flow, Network, NetworkInterfaceId, VpcId,
};

use super::style::Style;
use super::{Rendering, names, path, repair, waived, why};
use crate::cost;
use crate::invariant_file::Word;
use crate::judge::{Evidence, Reason};
use crate::report::{Difference, Finding, Kind, VerdictWord};
use crate::transient::During;

/// How much of the reasons of a built-in check that could not decide is shown.
const MOST_REASONS: usize = 3;
/// How many changes are shown that open a claim while a plan is applied.
const MOST_CHANGES: usize = 8;
/// How many parts of a snapshot have their age told.
const MOST_COLLECTIONS: usize = 8;

/// The whole report.
pub(crate) fn report(rendering: Rendering<'_>, style: Style) -> String {
    let Rendering { report, validated } = rendering;
    let mut text = String::new();
    for finding in &report.findings {
        for line in self::finding(finding, validated, style) {
            push(&mut text, &line);
        }
    }
    for advice in &report.advice {
        let line = format!(
            "{}    {}: {}",
            style.faint("ADVICE"),
            advice.code,
            advice.text
        );
        push(&mut text, &line);
    }
    // One doubt often concerns all of them.
    let mut undecided: Vec<(&BTreeSet<Reason>, Vec<&str>)> = Vec::new();
    for summary in report.built_in.iter().filter(|one| !one.reasons.is_empty()) {
        let same = undecided.iter_mut().find(|(of, _)| **of == summary.reasons);
        match same {
            Some((_, codes)) => codes.push(summary.code),
            None => undecided.push((&summary.reasons, vec![summary.code])),
        }
    }
    for (reasons, codes) in undecided {
        let checks = if codes.len() == 1 { "check" } else { "checks" };
        let codes = codes.join(", ");
        push(
            &mut text,
            &format!("{}  built-in {checks} {codes}", style.doubtful("UNDECIDED")),
        );
        for reason in reasons.iter().take(MOST_REASONS) {
            push(&mut text, &format!("  because    {reason}"));
        }
        if let Some(more) = reasons.len().checked_sub(MOST_REASONS + 1) {
            push(&mut text, &format!("  and {} more", more + 1));
        }
    }
    for line in preface(rendering) {
        push(&mut text, &style.faint(&line));
    }
    if !text.is_empty() && !text.ends_with("\n\n") {
        push(&mut text, "");
    }
    push(&mut text, &style.strong(&summary(rendering)));
    for line in ages(validated) {
        push(&mut text, &style.faint(&line));
    }
    text
}

/// The answer of `explain`, which shows the path whatever the verdict is.
pub(crate) fn explained(rendering: Rendering<'_>, style: Style) -> String {
    let Rendering { report, validated } = rendering;
    let mut text = String::new();
    for finding in &report.findings {
        let word = match finding.verdict {
            VerdictWord::Proved => style.good("REACHABLE"),
            VerdictWord::Violated => style.bad("BLOCKED"),
            VerdictWord::Vacuous => style.doubtful("NO FLOW"),
            VerdictWord::Unknown => style.doubtful("UNKNOWN"),
        };
        push(
            &mut text,
            &format!("{word}  {}", style.strong(&finding.name)),
        );
        for note in &finding.notes {
            push(&mut text, &format!("  because    {note}"));
        }
        for reason in &finding.reasons {
            push(&mut text, &format!("  because    {reason}"));
        }
        if finding.verdict == VerdictWord::Vacuous {
            let why = "the selectors mean no sender, or no destination that one can send to";
            push(&mut text, &format!("  because    {why}"));
        }
        if let Some(evidence) = &finding.evidence {
            for line in witness(finding, evidence, validated, style) {
                push(&mut text, &line);
            }
        }
        for line in repair::lines(&finding.repairs, validated, style) {
            push(&mut text, &line);
        }
    }
    for line in preface(rendering).iter().chain(&ages(validated)) {
        push(&mut text, &style.faint(line));
    }
    text
}

fn push(text: &mut String, line: &str) {
    let written = writeln!(text, "{line}");
    debug_assert!(written.is_ok(), "writing to a string does not fail");
}

/// Assumptions, those of the report too, and what is not modelled.
fn preface(rendering: Rendering<'_>) -> Vec<String> {
    let Rendering { report, validated } = rendering;
    let mut lines = super::assumed(validated, report.asks_names);
    let made = report.assumptions.iter();
    lines.extend(made.map(|(code, text)| format!("assumed ({code}): {text}")));
    lines.extend(super::unmodelled(validated));
    lines
}

/// When the snapshots were recorded, the oldest first: the recorded time, and not how long ago that is,
/// so that the same input gives the same report.
fn ages(validated: &Validated) -> Vec<String> {
    let collections = validated.inputs.iter().flat_map(|input| &input.collections);
    let mut collections: Vec<_> = collections.collect();
    collections.sort();
    let shown = collections.iter().take(MOST_COLLECTIONS);
    let mut lines: Vec<_> = shown
        .map(|one| format!("snapshot of {} ({})", one.started, one.place()))
        .collect();
    let rest = collections.len().saturating_sub(MOST_COLLECTIONS);
    if let Some(latest) = collections.last().filter(|_| rest > 0) {
        lines.push(format!("and {rest} more, the latest of {}", latest.started));
    }
    lines
}

fn summary(rendering: Rendering<'_>) -> String {
    let counts = rendering.report.counts();
    let known = match counts.known {
        0 => String::new(),
        n => format!(" ({n} in the baseline)"),
    };
    let mut text = format!(
        "{} proved, {} violated{known}, {} vacuous, {} unknown",
        counts.proved, counts.violated, counts.vacuous, counts.unknown
    );
    let findings = rendering.report.findings.iter();
    let during: Vec<_> = findings
        .filter_map(|one| Some((one, one.during.as_ref()?)))
        .collect();
    let open = during
        .iter()
        .filter(|(_, during)| during.during != VerdictWord::Proved);
    let open: Vec<_> = open.map(|(finding, _)| finding.name.as_str()).collect();
    match (during.as_slice(), open.as_slice()) {
        ([], _) => {}
        (_, []) => text.push_str("; all are proved while the change is applied too"),
        (_, open) => text.push_str(&format!(
            "; not proved while the change is applied: {}",
            open.join(", ")
        )),
    }
    let checks = rendering.report.built_in.len();
    if checks > 0 {
        let clean = rendering.report.built_in.iter();
        let clean = clean.filter(|one| one.findings == 0 && one.reasons.is_empty());
        text.push_str(&format!(
            "; {} of {checks} built-in checks found nothing",
            clean.count()
        ));
    }
    text
}

/// One finding: a line when it is proved, a block otherwise.
pub(crate) fn finding(finding: &Finding, validated: &Validated, style: Style) -> Vec<String> {
    let word = format!("{:<9}", finding.verdict.to_string());
    let word = match finding.verdict {
        VerdictWord::Proved => style.good(&word),
        VerdictWord::Violated => style.bad(&word),
        VerdictWord::Vacuous | VerdictWord::Unknown => style.doubtful(&word),
    };
    let waivers = waived::count(finding);
    if finding.verdict == VerdictWord::Proved {
        let mut lines = vec![format!("{word} {}{waivers}", finding.name)];
        lines.extend(waived::lines(finding, style));
        lines.extend(why::lines(finding, validated, style));
        return lines;
    }
    let severity = match finding.verdict {
        VerdictWord::Violated if finding.known.is_some() => {
            format!("  ({}; in the baseline)", finding.severity)
        }
        VerdictWord::Violated => format!("  ({})", finding.severity),
        VerdictWord::Proved | VerdictWord::Vacuous | VerdictWord::Unknown => String::new(),
    };
    let name = style.strong(&finding.name);
    let mut lines = vec![format!("{word} {name}{severity}{waivers}")];
    let says = match finding.kind {
        Kind::Claim(word) => format!("{:<10} ", word.name()),
        Kind::Policy => format!("{:<10} ", "policy"),
        Kind::BuiltIn(_) => "found      ".to_owned(),
    };
    lines.push(format!("  {says}{}", finding.sentence));
    if let Some(known) = &finding.known {
        lines.push(waived::known(known));
        lines.push(String::new());
        return lines;
    }
    lines.extend(waived::lines(finding, style));
    for note in &finding.notes {
        lines.push(format!("  because    {note}"));
    }
    if let Some(during) = &finding.during {
        lines.extend(told_of(during));
    }
    if finding.verdict == VerdictWord::Vacuous && finding.notes.is_empty() {
        let why = "no flow is in scope, or none satisfies what the claim presumes";
        lines.push(format!("  because    {why}"));
    }
    // A whole network may be new, and everything in it open.
    let most = match &finding.during {
        Some(_) => MOST_CHANGES,
        None => usize::MAX,
    };
    for reason in finding.reasons.iter().take(most) {
        lines.push(format!("  because    {reason}"));
    }
    match finding.reasons.len().saturating_sub(most) {
        0 => {}
        n_more => lines.push(format!("  and {n_more} more, which the JSON lists")),
    }
    for subject in &finding.subjects {
        let text = path::decider(validated, &subject.component, subject.rule);
        lines.push(format!("  at         {text}"));
        let place = path::place(&validated.provenance, &subject.component, subject.rule);
        if let Some(place) = place {
            lines.push(style.faint(&format!("          --> {place}")));
        }
    }
    if finding.verdict != VerdictWord::Unknown
        && let Some(evidence) = &finding.evidence
    {
        lines.extend(witness(finding, evidence, validated, style));
    }
    lines.extend(repair::lines(&finding.repairs, validated, style));
    for assumption in &finding.assumptions {
        lines.push(format!("  assumed    {assumption}"));
    }
    lines.push(String::new());
    lines
}

/// The verdicts after a change and while it is applied.
fn told_of(during: &During) -> [String; 2] {
    let meanwhile = match during.during {
        VerdictWord::Proved | VerdictWord::Vacuous => "in every network there is then",
        VerdictWord::Violated => "in every network there is then, and so before the change too",
        VerdictWord::Unknown => "not in every network there is then, as far as can be told",
    };
    [
        format!("  after      {}, once the change is applied", during.after),
        format!("  meanwhile  {}: {meanwhile}", during.during),
    ]
}

fn witness(
    finding: &Finding,
    evidence: &Evidence,
    validated: &Validated,
    style: Style,
) -> Vec<String> {
    let mut lines = vec![format!(
        "  flow       {}",
        flow(validated, &evidence.witness.flow)
    )];
    if let Some(request) = evidence.request() {
        lines.push(format!("  request    {request}"));
    }
    lines.extend(open_addresses(evidence, &validated.network));
    let view = path::View {
        validated,
        difference: finding.difference,
        reply: speaks_of_replies(finding),
        style,
    };
    lines.extend(path::lines(evidence, view));
    if let Some(text) = differs(finding.difference, evidence, validated) {
        lines.push(format!("  differs    {text}"));
    }
    for cost in &finding.costs {
        let text = cost::told(cost, &validated.network);
        lines.push(format!("  costs      {text}"));
    }
    lines
}

/// The values that open addresses have in the flow's completion: of those that a packet on the path has. A plan may
/// leave thousands of others open.
fn open_addresses(evidence: &Evidence, network: &Network) -> Vec<String> {
    let hops = evidence.trace.forward.iter().chain(&evidence.trace.reply);
    let packets = hops.map(|hop| &hop.packet);
    let packets = packets.chain([&evidence.witness.flow.packet]);
    let met: BTreeSet<Address> = packets
        .flat_map(|packet| [packet.source(), packet.destination()])
        .collect();
    let vpcs = vpcs(evidence, network);
    let is_met = |(slot, address): &(&AddressSlot, &Address)| {
        // VPCs apart from each other may have the same private addresses.
        let vpc = vpc_of(network, &slot.interface);
        let is_near = slot.public || vpc.is_none_or(|vpc| vpcs.contains(vpc));
        met.contains(address) && is_near
    };
    let all = evidence.witness.completion.addresses.iter();
    let (met, others): (Vec<_>, Vec<_>) = all.partition(is_met);
    let met = met.into_iter().map(|(slot, address)| {
        let interface = names::interface(network, &slot.interface);
        let kind = if slot.public {
            "public address"
        } else {
            "address"
        };
        format!("  with       {kind} {address} of {interface}, which is open")
    });
    let addresses = match others.len() {
        0 => None,
        1 => Some("1 more open address".to_owned()),
        n_others => Some(format!("{n_others} more open addresses")),
    };
    let others = addresses.map(|addresses| {
        format!("  and {addresses}, which no packet on the path has: the JSON lists their values")
    });
    met.chain(others).collect()
}

/// The VPCs of the subnets and interfaces on a path.
fn vpcs<'a>(evidence: &Evidence, network: &'a Network) -> BTreeSet<&'a VpcId> {
    let hops = evidence.trace.forward.iter().chain(&evidence.trace.reply);
    let vpcs = hops.filter_map(|hop| {
        if let ComponentId::Subnet(id) = &hop.component {
            network.subnets().get(id).map(|subnet| &subnet.vpc)
        } else if let ComponentId::NetworkInterface(id) = &hop.component {
            vpc_of(network, id)
        } else {
            None
        }
    });
    vpcs.collect()
}

fn vpc_of<'a>(network: &'a Network, interface: &NetworkInterfaceId) -> Option<&'a VpcId> {
    let interface = network.network_interfaces().get(interface)?;
    let subnet = network.subnets().get(&interface.subnet)?;
    Some(&subnet.vpc)
}

/// Whether the path of the reply belongs to the answer.
fn speaks_of_replies(finding: &Finding) -> bool {
    if let Some(Difference::Step(Direction::Reply, _)) = finding.difference {
        return true;
    }
    matches!(finding.kind, Kind::Claim(Word::Always | Word::Sometimes))
}

/// A flow for people.
pub(crate) fn flow(validated: &Validated, flow: &Flow) -> String {
    let sender = names::source(&validated.network, &flow.source);
    let picks: Vec<_> = flow.picks.iter().map(u16::to_string).collect();
    let handed_on = match picks.as_slice() {
        [] => String::new(),
        picks => format!(", handed on to candidate {}", picks.join(" and then ")),
    };
    format!("{sender}: {}{handed_on}", flow.packet)
}

/// The first decision that differs from the claim.
fn differs(
    difference: Option<Difference>,
    evidence: &Evidence,
    validated: &Validated,
) -> Option<String> {
    match difference? {
        Difference::Step(direction, index) => {
            let hops = match direction {
                Direction::Forward => &evidence.trace.forward,
                Direction::Reply => &evidence.trace.reply,
            };
            let hop = hops.get(index)?;
            let decider = path::told(hop, validated);
            let effect = path::effect(&hop.effect);
            let what = match direction {
                Direction::Forward => "the request",
                Direction::Reply => "the reply",
            };
            Some(format!("{what} is {effect} by {decider} ({})", hop.clause))
        }
        Difference::Policy => {
            let (way, permission) = evidence.permission.as_ref()?;
            let word = path::permission_word(permission);
            let decider = path::deciding_endpoint(way, permission);
            let decider = path::policy_text(decider.as_ref(), &validated.network);
            Some(format!(
                "the request is {word} by the {decider} ({})",
                permission.clause
            ))
        }
    }
}
