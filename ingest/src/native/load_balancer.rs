//! The load balancers of a native file, their target groups, and endpoint services.

use std::collections::BTreeSet;

use model::{
    Address, EndpointService, Family, Listener, ListenerProtocol, LoadBalancer, LoadBalancerId,
    LoadBalancerKind, LoadBalancerName, NetworkInterfaceId, Port, RegisteredTarget,
    TargetDestination, TargetGroup, Value,
};

use super::components::{family, ids};
use super::read::Defaults;
use super::table::{Item, Table};
use super::text::{self, Wrong, quoted};
use crate::sink::Sink;

pub(super) fn load_balancer(
    id: &str,
    table: &Table<'_>,
    _: &mut Defaults,
    sink: &mut Sink,
) -> Option<LoadBalancer> {
    let kind = table.required("kind", sink);
    let kind = kind.and_then(|item| item.parsed(sink, self::kind));
    let interfaces = table.required("interfaces", sink);
    let interfaces: Option<BTreeSet<NetworkInterfaceId>> =
        interfaces.and_then(|item| ids(&item, sink));
    let name = table.text("dns-name", sink).map(text::dns_name);
    let internet_facing = table.flag("internet-facing", false, sink);
    let listeners = list(table, "listeners", sink, listener);
    let private_link_ingress = table.flag("private-link-ingress", true, sink);
    let tags = table.tags(sink);
    Some(LoadBalancer {
        id: id.into(),
        kind: kind?,
        interfaces: interfaces?,
        name: name.map(|name| LoadBalancerName {
            name,
            internet_facing,
        }),
        listeners: listeners?,
        private_link_ingress,
        tags,
    })
}

fn kind(text: &str) -> Result<LoadBalancerKind, Wrong> {
    match text {
        "application" => Ok(LoadBalancerKind::Application),
        "network" => Ok(LoadBalancerKind::Network),
        _ => Err(format!("`{text}` is not `application` or `network`")),
    }
}

pub(super) const fn write_kind(kind: LoadBalancerKind) -> &'static str {
    match kind {
        LoadBalancerKind::Application => "application",
        LoadBalancerKind::Network => "network",
    }
}

/// A list that may be open; nothing is an empty one.
pub(super) fn list<T, C: FromIterator<T>>(
    table: &Table<'_>,
    key: &'static str,
    sink: &mut Sink,
    read: impl Fn(&Item<'_>, &mut Sink) -> Option<T>,
) -> Option<Value<C>> {
    let read = |item: &Item<'_>, sink: &mut Sink| {
        let items = item.items(sink);
        let read = items.iter().map(|item| read(item, sink));
        read.collect::<Option<C>>()
    };
    table.get(key).map_or_else(
        || Some(Value::Known(C::from_iter([]))),
        |item| item.value(sink, read),
    )
}

/// `tcp/443 -> web admin`, `tcp/80` when it forwards nowhere, or a table when an id has a space.
fn listener(item: &Item<'_>, sink: &mut Sink) -> Option<Listener> {
    if item.is_table() {
        let table = item.table(sink)?;
        let at = table.required("at", sink);
        let at = at.and_then(|item| item.parsed(sink, taken));
        let groups = table.get("groups");
        let groups = groups.map_or_else(|| Some(BTreeSet::new()), |item| ids(&item, sink));
        table.finish(sink);
        let (protocol, port) = at?;
        return Some(Listener {
            protocol,
            port,
            target_groups: groups?,
        });
    }
    let text = item.text(sink)?;
    let (at, groups) = text.split_once(" -> ").unwrap_or((text, ""));
    let (protocol, port) = item.parsed(sink, |_| taken(at))?;
    let groups = groups.split_whitespace();
    Some(Listener {
        protocol,
        port,
        target_groups: groups.map(Into::into).collect(),
    })
}

/// What a listener takes: `tcp/443`.
fn taken(text: &str) -> Result<(ListenerProtocol, Port), Wrong> {
    let wrong = || format!("`{text}` is not like `tcp/443`, `udp/53` or `tcp-udp/53`");
    let (protocol, port) = text.split_once('/').ok_or_else(wrong)?;
    let protocol = match protocol {
        "tcp" => ListenerProtocol::Tcp,
        "udp" => ListenerProtocol::Udp,
        "tcp-udp" => ListenerProtocol::TcpUdp,
        _ => return Err(wrong()),
    };
    Ok((protocol, text::number(port, "a port")?))
}

pub(super) fn write_listener(listener: &Listener) -> String {
    let protocol = match listener.protocol {
        ListenerProtocol::Tcp => "tcp",
        ListenerProtocol::Udp => "udp",
        ListenerProtocol::TcpUdp => "tcp-udp",
    };
    let at = format!("{protocol}/{}", listener.port);
    let groups: Vec<_> = listener
        .target_groups
        .iter()
        .map(|id| id.as_str())
        .collect();
    let spaced = |group: &&str| group.is_empty() || group.contains(char::is_whitespace);
    if groups.iter().any(spaced) {
        let groups: Vec<_> = groups.into_iter().map(quoted).collect();
        let groups = groups.join(", ");
        return format!("{{ at = {}, groups = [{groups}] }}", quoted(&at));
    }
    let forwards = if groups.is_empty() { "" } else { " -> " };
    quoted(&format!("{at}{forwards}{}", groups.join(" ")))
}

pub(super) fn target_group(
    id: &str,
    table: &Table<'_>,
    _: &mut Defaults,
    sink: &mut Sink,
) -> Option<TargetGroup> {
    let family = match table.get("family") {
        Some(item) => item.parsed(sink, family),
        None => Some(Family::V4),
    };
    let preserve_client_address = table.flag("preserve-client-address", false, sink);
    let cross_zone = table.flag("cross-zone", false, sink);
    let targets = list(table, "targets", sink, |item, sink| {
        item.parsed(sink, target)
    });
    let tags = table.tags(sink);
    Some(TargetGroup {
        id: id.into(),
        family: family?,
        preserve_client_address,
        cross_zone,
        targets: targets?,
        tags,
    })
}

/// `interface:web:8080`, `load-balancer:alb:80`, `10.0.3.9:8080` or `[2001:db8::9]:8080`.
fn target(text: &str) -> Result<RegisteredTarget, Wrong> {
    let wrong = || {
        format!(
            "`{text}` is not like `interface:web:8080`, `10.0.3.9:8080`, `[2001:db8::9]:8080` or \
             `load-balancer:alb:80`"
        )
    };
    let (at, port) = text.rsplit_once(':').ok_or_else(wrong)?;
    let destination = match at.split_once(':') {
        Some(("interface", id)) => TargetDestination::Interface(id.into()),
        Some(("load-balancer", id)) => TargetDestination::LoadBalancer(id.into()),
        _ => {
            let bare = at.strip_prefix('[').and_then(|at| at.strip_suffix(']'));
            TargetDestination::Address(text::address(bare.unwrap_or(at))?)
        }
    };
    Ok(RegisteredTarget {
        destination,
        port: text::number(port, "a port")?,
    })
}

pub(super) fn write_target(target: &RegisteredTarget) -> String {
    let at = match &target.destination {
        TargetDestination::Interface(id) => format!("interface:{id}"),
        TargetDestination::LoadBalancer(id) => format!("load-balancer:{id}"),
        TargetDestination::Address(address @ Address::V4(_)) => address.to_string(),
        TargetDestination::Address(address @ Address::V6(_)) => format!("[{address}]"),
    };
    quoted(&format!("{at}:{}", target.port))
}

pub(super) fn endpoint_service(
    id: &str,
    table: &Table<'_>,
    _: &mut Defaults,
    sink: &mut Sink,
) -> Option<EndpointService> {
    let name = table.required("name", sink);
    let name = name.and_then(|item| item.text(sink));
    let load_balancers = table.get("load-balancers");
    let load_balancers: Option<BTreeSet<LoadBalancerId>> =
        load_balancers.map_or_else(|| Some(BTreeSet::new()), |item| ids(&item, sink));
    let principals = list(table, "allowed-principals", sink, |item, sink| {
        item.text(sink).map(str::to_owned)
    });
    let acceptance_required = match table.get("acceptance-required") {
        None => Some(Value::Known(true)),
        Some(item) => item.value(sink, |item, sink| item.flag(sink)),
    };
    let tags = table.tags(sink);
    Some(EndpointService {
        id: id.into(),
        name: name?.to_owned(),
        load_balancers: load_balancers?,
        allowed_principals: principals?,
        acceptance_required: acceptance_required?,
        tags,
    })
}
