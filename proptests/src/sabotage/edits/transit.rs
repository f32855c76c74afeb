//! Bugs in transit gateways.

use super::*;

/// Bugs written by hand.
pub(super) const EDITS: &[Bug] = &[
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
];
