//! Client VPN: `aws_ec2_client_vpn_endpoint`, its network associations, authorization rules and routes.
//!
//! An association makes an interface in its subnet, and a route to the VPC by that subnet.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AddressValue, Attachment, AuthorizationRule, ClientVpnEndpoint, ClientVpnEndpointId,
    ClientVpnRoute, Family, Hole, InterfaceAddress, Middlebox, NetworkDraft, NetworkInterface,
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
    take_back(reader);
    for resource in reader.plan.managed(&[ENDPOINT]) {
        let id = reader.plan.id(resource);
        endpoint(reader, resource, &parts.remove(&id).unwrap_or_default());
    }
    for (id, mut parts) in parts {
        if let Some(earlier) = reader.sink.get::<ClientVpnEndpoint>(&id).cloned() {
            let layered = add_to(reader, earlier, &parts);
            replace(reader, layered);
            parts.retain(|part| part.of == ASSOCIATION);
        }
        for resource in parts {
            reader.omit(resource, "a Client VPN endpoint that is not in the plan");
        }
    }
}

/// Takes what the change deletes out of the endpoints of an earlier input.
fn take_back(reader: &mut Reader<'_, '_>) {
    for former in &reader.plan.former {
        let id = former.attribute("client_vpn_endpoint_id");
        let Some(mut endpoint) = id
            .text()
            .and_then(|id| reader.sink.get::<ClientVpnEndpoint>(id).cloned())
        else {
            continue;
        };
        match former.of {
            RULE => {
                if let (Some(rule), Value::Known(rules)) =
                    (rule(reader, former), &mut endpoint.authorization_rules)
                {
                    rules.remove(&rule);
                }
            }
            ROUTE => {
                let mut gone = Routes::default();
                add_route(reader, former, &mut gone);
                if let Value::Known(routes) = &mut endpoint.routes {
                    routes.retain(|route| !gone.known.contains(route));
                }
            }
            _ => {}
        }
        replace(reader, endpoint);
    }
}

fn replace(reader: &mut Reader<'_, '_>, endpoint: ClientVpnEndpoint) {
    if let Some(earlier) = reader.sink.get(endpoint.id.as_str()) {
        *earlier = endpoint;
    }
}

/// An endpoint of an earlier input, with the rules and routes of the plan.
fn add_to(
    reader: &mut Reader<'_, '_>,
    mut endpoint: ClientVpnEndpoint,
    parts: &[&Resource<'_>],
) -> ClientVpnEndpoint {
    endpoint.authorization_rules = rules(reader, parts, Some(&endpoint));
    let mut routes = Routes::of(Some(&endpoint));
    for route in of(parts, ROUTE) {
        add_route(reader, route, &mut routes);
    }
    endpoint.routes = routes.value();
    endpoint
}

fn endpoint(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, parts: &[&Resource<'_>]) {
    let id = ClientVpnEndpointId::new(reader.plan.id(resource));
    let earlier = reader.sink.get::<ClientVpnEndpoint>(id.as_str()).cloned();
    // Other stacks may own associations, rules and routes, which the endpoint does not show.
    let known = earlier.iter().flat_map(|earlier| &earlier.interfaces);
    let mut interfaces: BTreeSet<_> = known.cloned().collect();
    let mut routes = Routes::of(earlier.as_ref());
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
    // An endpoint that exists, and that the earlier input should have, may have any.
    let is_unseen =
        earlier.is_none() && !resource.is_created && reader.sink.draft != NetworkDraft::default();
    if is_unseen {
        routes.open = Some(Hole::new(format!("routes of {id}")));
    }
    let endpoint = ClientVpnEndpoint {
        interfaces,
        authorization_rules: if is_unseen {
            Value::Any(Hole::new(format!("authorization rules of {id}")))
        } else {
            rules(reader, parts, earlier.as_ref())
        },
        routes: routes.value(),
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
    earlier: Option<&ClientVpnEndpoint>,
) -> Value<BTreeSet<AuthorizationRule>> {
    let mut rules = match earlier.map(|earlier| &earlier.authorization_rules) {
        Some(Value::Known(rules)) => rules.clone(),
        Some(open @ (Value::OneOf(..) | Value::Any(_))) => return open.clone(),
        None => BTreeSet::new(),
    };
    for resource in of(parts, RULE) {
        match rule(reader, resource) {
            Some(rule) => rules.insert(rule),
            None => return Value::Any(resource.attribute("target_network_cidr").hole()),
        };
    }
    Value::Known(rules)
}

/// An authorization rule, when its destination is known.
fn rule(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) -> Option<AuthorizationRule> {
    let destination = resource
        .attribute("target_network_cidr")
        .cidr(reader.sink)?;
    let is_for_all = resource.attribute("authorize_all_groups").flag() == Some(true);
    let group = resource.attribute("access_group_id");
    let named = group.text().map_or_else(|| group.name(), str::to_owned);
    Some(AuthorizationRule {
        destination,
        group: (!is_for_all).then_some(named),
    })
}

/// The routes of an endpoint, and what leaves them open.
#[derive(Default)]
struct Routes {
    known: BTreeSet<ClientVpnRoute>,
    open: Option<Hole>,
}

impl Routes {
    /// Those that an earlier input knows.
    fn of(earlier: Option<&ClientVpnEndpoint>) -> Routes {
        match earlier.map(|earlier| &earlier.routes) {
            Some(Value::Known(routes)) => Routes {
                known: routes.clone(),
                open: None,
            },
            Some(Value::OneOf(_, hole) | Value::Any(hole)) => Routes {
                known: BTreeSet::new(),
                open: Some(hole.clone()),
            },
            None => Routes::default(),
        }
    }

    fn value(self) -> Value<BTreeSet<ClientVpnRoute>> {
        match self.open {
            Some(hole) => Value::Any(hole),
            None => Value::Known(self.known),
        }
    }
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
