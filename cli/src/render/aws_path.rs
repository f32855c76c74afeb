//! A path in the shape of AWS's Reachability Analyzer, for programs that read its analyses.
//!
//! The fields are those of `DescribeNetworkInsightsAnalyses`
//! (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PathComponent.html>). What AWS has no field for (DNS names,
//! policies, clauses, what is open) is in `--output json` only.

use model::{
    AclAction, AclEntry, Address, Clause, ComponentId, Disposition, Effect, GroupRule, Hop,
    Network, Packet, Route, RouteDestination, RouteOrigin, RouteState, RuleIndex, RulePeer,
    RulePorts, RuleTraffic, Target, Trace, TransitGatewayRoute, Transport, Value,
};
use serde_json::{Map, Value as Json, json};

use super::json::aws_code;
use super::rule::numbered;
use super::{Rendering, names};
use crate::report::{Finding, VerdictWord};

/// One analysis for each thing that was explained, as AWS's CLI prints them, with a line break at the end.
pub(crate) fn report(rendering: Rendering<'_>) -> String {
    let network = &rendering.validated.network;
    let findings = rendering.report.findings.iter();
    let analyses: Vec<Json> = findings.map(|one| analysis(one, network)).collect();
    let mut text = format!("{:#}", json!({ "NetworkInsightsAnalyses": analyses }));
    text.push('\n');
    text
}

fn analysis(finding: &Finding, network: &Network) -> Json {
    let mut json = Map::new();
    let mut put = |field: &str, value: Json| json.insert(field.to_owned(), value);
    match finding.verdict {
        VerdictWord::Proved | VerdictWord::Violated => {
            put("Status", "succeeded".into());
            let found = finding.verdict == VerdictWord::Proved;
            put("NetworkPathFound", found.into());
        }
        // Whoever reads `NetworkPathFound` must not take what is no answer for one.
        VerdictWord::Unknown | VerdictWord::Vacuous => {
            let reasons: Vec<String> = finding.reasons.iter().map(ToString::to_string).collect();
            let message = if reasons.is_empty() {
                "there is no flow to speak of".to_owned()
            } else {
                reasons.join("; ")
            };
            put("Status", "failed".into());
            put("StatusMessage", message.into());
        }
    }
    let notes = finding.notes.join("; ");
    if !notes.is_empty() {
        put("WarningMessage", notes.into());
    }
    if let Some(evidence) = &finding.evidence {
        let trace = &evidence.trace;
        let forward = components(&trace.forward, network);
        put("ForwardPathComponents", forward.into());
        put(
            "ReturnPathComponents",
            components(&trace.reply, network).into(),
        );
        if finding.verdict == VerdictWord::Violated {
            put("Explanations", explanations(trace, network).into());
        }
    }
    json.into()
}

/// The components in the order of the path. The steps that one takes after another are one entry, with its rule.
fn components(hops: &[Hop], network: &Network) -> Vec<Json> {
    let runs = hops.chunk_by(|one, next| one.component == next.component);
    let mut runs = (1_usize..).zip(runs).peekable();
    let mut components = Vec::new();
    while let Some((number, run)) = runs.next() {
        let Some(first) = run.first() else { continue };
        let mut json = Map::new();
        json.insert("SequenceNumber".to_owned(), number.into());
        json.insert("Component".to_owned(), component(&first.component, network));
        json.insert("InboundHeader".to_owned(), header(first.packet));
        let next = runs.peek().and_then(|(_, run)| run.first());
        if let Some(next) = next.filter(|next| next.packet != first.packet) {
            json.insert("OutboundHeader".to_owned(), header(next.packet));
        }
        json.extend(run.iter().filter_map(|hop| rule(hop, network)));
        components.push(json.into());
    }
    components
}

fn component(component: &ComponentId, network: &Network) -> Json {
    let mut json = Map::new();
    json.insert("Id".to_owned(), component.to_string().into());
    if let Some(name) = names::name(network, component) {
        json.insert("Name".to_owned(), name.into());
    }
    json.into()
}

fn header(packet: Packet) -> Json {
    let one = |address: Address| json!([format!("{address}/{}", address.family().width())]);
    let mut json = Map::new();
    let mut put = |field: &str, value: Json| json.insert(field.to_owned(), value);
    put("Protocol", packet.transport().protocol().to_string().into());
    put("SourceAddresses", one(packet.source()));
    put("DestinationAddresses", one(packet.destination()));
    match packet.transport() {
        Transport::Tcp {
            source_port,
            destination_port,
        }
        | Transport::Udp {
            source_port,
            destination_port,
        } => {
            put("SourcePortRanges", json!([range(source_port, source_port)]));
            let ports = range(destination_port, destination_port);
            put("DestinationPortRanges", json!([ports]));
        }
        Transport::Icmp { .. } | Transport::Icmpv6 { .. } | Transport::Other(_) => {}
    }
    json.into()
}

fn range(from: u16, to: u16) -> Json {
    json!({ "From": from, "To": to })
}

/// The rule by which a component decides, in the field that AWS has for its kind.
fn rule(hop: &Hop, network: &Network) -> Option<(String, Json)> {
    let (field, json) = match (&hop.component, hop.rule?) {
        (ComponentId::NetworkAcl(id), RuleIndex::IngressEntry(number)) => {
            let entries = &network.network_acls().get(id)?.ingress;
            ("AclRule", acl_rule(numbered(entries, number)?, false))
        }
        (ComponentId::NetworkAcl(id), RuleIndex::EgressEntry(number)) => {
            let entries = &network.network_acls().get(id)?.egress;
            ("AclRule", acl_rule(numbered(entries, number)?, true))
        }
        (ComponentId::SecurityGroup(id), RuleIndex::IngressRule(index)) => {
            let rule = network.security_groups().get(id)?.ingress.get(index)?;
            ("SecurityGroupRule", group_rule(rule, "ingress"))
        }
        (ComponentId::SecurityGroup(id), RuleIndex::EgressRule(index)) => {
            let rule = network.security_groups().get(id)?.egress.get(index)?;
            ("SecurityGroupRule", group_rule(rule, "egress"))
        }
        (ComponentId::RouteTable(id), RuleIndex::Route(index)) => {
            let route = network.route_tables().get(id)?.routes.get(index)?;
            ("RouteTableRoute", self::route(route))
        }
        (ComponentId::TransitGatewayRouteTable(id), RuleIndex::Route(index)) => {
            let table = network.transit_gateway_route_tables().get(id)?;
            let route = transit_gateway_route(table.routes.get(index)?);
            ("TransitGatewayRouteTableRoute", route)
        }
        (_, _) => return None,
    };
    Some((field.to_owned(), json))
}

fn acl_rule(entry: &AclEntry, is_egress: bool) -> Json {
    let action = match entry.action {
        AclAction::Allow => "allow",
        AclAction::Deny => "deny",
    };
    let mut json = traffic(&entry.traffic);
    json.insert("Cidr".to_owned(), entry.cidr.to_string().into());
    json.insert("Egress".to_owned(), is_egress.into());
    json.insert("RuleAction".to_owned(), action.into());
    json.insert("RuleNumber".to_owned(), entry.number.into());
    json.into()
}

fn group_rule(rule: &GroupRule, direction: &str) -> Json {
    let mut json = traffic(&rule.traffic);
    let (field, peer) = match &rule.peer {
        RulePeer::Cidr(cidr) => ("Cidr", cidr.to_string()),
        RulePeer::PrefixList(id) => ("PrefixListId", id.to_string()),
        RulePeer::Group(id) => ("SecurityGroupId", id.to_string()),
        RulePeer::OutsideGroup(name) => ("SecurityGroupId", name.clone()),
    };
    json.insert(field.to_owned(), peer.into());
    json.insert("Direction".to_owned(), direction.into());
    json.into()
}

/// The protocol by its number or `all`, and its ports.
fn traffic(traffic: &RuleTraffic) -> Map<String, Json> {
    let (protocol, ports) = match traffic {
        RuleTraffic::All => ("all".to_owned(), None),
        RuleTraffic::Tcp(ports) => ("6".to_owned(), Some(*ports)),
        RuleTraffic::Udp(ports) => ("17".to_owned(), Some(*ports)),
        RuleTraffic::Icmp(_) => ("1".to_owned(), None),
        RuleTraffic::Icmpv6(_) => ("58".to_owned(), None),
        RuleTraffic::Protocol(number) => (number.to_string(), None),
    };
    let mut json = Map::from_iter([("Protocol".to_owned(), protocol.into())]);
    if let Some(RulePorts { from, to }) = ports {
        json.insert("PortRange".to_owned(), range(from, to));
    }
    json
}

fn destination(destination: &RouteDestination) -> (&'static str, String) {
    match destination {
        RouteDestination::Cidr(cidr) => ("DestinationCidr", cidr.to_string()),
        RouteDestination::PrefixList(id) => ("DestinationPrefixListId", id.to_string()),
    }
}

/// A route, whose parts that are open are left out.
fn route(route: &Route) -> Json {
    let state = match route.state {
        RouteState::Active => "active",
        RouteState::Blackhole => "blackhole",
    };
    let origin = match route.origin {
        RouteOrigin::Static => "createroute",
        RouteOrigin::Propagated => "enablevgwroutepropagation",
    };
    let mut json = Map::new();
    json.insert("State".to_owned(), state.into());
    json.insert("Origin".to_owned(), origin.into());
    if let Value::Known(known) = &route.destination {
        let (field, text) = destination(known);
        json.insert(field.to_owned(), text.into());
    }
    if let Value::Known(known) = &route.target {
        let (field, id) = target(known);
        json.insert(field.to_owned(), id.into());
    }
    json.into()
}

fn target(target: &Target) -> (&'static str, String) {
    match target {
        Target::Local => ("GatewayId", "local".to_owned()),
        Target::InternetGateway(id) => ("GatewayId", id.to_string()),
        Target::VirtualPrivateGateway(id) => ("GatewayId", id.to_string()),
        Target::GatewayEndpoint(id) | Target::GatewayLoadBalancerEndpoint(id) => {
            ("GatewayId", id.to_string())
        }
        Target::EgressOnlyInternetGateway(id) => ("EgressOnlyInternetGatewayId", id.to_string()),
        Target::NatGateway(id) => ("NatGatewayId", id.to_string()),
        Target::Peering(id) => ("VpcPeeringConnectionId", id.to_string()),
        Target::NetworkInterface(id) => ("NetworkInterfaceId", id.to_string()),
        Target::TransitGateway(id) => ("TransitGatewayId", id.to_string()),
        Target::Unmodelled { kind, id } => match kind.as_str() {
            "core-network" => ("CoreNetworkArn", id.clone()),
            "carrier-gateway" => ("CarrierGatewayId", id.clone()),
            "local-gateway" => ("LocalGatewayId", id.clone()),
            _ => ("GatewayId", id.clone()),
        },
    }
}

fn transit_gateway_route(route: &TransitGatewayRoute) -> Json {
    let (field, text) = match &route.destination {
        RouteDestination::Cidr(cidr) => ("DestinationCidr", cidr.to_string()),
        RouteDestination::PrefixList(id) => ("PrefixListId", id.to_string()),
    };
    let mut json = Map::new();
    json.insert(field.to_owned(), text.into());
    json.insert("RouteOrigin".to_owned(), "static".into());
    match &route.target {
        Some(attachment) => {
            json.insert("State".to_owned(), "active".into());
            json.insert("AttachmentId".to_owned(), attachment.to_string().into());
        }
        None => {
            json.insert("State".to_owned(), "blackhole".into());
        }
    }
    json.into()
}

/// What stops the request, by AWS's code where it has one, or the reply, for which it has none.
fn explanations(trace: &Trace, network: &Network) -> Vec<Json> {
    let is_request = trace.decision.forward.disposition != Disposition::Delivered;
    let hops = if is_request {
        &trace.forward
    } else {
        &trace.reply
    };
    let stops = |hop: &&Hop| matches!(hop.effect, Effect::Dropped);
    let Some(hop) = hops.iter().rev().find(stops) else {
        return Vec::new();
    };
    let mut json = Map::new();
    if let Some(code) = aws_code::of(trace) {
        json.insert("ExplanationCode".to_owned(), code.into());
    }
    let directions = [
        (Clause::SecurityGroupEgress, "egress"),
        (Clause::NetworkAclEgress, "egress"),
        (Clause::SecurityGroupIngress, "ingress"),
        (Clause::NetworkAclIngress, "ingress"),
    ];
    let direction = directions.iter().find(|(clause, _)| *clause == hop.clause);
    if let Some((_, direction)) = direction {
        json.insert("Direction".to_owned(), (*direction).into());
    }
    let field = if let ComponentId::NetworkAcl(_) = hop.component {
        "Acl"
    } else if let ComponentId::RouteTable(_) = hop.component {
        "RouteTable"
    } else if let ComponentId::SecurityGroup(_) = hop.component {
        "SecurityGroup"
    } else {
        "Component"
    };
    json.insert(field.to_owned(), component(&hop.component, network));
    json.extend(rule(hop, network));
    vec![json.into()]
}
