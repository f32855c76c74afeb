//! What a request does between its sender, relays and its last receiver (page load_balancer, *legs*).
//!
//! A further leg is the same whatever came before it, but for the packet. So it is walked once, by itself, and then
//! put behind each way of coming to the relay that begins it.

use std::cell::OnceCell;
use std::rc::Rc;

use model::{Clause, ComponentId, NetworkInterfaceId};

use crate::encoder::Encoder;
use crate::network_interface::Who;
use crate::ranges::Ranges;
use crate::reply::{self, Reply};
use crate::symbolic::{Formula, Number, Packet};
use crate::walk::{Back, Doubt, End, Endings, Place, Steps, Way};

/// By whom a leg's packet is sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SentBy {
    /// By the sender of the flow.
    Sender,
    /// By this node, from its own address (`load-balancer-translates`).
    Node(NetworkInterfaceId),
    /// By this node, from its client's address (`load-balancer-preserves`).
    Client(NetworkInterfaceId),
    /// By this interface of an endpoint, to this node (`endpoint-service-hands-on`).
    Endpoint(NetworkInterfaceId, NetworkInterfaceId),
    /// From the internet, by the gateway by which the leg before left (`internet-gateway-hairpin`).
    Internet,
}

/// Who chose the port that a leg's packet comes from. Where it was not the sender, the packet has another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SourcePort {
    Sender,
    NatGateway,
    LoadBalancer,
}

/// How a leg begins.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    pub(crate) sent_by: SentBy,
    /// The interface that sends; none for the internet and networks on premises.
    pub(crate) sender: Option<Who>,
    /// The packet as it is sent.
    pub(crate) packet: Packet,
    pub(crate) source_port: SourcePort,
    /// How many relays have handed the request on.
    pub(crate) relays: usize,
    /// As [`Steps::destinations`], when more is known of them than the packet says.
    destinations: Option<Ranges>,
}

/// What a further leg depends on: who sends what, what is said of the port, the picks that are left, and the destinations
/// besides the packet's own.
pub(crate) type LegKey = (
    SentBy,
    Packet,
    SourcePort,
    usize,
    Vec<Number>,
    Option<Ranges>,
);

impl Start {
    /// The first leg.
    pub(crate) fn first(sender: Option<Who>, packet: Packet) -> Rc<Self> {
        Rc::new(Start {
            sent_by: SentBy::Sender,
            sender,
            packet,
            source_port: SourcePort::Sender,
            relays: 0,
            destinations: None,
        })
    }

    /// The leg that an interface begins with what has come to it.
    pub(crate) fn next(
        encoder: &Encoder,
        before: &Steps,
        relay: &NetworkInterfaceId,
        sent_by: SentBy,
        packet: Packet,
    ) -> Self {
        let port = match sent_by {
            SentBy::Node(_) => SourcePort::LoadBalancer,
            SentBy::Sender | SentBy::Client(_) | SentBy::Endpoint(..) | SentBy::Internet => {
                source_port(before)
            }
        };
        Start {
            sent_by,
            sender: Who::pinned(encoder, relay),
            packet,
            source_port: port,
            relays: before.start.relays.saturating_add(1),
            destinations: None,
        }
    }

    /// The leg of what comes back in from the internet.
    pub(crate) fn from_internet(before: &Steps, packet: Packet) -> Self {
        Start {
            sent_by: SentBy::Internet,
            sender: None,
            packet,
            source_port: source_port(before),
            relays: before.start.relays,
            destinations: Some(before.destinations.clone()),
        }
    }

    /// The walk of this leg and those behind it, built once.
    pub(crate) fn walk(
        self,
        encoder: &mut Encoder,
        build: impl FnOnce(&mut Encoder, &mut Steps),
    ) -> Rc<Endings> {
        let left = encoder.picks.iter().skip(self.relays).cloned().collect();
        let key = (
            self.sent_by.clone(),
            self.packet.clone(),
            self.source_port,
            self.relays,
            left,
            self.destinations.clone(),
        );
        if let Some(known) = encoder.legs.get(&key) {
            return Rc::clone(known);
        }
        let packet = self.packet.clone();
        let endings = encoder.on_leg(&packet, |encoder| {
            let destinations = self.destinations.clone();
            let mut steps = Steps::begin(Rc::new(self));
            steps.destinations =
                destinations.unwrap_or_else(|| encoder.possible(&packet.destination));
            build(encoder, &mut steps);
            Rc::new(steps.endings)
        });
        encoder.legs.insert(key, Rc::clone(&endings));
        endings
    }
}

/// Who chose the port that a packet comes from, as far as it has come on a leg.
fn source_port(before: &Steps) -> SourcePort {
    match before.way.nat_gateway() {
        Some(_) => SourcePort::NatGateway,
        None => before.start.source_port,
    }
}

/// A walk up to where a leg ends goes on behind it, with a leg that was walked by itself. `passed` are the components
/// at the end of the leg before.
pub(crate) fn goes_on(
    encoder: &mut Encoder,
    steps: &mut Steps,
    passed: impl IntoIterator<Item = ComponentId>,
    back: &Back,
    behind: &Rc<Endings>,
) {
    let leg = Leg::new(Rc::clone(&steps.start), steps.way.clone(), back.clone());
    let before = Before {
        here: &steps.here,
        doubts: &steps.doubts,
        passed: steps.way.components().into_iter().chain(passed).collect(),
        legs: vec![leg],
    };
    let behind = behind.after(&before);
    encoder.ways = encoder.ways.saturating_add(behind.count());
    steps.endings.extend(behind);
    steps.here = Formula::FALSE;
}

/// A leg that has ended where it was delivered.
#[derive(Debug)]
pub(crate) struct Leg {
    pub(crate) start: Rc<Start>,
    pub(crate) way: Way,
    pub(crate) back: Back,
    /// How the reply on this leg ends.
    reply: OnceCell<Rc<Endings>>,
}

impl Leg {
    pub(crate) fn new(start: Rc<Start>, way: Way, back: Back) -> Rc<Self> {
        Rc::new(Leg {
            start,
            way,
            back,
            reply: OnceCell::new(),
        })
    }

    fn reply(&self, encoder: &mut Encoder) -> Rc<Endings> {
        let reply = || {
            // It begins behind the NAT64 of the way, if there is any.
            let packet = if self.is_translated() {
                &self.way.packet
            } else {
                &self.start.packet
            };
            Rc::new(encoder.on_leg(packet, |encoder| reply::of(encoder, self)))
        };
        Rc::clone(self.reply.get_or_init(reply))
    }

    /// Whether NAT64 has made IPv4 of its packet.
    pub(crate) fn is_translated(&self) -> bool {
        self.way.packet.family != self.start.packet.family
    }
}

/// A way to be delivered, when every undetermined filter before lets it.
#[derive(Debug)]
pub(crate) struct Leaf {
    pub(crate) here: Formula,
    pub(crate) doubts: Vec<Doubt>,
    pub(crate) clause: Clause,
    pub(crate) place: Place,
    /// What it passed, up to the place of arrival (page scope, *claims*).
    pub(crate) passed: Vec<ComponentId>,
    /// The leg on which it is delivered.
    pub(crate) last: Rc<Leg>,
    /// The legs before.
    pub(crate) earlier: Vec<Rc<Leg>>,
    reply: OnceCell<Rc<Reply>>,
}

impl Leaf {
    pub(crate) fn new(
        here: Formula,
        doubts: Vec<Doubt>,
        clause: Clause,
        place: Place,
        last: Rc<Leg>,
    ) -> Self {
        Leaf {
            here,
            doubts,
            clause,
            place,
            passed: last.way.components(),
            last,
            earlier: Vec::new(),
            reply: OnceCell::new(),
        }
    }

    /// The reply to what was delivered here: leg by leg, from the last to the first.
    pub(crate) fn reply(&self, encoder: &mut Encoder) -> Rc<Reply> {
        let reply = || {
            let last = self.last.reply(encoder);
            let earlier = self.earlier.iter().rev();
            let endings = earlier.fold(last, |later, leg| {
                let earlier = leg.reply(encoder);
                Rc::new(back_over(&later, &earlier))
            });
            Rc::new(Reply::new(endings))
        };
        Rc::clone(self.reply.get_or_init(reply))
    }

    /// Whether NAT64 alone makes of it another packet than its sender's: no relay handed it on.
    pub(crate) fn is_translated_only(&self) -> bool {
        let mut legs = self.earlier.iter().chain([&self.last]);
        self.last.start.relays == 0 && legs.any(|leg| leg.is_translated())
    }

    /// The packet as it is received.
    pub(crate) fn received(&self) -> &Packet {
        &self.last.way.packet
    }
}

/// How the reply ends that comes back on one leg and goes on over the one before.
fn back_over(later: &Endings, earlier: &Endings) -> Endings {
    let leaves = later.leaves.iter();
    let doubts = leaves.clone().flat_map(|leaf| {
        leaf.doubts.iter().map(|doubt| Doubt {
            when: &leaf.here & &doubt.when,
            ..doubt.clone()
        })
    });
    let before = Before {
        here: &Formula::any(leaves.map(|leaf| leaf.here.clone())),
        doubts: &doubts.collect::<Vec<_>>(),
        passed: Vec::new(),
        legs: Vec::new(),
    };
    let mut endings = earlier.after(&before);
    endings.dropped.extend(later.dropped.iter().cloned());
    endings.ended.extend(later.ended.iter().cloned());
    endings
}

/// What comes before a part of a walk that was built by itself.
pub(crate) struct Before<'a> {
    pub(crate) here: &'a Formula,
    pub(crate) doubts: &'a [Doubt],
    pub(crate) passed: Vec<ComponentId>,
    pub(crate) legs: Vec<Rc<Leg>>,
}

impl Endings {
    /// These ways to end, behind something else.
    pub(crate) fn after(&self, before: &Before<'_>) -> Endings {
        let doubts = |own: &[Doubt]| before.doubts.iter().chain(own).cloned().collect();
        let reached = |when: &Formula| {
            let when = before.here & when;
            (!when.is_false()).then_some(when)
        };
        let dropped = self.dropped.iter();
        let dropped = dropped.filter_map(|(clause, when)| Some((*clause, reached(when)?)));
        let ended = self.ended.iter().filter_map(|end| {
            let step = Doubt {
                when: reached(&end.step.when)?,
                ..end.step.clone()
            };
            let doubts = doubts(&end.doubts);
            Some(End { step, doubts })
        });
        let leaves = self.leaves.iter().filter_map(|leaf| {
            let legs = before.legs.iter().chain(&leaf.earlier);
            let passed = before.passed.iter().chain(&leaf.passed);
            Some(Leaf {
                here: reached(&leaf.here)?,
                doubts: doubts(&leaf.doubts),
                clause: leaf.clause,
                place: leaf.place.clone(),
                passed: passed.cloned().collect(),
                last: Rc::clone(&leaf.last),
                earlier: legs.cloned().collect(),
                reply: OnceCell::new(),
            })
        });
        Endings {
            dropped: dropped.collect(),
            ended: ended.collect(),
            leaves: leaves.collect(),
        }
    }

    /// Takes over other ways to end.
    pub(crate) fn extend(&mut self, other: Endings) {
        self.dropped.extend(other.dropped);
        self.ended.extend(other.ended);
        self.leaves.extend(other.leaves);
    }

    /// How many ways there are.
    pub(crate) const fn count(&self) -> usize {
        self.dropped
            .len()
            .saturating_add(self.ended.len())
            .saturating_add(self.leaves.len())
    }
}
