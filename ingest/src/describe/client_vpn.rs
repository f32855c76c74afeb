//! `describe-client-vpn-endpoints`, with `-target-networks`, `-routes` and `-authorization-rules`.
//!
//! No call says which interfaces are a Client VPN endpoint's: they are those that stand in one of its
//! target subnets with Client VPN's description.

use std::collections::BTreeSet;

use model::{
    AuthorizationRule, ClientVpnEndpoint, ClientVpnEndpointId, ClientVpnRoute, Hole,
    NetworkInterfaceId, Value,
};

use super::snapshot::Snapshot;
use crate::client_vpn::CLIENT_VPN_INTERFACE;
use crate::json::Cursor;
use crate::sink::Sink;

const ENDPOINTS: &str = "ClientVpnEndpoints";

/// Reads the endpoints.
pub(super) fn read(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    for cursor in snapshot.cursors(ENDPOINTS) {
        let Some(id) = cursor.required_text("ClientVpnEndpointId", sink) else {
            continue;
        };
        if is_gone(cursor) {
            continue;
        }
        let interfaces = interfaces(id, snapshot);
        if interfaces.is_empty() {
            let what = "a Client VPN endpoint without an interface in the input";
            sink.left_out(cursor.place(), id, what);
            continue;
        }
        let rules = of_endpoint(id, snapshot, "AuthorizationRules", sink, rule);
        let routes = of_endpoint(id, snapshot, "Routes", sink, route);
        let endpoint = ClientVpnEndpoint {
            id: ClientVpnEndpointId::new(id),
            interfaces,
            authorization_rules: rules.unwrap_or_else(|| {
                let call = "describe-client-vpn-authorization-rules";
                Value::Any(Hole::new(format!("authorization rules of {id} ({call})")))
            }),
            routes: routes.unwrap_or_else(|| {
                let call = "describe-client-vpn-routes";
                Value::Any(Hole::new(format!("routes of {id} ({call})")))
            }),
            tags: cursor.aws_tags("Tags", sink),
        };
        sink.add(endpoint, cursor.place());
    }
}

/// The state of anything of Client VPN.
fn code<'a>(cursor: &Cursor<'a>) -> Option<&'a str> {
    cursor.value().get("Status")?.get("Code")?.as_str()
}

fn is_gone(endpoint: &Cursor<'_>) -> bool {
    matches!(code(endpoint), Some("deleting" | "deleted"))
}

/// Whether an interface is one of Client VPN, which gives its interfaces no type of their own.
pub(super) fn is_of_client_vpn(interface: &Cursor<'_>) -> bool {
    let text = |key| {
        interface
            .value()
            .get(key)
            .and_then(crate::json::Value::as_str)
    };
    let described = text("Description").map(|it| it.to_lowercase().replace([' ', '-'], ""));
    text("InterfaceType") == Some(CLIENT_VPN_INTERFACE)
        || described.is_some_and(|described| described.starts_with("clientvpn"))
}

/// The interfaces in target subnets; where two endpoints share one, the description has to say whose
/// each is.
fn interfaces(id: &str, snapshot: &Snapshot<'_>) -> BTreeSet<NetworkInterfaceId> {
    let text = |cursor: &Cursor<'_>, key| {
        let text = cursor.value().get(key).and_then(crate::json::Value::as_str);
        text.map(str::to_owned)
    };
    let mut interfaces = BTreeSet::new();
    for cursor in snapshot.cursors("NetworkInterfaces") {
        let (Some(interface), Some(subnet)) =
            (text(cursor, "NetworkInterfaceId"), text(cursor, "SubnetId"))
        else {
            continue;
        };
        let networks = snapshot.cursors("ClientVpnTargetNetworks");
        let of_subnet = networks.filter(|network| {
            let is_there = matches!(code(network), None | Some("associated"));
            is_there && text(network, "TargetNetworkId").as_ref() == Some(&subnet)
        });
        let owners: BTreeSet<_> = of_subnet
            .filter_map(|network| text(network, "ClientVpnEndpointId"))
            .collect();
        let is_named = text(cursor, "Description").is_some_and(|text| text.contains(id));
        let is_owner = owners.contains(id) && (owners.len() == 1 || is_named);
        if is_of_client_vpn(cursor) && is_owner {
            interfaces.insert(NetworkInterfaceId::new(interface));
        }
    }
    interfaces
}

/// What a call says of an endpoint; `None` when its output is not in the input. The output of a call
/// that found nothing does not say of which endpoint, so that it has to be the only one.
fn of_endpoint<T: Ord>(
    id: &str,
    snapshot: &Snapshot<'_>,
    key: &str,
    sink: &mut Sink,
    read: impl Fn(&Cursor<'_>, &mut Sink) -> Option<T>,
) -> Option<Value<BTreeSet<T>>> {
    let is_of = |cursor: &&Cursor<'_>| {
        let of = cursor.value().get("ClientVpnEndpointId");
        of.and_then(crate::json::Value::as_str) == Some(id)
    };
    let own: Vec<_> = snapshot.cursors(key).filter(is_of).collect();
    let mut endpoints = snapshot.cursors(ENDPOINTS).filter(|one| !is_gone(one));
    let is_alone = endpoints.next().is_some() && endpoints.next().is_none();
    if own.is_empty() && !(snapshot.is_there(key) && is_alone) {
        return None;
    }
    let active = own
        .into_iter()
        .filter(|cursor| matches!(code(cursor), None | Some("active")));
    Some(Value::Known(
        active.filter_map(|cursor| read(cursor, sink)).collect(),
    ))
}

fn rule(cursor: &Cursor<'_>, sink: &mut Sink) -> Option<AuthorizationRule> {
    let destination = cursor.required("DestinationCidr", sink)?.as_cidr(sink)?;
    let is_for_all = cursor.flag("AccessAll", sink) == Some(true);
    let group = cursor.text("GroupId", sink).unwrap_or_default().to_owned();
    Some(AuthorizationRule {
        destination,
        group: (!is_for_all).then_some(group),
    })
}

fn route(cursor: &Cursor<'_>, sink: &mut Sink) -> Option<ClientVpnRoute> {
    let destination = cursor.required("DestinationCidr", sink)?.as_cidr(sink)?;
    let target = cursor.required_text("TargetSubnet", sink)?;
    Some(ClientVpnRoute {
        destination,
        subnet: (target != "local").then(|| target.into()),
    })
}
