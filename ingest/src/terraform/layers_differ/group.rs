//! The rules of a security group.

use std::collections::BTreeSet;

use model::{
    Family, GroupRule, Hole, PrefixList, PrefixListId, RuleIndex, RulePeer, SecurityGroup, Value,
};

use crate::doubt::Touches;
use crate::provenance::Kind;

use super::super::attribute::Attribute;
use super::super::peer::with_traffic;
use super::super::plan::Resource;
use super::super::prefix_list::unknown_blocks;
use super::super::reader::{Reader, shelve};
use super::super::traffic::Side;
use super::{Changed, keep, leaves, may_be_gone, note};

/// Opens the rules that only one of the two has.
pub(super) fn read(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, changed: &Changed<'_>) {
    let id = reader.plan.id(resource);
    let Some(earlier) = reader.sink.get::<SecurityGroup>(&id).cloned() else {
        return;
    };
    for (side, name) in Side::BOTH {
        if leaves(reader.plan, resource, name) {
            let attribute = resource.attribute(name);
            if !rules(reader, &earlier, side, &attribute, changed) {
                keep(reader, resource, name, Touches::Everything);
                note(reader.sink, &id);
            }
        }
    }
}

/// Opens the rules of a side; whether both have the same.
fn rules(
    reader: &mut Reader<'_, '_>,
    earlier: &SecurityGroup,
    side: Side,
    attribute: &Attribute<'_>,
    changed: &Changed<'_>,
) -> bool {
    let id = earlier.id.as_str();
    let Some(placed) = reader.security_groups.get(id) else {
        return true;
    };
    let (before, now) = (of(earlier, side), of(&placed.component, side));
    let less = now.iter().enumerate().filter(|(position, rule)| {
        let index = match side {
            Side::Ingress => RuleIndex::IngressRule(*position),
            Side::Egress => RuleIndex::EgressRule(*position),
        };
        !changed.made(placed.rules.get(&index)) && !has_rule(before, rule)
    });
    let less: Vec<(usize, GroupRule)> = less.map(|(at, rule)| (at, rule.clone())).collect();
    let more = before.iter().filter(|rule| !has_rule(now, rule));
    let more: Vec<GroupRule> = more.cloned().collect();
    if less.is_empty() && more.is_empty() {
        return true;
    }
    let mut opened = Vec::new();
    for (position, rule) in less {
        let mut perhaps = perhaps(reader, attribute, &rule).into_iter();
        let first = perhaps.next();
        let rules = reader.security_groups.get_mut(id);
        let rules = rules.map(|placed| of_mut(&mut placed.component, side));
        // What stands behind it keeps its place.
        if let (Some(first), Some(slot)) = (first, rules.and_then(|all| all.get_mut(position))) {
            *slot = first;
        }
        opened.extend(perhaps);
    }
    for rule in &more {
        opened.extend(perhaps(reader, attribute, rule));
    }
    if let Some(placed) = reader.security_groups.get_mut(id) {
        of_mut(&mut placed.component, side).extend(opened);
    }
    false
}

/// A rule that a resource of its own stands for, which may be gone where only the earlier input has the
/// group, and has it without the rule.
pub(in super::super) fn earlier(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    (id, side, rule): &(String, Side, GroupRule),
) -> Vec<GroupRule> {
    let is_planned = reader.security_groups.contains_key(id);
    let group = reader.sink.get::<SecurityGroup>(id);
    let is_there = group.is_none_or(|group| has_rule(of(group, *side), rule));
    if is_planned || is_there || !may_be_gone(reader, resource, Kind::SecurityGroup) {
        return vec![rule.clone()];
    }
    note(reader.sink, id);
    perhaps(reader, &resource.attribute("security_group_id"), rule)
}

fn of(group: &SecurityGroup, side: Side) -> &[GroupRule] {
    match side {
        Side::Ingress => &group.ingress,
        Side::Egress => &group.egress,
    }
}

fn of_mut(group: &mut SecurityGroup, side: Side) -> &mut Vec<GroupRule> {
    match side {
        Side::Ingress => &mut group.ingress,
        Side::Egress => &mut group.egress,
    }
}

/// Whether rules have one. A group that is not in the input goes by its id, before which its account may
/// stand; the other input may have it.
fn has_rule(rules: &[GroupRule], rule: &GroupRule) -> bool {
    let group = |rule: &GroupRule| match &rule.peer {
        RulePeer::OutsideGroup(id) => id.rsplit('/').next().map(str::to_owned),
        RulePeer::Group(id) => Some(id.to_string()),
        RulePeer::Cidr(_) | RulePeer::PrefixList(_) => None,
    };
    let is_it = |one: &GroupRule| {
        let is_of_group = group(one).is_some() && group(one) == group(rule);
        one == rule || (is_of_group && one.traffic == rule.traffic)
    };
    rules.iter().any(is_it)
}

/// Rules that are one, or none. Of a block that is a list that has it or nothing; whom a list or a group
/// stands for is open.
fn perhaps(
    reader: &mut Reader<'_, '_>,
    attribute: &Attribute<'_>,
    rule: &GroupRule,
) -> Vec<GroupRule> {
    let peers = match &rule.peer {
        RulePeer::Cidr(cidr) => {
            let id = PrefixListId::new(format!("{} ({cidr})", attribute.name()));
            let entries = vec![BTreeSet::from([*cidr]), BTreeSet::new()];
            let list = PrefixList {
                id: id.clone(),
                name: id.to_string(),
                family: cidr.family(),
                aws_managed: false,
                entries: Value::OneOf(entries, Hole::new(attribute.name())),
            };
            if !reader.prefix_lists.contains_key(id.as_str()) {
                let place = attribute.place();
                shelve(&mut reader.prefix_lists, list, place, reader.sink);
            }
            vec![RulePeer::PrefixList(id)]
        }
        RulePeer::PrefixList(_) => [Family::V4, Family::V6]
            .map(|family| RulePeer::PrefixList(unknown_blocks(reader, attribute, family)))
            .to_vec(),
        RulePeer::Group(_) | RulePeer::OutsideGroup(_) => {
            vec![RulePeer::OutsideGroup(attribute.name())]
        }
    };
    with_traffic(&rule.traffic, peers)
}
