//! Network ACLs (page network_acl).

use std::collections::BTreeSet;

use model::{AclAction, AclEntry, Clause, Family, NetworkAclId, RuleTraffic, SubnetId, Value};

use crate::encoder::Encoder;
use crate::hole;
use crate::network_interface::Who;
use crate::ranges::block_holds;
use crate::symbolic::{Formula, ICMPV6, Number, Packet, Transport};
use crate::walk::Filter;

/// Whether a packet enters or leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Bound {
    In,
    Out,
}

/// What an ACL says of a packet to a port that is not known.
struct OverPorts {
    /// It lets it pass whatever the port.
    every: Formula,
    /// It lets it pass for some port.
    some: Formula,
}

/// What the ACL of the subnet of an interface does to what enters or leaves there: `network-acl-ingress`,
/// `network-acl-egress`, `network-acl-unknown`.
pub(crate) fn step(
    encoder: &mut Encoder,
    who: &Who,
    bound: Bound,
    far: &Number,
    transport: &Transport,
) -> Filter {
    let mut filter = Filter::passing();
    for (acl, here) in classes(encoder, who) {
        match acl {
            Value::Known(acl) => {
                let allowed = allows(encoder, &acl, bound, far, transport);
                filter.drop_when(here & !allowed);
            }
            Value::OneOf(acls, hole) => {
                let allowed = acls
                    .iter()
                    .map(|acl| allows(encoder, acl, bound, far, transport));
                let allowed: Vec<_> = allowed.collect();
                let every = Formula::all(allowed.clone());
                let some = Formula::any(allowed);
                filter.drop_when(&here & &!&some);
                filter.doubt_when(Clause::NetworkAclUnknown, hole, here & some & !every);
            }
            Value::Any(hole) => filter.doubt_when(Clause::NetworkAclUnknown, hole, here),
        }
    }
    filter
}

/// The same for a packet whose destination port a NAT gateway or a load balancer chose, by the clause that says so
/// (`nat-gateway-source-port`, `load-balancer-source-port`).
pub(crate) fn step_for_chosen_port(
    encoder: &mut Encoder,
    who: &Who,
    bound: Bound,
    (far, transport): (&Number, &Transport),
    clause: Clause,
) -> Filter {
    let chosen = |place: &str| hole::unsettled(clause, place);
    let mut filter = Filter::passing();
    for (acl, here) in classes(encoder, who) {
        match acl {
            Value::Known(acl) => {
                let over = over_ports(encoder, &acl, bound, far, transport);
                filter.drop_when(&here & &!&over.some);
                let mixed = here & over.some & !over.every;
                filter.doubt_when(clause, chosen(&format!("network ACL {acl}")), mixed);
            }
            Value::OneOf(acls, hole) => {
                let over: Vec<_> = acls
                    .iter()
                    .map(|acl| over_ports(encoder, acl, bound, far, transport))
                    .collect();
                let pass = Formula::all(over.iter().map(|over| over.every.clone()));
                let drop = Formula::all(over.iter().map(|over| !&over.some));
                filter.drop_when(&here & &drop);
                // Also where each of them depends on the port: that is no agreement.
                let differ = here & !pass & !drop;
                filter.doubt_when(Clause::NetworkAclUnknown, hole, differ);
            }
            Value::Any(hole) => filter.doubt_when(Clause::NetworkAclUnknown, hole, here),
        }
    }
    filter
}

/// That a packet certainly passes the ACL of a subnet outbound and inbound; its destination port may have been chosen,
/// by the clause that says so.
pub(crate) fn passes_both_ways(
    encoder: &mut Encoder,
    who: &Who,
    packet: &Packet,
    chosen: Option<Clause>,
) -> Formula {
    let transport = &packet.transport;
    let mut passes = Formula::TRUE;
    for (bound, far) in [
        (Bound::Out, &packet.destination),
        (Bound::In, &packet.source),
    ] {
        let filter = match chosen {
            Some(by) => step_for_chosen_port(encoder, who, bound, (far, transport), by),
            None => step(encoder, who, bound, far, transport),
        };
        let doubts = filter.doubts.into_iter().map(|doubt| doubt.when);
        passes = passes & !Formula::any(filter.drop.into_iter().chain(doubts));
    }
    passes
}

/// The ACLs of the VPC of an interface, each with: the interface is in a subnet of it.
fn classes(encoder: &Encoder, who: &Who) -> Vec<(Value<NetworkAclId>, Formula)> {
    let Some(within) = encoder.index.vpcs.get(who.vpc()) else {
        return Vec::new();
    };
    guarded(encoder, who, &within.acls)
}

/// The classes of a VPC's subnets, each with: the interface is in a subnet of it. Classes that cannot be are left out.
pub(crate) fn guarded<T: Clone>(
    encoder: &Encoder,
    who: &Who,
    classes: &[(Value<T>, BTreeSet<SubnetId>)],
) -> Vec<(Value<T>, Formula)> {
    // The interface is in some subnet of the VPC, so a class that has them all needs no condition.
    if let [(value, _)] = classes {
        return vec![(value.clone(), Formula::TRUE)];
    }
    let guard = |(value, subnets): &(Value<T>, BTreeSet<SubnetId>)| {
        let here = encoder.in_subnets(who, subnets);
        (!here.is_false()).then(|| (value.clone(), here))
    };
    classes.iter().filter_map(guard).collect()
}

/// That an ACL lets a packet pass.
fn allows(
    encoder: &mut Encoder,
    acl: &NetworkAclId,
    bound: Bound,
    far: &Number,
    transport: &Transport,
) -> Formula {
    let key = (acl.clone(), bound, far.clone(), transport.clone());
    if let Some(known) = encoder.allowed.get(&key) {
        return known.clone();
    }
    let allowed = first_match(
        &entries(encoder, acl, bound),
        encoder.family,
        far,
        transport,
    );
    encoder.allowed.insert(key, allowed.clone());
    allowed
}

/// The entries of one direction in ascending order of their numbers.
fn entries(encoder: &Encoder, acl: &NetworkAclId, bound: Bound) -> Vec<AclEntry> {
    let acl = encoder.network.network_acls().get(acl);
    let mut entries = acl.map_or_else(Vec::new, |acl| match bound {
        Bound::In => acl.ingress.clone(),
        Bound::Out => acl.egress.clone(),
    });
    entries.sort_by_key(|entry| entry.number);
    entries
}

/// An entry allows when it matches and allows, or does not match and those behind it allow; behind the last one
/// nothing does.
fn first_match(
    entries: &[AclEntry],
    family: Family,
    far: &Number,
    transport: &Transport,
) -> Formula {
    entries.iter().rev().fold(Formula::FALSE, |behind, entry| {
        let matches = entry_matches(entry, family, far, transport);
        match entry.action {
            AclAction::Allow => matches | behind,
            AclAction::Deny => !matches & behind,
        }
    })
}

fn entry_matches(entry: &AclEntry, family: Family, far: &Number, transport: &Transport) -> Formula {
    if entry.cidr.family() != family {
        return Formula::FALSE;
    }
    let traffic = match (&entry.traffic, entry.cidr.family()) {
        // The page's one exception: type and code do not count.
        (RuleTraffic::Icmpv6(_), Family::V4) => transport.is_protocol(ICMPV6),
        (traffic, Family::V4 | Family::V6) => transport.matches(traffic),
    };
    traffic & block_holds(entry.cidr, far)
}

/// Between two ports at which no entry begins or ends an ACL cannot tell the ports apart, so one of them speaks for
/// all: this says "every port from 1024 to 65535" without a quantifier.
fn over_ports(
    encoder: &mut Encoder,
    acl: &NetworkAclId,
    bound: Bound,
    far: &Number,
    transport: &Transport,
) -> OverPorts {
    let mut ports = BTreeSet::from([1024_u16]);
    for entry in entries(encoder, acl, bound) {
        match entry.traffic {
            RuleTraffic::Tcp(range) | RuleTraffic::Udp(range) => {
                ports.insert(range.from);
                ports.extend(range.to.checked_add(1));
            }
            RuleTraffic::All
            | RuleTraffic::Icmp(_)
            | RuleTraffic::Icmpv6(_)
            | RuleTraffic::Protocol(_) => {}
        }
    }
    let chosen = ports.range(1024..).map(|port| {
        let mut transport = transport.clone();
        transport.destination_port = Number::Known(u128::from(*port), 16);
        allows(encoder, acl, bound, far, &transport)
    });
    let chosen: Vec<_> = chosen.collect();
    OverPorts {
        every: Formula::all(chosen.clone()),
        some: Formula::any(chosen),
    }
}
