//! Parts of an endpoint that an earlier input has: what resources of their own make of it.

use std::collections::BTreeSet;

use model::{
    AddressValue, Attachment, EndpointKind, Family, Hole, InterfaceAddress, Middlebox,
    NetworkInterface, NetworkInterfaceId, PrefixListId, RouteDestination, SecurityGroupId,
    SubnetId, Tags, Value, VpcEndpoint, VpcEndpointId,
};

use crate::doubt::Touches;

use super::endpoint::{associate_alone, policy_of};
use super::endpoint_interface::{inbound_only, private_names};
use super::identity::Thing;
use super::interface::default_group;
use super::plan::Resource;
use super::reader::Reader;
use super::slot::Slot;

/// Gives an endpoint of an earlier input its parts; whether there is such an endpoint.
pub(super) fn read(reader: &mut Reader<'_, '_>, id: &str, parts: &[&Resource<'_>]) -> bool {
    let Some(endpoint) = reader.sink.get::<VpcEndpoint>(id).cloned() else {
        return false;
    };
    for part in parts {
        match part.of {
            "aws_vpc_endpoint_policy" => policy(reader, &endpoint, part),
            "aws_vpc_endpoint_route_table_association" => table(reader, &endpoint, part),
            "aws_vpc_endpoint_security_group_association" => group(reader, &endpoint, part),
            "aws_vpc_endpoint_subnet_association" => subnet(reader, &endpoint, part),
            _ => private_dns(reader, &endpoint, part),
        }
    }
    true
}

/// Changes the endpoint.
fn change(reader: &mut Reader<'_, '_>, id: &VpcEndpointId, change: impl FnOnce(&mut VpcEndpoint)) {
    if let Some(endpoint) = reader.sink.get::<VpcEndpoint>(id.as_str()) {
        change(endpoint);
    }
}

fn policy(reader: &mut Reader<'_, '_>, endpoint: &VpcEndpoint, part: &Resource<'_>) {
    let is_gateway = matches!(endpoint.kind, EndpointKind::Gateway { .. });
    let policy = policy_of(reader, &part.attribute("policy"), is_gateway);
    change(reader, &endpoint.id, |endpoint| endpoint.policy = policy);
}

fn table(reader: &mut Reader<'_, '_>, endpoint: &VpcEndpoint, part: &Resource<'_>) {
    let EndpointKind::Gateway { prefix_lists } = &endpoint.kind else {
        reader.omit(part, "a route table of an endpoint that is no gateway's");
        return;
    };
    let lists: Vec<PrefixListId> = prefix_lists.iter().cloned().collect();
    for list in lists {
        let certain = Value::Known(RouteDestination::PrefixList(list));
        associate_alone(reader, part, &endpoint.id, &certain);
    }
}

/// The interfaces of an endpoint.
fn interfaces<'r>(
    reader: &'r mut Reader<'_, '_>,
    endpoint: &VpcEndpointId,
) -> impl Iterator<Item = &'r mut NetworkInterface> + use<'r> {
    let own = Attachment::VpcEndpoint(endpoint.clone());
    let all = reader.sink.draft.network_interfaces.iter_mut();
    all.filter(move |interface| interface.attachment == own)
}

fn group(reader: &mut Reader<'_, '_>, endpoint: &VpcEndpoint, part: &Resource<'_>) {
    let attribute = part.attribute("security_group_id");
    let slot = reader.slot(&attribute, &[Thing::SecurityGroup]);
    let replaces = part.attribute("replace_default_association").flag() == Some(true);
    let replaced = default_group(reader, &endpoint.vpc).filter(|_| replaces);
    for interface in interfaces(reader, &endpoint.id) {
        match (&slot, &mut interface.groups) {
            (Slot::Known(group), Value::Known(groups)) => {
                groups.retain(|one| replaced.as_ref() != Some(one));
                groups.insert(SecurityGroupId::new(&group.id));
            }
            (_, Value::Any(_)) => {}
            (_, groups) => *groups = Value::Any(attribute.hole()),
        }
    }
}

/// An interface more, like those that the endpoint has. The names that AWS gives with it are open.
fn subnet(reader: &mut Reader<'_, '_>, endpoint: &VpcEndpoint, part: &Resource<'_>) {
    let attribute = part.attribute("subnet_id");
    let EndpointKind::Interface { .. } = &endpoint.kind else {
        reader.omit(
            part,
            "a subnet of an endpoint that is no interface endpoint",
        );
        return;
    };
    let Some(subnet) = reader.settle(&attribute, Thing::Subnet) else {
        reader.untraced(&attribute);
        return;
    };
    let others: Vec<NetworkInterface> = interfaces(reader, &endpoint.id)
        .map(|one| one.clone())
        .collect();
    if others.iter().any(|one| one.subnet.as_str() == subnet) {
        return;
    }
    let id = NetworkInterfaceId::new(format!("{}#eni[\"{subnet}\"]", part.address));
    let interface = NetworkInterface {
        id: id.clone(),
        addresses: addresses(reader, part, &subnet, &others),
        groups: groups(reader, endpoint, &others, attribute.hole()),
        source_destination_check: true,
        middlebox: Middlebox::Unknown,
        attachment: Attachment::VpcEndpoint(endpoint.id.clone()),
        subnet: SubnetId::new(subnet),
        tags: Tags::new(),
    };
    reader.sink.add(interface, part.place());
    let hole = Hole::new(format!("names of {}", endpoint.id));
    change(reader, &endpoint.id, |endpoint| {
        if let EndpointKind::Interface {
            interfaces,
            specific_names,
            ..
        } = &mut endpoint.kind
        {
            interfaces.insert(id);
            *specific_names = Value::Any(hole);
        }
    });
}

/// An address of each family that the other interfaces have; of IPv4 when there is no other.
fn addresses(
    reader: &mut Reader<'_, '_>,
    part: &Resource<'_>,
    subnet: &str,
    others: &[NetworkInterface],
) -> Vec<InterfaceAddress> {
    let all = others.iter().flat_map(|one| &one.addresses);
    let families = all.map(|address| match &address.private {
        AddressValue::Known(address) => address.family(),
        AddressValue::Within(block, _) => block.family(),
    });
    let mut families: BTreeSet<Family> = families.collect();
    if families.is_empty() {
        families.insert(Family::V4);
    }
    let blocks = families
        .into_iter()
        .filter_map(|family| reader.subnet_block(subnet, family));
    let addresses = blocks.map(|block| InterfaceAddress {
        private: AddressValue::Within(block, Hole::new(format!("{}.address", part.address))),
        public: None,
    });
    addresses.collect()
}

/// The groups of the other interfaces, which are those of the endpoint; the default one of its VPC when
/// there is no other.
fn groups(
    reader: &mut Reader<'_, '_>,
    endpoint: &VpcEndpoint,
    others: &[NetworkInterface],
    hole: Hole,
) -> Value<BTreeSet<SecurityGroupId>> {
    let mut others = others.iter().map(|one| &one.groups);
    match others.next() {
        Some(groups) if others.all(|other| other == groups) => groups.clone(),
        Some(_) => Value::Any(hole),
        None => match default_group(reader, &endpoint.vpc) {
            Some(default) => Value::Known(BTreeSet::from([default])),
            None => Value::Any(hole),
        },
    }
}

/// The names that private DNS answers. Of a service whose name is not known nothing is certain that
/// asks for names.
fn private_dns(reader: &mut Reader<'_, '_>, endpoint: &VpcEndpoint, part: &Resource<'_>) {
    let attribute = part.attribute("private_dns_enabled");
    let names = private_names(reader, part, &endpoint.service);
    let flag = attribute.flag();
    if flag.is_none() || flag == Some(true) && names.is_empty() {
        let hole = attribute.hole();
        reader.sink.open_attribute(Touches::Names, &hole, true);
    }
    let is_on = flag == Some(true);
    let is_inbound_only = is_on && inbound_only(part, &endpoint.service);
    change(reader, &endpoint.id, |endpoint| {
        if let EndpointKind::Interface {
            private_dns,
            private_dns_inbound_only,
            private_names,
            ..
        } = &mut endpoint.kind
        {
            *private_dns = is_on;
            *private_dns_inbound_only = is_inbound_only;
            *private_names = if is_on { names } else { BTreeSet::new() };
        }
    });
}
