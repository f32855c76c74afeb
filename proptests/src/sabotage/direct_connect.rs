//! Bugs in associations of Direct Connect gateways.

use std::collections::BTreeSet;

use model::{
    Cidr, Clause, DirectConnectAssociation, Disposition, NetworkDraft, OnPremisesGateway, Source,
    Value, VirtualPrivateGatewayId,
};

use super::client_vpn::{inside, none_if_open};
use super::{Bug, Place};
use crate::pool;

const fn network(name: &'static str, edit: fn(&mut NetworkDraft)) -> Bug {
    Bug {
        name,
        clause: Clause::DirectConnectAllowedPrefix,
        place: Place::Network(edit),
    }
}

/// Bugs written by hand.
pub(super) const EDITS: &[Bug] = &[
    network(
        "an allowed prefix inside of a VPC's block counts as holding it",
        |draft| {
            each_known(draft, |of_vpc, prefixes| {
                let touched = |block: &Cidr| prefixes.iter().any(|one| inside(*one, *block));
                let more: Vec<_> = of_vpc.iter().copied().filter(touched).collect();
                prefixes.extend(more);
            });
        },
    ),
    network("an allowed prefix has to be the VPC's block", |draft| {
        each_known(draft, |of_vpc, prefixes| {
            prefixes.retain(|one| of_vpc.is_empty() || of_vpc.contains(one));
        });
    }),
    network("allowed prefixes together hold a VPC's block", |draft| {
        each_known(draft, |of_vpc, prefixes| {
            let both = |block: &Cidr| {
                let mut halves = pool::halves(*block).into_iter().flatten();
                pool::halves(*block).is_some() && halves.all(|half| prefixes.contains(&half))
            };
            let more: Vec<_> = of_vpc.iter().copied().filter(both).collect();
            prefixes.extend(more);
        });
    }),
    network(
        "an attachment advertises only allowed prefixes that hold a VPC's block",
        |draft| {
            let blocks: Vec<_> = draft
                .vpcs
                .iter()
                .flat_map(|vpc| vpc.cidrs.clone())
                .collect();
            for one in &mut draft.direct_connect_associations {
                if let (OnPremisesGateway::Transit(_), Value::Known(known)) =
                    (&one.gateway, &mut one.allowed_prefixes)
                {
                    known.retain(|prefix| {
                        let mut held = blocks.iter();
                        held.any(|block| prefix == block || inside(*block, *prefix))
                    });
                }
            }
        },
    ),
    Bug {
        name: "a virtual private gateway advertises the allowed prefixes as they are",
        clause: Clause::DirectConnectAllowedPrefix,
        place: Place::Traced(|network, flow, trace| {
            let mut allowed = network
                .direct_connect_associations()
                .values()
                .filter(|one| flow.source == Source::OnPremises(one.gateway.clone()));
            let holds = |one: &DirectConnectAssociation| {
                let mut known = one.allowed_prefixes.known().into_iter().flatten();
                known.any(|prefix| pool::holds(*prefix, flow.packet.destination()))
            };
            let forward = &mut trace.decision.forward;
            if forward.clause == Clause::DirectConnectAllowedPrefix && allowed.any(holds) {
                forward.disposition = Disposition::Delivered;
                trace.decision.reply = None;
            }
        }),
    },
    network("other ways to premises are forgotten", |draft| {
        each(draft, |one| one.other_ways = false);
    }),
    network("other ways to premises advertise everything", |draft| {
        each(draft, |one| {
            if one.other_ways {
                one.allowed_prefixes = everything();
            }
        });
    }),
    network("unknown allowed prefixes are taken for none", |draft| {
        each(draft, |one| none_if_open(&mut one.allowed_prefixes));
    }),
    network("unknown allowed prefixes are taken for all", |draft| {
        each(draft, |one| {
            if one.allowed_prefixes.known().is_none() {
                one.allowed_prefixes = everything();
            }
        });
    }),
    network("only the first association of a gateway counts", |draft| {
        let mut had = Vec::new();
        draft.direct_connect_associations.retain(|one| {
            let first = !had.contains(&one.gateway);
            had.push(one.gateway.clone());
            first
        });
    }),
    network("an association that allows nothing is none", |draft| {
        draft.direct_connect_associations.retain(|one| {
            let known = one.allowed_prefixes.known();
            known.is_none_or(|known| !known.is_empty())
        });
    }),
    network(
        "a virtual private gateway without an association advertises nothing",
        |draft| {
            let associations = &draft.direct_connect_associations;
            let gateways = draft.virtual_private_gateways.iter();
            let gateways = gateways.map(|one| OnPremisesGateway::VirtualPrivate(one.id.clone()));
            let without = gateways.filter(|id| !associations.iter().any(|one| one.gateway == *id));
            let more: Vec<_> = without
                .enumerate()
                .map(|(n, gateway)| DirectConnectAssociation {
                    id: format!("none-{n}").as_str().into(),
                    gateway,
                    allowed_prefixes: Value::Known(BTreeSet::new()),
                    other_ways: false,
                    tags: model::Tags::new(),
                })
                .collect();
            draft.direct_connect_associations.extend(more);
        },
    ),
];

fn everything() -> Value<BTreeSet<Cidr>> {
    Value::Known(["0.0.0.0/0", "::/0"].map(pool::cidr).into())
}

fn each(draft: &mut NetworkDraft, edit: fn(&mut DirectConnectAssociation)) {
    draft.direct_connect_associations.iter_mut().for_each(edit);
}

/// The known prefixes of virtual private gateways, with the blocks of their VPCs.
fn each_known(draft: &mut NetworkDraft, edit: fn(&[Cidr], &mut BTreeSet<Cidr>)) {
    let mut associations = std::mem::take(&mut draft.direct_connect_associations);
    for one in &mut associations {
        if let (OnPremisesGateway::VirtualPrivate(id), Value::Known(known)) =
            (&one.gateway, &mut one.allowed_prefixes)
        {
            edit(&of_vpc(draft, id), known);
        }
    }
    draft.direct_connect_associations = associations;
}

fn of_vpc(draft: &NetworkDraft, id: &VirtualPrivateGatewayId) -> Vec<Cidr> {
    let mut gateways = draft.virtual_private_gateways.iter();
    let gateway = gateways.find(|one| one.id == *id);
    let vpc = gateway.and_then(|one| one.vpc.as_ref());
    let own = draft.vpcs.iter().filter(|one| Some(&one.id) == vpc);
    own.flat_map(|vpc| vpc.cidrs.clone()).collect()
}
