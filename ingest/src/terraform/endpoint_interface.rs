//! Interface endpoints: an interface in each subnet, with its address and groups.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AddressValue, Attachment, EndpointKind, Family, Hole, InterfaceAddress, Middlebox,
    NetworkInterface, NetworkInterfaceId, SecurityGroupId, SubnetId, Tags, Value, VpcEndpointId,
    VpcId,
};

use super::address::private_address;
use super::endpoint::of;
use super::endpoint_name;
use super::endpoint_service;
use super::identity::Thing;
use super::interface::default_group;
use super::plan::Resource;
use super::reader::{Reader, shelve};
use super::slot::Slot;

/// An interface endpoint, with an interface in each of its subnets.
pub(super) fn interface(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    further: &[&Resource<'_>],
    id: &VpcEndpointId,
    vpc: &VpcId,
    service: &str,
) -> EndpointKind {
    let groups = groups(reader, resource, further, vpc);
    let mut interfaces = BTreeMap::new();
    for subnet in subnets(reader, resource, further) {
        let interface = own_interface(reader, resource, id, &subnet);
        let addresses = addresses(reader, resource, &subnet);
        let component = NetworkInterface {
            id: interface.clone(),
            subnet: SubnetId::new(&subnet),
            addresses,
            groups: groups.clone(),
            source_destination_check: true,
            middlebox: Middlebox::Unknown,
            attachment: Attachment::VpcEndpoint(id.clone()),
            tags: Tags::new(),
        };
        let place = resource.place();
        shelve(
            &mut reader.network_interfaces,
            component,
            place,
            reader.sink,
        );
        interfaces.insert(subnet, interface);
    }
    let alone =
        of(further, "private_dns").filter_map(|one| one.attribute("private_dns_enabled").flag());
    let own = resource.attribute("private_dns_enabled").flag();
    let private_dns = alone.last().or(own).unwrap_or(false);
    EndpointKind::Interface {
        private_dns,
        private_dns_inbound_only: private_dns && inbound_only(resource, service),
        private_names: if private_dns {
            private_names(reader, resource, service)
        } else {
            BTreeSet::new()
        },
        specific_names: endpoint_name::specific(reader, resource, &interfaces),
        interfaces: interfaces.into_values().collect(),
    }
}

/// The names that private DNS answers.
pub(super) fn private_names(
    reader: &Reader<'_, '_>,
    resource: &Resource<'_>,
    service: &str,
) -> BTreeSet<String> {
    let names = endpoint_name::private(resource, service);
    if names.is_empty() {
        endpoint_service::private_name(reader, service)
    } else {
        names
    }
}

/// The interface in a subnet: the one that an earlier input has. The ids that a state lists do not
/// say which subnet each is in, so only that of an endpoint in one subnet is used.
fn own_interface(
    reader: &Reader<'_, '_>,
    resource: &Resource<'_>,
    endpoint: &VpcEndpointId,
    subnet: &str,
) -> NetworkInterfaceId {
    let mut earlier = reader.sink.draft.network_interfaces.iter();
    let earlier = earlier.find(|interface| {
        interface.subnet.as_str() == subnet
            && interface.attachment == Attachment::VpcEndpoint(endpoint.clone())
    });
    if let Some(earlier) = earlier {
        return earlier.id.clone();
    }
    let known = resource.attribute("network_interface_ids").items();
    if let [only] = known.as_slice()
        && let Some(id) = only.text()
        && !reader.network_interfaces.contains_key(id)
    {
        return NetworkInterfaceId::new(id);
    }
    NetworkInterfaceId::new(format!("{}#eni[\"{subnet}\"]", resource.address))
}

fn addresses(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    subnet: &str,
) -> Vec<InterfaceAddress> {
    let configured = resource.attribute("subnet_configuration").items();
    let configured = configured
        .into_iter()
        .find(|one| one.field("subnet_id").text() == Some(subnet));
    let of_type = resource.attribute("ip_address_type");
    let families = match of_type.text() {
        Some("ipv6") => vec![(Family::V6, "ipv6")],
        Some("dualstack") => vec![(Family::V4, "ipv4"), (Family::V6, "ipv6")],
        Some(_) | None => vec![(Family::V4, "ipv4")],
    };
    let mut addresses = Vec::new();
    for (family, name) in families {
        let known = configured.as_ref().map(|one| one.field(name));
        let known = known.filter(|known| known.text().is_some());
        let private = match known {
            Some(known) => private_address(reader, &known, subnet, family),
            None => reader.subnet_block(subnet, family).map(|block| {
                let hole = format!(
                    "{}.subnet_configuration[\"{subnet}\"].{name}",
                    resource.address
                );
                AddressValue::Within(block, Hole::new(hole))
            }),
        };
        addresses.extend(private.map(|private| InterfaceAddress {
            private,
            public: None,
        }));
    }
    addresses
}

fn subnets(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    further: &[&Resource<'_>],
) -> BTreeSet<String> {
    let attribute = resource.attribute("subnet_ids");
    let members = reader.members(&attribute, Thing::Subnet);
    let mut subnets: BTreeSet<_> = members.list.into_iter().map(|member| member.id).collect();
    for association in of(further, "subnet_association") {
        let attribute = association.attribute("subnet_id");
        match reader.settle(&attribute, Thing::Subnet) {
            Some(subnet) => {
                subnets.insert(subnet);
            }
            None => reader.untraced(&attribute),
        }
    }
    for configured in resource.attribute("subnet_configuration").items() {
        let attribute = configured.field("subnet_id");
        subnets.extend(reader.settle(&attribute, Thing::Subnet));
    }
    if members.is_set && !members.is_exact {
        let name = attribute.name();
        let what = format!("an endpoint of which it is not certain what `{name}` names");
        reader.omit(resource, &what);
        reader.unplaced(&attribute);
    }
    subnets
}

/// The groups: those of the endpoint, or the default one of the VPC, and those of stand-alone
/// resources, one of which may take the default one's place.
fn groups(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    further: &[&Resource<'_>],
    vpc: &VpcId,
) -> Value<BTreeSet<SecurityGroupId>> {
    let attribute = resource.attribute("security_group_ids");
    let members = reader.members(&attribute, Thing::SecurityGroup);
    if members.is_set && !members.is_exact {
        return Value::Any(attribute.hole());
    }
    let ids = members
        .list
        .iter()
        .map(|member| SecurityGroupId::new(&member.id));
    let mut groups: BTreeSet<_> = ids.collect();
    let mut is_default_wanted = groups.is_empty();
    for association in of(further, "security_group_association") {
        let attribute = association.attribute("security_group_id");
        match reader.slot(&attribute, &[Thing::SecurityGroup]) {
            Slot::Known(group) => {
                groups.insert(SecurityGroupId::new(group.id));
            }
            Slot::Empty | Slot::OneOf(_) | Slot::Open => return Value::Any(attribute.hole()),
        }
        if association.attribute("replace_default_association").flag() == Some(true) {
            is_default_wanted = false;
        }
    }
    if is_default_wanted {
        match default_group(reader, vpc) {
            Some(default) => {
                groups.insert(default);
            }
            None => return Value::Any(attribute.hole()),
        }
    }
    Value::Known(groups)
}

/// Whether private DNS answers only what comes through an inbound resolver endpoint. For S3, the
/// one service that has the switch, AWS turns it on unless it is told otherwise.
pub(super) fn inbound_only(resource: &Resource<'_>, service: &str) -> bool {
    let options = resource.attribute("dns_options").items();
    let told = options.iter().find_map(|options| {
        options
            .field("private_dns_only_for_inbound_resolver_endpoint")
            .flag()
    });
    told.unwrap_or_else(|| service.ends_with(".s3"))
}
