//! Bugs in names and requests.

use super::*;

/// Bugs written by hand.
pub(super) const EDITS: &[Bug] = &[
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
                        variables: false,
                    });
                }
            }
        },
    ),
];
