//! Bugs in networks on premises.

use std::collections::BTreeSet;

use model::{
    Arrival, AttachmentKind, Cidr, Clause, Disposition, NetworkDraft, OnPremisesGateway,
    OnPremisesService, Outcome, Source, Target, Trace, TransitGatewayAttachment,
    TransitGatewayAttachmentId, Value,
};

use super::{Bug, decision, network};
use crate::pool;

/// Bugs written by hand.
pub(super) const EDITS: &[Bug] = &[
    network(
        "a detached virtual private gateway is taken for an attached one",
        Clause::VirtualPrivateGatewayAttached,
        |draft| {
            let gateways = &mut draft.virtual_private_gateways;
            let mut free: Vec<_> = draft.vpcs.iter().map(|vpc| vpc.id.clone()).collect();
            free.retain(|vpc| !gateways.iter().any(|one| one.vpc.as_ref() == Some(vpc)));
            let detached = gateways.iter_mut().filter(|one| one.vpc.is_none());
            for (gateway, vpc) in detached.zip(free) {
                gateway.vpc = Some(vpc);
            }
        },
    ),
    network(
        "a virtual private gateway serves every VPC whose routes lead to it",
        Clause::VirtualPrivateGatewayAttached,
        |draft| {
            let gateways = &draft.virtual_private_gateways;
            for table in &mut draft.route_tables {
                let mut own = gateways.iter();
                let own = own.find(|one| one.vpc.as_ref() == Some(&table.vpc));
                for route in &mut table.routes {
                    if let (Some(Target::VirtualPrivateGateway(_)), Some(own)) =
                        (route.target.known(), own)
                    {
                        route.target = Value::Known(Target::VirtualPrivateGateway(own.id.clone()));
                    }
                }
            }
        },
    ),
    network(
        "a virtual private gateway forwards everything",
        Clause::VirtualPrivateGatewayRoute,
        |draft| {
            for gateway in &mut draft.virtual_private_gateways {
                if let Value::Known(known) = &mut gateway.prefixes {
                    known.extend(["0.0.0.0/0", "::/0"].map(pool::cidr));
                }
            }
        },
    ),
    network(
        "only the first block of a virtual private gateway counts",
        Clause::VirtualPrivateGatewayRoute,
        |draft| {
            for gateway in &mut draft.virtual_private_gateways {
                if let Value::Known(known) = &mut gateway.prefixes {
                    *known = known.first().copied().into_iter().collect();
                }
            }
        },
    ),
    network(
        "unknown blocks of a virtual private gateway are taken for none",
        Clause::VirtualPrivateGatewayRoute,
        |draft| {
            let gateways = draft.virtual_private_gateways.iter_mut();
            gateways.for_each(|one| none_if_open(&mut one.prefixes));
        },
    ),
    decision(
        "a reply to on premises is for any address",
        Clause::VirtualPrivateGatewayRoute,
        |flow, trace| {
            if let Source::OnPremises(_) = flow.source {
                returns(trace, Clause::VirtualPrivateGatewayRoute);
            }
        },
    ),
    decision(
        "a virtual private gateway joins no sites",
        Clause::VirtualPrivateGatewayInbound,
        |_, trace| {
            let forward = &mut trace.decision.forward;
            if forward.clause == Clause::VirtualPrivateGatewayInbound {
                forward.disposition = Disposition::Dropped;
                trace.decision.reply = None;
            }
        },
    ),
    network(
        "the table of a virtual private gateway is ignored",
        Clause::VirtualPrivateGatewayEdgeTable,
        |draft| {
            let gateways = draft.virtual_private_gateways.iter_mut();
            gateways.for_each(|one| one.edge_route_table = None);
        },
    ),
    network(
        "a VPC whose attachment is not available has no address of its own",
        Clause::OnPremisesSource,
        |draft| {
            for one in &mut draft.transit_gateway_attachments {
                if !one.available && matches!(one.kind, AttachmentKind::Vpc { .. }) {
                    one.kind = AttachmentKind::Unmodelled("network-function".to_owned());
                }
            }
        },
    ),
    network(
        "an address of any VPC is taken for one of an attached VPC",
        Clause::OnPremisesSource,
        attach_all,
    ),
    network(
        "a block of one bit less than eight is taken for a network of one's own",
        Clause::OnPremisesTransit,
        |draft| {
            each_prefixes(draft, |known| {
                let short = |cidr: &Cidr| cidr.prefix_len() + 1 == own_length(*cidr);
                let halves = known.iter().copied().filter(short).flat_map(pool::halves);
                *known = known
                    .iter()
                    .copied()
                    .filter(|cidr| !short(cidr))
                    .chain(halves.flatten())
                    .collect();
            });
        },
    ),
    network(
        "a block of eight bits is not taken for a network of one's own",
        Clause::OnPremisesTransit,
        |draft| {
            each_prefixes(draft, |known| {
                let widened = known.iter().map(|cidr| {
                    if cidr.prefix_len() == own_length(*cidr) {
                        pool::around(cidr.base(), cidr.prefix_len() - 1)
                    } else {
                        *cidr
                    }
                });
                *known = widened.collect();
            });
        },
    ),
    decision(
        "an address of a VPC is taken for one on premises",
        Clause::OnPremisesTransit,
        |flow, trace| {
            let forward = &mut trace.decision.forward;
            if forward.clause == Clause::OnPremisesTransit
                && !pool::is_public(flow.packet.destination())
            {
                forward.disposition = Disposition::Delivered;
                forward.clause = Clause::OnPremisesDelivers;
            }
        },
    ),
    network(
        "an attachment on premises propagates nothing",
        Clause::TransitGatewayRoute,
        |draft| {
            each_prefixes_of_attachments(draft, |prefixes| {
                if let Value::Known(known) = prefixes {
                    known.clear();
                }
            });
        },
    ),
    network(
        "unknown blocks of an attachment propagate nothing",
        Clause::TransitGatewayRoute,
        |draft| each_prefixes_of_attachments(draft, none_if_open),
    ),
    network(
        "no service comes before another one",
        Clause::TransitGatewayRoute,
        |draft| each_service(draft, |_| OnPremisesService::Vpn),
    ),
    network(
        "VPN comes before Direct Connect",
        Clause::TransitGatewayRoute,
        |draft| {
            each_service(draft, |service| match service {
                OnPremisesService::DirectConnectGateway => OnPremisesService::Vpn,
                OnPremisesService::Connect => OnPremisesService::Connect,
                OnPremisesService::Vpn => OnPremisesService::DirectConnectGateway,
            });
        },
    ),
    network(
        "of two networks on premises by one service the first wins",
        Clause::TransitGatewayAmbiguous,
        first_of_service,
    ),
    network(
        "a network on premises comes before a VPC",
        Clause::TransitGatewayRoute,
        premises_first,
    ),
    decision(
        "a reply from on premises goes back through devices",
        Clause::ReplyAsymmetric,
        |_, trace| {
            if let Some(Arrival::OnPremises(OnPremisesGateway::VirtualPrivate(_))) =
                trace.decision.forward.arrival
            {
                returns(trace, Clause::ReplyAsymmetric);
            }
        },
    ),
    decision(
        "a reply to on premises may leave by another gateway",
        Clause::ReplyAsymmetric,
        |flow, trace| {
            if let Source::OnPremises(_) = flow.source {
                returns(trace, Clause::ReplyAsymmetric);
            }
        },
    ),
    decision(
        "any device makes a reply by another gateway asymmetric, not the last one only",
        Clause::ReplyAsymmetric,
        |_, trace| {
            let devices = [
                Clause::MiddleboxForwards,
                Clause::GatewayLoadBalancerEndpointInspects,
                Clause::TransitGatewayRoute,
            ];
            let passed = trace
                .forward
                .iter()
                .any(|hop| devices.contains(&hop.clause));
            let arrival = &trace.decision.forward.arrival;
            let by_gateway = matches!(
                arrival,
                Some(
                    Arrival::GatewayEndpoint(_)
                        | Arrival::OnPremises(OnPremisesGateway::VirtualPrivate(_))
                )
            );
            if let Some(reply) = trace
                .decision
                .reply
                .as_mut()
                .filter(|_| passed && by_gateway)
            {
                reply.disposition = Disposition::Undetermined;
                reply.clause = Clause::ReplyAsymmetric;
            }
        },
    ),
    network(
        "appliance mode holds beside another transit gateway",
        Clause::ReplyAsymmetric,
        |draft| {
            let own = draft.transit_gateway_attachments.iter();
            let kept = own.filter_map(|one| match &one.kind {
                AttachmentKind::Vpc {
                    vpc,
                    subnets,
                    appliance_mode: true,
                    ..
                } if subnets.len() > 1 => Some((vpc.clone(), one.gateway.clone())),
                AttachmentKind::Vpc { .. }
                | AttachmentKind::Peering { .. }
                | AttachmentKind::OnPremises { .. }
                | AttachmentKind::Unmodelled(_) => None,
            });
            let kept: Vec<_> = kept.collect();
            for one in &mut draft.transit_gateway_attachments {
                let AttachmentKind::Vpc { vpc, .. } = &one.kind else {
                    continue;
                };
                let beside = |(of, gateway): &(_, _)| of == vpc && *gateway != one.gateway;
                one.available &= !kept.iter().any(beside);
            }
        },
    ),
];

/// The reply is delivered where the clause decided it.
fn returns(trace: &mut Trace, clause: Clause) {
    let reply = trace.decision.reply.as_mut();
    if let Some(reply) = reply.filter(|one| one.clause == clause) {
        *reply = Outcome {
            disposition: Disposition::Delivered,
            clause: Clause::ReplyReturns,
            ..reply.clone()
        };
    }
}

fn none_if_open(prefixes: &mut Value<BTreeSet<Cidr>>) {
    if prefixes.hole().is_some() {
        *prefixes = Value::Known(BTreeSet::new());
    }
}

fn each_prefixes_of_attachments(
    draft: &mut NetworkDraft,
    edit: impl Fn(&mut Value<BTreeSet<Cidr>>),
) {
    for attachment in &mut draft.transit_gateway_attachments {
        if let AttachmentKind::OnPremises { prefixes, .. } = &mut attachment.kind {
            edit(prefixes);
        }
    }
}

fn each_prefixes(draft: &mut NetworkDraft, edit: impl Fn(&mut BTreeSet<Cidr>)) {
    let edit = |prefixes: &mut Value<BTreeSet<Cidr>>| {
        if let Value::Known(known) = prefixes {
            edit(known);
        }
    };
    each_prefixes_of_attachments(draft, edit);
    let gateways = draft.virtual_private_gateways.iter_mut();
    gateways.for_each(|one| edit(&mut one.prefixes));
}

fn each_service(draft: &mut NetworkDraft, other: fn(OnPremisesService) -> OnPremisesService) {
    for attachment in &mut draft.transit_gateway_attachments {
        if let AttachmentKind::OnPremises { service, .. } = &mut attachment.kind {
            *service = other(*service);
        }
    }
}

/// The length from which on a public block is taken for a network of one's own.
const fn own_length(cidr: Cidr) -> u8 {
    match cidr.family() {
        model::Family::V4 => 8,
        model::Family::V6 => 16,
    }
}

/// Attaches every VPC to every transit gateway, by attachments that carry nothing.
fn attach_all(draft: &mut NetworkDraft) {
    for gateway in &draft.transit_gateways {
        for vpc in &draft.vpcs {
            let mut subnets = draft.subnets.iter();
            let subnet = subnets.find(|one| one.vpc == vpc.id);
            let id = format!("{}-{}", gateway.id, vpc.id);
            draft
                .transit_gateway_attachments
                .push(TransitGatewayAttachment {
                    id: TransitGatewayAttachmentId::new(id),
                    gateway: gateway.id.clone(),
                    available: false,
                    kind: AttachmentKind::Vpc {
                        vpc: vpc.id.clone(),
                        subnets: subnet.map(|one| one.id.clone()).into_iter().collect(),
                        appliance_mode: false,
                        ipv6_support: false,
                        security_group_referencing: false,
                    },
                    association: None,
                    tags: model::Tags::new(),
                });
        }
    }
}

/// Of networks on premises that propagate one block to a table by one service only the first does.
fn first_of_service(draft: &mut NetworkDraft) {
    let attachments = draft.transit_gateway_attachments.clone();
    for table in &mut draft.transit_gateway_route_tables {
        let mut had = BTreeSet::new();
        let mut later = BTreeSet::new();
        for one in attachments
            .iter()
            .filter(|one| table.propagations.contains(&one.id))
        {
            if let AttachmentKind::OnPremises {
                service,
                prefixes: Value::Known(known),
            } = &one.kind
                && one.available
                && known.iter().any(|block| !had.insert((*service, *block)))
            {
                later.insert(one.id.clone());
            }
        }
        table.propagations.retain(|id| !later.contains(id));
    }
}

/// A VPC does not propagate to a table to which a network on premises propagates one of its blocks.
fn premises_first(draft: &mut NetworkDraft) {
    let of_attachment = |id: &TransitGatewayAttachmentId| {
        let mut attachments = draft.transit_gateway_attachments.iter();
        attachments.find(|one| one.id == *id).map(|one| &one.kind)
    };
    for table in &mut draft.transit_gateway_route_tables {
        let kinds = table.propagations.iter().filter_map(of_attachment);
        let premises = kinds.filter_map(|kind| match kind {
            AttachmentKind::OnPremises { prefixes, .. } => prefixes.known(),
            AttachmentKind::Vpc { .. }
            | AttachmentKind::Peering { .. }
            | AttachmentKind::Unmodelled(_) => None,
        });
        let premises: BTreeSet<_> = premises.flatten().copied().collect();
        table.propagations.retain(|id| {
            let Some(AttachmentKind::Vpc { vpc, .. }) = of_attachment(id) else {
                return true;
            };
            let mut vpcs = draft.vpcs.iter();
            let vpc = vpcs.find(|one| one.id == *vpc);
            let mut blocks = vpc.into_iter().flat_map(|vpc| &vpc.cidrs);
            !blocks.any(|block| premises.contains(block))
        });
    }
}
