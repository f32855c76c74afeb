//! A network compiled for walking: every reference an index, every table sorted.

use model::{Address, Network, Value};

use crate::address_map::{AddressMap, ExactMap};
use crate::client_vpn::ClientVpnInterface;
use crate::endpoint_service::EndpointService;
use crate::gateway::InternetGateway;
use crate::index::{
    Arena, AttachmentIndex, ClientVpnIndex, EndpointIndex, EndpointServiceIndex, GroupSetIndex,
    HoleIndex, Holes, InterfaceIndex, InternetGatewayIndex, LoadBalancerIndex, Names,
    NatGatewayIndex, NetworkAclIndex, PeeringIndex, PrefixListIndex, RouteTableIndex, SubnetIndex,
    TransitGatewayIndex, TransitTableIndex, UnmodelledIndex, VirtualPrivateIndex, VpcIndex, Words,
};
use crate::load_balancer::LoadBalancer;
use crate::nat_gateway::NatGateway;
use crate::network_acl::NetworkAcl;
use crate::network_interface::{Interface, Subnet, Vpc};
use crate::on_premises::VirtualPrivateGateway;
use crate::peering::Peering;
use crate::prefix_list::PrefixList;
use crate::route_table::RouteTable;
use crate::security_group::GroupSet;
use crate::transit_gateway::{Attachment, TransitGateway};
use crate::transit_route::TransitTable;
use crate::vpc_endpoint::Endpoint;
use crate::{
    client_vpn, endpoint_service, gateway, group_sets, load_balancer, nat_gateway, nat64,
    network_acl, network_interface, on_premises, peering, route_table, transit_gateway,
    transit_route, vpc_endpoint,
};

/// The compiled network.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    pub(crate) names: Names,
    pub(crate) holes: Holes,
    pub(crate) vpcs: Arena<VpcIndex, Vpc>,
    pub(crate) subnets: Arena<SubnetIndex, Subnet>,
    pub(crate) route_tables: Arena<RouteTableIndex, RouteTable>,
    pub(crate) group_sets: Arena<GroupSetIndex, GroupSet>,
    pub(crate) network_acls: Arena<NetworkAclIndex, NetworkAcl>,
    pub(crate) interfaces: Arena<InterfaceIndex, Interface>,
    pub(crate) client_vpn_interfaces: Arena<ClientVpnIndex, ClientVpnInterface>,
    pub(crate) internet_gateways: Arena<InternetGatewayIndex, InternetGateway>,
    pub(crate) nat_gateways: Arena<NatGatewayIndex, NatGateway>,
    pub(crate) peerings: Arena<PeeringIndex, Peering>,
    pub(crate) endpoints: Arena<EndpointIndex, Endpoint>,
    pub(crate) transit_gateways: Arena<TransitGatewayIndex, TransitGateway>,
    pub(crate) attachments: Arena<AttachmentIndex, Attachment>,
    pub(crate) transit_tables: Arena<TransitTableIndex, TransitTable>,
    pub(crate) virtual_private: Arena<VirtualPrivateIndex, VirtualPrivateGateway>,
    pub(crate) load_balancers: Arena<LoadBalancerIndex, LoadBalancer>,
    pub(crate) endpoint_services: Arena<EndpointServiceIndex, EndpointService>,
    /// Targets of routes that are not modelled, by their ids.
    pub(crate) unmodelled: Arena<UnmodelledIndex, String>,
    /// The interface, and the position of the address there, that a packet from the internet for
    /// an address means (`internet-gateway-inbound`).
    pub(crate) public_addresses: ExactMap<(InterfaceIndex, u32)>,
    /// Whether an address is of any VPC (`internet-gateway-hairpin`, `on-premises-transit`).
    pub(crate) of_some_vpc: AddressMap<bool>,
    /// Whether a route leads addresses of NAT64's range to a NAT gateway.
    pub(crate) nat64: bool,
    /// What would settle a packet from the internet with a source of the network
    /// (`internet-gateway-private-source`).
    pub(crate) own_source: HoleIndex,
    /// What would settle a packet that has passed too many devices (`way-limit`).
    pub(crate) way_limit: HoleIndex,
    /// What would settle a reply that goes another way (`reply-asymmetric`).
    pub(crate) asymmetric: HoleIndex,
    /// What would settle a request that comes to too many relays (`load-balancer-limit`).
    pub(crate) relay_limit: HoleIndex,
}

impl Compiled {
    /// Compiles a network; an address that is still open is left out.
    pub(crate) fn new(network: &Network) -> Self {
        let names = Names::new(network);
        let mut holes = Holes::new();
        let prefix_lists = prefix_lists(network, &mut holes);
        let peerings = peering::compile(network, &names, &mut holes);
        let mut words = Words::default();
        let subnets = network_interface::subnets(network, &names, &mut holes, &mut words);
        let groups = group_sets::compile(network, &names, &mut holes, &prefix_lists, &peerings);
        let client_vpn = client_vpn::compile(network, &mut holes);
        let interfaces = network_interface::interfaces(
            network,
            &names,
            &mut holes,
            &subnets,
            &groups.of_interfaces,
            &client_vpn.indices,
        );
        let vpcs = network_interface::vpcs(network, &names, &interfaces, &mut words);
        let mut unmodelled = Arena::new();
        let route_tables =
            route_table::compile(network, &names, &mut holes, &prefix_lists, &mut unmodelled);
        let nat64 = route_tables
            .iter()
            .any(|(_, table)| nat64::leads_to_nat(table));
        let attachments = transit_gateway::attachments(network, &names, &mut holes, &subnets);
        let own_source = holes.open("what the internet sends with an address of the network");
        Self {
            network_acls: network_acl::compile(network),
            internet_gateways: gateway::compile(network, &names, &mut holes),
            nat_gateways: nat_gateway::compile(network, &names, &mut holes),
            endpoints: vpc_endpoint::compile(network, &names, &mut holes),
            transit_gateways: transit_gateway::compile(network, &names, &attachments),
            transit_tables: transit_route::compile(
                network,
                &names,
                &mut holes,
                &prefix_lists,
                &attachments,
            ),
            way_limit: holes.open("the way behind six devices"),
            relay_limit: holes.open("the way behind four relays"),
            load_balancers: load_balancer::compile(
                network,
                &names,
                &mut holes,
                &subnets,
                &interfaces,
            ),
            endpoint_services: endpoint_service::compile(network, &names, &mut holes),
            asymmetric: holes.open("replies that go another way than their requests"),
            public_addresses: network_interface::public_addresses(&interfaces),
            of_some_vpc: gateway::of_some_vpc(network),
            virtual_private: on_premises::compile(network, &names, &mut holes),
            client_vpn_interfaces: client_vpn.interfaces,
            group_sets: groups.sets,
            names,
            holes,
            vpcs,
            subnets,
            route_tables,
            interfaces,
            peerings,
            unmodelled,
            attachments,
            own_source,
            nat64,
        }
    }

    /// Whether an address belongs to the network itself (`internet-gateway-hairpin`).
    #[inline]
    pub(crate) fn belongs(&self, address: Address) -> bool {
        match address {
            // A mapped IPv4 address.
            Address::V4(_) => self.public_addresses.at(address).is_some(),
            Address::V6(_) => *self.of_some_vpc.at(address),
        }
    }
}

fn prefix_lists(network: &Network, holes: &mut Holes) -> Arena<PrefixListIndex, PrefixList> {
    let lists = network.prefix_lists().values();
    lists.map(|list| PrefixList::new(list, holes)).collect()
}

/// An open value, with its ids as indices.
#[derive(Clone, Debug)]
pub(crate) enum Open<T> {
    Known(T),
    OneOf(Vec<T>, HoleIndex),
    Any(HoleIndex),
}

impl<T> Open<T> {
    pub(crate) fn new<V>(
        value: &Value<V>,
        holes: &mut Holes,
        mut map: impl FnMut(&V) -> T,
    ) -> Self {
        match value {
            Value::Known(value) => Open::Known(map(value)),
            Value::OneOf(values, hole) => {
                Open::OneOf(values.iter().map(map).collect(), holes.keep(hole))
            }
            Value::Any(hole) => Open::Any(holes.keep(hole)),
        }
    }

    /// Whatever it may be, as far as the input says.
    pub(crate) fn candidates(&self) -> &[T] {
        match self {
            Open::Known(value) => std::slice::from_ref(value),
            Open::OneOf(values, _) => values,
            Open::Any(_) => &[],
        }
    }
}
