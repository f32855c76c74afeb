//! What attributes say: switches of VPCs, subnets, endpoints, peerings and interfaces, and tags.

use std::collections::BTreeSet;

use model::{EndpointKind, NetworkInterface, Peering, Subnet, Tags, Vpc, VpcEndpoint};

use crate::doubt::Touches;
use crate::provenance::Kind;
use crate::sink::Component;

use super::super::identity::VPCS;
use super::super::plan::Resource;
use super::super::reader::{Reader, Shelf};
use super::{Changed, is_unchanged, keep, leaves, note, there, unchanged};

/// Opens what is not alike.
pub(super) fn read(reader: &mut Reader<'_, '_>, changed: &Changed<'_>) {
    for resource in unchanged(reader, &VPCS) {
        vpc(reader, resource);
    }
    for resource in unchanged(reader, &["aws_subnet", "aws_default_subnet"]) {
        let id = reader.plan.id(resource);
        let (planned, earlier) = (reader.subnets.get(&id), reader.sink.get::<Subnet>(&id));
        if let (Some(planned), Some(earlier)) = (planned, earlier)
            && planned.component.dns64 != earlier.dns64
        {
            differs(reader, resource, "enable_dns64", Touches::Names);
        }
        let given = reader.sink.given.get(&id).copied().unwrap_or_default();
        let switches = [
            ("map_public_ip_on_launch", given.public, Touches::Everything),
            ("assign_ipv6_address_on_creation", given.ipv6, Touches::Ipv6),
        ];
        for (name, before, touches) in switches {
            let now = resource.attribute(name).flag();
            if now.is_some() && before.is_some() && now != before {
                differs(reader, resource, name, touches);
            }
        }
    }
    for resource in unchanged(reader, &["aws_vpc_endpoint"]) {
        endpoint(reader, resource, changed);
    }
    for resource in unchanged(reader, &["aws_vpc_peering_connection"]) {
        peering(reader, resource, changed);
    }
    for (id, owner) in super::interface::interfaces(reader) {
        let planned = reader.network_interfaces.get(&id);
        let earlier = reader.sink.get::<NetworkInterface>(&id);
        if let (Some(planned), Some(earlier)) = (planned, earlier)
            && planned.component.source_destination_check != earlier.source_destination_check
            && is_unchanged(reader.plan, owner)
        {
            differs(reader, owner, "source_dest_check", Touches::Everything);
        }
    }
    tags(reader);
}

/// Says that nothing is certain that an attribute may change.
fn differs(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, name: &str, touches: Touches) {
    let hole = resource.attribute(name).hole();
    reader.sink.open_attribute(touches, &hole, true);
    keep(reader, resource, name, touches);
    let id = reader.plan.id(resource);
    note(reader.sink, &id);
}

fn vpc(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let id = reader.plan.id(resource);
    if reader.sink.dns_by_default.contains(&id) {
        return;
    }
    let (Some(planned), Some(earlier)) = (reader.vpcs.get(&id), reader.sink.get::<Vpc>(&id)) else {
        return;
    };
    let planned = &planned.component;
    let switches = [
        (
            "enable_dns_support",
            planned.dns_support != earlier.dns_support,
        ),
        (
            "enable_dns_hostnames",
            planned.dns_hostnames != earlier.dns_hostnames,
        ),
    ];
    for (name, is_other) in switches {
        if is_other && resource.attribute(name).flag().is_some() {
            differs(reader, resource, name, Touches::Names);
        }
    }
}

/// Whether a state is one that an endpoint, a peering or an attachment does not come back to: an input in
/// which it is accepted is the younger one.
/// Sources: <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html>,
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html>,
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayPeeringAttachment.html>
pub(in super::super) fn waits(state: &str) -> bool {
    let waiting = [
        "initiating",
        "initiating-request",
        "initiatingrequest",
        "pending",
        "pending-acceptance",
        "pendingacceptance",
        "provisioning",
    ];
    waiting.contains(&state.to_ascii_lowercase().as_str())
}

fn peering(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, changed: &Changed<'_>) {
    let id = reader.plan.id(resource);
    let Some(placed) = reader.peerings.get_mut(&id) else {
        return;
    };
    let Some(earlier) = reader.sink.get::<Peering>(&id) else {
        return;
    };
    let status = resource.attribute("accept_status");
    if earlier.active && status.text().is_some_and(waits) {
        placed.component.active = true;
    } else if placed.component.active != earlier.active
        && !changed.has("aws_vpc_peering_connection_accepter")
    {
        differs(reader, resource, "accept_status", Touches::Everything);
    }
}

/// Whether an endpoint is available, answers names, and where it stands. An interface that only the earlier
/// input has stays its own.
fn endpoint(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, changed: &Changed<'_>) {
    let id = reader.plan.id(resource);
    let Some(earlier) = reader.sink.get::<VpcEndpoint>(&id).cloned() else {
        return;
    };
    let Some(placed) = reader.vpc_endpoints.get_mut(&id) else {
        return;
    };
    let planned = &mut placed.component;
    let is_accepted = changed.has("aws_vpc_endpoint_connection_accepter");
    let mut touched = Vec::new();
    let state = resource.attribute("state");
    if earlier.available && state.text().is_some_and(waits) {
        planned.available = true;
    } else if planned.available != earlier.available && !is_accepted {
        touched.push(("state", Touches::Everything));
    }
    if let (
        EndpointKind::Interface {
            interfaces,
            private_dns,
            ..
        },
        EndpointKind::Interface {
            interfaces: before,
            private_dns: was_on,
            ..
        },
    ) = (&mut planned.kind, &earlier.kind)
    {
        if private_dns != was_on && !changed.has("aws_vpc_endpoint_private_dns") {
            touched.push(("private_dns_enabled", Touches::Names));
        }
        let is_listed = reader.sink.sees(Kind::NetworkInterface);
        if is_listed && !changed.has("aws_vpc_endpoint_subnet_association") {
            let mut kept = before.clone();
            kept.retain(|one| reader.sink.get::<NetworkInterface>(one.as_str()).is_some());
            if kept != *interfaces {
                touched.push(("subnet_ids", Touches::Everything));
            }
            interfaces.extend(kept);
        }
    }
    for (name, touches) in touched {
        differs(reader, resource, name, touches);
    }
}

/// Opens the tags that are not alike.
fn tags(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    let types = [
        "aws_default_subnet",
        "aws_default_vpc",
        "aws_network_interface",
        "aws_subnet",
        "aws_vpc",
        "aws_vpc_endpoint",
    ];
    let mut left = there(reader, &types);
    let is_left = |one: &Resource<'_>| {
        ["tags", "tags_all"]
            .iter()
            .all(|name| leaves(plan, one, name))
    };
    left.retain(|one| is_left(one));
    for resource in left {
        let id = plan.id(resource);
        let (kind, keys) = match resource.of {
            "aws_network_interface" => {
                let shelf = &reader.network_interfaces;
                let keys = keys(shelf, reader.sink, &id, |one| &one.tags);
                (Kind::NetworkInterface, keys)
            }
            "aws_vpc_endpoint" => {
                let keys = keys(&reader.vpc_endpoints, reader.sink, &id, |one| &one.tags);
                (Kind::VpcEndpoint, keys)
            }
            "aws_vpc" | "aws_default_vpc" => {
                let keys = keys(&reader.vpcs, reader.sink, &id, |one| &one.tags);
                (Kind::Vpc, keys)
            }
            _ => {
                let keys = keys(&reader.subnets, reader.sink, &id, |one| &one.tags);
                (Kind::Subnet, keys)
            }
        };
        open_tags(reader, resource, kind, &id, keys);
    }
    // An interface of an instance may have tags of the instance that a snapshot does not show.
    for (id, owner) in super::interface::interfaces(reader) {
        if owner.of == "aws_instance" && is_left(owner) {
            let earlier = reader.sink.get::<NetworkInterface>(&id);
            let before = earlier.map(|one| one.tags.keys().cloned().collect::<BTreeSet<_>>());
            let shelf = &reader.network_interfaces;
            let mut keys = keys(shelf, reader.sink, &id, |one| &one.tags);
            keys.retain(|key| before.as_ref().is_some_and(|before| before.contains(key)));
            open_tags(reader, owner, Kind::NetworkInterface, &id, keys);
        }
    }
}

/// The keys of tags that only one of the two has, or with another value.
fn keys<C: Component>(
    shelf: &Shelf<C>,
    sink: &mut crate::sink::Sink,
    id: &str,
    tags: impl Fn(&C) -> &Tags,
) -> Vec<String> {
    let (Some(planned), Some(earlier)) = (shelf.get(id), sink.get::<C>(id)) else {
        return Vec::new();
    };
    let (now, before) = (tags(&planned.component), tags(earlier));
    let all: BTreeSet<&String> = now.keys().chain(before.keys()).collect();
    let other = all
        .into_iter()
        .filter(|key| now.get(*key) != before.get(*key));
    other.cloned().collect()
}

fn open_tags(
    reader: &mut Reader<'_, '_>,
    owner: &Resource<'_>,
    kind: Kind,
    id: &str,
    keys: Vec<String>,
) {
    if keys.is_empty() {
        return;
    }
    let hole = model::Hole::new(format!("tags of {id}"));
    let component = reader.open(kind, id);
    for key in keys {
        component.tags.entry(key).or_insert(hole.clone());
    }
    keep(reader, owner, "tags", Touches::Tags);
    note(reader.sink, id);
}
