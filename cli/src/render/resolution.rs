//! What names mean: zones, rules, and how a name got its meaning, for people.

use std::collections::BTreeSet;

use evaluator::{Asked, Fate, NameCandidate, NamedBy};
use model::{
    Answer, Asker, ComponentId, DnsFirewallAction, DnsFirewallRule, HostedZone, Network,
    ResolverAction, ResolverRule, Tags, Value, Vpc, VpcId,
};

use super::names;

/// The zones and rules of a VPC, one line each.
pub(crate) fn of_vpc(network: &Network, vpc: &Vpc) -> Vec<String> {
    let zones = network.hosted_zones().values();
    let zones = zones.filter(|zone| zone.vpcs.contains(&vpc.id)).map(zone);
    let rules = network.resolver_rules().values();
    let rules = rules.filter(|rule| rule.vpcs.contains(&vpc.id)).map(rule);
    let firewall = vpc.dns_firewall.iter().zip(1..);
    let firewall =
        firewall.map(|(rule, number)| format!("DNS Firewall rule {number}: {}", filter(rule)));
    zones.chain(rules).chain(firewall).collect()
}

fn named(word: &str, id: &str, tags: &Tags) -> String {
    match tags.get("Name").filter(|name| *name != id) {
        Some(name) => format!("{word} {id} ({name})"),
        None => format!("{word} {id}"),
    }
}

fn zone(zone: &HostedZone) -> String {
    let records = match &zone.records {
        Value::Known(records) if records.len() == 1 => "1 record".to_owned(),
        Value::Known(records) => format!("{} records", records.len()),
        Value::OneOf(_, hole) | Value::Any(hole) => format!("records open: {hole}"),
    };
    let id = named("hosted zone", zone.id.as_str(), &zone.tags);
    format!("{id} for {} ({records})", zone.name)
}

fn rule(rule: &ResolverRule) -> String {
    let id = named("resolver rule", rule.id.as_str(), &rule.tags);
    format!(
        "{id} for {}: {}",
        domain(&rule.domain),
        action(&rule.action)
    )
}

fn domain(domain: &str) -> &str {
    if domain.is_empty() { "." } else { domain }
}

fn action(action: &ResolverAction) -> String {
    match action {
        ResolverAction::Forward => "forwards to resolvers outside of the input".to_owned(),
        ResolverAction::ForwardTo(vpc) => format!("forwards to the inbound endpoint of {vpc}"),
        ResolverAction::System => "takes back rules that forward".to_owned(),
        ResolverAction::Unmodelled(what) => format!("{what}, not modelled"),
    }
}

fn filter(rule: &DnsFirewallRule) -> String {
    let action = match rule.action {
        DnsFirewallAction::Pass => "passes",
        DnsFirewallAction::Block => "blocks",
        DnsFirewallAction::Override => "answers itself for",
    };
    let domains = match &rule.domains {
        Value::Known(domains) => {
            let domains: Vec<_> = domains.iter().map(String::as_str).collect();
            domains.join(", ")
        }
        Value::OneOf(_, hole) | Value::Any(hole) => format!("what is open: {hole}"),
    };
    format!("{action} {domains}")
}

/// What a name means.
pub(crate) fn answer(network: &Network, answer: &Answer) -> String {
    match answer {
        Answer::Interfaces(interfaces) => {
            let shown = interfaces.iter();
            let shown = shown.map(|id| {
                let name = names::interface(network, id);
                let interface = network.network_interfaces().get(id);
                let addresses = interface.into_iter().flat_map(|one| &one.addresses);
                let addresses = addresses.filter_map(|address| match &address.private {
                    model::AddressValue::Known(address) => Some(format!(" {address}")),
                    model::AddressValue::Within(..) => None,
                });
                format!("{name}{}", addresses.collect::<String>())
            });
            format!("interfaces {}", shown.collect::<Vec<_>>().join(", "))
        }
        Answer::Addresses(addresses) => {
            let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            format!("addresses {}", addresses.join(", "))
        }
        Answer::PublicService(service) => format!("the public addresses of {service}"),
        Answer::Dns64(of) => {
            let of = self::answer(network, of);
            format!("{of}, and by DNS64 the addresses of 64:ff9b::/96 for those")
        }
        Answer::NoAnswer => "no answer".to_owned(),
        Answer::Undetermined(hole) => format!("not known: {hole}"),
    }
}

/// Where a name is asked.
pub(crate) fn place(network: &Network, asker: &Asker) -> String {
    let vpc = |id: &VpcId| names::component(network, &ComponentId::Vpc(id.clone()));
    match asker {
        Asker::Vpc(id) => format!("in {}", vpc(id)),
        Asker::Subnet(id) => {
            let subnet = names::component(network, &ComponentId::Subnet(id.clone()));
            format!("in {subnet}")
        }
        Asker::Inbound(id) => format!("through the inbound resolver endpoint of {}", vpc(id)),
    }
}

/// One query and what became of the zones and rules, a line each.
pub(crate) fn asked(network: &Network, asked: &Asked) -> Vec<String> {
    let vpc = names::component(network, &ComponentId::Vpc(asked.vpc.clone()));
    let by = if asked.inbound {
        ", through its inbound resolver endpoint"
    } else {
        ""
    };
    let mut lines = vec![format!("{} asked in {vpc}{by}", asked.name)];
    let rules = network.vpcs().get(&asked.vpc).map(|vpc| &vpc.dns_firewall);
    if let Some(position) = asked.firewall_rule
        && let Some(rule) = rules.and_then(|rules| rules.get(position))
    {
        let number = position + 1;
        lines.push(format!("  DNS Firewall rule {number} {}", filter(rule)));
    }
    let candidates = asked.candidates.iter();
    lines.extend(candidates.map(|candidate| format!("  {}", self::candidate(network, candidate))));
    lines
}

fn candidate(network: &Network, candidate: &NameCandidate) -> String {
    let name = domain(&candidate.name);
    let shown = match &candidate.by {
        NamedBy::HostedZone(id) => match network.hosted_zones().get(id) {
            Some(zone) => named("hosted zone", id.as_str(), &zone.tags),
            None => format!("hosted zone {id}"),
        },
        NamedBy::ResolverRule(id) => match network.resolver_rules().get(id) {
            Some(rule) => {
                let shown = named("resolver rule", id.as_str(), &rule.tags);
                format!("{shown}, which {},", action(&rule.action))
            }
            None => format!("resolver rule {id}"),
        },
        NamedBy::Endpoints(ids) => {
            let shown: BTreeSet<_> = ids
                .iter()
                .map(|id| names::component(network, &ComponentId::VpcEndpoint(id.clone())))
                .collect();
            let shown: Vec<_> = shown.into_iter().collect();
            format!("private DNS of {}", shown.join(", "))
        }
    };
    let fate = fate(candidate.fate);
    format!("{shown} for {name}: {fate} ({})", candidate.clause)
}

/// Why a zone or rule decides, or does not.
pub(crate) const fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Chosen => "chosen",
        Fate::LessSpecific => "a longer name matches",
        Fate::Outranked => "another of the same name comes first",
        Fate::Tied => "AWS does not say which of the same name decides",
        Fate::LeftOut => "set aside by a rule SYSTEM",
        Fate::OtherVpc => "not of this VPC",
        Fate::AttributesOff => "the VPC's DNS attributes are not both on",
        Fate::NotAvailable => "the endpoint is not available",
        Fate::PrivateDnsOff => "its private DNS is off",
        Fate::InboundOnly => "its private DNS is for inbound resolver endpoints only",
        Fate::NotAsked => "the query does not come so far",
    }
}

/// The same as a word for scripts.
pub(crate) const fn fate_word(fate: Fate) -> &'static str {
    match fate {
        Fate::Chosen => "chosen",
        Fate::LessSpecific => "less-specific",
        Fate::Outranked => "outranked",
        Fate::Tied => "tied",
        Fate::LeftOut => "left-out",
        Fate::OtherVpc => "other-vpc",
        Fate::AttributesOff => "attributes-off",
        Fate::NotAvailable => "not-available",
        Fate::PrivateDnsOff => "private-dns-off",
        Fate::InboundOnly => "inbound-only",
        Fate::NotAsked => "not-asked",
    }
}
