//! `route53resolver list-resolver-rules`, `list-resolver-rule-associations`,
//! `list-resolver-endpoints`, `list-resolver-endpoint-ip-addresses`: resolver rules.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, InboundResolver, ResolverAction, ResolverRule, ResolverRuleId, Tags, Vpc, VpcId,
};

use super::snapshot::Snapshot;
use crate::diagnostic::{Code, Diagnostic};
use crate::inbound_resolver::one_answer;
use crate::json::Cursor;
use crate::records::dns_name;
use crate::sink::Sink;

/// The beginning of the ids of rules that AWS makes for every VPC.
const AUTODEFINED: &str = "rslvr-autodefined-";
/// The states of an association that is in force, or will be.
const IN_FORCE: [&str; 2] = ["COMPLETE", "CREATING"];

/// Reads the rules.
pub(super) fn read(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    for (list, call) in [
        ("ResolverRules", "list-resolver-rules"),
        (
            "ResolverRuleAssociations",
            "list-resolver-rule-associations",
        ),
    ] {
        if !snapshot.has_list(list) {
            let text = format!(
                "no resolver rules: the output of `route53resolver {call}` is not in the input"
            );
            sink.assume("names-resolver-rules", text);
        }
    }
    let associated = associated(snapshot, sink);
    let inbound = inbound(snapshot, sink);
    for cursor in snapshot.cursors("ResolverRules") {
        if let Some(rule) = rule(cursor, &associated, &inbound, sink) {
            sink.add(rule, cursor.place());
        }
    }
}

fn rule(
    cursor: &Cursor<'_>,
    associated: &BTreeMap<String, BTreeSet<VpcId>>,
    inbound: &BTreeMap<Address, BTreeSet<VpcId>>,
    sink: &mut Sink,
) -> Option<ResolverRule> {
    let id = cursor.required_text("Id", sink)?;
    if id.starts_with(AUTODEFINED) {
        return None;
    }
    let domain = cursor.required_text("DomainName", sink).map(dns_name);
    let of = cursor.required_text("RuleType", sink);
    let (domain, of) = (domain?, of?);
    let action = match of {
        "FORWARD" => {
            let targets = cursor.list("TargetIps", sink);
            forward(&targets, inbound, sink)
        }
        "SYSTEM" => ResolverAction::System,
        other => {
            let what = format!("a resolver rule of type `{other}`");
            sink.not_modelled(cursor.place(), id, &what);
            ResolverAction::Unmodelled(other.to_lowercase())
        }
    };
    Some(ResolverRule {
        id: ResolverRuleId::new(id),
        domain,
        action,
        vpcs: associated.get(id).cloned().unwrap_or_default(),
        tags: Tags::new(),
    })
}

/// A rule whose targets are all inbound endpoints of one VPC leads there.
fn forward(
    targets: &[Cursor<'_>],
    inbound: &BTreeMap<Address, BTreeSet<VpcId>>,
    sink: &mut Sink,
) -> ResolverAction {
    let mut vpcs = BTreeSet::new();
    for target in targets {
        let address = ["Ip", "Ipv6"].iter().find_map(|field| target.get(field));
        let address = address.and_then(|address| address.as_address(sink));
        match address.and_then(|address| inbound.get(&address)) {
            Some(of) => vpcs.extend(of.iter().cloned()),
            None => return ResolverAction::Forward,
        }
    }
    match (vpcs.pop_first(), vpcs.is_empty()) {
        (Some(vpc), true) => ResolverAction::ForwardTo(vpc),
        (Some(_) | None, _) => ResolverAction::Forward,
    }
}

/// The VPCs of each rule.
fn associated(snapshot: &Snapshot<'_>, sink: &mut Sink) -> BTreeMap<String, BTreeSet<VpcId>> {
    let mut associated: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for cursor in snapshot.cursors("ResolverRuleAssociations") {
        let rule = cursor.required_text("ResolverRuleId", sink);
        let vpc = cursor.required_text("VPCId", sink);
        let status = cursor.text("Status", sink);
        let (Some(rule), Some(vpc)) = (rule, vpc) else {
            continue;
        };
        let in_force = status.is_none_or(|status| IN_FORCE.contains(&status));
        if in_force && sink.get::<Vpc>(vpc).is_some() {
            let vpcs = associated.entry(rule.to_owned()).or_default();
            vpcs.insert(VpcId::new(vpc));
        }
    }
    associated
}

/// Tells the VPCs of the snapshot whether they have an inbound endpoint, by the DNS64 of those that
/// work; a VPC that has others only may have one or not.
fn inbound_resolvers(dns64: &BTreeMap<VpcId, BTreeSet<bool>>, sink: &mut Sink) {
    let places = sink.draft.vpcs.iter();
    let places: BTreeSet<_> = places.map(|vpc| (&vpc.region, &vpc.account)).collect();
    // A list is that of one account and Region: it says nothing of VPCs elsewhere.
    let of_all = places.len() == 1;
    for vpc in &mut sink.draft.vpcs {
        vpc.inbound_resolver = match dns64.get(&vpc.id) {
            Some(answers) if !answers.is_empty() => InboundResolver::Present {
                dns64: one_answer(&vpc.id, answers.clone()),
            },
            None if of_all => InboundResolver::Absent,
            Some(_) | None => InboundResolver::Unknown,
        };
    }
}

/// The VPCs in which an address is one of an inbound resolver endpoint.
fn inbound(snapshot: &Snapshot<'_>, sink: &mut Sink) -> BTreeMap<Address, BTreeSet<VpcId>> {
    let mut hosts = BTreeMap::new();
    let mut dns64: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for cursor in snapshot.cursors("ResolverEndpoints") {
        let id = cursor.required_text("Id", sink);
        let vpc = cursor.text("HostVPCId", sink);
        let is_inbound = cursor.text("Direction", sink) == Some("INBOUND");
        let works = cursor.text("Status", sink);
        let works = works.is_none_or(|status| status == "OPERATIONAL");
        if let (Some(id), Some(vpc), true) = (id, vpc, is_inbound)
            && sink.get::<Vpc>(vpc).is_some()
        {
            let answers = dns64.entry(VpcId::new(vpc)).or_default();
            if works {
                answers.insert(cursor.flag("Dns64Enabled", sink).unwrap_or(false));
                hosts.insert(id, VpcId::new(vpc));
            }
        }
    }
    if snapshot.has_list("ResolverEndpoints") {
        inbound_resolvers(&dns64, sink);
    }
    let mut inbound: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (stem, cursor) in snapshot.named("IpAddresses") {
        let Some(id) = stem.find("rslvr-").and_then(|at| stem.get(at..)) else {
            let message =
                "the file's name does not say which resolver endpoint has these addresses";
            let diagnostic = Diagnostic::error(cursor.place(), Code::MissingField, message);
            let help = "name it `list-resolver-endpoint-ip-addresses-<resolver endpoint id>.json`";
            sink.push(diagnostic.help(help));
            continue;
        };
        let Some(vpc) = hosts.get(id) else {
            continue;
        };
        for item in cursor.as_list(sink) {
            for field in ["Ip", "Ipv6"] {
                let address = item.get(field).and_then(|address| address.as_address(sink));
                if let Some(address) = address {
                    let vpcs = inbound.entry(address).or_default();
                    vpcs.insert(vpc.clone());
                }
            }
        }
    }
    inbound
}
