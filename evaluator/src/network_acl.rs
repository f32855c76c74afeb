//! Network ACLs: numbered entries, of which the first that matches decides.

use std::ops::{ControlFlow, RangeInclusive};

use model::{
    AclAction, AclEntry, Address, Cidr, Clause, Family, Network, RuleIndex, RuleTraffic, Transport,
};

use crate::address::holds;
use crate::compiled::{Compiled, Open};
use crate::index::{Arena, HoleIndex, NetworkAclIndex, SubnetIndex};
use crate::security_group::traffic_matches;
use crate::walk::{Component, Ending, Filter, Recorder, Walk};

/// A network ACL.
#[derive(Clone, Debug)]
pub(crate) struct NetworkAcl {
    pub(crate) ingress: Entries,
    pub(crate) egress: Entries,
}

/// The entries of one direction in ascending order of their numbers.
#[derive(Clone, Debug)]
pub(crate) struct Entries {
    entries: Vec<Entry>,
}

/// One entry.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    number: u16,
    allows: bool,
    pub(crate) traffic: RuleTraffic,
    pub(crate) cidr: Cidr,
}

/// Into a subnet, or out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    In,
    Out,
}

impl Side {
    const fn clause(self) -> Clause {
        match self {
            Side::In => Clause::NetworkAclIngress,
            Side::Out => Clause::NetworkAclEgress,
        }
    }

    const fn rule(self, number: u16) -> RuleIndex {
        match self {
            Side::In => RuleIndex::IngressEntry(number),
            Side::Out => RuleIndex::EgressEntry(number),
        }
    }
}

impl NetworkAcl {
    pub(crate) const fn entries(&self, side: Side) -> &Entries {
        match side {
            Side::In => &self.ingress,
            Side::Out => &self.egress,
        }
    }
}

impl Entries {
    fn new(entries: &[AclEntry]) -> Self {
        let mut entries: Vec<_> = entries
            .iter()
            .map(|entry| Entry {
                number: entry.number,
                allows: match entry.action {
                    AclAction::Allow => true,
                    AclAction::Deny => false,
                },
                traffic: any_icmpv6(&entry.traffic, entry.cidr),
                cidr: entry.cidr,
            })
            .collect();
        entries.sort_by_key(|entry| entry.number);
        Self { entries }
    }

    /// Whether the packet passes, and by which entry; no entry drops it.
    #[inline]
    fn decide(&self, transport: Transport, far: Address) -> (bool, Option<u16>) {
        let first = self
            .entries
            .iter()
            .find(|entry| holds(entry.cidr, far) && traffic_matches(&entry.traffic, transport));
        first.map_or((false, None), |entry| (entry.allows, Some(entry.number)))
    }

    /// Whether packets to every one of the ports pass; `None` when only some do.
    fn decide_ports(
        &self,
        transport: Transport,
        far: Address,
        ports: &RangeInclusive<u16>,
    ) -> Option<bool> {
        let (first, _) = self.decide(to_port(transport, *ports.start()), far);
        let edges = self.entries.iter().flat_map(|entry| edges(&entry.traffic));
        let agree = edges
            .flatten()
            .filter(|port| ports.contains(port))
            .all(|port| self.decide(to_port(transport, port), far).0 == first);
        agree.then_some(first)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }
}

/// An `Icmpv6` entry with an IPv4 block matches protocol 58 whatever type and code it gives.
fn any_icmpv6(traffic: &RuleTraffic, cidr: Cidr) -> RuleTraffic {
    match (traffic, cidr.family()) {
        (RuleTraffic::Icmpv6(_), Family::V4) => RuleTraffic::Protocol(58),
        (RuleTraffic::Icmpv6(_), Family::V6)
        | (
            RuleTraffic::All
            | RuleTraffic::Tcp(_)
            | RuleTraffic::Udp(_)
            | RuleTraffic::Icmp(_)
            | RuleTraffic::Protocol(_),
            _,
        ) => traffic.clone(),
    }
}

/// The ports at which a rule begins to match, and at which it has ceased to.
fn edges(traffic: &RuleTraffic) -> [Option<u16>; 2] {
    match traffic {
        RuleTraffic::Tcp(ports) | RuleTraffic::Udp(ports) => {
            [Some(ports.from), ports.to.checked_add(1)]
        }
        RuleTraffic::All
        | RuleTraffic::Icmp(_)
        | RuleTraffic::Icmpv6(_)
        | RuleTraffic::Protocol(_) => [None, None],
    }
}

/// The same packet to another port.
fn to_port(transport: Transport, destination_port: u16) -> Transport {
    match transport {
        Transport::Tcp { source_port, .. } => Transport::Tcp {
            source_port,
            destination_port,
        },
        Transport::Udp { source_port, .. } => Transport::Udp {
            source_port,
            destination_port,
        },
        Transport::Icmp { .. } | Transport::Icmpv6 { .. } | Transport::Other(_) => transport,
    }
}

pub(crate) fn compile(network: &Network) -> Arena<NetworkAclIndex, NetworkAcl> {
    let network_acls = network.network_acls().values();
    network_acls
        .map(|acl| NetworkAcl {
            ingress: Entries::new(&acl.ingress),
            egress: Entries::new(&acl.egress),
        })
        .collect()
}

impl Compiled {
    /// The ACL of a subnet on a packet: what it says, and where.
    #[inline]
    fn judge(
        &self,
        subnet: SubnetIndex,
        side: Side,
        one: impl Fn(&Entries) -> (Filter, Option<u16>),
    ) -> (Filter, Component, Option<RuleIndex>) {
        let somewhere = Component::Subnet(subnet);
        match &self.subnets[subnet].network_acl {
            Open::Known(index) => {
                let (filter, number) = one(self.network_acls[*index].entries(side));
                let rule = number.map(|number| side.rule(number));
                (filter, Component::NetworkAcl(*index), rule)
            }
            Open::OneOf(indices, hole) => {
                let mut filters = indices
                    .iter()
                    .map(|index| one(self.network_acls[*index].entries(side)).0);
                let unknown = Filter::Open(Clause::NetworkAclUnknown, *hole);
                let first = filters.next().unwrap_or(unknown);
                let agreed = match first {
                    Filter::Passes | Filter::Drops => filters.all(|filter| filter == first),
                    Filter::Open(..) => false,
                };
                (if agreed { first } else { unknown }, somewhere, None)
            }
            Open::Any(hole) => {
                let unknown = Filter::Open(Clause::NetworkAclUnknown, *hole);
                (unknown, somewhere, None)
            }
        }
    }
}

impl<R: Recorder> Walk<'_, R> {
    /// The ACL of a subnet.
    #[inline]
    pub(crate) fn network_acl(&mut self, subnet: SubnetIndex, side: Side) -> ControlFlow<Ending> {
        let (network, far) = (self.network, self.far(side));
        let judge = |transport| {
            network.judge(subnet, side, |entries| {
                let (passes, number) = entries.decide(transport, far);
                (Filter::of(passes), number)
            })
        };
        let judged = judge(self.packet.transport());
        self.recorder.asked(|other| judge(other).0 == judged.0);
        self.apply(side, judged)
    }

    /// The ACL of a subnet on a reply to some port that a NAT gateway or a load balancer chose,
    /// by the clause of that.
    pub(crate) fn network_acl_ports(
        &mut self,
        subnet: SubnetIndex,
        side: Side,
        ports: &RangeInclusive<u16>,
        (clause, hole): (Clause, HoleIndex),
    ) -> ControlFlow<Ending> {
        let (network, far) = (self.network, self.far(side));
        let judge = |transport| {
            network.judge(subnet, side, |entries| {
                let passes = entries.decide_ports(transport, far, ports);
                (passes.map_or(Filter::Open(clause, hole), Filter::of), None)
            })
        };
        let judged = judge(self.packet.transport());
        self.recorder.asked(|other| judge(other).0 == judged.0);
        self.apply(side, judged)
    }

    /// Whether the ACL of a subnet certainly passes the packet; to every one of the ports, when
    /// no more is known of its own.
    pub(crate) fn is_passed_by_acl(
        &mut self,
        subnet: SubnetIndex,
        side: Side,
        ports: Option<&RangeInclusive<u16>>,
    ) -> bool {
        let (network, far) = (self.network, self.far(side));
        let is_passed = |transport| {
            let (filter, ..) = network.judge(subnet, side, |entries| {
                let passes = match ports {
                    Some(ports) => entries.decide_ports(transport, far, ports) == Some(true),
                    None => entries.decide(transport, far).0,
                };
                (Filter::of(passes), None)
            });
            filter == Filter::Passes
        };
        self.asks(is_passed)
    }

    const fn far(&self, side: Side) -> Address {
        match side {
            Side::In => self.packet.source(),
            Side::Out => self.packet.destination(),
        }
    }

    #[inline]
    fn apply(
        &mut self,
        side: Side,
        (filter, component, rule): (Filter, Component, Option<RuleIndex>),
    ) -> ControlFlow<Ending> {
        match filter {
            Filter::Passes => self.pass(component, rule, side.clause()),
            Filter::Drops => return self.drop(component, rule, side.clause()),
            Filter::Open(clause, hole) => self.filter_open(component, None, clause, hole),
        }
        ControlFlow::Continue(())
    }
}
