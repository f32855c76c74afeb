//! What a snapshot lists, whether it is read or not: what is not listed where its kind is, is not there.

use crate::json::Value;
use crate::load_balancer::short;
use crate::provenance::Kind;
use crate::sink::Sink;

use super::snapshot::Snapshot;

/// The top-level keys of lists that have all of a kind, the kind, and the field with the id.
const LISTS: [(&str, Kind, &str); 22] = [
    (
        "ClientVpnEndpoints",
        Kind::ClientVpnEndpoint,
        "ClientVpnEndpointId",
    ),
    (
        "EgressOnlyInternetGateways",
        Kind::EgressOnlyInternetGateway,
        "EgressOnlyInternetGatewayId",
    ),
    ("HostedZones", Kind::HostedZone, "Id"),
    (
        "InternetGateways",
        Kind::InternetGateway,
        "InternetGatewayId",
    ),
    ("LoadBalancers", Kind::LoadBalancer, "LoadBalancerArn"),
    ("NatGateways", Kind::NatGateway, "NatGatewayId"),
    ("NetworkAcls", Kind::NetworkAcl, "NetworkAclId"),
    (
        "NetworkInterfaces",
        Kind::NetworkInterface,
        "NetworkInterfaceId",
    ),
    ("PrefixLists", Kind::PrefixList, "PrefixListId"),
    ("ResolverRules", Kind::ResolverRule, "Id"),
    ("RouteTables", Kind::RouteTable, "RouteTableId"),
    ("SecurityGroups", Kind::SecurityGroup, "GroupId"),
    ("ServiceConfigurations", Kind::EndpointService, "ServiceId"),
    ("Subnets", Kind::Subnet, "SubnetId"),
    ("TargetGroups", Kind::TargetGroup, "TargetGroupArn"),
    (
        "TransitGatewayAttachments",
        Kind::TransitGatewayAttachment,
        "TransitGatewayAttachmentId",
    ),
    (
        "TransitGatewayRouteTables",
        Kind::TransitGatewayRouteTable,
        "TransitGatewayRouteTableId",
    ),
    ("TransitGateways", Kind::TransitGateway, "TransitGatewayId"),
    ("VpcEndpoints", Kind::VpcEndpoint, "VpcEndpointId"),
    (
        "VpcPeeringConnections",
        Kind::Peering,
        "VpcPeeringConnectionId",
    ),
    ("Vpcs", Kind::Vpc, "VpcId"),
    ("VpnGateways", Kind::VirtualPrivateGateway, "VpnGatewayId"),
];

/// The states of what a call still lists for a while.
const GONE: [&str; 6] = [
    "deleted",
    "deleting",
    "expired",
    "failed",
    "rejected",
    "terminated",
];

/// Notes the kinds and the ids.
pub(super) fn read(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    let there = LISTS.iter().filter(|(key, ..)| snapshot.is_there(key));
    for (key, kind, id) in there {
        sink.seen.insert(*kind);
        let values = snapshot.cursors(key).map(|cursor| cursor.value());
        let living = values.filter(|value| !is_gone(value));
        let ids = living.filter_map(|value| value.get(id)?.as_str());
        let ids = ids.map(|id| short(id.trim_start_matches("/hostedzone/")));
        sink.listed.extend(ids.map(|id| (*kind, id.to_owned())));
    }
}

/// Whether an item is of what is not there any more, or soon will not be.
pub(super) fn is_gone(item: &Value) -> bool {
    let state = item.get("State").and_then(Value::as_str);
    let code = || item.get("Status")?.get("Code")?.as_str();
    let state = state.or_else(code);
    state.is_some_and(|state| GONE.iter().any(|gone| gone.eq_ignore_ascii_case(state)))
}
