//! Security groups and their rules, of all three generations: inline, `aws_security_group_rule`, and
//! `aws_vpc_security_group_ingress_rule` with its twin.

use model::{GroupRule, RuleIndex, RulePeer, RuleTraffic, SecurityGroup, SecurityGroupId, VpcId};

use crate::diagnostic::Place;
use crate::provenance::Kind;

use super::attribute::Attribute;
use super::identity::{SECURITY_GROUPS, Thing};
use super::layers_differ::{self, is_unchanged};
use super::peer::{Arity, Lists, unknown_peers, unknown_traffic, with_traffic};
use super::plan::Resource;
use super::reader::{Reader, shelve};
use super::removal::shown;
use super::slot::Slot;
use super::traffic::{Fields, Side};

/// The resource types of stand-alone rules.
const RULES: [&str; 3] = [
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpc_security_group_egress_rule",
];

/// Reads the groups with the rules written in them. A group without any `egress` has none: the
/// provider removes the rule that AWS gives to a new group.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let retired = retired(reader);
    for resource in reader.plan.managed(&SECURITY_GROUPS) {
        group(reader, resource, &retired);
    }
}

/// Reads the stand-alone rules.
pub(super) fn rules(reader: &mut Reader<'_, '_>) {
    let retired = retired(reader);
    for resource in reader.plan.managed(&RULES) {
        let attribute = resource.attribute("security_group_id");
        let slot = reader.slot(&attribute, &[Thing::SecurityGroup]);
        let groups = match slot {
            Slot::Known(candidate) => vec![candidate.id],
            Slot::OneOf(_) | Slot::Open => {
                rule_of_some_group(reader, resource, &attribute, slot);
                continue;
            }
            Slot::Empty => {
                reader.untraced(&attribute);
                continue;
            }
        };
        for group in groups {
            for (side, rule) in standing_alone(reader, resource, &group) {
                let key = (group.clone(), side, rule);
                if is_unchanged(reader.plan, resource) && retired.contains(&key) {
                    // Two resources stand for one rule of AWS, and the plan deletes it by the other.
                    let what = "a rule that the plan deletes by another resource";
                    reader.guessed(resource, what);
                }
                for rule in layers_differ::group::earlier(reader, resource, &key) {
                    attach(reader, resource, &group, side, rule, resource.place());
                }
            }
        }
    }
}

/// A rule of a group that cannot be told: each group that it may be in may admit what it admits.
/// With another group as its peer that is what `OutsideGroup` says; blocks become a list that is
/// not known.
fn rule_of_some_group(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    attribute: &Attribute<'_>,
    slot: Slot,
) {
    let groups: Vec<_> = match slot {
        Slot::OneOf(list) => list.into_iter().map(|candidate| candidate.id).collect(),
        Slot::Empty | Slot::Known(_) | Slot::Open => {
            reader.may_be_earlier(attribute);
            reader.security_groups.keys().cloned().collect()
        }
    };
    for group in groups {
        for (side, rule) in standing_alone(reader, resource, &group) {
            for peer in unknown_peers(reader, attribute) {
                let traffic = rule.traffic.clone();
                let rule = GroupRule { traffic, peer };
                attach(reader, resource, &group, side, rule, resource.place());
            }
        }
    }
}

/// The rules that stand-alone resources had before the change, by group. A group that is not itself
/// changed still shows them.
type Retired = Vec<(String, Side, GroupRule)>;

fn retired(reader: &mut Reader<'_, '_>) -> Retired {
    let mut retired = Retired::new();
    let plan = reader.plan;
    for former in plan
        .former
        .iter()
        .filter(|former| RULES.contains(&former.of))
    {
        if let Some(group) = former.attribute("security_group_id").text() {
            let rules = standing_alone(reader, former, group);
            let rules = rules.into_iter();
            retired.extend(rules.map(|(side, rule)| (group.to_owned(), side, rule)));
        }
    }
    retired
}

fn group(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, retired: &Retired) {
    let id = reader.plan.id(resource);
    let is_default = resource.of == "aws_default_security_group";
    if is_default && id == resource.address {
        // The group of a VPC that is in the plan, or before it, has an id.
        reader.may_be_earlier(&resource.attribute("vpc_id"));
    }
    let Some(vpc) = group_vpc(reader, resource) else {
        return;
    };
    let name = resource.attribute("name");
    let fallback = if is_default {
        "default"
    } else {
        resource.address
    };
    let group = SecurityGroup {
        id: SecurityGroupId::new(&id),
        vpc,
        name: name.text().unwrap_or(fallback).to_owned(),
        ingress: Vec::new(),
        egress: Vec::new(),
        tags: reader.tags(resource),
    };
    shelve(
        &mut reader.security_groups,
        group,
        resource.place(),
        reader.sink,
    );
    for (side, name) in Side::BOTH {
        let inline = resource.attribute(name);
        if inline.is_open() {
            for peer in unknown_peers(reader, &inline) {
                let traffic = RuleTraffic::All;
                let rule = GroupRule { traffic, peer };
                attach(reader, resource, &id, side, rule, inline.place());
            }
        }
        let items = inline.items();
        let sharing = items
            .iter()
            .filter(|item| item.field("security_groups").has_unknown());
        let n_sharing = sharing.count();
        for item in items {
            for rule in inline_rules(reader, &item, &id, n_sharing) {
                let key = (id.clone(), side, rule);
                if !retired.contains(&key) || shown::is_written_anew(reader, resource, name) {
                    attach(reader, resource, &id, side, key.2, item.place());
                }
            }
        }
    }
}

/// A group without a `vpc_id` belongs to the default VPC, which is seldom in the plan.
fn group_vpc(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) -> Option<VpcId> {
    let vpc = resource.attribute("vpc_id");
    let default = reader.plan.managed(&["aws_default_vpc"]);
    match default.first() {
        Some(default) if !vpc.is_open() && vpc.text().is_none() => {
            Some(VpcId::new(reader.plan.id(default)))
        }
        Some(_) | None => reader.vpc_id(&vpc),
    }
}

/// The rules of one inline block: one for each peer.
fn inline_rules(
    reader: &mut Reader<'_, '_>,
    item: &Attribute<'_>,
    group: &str,
    n_sharing: usize,
) -> Vec<GroupRule> {
    let traffic = traffic(
        item.field("protocol"),
        item.field("from_port"),
        item.field("to_port"),
    );
    let Some(traffic) = traffic.read(reader) else {
        return unknown_traffic(reader, &item.field("from_port"));
    };
    let lists = Lists {
        ipv4: item.field("cidr_blocks"),
        ipv6: item.field("ipv6_cidr_blocks"),
        prefix_lists: item.field("prefix_list_ids"),
        groups: item.field("security_groups"),
        arity: Arity::Many { n_sharing },
    };
    let mut peers = lists.peers(reader);
    if item.field("self").flag() == Some(true) {
        peers.push(RulePeer::Group(SecurityGroupId::new(group)));
    }
    with_traffic(&traffic, peers)
}

/// The rules of a stand-alone resource, each with its side.
pub(super) fn standing_alone(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    group: &str,
) -> Vec<(Side, GroupRule)> {
    let of_type = resource.attribute("type");
    let (side, protocol) = match resource.of {
        "aws_vpc_security_group_ingress_rule" => (Side::Ingress, "ip_protocol"),
        "aws_vpc_security_group_egress_rule" => (Side::Egress, "ip_protocol"),
        _ => match of_type.text() {
            Some("ingress") => (Side::Ingress, "protocol"),
            Some("egress") => (Side::Egress, "protocol"),
            _ => {
                reader.invalid(&of_type, "`ingress` or `egress`");
                return Vec::new();
            }
        },
    };
    let (from, to) = (
        resource.attribute("from_port"),
        resource.attribute("to_port"),
    );
    let fields = traffic(resource.attribute(protocol), from.clone(), to);
    let rules = match fields.read(reader) {
        None => unknown_traffic(reader, &from),
        Some(traffic) => {
            let peers = if protocol == "protocol" {
                listed_peers(reader, resource, group)
            } else {
                single_peers(reader, resource)
            };
            with_traffic(&traffic, peers)
        }
    };
    rules.into_iter().map(|rule| (side, rule)).collect()
}

fn traffic<'f>(protocol: Attribute<'f>, from: Attribute<'f>, to: Attribute<'f>) -> Fields<'f> {
    Fields {
        protocol,
        from,
        to,
        icmp: None,
    }
}

/// The peers of an `aws_security_group_rule`.
fn listed_peers(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    group: &str,
) -> Vec<RulePeer> {
    let lists = Lists {
        ipv4: resource.attribute("cidr_blocks"),
        ipv6: resource.attribute("ipv6_cidr_blocks"),
        prefix_lists: resource.attribute("prefix_list_ids"),
        groups: resource.attribute("source_security_group_id"),
        arity: Arity::One,
    };
    let mut peers = lists.peers(reader);
    if resource.attribute("self").flag() == Some(true) {
        peers.push(RulePeer::Group(SecurityGroupId::new(group)));
    }
    peers
}

/// The one peer of an `aws_vpc_security_group_ingress_rule` or its twin.
fn single_peers(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) -> Vec<RulePeer> {
    let lists = Lists {
        ipv4: resource.attribute("cidr_ipv4"),
        ipv6: resource.attribute("cidr_ipv6"),
        prefix_lists: resource.attribute("prefix_list_id"),
        groups: resource.attribute("referenced_security_group_id"),
        arity: Arity::One,
    };
    lists.peers(reader)
}

/// Puts a rule into its group, unless an earlier state of the group shows it already.
fn attach(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    group: &str,
    side: Side,
    rule: GroupRule,
    place: Place,
) {
    let (found, own) = match reader.security_groups.get_mut(group) {
        Some(group) => (Some(&mut group.component), Some(&mut group.rules)),
        None => (reader.sink.get::<SecurityGroup>(group), None),
    };
    let Some(found) = found else {
        reader.omit(
            resource,
            "a rule of a security group that is not in the input",
        );
        return;
    };
    let rules = match side {
        Side::Ingress => &mut found.ingress,
        Side::Egress => &mut found.egress,
    };
    let position = rules
        .iter()
        .position(|other| *other == rule)
        .unwrap_or_else(|| {
            rules.push(rule);
            rules.len() - 1
        });
    let index = match side {
        Side::Ingress => RuleIndex::IngressRule(position),
        Side::Egress => RuleIndex::EgressRule(position),
    };
    match own {
        Some(rules) => {
            rules.insert(index, place);
        }
        None => reader.sink.rule(Kind::SecurityGroup, group, index, place),
    }
}
