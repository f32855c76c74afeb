//! Tags that resources of their own give to other things: `aws_ec2_tag`.

use model::{Attachment, NetworkInterface, Tags};

use crate::open::OpenComponent;
use crate::provenance::Kind;
use crate::sink::{Component, Sink};

use super::identity::Thing;
use super::plan::Resource;
use super::reader::{Reader, Shelf};
use super::slot::Slot;

/// What may have a tag of a resource of its own, and is asked for by its tags.
const TAGGABLE: [(Thing, Kind); 8] = [
    (Thing::Vpc, Kind::Vpc),
    (Thing::Subnet, Kind::Subnet),
    (Thing::NetworkInterface, Kind::NetworkInterface),
    (Thing::NatGateway, Kind::NatGateway),
    (Thing::VpcEndpoint, Kind::VpcEndpoint),
    (Thing::EndpointService, Kind::EndpointService),
    (Thing::TransitGateway, Kind::TransitGateway),
    (Thing::VpnGateway, Kind::VirtualPrivateGateway),
];
/// The same, and what shows the tags of something else, or is asked for by none.
const NAMED: [Thing; 21] = [
    Thing::Vpc,
    Thing::Subnet,
    Thing::NetworkInterface,
    Thing::NatGateway,
    Thing::VpcEndpoint,
    Thing::EndpointService,
    Thing::TransitGateway,
    Thing::VpnGateway,
    Thing::Instance,
    Thing::TransitGatewayAttachment,
    Thing::TransitGatewayRouteTable,
    Thing::RouteTable,
    Thing::NetworkAcl,
    Thing::SecurityGroup,
    Thing::InternetGateway,
    Thing::EgressOnlyInternetGateway,
    Thing::ElasticIp,
    Thing::PrefixList,
    Thing::Peering,
    Thing::VpnConnection,
    Thing::DhcpOptions,
];

/// Reads them, and takes those away that the change removes.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    former_tags(reader);
    for resource in reader.plan.managed(&["aws_ec2_tag"]) {
        further_tag(reader, resource);
    }
}

/// The instance that an interface belongs to.
pub(super) fn instance_of(interface: &NetworkInterface) -> Option<&str> {
    match &interface.attachment {
        Attachment::Ordinary { instance } => instance.as_deref(),
        Attachment::VpcEndpoint(_)
        | Attachment::NatGateway(_)
        | Attachment::LoadBalancer(_)
        | Attachment::Other(_) => None,
    }
}

/// A tag that a resource of its own gives to something.
fn further_tag(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let of = resource.attribute("resource_id");
    let (key, value) = (resource.attribute("key"), resource.attribute("value"));
    let candidates = match reader.slot(&of, &NAMED) {
        Slot::Known(one) => vec![one],
        Slot::OneOf(list) => list,
        Slot::Empty | Slot::Open => {
            reader.unplaced(&of);
            return;
        }
    };
    let is_certain = candidates.len() == 1;
    let hole = if is_certain { value.hole() } else { of.hole() };
    for candidate in candidates {
        for (kind, id) in tagged(reader, candidate.thing, &candidate.id) {
            let (Some(key), Some(tags)) = (key.text(), tags_mut(reader, kind, &id)) else {
                if key.is_unknown() {
                    let mut open = before(reader, kind, &id);
                    open.further_tags = Some(key.hole());
                    reader.open.insert((kind, id), open);
                }
                continue;
            };
            // A tag that the thing itself sets in another way is set again with each apply.
            let known = value.text().filter(|value| {
                let own = tags.get(key);
                is_certain && own.is_none_or(|own| own == value)
            });
            if let Some(value) = known {
                tags.insert(key.to_owned(), value.to_owned());
            } else {
                let mut open = before(reader, kind, &id);
                open.tags.insert(key.to_owned(), hole.clone());
                reader.open.insert((kind, id), open);
            }
        }
    }
}

/// Takes the tags away that such resources gave, and that the change removes.
fn former_tags(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    for former in plan.former.iter().filter(|one| one.of == "aws_ec2_tag") {
        let text = |name| former.attribute(name).text();
        let (Some(of), Some(key)) = (text("resource_id"), text("key")) else {
            continue;
        };
        let Some(thing) = Thing::of_id(of) else {
            continue;
        };
        for (kind, id) in tagged(reader, thing, of) {
            if let Some(tags) = tags_mut(reader, kind, &id) {
                tags.remove(key);
            }
        }
    }
}

/// What is open of a component so far, by this input or an earlier one.
fn before(reader: &Reader<'_, '_>, kind: Kind, id: &str) -> OpenComponent {
    let own = reader.open.get(&(kind, id.to_owned()));
    let earlier = reader.sink.open.of(kind, id);
    own.or(earlier).cloned().unwrap_or_default()
}

/// The components that have the tags of a thing: of an instance its interfaces.
fn tagged(reader: &Reader<'_, '_>, thing: Thing, id: &str) -> Vec<(Kind, String)> {
    if thing == Thing::Instance {
        let own = reader.network_interfaces.values().map(|one| &one.component);
        let earlier = &reader.sink.draft.network_interfaces;
        let all = own.chain(earlier);
        let of_instance = all.filter(|one| instance_of(one) == Some(id));
        let named = of_instance.map(|one| (Kind::NetworkInterface, one.id.to_string()));
        return named.collect();
    }
    let kind = TAGGABLE.iter().find(|(of, _)| *of == thing);
    kind.map(|(_, kind)| (*kind, id.to_owned()))
        .into_iter()
        .collect()
}

/// The tags of a component of this input or of an earlier one.
fn tags_mut<'r>(reader: &'r mut Reader<'_, '_>, kind: Kind, id: &str) -> Option<&'r mut Tags> {
    let sink = &mut *reader.sink;
    if kind == Kind::Vpc {
        either(&mut reader.vpcs, sink, id).map(|one| &mut one.tags)
    } else if kind == Kind::Subnet {
        either(&mut reader.subnets, sink, id).map(|one| &mut one.tags)
    } else if kind == Kind::NetworkInterface {
        either(&mut reader.network_interfaces, sink, id).map(|one| &mut one.tags)
    } else if kind == Kind::NatGateway {
        either(&mut reader.nat_gateways, sink, id).map(|one| &mut one.tags)
    } else if kind == Kind::VpcEndpoint {
        either(&mut reader.vpc_endpoints, sink, id).map(|one| &mut one.tags)
    } else if kind == Kind::EndpointService {
        either(&mut reader.endpoint_services, sink, id).map(|one| &mut one.tags)
    } else if kind == Kind::TransitGateway {
        either(&mut reader.transit_gateways, sink, id).map(|one| &mut one.tags)
    } else if kind == Kind::VirtualPrivateGateway {
        either(&mut reader.virtual_private_gateways, sink, id).map(|one| &mut one.tags)
    } else {
        None
    }
}

/// A component of this input, or of an earlier one.
fn either<'r, C: Component>(
    shelf: &'r mut Shelf<C>,
    sink: &'r mut Sink,
    id: &str,
) -> Option<&'r mut C> {
    match shelf.get_mut(id) {
        Some(placed) => Some(&mut placed.component),
        None => sink.get::<C>(id),
    }
}
