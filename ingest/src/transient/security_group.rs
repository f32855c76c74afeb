//! Security groups: the rules that change go to a group of their own, which interfaces carry or not.

use std::collections::BTreeSet;

use model::{ComponentId, GroupRule, RuleIndex, SecurityGroup, SecurityGroupId};

use super::Merge;
use super::pairs::{Pair, pairs};
use super::resource::Side;
use crate::provenance::Kind;

/// A rule of one of the networks.
struct Sighted<'a> {
    rule: &'a GroupRule,
    is_steady: bool,
    name: String,
}

impl Merge<'_> {
    pub(super) fn security_groups(&mut self) {
        let [before, after] = self.networks();
        for (id, pair) in pairs(before.security_groups(), after.security_groups()) {
            let group = pair.latest();
            let mut names = BTreeSet::new();
            let mut split = |ingress| {
                let sides = match pair {
                    Pair::Before(one) => vec![self.sight_rules(one, Side::Before, ingress, false)],
                    Pair::After(one) => vec![self.sight_rules(one, Side::After, ingress, false)],
                    Pair::Both(one, other) => vec![
                        self.sight_rules(one, Side::Before, ingress, true),
                        self.sight_rules(other, Side::After, ingress, true),
                    ],
                };
                let (mut steady, mut changing): (Vec<GroupRule>, Vec<GroupRule>) =
                    Default::default();
                for sighted in sides.iter().flatten() {
                    let in_each = sides.iter().all(|side| {
                        let mut same = side.iter().filter(|one| one.rule == sighted.rule);
                        same.any(|one| one.is_steady)
                    });
                    let rules = if in_each {
                        &mut steady
                    } else {
                        names.insert(sighted.name.clone());
                        &mut changing
                    };
                    if !rules.contains(sighted.rule) {
                        rules.push(sighted.rule.clone());
                    }
                }
                (steady, changing)
            };
            let (ingress, changing_ingress) = split(true);
            let (egress, changing_egress) = split(false);
            self.draft.security_groups.push(SecurityGroup {
                ingress,
                egress,
                ..group.clone()
            });
            if names.is_empty() {
                continue;
            }
            let changing = SecurityGroupId::new(format!("{id}#changing"));
            self.draft.security_groups.push(SecurityGroup {
                id: changing.clone(),
                vpc: group.vpc.clone(),
                name: changing.to_string(),
                ingress: changing_ingress,
                egress: changing_egress,
                tags: model::Tags::new(),
            });
            self.changing_groups.insert(id.clone(), (changing, names));
        }
    }

    /// The rules of a direction. Those of a group that does not stay are steady, as long as it is there, when the group's
    /// own resource makes them.
    fn sight_rules<'g>(
        &self,
        group: &'g SecurityGroup,
        side: Side,
        ingress: bool,
        stays: bool,
    ) -> Vec<Sighted<'g>> {
        let component = ComponentId::SecurityGroup(group.id.clone());
        let owner = (Kind::SecurityGroup, group.id.as_str(), &component);
        let rules = if ingress {
            &group.ingress
        } else {
            &group.egress
        };
        let rules = rules.iter().enumerate();
        let sighted = rules.map(|(position, rule)| {
            let index = if ingress {
                RuleIndex::IngressRule(position)
            } else {
                RuleIndex::EgressRule(position)
            };
            let (is_steady, name) = self.names.steady(side, owner, index, stays);
            Sighted {
                rule,
                is_steady,
                name,
            }
        });
        sighted.collect()
    }
}
