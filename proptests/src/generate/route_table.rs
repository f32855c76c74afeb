//! Routes that are not local.

use std::collections::BTreeSet;

use model::{
    Cidr, EndpointKind, Family, Hole, PeeringEnd, Route, RouteDestination, RouteOrigin, RouteState,
    RouteTable, Target, Value, VpcId,
};

use super::Builder;
use crate::plan::RoutePlan;
use crate::pool::{self, choose, once_in, pick};
use crate::swarm::Feature;
use crate::weights::{DESTINATION, DestinationKind, ROUTE_HOLE, RouteHole, TARGET, TargetKind};

fn unmodelled() -> Target {
    Target::Unmodelled {
        kind: "core-network".to_owned(),
        id: "core-1".to_owned(),
    }
}

impl Builder<'_> {
    pub(super) fn routes(&mut self) {
        for (position, plan) in self.plan.routes.iter().enumerate() {
            let n_tables = self.draft.route_tables.len();
            if n_tables == 0 {
                return;
            }
            let at = plan.table.index(n_tables);
            let Some(table) = self.draft.route_tables.get(at) else {
                continue;
            };
            let targets = self.targets(&table.vpc);
            let route = self.route(table, plan, position);
            if let Some(route) = route
                && let Some(table) = self.draft.route_tables.get_mut(at)
            {
                // The order carries no meaning, so the local routes are not always the first.
                let place = plan.hole.index(table.routes.len() + 1);
                // Half of the propagated routes have a twin with another target: which of them
                // takes a packet is not documented.
                let mut twin = route.clone();
                let other = targets
                    .iter()
                    .find(|other| Some(*other) != route.target.known());
                twin.target = Value::Known(other.cloned().unwrap_or_else(unmodelled));
                let twins = route.origin == RouteOrigin::Propagated && plan.list.index(2) == 0;
                table.routes.insert(place, route);
                if twins {
                    table.routes.push(twin);
                }
            }
        }
        self.nat_routes();
        self.nat64_routes();
        self.endpoint_routes();
    }

    /// A NAT gateway's own table leads to what its VPC has: the internet, peers, endpoints.
    fn nat_routes(&mut self) {
        for position in 0..self.draft.route_tables.len() {
            let Some(table) = self.draft.route_tables.get(position) else {
                continue;
            };
            if !table.id.as_str().ends_with("-table") {
                continue;
            }
            let mut wanted = Vec::new();
            let others = self.draft.vpcs.iter().filter(|vpc| vpc.id != table.vpc);
            let blocks = others.filter_map(|vpc| vpc.cidrs.first().copied());
            for cidr in blocks.chain(["0.0.0.0/0", "::/0"].map(pool::cidr)) {
                let destination = RouteDestination::Cidr(cidr);
                let targets = self.targets(&table.vpc).into_iter();
                // A device that is none may lead to a NAT gateway.
                let to_nat = position % 2 == 1 && !table.id.as_str().starts_with("nat");
                let mut targets = targets.filter(|target| match target {
                    Target::NatGateway(_) => to_nat,
                    Target::InternetGateway(_) if to_nat => false,
                    Target::NetworkInterface(_) | Target::GatewayLoadBalancerEndpoint(_) => false,
                    Target::Local
                    | Target::InternetGateway(_)
                    | Target::EgressOnlyInternetGateway(_)
                    | Target::Peering(_)
                    | Target::GatewayEndpoint(_)
                    | Target::TransitGateway(_)
                    | Target::VirtualPrivateGateway(_)
                    | Target::Unmodelled { .. } => self.fits(&table.vpc, &destination, target),
                });
                // A block of a VPC goes to its peering only; the rest to the internet.
                let default = cidr.prefix_len() == 0;
                let far = |target: &Target| {
                    matches!(target, Target::Peering(_) | Target::TransitGateway(_))
                };
                let target = targets.find(|one| default != far(one));
                let has_one = table
                    .routes
                    .iter()
                    .chain(&wanted)
                    .any(|route| route.destination.known() == Some(&destination));
                if let Some(target) = target
                    && !has_one
                {
                    wanted.push(Route {
                        destination: Value::Known(destination),
                        target: Value::Known(target),
                        origin: RouteOrigin::Static,
                        state: RouteState::Active,
                    });
                }
            }
            // Every sixth one leads to another NAT gateway instead.
            let other = self
                .targets(&table.vpc)
                .into_iter()
                .rfind(|target| match target {
                    Target::NatGateway(id) => {
                        let own = table.id.as_str();
                        own.starts_with("nat") && !own.starts_with(id.as_str())
                    }
                    Target::Local
                    | Target::InternetGateway(_)
                    | Target::EgressOnlyInternetGateway(_)
                    | Target::Peering(_)
                    | Target::GatewayEndpoint(_)
                    | Target::NetworkInterface(_)
                    | Target::GatewayLoadBalancerEndpoint(_)
                    | Target::TransitGateway(_)
                    | Target::VirtualPrivateGateway(_)
                    | Target::Unmodelled { .. } => false,
                });
            let chained = self
                .plan
                .nats
                .first()
                .is_some_and(|nat| once_in(&nat.public, 6));
            if let (true, Some(other), Some(last)) = (chained, other, wanted.last_mut()) {
                last.target = Value::Known(other);
            }
            if let Some(table) = self.draft.route_tables.get_mut(position) {
                table.routes.extend(wanted);
            }
        }
    }

    /// Two of three NAT gateways serve the tables of their VPC for addresses of NAT64, one of four
    /// for half of them.
    fn nat64_routes(&mut self) {
        if !self.has(Feature::Ipv6) {
            return;
        }
        for (nat, plan) in self.draft.nat_gateways.iter().zip(&self.plan.nats) {
            let mut subnets = self.draft.subnets.iter();
            let subnet = subnets.find(|one| one.id == nat.subnet);
            let Some(vpc) = subnet.map(|one| one.vpc.clone()) else {
                continue;
            };
            if plan.subnet.index(3) == 2 {
                continue;
            }
            let mut block = pool::cidr(pool::NAT64);
            if once_in(&plan.host, 4) {
                let halves = pool::halves(block);
                block = halves.map_or(block, |[_, upper]| upper);
            }
            let destination = Value::Known(RouteDestination::Cidr(block));
            // By its own table it would send to itself.
            let own = format!("{}-table", nat.id);
            let tables = self.draft.route_tables.iter_mut();
            for table in tables.filter(|one| one.vpc == vpc && one.id.as_str() != own) {
                let mut routes = table.routes.iter();
                if !routes.any(|route| route.destination == destination) {
                    table.routes.push(Route {
                        destination: destination.clone(),
                        target: Value::Known(Target::NatGateway(nat.id.clone())),
                        origin: RouteOrigin::Static,
                        state: RouteState::Active,
                    });
                }
            }
        }
    }

    fn route(&self, table: &RouteTable, plan: &RoutePlan, position: usize) -> Option<Route> {
        let kind = choose(&plan.destination, &DESTINATION);
        let destination = self.destination(table, plan, kind)?;
        let target = self.target(&table.vpc, plan, &destination);
        let mut origin = RouteOrigin::Static;
        let often = matches!(kind, DestinationKind::Tie) && plan.origin.index(2) == 1;
        if self.has(Feature::Propagated) && (often || once_in(&plan.origin, 6)) {
            origin = RouteOrigin::Propagated;
        }
        let taken = table.routes.iter().any(|route| {
            route.origin == RouteOrigin::Static && route.destination.known() == Some(&destination)
        });
        if taken && origin == RouteOrigin::Static {
            // A static route for the same destination gives way and becomes a propagated one.
            if !self.has(Feature::Propagated) {
                return None;
            }
            origin = RouteOrigin::Propagated;
        }
        if origin == RouteOrigin::Propagated
            && let RouteDestination::PrefixList(_) = destination
        {
            return None;
        }
        let state = if self.has(Feature::Blackholes) && once_in(&plan.state, 9) {
            RouteState::Blackhole
        } else {
            RouteState::Active
        };
        let mut route = Route {
            destination: Value::Known(destination),
            target: Value::Known(target),
            origin,
            state,
        };
        self.open(&mut route, table, plan, position);
        Some(route)
    }

    /// Opens the destination or the target of some routes.
    fn open(&self, route: &mut Route, table: &RouteTable, plan: &RoutePlan, position: usize) {
        if !self.has(Feature::Holes) {
            return;
        }
        let hole = |what| Hole::new(format!("{what} of route {position} of {}", table.id));
        let (Some(destination), Some(target)) = (
            route.destination.known().cloned(),
            route.target.known().cloned(),
        ) else {
            return;
        };
        match choose(&plan.hole, &ROUTE_HOLE) {
            RouteHole::None => {}
            RouteHole::DestinationOneOf => {
                let other = self.destination(table, plan, DestinationKind::Public);
                let other = other.filter(|other| *other != destination);
                let other = other.unwrap_or(RouteDestination::Cidr(pool::cidr("198.18.0.0/15")));
                let hole = hole("destination");
                route.destination = Value::OneOf(vec![destination, other], hole);
            }
            RouteHole::DestinationAny => route.destination = Value::Any(hole("destination")),
            RouteHole::TargetOneOf => {
                let targets = self.targets(&table.vpc);
                let other = targets.into_iter().find(|other| *other != target);
                if let Some(other) = other {
                    route.target = Value::OneOf(vec![target, other], hole("target"));
                }
            }
            RouteHole::TargetAny => route.target = Value::Any(hole("target")),
        }
    }

    fn destination(
        &self,
        table: &RouteTable,
        plan: &RoutePlan,
        kind: DestinationKind,
    ) -> Option<RouteDestination> {
        let of_pool = |pool: &[Cidr]| pick(&plan.block, pool).copied();
        let v6 = self.has(Feature::Ipv6) && once_in(&plan.list, 3);
        let cidr = match kind {
            DestinationKind::Default => Some(pool::cidr("0.0.0.0/0")),
            DestinationKind::DefaultIpv6 if self.has(Feature::Ipv6) => Some(pool::cidr("::/0")),
            DestinationKind::DefaultIpv6 => Some(pool::cidr("0.0.0.0/0")),
            DestinationKind::OtherVpc => {
                let others = self.draft.vpcs.iter().filter(|vpc| vpc.id != table.vpc);
                let blocks: Vec<_> = others.flat_map(|vpc| vpc.cidrs.clone()).collect();
                let block = of_pool(&blocks).or_else(|| of_pool(&self.blocks))?;
                // The whole block three times in four.
                let relatives = pool::relatives(block);
                let relative = pick(&plan.list, &relatives).copied();
                if plan.which.index(4) < 3 {
                    Some(block)
                } else {
                    relative
                }
            }
            DestinationKind::Public if v6 => of_pool(&pool::PUBLIC_V6.map(pool::cidr)),
            DestinationKind::Public => of_pool(&pool::PUBLIC_V4.map(pool::cidr)),
            DestinationKind::PrefixList => {
                let list = pick(&plan.list, &self.draft.prefix_lists)?;
                return Some(RouteDestination::PrefixList(list.id.clone()));
            }
            DestinationKind::Tie => return self.tie(table, plan),
            DestinationKind::Pool => of_pool(&self.blocks),
            DestinationKind::Special => of_pool(&pool::SPECIAL.map(pool::cidr)),
        }?;
        let own = self.vpc(&table.vpc)?;
        let inside = own.cidrs.iter().any(|block| pool::overlap(*block, cidr))
            && own
                .cidrs
                .iter()
                .all(|block| block.prefix_len() <= cidr.prefix_len());
        let allowed = !inside || self.has(Feature::InsideRoutes);
        allowed.then_some(RouteDestination::Cidr(cidr))
    }

    /// The destination of another route of the table, or an entry of a list that it has.
    fn tie(&self, table: &RouteTable, plan: &RoutePlan) -> Option<RouteDestination> {
        let routes = table
            .routes
            .iter()
            .filter_map(|route| route.destination.known());
        let lists = &self.draft.prefix_lists;
        let mut blocks = BTreeSet::new();
        for destination in routes {
            match destination {
                RouteDestination::Cidr(cidr) => {
                    blocks.insert(*cidr);
                }
                RouteDestination::PrefixList(id) => {
                    let list = lists.iter().find(|list| list.id == *id);
                    let entries = list.and_then(|list| list.entries.known());
                    blocks.extend(entries.into_iter().flatten().copied());
                }
            }
        }
        let blocks: Vec<_> = blocks.into_iter().collect();
        pick(&plan.block, &blocks)
            .copied()
            .map(RouteDestination::Cidr)
    }

    fn target(&self, vpc: &VpcId, plan: &RoutePlan, destination: &RouteDestination) -> Target {
        let kind = choose(&plan.target, &TARGET);
        if matches!(kind, TargetKind::Unmodelled) && self.has(Feature::Unmodelled) {
            return unmodelled();
        }
        let any = self.targets(vpc);
        let fitting: Vec<_> = any
            .iter()
            .filter(|target| self.fits(vpc, destination, target))
            .cloned()
            .collect();
        let fitting = pick(&plan.which, &fitting).cloned();
        let any = pick(&plan.which, &any).cloned();
        let target = match kind {
            TargetKind::Fitting => fitting.or(any),
            TargetKind::Any | TargetKind::Unmodelled => any,
        };
        target.unwrap_or_else(unmodelled)
    }

    /// What a table of this VPC may lead to.
    pub(super) fn targets(&self, vpc: &VpcId) -> Vec<Target> {
        let draft = &self.draft;
        let mut targets = Vec::new();
        let gateways = draft.internet_gateways.iter();
        targets.extend(gateways.map(|one| Target::InternetGateway(one.id.clone())));
        let nats = draft.nat_gateways.iter();
        let nats = nats.filter(|nat| {
            let mut subnets = draft.subnets.iter();
            subnets.any(|subnet| subnet.id == nat.subnet && subnet.vpc == *vpc)
        });
        targets.extend(nats.map(|nat| Target::NatGateway(nat.id.clone())));
        let end = PeeringEnd::Vpc(vpc.clone());
        let peerings = draft.peerings.iter();
        let peerings = peerings.filter(|one| [&one.requester, &one.accepter].contains(&&end));
        targets.extend(peerings.map(|one| Target::Peering(one.id.clone())));
        let gateways = draft.egress_only_internet_gateways.iter();
        let gateways = gateways.filter(|one| one.vpc == *vpc);
        targets.extend(gateways.map(|one| Target::EgressOnlyInternetGateway(one.id.clone())));
        let interfaces = draft.network_interfaces.iter();
        let devices = interfaces.filter(|one| {
            let device = one.id.as_str().starts_with('m');
            device && self.vpc_of(one).as_ref() == Some(vpc)
        });
        targets.extend(devices.map(|one| Target::NetworkInterface(one.id.clone())));
        let transits = draft.transit_gateways.iter();
        targets.extend(transits.map(|one| Target::TransitGateway(one.id.clone())));
        let endpoints = draft.vpc_endpoints.iter().filter(|one| one.vpc == *vpc);
        let devices = endpoints
            .clone()
            .filter(|one| matches!(one.kind, EndpointKind::GatewayLoadBalancer { .. }));
        targets.extend(devices.map(|one| Target::GatewayLoadBalancerEndpoint(one.id.clone())));
        let endpoints = endpoints.filter(|one| matches!(one.kind, EndpointKind::Gateway { .. }));
        targets.extend(endpoints.map(|one| Target::GatewayEndpoint(one.id.clone())));
        let gateways = draft.virtual_private_gateways.iter();
        targets.extend(gateways.map(|one| Target::VirtualPrivateGateway(one.id.clone())));
        targets
    }

    /// Whether a target could carry a destination to its end.
    fn fits(&self, vpc: &VpcId, destination: &RouteDestination, target: &Target) -> bool {
        let cidr = match destination {
            RouteDestination::Cidr(cidr) => Some(*cidr),
            RouteDestination::PrefixList(_) => None,
        };
        let of_family = |family| cidr.is_none_or(|cidr| cidr.family() == family);
        let of_a_vpc = |other: &VpcId| {
            let blocks = self.vpc(other).map(|vpc| vpc.cidrs.as_slice());
            let mut blocks = blocks.unwrap_or_default().iter();
            blocks.any(|block| cidr.is_some_and(|cidr| pool::holds(*block, cidr.base())))
        };
        match target {
            Target::InternetGateway(id) => {
                let mut gateways = self.draft.internet_gateways.iter();
                gateways.any(|one| one.id == *id && one.vpc.as_ref() == Some(vpc))
            }
            Target::NatGateway(_) => {
                let nat64 = pool::cidr(pool::NAT64);
                of_family(Family::V4) || cidr.is_some_and(|cidr| pool::holds(nat64, cidr.base()))
            }
            Target::EgressOnlyInternetGateway(_) => of_family(Family::V6),
            Target::Peering(id) => {
                let peering = self.draft.peerings.iter().find(|one| one.id == *id);
                peering.is_some_and(|one| {
                    [&one.requester, &one.accepter]
                        .into_iter()
                        .any(|end| match end {
                            PeeringEnd::Vpc(other) => other != vpc && of_a_vpc(other),
                            PeeringEnd::Outside(_) => false,
                        })
                })
            }
            Target::GatewayEndpoint(_) => cidr.is_none(),
            Target::NetworkInterface(_) | Target::GatewayLoadBalancerEndpoint(_) => {
                let mut subnets = self.draft.subnets.iter().filter(|one| one.vpc == *vpc);
                cidr.is_some_and(|cidr| {
                    cidr.prefix_len() == 0 || subnets.any(|one| one.cidrs.contains(&cidr))
                })
            }
            Target::TransitGateway(id) => cidr.is_some_and(|cidr| self.joins(id, vpc, cidr)),
            Target::VirtualPrivateGateway(id) => {
                let mut gateways = self.draft.virtual_private_gateways.iter();
                let gateway = gateways.find(|one| one.id == *id && one.vpc.as_ref() == Some(vpc));
                let blocks = gateway.and_then(|one| one.prefixes.known());
                let mut blocks = blocks.into_iter().flatten();
                cidr.is_some_and(|cidr| blocks.any(|one| pool::overlap(*one, cidr)))
            }
            Target::Local | Target::Unmodelled { .. } => false,
        }
    }

    /// A gateway endpoint's routes are in the first table of its VPC, and sometimes in all.
    fn endpoint_routes(&mut self) {
        for (endpoint, plan) in self.draft.vpc_endpoints.iter().zip(&self.plan.endpoints) {
            let EndpointKind::Gateway { prefix_lists } = &endpoint.kind else {
                continue;
            };
            let all = plan.names.index(3) > 0;
            let mut tables = self.draft.route_tables.iter_mut();
            let tables = tables.by_ref().filter(|table| table.vpc == endpoint.vpc);
            for table in tables.take(if all { usize::MAX } else { 1 }) {
                for list in prefix_lists {
                    let destination = Value::Known(RouteDestination::PrefixList(list.clone()));
                    let mut routes = table.routes.iter();
                    if !routes.any(|route| route.destination == destination) {
                        table.routes.push(Route {
                            destination,
                            target: Value::Known(Target::GatewayEndpoint(endpoint.id.clone())),
                            origin: RouteOrigin::Static,
                            state: RouteState::Active,
                        });
                    }
                }
            }
        }
    }
}
