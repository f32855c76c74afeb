//! Which claims IPv6 that is not seen may change.
//!
//! A packet over IPv6 begins at an interface with such an address and goes to one. Interfaces have
//! none in a subnet without a block of IPv6; only what translates between the families could bring a
//! flow over IPv6 to them.

use std::collections::BTreeSet;

use model::{
    Cidr, Family, Network, NetworkInterfaceId, Origin, Place, Route, RouteDestination, Scope,
    Target, Value,
};

/// Whether IPv6 that the input does not tell, among it that of the subnets `unseen`, may change what
/// holds of a scope.
pub(crate) fn may_change(scope: &Scope, network: &Network, unseen: &BTreeSet<String>) -> bool {
    let has_none = |id: &NetworkInterfaceId| {
        let interface = network.network_interfaces().get(id);
        let subnet = interface.and_then(|of| network.subnets().get(&of.subnet));
        subnet.is_some_and(|subnet| {
            subnet.cidrs.iter().all(is_ipv4) && !unseen.contains(subnet.id.as_str())
        })
    };
    let sends_none = |origin: &Origin| match origin {
        Origin::Interfaces(interfaces) => interfaces.iter().all(has_none),
        Origin::Internet(blocks) => blocks.as_ref().is_some_and(|all| all.iter().all(is_ipv4)),
        Origin::OnPremises { .. } => false,
    };
    let receives_none = |place: &Place| match place {
        Place::Interfaces { interfaces, .. } => interfaces.iter().all(has_none),
        Place::Cidrs(blocks) => blocks.iter().all(is_ipv4),
        Place::Internet
        | Place::OnPremises(_)
        | Place::Name(_)
        | Place::Service(_)
        | Place::GatewayEndpoints(_) => false,
    };
    scope.families.contains(&Family::V6)
        && (translates(network)
            || !(scope.from.iter().all(sends_none) || scope.to.iter().all(receives_none)))
}

fn is_ipv4(cidr: &Cidr) -> bool {
    cidr.family() == Family::V4
}

/// Whether something may translate between the families: a load balancer, or a NAT gateway with a
/// route that may be one of IPv6 (NAT64).
fn translates(network: &Network) -> bool {
    let is_nat = |target: &Target| matches!(target, Target::NatGateway(_));
    let may_translate = |route: &Route| {
        let may_be_nat = match &route.target {
            Value::Known(target) => is_nat(target),
            Value::OneOf(targets, _) => targets.iter().any(is_nat),
            Value::Any(_) => true,
        };
        let is_of_ipv4 = match &route.destination {
            Value::Known(RouteDestination::Cidr(cidr)) => is_ipv4(cidr),
            Value::Known(RouteDestination::PrefixList(_)) | Value::OneOf(..) | Value::Any(_) => {
                false
            }
        };
        may_be_nat && !is_of_ipv4
    };
    let tables = network.route_tables().values();
    !network.load_balancers().is_empty() || tables.flat_map(|of| &of.routes).any(may_translate)
}
