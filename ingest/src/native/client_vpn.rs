//! The Client VPN endpoints of a native file.

use std::collections::BTreeSet;

use model::{AuthorizationRule, ClientVpnEndpoint, ClientVpnRoute, NetworkInterfaceId};

use super::components::ids;
use super::load_balancer::list;
use super::read::Defaults;
use super::table::Table;
use super::text::{self, Wrong, quoted};
use crate::sink::Sink;

/// What stands before the id of a route's target.
const SUBNET: &str = "subnet:";
/// What stands before the group of a rule.
const GROUP: &str = "group:";

pub(super) fn endpoint(
    id: &str,
    table: &Table<'_>,
    _: &mut Defaults,
    sink: &mut Sink,
) -> Option<ClientVpnEndpoint> {
    let interfaces = table.required("interfaces", sink);
    let interfaces: Option<BTreeSet<NetworkInterfaceId>> =
        interfaces.and_then(|item| ids(&item, sink));
    let rules = list(table, "authorization-rules", sink, |item, sink| {
        item.parsed(sink, rule)
    });
    let routes = list(table, "routes", sink, |item, sink| item.parsed(sink, route));
    let tags = table.tags(sink);
    Some(ClientVpnEndpoint {
        id: id.into(),
        interfaces: interfaces?,
        authorization_rules: rules?,
        routes: routes?,
        tags,
    })
}

/// `10.0.0.0/16 for all` or `10.0.0.0/16 for group:admins`.
fn rule(text: &str) -> Result<AuthorizationRule, Wrong> {
    let wrong =
        || format!("`{text}` is not like `10.0.0.0/16 for all` or `10.0.0.0/16 for group:ID`");
    let (destination, whom) = text.split_once(" for ").ok_or_else(wrong)?;
    let group = match whom.strip_prefix(GROUP) {
        Some(group) => Some(group.to_owned()),
        None if whom == "all" => None,
        None => return Err(wrong()),
    };
    Ok(AuthorizationRule {
        destination: text::cidr(destination)?,
        group,
    })
}

pub(super) fn write_rule(rule: &AuthorizationRule) -> String {
    let whom = rule
        .group
        .as_ref()
        .map_or_else(|| "all".to_owned(), |group| format!("{GROUP}{group}"));
    quoted(&format!("{} for {whom}", rule.destination))
}

/// `10.0.0.0/16 -> subnet:a` or `10.99.0.0/22 -> local`.
fn route(text: &str) -> Result<ClientVpnRoute, Wrong> {
    let wrong =
        || format!("`{text}` is not like `10.0.0.0/16 -> subnet:ID` or `10.99.0.0/22 -> local`");
    let (destination, target) = text.split_once(" -> ").ok_or_else(wrong)?;
    let subnet = match target.strip_prefix(SUBNET) {
        Some(subnet) => Some(subnet.into()),
        None if target == "local" => None,
        None => return Err(wrong()),
    };
    Ok(ClientVpnRoute {
        destination: text::cidr(destination)?,
        subnet,
    })
}

pub(super) fn write_route(route: &ClientVpnRoute) -> String {
    let target = route
        .subnet
        .as_ref()
        .map_or_else(|| "local".to_owned(), |subnet| format!("{SUBNET}{subnet}"));
    quoted(&format!("{} -> {target}", route.destination))
}
