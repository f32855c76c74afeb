//! Bugs in what senders, receivers and filters let through.

use super::*;

/// Bugs written by hand.
pub(super) const EDITS: &[Bug] = &[
    network(
        "the source check is always on",
        Clause::SourceCheck,
        |draft| {
            draft
                .network_interfaces
                .iter_mut()
                .for_each(|one| one.source_destination_check = true);
        },
    ),
    network(
        "the source check is always off",
        Clause::SourceCheck,
        |draft| {
            draft
                .network_interfaces
                .iter_mut()
                .for_each(|one| one.source_destination_check = false);
        },
    ),
    network(
        "only the first address of an interface is its own",
        Clause::AddressOwner,
        |draft| {
            draft
                .network_interfaces
                .iter_mut()
                .for_each(|one| one.addresses.truncate(1));
        },
    ),
    network(
        "an interface has its addresses only when it begins flows",
        Clause::InterfaceAccepts,
        |draft| {
            let endpoints: Vec<_> = draft.vpc_endpoints.iter_mut().collect();
            for endpoint in endpoints {
                if let EndpointKind::Interface { interfaces, .. } = &mut endpoint.kind {
                    interfaces.clear();
                }
            }
            draft
                .network_interfaces
                .retain(|one| !matches!(one.attachment, Attachment::VpcEndpoint(_)));
        },
    ),
    network(
        "the resolver is also at the second address of the last block",
        Clause::AmazonServiceUnfiltered,
        |draft| {
            draft.vpcs.iter_mut().for_each(|vpc| vpc.cidrs.reverse());
        },
    ),
    packet(
        "the time service is forgotten",
        Clause::AmazonServiceUnfiltered,
        |packet| moved(packet, "169.254.169.123/32", "169.254.169.124"),
    ),
    packet(
        "the resolver is forgotten",
        Clause::AmazonServiceUnfiltered,
        |packet| moved(packet, "169.254.169.253/32", "169.254.169.252"),
    ),
    network(
        "a group without outbound rules lets everything out",
        Clause::SecurityGroupEgress,
        |draft| {
            for group in &mut draft.security_groups {
                if group.egress.is_empty() {
                    group.egress = vec![open_rule("0.0.0.0/0"), open_rule("::/0")];
                }
            }
        },
    ),
    network(
        "only the last rule of a group counts",
        Clause::SecurityGroupIngress,
        |draft| {
            for group in &mut draft.security_groups {
                group.ingress.drain(..group.ingress.len().saturating_sub(1));
                group.egress.drain(..group.egress.len().saturating_sub(1));
            }
        },
    ),
    network(
        "inbound and outbound rules are swapped",
        Clause::SecurityGroupIngress,
        |draft| {
            for group in &mut draft.security_groups {
                std::mem::swap(&mut group.ingress, &mut group.egress);
            }
        },
    ),
    network(
        "only the first group of an interface counts",
        Clause::SecurityGroupIngress,
        |draft| {
            for interface in &mut draft.network_interfaces {
                if let Value::Known(groups) = &mut interface.groups {
                    *groups = groups.first().cloned().into_iter().collect();
                }
            }
        },
    ),
    network(
        "the last port of a rule is excluded",
        Clause::SecurityGroupCidr,
        |draft| {
            each_traffic(draft, |ports| {
                ports.to = ports.to.saturating_sub(1).max(ports.from)
            });
        },
    ),
    network(
        "the first port of a rule is excluded",
        Clause::SecurityGroupCidr,
        |draft| {
            each_traffic(draft, |ports| {
                ports.from = ports.from.saturating_add(1).min(ports.to)
            });
        },
    ),
    network(
        "any protocol means TCP",
        Clause::SecurityGroupCidr,
        |draft| {
            each_rule(draft, |rule| {
                if rule.traffic == RuleTraffic::All {
                    rule.traffic = RuleTraffic::Tcp(RulePorts::ALL)
                }
            });
        },
    ),
    network("UDP rules match TCP", Clause::SecurityGroupCidr, |draft| {
        each_rule(draft, |rule| {
            if let RuleTraffic::Udp(ports) = rule.traffic {
                rule.traffic = RuleTraffic::Tcp(ports)
            }
        });
    }),
    network(
        "the code of ICMP is ignored",
        Clause::SecurityGroupCidr,
        |draft| {
            each_rule(draft, |rule| {
                if let RuleTraffic::Icmp(filter) | RuleTraffic::Icmpv6(filter) = &mut rule.traffic {
                    filter.code = None;
                }
            });
        },
    ),
    network(
        "a /32 is read as a /31",
        Clause::SecurityGroupCidr,
        |draft| {
            each_block(draft, |cidr| {
                if cidr.prefix_len() == cidr.family().width() {
                    *cidr = pool::around(cidr.base(), cidr.prefix_len() - 1);
                }
            });
        },
    ),
    network(
        "the last address of a block is excluded",
        Clause::SecurityGroupCidr,
        |draft| {
            each_rules(draft, |rules| {
                *rules = rules
                    .iter()
                    .flat_map(|rule| match rule.peer {
                        RulePeer::Cidr(cidr) => without_last(cidr)
                            .into_iter()
                            .map(|cidr| GroupRule {
                                traffic: rule.traffic.clone(),
                                peer: RulePeer::Cidr(cidr),
                            })
                            .collect(),
                        RulePeer::PrefixList(_)
                        | RulePeer::Group(_)
                        | RulePeer::OutsideGroup(_) => {
                            vec![rule.clone()]
                        }
                    })
                    .collect();
            });
        },
    ),
    network("a /0 matches nothing", Clause::SecurityGroupCidr, |draft| {
        each_rules(draft, |rules| {
            rules.retain(|rule| match rule.peer {
                RulePeer::Cidr(cidr) => cidr.prefix_len() > 0,
                RulePeer::PrefixList(_) | RulePeer::Group(_) | RulePeer::OutsideGroup(_) => true,
            })
        });
    }),
    network(
        "an IPv4 block of everything matches IPv6",
        Clause::SecurityGroupCidr,
        |draft| {
            each_rules(draft, |rules| {
                let v6 = rules
                    .iter()
                    .filter(|rule| rule.peer == RulePeer::Cidr(pool::cidr("0.0.0.0/0")));
                let v6: Vec<_> = v6
                    .map(|rule| GroupRule {
                        traffic: rule.traffic.clone(),
                        peer: RulePeer::Cidr(pool::cidr("::/0")),
                    })
                    .collect();
                rules.extend(v6);
            });
        },
    ),
    network(
        "only the first entry of a list counts",
        Clause::SecurityGroupPrefixList,
        |draft| {
            for list in &mut draft.prefix_lists {
                if let Value::Known(entries) = &mut list.entries {
                    *entries = entries.first().copied().into_iter().collect();
                }
            }
        },
    ),
    network(
        "unknown entries of a list are taken for none",
        Clause::SecurityGroupPrefixList,
        |draft| {
            for list in &mut draft.prefix_lists {
                if let Value::Any(_) = list.entries {
                    list.entries = Value::Known(BTreeSet::new());
                }
            }
        },
    ),
    network(
        "AWS's lists are taken for a customer's",
        Clause::SecurityGroupPrefixList,
        |draft| {
            draft
                .prefix_lists
                .iter_mut()
                .for_each(|list| list.aws_managed = false);
        },
    ),
    network(
        "a group matches only its first interface",
        Clause::SecurityGroupReference,
        |draft| {
            let mut seen = BTreeSet::new();
            let groups: Vec<_> = draft
                .security_groups
                .iter()
                .map(|group| group.id.clone())
                .collect();
            for group in groups {
                // The later members get a copy of the group that nobody refers to.
                let copy = model::SecurityGroupId::new(format!("{group}-copy"));
                let original = draft
                    .security_groups
                    .iter()
                    .find(|one| one.id == group)
                    .cloned();
                draft
                    .security_groups
                    .extend(original.map(|one| SecurityGroup {
                        id: copy.clone(),
                        ..one
                    }));
                for interface in &mut draft.network_interfaces {
                    if let Value::Known(of_interface) = &mut interface.groups
                        && of_interface.contains(&group)
                        && !seen.insert(group.clone())
                    {
                        of_interface.remove(&group);
                        of_interface.insert(copy.clone());
                    }
                }
            }
        },
    ),
    network(
        "a group matches every private address of its VPC",
        Clause::SecurityGroupReference,
        |draft| {
            let vpcs = draft.vpcs.clone();
            let groups = draft.security_groups.clone();
            each_rule(draft, |rule| {
                if let RulePeer::Group(id) = &rule.peer {
                    let group = groups.iter().find(|group| group.id == *id);
                    let vpc = group.and_then(|group| vpcs.iter().find(|vpc| vpc.id == group.vpc));
                    if let Some(cidr) = vpc.and_then(|vpc| vpc.cidrs.first()) {
                        rule.peer = RulePeer::Cidr(*cidr);
                    }
                }
            });
        },
    ),
    network(
        "references of groups do not cross a peering",
        Clause::SecurityGroupReference,
        |draft| {
            for (vpc, n) in draft.vpcs.iter_mut().zip(0..) {
                vpc.region = format!("region-{n}");
            }
        },
    ),
    network(
        "references of groups cross Regions",
        Clause::SecurityGroupReference,
        |draft| {
            draft
                .vpcs
                .iter_mut()
                .for_each(|vpc| vpc.region = "us-east-1".to_owned());
        },
    ),
    network(
        "a group never matches itself",
        Clause::SecurityGroupReference,
        |draft| {
            for group in &mut draft.security_groups {
                let itself = RulePeer::Group(group.id.clone());
                group.ingress.retain(|rule| rule.peer != itself);
                group.egress.retain(|rule| rule.peer != itself);
            }
        },
    ),
    network(
        "references of groups match behind an appliance",
        Clause::SecurityGroupReference,
        |draft| {
            let members = members(draft);
            for group in &mut draft.security_groups {
                let own: Vec<_> = members
                    .iter()
                    .filter(|(_, vpc, _)| *vpc == group.vpc)
                    .collect();
                let hosts: Vec<_> = group
                    .ingress
                    .iter()
                    .flat_map(|rule| {
                        let of_rule = own
                            .iter()
                            .filter(|(id, _, _)| rule.peer == RulePeer::Group(id.clone()));
                        of_rule.map(|(_, _, address)| GroupRule {
                            traffic: rule.traffic.clone(),
                            peer: RulePeer::Cidr(Cidr::host(*address)),
                        })
                    })
                    .collect();
                group.ingress.extend(hosts);
            }
        },
    ),
    network(
        "an outside group matches nothing",
        Clause::SecurityGroupOutsideReference,
        |draft| {
            each_rules(draft, |rules| {
                rules.retain(|rule| !matches!(rule.peer, RulePeer::OutsideGroup(_)));
            });
        },
    ),
    network(
        "unknown groups are taken for none",
        Clause::SecurityGroupsUnknown,
        |draft| {
            for interface in &mut draft.network_interfaces {
                if let Value::Any(_) = interface.groups {
                    interface.groups = Value::Known(BTreeSet::new());
                }
            }
        },
    ),
    network(
        "of several possible sets of groups the first is taken",
        Clause::SecurityGroupsUnknown,
        |draft| {
            draft
                .network_interfaces
                .iter_mut()
                .for_each(|one| first(&mut one.groups));
        },
    ),
    network(
        "the last matching entry decides",
        Clause::NetworkAclIngress,
        |draft| {
            each_entries(draft, |entries| {
                entries
                    .iter_mut()
                    .for_each(|entry| entry.number = 32_767 - entry.number)
            });
        },
    ),
    network(
        "entries are taken in the order of the input",
        Clause::NetworkAclIngress,
        |draft| {
            each_entries(draft, |entries| {
                for (entry, number) in entries.iter_mut().zip(1..) {
                    entry.number = number;
                }
            });
        },
    ),
    network(
        "what no entry matches is let through",
        Clause::NetworkAclEgress,
        |draft| {
            each_entries(draft, |entries| {
                if entries.iter().all(|entry| entry.number < 32_766) {
                    entries.push(AclEntry {
                        number: 32_766,
                        action: AclAction::Allow,
                        traffic: RuleTraffic::All,
                        cidr: pool::cidr("0.0.0.0/0"),
                    });
                }
            });
        },
    ),
    network(
        "deny entries are ignored",
        Clause::NetworkAclIngress,
        |draft| {
            each_entries(draft, |entries| {
                entries.retain(|entry| entry.action == AclAction::Allow)
            });
        },
    ),
    network(
        "inbound and outbound entries are swapped",
        Clause::NetworkAclEgress,
        |draft| {
            for acl in &mut draft.network_acls {
                std::mem::swap(&mut acl.ingress, &mut acl.egress);
            }
        },
    ),
    network(
        "the last port of an entry is excluded",
        Clause::NetworkAclEgress,
        |draft| {
            each_entries(draft, |entries| {
                for entry in entries {
                    if let RuleTraffic::Tcp(ports) | RuleTraffic::Udp(ports) = &mut entry.traffic {
                        ports.to = ports.to.saturating_sub(1).max(ports.from);
                    }
                }
            });
        },
    ),
    network(
        "an unknown ACL is taken for an open one",
        Clause::NetworkAclUnknown,
        |draft| {
            let open: Vec<_> = draft
                .network_acls
                .iter()
                .map(|acl| (acl.vpc.clone(), acl.id.clone()))
                .collect();
            for subnet in &mut draft.subnets {
                let of_vpc = open.iter().rev().find(|(vpc, _)| *vpc == subnet.vpc);
                if let (Value::Any(_), Some((_, id))) = (&subnet.network_acl, of_vpc) {
                    subnet.network_acl = Value::Known(id.clone());
                }
            }
        },
    ),
    network(
        "of several possible ACLs the first is taken",
        Clause::NetworkAclUnknown,
        |draft| {
            draft
                .subnets
                .iter_mut()
                .for_each(|subnet| first(&mut subnet.network_acl));
        },
    ),
];
