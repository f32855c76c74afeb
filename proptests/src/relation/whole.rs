//! Laws of the network as a whole: order, names, families, and what is not there.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    BlockPublicAccess, Cidr, Engine, Family, NetworkDraft, PrefixList, PrefixListId,
    RouteDestination, RouteTable, RouteTableId, RulePeer, SecurityGroup, SecurityGroupId, Subnet,
    SubnetId, Tags, Value, Vpc, VpcId,
};

use super::{Case, Checked, changed, compare, same};
use crate::pool;

/// `D(n, f) = D(n with rules, entries, routes, listeners and candidates of holes in reverse order, f)`.
/// Not the targets of a group: their order numbers them for the picks of `f`.
pub fn order_carries_no_meaning<E: Engine>(case: &Case) -> Checked {
    let after = changed(&case.world.network, |draft| {
        for group in &mut draft.security_groups {
            group.ingress.reverse();
            group.egress.reverse();
        }
        for acl in &mut draft.network_acls {
            acl.ingress.reverse();
            acl.egress.reverse();
        }
        for table in &mut draft.route_tables {
            table.routes.reverse();
        }
        for interface in &mut draft.network_interfaces {
            if let Value::OneOf(sets, _) = &mut interface.groups {
                sets.reverse();
            }
        }
        for table in &mut draft.transit_gateway_route_tables {
            table.routes.reverse();
        }
        draft.transit_gateway_route_tables.reverse();
        draft.transit_gateway_attachments.reverse();
        draft.virtual_private_gateways.reverse();
        for balancer in &mut draft.load_balancers {
            if let Value::Known(listeners) = &mut balancer.listeners {
                listeners.reverse();
            }
        }
        draft.load_balancers.reverse();
        draft.client_vpn_endpoints.reverse();
        draft.direct_connect_associations.reverse();
        draft.target_groups.reverse();
        draft.endpoint_services.reverse();
        draft.security_groups.reverse();
        draft.network_acls.reverse();
        draft.subnets.reverse();
        draft.network_interfaces.reverse();
    });
    same::<E>(&case.world.network, after, &case.flows)
}

/// `D(n, f) = D(rename(n), f)`, groups renamed so that their order is reversed.
pub fn renaming_changes_nothing<E: Engine>(case: &Case) -> Checked {
    let after = changed(&case.world.network, |draft| {
        let groups = draft.security_groups.iter().rev().enumerate();
        let names: BTreeMap<_, _> = groups
            .map(|(n, group)| (group.id.clone(), SecurityGroupId::new(format!("a-{n:04}"))))
            .collect();
        let renamed = |id: &SecurityGroupId| names.get(id).unwrap_or(id).clone();
        for group in &mut draft.security_groups {
            group.id = renamed(&group.id);
            for rule in group.ingress.iter_mut().chain(&mut group.egress) {
                if let RulePeer::Group(id) = &mut rule.peer {
                    *id = renamed(id);
                }
            }
        }
        for interface in &mut draft.network_interfaces {
            match &mut interface.groups {
                Value::Known(set) => *set = set.iter().map(renamed).collect(),
                Value::OneOf(sets, _) => {
                    for set in sets {
                        *set = set.iter().map(renamed).collect();
                    }
                }
                Value::Any(_) => {}
            }
        }
    });
    same::<E>(&case.world.network, after, &case.flows)
}

/// `f is IPv4 ⇒ D(n, f) = D(n without IPv6 rules, entries and routes, f)`, and the other way round, for
/// flows that no relay hands on and to no address of NAT64: a load balancer may go on in the other
/// family, a NAT gateway does.
pub fn families_do_not_mix<E: Engine>(case: &Case) -> Checked {
    let mut checked = Checked::default();
    for family in [Family::V4, Family::V6] {
        let after = changed(&case.world.network, |draft| only(draft, family));
        let of = compare::<E>(
            &case.world.network,
            after,
            &case.flows,
            |flow, one, other| {
                let translated = pool::pictured(flow.packet.destination()).is_some();
                let of_family = flow.packet.family() == family && !translated;
                (of_family && flow.picks.is_empty()).then_some(one == other)
            },
        );
        checked = checked.and(of);
    }
    checked
}

/// Keeps rules, entries, routes and blocks on premises of one family. Local routes belong to the VPC's blocks.
fn only(draft: &mut NetworkDraft, family: Family) {
    let lists: BTreeMap<_, _> = draft
        .prefix_lists
        .iter()
        .map(|list| (list.id.clone(), list.family))
        .collect();
    let of_list = |id: &PrefixListId| lists.get(id).copied().unwrap_or(family) == family;
    for group in &mut draft.security_groups {
        for rules in [&mut group.ingress, &mut group.egress] {
            rules.retain(|rule| match &rule.peer {
                RulePeer::Cidr(cidr) => cidr.family() == family,
                RulePeer::PrefixList(id) => of_list(id),
                RulePeer::Group(_) | RulePeer::OutsideGroup(_) => true,
            });
        }
    }
    for acl in &mut draft.network_acls {
        acl.ingress.retain(|entry| entry.cidr.family() == family);
        acl.egress.retain(|entry| entry.cidr.family() == family);
    }
    for table in &mut draft.route_tables {
        table
            .routes
            .retain(|route| match route.destination.known() {
                Some(RouteDestination::Cidr(cidr)) => {
                    cidr.family() == family || route.target.known() == Some(&model::Target::Local)
                }
                Some(RouteDestination::PrefixList(id)) => of_list(id),
                None => true,
            });
    }
    for table in &mut draft.transit_gateway_route_tables {
        table.routes.retain(|route| match &route.destination {
            RouteDestination::Cidr(cidr) => cidr.family() == family,
            RouteDestination::PrefixList(id) => of_list(id),
        });
    }
    let gateways = draft.virtual_private_gateways.iter_mut();
    for prefixes in gateways.map(|one| &mut one.prefixes) {
        keep(prefixes, family);
    }
    for attachment in &mut draft.transit_gateway_attachments {
        if let model::AttachmentKind::OnPremises { prefixes, .. } = &mut attachment.kind {
            keep(prefixes, family);
        }
    }
}

fn keep(prefixes: &mut Value<BTreeSet<Cidr>>, family: Family) {
    if let Value::Known(known) = prefixes {
        known.retain(|cidr| cidr.family() == family);
    }
}

/// `D(n, f) = D(n + VPC, f)` for a VPC that nothing joins to the others, with the blocks of the first
/// one, though it is attached to a transit gateway and a virtual private gateway of its own. It has no IPv6 and no public address: those would make some destinations the network's own
/// (`internet-gateway-hairpin`).
pub fn a_disconnected_vpc_changes_nothing<E: Engine>(case: &Case) -> Checked {
    let network = &case.world.network;
    let after = changed(network, |draft| {
        let of_first = draft.vpcs.first().and_then(|vpc| vpc.cidrs.first());
        let cidr = of_first.copied().unwrap_or(pool::cidr("10.0.0.0/16"));
        let (vpc, table) = (VpcId::new("lonely"), RouteTableId::new("lonely-main"));
        draft.route_tables.push(RouteTable {
            id: table.clone(),
            vpc: vpc.clone(),
            routes: Vec::new(),
            tags: Tags::new(),
        });
        let local = draft
            .route_tables
            .iter()
            .flat_map(|one| one.routes.iter())
            .find(|route| {
                route.destination == Value::Known(RouteDestination::Cidr(cidr))
                    && route.target.known() == Some(&model::Target::Local)
            });
        let local = local.cloned();
        if let Some(table) = draft.route_tables.last_mut() {
            table.routes.extend(local);
        }
        let id = crate::question::flow::blocks(network).len();
        let acl = model::NetworkAclId::new(format!("lonely-{id}"));
        draft.network_acls.push(model::NetworkAcl {
            id: acl.clone(),
            vpc: vpc.clone(),
            ingress: Vec::new(),
            egress: Vec::new(),
            tags: Tags::new(),
        });
        draft.subnets.push(Subnet {
            id: SubnetId::new("lonely"),
            vpc: vpc.clone(),
            cidrs: vec![cidr],
            zone: None,
            zone_id: None,
            dns64: false,
            exclusion: None,
            route_table: None,
            network_acl: Value::Known(acl),
            tags: Tags::new(),
        });
        let twins = draft.network_interfaces.iter().take(2).cloned();
        let twins: Vec<_> = twins
            .enumerate()
            .map(|(n, mut twin)| {
                twin.id = model::NetworkInterfaceId::new(format!("lonely-{n}"));
                twin.subnet = SubnetId::new("lonely");
                twin.attachment = model::Attachment::Ordinary { instance: None };
                twin.addresses.retain(|address| match address.private {
                    model::AddressValue::Known(address) => pool::holds(cidr, address),
                    model::AddressValue::Within(..) => false,
                });
                for address in &mut twin.addresses {
                    address.public = None;
                }
                twin
            })
            .collect();
        draft.network_interfaces.extend(twins);
        attach_alone(draft, &vpc);
        draft.vpcs.push(Vpc {
            id: vpc,
            region: "us-east-1".to_owned(),
            account: None,
            cidrs: vec![cidr],
            main_route_table: table,
            dns_support: true,
            dns_hostnames: true,
            custom_dns_servers: false,
            inbound_resolver: model::InboundResolver::Unknown,
            block_public_access: Value::Known(BlockPublicAccess::Off),
            exclusion: None,
            dns_firewall: Vec::new(),
            tags: Tags::new(),
        });
    });
    // The twins carry the groups of the first VPC, whose references speak of that VPC's interfaces
    // by VPC, so even this changes nothing there.
    same::<E>(network, after, &case.flows)
}

/// Attaches a VPC to gateways that nothing else is attached to.
fn attach_alone(draft: &mut NetworkDraft, vpc: &VpcId) {
    let gateway = model::TransitGatewayId::new("lonely");
    let table = model::TransitGatewayRouteTableId::new("lonely");
    let id = model::TransitGatewayAttachmentId::new("lonely");
    draft.transit_gateways.push(model::TransitGateway {
        id: gateway.clone(),
        security_group_referencing: true,
        tags: Tags::new(),
    });
    draft
        .transit_gateway_route_tables
        .push(model::TransitGatewayRouteTable {
            id: table.clone(),
            gateway: gateway.clone(),
            routes: Vec::new(),
            propagations: [id.clone()].into(),
            tags: Tags::new(),
        });
    draft
        .transit_gateway_attachments
        .push(model::TransitGatewayAttachment {
            id,
            gateway,
            available: true,
            kind: model::AttachmentKind::Vpc {
                vpc: vpc.clone(),
                subnets: [SubnetId::new("lonely")].into(),
                appliance_mode: false,
                ipv6_support: true,
                security_group_referencing: true,
            },
            association: Some(Value::Known(table)),
            tags: Tags::new(),
        });
    draft
        .virtual_private_gateways
        .push(model::VirtualPrivateGateway {
            id: "lonely".into(),
            vpc: Some(vpc.clone()),
            edge_route_table: None,
            prefixes: Value::Known([pool::cidr("0.0.0.0/0")].into()),
            tags: Tags::new(),
        });
}

/// `D(n, f) = D(n + a group, a list, a table and a gateway that nothing uses, f)`.
pub fn unused_components_change_nothing<E: Engine>(case: &Case) -> Checked {
    let after = changed(&case.world.network, |draft| {
        let Some(vpc) = draft.vpcs.first().cloned() else {
            return;
        };
        let copied = draft.security_groups.first().cloned();
        draft
            .security_groups
            .extend(copied.map(|group| SecurityGroup {
                id: SecurityGroupId::new("0-unused"),
                ..group
            }));
        draft.prefix_lists.push(PrefixList {
            id: "0-unused".into(),
            name: "unused".to_owned(),
            family: Family::V4,
            aws_managed: false,
            entries: Value::Any(model::Hole::new("unused")),
        });
        let mut tables = draft.route_tables.iter();
        let table = tables.find(|table| table.vpc == vpc.id).cloned();
        draft.route_tables.extend(table.map(|table| RouteTable {
            id: RouteTableId::new("0-unused"),
            ..table
        }));
        let mut transits = draft.transit_gateway_route_tables.iter();
        let transit = transits.next().cloned();
        let unused = transit.map(|table| model::TransitGatewayRouteTable {
            id: "0-unused".into(),
            ..table
        });
        draft.transit_gateway_route_tables.extend(unused);
        draft
            .virtual_private_gateways
            .push(model::VirtualPrivateGateway {
                id: "0-unused".into(),
                vpc: None,
                edge_route_table: None,
                prefixes: Value::Any(model::Hole::new("unused blocks")),
                tags: Tags::new(),
            });
        draft.target_groups.push(model::TargetGroup {
            id: "0-unused".into(),
            family: Family::V4,
            preserve_client_address: false,
            cross_zone: true,
            targets: Value::Any(model::Hole::new("unused targets")),
            tags: Tags::new(),
        });
        draft.endpoint_services.push(model::EndpointService {
            id: "0-unused".into(),
            name: "com.amazonaws.vpce.us-east-1.vpce-svc-unused".to_owned(),
            load_balancers: BTreeSet::new(),
            allowed_principals: Value::Any(model::Hole::new("who may use it")),
            acceptance_required: Value::Known(false),
            tags: Tags::new(),
        });
    });
    same::<E>(&case.world.network, after, &case.flows)
}
