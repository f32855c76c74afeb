//! Targets of routes.

use model::{
    EgressOnlyInternetGatewayId, InternetGatewayId, NatGatewayId, PeeringId, Target, Value,
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
        Thing::TransitGateway => unmodelled("transit-gateway"),
        Thing::VpnGateway => unmodelled("virtual-private-gateway"),
        // A gateway endpoint is a target by association only; this is a Gateway Load Balancer's.
        Thing::VpcEndpoint => unmodelled("endpoint"),
        // AWS turns a route to an instance into one to its interface.
        Thing::NetworkInterface | Thing::Instance => unmodelled("network-interface"),
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
        | Thing::DhcpOptions
        | Thing::HostedZone
        | Thing::ResolverRule
        | Thing::ResolverEndpoint => unmodelled("other"),
    }
}
