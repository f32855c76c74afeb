//! Bugs in what names mean, planted in the zones and rules before the engine sees them, or in its
//! answer.

use std::collections::BTreeSet;

use model::{
    Answer, Clause, DnsRecord, DnsTarget, EndpointKind, Hole, HostedZone, NetworkDraft, Resolution,
    ResolverAction, ResolverRule, Value, VpcId,
};

use super::{Bug, Place, network};

/// Bugs written by hand.
pub(super) const EDITS: &[Bug] = &[
    network(
        "the least specific zone wins",
        Clause::DnsMostSpecific,
        |draft| {
            let zones = draft.hosted_zones.clone();
            leave(&mut draft.hosted_zones, |zone, vpc| {
                let parent =
                    |one: &HostedZone| one.vpcs.contains(vpc) && below(&zone.name, &one.name);
                zones.iter().any(parent)
            });
        },
    ),
    network(
        "a rule comes before longer zones",
        Clause::DnsMostSpecific,
        |draft| {
            let rules = draft.resolver_rules.clone();
            leave(&mut draft.hosted_zones, |zone, vpc| {
                let parent = |rule: &ResolverRule| {
                    rule.vpcs.contains(vpc) && forwards(rule) && below(&zone.name, &rule.domain)
                };
                rules.iter().any(parent)
            });
        },
    ),
    network(
        "of one name the zone comes before the rule",
        Clause::DnsMostSpecific,
        |draft| {
            for rule in &mut draft.resolver_rules {
                let zones = &draft.hosted_zones;
                rule.vpcs.retain(|vpc| {
                    let same =
                        |zone: &HostedZone| zone.vpcs.contains(vpc) && zone.name == rule.domain;
                    !zones.iter().any(same)
                });
            }
        },
    ),
    network(
        "a rule comes before an endpoint's private name",
        Clause::DnsMostSpecific,
        |draft| {
            let rules = draft.resolver_rules.clone();
            for endpoint in &mut draft.vpc_endpoints {
                if let EndpointKind::Interface { private_names, .. } = &mut endpoint.kind {
                    private_names.retain(|name| {
                        let parent = |rule: &ResolverRule| {
                            rule.vpcs.contains(&endpoint.vpc) && below(name, &rule.domain)
                        };
                        !rules.iter().any(parent)
                    });
                }
            }
        },
    ),
    Bug {
        name: "a zone without the record falls back to the public name",
        clause: Clause::HostedZone,
        place: Place::Answer(|right| match (right.clause, &right.answer) {
            (Clause::HostedZone, Answer::NoAnswer) => Resolution {
                clause: Clause::NameUnmodelled,
                answer: Answer::Undetermined(Hole::new("the public name")),
            },
            _ => right,
        }),
    },
    Bug {
        name: "a service has no name of several labels",
        clause: Clause::ServicePublicName,
        place: Place::Answer(|right| {
            let Answer::PublicService(service) = &right.answer else {
                return right;
            };
            // Behind `com.amazonaws.` and the Region stands a part with a dot.
            if service.split('.').count() <= 4 {
                return right;
            }
            Resolution {
                clause: Clause::NameUnmodelled,
                answer: Answer::Undetermined(Hole::new("the name")),
            }
        }),
    },
    network(
        "zones need no DNS attributes",
        Clause::HostedZone,
        |draft| {
            for vpc in &mut draft.vpcs {
                let mut zones = draft.hosted_zones.iter();
                vpc.dns_hostnames |= zones.any(|zone| zone.vpcs.contains(&vpc.id));
            }
        },
    ),
    network(
        "a wildcard takes existing names",
        Clause::HostedZone,
        |draft| {
            each_zone(draft, |records| {
                let wildcards: Vec<_> = wildcards(records);
                records.retain(|record| {
                    let covered = |parent: &String| below(&record.name, parent);
                    record.name.starts_with("*.") || !wildcards.iter().any(covered)
                });
            });
        },
    ),
    network(
        "an existing name does not hide a wildcard from those below it",
        Clause::HostedZone,
        |draft| {
            each_zone(draft, |records| {
                let covered: Vec<_> = records
                    .iter()
                    .filter(|record| record.name.starts_with("*."))
                    .cloned()
                    .collect();
                let names: Vec<_> = records.iter().map(|record| record.name.clone()).collect();
                for wildcard in covered {
                    let parent = wildcard.name.trim_start_matches("*.");
                    for name in names
                        .iter()
                        .filter(|name| !name.starts_with('*') && below(name, parent))
                    {
                        let name = format!("*.{name}");
                        if !records.iter().any(|record| record.name == name) {
                            let target = wildcard.target.clone();
                            records.push(DnsRecord { name, target });
                        }
                    }
                }
            });
        },
    ),
    network(
        "a record means an endpoint that is not available too",
        Clause::HostedZone,
        |draft| {
            let mut used = BTreeSet::new();
            each_zone(draft, |records| {
                for record in records {
                    if let DnsTarget::Endpoint(id) = &record.target {
                        used.insert(id.clone());
                    }
                }
            });
            for endpoint in &mut draft.vpc_endpoints {
                endpoint.available |= used.contains(&endpoint.id);
            }
        },
    ),
    network(
        "unknown records are taken for none",
        Clause::HostedZone,
        |draft| {
            for zone in &mut draft.hosted_zones {
                if let Value::Any(_) = zone.records {
                    zone.records = Value::Known(Vec::new());
                }
            }
        },
    ),
    network(
        "a rule that leads to a VPC leads out of the input",
        Clause::ResolverRuleForward,
        |draft| {
            for rule in &mut draft.resolver_rules {
                if let ResolverAction::ForwardTo(_) = rule.action {
                    rule.action = ResolverAction::Forward;
                }
            }
        },
    ),
    network(
        "private DNS for inbound endpoints counts for nobody",
        Clause::ResolverRuleForward,
        |draft| {
            for endpoint in &mut draft.vpc_endpoints {
                if let EndpointKind::Interface {
                    private_dns,
                    private_dns_inbound_only: true,
                    ..
                } = &mut endpoint.kind
                {
                    *private_dns = false;
                }
            }
        },
    ),
    network(
        "rules SYSTEM are ignored",
        Clause::ResolverRuleSystem,
        |draft| {
            draft
                .resolver_rules
                .retain(|rule| rule.action != ResolverAction::System);
        },
    ),
    network(
        "a rule SYSTEM forwards",
        Clause::ResolverRuleSystem,
        |draft| {
            for rule in &mut draft.resolver_rules {
                if rule.action == ResolverAction::System {
                    rule.action = ResolverAction::Forward;
                }
            }
        },
    ),
    network(
        "the last matching rule of DNS Firewall decides",
        Clause::DnsFirewall,
        |draft| {
            draft
                .vpcs
                .iter_mut()
                .for_each(|vpc| vpc.dns_firewall.reverse());
        },
    ),
    network(
        "a domain of DNS Firewall stands for the names below it",
        Clause::DnsFirewall,
        |draft| {
            for rule in draft.vpcs.iter_mut().flat_map(|vpc| &mut vpc.dns_firewall) {
                if let Value::Known(domains) = &mut rule.domains {
                    let below = domains.iter().filter(|domain| !domain.starts_with('*'));
                    let below: Vec<_> = below.map(|domain| format!("*.{domain}")).collect();
                    domains.extend(below);
                }
            }
        },
    ),
    network(
        "rules of DNS Firewall with unknown domains match nothing",
        Clause::DnsFirewall,
        |draft| {
            for vpc in &mut draft.vpcs {
                vpc.dns_firewall
                    .retain(|rule| rule.domains.known().is_some());
            }
        },
    ),
];

/// Takes zones out of VPCs.
fn leave(zones: &mut [HostedZone], gone: impl Fn(&HostedZone, &VpcId) -> bool) {
    for zone in zones {
        let before = zone.clone();
        zone.vpcs.retain(|vpc| !gone(&before, vpc));
    }
}

fn each_zone(draft: &mut NetworkDraft, mut edit: impl FnMut(&mut Vec<DnsRecord>)) {
    for zone in &mut draft.hosted_zones {
        if let Value::Known(records) = &mut zone.records {
            edit(records);
        }
    }
}

fn wildcards(records: &[DnsRecord]) -> Vec<String> {
    let names = records.iter();
    let names = names.filter_map(|record| record.name.strip_prefix("*."));
    names.map(str::to_owned).collect()
}

fn forwards(rule: &ResolverRule) -> bool {
    match rule.action {
        ResolverAction::Forward | ResolverAction::ForwardTo(_) => true,
        ResolverAction::System | ResolverAction::Unmodelled(_) => false,
    }
}

fn below(name: &str, parent: &str) -> bool {
    let rest = name.strip_suffix(parent);
    rest.is_some_and(|rest| rest.ends_with('.')) || (parent.is_empty() && !name.is_empty())
}
