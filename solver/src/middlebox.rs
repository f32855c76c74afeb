//! Network interfaces as targets of routes (page middlebox).

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Clause, Middlebox, NetworkInterfaceId, Target};

use crate::encoder::Encoder;
use crate::forward::{arrive, onward};
use crate::hole::unsettled;
use crate::network_acl::{self, Bound};
use crate::network_interface::Who;
use crate::route_table::Choice;
use crate::security_group::{self, Entered};
use crate::symbolic::{Formula, Number};
use crate::walk::{Device, Steps};

/// That a packet is for one of the interface's own private addresses: it comes to no device.
pub(crate) fn is_own(encoder: &Encoder, steps: &Steps, id: &NetworkInterfaceId) -> Formula {
    let addresses = encoder.private_addresses([id]);
    if addresses.may_be_in(&steps.destinations) {
        addresses.hold(&steps.way.packet.destination)
    } else {
        Formula::FALSE
    }
}

/// What is for the interface itself arrives there, as if the route were the local one; the rest is left.
pub(crate) fn own(encoder: &mut Encoder, steps: &mut Steps, id: &NetworkInterfaceId) {
    let own = is_own(encoder, steps, id);
    let Some(vpc) = encoder.index.vpc_of.get(id).cloned() else {
        return;
    };
    let mut inside = steps.branch(&own);
    if !inside.is_over() {
        arrive(encoder, &mut inside, &vpc, &Entered::Local);
        steps.join(inside);
    }
    steps.here = &steps.here & &!own;
}

/// When each target is chosen in return: a route to an interface for one of its own private addresses counts as the
/// local route (walk, *return choice*).
pub(crate) fn in_return(
    encoder: &Encoder,
    choice: &Choice,
    address: &Number,
) -> BTreeMap<Target, Formula> {
    let mut to: BTreeMap<Target, Vec<Formula>> = BTreeMap::new();
    let mut add = |target: Target, when: Formula| {
        if !when.is_false() {
            to.entry(target).or_default().push(when);
        }
    };
    for (target, chosen) in &choice.to {
        let own = interface(target).map_or(Formula::FALSE, |id| {
            encoder.private_addresses([id]).hold(address)
        });
        add(Target::Local, &chosen.when & &own);
        add(target.clone(), &chosen.when & &!own);
    }
    let to = to.into_iter();
    to.map(|(target, when)| (target, Formula::any(when)))
        .collect()
}

/// A middlebox as the target of a route, from the subnet at which the packet stands or from an edge table.
pub(crate) fn target(
    encoder: &mut Encoder,
    steps: &mut Steps,
    from: Option<&Who>,
    id: &NetworkInterfaceId,
) {
    let network = Arc::clone(&encoder.network);
    let Some((interface, appliance)) = network
        .network_interfaces()
        .get(id)
        .and_then(|interface| Some((interface, Who::pinned(encoder, id)?)))
    else {
        return;
    };
    let packet = steps.way.packet.clone();
    steps.come_to(
        &format!("interface {id}"),
        |device| matches!(device, Device::Middlebox(passed) if passed == id),
    );
    let checks = Formula::Constant(interface.source_destination_check);
    steps.drop(Clause::MiddleboxCheck, checks);
    if steps.is_over() {
        return;
    }

    let subnet = interface.subnet.clone();
    let other_subnet = from.map_or(Formula::TRUE, |from| {
        !encoder.in_subnets(from, &[subnet.clone()].into())
    });
    let (far, transport) = (&packet.source, &packet.transport);
    let ingress = network_acl::step(encoder, &appliance, Bound::In, far, transport);
    steps.filter(Clause::NetworkAclIngress, &other_subnet, ingress);
    let entered = security_group::identity(steps, &Entered::Local);
    let taken = security_group::step(encoder, &appliance, Bound::In, &entered, far, transport);
    steps.filter(Clause::SecurityGroupIngress, &Formula::TRUE, taken);
    forwards(steps, id, interface.middlebox);
    let far = &packet.destination;
    let sent = security_group::step(
        encoder,
        &appliance,
        Bound::Out,
        &Entered::Sent,
        far,
        transport,
    );
    steps.filter(Clause::SecurityGroupEgress, &Formula::TRUE, sent);

    steps.way.devices.push(Device::Middlebox(id.clone()));
    if let Some(stands) = Who::standing(encoder, &subnet) {
        onward(encoder, steps, &stands);
    }
}

/// `middlebox-forwards`.
fn forwards(steps: &mut Steps, id: &NetworkInterfaceId, middlebox: Middlebox) {
    let clause = Clause::MiddleboxForwards;
    let hole = unsettled(clause, &format!("interface {id}"));
    match middlebox {
        Middlebox::Forwards => {}
        Middlebox::Inspects => steps.doubt(clause, hole, Formula::TRUE),
        Middlebox::Unknown => steps.end(clause, hole, Formula::TRUE),
    }
}

/// The interface that a route leads to.
pub(crate) const fn interface(target: &Target) -> Option<&NetworkInterfaceId> {
    match target {
        Target::NetworkInterface(id) => Some(id),
        Target::Local
        | Target::InternetGateway(_)
        | Target::EgressOnlyInternetGateway(_)
        | Target::NatGateway(_)
        | Target::Peering(_)
        | Target::GatewayEndpoint(_)
        | Target::GatewayLoadBalancerEndpoint(_)
        | Target::TransitGateway(_)
        | Target::VirtualPrivateGateway(_)
        | Target::Unmodelled { .. } => None,
    }
}
