//! VPC peering connections: `aws_vpc_peering_connection`, `_accepter`; `_options` change only names.

use model::{Peering, PeeringEnd, PeeringId, Target, Value, Vpc, VpcId};

use crate::doubt::Touches;

use super::attribute::Attribute;
use super::identity::Thing;
use super::plan::Resource;
use super::reader::{Reader, shelve};

/// Reads them.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let accepters = reader
        .plan
        .managed(&["aws_vpc_peering_connection_accepter"]);
    for resource in reader.plan.managed(&["aws_vpc_peering_connection"]) {
        let id = reader.plan.id(resource);
        let requester = end(reader, &resource.attribute("vpc_id"));
        let accepter = end(reader, &resource.attribute("peer_vpc_id"));
        let mut own = accepters
            .iter()
            .filter(|accepter| reader.plan.id(accepter) == id);
        let accepts = accepts(resource)
            || own.any(|accepter| accepts(accepter))
            || reader.sink.accepted_by_plans.contains(&id);
        peering(reader, resource, [requester, accepter], accepts);
    }
    for resource in accepters {
        // When the other side asked for it, only the accepter is here.
        let id = reader.plan.id(resource);
        if !reader.peerings.contains_key(&id) && !accept_earlier(reader, resource, &id) {
            let requester = end(reader, &resource.attribute("peer_vpc_id"));
            let accepter = end(reader, &resource.attribute("vpc_id"));
            peering(reader, resource, [requester, accepter], accepts(resource));
        }
    }
}

/// Accepts a peering that an earlier input has, and knows the ends of; whether it has it.
fn accept_earlier(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, id: &str) -> bool {
    let Some(earlier) = reader.sink.get::<Peering>(id) else {
        return false;
    };
    earlier.active |=
        accepts(resource) || resource.attribute("accept_status").text() == Some("active");
    let auto_accept = resource.attribute("auto_accept");
    if auto_accept.is_open() {
        reader.unplaced(&auto_accept);
    }
    true
}

fn accepts(resource: &Resource<'_>) -> bool {
    resource.attribute("auto_accept").flag() == Some(true)
}

fn peering(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    ends: [Option<PeeringEnd>; 2],
    accepts: bool,
) {
    let [Some(requester), Some(accepter)] = ends else {
        let what = "a peering whose ends are not in the plan";
        reader.leave_out_unread(resource, what, Touches::Everything);
        return;
    };
    if is_outside(&requester) && is_outside(&accepter) {
        reader.leave_out(resource, "a peering of two VPCs that are not in the input");
        return;
    }
    let id = PeeringId::new(reader.plan.id(resource));
    let status = resource.attribute("accept_status");
    let has_outside = [&requester, &accepter].iter().any(|end| is_outside(end));
    let active = match status.text() {
        Some(status) => status == "active" || accepts,
        // Whoever owns the other end may accept it; nobody does here when both ends are here.
        None => accepts || has_outside,
    };
    if let Some(state @ ("initiating-request" | "provisioning" | "deleting")) = status.text() {
        let what = format!("a peering that is `{state}`, so that it may be otherwise by now");
        reader.guessed(resource, &what);
    }
    if status.text().is_none() && !accepts {
        let state = if active {
            "accepted by the other side"
        } else {
            "not accepted"
        };
        let text = format!("peering `{id}` is taken to be {state}");
        reader.sink.assume("peering-acceptance", text);
    }
    let peering = Peering {
        id,
        requester,
        accepter,
        active,
        tags: reader.tags(resource),
    };
    shelve(&mut reader.peerings, peering, resource.place(), reader.sink);
}

/// Makes the routes to a peering open where one of its ends is, and the other is another VPC than
/// theirs.
pub(super) fn mend(reader: &mut Reader<'_, '_>) {
    let joins = |id: &PeeringId, vpc: &VpcId| {
        let ends = reader.peerings.get(id.as_str()).map(|placed| {
            let Peering {
                requester,
                accepter,
                ..
            } = &placed.component;
            [requester, accepter]
        });
        let is_it = |end: &&PeeringEnd| matches!(end, PeeringEnd::Vpc(own) if own == vpc);
        ends.is_some_and(|ends| ends.iter().any(is_it))
    };
    for table in reader.route_tables.values_mut() {
        let vpc = table.component.vpc.clone();
        for route in &mut table.component.routes {
            let Value::Known(Target::Peering(id)) = &route.target else {
                continue;
            };
            if let Some(hole) = reader.open_peerings.get(id.as_str())
                && !joins(id, &vpc)
            {
                route.target = Value::Any(hole.clone());
            }
        }
    }
}

fn is_outside(end: &PeeringEnd) -> bool {
    match end {
        PeeringEnd::Vpc(_) => false,
        PeeringEnd::Outside(_) => true,
    }
}

fn end(reader: &mut Reader<'_, '_>, attribute: &Attribute<'_>) -> Option<PeeringEnd> {
    let id = reader.settle(attribute, Thing::Vpc);
    if id.is_none() && attribute.is_open() {
        let id = reader.plan.id(attribute.resource);
        reader.open_peerings.insert(id, attribute.hole());
        return Some(PeeringEnd::Outside(attribute.name()));
    }
    let id = id?;
    let is_here = reader.vpcs.contains_key(&id) || reader.sink.get::<Vpc>(&id).is_some();
    Some(if is_here {
        PeeringEnd::Vpc(id.as_str().into())
    } else {
        PeeringEnd::Outside(id)
    })
}
