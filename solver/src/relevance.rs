//! Of what a question speaks: what holds of other open addresses cannot decide it, and z3 is not told.

use std::collections::BTreeSet;

use z3::ast::{Ast, Bool, Dynamic};

use crate::encoder::Encoder;
use crate::hashed::{HashMap, HashSet};
use crate::hole::OpenAddresses;
use crate::symbolic::{Formula, Number};

/// The open addresses of which formulas have spoken, by family.
pub(crate) struct Spoken {
    families: [Relevance; 2],
    seen: HashSet<Dynamic>,
}

/// Those of one family.
struct Relevance {
    by_term: HashMap<Dynamic, usize>,
    spoken_of: BTreeSet<usize>,
}

impl Spoken {
    /// Of none yet.
    pub(crate) fn new(encoder: &Encoder) -> Self {
        Self {
            families: encoder.both_open().map(Relevance::new),
            seen: HashSet::default(),
        }
    }

    /// What holds in every completion of the open addresses of which formulas have spoken, when these speak of new ones,
    /// and what propositions mean of which they are the first to speak. Linear in the terms that were not seen before.
    pub(crate) fn of(&mut self, encoder: &Encoder, formulas: &[Bool]) -> Vec<Formula> {
        let meanings = encoder.meanings();
        let mut terms: Vec<Dynamic> = formulas.iter().map(|one| Dynamic::from_ast(one)).collect();
        let mut new = HashSet::default();
        let mut told = Vec::new();
        while let Some(term) = terms.pop() {
            if self.seen.insert(term.clone()) {
                terms.extend(term.children());
                if let Some(meaning) = meanings.get(&term) {
                    terms.push(Dynamic::from_ast(meaning));
                    told.push(Formula::Term(meaning.clone()));
                }
                new.insert(term);
            }
        }
        for (family, open) in self.families.iter_mut().zip(encoder.both_open()) {
            told.extend(family.axioms(open, &new));
        }
        told
    }
}

impl Relevance {
    fn new(open: &OpenAddresses) -> Self {
        let all = open.all.iter().enumerate();
        let by_term = all.filter_map(|(position, one)| match &one.number {
            Number::Term(term, _) => Some((Dynamic::from_ast(term), position)),
            Number::Known(..) => None,
        });
        Self {
            by_term: by_term.collect(),
            spoken_of: BTreeSet::new(),
        }
    }

    fn axioms(&mut self, open: &OpenAddresses, new: &HashSet<Dynamic>) -> Vec<Formula> {
        let before = self.spoken_of.len();
        let met = new.iter().filter_map(|term| self.by_term.get(term));
        self.spoken_of.extend(met.copied());
        if self.spoken_of.len() == before {
            return Vec::new();
        }
        open.axioms(&self.spoken_of)
    }
}
