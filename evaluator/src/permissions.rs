//! Requests of a scope by the way on which flows carry them, and by the class of the address that
//! they come from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use model::{Address, RequestSet};
use rayon::prelude::*;

use crate::account::Accounts;
use crate::authorization_search;
use crate::authorize::{CompiledPolicy, EndpointPolicy, Policies, candidates};
use crate::context::{INTERNET, Key};
use crate::dimensions::{Apart, Dimensions};
use crate::index::{EndpointIndex, Names};
use crate::pieces::Pieces;
use crate::requests::{self, Requests, out_of_budget};
use crate::source_classes::SourceClasses;

/// What is said of the requests of a scope on every way.
#[derive(Debug, Default)]
pub(crate) struct Permissions<'a> {
    /// Of a flow that passes no endpoint, which carries every request.
    unguarded: Requests,
    endpoints: BTreeMap<EndpointIndex, ByWay<'a>>,
    /// Of a flow that arrives on the internet, when accounts are asked.
    internet: Option<ByWay<'a>>,
}

/// What is said of them on one way.
#[derive(Debug)]
struct ByWay<'a> {
    set: Arc<RequestSet>,
    judges: Judges<'a>,
    /// Where the source address is not known, or no policy asks for it.
    from_anywhere: OnceLock<Requests>,
    /// Where policies ask for it: what is said of each class, judged when a flow first comes from
    /// there.
    by_class: Option<(SourceClasses, Vec<OnceLock<Requests>>)>,
    /// The limit for which it is left open though policies ask for it.
    limit: Option<&'static str>,
}

/// Who judges the requests of a way.
#[derive(Clone, Debug)]
enum Judges<'a> {
    /// An endpoint's policy.
    Endpoint(&'a EndpointPolicy),
    /// The policies of accounts, beside that of an endpoint if there is one.
    Accounts(
        &'a Accounts,
        Arc<Result<Pieces<'a>, &'static str>>,
        Option<&'a EndpointPolicy>,
    ),
}

impl<'a> Permissions<'a> {
    /// Judges every class of requests at every endpoint; `Err` names the limit that was reached
    /// before it was known whether there are any.
    pub(crate) fn new(
        set: &RequestSet,
        policies: &'a Policies,
        names: &Names,
    ) -> Result<Self, &'static str> {
        let unguarded = Requests {
            permitted: Dimensions::new(set, &[], &INTERNET, &Apart::default())?.request(&[]),
            ..Requests::default()
        };
        let set = Arc::new(set.clone());
        let accounts = policies.accounts.as_ref();
        let accounts = accounts.map(|asked| (asked, Arc::new(Pieces::new(&set, asked))));
        let judges = |by: Option<&'a EndpointPolicy>| {
            let asked = accounts.as_ref();
            asked.map(|(asked, pieces)| Judges::Accounts(asked, Arc::clone(pieces), by))
        };
        let by_way = |judges: Judges<'a>| ByWay::new(Arc::clone(&set), judges);
        let endpoints = policies.endpoints.par_iter().filter_map(|(id, policy)| {
            let index = names.endpoints.find(id)?;
            let judges = judges(Some(policy)).unwrap_or(Judges::Endpoint(policy));
            Some((index, by_way(judges)))
        });
        Ok(Self {
            unguarded,
            endpoints: endpoints.collect(),
            internet: judges(None).map(by_way),
        })
    }

    /// At an endpoint, or where there is none, of requests from an address.
    pub(crate) fn at(&self, endpoint: Option<EndpointIndex>, source: Option<Address>) -> &Requests {
        let guarded = endpoint.and_then(|endpoint| self.endpoints.get(&endpoint));
        guarded.map_or(&self.unguarded, |way| way.from(source))
    }

    /// Over the internet.
    pub(crate) fn on_internet(&self, source: Option<Address>) -> &Requests {
        let asked = self.internet.as_ref();
        asked.map_or(&self.unguarded, |way| way.from(source))
    }

    /// Whether the set has no request at all.
    pub(crate) const fn is_empty(&self) -> bool {
        self.unguarded.permitted.is_none()
    }

    /// The classes of the addresses that policies ask for.
    pub(crate) fn classes(&self) -> Vec<&SourceClasses> {
        let ways = self.endpoints.values().chain(&self.internet);
        let all = ways.filter_map(|way| way.by_class.as_ref());
        let mut classes: Vec<&SourceClasses> = Vec::new();
        for (own, _) in all {
            // Endpoints have most policies in common.
            if !classes.contains(&own) {
                classes.push(own);
            }
        }
        classes
    }

    /// Leaves open where requests come from, for a limit.
    pub(crate) fn forget_sources(&mut self, limit: &'static str) {
        let ways = self.endpoints.values_mut().chain(&mut self.internet);
        for way in ways.filter(|way| way.by_class.is_some()) {
            way.by_class = None;
            way.limit = Some(limit);
            way.from_anywhere = OnceLock::new();
        }
    }
}

impl<'a> ByWay<'a> {
    fn new(set: Arc<RequestSet>, judges: Judges<'a>) -> Self {
        let (classes, limit) = match judges.classes() {
            Ok(classes) => (classes, None),
            Err(limit) => (None, Some(limit)),
        };
        let by_class = classes.map(|classes| {
            let all = classes.representatives().iter();
            let all = all.map(|_| OnceLock::new()).collect();
            (classes, all)
        });
        let way = Self {
            set,
            judges,
            from_anywhere: OnceLock::new(),
            by_class,
            limit,
        };
        if way.by_class.is_none() {
            way.from(None);
        }
        way
    }

    /// Of requests from an address.
    fn from(&self, source: Option<Address>) -> &Requests {
        let class = self.by_class.as_ref().zip(source);
        let class = class.and_then(|((classes, judged), source)| {
            let class = classes.of(source);
            let representative = classes.representatives().get(class)?;
            Some((judged.get(class)?, *representative))
        });
        match class {
            Some((judged, representative)) => {
                judged.get_or_init(|| self.judges.judge(&self.set, Some(representative)))
            }
            None => self
                .from_anywhere
                .get_or_init(|| self.judge_from_anywhere()),
        }
    }

    fn judge_from_anywhere(&self) -> Requests {
        let mut requests = self.judges.judge(&self.set, None);
        if !requests.reasons.is_empty() {
            requests.reasons.extend(self.limit.map(out_of_budget));
        }
        requests
    }
}

impl Judges<'_> {
    fn judge(&self, set: &RequestSet, source: Option<Address>) -> Requests {
        Requests::or_limit(match self {
            Judges::Endpoint(policy) => requests::judge(set, policy, source),
            Judges::Accounts(accounts, pieces, by) => match pieces.as_ref() {
                Ok(pieces) => authorization_search::judge(set, (accounts, pieces), *by, source),
                Err(limit) => Err(*limit),
            },
        })
    }

    /// How the policies in sight tell the address apart that the way has.
    fn classes(&self) -> Result<Option<SourceClasses>, &'static str> {
        let (by, documents) = match self {
            Judges::Endpoint(policy) => (Some(*policy), Vec::new()),
            Judges::Accounts(accounts, pieces, by) => {
                let asked = pieces.as_ref().as_ref().map(|pieces| &pieces.asked);
                let asked = asked.into_iter().flatten();
                let asked: BTreeSet<_> = asked.map(|(document, _)| *document).collect();
                let documents = asked.into_iter();
                let policies = documents.flat_map(|one| candidates(&accounts.documents[one]));
                (*by, policies.collect::<Vec<&CompiledPolicy>>())
            }
        };
        let own = by.map(EndpointPolicy::candidates).unwrap_or_default();
        let key = by.map_or(Key::SourceIp, |_| Key::VpcSourceIp);
        SourceClasses::new(key, own.iter().chain(documents))
    }
}
