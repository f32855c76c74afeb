//! Bugs in which subnets of an attachment are alike.

use std::collections::BTreeSet;

use model::{
    Attachment, AttachmentKind, Clause, EndpointKind, NetworkDraft, RouteTable, RouteTableId,
    Subnet, Target, Value,
};

use super::on_premises::network;
use super::{Bug, Place};

/// A condition of the subnets of an attachment being alike is not asked.
const fn alike(name: &'static str, edit: fn(&mut NetworkDraft)) -> Bug {
    Bug {
        name,
        clause: Clause::TransitGatewayZone,
        place: Place::FromOnPremises(edit),
    }
}

/// Bugs written by hand.
pub(super) const EDITS: &[Bug] = &[
    network(
        "no two subnets of an attachment are alike",
        Clause::TransitGatewayZone,
        |draft| part_tables(draft, several(draft)),
    ),
    network(
        "subnets that lead to a transit gateway are not alike for their VPC's addresses either",
        Clause::TransitGatewayZone,
        |draft| {
            let mut joined = several(draft);
            joined.retain(|ids| differences(draft, ids) == [Difference::Transit]);
            part_tables(draft, joined);
        },
    ),
    alike("subnets of different tables are alike", |draft| {
        take_first(draft, &[Difference::Table]);
    }),
    alike("subnets of different ACLs are alike", |draft| {
        take_first(draft, &[Difference::Acl]);
    }),
    alike("subnets of different exclusions are alike", |draft| {
        take_first(draft, &[Difference::Exclusion]);
    }),
    alike("subnets of an unknown table are alike", |draft| {
        take_first(draft, &[Difference::OpenTable]);
    }),
    alike("subnets of an unknown ACL are alike", |draft| {
        take_first(draft, &[Difference::OpenAcl]);
    }),
    alike(
        "subnets that lead to a transit gateway are alike",
        |draft| {
            take_first(draft, &[Difference::Transit]);
        },
    ),
    alike(
        "subnets that may lead to a transit gateway are alike",
        |draft| {
            take_first(draft, &[Difference::OpenRoute]);
        },
    ),
    alike(
        "the subnet of the destination is like another one",
        |draft| {
            take_first(draft, &[]);
        },
    ),
];

/// In what the subnets of an attachment differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Difference {
    Table,
    Acl,
    OpenTable,
    OpenAcl,
    Exclusion,
    Transit,
    OpenRoute,
    Nat,
    LoadBalancer,
    Appliance,
}

/// The subnets of each attachment that has several.
fn several(draft: &NetworkDraft) -> Vec<BTreeSet<model::SubnetId>> {
    let attachments = draft.transit_gateway_attachments.iter();
    let subnets = attachments.filter_map(|one| match &one.kind {
        AttachmentKind::Vpc { subnets, .. } if subnets.len() > 1 => Some(subnets.clone()),
        AttachmentKind::Vpc { .. }
        | AttachmentKind::Peering { .. }
        | AttachmentKind::OnPremises { .. }
        | AttachmentKind::Unmodelled(_) => None,
    });
    subnets.collect()
}

/// Gives each of these subnets a copy of its table.
fn part_tables(draft: &mut NetworkDraft, attached: Vec<BTreeSet<model::SubnetId>>) {
    for id in attached.into_iter().flatten() {
        let Some(table) = table_of(draft, &id).cloned() else {
            continue;
        };
        let copy = RouteTableId::new(format!("{}-of-{id}", table.id));
        let mut subnets = draft.subnets.iter_mut();
        if let Some(subnet) = subnets.find(|one| one.id == id) {
            subnet.route_table = Some(Value::Known(copy.clone()));
        }
        draft.route_tables.push(RouteTable { id: copy, ..table });
    }
}

/// The known table of a subnet.
fn table_of<'d>(draft: &'d NetworkDraft, subnet: &model::SubnetId) -> Option<&'d RouteTable> {
    let subnet = draft.subnets.iter().find(|one| one.id == *subnet)?;
    let id = match &subnet.route_table {
        Some(table) => table.known()?,
        None => {
            let mut vpcs = draft.vpcs.iter();
            &vpcs.find(|vpc| vpc.id == subnet.vpc)?.main_route_table
        }
    };
    draft.route_tables.iter().find(|table| table.id == *id)
}

/// Attachments whose subnets differ in this and nothing else have the first of them.
fn take_first(draft: &mut NetworkDraft, ignored: &[Difference]) {
    let mut attachments = draft.transit_gateway_attachments.clone();
    for attachment in &mut attachments {
        if let AttachmentKind::Vpc { subnets, .. } = &mut attachment.kind
            && subnets.len() > 1
            && differences(draft, subnets) == ignored
        {
            *subnets = subnets.first().cloned().into_iter().collect();
        }
    }
    draft.transit_gateway_attachments = attachments;
}

fn differences(draft: &NetworkDraft, ids: &BTreeSet<model::SubnetId>) -> Vec<Difference> {
    let subnets = draft.subnets.iter().filter(|one| ids.contains(&one.id));
    let subnets: Vec<_> = subnets.collect();
    let tables: Vec<_> = ids.iter().map(|id| table_of(draft, id)).collect();
    let acls = |one: &Subnet, other: &Subnet| one.network_acl != other.network_acl;
    let exclusions = |one: &Subnet, other: &Subnet| one.exclusion != other.exclusion;
    let differ = |in_this: fn(&Subnet, &Subnet) -> bool| {
        subnets.windows(2).any(|pair| match pair {
            [one, other] => in_this(one, other),
            _ => false,
        })
    };
    let routes = tables.iter().flatten().flat_map(|table| &table.routes);
    let targets: Vec<_> = routes.map(|route| &route.target).collect();
    let leads_on =
        |target: &Value<Target>| matches!(target.known(), Some(Target::TransitGateway(_)));
    let device = |one: &&model::NetworkInterface| {
        ids.contains(&one.subnet) && !matches!(one.attachment, Attachment::NatGateway(_))
    };
    let checks: [(bool, Difference); 10] = [
        (
            tables.windows(2).any(|pair| pair.first() != pair.last()),
            Difference::Table,
        ),
        (tables.iter().any(Option::is_none), Difference::OpenTable),
        (differ(acls), Difference::Acl),
        (differ(exclusions), Difference::Exclusion),
        (
            subnets.iter().any(|one| one.network_acl.known().is_none()),
            Difference::OpenAcl,
        ),
        (targets.iter().any(|one| leads_on(one)), Difference::Transit),
        (
            targets.iter().any(|one| one.known().is_none()),
            Difference::OpenRoute,
        ),
        (
            draft
                .nat_gateways
                .iter()
                .any(|one| ids.contains(&one.subnet)),
            Difference::Nat,
        ),
        (
            draft.vpc_endpoints.iter().any(|one| {
                matches!(&one.kind, EndpointKind::GatewayLoadBalancer { subnet, .. }
                    if ids.contains(subnet))
            }),
            Difference::LoadBalancer,
        ),
        (
            draft
                .network_interfaces
                .iter()
                .filter(device)
                .any(|one| !one.source_destination_check),
            Difference::Appliance,
        ),
    ];
    let found = checks.into_iter().filter(|(differ, _)| *differ);
    found.map(|(_, difference)| difference).collect()
}
