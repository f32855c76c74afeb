//! One family's encoding of the network: the symbolic packet, the addresses, and the terms already built.
//!
//! It lives in one thread, because z3's terms do.

use std::cell::{Ref, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use model::{
    Cidr, Family, Network, NetworkAclId, NetworkInterfaceId, RouteTableId, SecurityGroupId,
    SubnetId, TransitGatewayRouteTableId, VpcId,
};
use z3::ast::{Bool, Dynamic};

use crate::budget::{self, Limits};
use crate::decide::Codes;
use crate::hashed::HashMap;
use crate::hole::{self, OpenAddress, OpenAddresses};
use crate::index::Index;
use crate::leg::LegKey;
use crate::nat64;
use crate::network_acl::Bound;
use crate::network_interface::{AddressSet, Who};
use crate::ranges::Ranges;
use crate::route_table::Choice;
use crate::scope::Reach;
use crate::security_group::{Admission, Entered};
use crate::symbolic::{Formula, Number, Packet, Transport};
use crate::transit_gateway_route_table::AttachmentChoice;
use crate::walk::{Endings, Picks, Subject, Walk};

/// An interface's addresses of one family, each with its position.
pub(crate) type Slots = BTreeMap<NetworkInterfaceId, Vec<(usize, Number)>>;

/// What a group's admission depends on.
pub(crate) type AdmissionKey = (SecurityGroupId, Bound, VpcId, Entered, Number, Transport);

/// Propositions that stand for others, and what they mean.
#[derive(Default)]
pub(crate) struct Meanings {
    /// That each means what it stands for, in the order in which they were made.
    all: Vec<Bool>,
    /// Its position there, by proposition.
    positions: HashMap<Dynamic, usize>,
}

impl Meanings {
    fn add(&mut self, stands: &Bool, means: Bool) {
        self.positions
            .insert(Dynamic::from_ast(stands), self.all.len());
        self.all.push(means);
    }

    /// What a term means that is such a proposition.
    pub(crate) fn get(&self, term: &Dynamic) -> Option<&Bool> {
        self.all.get(*self.positions.get(term)?)
    }
}

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
    /// The picks of the walk that is being built; none when no relay hands on.
    pub(crate) picks: Vec<Number>,
    /// Whether the flows of that walk have a first pick, if any relay hands on.
    pub(crate) has_first_pick: bool,
    /// The legs behind relays, each with what is behind it.
    pub(crate) legs: HashMap<LegKey, Rc<Endings>>,
    /// How many ways to end relays have added to the walk that is being built.
    pub(crate) ways: usize,
    /// The addresses of the other family, which a relay or NAT64 may put into a packet, or for which what DNS64 adds to
    /// a name stands.
    other: Addresses,
    /// What stands for [`Encoder::of_network`] in scopes, by address.
    standing: RefCell<HashMap<Number, Standing>>,
    /// What propositions that stand for others mean.
    meanings: RefCell<Meanings>,
    walks: BTreeMap<Subject, Rc<Walk>>,
    codes: BTreeMap<Subject, Rc<Codes>>,
}

/// A proposition that stands for another.
pub(crate) struct Standing {
    pub(crate) stands: Formula,
    pub(crate) meaning: Formula,
}

/// The addresses of one family.
#[derive(Default)]
struct Addresses {
    private: Slots,
    public: Slots,
    open: OpenAddresses,
}

/// How many ways to end relays may add to one walk.
const MOST_WAYS: usize = 100_000;

impl Encoder {
    pub(crate) fn new(network: &Arc<Network>, index: &Arc<Index>, family: Family) -> Self {
        let packet = Packet::symbolic(family);
        let ends = [&packet.source, &packet.destination];
        let (private, public, open) = hole::addresses(network, index, family, &ends);
        let has_embedded = family == Family::V6 && (index.has_nat64 || index.has_dns64);
        let embedded = has_embedded.then(|| nat64::embedded(&packet.destination));
        let other = if index.has_relays() || embedded.is_some() {
            let ends: Vec<_> = embedded.iter().collect();
            let (private, public, open) = hole::addresses(network, index, opposite(family), &ends);
            Addresses {
                private,
                public,
                open,
            }
        } else {
            Addresses::default()
        };
        Self {
            network: Arc::clone(network),
            index: Arc::clone(index),
            family,
            packet,
            private,
            public,
            open,
            choices: HashMap::default(),
            transit_choices: HashMap::default(),
            allowed: HashMap::default(),
            admissions: HashMap::default(),
            picks: Vec::new(),
            has_first_pick: true,
            legs: HashMap::default(),
            ways: 0,
            other,
            standing: RefCell::default(),
            meanings: RefCell::default(),
            walks: BTreeMap::new(),
            codes: BTreeMap::new(),
        }
    }

    /// The walk of what a sender sends, built once.
    pub(crate) fn walk(&mut self, subject: &Subject) -> Rc<Walk> {
        if let Some(walk) = self.walks.get(subject) {
            return Rc::clone(walk);
        }
        let walk = self.build(subject, None);
        self.walks.insert(subject.clone(), Rc::clone(&walk));
        walk
    }

    /// The part of that walk that goes there. It is not kept: scopes differ in them.
    pub(crate) fn walk_to(&mut self, subject: &Subject, reach: Reach) -> Rc<Walk> {
        self.build(subject, Some(reach))
    }

    fn build(&mut self, subject: &Subject, reach: Option<Reach>) -> Rc<Walk> {
        self.picks = subject.picks.numbers();
        self.has_first_pick = subject.picks != Picks::Nat64;
        self.ways = 0;
        let walk = Rc::new(Walk::of(self, subject, reach));
        if walk.is_too_large {
            // They may be parts only.
            self.legs.clear();
        }
        walk
    }

    /// The ways in which that walk can end as numbers, built once.
    pub(crate) fn codes(&mut self, subject: &Subject, walk: &Walk) -> Rc<Codes> {
        let codes = self.codes.entry(subject.clone());
        Rc::clone(codes.or_insert_with(|| Rc::new(Codes::new(&walk.endings))))
    }

    /// Does something with the terms of a leg, or of the part of one behind NAT64: its packet stands for the sender's,
    /// and its family is spoken of.
    pub(crate) fn on_leg<T>(&mut self, packet: &Packet, job: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.packet, packet.clone());
        let is_other = packet.family != self.family;
        if is_other {
            self.change_family();
        }
        let result = job(self);
        if is_other {
            self.change_family();
        }
        self.packet = before;
        result
    }

    fn change_family(&mut self) {
        self.family = opposite(self.family);
        std::mem::swap(&mut self.private, &mut self.other.private);
        std::mem::swap(&mut self.public, &mut self.other.public);
        std::mem::swap(&mut self.open, &mut self.other.open);
    }

    /// The first private address of a family that an interface has.
    pub(crate) fn first_address(
        &self,
        family: Family,
        interface: &NetworkInterfaceId,
    ) -> Option<Number> {
        let slots = if family == self.family {
            &self.private
        } else {
            &self.other.private
        };
        let (_, address) = slots.get(interface)?.first()?;
        Some(address.clone())
    }

    /// The addresses that one may be.
    pub(crate) fn possible(&self, address: &Number) -> Ranges {
        match address {
            Number::Known(value, _) => Ranges::new(self.family, [(*value, *value)]),
            Number::Term(..) => {
                let open = self.open.find(address).map(OpenAddress::values);
                open.unwrap_or_else(|| Ranges::all(self.family))
            }
        }
    }

    /// The addresses by which interfaces are meant as receivers, or may be.
    pub(crate) fn possible_addresses<'a>(
        &self,
        receiver: &Who,
        interfaces: impl Iterator<Item = &'a NetworkInterfaceId>,
    ) -> Ranges {
        let slots = match receiver {
            Who::Public { .. } => &self.public,
            Who::Pinned { .. } | Who::Private { .. } | Who::Subnet { .. } => &self.private,
        };
        let addresses = interfaces.filter_map(|id| slots.get(id)).flatten();
        let possible: Vec<_> = addresses.map(|(_, one)| self.possible(one)).collect();
        Ranges::new(self.family, possible.iter().flat_map(Ranges::iter))
    }

    /// The addresses of both families that are open.
    pub(crate) fn all_open(&self) -> impl Iterator<Item = &OpenAddress> {
        self.open.all.iter().chain(&self.other.open.all)
    }

    /// The private addresses of each family with the open ones among all: of the other one only where packets may have
    /// them, or what stands for them.
    pub(crate) fn by_family(&self) -> [(Family, &Slots, &[OpenAddress]); 2] {
        let other = &self.other;
        [
            (self.family, &self.private, &self.open.all),
            (opposite(self.family), &other.private, &other.open.all),
        ]
    }

    /// Whether relays have added too much to the walk that is being built.
    pub(crate) const fn is_too_large(&self) -> bool {
        self.ways > MOST_WAYS
    }

    /// A solver that knows what holds in every completion. Each question has its own: the terms are shared, but what
    /// z3 has learned of one question slows down the next, and would make its witness depend on what was asked before.
    pub(crate) fn solver(&self, limits: &Limits) -> z3::Solver {
        let solver = budget::solver(limits);
        for meaning in &self.meanings.borrow().all {
            solver.assert(meaning);
        }
        for open in self.both_open() {
            let every = (0..open.all.len()).collect();
            for axiom in open.axioms(&every) {
                solver.assert(axiom.to_bool());
            }
        }
        solver
    }

    /// The open addresses of the packet's family and of the other one.
    pub(crate) const fn both_open(&self) -> [&OpenAddresses; 2] {
        [&self.open, &self.other.open]
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
        self.blocks_of_vpc(vpc).hold(address)
    }

    /// The addresses of a VPC's blocks.
    pub(crate) fn blocks_of_vpc(&self, vpc: &VpcId) -> Ranges {
        let vpc = self.network.vpcs().get(vpc);
        let blocks = vpc.into_iter().flat_map(|vpc| &vpc.cidrs);
        Ranges::of_blocks(self.family, blocks)
    }

    /// That an address *belongs to the network itself*: a public IPv4 address that is mapped to an interface, or an
    /// IPv6 address of a VPC (`internet-gateway-hairpin`).
    pub(crate) fn of_network(&self, address: &Number) -> Formula {
        match self.family {
            Family::V4 => self.public_addresses(self.public.keys()).hold(address),
            Family::V6 => self.in_any_vpc(address),
        }
    }

    /// A proposition that stands for [`Encoder::of_network`]. A question need not say what it means when it has no
    /// answer whatever it means.
    pub(crate) fn stands_for_of_network(&self, address: &Number) -> Formula {
        let mut standing = self.standing.borrow_mut();
        let standing = standing.entry(address.clone()).or_insert_with(|| {
            // What is left out of the network belongs to it.
            let left_out = &self.index.left_out.public;
            let left_out = Ranges::of_addresses(self.family, left_out).hold(address);
            let meaning = self.of_network(address) | left_out;
            let stands = match &meaning {
                Formula::Term(term) => {
                    let stands = Bool::fresh_const("of the network");
                    let means = stands.iff(term);
                    self.meanings.borrow_mut().add(&stands, means);
                    Formula::Term(stands)
                }
                Formula::Constant(_) => meaning.clone(),
            };
            Standing { stands, meaning }
        });
        standing.stands.clone()
    }

    /// Does something for each proposition that stands for another.
    pub(crate) fn for_each_standing(&self, mut job: impl FnMut(&Standing)) {
        self.standing.borrow().values().for_each(&mut job);
    }

    /// What a question may have to be told.
    pub(crate) fn meanings(&self) -> Ref<'_, Meanings> {
        self.meanings.borrow()
    }

    /// Whether one of these addresses may belong to the network itself.
    pub(crate) fn may_be_of_network(&self, addresses: &Ranges) -> bool {
        match self.family {
            Family::V4 => {
                let public = self.public_addresses(self.public.keys());
                public.may_be_in(addresses)
            }
            Family::V6 => {
                let private = crate::ranges::not_public(self.family);
                !self.of_vpcs().minus(&private).and(addresses).is_empty()
            }
        }
    }

    /// The *public addresses* outside of every VPC's blocks.
    pub(crate) fn public_outside(&self) -> Ranges {
        Ranges::all(self.family)
            .minus(&crate::ranges::not_public(self.family))
            .minus(&self.of_vpcs())
    }

    /// That a block of some VPC holds an address.
    pub(crate) fn in_any_vpc(&self, address: &Number) -> Formula {
        self.of_vpcs().hold(address)
    }

    /// The addresses of the VPCs' blocks.
    fn of_vpcs(&self) -> Ranges {
        let vpcs = self.network.vpcs().values();
        Ranges::of_blocks(self.family, vpcs.flat_map(|vpc| &vpc.cidrs))
    }

    /// The addresses of interfaces that were left out of the network. What interfaces have by name is none of them,
    /// unless it is open.
    pub(crate) fn left_out(&self) -> Ranges {
        Ranges::of_addresses(self.family, self.index.left_out.addresses())
    }

    /// That no interface which was left out of the network has an address.
    pub(crate) fn is_left_in(&self, address: &Number) -> Formula {
        !self.left_out().hold(address)
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

const fn opposite(family: Family) -> Family {
    match family {
        Family::V4 => Family::V6,
        Family::V6 => Family::V4,
    }
}
