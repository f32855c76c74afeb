//! The ten claims that an estate is asked.

use std::collections::BTreeSet;

use model::{
    Claim, ComponentId, Family, Invariant, Network, NetworkInterfaceId, Origin, Place, Quantifier,
    Scope, Traffic, TrafficClass,
};

/// The kinds of claims, one of each, by name.
pub const KINDS: [&str; 4] = ["never", "always", "sometimes", "only"];

/// Ten claims about an estate; some hold, some do not.
pub fn ten(network: &Network) -> Vec<Invariant> {
    let service = || vec![Place::Service("com.amazonaws.us-east-1.s3".into())];
    let tier = |tier: &str| interfaces(network, "", tier);
    vec![
        never("never: database from internet", internet(), to(tier("db"))),
        never("never: application from internet", internet(), to(tier("app"))),
        never("never: web from internet", internet(), to(tier("web"))),
        never("never: database from web", from(tier("web")), to(tier("db"))),
        never("never: web to service", from(tier("db")), service()),
        always(
            "always: application to database",
            from(interfaces(network, "app-0-", "app")),
            to(interfaces(network, "db-0-", "db")),
            5432,
        ),
        always(
            "always: web to application",
            from(interfaces(network, "web-0-", "web")),
            to(interfaces(network, "app-0-", "app")),
            8080,
        ),
        Invariant {
            quantifier: Quantifier::Exists,
            claim: Claim::Delivered,
            ..never("sometimes: web from internet", internet(), to(tier("web")))
        },
        Invariant {
            quantifier: Quantifier::Exists,
            claim: Claim::Answered,
            ..never("sometimes: database to internet", from(tier("db")), vec![Place::Internet])
        },
        Invariant {
            premise: Some(Claim::Delivered),
            claim: Claim::Traverses(vec![gateway_endpoints(network)]),
            ..never("only: service by endpoint", from(tier("app")), service())
        },
    ]
}

fn interfaces(network: &Network, prefix: &str, tier: &str) -> BTreeSet<NetworkInterfaceId> {
    let all = network.network_interfaces().values();
    all.filter(|one| one.tags.get("tier").is_some_and(|of| of == tier))
        .filter(|one| one.id.as_str().starts_with(prefix))
        .map(|one| one.id.clone())
        .collect()
}

fn gateway_endpoints(network: &Network) -> BTreeSet<ComponentId> {
    let all = network.vpc_endpoints().values();
    all.filter(|one| matches!(one.kind, model::EndpointKind::Gateway { .. }))
        .map(|one| ComponentId::VpcEndpoint(one.id.clone()))
        .collect()
}

fn internet() -> Vec<Origin> {
    vec![Origin::Internet(None)]
}

fn from(interfaces: BTreeSet<NetworkInterfaceId>) -> Vec<Origin> {
    vec![Origin::Interfaces(interfaces)]
}

fn to(interfaces: BTreeSet<NetworkInterfaceId>) -> Vec<Place> {
    vec![Place::Interfaces {
        interfaces,
        public_from_inside: false,
    }]
}

fn never(name: &str, from: Vec<Origin>, to: Vec<Place>) -> Invariant {
    Invariant {
        name: name.into(),
        quantifier: Quantifier::Every,
        scope: Scope {
            from,
            to,
            traffic: tcp(0..=65_535, 0..=65_535),
            families: BTreeSet::from([Family::V4, Family::V6]),
            request: None,
        },
        premise: None,
        claim: Claim::Not(Box::new(Claim::Delivered)),
    }
}

fn always(name: &str, from: Vec<Origin>, to: Vec<Place>, port: u16) -> Invariant {
    let mut invariant = never(name, from, to);
    invariant.scope.traffic = tcp(1_024..=65_535, port..=port);
    invariant.claim = Claim::Answered;
    invariant
}

fn tcp(
    source_ports: std::ops::RangeInclusive<u16>,
    destination_ports: std::ops::RangeInclusive<u16>,
) -> Traffic {
    Traffic {
        classes: vec![TrafficClass::Tcp {
            source_ports,
            destination_ports,
        }],
    }
}
