//! What the model says of a record.

use std::collections::HashMap;

use evaluator::Evaluator;
use model::{
    Address, AddressValue, Arrival, Clause, ComponentId, Disposition, Effect, Engine, Flow, Hop,
    Network, NetworkInterface, NetworkInterfaceId, Packet, Source, Transport,
};

use super::record::Record;
use crate::blocks;
use crate::on_premises;

/// The first [port that clients send from](https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports).
const FIRST_OF_CLIENTS: u16 = 1024;

/// How a record compares with the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    Agrees,
    /// The model says otherwise, by this component and clause.
    Differs(Says),
    /// It depends on what the input leaves open.
    Open(String),
    /// The record tells too little, or the input does.
    Untold(&'static str),
}

/// What the filters at an interface do with packets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Says {
    /// They let them pass.
    Accepts(NetworkInterfaceId),
    /// They drop them.
    Rejects(ComponentId, Clause),
    /// The packets are dropped before they come there.
    Before(ComponentId, Clause),
}

/// What the model says of packets in one role, or why it says nothing.
type Said = Result<Says, Silent>;

/// Why nothing is said.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Silent {
    Open(String),
    NotJudged(&'static str),
}

/// A network that records are compared with.
pub(crate) struct Replayer {
    network: Network,
    evaluator: Evaluator,
    /// The interfaces with an address, private or of IPv6, or public.
    owners: HashMap<Address, Vec<NetworkInterfaceId>>,
}

impl Replayer {
    pub(crate) fn new(network: &Network) -> Self {
        let evaluator = Evaluator::load(network);
        let network = network.completed(evaluator.completion());
        let mut owners: HashMap<Address, Vec<NetworkInterfaceId>> = HashMap::new();
        for (id, interface) in network.network_interfaces() {
            for address in &interface.addresses {
                let both = [Some(&address.private), address.public.as_ref()];
                for address in both.into_iter().flatten().filter_map(known) {
                    owners.entry(address).or_default().push(id.clone());
                }
            }
        }
        Self {
            network,
            evaluator,
            owners,
        }
    }

    /// Compares a record.
    pub(crate) fn judge(&self, record: &Record<'_>) -> Judged {
        let id = NetworkInterfaceId::new(record.interface);
        let Some(own) = self.network.network_interfaces().get(&id) else {
            return Judged::Untold("the interface is not in the input");
        };
        let Some(transport) = record.transport else {
            return Judged::Untold("a record of ICMP does not have its type");
        };
        let way = match (has(own, record.source), has(own, record.destination)) {
            (true, false) => Way::Leaves,
            (false, true) => Way::Comes,
            (true, true) | (false, false) => {
                return Judged::Untold(
                    "the interface hands on what others send, or sends to itself",
                );
            }
        };
        let (address, other) = match way {
            Way::Leaves => (record.source, record.destination),
            Way::Comes => (record.destination, record.source),
        };
        let end = End {
            own,
            address,
            other,
        };
        let request = || self.as_request(way, end, transport);
        let reply = || self.as_reply(way, end, transport);
        match record.begins {
            Some(true) => compare(record.is_accepted, &[&request]),
            Some(false) => compare(record.is_accepted, &[&reply]),
            None if is_to_service(transport) => compare(record.is_accepted, &[&request]),
            None => compare(record.is_accepted, &[&request, &reply]),
        }
    }

    /// What becomes of packets at the interface as requests.
    fn as_request(&self, way: Way, end: End<'_>, transport: Transport) -> Said {
        let flow = match way {
            Way::Leaves => sent(end, transport)?,
            Way::Comes => self.received(end, transport)?,
        };
        let forward = self.evaluator.decide(&flow).forward;
        let arrives = forward.disposition == Disposition::Delivered;
        match (way, &forward.arrival) {
            (Way::Leaves, _) if arrives => return Ok(Says::Accepts(end.own.id.clone())),
            (Way::Leaves, _) => return at_start(&self.evaluator.trace(&flow).forward, end.own),
            (Way::Comes, Some(Arrival::Interface(id))) if arrives && *id == end.own.id => {
                return Ok(Says::Accepts(id.clone()));
            }
            (Way::Comes, Some(Arrival::Interface(id))) if *id == end.own.id => {}
            (Way::Comes, Some(_)) => {
                return Err(Silent::NotJudged(
                    "what is sent so comes to another interface",
                ));
            }
            (Way::Comes, None) => {}
        }
        let said = at_end(&self.evaluator.trace(&flow).forward, end);
        match said {
            Ok(Says::Before(..)) if self.has_relays() => {
                Err(Silent::NotJudged("a load balancer may have handed it on"))
            }
            said => said,
        }
    }

    /// What becomes of packets at the interface as replies.
    fn as_reply(&self, way: Way, end: End<'_>, transport: Transport) -> Said {
        let request = reversed(transport);
        let flow = match way {
            Way::Leaves => self.received(end, request)?,
            Way::Comes => sent(end, request)?,
        };
        let decision = self.evaluator.decide(&flow);
        let reply = decision.reply.map(|reply| reply.disposition);
        if (decision.forward.disposition, reply)
            == (Disposition::Delivered, Some(Disposition::Delivered))
        {
            return Ok(Says::Accepts(end.own.id.clone()));
        }
        let trace = self.evaluator.trace(&flow);
        if let Some(hole) = open(&trace.forward) {
            return Err(Silent::Open(hole));
        }
        match (trace.forward.last(), way) {
            (Some(hop), _) if hop.effect == Effect::Dropped => Ok(dropped(hop, false)),
            (Some(_) | None, Way::Leaves) => at_start(&trace.reply, end.own),
            (Some(_) | None, Way::Comes) => at_end(&trace.reply, end),
        }
    }

    /// A request to the interface, from whoever has the other address.
    fn received(&self, end: End<'_>, transport: Transport) -> Result<Flow, Silent> {
        let End {
            own,
            address,
            other,
        } = end;
        let public = || {
            let mut pairs = own.addresses.iter();
            let own = pairs.find(|pair| known(&pair.private) == Some(address));
            own.and_then(|own| own.public.as_ref().and_then(known)).ok_or(Silent::NotJudged(
                "it comes from a public address to an interface without one: what handed it on is not \
                 in the record",
            ))
        };
        if let Some(sender) = self.owner(own, other)? {
            let mut pairs = sender.addresses.iter();
            let by_public = pairs.find(|pair| pair.public.as_ref().and_then(known) == Some(other));
            let source = Source::Interface(sender.id.clone());
            return match by_public.and_then(|pair| known(&pair.private)) {
                Some(private) => flow(source, private, public()?, transport),
                None => flow(source, other, address, transport),
            };
        }
        if blocks::is_public(&self.network, other) {
            let to = match address {
                Address::V4(_) => public()?,
                Address::V6(_) => address,
            };
            return flow(Source::Internet, other, to, transport);
        }
        let mut gateways = on_premises::gateways(&self.network);
        match (gateways.next(), gateways.next()) {
            (Some(gateway), None) => flow(Source::OnPremises(gateway), other, address, transport),
            (_, _) => Err(Silent::NotJudged(
                "nothing in the input has the other address, or several may send with it",
            )),
        }
    }

    /// The interface with an address, in the VPC of another one or elsewhere.
    fn owner(
        &self,
        own: &NetworkInterface,
        address: Address,
    ) -> Result<Option<&NetworkInterface>, Silent> {
        let Some(owners) = self.owners.get(&address) else {
            return Ok(None);
        };
        let interfaces = self.network.network_interfaces();
        let owners: Vec<_> = owners.iter().filter_map(|id| interfaces.get(id)).collect();
        let vpc =
            |of: &NetworkInterface| self.network.subnets().get(&of.subnet).map(|one| &one.vpc);
        let near = owners.iter().find(|one| vpc(one) == vpc(own));
        match (near, owners.as_slice()) {
            (Some(one), _) | (None, [one]) => Ok(Some(one)),
            (None, _) => Err(Silent::NotJudged(
                "nothing in the input has the other address, or several may send with it",
            )),
        }
    }

    /// Whether something hands requests on with another address than the client's, or another client's.
    fn has_relays(&self) -> bool {
        !self.network.load_balancers().is_empty() || !self.network.endpoint_services().is_empty()
    }
}

/// Whether packets leave the interface or come to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Leaves,
    Comes,
}

/// The interface that a record is of, its own address in it, and the other one.
#[derive(Clone, Copy)]
struct End<'a> {
    own: &'a NetworkInterface,
    address: Address,
    other: Address,
}

/// A request that the interface sends.
fn sent(end: End<'_>, transport: Transport) -> Result<Flow, Silent> {
    let source = Source::Interface(end.own.id.clone());
    flow(source, end.address, end.other, transport)
}

fn flow(source: Source, from: Address, to: Address, transport: Transport) -> Result<Flow, Silent> {
    let packet = Packet::new(from, to, transport);
    let packet = packet.ok_or(Silent::NotJudged("its addresses are of two families"))?;
    Ok(Flow::new(source, packet))
}

fn known(value: &AddressValue) -> Option<Address> {
    match value {
        AddressValue::Known(address) => Some(*address),
        AddressValue::Within(..) => None,
    }
}

fn has(interface: &NetworkInterface, address: Address) -> bool {
    let mut addresses = interface.addresses.iter();
    addresses.any(|one| known(&one.private) == Some(address))
}

/// What goes the other way in the same connection.
const fn reversed(transport: Transport) -> Transport {
    match transport {
        Transport::Tcp {
            source_port,
            destination_port,
        } => Transport::Tcp {
            source_port: destination_port,
            destination_port: source_port,
        },
        Transport::Udp {
            source_port,
            destination_port,
        } => Transport::Udp {
            source_port: destination_port,
            destination_port: source_port,
        },
        same @ (Transport::Icmp { .. } | Transport::Icmpv6 { .. } | Transport::Other(_)) => same,
    }
}

/// Whether packets go to a port that clients do not send from, so that they answer nothing.
const fn is_to_service(transport: Transport) -> bool {
    match transport {
        Transport::Tcp {
            destination_port, ..
        }
        | Transport::Udp {
            destination_port, ..
        } => destination_port < FIRST_OF_CLIENTS,
        Transport::Icmp { .. } | Transport::Icmpv6 { .. } | Transport::Other(_) => false,
    }
}

/// Whether a clause is of what a flow log tells of: security groups and network ACLs.
const fn is_of_filter(clause: Clause) -> bool {
    matches!(
        clause,
        Clause::SecurityGroupEgress
            | Clause::SecurityGroupIngress
            | Clause::NetworkAclEgress
            | Clause::NetworkAclIngress
    )
}

/// What the filters at an interface say of packets that leave it by these steps.
fn at_start(hops: &[Hop], own: &NetworkInterface) -> Said {
    for hop in hops {
        let is_own = matches!(&hop.component, ComponentId::NetworkInterface(id) if *id == own.id)
            || matches!(
                &hop.component,
                ComponentId::SecurityGroup(_) | ComponentId::NetworkAcl(_) | ComponentId::Subnet(_)
            );
        if !is_own {
            break;
        }
        match &hop.effect {
            Effect::Dropped => return Ok(dropped(hop, is_of_filter(hop.clause))),
            Effect::Undetermined(hole) => return Err(Silent::Open(hole.attribute().to_owned())),
            Effect::Passed | Effect::Delivered => {}
        }
    }
    Ok(Says::Accepts(own.id.clone()))
}

/// What the filters at an interface say of packets that come to it by these steps.
fn at_end(hops: &[Hop], end: End<'_>) -> Said {
    if let Some(hole) = open(hops) {
        return Err(Silent::Open(hole));
    }
    match hops.last() {
        Some(hop) if hop.effect == Effect::Dropped => {
            let is_here = hop.packet.destination() == end.address && is_of_filter(hop.clause);
            Ok(dropped(hop, is_here))
        }
        Some(_) | None => Ok(Says::Accepts(end.own.id.clone())),
    }
}

fn dropped(hop: &Hop, is_here: bool) -> Says {
    let (component, clause) = (hop.component.clone(), hop.clause);
    if is_here {
        Says::Rejects(component, clause)
    } else {
        Says::Before(component, clause)
    }
}

/// The first thing that is open in some steps, if they do not end in a drop.
fn open(hops: &[Hop]) -> Option<String> {
    if hops.last().is_some_and(|hop| hop.effect == Effect::Dropped) {
        return None;
    }
    hops.iter().find_map(|hop| match &hop.effect {
        Effect::Undetermined(hole) => Some(hole.attribute().to_owned()),
        Effect::Passed | Effect::Delivered | Effect::Dropped => None,
    })
}

/// Compares what is recorded with what the model says in the roles that the packets may have.
fn compare(is_accepted: bool, roles: &[&dyn Fn() -> Said]) -> Judged {
    let (mut differs, mut open, mut not_judged) = (None, None, None);
    for role in roles {
        match (is_accepted, role()) {
            (true, Ok(Says::Accepts(_))) | (false, Ok(Says::Rejects(..))) => return Judged::Agrees,
            (_, Ok(says)) => differs = differs.or(Some(says)),
            (_, Err(Silent::Open(hole))) => open = open.or(Some(hole)),
            (_, Err(Silent::NotJudged(why))) => not_judged = not_judged.or(Some(why)),
        }
    }
    match (open, not_judged, differs) {
        (Some(hole), _, _) => Judged::Open(hole),
        (None, Some(why), _) => Judged::Untold(why),
        (None, None, Some(says)) => Judged::Differs(says),
        // Every role is one of these.
        (None, None, None) => Judged::Untold("the model says nothing of it"),
    }
}
