//! The ten claims that an estate is asked.

use std::collections::BTreeSet;

use model::{
    Claim, ComponentId, Family, Invariant, Network, NetworkInterfaceId, Origin, Place, Quantifier,
    Scope, Traffic, TrafficClass,
};

/// The kinds of claims.
pub const KINDS: [&str; 4] = ["never", "always", "sometimes", "only"];

/// One claim of a kind about an estate: of `never` and `always`, which have several, one that has
/// to look at peerings and ACLs too.
///
/// # Panics
///
/// When there is no such kind.
pub fn one(network: &Network, kind: &str) -> Invariant {
    let name = match kind {
        "never" => "never: database from web",
        "always" => "always: application to database",
        "sometimes" => "sometimes: web from internet",
        "only" => "only: service by endpoint",
        _ => panic!("there is no kind `{kind}`"),
    };
    let mut all = ten(network).into_iter();
    all.find(|invariant| invariant.name.as_str() == name)
        .expect("one of the ten has that name")
}

/// Ten claims about an estate; some hold, some do not, and none speaks of nothing.
pub fn ten(network: &Network) -> Vec<Invariant> {
    let service = || vec![Place::Service("com.amazonaws.us-east-1.s3".into())];
    let tier = |tier: &str| tagged(network, tier);
    vec![
        at_port(
            never(
                "never: web from web by SSH",
                from(tier("web")),
                to(tier("web")),
            ),
            22,
        ),
        at_port(
            never(
                "never: application from web beside its port",
                from(tier("web")),
                to(tier("app")),
            ),
            8_081,
        ),
        never("never: web from internet", internet(), to(tier("web"))),
        never(
            "never: database from web",
            from(tier("web")),
            to(tier("db")),
        ),
        never("never: database to service", from(tier("db")), service()),
        always(
            "always: application to database",
            from(first(network, "app")),
            to(first(network, "db")),
            5432,
        ),
        always(
            "always: web to application",
            from(first(network, "web")),
            to(first(network, "app")),
            8080,
        ),
        sometimes("sometimes: web from internet", internet(), to(tier("web"))),
        sometimes(
            "sometimes: database to internet",
            from(tier("db")),
            vec![Place::Internet],
        ),
        only(
            "only: service by endpoint",
            from(tier("app")),
            service(),
            gateway_endpoints(network),
        ),
    ]
}

/// The interfaces with this value of the tag `tier`.
pub(crate) fn tagged(network: &Network, tier: &str) -> BTreeSet<NetworkInterfaceId> {
    let all = network.network_interfaces().values();
    all.filter(|one| one.tags.get("tier").is_some_and(|of| of == tier))
        .map(|one| one.id.clone())
        .collect()
}

/// The interfaces of a tier in the first VPC.
pub(crate) fn first(network: &Network, tier: &str) -> BTreeSet<NetworkInterfaceId> {
    let mut interfaces = tagged(network, tier);
    interfaces.retain(|id| id.as_str().starts_with(&format!("{tier}-0-")));
    interfaces
}

pub(crate) fn gateway_endpoints(network: &Network) -> BTreeSet<ComponentId> {
    let all = network.vpc_endpoints().values();
    all.filter(|one| matches!(one.kind, model::EndpointKind::Gateway { .. }))
        .map(|one| ComponentId::VpcEndpoint(one.id.clone()))
        .collect()
}

pub(crate) fn internet() -> Vec<Origin> {
    vec![Origin::Internet(None)]
}

pub(crate) fn from(interfaces: BTreeSet<NetworkInterfaceId>) -> Vec<Origin> {
    vec![Origin::Interfaces(interfaces)]
}

pub(crate) fn to(interfaces: BTreeSet<NetworkInterfaceId>) -> Vec<Place> {
    vec![Place::Interfaces {
        interfaces,
        public_from_inside: false,
    }]
}

pub(crate) fn never(name: &str, from: Vec<Origin>, to: Vec<Place>) -> Invariant {
    Invariant {
        name: name.into(),
        quantifier: Quantifier::Every,
        scope: Scope {
            from,
            to,
            traffic: tcp(0..=65_535, 0..=65_535),
            families: BTreeSet::from([Family::V4, Family::V6]),
            // As the invariant file's `never`.
            relayed: true,
            request: None,
        },
        premise: None,
        claim: Claim::Not(Box::new(Claim::Delivered)),
    }
}

pub(crate) fn always(name: &str, from: Vec<Origin>, to: Vec<Place>, port: u16) -> Invariant {
    let mut invariant = never(name, from, to);
    invariant.scope.traffic = tcp(1_024..=65_535, port..=port);
    invariant.scope.relayed = false;
    invariant.claim = Claim::Answered;
    invariant
}

pub(crate) fn at_port(mut invariant: Invariant, port: u16) -> Invariant {
    invariant.scope.traffic = tcp(0..=65_535, port..=port);
    invariant
}

pub(crate) fn sometimes(name: &str, from: Vec<Origin>, to: Vec<Place>) -> Invariant {
    Invariant {
        quantifier: Quantifier::Exists,
        claim: Claim::Answered,
        ..never(name, from, to)
    }
}

pub(crate) fn only(
    name: &str,
    from: Vec<Origin>,
    to: Vec<Place>,
    via: BTreeSet<ComponentId>,
) -> Invariant {
    Invariant {
        premise: Some(Claim::Delivered),
        claim: Claim::Traverses(vec![via]),
        ..never(name, from, to)
    }
}

pub(crate) fn tcp(
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
