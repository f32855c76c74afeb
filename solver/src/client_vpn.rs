//! Client VPN endpoints: what their clients send, and what is sent to their interfaces (page client_vpn).

use std::collections::{BTreeMap, BTreeSet};

use model::{Cidr, Clause, ClientVpnEndpoint, Family, Hole, NetworkInterfaceId, SubnetId, Value};

use crate::encoder::Encoder;
use crate::hole::unsettled;
use crate::network_interface::Who;
use crate::ranges::Ranges;
use crate::symbolic::{Formula, greatest};
use crate::walk::{Filter, Steps};

/// `client-vpn-authorization` and `client-vpn-route`, for what an interface sends.
pub(crate) fn sends(encoder: &Encoder, steps: &mut Steps, sender: &Who) {
    for endpoint in endpoints(encoder, sender) {
        let here = encoder.among(sender, &endpoint.interfaces);
        if here.is_false() {
            continue;
        }
        let authorization = authorization(encoder, endpoint);
        steps.filter(Clause::ClientVpnAuthorization, &here, authorization);
        for (subnet, interfaces) in by_subnet(encoder, endpoint) {
            let here = encoder.among(sender, interfaces);
            let route = route(encoder, endpoint, subnet);
            steps.filter(Clause::ClientVpnRoute, &here, route);
        }
    }
}

/// `client-vpn-inbound`.
pub(crate) fn takes(encoder: &Encoder, steps: &mut Steps, receiver: &Who) {
    for endpoint in endpoints(encoder, receiver) {
        let hole = unsettled(Clause::ClientVpnInbound, &place(endpoint));
        let here = encoder.among(receiver, &endpoint.interfaces);
        steps.end(Clause::ClientVpnInbound, hole, here);
    }
}

/// The endpoints with interfaces in the VPC of an interface.
fn endpoints<'a>(
    encoder: &'a Encoder,
    who: &Who,
) -> impl Iterator<Item = &'a ClientVpnEndpoint> + use<'a> {
    let within = encoder.index.vpcs.get(who.vpc());
    let ids = within.into_iter().flat_map(|vpc| &vpc.client_vpn_endpoints);
    ids.filter_map(|id| encoder.network.client_vpn_endpoints().get(id))
}

/// The subnets of an endpoint's interfaces, with those in each.
fn by_subnet<'a>(
    encoder: &'a Encoder,
    endpoint: &'a ClientVpnEndpoint,
) -> BTreeMap<&'a SubnetId, Vec<&'a NetworkInterfaceId>> {
    let mut subnets: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for id in &endpoint.interfaces {
        if let Some(interface) = encoder.network.network_interfaces().get(id) {
            subnets.entry(&interface.subnet).or_default().push(id);
        }
    }
    subnets
}

/// As holes name it.
fn place(endpoint: &ClientVpnEndpoint) -> String {
    format!("Client VPN endpoint {}", endpoint.id)
}

/// A filter whose rules or routes are not known.
fn not_known(clause: Clause, hole: &Hole) -> Filter {
    let mut filter = Filter::passing();
    filter.doubt_when(clause, hole.clone(), Formula::TRUE);
    filter
}

/// `client-vpn-authorization` of an endpoint.
fn authorization(encoder: &Encoder, endpoint: &ClientVpnEndpoint) -> Filter {
    let clause = Clause::ClientVpnAuthorization;
    let rules = match &endpoint.authorization_rules {
        Value::Known(rules) => rules,
        Value::OneOf(_, hole) | Value::Any(hole) => return not_known(clause, hole),
    };
    let for_all = rules.iter().filter(|rule| rule.group.is_none());
    let blocks = rules.iter().map(|rule| rule.destination).collect();
    let of = Longest {
        family: encoder.family,
        blocks: &blocks,
    };
    let for_all = of.decided_by(for_all.map(|rule| rule.destination));
    let for_some = Ranges::of_blocks(encoder.family, &blocks);
    let destination = &encoder.packet.destination;
    let mut filter = Filter::passing();
    filter.drop_when(!for_some.hold(destination));
    // Who sends is not in the input.
    let by_groups = for_some.minus(&for_all).hold(destination);
    filter.doubt_when(clause, unsettled(clause, &place(endpoint)), by_groups);
    filter
}

/// `client-vpn-route` of an endpoint's interfaces in a subnet.
fn route(encoder: &Encoder, endpoint: &ClientVpnEndpoint, subnet: &SubnetId) -> Filter {
    let clause = Clause::ClientVpnRoute;
    let routes = match &endpoint.routes {
        Value::Known(routes) => routes,
        Value::OneOf(_, hole) | Value::Any(hole) => return not_known(clause, hole),
    };
    let to = |target: Option<&SubnetId>| {
        let routes = routes.iter();
        let routes = routes.filter(move |route| route.subnet.as_ref() == target);
        routes.map(|route| route.destination).collect::<Vec<_>>()
    };
    let family = encoder.family;
    let blocks = routes.iter().map(|route| route.destination).collect();
    let of = Longest {
        family,
        blocks: &blocks,
    };
    let by_this = to(Some(subnet));
    let out = of.decided_by(by_this.clone());
    let to_clients = of.decided_by(to(None)).minus(&out);
    let may_leave = Ranges::of_blocks(family, &by_this).minus(&to_clients);
    let leaves = out.minus(&link_local(family));
    let destination = &encoder.packet.destination;
    let mut filter = Filter::passing();
    filter.drop_when(!may_leave.hold(destination));
    let open = may_leave.minus(&leaves).hold(destination);
    filter.doubt_when(clause, unsettled(clause, &place(endpoint)), open);
    filter
}

/// Blocks of which, for each destination, the greatest length decides.
struct Longest<'a> {
    family: Family,
    blocks: &'a BTreeSet<Cidr>,
}

impl Longest<'_> {
    /// The destinations for which one of these, which are among the blocks, decides.
    fn decided_by(&self, some: impl IntoIterator<Item = Cidr>) -> Ranges {
        let decided = some.into_iter().flat_map(|one| {
            let longer = self.blocks.iter();
            let longer = longer.filter(|other| other.prefix_len() > one.prefix_len());
            let longer = Ranges::of_blocks(self.family, longer);
            let own = Ranges::of_blocks(self.family, [&one]).minus(&longer);
            own.iter().collect::<Vec<_>>()
        });
        Ranges::new(self.family, decided)
    }
}

/// 169.254.0.0/16 and fd00:ec2::/32, of which it is not documented whether they leave.
fn link_local(family: Family) -> Ranges {
    let (first, host_bits) = match family {
        Family::V4 => (0xa9fe_0000, 16),
        Family::V6 => (0xfd00_0ec2 << 96, 96),
    };
    Ranges::new(family, [(first, first | greatest(host_bits))])
}
