//! Resources that are changed and stay: of which the change is read, property by property.

use std::collections::BTreeSet;

use crate::doubt::Touches;
use crate::json::{Map, Value as Json};
use crate::sink::Sink;

use super::document::{Change, STACK};
use super::part;
use super::{ChangeSet, Side, Sides};
use crate::cloudformation::intrinsic::MASK;
use crate::cloudformation::vetted;

/// Types that are a part of something else and have no id that anything names: one that is changed is
/// taken away and made again.
const PARTS: [&str; 8] = [
    "AWS::EC2::EIPAssociation",
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::Route",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SubnetNetworkAclAssociation",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCGatewayAttachment",
];

/// The lists of rules in a group, and the type of a rule that stands alone.
const RULES: [(&str, &str); 2] = [
    ("SecurityGroupEgress", "AWS::EC2::SecurityGroupEgress"),
    ("SecurityGroupIngress", "AWS::EC2::SecurityGroupIngress"),
];

/// The groups of an instance.
const GROUPS: &str = "SecurityGroupIds";

/// Whether a type is a part of something else.
pub(super) fn is_part(of: &str) -> bool {
    PARTS.contains(&of)
}

/// Whether nothing but the groups of an instance is changed, which replaces none that is in a VPC, as
/// all are.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-instance.html>
pub(super) fn only_regroups(change: &Change) -> bool {
    let names = changed(properties(&change.before), properties(&change.after));
    let is_group = |name: &str| name == GROUPS;
    change.of == "AWS::EC2::Instance"
        && names.contains(GROUPS)
        && names.iter().all(|name| is_group(name) || *name == "Tags")
        && change.replacing.iter().all(|name| is_group(name))
}

impl ChangeSet {
    /// Reads a change of a resource that stays; of a property that is not read nothing is certain.
    pub(super) fn modify(&self, change: &Change, sides: &mut Sides, sink: &mut Sink) {
        if is_part(&change.of) {
            self.take_away(change, sides, sink);
            self.make(change, sides);
            return;
        }
        if change.of == STACK {
            self.doubt(change, "changes, and what it makes is not told", sink);
            return;
        }
        let (before, after) = (properties(&change.before), properties(&change.after));
        for name in masked(after) {
            if !is_idle(&change.of, name) {
                let what = format!("may change `{name}`, of which a value is not shown");
                self.doubt(change, &what, sink);
            }
        }
        for name in changed(before, after) {
            let (old, new) = (
                before.and_then(|of| of.get(name)),
                after.and_then(|of| of.get(name)),
            );
            let rule = RULES.iter().find(|(list, _)| *list == name);
            let is_group = change.of == "AWS::EC2::SecurityGroup";
            if name == "Tags" {
                self.note(change, Touches::Tags, name, sink);
            } else if let (Some((_, of)), true) = (rule, is_group) {
                self.rules(change, (of, name), (old, new), sides, sink);
            } else if part::of(&change.of, name)
                .is_some_and(|part| part.change(change, [old, new], sides, sink))
            {
                // What it says stands on both sides.
            } else if !is_idle(&change.of, name) {
                self.doubt(change, &format!("changes `{name}`"), sink);
            }
        }
    }

    fn note(&self, change: &Change, touches: Touches, name: &str, sink: &mut Sink) {
        let text = format!(
            "`{}` ({}, {}) changes `{name}`",
            change.logical,
            change.of,
            self.place(change)
        );
        sink.guess(touches, text);
    }

    /// The rules in a group, each as one that stands alone. A group without rules for what goes out has
    /// AWS's own, so that there the change is not read.
    fn rules(
        &self,
        change: &Change,
        (of, name): (&str, &str),
        (old, new): (Option<&Json>, Option<&Json>),
        sides: &mut Sides,
        sink: &mut Sink,
    ) {
        let listed = |list: Option<&Json>| match list {
            Some(list) => list.as_array().cloned(),
            None => Some(Vec::new()),
        };
        let (Some(old), Some(new), Some(group)) = (listed(old), listed(new), &change.physical)
        else {
            self.doubt(change, &format!("changes `{name}`"), sink);
            return;
        };
        if name == "SecurityGroupEgress" && (old.is_empty() || new.is_empty()) {
            self.doubt(change, &format!("changes `{name}`"), sink);
            return;
        }
        for (context, rules, side) in [
            ("BeforeContext", old, &mut sides.before),
            ("AfterContext", new, &mut sides.after),
        ] {
            for (position, rule) in rules.into_iter().enumerate() {
                let mut fields = rule.as_object().cloned().unwrap_or_default();
                fields.insert("GroupId", Json::from(group.as_str()));
                let mut body = Map::new();
                body.insert("Type", Json::from(of));
                body.insert("Properties", Json::Object(fields));
                side.push(Side {
                    logical: format!("{}{name}{position}", change.logical),
                    body: Json::Object(body),
                    pointer: format!("{}/{context}", change.pointer),
                    physical: Some(format!("{group}/{name}/{position}")),
                });
            }
        }
    }
}

fn properties(context: &Option<Json>) -> Option<&Map> {
    context.as_ref()?.get("Properties")?.as_object()
}

/// The properties that differ.
fn changed<'c>(before: Option<&'c Map>, after: Option<&'c Map>) -> BTreeSet<&'c str> {
    let names = |of: Option<&'c Map>| of.into_iter().flat_map(Map::keys);
    let of = |map: Option<&'c Map>, name: &str| map.and_then(|map| map.get(name)).cloned();
    let all = names(before).chain(names(after));
    all.filter(|name| of(before, name) != of(after, name))
        .collect()
}

/// The properties with a value that is not shown, which may be another one before.
fn masked(after: Option<&Map>) -> impl Iterator<Item = &str> {
    let after = after.into_iter().flatten();
    after.filter_map(|(name, value)| value.to_string().contains(MASK).then_some(name))
}

/// Whether a property has no effect.
fn is_idle(of: &str, name: &str) -> bool {
    vetted::of(of).is_some_and(|vetted| vetted.idle.contains(&name))
}
