//! What the model says of a record.

use std::collections::HashMap;

use evaluator::{Evaluator, Sender};
use foldhash::fast::RandomState;
use model::{
    Address, AddressValue, Arrival, Clause, ComponentId, Disposition, Effect, Engine, Flow, Hop,
    Network, NetworkInterface, NetworkInterfaceId, Packet, Source, Trace, Transport, VpcId,
};

use super::record::Record;
use crate::blocks::Internet;
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

/// A network that records are compared with; what is looked up for each of them stands ready.
pub(crate) struct Replayer {
    evaluator: Evaluator,
    interfaces: Vec<Interface>,
    by_id: HashMap<String, usize, RandomState>,
    /// The interfaces with an address, private or of IPv6, or public.
    by_address: HashMap<Address, Vec<usize>, RandomState>,
    internet: Internet,
    /// The gateway to on premises, if there is one only.
    on_premises: Option<Outside>,
    from_internet: Outside,
    /// Whether something hands requests on with another address than the client's, or another client's.
    has_relays: bool,
}

struct Interface {
    is: NetworkInterface,
    vpc: Option<VpcId>,
    sender: Sender,
}

/// A sender that is no interface.
struct Outside {
    source: Source,
    sender: Sender,
}

/// Who sends a packet.
#[derive(Clone, Copy)]
enum By<'a> {
    Interface(&'a Interface),
    Outside(&'a Outside),
}

/// A packet that someone sends.
#[derive(Clone, Copy)]
struct Sent<'a> {
    by: By<'a>,
    packet: Packet,
}

impl Sent<'_> {
    const fn sender(&self) -> Sender {
        match self.by {
            By::Interface(interface) => interface.sender,
            By::Outside(outside) => outside.sender,
        }
    }
}

impl Replayer {
    pub(crate) fn new(network: &Network) -> Self {
        let evaluator = Evaluator::load(network);
        let network = network.completed(evaluator.completion());
        let subnets = network.subnets();
        let interfaces = network.network_interfaces().values();
        let interfaces: Vec<_> = interfaces
            .map(|interface| Interface {
                vpc: subnets.get(&interface.subnet).map(|one| one.vpc.clone()),
                sender: evaluator.sender(&Source::Interface(interface.id.clone())),
                is: interface.clone(),
            })
            .collect();
        let mut by_address: HashMap<Address, Vec<usize>, RandomState> = HashMap::default();
        let mut by_id = HashMap::default();
        for (at, interface) in interfaces.iter().enumerate() {
            by_id.insert(interface.is.id.to_string(), at);
            for address in &interface.is.addresses {
                let both = [Some(&address.private), address.public.as_ref()];
                for address in both.into_iter().flatten().filter_map(known) {
                    by_address.entry(address).or_default().push(at);
                }
            }
        }
        let outside = |source: Source| Outside {
            sender: evaluator.sender(&source),
            source,
        };
        let mut gateways = on_premises::gateways(&network);
        let on_premises = gateways.next().filter(|_| gateways.next().is_none());
        Self {
            on_premises: on_premises.map(Source::OnPremises).map(outside),
            from_internet: outside(Source::Internet),
            internet: Internet::new(&network),
            has_relays: !network.load_balancers().is_empty()
                || !network.endpoint_services().is_empty(),
            evaluator,
            interfaces,
            by_id,
            by_address,
        }
    }

    /// Compares a record.
    pub(crate) fn judge(&self, record: &Record<'_>) -> Judged {
        let at = self.by_id.get(record.interface);
        let Some(own) = at.and_then(|at| self.interfaces.get(*at)) else {
            return Judged::Untold("the interface is not in the input");
        };
        let Some(transport) = record.transport else {
            return Judged::Untold("a record of ICMP does not have its type");
        };
        let way = match (
            has(&own.is, record.source),
            has(&own.is, record.destination),
        ) {
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
        let as_request = Role {
            way,
            is_reply: false,
        };
        let as_reply = Role {
            way,
            is_reply: true,
        };
        let roles: &[Role] = match record.begins {
            Some(true) => &[as_request],
            Some(false) => &[as_reply],
            None if is_to_service(transport) => &[as_request],
            None => &[as_request, as_reply],
        };
        let mut asked = roles.iter();
        // To ask both whether they pass is faster than to find out why one does not.
        if record.is_accepted && asked.any(|role| self.passes(*role, end, transport)) {
            return Judged::Agrees;
        }
        let said = roles.iter().map(|role| self.says(*role, end, transport));
        compare(record.is_accepted, said)
    }

    /// The request that packets are, or answer.
    fn sent<'a>(
        &'a self,
        role: Role,
        end: End<'a>,
        transport: Transport,
    ) -> Result<Sent<'a>, Silent> {
        match (role.way, role.is_reply) {
            (Way::Leaves, false) => sends(end, transport),
            (Way::Comes, false) => self.received(end, transport),
            (Way::Leaves, true) => self.received(end, reversed(transport)),
            (Way::Comes, true) => sends(end, reversed(transport)),
        }
    }

    /// Whether they come to where they are sent, and of replies also what they answer.
    fn passes(&self, role: Role, end: End<'_>, transport: Transport) -> bool {
        let Ok(sent) = self.sent(role, end, transport) else {
            return false;
        };
        let (sender, packet) = (sent.sender(), sent.packet);
        if role.is_reply {
            let decision = self.evaluator.decide_from(sender, packet);
            let reply = decision.reply.map(|reply| reply.disposition);
            return (decision.forward.disposition, reply)
                == (Disposition::Delivered, Some(Disposition::Delivered));
        }
        let request = self.evaluator.request_from(sender, packet);
        request.disposition == Disposition::Delivered
            && match (role.way, request.arrival) {
                (Way::Leaves, _) => true,
                (Way::Comes, Some(Arrival::Interface(id))) => id == end.own.is.id,
                (Way::Comes, _) => false,
            }
    }

    /// What becomes of packets at the interface.
    fn says(&self, role: Role, end: End<'_>, transport: Transport) -> Said {
        let sent = self.sent(role, end, transport)?;
        if self.passes(role, end, transport) {
            return Ok(Says::Accepts(end.own.is.id.clone()));
        }
        let trace = self.trace(sent);
        match role.is_reply {
            true => as_reply(role.way, &trace, end),
            false => self.as_request(role.way, &trace, end),
        }
    }

    fn trace(&self, sent: Sent<'_>) -> Trace {
        let source = match sent.by {
            By::Interface(interface) => Source::Interface(interface.is.id.clone()),
            By::Outside(outside) => outside.source.clone(),
        };
        self.evaluator.trace(&Flow::new(source, sent.packet))
    }

    /// What becomes at the interface of requests that do not pass.
    fn as_request(&self, way: Way, trace: &Trace, end: End<'_>) -> Said {
        match (way, &trace.decision.forward.arrival) {
            (Way::Leaves, _) => return at_start(&trace.forward, &end.own.is),
            (Way::Comes, Some(_)) => {
                return Err(Silent::NotJudged(
                    "what is sent so comes to another interface",
                ));
            }
            (Way::Comes, None) => {}
        }
        match at_end(&trace.forward, end) {
            Ok(Says::Before(..)) if self.has_relays => {
                Err(Silent::NotJudged("a load balancer may have handed it on"))
            }
            said => said,
        }
    }

    /// A request to the interface, from whoever has the other address.
    fn received<'a>(&'a self, end: End<'a>, transport: Transport) -> Result<Sent<'a>, Silent> {
        let End {
            own,
            address,
            other,
        } = end;
        let public = || {
            let mut pairs = own.is.addresses.iter();
            let own = pairs.find(|pair| known(&pair.private) == Some(address));
            own.and_then(|own| own.public.as_ref().and_then(known)).ok_or(Silent::NotJudged(
                "it comes from a public address to an interface without one: what handed it on is not \
                 in the record",
            ))
        };
        if let Some(sender) = self.owner(own, other)? {
            let mut pairs = sender.is.addresses.iter();
            let by_public = pairs.find(|pair| pair.public.as_ref().and_then(known) == Some(other));
            let by = By::Interface(sender);
            return match by_public.and_then(|pair| known(&pair.private)) {
                Some(private) => packet(by, private, public()?, transport),
                None => packet(by, other, address, transport),
            };
        }
        if self.internet.has(other) {
            let to = match address {
                Address::V4(_) => public()?,
                Address::V6(_) => address,
            };
            return packet(By::Outside(&self.from_internet), other, to, transport);
        }
        match &self.on_premises {
            Some(gateway) => packet(By::Outside(gateway), other, address, transport),
            None => Err(Silent::NotJudged(NOBODY)),
        }
    }

    /// The interface with an address, in the VPC of another one or elsewhere.
    fn owner(&self, own: &Interface, address: Address) -> Result<Option<&Interface>, Silent> {
        let Some(owners) = self.by_address.get(&address) else {
            return Ok(None);
        };
        let mut owners = owners.iter().filter_map(|at| self.interfaces.get(*at));
        match owners.clone().find(|one| one.vpc == own.vpc) {
            Some(near) => Ok(Some(near)),
            None => match (owners.next(), owners.next()) {
                (Some(one), None) => Ok(Some(one)),
                (_, _) => Err(Silent::NotJudged(NOBODY)),
            },
        }
    }
}

/// Why a packet has no sender.
const NOBODY: &str = "nothing in the input has the other address, or several may send with it";

/// Whether packets leave the interface or come to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Leaves,
    Comes,
}

/// What packets may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Role {
    way: Way,
    /// Whether they answer a request.
    is_reply: bool,
}

/// The interface that a record is of, its own address in it, and the other one.
#[derive(Clone, Copy)]
struct End<'a> {
    own: &'a Interface,
    address: Address,
    other: Address,
}

/// A request that the interface sends.
fn sends(end: End<'_>, transport: Transport) -> Result<Sent<'_>, Silent> {
    packet(By::Interface(end.own), end.address, end.other, transport)
}

fn packet(
    by: By<'_>,
    from: Address,
    to: Address,
    transport: Transport,
) -> Result<Sent<'_>, Silent> {
    let packet = Packet::new(from, to, transport);
    let packet = packet.ok_or(Silent::NotJudged("its addresses are of two families"))?;
    Ok(Sent { by, packet })
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

/// What becomes at the interface of replies that do not pass.
fn as_reply(way: Way, trace: &Trace, end: End<'_>) -> Said {
    if let Some(hole) = open(&trace.forward) {
        return Err(Silent::Open(hole));
    }
    match (trace.forward.last(), way) {
        (Some(hop), _) if hop.effect == Effect::Dropped => Ok(dropped(hop, false)),
        (Some(_) | None, Way::Leaves) => at_start(&trace.reply, &end.own.is),
        (Some(_) | None, Way::Comes) => at_end(&trace.reply, end),
    }
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
        Some(_) | None => Ok(Says::Accepts(end.own.is.id.clone())),
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
fn compare(is_accepted: bool, roles: impl Iterator<Item = Said>) -> Judged {
    let (mut differs, mut open, mut not_judged) = (None, None, None);
    for said in roles {
        match (is_accepted, said) {
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
