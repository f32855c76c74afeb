//! Snapshots of any size, as the AWS CLI writes them.
//!
//! A VPC has a public and a private subnet, or several of each. Its interfaces are in all of them in
//! turn; those of a public one have public addresses. Each interface is of one of a few kinds, and the interfaces of a kind
//! have one security group: so networks of very different sizes have equally many classes of
//! interfaces, and what grows with the size alone can be measured. S3 is reached by a gateway
//! endpoint from the private subnet, and an interface endpoint stands there.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::net::Ipv4Addr;
use std::path::Path;

use serde_json::{Value as Json, json};

/// So many interfaces fill 256 VPCs.
pub(crate) const MOST_INTERFACES: u32 = 256 * PER_VPC;

/// How many there are in a VPC of two subnets, when it is not said how many VPCs there are.
const PER_VPC: u32 = 2 * Blocks::FEW.interfaces;

/// How many VPCs of many subnets have blocks of their own in 10.0.0.0/8.
pub(crate) const MOST_VPCS: u32 = 512;

/// How many subnets of a thousand addresses a VPC has room for.
pub(crate) const MOST_SUBNETS: u16 = 32;

/// How long the blocks are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Blocks {
    vpc_len: u8,
    subnet_len: u8,
    /// How many interfaces fit into a subnet, in which AWS keeps five addresses and a NAT gateway
    /// and an endpoint have one each.
    interfaces: u32,
}

impl Blocks {
    /// For few VPCs of two subnets.
    const FEW: Self = Self {
        vpc_len: 16,
        subnet_len: 20,
        interfaces: 4_000,
    };

    /// For many VPCs, or many subnets.
    const MANY: Self = Self {
        vpc_len: 17,
        subnet_len: 22,
        interfaces: 1_000,
    };
}

const ACCOUNT: &str = "123456789012";
const REGION: &str = "eu-west-1";
/// AWS's own prefix list of S3 in the region.
const S3_LIST: &str = "pl-6da54004";
/// Some of its entries.
const S3_BLOCKS: [&str; 3] = ["3.5.64.0/21", "52.92.0.0/17", "52.218.0.0/17"];

/// What is generated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) interfaces: u32,
    pub(crate) templates: u16,
    /// As many as the interfaces fill, unless it is said.
    pub(crate) vpcs: Option<u32>,
    /// Of each VPC: every second one is private.
    pub(crate) subnets: u16,
    /// Of each group, besides the two or three that make it reach others.
    pub(crate) rules: u16,
    pub(crate) seed: u64,
}

impl Size {
    fn blocks(self) -> Blocks {
        match (self.vpcs, self.subnets) {
            (None | Some(..=256), 2) => Blocks::FEW,
            (None | Some(_), _) => Blocks::MANY,
        }
    }

    /// How many interfaces a VPC has.
    fn per_vpc(self) -> u32 {
        match self.vpcs {
            Some(n) => self.interfaces.div_ceil(n).max(1),
            None => self.most_per_vpc(),
        }
    }

    fn most_per_vpc(self) -> u32 {
        u32::from(self.subnets) * self.blocks().interfaces
    }

    fn n_vpcs(self) -> u32 {
        let filled = self.interfaces.div_ceil(self.per_vpc());
        self.vpcs.unwrap_or(filled)
    }

    /// Why there is no room for so many; for a person to read.
    pub(crate) fn problem(self) -> Option<String> {
        let most = self.most_per_vpc();
        let is_full = self.per_vpc() > most || self.n_vpcs() > MOST_VPCS;
        is_full.then(|| {
            let (interfaces, subnets) = (self.interfaces, self.subnets);
            format!("{interfaces} interfaces have no room: a VPC of {subnets} subnets holds {most}, and there are at most {MOST_VPCS}")
        })
    }
}

/// Writes a snapshot into a new directory.
///
/// # Errors
///
/// When the directory is there, or something cannot be written.
pub(crate) fn write(size: Size, into: &Path) -> io::Result<()> {
    fs::create_dir(into)?;
    let vpcs: Vec<Vpc> = (0..size.n_vpcs())
        .map(|number| Vpc { number, size })
        .collect();
    let each = |of: fn(&Vpc) -> Vec<Json>| vpcs.iter().flat_map(of);
    let list = |call: &str, key: &str, items: &mut dyn Iterator<Item = Json>| {
        write_list(&into.join(format!("{call}.json")), key, items)
    };
    list("describe-vpcs", "Vpcs", &mut each(Vpc::vpc))?;
    list("describe-subnets", "Subnets", &mut each(Vpc::subnets))?;
    list(
        "describe-route-tables",
        "RouteTables",
        &mut each(Vpc::route_tables),
    )?;
    list(
        "describe-network-acls",
        "NetworkAcls",
        &mut each(Vpc::network_acls),
    )?;
    list(
        "describe-security-groups",
        "SecurityGroups",
        &mut each(Vpc::security_groups),
    )?;
    list(
        "describe-internet-gateways",
        "InternetGateways",
        &mut each(Vpc::internet_gateways),
    )?;
    list(
        "describe-nat-gateways",
        "NatGateways",
        &mut each(Vpc::nat_gateways),
    )?;
    list(
        "describe-vpc-endpoints",
        "VpcEndpoints",
        &mut each(Vpc::endpoints),
    )?;
    let own = vpcs.iter().flat_map(Vpc::own_interfaces);
    let mut interfaces = own.chain((0..size.interfaces).map(|number| interface(size, number)));
    list(
        "describe-network-interfaces",
        "NetworkInterfaces",
        &mut interfaces,
    )?;
    let lists = json!({
        "PrefixListId": S3_LIST, "PrefixListName": format!("com.amazonaws.{REGION}.s3"),
        "AddressFamily": "IPv4", "State": "create-complete", "OwnerId": "AWS",
    });
    list(
        "describe-managed-prefix-lists",
        "PrefixLists",
        &mut [lists].into_iter(),
    )?;
    let mut entries = S3_BLOCKS.iter().map(|block| json!({ "Cidr": block }));
    list(
        &format!("get-managed-prefix-list-entries-{S3_LIST}"),
        "Entries",
        &mut entries,
    )?;
    let zone = json!({
        "RegionName": REGION, "ZoneName": format!("{REGION}a"), "ZoneId": "euw1-az1",
        "ZoneType": "availability-zone", "State": "available",
    });
    list(
        "describe-availability-zones",
        "AvailabilityZones",
        &mut [zone].into_iter(),
    )?;
    let options = json!({"VpcBlockPublicAccessOptions": {
        "AwsAccountId": ACCOUNT, "AwsRegion": REGION, "State": "default-state", "InternetGatewayBlockMode": "off",
    }});
    fs::write(
        into.join("describe-vpc-block-public-access-options.json"),
        options.to_string(),
    )?;
    for vpc in &vpcs {
        for (attribute, key) in [
            ("enableDnsSupport", "EnableDnsSupport"),
            ("enableDnsHostnames", "EnableDnsHostnames"),
        ] {
            let path = into.join(format!(
                "describe-vpc-attribute-{}-{attribute}.json",
                vpc.id("vpc")
            ));
            fs::write(
                path,
                json!({"VpcId": vpc.id("vpc"), key: {"Value": true}}).to_string(),
            )?;
        }
    }
    for (call, key) in NONE {
        list(call, key, &mut std::iter::empty())?;
    }
    Ok(())
}

/// What there is none of.
const NONE: [(&str, &str); 8] = [
    ("describe-addresses", "Addresses"),
    (
        "describe-egress-only-internet-gateways",
        "EgressOnlyInternetGateways",
    ),
    ("describe-vpc-peering-connections", "VpcPeeringConnections"),
    (
        "describe-vpc-endpoint-service-configurations",
        "ServiceConfigurations",
    ),
    ("describe-transit-gateways", "TransitGateways"),
    (
        "describe-transit-gateway-attachments",
        "TransitGatewayAttachments",
    ),
    ("describe-vpn-gateways", "VpnGateways"),
    ("describe-instances", "Reservations"),
];

/// Writes a list one item at a time, so that a long one is never held whole.
fn write_list(path: &Path, key: &str, items: &mut dyn Iterator<Item = Json>) -> io::Result<()> {
    let mut file = BufWriter::new(File::create_new(path)?);
    write!(file, "{{\"{key}\": [")?;
    let mut joint = "\n";
    for item in items {
        write!(file, "{joint}{item}")?;
        joint = ",\n";
    }
    writeln!(file, "\n]}}")?;
    file.flush()
}

/// A number that follows from a seed and a place: a step of SplitMix64 (Steele, Lea and Flood,
/// OOPSLA 2014).
fn chance(seed: u64, place: u64) -> u64 {
    let mut bits = seed.wrapping_add(place.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// An object with one field more.
fn with(mut object: Json, key: &str, value: Json) -> Json {
    if let Json::Object(fields) = &mut object {
        fields.insert(key.to_owned(), value);
    }
    object
}

/// One of the VPCs; its number is the second part of its addresses.
struct Vpc {
    number: u32,
    size: Size,
}

/// An id of AWS's shape.
fn id(kind: &str, number: u32) -> String {
    format!("{kind}-{number:017x}")
}

impl Vpc {
    /// The id of a thing of which it has one.
    fn id(&self, kind: &str) -> String {
        id(kind, self.number)
    }

    /// Even ones are public.
    fn subnet(&self, position: u32) -> String {
        id(
            "subnet",
            self.number * u32::from(self.size.subnets) + position,
        )
    }

    /// The subnets that are public, or those that are not.
    fn subnets_of(&self, is_public: bool) -> impl Iterator<Item = u32> + use<> {
        (u32::from(!is_public)..self.size.subnets.into()).step_by(2)
    }

    /// The first address of the VPC.
    fn base(&self) -> u32 {
        let free = 32 - self.size.blocks().vpc_len;
        u32::from(Ipv4Addr::new(10, 0, 0, 0)) + (self.number << free)
    }

    /// The first address of a subnet.
    fn subnet_base(&self, position: u32) -> u32 {
        self.base() + (position << (32 - self.size.blocks().subnet_len))
    }

    fn table(&self, is_public: bool) -> String {
        id("rtb", 2 * self.number + u32::from(!is_public))
    }

    fn group(&self, template: u16) -> String {
        id(
            "sg",
            self.number * u32::from(self.size.templates) + u32::from(template),
        )
    }

    fn block(&self) -> String {
        let length = self.size.blocks().vpc_len;
        format!("{}/{length}", Ipv4Addr::from(self.base()))
    }

    fn vpc(&self) -> Vec<Json> {
        vec![json!({
            "VpcId": self.id("vpc"), "OwnerId": ACCOUNT, "State": "available", "IsDefault": false,
            "CidrBlock": self.block(), "DhcpOptionsId": "default", "InstanceTenancy": "default",
            "CidrBlockAssociationSet": [{"CidrBlock": self.block(), "CidrBlockState": {"State": "associated"}}],
            "Tags": [{"Key": "Name", "Value": format!("vpc-{}", self.number)}],
        })]
    }

    fn subnets(&self) -> Vec<Json> {
        let length = self.size.blocks().subnet_len;
        let subnet = |position: u32| {
            let is_public = position.is_multiple_of(2);
            let class = if is_public { "public" } else { "private" };
            let base = Ipv4Addr::from(self.subnet_base(position));
            json!({
                "SubnetId": self.subnet(position), "VpcId": self.id("vpc"), "OwnerId": ACCOUNT,
                "SubnetArn": format!("arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/{}", self.subnet(position)),
                "State": "available", "CidrBlock": format!("{base}/{length}"),
                "Ipv6CidrBlockAssociationSet": [], "AssignIpv6AddressOnCreation": false,
                "AvailabilityZone": format!("{REGION}a"), "AvailabilityZoneId": "euw1-az1",
                "MapPublicIpOnLaunch": is_public, "EnableDns64": false, "Ipv6Native": false,
                "Tags": [{"Key": "class", "Value": class}],
            })
        };
        (0..self.size.subnets.into()).map(subnet).collect()
    }

    fn route_tables(&self) -> Vec<Json> {
        let active = |route: Json, origin: &str| {
            let route = with(route, "State", json!("active"));
            with(route, "Origin", json!(origin))
        };
        let table = |is_public: bool| {
            let local = json!({"DestinationCidrBlock": self.block(), "GatewayId": "local"});
            let mut routes = vec![active(local, "CreateRouteTable")];
            if is_public {
                let internet =
                    json!({"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": self.id("igw")});
                routes.push(active(internet, "CreateRoute"));
            } else {
                let nat =
                    json!({"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": self.id("nat")});
                let s3 =
                    json!({"DestinationPrefixListId": S3_LIST, "GatewayId": self.endpoint(true)});
                routes.extend([active(nat, "CreateRoute"), active(s3, "CreateRoute")]);
            }
            let association = |subnet: Option<String>| {
                json!({
                    "Main": subnet.is_none(), "RouteTableId": self.table(is_public), "SubnetId": subnet,
                    "AssociationState": {"State": "associated"},
                })
            };
            let subnets = self.subnets_of(is_public);
            let mut associations: Vec<_> = subnets
                .map(|position| association(Some(self.subnet(position))))
                .collect();
            if !is_public {
                associations.push(association(None));
            }
            json!({
                "RouteTableId": self.table(is_public), "VpcId": self.id("vpc"), "OwnerId": ACCOUNT,
                "PropagatingVgws": [], "Routes": routes, "Tags": [],
                "Associations": associations,
            })
        };
        vec![table(true), table(false)]
    }

    fn network_acls(&self) -> Vec<Json> {
        let entry = |egress: bool, number: u16, action: &str| {
            json!({
                "CidrBlock": "0.0.0.0/0", "Egress": egress, "Protocol": "-1",
                "RuleAction": action, "RuleNumber": number,
            })
        };
        let entries =
            [false, true].map(|egress| [entry(egress, 100, "allow"), entry(egress, 32767, "deny")]);
        let n_subnets = u32::from(self.size.subnets);
        let association = |position: u32| {
            json!({
                "NetworkAclAssociationId": id("aclassoc", self.number * n_subnets + position),
                "NetworkAclId": self.id("acl"), "SubnetId": self.subnet(position),
            })
        };
        let associations: Vec<_> = (0..n_subnets).map(association).collect();
        vec![json!({
            "NetworkAclId": self.id("acl"), "VpcId": self.id("vpc"), "OwnerId": ACCOUNT, "IsDefault": true,
            "Entries": entries.as_flattened(), "Associations": associations, "Tags": [],
        })]
    }

    /// Each kind admits one port of the kind before it, and another of a block of the VPC; the first
    /// one HTTPS of everyone.
    fn security_groups(&self) -> Vec<Json> {
        let templates = 0..self.size.templates;
        let group = |template: u16| {
            let place = (u64::from(self.number) << 16) | u64::from(template);
            let chance = chance(self.size.seed, place);
            let before = template.checked_sub(1).unwrap_or(self.size.templates - 1);
            let port = |bits: u64| 1024 + (bits & 0x7fff);
            let block = |bits: u64| {
                let third = u32::try_from(bits & 0x1f).unwrap_or_default();
                format!("{}/24", Ipv4Addr::from(self.base() + (third << 8)))
            };
            let tcp = |port: u64, pairs: Json, ranges: Json| {
                json!({
                    "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": pairs,
                    "IpRanges": ranges, "Ipv6Ranges": [], "PrefixListIds": [],
                })
            };
            let of_kind = json!([{"GroupId": self.group(before), "UserId": ACCOUNT}]);
            let mut ingress = vec![
                tcp(port(chance), of_kind, json!([])),
                tcp(
                    port(chance >> 20),
                    json!([]),
                    json!([{"CidrIp": block(chance >> 40)}]),
                ),
            ];
            // Behind the places of the groups themselves.
            let further = (1..=u64::from(self.size.rules)).map(|rule| place | (rule << 48));
            ingress.extend(further.map(|place| {
                let chance = self::chance(self.size.seed, place);
                tcp(
                    port(chance),
                    json!([]),
                    json!([{"CidrIp": block(chance >> 40)}]),
                )
            }));
            if template == 0 {
                ingress.push(tcp(443, json!([]), json!([{"CidrIp": "0.0.0.0/0"}])));
            }
            let name = format!("kind-{template}");
            json!({
                "GroupId": self.group(template), "GroupName": name, "Description": name, "VpcId": self.id("vpc"),
                "OwnerId": ACCOUNT, "IpPermissions": ingress, "Tags": [],
                "IpPermissionsEgress": [{
                    "IpProtocol": "-1", "UserIdGroupPairs": [], "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                    "Ipv6Ranges": [], "PrefixListIds": [],
                }],
            })
        };
        templates.map(group).collect()
    }

    fn internet_gateways(&self) -> Vec<Json> {
        vec![json!({
            "InternetGatewayId": self.id("igw"), "OwnerId": ACCOUNT, "Tags": [],
            "Attachments": [{"State": "available", "VpcId": self.id("vpc")}],
        })]
    }

    fn nat_gateways(&self) -> Vec<Json> {
        vec![json!({
            "NatGatewayId": self.id("nat"), "VpcId": self.id("vpc"), "SubnetId": self.subnet(0),
            "State": "available", "ConnectivityType": "public", "Tags": [],
            "NatGatewayAddresses": [{
                "NetworkInterfaceId": self.own_interface(true), "PrivateIp": self.own_address(true),
                "PublicIp": self.public_address(), "IsPrimary": true, "Status": "succeeded",
            }],
        })]
    }

    fn endpoint(&self, is_gateway: bool) -> String {
        id("vpce", 2 * self.number + u32::from(!is_gateway))
    }

    fn endpoints(&self) -> Vec<Json> {
        let full =
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
        let endpoint = |is_gateway: bool| {
            let (kind, service) = if is_gateway {
                ("Gateway", "s3")
            } else {
                ("Interface", "sqs")
            };
            let names = match is_gateway {
                true => Vec::new(),
                false => vec![
                    format!(
                        "{}-00000000.{service}.{REGION}.vpce.amazonaws.com",
                        self.endpoint(false)
                    ),
                    format!("{service}.{REGION}.amazonaws.com"),
                ],
            };
            let only = |item: Json, is_there: bool| Json::from_iter(is_there.then_some(item));
            json!({
                "VpcEndpointId": self.endpoint(is_gateway), "VpcEndpointType": kind, "VpcId": self.id("vpc"),
                "ServiceName": format!("com.amazonaws.{REGION}.{service}"), "State": "available",
                "PolicyDocument": full, "OwnerId": ACCOUNT, "RequesterManaged": false,
                "PrivateDnsEnabled": !is_gateway, "IpAddressType": "ipv4", "Tags": [],
                "RouteTableIds": only(json!(self.table(false)), is_gateway),
                "SubnetIds": only(json!(self.subnet(1)), !is_gateway),
                "Groups": only(json!({"GroupId": self.group(0), "GroupName": "kind-0"}), !is_gateway),
                "NetworkInterfaceIds": only(json!(self.own_interface(false)), !is_gateway),
                "DnsEntries": names.iter().map(|name| json!({ "DnsName": name })).collect::<Vec<_>>(),
            })
        };
        vec![endpoint(true), endpoint(false)]
    }

    /// The interface of the NAT gateway, or of the interface endpoint.
    fn own_interface(&self, is_nat: bool) -> String {
        id(
            "eni",
            MOST_INTERFACES + 2 * self.number + u32::from(!is_nat),
        )
    }

    /// Behind those of the other interfaces.
    fn own_address(&self, is_nat: bool) -> String {
        let behind = self.subnet_base(if is_nat { 1 } else { 2 });
        Ipv4Addr::from(behind - 2).to_string()
    }

    fn public_address(&self) -> String {
        public_address(MOST_INTERFACES + self.number)
    }

    fn own_interfaces(&self) -> Vec<Json> {
        let own = |is_nat: bool| {
            let kind = if is_nat {
                "nat_gateway"
            } else {
                "vpc_endpoint"
            };
            let groups = if is_nat {
                json!([])
            } else {
                json!([{"GroupId": self.group(0), "GroupName": "kind-0"}])
            };
            let public = is_nat.then(|| self.public_address());
            let own = Interface {
                id: self.own_interface(is_nat),
                vpc: self.id("vpc"),
                subnet: self.subnet(u32::from(!is_nat)),
                private: self.own_address(is_nat),
                public,
                groups,
                kind,
                tags: json!([]),
            };
            own.described()
        };
        vec![own(true), own(false)]
    }
}

/// An address that is nobody's in a VPC: of 44.0.0.0/8, by its number.
fn public_address(number: u32) -> String {
    Ipv4Addr::from(0x2c00_0000 + number).to_string()
}

/// An ordinary interface: those of a VPC are in its subnets in turn.
fn interface(size: Size, number: u32) -> Json {
    let per_vpc = size.per_vpc();
    let vpc = Vpc {
        number: number / per_vpc,
        size,
    };
    let (subnets, position) = (u32::from(size.subnets), number % per_vpc);
    let (subnet, host) = (position % subnets, position / subnets);
    let is_public = subnet.is_multiple_of(2);
    // Behind the four addresses that AWS keeps at the beginning of a block.
    let first = vpc.subnet_base(subnet) + 4;
    let of_kind = chance(size.seed ^ u64::MAX, u64::from(number)) % u64::from(size.templates);
    let template = u16::try_from(of_kind).unwrap_or_default();
    let of_kind = format!("kind-{template}");
    let interface = Interface {
        id: id("eni", number),
        vpc: vpc.id("vpc"),
        subnet: vpc.subnet(subnet),
        private: Ipv4Addr::from(first + host).to_string(),
        public: is_public.then(|| public_address(number)),
        groups: json!([{"GroupId": vpc.group(template), "GroupName": of_kind}]),
        kind: "interface",
        tags: json!([{"Key": "kind", "Value": of_kind}]),
    };
    interface.described()
}

struct Interface {
    id: String,
    vpc: String,
    subnet: String,
    private: String,
    public: Option<String>,
    groups: Json,
    kind: &'static str,
    tags: Json,
}

impl Interface {
    fn described(&self) -> Json {
        let mut address = json!({"Primary": true, "PrivateIpAddress": self.private});
        let mut described = json!({
            "NetworkInterfaceId": self.id, "InterfaceType": self.kind, "VpcId": self.vpc, "SubnetId": self.subnet,
            "OwnerId": ACCOUNT, "Status": "in-use", "SourceDestCheck": self.kind != "nat_gateway",
            "RequesterManaged": self.kind != "interface", "Description": "", "Groups": self.groups,
            "AvailabilityZone": format!("{REGION}a"), "PrivateIpAddress": self.private,
            "Ipv6Addresses": [], "TagSet": self.tags,
        });
        if let Some(public) = &self.public {
            let association = json!({"PublicIp": public, "IpOwnerId": "amazon"});
            address = with(address, "Association", association.clone());
            described = with(described, "Association", association);
        }
        with(described, "PrivateIpAddresses", json!([address]))
    }
}
