//! The interface that AWS makes with an instance: `aws_instance`.

use std::collections::BTreeSet;

use model::{
    Attachment, Middlebox, NetworkInterface, NetworkInterfaceId, SecurityGroupId, SubnetId, Value,
};

use crate::doubt::Touches;

use super::address::{self, Fields, public_hole, public_value};
use super::attribute::Attribute;
use super::identity::{self, Thing};
use super::interface::{declared_interfaces, groups, kept_public};
use super::plan::Resource;
use super::reader::{Reader, shelve};

/// An instance that declares no interface has one all the same. From version 6 of the provider a state
/// shows the one that AWS made with it as if it were declared.
pub(super) fn read(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let secondary = resource.attribute("secondary_network_interface");
    if secondary.is_set() || secondary.is_open() {
        reader.omit(resource, "an interface in a secondary subnet");
        let hole = secondary.hole();
        reader
            .sink
            .open_attribute(Touches::Everything, &hole, false);
    }
    let declared = resource.attribute("network_interface");
    if is_elsewhere(reader, resource) || declared.is_open() {
        return;
    }
    let id = reader.plan.id(resource);
    let interface = identity::interface_of(resource);
    reader
        .primary_interfaces
        .insert(id.clone(), interface.clone());
    // A state names the interface also when a resource of its own declares it.
    if reader.network_interfaces.contains_key(&interface) {
        return;
    }
    let attribute = resource.attribute("subnet_id");
    let Some(subnet) = reader.settle(&attribute, Thing::Subnet) else {
        reader.untraced(&attribute);
        return;
    };
    let fields = Fields {
        primary: resource.attribute("private_ip"),
        ipv4: resource.attribute("secondary_private_ips"),
        n_more_ipv4: None,
        ipv6: resource.attribute("ipv6_addresses"),
        n_ipv6: resource.attribute("ipv6_address_count"),
    };
    let mut addresses = fields.read(reader, &subnet);
    kept_public(reader, &interface, &mut addresses);
    let own = resource.attribute("public_ip");
    let public = if own.is_unknown() {
        may_get_public(reader, resource, &subnet)
            .then(|| public_hole(&own))
            .flatten()
    } else if own.text().is_some() {
        public_value(reader, &own)
    } else {
        None
    };
    if let Some(public) = public {
        address::map(&mut addresses, None, public);
    }
    let by_group = resource.attribute("vpc_security_group_ids");
    let template = resource.attribute("launch_template");
    let by_name = resource.attribute("security_groups");
    let is_given = |attribute: &Attribute<'_>| attribute.is_set() || attribute.is_open();
    let groups = if !is_given(&by_group) && is_given(&by_name) {
        groups_by_name(reader, &by_name, &subnet)
    } else if is_given(&template) && !is_given(&by_group) {
        // What the instance does not say, its launch template does: groups, and whole interfaces.
        reader.unplaced(&template);
        Value::Any(template.hole())
    } else {
        groups(reader, &by_group, &subnet)
    };
    let component = NetworkInterface {
        id: NetworkInterfaceId::new(interface),
        addresses,
        groups,
        source_destination_check: resource
            .attribute("source_dest_check")
            .flag()
            .unwrap_or(true),
        middlebox: Middlebox::Unknown,
        attachment: Attachment::Ordinary { instance: Some(id) },
        subnet: SubnetId::new(subnet),
        tags: reader.tags(resource),
    };
    shelve(
        &mut reader.network_interfaces,
        component,
        resource.place(),
        reader.sink,
    );
}

/// Whether the interface of an instance is one that something else makes: of a new instance one that it
/// names, and of one that is there one that an earlier input has and that does not go with it.
fn is_elsewhere(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) -> bool {
    if declared_interfaces(resource).is_empty() {
        return false;
    }
    let primary = resource.attribute("primary_network_interface").items();
    let mut primary = primary.iter();
    let goes_with_it = primary.any(|one| one.field("delete_on_termination").flag() == Some(true));
    let is_new = !resource.attribute("subnet_id").is_set();
    let own = identity::interface_of(resource);
    is_new || !goes_with_it && reader.sink.get::<NetworkInterface>(&own).is_some()
}

/// The groups in the attribute `security_groups` of an instance: ids, or names in the default VPC.
fn groups_by_name(
    reader: &mut Reader<'_, '_>,
    attribute: &Attribute<'_>,
    subnet: &str,
) -> Value<BTreeSet<SecurityGroupId>> {
    let items = attribute.items();
    let is_name = |item: &Attribute<'_>| item.text().is_some_and(|text| !text.starts_with("sg-"));
    match items.iter().any(is_name) {
        true => Value::Any(attribute.hole()),
        false => groups(reader, attribute, subnet),
    }
}

/// Whether a new instance gets a public address; where nothing tells, nothing that follows is certain.
fn may_get_public(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, subnet: &str) -> bool {
    let wants = resource.attribute("associate_public_ip_address");
    if wants.is_open() && !reader.plan.is_declared {
        reader.unplaced(&wants);
        return true;
    }
    let by_plan = || reader.public_subnets.contains(subnet);
    match wants.flag() {
        Some(wants) => return wants,
        None if reader.subnets.contains_key(subnet) || reader.plan.is_declared => return by_plan(),
        None => {}
    }
    let given = reader.sink.given.get(subnet).and_then(|one| one.public);
    if given.is_none() {
        reader.unplaced(&wants);
    }
    given.unwrap_or(true)
}
