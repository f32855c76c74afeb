//! What becomes of traffic between two ends, as sets of it.

use std::collections::BTreeMap;

use model::{Address, Hole, Packet, TrafficClass};

use crate::compiled::Compiled;
use crate::extents::TransportCell;
use crate::forward::{self, Arrived, Sender};
use crate::region::Region;
use crate::reply;
use crate::scope::Truth;
use crate::together::Left;
use crate::walk::{End, Recorder};

/// What becomes of a flow, of which is asked whether it arrives at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate<'a> {
    /// Its request does not arrive there.
    Closed,
    /// Its request arrives, and the reply comes back.
    Answered,
    /// Its request arrives, and the reply does not come back.
    Unanswered,
    /// It depends on this.
    Undetermined(&'a Hole),
}

/// Walks flows from a sender that differ in protocol and ports. `allows` is whether an arrival is the
/// place, and the hole that leaves that open.
pub(crate) fn fates<'a>(
    network: &'a Compiled,
    sender: Sender,
    (source, destination): (Address, Address),
    transports: &[TransportCell],
    allows: impl Fn(Arrived) -> (Truth, Option<&'a Hole>),
    n_walks: &mut u64,
) -> Vec<Fate<'a>> {
    let mut fates = vec![Fate::Closed; transports.len()];
    let mut left = Left::new(transports.iter().map(|cell| cell.one));
    while let Some((position, transport, together)) = left.take() {
        let Some(packet) = Packet::new(source, destination, transport) else {
            continue;
        };
        *n_walks += 1;
        let (fate, together) = fate(network, together, sender, packet, &allows);
        for alike in left.walked(&together).into_iter().chain([position]) {
            if let Some(own) = fates.get_mut(alike) {
                *own = fate;
            }
        }
    }
    fates
}

/// Walks one.
pub(crate) fn fate<'a, R: Recorder>(
    network: &'a Compiled,
    recorder: R,
    sender: Sender,
    packet: Packet,
    allows: impl Fn(Arrived) -> (Truth, Option<&'a Hole>),
) -> (Fate<'a>, R) {
    let (request, recorder) = forward::walk(network, recorder, sender, packet, &[]);
    if request.outcome.end == End::Dropped {
        return (Fate::Closed, recorder);
    }
    // A step that ended the walk may let it arrive anywhere.
    let (allowed, open) = match request.last.arrived {
        Some(arrived) => allows(arrived),
        None => (Truth::Open, None),
    };
    let fate = match (request.outcome.end, allowed, open) {
        (End::Dropped, ..) | (_, Truth::False, _) => Fate::Closed,
        (End::Undetermined(hole), ..) => Fate::Undetermined(network.holes.hole(hole)),
        (End::Delivered, Truth::Open, Some(hole)) => Fate::Undetermined(hole),
        (End::Delivered, Truth::Open | Truth::True, _) => {
            let (outcome, recorder) = reply::walk(network, recorder, &request);
            let fate = match outcome.map(|outcome| outcome.end) {
                Some(End::Delivered) => Fate::Answered,
                Some(End::Dropped) | None => Fate::Unanswered,
                Some(End::Undetermined(hole)) => Fate::Undetermined(network.holes.hole(hole)),
            };
            return (fate, recorder);
        }
    };
    (fate, recorder)
}

/// Traffic by what becomes of it; what is in none of these does not arrive.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Answers {
    pub(crate) answered: Region,
    pub(crate) unanswered: Region,
    pub(crate) undetermined: BTreeMap<Hole, Region>,
}

impl Answers {
    pub(crate) fn new<'a>(cells: impl IntoIterator<Item = (&'a TrafficClass, Fate<'a>)>) -> Self {
        let (mut answered, mut unanswered) = (Vec::new(), Vec::new());
        let mut undetermined: BTreeMap<&Hole, Vec<&TrafficClass>> = BTreeMap::new();
        for (class, fate) in cells {
            match fate {
                Fate::Closed => {}
                Fate::Answered => answered.push(class),
                Fate::Unanswered => unanswered.push(class),
                Fate::Undetermined(hole) => undetermined.entry(hole).or_default().push(class),
            }
        }
        let undetermined = undetermined.into_iter();
        Self {
            answered: Region::new(answered),
            unanswered: Region::new(unanswered),
            undetermined: undetermined
                .map(|(hole, classes)| (hole.clone(), Region::new(classes)))
                .collect(),
        }
    }

    /// What is certain in every completion; what differs between them depends on what is chosen in
    /// them.
    pub(crate) fn in_all(completions: &[Answers], chosen: &[Hole]) -> Self {
        let [first, others @ ..] = completions else {
            return Self::default();
        };
        if others.is_empty() {
            return first.clone();
        }
        let mut told = Self {
            undetermined: BTreeMap::new(),
            ..first.clone()
        };
        let (mut answered, mut unanswered) = (Region::default(), Region::default());
        for one in completions {
            told.answered = told.answered.intersection(&one.answered);
            told.unanswered = told.unanswered.intersection(&one.unanswered);
            answered = answered.union(&one.answered);
            unanswered = unanswered.union(&one.unanswered);
            told.undetermined(&one.undetermined);
        }
        let differing = answered.without(&told.answered);
        let differing = differing.union(&unanswered.without(&told.unanswered));
        if !differing.is_empty() {
            for hole in chosen {
                let region = told.undetermined.entry(hole.clone()).or_default();
                *region = region.union(&differing);
            }
        }
        told
    }

    /// What of it is in a region.
    pub(crate) fn within(&self, region: &Region) -> Self {
        let undetermined = self.undetermined.iter();
        let undetermined =
            undetermined.map(|(hole, open)| (hole.clone(), open.intersection(region)));
        Self {
            answered: self.answered.intersection(region),
            unanswered: self.unanswered.intersection(region),
            undetermined: undetermined.filter(|(_, open)| !open.is_empty()).collect(),
        }
    }

    fn undetermined(&mut self, more: &BTreeMap<Hole, Region>) {
        for (hole, region) in more {
            let own = self.undetermined.entry(hole.clone()).or_default();
            *own = own.union(region);
        }
    }

    /// What becomes so of some flow.
    pub(crate) fn add(&mut self, other: &Answers) {
        self.answered = self.answered.union(&other.answered);
        self.unanswered = self.unanswered.union(&other.unanswered);
        self.undetermined(&other.undetermined);
    }
}

/// What becomes of traffic between some pairs of addresses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spread {
    /// What is answered between every pair.
    pub(crate) every: Region,
    /// What becomes so between some pair.
    pub(crate) some: Answers,
}

impl From<Answers> for Spread {
    fn from(some: Answers) -> Self {
        Self {
            every: some.answered.clone(),
            some,
        }
    }
}

impl Spread {
    /// With other pairs.
    pub(crate) fn add(&mut self, other: &Spread) {
        self.every = self.every.intersection(&other.every);
        self.some.add(&other.some);
    }
}

/// What becomes of traffic between two ends, by family; nothing of a family in which there is no
/// pair of addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Outcome([Option<Spread>; 2]);

impl Outcome {
    const fn place(family: model::Family) -> usize {
        match family {
            model::Family::V4 => 0,
            model::Family::V6 => 1,
        }
    }

    /// Adds what is told of other pairs of addresses of a family.
    pub(crate) fn add(&mut self, family: model::Family, spread: &Spread) {
        if let Some(own) = self.0.get_mut(Self::place(family)) {
            match own {
                Some(own) => own.add(spread),
                None => *own = Some(spread.clone()),
            }
        }
    }

    /// Adds everything that is told of other ends.
    pub(crate) fn extend(&mut self, other: &Outcome) {
        for (family, spread) in other.iter() {
            self.add(family, spread);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (model::Family, &Spread)> {
        let families = crate::address::FAMILIES.into_iter().zip(&self.0);
        families.filter_map(|(family, spread)| Some((family, spread.as_ref()?)))
    }

    /// Whether anything is answered.
    pub(crate) fn is_connected(&self) -> bool {
        self.iter()
            .any(|(_, spread)| !spread.some.answered.is_empty())
    }
}
