//! One family's encoding of the network: the symbolic packet, the addresses, and the terms already built.
//!
//! It lives in one thread, because z3's terms do.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use model::{
    Cidr, Family, Network, NetworkAclId, NetworkInterfaceId, RouteTableId, SecurityGroupId,
    SubnetId, TransitGatewayRouteTableId, VpcId,
};

use crate::budget::{self, Limits};
use crate::decide::Codes;
use crate::hole::{self, OpenAddresses};
use crate::index::Index;
use crate::network_acl::Bound;
use crate::network_interface::{AddressSet, Who};
use crate::ranges::Ranges;
use crate::route_table::Choice;
use crate::security_group::{Admission, Entered};
use crate::symbolic::{Formula, Number, Packet, Transport};
use crate::transit_gateway_route_table::AttachmentChoice;
use crate::walk::{Sender, Walk};

/// An interface's addresses of one family, each with its position.
pub(crate) type Slots = BTreeMap<NetworkInterfaceId, Vec<(usize, Number)>>;

/// What a group's admission depends on.
pub(crate) type AdmissionKey = (SecurityGroupId, Bound, VpcId, Entered, Number, Transport);

/// The network as terms about one family's packets.
pub(crate) struct Encoder {
    pub(crate) network: Arc<Network>,
    pub(crate) index: Arc<Index>,
    pub(crate) family: Family,
    /// The packet as its sender sends it.
    pub(crate) packet: Packet,
    /// The private addresses.
    pub(crate) private: Slots,
    /// The public addresses mapped to them.
    pub(crate) public: Slots,
    /// The addresses that are open, and what is known of them.
    pub(crate) open: OpenAddresses,
    pub(crate) choices: HashMap<(RouteTableId, Number), Rc<Choice>>,
    pub(crate) transit_choices: HashMap<(TransitGatewayRouteTableId, Number), Rc<AttachmentChoice>>,
    pub(crate) allowed: HashMap<(NetworkAclId, Bound, Number, Transport), Formula>,
    pub(crate) admissions: HashMap<AdmissionKey, Rc<Admission>>,
    walks: BTreeMap<Sender, Rc<Walk>>,
    codes: BTreeMap<Sender, Rc<Codes>>,
}

impl Encoder {
    pub(crate) fn new(network: &Arc<Network>, index: &Arc<Index>, family: Family) -> Self {
        let packet = Packet::symbolic(family);
        let (private, public, open) = hole::addresses(network, index, &packet);
        Self {
            network: Arc::clone(network),
            index: Arc::clone(index),
            family,
            packet,
            private,
            public,
            open,
            choices: HashMap::new(),
            transit_choices: HashMap::new(),
            allowed: HashMap::new(),
            admissions: HashMap::new(),
            walks: BTreeMap::new(),
            codes: BTreeMap::new(),
        }
    }

    /// The walk of what a sender sends, built once.
    pub(crate) fn walk(&mut self, sender: &Sender) -> Rc<Walk> {
        if let Some(walk) = self.walks.get(sender) {
            return Rc::clone(walk);
        }
        let walk = Rc::new(Walk::of(self, sender));
        self.walks.insert(sender.clone(), Rc::clone(&walk));
        walk
    }

    /// The ways in which that walk can end as numbers, built once.
    pub(crate) fn codes(&mut self, sender: &Sender, walk: &Walk) -> Rc<Codes> {
        let codes = self.codes.entry(sender.clone());
        Rc::clone(codes.or_insert_with(|| Rc::new(Codes::new(&walk.endings))))
    }

    /// A solver that knows what holds in every completion. Each question has its own: the terms are shared, but what
    /// z3 has learned of one question slows down the next, and would make its witness depend on what was asked before.
    pub(crate) fn solver(&self, limits: &Limits) -> z3::Solver {
        let solver = budget::solver(limits);
        for axiom in &self.open.axioms {
            solver.assert(axiom.to_bool());
        }
        solver
    }

    /// The private addresses of these interfaces.
    pub(crate) fn private_addresses<'a>(
        &self,
        interfaces: impl IntoIterator<Item = &'a NetworkInterfaceId>,
    ) -> AddressSet {
        AddressSet::of(self.family, &self.private, interfaces)
    }

    /// The public addresses mapped to these interfaces.
    pub(crate) fn public_addresses<'a>(
        &self,
        interfaces: impl IntoIterator<Item = &'a NetworkInterfaceId>,
    ) -> AddressSet {
        AddressSet::of(self.family, &self.public, interfaces)
    }

    /// That the interface meant is one of these.
    pub(crate) fn among<'a>(
        &self,
        who: &Who,
        interfaces: impl IntoIterator<Item = &'a NetworkInterfaceId>,
    ) -> Formula {
        match who {
            Who::Pinned { interface, .. } => {
                Formula::Constant(interfaces.into_iter().any(|other| other == interface))
            }
            Who::Private { vpc, address } => {
                let vpc_of = &self.index.vpc_of;
                let of_vpc = |id: &&NetworkInterfaceId| vpc_of.get(*id) == Some(vpc);
                self.private_addresses(interfaces.into_iter().filter(of_vpc))
                    .hold(address)
            }
            Who::Public { address, .. } => self.public_addresses(interfaces).hold(address),
            Who::Subnet { .. } => Formula::FALSE,
        }
    }

    /// That the interface meant, which is one of the VPC, is in one of these subnets of it.
    pub(crate) fn in_subnets(&self, who: &Who, subnets: &BTreeSet<SubnetId>) -> Formula {
        match who {
            Who::Pinned { subnet, .. } | Who::Subnet { subnet, .. } => {
                Formula::Constant(subnets.contains(subnet))
            }
            Who::Private { address, .. } => self.subnet_blocks(subnets).hold(address),
            Who::Public { vpc, .. } => {
                let interfaces = self.network.network_interfaces();
                let all = self.index.vpcs.get(vpc).map(|within| &within.interfaces);
                let inside = all.into_iter().flatten().filter(|id| {
                    let interface = interfaces.get(*id);
                    interface.is_some_and(|interface| subnets.contains(&interface.subnet))
                });
                self.among(who, inside)
            }
        }
    }

    /// The addresses of the blocks of subnets.
    pub(crate) fn subnet_blocks<'a>(
        &self,
        subnets: impl IntoIterator<Item = &'a SubnetId>,
    ) -> Ranges {
        let all = self.network.subnets();
        let found = subnets.into_iter().filter_map(|id| all.get(id));
        Ranges::of_blocks(self.family, found.flat_map(|subnet| &subnet.cidrs))
    }

    /// That an address is *of a VPC*: a block of the VPC holds it.
    pub(crate) fn of_vpc(&self, vpc: &VpcId, address: &Number) -> Formula {
        let vpc = self.network.vpcs().get(vpc);
        let blocks = vpc.into_iter().flat_map(|vpc| &vpc.cidrs);
        Ranges::of_blocks(self.family, blocks).hold(address)
    }

    /// That an address *belongs to the network itself*: a public IPv4 address that is mapped to an interface, or an
    /// IPv6 address of a VPC (`internet-gateway-hairpin`).
    pub(crate) fn of_network(&self, address: &Number) -> Formula {
        match self.family {
            Family::V4 => self.public_addresses(self.public.keys()).hold(address),
            Family::V6 => self.in_any_vpc(address),
        }
    }

    /// That a block of some VPC holds an address.
    pub(crate) fn in_any_vpc(&self, address: &Number) -> Formula {
        let vpcs = self.network.vpcs().values();
        Ranges::of_blocks(self.family, vpcs.flat_map(|vpc| &vpc.cidrs)).hold(address)
    }

    /// That one of these blocks holds an address.
    pub(crate) fn in_blocks<'a>(
        &self,
        blocks: impl IntoIterator<Item = &'a Cidr>,
        address: &Number,
    ) -> Formula {
        Ranges::of_blocks(self.family, blocks).hold(address)
    }

    /// That an address is a *public address* (page README).
    pub(crate) fn is_public(&self, address: &Number) -> Formula {
        crate::ranges::public(self.family, address)
    }
}
