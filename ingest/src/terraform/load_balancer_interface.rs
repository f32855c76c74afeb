//! The interfaces of load balancers, one in each subnet. No plan has them: they are made here, unless an
//! earlier input has them.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, AddressValue, Attachment, Cidr, Family, Hole, InterfaceAddress, LoadBalancerId,
    LoadBalancerKind, Middlebox, NetworkInterface, NetworkInterfaceId, SecurityGroupId, SubnetId,
    Tags, Value,
};

use crate::cidr::{covers, everywhere};

use super::address::{private_address, public_value};
use super::attribute::Attribute;
use super::identity::Thing;
use super::interface;
use super::plan::Resource;
use super::reader::{Reader, shelve};
use super::slot::Slot;

/// The subnets of a load balancer, each with its block of `subnet_mapping`.
type Mapped<'r> = BTreeMap<String, Option<Attribute<'r>>>;

/// Makes the interfaces; none when its subnets are not known.
pub(super) fn interfaces(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    id: &LoadBalancerId,
    kind: LoadBalancerKind,
) -> BTreeSet<NetworkInterfaceId> {
    let mut interfaces = BTreeSet::new();
    let internal = resource.attribute("internal");
    if internal.is_open() {
        let what = "that a load balancer may be internal, which is not known,";
        reader.omit(resource, what);
        reader.unplaced(&internal);
    }
    let is_internal = internal.flag() == Some(true);
    for (subnet, mapping) in subnets(reader, resource) {
        let attachment = Attachment::LoadBalancer(id.clone());
        let mut earlier = reader.sink.draft.network_interfaces.iter();
        let earlier = earlier
            .find(|one| one.subnet.as_str() == subnet && one.attachment == attachment)
            .cloned();
        let made = || format!("{}#eni[\"{subnet}\"]", resource.address);
        let interface = earlier.as_ref().map_or_else(
            || NetworkInterfaceId::new(made()),
            |earlier| earlier.id.clone(),
        );
        let addresses = match earlier {
            Some(earlier) => earlier.addresses,
            None => addresses(reader, resource, &subnet, mapping.as_ref(), is_internal),
        };
        let component = NetworkInterface {
            id: interface.clone(),
            addresses,
            groups: groups(reader, resource, kind, &subnet),
            source_destination_check: true,
            middlebox: Middlebox::Unknown,
            attachment,
            subnet: SubnetId::new(subnet),
            tags: Tags::new(),
        };
        let place = resource.place();
        let shelf = &mut reader.network_interfaces;
        shelve(shelf, component, place, reader.sink);
        interfaces.insert(interface);
    }
    interfaces
}

/// The groups: an Application Load Balancer has the default one of its VPC unless it is told others, a
/// Network Load Balancer none.
fn groups(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    kind: LoadBalancerKind,
    subnet: &str,
) -> Value<BTreeSet<SecurityGroupId>> {
    let attribute = resource.attribute("security_groups");
    match kind {
        LoadBalancerKind::Application => interface::groups(reader, &attribute, subnet),
        LoadBalancerKind::Network if attribute.is_set() || attribute.is_open() => {
            interface::groups(reader, &attribute, subnet)
        }
        LoadBalancerKind::Network => Value::Known(BTreeSet::new()),
    }
}

fn subnets<'r>(reader: &mut Reader<'_, '_>, resource: &'r Resource<'_>) -> Mapped<'r> {
    let mut found = mapped(reader, resource);
    let attribute = resource.attribute("subnets");
    let members = reader.members(&attribute, Thing::Subnet);
    for member in members.list {
        found.entry(member.id).or_default();
    }
    if members.is_set && !members.is_exact {
        uncertain(reader, &attribute, resource);
    }
    found
}

fn uncertain(reader: &mut Reader<'_, '_>, attribute: &Attribute<'_>, resource: &Resource<'_>) {
    let name = attribute.name();
    let what = format!("a load balancer of which it is not certain what `{name}` names");
    reader.omit(resource, &what);
    reader.unplaced(attribute);
}

/// The subnets of the blocks `subnet_mapping`. They are a set, so that those which are open may be in
/// any order: an address tells which is which.
fn mapped<'r>(reader: &mut Reader<'_, '_>, resource: &'r Resource<'_>) -> Mapped<'r> {
    let mut found = Mapped::new();
    let mut candidates = BTreeSet::new();
    let mut open = Vec::new();
    let mut is_certain = true;
    for mapping in resource.attribute("subnet_mapping").items() {
        match reader.slot(&mapping.field("subnet_id"), &[Thing::Subnet]) {
            Slot::Known(subnet) if !found.contains_key(&subnet.id) => {
                found.insert(subnet.id, Some(mapping));
            }
            Slot::Known(_) => {}
            Slot::OneOf(list) => {
                candidates.extend(list.into_iter().map(|subnet| subnet.id));
                open.push(mapping);
            }
            Slot::Empty | Slot::Open => is_certain = false,
        }
    }
    candidates.retain(|candidate| !found.contains_key(candidate));
    is_certain &= candidates.len() == open.len();
    open.sort_by_key(|mapping| own_address(mapping).is_none());
    for mapping in open {
        let address = own_address(&mapping);
        let mut among = candidates.iter();
        let fitting = among.find(|candidate| fits(reader, candidate, address));
        if let Some(subnet) = fitting.cloned() {
            candidates.remove(&subnet);
            found.insert(subnet, Some(mapping));
        }
    }
    for candidate in candidates {
        found.entry(candidate).or_default();
    }
    if !is_certain {
        uncertain(reader, &resource.attribute("subnet_mapping"), resource);
    }
    found
}

/// The address that a block gives, when it can be one; what is wrong with it is said later.
fn own_address(mapping: &Attribute<'_>) -> Option<Address> {
    let address = mapping.field("private_ipv4_address");
    let address = address.text()?.parse::<std::net::IpAddr>();
    Some(address.ok()?.into())
}

fn fits(reader: &mut Reader<'_, '_>, subnet: &str, address: Option<Address>) -> bool {
    let Some(address) = address else {
        return true;
    };
    let block = reader.subnet_block(subnet, Family::V4);
    let single = Cidr::new(address, Family::V4.width());
    block
        .zip(single.ok())
        .is_some_and(|(block, single)| covers(block, single))
}

fn addresses(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    subnet: &str,
    mapping: Option<&Attribute<'_>>,
    is_internal: bool,
) -> Vec<InterfaceAddress> {
    let of_type = resource.attribute("ip_address_type");
    let of_type = of_type.text().unwrap_or("ipv4");
    let fields = [
        (Family::V4, "private_ipv4_address"),
        (Family::V6, "ipv6_address"),
    ];
    let n_families = if of_type.starts_with("dualstack") {
        2
    } else {
        1
    };
    let mut addresses = Vec::new();
    for (family, name) in fields.into_iter().take(n_families) {
        let known = mapping.map(|mapping| mapping.field(name));
        let private = match known.filter(|known| known.text().is_some()) {
            Some(known) => private_address(reader, &known, subnet, family),
            None => reader
                .subnet_block(subnet, family)
                .map(|block| AddressValue::Within(block, hole(resource, subnet, name))),
        };
        let has_public =
            family == Family::V4 && !is_internal && of_type != "dualstack-without-public-ipv4";
        addresses.extend(private.map(|private| InterfaceAddress {
            private,
            public: if has_public {
                public(reader, resource, subnet, mapping)
            } else {
                None
            },
        }));
    }
    addresses
}

fn hole(resource: &Resource<'_>, subnet: &str, name: &str) -> Hole {
    Hole::new(format!(
        "{}.subnet_mapping[\"{subnet}\"].{name}",
        resource.address
    ))
}

/// The public address: of the Elastic IP that is given, or else one that AWS chooses.
fn public(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    subnet: &str,
    mapping: Option<&Attribute<'_>>,
) -> Option<AddressValue> {
    let allocation = mapping.map(|mapping| mapping.field("allocation_id"));
    let elastic = allocation.and_then(|allocation| reader.settle(&allocation, Thing::ElasticIp));
    if let Some(elastic) = elastic {
        let plan = reader.plan;
        if let Some(found) = plan.made(&["aws_eip"], &elastic) {
            return public_value(reader, &found.attribute("public_ip"));
        }
    }
    let block = everywhere(Family::V4)?;
    Some(AddressValue::Within(
        block,
        hole(resource, subnet, "public_ip"),
    ))
}
