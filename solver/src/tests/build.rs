//! The smallest networks, and one-line flows and answers.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AclAction, AclEntry, ActionElement, Address, AddressValue, Attachment, AttachmentKind,
    AuthorizationRule, BlockPublicAccess, Cidr, Claim, ClientVpnEndpoint, ClientVpnRoute, Decision,
    DirectConnectAssociation, EndpointKind, EndpointService, Engine, Family, Flow, GroupRule, Hole,
    InterfaceAddress, InternetGateway, Invariant, Listener, ListenerProtocol, LoadBalancer,
    LoadBalancerKind, Middlebox, NatGateway, Network, NetworkAcl, NetworkDraft, NetworkInterface,
    OnPremisesGateway, OnPremisesService, Origin, Outcome, Packet, Peering, PeeringEnd, Place,
    Policy, PolicyEffect, PortRange, PrincipalElement, PrincipalPattern, Quantifier,
    RegisteredTarget, ResourceElement, Route, RouteDestination, RouteOrigin, RouteState,
    RouteTable, RulePeer, RulePorts, RuleTraffic, Scope, SecurityGroup, Source, Statement, Subnet,
    Target, TargetDestination, TargetGroup, Traffic, TrafficClass, TransitGateway,
    TransitGatewayAttachment, TransitGatewayRoute, TransitGatewayRouteTable, Transport, Value,
    VirtualPrivateGateway, Vpc, VpcEndpoint,
};

use crate::Solver;

pub(super) fn block(text: &str) -> Cidr {
    text.parse().expect("a block")
}

pub(super) fn address(text: &str) -> Address {
    let address: std::net::IpAddr = text.parse().expect("an address");
    address.into()
}

pub(super) fn hole(text: &str) -> Hole {
    Hole::new(text)
}

/// A VPC with its main table, whose name is the VPC's and `-main`.
pub(super) fn vpc(draft: &mut NetworkDraft, id: &str, blocks: &[&str]) {
    let cidrs: Vec<Cidr> = blocks.iter().map(|text| block(text)).collect();
    let main = format!("{id}-main");
    draft.route_tables.push(RouteTable {
        id: main.as_str().into(),
        vpc: id.into(),
        routes: cidrs.iter().map(|cidr| local(*cidr)).collect(),
        tags: BTreeMap::new(),
    });
    draft.vpcs.push(Vpc {
        id: id.into(),
        region: "eu-west-1".to_owned(),
        account: None,
        cidrs,
        main_route_table: main.as_str().into(),
        dns_support: true,
        dns_hostnames: true,
        custom_dns_servers: false,
        inbound_resolver: model::InboundResolver::Unknown,
        block_public_access: Value::Known(BlockPublicAccess::Off),
        exclusion: None,
        dns_firewall: Vec::new(),
        tags: BTreeMap::new(),
    });
    let open = vec![allow(100, "0.0.0.0/0"), allow(101, "::/0")];
    acl(draft, &format!("{id}-open"), id, open);
    group(draft, &format!("{id}-open"), id, vec![any()], vec![any()]);
}

/// A group's rules for everything, of both families at once: one rule each.
fn any() -> GroupRule {
    rule(RuleTraffic::All, "0.0.0.0/0")
}

pub(super) fn rule(traffic: RuleTraffic, peer: &str) -> GroupRule {
    GroupRule {
        traffic,
        peer: RulePeer::Cidr(block(peer)),
    }
}

pub(super) fn tcp(from: u16, to: u16) -> RuleTraffic {
    RuleTraffic::Tcp(RulePorts { from, to })
}

pub(super) fn group(
    draft: &mut NetworkDraft,
    id: &str,
    vpc: &str,
    ingress: Vec<GroupRule>,
    egress: Vec<GroupRule>,
) {
    draft.security_groups.push(SecurityGroup {
        id: id.into(),
        vpc: vpc.into(),
        name: id.to_owned(),
        ingress,
        egress,
        tags: BTreeMap::new(),
    });
}

pub(super) fn allow(number: u16, cidr: &str) -> AclEntry {
    entry(number, AclAction::Allow, RuleTraffic::All, cidr)
}

pub(super) fn entry(number: u16, action: AclAction, traffic: RuleTraffic, cidr: &str) -> AclEntry {
    AclEntry {
        number,
        action,
        traffic,
        cidr: block(cidr),
    }
}

pub(super) fn local(cidr: Cidr) -> Route {
    route(RouteDestination::Cidr(cidr), Target::Local)
}

pub(super) fn route(destination: RouteDestination, target: Target) -> Route {
    Route {
        destination: Value::Known(destination),
        target: Value::Known(target),
        origin: RouteOrigin::Static,
        state: RouteState::Active,
    }
}

pub(super) fn to(cidr: &str, target: Target) -> Route {
    route(RouteDestination::Cidr(block(cidr)), target)
}

/// A subnet of a VPC with the VPC's open ACL and main table.
pub(super) fn subnet(draft: &mut NetworkDraft, id: &str, vpc: &str, blocks: &[&str]) {
    draft.subnets.push(Subnet {
        id: id.into(),
        vpc: vpc.into(),
        cidrs: blocks.iter().map(|text| block(text)).collect(),
        zone: None,
        zone_id: None,
        dns64: false,
        exclusion: None,
        route_table: None,
        network_acl: Value::Known(format!("{vpc}-open").as_str().into()),
        tags: BTreeMap::new(),
    });
}

/// An interface; an address is `private` or `private=public`.
pub(super) fn interface(
    draft: &mut NetworkDraft,
    id: &str,
    subnet: &str,
    addresses: &[&str],
    groups: &[&str],
) {
    let known = |text: &str| AddressValue::Known(address(text));
    let addresses = addresses.iter().map(|text| match text.split_once('=') {
        Some((private, public)) => InterfaceAddress {
            private: known(private),
            public: Some(known(public)),
        },
        None => InterfaceAddress {
            private: known(text),
            public: None,
        },
    });
    draft.network_interfaces.push(NetworkInterface {
        id: id.into(),
        subnet: subnet.into(),
        addresses: addresses.collect(),
        groups: Value::Known(groups.iter().map(|group| (*group).into()).collect()),
        source_destination_check: true,
        middlebox: Middlebox::Unknown,
        attachment: Attachment::Ordinary { instance: None },
        tags: BTreeMap::new(),
    });
}

/// One VPC, two subnets, `a` and `b` with an interface each: the network that most tests change.
pub(super) fn two_subnets() -> NetworkDraft {
    let mut draft = NetworkDraft::default();
    vpc(&mut draft, "v", &["10.0.0.0/16"]);
    subnet(&mut draft, "s", "v", &["10.0.1.0/24"]);
    subnet(&mut draft, "d", "v", &["10.0.2.0/24"]);
    interface(&mut draft, "a", "s", &["10.0.1.10"], &["v-open"]);
    interface(&mut draft, "b", "d", &["10.0.2.10"], &["v-open"]);
    draft
}

pub(super) fn valid(draft: NetworkDraft) -> Network {
    draft.validate().expect("a valid network")
}

/// `tcp/443` (from port 40000), `tcp/1234>443`, `udp/53`, `icmp/8/0`, `protocol/47`.
pub(super) fn transport(text: &str) -> Transport {
    let (protocol, rest) = text.split_once('/').expect("protocol and value");
    let number = |text: &str| text.parse::<u16>().expect("a number");
    let ports = || match rest.split_once('>') {
        Some((from, to)) => (number(from), number(to)),
        None => (40000, number(rest)),
    };
    let kind = || {
        let (icmp_type, code) = rest.split_once('/').expect("type and code");
        (number(icmp_type) as u8, number(code) as u8)
    };
    match protocol {
        "tcp" => Transport::Tcp {
            source_port: ports().0,
            destination_port: ports().1,
        },
        "udp" => Transport::Udp {
            source_port: ports().0,
            destination_port: ports().1,
        },
        "icmp" => Transport::Icmp {
            icmp_type: kind().0,
            code: kind().1,
        },
        "icmpv6" => Transport::Icmpv6 {
            icmp_type: kind().0,
            code: kind().1,
        },
        "protocol" => Transport::other(number(rest) as u8).expect("another protocol"),
        other => panic!("protocol {other}"),
    }
}

/// `a 10.0.1.10 -> 10.0.2.10 tcp/443`, and ` pick 1.2` behind it; a gateway on premises is `gateway:g` or
/// `attachment:t`.
pub(super) fn flow(text: &str) -> Flow {
    let words: Vec<&str> = text.split_whitespace().collect();
    let source = match words[0].split_once(':') {
        Some(("gateway", id)) => Source::OnPremises(OnPremisesGateway::VirtualPrivate(id.into())),
        Some((_, id)) => Source::OnPremises(OnPremisesGateway::Transit(id.into())),
        None if words[0] == "internet" => Source::Internet,
        None => Source::Interface(words[0].into()),
    };
    let packet = Packet::new(address(words[1]), address(words[3]), transport(words[4]));
    let mut flow = Flow::new(source, packet.expect("one family"));
    if let Some(picks) = words.get(6) {
        let picks = picks.split('.').map(|pick| pick.parse().expect("a number"));
        flow.picks = picks.collect();
    }
    flow
}

/// `delivered interface-accepts; reply delivered reply-returns`.
pub(super) fn said(decision: &Decision) -> String {
    let outcome = |outcome: &Outcome| format!("{} {}", outcome.disposition, outcome.clause);
    match &decision.reply {
        None => outcome(&decision.forward),
        Some(reply) => format!("{}; reply {}", outcome(&decision.forward), outcome(reply)),
    }
}

/// Asserts what is decided of each line `flow => answer`.
pub(super) fn assert_decides(draft: NetworkDraft, lines: &str) {
    let solver = Solver::load(&valid(draft));
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (question, answer) = line.split_once("=>").expect("flow => answer");
        let decision = solver.decide(&flow(question));
        assert_eq!(said(&decision), answer.trim(), "{question}");
    }
}

pub(super) fn ids<T: for<'a> From<&'a str> + Ord>(names: &[&str]) -> BTreeSet<T> {
    names.iter().map(|name| (*name).into()).collect()
}

pub(super) fn add_route(draft: &mut NetworkDraft, table: &str, route: Route) {
    let tables = &mut draft.route_tables;
    let table = tables.iter_mut().find(|one| one.id.as_str() == table);
    table.expect("a table").routes.push(route);
}

/// A further table of a VPC, with its local routes.
pub(super) fn table(draft: &mut NetworkDraft, id: &str, vpc: &str) {
    let found = draft.vpcs.iter().find(|one| one.id.as_str() == vpc);
    let cidrs = found.expect("a VPC").cidrs.clone();
    draft.route_tables.push(RouteTable {
        id: id.into(),
        vpc: vpc.into(),
        routes: cidrs.into_iter().map(local).collect(),
        tags: BTreeMap::new(),
    });
}

/// An ACL with the same entries in both directions.
pub(super) fn acl(draft: &mut NetworkDraft, id: &str, vpc: &str, entries: Vec<AclEntry>) {
    draft.network_acls.push(NetworkAcl {
        id: id.into(),
        vpc: vpc.into(),
        ingress: entries.clone(),
        egress: entries,
        tags: BTreeMap::new(),
    });
}

pub(super) fn tcp_traffic(destination_ports: PortRange) -> Traffic {
    Traffic {
        classes: vec![TrafficClass::Tcp {
            source_ports: 0..=65535,
            destination_ports,
        }],
    }
}

pub(super) fn to_interfaces(names: &[&str]) -> Place {
    Place::Interfaces {
        interfaces: ids(names),
        public_from_inside: false,
    }
}

fn invariant(origin: Origin, place: Place, claim: Claim) -> Invariant {
    Invariant {
        name: "claim".into(),
        quantifier: Quantifier::Every,
        scope: Scope {
            from: vec![origin],
            to: vec![place],
            traffic: tcp_traffic(0..=65535),
            families: BTreeSet::from([Family::V4, Family::V6]),
            relayed: false,
            request: None,
        },
        premise: None,
        claim,
    }
}

/// Every TCP flow from these interfaces to this place.
pub(super) fn every(names: &[&str], place: Place, claim: Claim) -> Invariant {
    invariant(Origin::Interfaces(ids(names)), place, claim)
}

/// Every TCP flow from the internet to this place.
pub(super) fn every_from_internet(place: Place, claim: Claim) -> Invariant {
    invariant(Origin::Internet(None), place, claim)
}

/// Every TCP flow from on premises to this place.
pub(super) fn every_from_on_premises(place: Place, claim: Claim) -> Invariant {
    invariant(
        Origin::OnPremises {
            blocks: None,
            resolver: None,
        },
        place,
        claim,
    )
}

pub(super) fn interface_mut<'a>(draft: &'a mut NetworkDraft, id: &str) -> &'a mut NetworkInterface {
    let interfaces = &mut draft.network_interfaces;
    let found = interfaces.iter_mut().find(|one| one.id.as_str() == id);
    found.expect("an interface")
}

pub(super) fn last_interface(draft: &mut NetworkDraft) -> &mut NetworkInterface {
    draft.network_interfaces.last_mut().expect("an interface")
}

pub(super) fn set_groups(draft: &mut NetworkDraft, id: &str, groups: &[&str]) {
    interface_mut(draft, id).groups = Value::Known(ids(groups));
}

pub(super) fn set_public(draft: &mut NetworkDraft, id: &str, public: &str) {
    let public = AddressValue::Known(address(public));
    interface_mut(draft, id).addresses[0].public = Some(public);
}

/// IPv6 blocks for the two subnets, and an address each.
pub(super) fn add_ipv6(draft: &mut NetworkDraft) {
    draft.vpcs[0].cidrs.push(block("2600::/16"));
    for table in draft
        .route_tables
        .iter_mut()
        .filter(|one| one.vpc.as_str() == "v")
    {
        table.routes.push(local(block("2600::/16")));
    }
    for (subnet, text) in [(0, "2600:1::/64"), (1, "2600:2::/64")] {
        draft.subnets[subnet].cidrs.push(block(text));
    }
    for (id, text) in [("a", "2600:1::10"), ("b", "2600:2::10")] {
        interface_mut(draft, id).addresses.push(InterfaceAddress {
            private: AddressValue::Known(address(text)),
            public: None,
        });
    }
}

pub(super) fn open_to_ipv6(draft: &mut NetworkDraft) {
    let groups = &mut draft.security_groups;
    let open = groups.iter_mut().find(|one| one.id.as_str() == "v-open");
    let open = open.expect("the open group");
    open.ingress.push(rule(RuleTraffic::All, "::/0"));
    open.egress.push(rule(RuleTraffic::All, "::/0"));
}

pub(super) fn internet_gateway(draft: &mut NetworkDraft, vpc: &str) {
    draft.internet_gateways.push(InternetGateway {
        id: "igw".into(),
        vpc: Some(vpc.into()),
        edge_route_table: None,
        tags: BTreeMap::new(),
    });
}

pub(super) fn peering(draft: &mut NetworkDraft, id: &str, one: &str, other: &str) {
    draft.peerings.push(Peering {
        id: id.into(),
        requester: PeeringEnd::Vpc(one.into()),
        accepter: PeeringEnd::Vpc(other.into()),
        active: true,
        tags: BTreeMap::new(),
    });
}

/// An endpoint of VPC v with a policy that permits everything.
pub(super) fn endpoint(id: &str, service: &str) -> VpcEndpoint {
    VpcEndpoint {
        id: id.into(),
        vpc: "v".into(),
        service: service.to_owned(),
        available: true,
        kind: EndpointKind::Unmodelled("none".to_owned()),
        policy: Value::Known(Policy {
            statements: vec![statement(PolicyEffect::Allow, "*", "*")],
            variables: false,
        }),
        tags: BTreeMap::new(),
    }
}

pub(super) fn statement(effect: PolicyEffect, action: &str, resource: &str) -> Statement {
    Statement {
        sid: None,
        effect,
        principal: PrincipalElement::Principal(vec![PrincipalPattern::Everyone]),
        action: ActionElement::Action(vec![action.to_owned()]),
        resource: ResourceElement::Resource(vec![resource.into()]),
        conditions: vec![],
    }
}

/// An interface endpoint with one interface in the subnet `d`.
pub(super) fn interface_endpoint(
    draft: &mut NetworkDraft,
    id: &str,
    service: &str,
    interface_id: &str,
    private: &str,
) {
    draft.vpc_endpoints.push(VpcEndpoint {
        kind: EndpointKind::Interface {
            interfaces: ids(&[interface_id]),
            private_dns: true,
            private_dns_inbound_only: false,
            private_names: BTreeSet::new(),
            specific_names: Value::Known(BTreeSet::new()),
        },
        ..endpoint(id, service)
    });
    interface(draft, interface_id, "d", &[private], &["v-open"]);
    last_interface(draft).attachment = Attachment::VpcEndpoint(id.into());
}

/// A NAT gateway in the subnet `s`.
pub(super) fn nat_gateway(draft: &mut NetworkDraft) {
    draft.nat_gateways.push(NatGateway {
        id: "nat".into(),
        subnet: "s".into(),
        interface: "nat-if".into(),
        available: true,
        tags: BTreeMap::new(),
    });
    interface(draft, "nat-if", "s", &["10.0.1.200=52.0.0.200"], &[]);
    last_interface(draft).attachment = Attachment::NatGateway("nat".into());
}

/// Uses a table of its own for a subnet, with further routes.
pub(super) fn route_by(draft: &mut NetworkDraft, subnet: &str, routes: &[(&str, Target)]) {
    let found = draft
        .subnets
        .iter()
        .position(|one| one.id.as_str() == subnet);
    let found = found.expect("a subnet");
    let id = format!("{subnet}-table");
    let vpc = draft.subnets[found].vpc.to_string();
    if draft.subnets[found].route_table.is_none() {
        table(draft, &id, &vpc);
        draft.subnets[found].route_table = Some(Value::Known(id.as_str().into()));
    }
    for (cidr, target) in routes {
        add_route(draft, &id, to(cidr, target.clone()));
    }
}

/// An interface without a check, as the target of routes.
pub(super) fn appliance(draft: &mut NetworkDraft, id: &str, subnet: &str, private: &str) -> Target {
    let vpc = draft.subnets.iter().find(|one| one.id.as_str() == subnet);
    let open = format!("{}-open", vpc.expect("a subnet").vpc);
    interface(draft, id, subnet, &[private], &[&open]);
    let appliance = last_interface(draft);
    appliance.source_destination_check = false;
    appliance.middlebox = Middlebox::Forwards;
    Target::NetworkInterface(id.into())
}

/// A Gateway Load Balancer endpoint of VPC v, whose appliances forward.
pub(super) fn inspection_endpoint(draft: &mut NetworkDraft, id: &str, subnet: &str) -> Target {
    draft.vpc_endpoints.push(VpcEndpoint {
        kind: EndpointKind::GatewayLoadBalancer {
            subnet: subnet.into(),
            middlebox: Middlebox::Forwards,
        },
        ..endpoint(id, "com.amazonaws.vpce.eu-west-1.vpce-svc-1")
    });
    Target::GatewayLoadBalancerEndpoint(id.into())
}

pub(super) fn transit_gateway(draft: &mut NetworkDraft, id: &str) -> Target {
    draft.transit_gateways.push(TransitGateway {
        id: id.into(),
        security_group_referencing: false,
        tags: BTreeMap::new(),
    });
    Target::TransitGateway(id.into())
}

/// An attachment that is associated with a table; of VPCs with these subnets.
pub(super) fn attach(
    draft: &mut NetworkDraft,
    id: &str,
    gateway: &str,
    table: &str,
    kind: AttachmentKind,
) {
    draft
        .transit_gateway_attachments
        .push(TransitGatewayAttachment {
            id: id.into(),
            gateway: gateway.into(),
            available: true,
            kind,
            association: Some(Value::Known(table.into())),
            tags: BTreeMap::new(),
        });
}

pub(super) fn of_vpc(vpc: &str, subnets: &[&str]) -> AttachmentKind {
    AttachmentKind::Vpc {
        vpc: vpc.into(),
        subnets: ids(subnets),
        appliance_mode: false,
        ipv6_support: false,
        security_group_referencing: false,
    }
}

/// A transit gateway's table; a route to an empty name is a blackhole.
pub(super) fn transit_table(
    draft: &mut NetworkDraft,
    id: &str,
    gateway: &str,
    routes: &[(&str, &str)],
    propagations: &[&str],
) {
    let routes = routes.iter().map(|(cidr, to)| TransitGatewayRoute {
        destination: RouteDestination::Cidr(block(cidr)),
        target: (!to.is_empty()).then(|| (*to).into()),
    });
    draft
        .transit_gateway_route_tables
        .push(TransitGatewayRouteTable {
            id: id.into(),
            gateway: gateway.into(),
            routes: routes.collect(),
            propagations: ids(propagations),
            tags: BTreeMap::new(),
        });
}

/// A virtual private gateway of a VPC that knows these blocks.
pub(super) fn virtual_private_gateway(
    draft: &mut NetworkDraft,
    id: &str,
    vpc: &str,
    prefixes: &[&str],
) -> Target {
    draft.virtual_private_gateways.push(VirtualPrivateGateway {
        id: id.into(),
        vpc: Some(vpc.into()),
        edge_route_table: None,
        prefixes: Value::Known(prefixes.iter().map(|text| block(text)).collect()),
        tags: BTreeMap::new(),
    });
    Target::VirtualPrivateGateway(id.into())
}

/// An attachment that leads on premises, and knows these blocks.
pub(super) fn on_premises(service: OnPremisesService, prefixes: &[&str]) -> AttachmentKind {
    AttachmentKind::OnPremises {
        service,
        prefixes: Value::Known(prefixes.iter().map(|text| block(text)).collect()),
    }
}

/// An association of a Direct Connect gateway, without other ways.
pub(super) fn direct_connect(
    draft: &mut NetworkDraft,
    id: &str,
    gateway: OnPremisesGateway,
    allowed: &[&str],
) {
    draft
        .direct_connect_associations
        .push(DirectConnectAssociation {
            id: id.into(),
            gateway,
            allowed_prefixes: Value::Known(allowed.iter().map(|text| block(text)).collect()),
            other_ways: false,
            tags: BTreeMap::new(),
        });
}

/// A Client VPN endpoint with interfaces that the network has. Rules `10.0.0.0/16`, or `10.0.0.0/16 group`; routes
/// `10.0.0.0/16 subnet`, or `10.0.0.0/16` to other clients.
pub(super) fn client_vpn_endpoint(
    draft: &mut NetworkDraft,
    id: &str,
    interfaces: &[&str],
    rules: &[&str],
    routes: &[&str],
) {
    for interface in interfaces {
        interface_mut(draft, interface).attachment = Attachment::Other("client VPN".to_owned());
    }
    draft.client_vpn_endpoints.push(ClientVpnEndpoint {
        id: id.into(),
        interfaces: ids(interfaces),
        authorization_rules: Value::Known(authorization_rules(rules)),
        routes: Value::Known(client_vpn_routes(routes)),
        tags: BTreeMap::new(),
    });
}

/// A block and what is behind it.
fn block_and(text: &str) -> (Cidr, Option<&str>) {
    match text.split_once(' ') {
        Some((cidr, other)) => (block(cidr), Some(other)),
        None => (block(text), None),
    }
}

pub(super) fn authorization_rules(rules: &[&str]) -> BTreeSet<AuthorizationRule> {
    let rules = rules.iter().map(|text| block_and(text));
    let rules = rules.map(|(destination, group)| AuthorizationRule {
        destination,
        group: group.map(str::to_owned),
    });
    rules.collect()
}

pub(super) fn client_vpn_routes(routes: &[&str]) -> BTreeSet<ClientVpnRoute> {
    let routes = routes.iter().map(|text| block_and(text));
    let routes = routes.map(|(destination, subnet)| ClientVpnRoute {
        destination,
        subnet: subnet.map(Into::into),
    });
    routes.collect()
}

pub(super) fn zone(draft: &mut NetworkDraft, subnet: &str, zone: &str) {
    let found = draft
        .subnets
        .iter_mut()
        .find(|one| one.id.as_str() == subnet);
    found.expect("a subnet").zone_id = Some(zone.to_owned());
}

pub(super) fn nlb(draft: &mut NetworkDraft, id: &str) {
    load_balancer(draft, id, LoadBalancerKind::Network);
}

pub(super) fn alb(draft: &mut NetworkDraft, id: &str) {
    load_balancer(draft, id, LoadBalancerKind::Application);
}

fn load_balancer(draft: &mut NetworkDraft, id: &str, kind: LoadBalancerKind) {
    draft.load_balancers.push(LoadBalancer {
        name: None,
        id: id.into(),
        kind,
        interfaces: BTreeSet::new(),
        listeners: Value::Known(Vec::new()),
        private_link_ingress: true,
        tags: BTreeMap::new(),
    });
}

/// A node of the load balancer that was added last, with the open group of its VPC.
pub(super) fn node(draft: &mut NetworkDraft, id: &str, subnet: &str, addresses: &[&str]) {
    let found = draft.subnets.iter().find(|one| one.id.as_str() == subnet);
    let open = format!("{}-open", found.expect("a subnet").vpc);
    interface(draft, id, subnet, addresses, &[&open]);
    let of = draft.load_balancers.last_mut().expect("a load balancer");
    of.interfaces.insert(id.into());
    let of = of.id.clone();
    last_interface(draft).attachment = Attachment::LoadBalancer(of);
}

/// A listener of the load balancer that was added last.
pub(super) fn listens(
    draft: &mut NetworkDraft,
    protocol: ListenerProtocol,
    port: u16,
    groups: &[&str],
) {
    let of = draft.load_balancers.last_mut().expect("a load balancer");
    let Value::Known(listeners) = &mut of.listeners else {
        panic!("known listeners");
    };
    listeners.push(Listener {
        protocol,
        port,
        target_groups: ids(groups),
    });
}

/// A cross-zone group of IPv4 targets that see the node; a target is `interface:b>8080`, `address:10.0.2.10>8080` or
/// `alb:web>80`.
pub(super) fn target_group(draft: &mut NetworkDraft, id: &str, targets: &[&str]) {
    let targets = targets.iter().map(|text| {
        let (place, port) = text.split_once('>').expect("place and port");
        let (kind, name) = place.split_once(':').expect("kind and name");
        RegisteredTarget {
            destination: match kind {
                "interface" => TargetDestination::Interface(name.into()),
                "address" => TargetDestination::Address(address(name)),
                _ => TargetDestination::LoadBalancer(name.into()),
            },
            port: port.parse().expect("a port"),
        }
    });
    draft.target_groups.push(TargetGroup {
        id: id.into(),
        family: Family::V4,
        preserve_client_address: false,
        cross_zone: true,
        targets: Value::Known(targets.collect()),
        tags: BTreeMap::new(),
    });
}

/// An endpoint service in front of a load balancer.
pub(super) fn endpoint_service(draft: &mut NetworkDraft, id: &str, load_balancers: &[&str]) {
    draft.endpoint_services.push(EndpointService {
        id: id.into(),
        name: format!("com.amazonaws.vpce.eu-west-1.{id}"),
        load_balancers: ids(load_balancers),
        allowed_principals: Value::Known(BTreeSet::new()),
        acceptance_required: Value::Known(true),
        tags: BTreeMap::new(),
    });
}
