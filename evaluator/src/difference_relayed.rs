//! What a change changes for requests that relays hand on: of each, where it may be received behind
//! them, whatever they pick.
//!
//! What a relay picks is no part of a question about a change: a target that is added gives another one
//! another number. So one request is compared with itself at each place where some pick leads it.

use std::collections::{BTreeMap, BTreeSet};

use model::{ComponentId, Flow, Hole, Packet};

use crate::Evaluator;
use crate::compiled::Compiled;
use crate::difference::{Change, Course, HandedOn, Received, Returned};
use crate::difference_course::{Compared, returned};
use crate::forward::{self, Arrived, Request, Sender};
use crate::knock::Knock;
use crate::reply;
use crate::walk::{End, Silent};

/// How many picks are tried for one request.
const MOST_TRIED: usize = 4_096;

/// What a network makes of a request with every pick of its relays.
#[derive(Debug, Default)]
pub(crate) struct Handed {
    /// Whether it comes to a relay at all.
    is_at_relay: bool,
    /// Where it is received behind relays.
    places: BTreeMap<Received, AtPlace>,
    /// What leaves open where else it is.
    open: Option<Hole>,
    pub(crate) n_walks: u64,
    /// Whether there are more picks than are tried.
    pub(crate) is_over: bool,
}

/// What becomes of a request at a place.
#[derive(Debug)]
struct AtPlace {
    /// The packet as it is received, and where.
    as_received: (Packet, Arrived),
    /// The ways by which it is delivered, and what becomes of the reply.
    ways: BTreeMap<Vec<ComponentId>, Returned>,
    /// What leaves open whether it is, by other picks.
    open: Option<Hole>,
}

/// What is told of a request at a place, or at an open one.
pub(crate) struct AtBoth {
    pub(crate) place: Option<Received>,
    pub(crate) compared: Compared,
    /// The packet as it is received in each network, and where.
    pub(crate) as_received: [Option<(Packet, Arrived)>; 2],
}

/// A request with each of the picks that its relays may make, in order, the kept one first.
pub(crate) fn each_pick(
    network: &Compiled,
    sender: Sender,
    packet: Packet,
    mut each: impl FnMut(&[u16], &Request),
) -> bool {
    let mut n_tried = 0;
    let mut coming: Vec<Vec<u16>> = vec![Vec::new()];
    while let Some(picks) = coming.pop() {
        n_tried += 1;
        if n_tried > MOST_TRIED {
            return false;
        }
        let (request, Silent) = forward::walk(network, Silent, sender, packet, &picks);
        each(&picks, &request);
        let next = (1..=network.n_picks(&request)).rev();
        coming.extend(next.map(|pick| {
            let mut longer = picks.clone();
            longer.push(pick);
            longer
        }));
    }
    true
}

/// Follows a request behind its relays.
pub(crate) fn hand_on(network: &Compiled, sender: Sender, packet: Packet) -> Handed {
    let mut handed = Handed::default();
    let is_whole = each_pick(network, sender, packet, |picks, request| {
        handed.n_walks += 1;
        if picks.is_empty() {
            handed.is_at_relay = network.n_picks(request) > 0;
            handed.open = network.hole_at_end(request);
        } else {
            network.take(request, &mut handed);
        }
    });
    handed.is_over = !is_whole;
    handed
}

impl Compiled {
    /// How many picks a relay has at which a request was delivered.
    fn n_picks(&self, request: &Request) -> u16 {
        let relay = match (request.ending.end, request.last.arrived) {
            (End::Delivered, Some(Arrived::Interface(index, _))) if self.is_relay(index) => index,
            (End::Delivered | End::Dropped | End::Undetermined(_), _) => return 0,
        };
        let received = request.last.received;
        let n_candidates = match Knock::of(received.transport()) {
            Some(_) => self.n_candidates(relay, received),
            None => 0,
        };
        u16::try_from(n_candidates).unwrap_or(u16::MAX)
    }

    /// What ends a walk so that it is open where the request is.
    fn hole_at_end(&self, request: &Request) -> Option<Hole> {
        match request.ending.end {
            End::Undetermined(hole) => Some(self.holes.hole(hole).clone()),
            End::Delivered | End::Dropped => None,
        }
    }

    /// Where a request is received, as the model names it; nothing of one that is dropped, or of which
    /// that is open.
    pub(crate) fn received(&self, request: &Request) -> Option<Received> {
        let (End::Delivered, Some(arrived)) = (request.ending.end, request.last.arrived) else {
            return None;
        };
        let packet = request.last.received;
        Some(Received {
            at: self.arrival(arrived),
            to: packet.destination(),
            port: Knock::of(packet.transport())?,
        })
    }

    fn take(&self, request: &Request, handed: &mut Handed) {
        let found = self.received(request).zip(request.last.arrived);
        let Some((place, arrived)) = found else {
            let open = self.hole_at_end(request);
            handed.open = handed.open.take().or(open);
            return;
        };
        let place = handed.places.entry(place).or_insert_with(|| AtPlace {
            as_received: (request.last.received, arrived),
            ways: BTreeMap::new(),
            open: None,
        });
        match request.outcome.end {
            End::Dropped => {}
            End::Undetermined(hole) => {
                let hole = self.holes.hole(hole);
                place.open.get_or_insert_with(|| hole.clone());
            }
            End::Delivered => {
                let (outcome, Silent) = reply::walk(self, Silent, request);
                let returned = returned(self, outcome);
                let legs = request.legs().flat_map(|leg| self.passed(leg));
                let way = legs.map(|component| self.component(component)).collect();
                let best = place.ways.entry(way).or_insert(Returned::No);
                *best = better(best.clone(), returned);
            }
        }
    }
}

/// Of two replies the one that comes back, or may.
fn better(one: Returned, other: Returned) -> Returned {
    match (one, other) {
        (Returned::Yes, _) | (_, Returned::Yes) => Returned::Yes,
        (Returned::Undetermined(hole), _) | (Returned::No, Returned::Undetermined(hole)) => {
            Returned::Undetermined(hole)
        }
        (Returned::No, Returned::No) => Returned::No,
    }
}

impl Handed {
    /// What becomes of the request at a place; nothing stands for one that is open.
    fn course(&self, place: Option<&Received>) -> Course {
        let open = |hole: &Option<Hole>| match hole {
            Some(hole) => Course::Undetermined(hole.clone()),
            None => Course::Dropped,
        };
        let Some(found) = place.and_then(|place| self.places.get(place)) else {
            return open(&self.open);
        };
        match found.ways.values().cloned().reduce(better) {
            Some(returned) => Course::Delivered(returned),
            None => open(&found.open.clone().or_else(|| self.open.clone())),
        }
    }

    fn ways(&self, place: &Received) -> Option<&BTreeMap<Vec<ComponentId>, Returned>> {
        self.places.get(place).map(|found| &found.ways)
    }
}

/// Compares what two networks make of a request, place by place.
pub(crate) fn compare(handed: &[Handed; 2]) -> Vec<AtBoth> {
    let [before, after] = handed;
    // What comes to a relay in neither network is told of the request itself.
    if !before.is_at_relay && !after.is_at_relay {
        return Vec::new();
    }
    let places: BTreeSet<_> = before.places.keys().chain(after.places.keys()).collect();
    let places = places.into_iter().map(Some).chain([None]);
    places
        .map(|place| AtBoth {
            compared: compared([before, after], place),
            as_received: handed.each_ref().map(|handed| {
                let found = handed.places.get(place?)?;
                Some(found.as_received)
            }),
            place: place.cloned(),
        })
        .collect()
}

fn compared([before, after]: [&Handed; 2], place: Option<&Received>) -> Compared {
    let changed = |before, after, ways| {
        Compared::Changed(Change {
            before,
            after,
            ways,
        })
    };
    match (before.course(place), after.course(place)) {
        (Course::Delivered(earlier), Course::Delivered(later)) => {
            let ways = |handed: &Handed| place.and_then(|place| handed.ways(place)).cloned();
            let ways = [before, after].map(|handed| ways(handed).unwrap_or_default());
            if let Some(parted) = parted(&ways) {
                let courses = [earlier, later].map(Course::Delivered);
                let [before, after] = courses;
                return changed(before, after, Some(parted));
            }
            let [one, other] = &ways;
            let pairs: Vec<_> = one.values().zip(other.values()).collect();
            if let Some((one, other)) = pairs.iter().find(|(one, other)| one != other) {
                let courses = [*one, *other].map(|returned| Course::Delivered(returned.clone()));
                let [before, after] = courses;
                return changed(before, after, None);
            }
            let mut open = pairs
                .into_iter()
                .filter_map(|(returned, _)| match returned {
                    Returned::Undetermined(hole) => Some(hole.clone()),
                    Returned::Yes | Returned::No => None,
                });
            open.next().map_or(Compared::Same, Compared::OpenInBoth)
        }
        (Course::Undetermined(hole), Course::Undetermined(same)) if hole == same => {
            Compared::OpenInBoth(hole)
        }
        (Course::Dropped, Course::Dropped) => Compared::Same,
        (before, after) => changed(before, after, None),
    }
}

/// A way of each network, where not all are ways of both: one that only it has, if there is one. The
/// place at which both arrive is left out.
fn parted(
    [one, other]: &[BTreeMap<Vec<ComponentId>, Returned>; 2],
) -> Option<[Vec<ComponentId>; 2]> {
    if one.keys().eq(other.keys()) {
        return None;
    }
    let of = |own: &BTreeMap<Vec<ComponentId>, Returned>,
              other: &BTreeMap<Vec<ComponentId>, Returned>| {
        let mut all = own.keys();
        let only = all.find(|way| !other.contains_key(*way));
        only.or_else(|| own.keys().next()).cloned()
    };
    let mut ways = [of(one, other)?, of(other, one)?];
    let is_end = |component: &ComponentId| matches!(component, ComponentId::NetworkInterface(_));
    let [one, other] = &mut ways;
    if one.last() == other.last() && one.last().is_some_and(is_end) {
        one.pop();
        other.pop();
    }
    Some(ways)
}

/// Places that have the same change, as one.
pub(crate) fn together(places: BTreeSet<Option<Received>>) -> Vec<HandedOn> {
    let is_anywhere = places.contains(&None);
    let known: BTreeSet<_> = places.into_iter().flatten().collect();
    let known = (!known.is_empty()).then_some(HandedOn::To(known));
    let anywhere = is_anywhere.then_some(HandedOn::Anywhere);
    known.into_iter().chain(anywhere).collect()
}

impl Evaluator {
    /// What changes for one flow where relays hand it on to a place, whatever they pick; `None` where
    /// nothing does, and where it is open in both networks alike.
    pub fn change_handed_on(
        &self,
        after: &Evaluator,
        flow: &Flow,
        to: Option<&Received>,
    ) -> Option<Change> {
        let handed = [self, after].map(|one| {
            let sender = one.sender(&flow.source).0;
            hand_on(&one.compiled, sender, flow.packet)
        });
        let mut places = compare(&handed).into_iter();
        match places.find(|at| at.place.as_ref() == to)?.compared {
            Compared::Changed(change) => Some(change),
            Compared::Same | Compared::OpenInBoth(_) => None,
        }
    }

    /// The flow with each pick of its relays, as many as are tried, and where it is received then.
    pub fn picked(&self, flow: &Flow) -> Vec<(Flow, Option<Received>)> {
        let mut flows = Vec::new();
        let sender = self.sender(&flow.source).0;
        let mut each = |picks: &[u16], request: &Request| {
            let flow = Flow {
                picks: picks.to_vec(),
                ..flow.clone()
            };
            flows.push((flow, self.compiled.received(request)));
        };
        each_pick(&self.compiled, sender, flow.packet, &mut each);
        flows
    }

    /// The flow with picks that lead it to a place: by which it is delivered there, and otherwise those
    /// that come nearest, or none.
    pub fn towards(&self, flow: &Flow, to: &Received) -> Flow {
        let sender = self.sender(&flow.source).0;
        let (mut nearest, mut best) = (Vec::new(), 0);
        each_pick(&self.compiled, sender, flow.packet, |picks, request| {
            let is_sent = request.last.sent.destination() == to.to
                && Knock::of(request.last.sent.transport()) == Some(to.port);
            let near = match (self.compiled.received(request), request.outcome.end) {
                _ if picks.is_empty() => 0,
                (Some(place), End::Delivered) if place == *to => 3,
                (Some(place), _) if place == *to => 2,
                (Some(_) | None, _) => u8::from(is_sent),
            };
            if near > best {
                (nearest, best) = (picks.to_vec(), near);
            }
        });
        Flow {
            picks: nearest,
            ..flow.clone()
        }
    }
}
