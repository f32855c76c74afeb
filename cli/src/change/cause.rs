//! Which parts of a change make a class: the fewest edits that, applied alone to the network before,
//! already change its flows in the same way.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use evaluator::{Evaluator, FlowClass, HandedOn};
use model::{Engine, Flow, Network};

use super::edits::{Edit, apply};

/// How many networks with a part of the change are tried in one run.
const MOST_TRIED: usize = 500;
/// How many flows of a class have to change.
const MOST_FLOWS: usize = 16;

/// What makes a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// These edits suffice, and none of them can be left out.
    Edits(Vec<Edit>),
    /// No part of the change was found that suffices.
    Whole,
    /// So many parts were tried that no more are.
    OutOfBudget,
}

/// Finds causes.
pub(crate) struct Causes<'a> {
    before: &'a Network,
    after: &'a Network,
    evaluator: &'a Evaluator,
    edits: &'a [Edit],
    /// The networks tried so far; `None` where AWS would not take such a part.
    tried: RefCell<BTreeMap<BTreeSet<usize>, Option<Evaluator>>>,
}

impl<'a> Causes<'a> {
    pub(crate) fn new(
        [before, after]: [&'a Network; 2],
        evaluator: &'a Evaluator,
        edits: &'a [Edit],
    ) -> Self {
        Self {
            before,
            after,
            evaluator,
            edits,
            tried: RefCell::default(),
        }
    }

    /// What makes a class.
    pub(crate) fn of(&self, class: &FlowClass) -> Cause {
        let all: BTreeSet<usize> = (0..self.edits.len()).collect();
        for one in &all {
            match self.suffices(&BTreeSet::from([*one]), class) {
                Some(true) => return self.told(&BTreeSet::from([*one])),
                Some(false) => {}
                None => return Cause::OutOfBudget,
            }
        }
        let mut left = all.clone();
        let mut n_parts = 2;
        // Delta debugging: leaves out ever smaller parts as long as the rest suffices.
        while n_parts <= left.len() {
            let items: Vec<usize> = left.iter().copied().collect();
            let size = items.len().div_ceil(n_parts);
            let mut smaller = None;
            for part in items.chunks(size) {
                let rest: BTreeSet<usize> = left
                    .iter()
                    .copied()
                    .filter(|one| !part.contains(one))
                    .collect();
                match self.suffices(&rest, class) {
                    Some(true) => {
                        smaller = Some(rest);
                        break;
                    }
                    Some(false) => {}
                    None => return Cause::OutOfBudget,
                }
            }
            match smaller {
                Some(rest) => {
                    left = rest;
                    n_parts = n_parts.saturating_sub(1).max(2);
                }
                None if size == 1 => break,
                None => n_parts = (n_parts * 2).min(left.len()),
            }
        }
        if left == all && self.edits.len() > 1 {
            return Cause::Whole;
        }
        self.told(&left)
    }

    fn told(&self, part: &BTreeSet<usize>) -> Cause {
        let edits = part.iter().filter_map(|one| self.edits.get(*one));
        Cause::Edits(edits.cloned().collect())
    }

    /// Whether a part of the change suffices; `None` when too many were tried.
    fn suffices(&self, part: &BTreeSet<usize>, class: &FlowClass) -> Option<bool> {
        let mut tried = self.tried.borrow_mut();
        if !tried.contains_key(part) {
            if tried.len() >= MOST_TRIED {
                return None;
            }
            let edits = part.iter().filter_map(|one| self.edits.get(*one));
            let network = apply(edits, self.before, self.after);
            let loaded =
                network.map(|network| Evaluator::load(&network).chosen_like(self.evaluator));
            tried.insert(part.clone(), loaded);
        }
        let Some(Some(partly)) = tried.get(part) else {
            return Some(false);
        };
        let change = |flow: &Flow, place| match class.handed_on {
            HandedOn::No => self.evaluator.change(partly, flow),
            HandedOn::To(_) | HandedOn::Anywhere => {
                self.evaluator.change_handed_on(partly, flow, place)
            }
        };
        let places: Vec<_> = match &class.handed_on {
            HandedOn::No | HandedOn::Anywhere => vec![None],
            HandedOn::To(places) => places.iter().map(Some).collect(),
        };
        let flows = class.flows.iter();
        let flows = flows.flat_map(|flow| places.iter().map(move |place| (flow, *place)));
        let mut flows = flows.take(MOST_FLOWS);
        Some(flows.all(|(flow, place)| change(flow, place).as_ref() == Some(&class.change)))
    }
}
