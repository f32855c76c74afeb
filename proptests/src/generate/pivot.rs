//! Pivot: mends the way of one flow through the network, so that it passes, and perhaps breaks one
//! link of it again.
//!
//! What stands in the way is not removed but outbid: by an ACL entry with a lower number, by a
//! route for a longer block, by one more rule. So the rest of the network still takes part.

mod admit;
mod chain;
mod client_vpn;
mod device;
mod join;
mod load_balancer;
mod nat;
mod on_premises;
mod transit;

use model::{
    AclAction, AclEntry, Address, AddressValue, Attachment, BlockPublicAccess, Cidr,
    EgressOnlyInternetGateway, EndpointKind, Exclusion, Family, Flow, GroupRule, InternetGateway,
    NatGateway, NetworkAcl, NetworkAclId, NetworkInterface, NetworkInterfaceId, Packet, Peering,
    PeeringEnd, Port, PrefixList, PrefixListId, Route, RouteDestination, RouteOrigin, RouteState,
    RouteTableId, RulePeer, RulePorts, RuleTraffic, SecurityGroup, Source, SubnetId, Tags, Target,
    Transport, Value, VpcEndpoint, VpcEndpointId, VpcId,
};

use super::Builder;
use super::endpoint::full_access;
use super::gateway::overlap;
use crate::plan::PivotPlan;
use crate::pool::{self, choose, pick};
use crate::swarm::Feature;
use crate::weights::{FAULT, Fault, WAY, Way};

const CLIENT_PORT: Port = 40_000;

/// An interface with one of its addresses, and where it stands.
#[derive(Clone, Debug)]
struct Place {
    interface: NetworkInterfaceId,
    address: Address,
    subnet: SubnetId,
    vpc: VpcId,
}

/// The flow, and where filters are asked.
struct Passage {
    sender: Place,
    receiver: Option<Place>,
    source: Address,
    destination: Address,
    /// Who sends when it is not an interface.
    outside: Option<Source>,
}

/// How the flow crosses between a subnet and the internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Crossing {
    In,
    Out,
    /// Out, by what lets nothing in: a NAT gateway or an egress-only gateway.
    OutboundOnly,
}

impl Builder<'_> {
    pub(super) fn pivot(&mut self) -> Option<Flow> {
        let plan = self.plan.pivot.as_ref()?.clone();
        let places = self.places(Family::V4);
        let sender = pick(&plan.from, &places)?.clone();
        let sender = self.or_a_client(sender, &plan);
        let way = choose(&plan.kind, &WAY);
        let mut fault = choose(&plan.fault, &FAULT);
        let over_devices = matches!(
            way,
            Way::Row
                | Way::LoadBalancer
                | Way::Transit
                | Way::CentralEgress
                | Way::Inspection
                | Way::Chain
                | Way::ToOnPremises
                | Way::FromOnPremises
                | Way::Target
                | Way::Relays
                | Way::EndpointService
                | Way::Across
        );
        // Of many links each one breaks as often as the few of other ways.
        if over_devices && plan.fault.index(3) == 1 {
            fault = Fault::Link;
        }
        // What a reference across a transit gateway needs is broken often enough by its flags.
        if way == Way::Transit && plan.reference.index(2) == 0 && pool::fine(&plan.fault, 4) > 0 {
            fault = Fault::None;
        }
        let route = match way {
            Way::Local => None,
            Way::Peering => self.over_peering(&sender, &plan, fault),
            Way::Internet => self.towards_internet(&sender, &plan, fault),
            Way::Nat | Way::NatPeering | Way::NatEndpoint => {
                self.through_nat(&sender, &plan, fault, way)
            }
            Way::Nat64 => self.through_nat64(&plan, fault),
            Way::Hairpin => self.towards_itself(&sender, &plan, fault),
            Way::GatewayEndpoint => self.through_endpoint(&sender, &plan, fault),
            Way::EgressOnly => self.through_egress_only(&plan, fault),
            Way::FromInternet => self.starting_outside(&sender, &plan, fault),
            Way::Row => self.through_a_row(&sender, &plan, fault),
            Way::LoadBalancer => self.through_load_balancer(&sender, &plan, fault),
            Way::Transit => self.over_transit(&sender, &plan, fault),
            Way::CentralEgress => self.by_central_egress(&sender, &plan, fault),
            Way::Chain | Way::ToOnPremises => self.along_a_chain(&sender, &plan, fault, way),
            Way::FromOnPremises => self.starting_on_premises(&sender, &plan, fault),
            Way::Inspection => self.by_inspection(&sender, &plan, fault),
            Way::Target | Way::Relays | Way::EndpointService | Way::Across => {
                let relays = self.has(Feature::LoadBalancers);
                let flow = relays.then(|| self.by_relays(&sender, &plan, fault, way));
                if let Some(flow) = flow.flatten() {
                    return Some(flow);
                }
                None
            }
        };
        let route = route.or_else(|| self.inside(&sender, &plan))?;
        self.admit(&route, &plan, fault, way)
    }

    /// Ordinary interfaces with each address of the family that is known.
    fn places(&self, family: Family) -> Vec<Place> {
        let mut places = Vec::new();
        for interface in &self.draft.network_interfaces {
            let ordinary = matches!(
                interface.attachment,
                Attachment::Ordinary { .. } | Attachment::Other(_)
            ) && self.client_vpn_of(&interface.id).is_none();
            let Some(vpc) = self.vpc_of(interface).filter(|_| ordinary) else {
                continue;
            };
            for address in &interface.addresses {
                if let AddressValue::Known(private) = address.private
                    && private.family() == family
                {
                    places.push(Place {
                        interface: interface.id.clone(),
                        address: private,
                        subnet: interface.subnet.clone(),
                        vpc: vpc.clone(),
                    });
                }
            }
        }
        places
    }

    fn inside(&mut self, sender: &Place, plan: &PivotPlan) -> Option<Passage> {
        let places = self.places(Family::V4);
        let others = places
            .iter()
            .filter(|place| place.vpc == sender.vpc && place.interface != sender.interface);
        let receiver = (**pick(&plan.to, &others.collect::<Vec<_>>())?).clone();
        self.known_table(&sender.subnet)?;
        Some(Passage {
            source: sender.address,
            destination: receiver.address,
            sender: sender.clone(),
            receiver: Some(receiver),
            outside: None,
        })
    }

    fn over_peering(&mut self, sender: &Place, plan: &PivotPlan, fault: Fault) -> Option<Passage> {
        let (peering, receiver) = self.any_peer_of(&sender.vpc, plan)?;
        self.set_peering(&peering, fault != Fault::Target)?;
        let there = self.block_of(&receiver.vpc, receiver.address)?;
        let here = self.block_of(&sender.vpc, sender.address)?;
        let target = Target::Peering(peering.as_str().into());
        self.lead(&sender.subnet, there, &target, fault == Fault::Blackhole)?;
        self.lead(&receiver.subnet, here, &target, false)?;
        if plan.reference.index(3) == 0 {
            self.picky(&receiver);
        }
        Some(Passage {
            source: sender.address,
            destination: receiver.address,
            sender: sender.clone(),
            receiver: Some(receiver),
            outside: None,
        })
    }

    /// A peering of the VPC with another one, and an interface there; made when there is none.
    fn any_peer_of(&mut self, vpc: &VpcId, plan: &PivotPlan) -> Option<(String, Place)> {
        if let Some(found) = self.peer_of(vpc, plan) {
            return Some(found);
        }
        let own = self.vpc(vpc)?.clone();
        let places = self.places(Family::V4);
        let receiver = places.iter().find(|place| {
            let other = self.vpc(&place.vpc);
            place.vpc != *vpc && other.is_some_and(|other| !overlap(&own, other))
        })?;
        self.draft.peerings.push(Peering {
            id: format!("p-of-{vpc}").as_str().into(),
            requester: PeeringEnd::Vpc(receiver.vpc.clone()),
            accepter: PeeringEnd::Vpc(vpc.clone()),
            active: true,
            tags: Tags::new(),
        });
        self.peer_of(vpc, plan)
    }

    /// A peering of the VPC with another one, and an interface there.
    fn peer_of(&self, vpc: &VpcId, plan: &PivotPlan) -> Option<(String, Place)> {
        let end = PeeringEnd::Vpc(vpc.clone());
        let places = self.places(Family::V4);
        let mut pairs = Vec::new();
        for peering in &self.draft.peerings {
            let ends = [&peering.requester, &peering.accepter];
            if !ends.contains(&&end) {
                continue;
            }
            for place in &places {
                let other = PeeringEnd::Vpc(place.vpc.clone());
                if place.vpc != *vpc && ends.contains(&&other) {
                    pairs.push((peering.id.to_string(), place.clone()));
                }
            }
        }
        pick(&plan.to, &pairs).cloned()
    }

    fn set_peering(&mut self, id: &str, active: bool) -> Option<()> {
        let peerings = &mut self.draft.peerings;
        let ends = |position: usize, peerings: &[model::Peering]| {
            let one = peerings.get(position)?;
            let mut ends = [one.requester.clone(), one.accepter.clone()];
            ends.sort();
            Some(ends)
        };
        let position = peerings.iter().position(|one| one.id.as_str() == id)?;
        let pair = ends(position, peerings)?;
        let twin = (0..peerings.len()).any(|other| {
            other != position
                && peerings.get(other).is_some_and(|one| one.active)
                && ends(other, peerings).as_ref() == Some(&pair)
        });
        if twin && active {
            return None;
        }
        peerings.get_mut(position)?.active = active;
        Some(())
    }

    /// The attached internet gateway of a VPC; made when there is none.
    fn gateway_of(&mut self, vpc: &VpcId) -> Target {
        let mut gateways = self.draft.internet_gateways.iter();
        if let Some(gateway) = gateways.find(|one| one.vpc.as_ref() == Some(vpc)) {
            return Target::InternetGateway(gateway.id.clone());
        }
        let id = format!("igw-of-{vpc}");
        self.draft.internet_gateways.push(InternetGateway {
            id: id.as_str().into(),
            vpc: Some(vpc.clone()),
            edge_route_table: None,
            tags: Tags::new(),
        });
        Target::InternetGateway(id.as_str().into())
    }

    fn towards_internet(
        &mut self,
        sender: &Place,
        plan: &PivotPlan,
        fault: Fault,
    ) -> Option<Passage> {
        let target = self.gateway_of(&sender.vpc);
        if fault != Fault::Target {
            self.publish(&sender.interface, sender.address);
        }
        let (block, destination) = public_host(plan);
        self.lead(&sender.subnet, block, &target, fault == Fault::Blackhole)?;
        self.public_access(&sender.subnet, Crossing::Out, fault);
        Some(Passage {
            source: sender.address,
            destination,
            sender: sender.clone(),
            receiver: None,
            outside: None,
        })
    }

    fn starting_outside(
        &mut self,
        place: &Place,
        plan: &PivotPlan,
        fault: Fault,
    ) -> Option<Passage> {
        let target = self.gateway_of(&place.vpc);
        let public = self.publish(&place.interface, place.address)?;
        let (block, source) = public_host(plan);
        self.lead(&place.subnet, block, &target, fault == Fault::Blackhole)?;
        self.public_access(&place.subnet, Crossing::In, fault);
        Some(Passage {
            source,
            destination: public,
            sender: place.clone(),
            receiver: Some(place.clone()),
            outside: Some(Source::Internet),
        })
    }

    /// A gateway endpoint of a VPC with a known IPv4 entry, the list and the entry.
    fn endpoint_of(&self, vpc: &VpcId) -> Option<(VpcEndpointId, PrefixListId, Cidr)> {
        let lists = &self.draft.prefix_lists;
        let mut found = None;
        for endpoint in self
            .draft
            .vpc_endpoints
            .iter()
            .filter(|one| one.vpc == *vpc)
        {
            let EndpointKind::Gateway { prefix_lists } = &endpoint.kind else {
                continue;
            };
            for id in prefix_lists {
                let list = lists.iter().find(|list| list.id == *id);
                let entries = list.and_then(|list| list.entries.known());
                let entries = entries.into_iter().flatten();
                let mut v4 = entries.filter(|cidr| cidr.family() == Family::V4);
                if let Some(cidr) = v4.next() {
                    found = Some((endpoint.id.clone(), id.clone(), *cidr));
                }
            }
        }
        found
    }

    /// The same; made when there is none.
    fn any_endpoint_of(&mut self, vpc: &VpcId) -> Option<(VpcEndpointId, PrefixListId, Cidr)> {
        if let Some(found) = self.endpoint_of(vpc) {
            return Some(found);
        }
        let service = "com.amazonaws.us-east-1.s3";
        let list = PrefixListId::new(format!("l-of-{vpc}"));
        self.draft.prefix_lists.push(PrefixList {
            id: list.clone(),
            name: service.to_owned(),
            family: Family::V4,
            aws_managed: true,
            entries: Value::Known([pool::cidr("203.0.113.0/24")].into()),
        });
        self.draft.vpc_endpoints.push(VpcEndpoint {
            id: VpcEndpointId::new(format!("e-of-{vpc}")),
            vpc: vpc.clone(),
            service: service.to_owned(),
            available: true,
            kind: EndpointKind::Gateway {
                prefix_lists: [list].into(),
            },
            policy: Value::Known(full_access()),
            tags: Tags::new(),
        });
        self.endpoint_of(vpc)
    }

    fn through_endpoint(
        &mut self,
        sender: &Place,
        plan: &PivotPlan,
        fault: Fault,
    ) -> Option<Passage> {
        let (endpoint, list, cidr) = self.any_endpoint_of(&sender.vpc)?;
        let mut endpoints = self.draft.vpc_endpoints.iter_mut();
        endpoints.find(|one| one.id == endpoint)?.available = fault != Fault::Target;
        let target = Target::GatewayEndpoint(endpoint);
        let destination = RouteDestination::PrefixList(list);
        self.lead_to(
            &sender.subnet,
            destination,
            &target,
            fault == Fault::Blackhole,
        )?;
        let last = plan.narrow.index(2) == 1;
        Some(Passage {
            source: sender.address,
            destination: if last { pool::last(cidr) } else { cidr.base() },
            sender: sender.clone(),
            receiver: None,
            outside: None,
        })
    }

    fn through_egress_only(&mut self, plan: &PivotPlan, fault: Fault) -> Option<Passage> {
        let places = self.places(Family::V6);
        let public = places.iter().find(|place| pool::is_public(place.address))?;
        if self.draft.egress_only_internet_gateways.is_empty() {
            let gateway = EgressOnlyInternetGateway {
                id: "eigw-of-pivot".into(),
                vpc: public.vpc.clone(),
                tags: Tags::new(),
            };
            self.draft.egress_only_internet_gateways.push(gateway);
        }
        let gateways = &self.draft.egress_only_internet_gateways;
        let gateway = pick(&plan.peer, gateways)?.clone();
        let places = places
            .iter()
            .filter(|place| place.vpc == gateway.vpc && pool::is_public(place.address));
        let sender = (**pick(&plan.from, &places.collect::<Vec<_>>())?).clone();
        let block = pool::cidr("2001:db8:ffff::/48");
        let target = Target::EgressOnlyInternetGateway(gateway.id);
        let mut from = sender.subnet.clone();
        if matches!(fault, Fault::Link | Fault::Target) || plan.reference.index(5) == 4 {
            // What an endpoint has inspected does not leave there.
            let subnet = self.add_subnet("e-of-pivot-net", &sender.vpc, [None, None])?;
            let endpoint = self.load_balancer(&sender.vpc, &subnet.id, true, plan);
            self.lead(&from, block, &endpoint, false)?;
            from = subnet.id;
        }
        self.lead(&from, block, &target, fault == Fault::Blackhole)?;
        self.public_access(&from, Crossing::OutboundOnly, fault);
        Some(Passage {
            source: sender.address,
            destination: pool::offset(block, 7),
            sender,
            receiver: None,
            outside: None,
        })
    }

    /// Excludes a subnet from what the account blocks, if that stands in the way, by as little as it
    /// takes; or, for a fault, blocks it without an exclusion.
    fn public_access(&mut self, subnet: &SubnetId, crossing: Crossing, fault: Fault) -> Option<()> {
        if !self.has(Feature::BlockPublicAccess) {
            return None;
        }
        let mut subnets = self.draft.subnets.iter_mut();
        let subnet = subnets.find(|one| one.id == *subnet)?;
        let mut vpcs = self.draft.vpcs.iter_mut();
        let vpc = vpcs.find(|vpc| vpc.id == subnet.vpc)?;
        if fault == Fault::PublicAccess {
            vpc.block_public_access = Value::Known(match crossing {
                Crossing::OutboundOnly => BlockPublicAccess::Bidirectional,
                Crossing::Out | Crossing::In => BlockPublicAccess::Ingress,
            });
            (vpc.exclusion, subnet.exclusion) = (None, None);
            return Some(());
        }
        let passes = match (&vpc.block_public_access, crossing) {
            (Value::Known(BlockPublicAccess::Off), _)
            | (Value::Known(BlockPublicAccess::Ingress), Crossing::OutboundOnly) => return None,
            (
                Value::Known(BlockPublicAccess::Bidirectional),
                Crossing::Out | Crossing::OutboundOnly,
            ) => vpc.exclusion.or(subnet.exclusion).is_some(),
            (_, _) => [vpc.exclusion, subnet.exclusion].contains(&Some(Exclusion::Bidirectional)),
        };
        if !passes {
            let by_egress = vpc.block_public_access
                == Value::Known(BlockPublicAccess::Bidirectional)
                && crossing != Crossing::In;
            subnet.exclusion = Some(if by_egress {
                Exclusion::Egress
            } else {
                Exclusion::Bidirectional
            });
        }
        Some(())
    }

    /// The block of a VPC that holds an address.
    fn block_of(&self, vpc: &VpcId, address: Address) -> Option<Cidr> {
        let vpc = self.vpc(vpc)?;
        let mut blocks = vpc.cidrs.iter().copied();
        blocks.find(|cidr| pool::holds(*cidr, address))
    }

    /// Gives an address of an interface a public one.
    fn publish(&mut self, interface: &NetworkInterfaceId, private: Address) -> Option<Address> {
        let free = self.public_address();
        let interface = self.interface_mut(interface)?;
        let mut addresses = interface.addresses.iter_mut();
        let address = addresses.find(|one| one.private == AddressValue::Known(private))?;
        match address.public.get_or_insert(free) {
            AddressValue::Known(public) => Some(*public),
            AddressValue::Within(..) => None,
        }
    }

    fn interface_mut(&mut self, id: &NetworkInterfaceId) -> Option<&mut NetworkInterface> {
        let mut interfaces = self.draft.network_interfaces.iter_mut();
        interfaces.find(|one| one.id == *id)
    }

    /// The table of a subnet, made known when it is a hole.
    fn known_table(&mut self, subnet: &SubnetId) -> Option<RouteTableId> {
        let mut subnets = self.draft.subnets.iter_mut();
        let subnet = subnets.find(|one| one.id == *subnet)?;
        if let Some(Value::OneOf(..) | Value::Any(_)) = subnet.route_table {
            subnet.route_table = None;
        }
        let id = subnet.id.clone();
        self.table_id(&id)
    }

    pub(super) fn table_id(&self, subnet: &SubnetId) -> Option<RouteTableId> {
        let subnet = self.draft.subnets.iter().find(|one| one.id == *subnet)?;
        match &subnet.route_table {
            Some(Value::Known(id)) => Some(id.clone()),
            Some(Value::OneOf(..) | Value::Any(_)) | None => self
                .vpc(&subnet.vpc)
                .map(|vpc| vpc.main_route_table.clone()),
        }
    }

    fn lead(
        &mut self,
        subnet: &SubnetId,
        block: Cidr,
        target: &Target,
        blackhole: bool,
    ) -> Option<()> {
        self.lead_to(subnet, RouteDestination::Cidr(block), target, blackhole)
    }

    /// A static route in the table of a subnet, in place of one for the same destination.
    fn lead_to(
        &mut self,
        subnet: &SubnetId,
        destination: RouteDestination,
        target: &Target,
        blackhole: bool,
    ) -> Option<()> {
        let id = self.known_table(subnet)?;
        let mut tables = self.draft.route_tables.iter_mut();
        let table = tables.find(|table| table.id == id)?;
        table.routes.retain(|route| {
            route.origin == RouteOrigin::Propagated
                || route.target.known() == Some(&Target::Local)
                || route.destination.known() != Some(&destination)
        });
        let mut routes = table.routes.iter();
        if routes.any(|route| {
            route.destination.known() == Some(&destination)
                && route.target.known() == Some(&Target::Local)
        }) {
            return None;
        }
        table.routes.push(Route {
            destination: Value::Known(destination),
            target: Value::Known(target.clone()),
            origin: RouteOrigin::Static,
            state: if blackhole {
                RouteState::Blackhole
            } else {
                RouteState::Active
            },
        });
        Some(())
    }
}

/// A public block and a host in it.
fn public_host(plan: &PivotPlan) -> (Cidr, Address) {
    let block = match plan.peer.index(3) {
        0 => pool::cidr("0.0.0.0/0"),
        1 => pool::cidr("203.0.113.0/24"),
        _ => pool::cidr("203.0.113.128/25"),
    };
    let hosts = ["203.0.113.128", "203.0.113.255", "203.0.113.200"].map(pool::address);
    let host = pick(&plan.to, &hosts).copied().unwrap_or(block.base());
    (block, host)
}
