//! Network ACLs: numbered entries, of which the first that matches decides.

use std::ops::{ControlFlow, RangeInclusive};

use model::{
    AclAction, AclEntry, Address, Cidr, Clause, Family, Network, RuleIndex, RuleTraffic, Transport,
};

use crate::address::holds;
use crate::atoms::TransportCuts;
use crate::compiled::{Compiled, Open};
use crate::index::{Arena, HoleIndex, NetworkAclIndex, SubnetIndex};
use crate::nested_entries::NestedEntries;
use crate::traffic_extent::Extent;
use crate::walk::{About, Component, Ending, Filter, Recorder, Walk};

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
    /// Where there are many, which hold an address.
    nested: Option<NestedEntries>,
}

/// From how many entries on it is looked up which of them hold an address.
const MANY: usize = 16;

/// One entry.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    number: u16,
    pub(crate) allows: bool,
    pub(crate) traffic: RuleTraffic,
    pub(crate) cidr: Cidr,
}

/// Into a subnet, or out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
        let nested = (entries.len() >= MANY).then(|| NestedEntries::new(&entries));
        Self { entries, nested }
    }

    /// The first entry that holds an address and matches.
    #[inline]
    fn first(&self, transport: Transport, far: Address) -> Option<&Entry> {
        let matches = |entry: &Entry| Extent::of(&entry.traffic).holds(transport);
        let Some(nested) = &self.nested else {
            let mut entries = self.entries.iter();
            return entries.find(|entry| holds(entry.cidr, far) && matches(entry));
        };
        let is_match = |position: &u32| self.entries.get(*position as usize).is_some_and(matches);
        let of_blocks = nested.holding(far);
        let firsts = of_blocks.filter_map(|block| block.iter().find(|one| is_match(one)));
        self.entries.get(*firsts.min()? as usize)
    }

    /// The entries that hold an address, in their order.
    pub(crate) fn holding(&self, far: Address) -> Vec<&Entry> {
        let Some(nested) = &self.nested else {
            let entries = self.entries.iter();
            return entries.filter(|entry| holds(entry.cidr, far)).collect();
        };
        let mut positions: Vec<u32> = nested.holding(far).flatten().copied().collect();
        positions.sort_unstable();
        let entries = positions.into_iter();
        entries
            .filter_map(|position| self.entries.get(position as usize))
            .collect()
    }

    /// A number that two addresses share only if the same entries hold them.
    pub(crate) fn place(&self, far: Address) -> u32 {
        match &self.nested {
            Some(nested) => nested.place(far),
            None => {
                let held = self.entries.iter().map(|entry| holds(entry.cidr, far));
                held.fold(0, |place, held| place << 1 | u32::from(held))
            }
        }
    }

    /// What is told apart in protocols and ports, to some port that is not known.
    fn cuts_of_any_port(&self, cuts: &mut TransportCuts) {
        for entry in &self.entries {
            match &entry.traffic {
                RuleTraffic::Tcp(_) | RuleTraffic::Udp(_) => {}
                RuleTraffic::All
                | RuleTraffic::Icmp(_)
                | RuleTraffic::Icmpv6(_)
                | RuleTraffic::Protocol(_) => cuts.request(&entry.traffic),
            }
        }
    }

    /// Whether the packet passes, and by which entry; no entry drops it.
    #[inline]
    pub(crate) fn decide(&self, transport: Transport, far: Address) -> (bool, Option<u16>) {
        let first = self.first(transport, far);
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
        let holding = self.holding(far).into_iter();
        let edges = holding.flat_map(|entry| edges(&entry.traffic));
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

impl Compiled {
    /// By what the ACL of a subnet tells packets apart; the destination port is not asked for when the
    /// packet is for some port of a range.
    #[inline]
    fn about_acl<T>(
        &self,
        subnet: SubnetIndex,
        side: Side,
        far: Address,
        ports: Option<&RangeInclusive<u16>>,
        ask: impl FnOnce(About<'_>) -> T,
    ) -> T {
        let network_acl = &self.subnets[subnet].network_acl;
        if let (Open::Known(index), None) = (network_acl, ports) {
            return ask(About::NetworkAcl(*index, side, far));
        }
        let candidates = network_acl.candidates();
        let cuts = |cuts: &mut TransportCuts| {
            for index in candidates {
                let entries = self.network_acls[*index].entries(side);
                match ports {
                    Some(_) => entries.cuts_of_any_port(cuts),
                    None => {
                        let holding = entries.holding(far).into_iter();
                        holding.for_each(|entry| cuts.request(&entry.traffic));
                    }
                }
            }
        };
        ask(About::Cuts(&cuts))
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
        network.about_acl(subnet, side, far, None, |about| {
            self.recorder
                .asked(about, |other| judge(other).0 == judged.0);
        });
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
        network.about_acl(subnet, side, far, Some(ports), |about| {
            self.recorder
                .asked(about, |other| judge(other).0 == judged.0);
        });
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
        network.about_acl(subnet, side, far, ports, |about| {
            self.asks(about, is_passed)
        })
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
