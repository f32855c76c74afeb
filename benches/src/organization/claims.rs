//! The ten claims that the network of an organization is asked.

use std::collections::BTreeSet;

use model::{
    Claim, ComponentId, EndpointKind, Invariant, Network, Origin, Patterns, Place, RequestSet,
};

use crate::claims::{
    always, at_port, first, from, gateway_endpoints, internet, never, only, sometimes, tagged, to,
};

/// The names of the claims, which are those of the benchmarks.
pub const NAMES: [&str; 10] = [
    "never-far-to-database",
    "never-web-to-web-by-ssh",
    "never-internet-to-application",
    "always-application-to-database",
    "always-staff-to-application",
    "always-application-to-data",
    "always-queue-permits-sending",
    "sometimes-premises-to-database",
    "only-s3-by-gateway-endpoint",
    "only-internet-to-web-by-firewall",
];

/// The claims: over transit gateways, over a relay, over a peering, from Client VPN and premises,
/// by a name and through a policy, and by endpoints of two kinds. Some hold, some do not, and none
/// speaks of nothing.
pub fn ten(network: &Network) -> Vec<Invariant> {
    let tier = |tier: &str| tagged(network, tier);
    let first = |tier: &str| first(network, tier);
    let service = vec![Place::Service("com.amazonaws.us-east-1.s3".into())];
    let [a, b, c, d, e, f, g, h, i, j] = NAMES;
    vec![
        never(a, from(tier("far")), to(tier("db"))),
        at_port(never(b, from(tier("web")), to(tier("web"))), 22),
        never(c, internet(), to(tier("app"))),
        always(d, from(first("app")), to(first("db")), 5_432),
        always(e, from(tier("vpn")), to(first("app")), 9_090),
        always(f, from(first("app")), to(tier("data")), 5_432),
        permits(g, first("app")),
        sometimes(
            h,
            vec![Origin::OnPremises {
                blocks: None,
                resolver: None,
            }],
            to(tier("db")),
        ),
        only(i, from(tier("app")), service, gateway_endpoints(network)),
        only(j, internet(), to(tier("web")), firewalls(network)),
    ]
}

/// What the applications of the first spoke send to its queues passes the endpoint's policy.
fn permits(name: &str, applications: BTreeSet<model::NetworkInterfaceId>) -> Invariant {
    let queue = Place::Name("sqs.us-east-1.amazonaws.com".to_owned());
    let mut invariant = always(name, from(applications), vec![queue], 443);
    let one = |pattern: &str| Patterns {
        include: vec![pattern.to_owned()],
        exclude: Vec::new(),
    };
    invariant.scope.request = Some(RequestSet {
        actions: one("sqs:SendMessage"),
        resources: one("arn:aws:sqs:us-east-1:444444444444:spoke-0-*"),
        ..RequestSet::every()
    });
    invariant.claim = Claim::PermittedAll;
    invariant
}

fn firewalls(network: &Network) -> BTreeSet<ComponentId> {
    let all = network.vpc_endpoints().values();
    all.filter(|one| matches!(one.kind, EndpointKind::GatewayLoadBalancer { .. }))
        .map(|one| ComponentId::VpcEndpoint(one.id.clone()))
        .collect()
}
