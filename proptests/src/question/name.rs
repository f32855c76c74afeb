//! Names: those that endpoints list, those of zones and rules, the default names of services, and
//! names next to them.

use model::{Asker, EndpointKind, Network, ResolverAction, VpcId};

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

/// The private names of endpoints of a VPC to which a rule forwards their queries, and who asks by it.
fn forwarded(network: &Network) -> Vec<(VpcId, String)> {
    let mut asked = Vec::new();
    for rule in network.resolver_rules().values() {
        let ResolverAction::ForwardTo(to) = &rule.action else {
            continue;
        };
        let endpoints = network.vpc_endpoints().values();
        let names = endpoints.filter_map(|endpoint| match &endpoint.kind {
            EndpointKind::Interface {
                private_dns: true,
                private_names,
                ..
            } if endpoint.vpc == *to => Some(private_names),
            EndpointKind::Interface { .. }
            | EndpointKind::Gateway { .. }
            | EndpointKind::GatewayLoadBalancer { .. }
            | EndpointKind::Unmodelled(_) => None,
        });
        for name in names.flatten() {
            let name = name.replacen('*', "a", 1);
            if name.ends_with(&rule.domain) {
                asked.extend(rule.vpcs.iter().map(|vpc| (vpc.clone(), name.clone())));
            }
        }
    }
    asked
}

/// Who asks, and a name, in any case of letters and with or without the final dot.
pub fn question(network: &Network, dice: &mut Dice) -> Option<(Asker, String)> {
    let forwarded = forwarded(network);
    let (vpc, name) = match dice.pick(&forwarded) {
        Some(asked) if dice.percent(30) => asked.clone(),
        Some(_) | None => {
            let vpcs: Vec<_> = network.vpcs().keys().collect();
            let vpc = (*dice.pick(&vpcs)?).clone();
            (vpc, dice.pick(&names(network))?.clone())
        }
    };
    let asker = asker(network, vpc, dice);
    Some(match dice.below(6) {
        0 => (asker, name.to_uppercase()),
        1 => (asker, format!("{name}.")),
        _ => (asker, name),
    })
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
