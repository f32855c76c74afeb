//! What a change of a network changes for flows: every flow whose answer differs, as a few classes.
//!
//! Both networks are asked with one packet of every cell that either can tell apart (see
//! `difference_cells.rs`), and cells of one change become classes (`difference_classes.rs`).

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, Arrival, ComponentId, Flow, Hole, NetworkInterfaceId, OnPremisesGateway, TrafficClass,
};

use crate::Evaluator;
use crate::compiled::Compiled;
use crate::completion;
use crate::difference_cells::{Joint, Side};
use crate::difference_classes::Classes;
use crate::difference_course::{Compared, compare};
use crate::difference_mark::Mark;
use crate::difference_reach::Reach;
use crate::knock::Knock;
use crate::leads::Leads;
use crate::scope::Scope;
use crate::together::Together;

/// What a change changes for the flows of a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Disjoint classes of the flows whose answer differs, in order.
    pub classes: Vec<FlowClass>,
    /// What leaves flows undetermined in both networks alike, among those that the change touches:
    /// they are in no class.
    pub open_in_both: BTreeSet<Hole>,
    /// The open addresses of either network: the classes are those of one choice of them.
    pub chosen: BTreeSet<Hole>,
    /// Whether the budget of walks was reached before the end, so that classes may be missing.
    pub exhausted: bool,
}

/// Flows for which a change does one thing: from each of these senders, to each of these
/// addresses but the sender's own, with each of these transports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowClass {
    /// What changes for them.
    pub change: Change,
    /// Who sends them.
    pub from: Senders,
    /// The addresses that they are sent to: ranges without a gap between their ends.
    pub to: Vec<(Address, Address)>,
    /// Their protocols and ports, disjoint.
    pub traffic: Vec<TrafficClass>,
    /// Where relays hand them on to.
    pub handed_on: HandedOn,
    /// The positions of the marks that hold its flows (see [`Evaluator::difference`]).
    pub marks: BTreeSet<usize>,
    /// One flow of every cell that was asked, the most readable first.
    pub flows: Vec<Flow>,
}

/// What relays do with the flows of a class. A request that they hand on is compared at each place
/// where some pick leads it, besides where it is received first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HandedOn {
    /// It is the request as it is received first, which no relay has handed on.
    No,
    /// They are handed on to each of these.
    To(BTreeSet<Received>),
    /// It is open in one network or both to what they are handed on.
    Anywhere,
}

/// Where a request is received that relays have handed on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Received {
    /// Where it arrives.
    pub at: Arrival,
    /// The address that it is sent to on its last leg, as its receiver sees it.
    pub to: Address,
    /// The protocol and the port, as its receiver sees them.
    pub port: Knock,
}

/// The senders of a class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Senders {
    /// Interfaces, each from these of its own addresses.
    Interfaces(BTreeMap<NetworkInterfaceId, BTreeSet<Address>>),
    /// Hosts on the internet with these addresses.
    Internet(Vec<(Address, Address)>),
    /// Hosts on premises with these addresses, by a gateway.
    OnPremises(OnPremisesGateway, Vec<(Address, Address)>),
}

/// What becomes of a flow in a network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Course {
    /// The request is dropped, or nobody is there to send it.
    Dropped,
    /// The request is delivered.
    Delivered(Returned),
    /// It depends on this whether the request is delivered.
    Undetermined(Hole),
}

/// What becomes of the reply to a delivered request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Returned {
    /// It comes back.
    Yes,
    /// It does not.
    No,
    /// It depends on this.
    Undetermined(Hole),
}

/// What changes for a flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// What became of it before.
    pub before: Course,
    /// What becomes of it after the change.
    pub after: Course,
    /// The components that it passed and passes, where both requests are delivered by different
    /// ones; the interface at which both arrive is left out.
    pub ways: Option<[Vec<ComponentId>; 2]>,
}

/// The kind of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Not delivered before, delivered after.
    Opened,
    /// Delivered before, not delivered after.
    Closed,
    /// Delivered in both, by other components.
    Moved,
    /// Delivered in both by the same components, and answered only after.
    ReplyOpened,
    /// Delivered in both by the same components, and answered only before.
    ReplyClosed,
    /// It depends on something whether there is a change.
    Undetermined,
}

impl Change {
    /// Its kind.
    pub fn kind(&self) -> ChangeKind {
        match (&self.before, &self.after) {
            (Course::Undetermined(_), _) | (_, Course::Undetermined(_)) => ChangeKind::Undetermined,
            (Course::Dropped, _) => ChangeKind::Opened,
            (Course::Delivered(_), Course::Dropped) => ChangeKind::Closed,
            (Course::Delivered(_), Course::Delivered(_)) if self.ways.is_some() => {
                ChangeKind::Moved
            }
            (Course::Delivered(Returned::No), Course::Delivered(Returned::Yes)) => {
                ChangeKind::ReplyOpened
            }
            (Course::Delivered(Returned::Yes), Course::Delivered(Returned::No)) => {
                ChangeKind::ReplyClosed
            }
            (Course::Delivered(_), Course::Delivered(_)) => ChangeKind::Undetermined,
        }
    }

    /// Everything that it does: its kind, and what becomes of replies where requests are moved.
    pub fn kinds(&self) -> BTreeSet<ChangeKind> {
        let mut kinds = BTreeSet::from([self.kind()]);
        if let (Course::Delivered(before), Course::Delivered(after)) = (&self.before, &self.after) {
            kinds.extend(match (before, after) {
                (Returned::No, Returned::Yes) => Some(ChangeKind::ReplyOpened),
                (Returned::Yes, Returned::No) => Some(ChangeKind::ReplyClosed),
                (Returned::Undetermined(_), _) | (_, Returned::Undetermined(_)) => {
                    Some(ChangeKind::Undetermined)
                }
                (Returned::Yes, Returned::Yes) | (Returned::No, Returned::No) => None,
            });
        }
        kinds
    }

    /// What it depends on, where something is undetermined.
    pub fn holes(&self) -> BTreeSet<&Hole> {
        [&self.before, &self.after]
            .into_iter()
            .filter_map(|course| match course {
                Course::Undetermined(hole) | Course::Delivered(Returned::Undetermined(hole)) => {
                    Some(hole)
                }
                Course::Dropped | Course::Delivered(Returned::Yes | Returned::No) => None,
            })
            .collect()
    }
}

impl Evaluator {
    /// What changes for flows from this network to another one: those of a scope of the one or the
    /// other, of which only the senders, the destinations, the families and the traffic are asked.
    /// Where they are received makes no difference; of those that relays hand on it is asked where they
    /// are received, as in any scope that counts them.
    ///
    /// Marks are scopes of which each class tells whether they hold its flows; none holds a part
    /// of a class.
    pub fn difference(
        &self,
        after: &Evaluator,
        asked: [&model::Scope; 2],
        marks: &[[model::Scope; 2]],
    ) -> Difference {
        let after = &after.chosen_like(self);
        self.difference_within(after, asked, marks, Reach::new(self, after))
    }

    /// The same without a look at how far the change can reach: slow and plain.
    pub fn difference_everywhere(
        &self,
        after: &Evaluator,
        asked: [&model::Scope; 2],
        marks: &[[model::Scope; 2]],
    ) -> Difference {
        let after = &after.chosen_like(self);
        self.difference_within(after, asked, marks, Reach::everywhere())
    }

    /// What changes for one flow that no relay hands on; `None` where nothing does, and where it is
    /// open in both networks alike.
    pub fn change(&self, after: &Evaluator, flow: &Flow) -> Option<Change> {
        let senders = [self, after].map(|one| one.sender(&flow.source).0);
        let networks = [&self.compiled, &after.compiled];
        let (compared, _) = compare(networks, senders, flow.packet, Together::default());
        match compared {
            Compared::Changed(change) => Some(change),
            Compared::Same | Compared::OpenInBoth(_) => None,
        }
    }

    fn difference_within(
        &self,
        after: &Evaluator,
        asked: [&model::Scope; 2],
        marks: &[[model::Scope; 2]],
        reach: Reach,
    ) -> Difference {
        let every = [self, after].map(|one| model::Scope::every(&one.network));
        let [every_before, every_after] = &every;
        let [before, later] = [self.scope_of(every_before), after.scope_of(every_after)];
        let [one, other] = asked;
        let narrow = [self.scope_of(one), after.scope_of(other)];
        let marks: Vec<_> = marks
            .iter()
            .map(|[one, other]| Mark {
                scopes: [self.scope_of(one), after.scope_of(other)],
                asked: [one, other],
            })
            .collect();
        let narrow = Mark {
            scopes: narrow,
            asked,
        };
        let sides = [
            Side::new(&self.compiled, &before, every_before),
            Side::new(&after.compiled, &later, every_after),
        ];
        let joint = Joint::new(sides, &narrow, &marks, &reach);
        let mut classes = Classes::default();
        let mut budget = self.budget;
        let mut is_whole = joint.ask(&mut budget, &mut classes);
        let leads = [
            Leads::new(&self.compiled, &before, every_before),
            Leads::new(&after.compiled, &later, every_after),
        ];
        if leads.iter().any(|leads| !leads.is_empty()) {
            let [one, other] = &leads;
            let sides = [
                Side::new(&self.compiled, &before, every_before).relaying(one),
                Side::new(&after.compiled, &later, every_after).relaying(other),
            ];
            let relayed = Joint::new(sides, &narrow, &marks, &reach).relaying();
            is_whole &= relayed.ask(&mut budget, &mut classes);
        }
        let chosen = [self, after].map(|evaluator| completion::holes(&evaluator.source));
        Difference {
            open_in_both: std::mem::take(&mut classes.open_in_both),
            classes: classes.merged(&joint),
            chosen: chosen.into_iter().flatten().collect(),
            exhausted: !is_whole,
        }
    }

    pub(crate) fn scope_of(&self, scope: &model::Scope) -> Scope<'_> {
        Scope::new(scope, &self.network, &self.compiled, &self.resolver)
    }

    /// With the addresses that another network has for the same open ones, as far as that is
    /// possible: a choice is no change.
    #[must_use]
    pub fn chosen_like(&self, other: &Evaluator) -> Evaluator {
        let slots: BTreeSet<_> = self.source.open_addresses().into_iter().collect();
        let mut completion = self.completion.clone();
        let theirs = other.completion.addresses.iter();
        let theirs = theirs.filter(|(slot, _)| slots.contains(*slot));
        let theirs = theirs.map(|(slot, address)| (slot.clone(), *address));
        completion.addresses.extend(theirs);
        let network = self.source.completed(&completion);
        if completion == self.completion || network.clone().into_draft().validate().is_err() {
            return self.clone();
        }
        Evaluator {
            compiled: Compiled::new(&network),
            network,
            completion,
            ..self.clone()
        }
    }
}
