//! The groups and addresses of interfaces.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, AddressValue, Attachment, Cidr, Hole, InterfaceAddress, NetworkInterface,
    SecurityGroupId,
};

use crate::cidr::covers;
use crate::doubt::Touches;

use super::super::identity::{LOAD_BALANCERS, SECURITY_GROUPS, interface_of};
use super::super::plan::Resource;
use super::super::reader::Reader;
use super::{Changed, either, keep, leaves, note, there};

/// Opens what only one of the two has.
pub(super) fn read(reader: &mut Reader<'_, '_>, changed: &Changed<'_>) {
    let mapped = mapped(reader, changed);
    for (id, owner) in interfaces(reader) {
        settle(reader, &id);
        let (groups, addresses) = (groups_of(owner.of), addresses_of(owner.of));
        let mut unlike = Vec::new();
        if leaves(reader.plan, owner, groups) && !groups_alike(reader, &id, changed) {
            unlike.push(groups);
        }
        if leaves(reader.plan, owner, addresses) && !addresses_alike(reader, &id, &mapped) {
            unlike.push(addresses);
        }
        for name in unlike {
            keep(reader, owner, name, Touches::Everything);
            note(reader.sink, &id);
        }
    }
}

/// Gives an interface the private addresses that it had, where the plan says no more than the block: an
/// interface keeps them.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html>
fn settle(reader: &mut Reader<'_, '_>, id: &str) {
    let (Some(earlier), Some(placed)) = (
        reader.sink.get::<NetworkInterface>(id),
        reader.network_interfaces.get_mut(id),
    ) else {
        return;
    };
    let planned = &mut placed.component.addresses;
    for before in &earlier.addresses {
        let AddressValue::Known(address) = before.private else {
            continue;
        };
        let is_said = planned.iter().any(|one| one.private == before.private);
        let mut open = planned.iter_mut().filter(|one| match &one.private {
            AddressValue::Within(block, _) => covers(*block, Cidr::host(address)),
            AddressValue::Known(_) => false,
        });
        if let Some(open) = open.next().filter(|_| !is_said && before.public.is_none()) {
            open.private = before.private.clone();
        }
    }
}

/// The attribute by which the owner of an interface says its groups.
fn groups_of(of: &str) -> &'static str {
    match of {
        "aws_vpc_endpoint" => "security_group_ids",
        "aws_instance" => "vpc_security_group_ids",
        _ => "security_groups",
    }
}

/// The attribute by which it says addresses that it may get and lose.
fn addresses_of(of: &str) -> &'static str {
    match of {
        "aws_vpc_endpoint" => "subnet_configuration",
        "aws_instance" => "secondary_private_ips",
        "aws_network_interface" => "private_ips",
        _ => "subnet_mapping",
    }
}

/// The interfaces of what the plan does not make, and what that is.
pub(super) fn interfaces<'p>(reader: &Reader<'p, '_>) -> Vec<(String, &'p Resource<'p>)> {
    let plan = reader.plan;
    let owners = |of: &[&str]| -> BTreeMap<String, &'p Resource<'p>> {
        let there = there(reader, of).into_iter();
        there.map(|one| (plan.id(one), one)).collect()
    };
    let (endpoints, balancers) = (owners(&["aws_vpc_endpoint"]), owners(&LOAD_BALANCERS));
    let instances = there(reader, &["aws_instance"]).into_iter().rev();
    let instances: BTreeMap<String, &'p Resource<'p>> =
        instances.map(|one| (interface_of(one), one)).collect();
    let declared: BTreeMap<String, &'p Resource<'p>> = owners(&["aws_network_interface"]);
    let interfaces = reader.network_interfaces.iter();
    let owned = interfaces.filter_map(|(id, placed)| {
        let owner = match &placed.component.attachment {
            Attachment::VpcEndpoint(of) => endpoints.get(of.as_str()),
            Attachment::LoadBalancer(of) => balancers.get(of.as_str()),
            Attachment::NatGateway(_) => None,
            Attachment::Ordinary { .. } | Attachment::Other(_) => {
                declared.get(id).or_else(|| instances.get(id))
            }
        };
        Some((id.clone(), *owner?))
    });
    owned.collect()
}

/// Whether both have the same groups but for those that the change adds; else it has those of either.
fn groups_alike(reader: &mut Reader<'_, '_>, id: &str, changed: &Changed<'_>) -> bool {
    let plan = reader.plan;
    let earlier = reader.sink.get::<NetworkInterface>(id);
    let Some(before) = earlier.and_then(|earlier| earlier.groups.known().cloned()) else {
        return true;
    };
    let Some(placed) = reader.network_interfaces.get_mut(id) else {
        return true;
    };
    const ATTACHMENT: &str = "aws_network_interface_sg_attachment";
    let names = ["network_interface_id", "security_group_id"];
    let mut added = changed.named(ATTACHMENT, names, id);
    if let Attachment::VpcEndpoint(endpoint) = &placed.component.attachment {
        const ASSOCIATION: &str = "aws_vpc_endpoint_security_group_association";
        let names = ["vpc_endpoint_id", "security_group_id"];
        added.extend(changed.named(ASSOCIATION, names, endpoint.as_str()));
    }
    let is_added = |group: &SecurityGroupId| {
        let made = || plan.made(&SECURITY_GROUPS, group.as_str());
        added.contains(group.as_str()) || made().is_some_and(|one| one.is_created)
    };
    let hole = Hole::new(format!("groups of {id}"));
    !either(&mut placed.component.groups, before, is_added, hole)
}

/// The public addresses that the change maps.
fn mapped(reader: &mut Reader<'_, '_>, changed: &Changed<'_>) -> BTreeSet<Address> {
    let plan = reader.plan;
    let mut mapped = BTreeSet::new();
    for resource in &changed.resources {
        if !matches!(resource.of, "aws_eip" | "aws_eip_association") {
            continue;
        }
        let elastic = resource.attribute("allocation_id");
        let elastic = elastic.text().and_then(|id| plan.made(&["aws_eip"], id));
        for one in [Some(*resource), elastic].into_iter().flatten() {
            let public = one.attribute("public_ip").address(reader.sink);
            mapped.extend(public);
        }
    }
    mapped
}

/// Whether both have the same addresses. Those that only the earlier one has stay; of one that only the
/// plan has, and of what is public, nothing is certain.
fn addresses_alike(reader: &mut Reader<'_, '_>, id: &str, mapped: &BTreeSet<Address>) -> bool {
    let (Some(earlier), Some(placed)) = (
        reader.sink.get::<NetworkInterface>(id),
        reader.network_interfaces.get_mut(id),
    ) else {
        return true;
    };
    let planned = &mut placed.component;
    let is_of = |other: &InterfaceAddress, one: &InterfaceAddress| {
        let is_known = matches!(one.private, AddressValue::Known(_));
        is_known && other.private == one.private
    };
    let has = |all: &[InterfaceAddress], one: &InterfaceAddress| {
        all.iter().any(|other| is_of(other, one))
    };
    let is_other = |one: &InterfaceAddress| {
        let before = earlier.addresses.iter().find(|other| is_of(other, one));
        let is_left = match &one.public {
            Some(AddressValue::Known(public)) => !mapped.contains(public),
            Some(AddressValue::Within(..)) | None => false,
        };
        match before {
            Some(before) => is_left && before.public != one.public,
            None => matches!(one.private, AddressValue::Known(_)),
        }
    };
    let differs = planned.addresses.iter().any(is_other);
    let more = earlier.addresses.iter();
    let more = more.filter(|one| {
        matches!(one.private, AddressValue::Known(_)) && !has(&planned.addresses, one)
    });
    let more: Vec<InterfaceAddress> = more.cloned().collect();
    let is_alike = !differs && more.is_empty();
    planned.addresses.extend(more);
    if differs {
        let hole = Hole::new(format!("addresses of {id}"));
        reader.sink.open_attribute(Touches::Everything, &hole, true);
    }
    is_alike
}
