//! Security groups: sets of allow rules, interned by the set that an interface carries.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use model::{Address, Clause, Family, RuleIndex, RuleTraffic, Transport};

use crate::address_map::{AddressMap, ExactMap};
use crate::atoms::TransportCuts;
use crate::compiled::{Compiled, Open};
use crate::index::{
    GroupIndex, GroupSetIndex, HoleIndex, InterfaceIndex, LoadBalancerIndex, PeeringIndex, VpcIndex,
};
use crate::network_interface::Role;
use crate::rule_row::Row;
use crate::traffic_extent::Extent;
use crate::walk::{About, AskedGroups, Component, Ending, Filter, Recorder, Walk};
use crate::way::Passage;

/// The groups that some interfaces of one VPC carry.
#[derive(Clone, Debug)]
pub(crate) struct GroupSet {
    pub(crate) groups: Vec<GroupIndex>,
    /// The load balancer, when it is no group at all and that filters nothing
    /// (`load-balancer-unfiltered`).
    pub(crate) unfiltered: Option<LoadBalancerIndex>,
    pub(crate) ingress: Rules,
    pub(crate) egress: Rules,
}

/// All rules of a set in one direction. A rule's *order* is its place in the order by group id
/// and position.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// For each address the row of rules that match it, references left out.
    pub(crate) rows_by_address: AddressMap<u32>,
    pub(crate) rows: Vec<Row>,
    pub(crate) references: Vec<Reference>,
    /// By order, where each rule stands.
    pub(crate) places: Vec<(GroupIndex, u32)>,
    /// The traffic of all rules, each once.
    pub(crate) traffic: BTreeSet<RuleTraffic>,
}

/// A rule with a group of the network that is not stale.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) order: u32,
    pub(crate) group: GroupIndex,
    pub(crate) traffic: RuleTraffic,
    pub(crate) relation: Relation,
    pub(crate) members: ExactMap<Member>,
}

/// How the VPC of a referenced group is joined to the interface's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Own,
    /// Another VPC, perhaps by a peering; over transit gateways it is seen when packets come.
    Other(VpcIndex, Option<PeeringIndex>),
}

impl Relation {
    /// Whether an inbound packet came from inside that VPC.
    fn admits(self, came: Came) -> bool {
        match (self, came) {
            (Relation::Own, Came::Inside) => true,
            (Relation::Other(_, by), Came::Peering(peering)) => by == Some(peering),
            (Relation::Other(vpc, _), Came::Transit(from)) => vpc == from,
            // Behind a node not its address tells, but what groups it has.
            (
                Relation::Own,
                Came::Peering(_)
                | Came::Transit(_)
                | Came::Elsewhere
                | Came::Behind(_)
                | Came::Service,
            )
            | (
                Relation::Other(..),
                Came::Inside | Came::Elsewhere | Came::Behind(_) | Came::Service,
            ) => false,
        }
    }
}

/// Whence an inbound packet has come, if it has kept its sender's identity so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// From inside the VPC.
    Inside,
    /// Over a peering and nothing else.
    Peering(PeeringIndex),
    /// From that VPC over a transit gateway, and nothing else, that keeps references.
    Transit(VpcIndex),
    /// From a node that keeps its client's address, but not the client's groups.
    Behind(InterfaceIndex),
    /// By an endpoint service.
    Service,
    /// In any other way.
    Elsewhere,
}

impl Compiled {
    /// The load balancer whose node an interface is that filters nothing.
    fn unfiltered(&self, index: InterfaceIndex) -> Option<LoadBalancerIndex> {
        match &self.interfaces[index].groups {
            Open::Known(set) => self.group_sets[*set].unfiltered,
            Open::OneOf(..) | Open::Any(_) => None,
        }
    }

    /// The VPC whose groups may be referenced when a packet came over a transit gateway only.
    pub(crate) fn referenced_over(
        &self,
        passage: Passage,
        receiver: InterfaceIndex,
    ) -> Option<VpcIndex> {
        let vpc = |attachment| self.attachments[attachment].referenced_vpc();
        let (from, to) = (vpc(passage.entered)?, vpc(passage.left)?);
        let same_region = self.vpcs[from].region == self.vpcs[to].region;
        let ordinary = match self.interfaces[receiver].role {
            Role::Endpoint(_) => false,
            Role::Ordinary | Role::NatGateway(_) | Role::LoadBalancer(_) | Role::ClientVpn(_) => {
                true
            }
        };
        Some(from).filter(|_| same_region && ordinary)
    }
}

/// Whether an interface carries a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Member {
    Carries,
    MayCarry(HoleIndex),
}

/// What a rule with a group that is not in the input may match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outside {
    /// Any address that is not public, or is IPv6.
    Addresses,
    Nothing,
    /// A node whose groups are not known.
    Node(HoleIndex),
}

impl Compiled {
    /// Whether an interface carries a group, whatever its addresses are.
    fn carries(&self, index: InterfaceIndex, group: GroupIndex) -> Option<Member> {
        let carries = |set: &GroupSetIndex| self.group_sets[*set].groups.contains(&group);
        match &self.interfaces[index].groups {
            Open::Known(set) => carries(set).then_some(Member::Carries),
            Open::OneOf(sets, hole) => match sets.iter().filter(|set| carries(set)).count() {
                0 => None,
                n_carrying if n_carrying == sets.len() => Some(Member::Carries),
                _ => Some(Member::MayCarry(*hole)),
            },
            Open::Any(hole) => Some(Member::MayCarry(*hole)),
        }
    }

    /// What the inbound rules say of a packet that a node sends with its client's address.
    fn decide_behind(
        &self,
        rules: &Rules,
        transport: Transport,
        client: Address,
        node: InterfaceIndex,
    ) -> (Filter, Option<Admitting>) {
        let carried = |reference: &Reference| self.carries(node, reference.group);
        let outside = match &self.interfaces[node].groups {
            Open::Any(hole) => Outside::Node(*hole),
            Open::Known(_) | Open::OneOf(..) => Outside::Nothing,
        };
        rules.decide(transport, client, carried, outside)
    }
}

impl GroupSet {
    /// The rules in a direction, by whence a packet came in; nothing of outbound ones.
    pub(crate) const fn rules(&self, came: Option<Came>) -> &Rules {
        match came {
            None => &self.egress,
            Some(_) => &self.ingress,
        }
    }

    /// What tells one peer from another: the row of rules for it, and the positions of the references
    /// that hold. Nothing when one may hold, or when not the peer's address tells.
    pub(crate) fn telling(&self, peer: Address, came: Option<Came>) -> Option<(u32, Vec<u32>)> {
        match came {
            Some(Came::Behind(_) | Came::Service) => return None,
            Some(Came::Inside | Came::Peering(_) | Came::Transit(_) | Came::Elsewhere) | None => {}
        }
        if self.unfiltered.is_some() {
            return None;
        }
        let rules = self.rules(came);
        let row = *rules.rows_by_address.at(peer);
        let mut holding = Vec::new();
        for (position, reference) in (0..).zip(&rules.references) {
            let admits = came.is_none_or(|came| reference.relation.admits(came));
            match reference.members.at(peer).filter(|_| admits) {
                Some(Member::Carries) => holding.push(position),
                Some(Member::MayCarry(_)) => return None,
                None => {}
            }
        }
        Some((row, holding))
    }

    /// What the groups say of a packet to or from a peer; only for one of which they can tell.
    pub(crate) fn decides(
        &self,
        transport: Transport,
        peer: Address,
        came: Option<Came>,
    ) -> Filter {
        match came {
            None => self.egress.outbound(transport, peer).0,
            Some(came) => self.ingress.inbound(transport, peer, came).0,
        }
    }
}

impl Rules {
    fn outbound(&self, transport: Transport, peer: Address) -> (Filter, Option<Admitting>) {
        let member = |reference: &Reference| reference.members.at(peer);
        self.decide(transport, peer, member, Outside::Addresses)
    }

    fn inbound(
        &self,
        transport: Transport,
        peer: Address,
        came: Came,
    ) -> (Filter, Option<Admitting>) {
        let member = |reference: &Reference| {
            let admits = reference.relation.admits(came);
            admits.then(|| reference.members.at(peer)).flatten()
        };
        let outside = match came {
            Came::Service => Outside::Nothing,
            Came::Inside
            | Came::Peering(_)
            | Came::Transit(_)
            | Came::Behind(_)
            | Came::Elsewhere => Outside::Addresses,
        };
        self.decide(transport, peer, member, outside)
    }

    /// What the inbound rules say of a packet from a peer elsewhere, whom no reference admits, by
    /// the number of the row of rules that match the peer.
    pub(crate) fn inbound_by_row(
        &self,
        transport: Transport,
        row: u32,
        family: Family,
    ) -> (Filter, Option<Admitting>) {
        self.decide_by_row(transport, row, family, |_| None, Outside::Addresses)
    }

    /// What the rules say of a packet, and the rule that admits it. `member` is whether the peer
    /// carries the group of a reference, as far as that is asked of the packet.
    fn decide(
        &self,
        transport: Transport,
        peer: Address,
        member: impl Fn(&Reference) -> Option<Member>,
        outside: Outside,
    ) -> (Filter, Option<Admitting>) {
        let row = *self.rows_by_address.at(peer);
        self.decide_by_row(transport, row, peer.family(), member, outside)
    }

    /// The same where it is known which row of rules matches the peer.
    #[inline]
    fn decide_by_row(
        &self,
        transport: Transport,
        row: u32,
        family: Family,
        member: impl Fn(&Reference) -> Option<Member>,
        outside: Outside,
    ) -> (Filter, Option<Admitting>) {
        let row = self.rows.get(row as usize);
        let in_row = row.and_then(|row| row.first(transport));
        let before = in_row.map_or(u32::MAX, |rule| rule.order);
        let mut may_carry = None;
        let mut admits = in_row.map(|rule| (rule.order, rule.clause));
        for reference in self.references.iter().take_while(|one| one.order < before) {
            if !Extent::of(&reference.traffic).holds(transport) {
                continue;
            }
            match member(reference) {
                Some(Member::Carries) => {
                    admits = Some((reference.order, Clause::SecurityGroupReference));
                    break;
                }
                Some(Member::MayCarry(hole)) => {
                    may_carry.get_or_insert(hole);
                }
                None => {}
            }
        }
        if let Some((order, clause)) = admits {
            let place = self.places.get(order as usize).copied();
            return (
                Filter::Passes,
                place.map(|place| Admitting { place, clause }),
            );
        }
        let open = |clause| {
            let hole = row.and_then(|row| row.open(transport, clause));
            hole.map(|hole| Filter::Open(clause, hole))
        };
        let by_address = || match outside {
            Outside::Addresses => open(Clause::SecurityGroupOutsideReference),
            Outside::Nothing | Outside::Node(_) => None,
        };
        // The order of the clauses is fixed, whichever rule stands first.
        let filter = may_carry
            .or_else(|| self.may_carry_outside(transport, family, outside))
            .map(|hole| Filter::Open(Clause::SecurityGroupsUnknown, hole))
            .or_else(|| open(Clause::SecurityGroupPrefixList))
            .or_else(by_address);
        (filter.unwrap_or(Filter::Drops), None)
    }

    /// The hole of a node's groups, one of which may be that of some rule which is not in the
    /// input.
    fn may_carry_outside(
        &self,
        transport: Transport,
        family: Family,
        outside: Outside,
    ) -> Option<HoleIndex> {
        let Outside::Node(hole) = outside else {
            return None;
        };
        // Such rules stand in the rows of all addresses that are not public, or are IPv6.
        let probe = match family {
            Family::V4 => Address::V4(0x0a00_0000),
            Family::V6 => Address::V6(0),
        };
        let row = self.rows.get(*self.rows_by_address.at(probe) as usize)?;
        let mut rules = row.rules().iter();
        let names = rules.any(|rule| {
            rule.clause == Clause::SecurityGroupOutsideReference && rule.matches(transport)
        });
        names.then_some(hole)
    }

    /// The first address of every interval on which one row of rules matches.
    pub(crate) fn starts(&self, family: Family) -> impl Iterator<Item = Address> {
        self.rows_by_address.starts(family)
    }

    /// The traffic of every rule.
    pub(crate) fn traffic(&self) -> impl Iterator<Item = &RuleTraffic> {
        self.traffic.iter()
    }

    /// The addresses that some rule's group may have.
    pub(crate) fn members(&self) -> impl Iterator<Item = Address> {
        let references = self.references.iter();
        references.flat_map(|reference| reference.members.iter().map(|(address, _)| address))
    }
}

/// The rule that admits a packet: where it stands, and by which clause it matched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Admitting {
    pub(crate) place: (GroupIndex, u32),
    pub(crate) clause: Clause,
}

/// The sets of an interface's candidates must agree (`security-groups-unknown`).
fn agreed(mut filters: impl Iterator<Item = Filter>, hole: HoleIndex) -> Filter {
    let unknown = Filter::Open(Clause::SecurityGroupsUnknown, hole);
    let first = filters.next().unwrap_or(unknown);
    let agree = match first {
        Filter::Passes | Filter::Drops => filters.all(|filter| filter == first),
        Filter::Open(..) => false,
    };
    if agree { first } else { unknown }
}

impl<R: Recorder> Walk<'_, R> {
    /// The groups of an interface on what it sends.
    #[inline]
    pub(crate) fn groups_outbound(&mut self, index: InterfaceIndex) -> ControlFlow<Ending> {
        let peer = self.packet.destination();
        self.groups(index, Clause::SecurityGroupEgress, peer, None)
    }

    /// The groups of an interface on what comes to it.
    #[inline]
    pub(crate) fn groups_inbound(
        &mut self,
        index: InterfaceIndex,
        came: Came,
    ) -> ControlFlow<Ending> {
        let peer = self.packet.source();
        self.groups(index, Clause::SecurityGroupIngress, peer, Some(came))
    }

    /// `came` is whence the packet came in; `None` is outbound.
    #[inline]
    fn groups(
        &mut self,
        index: InterfaceIndex,
        step: Clause,
        peer: Address,
        came: Option<Came>,
    ) -> ControlFlow<Ending> {
        let asked = AskedGroups {
            interface: index,
            came,
            source: self.packet.source(),
            destination: self.packet.destination(),
        };
        if self.recorder.defers(asked) {
            return ControlFlow::Continue(());
        }
        let network = self.network;
        let decide = |set: GroupSetIndex, transport: Transport| {
            let set = &network.group_sets[set];
            if set.unfiltered.is_some() {
                return (Filter::Passes, None);
            }
            match came {
                None => set.egress.outbound(transport, peer),
                Some(Came::Behind(node)) => {
                    network.decide_behind(&set.ingress, transport, peer, node)
                }
                Some(came) => set.ingress.inbound(transport, peer, came),
            }
        };
        let judge = |transport| match &network.interfaces[index].groups {
            Open::Known(set) => decide(*set, transport),
            Open::OneOf(sets, hole) => {
                let filters = sets.iter().map(|set| decide(*set, transport).0);
                (agreed(filters, *hole), None)
            }
            Open::Any(hole) => (Filter::Open(Clause::SecurityGroupsUnknown, *hole), None),
        };
        let (filter, admitting) = judge(self.packet.transport());
        let is_same = |other| judge(other).0 == filter;
        match &network.interfaces[index].groups {
            Open::Known(set) => {
                self.recorder
                    .asked(About::Groups(*set, peer, came), is_same);
            }
            Open::OneOf(sets, _) => {
                let cuts = |cuts: &mut TransportCuts| {
                    let sets = sets.iter().map(|set| &network.group_sets[*set]);
                    let rules = sets.flat_map(|set| set.rules(came).traffic());
                    rules.for_each(|traffic| cuts.request(traffic));
                };
                self.recorder.asked(About::Cuts(&cuts), is_same);
            }
            Open::Any(_) => self.recorder.asked(About::Cuts(&|_| {}), is_same),
        }
        let component = Component::Interface(index);
        match (filter, admitting) {
            (Filter::Passes, Some(admitting)) => {
                let (group, position) = admitting.place;
                let position = position as usize;
                let rule = match came {
                    None => RuleIndex::EgressRule(position),
                    Some(_) => RuleIndex::IngressRule(position),
                };
                self.pass(Component::Group(group), Some(rule), admitting.clause);
            }
            // Several possible sets admit it, each by a rule of its own, or there is none at all.
            (Filter::Passes, None) => match network.unfiltered(index) {
                Some(load_balancer) => {
                    let component = Component::LoadBalancer(load_balancer);
                    self.pass(component, None, Clause::LoadBalancerUnfiltered);
                }
                None => self.pass(component, None, step),
            },
            (Filter::Drops, _) => return self.drop(component, None, step),
            (Filter::Open(clause, hole), _) => self.filter_open(component, None, clause, hole),
        }
        ControlFlow::Continue(())
    }
}
