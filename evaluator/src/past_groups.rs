//! Walks past security groups: what becomes of traffic between two interfaces, whatever groups they have.
//!
//! Groups decide nothing but whether a packet passes, replies ask none of them (`security-group-stateful`),
//! and no other step asks what they said. So a walk may let everything pass them and keep what they were
//! asked; what they let pass is cut out of its answer afterwards, once for all interfaces with such groups.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use model::{Address, Packet, Transport};

use crate::atoms::TransportCuts;
use crate::compiled::Compiled;
use crate::exchange::Exchange;
use crate::extents::TransportCell;
use crate::forward::{Arrived, Sender};
use crate::index::{GroupSetIndex, InterfaceIndex};
use crate::matrix_answers::{Answers, Fate, fate};
use crate::region::Region;
use crate::scope::Truth;
use crate::security_group::Came;
use crate::together::{Left, Together};
use crate::walk::{About, AskedGroups, Filter, Recorder, Step};

/// Follows packets together, and past groups.
struct PastGroups {
    together: Together,
    asked: Vec<AskedGroups>,
}

impl Recorder for PastGroups {
    fn record(&mut self, step: Step) {
        self.together.record(step);
    }

    fn asked(&mut self, about: About<'_>, is_same: impl Fn(Transport) -> bool) {
        self.together.asked(about, is_same);
    }

    fn exchanged(&mut self, exchange: Exchange) {
        self.together.exchanged(exchange);
    }

    fn restored(&mut self, reply: Exchange) {
        self.together.restored(reply);
    }

    fn defers(&mut self, groups: AskedGroups) -> bool {
        self.asked.push(groups);
        true
    }
}

/// Of whose groups a walk asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Nobodys,
    Senders,
    /// Both ends', at the second whence the packet came.
    Both(Came),
}

/// What becomes of traffic from an address of one interface to one of another, but for their groups.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PastBoth {
    /// Of what of it no groups are asked.
    unasked: Answers,
    /// Of what of it only the sender's are.
    sent: Answers,
    /// Of what of it both ends' are.
    received: Answers,
}

impl PastBoth {
    /// Whether nothing arrives, whatever the groups are.
    pub(crate) fn is_closed(&self) -> bool {
        *self == Self::default()
    }

    /// What is left of it by groups that let this pass, of the sender and of the receiver.
    pub(crate) fn within(&self, egress: &Region, ingress: &Region) -> Answers {
        let mut left = self.unasked.clone();
        left.add(&self.sent.within(egress));
        left.add(&self.received.within(egress).within(ingress));
        left
    }
}

/// Walks what an interface sends from one address to another one's, past their groups; with whence it
/// comes to the other. Nothing when groups are asked anything else.
pub(crate) fn past_both(
    network: &Compiled,
    [sender, receiver]: [InterfaceIndex; 2],
    ends: (Address, Address),
    transports: &[TransportCell],
    n_walks: &mut u64,
) -> Option<(PastBoth, Came)> {
    let mut told: Vec<(Whose, Fate<'_>, usize)> = Vec::new();
    let arrives = |arrived| {
        let is_there = matches!(arrived, Arrived::Interface(index, _) if index == receiver);
        (if is_there { Truth::True } else { Truth::False }, None)
    };
    let mut left = Left::new(transports.iter().map(|cell| cell.one));
    while let Some((position, transport, together)) = left.take() {
        let packet = Packet::new(ends.0, ends.1, transport)?;
        *n_walks += 1;
        let recorder = PastGroups {
            together,
            asked: Vec::new(),
        };
        let sent = Sender::Interface(sender);
        let (fate, recorder) = fate(network, recorder, sent, packet, arrives);
        let alike = left.walked(&recorder.together).into_iter();
        if fate == Fate::Closed {
            continue;
        }
        let whose = whose(&recorder.asked, [sender, receiver], ends)?;
        told.extend(alike.chain([position]).map(|one| (whose, fate, one)));
    }
    let mut came = told.iter().filter_map(|(whose, ..)| match whose {
        Whose::Both(came) => Some(*came),
        Whose::Nobodys | Whose::Senders => None,
    });
    let first = came.next().unwrap_or(Came::Inside);
    if came.any(|other| other != first) {
        return None;
    }
    let of = |asked: Whose| {
        let cells = told.iter().filter(|(whose, ..)| *whose == asked);
        let classes = cells.filter_map(|(_, fate, one)| Some((&transports.get(*one)?.all, *fate)));
        Answers::new(classes)
    };
    let past = PastBoth {
        unasked: of(Whose::Nobodys),
        sent: of(Whose::Senders),
        received: of(Whose::Both(first)),
    };
    Some((past, first))
}

/// Whose groups were asked, each about the packet with the addresses that it was sent with.
fn whose(
    asked: &[AskedGroups],
    [sender, receiver]: [InterfaceIndex; 2],
    (source, destination): (Address, Address),
) -> Option<Whose> {
    let of = |interface, came| AskedGroups {
        interface,
        came,
        source,
        destination,
    };
    match asked {
        [] => Some(Whose::Nobodys),
        [first] => (*first == of(sender, None)).then_some(Whose::Senders),
        [first, second] => {
            let came = second.came?;
            let is_so = *first == of(sender, None) && *second == of(receiver, Some(came));
            is_so.then_some(Whose::Both(came))
        }
        _ => None,
    }
}

/// What groups let pass, each set of traffic once.
pub(crate) struct LetPass<'a> {
    network: &'a Compiled,
    known: HashMap<Told, Option<u32>, RandomState>,
    /// By number; the first is [`LetPass::NOTHING`].
    regions: Vec<Region>,
}

/// What tells what groups let pass: the set, the direction, the row of rules for the peer, and which
/// references hold.
type Told = (GroupSetIndex, bool, u32, Vec<u32>);

impl<'a> LetPass<'a> {
    /// The number of no traffic at all.
    pub(crate) const NOTHING: u32 = 0;

    pub(crate) fn new(network: &'a Compiled) -> Self {
        Self {
            network,
            known: HashMap::default(),
            regions: vec![Region::default()],
        }
    }

    pub(crate) fn region(&self, number: u32) -> Option<&Region> {
        self.regions.get(number as usize)
    }

    /// The number of what groups let pass to a peer, or from one whose packets came so; nothing when
    /// something of it is open.
    pub(crate) fn number(
        &mut self,
        set: GroupSetIndex,
        peer: Address,
        came: Option<Came>,
    ) -> Option<u32> {
        let groups = &self.network.group_sets[set];
        let (row, references) = groups.telling(peer, came)?;
        let told = (set, came.is_some(), row, references);
        if let Some(number) = self.known.get(&told) {
            return *number;
        }
        let region = self.let_pass(set, peer, came);
        let number = region.map(|region| {
            let known = self.regions.iter().position(|one| *one == region);
            let place = known.unwrap_or_else(|| {
                self.regions.push(region);
                self.regions.len() - 1
            });
            u32::try_from(place).unwrap_or(u32::MAX)
        });
        self.known.insert(told, number);
        number
    }

    fn let_pass(&self, set: GroupSetIndex, peer: Address, came: Option<Came>) -> Option<Region> {
        let groups = &self.network.group_sets[set];
        let mut cuts = TransportCuts::new();
        let traffic = groups.rules(came).traffic();
        traffic.for_each(|traffic| cuts.request(traffic));
        let mut passing = Vec::new();
        let cells = cuts.extents();
        for cell in &cells {
            match groups.decides(cell.one, peer, came) {
                Filter::Passes => passing.push(&cell.all),
                Filter::Drops => {}
                Filter::Open(..) => return None,
            }
        }
        Some(Region::new(passing))
    }
}
