//! Single steps by themselves: which route of a table takes a destination, and what the groups of
//! an interface say of those who come from outside its VPC. They read what walks read.

use model::{
    Address, Clause, Family, NetworkInterfaceId, RouteTableId, SecurityGroupId, Transport,
};

use crate::Evaluator;
use crate::compiled::{Compiled, Open};
use crate::route_table::{Choice, RouteTable};
use crate::security_group::GroupSet;
use crate::walk::Filter;

/// A route table, looked up once; see [`Evaluator::routes`].
#[derive(Clone, Copy, Debug)]
pub struct Routes<'e>(&'e RouteTable);

/// What *route choice* says of a destination; a route is told by its position in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteChoice {
    /// A route takes it. One that leads to an interface leads nowhere but to its subnet where the
    /// destination is the interface's own address.
    Taken {
        /// Why it wins.
        clause: Clause,
        /// The route.
        route: usize,
    },
    /// It is dropped, by a route or for want of one.
    Dropped {
        /// Why.
        clause: Clause,
        /// The route, if there is one.
        route: Option<usize>,
    },
    /// The input leaves open what takes it.
    Open {
        /// Why.
        clause: Clause,
        /// The route, if it is known that it is this one.
        route: Option<usize>,
    },
}

impl Evaluator {
    /// A route table of the network, to ask it often.
    pub fn routes(&self, table: &RouteTableId) -> Option<Routes<'_>> {
        let index = self.compiled.names.route_tables.find(table)?;
        Some(Routes(&self.compiled.route_tables[index]))
    }

    /// The groups of an interface, to ask them often about those who come from outside its VPC.
    /// There are none when the input leaves open which they are.
    pub fn groups(&self, interface: &NetworkInterfaceId) -> Option<Groups<'_>> {
        let index = self.compiled.names.interfaces.find(interface)?;
        let network = &self.compiled;
        match &network.interfaces[index].groups {
            Open::Known(set) => Some(&network.group_sets[*set]),
            Open::OneOf(..) | Open::Any(_) => None,
        }
        .filter(|set| set.unfiltered.is_none())
        .map(|set| Groups { network, set })
    }
}

impl Routes<'_> {
    /// What becomes of a destination here.
    #[inline]
    pub fn choose(&self, destination: Address) -> RouteChoice {
        let route = |rule: u32| rule as usize;
        match *self.0.choice(destination) {
            Choice::Chosen { clause, rule, .. } => RouteChoice::Taken {
                clause,
                route: route(rule),
            },
            Choice::Dropped { clause, rule } => RouteChoice::Dropped {
                clause,
                route: rule.map(route),
            },
            Choice::Open { clause, rule, .. } => RouteChoice::Open {
                clause,
                route: rule.map(route),
            },
        }
    }
}

/// The groups of an interface, looked up once; see [`Evaluator::groups`].
#[derive(Clone, Copy, Debug)]
pub struct Groups<'e> {
    network: &'e Compiled,
    set: &'e GroupSet,
}

/// Addresses outside the VPC of which the same rules of some groups are true, whatever they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PeerClass {
    row: u32,
    family: Family,
}

/// What groups say of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission<'e> {
    /// A rule admits it: the group, and the position among its inbound rules.
    Admitted {
        /// By which clause it matches.
        clause: Clause,
        /// The group.
        group: &'e SecurityGroupId,
        /// The rule's position.
        rule: usize,
    },
    /// No rule admits it.
    Refused,
    /// The input leaves open whether one does.
    Open(Clause),
}

impl<'e> Groups<'e> {
    /// The class of an address outside the VPC.
    #[inline]
    pub fn class(&self, peer: Address) -> PeerClass {
        PeerClass {
            row: *self.set.ingress.rows_by_address.at(peer),
            family: peer.family(),
        }
    }

    /// What the inbound rules say of a packet from an address outside the VPC.
    #[inline]
    pub fn admit(&self, peer: Address, transport: Transport) -> Admission<'e> {
        self.admit_class(self.class(peer), transport)
    }

    /// What they say of a packet from an address of a class.
    #[inline]
    pub fn admit_class(&self, peer: PeerClass, transport: Transport) -> Admission<'e> {
        let rules = &self.set.ingress;
        match rules.inbound_by_row(transport, peer.row, peer.family) {
            (Filter::Open(clause, _), _) => Admission::Open(clause),
            (Filter::Passes, Some(admitting)) => Admission::Admitted {
                clause: admitting.clause,
                group: self.network.names.groups.id(admitting.place.0),
                rule: admitting.place.1 as usize,
            },
            (Filter::Passes | Filter::Drops, _) => Admission::Refused,
        }
    }
}
