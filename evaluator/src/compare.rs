//! Two policies in the place of one endpoint's, compared by the requests that they permit.

use std::collections::BTreeSet;

use model::{Excess, Hole, PolicyComparison, PolicyDifference, Request, UnknownReason};

use crate::authorize::{CompiledPolicy, EndpointPolicy, Policies};
use crate::dimensions::{Apart, Dimensions};
use crate::request_search::{Next, Search};
use crate::requests::{REPLAY, Standing, out_of_budget};
use crate::tables::Tables;

/// What one policy permits more than another, as far as is known.
#[derive(Default)]
struct Found {
    request: Option<Request>,
    reasons: BTreeSet<UnknownReason>,
}

impl Found {
    /// Notes what is said of a class, and of one request of it.
    fn add(&mut self, class: [&Standing; 2], of_request: [&Standing; 2], request: &Request) {
        let is_excess = of_request == [&Standing::Permitted, &Standing::Denied];
        if is_excess && self.request.is_none() {
            self.request = Some(request.clone());
        }
        match class {
            [Standing::Denied, _] | [_, Standing::Permitted] => {}
            [Standing::Permitted, Standing::Denied] => {
                // The request that is permitted and denied is found where it is alike.
                let differs = !is_excess;
                self.reasons.extend(differs.then(|| out_of_budget(REPLAY)));
            }
            [one, other] => {
                for standing in [one, other] {
                    if let Standing::Open(reason) = standing {
                        self.reasons.insert(reason.clone());
                    }
                }
            }
        }
    }

    fn excess(self) -> Excess {
        match (self.request, self.reasons.is_empty()) {
            (Some(request), _) => Excess::Some(request),
            (None, true) => Excess::None,
            (None, false) => Excess::Unknown(self.reasons),
        }
    }
}

impl Policies {
    /// What an endpoint's policy and another one permit differently.
    pub(crate) fn compare(&self, comparison: &PolicyComparison) -> PolicyDifference {
        let unknown = |reason: UnknownReason| PolicyDifference {
            added: Excess::Unknown(BTreeSet::from([reason.clone()])),
            removed: Excess::Unknown(BTreeSet::from([reason])),
        };
        let endpoint = &comparison.endpoint;
        match self.endpoints.get(endpoint) {
            Some(policy) => {
                let difference = difference(policy, comparison);
                difference.unwrap_or_else(|limit| unknown(out_of_budget(limit)))
            }
            None => unknown(UnknownReason::DependsOn(Hole::new(format!(
                "policy of {endpoint}"
            )))),
        }
    }
}

fn difference(
    policy: &EndpointPolicy,
    comparison: &PolicyComparison,
) -> Result<PolicyDifference, &'static str> {
    let [policy, reference] = policy.beside(&comparison.reference);
    let candidates = policy.candidates().iter().chain(reference.candidates());
    let candidates: Vec<&CompiledPolicy> = candidates.collect();
    let dimensions = Dimensions::new(
        &comparison.set,
        &candidates,
        &policy.path,
        &Apart::default(),
    )?;
    let tables = Tables::new(&dimensions, &candidates, &policy.path)?;
    let (mut added, mut removed) = (Found::default(), Found::default());
    Search::run(&tables, |judged, choice| {
        let Some((last, own)) = judged.split_last() else {
            return Next::Stop;
        };
        let one = policy.standing(own, &tables);
        let other = Standing::of(*last, own.len(), &tables);
        if let Standing::Undecided(position) = one {
            return Next::Choose(position);
        }
        if let Standing::Undecided(position) = other {
            return Next::Choose(position);
        }
        if let Some(request) = dimensions.request(choice) {
            let path = &policy.path;
            let answers = [&policy, &reference].map(|one| one.answer(path, &request));
            let [answer, of_reference] = &answers;
            added.add([&one, &other], [answer, of_reference], &request);
            removed.add([&other, &one], [of_reference, answer], &request);
        }
        if added.request.is_some() && removed.request.is_some() {
            return Next::Stop;
        }
        Next::Done
    })?;
    Ok(PolicyDifference {
        added: added.excess(),
        removed: removed.excess(),
    })
}
