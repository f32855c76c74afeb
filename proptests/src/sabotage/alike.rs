//! Bugs in which subnets of an attachment are alike.

use std::collections::BTreeSet;

use model::{
    AclAction, AclEntry, AttachmentKind, Clause, EndpointKind, NetworkAcl, NetworkDraft, Route,
    RouteState, RouteTable, RouteTableId, RuleTraffic, Subnet, SubnetId, Target, Value,
};

use super::{Bug, Place, network};
use crate::pool;

/// A condition of the subnets of an attachment being alike is not asked.
const fn alike(name: &'static str, edit: fn(&mut NetworkDraft)) -> Bug {
    Bug {
        name,
        clause: Clause::TransitGatewayZone,
        place: Place::FromOnPremises(edit),
    }
}

/// A condition is overlooked where it alone keeps the choice of the subnet open.
const fn overlooked(name: &'static str, edit: fn(&mut NetworkDraft)) -> Bug {
    Bug {
        name,
        clause: Clause::TransitGatewayZone,
        place: Place::Open(Clause::TransitGatewayZone, edit),
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
    overlooked(
        "a route of alike subnets to a NAT gateway in one of them is overlooked",
        |draft| {
            forget_routes(draft, |draft, ids, route| {
                let to_nat = |target: &Target| matches!(target, Target::NatGateway(_));
                leads_into(draft, ids, route, to_nat)
            });
        },
    ),
    overlooked(
        "a route of alike subnets to a Gateway Load Balancer endpoint in one of them is overlooked",
        |draft| {
            forget_routes(draft, |draft, ids, route| {
                let to_endpoint =
                    |target: &Target| matches!(target, Target::GatewayLoadBalancerEndpoint(_));
                leads_into(draft, ids, route, to_endpoint)
            });
        },
    ),
    overlooked(
        "a route of alike subnets to an interface in one of them is overlooked",
        |draft| {
            forget_routes(draft, |draft, ids, route| {
                let to_interface = |target: &Target| matches!(target, Target::NetworkInterface(_));
                leads_into(draft, ids, route, to_interface)
            });
        },
    ),
    overlooked(
        "a blackhole of alike subnets that leads into one of them is overlooked",
        |draft| {
            forget_routes(draft, |draft, ids, route| {
                let dead = route.state == RouteState::Blackhole;
                dead && leads_into(draft, ids, route, |_| true)
            });
        },
    ),
    overlooked(
        "a route of alike subnets that may lead into one of them is overlooked",
        |draft| {
            forget_routes(draft, |draft, ids, route| {
                let open = route.target.known().is_none();
                open && leads_into(draft, ids, route, |_| true)
            });
        },
    ),
    overlooked(
        "the route of alike subnets to one of them need not be the local one",
        |draft| {
            forget_routes(draft, |draft, ids, route| {
                let local = route.target.known() == Some(&Target::Local);
                !local && differences(draft, ids).is_empty()
            });
        },
    ),
    overlooked("the ACL of alike subnets is not asked inbound", |draft| {
        open_acls(draft, |acl| &mut acl.ingress);
    }),
    overlooked("the ACL of alike subnets is not asked outbound", |draft| {
        open_acls(draft, |acl| &mut acl.egress);
    }),
    overlooked(
        "subnets whose ACLs differ only in what they let in are alike",
        |draft| {
            join_acls(draft, |one, other| {
                one.egress == other.egress && one.ingress != other.ingress
            });
        },
    ),
    overlooked(
        "subnets whose ACLs differ only in what they let out are alike",
        |draft| {
            join_acls(draft, |one, other| {
                one.ingress == other.ingress && one.egress != other.egress
            });
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
    Inside,
}

/// The subnets of each attachment that has several.
fn several(draft: &NetworkDraft) -> Vec<BTreeSet<SubnetId>> {
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
fn part_tables(draft: &mut NetworkDraft, attached: Vec<BTreeSet<SubnetId>>) {
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
fn table_of<'d>(draft: &'d NetworkDraft, subnet: &SubnetId) -> Option<&'d RouteTable> {
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

/// Takes such routes out of the tables of the subnets of attachments.
fn forget_routes(
    draft: &mut NetworkDraft,
    is: impl Fn(&NetworkDraft, &BTreeSet<SubnetId>, &Route) -> bool,
) {
    let whole = draft.clone();
    for ids in several(&whole) {
        let tables = ids.iter().filter_map(|id| table_of(&whole, id));
        let tables: BTreeSet<_> = tables.map(|table| &table.id).collect();
        for table in &mut draft.route_tables {
            if tables.contains(&table.id) {
                table.routes.retain(|route| !is(&whole, &ids, route));
            }
        }
    }
}

/// Whether a route leads, or may lead, to such a target that stands in one of some subnets.
fn leads_into(
    draft: &NetworkDraft,
    ids: &BTreeSet<SubnetId>,
    route: &Route,
    is: impl Fn(&Target) -> bool,
) -> bool {
    let targets = match &route.target {
        Value::Known(target) => std::slice::from_ref(target),
        Value::OneOf(targets, _) => targets,
        Value::Any(_) => &[],
    };
    let mut targets = targets.iter().filter(|target| is(target));
    targets.any(|target| place(draft, target).is_some_and(|subnet| ids.contains(subnet)))
}

/// The subnet in which a target stands.
fn place<'d>(draft: &'d NetworkDraft, target: &Target) -> Option<&'d SubnetId> {
    match target {
        Target::NatGateway(id) => {
            let mut nats = draft.nat_gateways.iter();
            nats.find(|one| one.id == *id).map(|one| &one.subnet)
        }
        Target::NetworkInterface(id) => {
            let mut interfaces = draft.network_interfaces.iter();
            let interface = interfaces.find(|one| one.id == *id);
            interface.map(|one| &one.subnet)
        }
        Target::GatewayLoadBalancerEndpoint(id) => {
            let mut endpoints = draft.vpc_endpoints.iter();
            match &endpoints.find(|one| one.id == *id)?.kind {
                EndpointKind::GatewayLoadBalancer { subnet, .. } => Some(subnet),
                EndpointKind::Gateway { .. }
                | EndpointKind::Interface { .. }
                | EndpointKind::Unmodelled(_) => None,
            }
        }
        Target::Local
        | Target::InternetGateway(_)
        | Target::EgressOnlyInternetGateway(_)
        | Target::Peering(_)
        | Target::GatewayEndpoint(_)
        | Target::TransitGateway(_)
        | Target::VirtualPrivateGateway(_)
        | Target::Unmodelled { .. } => None,
    }
}

/// Lets everything pass the ACLs of the subnets of attachments, one way.
fn open_acls(draft: &mut NetworkDraft, side: fn(&mut NetworkAcl) -> &mut Vec<AclEntry>) {
    let attached: BTreeSet<_> = several(draft).into_iter().flatten().collect();
    let subnets = draft
        .subnets
        .iter()
        .filter(|one| attached.contains(&one.id));
    let acls: BTreeSet<_> = subnets.filter_map(|one| one.network_acl.known()).collect();
    for acl in &mut draft.network_acls {
        if acls.contains(&acl.id) {
            *side(acl) = [(1, "0.0.0.0/0"), (2, "::/0")]
                .map(|(number, block)| AclEntry {
                    number,
                    action: AclAction::Allow,
                    traffic: RuleTraffic::All,
                    cidr: pool::cidr(block),
                })
                .into();
        }
    }
}

/// Gives the subnets of an attachment the ACL of the first one, if theirs are so like it.
fn join_acls(draft: &mut NetworkDraft, is: impl Fn(&NetworkAcl, &NetworkAcl) -> bool) {
    for ids in several(draft) {
        let of = |id: &SubnetId| {
            let subnet = draft.subnets.iter().find(|one| one.id == *id)?;
            let acl = subnet.network_acl.known()?;
            draft.network_acls.iter().find(|one| one.id == *acl)
        };
        let Some(first) = ids.first().and_then(of) else {
            continue;
        };
        let mut others = ids.iter().skip(1).filter_map(of);
        if others.any(|other| is(first, other)) {
            let acl = first.id.clone();
            for subnet in &mut draft.subnets {
                if ids.contains(&subnet.id) {
                    subnet.network_acl = Value::Known(acl.clone());
                }
            }
        }
    }
}

fn differences(draft: &NetworkDraft, ids: &BTreeSet<SubnetId>) -> Vec<Difference> {
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
    let leads_in = routes
        .clone()
        .any(|route| leads_into(draft, ids, route, |_| true));
    let targets: Vec<_> = routes.map(|route| &route.target).collect();
    let leads_on =
        |target: &Value<Target>| matches!(target.known(), Some(Target::TransitGateway(_)));
    let checks: [(bool, Difference); 8] = [
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
        (leads_in, Difference::Inside),
    ];
    let found = checks.into_iter().filter(|(differ, _)| *differ);
    found.map(|(_, difference)| difference).collect()
}
