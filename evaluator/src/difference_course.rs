//! What becomes of one packet in two networks, compared.

use std::mem::discriminant;

use model::{ComponentId, Hole, Packet};

use crate::compiled::Compiled;
use crate::difference::{Change, Course, Returned};
use crate::forward::{self, Outcome, Request, Sender};
use crate::reply;
use crate::together::Together;
use crate::walk::{Component, End};

/// What comes out of a comparison.
pub(crate) enum Compared {
    Same,
    /// It is open in both networks by the same hole.
    OpenInBoth(Hole),
    Changed(Change),
}

/// Compares the course of a packet in two networks, and tells which others take the same courses.
pub(crate) fn compare(
    [before, after]: [&Compiled; 2],
    [one, other]: [Sender; 2],
    packet: Packet,
    together: Together,
) -> (Compared, Together) {
    let (earlier, was, together) = course(before, together, one, packet);
    let (later, is, together) = course(after, together.again(), other, packet);
    let compared = compared([before, after], [&earlier, &later], [was, is]);
    (compared, together)
}

fn compared(
    [before, after]: [&Compiled; 2],
    [earlier, later]: [&Request; 2],
    courses: [Course; 2],
) -> Compared {
    let ways = match &courses {
        [Course::Delivered(_), Course::Delivered(_)] => ways([before, after], [earlier, later]),
        [
            Course::Dropped | Course::Delivered(_) | Course::Undetermined(_),
            Course::Dropped | Course::Delivered(_) | Course::Undetermined(_),
        ] => None,
    };
    let hole = match &courses {
        [Course::Undetermined(hole), Course::Undetermined(same)]
        | [
            Course::Delivered(Returned::Undetermined(hole)),
            Course::Delivered(Returned::Undetermined(same)),
        ] if ways.is_none() && hole == same => Some(hole.clone()),
        [
            Course::Dropped | Course::Delivered(_) | Course::Undetermined(_),
            Course::Dropped | Course::Delivered(_) | Course::Undetermined(_),
        ] => None,
    };
    let [before, after] = courses;
    match hole {
        Some(hole) => Compared::OpenInBoth(hole),
        None if ways.is_none() && before == after => Compared::Same,
        None => Compared::Changed(Change {
            before,
            after,
            ways,
        }),
    }
}

fn course(
    network: &Compiled,
    together: Together,
    sender: Sender,
    packet: Packet,
) -> (Request, Course, Together) {
    let (request, together) = forward::walk(network, together, sender, packet, &[]);
    match request.outcome.end {
        End::Dropped => (request, Course::Dropped, together),
        End::Undetermined(hole) => {
            let hole = network.holes.hole(hole).clone();
            (request, Course::Undetermined(hole), together)
        }
        End::Delivered => {
            let (outcome, together) = reply::walk(network, together, &request);
            let returned = returned(network, outcome);
            (request, Course::Delivered(returned), together)
        }
    }
}

/// What becomes of the reply to a delivered request.
pub(crate) fn returned(network: &Compiled, outcome: Option<Outcome>) -> Returned {
    match outcome.map(|outcome| outcome.end) {
        Some(End::Delivered) => Returned::Yes,
        Some(End::Dropped) | None => Returned::No,
        Some(End::Undetermined(hole)) => Returned::Undetermined(network.holes.hole(hole).clone()),
    }
}

/// The components that two requests pass, where they differ, without those at which both end.
fn ways(networks: [&Compiled; 2], requests: [&Request; 2]) -> Option<[Vec<ComponentId>; 2]> {
    let [before, after] = networks;
    let [earlier, later] = requests;
    let one = earlier.legs().flat_map(|leg| before.passed(leg));
    let other = later.legs().flat_map(|leg| after.passed(leg));
    let (one, other): (Vec<_>, Vec<_>) = (one.collect(), other.collect());
    let is_same = |(one, other): (&Component, &Component)| {
        discriminant(one) == discriminant(other) && text(before, *one) == text(after, *other)
    };
    if one.len() == other.len() && one.iter().zip(&other).all(is_same) {
        return None;
    }
    let ends = one.iter().rev().zip(other.iter().rev());
    let n_same = ends
        .take_while(|(one, other)| is_receiver(**one) && is_same((one, other)))
        .count();
    let told = |network: &Compiled, way: &[Component]| {
        let way = way.get(..way.len() - n_same).unwrap_or_default();
        way.iter().map(|one| network.component(*one)).collect()
    };
    Some([told(before, &one), told(after, &other)])
}

/// Whether a component at the end of a way receives packets.
fn is_receiver(component: Component) -> bool {
    match component {
        Component::Interface(_) | Component::LoadBalancer(_) | Component::Endpoint(_) => true,
        Component::Group(_)
        | Component::NetworkAcl(_)
        | Component::Subnet(_)
        | Component::Vpc(_)
        | Component::RouteTable(_)
        | Component::InternetGateway(_)
        | Component::EgressOnly(_)
        | Component::NatGateway(_)
        | Component::Peering(_)
        | Component::TransitGateway(_)
        | Component::Attachment(_)
        | Component::TransitTable(_)
        | Component::VirtualPrivate(_)
        | Component::TargetGroup(_)
        | Component::EndpointService(_)
        | Component::Internet
        | Component::OnPremises
        | Component::Unmodelled(_) => false,
    }
}

/// The id of a component on a way.
fn text(network: &Compiled, component: Component) -> &str {
    let names = &network.names;
    match component {
        Component::Interface(index) => names.interfaces.id(index).as_str(),
        Component::Group(index) => names.groups.id(index).as_str(),
        Component::NetworkAcl(index) => names.network_acls.id(index).as_str(),
        Component::Subnet(index) => names.subnets.id(index).as_str(),
        Component::Vpc(index) => names.vpcs.id(index).as_str(),
        Component::RouteTable(index) => names.route_tables.id(index).as_str(),
        Component::InternetGateway(index) => names.internet_gateways.id(index).as_str(),
        Component::EgressOnly(index) => names.egress_only.id(index).as_str(),
        Component::NatGateway(index) => names.nat_gateways.id(index).as_str(),
        Component::Peering(index) => names.peerings.id(index).as_str(),
        Component::Endpoint(index) => names.endpoints.id(index).as_str(),
        Component::TransitGateway(index) => names.transit_gateways.id(index).as_str(),
        Component::Attachment(index) => names.attachments.id(index).as_str(),
        Component::TransitTable(index) => names.transit_tables.id(index).as_str(),
        Component::VirtualPrivate(index) => names.virtual_private.id(index).as_str(),
        Component::LoadBalancer(index) => names.load_balancers.id(index).as_str(),
        Component::TargetGroup(index) => names.target_groups.id(index).as_str(),
        Component::EndpointService(index) => names.endpoint_services.id(index).as_str(),
        Component::Internet => "internet",
        Component::OnPremises => "on premises",
        Component::Unmodelled(index) => &network.unmodelled[index],
    }
}
