//! What violates claims about the policies of endpoints, as classes of requests.

use std::collections::BTreeMap;

use model::{
    Engine, Excess, Network, PolicyComparison, PolicyDifference, Request, RequestSet, VpcEndpointId,
};

use super::super::policies::Throughout;
use super::super::request_sets;
use super::requests::{self, Texts};
use super::{MOST_SETS, Recorder, write};
use crate::invariant_file::policy::{PolicyStatement, Relation};
use crate::policy_claim;
use crate::policy_difference::Side;
use crate::session::Failure;

/// The most classes of requests at one endpoint.
const MOST_CLASSES: usize = 64;

impl Recorder<'_> {
    /// The entries of one claim; none where no classes of requests say what violates it.
    pub(super) fn policy(&self, statement: &PolicyStatement) -> Result<Vec<String>, Failure> {
        let source = &self.file.source;
        let endpoints = policy_claim::endpoints(statement, self.network, self.open, source);
        let endpoints = endpoints.map_err(Failure::Problems)?;
        // What is violated whatever the selectors mean.
        let endpoints = endpoints.certain();
        let mut entries: Vec<(RequestSet, Vec<&VpcEndpointId>)> = Vec::new();
        for endpoint in endpoints {
            let Some(classes) = self.classes_at(statement, endpoint) else {
                // Then it is let be as a whole.
                return Ok(Vec::new());
            };
            for class in classes {
                match entries.iter_mut().find(|(set, _)| *set == class) {
                    Some((_, of)) => of.push(endpoint),
                    None => entries.push((class, vec![endpoint])),
                }
            }
        }
        let names = names(self.network);
        let entry = |(set, of): (RequestSet, Vec<&VpcEndpointId>)| {
            let is_each = of.len() == endpoints.len();
            let of = of.into_iter().filter(|_| !is_each);
            let of: Vec<String> = of.filter_map(|id| names.get(id).cloned()).collect();
            write::policy_entry(&statement.name, &of, &set)
        };
        let mut texts: Vec<String> = entries.into_iter().map(entry).collect();
        texts.sort();
        Ok(texts)
    }

    /// The classes of requests that violate a claim at an endpoint; nothing where some request is in none.
    fn classes_at(
        &self,
        statement: &PolicyStatement,
        endpoint: &VpcEndpointId,
    ) -> Option<Vec<RequestSet>> {
        let mut texts = Texts::of(self.network);
        texts.add(&statement.reference);
        let mut throughout = None;
        let mut classes: Vec<RequestSet> = Vec::new();
        let mut left = vec![statement.set.clone()];
        while let Some(set) = left.pop() {
            let Some(request) = self.violating(statement, endpoint, &set) else {
                continue;
            };
            if classes.len() >= MOST_CLASSES || left.len() >= MOST_SETS {
                return None;
            }
            let throughout =
                throughout.get_or_insert_with(|| Throughout::new(self.judge, statement, endpoint));
            let around = |side| {
                let is_all = |set: &RequestSet| throughout.is_all(side, set);
                requests::around(Some(&request), &statement.set, &texts, &is_all)
            };
            let class = [Side::Added, Side::Removed].into_iter().find_map(around)?;
            let split = request_sets::split(&set, &class).ok()?;
            split.taken?;
            left.extend(split.rest);
            classes.push(class);
        }
        Some(classes)
    }
}

impl Recorder<'_> {
    /// A request of a set that violates a claim at an endpoint. That none is left is judged by both engines when
    /// the baseline is read.
    fn violating(
        &self,
        statement: &PolicyStatement,
        endpoint: &VpcEndpointId,
        set: &RequestSet,
    ) -> Option<Request> {
        let comparison = PolicyComparison {
            endpoint: endpoint.clone(),
            reference: statement.reference.clone(),
            set: set.clone(),
        };
        let of = |difference: PolicyDifference| {
            let removed = match statement.relation {
                Relation::Within => Excess::None,
                Relation::Equals => difference.removed,
            };
            [difference.added, removed]
        };
        let shown = |excesses: [Excess; 2]| {
            excesses.into_iter().find_map(|excess| match excess {
                Excess::Some(request) => Some(request),
                Excess::None | Excess::Unknown(_) => None,
            })
        };
        let found = of(self.judge.evaluator.compare(&comparison));
        if found == [Excess::None, Excess::None] {
            return None;
        }
        shown(found).or_else(|| shown(of(self.judge.solver.compare(&comparison))))
    }
}

/// A selector for each endpoint: by its name where no other has it, otherwise by its id.
fn names(network: &Network) -> BTreeMap<&VpcEndpointId, String> {
    let name = |id: &VpcEndpointId| {
        let endpoint = network.vpc_endpoints().get(id)?;
        endpoint.tags.get("Name").map(String::as_str)
    };
    let all = network.vpc_endpoints().keys();
    let each = all.clone().map(|id| {
        let is_plain = |name: &&str| {
            let is_plain = |letter: char| letter.is_alphanumeric() || "-_.".contains(letter);
            !name.is_empty() && name.chars().all(is_plain)
        };
        let own = name(id).filter(is_plain);
        let is_alone = |own: &&str| {
            all.clone()
                .filter(|other| name(other) == Some(*own))
                .count()
                == 1
        };
        let told = own.filter(is_alone).map_or_else(
            || format!("endpoint id:'{id}'"),
            |own| format!("endpoint name:{own}"),
        );
        (id, told)
    });
    each.collect()
}
