//! Route tables: the choice of a route, made for every address when the table is loaded.

use std::ops::ControlFlow;

use model::{
    Address, Cidr, Clause, Network, RouteDestination, RouteOrigin, RouteState, RuleIndex, Value,
};

use crate::address::{public_edges, reserved};
use crate::address_map::AddressMap;
use crate::compiled::Compiled;
use crate::index::{
    Arena, EgressOnlyIndex, EndpointIndex, HoleIndex, Holes, InterfaceIndex, InternetGatewayIndex,
    Names, NatGatewayIndex, PeeringIndex, PrefixListIndex, RouteTableIndex, SubnetIndex,
    TransitGatewayIndex, UnmodelledIndex, VirtualPrivateIndex,
};
use crate::prefix_list::PrefixList;
use crate::route_choice::{Chooser, Destination, Draft, Mark, OpenTarget, Rank};
use crate::walk::{Component, Ending, Recorder, Walk};

/// A route table.
#[derive(Clone, Debug)]
pub(crate) struct RouteTable {
    choices: AddressMap<Choice>,
    targets: Vec<Target>,
}

/// What *route choice* says of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    Dropped {
        clause: Clause,
        rule: Option<u32>,
    },
    Open {
        clause: Clause,
        rule: Option<u32>,
        hole: HoleIndex,
        /// The thing that is not modelled, when that is what is open.
        unmodelled: Option<UnmodelledIndex>,
    },
    Chosen {
        clause: Clause,
        rule: u32,
        target: Target,
    },
}

/// A modelled target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Local,
    InternetGateway(InternetGatewayIndex),
    EgressOnly(EgressOnlyIndex),
    NatGateway(NatGatewayIndex),
    Peering(PeeringIndex),
    GatewayEndpoint(EndpointIndex),
    NetworkInterface(InterfaceIndex),
    GatewayLoadBalancer(EndpointIndex),
    TransitGateway(TransitGatewayIndex),
    VirtualPrivate(VirtualPrivateIndex),
}

impl RouteTable {
    fn new(choices: AddressMap<Choice>) -> Self {
        let mut targets = Vec::new();
        for choice in choices.values() {
            match choice {
                Choice::Chosen { target, .. } if !targets.contains(target) => targets.push(*target),
                Choice::Chosen { .. } | Choice::Dropped { .. } | Choice::Open { .. } => {}
            }
        }
        Self { choices, targets }
    }

    /// The targets that are chosen for some address, each once.
    pub(crate) fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// What *route choice* says of an address.
    #[inline]
    pub(crate) fn choice(&self, address: Address) -> &Choice {
        self.choices.at(address)
    }

    /// The first address of every interval, and the route that is chosen there, or would be if its target
    /// were there.
    pub(crate) fn chosen(
        &self,
        family: model::Family,
    ) -> impl Iterator<Item = (Address, Option<u32>)> {
        self.starts(family).map(|start| {
            let rule = match self.choices.at(start) {
                Choice::Chosen { rule, .. } => Some(*rule),
                Choice::Dropped { rule, .. } | Choice::Open { rule, .. } => *rule,
            };
            (start, rule)
        })
    }

    /// The first address of every interval on which one choice is made.
    pub(crate) fn starts(&self, family: model::Family) -> impl Iterator<Item = Address> {
        self.choices.starts(family)
    }
}

impl RouteTable {
    /// The choices that are made for addresses of NAT64's range.
    pub(crate) fn of_nat64(&self) -> &[Choice] {
        self.choices.of_nat64()
    }
}

impl Compiled {
    /// *Route choice* in the table of a subnet.
    #[inline]
    pub(crate) fn choose(&self, subnet: SubnetIndex, address: Address) -> Choice {
        match self.subnets[subnet].route_table {
            Ok(table) => *self.route_tables[table].choice(address),
            Err(hole) => Choice::Open {
                clause: Clause::RouteUnknown,
                rule: None,
                hole,
                unmodelled: None,
            },
        }
    }
}

impl Compiled {
    /// An interface's own address is no business of a device: a route to it for that is as good
    /// as the local route (semantics, *Middleboxes*).
    fn as_local(&self, target: Target, address: Address) -> Target {
        match target {
            Target::NetworkInterface(index) => {
                let mut own = self.interfaces[index].private_addresses();
                let is_own = own.any(|own| own == address);
                if is_own { Target::Local } else { target }
            }
            Target::Local
            | Target::InternetGateway(_)
            | Target::EgressOnly(_)
            | Target::NatGateway(_)
            | Target::Peering(_)
            | Target::GatewayEndpoint(_)
            | Target::GatewayLoadBalancer(_)
            | Target::TransitGateway(_)
            | Target::VirtualPrivate(_) => target,
        }
    }
}

impl<R: Recorder> Walk<'_, R> {
    /// *Route choice* as a step; the target of the winner.
    #[inline]
    pub(crate) fn route(
        &mut self,
        subnet: SubnetIndex,
        address: Address,
    ) -> ControlFlow<Ending, Target> {
        match self.network.subnets[subnet].route_table {
            Ok(table) => self.route_in(table, address),
            Err(hole) => {
                let component = Component::Subnet(subnet);
                self.end_open(component, None, Clause::RouteUnknown, hole)
            }
        }
    }

    /// The same in a table.
    pub(crate) fn route_in(
        &mut self,
        table: RouteTableIndex,
        address: Address,
    ) -> ControlFlow<Ending, Target> {
        let component = Component::RouteTable(table);
        let index = |rule: u32| RuleIndex::Route(rule as usize);
        match *self.network.route_tables[table].choice(address) {
            Choice::Dropped { clause, rule } => self.drop(component, rule.map(index), clause),
            Choice::Open {
                clause,
                rule,
                hole,
                unmodelled,
            } => {
                let component = unmodelled.map_or(component, Component::Unmodelled);
                self.end_open(component, rule.map(index), clause, hole)
            }
            Choice::Chosen {
                clause,
                rule,
                target,
            } => {
                self.pass(component, Some(index(rule)), clause);
                ControlFlow::Continue(self.network.as_local(target, address))
            }
        }
    }
}

pub(crate) fn compile(
    network: &Network,
    names: &Names,
    holes: &mut Holes,
    prefix_lists: &Arena<PrefixListIndex, PrefixList>,
    unmodelled: &mut Arena<UnmodelledIndex, String>,
) -> Arena<RouteTableIndex, RouteTable> {
    let mut compiler = Compiler {
        names,
        holes,
        prefix_lists,
        unmodelled,
    };
    let mut compile = |table: &model::RouteTable| {
        let vpc = network.vpcs().get(&table.vpc);
        let cidrs = vpc.map_or(&[][..], |vpc| &vpc.cidrs);
        compiler.table(table, cidrs)
    };
    network.route_tables().values().map(&mut compile).collect()
}

struct Compiler<'a> {
    names: &'a Names,
    holes: &'a mut Holes,
    prefix_lists: &'a Arena<PrefixListIndex, PrefixList>,
    unmodelled: &'a mut Arena<UnmodelledIndex, String>,
}

impl Compiler<'_> {
    fn table(&mut self, table: &model::RouteTable, vpc: &[Cidr]) -> RouteTable {
        let mut blocks: Vec<_> = reserved().map(|cidr| (cidr, Mark::Reserved)).collect();
        blocks.extend(vpc.iter().map(|cidr| (*cidr, Mark::OfVpc)));
        blocks.extend(public_edges().map(|cidr| (cidr, Mark::Edge)));
        let mut drafts = Vec::new();
        for (position, route) in table.routes.iter().enumerate() {
            drafts.push(self.draft(position, route, &mut blocks));
        }
        let question = format!("the choice among equal routes of {}", table.id);
        let ambiguous = self.holes.open(question);
        let question = format!("routes of {} inside the VPC", table.id);
        let inside = self.holes.open(question);
        let chooser = Chooser {
            drafts,
            prefix_lists: self.prefix_lists,
            ambiguous,
            inside,
        };
        RouteTable::new(AddressMap::build(&blocks, |address, holding| {
            chooser.choose(address, holding)
        }))
    }

    fn draft(
        &mut self,
        position: usize,
        route: &model::Route,
        blocks: &mut Vec<(Cidr, Mark)>,
    ) -> Draft {
        let propagated = match route.origin {
            RouteOrigin::Propagated => true,
            RouteOrigin::Static => false,
        };
        let rank = match (propagated, route.destination.known()) {
            (true, _) => Rank::Propagated,
            (false, Some(RouteDestination::PrefixList(_))) => Rank::PrefixList,
            (false, Some(RouteDestination::Cidr(_)) | None) => Rank::StaticBlock,
        };
        let destination = match &route.destination {
            Value::Known(destination) => {
                match self.blocks_of(destination, Mark::Route(position), blocks) {
                    Some((list, hole)) => Destination::List(list, hole),
                    None => Destination::Known,
                }
            }
            Value::OneOf(destinations, hole) => {
                let mut unknown = Vec::new();
                for destination in destinations {
                    let mark = Mark::MayRoute(position);
                    let list = self.blocks_of(destination, mark, blocks);
                    unknown.extend(list.map(|(list, _)| list));
                }
                Destination::OneOf(unknown, self.holes.keep(hole))
            }
            Value::Any(hole) => Destination::Any(self.holes.keep(hole)),
        };
        Draft {
            rank,
            propagated,
            destination,
            target: self.target(&route.target),
            blackhole: match route.state {
                RouteState::Blackhole => true,
                RouteState::Active => false,
            },
        }
    }

    /// Marks the blocks of a destination; the list when its entries are not known.
    fn blocks_of(
        &self,
        destination: &RouteDestination,
        mark: Mark,
        blocks: &mut Vec<(Cidr, Mark)>,
    ) -> Option<(PrefixListIndex, HoleIndex)> {
        match destination {
            RouteDestination::Cidr(cidr) => {
                blocks.push((*cidr, mark));
                None
            }
            RouteDestination::PrefixList(id) => {
                let index = self.names.prefix_lists.index(id);
                match &self.prefix_lists[index].entries {
                    Ok(cidrs) => {
                        blocks.extend(cidrs.iter().map(|cidr| (*cidr, mark)));
                        None
                    }
                    Err(hole) => Some((index, *hole)),
                }
            }
        }
    }

    fn target(&mut self, target: &Value<model::Target>) -> OpenTarget {
        let known = match target {
            Value::Known(known) => known,
            Value::OneOf(_, hole) | Value::Any(hole) => {
                return OpenTarget::Unknown(self.holes.keep(hole), target.clone());
            }
        };
        let names = self.names;
        OpenTarget::Known(match known {
            model::Target::Local => Target::Local,
            model::Target::InternetGateway(id) => {
                Target::InternetGateway(names.internet_gateways.index(id))
            }
            model::Target::EgressOnlyInternetGateway(id) => {
                Target::EgressOnly(names.egress_only.index(id))
            }
            model::Target::NatGateway(id) => Target::NatGateway(names.nat_gateways.index(id)),
            model::Target::Peering(id) => Target::Peering(names.peerings.index(id)),
            model::Target::GatewayEndpoint(id) => {
                Target::GatewayEndpoint(names.endpoints.index(id))
            }
            model::Target::NetworkInterface(id) => {
                Target::NetworkInterface(names.interfaces.index(id))
            }
            model::Target::GatewayLoadBalancerEndpoint(id) => {
                Target::GatewayLoadBalancer(names.endpoints.index(id))
            }
            model::Target::TransitGateway(id) => {
                Target::TransitGateway(names.transit_gateways.index(id))
            }
            model::Target::VirtualPrivateGateway(id) => {
                Target::VirtualPrivate(names.virtual_private.index(id))
            }
            model::Target::Unmodelled { kind, id } => {
                let hole = self
                    .holes
                    .open(format!("what {kind} {id} does with packets"));
                let index = self.unmodelled.push(id.clone());
                return OpenTarget::Unmodelled(hole, index, known.clone());
            }
        })
    }
}
