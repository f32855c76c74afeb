//! Laws of security groups and network ACLs.

use model::{
    AclAction, AclEntry, Cidr, Clause, Engine, GroupRule, NetworkDraft, RulePeer, RulePorts,
    RuleTraffic, Value,
};

use super::{Case, Checked, changed, compare, grows, same};
use crate::dice::Dice;
use crate::pool;
use crate::question::flow;

/// Traffic and a block, as the network has them or everything.
fn traffic_and_block(case: &Case, dice: &mut Dice) -> (RuleTraffic, Cidr) {
    let traffic = flow::traffic(&case.world.network);
    let traffic = dice.pick(&traffic).cloned().filter(|_| dice.percent(60));
    let blocks = flow::blocks(&case.world.network);
    let block = dice.pick(&blocks).copied().filter(|_| dice.percent(60));
    (
        traffic.unwrap_or(RuleTraffic::All),
        block.unwrap_or(pool::cidr("0.0.0.0/0")),
    )
}

/// Every list of rules of a draft, inbound and outbound.
fn rules(draft: &mut NetworkDraft) -> Vec<&mut Vec<GroupRule>> {
    let groups = draft.security_groups.iter_mut();
    groups
        .flat_map(|group| [&mut group.ingress, &mut group.egress])
        .collect()
}

/// Every list of entries of a draft, inbound and outbound.
fn entries(draft: &mut NetworkDraft) -> Vec<&mut Vec<AclEntry>> {
    let acls = draft.network_acls.iter_mut();
    acls.flat_map(|acl| [&mut acl.ingress, &mut acl.egress])
        .collect()
}

/// Entries in their order with numbers 10, 20, 30…
fn spread(entries: &mut [AclEntry]) {
    entries.sort_by_key(|entry| entry.number);
    for (entry, number) in entries.iter_mut().zip((10_u16..).step_by(10)) {
        entry.number = number;
    }
}

/// `D(n, f) ≤ D(n + rule, f)`. Groups have allow rules only.
pub fn a_group_rule_more_delivers_no_less<E: Engine>(case: &Case) -> Checked {
    let mut dice = case.dice.clone();
    let (traffic, block) = traffic_and_block(case, &mut dice);
    let rule = GroupRule {
        traffic,
        peer: RulePeer::Cidr(block),
    };
    let after = changed(&case.world.network, |draft| {
        let mut lists = rules(draft);
        let at = dice.below(lists.len());
        if let Some(rules) = lists.get_mut(at) {
            rules.push(rule);
        }
    });
    compare::<E>(&case.world.network, after, &case.flows, |_, one, other| {
        grows(one, other)
    })
}

/// `D(n, f) = D(n + copy of a rule, f)`: one rule of several suffices, and once is enough.
pub fn a_duplicated_rule_changes_nothing<E: Engine>(case: &Case) -> Checked {
    let after = changed(&case.world.network, |draft| {
        for rules in rules(draft) {
            let copies = rules.clone();
            rules.extend(copies);
        }
    });
    same::<E>(&case.world.network, after, &case.flows)
}

fn with_entry(case: &Case, action: AclAction) -> Option<model::Network> {
    let mut dice = case.dice.clone();
    let (traffic, cidr) = traffic_and_block(case, &mut dice);
    changed(&case.world.network, |draft| {
        let mut lists = entries(draft);
        let at = dice.below(lists.len());
        if let Some(entries) = lists.get_mut(at) {
            spread(entries);
            let place = u16::try_from(dice.below(entries.len() + 1)).unwrap_or(0);
            entries.push(AclEntry {
                number: place * 10 + 5,
                action,
                traffic,
                cidr,
            });
        }
    })
}

/// `D(n, f) ≤ D(n + allow entry at any number, f)`: in front of a first match it can only turn a deny
/// into an allow.
pub fn an_acl_allow_delivers_no_less<E: Engine>(case: &Case) -> Checked {
    let after = with_entry(case, AclAction::Allow);
    compare::<E>(&case.world.network, after, &case.flows, |_, one, other| {
        grows(one, other)
    })
}

/// `D(n + deny entry at any number, f) ≤ D(n, f)`.
pub fn an_acl_deny_delivers_no_more<E: Engine>(case: &Case) -> Checked {
    let after = with_entry(case, AclAction::Deny);
    compare::<E>(&case.world.network, after, &case.flows, |_, one, other| {
        grows(other, one)
    })
}

/// `D(n, f) = D(n with other numbers in the same order, f)`.
pub fn renumbered_entries_change_nothing<E: Engine>(case: &Case) -> Checked {
    let after = changed(&case.world.network, |draft| {
        entries(draft)
            .into_iter()
            .for_each(|entries| spread(entries));
    });
    same::<E>(&case.world.network, after, &case.flows)
}

/// `D(n, f) = D(n + the opposite of an entry, right behind it, f)`: the first match decides.
pub fn a_shadowed_entry_changes_nothing<E: Engine>(case: &Case) -> Checked {
    let after = changed(&case.world.network, |draft| {
        for entries in entries(draft) {
            spread(entries);
            let shadows = entries.iter().map(|entry| AclEntry {
                number: entry.number + 1,
                action: match entry.action {
                    AclAction::Allow => AclAction::Deny,
                    AclAction::Deny => AclAction::Allow,
                },
                ..entry.clone()
            });
            let shadows: Vec<_> = shadows.collect();
            entries.extend(shadows);
        }
    });
    same::<E>(&case.world.network, after, &case.flows)
}

/// `D(n, f) = D(n with each block of a rule or entry as its two halves, f)`. Entries need adjacent
/// numbers, so that nothing comes between the halves.
pub fn a_rule_split_in_halves_changes_nothing<E: Engine>(case: &Case) -> Checked {
    let after = changed(&case.world.network, |draft| {
        for rules in rules(draft) {
            let split = rules.iter().flat_map(|rule| match &rule.peer {
                RulePeer::Cidr(cidr) => match pool::halves(*cidr) {
                    Some(halves) => halves
                        .map(|half| GroupRule {
                            traffic: rule.traffic.clone(),
                            peer: RulePeer::Cidr(half),
                        })
                        .to_vec(),
                    None => vec![rule.clone()],
                },
                RulePeer::PrefixList(_) | RulePeer::Group(_) | RulePeer::OutsideGroup(_) => {
                    vec![rule.clone()]
                }
            });
            *rules = split.collect();
        }
        for entries in entries(draft) {
            spread(entries);
            let split = entries
                .iter()
                .flat_map(|entry| match pool::halves(entry.cidr) {
                    Some([lower, upper]) => vec![
                        AclEntry {
                            cidr: lower,
                            ..entry.clone()
                        },
                        AclEntry {
                            cidr: upper,
                            number: entry.number + 1,
                            ..entry.clone()
                        },
                    ],
                    None => vec![entry.clone()],
                });
            *entries = split.collect();
        }
    });
    same::<E>(&case.world.network, after, &case.flows)
}

/// Two parts of a range of ports.
fn parts(ports: RulePorts, dice: &mut Dice) -> Vec<RulePorts> {
    let width = usize::from(ports.to - ports.from);
    let cut = u16::try_from(dice.below(width)).unwrap_or(0);
    let at = ports.from.saturating_add(cut);
    if at >= ports.to {
        return vec![ports];
    }
    vec![
        RulePorts {
            from: ports.from,
            to: at,
        },
        RulePorts {
            from: at + 1,
            to: ports.to,
        },
    ]
}

fn split_ports(traffic: &RuleTraffic, dice: &mut Dice) -> Vec<RuleTraffic> {
    match traffic {
        RuleTraffic::Tcp(ports) => parts(*ports, dice)
            .into_iter()
            .map(RuleTraffic::Tcp)
            .collect(),
        RuleTraffic::Udp(ports) => parts(*ports, dice)
            .into_iter()
            .map(RuleTraffic::Udp)
            .collect(),
        RuleTraffic::All
        | RuleTraffic::Icmp(_)
        | RuleTraffic::Icmpv6(_)
        | RuleTraffic::Protocol(_) => vec![traffic.clone()],
    }
}

/// `D(n, f) = D(n with each range of ports cut somewhere, f)`.
pub fn ports_split_in_two_change_nothing<E: Engine>(case: &Case) -> Checked {
    let mut dice = case.dice.clone();
    let after =
        changed(&case.world.network, |draft| {
            for rules in rules(draft) {
                let mut split = Vec::new();
                for rule in rules.iter() {
                    let traffic = split_ports(&rule.traffic, &mut dice);
                    split.extend(traffic.into_iter().map(|traffic| GroupRule {
                        traffic,
                        peer: rule.peer.clone(),
                    }));
                }
                *rules = split;
            }
            for entries in entries(draft) {
                spread(entries);
                let mut split = Vec::new();
                for entry in entries.iter() {
                    let traffic = split_ports(&entry.traffic, &mut dice);
                    split.extend(traffic.into_iter().zip(entry.number..).map(
                        |(traffic, number)| AclEntry {
                            number,
                            traffic,
                            ..entry.clone()
                        },
                    ));
                }
                *entries = split;
            }
        });
    same::<E>(&case.world.network, after, &case.flows)
}

/// `all ACLs open ⇒ no request and no reply is dropped by an ACL`; and never is a reply decided by
/// a group's rules, since groups are stateful.
pub fn with_open_acls_no_acl_drops<E: Engine>(case: &Case) -> Checked {
    let after = changed(&case.world.network, |draft| {
        let mut ids = Vec::new();
        for acl in &mut draft.network_acls {
            let entry = |number, cidr| AclEntry {
                number,
                action: AclAction::Allow,
                traffic: RuleTraffic::All,
                cidr: pool::cidr(cidr),
            };
            acl.ingress = vec![entry(1, "0.0.0.0/0"), entry(2, "::/0")];
            acl.egress = acl.ingress.clone();
            ids.push((acl.id.clone(), acl.vpc.clone()));
        }
        for subnet in &mut draft.subnets {
            if subnet.network_acl.known().is_none()
                && let Some((id, _)) = ids.iter().find(|(_, vpc)| *vpc == subnet.vpc)
            {
                subnet.network_acl = Value::Known(id.clone());
            }
        }
    });
    let acls = [Clause::NetworkAclIngress, Clause::NetworkAclEgress];
    let groups = [
        Clause::SecurityGroupIngress,
        Clause::SecurityGroupEgress,
        Clause::SecurityGroupsUnknown,
        Clause::SecurityGroupOutsideReference,
    ];
    compare::<E>(
        &case.world.network,
        after,
        &case.flows,
        |_, before, after| {
            let reply = after.reply.as_ref();
            let before = before.reply.as_ref();
            // Undetermined requests hand their clause on to the reply.
            let judged = after.forward.disposition == model::Disposition::Delivered;
            let by_group = [before, reply]
                .into_iter()
                .flatten()
                .any(|one| groups.contains(&one.clause));
            let by_acl = acls.contains(&after.forward.clause)
                || reply.is_some_and(|reply| acls.contains(&reply.clause));
            Some(!by_acl && (!judged || !by_group))
        },
    )
}
