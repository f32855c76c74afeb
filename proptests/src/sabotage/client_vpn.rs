//! Bugs in Client VPN endpoints.

use std::collections::BTreeSet;

use model::{
    AuthorizationRule, Cidr, Clause, ClientVpnEndpoint, ClientVpnRoute, Disposition, Flow, Network,
    NetworkDraft, NetworkInterface, Outcome, Source, SubnetId, Trace, Value,
};

use super::{Bug, Place, decision, network};
use crate::pool;

/// Bugs written by hand.
pub(super) const EDITS: &[Bug] = &[
    network(
        "the shortest authorization rule decides",
        Clause::ClientVpnAuthorization,
        |draft| {
            each_rules(draft, |rules| {
                let all = rules.clone();
                let longer = |rule: &AuthorizationRule| {
                    let mut others = all.iter();
                    others.any(|one| inside(rule.destination, one.destination))
                };
                rules.retain(|rule| !longer(rule));
            });
        },
    ),
    network(
        "a group's rule counts as everybody's",
        Clause::ClientVpnAuthorization,
        |draft| {
            each_rules(draft, |rules| {
                let all = std::mem::take(rules);
                rules.extend(all.into_iter().map(|rule| AuthorizationRule {
                    group: None,
                    ..rule
                }));
            });
        },
    ),
    network(
        "a group's rule counts as nobody's",
        Clause::ClientVpnAuthorization,
        |draft| each_rules(draft, |rules| rules.retain(|rule| rule.group.is_none())),
    ),
    network(
        "a longer rule for a group leaves a shorter one for all in force",
        Clause::ClientVpnAuthorization,
        |draft| {
            each_rules(draft, |rules| {
                let mut for_all = rules.clone();
                for_all.retain(|rule| rule.group.is_none());
                rules.retain(|rule| {
                    let mut shorter = for_all.iter();
                    rule.group.is_none()
                        || !shorter.any(|one| inside(rule.destination, one.destination))
                });
            });
        },
    ),
    network(
        "beside a group's rule one for all of the same length is ignored",
        Clause::ClientVpnAuthorization,
        |draft| {
            each_rules(draft, |rules| {
                let all = rules.clone();
                rules.retain(|rule| {
                    let mut others = all.iter();
                    rule.group.is_some()
                        || !others
                            .any(|one| one.group.is_some() && one.destination == rule.destination)
                });
            });
        },
    ),
    network(
        "unknown authorization rules are taken for none",
        Clause::ClientVpnAuthorization,
        |draft| {
            each_endpoint(draft, |endpoint| {
                none_if_open(&mut endpoint.authorization_rules);
            });
        },
    ),
    network(
        "a route of a Client VPN endpoint serves each of its subnets",
        Clause::ClientVpnRoute,
        |draft| {
            lead_everywhere(draft, |route| route.subnet.is_some());
        },
    ),
    network(
        "local is a way out for clients",
        Clause::ClientVpnRoute,
        |draft| {
            lead_everywhere(draft, |route| route.subnet.is_none());
        },
    ),
    network(
        "routes of clients that are local are ignored",
        Clause::ClientVpnRoute,
        |draft| {
            each_routes(draft, |routes, _| {
                routes.retain(|route| route.subnet.is_some());
            });
        },
    ),
    network(
        "a longer route by another subnet takes nothing from clients",
        Clause::ClientVpnRoute,
        |draft| {
            each_routes(draft, |routes, _| {
                let all = routes.clone();
                routes.retain(|route| {
                    let mut others = all.iter();
                    !others.any(|one| elsewhere(route, one))
                });
            });
        },
    ),
    network(
        "a longer route by another subnet hides a shorter one from clients",
        Clause::ClientVpnRoute,
        |draft| {
            each_routes(draft, |routes, _| {
                let all = routes.clone();
                routes.retain(|route| {
                    let mut others = all.iter();
                    !others.any(|one| elsewhere(one, route))
                });
            });
        },
    ),
    network(
        "unknown routes of a Client VPN endpoint are taken for none",
        Clause::ClientVpnRoute,
        |draft| each_endpoint(draft, |endpoint| none_if_open(&mut endpoint.routes)),
    ),
    decision(
        "clients reach link-local services",
        Clause::ClientVpnRoute,
        |flow, trace| {
            let mut link_local = ["169.254.0.0/16", "fd00:ec2::/32"]
                .map(pool::cidr)
                .into_iter();
            if link_local.any(|block| pool::holds(block, flow.packet.destination())) {
                settle(trace, Clause::ClientVpnRoute, Disposition::Delivered);
            }
        },
    ),
    Bug {
        name: "a Client VPN endpoint takes requests as any interface does",
        clause: Clause::ClientVpnInbound,
        place: Place::Open(Clause::ClientVpnInbound, |draft| {
            draft.client_vpn_endpoints.clear();
        }),
    },
    decision(
        "a Client VPN endpoint drops requests",
        Clause::ClientVpnInbound,
        |_, trace| settle(trace, Clause::ClientVpnInbound, Disposition::Dropped),
    ),
    Bug {
        name: "a reply to a client is left open as a request is",
        clause: Clause::ClientVpnInbound,
        place: Place::Traced(|network, flow, trace| {
            if let Some(reply) = &mut trace.decision.reply
                && is_client(network, flow)
                && reply.disposition == Disposition::Delivered
            {
                *reply = Outcome {
                    disposition: Disposition::Undetermined,
                    clause: Clause::ClientVpnInbound,
                    ..reply.clone()
                };
            }
        }),
    },
];

fn is_client(network: &Network, flow: &Flow) -> bool {
    let Source::Interface(id) = &flow.source else {
        return false;
    };
    let mut endpoints = network.client_vpn_endpoints().values();
    endpoints.any(|one| one.interfaces.contains(id))
}

/// What a clause left open is decided.
fn settle(trace: &mut Trace, clause: Clause, disposition: Disposition) {
    let forward = &mut trace.decision.forward;
    if forward.clause == clause && forward.disposition == Disposition::Undetermined {
        forward.disposition = disposition;
        forward.arrival = None;
        trace.decision.reply = None;
    }
}

fn each_endpoint(draft: &mut NetworkDraft, edit: fn(&mut ClientVpnEndpoint)) {
    draft.client_vpn_endpoints.iter_mut().for_each(edit);
}

fn each_rules(draft: &mut NetworkDraft, mut edit: impl FnMut(&mut BTreeSet<AuthorizationRule>)) {
    for endpoint in &mut draft.client_vpn_endpoints {
        if let Value::Known(rules) = &mut endpoint.authorization_rules {
            edit(rules);
        }
    }
}

/// With the subnets of the endpoint's interfaces.
fn each_routes(
    draft: &mut NetworkDraft,
    edit: impl Fn(&mut BTreeSet<ClientVpnRoute>, &BTreeSet<SubnetId>),
) {
    for endpoint in &mut draft.client_vpn_endpoints {
        let interfaces = draft.network_interfaces.iter();
        let own = interfaces.filter(|one| endpoint.interfaces.contains(&one.id));
        let own = own
            .map(|one: &NetworkInterface| one.subnet.clone())
            .collect();
        if let Value::Known(routes) = &mut endpoint.routes {
            edit(routes, &own);
        }
    }
}

/// Leads what routes are for by other subnets, too.
fn lead_by(
    routes: &mut BTreeSet<ClientVpnRoute>,
    like: &BTreeSet<ClientVpnRoute>,
    subnets: &BTreeSet<SubnetId>,
) {
    for route in like {
        routes.remove(route);
        routes.extend(subnets.iter().map(|subnet| ClientVpnRoute {
            destination: route.destination,
            subnet: Some(subnet.clone()),
        }));
    }
}

/// Whether a route is inside of another one, and by another subnet.
fn elsewhere(one: &ClientVpnRoute, other: &ClientVpnRoute) -> bool {
    let both = one.subnet.is_some() && other.subnet.is_some();
    both && one.subnet != other.subnet && inside(one.destination, other.destination)
}

/// Whether a block is a part of another one, and not all of it.
pub(super) fn inside(cidr: Cidr, of: Cidr) -> bool {
    of.prefix_len() < cidr.prefix_len() && pool::holds(of, cidr.base())
}

pub(super) fn none_if_open<T: Ord>(value: &mut Value<BTreeSet<T>>) {
    match value {
        Value::Known(_) => {}
        Value::OneOf(..) | Value::Any(_) => *value = Value::Known(BTreeSet::new()),
    }
}

/// Some of the routes lead by each of the endpoint's subnets.
fn lead_everywhere(draft: &mut NetworkDraft, which: fn(&ClientVpnRoute) -> bool) {
    each_routes(draft, |routes, own| {
        let mut led = routes.clone();
        led.retain(which);
        lead_by(routes, &led, own);
    });
}
