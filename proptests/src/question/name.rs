//! Names: those that endpoints list, those of zones and rules, the default names of services, and
//! names next to them.

use model::{Address, Asker, DnsTarget, EndpointKind, Network, ResolverAction, VpcId};

use crate::dice::Dice;

/// Names that mean something in every network, or nothing.
const NAMES: [&str; 15] = [
    "s3.us-east-1.amazonaws.com",
    "bucket.s3.us-east-1.amazonaws.com",
    "dynamodb.eu-west-1.amazonaws.com",
    "ssm.us-east-1.amazonaws.com",
    "api.ecr.us-east-1.amazonaws.com",
    "x.execute-api.us-east-1.amazonaws.com",
    "a.x.execute-api.us-east-1.amazonaws.com",
    "1.dkr.ecr.us-east-1.amazonaws.com",
    "dkr.ecr.us-east-1.amazonaws.com",
    "runtime.sagemaker.us-east-1.amazonaws.com",
    "streams.dynamodb.us-east-1.amazonaws.com",
    "fs-1.efs.us-east-1.amazonaws.com",
    "vpce-9.ssm.us-east-1.vpce.amazonaws.com",
    "www.example.com",
    "amazonaws.com",
];

/// Every name that is worth asking.
pub fn names(network: &Network) -> Vec<String> {
    let mut names: Vec<_> = NAMES.iter().map(|name| (*name).to_owned()).collect();
    for endpoint in network.vpc_endpoints().values() {
        if let EndpointKind::Interface {
            private_names,
            specific_names,
            ..
        } = &endpoint.kind
        {
            names.extend(private_names.iter().cloned());
            let specific = specific_names.known().into_iter().flatten();
            names.extend(specific.map(|one| one.name.clone()));
        }
    }
    for balancer in network.load_balancers().values() {
        for name in balancer.name.iter().map(|one| &one.name) {
            names.extend([name.clone(), format!("dualstack.{name}")]);
            names.extend([format!("a.{name}"), format!("x{name}")]);
        }
    }
    for zone in network.hosted_zones().values() {
        let records = zone.records.known().into_iter().flatten();
        for name in records.map(|record| record.name.as_str()) {
            // A wildcard is asked below, as others are; what stands at a name hides it below.
            names.push(name.to_owned());
            if !name.starts_with('*') {
                names.push(format!("d.{name}"));
            }
        }
        names.extend([zone.name.clone(), format!("a.{}", zone.name)]);
    }
    for rule in network.resolver_rules().values() {
        names.extend([rule.domain.clone(), format!("a.{}", rule.domain)]);
    }
    for rule in network.vpcs().values().flat_map(|vpc| &vpc.dns_firewall) {
        names.extend(rule.domains.known().into_iter().flatten().cloned());
    }
    let stars = names.iter().filter_map(|name| name.strip_prefix("*."));
    let below: Vec<_> = stars
        .flat_map(|name| [format!("a.{name}"), format!("a.b.{name}"), name.to_owned()])
        .collect();
    names.retain(|name| !name.starts_with('*') && !name.is_empty() && !name.ends_with('.'));
    names.extend(below);
    names
}

/// The private names of endpoints with private DNS, with the VPC, and whether they are for inbound
/// resolver endpoints only.
fn private(network: &Network) -> Vec<(VpcId, String, bool)> {
    let mut private = Vec::new();
    for endpoint in network.vpc_endpoints().values() {
        if let EndpointKind::Interface {
            private_dns: true,
            private_dns_inbound_only,
            private_names,
            ..
        } = &endpoint.kind
        {
            let names = private_names.iter().map(|name| name.replacen('*', "a", 1));
            private
                .extend(names.map(|name| (endpoint.vpc.clone(), name, *private_dns_inbound_only)));
        }
    }
    private
}

/// The names of records that are addresses, of zones with their VPCs.
fn recorded(network: &Network) -> Vec<(VpcId, String)> {
    let mut recorded = Vec::new();
    for zone in network.hosted_zones().values() {
        let records = zone.records.known().into_iter().flatten();
        let of_v4 = records.filter(|record| match &record.target {
            DnsTarget::Addresses(addresses) => {
                addresses.iter().any(|one| matches!(one, Address::V4(_)))
            }
            DnsTarget::Name(_) => true,
            DnsTarget::Endpoint(_) | DnsTarget::Unmodelled(_) => false,
        });
        let names = of_v4.map(|record| record.name.replacen('*', "a", 1));
        let names: Vec<_> = names.collect();
        for vpc in &zone.vpcs {
            recorded.extend(names.iter().map(|name| (vpc.clone(), name.clone())));
        }
    }
    recorded
}

/// The private names of endpoints and the records of zones of a VPC to which a rule forwards their
/// queries, and who asks by it.
fn forwarded(network: &Network) -> Vec<(VpcId, String)> {
    let private = private(network).into_iter();
    let there = private.map(|(vpc, name, _)| (vpc, name));
    let there: Vec<_> = there.chain(recorded(network)).collect();
    let mut asked = Vec::new();
    for rule in network.resolver_rules().values() {
        let ResolverAction::ForwardTo(to) = &rule.action else {
            continue;
        };
        for (_, name) in there.iter().filter(|(vpc, _)| vpc == to) {
            if name.ends_with(&rule.domain) {
                asked.extend(rule.vpcs.iter().map(|vpc| (vpc.clone(), name.clone())));
            }
        }
    }
    asked
}

/// The names that mean something else by the inbound resolver endpoint of a VPC than inside of it,
/// and those that may lead to them.
fn by_inbound(network: &Network) -> Vec<(VpcId, String)> {
    let private = private(network).into_iter();
    let only = private.filter(|(.., inbound_only)| *inbound_only);
    let mut names: Vec<_> = only.map(|(vpc, name, _)| (vpc, name)).collect();
    let mut recorded = recorded(network);
    recorded.retain(|(vpc, _)| names.iter().any(|(of, _)| of == vpc));
    names.extend(recorded);
    names
}

/// The names that most likely mean IPv4 addresses to who asks in a VPC, or by its inbound resolver
/// endpoint.
pub fn meaningful(network: &Network, vpc: &VpcId) -> Vec<String> {
    let private = private(network).into_iter();
    let private = private.map(|(vpc, name, _)| (vpc, name));
    let all = private.chain(recorded(network)).chain(forwarded(network));
    let of_vpc = all.filter(|(of, _)| of == vpc).map(|(_, name)| name);
    let balancers = network.load_balancers().values();
    let balancers = balancers.filter_map(|one| one.name.as_ref().map(|one| one.name.clone()));
    let service = network.vpcs().get(vpc).into_iter();
    let service = service.map(|vpc| format!("s3.{}.amazonaws.com", vpc.region));
    of_vpc.chain(balancers).chain(service).collect()
}

/// Who asks, and a name, in any case of letters and with or without the final dot.
pub fn question(network: &Network, dice: &mut Dice) -> Option<(Asker, String)> {
    let by_inbound = by_inbound(network);
    let (asker, name) = match dice.pick(&by_inbound) {
        Some((vpc, name)) if dice.percent(12) => (Asker::Inbound(vpc.clone()), name.clone()),
        Some(_) | None => asked(network, dice)?,
    };
    Some(match dice.below(6) {
        0 => (asker, name.to_uppercase()),
        1 => (asker, format!("{name}.")),
        _ => (asker, name),
    })
}

fn asked(network: &Network, dice: &mut Dice) -> Option<(Asker, String)> {
    let forwarded = forwarded(network);
    if let Some((vpc, name)) = dice.pick(&forwarded)
        && dice.percent(30)
    {
        return Some((asker(network, vpc.clone(), dice), name.clone()));
    }
    let vpcs: Vec<_> = network.vpcs().keys().collect();
    let vpc = (*dice.pick(&vpcs)?).clone();
    let names = if dice.percent(25) {
        meaningful(network, &vpc)
    } else {
        names(network)
    };
    let name = dice.pick(&names)?.clone();
    Some((asker(network, vpc, dice), name))
}

/// Who asks in a VPC: a client of one of its subnets, of no certain one, or premises by its inbound
/// resolver endpoint.
fn asker(network: &Network, vpc: VpcId, dice: &mut Dice) -> Asker {
    let subnets = network.subnets().values();
    let subnets: Vec<_> = subnets.filter(|subnet| subnet.vpc == vpc).collect();
    match (dice.below(8), dice.pick(&subnets)) {
        (0..4, Some(subnet)) => Asker::Subnet(subnet.id.clone()),
        (4..6, _) => Asker::Inbound(vpc),
        (_, _) => Asker::Vpc(vpc),
    }
}
