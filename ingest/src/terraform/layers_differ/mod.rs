//! Where a plan leaves something as it is, and an earlier input does not say the same of it: either may be
//! the younger of the two, as a state that was not refreshed is the older. What only one of them has may be
//! there or not. `before.rs` compares the whole.

pub(super) mod attributes;
mod before;
pub(super) mod group;
mod interface;
mod missing;
mod policies;
pub(super) mod table;
mod unlike;

use std::collections::BTreeSet;

use model::{Hole, NetworkAcl, PrefixList, RuleIndex, Value, Vpc, VpcEndpoint};

use crate::diagnostic::Place;
use crate::doubt::Touches;
use crate::provenance::Kind;
use crate::sink::Sink;

pub(super) use before::Before;
pub(crate) use before::UnlikeAttribute;

use super::attribute::Attribute;
use super::identity::{NETWORK_ACLS, ROUTE_TABLES, SECURITY_GROUPS, VPCS};
use super::plan::{Plan, Resource};
use super::prefix_list::ENTRY;
use super::reader::Reader;

/// Opens what differs. The parts that the plan takes away are gone from the earlier input by now.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    if reader.plan.is_declared || reader.sink.draft.vpcs.is_empty() {
        return;
    }
    let changed = Changed::of(reader.plan);
    for resource in there(reader, &SECURITY_GROUPS) {
        group::read(reader, resource, &changed);
    }
    for resource in there(reader, &ROUTE_TABLES) {
        table::read(reader, resource, &changed);
    }
    for resource in there(reader, &NETWORK_ACLS) {
        acl(reader, resource, &changed);
        acl_subnets(reader, resource);
    }
    interface::read(reader, &changed);
    for resource in unchanged(reader, &VPCS) {
        main_table(reader, resource);
    }
    for resource in there(reader, &["aws_ec2_managed_prefix_list"]) {
        prefix_list(reader, resource, &changed);
    }
    for resource in there(reader, &["aws_vpc_endpoint"]) {
        policy(reader, resource);
        table::of_endpoint(reader, resource);
    }
}

/// Opens what differs of the policies of accounts, and of attributes, the tags that are kept among them.
pub(super) fn others(reader: &mut Reader<'_, '_>) {
    if !reader.plan.is_declared {
        let changed = Changed::of(reader.plan);
        policies::read(reader, &changed);
        attributes::read(reader, &changed);
    }
}

/// The resources that the plan makes or changes: what they add to others is as the plan says.
struct Changed<'p> {
    resources: Vec<&'p Resource<'p>>,
    places: BTreeSet<Place>,
}

impl<'p> Changed<'p> {
    fn of(plan: &'p Plan<'p>) -> Changed<'p> {
        let former: BTreeSet<&str> = plan.former.iter().map(|one| one.address).collect();
        let resources = plan.resources.iter();
        let resources = resources
            .filter(|one| !one.is_data && (one.is_created || former.contains(one.address)));
        let resources: Vec<_> = resources.collect();
        let places = resources.iter().map(|one| one.place()).collect();
        Changed { resources, places }
    }

    /// Whether one of them made a part of something, by where the part stands.
    fn made(&self, place: Option<&Place>) -> bool {
        place.is_some_and(|place| self.places.contains(place))
    }

    /// Whether one of them is of a type.
    fn has(&self, of: &str) -> bool {
        self.resources.iter().any(|one| one.of == of)
    }

    /// What those of a type name by an attribute, where another one names an owner.
    fn named(&self, of: &str, [owner, part]: [&str; 2], id: &str) -> BTreeSet<String> {
        let all = self.resources.iter().filter(|one| one.of == of);
        let of_owner = all.filter(|one| one.attribute(owner).text() == Some(id));
        of_owner
            .filter_map(|one| one.attribute(part).text().map(str::to_owned))
            .collect()
    }
}

/// The resources of some types that the plan does not make.
fn there<'p>(reader: &Reader<'p, '_>, types: &[&str]) -> Vec<&'p Resource<'p>> {
    let mut all = reader.plan.managed(types);
    all.retain(|one| !one.is_created);
    all
}

/// The resources of some types that are there and that the plan leaves as they are.
fn unchanged<'p>(reader: &Reader<'p, '_>, types: &[&str]) -> Vec<&'p Resource<'p>> {
    let plan = reader.plan;
    let mut all = plan.managed(types);
    all.retain(|one| is_unchanged(plan, one));
    all
}

/// Whether a resource is there and the plan leaves it as it is.
pub(super) fn is_unchanged(plan: &Plan<'_>, resource: &Resource<'_>) -> bool {
    !resource.is_created && plan.former_of(resource).is_none()
}

/// Whether the plan leaves an attribute as it is. Terraform writes no list that stays the same, also
/// where it changes something else of the resource.
pub(super) fn leaves(plan: &Plan<'_>, resource: &Resource<'_>, name: &str) -> bool {
    let is_same = |former: &Resource<'_>| {
        former.raw(name).0 == resource.raw(name).0 && !resource.attribute(name).has_unknown()
    };
    !resource.is_created && plan.former_of(resource).is_none_or(is_same)
}

/// Whether what a resource of its own stands for in a component of a kind that only the earlier input has may be
/// gone when that input does not have it: another stack's list of it may be the older one, a snapshot's is not.
pub(super) fn may_be_gone(reader: &Reader<'_, '_>, resource: &Resource<'_>, of: Kind) -> bool {
    reader.sink.sees(of) && is_unchanged(reader.plan, resource)
}

/// Keeps what of a resource is not alike, by the attribute that would settle it: where a plan changes the
/// resource, `before` asks for it.
pub(super) fn keep(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    name: &str,
    touches: Touches,
) {
    reader.sink.unlike.insert(UnlikeAttribute {
        resource: resource.address.to_owned(),
        name: name.to_owned(),
        touches,
    });
}

/// What settles it.
const REFRESH: &str = "refresh the plan, or take the snapshot anew";

/// Notes that a thing is not told alike.
pub(super) fn note(sink: &mut Sink, id: &str) {
    let text = format!(
        "`{id}`, which is left as it is, is not alike in the input before: what only one of the two says \
         may be so; {REFRESH}"
    );
    sink.assume("layers-differ", text);
}

/// An ACL of which one input has an entry that the other has not decides nothing for sure.
fn acl(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, changed: &Changed<'_>) {
    let plan = reader.plan;
    if !leaves(plan, resource, "ingress") || !leaves(plan, resource, "egress") {
        return;
    }
    let id = plan.id(resource);
    let (Some(earlier), Some(placed)) = (
        reader.sink.get::<NetworkAcl>(&id),
        reader.network_acls.get(&id),
    ) else {
        return;
    };
    let planned = &placed.component;
    let stays = |rule: RuleIndex| !changed.made(placed.rules.get(&rule));
    let ingress = planned.ingress.iter();
    let ingress = ingress.filter(|one| stays(RuleIndex::IngressEntry(one.number)));
    let egress = planned.egress.iter();
    let egress = egress.filter(|one| stays(RuleIndex::EgressEntry(one.number)));
    let has_less = |all: &[model::AclEntry], some: &[model::AclEntry]| {
        some.iter().any(|one| !all.contains(one))
    };
    let is_alike = !has_less(&planned.ingress, &earlier.ingress)
        && !has_less(&planned.egress, &earlier.egress)
        && ingress.into_iter().all(|one| earlier.ingress.contains(one))
        && egress.into_iter().all(|one| earlier.egress.contains(one));
    if is_alike {
        return;
    }
    let hole = resource.attribute("ingress").hole();
    super::network_acl::open(reader, &id, &hole);
    for name in ["ingress", "egress"] {
        keep(reader, resource, name, Touches::Everything);
    }
    note(reader.sink, &id);
}

/// A subnet that only the earlier input has, and has with this ACL, may have another one where the plan does
/// not list it.
fn acl_subnets(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    const ASSOCIATION: &str = "aws_network_acl_association";
    let id = reader.plan.id(resource);
    let subnets = resource.attribute("subnet_ids");
    if !leaves(reader.plan, resource, "subnet_ids") || !subnets.is_list() {
        return;
    }
    let mut listed: BTreeSet<String> = texts(&subnets);
    for one in reader.plan.managed(&[ASSOCIATION]) {
        let subnet = one.attribute("subnet_id");
        listed.extend(subnet.text().map(str::to_owned));
    }
    let mut is_alike = true;
    let planned = &reader.subnets;
    for subnet in &mut reader.sink.draft.subnets {
        let is_of_it = subnet
            .network_acl
            .known()
            .is_some_and(|acl| acl.as_str() == id);
        let is_said =
            listed.contains(subnet.id.as_str()) || planned.contains_key(subnet.id.as_str());
        if is_of_it && !is_said {
            subnet.network_acl = Value::Any(subnets.hole());
            is_alike = false;
        }
    }
    if !is_alike {
        note(reader.sink, &id);
    }
}

/// The texts in a list.
fn texts(list: &Attribute<'_>) -> BTreeSet<String> {
    let items = list.items();
    items
        .iter()
        .filter_map(|item| item.text().map(str::to_owned))
        .collect()
}

/// A VPC has room for one main table: where it is another one in the earlier input, nothing is certain.
fn main_table(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    const ASSOCIATION: &str = "aws_main_route_table_association";
    let plan = reader.plan;
    let mut associations = plan.resources.iter().chain(&plan.former);
    let is_given = |one: &Resource<'_>| one.of == ASSOCIATION && !is_unchanged(plan, one);
    if associations.any(is_given) || resource.attribute("main_route_table_id").text().is_none() {
        return;
    }
    let id = plan.id(resource);
    let earlier = reader.sink.get::<Vpc>(&id);
    let before = earlier.map(|earlier| earlier.main_route_table.clone());
    let planned = reader.vpcs.get(&id);
    let now = planned.map(|planned| planned.component.main_route_table.clone());
    if before.is_some() && before != now {
        let hole = resource.attribute("main_route_table_id").hole();
        reader.sink.open_attribute(Touches::Everything, &hole, true);
        keep(reader, resource, "main_route_table_id", Touches::Everything);
        note(reader.sink, &id);
    }
}

fn prefix_list(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, changed: &Changed<'_>) {
    let id = reader.plan.id(resource);
    let earlier = reader.sink.get::<PrefixList>(&id);
    let Some(before) = earlier.and_then(|earlier| earlier.entries.known().cloned()) else {
        return;
    };
    let added = changed.named(ENTRY, ["prefix_list_id", "cidr"], &id);
    let is_left = leaves(reader.plan, resource, "entry");
    let Some(planned) = reader.prefix_lists.get_mut(&id).filter(|_| is_left) else {
        return;
    };
    let hole = Hole::new(format!("entries of {id}"));
    let is_added = |cidr: &model::Cidr| added.contains(&cidr.to_string());
    if either(&mut planned.component.entries, before, is_added, hole) {
        keep(reader, resource, "entry", Touches::Everything);
        note(reader.sink, &id);
    }
}

/// Lets a set be another one, too, where the two are not the same but for what the change adds; whether
/// they are not.
fn either<T: Ord + Clone>(
    value: &mut Value<BTreeSet<T>>,
    mut before: BTreeSet<T>,
    is_added: impl Fn(&T) -> bool,
    hole: Hole,
) -> bool {
    let Value::Known(now) = value else {
        return false;
    };
    before.extend(now.iter().filter(|one| is_added(one)).cloned());
    let differs = before != *now;
    if differs {
        let both = now.union(&before).cloned().collect();
        let mut values = vec![now.clone(), before];
        if !values.contains(&both) {
            values.push(both);
        }
        *value = Value::OneOf(values, hole);
    }
    differs
}

fn policy(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let id = reader.plan.id(resource);
    let is_of_it = |one: &Resource<'_>| {
        one.of == "aws_vpc_endpoint_policy" && one.attribute("vpc_endpoint_id").text() == Some(&id)
    };
    let plan = reader.plan;
    let mut changed = plan.resources.iter().chain(&plan.former);
    let is_changed = changed.any(|one| is_of_it(one) && !is_unchanged(plan, one));
    if is_changed || !leaves(plan, resource, "policy") {
        return;
    }
    let earlier = reader.sink.get::<VpcEndpoint>(&id);
    let Some(before) = earlier.and_then(|earlier| earlier.policy.known().cloned()) else {
        return;
    };
    let Some(planned) = reader.vpc_endpoints.get_mut(&id) else {
        return;
    };
    let policy = &mut planned.component.policy;
    if let Some(now) = policy.known().filter(|now| **now != before).cloned() {
        let hole = Hole::new(format!("policy of {id}"));
        *policy = Value::OneOf(vec![now, before], hole);
        keep(reader, resource, "policy", Touches::Requests);
        note(reader.sink, &id);
    }
}
