//! Bugs in what is asked by inbound resolver endpoints.

use evaluator::NameTrace;
use model::{
    Answer, Clause, EndpointKind, Hole, InboundResolver, Invariant, Network, NetworkDraft, Origin,
    Resolution,
};

use super::{Bug, Place};

const fn bug(name: &'static str, place: Place) -> Bug {
    Bug {
        name,
        clause: Clause::InboundResolver,
        place,
    }
}

/// Bugs written by hand.
pub(super) const EDITS: &[Bug] = &[
    bug(
        "private DNS for inbound endpoints only counts for no client outside",
        Place::Inbound(|draft| {
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
        }),
    ),
    bug(
        "private DNS for inbound endpoints only counts for everybody",
        Place::Network(|draft| {
            for endpoint in &mut draft.vpc_endpoints {
                if let EndpointKind::Interface {
                    private_dns_inbound_only,
                    ..
                } = &mut endpoint.kind
                {
                    *private_dns_inbound_only = false;
                }
            }
        }),
    ),
    bug(
        "an inbound endpoint that is not there answers",
        Place::Network(|draft| {
            each(draft, |resolver| {
                if *resolver == InboundResolver::Absent {
                    *resolver = InboundResolver::Unknown;
                }
            });
        }),
    ),
    bug(
        "an inbound endpoint that the input does not show is not there",
        Place::Network(|draft| {
            each(draft, |resolver| {
                if *resolver == InboundResolver::Unknown {
                    *resolver = InboundResolver::Absent;
                }
            });
        }),
    ),
    bug(
        "rules reach an inbound endpoint that is not there",
        Place::Resolved(|_, trace| {
            let right = trace.resolution.clone();
            if right.clause != Clause::InboundResolver || trace.asked.len() < 2 {
                return right;
            }
            open(Clause::NameUnmodelled)
        }),
    ),
    bug(
        "an inbound endpoint asks custom DNS servers",
        Place::Resolved(custom_servers),
    ),
    bug(
        "hosts on premises send to no name",
        Place::Invariant(no_resolver),
    ),
];

fn each(draft: &mut NetworkDraft, edit: impl FnMut(&mut InboundResolver)) {
    let resolvers = draft.vpcs.iter_mut().map(|vpc| &mut vpc.inbound_resolver);
    resolvers.for_each(edit);
}

fn open(clause: Clause) -> Resolution {
    Resolution {
        clause,
        answer: Answer::Undetermined(Hole::new("the name")),
    }
}

/// The first query by an inbound endpoint of a VPC with other servers ends there.
fn custom_servers(network: &Network, trace: &NameTrace) -> Resolution {
    let custom = trace.asked.iter().any(|asked| {
        let vpc = network.vpcs().get(&asked.vpc);
        asked.inbound && vpc.is_some_and(|vpc| vpc.custom_dns_servers)
    });
    if custom && trace.resolution.clause != Clause::InboundResolver {
        open(Clause::DnsCustomServers)
    } else {
        trace.resolution.clone()
    }
}

fn no_resolver(_: &Network, invariant: &mut Invariant) {
    for origin in &mut invariant.scope.from {
        match origin {
            Origin::OnPremises { resolver, .. } => *resolver = None,
            Origin::Interfaces(_) | Origin::Internet(_) => {}
        }
    }
}
