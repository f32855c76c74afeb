//! Network interfaces, with the subnets and VPCs that they stand in.

use std::collections::BTreeMap;

use model::{Address, AddressValue, Attachment, Cidr, Family, Network, NetworkInterfaceId};

use crate::address::{above, is_common_service, is_public};
use crate::address_map::ExactMap;
use crate::block_public_access::{self, Crossings};
use crate::compiled::Open;
use crate::index::{
    Arena, ClientVpnIndex, EndpointIndex, GroupSetIndex, HoleIndex, Holes, InterfaceIndex,
    InternetGatewayIndex, LoadBalancerIndex, Names, NatGatewayIndex, NetworkAclIndex,
    RouteTableIndex, SubnetIndex, VpcIndex, Word, Words,
};
use crate::middlebox::{self, Appliance};

/// A VPC.
#[derive(Clone, Debug)]
pub(crate) struct Vpc {
    pub(crate) cidrs: Vec<Cidr>,
    /// The interface that has a private address, and the address's position there.
    pub(crate) owners: ExactMap<(InterfaceIndex, u32)>,
    pub(crate) internet_gateway: Option<InternetGatewayIndex>,
    /// The resolver on the primary block's base plus two.
    pub(crate) resolver: Option<Address>,
    pub(crate) region: Word,
}

/// A subnet.
#[derive(Clone, Debug)]
pub(crate) struct Subnet {
    pub(crate) vpc: VpcIndex,
    pub(crate) cidrs: Vec<Cidr>,
    /// The table, or the hole.
    pub(crate) route_table: Result<RouteTableIndex, HoleIndex>,
    pub(crate) network_acl: Open<NetworkAclIndex>,
    /// The VPC's router as this subnet sees it.
    pub(crate) router: Option<Address>,
    /// What comes in from the internet without a route back.
    pub(crate) unrouted: HoleIndex,
    /// What VPC Block Public Access does here.
    pub(crate) crossings: Crossings,
    pub(crate) zone: Zone,
}

/// What is known of a subnet's zone (`transit-gateway-zone`).
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    pub(crate) id: Option<Word>,
    pub(crate) name: Option<Word>,
    /// The account in which the name has its meaning.
    pub(crate) account: Option<Word>,
}

/// A network interface.
#[derive(Clone, Debug)]
pub(crate) struct Interface {
    pub(crate) subnet: SubnetIndex,
    pub(crate) vpc: VpcIndex,
    /// Private and public addresses by position; an open one that could not be chosen is `None`.
    pub(crate) addresses: Vec<(Option<Address>, Option<Address>)>,
    pub(crate) groups: Open<GroupSetIndex>,
    pub(crate) source_destination_check: bool,
    /// What it does with packets that are not its own; `None` when it takes none.
    pub(crate) appliance: Option<Appliance>,
    pub(crate) role: Role,
}

/// What an interface belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Role {
    Ordinary,
    Endpoint(EndpointIndex),
    NatGateway(NatGatewayIndex),
    /// A node.
    LoadBalancer(LoadBalancerIndex),
    ClientVpn(ClientVpnIndex),
}

impl Interface {
    /// The private address at a position.
    #[inline]
    pub(crate) fn private(&self, position: u32) -> Option<Address> {
        self.addresses.get(position as usize)?.0
    }

    /// The public address mapped to the private one at a position.
    #[inline]
    pub(crate) fn public(&self, position: u32) -> Option<Address> {
        self.addresses.get(position as usize)?.1
    }

    /// Its private addresses.
    #[inline]
    pub(crate) fn private_addresses(&self) -> impl Iterator<Item = Address> {
        self.addresses.iter().filter_map(|(private, _)| *private)
    }

    /// Its first IPv4 address (`nat-gateway-translates`).
    #[inline]
    pub(crate) fn first_v4(&self) -> Option<Address> {
        self.first(Family::V4)
    }

    /// Its first address of a family.
    #[inline]
    pub(crate) fn first(&self, family: Family) -> Option<Address> {
        self.private_addresses()
            .find(|address| address.family() == family)
    }
}

pub(crate) fn subnets(
    network: &Network,
    names: &Names,
    holes: &mut Holes,
    words: &mut Words,
) -> Arena<SubnetIndex, Subnet> {
    let subnets = network.subnets().values();
    subnets
        .map(|subnet| {
            let vpc = names.vpcs.index(&subnet.vpc);
            let main = network.vpcs().get(&subnet.vpc);
            let main = main.map(|vpc| names.route_tables.index(&vpc.main_route_table));
            let table = subnet.route_table.as_ref();
            let table = table.map(|table| match table.hole() {
                Some(hole) => Err(holes.keep(hole)),
                None => Ok(table.known().map(|id| names.route_tables.index(id))),
            });
            let question = format!(
                "whether {} is reached from the internet without a route back",
                subnet.id
            );
            let unrouted = holes.open(question);
            let of_v4 = |cidr: &&Cidr| cidr.family() == Family::V4;
            let base = subnet.cidrs.iter().find(of_v4).map(|cidr| cidr.base());
            Subnet {
                vpc,
                cidrs: subnet.cidrs.clone(),
                route_table: match table.transpose() {
                    // A valid subnet without an association has its VPC's main table.
                    Ok(table) => table.flatten().or(main).ok_or(unrouted),
                    Err(hole) => Err(hole),
                },
                network_acl: Open::new(&subnet.network_acl, holes, |id| {
                    names.network_acls.index(id)
                }),
                router: base.and_then(|base| above(base, 1)),
                unrouted,
                crossings: block_public_access::compile(network, subnet, holes),
                zone: zone(network, subnet, words),
            }
        })
        .collect()
}

fn zone(network: &Network, subnet: &model::Subnet, words: &mut Words) -> Zone {
    let vpc = network.vpcs().get(&subnet.vpc);
    let mut word = |text: Option<&String>| text.map(|text| words.word(text));
    Zone {
        id: word(subnet.zone_id.as_ref()),
        name: word(subnet.zone.as_ref()),
        account: word(vpc.and_then(|vpc| vpc.account.as_ref())),
    }
}

pub(crate) fn interfaces(
    network: &Network,
    names: &Names,
    holes: &mut Holes,
    subnets: &Arena<SubnetIndex, Subnet>,
    groups: &[Open<GroupSetIndex>],
    client_vpn: &BTreeMap<&NetworkInterfaceId, ClientVpnIndex>,
) -> Arena<InterfaceIndex, Interface> {
    let interfaces = network.network_interfaces().values();
    interfaces
        .zip(groups)
        .map(|(interface, groups)| {
            let subnet = names.subnets.index(&interface.subnet);
            let addresses = interface.addresses.iter().map(|address| {
                let public = address.public.as_ref();
                (known(&address.private), public.and_then(known))
            });
            Interface {
                subnet,
                vpc: subnets[subnet].vpc,
                addresses: addresses.collect(),
                groups: groups.clone(),
                source_destination_check: interface.source_destination_check,
                appliance: middlebox::appliance(interface, holes),
                role: match &interface.attachment {
                    Attachment::VpcEndpoint(id) => Role::Endpoint(names.endpoints.index(id)),
                    Attachment::NatGateway(id) => Role::NatGateway(names.nat_gateways.index(id)),
                    Attachment::LoadBalancer(id) => {
                        Role::LoadBalancer(names.load_balancers.index(id))
                    }
                    Attachment::Ordinary { .. } | Attachment::Other(_) => {
                        let index = client_vpn.get(&interface.id);
                        index.map_or(Role::Ordinary, |index| Role::ClientVpn(*index))
                    }
                },
            }
        })
        .collect()
}

fn known(value: &AddressValue) -> Option<Address> {
    match value {
        AddressValue::Known(address) => Some(*address),
        AddressValue::Within(..) => None,
    }
}

pub(crate) fn vpcs(
    network: &Network,
    names: &Names,
    interfaces: &Arena<InterfaceIndex, Interface>,
    words: &mut Words,
) -> Arena<VpcIndex, Vpc> {
    let mut owned: Vec<Vec<(Address, (InterfaceIndex, u32))>> =
        names.vpcs.indices().map(|_| Vec::new()).collect();
    for (index, interface) in interfaces.iter() {
        for (position, (private, _)) in (0..).zip(&interface.addresses) {
            let owned = owned.get_mut(crate::index::Position::position(interface.vpc));
            if let (Some(address), Some(owned)) = (private, owned) {
                owned.push((*address, (index, position)));
            }
        }
    }
    let vpcs = network.vpcs().values().zip(owned);
    vpcs.map(|(vpc, owned)| {
        let of_v4 = |cidr: &&Cidr| cidr.family() == Family::V4;
        let primary = vpc.cidrs.iter().find(of_v4).map(|cidr| cidr.base());
        let attached = network
            .internet_gateways()
            .values()
            .find(|gateway| gateway.vpc.as_ref() == Some(&vpc.id));
        Vpc {
            cidrs: vpc.cidrs.clone(),
            owners: ExactMap::build(owned),
            internet_gateway: attached.map(|gateway| names.internet_gateways.index(&gateway.id)),
            resolver: primary.and_then(|base| above(base, 2)),
            region: words.word(&vpc.region),
        }
    })
    .collect()
}

/// The addresses by which the internet means an interface: mapped IPv4 ones and public IPv6 ones.
pub(crate) fn public_addresses(
    interfaces: &Arena<InterfaceIndex, Interface>,
) -> ExactMap<(InterfaceIndex, u32)> {
    let mut addresses = Vec::new();
    for (index, interface) in interfaces.iter() {
        for (position, (private, public)) in (0..).zip(&interface.addresses) {
            addresses.extend(public.map(|address| (address, (index, position))));
            let v6 =
                private.filter(|address| address.family() == Family::V6 && is_public(*address));
            addresses.extend(v6.map(|address| (address, (index, position))));
        }
    }
    ExactMap::build(addresses)
}

/// Whether a sender in the subnet reaches one of Amazon's own services at the address
/// (`amazon-service-unfiltered`).
#[inline]
pub(crate) fn is_amazon_service(vpc: &Vpc, subnet: &Subnet, address: Address) -> bool {
    let own = Some(address);
    vpc.resolver == own || subnet.router == own || is_common_service(address)
}
