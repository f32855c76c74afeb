//! Internet gateways, egress-only ones, NAT gateways and peerings.

use std::collections::BTreeSet;

use model::{
    Address, AddressValue, Attachment, EgressOnlyInternetGateway, Family, InterfaceAddress,
    InternetGateway, Middlebox, NatGateway, NetworkInterface, NetworkInterfaceId, Peering,
    PeeringEnd, RouteTable, RouteTableId, Subnet, Tags, Value, Vpc,
};
use proptest::sample::Index;

use super::Builder;
use super::vpc::local_routes;
use crate::pool::{self, choose, once_in, pick};
use crate::swarm::Feature;
use crate::weights::INTERNET_GATEWAY;

impl Builder<'_> {
    pub(super) fn gateways(&mut self) {
        for (position, plan) in self.plan.gateways.iter().enumerate() {
            let Some(vpc) = pick(&plan.vpc, &self.draft.vpcs).map(|vpc| vpc.id.clone()) else {
                continue;
            };
            if choose(&plan.kind, &INTERNET_GATEWAY) {
                let gateways = self.draft.internet_gateways.iter();
                let has_one = gateways
                    .filter_map(|one| one.vpc.as_ref())
                    .any(|one| *one == vpc);
                // A second one of a VPC stays detached.
                let broken = self.has(Feature::Broken) && once_in(&plan.edge, 12);
                let attached = !has_one && !broken;
                if self.has(Feature::InternetGateways) {
                    let edge_route_table = self.edge_table(&format!("igw{position}"), &vpc, plan);
                    self.draft.internet_gateways.push(InternetGateway {
                        id: format!("igw{position}").as_str().into(),
                        vpc: attached.then_some(vpc),
                        edge_route_table: edge_route_table.filter(|_| attached),
                        tags: Tags::new(),
                    });
                }
            } else if self.has(Feature::EgressOnly) {
                self.draft
                    .egress_only_internet_gateways
                    .push(EgressOnlyInternetGateway {
                        id: format!("eigw{position}").as_str().into(),
                        vpc,
                        tags: Tags::new(),
                    });
            }
        }
    }

    pub(super) fn nats(&mut self) {
        if !self.has(Feature::Nat) {
            return;
        }
        for (position, plan) in self.plan.nats.iter().enumerate() {
            let Some(subnet) = pick(&plan.subnet, &self.draft.subnets).cloned() else {
                continue;
            };
            let Some(private) = self.new_address(&subnet, Family::V4, &plan.host) else {
                continue;
            };
            // A private NAT gateway now and then.
            let public = plan.public.index(4) != 3 && self.has(Feature::PublicAddresses);
            let id = format!("nat{position}");
            // Mostly with a table of its own: by that of its clients it would send to itself.
            if !once_in(&plan.state, 4) {
                self.own_table(&id, &subnet);
            }
            let available = !(self.has(Feature::Broken) && once_in(&plan.state, 6));
            self.add_nat(&id, &subnet, private, public, available);
            if pool::fine(&plan.public, 7) == 6 {
                // Its second one is mostly as public as the first one.
                let alike = pool::fine(&plan.state, 3) > 0 || !self.has(Feature::PublicAddresses);
                self.second_address(&subnet, &plan.host, public == alike);
            }
        }
    }

    /// Gives the last NAT gateway one more address.
    fn second_address(&mut self, subnet: &Subnet, host: &Index, public: bool) -> Option<()> {
        let private = self.new_address(subnet, Family::V4, host)?;
        let address = InterfaceAddress {
            private: AddressValue::Known(private),
            public: public.then(|| self.public_address()),
        };
        let interface = self.draft.network_interfaces.last_mut()?;
        interface.addresses.push(address);
        Some(())
    }

    /// A NAT gateway with its interface.
    pub(super) fn add_nat(
        &mut self,
        id: &str,
        subnet: &Subnet,
        private: Address,
        public: bool,
        available: bool,
    ) {
        let interface = NetworkInterfaceId::new(format!("{id}-eni"));
        let address = InterfaceAddress {
            private: AddressValue::Known(private),
            public: public.then(|| self.public_address()),
        };
        self.draft.network_interfaces.push(NetworkInterface {
            id: interface.clone(),
            subnet: subnet.id.clone(),
            addresses: vec![address],
            groups: Value::Known(BTreeSet::new()),
            source_destination_check: false,
            middlebox: Middlebox::Unknown,
            attachment: Attachment::NatGateway(id.into()),
            tags: Tags::new(),
        });
        self.draft.nat_gateways.push(NatGateway {
            id: id.into(),
            subnet: subnet.id.clone(),
            interface,
            available,
            tags: Tags::new(),
        });
    }

    /// Gives a NAT gateway's subnet a table of its own.
    pub(super) fn own_table(&mut self, id: &str, subnet: &Subnet) {
        let table = RouteTableId::new(format!("{id}-table"));
        self.draft.route_tables.push(RouteTable {
            routes: local_routes(self.vpc(&subnet.vpc).map_or(&[], |vpc| &vpc.cidrs)),
            id: table.clone(),
            vpc: subnet.vpc.clone(),
            tags: Tags::new(),
        });
        let mut subnets = self.draft.subnets.iter_mut();
        if let Some(subnet) = subnets.find(|one| one.id == subnet.id) {
            subnet.route_table = Some(Value::Known(table));
        }
    }

    pub(super) fn peerings(&mut self) {
        if !self.has(Feature::Peering) {
            return;
        }
        for (position, plan) in self.plan.peerings.iter().enumerate() {
            let Some(requester) = pick(&plan.requester, &self.draft.vpcs) else {
                continue;
            };
            let others = self.draft.vpcs.iter().filter(|vpc| vpc.id != requester.id);
            let others: Vec<_> = others.collect();
            let accepter = match pick(&plan.accepter, &others) {
                Some(vpc) if !once_in(&plan.outside, 5) => {
                    if overlap(requester, vpc) {
                        continue;
                    }
                    PeeringEnd::Vpc(vpc.id.clone())
                }
                Some(_) | None => PeeringEnd::Outside(format!("vpc-outside-{position}")),
            };
            let ends = [PeeringEnd::Vpc(requester.id.clone()), accepter];
            let joined = self.draft.peerings.iter().any(|one| {
                one.active && ends.contains(&one.requester) && ends.contains(&one.accepter)
            });
            let broken = self.has(Feature::Broken) && once_in(&plan.state, 6);
            let [requester, accepter] = ends;
            self.draft.peerings.push(Peering {
                id: format!("p{position}").as_str().into(),
                requester,
                accepter,
                active: !joined && !broken,
                tags: Tags::new(),
            });
        }
    }
}

/// Whether some blocks of two VPCs overlap, so that AWS does not peer them.
pub(super) fn overlap(one: &Vpc, other: &Vpc) -> bool {
    let mut blocks = one.cidrs.iter();
    blocks.any(|one| other.cidrs.iter().any(|other| pool::overlap(*one, *other)))
}
