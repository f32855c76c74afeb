//! Managed prefix lists: `aws_ec2_managed_prefix_list`, its entries, and the data sources by which
//! a plan knows AWS's own.

use std::collections::BTreeSet;

use model::{Cidr, Family, Hole, PrefixList, PrefixListId, Value};

use crate::provenance::Kind;

use super::attribute::Attribute;
use super::identity::Thing;
use super::layers_differ;
use super::plan::Resource;
use super::reader::{Reader, shelve};
use super::removal::shown;

/// The type of a stand-alone entry.
pub(super) const ENTRY: &str = "aws_ec2_managed_prefix_list_entry";

/// Reads them.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    for resource in reader.plan.managed(&["aws_ec2_managed_prefix_list"]) {
        managed(reader, resource);
    }
    for resource in reader.plan.managed(&[ENTRY]) {
        entry(reader, resource);
    }
    for resource in reader.plan.data("aws_ec2_managed_prefix_list") {
        let is_aws = resource.attribute("owner_id").text() == Some("AWS");
        let entries = resource.attribute("entries");
        let cidrs = entries
            .items()
            .iter()
            .map(|entry| entry.field("cidr"))
            .collect();
        source(reader, resource, is_aws, &entries, cidrs);
    }
    for resource in reader.plan.data("aws_prefix_list") {
        let entries = resource.attribute("cidr_blocks");
        source(reader, resource, true, &entries, entries.items());
    }
}

fn managed(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let entries = resource.attribute("entry");
    let mut known = BTreeSet::new();
    let alone = reader.plan.managed(&["aws_ec2_managed_prefix_list_entry"]);
    // A `dynamic` block leaves no expression in a plan; without entries of their own there may be one.
    let mut is_open = entries.is_open() || (entries.is_unknown() && alone.is_empty());
    let id = reader.plan.id(resource);
    let taken = shown::taken(reader.plan, ENTRY, ["prefix_list_id", "cidr"], &id);
    for entry in entries.items() {
        let cidr = entry.field("cidr");
        is_open |= cidr.is_unknown();
        if cidr.text().is_some_and(|cidr| taken.contains(cidr)) {
            is_open |= resource.is_declared("entry");
        } else {
            known.extend(cidr.cidr(reader.sink));
        }
    }
    let list = PrefixList {
        id: PrefixListId::new(id),
        name: resource
            .attribute("name")
            .text()
            .unwrap_or(resource.address)
            .to_owned(),
        family: family(resource, &known),
        aws_managed: false,
        entries: if is_open {
            Value::Any(entries.hole())
        } else {
            Value::Known(known)
        },
    };
    shelve(
        &mut reader.prefix_lists,
        list,
        resource.place(),
        reader.sink,
    );
}

/// A stand-alone entry. While its block or its list is open, so are the entries of the list.
fn entry(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let (list, cidr) = (
        resource.attribute("prefix_list_id"),
        resource.attribute("cidr"),
    );
    let Some(id) = reader.settle(&list, Thing::PrefixList) else {
        reader.untraced(&list);
        return;
    };
    let block = cidr.cidr(reader.sink);
    if let Some(block) =
        block.filter(|_| layers_differ::may_be_gone(reader, resource, Kind::PrefixList))
    {
        perhaps(reader, &id, block, cidr.hole());
    }
    let found = match reader.prefix_lists.get_mut(&id) {
        Some(list) => Some(&mut list.component),
        None => reader.sink.get::<PrefixList>(&id),
    };
    match (found, block) {
        (Some(list), _) if cidr.is_unknown() => list.entries = Value::Any(cidr.hole()),
        (Some(list), Some(block)) => {
            if let Value::Known(entries) = &mut list.entries {
                entries.insert(block);
            }
        }
        (Some(_), None) => {}
        (None, _) => reader.omit(resource, "an entry of a prefix list not in the input"),
    }
}

/// Leaves it open whether a list that only an earlier input has, and that has not got a block there, has it.
fn perhaps(reader: &mut Reader<'_, '_>, id: &str, block: Cidr, hole: Hole) {
    if reader.prefix_lists.contains_key(id) {
        return;
    }
    let Some(list) = reader.sink.get::<PrefixList>(id) else {
        return;
    };
    if let Value::Known(before) = &list.entries
        && !before.contains(&block)
    {
        let mut after = before.clone();
        after.insert(block);
        list.entries = Value::OneOf(vec![before.clone(), after], hole);
        layers_differ::note(reader.sink, id);
    }
}

/// A list that the plan only reads. The resource that makes it, if it is there, says more.
fn source(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    aws_managed: bool,
    entries: &Attribute<'_>,
    cidrs: Vec<Attribute<'_>>,
) {
    let id = reader.plan.id(resource);
    if reader.prefix_lists.contains_key(&id) {
        return;
    }
    let mut known = BTreeSet::new();
    for cidr in cidrs {
        known.extend(cidr.cidr(reader.sink));
    }
    let list = PrefixList {
        id: PrefixListId::new(&id),
        name: resource.attribute("name").text().unwrap_or(&id).to_owned(),
        family: family(resource, &known),
        aws_managed,
        entries: if entries.has_unknown() || !entries.is_present() {
            Value::Any(entries.hole())
        } else {
            Value::Known(known)
        },
    };
    shelve(
        &mut reader.prefix_lists,
        list,
        resource.place(),
        reader.sink,
    );
}

fn family(resource: &Resource<'_>, entries: &BTreeSet<Cidr>) -> Family {
    match resource.attribute("address_family").text() {
        Some("IPv6") => Family::V6,
        Some(_) => Family::V4,
        None => entries.first().map_or(Family::V4, |cidr| cidr.family()),
    }
}

/// The list of a service's addresses that a gateway endpoint routes to. Its id is in the plan only
/// when the endpoint exists or a data source reads the list; else the list is made up, and its
/// entries are a hole: AWS owns them.
pub(super) fn of_service(
    reader: &mut Reader<'_, '_>,
    endpoint: &Resource<'_>,
    service: &str,
) -> PrefixListId {
    let known = endpoint.attribute("prefix_list_id");
    let named = |name: &str, aws_managed: bool| aws_managed && name == service;
    let shelved = reader.prefix_lists.values().map(|placed| &placed.component);
    let earlier = reader.sink.draft.prefix_lists.iter();
    let list = shelved.chain(earlier).find(|list| match known.text() {
        Some(id) => list.id.as_str() == id,
        None => named(&list.name, list.aws_managed) && list.family == Family::V4,
    });
    if let Some(list) = list {
        return list.id.clone();
    }
    let id = known
        .text()
        .map_or_else(|| format!("prefix list of {service}"), str::to_owned);
    let id = PrefixListId::new(id);
    let list = PrefixList {
        id: id.clone(),
        name: service.to_owned(),
        family: Family::V4,
        aws_managed: true,
        entries: Value::Any(Hole::new(format!("entries of {id}"))),
    };
    shelve(
        &mut reader.prefix_lists,
        list,
        endpoint.place(),
        reader.sink,
    );
    id
}

/// A made-up list that stands for blocks which are not known, in a rule that has room for known
/// blocks and for lists only.
pub(super) fn unknown_blocks(
    reader: &mut Reader<'_, '_>,
    attribute: &Attribute<'_>,
    family: Family,
) -> PrefixListId {
    let name = match family {
        Family::V4 => attribute.name(),
        Family::V6 => format!("{} (IPv6)", attribute.name()),
    };
    let id = PrefixListId::new(&name);
    let list = PrefixList {
        id: id.clone(),
        name: name.clone(),
        family,
        aws_managed: false,
        entries: Value::Any(Hole::new(&name)),
    };
    if !reader.prefix_lists.contains_key(&name) {
        shelve(
            &mut reader.prefix_lists,
            list,
            attribute.place(),
            reader.sink,
        );
    }
    id
}
