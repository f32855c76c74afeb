//! What names mean before and after, in the VPCs that both networks have.

use std::collections::BTreeSet;

use model::{Answer, Asker, EndpointKind, InboundResolver, Network, Resolution};

use crate::judge::{Disagreement, Judge};

/// A name that means something else after the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NameChange {
    /// The name; `*.` in front stands for a name below that nothing of the networks has.
    pub(crate) name: String,
    pub(crate) asker: Asker,
    pub(crate) before: Resolution,
    pub(crate) after: Resolution,
}

impl NameChange {
    /// Whether it is open what it means, in one network or both.
    pub(crate) fn is_open(&self) -> bool {
        [&self.before, &self.after]
            .iter()
            .any(|one| matches!(one.answer, Answer::Undetermined(_)))
    }
}

/// A label that no name of a network has.
const PROBE: &str = "vpcproof-some-name";

/// Every name of either network that is answered otherwise.
///
/// # Errors
///
/// When the engines disagree.
pub(crate) fn changes(judges: [&Judge<'_>; 2]) -> Result<Vec<NameChange>, Disagreement> {
    let [before, after] = judges;
    let mut names = known(before.network);
    names.extend(known(after.network));
    let others = askers(after.network);
    let askers: Vec<_> = askers(before.network)
        .intersection(&others)
        .cloned()
        .collect();
    let mut changes = Vec::new();
    for name in &names {
        let asked = match name.strip_prefix("*.") {
            Some(rest) => format!("{PROBE}.{rest}"),
            None => name.clone(),
        };
        for asker in &askers {
            let (one, other) = (
                before.resolve(asker, &asked)?,
                after.resolve(asker, &asked)?,
            );
            if one.answer != other.answer {
                changes.push(NameChange {
                    name: name.clone(),
                    asker: asker.clone(),
                    before: one,
                    after: other,
                });
            }
        }
    }
    Ok(changes)
}

/// The names that something of a network answers, and below each domain some name that has no
/// answer of its own.
fn known(network: &Network) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let below = |domain: &str| format!("*.{domain}");
    for zone in network.hosted_zones().values() {
        names.extend([zone.name.clone(), below(&zone.name)]);
        let records = zone.records.known().into_iter().flatten();
        names.extend(records.map(|record| record.name.clone()));
    }
    for rule in network.resolver_rules().values() {
        if !rule.domain.is_empty() {
            names.extend([rule.domain.clone(), below(&rule.domain)]);
        }
    }
    for vpc in network.vpcs().values() {
        let rules = vpc.dns_firewall.iter();
        let domains = rules.filter_map(|rule| rule.domains.known()).flatten();
        names.extend(domains.filter(|domain| *domain != "*").cloned());
    }
    let balancers = network.load_balancers().values();
    names.extend(balancers.filter_map(|one| Some(one.name.as_ref()?.name.clone())));
    for endpoint in network.vpc_endpoints().values() {
        match &endpoint.kind {
            EndpointKind::Interface {
                private_names,
                specific_names,
                ..
            } => {
                names.extend(private_names.iter().cloned());
                let specific = specific_names.known().into_iter().flatten();
                names.extend(specific.map(|name| name.name.clone()));
            }
            EndpointKind::Gateway { .. }
            | EndpointKind::GatewayLoadBalancer { .. }
            | EndpointKind::Unmodelled(_) => {}
        }
    }
    names
}

/// As whom clients of a network ask.
fn askers(network: &Network) -> BTreeSet<Asker> {
    let mut askers = BTreeSet::new();
    for vpc in network.vpcs().values() {
        askers.insert(Asker::Vpc(vpc.id.clone()));
        match vpc.inbound_resolver {
            InboundResolver::Present { .. } => {
                askers.insert(Asker::Inbound(vpc.id.clone()));
            }
            InboundResolver::Unknown | InboundResolver::Absent => {}
        }
    }
    let with_dns64 = network.subnets().values().filter(|subnet| subnet.dns64);
    askers.extend(with_dns64.map(|subnet| Asker::Subnet(subnet.id.clone())));
    askers
}
