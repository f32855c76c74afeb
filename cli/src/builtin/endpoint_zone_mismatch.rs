//! `endpoint-zone-mismatch`: an endpoint's interface in a zone in which its service has no node, or
//! whose node has nothing to hand on to.

use model::{
    ComponentId, EndpointService, LoadBalancer, Network, NetworkInterface, NetworkInterfaceId,
    RegisteredTarget, Subnet, TargetDestination, TargetGroupId, Value, VpcEndpoint,
};

use super::question::interface_endpoints;
use super::{Fault, Run};
use crate::blocks;
use crate::invariant_file::Severity;
use crate::judge::Disagreement;
use crate::render::names;
use crate::report::Subject;

pub(super) fn run(run: &mut Run<'_>) -> Result<(), Disagreement> {
    let network = run.network;
    for (endpoint, interfaces) in interface_endpoints(network) {
        let mut services = network.endpoint_services().values();
        let named = services.find(|service| service.name == endpoint.service);
        let Some(service) = named.filter(|service| !service.load_balancers.is_empty()) else {
            continue;
        };
        for id in interfaces {
            if let Some(sentence) = mismatch(network, endpoint, service, id) {
                report(run, endpoint, id, sentence);
            }
        }
    }
    Ok(())
}

/// What is wrong with an endpoint's interface, where that is certain.
fn mismatch(
    network: &Network,
    endpoint: &VpcEndpoint,
    service: &EndpointService,
    id: &NetworkInterfaceId,
) -> Option<String> {
    let own = subnet(network, id)?;
    let region = |subnet: &Subnet| network.vpcs().get(&subnet.vpc).map(|vpc| &vpc.region);
    let load_balancers = service.load_balancers.iter();
    let load_balancers = load_balancers.filter_map(|id| network.load_balancers().get(id));
    let nodes = load_balancers.flat_map(|one| one.interfaces.iter().map(move |node| (one, node)));
    let nodes: Vec<_> = nodes
        .filter_map(|(one, node)| Some((one, subnet(network, node)?)))
        .collect();
    if nodes
        .iter()
        .any(|(_, subnet)| region(subnet) != region(own))
    {
        return None;
    }
    let near = nodes
        .iter()
        .filter(|(_, subnet)| !are_apart(network, own, subnet));
    let near: Vec<_> = near.collect();
    let endpoint = ComponentId::VpcEndpoint(endpoint.id.clone());
    let (endpoint, zone) = (names::component(network, &endpoint), zone(own));
    if near.is_empty() {
        return Some(format!(
            "{endpoint} has an interface in zone {zone}, where no load balancer of its service has \
             a node"
        ));
    }
    let idle = near
        .iter()
        .all(|(load_balancer, subnet)| is_idle(network, load_balancer, subnet));
    idle.then(|| {
        format!(
            "{endpoint} has an interface in zone {zone}, whose node has no target there: cross-zone \
             load balancing is off"
        )
    })
}

/// Whether the targets of a load balancer are all out of a node's reach by their zones, for certain.
/// Without any target it is not the zone that is wrong.
fn is_idle(network: &Network, load_balancer: &LoadBalancer, node: &Subnet) -> bool {
    let listeners = load_balancer.listeners.known().into_iter().flatten();
    let groups = listeners.flat_map(|listener| &listener.target_groups);
    let mut groups = groups.peekable();
    groups.peek().is_some() && groups.all(|group| stands_elsewhere(network, group, node))
}

/// Whether a group has targets, and every one of them in another zone than a node's.
fn stands_elsewhere(network: &Network, id: &TargetGroupId, node: &Subnet) -> bool {
    let Some(group) = network.target_groups().get(id) else {
        return false;
    };
    let Value::Known(targets) = &group.targets else {
        return false;
    };
    let apart = |target: &RegisteredTarget| {
        let subnets = stands_in(network, target, node);
        !subnets.is_empty()
            && subnets
                .into_iter()
                .all(|subnet| are_apart(network, node, subnet))
    };
    !targets.is_empty() && !group.cross_zone && targets.iter().all(apart)
}

/// The subnets in which a target stands; none of an address beyond the load balancer's VPC.
fn stands_in<'a>(
    network: &'a Network,
    target: &RegisteredTarget,
    node: &Subnet,
) -> Vec<&'a Subnet> {
    match &target.destination {
        TargetDestination::Interface(id) => subnet(network, id).into_iter().collect(),
        TargetDestination::LoadBalancer(id) => {
            let found = network.load_balancers().get(id).into_iter();
            let nodes = found.flat_map(|found| &found.interfaces);
            nodes.filter_map(|node| subnet(network, node)).collect()
        }
        TargetDestination::Address(address) => {
            let subnets = network.subnets().values();
            let of_vpc = subnets.filter(|subnet| subnet.vpc == node.vpc);
            let holds = |subnet: &&Subnet| {
                let mut cidrs = subnet.cidrs.iter();
                cidrs.any(|cidr| blocks::holds(*cidr, *address))
            };
            of_vpc.filter(holds).collect()
        }
    }
}

fn subnet<'a>(network: &'a Network, id: &NetworkInterfaceId) -> Option<&'a Subnet> {
    let interface: &NetworkInterface = network.network_interfaces().get(id)?;
    network.subnets().get(&interface.subnet)
}

/// Whether two subnets are in two zones, for certain (clause `endpoint-service-zone`).
fn are_apart(network: &Network, one: &Subnet, other: &Subnet) -> bool {
    if let (Some(one), Some(other)) = (&one.zone_id, &other.zone_id) {
        return one != other;
    }
    let account = |subnet: &Subnet| network.vpcs().get(&subnet.vpc)?.account.clone();
    let accounts = (account(one), account(other));
    let foreign = matches!(&accounts, (Some(one), Some(other)) if one != other);
    match (&one.zone, &other.zone) {
        (Some(one), Some(other)) => !foreign && one != other,
        (None, _) | (_, None) => false,
    }
}

fn zone(subnet: &Subnet) -> &str {
    let zone = subnet.zone_id.as_deref().or(subnet.zone.as_deref());
    zone.unwrap_or("(unknown)")
}

fn report(run: &mut Run<'_>, endpoint: &VpcEndpoint, id: &NetworkInterfaceId, sentence: String) {
    let subjects = [
        ComponentId::VpcEndpoint(endpoint.id.clone()),
        ComponentId::NetworkInterface(id.clone()),
    ];
    let subjects = subjects.map(|component| Subject {
        component,
        rule: None,
    });
    run.structural(Fault {
        name: format!("{} {id}", endpoint.id),
        severity: Severity::Medium,
        sentence,
        notes: vec!["clients that use this interface's address are not served".to_owned()],
        subjects: subjects.to_vec(),
    });
}
