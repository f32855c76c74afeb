//! Candidates: which edits may move a blocked packet on, read off the step that drops it.
//!
//! Nothing here decides whether an edit helps: each candidate is tried, and what does not move the
//! packet on is dropped. So these are guesses of a person who looks at the step, in the order in
//! which such a person would try them.

use model::{
    AclEntry, Address, Answer, ComponentId, Direction, EndpointKind, Hop, IcmpFilter, Network,
    NetworkInterface, Packet, RouteTable, RuleIndex, RulePeer, RulePorts, RuleTraffic, Subnet,
    Trace, Transport, Value, VpcEndpointId, VpcId,
};

use super::edit::{Edit, Side};
use super::goal::{Seen, Standing, blocking};
use super::remedy::{Remedy, remedy};
use super::route;
use crate::asker;
use crate::blocks;
use crate::miss;

/// How many groups of an interface, or of the one at the other end, are tried.
const MOST_GROUPS: usize = 4;
/// The ports that AWS advises to let back in, whatever clients ask.
const EPHEMERAL_PORTS: RulePorts = RulePorts {
    from: 1024,
    to: u16::MAX,
};
/// The last number that an entry of an ACL can have.
const LAST_NUMBER: u16 = 32_766;

/// One thing to do in several forms, the narrowest first: the first that moves the packet on is
/// taken.
pub(super) type Candidate = Vec<Vec<Edit>>;

/// What may be tried, and why nothing may where that is so.
#[derive(Default)]
pub(super) struct Candidates {
    pub(super) list: Vec<Candidate>,
    /// The step for which no edit is known, and why.
    pub(super) lack: Option<String>,
}

/// The candidates for a network that stands so.
pub(super) fn candidates(network: &Network, seen: &Seen) -> Candidates {
    let mut found = Candidates {
        list: of_names(network, seen),
        lack: None,
    };
    let trace = match &seen.standing {
        Standing::Open => return found,
        Standing::Nothing => {
            found.lack = Some("nothing means an address to send to".to_owned());
            return found;
        }
        Standing::Blocked(trace) => trace,
    };
    let Some((direction, hop)) = blocking(trace) else {
        found.lack = Some("it arrives elsewhere, or what is open decides".to_owned());
        return found;
    };
    let step = Step {
        network,
        trace,
        direction,
        hop,
    };
    match remedy(hop.clause) {
        Remedy::GroupRule(side) => found.list.extend(step.group_rules(side)),
        Remedy::AclEntry(side) => found.list.extend(step.acl_entries(side)),
        Remedy::Route => found.list.extend(step.routes()),
        Remedy::AttachInternetGateway => {
            found.list.extend(step.attach());
            found.list.extend(step.routes());
        }
        Remedy::AcceptPeering => {
            if let ComponentId::Peering(id) = &hop.component {
                found.list.push(vec![vec![Edit::AcceptPeering(id.clone())]]);
            }
        }
        Remedy::AttachSubnet => found.list.extend(step.attach_subnet()),
        Remedy::SourceDestinationCheck => {
            if let ComponentId::NetworkInterface(id) = &hop.component {
                let edit = Edit::DisableSourceDestinationCheck(id.clone());
                found.list.push(vec![vec![edit]]);
            }
        }
        Remedy::ExcludeSubnet => {
            if let ComponentId::Subnet(id) = &hop.component {
                found.list.push(vec![vec![Edit::ExcludeSubnet(id.clone())]]);
            }
        }
        Remedy::None(why) => found.lack = Some(format!("{} ({why})", hop.clause)),
        Remedy::DropsNothing => found.lack = Some(hop.clause.to_string()),
    }
    found
}

/// The step that drops.
pub(super) struct Step<'a> {
    pub(super) network: &'a Network,
    pub(super) trace: &'a Trace,
    pub(super) direction: Direction,
    pub(super) hop: &'a Hop,
}

impl Step<'_> {
    fn group_rules(&self, side: Side) -> Vec<Candidate> {
        let ComponentId::NetworkInterface(id) = &self.hop.component else {
            return Vec::new();
        };
        let interface = self.network.network_interfaces().get(id);
        let groups = interface.and_then(|interface| interface.groups.known());
        let packet = self.hop.packet;
        let other = match side {
            Side::Inbound => packet.source(),
            Side::Outbound => packet.destination(),
        };
        let peers = self.peers(other);
        let of_group = |group: &model::SecurityGroupId| {
            let rule = |peer: &RulePeer| {
                vec![Edit::AddGroupRule {
                    group: group.clone(),
                    side,
                    traffic: traffic(packet.transport()),
                    peer: peer.clone(),
                }]
            };
            peers.iter().map(rule).collect()
        };
        let groups = groups.into_iter().flatten();
        groups.take(MOST_GROUPS).map(of_group).collect()
    }

    /// The other end as rules can say it: the list of a service, a group, its address alone.
    fn peers(&self, other: Address) -> Vec<RulePeer> {
        let mut peers = Vec::new();
        for list in self.network.prefix_lists().values() {
            let entries = list.entries.known().into_iter().flatten();
            if list.aws_managed && entries.clone().any(|entry| blocks::holds(*entry, other)) {
                peers.push(RulePeer::PrefixList(list.id.clone()));
            }
        }
        let owner = |one: &&NetworkInterface| miss::private_addresses(one).any(|own| own == other);
        for interface in self.network.network_interfaces().values().filter(owner) {
            let groups = interface.groups.known().into_iter().flatten();
            peers.extend(groups.take(MOST_GROUPS).cloned().map(RulePeer::Group));
        }
        peers.push(RulePeer::Cidr(model::Cidr::host(other)));
        peers
    }

    fn acl_entries(&self, side: Side) -> Vec<Candidate> {
        let ComponentId::NetworkAcl(id) = &self.hop.component else {
            return Vec::new();
        };
        let Some(acl) = self.network.network_acls().get(id) else {
            return Vec::new();
        };
        let packet = self.hop.packet;
        let (entries, other) = match side {
            Side::Inbound => (&acl.ingress, packet.source()),
            Side::Outbound => (&acl.egress, packet.destination()),
        };
        let denying = match self.hop.rule {
            Some(RuleIndex::IngressEntry(number) | RuleIndex::EgressEntry(number)) => Some(number),
            Some(RuleIndex::Route(_) | RuleIndex::IngressRule(_) | RuleIndex::EgressRule(_))
            | None => None,
        };
        let first = entries.iter().map(|entry| entry.number).min();
        let mut numbers: Vec<u16> = Vec::new();
        for number in [free_number(entries, denying), free_number(entries, first)] {
            numbers.extend(number.filter(|number| !numbers.contains(number)));
        }
        let traffic = self.entry_traffic(packet);
        let entry = |number: &u16| {
            vec![Edit::AddAclEntry {
                acl: id.clone(),
                side,
                number: *number,
                traffic: traffic.clone(),
                cidr: model::Cidr::host(other),
            }]
        };
        vec![numbers.iter().map(entry).collect()]
    }

    /// What an entry has to let pass: of replies every port that a client may send from, since the
    /// next connection comes from another one.
    fn entry_traffic(&self, packet: Packet) -> RuleTraffic {
        match (self.direction, packet.transport()) {
            (
                Direction::Reply,
                Transport::Tcp {
                    destination_port, ..
                },
            ) if destination_port >= EPHEMERAL_PORTS.from => RuleTraffic::Tcp(EPHEMERAL_PORTS),
            (
                Direction::Reply,
                Transport::Udp {
                    destination_port, ..
                },
            ) if destination_port >= EPHEMERAL_PORTS.from => RuleTraffic::Udp(EPHEMERAL_PORTS),
            (Direction::Forward | Direction::Reply, transport) => traffic(transport),
        }
    }

    fn routes(&self) -> Vec<Candidate> {
        let place = self.place();
        let table = match &self.hop.component {
            ComponentId::RouteTable(id) => self.network.route_tables().get(id),
            ComponentId::NetworkInterface(_)
            | ComponentId::SecurityGroup(_)
            | ComponentId::NetworkAcl(_)
            | ComponentId::Subnet(_)
            | ComponentId::Vpc(_)
            | ComponentId::InternetGateway(_)
            | ComponentId::EgressOnlyInternetGateway(_)
            | ComponentId::NatGateway(_)
            | ComponentId::Peering(_)
            | ComponentId::VpcEndpoint(_)
            | ComponentId::EndpointService(_)
            | ComponentId::LoadBalancer(_)
            | ComponentId::TargetGroup(_)
            | ComponentId::TransitGateway(_)
            | ComponentId::TransitGatewayAttachment(_)
            | ComponentId::TransitGatewayRouteTable(_)
            | ComponentId::VirtualPrivateGateway(_)
            | ComponentId::Internet
            | ComponentId::OnPremises
            | ComponentId::Unmodelled(_) => place.and_then(|place| self.table_of(place)),
        };
        let destination = self.hop.packet.destination();
        table.map_or_else(Vec::new, |table| {
            route::candidates(self, table, place, destination)
        })
    }

    fn attach(&self) -> Option<Candidate> {
        let ComponentId::InternetGateway(id) = &self.hop.component else {
            return None;
        };
        let gateway = self.network.internet_gateways().get(id)?;
        if gateway.vpc.is_some() {
            return None;
        }
        let vpc = self.place()?.vpc.clone();
        let gateway = id.clone();
        Some(vec![vec![Edit::AttachInternetGateway { gateway, vpc }]])
    }

    /// The subnet from which the packet was to go on.
    fn place(&self) -> Option<&Subnet> {
        if let ComponentId::Subnet(id) = &self.hop.component {
            return self.network.subnets().get(id);
        }
        let hops = match self.direction {
            Direction::Forward => &self.trace.forward,
            Direction::Reply => &self.trace.reply,
        };
        let id = hops.iter().rev().find_map(|hop| match &hop.component {
            ComponentId::NetworkInterface(id) => {
                let interface = self.network.network_interfaces().get(id);
                interface.map(|interface| &interface.subnet)
            }
            ComponentId::NatGateway(id) if hop != self.hop => {
                let nat = self.network.nat_gateways().get(id);
                nat.map(|nat| &nat.subnet)
            }
            ComponentId::NatGateway(_)
            | ComponentId::SecurityGroup(_)
            | ComponentId::NetworkAcl(_)
            | ComponentId::Subnet(_)
            | ComponentId::Vpc(_)
            | ComponentId::RouteTable(_)
            | ComponentId::InternetGateway(_)
            | ComponentId::EgressOnlyInternetGateway(_)
            | ComponentId::Peering(_)
            | ComponentId::VpcEndpoint(_)
            | ComponentId::EndpointService(_)
            | ComponentId::LoadBalancer(_)
            | ComponentId::TargetGroup(_)
            | ComponentId::TransitGateway(_)
            | ComponentId::TransitGatewayAttachment(_)
            | ComponentId::TransitGatewayRouteTable(_)
            | ComponentId::VirtualPrivateGateway(_)
            | ComponentId::Internet
            | ComponentId::OnPremises
            | ComponentId::Unmodelled(_) => None,
        })?;
        self.network.subnets().get(id)
    }

    fn table_of(&self, subnet: &Subnet) -> Option<&RouteTable> {
        let id = match &subnet.route_table {
            Some(Value::Known(id)) => id,
            Some(Value::OneOf(..) | Value::Any(_)) => return None,
            None => &self.network.vpcs().get(&subnet.vpc)?.main_route_table,
        };
        self.network.route_tables().get(id)
    }
}

/// A number before an entry, or behind all when there is none.
fn free_number(entries: &[AclEntry], before: Option<u16>) -> Option<u16> {
    let is_free = |number: &u16| entries.iter().all(|entry| entry.number != *number);
    let Some(before) = before else {
        let last = entries.iter().map(|entry| entry.number).max().unwrap_or(0);
        let round = (last / 10 + 1) * 10;
        let behind = (round..=LAST_NUMBER).chain(last..=LAST_NUMBER);
        return behind.filter(|number| *number > 0).find(is_free);
    };
    let round = before.saturating_sub(1) / 10 * 10;
    let round = Some(round).filter(|number| *number > 0 && is_free(number));
    round.or_else(|| (1..before).rev().find(is_free))
}

/// Exactly this transport.
fn traffic(transport: Transport) -> RuleTraffic {
    let only = |port| RulePorts {
        from: port,
        to: port,
    };
    let filter = |icmp_type, code| IcmpFilter {
        icmp_type: Some(icmp_type),
        code: Some(code),
    };
    match transport {
        Transport::Tcp {
            destination_port, ..
        } => RuleTraffic::Tcp(only(destination_port)),
        Transport::Udp {
            destination_port, ..
        } => RuleTraffic::Udp(only(destination_port)),
        Transport::Icmp { icmp_type, code } => RuleTraffic::Icmp(filter(icmp_type, code)),
        Transport::Icmpv6 { icmp_type, code } => RuleTraffic::Icmpv6(filter(icmp_type, code)),
        Transport::Other(protocol) => RuleTraffic::Protocol(protocol.number()),
    }
}

/// What may change the meaning of the names that are sent to.
fn of_names(network: &Network, seen: &Seen) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (asker, resolution) in &seen.names {
        let Some(vpc) = asker::vpc(network, asker) else {
            continue;
        };
        if network.vpcs().get(&vpc).is_some_and(|one| !one.dns_support) {
            found.push(vec![vec![Edit::EnableDnsSupport(vpc.clone())]]);
        }
        if let Some(service) = public_service(&resolution.answer) {
            found.extend(private_dns(network, &vpc, service));
        }
    }
    found
}

fn public_service(answer: &Answer) -> Option<&str> {
    match answer {
        Answer::PublicService(service) => Some(service),
        Answer::Dns64(of) => public_service(of),
        Answer::Interfaces(_)
        | Answer::Addresses(_)
        | Answer::NoAnswer
        | Answer::Undetermined(_) => None,
    }
}

/// Private DNS of the service's interface endpoints in a VPC, with the attribute that it needs.
fn private_dns(network: &Network, vpc: &VpcId, service: &str) -> Vec<Candidate> {
    let endpoints = network.vpc_endpoints().values();
    let own = endpoints.filter(|one| one.vpc == *vpc && one.service == service);
    let interface_endpoints = own.filter_map(|one| match &one.kind {
        EndpointKind::Interface { private_dns, .. } => Some((&one.id, *private_dns)),
        EndpointKind::Gateway { .. }
        | EndpointKind::GatewayLoadBalancer { .. }
        | EndpointKind::Unmodelled(_) => None,
    });
    let hostnames = || Edit::EnableDnsHostnames(vpc.clone());
    let candidate = |(id, is_on): (&VpcEndpointId, bool)| {
        let enable = Edit::EnablePrivateDns(id.clone());
        if is_on {
            vec![vec![hostnames()]]
        } else {
            vec![vec![enable.clone()], vec![hostnames(), enable]]
        }
    };
    interface_endpoints.map(candidate).collect()
}
