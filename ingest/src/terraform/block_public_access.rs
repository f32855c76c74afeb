//! VPC Block Public Access: `aws_vpc_block_public_access_options`,
//! `aws_vpc_block_public_access_exclusion`.

use std::collections::BTreeSet;

use model::{BlockPublicAccess, Exclusion, Hole, Subnet, Value, Vpc};

use super::association::{either, subnet_mut};
use super::attribute::Attribute;
use super::identity::Thing;
use super::layers_differ::{is_unchanged, note};
use super::plan::Resource;
use super::reader::Reader;
use super::region;
use super::slot::Slot;
use crate::block_public_access::{EXCLUSIONS, MODES, exclusion, mode};

/// Reads them, when VPCs and subnets are there.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    let mut settled = earlier(reader);
    taken_away(reader, &mut settled);
    for resource in plan.managed(&["aws_vpc_block_public_access_options"]) {
        options(reader, resource, &mut settled);
    }
    several_owners(reader);
    for vpc in reader.vpcs.values() {
        let vpc = &vpc.component;
        if !settled.contains(vpc.id.as_str()) {
            let region = &vpc.region;
            let text = format!(
                "the mode of VPC Block Public Access in `{region}` is not in the input: taken to be \
                 off"
            );
            reader.sink.assume("block-public-access-off", text);
            reader.sink.taken_for_off.insert(vpc.id.to_string());
        }
    }
    for resource in plan.managed(&["aws_vpc_block_public_access_exclusion"]) {
        excluded(reader, resource);
    }
}

/// What an earlier input says of VPCs and subnets that the plan has too stands; the ids of the
/// VPCs of which one says it.
fn earlier(reader: &mut Reader<'_, '_>) -> BTreeSet<String> {
    let mut settled = BTreeSet::new();
    for (id, vpc) in &mut reader.vpcs {
        if let Some(earlier) = reader.sink.get::<Vpc>(id) {
            vpc.component.block_public_access = earlier.block_public_access.clone();
            vpc.component.exclusion = earlier.exclusion;
            settled.insert(id.clone());
        }
    }
    for (id, subnet) in &mut reader.subnets {
        let earlier = reader.sink.get::<Subnet>(id);
        subnet.component.exclusion = earlier.and_then(|earlier| earlier.exclusion);
    }
    settled
}

/// What the change deletes, or replaces by what is read after it: without options the mode is off.
fn taken_away(reader: &mut Reader<'_, '_>, settled: &mut BTreeSet<String>) {
    let plan = reader.plan;
    for resource in &plan.former {
        if resource.of == "aws_vpc_block_public_access_options" {
            let off = Value::Known(BlockPublicAccess::Off);
            set_mode(reader, resource, &off, settled);
        } else if resource.of == "aws_vpc_block_public_access_exclusion" {
            let (vpc, subnet) = (
                resource.attribute("vpc_id"),
                resource.attribute("subnet_id"),
            );
            if let Some(vpc) = vpc.text().and_then(|id| vpc_mut(reader, id)) {
                vpc.exclusion = None;
            }
            if let Some(subnet) = subnet.text().and_then(|id| subnet_mut(reader, id)) {
                subnet.exclusion = None;
            }
        }
    }
}

/// The mode of an account in a Region.
fn options(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, settled: &mut BTreeSet<String>) {
    let attribute = resource.attribute("internet_gateway_block_mode");
    let value = if attribute.is_unknown() {
        Value::Any(attribute.hole())
    } else {
        let Some(mode) = attribute.text().and_then(mode) else {
            reader.invalid(&attribute, MODES);
            return;
        };
        Value::Known(mode)
    };
    set_mode(reader, resource, &value, settled);
}

/// Sets the mode of all VPCs of the account and the Region of the options.
fn set_mode(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    mode: &Value<BlockPublicAccess>,
    settled: &mut BTreeSet<String>,
) {
    let region = resource.attribute("aws_region").text().map(str::to_owned);
    let region = region.or_else(|| region::of(reader.plan, resource));
    let account = resource.attribute("aws_account_id");
    let account = account.text();
    let is_unchanged = is_unchanged(reader.plan, resource);
    let planned: BTreeSet<String> = reader.vpcs.keys().cloned().collect();
    let taken = std::mem::take(&mut reader.sink.taken_for_off);
    let mut is_alike = true;
    let mut set = BTreeSet::new();
    for vpc in vpcs_mut(reader) {
        let here = region
            .as_ref()
            .is_none_or(|region| vpc.region == *region || vpc.region == region::UNKNOWN);
        let owned =
            account.is_none_or(|account| vpc.account.as_ref().is_none_or(|owner| owner == account));
        if !(here && owned) {
            continue;
        }
        // Either input may be the younger one (see `layers_differ.rs`).
        let id = vpc.id.to_string();
        let is_earlier = settled.contains(&id) || !planned.contains(&id);
        let is_told = is_earlier && !taken.contains(&id);
        if is_unchanged && is_told && vpc.block_public_access != *mode {
            let hole = resource.attribute("internet_gateway_block_mode").hole();
            vpc.block_public_access = Value::Any(hole);
            is_alike = false;
        } else {
            vpc.block_public_access = mode.clone();
        }
        set.insert(id);
    }
    reader.sink.taken_for_off = &taken - &set;
    settled.extend(set);
    if !is_alike {
        note(reader.sink, resource.address);
    }
}

/// The mode of VPC Block Public Access is that of one account in one Region, which several providers, or
/// VPCs of several, leave open, and a Region that the plan does not tell.
fn several_owners(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    let shelved = reader.vpcs.values().map(|placed| &placed.component);
    let vpcs: Vec<&Vpc> = shelved.chain(&reader.sink.draft.vpcs).collect();
    let owners: BTreeSet<_> = vpcs.iter().map(|vpc| (&vpc.region, &vpc.account)).collect();
    let are_several = owners.len() > 1 || plan.has_several_providers();
    for resource in plan.managed(&["aws_vpc_block_public_access_options"]) {
        if !resource.is_created && plan.former_of(resource).is_none() {
            continue;
        }
        let region = resource.attribute("aws_region");
        let is_placed = region.text().is_some() || region::of(plan, resource).is_some();
        let mode = resource.attribute("internet_gateway_block_mode");
        if (are_several || !is_placed) && mode.text() != Some("off") {
            reader.guessed(resource, "of which account and Region it is");
        }
    }
}

/// The VPCs of the plan, and those of an earlier input that it does not have.
fn vpcs_mut<'r>(reader: &'r mut Reader<'_, '_>) -> impl Iterator<Item = &'r mut Vpc> {
    let planned: BTreeSet<String> = reader.vpcs.keys().cloned().collect();
    let earlier = reader.sink.draft.vpcs.iter_mut();
    let earlier = earlier.filter(move |vpc| !planned.contains(vpc.id.as_str()));
    let planned = reader.vpcs.values_mut();
    planned.map(|vpc| &mut vpc.component).chain(earlier)
}

/// An exclusion of a VPC or of a subnet.
fn excluded(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let kind = resource.attribute("internet_gateway_exclusion_mode");
    let known = kind.text().and_then(exclusion);
    if known.is_none() && !kind.is_unknown() {
        reader.invalid(&kind, EXCLUSIONS);
        return;
    }
    let (vpc, subnet) = (
        resource.attribute("vpc_id"),
        resource.attribute("subnet_id"),
    );
    let is_of_vpc = vpc.text().is_some() || vpc.is_open();
    let (subject, thing) = if is_of_vpc {
        (vpc, Thing::Vpc)
    } else {
        (subnet, Thing::Subnet)
    };
    let Some(id) = reader.settle(&subject, thing) else {
        for vpc in possible_vpcs(reader, &subject, thing) {
            perhaps_off(reader, &vpc, subject.hole());
        }
        return;
    };
    let (found, vpc) = if is_of_vpc {
        let found = vpc_mut(reader, &id).map(|vpc| &mut vpc.exclusion);
        (found, Some(id.clone()))
    } else {
        let vpc = reader.subnet(&id).map(|subnet| subnet.vpc.to_string());
        let found = subnet_mut(reader, &id).map(|subnet| &mut subnet.exclusion);
        (found, vpc)
    };
    let Some(found) = found else {
        reader.omit(resource, "an exclusion of what is not in the input");
        return;
    };
    match known {
        Some(known) => *found = Some(known),
        None => {
            // Either kind lets out what goes out; of the rest it is open whether it counts.
            found.get_or_insert(Exclusion::Egress);
            if let Some(vpc) = vpc {
                perhaps_off(reader, &vpc, kind.hole());
            }
        }
    }
}

/// The VPCs which, or a subnet of which, an attribute that cannot be settled may name.
fn possible_vpcs(
    reader: &mut Reader<'_, '_>,
    subject: &Attribute<'_>,
    thing: Thing,
) -> BTreeSet<String> {
    match reader.slot(subject, &[thing]) {
        Slot::Known(one) => of_candidates(reader, [one.id]),
        Slot::OneOf(list) => of_candidates(reader, list.into_iter().map(|one| one.id)),
        Slot::Open => vpcs_mut(reader).map(|vpc| vpc.id.to_string()).collect(),
        Slot::Empty => {
            reader.untraced(subject);
            BTreeSet::new()
        }
    }
}

fn of_candidates(
    reader: &mut Reader<'_, '_>,
    ids: impl IntoIterator<Item = String>,
) -> BTreeSet<String> {
    let vpc = |id: String| match reader.subnet(&id) {
        Some(subnet) => subnet.vpc.to_string(),
        None => id,
    };
    ids.into_iter().map(vpc).collect()
}

fn vpc_mut<'r>(reader: &'r mut Reader<'_, '_>, id: &str) -> Option<&'r mut Vpc> {
    vpcs_mut(reader).find(|vpc| vpc.id.as_str() == id)
}

/// Something in the VPC may be excluded from its mode. An exclusion has no hole in the model, and a
/// mode has: an exclusion of everything is the mode off, so what may be excluded is a mode that may
/// be off. That says it of all subnets of the VPC, which is more than is open, never less.
fn perhaps_off(reader: &mut Reader<'_, '_>, vpc: &str, hole: Hole) {
    if let Some(vpc) = vpc_mut(reader, vpc) {
        let off = Value::Known(BlockPublicAccess::Off);
        let before = std::mem::replace(&mut vpc.block_public_access, off.clone());
        vpc.block_public_access = either(Some(before), off, hole);
    }
}
