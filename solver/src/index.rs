//! The network turned over once: what is asked of it by VPC and by group. Plain values, no terms.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Attachment, ClientVpnEndpointId, Hole, InternetGatewayId, LoadBalancerId, Network,
    NetworkAclId, NetworkInterfaceId, PeeringEnd, PeeringId, RouteTableId, SecurityGroupId,
    SubnetId, TransitGatewayAttachmentId, Value, VpcId,
};

use crate::dns64;
use crate::interface_classes::LeftOut;
use crate::load_balancer::{self, Relay};
use crate::nat64;
use crate::transit_gateway_zone::{self, Alike};

/// Subnets for which the input says the same.
pub(crate) type Class<T> = (Value<T>, BTreeSet<SubnetId>);

/// What stands in one VPC.
#[derive(Debug, Default)]
pub(crate) struct InVpc {
    /// Its interfaces.
    pub(crate) interfaces: Vec<NetworkInterfaceId>,
    /// Its subnets by ACL.
    pub(crate) acls: Vec<Class<NetworkAclId>>,
    /// Its subnets by route table.
    pub(crate) tables: Vec<Class<RouteTableId>>,
    /// Its interfaces whose groups are known, by group.
    pub(crate) groups: BTreeMap<SecurityGroupId, Vec<NetworkInterfaceId>>,
    /// Its interfaces whose groups are not known.
    pub(crate) open_groups: Vec<NetworkInterfaceId>,
    /// Its interfaces that are NAT gateways'.
    pub(crate) of_nat_gateways: Vec<NetworkInterfaceId>,
    /// Its interfaces that are interface endpoints'.
    pub(crate) of_endpoints: Vec<NetworkInterfaceId>,
    /// The Client VPN endpoints whose interfaces are here.
    pub(crate) client_vpn_endpoints: BTreeSet<ClientVpnEndpointId>,
    /// The load balancers whose nodes are here.
    pub(crate) load_balancers: BTreeSet<LoadBalancerId>,
    /// Its interfaces that are Network Load Balancers'.
    pub(crate) of_networks: Vec<NetworkInterfaceId>,
    /// Those of them that filter nothing (`load-balancer-unfiltered`).
    pub(crate) unfiltered: Vec<NetworkInterfaceId>,
    /// Its interfaces that hand requests on.
    pub(crate) relays: BTreeMap<NetworkInterfaceId, Relay>,
    /// The internet gateway attached to it.
    pub(crate) internet_gateway: Option<InternetGatewayId>,
}

/// The interfaces that carry a group, certainly or possibly.
#[derive(Debug, Default)]
pub(crate) struct Carriers {
    pub(crate) certain: Vec<NetworkInterfaceId>,
    pub(crate) possible: Vec<(Hole, NetworkInterfaceId)>,
}

/// The network by VPC and by group.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) vpcs: BTreeMap<VpcId, InVpc>,
    pub(crate) vpc_of: BTreeMap<NetworkInterfaceId, VpcId>,
    carriers: BTreeMap<SecurityGroupId, Carriers>,
    /// The attachments of VPCs whose subnets are *alike* for some packets (`transit-gateway-zone`).
    pub(crate) alike: BTreeMap<TransitGatewayAttachmentId, Alike>,
    /// The VPCs of one Region that an active peering joins.
    joined: BTreeMap<PeeringId, BTreeSet<VpcId>>,
    /// Whether a NAT gateway may make IPv4 of IPv6 (`nat-gateway-nat64`).
    pub(crate) has_nat64: bool,
    /// Whether names may mean addresses that stand for IPv4 ones (`dns64`).
    pub(crate) has_dns64: bool,
    /// What was left out of the network.
    pub(crate) left_out: LeftOut,
}

impl Index {
    pub(crate) fn new(network: &Network) -> Self {
        let mut index = Index {
            vpcs: network
                .vpcs()
                .keys()
                .map(|id| (id.clone(), InVpc::default()))
                .collect(),
            vpc_of: BTreeMap::new(),
            carriers: BTreeMap::new(),
            alike: BTreeMap::new(),
            joined: joined(network),
            has_nat64: nat64::is_possible(network),
            has_dns64: dns64::is_possible(network),
            left_out: LeftOut::default(),
        };
        for (id, gateway) in network.internet_gateways() {
            let vpc = gateway.vpc.as_ref();
            if let Some(within) = vpc.and_then(|vpc| index.vpcs.get_mut(vpc)) {
                within.internet_gateway = Some(id.clone());
            }
        }
        index.add_subnets(network);
        index.add_interfaces(network);
        index.add_client_vpn_endpoints(network);
        index.add_relays(network);
        index.add_carriers(network);
        index.alike = transit_gateway_zone::alike(network, &index);
        index
    }

    fn add_subnets(&mut self, network: &Network) {
        for (id, subnet) in network.subnets() {
            let (Some(within), Some(vpc)) = (
                self.vpcs.get_mut(&subnet.vpc),
                network.vpcs().get(&subnet.vpc),
            ) else {
                continue;
            };
            let main = || Value::Known(vpc.main_route_table.clone());
            let table = subnet.route_table.clone().unwrap_or_else(main);
            classify(&mut within.tables, table, id);
            classify(&mut within.acls, subnet.network_acl.clone(), id);
        }
    }

    fn add_interfaces(&mut self, network: &Network) {
        for (id, interface) in network.network_interfaces() {
            let subnet = network.subnets().get(&interface.subnet);
            let Some((vpc, within)) = subnet.and_then(|subnet| {
                let within = self.vpcs.get_mut(&subnet.vpc)?;
                Some((&subnet.vpc, within))
            }) else {
                continue;
            };
            self.vpc_of.insert(id.clone(), vpc.clone());
            within.interfaces.push(id.clone());
            match &interface.attachment {
                Attachment::Ordinary { .. } | Attachment::Other(_) => {}
                Attachment::VpcEndpoint(_) => within.of_endpoints.push(id.clone()),
                Attachment::NatGateway(_) => within.of_nat_gateways.push(id.clone()),
                Attachment::LoadBalancer(of) => {
                    within.load_balancers.insert(of.clone());
                }
            }
            if load_balancer::is_of_network_load_balancer(network, interface) {
                within.of_networks.push(id.clone());
            }
            match &interface.groups {
                Value::Known(groups) => {
                    if load_balancer::is_unfiltered(network, interface, groups) {
                        within.unfiltered.push(id.clone());
                    }
                    for group in groups {
                        let carriers = within.groups.entry(group.clone()).or_default();
                        carriers.push(id.clone());
                    }
                }
                Value::OneOf(..) | Value::Any(_) => within.open_groups.push(id.clone()),
            }
        }
    }

    fn add_client_vpn_endpoints(&mut self, network: &Network) {
        for (id, endpoint) in network.client_vpn_endpoints() {
            for vpc in endpoint
                .interfaces
                .iter()
                .filter_map(|id| self.vpc_of.get(id))
            {
                if let Some(within) = self.vpcs.get_mut(vpc) {
                    within.client_vpn_endpoints.insert(id.clone());
                }
            }
        }
    }

    fn add_relays(&mut self, network: &Network) {
        for (id, relay) in load_balancer::relays(network) {
            let vpc = self.vpc_of.get(&id);
            if let Some(within) = vpc.and_then(|vpc| self.vpcs.get_mut(vpc)) {
                within.relays.insert(id, relay);
            }
        }
    }

    /// The interfaces of the network that hand requests on.
    pub(crate) fn relays(&self) -> impl Iterator<Item = &NetworkInterfaceId> {
        self.vpcs.values().flat_map(|within| within.relays.keys())
    }

    /// Whether something hands requests on.
    pub(crate) fn has_relays(&self) -> bool {
        self.relays().next().is_some()
    }

    fn add_carriers(&mut self, network: &Network) {
        let groups = network.security_groups().keys();
        self.carriers = groups
            .map(|group| (group.clone(), Carriers::default()))
            .collect();
        for (id, interface) in network.network_interfaces() {
            match &interface.groups {
                Value::Known(groups) => {
                    for group in groups {
                        if let Some(carriers) = self.carriers.get_mut(group) {
                            carriers.certain.push(id.clone());
                        }
                    }
                }
                Value::OneOf(sets, hole) => {
                    let groups: BTreeSet<_> = sets.iter().flatten().collect();
                    for group in groups {
                        let Some(carriers) = self.carriers.get_mut(group) else {
                            continue;
                        };
                        if sets.iter().all(|set| set.contains(group)) {
                            carriers.certain.push(id.clone());
                        } else {
                            carriers.possible.push((hole.clone(), id.clone()));
                        }
                    }
                }
                Value::Any(hole) => {
                    for carriers in self.carriers.values_mut() {
                        carriers.possible.push((hole.clone(), id.clone()));
                    }
                }
            }
        }
    }

    pub(crate) fn carriers(&self, group: &SecurityGroupId) -> Option<&Carriers> {
        self.carriers.get(group)
    }

    /// Whether an active peering within one Region joins the two VPCs.
    pub(crate) fn joined(&self, one: &VpcId, other: &VpcId) -> bool {
        self.joined
            .values()
            .any(|ends| ends.contains(one) && ends.contains(other))
    }

    /// Whether this peering is active and joins the two VPCs within one Region.
    pub(crate) fn joins(&self, peering: &PeeringId, one: &VpcId, other: &VpcId) -> bool {
        self.joined
            .get(peering)
            .is_some_and(|ends| ends.contains(one) && ends.contains(other))
    }
}

fn classify<T: PartialEq>(classes: &mut Vec<Class<T>>, value: Value<T>, subnet: &SubnetId) {
    match classes.iter_mut().find(|(known, _)| *known == value) {
        Some((_, subnets)) => {
            subnets.insert(subnet.clone());
        }
        None => classes.push((value, BTreeSet::from([subnet.clone()]))),
    }
}

fn joined(network: &Network) -> BTreeMap<PeeringId, BTreeSet<VpcId>> {
    let mut joined = BTreeMap::new();
    for (id, peering) in network.peerings() {
        let (PeeringEnd::Vpc(one), PeeringEnd::Vpc(other)) =
            (&peering.requester, &peering.accepter)
        else {
            continue;
        };
        let region = |vpc| network.vpcs().get(vpc).map(|vpc| &vpc.region);
        if peering.active && region(one) == region(other) {
            joined.insert(id.clone(), BTreeSet::from([one.clone(), other.clone()]));
        }
    }
    joined
}
