//! Ways whose first leg crosses one component and whose last leg another one: what no single leg
//! passes meets in them.

use super::super::join::Joint;
use super::*;

/// What the first leg crosses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    Internet,
    VirtualGateway,
    Peering,
    Transit,
    TransitPeering,
    Device(Link),
    /// An egress-only gateway, and back in to the node.
    EgressOnly,
}

/// How often each. A service is not reached from the internet.
const FIRST: [(usize, First); 9] = [
    (12, First::Internet),
    (26, First::VirtualGateway),
    (18, First::Peering),
    (8, First::Transit),
    (13, First::TransitPeering),
    (20, First::Device(Link::Nat)),
    (8, First::Device(Link::LoadBalancer)),
    (5, First::Device(Link::Appliance)),
    (9, First::EgressOnly),
];

/// What the last leg crosses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    Nothing,
    GatewayEndpoint,
    EgressOnly,
    InternetGateway,
    Peering,
}

/// How often each.
const LAST: [(usize, Last); 5] = [
    (18, Last::Nothing),
    (28, Last::GatewayEndpoint),
    (30, Last::EgressOnly),
    (14, Last::InternetGateway),
    (19, Last::Peering),
];

/// An IPv6 block for a VPC that has none: of the client's and of the node's.
const IPV6: [&str; 2] = ["2001:db8:0:ee00::/56", "2001:db8:0:ef00::/56"];

/// What the two legs of a way cross, and whether an endpoint service hands on between them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Across {
    pub first: First,
    pub last: Last,
    pub by_service: bool,
}

impl Across {
    pub(super) fn any(dice: &mut Dice) -> Option<Self> {
        let (first, last) = (dice.choose(&FIRST)?, dice.choose(&LAST)?);
        let open = matches!(first, First::Internet | First::EgressOnly);
        Some(Self {
            first,
            last,
            by_service: dice.percent(45) && !open,
        })
    }
}

impl Builder<'_> {
    /// The first leg to an entrance: the node of a load balancer, or the interface of an endpoint.
    pub(super) fn leg_across(
        &mut self,
        first: First,
        client: &Place,
        entrance: &Place,
        plan: &PivotPlan,
        fault: Fault,
        dice: &mut Dice,
    ) -> Option<Passage> {
        match first {
            First::Internet => self.starting_outside(entrance, plan, fault),
            First::VirtualGateway => {
                let passage = self.through_virtual_gateway(entrance, plan, fault)?;
                (passage.destination == entrance.address).then_some(passage)
            }
            First::Peering => self.peered_leg(entrance, plan),
            First::Transit => self.transit_leg(entrance, false, fault),
            First::TransitPeering => self.transit_leg(entrance, true, fault),
            First::Device(link) => self.device_leg(link, client, entrance, fault, dice),
            First::EgressOnly => self.egress_only_leg(entrance, fault),
        }
    }

    /// Where the last leg ends, to which the node is led. What is no interface of the network is
    /// taken for one that stands at the node.
    pub(super) fn end_across(
        &mut self,
        last: Last,
        node: &Place,
        receiver: Place,
        plan: &PivotPlan,
    ) -> Option<Place> {
        let address = match last {
            Last::Nothing => return Some(receiver),
            Last::Peering => {
                return self.peered_with(node, plan);
            }
            Last::GatewayEndpoint => {
                let (endpoint, list, cidr) = self.any_endpoint_of(&node.vpc)?;
                let target = Target::GatewayEndpoint(endpoint);
                let destination = RouteDestination::PrefixList(list);
                self.lead_to(&node.subnet, destination, &target, false)?;
                cidr.base()
            }
            Last::EgressOnly => {
                self.ipv6_of(node, pool::cidr(IPV6[1]))?;
                let block = pool::cidr("2001:db8:ffff::/48");
                let target = self.egress_only_of(&node.vpc);
                self.lead(&node.subnet, block, &target, false)?;
                self.public_access(&node.subnet, Crossing::OutboundOnly, Fault::None);
                pool::offset(block, 7)
            }
            Last::InternetGateway => {
                self.publish(&node.interface, node.address)?;
                let target = self.gateway_of(&node.vpc);
                let (block, destination) = public_host(plan);
                self.lead(&node.subnet, block, &target, false)?;
                self.public_access(&node.subnet, Crossing::Out, Fault::None);
                destination
            }
        };
        Some(Place {
            address,
            ..node.clone()
        })
    }

    /// A client in a VPC of its own, in the zone of an entrance.
    fn client_across(&mut self, entrance: &Place) -> Option<Place> {
        let vpc = self.pivot_vpc("v-across", Some(&entrance.vpc), pool::cidr("10.231.0.0/16"))?;
        let zone = self.zone_of_chain(entrance);
        let subnet = self.add_subnet("across-near", &vpc, zone)?;
        self.host_in("across-client", &subnet)
    }

    fn transit_leg(&mut self, entrance: &Place, peered: bool, fault: Fault) -> Option<Passage> {
        let client = self.client_across(entrance)?;
        let there = self.subnet_block(&entrance.subnet, entrance.address)?;
        let here = self.subnet_block(&client.subnet, client.address)?;
        let ends = [
            self.vpc_end(&client.vpc, [client.subnet.clone()].into(), here, false),
            self.vpc_end(
                &entrance.vpc,
                [entrance.subnet.clone()].into(),
                there,
                false,
            ),
        ];
        let joint = Joint {
            peered,
            broken: None,
            back: true,
            associated: true,
        };
        let [near, far] = self.join("across", ends, joint).map(Target::TransitGateway);
        self.lead(&client.subnet, there, &near, fault == Fault::Blackhole)?;
        self.lead(&entrance.subnet, here, &far, false)?;
        Some(Passage {
            source: client.address,
            destination: entrance.address,
            sender: client,
            receiver: Some(entrance.clone()),
            outside: None,
        })
    }

    /// Over a device of the VPC, between the subnets of a client and an entrance.
    fn device_leg(
        &mut self,
        link: Link,
        client: &Place,
        entrance: &Place,
        fault: Fault,
        dice: &mut Dice,
    ) -> Option<Passage> {
        let apart = client.vpc == entrance.vpc && client.subnet != entrance.subnet;
        let there = self.subnet_block(&entrance.subnet, entrance.address)?;
        let standing = apart.then(|| self.standing_at(client))??;
        let behind = self.chain_device(0, link, &standing, there, fault, dice)?;
        if let Some(device) = &behind.before {
            self.lead(&entrance.subnet, behind.home, device, false)?;
        } else {
            // The entrance sees the NAT gateway.
            let rule = GroupRule {
                traffic: RuleTraffic::All,
                peer: RulePeer::Cidr(behind.home),
            };
            self.add_rule(entrance, rule, true);
            if dice.percent(50) {
                self.return_ports(&behind.subnet, standing.home)?;
            }
        }
        Some(Passage {
            source: client.address,
            destination: entrance.address,
            sender: client.clone(),
            receiver: Some(entrance.clone()),
            outside: None,
        })
    }

    /// Out of another VPC by an egress-only gateway, to the public IPv6 address of a node.
    fn egress_only_leg(&mut self, node: &Place, fault: Fault) -> Option<Passage> {
        let client = self.client_across(node)?;
        let source = self.ipv6_of(&client, pool::cidr(IPV6[0]))?;
        let destination = self.ipv6_of(node, pool::cidr(IPV6[1]))?;
        let there = self.subnet_block(&node.subnet, destination)?;
        let here = self.subnet_block(&client.subnet, source)?;
        let out = self.egress_only_of(&client.vpc);
        self.lead(&client.subnet, there, &out, fault == Fault::Blackhole)?;
        let back = self.gateway_of(&node.vpc);
        self.lead(&node.subnet, here, &back, false)?;
        self.public_access(&client.subnet, Crossing::OutboundOnly, Fault::None);
        self.public_access(&node.subnet, Crossing::In, fault);
        Some(Passage {
            source,
            destination,
            sender: Place {
                address: source,
                ..client
            },
            receiver: Some(Place {
                address: destination,
                ..node.clone()
            }),
            outside: None,
        })
    }

    /// The public IPv6 address of an interface, which gets one when it has none, of a block that its VPC
    /// gets.
    fn ipv6_of(&mut self, place: &Place, block: Cidr) -> Option<Address> {
        self.has(Feature::Ipv6).then_some(())?;
        let interface = self.interface_mut(&place.interface)?;
        let mut known = interface.addresses.iter();
        let own = known.find_map(|one| match one.private {
            AddressValue::Known(address) => (address.family() == Family::V6).then_some(address),
            AddressValue::Within(..) => None,
        });
        if let Some(own) = own {
            return pool::is_public(own).then_some(own);
        }
        self.give_ipv6(&place.subnet, block)?;
        let mut subnets = self.draft.subnets.iter();
        let subnet = subnets.find(|one| one.id == place.subnet)?.clone();
        let host = &self.plan.pivot.as_ref()?.from;
        let own = self.new_address(&subnet, Family::V6, host)?;
        let interface = self.interface_mut(&place.interface)?;
        interface.addresses.push(InterfaceAddress {
            private: AddressValue::Known(own),
            public: None,
        });
        pool::is_public(own).then_some(own)
    }

    /// Gives a subnet an IPv6 block, if it has none, and its VPC too.
    fn give_ipv6(&mut self, subnet: &SubnetId, block: Cidr) -> Option<()> {
        let is_v6 = |cidr: &&Cidr| cidr.family() == Family::V6;
        let mut subnets = self.draft.subnets.iter();
        let one = subnets.find(|one| one.id == *subnet)?;
        if one.cidrs.iter().any(|cidr| is_v6(&cidr)) {
            return Some(());
        }
        let vpc = one.vpc.clone();
        let mut vpcs = self.draft.vpcs.iter_mut();
        let of = vpcs.find(|of| of.id == vpc)?;
        let global = of
            .cidrs
            .iter()
            .find(|cidr| pool::is_public(cidr.base()) && is_v6(cidr));
        let global = global.copied();
        if global.is_none() {
            of.cidrs.push(block);
            for table in &mut self.draft.route_tables {
                if table.vpc == vpc {
                    table.routes.extend(local_routes(&[block]));
                }
            }
        }
        // Behind all those that subnets have by themselves.
        let last = pool::around(pool::last(global.unwrap_or(block)), 64);
        let taken = self
            .draft
            .subnets
            .iter()
            .any(|one| one.cidrs.contains(&last));
        let mut subnets = self.draft.subnets.iter_mut();
        let one = subnets.find(|one| one.id == *subnet)?;
        (!taken).then(|| one.cidrs.push(last))
    }

    /// The egress-only gateway of a VPC; made when there is none.
    fn egress_only_of(&mut self, vpc: &VpcId) -> Target {
        let gateways = &mut self.draft.egress_only_internet_gateways;
        let found = gateways.iter().find(|one| one.vpc == *vpc);
        let id = match found {
            Some(gateway) => gateway.id.clone(),
            None => {
                let gateway = EgressOnlyInternetGateway {
                    id: format!("eigw-of-{vpc}").as_str().into(),
                    vpc: vpc.clone(),
                    tags: Tags::new(),
                };
                gateways.push(gateway.clone());
                gateway.id
            }
        };
        Target::EgressOnlyInternetGateway(id)
    }
}
