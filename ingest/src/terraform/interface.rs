//! Network interfaces: `aws_network_interface`, those of instances (see `instance.rs`), and the groups
//! that are attached to them.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Attachment, InterfaceAddress, Middlebox, NetworkInterface, NetworkInterfaceId, SecurityGroupId,
    SubnetId, Tags, Value, VpcId,
};

use crate::network_interface::delegated;
use crate::provenance::Kind;

use super::address::Fields;
use super::attached;
use super::attribute::Attribute;
use super::identity::{DefaultPart, Thing};
use super::instance;
use super::layers_differ;
use super::plan::Resource;
use super::reader::{Reader, shelve};
use super::removal::shown;
use super::slot::Slot;

/// Reads the interfaces, declared and implied, and what is attached to them.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let owners = owners(reader);
    for resource in reader.plan.managed(&["aws_network_interface"]) {
        interface(reader, resource, &owners);
    }
    for resource in reader.plan.managed(&["aws_instance"]) {
        instance::read(reader, resource);
    }
    attached::read(reader, &owners);
    shown::take_from_interfaces(reader);
    for resource in reader
        .plan
        .managed(&["aws_network_interface_sg_attachment"])
    {
        further_group(reader, resource);
    }
}

/// The instance that an interface is attached to: its id and tags.
type Owners = BTreeMap<String, (String, Tags)>;

fn owners(reader: &mut Reader<'_, '_>) -> Owners {
    let mut owners = Owners::new();
    let plan = reader.plan;
    for instance in plan.managed(&["aws_instance"]) {
        let id = plan.id(instance);
        let tags = reader.tags(instance);
        let block = instance.attribute("network_interface");
        if block.is_open() {
            reader.unplaced(&block);
        }
        for interface in declared_interfaces(instance) {
            let Some(interface) = reader.settle(&interface, Thing::NetworkInterface) else {
                reader.untraced(&interface);
                continue;
            };
            reader
                .primary_interfaces
                .entry(id.clone())
                .or_insert(interface.clone());
            owners.insert(interface, (id.clone(), tags.clone()));
        }
    }
    for attachment in plan.managed(&["aws_network_interface_attachment"]) {
        let of = attachment.attribute("network_interface_id");
        let to = attachment.attribute("instance_id");
        let interface = reader.settle(&of, Thing::NetworkInterface);
        let owner = reader.settle(&to, Thing::Instance);
        match (interface, owner) {
            (Some(interface), Some(owner)) => {
                let tags = tags_of(reader, &to, &owner);
                owners.insert(interface, (owner, tags));
            }
            (None, _) => unattached(reader, &of),
            (Some(_), None) => unattached(reader, &to),
        }
    }
    for resource in plan.managed(&["aws_network_interface"]) {
        let block = resource.attribute("attachment");
        if block.is_open() {
            reader.unplaced(&block);
        }
        for attachment in block.items() {
            let to = attachment.field("instance");
            match reader.settle(&to, Thing::Instance) {
                Some(owner) => {
                    let tags = tags_of(reader, &to, &owner);
                    owners.entry(plan.id(resource)).or_insert((owner, tags));
                }
                None => unattached(reader, &to),
            }
        }
    }
    owners
}

/// The tags of the instance that an attribute names; those of one outside of the plan are not seen.
fn tags_of(reader: &mut Reader<'_, '_>, attribute: &Attribute<'_>, instance: &str) -> Tags {
    match reader.plan.made(&["aws_instance"], instance) {
        Some(one) => reader.tags(one),
        None => {
            reader.unplaced(attribute);
            Tags::new()
        }
    }
}

/// Notes that an interface is attached to an instance, and that one of the two is not known: claims
/// choose interfaces by the instances that they belong to. A parameter of a template cannot name
/// what the template makes.
fn unattached(reader: &mut Reader<'_, '_>, attribute: &Attribute<'_>) {
    let is_of_template = reader.plan.is_declared;
    let found = reader.plan.candidates(attribute, &ATTACHED).list;
    if is_of_template && found.is_empty() {
        reader.may_be_earlier(attribute);
    } else {
        reader.unplaced(attribute);
    }
}

/// What an attachment joins.
const ATTACHED: [Thing; 2] = [Thing::NetworkInterface, Thing::Instance];

/// The attributes by which an instance names its interfaces, the primary one first.
pub(super) fn declared_interfaces<'i>(instance: &'i Resource<'_>) -> Vec<Attribute<'i>> {
    let mut declared = instance.attribute("primary_network_interface").items();
    let mut blocks = instance.attribute("network_interface").items();
    blocks.sort_by_key(|block| block.field("device_index").integer());
    declared.append(&mut blocks);
    declared
        .iter()
        .map(|block| block.field("network_interface_id"))
        .collect()
}

fn interface(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, owners: &Owners) {
    let attribute = resource.attribute("subnet_id");
    let Some(subnet) = reader.settle(&attribute, Thing::Subnet) else {
        reader.untraced(&attribute);
        return;
    };
    let id = reader.plan.id(resource);
    let fields = Fields {
        primary: resource.attribute("private_ip"),
        ipv4: resource.attribute("private_ips"),
        n_more_ipv4: Some(resource.attribute("private_ips_count")),
        ipv6: resource.attribute("ipv6_addresses"),
        n_ipv6: resource.attribute("ipv6_address_count"),
    };
    let mut addresses = fields.read(reader, &subnet);
    kept_public(reader, &id, &mut addresses);
    prefixes(reader, resource, &subnet, &mut addresses);
    let owner = owners.get(&id);
    let mut tags = owner.map(|(_, tags)| tags.clone()).unwrap_or_default();
    for (key, value) in reader.tags(resource) {
        if let Some(of_instance) = tags.insert(key.clone(), value) {
            let open = reader.open(Kind::NetworkInterface, &id);
            open.instance_tags.insert(key, of_instance);
        }
    }
    let interface = NetworkInterface {
        id: NetworkInterfaceId::new(&id),
        addresses,
        groups: groups(reader, &resource.attribute("security_groups"), &subnet),
        source_destination_check: resource
            .attribute("source_dest_check")
            .flag()
            .unwrap_or(true),
        middlebox: Middlebox::Unknown,
        attachment: attachment(resource, owner.map(|(instance, _)| instance.clone())),
        subnet: SubnetId::new(subnet),
        tags,
    };
    shelve(
        &mut reader.network_interfaces,
        interface,
        resource.place(),
        reader.sink,
    );
}

/// Public addresses are mapped by other resources, which may belong to another stack: an earlier input
/// knows them, less those that this plan takes away.
pub(super) fn kept_public(
    reader: &mut Reader<'_, '_>,
    id: &str,
    addresses: &mut [InterfaceAddress],
) {
    let Some(earlier) = reader.sink.get::<NetworkInterface>(id) else {
        return;
    };
    for address in addresses {
        let mut same = earlier.addresses.iter();
        let same = same.find(|one| one.private == address.private);
        if let Some(public) = same.and_then(|one| one.public.clone()) {
            address.public.get_or_insert(public);
        }
    }
}

/// The addresses of prefixes that are delegated to an interface, which are its own.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html>
fn prefixes(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    subnet: &str,
    addresses: &mut Vec<InterfaceAddress>,
) {
    let (ipv4, ipv6) = (
        resource.attribute("ipv4_prefixes"),
        resource.attribute("ipv6_prefixes"),
    );
    for prefix in ipv4.items() {
        let block = prefix.cidr(reader.sink);
        addresses.extend(block.into_iter().flat_map(delegated));
    }
    let n_ipv4 = resource.attribute("ipv4_prefix_count");
    if ipv4.has_unknown() && (ipv4.is_open() || may_be_any(&n_ipv4)) {
        reader.unplaced(&n_ipv4);
    }
    let n_ipv6 = resource.attribute("ipv6_prefix_count");
    let is_open = ipv6.has_unknown() && (ipv6.is_open() || may_be_any(&n_ipv6));
    if is_open || !ipv6.items().is_empty() {
        reader.unseen_ipv6(&ipv6);
        reader.sink.unseen_ipv6.insert(subnet.to_owned());
    }
}

/// Whether a number is set to more than none, or open.
fn may_be_any(number: &Attribute<'_>) -> bool {
    number.is_open() || number.integer().is_some_and(|number| number > 0)
}

fn attachment(resource: &Resource<'_>, instance: Option<String>) -> Attachment {
    match resource.attribute("interface_type").text() {
        None | Some("interface" | "efa" | "efa-only") => Attachment::Ordinary { instance },
        Some(other) => Attachment::Other(other.to_owned()),
    }
}

/// The groups that an attribute names; without any, the default group of the VPC.
pub(super) fn groups(
    reader: &mut Reader<'_, '_>,
    attribute: &Attribute<'_>,
    subnet: &str,
) -> Value<BTreeSet<SecurityGroupId>> {
    let members = reader.members(attribute, Thing::SecurityGroup);
    if members.is_set && !members.is_exact {
        return Value::Any(attribute.hole());
    }
    if !members.list.is_empty() {
        let ids = members
            .list
            .iter()
            .map(|member| SecurityGroupId::new(&member.id));
        return Value::Known(ids.collect());
    }
    let vpc = reader.subnet(subnet).map(|subnet| subnet.vpc.clone());
    match vpc.and_then(|vpc| default_group(reader, &vpc)) {
        Some(group) => Value::Known(BTreeSet::from([group])),
        None => Value::Any(attribute.hole()),
    }
}

/// The default group of a VPC of the plan, or of an earlier input.
pub(super) fn default_group(reader: &mut Reader<'_, '_>, vpc: &VpcId) -> Option<SecurityGroupId> {
    if let Some(vpc) = reader.plan.vpc(vpc.as_str()) {
        return Some(SecurityGroupId::new(DefaultPart::SecurityGroup.id(vpc)));
    }
    let mut earlier = reader.sink.draft.security_groups.iter();
    let found = earlier.find(|group| group.vpc == *vpc && group.name == "default");
    found.map(|group| group.id.clone())
}

/// A group that a resource of its own adds to an interface.
fn further_group(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let attribute = resource.attribute("network_interface_id");
    let Some(interface) = reader.settle(&attribute, Thing::NetworkInterface) else {
        reader.untraced(&attribute);
        return;
    };
    let attribute = resource.attribute("security_group_id");
    let slot = reader.slot(&attribute, &[Thing::SecurityGroup]);
    let is_left = !reader.network_interfaces.contains_key(&interface)
        && layers_differ::may_be_gone(reader, resource, Kind::NetworkInterface);
    let found = match reader.network_interfaces.get_mut(&interface) {
        Some(interface) => Some(&mut interface.component),
        None => reader.sink.get::<NetworkInterface>(&interface),
    };
    let Some(found) = found else {
        reader.omit(resource, "a group of an interface that is not in the input");
        return;
    };
    match (slot, &mut found.groups) {
        (Slot::Known(group), Value::Known(groups)) => {
            let is_more = groups.insert(SecurityGroupId::new(group.id));
            if is_more && is_left {
                // Either input may be the younger one (see `layers_differ`).
                found.groups = Value::Any(attribute.hole());
                layers_differ::note(reader.sink, &interface);
            }
        }
        (_, Value::Any(_)) => {}
        (_, groups) => *groups = Value::Any(attribute.hole()),
    }
}
