//! A search through all classes of requests that come one way: for every caller and everything
//! that it calls, through actions and context keys, no further than documents are undecided.

use std::collections::{BTreeMap, HashSet};

use model::{Address, Request, RequestSet, UnknownReason, Value};

use crate::account::Accounts;
use crate::action::Action;
use crate::authorization::{Case, Judgement};
use crate::authorize::{CompiledPolicy, EndpointPolicy, candidates};
use crate::context::{INTERNET, Path};
use crate::dimensions::{ACTION, Choice, Dimensions, PRINCIPAL, RESOURCE};
use crate::index::DocumentIndex;
use crate::pieces::Pieces;
use crate::request_search::{Judged, STATEMENT_BUDGET, set};
use crate::requests::{REPLAY, Requests, Standing, out_of_budget};
use crate::said::Said;
use crate::statement::Voice;
use crate::tables::{Entry, Row, Tables};

/// Where the tables hold what is asked of each candidate of a document.
struct Lists {
    /// What denies and what allows, in the endpoint's policy.
    by: Vec<[usize; 2]>,
    documents: BTreeMap<(DocumentIndex, Voice), Vec<usize>>,
}

/// The search.
struct Search<'a> {
    accounts: &'a Accounts,
    by: Option<&'a EndpointPolicy>,
    path: &'a Path,
    dimensions: &'a Dimensions,
    tables: &'a Tables,
    lists: &'a Lists,
    /// What the classes of actions are.
    kinds: Vec<Action>,
    /// Of which kind each class of actions is.
    kind_of: Vec<usize>,
    choice: Choice,
    /// What each statement says, as far as the choice settles that.
    settled: Vec<Vec<Option<Entry>>>,
    /// The statements that were settled, in that order.
    trail: Vec<(usize, usize)>,
    /// Statements looked at.
    looked_at: usize,
    requests: Requests,
}

/// A caller and what it calls, with the lists that have a say; those first that may end a search
/// soonest.
struct Pair<'a> {
    case: Case<'a>,
    lists: Vec<usize>,
}

/// Judges every class of the requests of a set that come by an endpoint, or over the internet,
/// from an address.
pub(crate) fn judge(
    set: &RequestSet,
    (accounts, pieces): (&Accounts, &Pieces<'_>),
    by: Option<&EndpointPolicy>,
    source: Option<Address>,
) -> Result<Requests, &'static str> {
    let own_path = by.map_or(&INTERNET, |endpoint| &endpoint.path);
    let own_path = own_path.from(source);
    let mut path = own_path.clone().into_owned();
    path.several.extend(accounts.several.iter().cloned());
    let own = by.map(EndpointPolicy::candidates).unwrap_or_default();
    let documents = pieces.asked.iter().map(|(document, _)| *document);
    let documents = documents.flat_map(|one| candidates(&accounts.documents[one]));
    let policies: Vec<&CompiledPolicy> = own.iter().chain(documents).collect();
    let mut apart = pieces.apart.clone();
    let of_endpoint = own.iter().flat_map(|policy| &policy.statements);
    apart
        .typing
        .extend(of_endpoint.flat_map(|one| &one.conditions));
    let dimensions = Dimensions::new(set, &policies, &path, &apart)?;
    let mut tables = Tables::empty(&dimensions);
    let mut list = |policy: &CompiledPolicy, voice: Voice| {
        let statements = policy.asked(voice).map(|statement| (statement, voice));
        tables.add(statements, &dimensions, &path)
    };
    let mut lists = Lists {
        by: Vec::new(),
        documents: BTreeMap::new(),
    };
    for policy in own {
        let of = [list(policy, Voice::Denies)?, list(policy, Voice::Allows)?];
        lists.by.push(of);
    }
    for (document, voice) in &pieces.asked {
        let policies = candidates(&accounts.documents[*document]).iter();
        let of: Result<Vec<usize>, _> = policies.map(|policy| list(policy, *voice)).collect();
        lists.documents.insert((*document, *voice), of?);
    }
    let (kinds, kind_of) = kinds(&dimensions.actions);
    let unsettled = tables.policies.iter().map(|rows| vec![None; rows.len()]);
    let search = Search {
        accounts,
        by,
        path: &own_path,
        dimensions: &dimensions,
        tables: &tables,
        lists: &lists,
        kinds,
        kind_of,
        choice: vec![None; tables.sizes.len()],
        settled: unsettled.collect(),
        trail: Vec::new(),
        looked_at: 0,
        requests: Requests::default(),
    };
    search.run()
}

/// What actions are, and of which kind each is.
fn kinds(actions: &[String]) -> (Vec<Action>, Vec<usize>) {
    let mut kinds: Vec<Action> = Vec::new();
    let mut kind_of = Vec::new();
    for action in actions {
        let action = Action::new(action);
        let known = kinds.iter().position(|one| *one == action);
        kind_of.push(known.unwrap_or(kinds.len()));
        if known.is_none() {
            kinds.push(action);
        }
    }
    (kinds, kind_of)
}

impl Search<'_> {
    fn run(mut self) -> Result<Requests, &'static str> {
        if self.tables.sizes.contains(&0) {
            return Ok(self.requests);
        }
        let (accounts, dimensions) = (self.accounts, self.dimensions);
        for (class, principal) in dimensions.principals.iter().enumerate() {
            set(&mut self.choice, PRINCIPAL, Some(class));
            let caller = accounts.caller(principal);
            for (class, resource) in dimensions.resources.iter().enumerate() {
                set(&mut self.choice, RESOURCE, Some(class));
                let case = Case {
                    called: accounts.called(&caller, resource),
                    caller: &caller,
                };
                let pair = Pair {
                    lists: self.lists.of(&case),
                    case,
                };
                if self.choose(&pair)? {
                    return Ok(self.requests);
                }
            }
        }
        Ok(self.requests)
    }

    /// Judges the requests of the choice, or chooses further; whether all has been found.
    fn choose(&mut self, pair: &Pair<'_>) -> Result<bool, &'static str> {
        let mark = self.trail.len();
        self.settle(pair)?;
        let has_found = match self.standing(&pair.case) {
            Standing::Undecided(_) => self.choose_further(pair)?,
            standing @ (Standing::Permitted | Standing::Denied | Standing::Open(_)) => {
                self.note(standing)
            }
        };
        for (list, row) in self.trail.split_off(mark) {
            if let Some(settled) = self.settled.get_mut(list).and_then(|all| all.get_mut(row)) {
                *settled = None;
            }
        }
        Ok(has_found)
    }

    fn choose_further(&mut self, pair: &Pair<'_>) -> Result<bool, &'static str> {
        let Some(dimension) = self.dimension(pair) else {
            return Ok(self.note(Standing::Open(out_of_budget(REPLAY))));
        };
        let mut seen = HashSet::new();
        for class in 0..self.tables.sizes.get(dimension).copied().unwrap_or(0) {
            set(&mut self.choice, dimension, Some(class));
            // Classes of which everything undecided says the same are alike.
            if seen.insert(self.sight(dimension, pair)?) && self.choose(pair)? {
                return Ok(true);
            }
        }
        set(&mut self.choice, dimension, None);
        Ok(false)
    }

    /// Notes what the choice settles.
    fn settle(&mut self, pair: &Pair<'_>) -> Result<(), &'static str> {
        let sizes = &self.tables.sizes;
        for list in &pair.lists {
            let rows = self.tables.policies.get(*list).into_iter().flatten();
            let settled = self.settled.get_mut(*list).into_iter().flatten();
            for (position, (row, settled)) in rows.zip(settled).enumerate() {
                if settled.is_some() {
                    continue;
                }
                self.looked_at += 1;
                *settled = match row.said(sizes, &self.choice) {
                    Said::Undecided => continue,
                    Said::Fails => Some(Entry::Fails),
                    Said::Holds => Some(Entry::Holds),
                    Said::Open(reason) => Some(Entry::Open(reason)),
                };
                self.trail.push((*list, position));
            }
        }
        if self.looked_at > STATEMENT_BUDGET {
            return Err("classes of requests");
        }
        Ok(())
    }

    /// What the statements of a list say together.
    fn said(&self, list: usize) -> Said<usize> {
        let settled = self.settled.get(list).into_iter().flatten();
        Said::any(settled.map(|entry| match entry {
            None => Said::Undecided,
            Some(Entry::Fails) => Said::Fails,
            Some(Entry::Holds) => Said::Holds,
            Some(Entry::Open(reason)) => Said::Open(*reason),
        }))
    }

    /// What is done with the requests of the choice.
    fn standing(&self, case: &Case<'_>) -> Standing {
        let by = self.by.map(|endpoint| {
            let candidates = self.lists.by.iter();
            let judged = candidates.map(|[denies, allows]| self.judged(*denies, *allows));
            let judged: Vec<Judged> = judged.collect();
            endpoint.standing(&judged, self.tables)
        });
        if by == Some(Standing::Denied) {
            return Standing::Denied;
        }
        match (by, self.beside(case)) {
            (_, Standing::Denied) => Standing::Denied,
            (Some(undecided @ Standing::Undecided(_)), _) => undecided,
            (_, undecided @ Standing::Undecided(_)) => undecided,
            (Some(open @ Standing::Open(_)), _) => open,
            (Some(Standing::Permitted | Standing::Denied) | None, beside) => beside,
        }
    }

    /// What accounts do with the requests of the choice: what they do with each kind of its
    /// actions, if that is the same.
    fn beside(&self, case: &Case<'_>) -> Standing {
        let ask = |document: DocumentIndex, voice: Voice| self.asked(document, voice);
        let kinds = match self.kind() {
            Some(kind) => self.kinds.get(kind..=kind).unwrap_or_default(),
            None => &self.kinds,
        };
        let mut standings = kinds.iter().map(|action| match case.judge(action, &ask) {
            Judgement::Permitted(_) => Standing::Permitted,
            Judgement::Denied(_) => Standing::Denied,
            Judgement::Open(reason) => Standing::Open(reason),
            Judgement::Undecided => Standing::Undecided(0),
        });
        let undecided = Standing::Undecided(0);
        match standings.next() {
            Some(first) if first != undecided && standings.all(|other| other == first) => first,
            Some(_) | None => undecided,
        }
    }

    /// What one policy says that the endpoint may have (the steps of `policy.md`).
    fn judged(&self, denies: usize, allows: usize) -> Judged {
        match (self.said(denies), self.said(allows)) {
            (Said::Holds, _) | (_, Said::Fails) => Judged::Denied,
            (Said::Undecided, _) | (_, Said::Undecided) => Judged::Undecided,
            (Said::Open(reason), _) | (Said::Fails, Said::Open(reason)) => Judged::Open(reason),
            (Said::Fails, Said::Holds) => Judged::Permitted,
        }
    }

    /// What a document says.
    fn asked(&self, document: DocumentIndex, voice: Voice) -> Said<UnknownReason> {
        let lists = self.lists.documents.get(&(document, voice));
        let mut each = lists
            .into_iter()
            .flatten()
            .map(|list| match self.said(*list) {
                Said::Fails => Said::Fails,
                Said::Holds => Said::Holds,
                Said::Undecided => Said::Undecided,
                Said::Open(reason) => {
                    let reason = self.tables.reasons.get(reason).cloned();
                    Said::Open(reason.unwrap_or_else(|| out_of_budget(REPLAY)))
                }
            });
        match &self.accounts.documents[document] {
            Value::Known(_) => each.next().unwrap_or(Said::Open(out_of_budget(REPLAY))),
            Value::OneOf(_, hole) => Said::agreed(each, UnknownReason::DependsOn(hole.clone())),
            Value::Any(hole) => Said::Open(UnknownReason::DependsOn(hole.clone())),
        }
    }

    /// Of which kind the actions of the choice are, once they are chosen.
    fn kind(&self) -> Option<usize> {
        let chosen = self.choice.get(ACTION).copied().flatten()?;
        self.kind_of.get(chosen).copied()
    }

    /// The first dimension that the first list asks for which is undecided.
    fn dimension(&self, pair: &Pair<'_>) -> Option<usize> {
        let sizes = &self.tables.sizes;
        let undecided = pair
            .lists
            .iter()
            .filter(|list| self.said(**list) == Said::Undecided);
        let mut rows = undecided.flat_map(|list| self.undecided(*list));
        let asked = rows.find_map(|row| row.asks_for(sizes, &self.choice));
        let is_chosen = self.choice.get(ACTION).is_some_and(Option::is_some);
        asked.or((!is_chosen).then_some(ACTION))
    }

    /// The statements of a list that the choice does not settle.
    fn undecided(&self, list: usize) -> impl Iterator<Item = &Row> {
        let rows = self.tables.policies.get(list).into_iter().flatten();
        let settled = self.settled.get(list).into_iter().flatten();
        let undecided = rows.zip(settled).filter(|(_, settled)| settled.is_none());
        undecided.map(|(row, _)| row)
    }

    /// What everything undecided says of the class chosen in a dimension.
    fn sight(
        &mut self,
        dimension: usize,
        pair: &Pair<'_>,
    ) -> Result<(Option<usize>, Vec<Entry>), &'static str> {
        let mut sight = Vec::new();
        let mut looked_at = 0;
        for row in pair.lists.iter().flat_map(|list| self.undecided(*list)) {
            looked_at += 1;
            let parts = row.parts.iter();
            for part in parts.filter(|part| part.dimensions.contains(&dimension)) {
                sight.extend(part.left(&self.tables.sizes, &self.choice));
            }
        }
        self.looked_at += looked_at;
        if self.looked_at > STATEMENT_BUDGET {
            return Err("classes of requests");
        }
        let kind = (dimension == ACTION).then(|| self.kind()).flatten();
        Ok((kind, sight))
    }

    /// Notes what is done with the requests of the choice; whether all has been found.
    fn note(&mut self, standing: Standing) -> bool {
        if let Some(request) = self.dimensions.request(&self.choice) {
            let of_request = self.answer(&request);
            self.requests.add(standing, of_request, request);
        }
        self.requests.have_both()
    }

    fn answer(&self, request: &Request) -> Standing {
        Standing::of_effect(self.accounts.permits(self.by, self.path, request).effect)
    }
}

impl Lists {
    /// The lists that have a say in a case.
    fn of(&self, case: &Case<'_>) -> Vec<usize> {
        let allows = self.by.iter().map(|[_, allows]| *allows);
        let asks = case.asks().into_iter();
        let documents = asks.filter_map(|ask| self.documents.get(&ask)).flatten();
        let denies = self.by.iter().map(|[denies, _]| *denies);
        allows.chain(documents.copied()).chain(denies).collect()
    }
}
