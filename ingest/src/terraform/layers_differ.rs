//! Where a plan leaves something as it is, and an earlier input has more of it than the plan knows: either
//! may be the younger of the two, as a state that was not refreshed is the older. What only the earlier one
//! has may be there.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AddressValue, Attachment, GroupRule, Hole, InterfaceAddress, NetworkAcl, NetworkInterface,
    PrefixList, Route, RouteOrigin, RouteState, RouteTable, RulePeer, SecurityGroup, Target, Value,
    Vpc, VpcEndpoint,
};

use crate::doubt::Touches;

use super::identity::{
    LOAD_BALANCERS, NETWORK_ACLS, ROUTE_TABLES, SECURITY_GROUPS, VPCS, interface_of,
};
use super::peer::{unknown_peers, with_traffic};
use super::plan::{Plan, Resource};
use super::reader::Reader;
use super::traffic::Side;

/// Opens what differs. The parts that the plan takes away are gone from the earlier input by now.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    if reader.plan.is_declared || reader.sink.draft.vpcs.is_empty() {
        return;
    }
    for resource in unchanged(reader, &SECURITY_GROUPS) {
        group(reader, resource);
    }
    for resource in unchanged(reader, &ROUTE_TABLES) {
        table(reader, resource);
    }
    for resource in unchanged(reader, &NETWORK_ACLS) {
        acl(reader, resource);
    }
    for id in interfaces(reader) {
        interface(reader, &id);
    }
    for resource in unchanged(reader, &VPCS) {
        main_table(reader, resource);
    }
    for resource in unchanged(reader, &["aws_ec2_managed_prefix_list"]) {
        prefix_list(reader, resource);
    }
    for resource in unchanged(reader, &["aws_vpc_endpoint"]) {
        policy(reader, resource);
    }
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

/// Notes that a thing is not told alike.
pub(super) fn note(reader: &mut Reader<'_, '_>, id: &str) {
    let text = format!(
        "`{id}`, which is left as it is, is not alike in the input before: what only that one says may be so"
    );
    reader.sink.assume("layers-differ", text);
}

/// Rules that only the earlier group has: whom they are for is open, so that what they admit is not certain.
fn group(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let id = reader.plan.id(resource);
    let Some(earlier) = reader.sink.get::<SecurityGroup>(&id).cloned() else {
        return;
    };
    for (side, name) in Side::BOTH {
        let Some(planned) = reader.security_groups.get(&id) else {
            return;
        };
        let (before, now) = match side {
            Side::Ingress => (&earlier.ingress, &planned.component.ingress),
            Side::Egress => (&earlier.egress, &planned.component.egress),
        };
        let more = before.iter().filter(|rule| !has_rule(now, rule));
        let more: Vec<GroupRule> = more.cloned().collect();
        for rule in more {
            let peers = unknown_peers(reader, &resource.attribute(name));
            let open = with_traffic(&rule.traffic, peers);
            if let Some(planned) = reader.security_groups.get_mut(&id) {
                match side {
                    Side::Ingress => planned.component.ingress.extend(open),
                    Side::Egress => planned.component.egress.extend(open),
                }
            }
            note(reader, &id);
        }
    }
}

/// Whether rules have one. Of a group that is not in the input, the account may stand before its id.
fn has_rule(rules: &[GroupRule], rule: &GroupRule) -> bool {
    let outside = |rule: &GroupRule| match &rule.peer {
        RulePeer::OutsideGroup(id) => id.rsplit('/').next().map(str::to_owned),
        RulePeer::Cidr(_) | RulePeer::PrefixList(_) | RulePeer::Group(_) => None,
    };
    let is_it = |one: &GroupRule| {
        let is_outside = outside(one).is_some() && outside(one) == outside(rule);
        one == rule || (is_outside && one.traffic == rule.traffic)
    };
    rules.iter().any(is_it)
}

/// Routes that only the earlier table has: where they lead is open.
fn table(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let id = reader.plan.id(resource);
    let (Some(earlier), Some(planned)) = (
        reader.sink.get::<RouteTable>(&id),
        reader.route_tables.get_mut(&id),
    ) else {
        return;
    };
    let hole = resource.attribute("route").hole();
    let routes = &mut planned.component.routes;
    let mut is_alike = true;
    for route in earlier.routes.iter().filter(|route| is_compared(route)) {
        let same = routes
            .iter_mut()
            .find(|one| one.destination == route.destination && one.origin == route.origin);
        match same {
            Some(same) if !is_compared(same) || same.target == route.target => continue,
            Some(same) => same.target = Value::Any(hole.clone()),
            None => routes.push(Route {
                target: Value::Any(hole.clone()),
                ..route.clone()
            }),
        }
        is_alike = false;
    }
    if !is_alike {
        note(reader, &id);
    }
}

/// Whether both formats say a route in one way.
fn is_compared(route: &Route) -> bool {
    let is_said = match &route.target {
        Value::Known(Target::Local | Target::GatewayEndpoint(_) | Target::Unmodelled { .. }) => {
            false
        }
        Value::Known(_) => true,
        Value::OneOf(..) | Value::Any(_) => false,
    };
    is_said && route.origin == RouteOrigin::Static && route.state == RouteState::Active
}

/// An ACL of which the earlier input has another entry decides nothing for sure.
fn acl(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let id = reader.plan.id(resource);
    let (Some(earlier), Some(planned)) = (
        reader.sink.get::<NetworkAcl>(&id),
        reader.network_acls.get(&id),
    ) else {
        return;
    };
    let planned = &planned.component;
    let is_alike = earlier
        .ingress
        .iter()
        .all(|one| planned.ingress.contains(one))
        && earlier
            .egress
            .iter()
            .all(|one| planned.egress.contains(one));
    if is_alike {
        return;
    }
    let hole = resource.attribute("ingress").hole();
    super::network_acl::open(reader, &id, &hole);
    note(reader, &id);
}

/// The interfaces that belong to what the plan leaves as it is.
fn interfaces(reader: &Reader<'_, '_>) -> Vec<String> {
    let plan = reader.plan;
    let ids = |of: &[&str]| -> BTreeSet<String> {
        let left = unchanged(reader, of);
        left.into_iter().map(|one| plan.id(one)).collect()
    };
    let (endpoints, balancers) = (ids(&["aws_vpc_endpoint"]), ids(&LOAD_BALANCERS));
    let instances = plan.managed(&["aws_instance"]).into_iter().rev();
    let instances: BTreeMap<String, &Resource<'_>> =
        instances.map(|one| (interface_of(one), one)).collect();
    let interfaces = reader.network_interfaces.iter();
    let left = interfaces.filter(|(id, placed)| match &placed.component.attachment {
        Attachment::VpcEndpoint(of) => endpoints.contains(of.as_str()),
        Attachment::LoadBalancer(of) => balancers.contains(of.as_str()),
        Attachment::NatGateway(_) => false,
        Attachment::Ordinary { .. } | Attachment::Other(_) => {
            let declared = plan.made(&["aws_network_interface"], id);
            let owner = declared.or_else(|| instances.get(*id).copied());
            owner.is_some_and(|owner| is_unchanged(plan, owner))
        }
    });
    left.map(|(id, _)| id.clone()).collect()
}

/// Groups and addresses that only the earlier interface has.
fn interface(reader: &mut Reader<'_, '_>, id: &str) {
    let (Some(earlier), Some(planned)) = (
        reader.sink.get::<NetworkInterface>(id),
        reader.network_interfaces.get_mut(id),
    ) else {
        return;
    };
    let planned = &mut planned.component;
    let known = &planned.addresses;
    let more = earlier.addresses.iter().filter(|one| {
        let is_it = |other: &InterfaceAddress| other.private == one.private;
        matches!(one.private, AddressValue::Known(_)) && !known.iter().any(is_it)
    });
    let more: Vec<InterfaceAddress> = more.cloned().collect();
    let mut has_more = !more.is_empty();
    planned.addresses.extend(more);
    let hole = Hole::new(format!("groups of {id}"));
    if let Some(before) = earlier.groups.known() {
        has_more |= widen(&mut planned.groups, before.clone(), hole);
    }
    if has_more {
        note(reader, id);
    }
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
        note(reader, &id);
    }
}

fn prefix_list(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let id = reader.plan.id(resource);
    let earlier = reader.sink.get::<PrefixList>(&id);
    let Some(before) = earlier.and_then(|earlier| earlier.entries.known().cloned()) else {
        return;
    };
    let Some(planned) = reader.prefix_lists.get_mut(&id) else {
        return;
    };
    let hole = Hole::new(format!("entries of {id}"));
    if widen(&mut planned.component.entries, before, hole) {
        note(reader, &id);
    }
}

/// Lets a set be another one too, where that has more; whether it has.
fn widen<T: Ord + Clone>(value: &mut Value<BTreeSet<T>>, before: BTreeSet<T>, hole: Hole) -> bool {
    let Value::Known(now) = value else {
        return false;
    };
    let has_more = !before.is_subset(now);
    if has_more {
        let both = now.union(&before).cloned().collect();
        *value = Value::OneOf(vec![now.clone(), before, both], hole);
    }
    has_more
}

fn policy(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let id = reader.plan.id(resource);
    let is_of_it = |one: &Resource<'_>| {
        one.of == "aws_vpc_endpoint_policy" && one.attribute("vpc_endpoint_id").text() == Some(&id)
    };
    let plan = reader.plan;
    let mut changed = plan.resources.iter().chain(&plan.former);
    if changed.any(|one| is_of_it(one) && (one.is_created || plan.former_of(one).is_some())) {
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
        note(reader, &id);
    }
}
