//! Targets of routes.

use std::collections::BTreeMap;

use model::{
    Attachment, EgressOnlyInternetGatewayId, EndpointKind, InternetGatewayId, NatGatewayId,
    NetworkInterface, NetworkInterfaceId, PeeringId, Route, RouteDestination, RouteOrigin,
    RouteState, RouteTable, Target, TransitGateway, TransitGatewayId, Value,
    VirtualPrivateGatewayId, VpcEndpoint, VpcEndpointId,
};

use super::attribute::Attribute;
use super::identity::Thing;
use super::reader::Reader;
use super::resolve::Candidate;
use super::slot::{Slot, one_of};

/// The attributes that name a target, and what each may name.
const TARGETS: [(&str, &[Thing]); 12] = [
    (
        "gateway_id",
        &[
            Thing::InternetGateway,
            Thing::VpnGateway,
            Thing::VpcEndpoint,
        ],
    ),
    ("nat_gateway_id", &[Thing::NatGateway]),
    (
        "egress_only_gateway_id",
        &[Thing::EgressOnlyInternetGateway],
    ),
    ("vpc_peering_connection_id", &[Thing::Peering]),
    ("transit_gateway_id", &[Thing::TransitGateway]),
    ("vpc_endpoint_id", &[Thing::VpcEndpoint]),
    ("network_interface_id", &[Thing::NetworkInterface]),
    ("instance_id", &[Thing::Instance]),
    ("carrier_gateway_id", &[Thing::CarrierGateway]),
    ("local_gateway_id", &[Thing::LocalGateway]),
    ("core_network_arn", &[Thing::CoreNetwork]),
    ("odb_network_arn", &[Thing::OdbNetwork]),
];

const ENDPOINT: &str = "endpoint";
const NETWORK_INTERFACE: &str = "network-interface";
const TRANSIT_GATEWAY: &str = "transit-gateway";
const VIRTUAL_PRIVATE_GATEWAY: &str = "virtual-private-gateway";

/// What a route says of its target.
pub(super) enum Found {
    /// A target.
    Target(Value<Target>),
    /// The VPC itself.
    Local,
    /// Nothing that is known.
    Nothing,
}

/// The target among the attributes of a route.
pub(super) fn read<'f>(
    reader: &mut Reader<'_, '_>,
    field: impl Fn(&'static str) -> Attribute<'f>,
) -> Found {
    for (name, wanted) in TARGETS {
        let attribute = field(name);
        if attribute.text() == Some("local") {
            return Found::Local;
        }
        let target = match reader.slot(&attribute, wanted) {
            Slot::Empty => continue,
            Slot::Known(candidate) => Value::Known(target(&candidate)),
            Slot::OneOf(list) => one_of(list.iter().map(target).collect(), attribute.hole()),
            Slot::Open => Value::Any(attribute.hole()),
        };
        return Found::Target(target);
    }
    // The routes of a `dynamic` block are not in the configuration, so an id that is left open
    // there cannot be told from one that nobody set but by the route's having no other.
    let open = TARGETS
        .iter()
        .map(|(name, _)| field(name))
        .find(Attribute::is_unknown);
    match open {
        Some(open) => Found::Target(Value::Any(open.hole())),
        None => Found::Nothing,
    }
}

fn target(candidate: &Candidate) -> Target {
    let id = &candidate.id;
    let unmodelled = |kind: &str| Target::Unmodelled {
        kind: kind.to_owned(),
        id: id.clone(),
    };
    match candidate.thing {
        Thing::InternetGateway => Target::InternetGateway(InternetGatewayId::new(id)),
        Thing::EgressOnlyInternetGateway => {
            Target::EgressOnlyInternetGateway(EgressOnlyInternetGatewayId::new(id))
        }
        Thing::NatGateway => Target::NatGateway(NatGatewayId::new(id)),
        Thing::Peering => Target::Peering(PeeringId::new(id)),
        // Whether these are there is known only when everything is read: `settle`.
        Thing::TransitGateway => unmodelled(TRANSIT_GATEWAY),
        Thing::VpnGateway => unmodelled(VIRTUAL_PRIVATE_GATEWAY),
        // A gateway endpoint is a target by association only; this is a Gateway Load Balancer's.
        Thing::VpcEndpoint => unmodelled(ENDPOINT),
        // AWS turns a route to an instance into one to its interface.
        Thing::NetworkInterface | Thing::Instance => unmodelled(NETWORK_INTERFACE),
        Thing::CarrierGateway => unmodelled("carrier-gateway"),
        Thing::LocalGateway => unmodelled("local-gateway"),
        Thing::CoreNetwork => unmodelled("core-network"),
        Thing::OdbNetwork => unmodelled("odb-network"),
        Thing::Vpc
        | Thing::Subnet
        | Thing::RouteTable
        | Thing::NetworkAcl
        | Thing::SecurityGroup
        | Thing::ElasticIp
        | Thing::PrefixList
        | Thing::HostedZone
        | Thing::ResolverRule
        | Thing::ResolverEndpoint
        | Thing::TransitGatewayAttachment
        | Thing::TransitGatewayRouteTable
        | Thing::VpnConnection
        | Thing::ClientVpnEndpoint
        | Thing::LoadBalancer
        | Thing::Listener
        | Thing::TargetGroup
        | Thing::EndpointService
        | Thing::IamRole
        | Thing::IamUser
        | Thing::IamGroup
        | Thing::IamPolicy
        | Thing::Bucket
        | Thing::Queue
        | Thing::Topic
        | Thing::Key
        | Thing::Secret
        | Thing::RestApi
        | Thing::DhcpOptions => unmodelled("other"),
    }
}

/// Whether a target may take the place of a local route's.
pub(super) fn may_replace_local(target: &Value<Target>) -> bool {
    match target.known() {
        Some(Target::NatGateway(_)) => true,
        Some(Target::Unmodelled { kind, .. }) => kind == ENDPOINT || kind == NETWORK_INTERFACE,
        Some(
            Target::Local
            | Target::InternetGateway(_)
            | Target::EgressOnlyInternetGateway(_)
            | Target::Peering(_)
            | Target::GatewayEndpoint(_)
            | Target::NetworkInterface(_)
            | Target::GatewayLoadBalancerEndpoint(_)
            | Target::TransitGateway(_)
            | Target::VirtualPrivateGateway(_),
        )
        | None => false,
    }
}

/// Finds the interfaces, the endpoints and the transit and virtual private gateways that routes lead to, now that
/// everything is read. What is not there stays something that is not modelled.
pub(super) fn settle(reader: &mut Reader<'_, '_>) {
    let there = There::new(reader);
    let earlier = reader.sink.draft.route_tables.iter_mut();
    let planned = reader.route_tables.values_mut();
    let tables = planned.map(|table| &mut table.component).chain(earlier);
    for table in tables {
        for route in &mut table.routes {
            match &mut route.target {
                Value::Known(target) => there.settle(target),
                Value::OneOf(targets, _) => {
                    targets.iter_mut().for_each(|target| there.settle(target));
                }
                Value::Any(_) => {}
            }
        }
        restore_local(table, &there);
    }
}

/// What routes may lead to.
struct There {
    /// The blocks of each VPC.
    blocks: BTreeMap<String, Vec<model::Cidr>>,
    /// Each by its id, and by the id of the instance whose primary one it is.
    interfaces: BTreeMap<String, NetworkInterfaceId>,
    endpoints: BTreeMap<String, VpcEndpointId>,
    transit_gateways: BTreeMap<String, TransitGatewayId>,
    virtual_private_gateways: BTreeMap<String, VirtualPrivateGatewayId>,
}

impl There {
    fn new(reader: &Reader<'_, '_>) -> Self {
        let draft = &reader.sink.draft;
        let vpcs = reader.vpcs.values().map(|one| &one.component);
        let vpcs = draft.vpcs.iter().chain(vpcs);
        let planned = reader.network_interfaces.values();
        let planned = planned.map(|one| &one.component);
        let interfaces = draft.network_interfaces.iter().chain(planned);
        let interfaces: Vec<&NetworkInterface> = interfaces.collect();
        let planned = reader.vpc_endpoints.values().map(|one| &one.component);
        let endpoints = draft.vpc_endpoints.iter().chain(planned);
        let planned = reader.transit_gateways.values().map(|one| &one.component);
        let gateways = draft.transit_gateways.iter().chain(planned);
        let planned = reader.virtual_private_gateways.values();
        let planned = planned.map(|one| &one.component);
        let virtual_private_gateways = draft.virtual_private_gateways.iter().chain(planned);
        Self {
            blocks: vpcs
                .map(|vpc| (vpc.id.to_string(), vpc.cidrs.clone()))
                .collect(),
            interfaces: by_id(reader, &interfaces),
            endpoints: endpoints
                .filter(|one| is_gateway_load_balancer(one))
                .map(|one| (one.id.to_string(), one.id.clone()))
                .collect(),
            transit_gateways: gateways
                .filter(|one: &&TransitGateway| !reader.given_up.contains(one.id.as_str()))
                .map(|one| (one.id.to_string(), one.id.clone()))
                .collect(),
            virtual_private_gateways: virtual_private_gateways
                .map(|one| (one.id.to_string(), one.id.clone()))
                .collect(),
        }
    }

    fn settle(&self, target: &mut Target) {
        // An earlier input has one of which the plan has a part that cannot be told.
        if let Target::TransitGateway(id) = target
            && !self.transit_gateways.contains_key(id.as_str())
        {
            *target = Target::Unmodelled {
                kind: TRANSIT_GATEWAY.to_owned(),
                id: id.to_string(),
            };
        }
        let found = match target {
            Target::Unmodelled { kind, id } => match kind.as_str() {
                NETWORK_INTERFACE => {
                    let found = self.interfaces.get(id.as_str());
                    found.cloned().map(Target::NetworkInterface)
                }
                ENDPOINT => {
                    let found = self.endpoints.get(id.as_str());
                    found.cloned().map(Target::GatewayLoadBalancerEndpoint)
                }
                TRANSIT_GATEWAY => {
                    let found = self.transit_gateways.get(id.as_str());
                    found.cloned().map(Target::TransitGateway)
                }
                VIRTUAL_PRIVATE_GATEWAY => {
                    let found = self.virtual_private_gateways.get(id.as_str());
                    found.cloned().map(Target::VirtualPrivateGateway)
                }
                _ => None,
            },
            Target::Local
            | Target::InternetGateway(_)
            | Target::EgressOnlyInternetGateway(_)
            | Target::NatGateway(_)
            | Target::Peering(_)
            | Target::GatewayEndpoint(_)
            | Target::NetworkInterface(_)
            | Target::GatewayLoadBalancerEndpoint(_)
            | Target::TransitGateway(_)
            | Target::VirtualPrivateGateway(_) => None,
        };
        if let Some(found) = found {
            *target = found;
        }
    }
}

fn is_gateway_load_balancer(endpoint: &VpcEndpoint) -> bool {
    match endpoint.kind {
        EndpointKind::GatewayLoadBalancer { .. } => true,
        EndpointKind::Gateway { .. }
        | EndpointKind::Interface { .. }
        | EndpointKind::Unmodelled(_) => false,
    }
}

/// The interfaces by their own ids, and by the instance where that has only one.
fn by_id(
    reader: &Reader<'_, '_>,
    interfaces: &[&NetworkInterface],
) -> BTreeMap<String, NetworkInterfaceId> {
    let mut found: BTreeMap<String, NetworkInterfaceId> = BTreeMap::new();
    let mut of_instances: BTreeMap<&str, Vec<&NetworkInterfaceId>> = BTreeMap::new();
    for interface in interfaces {
        found.insert(interface.id.to_string(), interface.id.clone());
        match &interface.attachment {
            Attachment::Ordinary {
                instance: Some(instance),
            } => {
                let ids = of_instances.entry(instance).or_default();
                if !ids.contains(&&interface.id) {
                    ids.push(&interface.id);
                }
            }
            Attachment::Ordinary { instance: None }
            | Attachment::VpcEndpoint(_)
            | Attachment::NatGateway(_)
            | Attachment::LoadBalancer(_)
            | Attachment::Other(_) => {}
        }
    }
    for (instance, ids) in of_instances {
        if let [only] = ids.as_slice() {
            found.insert(instance.to_owned(), (*only).clone());
        }
    }
    for (instance, interface) in &reader.primary_interfaces {
        if let Some(id) = found.get(interface).cloned() {
            found.insert(instance.clone(), id);
        }
    }
    found
}

/// A table has a route for each block of its VPC. Where the one in the place of the local route
/// leads to what is not there, the local one is put back, and a route that is not known beside it.
fn restore_local(table: &mut RouteTable, there: &There) {
    let Some(blocks) = there.blocks.get(table.vpc.as_str()) else {
        return;
    };
    let mut open = Vec::new();
    for route in &mut table.routes {
        let block = match route.destination.known() {
            Some(RouteDestination::Cidr(block)) => block,
            Some(RouteDestination::PrefixList(_)) | None => continue,
        };
        if blocks.contains(block)
            && let Some(Target::Unmodelled { id, .. }) = route.target.known()
        {
            let hole = model::Hole::new(format!("what `{id}` is"));
            route.target = Value::Known(Target::Local);
            open.push(Route {
                destination: Value::Any(hole.clone()),
                target: Value::Any(hole),
                origin: RouteOrigin::Static,
                state: RouteState::Active,
            });
        }
    }
    table.routes.extend(open);
}
