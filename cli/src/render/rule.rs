//! Rules as text: routes, rules of groups, entries of ACLs.

use model::{
    AclAction, AclEntry, ComponentId, GroupRule, IcmpFilter, Network, PrefixListId, Route,
    RouteDestination, RouteOrigin, RouteState, RuleIndex, RulePeer, RulePorts, RuleTraffic, Target,
    TransitGatewayRoute, Value,
};

/// The rule of a component as one line.
pub(crate) fn rule(network: &Network, component: &ComponentId, rule: RuleIndex) -> Option<String> {
    match (component, rule) {
        (ComponentId::RouteTable(id), RuleIndex::Route(index)) => {
            let route = network.route_tables().get(id)?.routes.get(index)?;
            Some(self::route(network, route))
        }
        (ComponentId::TransitGatewayRouteTable(id), RuleIndex::Route(index)) => {
            let table = network.transit_gateway_route_tables().get(id)?;
            Some(transit_gateway_route(network, table.routes.get(index)?))
        }
        (ComponentId::SecurityGroup(id), RuleIndex::IngressRule(index)) => {
            let rule = network.security_groups().get(id)?.ingress.get(index)?;
            Some(group_rule(network, rule, "from"))
        }
        (ComponentId::SecurityGroup(id), RuleIndex::EgressRule(index)) => {
            let rule = network.security_groups().get(id)?.egress.get(index)?;
            Some(group_rule(network, rule, "to"))
        }
        (ComponentId::NetworkAcl(id), RuleIndex::IngressEntry(number)) => {
            let entries = &network.network_acls().get(id)?.ingress;
            Some(acl_entry(numbered(entries, number)?, "from", "inbound"))
        }
        (ComponentId::NetworkAcl(id), RuleIndex::EgressEntry(number)) => {
            let entries = &network.network_acls().get(id)?.egress;
            Some(acl_entry(numbered(entries, number)?, "to", "outbound"))
        }
        (_, rule) => Some(index(rule)),
    }
}

/// The entry of an ACL with a number.
pub(super) fn numbered(entries: &[AclEntry], number: u16) -> Option<&AclEntry> {
    entries.iter().find(|entry| entry.number == number)
}

/// The index of a rule for machines: `route 3`, `inbound entry 100`.
pub(crate) fn index(rule: RuleIndex) -> String {
    match rule {
        RuleIndex::Route(index) => format!("route {index}"),
        RuleIndex::IngressRule(index) => format!("inbound rule {index}"),
        RuleIndex::EgressRule(index) => format!("outbound rule {index}"),
        RuleIndex::IngressEntry(number) => format!("inbound entry {number}"),
        RuleIndex::EgressEntry(number) => format!("outbound entry {number}"),
    }
}

/// A route: `0.0.0.0/0 -> nat-1`.
pub(crate) fn route(network: &Network, route: &Route) -> String {
    let destination = match &route.destination {
        Value::Known(RouteDestination::Cidr(cidr)) => cidr.to_string(),
        Value::Known(RouteDestination::PrefixList(id)) => prefix_list(network, id),
        Value::OneOf(_, hole) | Value::Any(hole) => format!("({hole})"),
    };
    let target = match &route.target {
        Value::Known(target) => self::target(target),
        Value::OneOf(_, hole) | Value::Any(hole) => format!("({hole})"),
    };
    let state = match route.state {
        RouteState::Active => "",
        RouteState::Blackhole => ", blackhole",
    };
    let origin = match route.origin {
        RouteOrigin::Static => "",
        RouteOrigin::Propagated => ", propagated",
    };
    format!("route {destination} -> {target}{state}{origin}")
}

/// A static route of a transit gateway's table.
pub(crate) fn transit_gateway_route(network: &Network, route: &TransitGatewayRoute) -> String {
    let destination = match &route.destination {
        RouteDestination::Cidr(cidr) => cidr.to_string(),
        RouteDestination::PrefixList(id) => prefix_list(network, id),
    };
    match &route.target {
        Some(attachment) => format!("route {destination} -> {attachment}"),
        None => format!("route {destination} -> blackhole"),
    }
}

/// A prefix list by its id and name.
fn prefix_list(network: &Network, id: &PrefixListId) -> String {
    match network.prefix_lists().get(id) {
        Some(list) if list.name != id.as_str() => format!("{id} ({})", list.name),
        Some(_) | None => id.to_string(),
    }
}

pub(crate) fn target(target: &Target) -> String {
    match target {
        Target::Local => "local".to_owned(),
        Target::InternetGateway(id) => id.to_string(),
        Target::EgressOnlyInternetGateway(id) => id.to_string(),
        Target::NatGateway(id) => id.to_string(),
        Target::Peering(id) => id.to_string(),
        Target::GatewayEndpoint(id) | Target::GatewayLoadBalancerEndpoint(id) => id.to_string(),
        Target::NetworkInterface(id) => id.to_string(),
        Target::TransitGateway(id) => id.to_string(),
        Target::VirtualPrivateGateway(id) => id.to_string(),
        Target::Unmodelled { kind, id } => format!("{kind} {id}"),
    }
}

/// A rule of a group, `way` being `from` or `to`.
pub(super) fn group_rule(network: &Network, rule: &GroupRule, way: &str) -> String {
    let peer = match &rule.peer {
        RulePeer::Cidr(cidr) => cidr.to_string(),
        RulePeer::PrefixList(id) => prefix_list(network, id),
        RulePeer::Group(id) => {
            let group = network.security_groups().get(id);
            match group.map(|group| group.name.as_str()) {
                Some(name) if !name.is_empty() && name != id.as_str() => format!("{id} ({name})"),
                Some(_) | None => id.to_string(),
            }
        }
        RulePeer::OutsideGroup(name) => name.clone(),
    };
    format!("allows {} {way} {peer}", traffic(&rule.traffic))
}

/// An entry of an ACL, `way` being `from` or `to`.
pub(super) fn acl_entry(entry: &AclEntry, way: &str, direction: &str) -> String {
    let action = match entry.action {
        AclAction::Allow => "allows",
        AclAction::Deny => "denies",
    };
    let (number, traffic) = (entry.number, traffic(&entry.traffic));
    format!(
        "{direction} entry {number} {action} {traffic} {way} {}",
        entry.cidr
    )
}

/// The protocol part of a rule.
pub(crate) fn traffic(traffic: &RuleTraffic) -> String {
    match traffic {
        RuleTraffic::All => "all traffic".to_owned(),
        RuleTraffic::Tcp(ports) => format!("tcp{}", self::ports(*ports)),
        RuleTraffic::Udp(ports) => format!("udp{}", self::ports(*ports)),
        RuleTraffic::Icmp(filter) => format!("icmp{}", icmp(*filter)),
        RuleTraffic::Icmpv6(filter) => format!("icmpv6{}", icmp(*filter)),
        RuleTraffic::Protocol(number) => format!("protocol/{number}"),
    }
}

fn ports(ports: RulePorts) -> String {
    match (ports.from, ports.to) {
        (0, u16::MAX) => String::new(),
        (from, to) if from == to => format!("/{from}"),
        (from, to) => format!("/{from}-{to}"),
    }
}

fn icmp(filter: IcmpFilter) -> String {
    match (filter.icmp_type, filter.code) {
        (None, _) => String::new(),
        (Some(kind), None) => format!("/{kind}"),
        (Some(kind), Some(code)) => format!("/{kind}/{code}"),
    }
}
