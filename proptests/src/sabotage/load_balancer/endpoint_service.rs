//! Bugs in what endpoint services hand on.

use model::{
    AddressValue, Attachment, Clause, EndpointKind, LoadBalancerId, NetworkDraft, RulePeer,
    TargetDestination,
};

use super::{each_group, groups_of, references_by_address};
use crate::pool;
use crate::sabotage::{Bug, Place, network};

/// A bug in what endpoint services carry.
const fn by_service(name: &'static str, clause: Clause, edit: fn(&mut NetworkDraft)) -> Bug {
    Bug {
        name,
        clause,
        place: Place::Where(Clause::EndpointServiceHandsOn, edit),
    }
}

/// Bugs in endpoint services.
pub(super) const EDITS: &[Bug] = &[
    by_service(
        "the rules of a service's load balancers match groups",
        Clause::EndpointServiceHandsOn,
        |draft| {
            let groups = groups_of(draft, |one| {
                matches!(one.attachment, Attachment::LoadBalancer(_))
            });
            references_by_address(draft, &groups);
        },
    ),
    by_service(
        "rules at a service are judged on the endpoint's address",
        Clause::EndpointServiceHandsOn,
        judged_on_endpoints,
    ),
    network(
        "groups are asked about endpoint services always",
        Clause::EndpointServiceHandsOn,
        |draft| {
            draft
                .load_balancers
                .iter_mut()
                .for_each(|one| one.private_link_ingress = true)
        },
    ),
    network(
        "groups are never asked about endpoint services",
        Clause::EndpointServiceHandsOn,
        |draft| {
            draft
                .load_balancers
                .iter_mut()
                .for_each(|one| one.private_link_ingress = false)
        },
    ),
    network(
        "a service has one load balancer",
        Clause::EndpointServiceZone,
        |draft| {
            for service in &mut draft.endpoint_services {
                let first = service.load_balancers.first().cloned();
                service.load_balancers = first.into_iter().collect();
            }
        },
    ),
    network(
        "nodes of a service are taken in the order of the load balancers from the last",
        Clause::EndpointServiceZone,
        reverse_balancers,
    ),
    Bug {
        name: "the zone of a service's node is not asked",
        clause: Clause::EndpointServiceZone,
        place: Place::Where(Clause::EndpointServiceZone, |draft| {
            for (vpc, n) in draft.vpcs.iter_mut().zip(0..) {
                vpc.region = format!("region-{n}");
            }
        }),
    },
    Bug {
        name: "zones are compared between Regions",
        clause: Clause::EndpointServiceZone,
        place: Place::Where(Clause::EndpointServiceZone, |draft| {
            for vpc in &mut draft.vpcs {
                vpc.region = "us-east-1".to_owned();
            }
        }),
    },
    network(
        "every interface endpoint is one of the first service",
        Clause::EndpointServiceHandsOn,
        |draft| {
            let Some(service) = draft.endpoint_services.first() else {
                return;
            };
            for endpoint in &mut draft.vpc_endpoints {
                if let EndpointKind::Interface { .. } = endpoint.kind {
                    endpoint.service.clone_from(&service.name);
                }
            }
        },
    ),
    network(
        "no endpoint hands requests on",
        Clause::EndpointServiceHandsOn,
        |draft| draft.endpoint_services.clear(),
    ),
];

/// Gives load balancers other ids, in reverse order.
fn reverse_balancers(draft: &mut NetworkDraft) {
    let n = draft.load_balancers.len();
    let ids: Vec<_> = draft
        .load_balancers
        .iter()
        .map(|one| one.id.clone())
        .collect();
    let renamed = |id: &LoadBalancerId| {
        let at = ids.iter().position(|one| one == id).unwrap_or(n);
        LoadBalancerId::new(format!("lb-{:04}", n - at))
    };
    for balancer in &mut draft.load_balancers {
        balancer.id = renamed(&balancer.id);
    }
    for interface in &mut draft.network_interfaces {
        if let Attachment::LoadBalancer(id) = &mut interface.attachment {
            *id = renamed(id);
        }
    }
    for service in &mut draft.endpoint_services {
        service.load_balancers = service.load_balancers.iter().map(&renamed).collect();
    }
    each_group(draft, |_, targets| {
        for target in targets {
            if let TargetDestination::LoadBalancer(id) = &mut target.destination {
                *id = renamed(id);
            }
        }
    });
}

/// Inbound rules of nodes with a block let everybody in when it holds an endpoint's address, and nobody
/// otherwise.
fn judged_on_endpoints(draft: &mut NetworkDraft) {
    let groups = groups_of(draft, |one| {
        matches!(one.attachment, Attachment::LoadBalancer(_))
    });
    let endpoints = draft.network_interfaces.iter();
    let endpoints = endpoints.filter(|one| matches!(one.attachment, Attachment::VpcEndpoint(_)));
    let addresses: Vec<_> = endpoints
        .flat_map(|one| &one.addresses)
        .filter_map(|one| match one.private {
            AddressValue::Known(address) => Some(address),
            AddressValue::Within(..) => None,
        })
        .collect();
    for group in &mut draft.security_groups {
        if !groups.contains(&group.id) {
            continue;
        }
        group.ingress.retain_mut(|rule| {
            let RulePeer::Cidr(cidr) = &mut rule.peer else {
                return true;
            };
            let holds = addresses.iter().any(|address| pool::holds(*cidr, *address));
            *cidr = pool::around(cidr.base(), 0);
            holds
        });
    }
}
