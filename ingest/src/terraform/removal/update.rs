//! What an update takes out of a list of something that stays: the parts of the earlier input that only
//! this list gave it.

use std::collections::BTreeSet;

use model::{Attachment, Hole, LoadBalancerId, RouteOrigin, Target, Value};

use super::super::identity::{LOAD_BALANCERS, Thing};
use super::super::network_acl;
use super::super::plan::Resource;
use super::super::reader::Reader;
use super::{leads_to_endpoint, open_acl, take_routes};

/// What is in a list no more, or may not be: where it is not known what the list will hold, all that it
/// held.
struct Left {
    ids: BTreeSet<String>,
    /// What would tell it, where it is not known.
    hole: Option<Hole>,
}

/// Takes away what an update gives up. Interfaces are gathered, since much refers to them.
pub(super) fn take(
    reader: &mut Reader<'_, '_>,
    former: &Resource<'_>,
    gone: &mut BTreeSet<String>,
) {
    let plan = reader.plan;
    let id = plan.id(former);
    let Some(after) = plan.made(&[former.of], &id) else {
        return;
    };
    match former.of {
        "aws_network_acl" => {
            let left = left(reader, former, after, "subnet_ids", Thing::Subnet);
            open_acl(reader, |one| {
                left.ids.contains(one.id.as_str()) && network_acl::may_be(&one.network_acl, &id)
            });
        }
        "aws_vpc_endpoint" => {
            let tables = left(reader, former, after, "route_table_ids", Thing::RouteTable);
            endpoint_routes(reader, &id, &tables);
            let subnets = left(reader, former, after, "subnet_ids", Thing::Subnet);
            let attachment = Attachment::VpcEndpoint(id.as_str().into());
            interfaces(reader, &attachment, &subnets, gone);
        }
        "aws_route_table" | "aws_default_route_table" => {
            let gateways = left(reader, former, after, "propagating_vgws", Thing::VpnGateway);
            take_routes(reader, |table, route| {
                let target = route.target.known();
                table == id
                    && route.origin == RouteOrigin::Propagated
                    && matches!(target, Some(Target::VirtualPrivateGateway(of))
                        if gateways.ids.contains(of.as_str()))
            });
        }
        of if LOAD_BALANCERS.contains(&of) => {
            let subnets = left(reader, former, after, "subnets", Thing::Subnet);
            let attachment = Attachment::LoadBalancer(LoadBalancerId::new(&id));
            interfaces(reader, &attachment, &subnets, gone);
        }
        _ => {}
    }
}

fn left(
    reader: &mut Reader<'_, '_>,
    former: &Resource<'_>,
    after: &Resource<'_>,
    name: &str,
    thing: Thing,
) -> Left {
    let before = former.attribute(name).items();
    let mut ids: BTreeSet<String> = before
        .iter()
        .filter_map(|id| Some(id.text()?.to_owned()))
        .collect();
    let attribute = after.attribute(name);
    let members = reader.members(&attribute, thing);
    let is_known = members.is_exact && !attribute.is_unknown();
    if is_known {
        for member in members.list {
            ids.remove(&member.id);
        }
    }
    Left {
        ids,
        hole: (!is_known).then(|| attribute.hole()),
    }
}

/// Takes the routes to a gateway endpoint out of tables, or opens them.
fn endpoint_routes(reader: &mut Reader<'_, '_>, endpoint: &str, tables: &Left) {
    let Some(hole) = &tables.hole else {
        take_routes(reader, |table, route| {
            tables.ids.contains(table) && leads_to_endpoint(route, endpoint)
        });
        return;
    };
    for table in &mut reader.sink.draft.route_tables {
        for route in &mut table.routes {
            if tables.ids.contains(table.id.as_str()) && leads_to_endpoint(route, endpoint) {
                route.destination = Value::Any(hole.clone());
            }
        }
    }
}

/// Gathers the interfaces in subnets that are left for certain. Where it is not, the subnets are not
/// known either, and their reader says so.
fn interfaces(
    reader: &Reader<'_, '_>,
    attachment: &Attachment,
    subnets: &Left,
    gone: &mut BTreeSet<String>,
) {
    if subnets.hole.is_some() {
        return;
    }
    let interfaces = reader.sink.draft.network_interfaces.iter();
    let left = interfaces
        .filter(|one| one.attachment == *attachment && subnets.ids.contains(one.subnet.as_str()));
    gone.extend(left.map(|one| one.id.to_string()));
}
