//! Prefix lists, security groups and network ACLs.

use std::collections::BTreeSet;

use model::{
    AclAction, AclEntry, Cidr, Family, GroupRule, Hole, IcmpFilter, NetworkAcl, PrefixList,
    RulePeer, RulePorts, RuleTraffic, SecurityGroup, Tags, Value,
};
use proptest::sample::Index;

use super::Builder;
use crate::plan::{ListEntryPlan, RulePlan};
use crate::pool::{self, choose, once_in, pick};
use crate::swarm::Feature;
use crate::weights::{
    ACTION, BASE_ACL, BASE_EGRESS, BASE_INGRESS, BaseRule, LIST_ENTRIES, LIST_FAMILY, Naming, PEER,
    PeerKind, SERVICE, TRAFFIC, TrafficKind,
};

/// Numbers of entries: few and adjacent, the ends among them.
const NUMBERS: [u16; 9] = [100, 101, 99, 1, 2, 200, 300, 32765, 32766];

impl Builder<'_> {
    /// Lists without entries, groups and ACLs with what most of them have.
    pub(super) fn empty_filters(&mut self) {
        if self.has(Feature::PrefixLists) {
            for (position, plan) in self.plan.lists.iter().enumerate() {
                let aws_managed = plan.managed.index(2) == 1;
                let service = choose(&plan.service, &SERVICE);
                let v4 = !self.has(Feature::Ipv6);
                let family = choose(&plan.family, &LIST_FAMILY);
                self.draft.prefix_lists.push(PrefixList {
                    id: format!("l{position}").as_str().into(),
                    name: if aws_managed {
                        format!("com.amazonaws.us-east-1.{service}")
                    } else {
                        format!("list-{position}")
                    },
                    family: if v4 { Family::V4 } else { family },
                    aws_managed,
                    entries: Value::Known(BTreeSet::new()),
                });
            }
        }
        for (position, plan) in self.plan.groups.iter().enumerate() {
            let Some(vpc) = pick(&plan.vpc, &self.draft.vpcs) else {
                continue;
            };
            let id = format!("g{position}");
            let itself = RulePeer::Group(id.as_str().into());
            self.draft.security_groups.push(SecurityGroup {
                id: id.as_str().into(),
                vpc: vpc.id.clone(),
                name: id,
                ingress: base_rules(choose(&plan.ingress, &BASE_INGRESS), &itself),
                egress: base_rules(choose(&plan.egress, &BASE_EGRESS), &itself),
                tags: Tags::new(),
            });
        }
        if self.has(Feature::NetworkAcls) {
            for (position, plan) in self.plan.acls.iter().enumerate() {
                let Some(vpc) = pick(&plan.vpc, &self.draft.vpcs) else {
                    continue;
                };
                self.draft.network_acls.push(NetworkAcl {
                    id: format!("a{position}").as_str().into(),
                    vpc: vpc.id.clone(),
                    ingress: base_entries(choose(&plan.ingress, &BASE_ACL)),
                    egress: base_entries(choose(&plan.egress, &BASE_ACL)),
                    tags: Tags::new(),
                });
            }
        }
    }

    pub(super) fn list_entries(&mut self) {
        for plan in &self.plan.list_entries {
            let Some(list) = pick(&plan.list, &self.draft.prefix_lists) else {
                continue;
            };
            let id = list.id.clone();
            let Some(block) = self.list_block(list, plan) else {
                continue;
            };
            // Every third entry is in two lists, if another may hold it: their routes tie.
            let twice = once_in(&plan.list, 3);
            let family = list.family;
            let may = |list: &PrefixList| {
                let public = pool::is_public(block.base()) && pool::is_public(pool::last(block));
                list.id == id || (twice && list.family == family && (public || !list.aws_managed))
            };
            for list in self.draft.prefix_lists.iter_mut().filter(|list| may(list)) {
                if let Value::Known(entries) = &mut list.entries {
                    entries.insert(block);
                }
            }
        }
        let (holes, unknown) = (self.has(Feature::Holes), self.has(Feature::UnknownLists));
        for (list, plan) in self.draft.prefix_lists.iter_mut().zip(&self.plan.lists) {
            let hole = Hole::new(format!("entries of {}", list.id));
            let Value::Known(entries) = &list.entries else {
                continue;
            };
            match choose(&plan.entries, &LIST_ENTRIES) {
                Naming::OneOf if holes && !entries.is_empty() => {
                    let sets = vec![entries.clone(), BTreeSet::new()];
                    list.entries = Value::OneOf(sets, hole);
                }
                Naming::Any if unknown => list.entries = Value::Any(hole),
                Naming::Implied | Naming::Known | Naming::OneOf | Naming::Any => {}
            }
        }
    }

    /// AWS's lists hold public addresses only; a customer's may hold anything.
    fn list_block(&self, list: &PrefixList, plan: &ListEntryPlan) -> Option<Cidr> {
        let texts = match list.family {
            Family::V4 => pool::PUBLIC_V4.map(pool::cidr).to_vec(),
            Family::V6 => pool::PUBLIC_V6.map(pool::cidr).to_vec(),
        };
        // Two in three are public in any case.
        if list.aws_managed || plan.list.index(3) < 2 {
            return pick(&plan.block, &texts).copied();
        }
        let of_family = self
            .blocks
            .iter()
            .filter(|cidr| cidr.family() == list.family);
        pick(&plan.block, &of_family.collect::<Vec<_>>()).map(|cidr| **cidr)
    }

    pub(super) fn group_rules(&mut self) {
        for plan in &self.plan.rules {
            let Some(peer) = self.peer(plan) else {
                continue;
            };
            let rule = GroupRule {
                traffic: traffic(&plan.traffic, &plan.from_port, &plan.to_port),
                peer,
            };
            let n_groups = self.draft.security_groups.len();
            if n_groups == 0 {
                return;
            }
            let position = plan.group.index(n_groups);
            if let Some(group) = self.draft.security_groups.get_mut(position) {
                // What comes in is more often the question. The first rule that admits names the
                // step, so half of the rules stand in front.
                let inbound = plan.direction.index(3) < 2;
                let rules = if inbound {
                    &mut group.ingress
                } else {
                    &mut group.egress
                };
                let place = if plan.direction.index(2) == 0 {
                    0
                } else {
                    rules.len()
                };
                rules.insert(place, rule);
            }
        }
    }

    fn peer(&self, plan: &RulePlan) -> Option<RulePeer> {
        let block = || pick(&plan.block, &self.blocks).copied().map(RulePeer::Cidr);
        let kind = choose(&plan.peer, &PEER);
        match kind {
            PeerKind::Everywhere => Some(RulePeer::Cidr(pool::cidr("0.0.0.0/0"))),
            PeerKind::EverywhereIpv6 => Some(RulePeer::Cidr(pool::cidr("::/0"))),
            PeerKind::Block => block(),
            PeerKind::PrefixList => {
                let list = pick(&plan.block, &self.draft.prefix_lists);
                list.map(|list| RulePeer::PrefixList(list.id.clone()))
                    .or_else(block)
            }
            PeerKind::Group if self.has(Feature::GroupReferences) => {
                let group = pick(&plan.block, &self.draft.security_groups);
                group.map(|group| RulePeer::Group(group.id.clone()))
            }
            PeerKind::OutsideGroup if self.has(Feature::OutsideGroups) => {
                Some(RulePeer::OutsideGroup("sg-outside".to_owned()))
            }
            PeerKind::Group | PeerKind::OutsideGroup => block(),
        }
    }

    pub(super) fn acl_entries(&mut self) {
        let custom: Vec<_> = (0..self.draft.network_acls.len())
            .filter(|position| {
                let acl = self.draft.network_acls.get(*position);
                acl.is_some_and(|acl| acl.id.as_str().starts_with('a'))
            })
            .collect();
        let deny = self.has(Feature::DenyEntries);
        for plan in &self.plan.acl_entries {
            let (Some(position), Some(block)) = (
                pick(&plan.acl, &custom).copied(),
                pick(&plan.block, &self.blocks).copied(),
            ) else {
                continue;
            };
            let everywhere = plan.peer.index(3) == 0;
            let cidr = match block.family() {
                Family::V4 if everywhere => pool::cidr("0.0.0.0/0"),
                Family::V6 if everywhere => pool::cidr("::/0"),
                Family::V4 | Family::V6 => block,
            };
            let Some(acl) = self.draft.network_acls.get_mut(position) else {
                continue;
            };
            let inbound = plan.number.index(2) == 0;
            let entries = if inbound {
                &mut acl.ingress
            } else {
                &mut acl.egress
            };
            let start = plan.number.index(NUMBERS.len());
            let numbers = NUMBERS
                .iter()
                .copied()
                .cycle()
                .skip(start)
                .take(NUMBERS.len());
            let mut numbers = numbers.chain(102..200);
            let free = |number: &u16| !entries.iter().any(|entry| entry.number == *number);
            let Some(number) = numbers.find(free) else {
                continue;
            };
            let action = choose(&plan.action, &ACTION);
            entries.push(AclEntry {
                number,
                action: if deny { action } else { AclAction::Allow },
                traffic: traffic(&plan.traffic, &plan.from_port, &plan.to_port),
                cidr,
            });
        }
    }
}

/// Traffic from pools; the ports are ordered.
fn traffic(kind: &Index, from: &Index, to: &Index) -> RuleTraffic {
    let ports = || {
        let one = pick(from, &pool::PORTS).copied().unwrap_or_default();
        let other = pick(to, &pool::PORTS).copied().unwrap_or_default();
        match to.index(5) {
            0 => RulePorts::ALL,
            1 | 2 => RulePorts { from: one, to: one },
            _ => RulePorts {
                from: one.min(other),
                to: one.max(other),
            },
        }
    };
    let filter = || {
        let icmp_type = pick(from, &pool::ICMP_TYPES).copied();
        let icmp_type = icmp_type.filter(|_| !once_in(to, 4));
        let code = pick(to, &pool::ICMP_CODES).copied();
        IcmpFilter {
            icmp_type,
            code: code.filter(|_| icmp_type.is_some() && to.index(4) < 2),
        }
    };
    match choose(kind, &TRAFFIC) {
        TrafficKind::All => RuleTraffic::All,
        TrafficKind::Tcp => RuleTraffic::Tcp(ports()),
        TrafficKind::Udp => RuleTraffic::Udp(ports()),
        TrafficKind::Icmp => RuleTraffic::Icmp(filter()),
        TrafficKind::Icmpv6 => RuleTraffic::Icmpv6(filter()),
        TrafficKind::Protocol => {
            let other = pick(from, &pool::PROTOCOLS).copied().unwrap_or_default();
            let of_four = pick(from, &[6, 17, 1, 58]).copied().unwrap_or_default();
            RuleTraffic::Protocol(if once_in(to, 3) { of_four } else { other })
        }
    }
}

fn everywhere(base: BaseRule) -> Vec<(RuleTraffic, Cidr)> {
    let both = |traffic: &RuleTraffic| {
        let blocks = ["0.0.0.0/0", "::/0"].map(pool::cidr);
        blocks.map(|cidr| (traffic.clone(), cidr)).to_vec()
    };
    match base {
        BaseRule::Everywhere => both(&RuleTraffic::All),
        BaseRule::Private => {
            let blocks = ["10.0.0.0/8", "2001:db8::/44"].map(pool::cidr);
            blocks.map(|cidr| (RuleTraffic::All, cidr)).to_vec()
        }
        BaseRule::Tcp => both(&RuleTraffic::Tcp(RulePorts::ALL)),
        BaseRule::HighPorts => {
            let high = RulePorts {
                from: 32_768,
                to: u16::MAX,
            };
            let replies = [RuleTraffic::Tcp(high), RuleTraffic::Udp(high)];
            let replies = replies.iter().flat_map(both);
            let inside = (RuleTraffic::All, pool::cidr("10.0.0.0/8"));
            [inside].into_iter().chain(replies).collect()
        }
        BaseRule::Itself | BaseRule::Nothing => Vec::new(),
    }
}

fn base_rules(base: BaseRule, itself: &RulePeer) -> Vec<GroupRule> {
    let mut rules = Vec::new();
    if matches!(base, BaseRule::Itself) {
        rules.push(GroupRule {
            traffic: RuleTraffic::All,
            peer: itself.clone(),
        });
    }
    rules.extend(
        everywhere(base)
            .into_iter()
            .map(|(traffic, cidr)| GroupRule {
                traffic,
                peer: RulePeer::Cidr(cidr),
            }),
    );
    rules
}

fn base_entries(base: BaseRule) -> Vec<AclEntry> {
    let numbered = everywhere(base).into_iter().zip(32_000..);
    numbered
        .map(|((traffic, cidr), number)| AclEntry {
            number,
            action: AclAction::Allow,
            traffic,
            cidr,
        })
        .collect()
}
