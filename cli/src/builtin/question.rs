//! The questions that checks ask, and the parts of the network that they are about.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Attachment, Cidr, Claim, EndpointKind, Family, Invariant, InvariantName, Network,
    NetworkInterface, NetworkInterfaceId, Origin, Place, PortRange, PrefixListId, Quantifier,
    RouteTableId, Scope, SubnetId, Traffic, TrafficClass, Value, VpcEndpoint, VpcId,
};

use crate::selector::is_workload;

/// The ports that clients send from.
pub(super) const CLIENT_PORTS: PortRange = 1024..=u16::MAX;

/// Flows with TCP to these ports, from any port or from a client's.
pub(super) fn scope(
    from: Vec<Origin>,
    to: Vec<Place>,
    source_ports: PortRange,
    ports: &[PortRange],
) -> Scope {
    let class = |ports: &PortRange| TrafficClass::Tcp {
        source_ports: source_ports.clone(),
        destination_ports: ports.clone(),
    };
    Scope {
        from,
        to,
        traffic: Traffic {
            classes: ports.iter().map(class).collect(),
        },
        families: BTreeSet::from([Family::V4, Family::V6]),
        relayed: false,
        request: None,
    }
}

/// A claim about every flow.
pub(super) fn every(name: &str, scope: Scope, premise: Option<Claim>, claim: Claim) -> Invariant {
    Invariant {
        name: InvariantName::new(name),
        quantifier: Quantifier::Every,
        scope,
        premise,
        claim,
    }
}

/// Whether anything of some senders is answered at a place.
pub(super) fn attempt(
    code: &str,
    from: &BTreeSet<NetworkInterfaceId>,
    place: Place,
    port: PortRange,
) -> Invariant {
    let from = vec![Origin::Interfaces(from.clone())];
    Invariant {
        name: InvariantName::new(code),
        quantifier: Quantifier::Exists,
        scope: scope(from, vec![place], CLIENT_PORTS, &[port]),
        premise: None,
        claim: Claim::Answered,
    }
}

/// The workloads of a VPC.
pub(super) fn workloads(network: &Network, vpc: &VpcId) -> BTreeSet<NetworkInterfaceId> {
    let of_vpc = subnets_of(network, vpc);
    in_subnets(network, &of_vpc)
}

/// The workloads of a VPC, or of every VPC where it has none: central endpoints are for others.
pub(super) fn clients(network: &Network, vpc: &VpcId) -> BTreeSet<NetworkInterfaceId> {
    let own = workloads(network, vpc);
    if !own.is_empty() {
        return own;
    }
    let everywhere = network.subnets().keys().cloned().collect();
    in_subnets(network, &everywhere)
}

/// The workloads in some subnets.
pub(super) fn in_subnets(
    network: &Network,
    subnets: &BTreeSet<SubnetId>,
) -> BTreeSet<NetworkInterfaceId> {
    let all = network.network_interfaces().values();
    let found = all.filter(|one| {
        is_workload(one) && !carries_for_others(one) && subnets.contains(&one.subnet)
    });
    found.map(|interface| interface.id.clone()).collect()
}

/// Whether an interface is of something that only carries what others send, and is nobody's client.
fn carries_for_others(interface: &NetworkInterface) -> bool {
    const TYPES: [&str; 3] = [
        "transit_gateway",
        "gateway_load_balancer",
        "gateway_load_balancer_endpoint",
    ];
    matches!(&interface.attachment, Attachment::Other(kind) if TYPES.contains(&kind.as_str()))
}

pub(super) fn subnets_of(network: &Network, vpc: &VpcId) -> BTreeSet<SubnetId> {
    let all = network.subnets().values();
    let found = all.filter(|subnet| subnet.vpc == *vpc);
    found.map(|subnet| subnet.id.clone()).collect()
}

/// The subnets of each route table, as far as it is known which one they use.
pub(super) fn subnets_by_table(network: &Network) -> BTreeMap<RouteTableId, BTreeSet<SubnetId>> {
    let mut tables: BTreeMap<RouteTableId, BTreeSet<SubnetId>> = BTreeMap::new();
    for subnet in network.subnets().values() {
        let table = match &subnet.route_table {
            Some(table) => table.known().cloned(),
            None => {
                let vpc = network.vpcs().get(&subnet.vpc);
                vpc.map(|vpc| vpc.main_route_table.clone())
            }
        };
        if let Some(table) = table {
            tables.entry(table).or_default().insert(subnet.id.clone());
        }
    }
    tables
}

/// The entries of some prefix lists, when all of them are known.
pub(super) fn entries(network: &Network, lists: &BTreeSet<PrefixListId>) -> Option<BTreeSet<Cidr>> {
    let mut cidrs = BTreeSet::new();
    for id in lists {
        match &network.prefix_lists().get(id)?.entries {
            Value::Known(entries) => cidrs.extend(entries.iter().copied()),
            Value::OneOf(..) | Value::Any(_) => return None,
        }
    }
    Some(cidrs)
}

/// The gateway endpoints with their prefix lists.
pub(super) fn gateway_endpoints(
    network: &Network,
) -> impl Iterator<Item = (&VpcEndpoint, &BTreeSet<PrefixListId>)> {
    let all = network.vpc_endpoints().values();
    all.filter_map(|endpoint| match &endpoint.kind {
        EndpointKind::Gateway { prefix_lists } => Some((endpoint, prefix_lists)),
        EndpointKind::Interface { .. }
        | EndpointKind::GatewayLoadBalancer { .. }
        | EndpointKind::Unmodelled(_) => None,
    })
}

/// The interface endpoints with their interfaces.
pub(super) fn interface_endpoints(
    network: &Network,
) -> impl Iterator<Item = (&VpcEndpoint, &BTreeSet<NetworkInterfaceId>)> {
    let all = network.vpc_endpoints().values();
    all.filter_map(|endpoint| match &endpoint.kind {
        EndpointKind::Interface { interfaces, .. } => Some((endpoint, interfaces)),
        EndpointKind::Gateway { .. }
        | EndpointKind::GatewayLoadBalancer { .. }
        | EndpointKind::Unmodelled(_) => None,
    })
}

/// Whether a service is a customer's, behind load balancers, rather than AWS's own.
pub(super) fn is_of_customer(service: &str) -> bool {
    service.contains(".vpce.")
}

/// Whether an endpoint is of one of AWS's own services that listen on port 443.
pub(super) fn is_https_service(service: &str) -> bool {
    let aws = service.contains("amazonaws.") && !is_of_customer(service);
    aws && !service.ends_with(".email-smtp")
}

/// A few names, and how many more there are.
pub(super) fn some(names: impl IntoIterator<Item = String>) -> String {
    const MOST: usize = 4;
    let names: Vec<String> = names.into_iter().collect();
    let shown = names
        .iter()
        .take(MOST)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().checked_sub(MOST) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} and {more} more"),
    }
}
