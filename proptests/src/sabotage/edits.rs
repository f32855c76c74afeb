//! Bugs that are planted in the network, or in the packet, before the engine sees it.

use std::collections::BTreeSet;

use model::{
    AclAction, AclEntry, ActionElement, Address, AddressValue, Attachment, AttachmentKind,
    BlockPublicAccess, Cidr, Clause, EndpointKind, EndpointName, Exclusion, GroupRule, Middlebox,
    NetworkDraft, Packet, PeeringEnd, Policy, PolicyEffect, Route, RouteDestination, RouteOrigin,
    RouteState, RulePeer, RulePorts, RuleTraffic, SecurityGroup, Target,
    TransitGatewayAttachmentId, TransitGatewayRouteTable, TransitGatewayRouteTableId, Value,
};

use super::{Bug, Place};
use crate::pool;

/// A bug in the network.
const fn network(name: &'static str, clause: Clause, edit: fn(&mut NetworkDraft)) -> Bug {
    Bug {
        name,
        clause,
        place: Place::Network(edit),
    }
}

/// Every mode of VPC Block Public Access is another.
fn modes(draft: &mut NetworkDraft, other: fn(BlockPublicAccess) -> BlockPublicAccess) {
    for vpc in &mut draft.vpcs {
        match &mut vpc.block_public_access {
            Value::Known(mode) => *mode = other(*mode),
            Value::OneOf(modes, _) => modes.iter_mut().for_each(|mode| *mode = other(*mode)),
            Value::Any(_) => {}
        }
    }
}

/// A bug in the packet.
const fn packet(name: &'static str, clause: Clause, change: fn(Packet) -> Option<Packet>) -> Bug {
    Bug {
        name,
        clause,
        place: Place::Packet(change),
    }
}

/// Bugs written by hand, in the order of the clauses.
pub const EDITS: &[Bug] = &[
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
    packet(
        "reserved addresses are routed",
        Clause::RouteReservedRange,
        |packet| moved(packet, "169.254.168.0/22", "169.254.172.9"),
    ),
    network(
        "the first matching route is taken",
        Clause::LongestPrefixMatch,
        |draft| {
            for table in &mut draft.route_tables {
                let routes = std::mem::take(&mut table.routes);
                for route in routes {
                    let hidden = table.routes.iter().any(|earlier| inside(&route, earlier));
                    if !hidden || route.target.known() == Some(&Target::Local) {
                        table.routes.push(route);
                    }
                }
            }
        },
    ),
    network(
        "the default route is ignored",
        Clause::LongestPrefixMatch,
        |draft| {
            each_table(draft, |route| {
                block(route).is_none_or(|cidr| cidr.prefix_len() > 0)
            });
        },
    ),
    network(
        "routes to prefix lists are ignored",
        Clause::LongestPrefixMatch,
        |draft| {
            each_table(draft, |route| {
                !matches!(
                    route.destination,
                    Value::Known(RouteDestination::PrefixList(_))
                )
            });
        },
    ),
    network("propagated beats static", Clause::RouteTieBreak, |draft| {
        for table in &mut draft.route_tables {
            let propagated: Vec<_> = table
                .routes
                .iter()
                .filter(|route| route.origin == RouteOrigin::Propagated)
                .map(|route| route.destination.clone())
                .collect();
            table.routes.retain(|route| {
                route.origin == RouteOrigin::Propagated
                    || route.target.known() == Some(&Target::Local)
                    || !propagated.contains(&route.destination)
            });
        }
    }),
    network(
        "prefix lists beat static blocks",
        Clause::RouteTieBreak,
        |draft| {
            let lists = draft.prefix_lists.clone();
            for table in &mut draft.route_tables {
                let routed: Vec<_> = table
                    .routes
                    .iter()
                    .filter_map(|route| match route.destination.known() {
                        Some(RouteDestination::PrefixList(id)) => {
                            lists.iter().find(|list| list.id == *id)
                        }
                        Some(RouteDestination::Cidr(_)) | None => None,
                    })
                    .filter_map(|list| list.entries.known())
                    .flatten()
                    .copied()
                    .collect();
                table.routes.retain(|route| {
                    route.origin == RouteOrigin::Propagated
                        || route.target.known() == Some(&Target::Local)
                        || block(route).is_none_or(|cidr| !routed.contains(&cidr))
                });
            }
        },
    ),
    network(
        "propagated routes count inside of the VPC",
        Clause::PropagatedInsideVpc,
        |draft| {
            for table in &mut draft.route_tables {
                let statics: Vec<_> = table
                    .routes
                    .iter()
                    .filter(|route| route.origin == RouteOrigin::Static)
                    .map(|route| route.destination.clone())
                    .collect();
                let mut changed = Vec::new();
                for route in &mut table.routes {
                    if route.origin == RouteOrigin::Propagated
                        && !statics.contains(&route.destination)
                        && !changed.contains(&route.destination)
                    {
                        route.origin = RouteOrigin::Static;
                        changed.push(route.destination.clone());
                    }
                }
            }
        },
    ),
    network(
        "of two propagated routes the first is taken",
        Clause::RouteAmbiguous,
        |draft| {
            for table in &mut draft.route_tables {
                let mut seen = Vec::new();
                table.routes.retain(|route| {
                    let first = !seen.contains(&route.destination);
                    if route.origin == RouteOrigin::Propagated {
                        seen.push(route.destination.clone());
                    }
                    first || route.origin == RouteOrigin::Static
                });
            }
        },
    ),
    network(
        "routes inside of the VPC are ignored",
        Clause::RouteInsideVpc,
        |draft| {
            let vpcs = draft.vpcs.clone();
            for table in &mut draft.route_tables {
                let vpc = vpcs.iter().find(|vpc| vpc.id == table.vpc);
                let own = vpc.map(|vpc| vpc.cidrs.clone()).unwrap_or_default();
                table.routes.retain(|route| {
                    let within = |cidr: Cidr| {
                        own.iter().any(|own| {
                            own.prefix_len() <= cidr.prefix_len() && pool::overlap(*own, cidr)
                        })
                    };
                    route.target.known() == Some(&Target::Local)
                        || !block(route).is_some_and(within)
                });
            }
        },
    ),
    network(
        "lists with unknown entries take nothing",
        Clause::PrefixListEntriesUnknown,
        |draft| {
            let open: Vec<_> = draft
                .prefix_lists
                .iter()
                .filter(|list| list.entries.known().is_none())
                .map(|list| Value::Known(RouteDestination::PrefixList(list.id.clone())))
                .collect();
            each_table(draft, |route| !open.contains(&route.destination));
        },
    ),
    network(
        "an unknown table is taken for the main one",
        Clause::RouteUnknown,
        |draft| {
            for subnet in &mut draft.subnets {
                if let Some(Value::Any(_)) = subnet.route_table {
                    subnet.route_table = None;
                }
            }
        },
    ),
    network(
        "routes with unknown destinations take nothing",
        Clause::RouteUnknown,
        |draft| {
            each_table(draft, |route| route.destination.known().is_some());
        },
    ),
    network(
        "of several possible targets the first is taken",
        Clause::RouteUnknown,
        |draft| {
            for table in &mut draft.route_tables {
                table
                    .routes
                    .iter_mut()
                    .for_each(|route| first(&mut route.target));
            }
        },
    ),
    network("a blackhole is skipped", Clause::RouteBlackhole, |draft| {
        each_table(draft, |route| route.state == RouteState::Active);
    }),
    network("a blackhole is not seen", Clause::RouteBlackhole, |draft| {
        for table in &mut draft.route_tables {
            table
                .routes
                .iter_mut()
                .for_each(|route| route.state = RouteState::Active);
        }
    }),
    network(
        "what is not modelled drops",
        Clause::TargetUnmodelled,
        |draft| {
            for table in &mut draft.route_tables {
                for route in &mut table.routes {
                    if let Some(Target::Unmodelled { .. }) = route.target.known() {
                        route.state = RouteState::Blackhole;
                    }
                }
            }
        },
    ),
    network(
        "a gateway serves every VPC whose routes lead to it",
        Clause::InternetGatewayAttached,
        |draft| {
            let gateways = draft.internet_gateways.clone();
            for table in &mut draft.route_tables {
                let own = gateways
                    .iter()
                    .find(|one| one.vpc.as_ref() == Some(&table.vpc));
                for route in &mut table.routes {
                    if let (Some(Target::InternetGateway(_)), Some(own)) =
                        (route.target.known(), own)
                    {
                        route.target = Value::Known(Target::InternetGateway(own.id.clone()));
                    }
                }
            }
        },
    ),
    packet(
        "carrier-grade addresses are taken for public ones",
        Clause::InternetGatewayPrivateDestination,
        |packet| moved(packet, "100.64.0.0/10", "203.0.112.9"),
    ),
    network(
        "the mode block-ingress is taken for block-bidirectional",
        Clause::VpcBlockPublicAccess,
        |draft| {
            modes(draft, |mode| match mode {
                BlockPublicAccess::Ingress => BlockPublicAccess::Bidirectional,
                BlockPublicAccess::Off | BlockPublicAccess::Bidirectional => mode,
            });
        },
    ),
    network(
        "the mode block-bidirectional is taken for block-ingress",
        Clause::VpcBlockPublicAccess,
        |draft| {
            modes(draft, |mode| match mode {
                BlockPublicAccess::Bidirectional => BlockPublicAccess::Ingress,
                BlockPublicAccess::Off | BlockPublicAccess::Ingress => mode,
            });
        },
    ),
    network(
        "the exclusion of a subnet is ignored",
        Clause::VpcBlockPublicAccess,
        |draft| {
            let subnets = draft.subnets.iter_mut();
            subnets.for_each(|subnet| subnet.exclusion = None);
        },
    ),
    network(
        "the exclusion of a VPC is ignored",
        Clause::VpcBlockPublicAccess,
        |draft| draft.vpcs.iter_mut().for_each(|vpc| vpc.exclusion = None),
    ),
    network(
        "the exclusion of a subnet replaces that of its VPC",
        Clause::VpcBlockPublicAccess,
        |draft| {
            for vpc in &mut draft.vpcs {
                let of_vpc = vpc.exclusion.take();
                let subnets = draft.subnets.iter_mut();
                for subnet in subnets.filter(|subnet| subnet.vpc == vpc.id) {
                    subnet.exclusion = subnet.exclusion.or(of_vpc);
                }
            }
        },
    ),
    network(
        "an exclusion allow-egress lets in as well",
        Clause::VpcBlockPublicAccess,
        |draft| {
            let vpcs = draft.vpcs.iter_mut().map(|vpc| &mut vpc.exclusion);
            let subnets = draft.subnets.iter_mut().map(|subnet| &mut subnet.exclusion);
            for exclusion in vpcs.chain(subnets).flatten() {
                *exclusion = Exclusion::Bidirectional;
            }
        },
    ),
    network(
        "what a NAT gateway sends counts as direct in the mode block-ingress",
        Clause::VpcBlockPublicAccess,
        |draft| {
            // Without a public address it sends nothing by an internet gateway either.
            for nat in &draft.nat_gateways {
                let mut subnets = draft.subnets.iter();
                let subnet = subnets.find(|subnet| subnet.id == nat.subnet);
                let vpc = subnet.and_then(|subnet| {
                    let mut vpcs = draft.vpcs.iter();
                    vpcs.find(|vpc| vpc.id == subnet.vpc)
                });
                let blocked = vpc.is_some_and(|vpc| {
                    vpc.block_public_access == Value::Known(BlockPublicAccess::Ingress)
                });
                let mut interfaces = draft.network_interfaces.iter_mut();
                let interface = interfaces.find(|one| blocked && one.id == nat.interface);
                for address in interface.into_iter().flat_map(|one| &mut one.addresses) {
                    address.public = None;
                }
            }
        },
    ),
    network(
        "an unknown mode is taken for off",
        Clause::VpcBlockPublicAccess,
        |draft| {
            for vpc in &mut draft.vpcs {
                if vpc.block_public_access.hole().is_some() {
                    vpc.block_public_access = Value::Known(BlockPublicAccess::Off);
                }
            }
        },
    ),
    network(
        "every IPv4 address leaves by an internet gateway",
        Clause::InternetGatewayPublicAddress,
        |draft| {
            let mut n = 0;
            for interface in &mut draft.network_interfaces {
                for address in &mut interface.addresses {
                    if let (AddressValue::Known(Address::V4(_)), None) =
                        (&address.private, &address.public)
                    {
                        n += 1;
                        let public = pool::offset(pool::cidr("198.51.101.0/24"), n);
                        address.public = Some(AddressValue::Known(public));
                    }
                }
            }
        },
    ),
    network(
        "public addresses are forgotten",
        Clause::InternetGatewayInbound,
        |draft| {
            for interface in &mut draft.network_interfaces {
                interface
                    .addresses
                    .iter_mut()
                    .for_each(|address| address.public = None);
            }
        },
    ),
    network(
        "edge tables are ignored",
        Clause::InternetGatewayEdgeTable,
        |draft| {
            draft
                .internet_gateways
                .iter_mut()
                .for_each(|one| one.edge_route_table = None);
        },
    ),
    network(
        "an egress-only gateway is taken for an internet gateway",
        Clause::EgressOnlyInternetGateway,
        |draft| {
            let gateways = draft.internet_gateways.clone();
            for table in &mut draft.route_tables {
                let own = gateways
                    .iter()
                    .find(|one| one.vpc.as_ref() == Some(&table.vpc));
                for route in &mut table.routes {
                    if let (Some(Target::EgressOnlyInternetGateway(_)), Some(own)) =
                        (route.target.known(), own)
                    {
                        route.target = Value::Known(Target::InternetGateway(own.id.clone()));
                    }
                }
            }
        },
    ),
    network(
        "every NAT gateway is available",
        Clause::NatGatewayAvailable,
        |draft| {
            draft
                .nat_gateways
                .iter_mut()
                .for_each(|nat| nat.available = true);
        },
    ),
    network(
        "a NAT gateway does not translate",
        Clause::NatGatewayTranslates,
        |draft| {
            let gateways = draft.internet_gateways.clone();
            for table in &mut draft.route_tables {
                let own = gateways
                    .iter()
                    .find(|one| one.vpc.as_ref() == Some(&table.vpc));
                for route in &mut table.routes {
                    if let (Some(Target::NatGateway(_)), Some(own)) = (route.target.known(), own) {
                        route.target = Value::Known(Target::InternetGateway(own.id.clone()));
                    }
                }
            }
        },
    ),
    network("every peering is active", Clause::PeeringActive, |draft| {
        draft.peerings.iter_mut().for_each(|one| one.active = true);
    }),
    network(
        "a peering is seen from the requester only",
        Clause::PeeringAddresses,
        |draft| {
            for table in &mut draft.route_tables {
                for route in &mut table.routes {
                    if let Some(Target::Peering(id)) = route.target.known() {
                        let mut peerings = draft.peerings.iter();
                        let from_here = peerings.any(|one| {
                            one.id == *id && one.requester == PeeringEnd::Vpc(table.vpc.clone())
                        });
                        if !from_here {
                            route.state = RouteState::Blackhole;
                        }
                    }
                }
            }
        },
    ),
    network(
        "every endpoint is available",
        Clause::GatewayEndpointAvailable,
        |draft| {
            draft
                .vpc_endpoints
                .iter_mut()
                .for_each(|one| one.available = true);
        },
    ),
    network(
        "the subnet's own table is ignored for the main one",
        Clause::LongestPrefixMatch,
        |draft| {
            draft
                .subnets
                .iter_mut()
                .for_each(|one| one.route_table = None);
        },
    ),
    network(
        "an appliance that checks is taken for one that does not",
        Clause::MiddleboxCheck,
        |draft| {
            let led = devices(draft);
            let interfaces = draft.network_interfaces.iter_mut();
            for one in interfaces.filter(|one| led.contains(&one.id)) {
                one.source_destination_check = false;
            }
        },
    ),
    network(
        "an appliance that inspects is taken for one that forwards",
        Clause::MiddleboxForwards,
        |draft| {
            for one in &mut draft.network_interfaces {
                if one.middlebox == Middlebox::Inspects {
                    one.middlebox = Middlebox::Forwards;
                }
            }
        },
    ),
    network(
        "an appliance of which nothing is stated is taken for one that inspects",
        Clause::MiddleboxForwards,
        |draft| {
            for one in &mut draft.network_interfaces {
                if one.middlebox == Middlebox::Unknown {
                    one.middlebox = Middlebox::Inspects;
                }
            }
        },
    ),
    network(
        "routes to appliances are ignored",
        Clause::MiddleboxForwards,
        |draft| {
            each_table(draft, |route| {
                !matches!(route.target.known(), Some(Target::NetworkInterface(_)))
            });
        },
    ),
    network(
        "edge tables lead to the local route only",
        Clause::InternetGatewayEdgeTable,
        |draft| {
            let edges: Vec<_> = draft
                .internet_gateways
                .iter()
                .filter_map(|one| one.edge_route_table.clone())
                .collect();
            let tables = draft.route_tables.iter_mut();
            for table in tables.filter(|table| edges.contains(&table.id)) {
                table
                    .routes
                    .retain(|route| route.target.known() == Some(&Target::Local));
            }
        },
    ),
    network(
        "a Gateway Load Balancer endpoint is always available",
        Clause::GatewayLoadBalancerEndpointAvailable,
        |draft| {
            for endpoint in &mut draft.vpc_endpoints {
                if let EndpointKind::GatewayLoadBalancer { .. } = endpoint.kind {
                    endpoint.available = true;
                }
            }
        },
    ),
    network(
        "what a Gateway Load Balancer's appliances do is taken for nothing",
        Clause::GatewayLoadBalancerEndpointInspects,
        |draft| {
            for endpoint in &mut draft.vpc_endpoints {
                if let EndpointKind::GatewayLoadBalancer { middlebox, .. } = &mut endpoint.kind {
                    *middlebox = Middlebox::Forwards;
                }
            }
        },
    ),
    network(
        "every attachment is available",
        Clause::TransitGatewayAttached,
        |draft| {
            draft
                .transit_gateway_attachments
                .iter_mut()
                .for_each(|one| one.available = true);
        },
    ),
    network("zones are ignored", Clause::TransitGatewayZone, |draft| {
        for subnet in &mut draft.subnets {
            subnet.zone = Some("us-east-1a".to_owned());
            subnet.zone_id = None;
        }
        each_attachment(draft, |kind| {
            if let AttachmentKind::Vpc { subnets, .. } = kind {
                *subnets = subnets.first().cloned().into_iter().collect();
            }
        });
    }),
    network(
        "ids of zones are ignored for their names",
        Clause::TransitGatewayZone,
        |draft| {
            for subnet in &mut draft.subnets {
                subnet.zone_id = None;
            }
        },
    ),
    network(
        "names of zones mean the same in every account",
        Clause::TransitGatewayZone,
        |draft| {
            draft.vpcs.iter_mut().for_each(|vpc| vpc.account = None);
        },
    ),
    network(
        "appliance mode is ignored",
        Clause::TransitGatewayZone,
        |draft| {
            each_attachment(draft, |kind| {
                if let AttachmentKind::Vpc { appliance_mode, .. } = kind {
                    *appliance_mode = false;
                }
            });
        },
    ),
    network(
        "an attachment without an association uses the first table",
        Clause::TransitGatewayAssociation,
        |draft| associate(draft, |association| association.is_none()),
    ),
    network(
        "every attachment uses the first table",
        Clause::TransitGatewayAssociation,
        |draft| associate(draft, |_| true),
    ),
    network(
        "an unknown association is taken for the first table",
        Clause::TransitGatewayAssociation,
        |draft| {
            associate(draft, |one| {
                matches!(one, Some(Value::Any(_) | Value::OneOf(..)))
            });
        },
    ),
    network(
        "propagated beats static in a transit gateway",
        Clause::TransitGatewayRoute,
        |draft| {
            let propagated = propagated(draft);
            each_transit_table(draft, |table| {
                let of_table: Vec<_> = propagated
                    .iter()
                    .filter(|(id, _)| table.propagations.contains(id))
                    .map(|(_, cidr)| RouteDestination::Cidr(*cidr))
                    .collect();
                table
                    .routes
                    .retain(|route| !of_table.contains(&route.destination));
            });
        },
    ),
    network(
        "the default route of a transit gateway is ignored",
        Clause::TransitGatewayRoute,
        |draft| {
            each_transit_table(draft, |table| {
                table.routes.retain(|route| match &route.destination {
                    RouteDestination::Cidr(cidr) => cidr.prefix_len() > 0,
                    RouteDestination::PrefixList(_) => true,
                });
            });
        },
    ),
    network(
        "prefix lists of a transit gateway are ignored",
        Clause::TransitGatewayRoute,
        |draft| {
            each_transit_table(draft, |table| {
                table
                    .routes
                    .retain(|route| matches!(route.destination, RouteDestination::Cidr(_)));
            });
        },
    ),
    network(
        "IPv6 is propagated without support",
        Clause::TransitGatewayRoute,
        |draft| {
            each_attachment(draft, |kind| {
                if let AttachmentKind::Vpc { ipv6_support, .. } = kind {
                    *ipv6_support = true;
                }
            });
        },
    ),
    network(
        "of two overlapping VPCs the first propagates",
        Clause::TransitGatewayAmbiguous,
        |draft| {
            let propagated = propagated(draft);
            each_transit_table(draft, |table| {
                let mut kept: Vec<Cidr> = Vec::new();
                let ids: Vec<_> = table.propagations.iter().cloned().collect();
                for id in ids {
                    let own = propagated.iter().filter(|(of, _)| *of == id);
                    let own: Vec<_> = own.map(|(_, cidr)| *cidr).collect();
                    let hidden = own
                        .iter()
                        .any(|cidr| kept.iter().any(|other| pool::overlap(*cidr, *other)));
                    if hidden {
                        table.propagations.remove(&id);
                    } else {
                        kept.extend(own);
                    }
                }
            });
        },
    ),
    network(
        "a blackhole of a transit gateway is skipped",
        Clause::TransitGatewayBlackhole,
        |draft| {
            each_transit_table(draft, |table| {
                table.routes.retain(|route| route.target.is_some())
            });
        },
    ),
    network(
        "what is not modelled propagates nothing",
        Clause::TransitGatewayUnmodelled,
        |draft| {
            let kinds: Vec<_> = draft
                .transit_gateway_attachments
                .iter()
                .filter(|one| matches!(one.kind, AttachmentKind::Unmodelled(_)))
                .map(|one| one.id.clone())
                .collect();
            each_transit_table(draft, |table| {
                table.propagations.retain(|id| !kinds.contains(id))
            });
        },
    ),
    network(
        "references of groups do not cross a transit gateway",
        Clause::SecurityGroupReference,
        |draft| {
            for gateway in &mut draft.transit_gateways {
                gateway.security_group_referencing = false;
            }
        },
    ),
    network(
        "references of groups cross a transit gateway without its flag",
        Clause::SecurityGroupReference,
        |draft| {
            for gateway in &mut draft.transit_gateways {
                gateway.security_group_referencing = true;
            }
        },
    ),
    network(
        "references of groups cross a transit gateway without the attachment's flag",
        Clause::SecurityGroupReference,
        |draft| {
            each_attachment(draft, |kind| {
                if let AttachmentKind::Vpc {
                    security_group_referencing,
                    ..
                } = kind
                {
                    *security_group_referencing = true;
                }
            });
        },
    ),
    network(
        "the DNS attributes are ignored",
        Clause::DnsSupport,
        |draft| {
            for vpc in &mut draft.vpcs {
                (vpc.dns_support, vpc.dns_hostnames) = (true, true);
            }
        },
    ),
    network(
        "private DNS needs no hostnames",
        Clause::EndpointPrivateDns,
        |draft| {
            draft
                .vpcs
                .iter_mut()
                .for_each(|vpc| vpc.dns_hostnames = true);
        },
    ),
    network(
        "DHCP options are ignored",
        Clause::DnsCustomServers,
        |draft| {
            draft
                .vpcs
                .iter_mut()
                .for_each(|vpc| vpc.custom_dns_servers = false);
        },
    ),
    network(
        "private DNS for inbound endpoints counts inside",
        Clause::EndpointPrivateDns,
        |draft| {
            for endpoint in &mut draft.vpc_endpoints {
                if let EndpointKind::Interface {
                    private_dns_inbound_only,
                    ..
                } = &mut endpoint.kind
                {
                    *private_dns_inbound_only = false;
                }
            }
        },
    ),
    network(
        "a zonal name means every interface",
        Clause::EndpointSpecificName,
        |draft| {
            for endpoint in &mut draft.vpc_endpoints {
                if let EndpointKind::Interface {
                    specific_names: Value::Known(names),
                    ..
                } = &mut endpoint.kind
                {
                    *names = names
                        .iter()
                        .map(|one| EndpointName {
                            name: one.name.clone(),
                            interface: None,
                        })
                        .collect();
                }
            }
        },
    ),
    network(
        "unknown names of endpoints are taken for none",
        Clause::EndpointSpecificName,
        |draft| {
            for endpoint in &mut draft.vpc_endpoints {
                if let EndpointKind::Interface { specific_names, .. } = &mut endpoint.kind
                    && specific_names.known().is_none()
                {
                    *specific_names = Value::Known(BTreeSet::new());
                }
            }
        },
    ),
    network("a Deny is ignored", Clause::PolicyExplicitDeny, |draft| {
        each_policy(draft, |policy| {
            policy
                .statements
                .retain(|one| one.effect == PolicyEffect::Allow)
        });
    }),
    network("the last statement decides", Clause::PolicyAllow, |draft| {
        each_policy(draft, |policy| {
            policy
                .statements
                .drain(..policy.statements.len().saturating_sub(1));
        });
    }),
    network("conditions are ignored", Clause::PolicyOpen, |draft| {
        each_policy(draft, |policy| {
            policy
                .statements
                .iter_mut()
                .for_each(|one| one.conditions.clear())
        });
    }),
    network(
        "NotAction is read as Action",
        Clause::PolicyAllow,
        |draft| {
            each_policy(draft, |policy| {
                for one in &mut policy.statements {
                    if let ActionElement::NotAction(patterns) = &one.action {
                        one.action = ActionElement::Action(patterns.clone());
                    }
                }
            });
        },
    ),
    network(
        "an account in a gateway endpoint's policy means all of its principals",
        Clause::PolicyDefaultDeny,
        |draft| {
            for endpoint in &mut draft.vpc_endpoints {
                if let EndpointKind::Gateway { .. } = endpoint.kind {
                    endpoint.kind = EndpointKind::Unmodelled("Interface".to_owned());
                }
            }
        },
    ),
    network(
        "an unknown policy is taken for the default one",
        Clause::PolicyUnknown,
        |draft| {
            for endpoint in &mut draft.vpc_endpoints {
                if let Value::Any(_) = endpoint.policy {
                    endpoint.policy = Value::Known(Policy {
                        statements: Vec::new(),
                    });
                }
            }
        },
    ),
];

/// The addresses of interfaces by their groups, with their VPCs.
fn members(draft: &NetworkDraft) -> Vec<(model::SecurityGroupId, model::VpcId, Address)> {
    let mut members = Vec::new();
    for interface in &draft.network_interfaces {
        let mut subnets = draft.subnets.iter();
        let subnet = subnets.find(|subnet| subnet.id == interface.subnet);
        let (Some(subnet), Some(groups)) = (subnet, interface.groups.known()) else {
            continue;
        };
        for address in &interface.addresses {
            if let AddressValue::Known(address) = address.private {
                let of_group = groups.iter();
                members.extend(of_group.map(|id| (id.clone(), subnet.vpc.clone(), address)));
            }
        }
    }
    members
}

/// The interfaces that routes lead to.
fn devices(draft: &NetworkDraft) -> BTreeSet<model::NetworkInterfaceId> {
    let routes = draft.route_tables.iter().flat_map(|table| &table.routes);
    routes
        .filter_map(|route| match route.target.known() {
            Some(Target::NetworkInterface(id)) => Some(id.clone()),
            _ => None,
        })
        .collect()
}

fn each_attachment(draft: &mut NetworkDraft, mut edit: impl FnMut(&mut AttachmentKind)) {
    for attachment in &mut draft.transit_gateway_attachments {
        edit(&mut attachment.kind);
    }
}

fn each_transit_table(draft: &mut NetworkDraft, edit: impl FnMut(&mut TransitGatewayRouteTable)) {
    draft.transit_gateway_route_tables.iter_mut().for_each(edit);
}

/// Associates attachments with the first table of their gateway.
fn associate(
    draft: &mut NetworkDraft,
    which: impl Fn(&Option<Value<TransitGatewayRouteTableId>>) -> bool,
) {
    let tables = &draft.transit_gateway_route_tables;
    for attachment in &mut draft.transit_gateway_attachments {
        let mut of_gateway = tables.iter();
        let first = of_gateway.find(|table| table.gateway == attachment.gateway);
        if let (true, Some(first)) = (which(&attachment.association), first) {
            attachment.association = Some(Value::Known(first.id.clone()));
        }
    }
}

/// The blocks of attached VPCs.
fn propagated(draft: &NetworkDraft) -> Vec<(TransitGatewayAttachmentId, Cidr)> {
    let mut blocks = Vec::new();
    for attachment in &draft.transit_gateway_attachments {
        if let AttachmentKind::Vpc { vpc, .. } = &attachment.kind {
            let vpc = draft.vpcs.iter().find(|one| one.id == *vpc);
            let cidrs = vpc.into_iter().flat_map(|vpc| &vpc.cidrs);
            blocks.extend(cidrs.map(|cidr| (attachment.id.clone(), *cidr)));
        }
    }
    blocks
}

/// The packet with another destination, when its own is in the block.
fn moved(packet: Packet, from: &str, to: &str) -> Option<Packet> {
    let inside = pool::holds(pool::cidr(from), packet.destination());
    let to = inside.then(|| pool::address(to))?;
    Packet::new(packet.source(), to, packet.transport())
}

fn open_rule(block: &str) -> GroupRule {
    GroupRule {
        traffic: RuleTraffic::All,
        peer: RulePeer::Cidr(pool::cidr(block)),
    }
}

fn each_rules(draft: &mut NetworkDraft, mut edit: impl FnMut(&mut Vec<GroupRule>)) {
    for group in &mut draft.security_groups {
        edit(&mut group.ingress);
        edit(&mut group.egress);
    }
}

fn each_rule(draft: &mut NetworkDraft, mut edit: impl FnMut(&mut GroupRule)) {
    each_rules(draft, |rules| rules.iter_mut().for_each(&mut edit));
}

fn each_traffic(draft: &mut NetworkDraft, edit: impl Fn(&mut RulePorts)) {
    each_rule(draft, |rule| {
        if let RuleTraffic::Tcp(ports) | RuleTraffic::Udp(ports) = &mut rule.traffic {
            edit(ports);
        }
    });
}

fn each_block(draft: &mut NetworkDraft, edit: impl Fn(&mut Cidr)) {
    each_rule(draft, |rule| {
        if let RulePeer::Cidr(cidr) = &mut rule.peer {
            edit(cidr);
        }
    });
}

fn each_entries(draft: &mut NetworkDraft, mut edit: impl FnMut(&mut Vec<AclEntry>)) {
    for acl in &mut draft.network_acls {
        edit(&mut acl.ingress);
        edit(&mut acl.egress);
    }
}

/// Keeps the local routes, and those that `keep` says.
fn each_table(draft: &mut NetworkDraft, keep: impl Fn(&Route) -> bool) {
    for table in &mut draft.route_tables {
        let local = |route: &Route| route.target.known() == Some(&Target::Local);
        table.routes.retain(|route| local(route) || keep(route));
    }
}

fn each_policy(draft: &mut NetworkDraft, edit: impl Fn(&mut Policy)) {
    for endpoint in &mut draft.vpc_endpoints {
        if let Value::Known(policy) = &mut endpoint.policy {
            edit(policy);
        }
    }
}

fn block(route: &Route) -> Option<Cidr> {
    match route.destination.known()? {
        RouteDestination::Cidr(cidr) => Some(*cidr),
        RouteDestination::PrefixList(_) => None,
    }
}

/// Whether a route's block is inside an earlier one's.
fn inside(route: &Route, earlier: &Route) -> bool {
    match (block(route), block(earlier)) {
        (Some(one), Some(other)) => {
            other.prefix_len() <= one.prefix_len() && pool::overlap(one, other)
        }
        (_, _) => false,
    }
}

/// The blocks that together are a block without its last address.
fn without_last(cidr: Cidr) -> Vec<Cidr> {
    let mut blocks = Vec::new();
    let mut rest = cidr;
    while let Some([lower, upper]) = pool::halves(rest) {
        blocks.push(lower);
        rest = upper;
    }
    blocks
}

/// The first candidate of an open value.
fn first<T: Clone>(value: &mut Value<T>) {
    if let Value::OneOf(values, _) = value
        && let Some(first) = values.first()
    {
        *value = Value::Known(first.clone());
    }
}
