//! Rules of native files: routes, group rules, entries and addresses, in both directions.

use model::{
    AclAction, AclEntry, AddressValue, EndpointName, GroupRule, InterfaceAddress, Route,
    RouteDestination, RouteOrigin, RouteState, Target, TransitGatewayRoute, Value,
};

use super::table::Item;
use super::text::{self, Wrong, quoted};
use crate::sink::Sink;

/// The direction of a rule or an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Ingress,
    Egress,
}

impl Side {
    /// The word before the other end.
    const fn preposition(self) -> &'static str {
        match self {
            Side::Ingress => "from",
            Side::Egress => "to",
        }
    }

    fn split(self, text: &str) -> Result<(&str, &str), Wrong> {
        let word = self.preposition();
        text.split_once(&format!(" {word} "))
            .ok_or_else(|| format!("`{text}` is not like `tcp/443 {word} 10.0.0.0/16`"))
    }
}

/// `tcp/443 from sg:web`.
pub(super) fn group_rule(text: &str, side: Side) -> Result<GroupRule, Wrong> {
    let (traffic, peer) = side.split(text)?;
    Ok(GroupRule {
        traffic: text::traffic(traffic)?,
        peer: text::peer(peer)?,
    })
}

pub(super) fn write_group_rule(rule: &GroupRule, side: Side) -> String {
    let traffic = text::write_traffic(&rule.traffic);
    let peer = text::write_peer(&rule.peer);
    quoted(&format!("{traffic} {} {peer}", side.preposition()))
}

/// `100 allow tcp/443 from 10.0.0.0/16`.
pub(super) fn acl_entry(text: &str, side: Side) -> Result<AclEntry, Wrong> {
    let mut words = text.splitn(3, ' ');
    let mut word = || words.next().unwrap_or_default();
    let (number, action, rest) = (word(), word(), word());
    let action = match action {
        "allow" => AclAction::Allow,
        "deny" => AclAction::Deny,
        _ => {
            let word = side.preposition();
            let like = format!("100 allow tcp/443 {word} 10.0.0.0/16");
            return Err(format!("`{text}` is not like `{like}`"));
        }
    };
    let (traffic, cidr) = side.split(rest)?;
    Ok(AclEntry {
        number: text::number(number, "an entry number (1 to 32766)")?,
        action,
        traffic: text::traffic(traffic)?,
        cidr: text::cidr(cidr)?,
    })
}

pub(super) fn write_acl_entry(entry: &AclEntry, side: Side) -> String {
    let action = match entry.action {
        AclAction::Allow => "allow",
        AclAction::Deny => "deny",
    };
    let traffic = text::write_traffic(&entry.traffic);
    let (number, word) = (entry.number, side.preposition());
    quoted(&format!(
        "{number} {action} {traffic} {word} {}",
        entry.cidr
    ))
}

/// `10.0.0.0/8 -> peering:pcx blackhole propagated`, or a table.
pub(super) fn route(item: &Item<'_>, sink: &mut Sink) -> Option<Route> {
    if !item.is_table() {
        return item.parsed(sink, compact_route);
    }
    let table = item.table(sink)?;
    let destination = table
        .required("destination", sink)
        .and_then(|item| item.value(sink, |item, sink| item.parsed(sink, text::destination)));
    let target = table.required("target", sink);
    let target = target.and_then(|item| item.value(sink, self::target));
    let propagated = table.flag("propagated", false, sink);
    let blackhole = table.flag("blackhole", false, sink);
    table.finish(sink);
    Some(Route {
        destination: destination?,
        target: target?,
        origin: if propagated {
            RouteOrigin::Propagated
        } else {
            RouteOrigin::Static
        },
        state: if blackhole {
            RouteState::Blackhole
        } else {
            RouteState::Active
        },
    })
}

/// A target as a string, or `{ kind = "…", id = "…" }` when it is not modelled.
fn target(item: &Item<'_>, sink: &mut Sink) -> Option<Target> {
    if !item.is_table() {
        return item.parsed(sink, text::target);
    }
    let table = item.table(sink)?;
    let kind = table
        .required("kind", sink)
        .and_then(|item| item.text(sink));
    let id = table.required("id", sink).and_then(|item| item.text(sink));
    table.finish(sink);
    Some(Target::Unmodelled {
        kind: kind?.to_owned(),
        id: id?.to_owned(),
    })
}

fn compact_route(text: &str) -> Result<Route, Wrong> {
    let wrong = || format!("`{text}` is not like `0.0.0.0/0 -> nat-gateway:nat`");
    let (destination, mut target) = text.split_once(" -> ").ok_or_else(wrong)?;
    let mut origin = RouteOrigin::Static;
    let mut state = RouteState::Active;
    loop {
        if let Some(rest) = target.strip_suffix(" propagated") {
            (target, origin) = (rest, RouteOrigin::Propagated);
        } else if let Some(rest) = target.strip_suffix(" blackhole") {
            (target, state) = (rest, RouteState::Blackhole);
        } else {
            break;
        }
    }
    Ok(Route {
        destination: Value::Known(text::destination(destination)?),
        target: Value::Known(text::target(target)?),
        origin,
        state,
    })
}

pub(super) fn write_route(route: &Route) -> String {
    let propagated = route.origin == RouteOrigin::Propagated;
    let blackhole = route.state == RouteState::Blackhole;
    if let (Value::Known(destination), Value::Known(target)) = (&route.destination, &route.target) {
        let destination = text::write_destination(destination);
        let mut compact = format!("{destination} -> {}", text::write_target(target));
        if blackhole {
            compact.push_str(" blackhole");
        }
        if propagated {
            compact.push_str(" propagated");
        }
        // An id with such a word or an arrow in it needs the longer form.
        let read = compact_route(&compact);
        if read.is_ok_and(|read| as_read(&read) == as_read(route)) {
            return quoted(&compact);
        }
    }
    let destination = write_value(&route.destination, |destination: &RouteDestination| {
        quoted(&text::write_destination(destination))
    });
    let target = write_value(&route.target, write_target);
    let mut table = format!("{{ destination = {destination}, target = {target}");
    if propagated {
        table.push_str(", propagated = true");
    }
    if blackhole {
        table.push_str(", blackhole = true");
    }
    table.push_str(" }");
    table
}

/// A route as a single string says it, which does not tell the kinds of endpoints apart.
fn as_read(route: &Route) -> Route {
    let mut route = route.clone();
    if let Value::Known(target) = &mut route.target
        && let Target::GatewayLoadBalancerEndpoint(id) = target
    {
        *target = Target::GatewayEndpoint(id.clone());
    }
    route
}

/// `10.0.0.0/8 -> attachment:a`, `10.0.0.0/8 -> blackhole`, or a table.
pub(super) fn transit_gateway_route(
    item: &Item<'_>,
    sink: &mut Sink,
) -> Option<TransitGatewayRoute> {
    if !item.is_table() {
        return item.parsed(sink, compact_transit_gateway_route);
    }
    let table = item.table(sink)?;
    let destination = table.required("destination", sink);
    let destination = destination.and_then(|item| item.parsed(sink, text::destination));
    let target = table.required("target", sink);
    let target = target.and_then(|item| item.parsed(sink, text::transit_gateway_target));
    table.finish(sink);
    Some(TransitGatewayRoute {
        destination: destination?,
        target: target?,
    })
}

fn compact_transit_gateway_route(text: &str) -> Result<TransitGatewayRoute, Wrong> {
    let (destination, target) = text
        .split_once(" -> ")
        .ok_or_else(|| format!("`{text}` is not like `0.0.0.0/0 -> attachment:a`"))?;
    Ok(TransitGatewayRoute {
        destination: text::destination(destination)?,
        target: text::transit_gateway_target(target)?,
    })
}

pub(super) fn write_transit_gateway_route(route: &TransitGatewayRoute) -> String {
    let destination = text::write_destination(&route.destination);
    let target = text::write_transit_gateway_target(route.target.as_ref());
    let compact = format!("{destination} -> {target}");
    if compact_transit_gateway_route(&compact).as_ref() == Ok(route) {
        return quoted(&compact);
    }
    let (destination, target) = (quoted(&destination), quoted(&target));
    format!("{{ destination = {destination}, target = {target} }}")
}

fn write_target(target: &Target) -> String {
    let compact = text::write_target(target);
    if text::target(&compact).as_ref() == Ok(target) {
        return quoted(&compact);
    }
    match target {
        Target::Unmodelled { kind, id } => {
            format!("{{ kind = {}, id = {} }}", quoted(kind), quoted(id))
        }
        Target::Local
        | Target::InternetGateway(_)
        | Target::EgressOnlyInternetGateway(_)
        | Target::NatGateway(_)
        | Target::Peering(_)
        | Target::GatewayEndpoint(_)
        | Target::NetworkInterface(_)
        | Target::GatewayLoadBalancerEndpoint(_)
        | Target::TransitGateway(_)
        | Target::VirtualPrivateGateway(_) => quoted(&compact),
    }
}

/// `10.0.1.5 public 198.51.100.7`, or a table.
pub(super) fn address(item: &Item<'_>, sink: &mut Sink) -> Option<InterfaceAddress> {
    if !item.is_table() {
        return item.parsed(sink, compact_address);
    }
    let table = item.table(sink)?;
    let private = table
        .required("private", sink)
        .and_then(|item| item.parsed(sink, text::address_value));
    let public = match table.get("public") {
        Some(item) => Some(item.parsed(sink, text::address_value)?),
        None => None,
    };
    table.finish(sink);
    let private = private?;
    Some(InterfaceAddress { private, public })
}

fn compact_address(text: &str) -> Result<InterfaceAddress, Wrong> {
    let (private, public) = match text.split_once(" public ") {
        Some((private, public)) => (private, Some(public)),
        None => (text, None),
    };
    Ok(InterfaceAddress {
        private: text::address_value(private)?,
        public: public.map(text::address_value).transpose()?,
    })
}

pub(super) fn write_address(address: &InterfaceAddress) -> String {
    let write = |value: &AddressValue| text::write_address_value(value);
    let private = write(&address.private);
    let Some(public) = address.public.as_ref().map(write) else {
        let compact_reads_back = compact_address(&private).as_ref() == Ok(address);
        return if compact_reads_back {
            quoted(&private)
        } else {
            format!("{{ private = {} }}", quoted(&private))
        };
    };
    let compact = format!("{private} public {public}");
    if compact_address(&compact).as_ref() == Ok(address) {
        return quoted(&compact);
    }
    let (private, public) = (quoted(&private), quoted(&public));
    format!("{{ private = {private}, public = {public} }}")
}

/// `name`, `name -> interface`, or a table.
pub(super) fn endpoint_name(item: &Item<'_>, sink: &mut Sink) -> Option<EndpointName> {
    if !item.is_table() {
        return item.text(sink).map(compact_endpoint_name);
    }
    let table = item.table(sink)?;
    let name = table
        .required("name", sink)
        .and_then(|item| item.text(sink));
    let interface = table.text("interface", sink).map(Into::into);
    table.finish(sink);
    Some(EndpointName {
        name: name?.to_owned(),
        interface,
    })
}

fn compact_endpoint_name(text: &str) -> EndpointName {
    let (name, interface) = match text.split_once(" -> ") {
        Some((name, interface)) => (name, Some(interface.into())),
        None => (text, None),
    };
    EndpointName {
        name: name.to_owned(),
        interface,
    }
}

pub(super) fn write_endpoint_name(name: &EndpointName) -> String {
    let compact = match &name.interface {
        Some(interface) => format!("{} -> {interface}", name.name),
        None => name.name.clone(),
    };
    if compact_endpoint_name(&compact) == *name {
        return quoted(&compact);
    }
    let interface = name.interface.as_ref();
    let interface = interface.map(|id| format!(", interface = {}", quoted(id.as_str())));
    let interface = interface.unwrap_or_default();
    format!("{{ name = {}{interface} }}", quoted(&name.name))
}

/// A value that may be open.
pub(super) fn write_value<T>(value: &Value<T>, write: impl Fn(&T) -> String) -> String {
    match value {
        Value::Known(value) => write(value),
        Value::OneOf(values, hole) => {
            let values: Vec<_> = values.iter().map(write).collect();
            let hole = quoted(hole.attribute());
            format!("{{ one-of = [{}], hole = {hole} }}", values.join(", "))
        }
        Value::Any(hole) => format!("{{ any = {} }}", quoted(hole.attribute())),
    }
}
