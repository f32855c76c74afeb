//! Client VPN: `aws_ec2_client_vpn_endpoint`, its network associations, authorization rules and routes.
//!
//! An association makes an interface in its subnet, and a route to the VPC by that subnet.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AddressValue, Attachment, AuthorizationRule, ClientVpnEndpoint, ClientVpnEndpointId,
    ClientVpnRoute, Family, Hole, InterfaceAddress, Middlebox, NetworkInterface,
    NetworkInterfaceId, SecurityGroupId, SubnetId, Tags, Value, VpcId,
};

use super::identity::Thing;
use super::interface::default_group;
use super::plan::Resource;
use super::reader::{Reader, shelve};
use crate::client_vpn::CLIENT_VPN_INTERFACE;

const ENDPOINT: &str = "aws_ec2_client_vpn_endpoint";
const ASSOCIATION: &str = "aws_ec2_client_vpn_network_association";
const RULE: &str = "aws_ec2_client_vpn_authorization_rule";
const ROUTE: &str = "aws_ec2_client_vpn_route";

/// The resources of an endpoint.
type Parts<'a> = BTreeMap<String, Vec<&'a Resource<'a>>>;

/// Reads the endpoints, with what belongs to each.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let mut parts = Parts::new();
    for resource in reader.plan.managed(&[ASSOCIATION, RULE, ROUTE]) {
        let attribute = resource.attribute("client_vpn_endpoint_id");
        match reader.settle(&attribute, Thing::ClientVpnEndpoint) {
            Some(id) => parts.entry(id).or_default().push(resource),
            None => reader.untraced(&attribute),
        }
    }
    for resource in reader.plan.managed(&[ENDPOINT]) {
        let id = reader.plan.id(resource);
        endpoint(reader, resource, &parts.remove(&id).unwrap_or_default());
    }
    for resource in parts.into_values().flatten() {
        reader.omit(resource, "a Client VPN endpoint that is not in the plan");
    }
}

fn endpoint(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, parts: &[&Resource<'_>]) {
    let id = ClientVpnEndpointId::new(reader.plan.id(resource));
    let earlier = reader.sink.get::<ClientVpnEndpoint>(id.as_str()).cloned();
    let mut interfaces = BTreeSet::new();
    let mut routes = Routes::default();
    for association in of(parts, ASSOCIATION) {
        let attribute = association.attribute("subnet_id");
        let subnet = reader.settle(&attribute, Thing::Subnet);
        let vpc = subnet
            .as_ref()
            .and_then(|subnet| reader.subnet(subnet))
            .map(|subnet| subnet.vpc.clone());
        let (Some(subnet), Some(vpc)) = (subnet, vpc) else {
            reader.untraced(&attribute);
            continue;
        };
        let subnet = SubnetId::new(subnet);
        let kept = earlier_interfaces(reader, earlier.as_ref(), &subnet);
        if kept.is_empty() {
            interfaces.insert(interface(reader, resource, association, &subnet, &vpc));
        }
        interfaces.extend(kept);
        for destination in reader.vpc_blocks(&vpc).unwrap_or_default() {
            let subnet = Some(subnet.clone());
            routes.known.insert(ClientVpnRoute {
                destination,
                subnet,
            });
        }
    }
    if interfaces.is_empty() {
        reader.omit(resource, "a Client VPN endpoint without an association");
        return;
    }
    for route in of(parts, ROUTE) {
        add_route(reader, route, &mut routes);
    }
    let endpoint = ClientVpnEndpoint {
        interfaces,
        authorization_rules: rules(reader, parts),
        routes: match routes.open {
            Some(hole) => Value::Any(hole),
            None => Value::Known(routes.known),
        },
        tags: reader.tags(resource),
        id,
    };
    let shelf = &mut reader.client_vpn_endpoints;
    shelve(shelf, endpoint, resource.place(), reader.sink);
}

fn of<'p>(
    parts: &[&'p Resource<'p>],
    kind: &'static str,
) -> impl Iterator<Item = &'p Resource<'p>> {
    parts.iter().copied().filter(move |part| part.of == kind)
}

/// The interfaces that an earlier input knows in a subnet.
fn earlier_interfaces(
    reader: &mut Reader<'_, '_>,
    earlier: Option<&ClientVpnEndpoint>,
    subnet: &SubnetId,
) -> Vec<NetworkInterfaceId> {
    let known = earlier.into_iter().flat_map(|earlier| &earlier.interfaces);
    let of_subnet = known.filter(|id| {
        let interface = reader.sink.get::<NetworkInterface>(id.as_str());
        interface.is_some_and(|interface| interface.subnet == *subnet)
    });
    of_subnet.cloned().collect()
}

fn interface(
    reader: &mut Reader<'_, '_>,
    endpoint: &Resource<'_>,
    association: &Resource<'_>,
    subnet: &SubnetId,
    vpc: &VpcId,
) -> NetworkInterfaceId {
    let id = NetworkInterfaceId::new(format!("{}#eni", association.address));
    let mut addresses = Vec::new();
    for family in families(endpoint) {
        let block = reader.subnet_block(subnet.as_str(), family);
        let hole = Hole::new(format!("address of {id}"));
        addresses.extend(block.map(|block| InterfaceAddress {
            private: AddressValue::Within(block, hole),
            public: None,
        }));
    }
    let component = NetworkInterface {
        id: id.clone(),
        subnet: subnet.clone(),
        addresses,
        groups: groups(reader, endpoint, vpc),
        source_destination_check: true,
        middlebox: Middlebox::Unknown,
        attachment: Attachment::Other(CLIENT_VPN_INTERFACE.to_owned()),
        tags: Tags::new(),
    };
    let shelf = &mut reader.network_interfaces;
    shelve(shelf, component, association.place(), reader.sink);
    id
}

fn families(endpoint: &Resource<'_>) -> Vec<Family> {
    match endpoint.attribute("traffic_ip_address_type").text() {
        Some("ipv6") => vec![Family::V6],
        Some("dual-stack") => vec![Family::V4, Family::V6],
        Some(_) | None => vec![Family::V4],
    }
}

/// The groups of the endpoint, or the default one of the VPC.
fn groups(
    reader: &mut Reader<'_, '_>,
    endpoint: &Resource<'_>,
    vpc: &VpcId,
) -> Value<BTreeSet<SecurityGroupId>> {
    let attribute = endpoint.attribute("security_group_ids");
    let members = reader.members(&attribute, Thing::SecurityGroup);
    if members.is_set && !members.is_exact {
        return Value::Any(attribute.hole());
    }
    let ids = members.list.iter();
    let mut groups: BTreeSet<_> = ids.map(|member| SecurityGroupId::new(&member.id)).collect();
    if groups.is_empty() {
        match default_group(reader, vpc) {
            Some(default) => groups.insert(default),
            None => return Value::Any(attribute.hole()),
        };
    }
    Value::Known(groups)
}

/// The authorization rules; one of which the destination is not known leaves all of them open.
fn rules(
    reader: &mut Reader<'_, '_>,
    parts: &[&Resource<'_>],
) -> Value<BTreeSet<AuthorizationRule>> {
    let mut rules = BTreeSet::new();
    for resource in of(parts, RULE) {
        let attribute = resource.attribute("target_network_cidr");
        let Some(destination) = attribute.cidr(reader.sink) else {
            return Value::Any(attribute.hole());
        };
        let is_for_all = resource.attribute("authorize_all_groups").flag() == Some(true);
        let group = resource.attribute("access_group_id");
        let named = group.text().map_or_else(|| group.name(), str::to_owned);
        rules.insert(AuthorizationRule {
            destination,
            group: (!is_for_all).then_some(named),
        });
    }
    Value::Known(rules)
}

/// The routes of an endpoint, and what leaves them open.
#[derive(Default)]
struct Routes {
    known: BTreeSet<ClientVpnRoute>,
    open: Option<Hole>,
}

fn add_route(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, routes: &mut Routes) {
    let block = resource.attribute("destination_cidr_block");
    let Some(destination) = block.cidr(reader.sink) else {
        routes.open = Some(block.hole());
        return;
    };
    let target = resource.attribute("target_vpc_subnet_id");
    let subnet = match target.text() {
        Some("local") => None,
        _ => match reader.settle(&target, Thing::Subnet) {
            Some(subnet) => Some(SubnetId::new(subnet)),
            None => {
                routes.open = Some(target.hole());
                return;
            }
        },
    };
    routes.known.insert(ClientVpnRoute {
        destination,
        subnet,
    });
}
