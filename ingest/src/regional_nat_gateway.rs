//! Regional NAT gateways, which stand in no subnet: what the model holds in their place, and which
//! of them it cannot hold, for all formats.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AclAction, AclEntry, Address, AddressValue, Attachment, BlockPublicAccess, Cidr, Family, Hole,
    InterfaceAddress, InternetGateway, Middlebox, NatGateway, NatGatewayId, NetworkAcl,
    NetworkAclId, NetworkInterface, NetworkInterfaceId, RouteTableId, RuleTraffic, Subnet,
    SubnetId, Tags, Value, Vpc, VpcId,
};

use crate::cidr::{covers, everywhere};

/// How many addresses one has at least: of one alone it would be said which one sends.
const MIN_ADDRESSES: usize = 2;
/// The numbers of blocks 169.254.N.0/24. The next ones are of a range that VPCs reserve.
const BLOCKS: std::ops::Range<u32> = 0..168;
/// The addresses of a block that AWS would assign.
const HOSTS: std::ops::Range<u32> = 4..255;

/// Why one is left out when its route table cannot be told.
pub(crate) const WITHOUT_TABLE: &str =
    "a regional NAT gateway whose route table is not in the input";

/// What a format says of one.
pub(crate) struct RegionalNatGateway {
    /// Its id.
    pub(crate) id: String,
    /// The VPC that it serves.
    pub(crate) vpc: VpcId,
    /// Its own route table.
    pub(crate) route_table: RouteTableId,
    /// Its public addresses; see [`several`].
    pub(crate) public: Vec<AddressValue>,
    /// The block that stands for its private ones.
    pub(crate) block: Cidr,
    /// Whether it is in the state `available`.
    pub(crate) available: bool,
    /// Its tags.
    pub(crate) tags: Tags,
}

/// What the model holds of one.
pub(crate) struct Parts {
    pub(crate) subnet: Subnet,
    pub(crate) network_acl: NetworkAcl,
    pub(crate) interface: NetworkInterface,
    pub(crate) gateway: NatGateway,
}

impl RegionalNatGateway {
    /// Its parts, each under the id that `name` makes of what it is.
    pub(crate) fn parts(self, name: impl Fn(&str) -> String) -> Parts {
        let id = NatGatewayId::new(self.id);
        let subnet = SubnetId::new(name("subnet"));
        let network_acl = NetworkAclId::new(name("network-acl"));
        let interface = NetworkInterfaceId::new(name("eni"));
        let hosts =
            HOSTS.map(|host| Address::from_bits(Family::V4, self.block.bits() + u128::from(host)));
        let addresses = hosts.zip(self.public);
        let addresses = addresses.map(|(private, public)| InterfaceAddress {
            private: AddressValue::Known(private),
            public: Some(public),
        });
        Parts {
            subnet: Subnet {
                id: subnet.clone(),
                vpc: self.vpc.clone(),
                cidrs: vec![self.block],
                zone: None,
                zone_id: None,
                route_table: Some(Value::Known(self.route_table)),
                network_acl: Value::Known(network_acl.clone()),
                dns64: false,
                exclusion: None,
                tags: Tags::new(),
            },
            network_acl: NetworkAcl {
                id: network_acl,
                vpc: self.vpc,
                ingress: everything(),
                egress: everything(),
                tags: Tags::new(),
            },
            interface: NetworkInterface {
                id: interface.clone(),
                subnet: subnet.clone(),
                addresses: addresses.collect(),
                groups: Value::Known(BTreeSet::new()),
                source_destination_check: false,
                middlebox: Middlebox::Unknown,
                attachment: Attachment::NatGateway(id.clone()),
                tags: Tags::new(),
            },
            gateway: NatGateway {
                id,
                subnet,
                interface,
                available: self.available,
                tags: self.tags,
            },
        }
    }
}

/// Entries that let everything pass.
fn everything() -> Vec<AclEntry> {
    let families = [(100, Family::V4), (110, Family::V6)].into_iter();
    let entries = families.filter_map(|(number, family)| {
        Some(AclEntry {
            number,
            action: AclAction::Allow,
            traffic: RuleTraffic::All,
            cidr: everywhere(family)?,
        })
    });
    entries.collect()
}

/// Public addresses, to which some that are not known are added until they are several; `hole` names
/// the one at a position.
pub(crate) fn several(
    mut public: Vec<AddressValue>,
    hole: impl Fn(usize) -> Hole,
) -> Vec<AddressValue> {
    for position in public.len()..MIN_ADDRESSES {
        let block = everywhere(Family::V4);
        public.extend(block.map(|block| AddressValue::Within(block, hole(position))));
    }
    public
}

/// What stands around one.
pub(crate) struct Surroundings<'n> {
    /// The VPC that it serves.
    pub(crate) vpc: &'n Vpc,
    /// The subnets of that VPC, those of other regional NAT gateways among them, by id.
    pub(crate) subnets: BTreeMap<&'n str, &'n Subnet>,
    /// The internet gateway of that VPC.
    pub(crate) internet_gateway: Option<&'n InternetGateway>,
}

impl Surroundings<'_> {
    /// The block for the addresses of one that serves these zones, by name or id (without any, all
    /// of them), or why the model cannot hold it.
    pub(crate) fn block(&self, zones: Option<&BTreeSet<String>>) -> Result<Cidr, &'static str> {
        match self.forbid(zones) {
            Some(what) => Err(what),
            None => self.free().ok_or("one more regional NAT gateway of a VPC"),
        }
    }

    fn forbid(&self, zones: Option<&BTreeSet<String>>) -> Option<&'static str> {
        let blocked = self.vpc.block_public_access != Value::Known(BlockPublicAccess::Off);
        let mut subnets = self.subnets.values();
        if blocked && subnets.any(|subnet| subnet.exclusion.is_some()) {
            return Some(
                "a regional NAT gateway where VPC Block Public Access has exclusions of subnets",
            );
        }
        let edge = self
            .internet_gateway
            .map(|gateway| &gateway.edge_route_table);
        if edge.is_some_and(Option::is_some) {
            return Some(
                "a regional NAT gateway beside a route table of the internet gateway's own",
            );
        }
        let is_served = |subnet: &&Subnet| {
            let zone = [&subnet.zone, &subnet.zone_id].into_iter().flatten();
            let mut zone = zone.filter(|zone| zones.is_none_or(|zones| zones.contains(*zone)));
            zones.is_none() || is_stand_in(subnet) || zone.next().is_some()
        };
        if !self.subnets.values().all(is_served) {
            return Some("a regional NAT gateway that does not serve the zones of all subnets");
        }
        None
    }

    /// A block that no other regional NAT gateway of the VPC has.
    fn free(&self) -> Option<Cidr> {
        let is_free = |block: &Cidr| {
            let mut subnets = self.subnets.values();
            !subnets.any(|subnet| subnet.cidrs.contains(block))
        };
        let blocks = BLOCKS.filter_map(|number| link_local(number, 24));
        let mut blocks = blocks;
        blocks.find(is_free)
    }
}

/// Whether a subnet is that of a regional NAT gateway.
fn is_stand_in(subnet: &Subnet) -> bool {
    let all = link_local(0, 16);
    let is_inside = |cidr: &Cidr| all.is_some_and(|all| covers(all, *cidr));
    subnet.cidrs.iter().any(is_inside)
}

/// The block of 169.254.N.0.
fn link_local(number: u32, prefix_len: u8) -> Option<Cidr> {
    Cidr::new(Address::V4(0xa9fe_0000 | (number << 8)), prefix_len).ok()
}
