//! Invariants, decided by trying one packet of every cell.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use model::{
    Address, Completion, Family, Flow, Hole, Invariant, Network, Packet, Quantifier, Request,
    RequestSet, Source, UnknownReason, Verdict, Witness,
};
use rayon::prelude::*;

use crate::Evaluator;
use crate::cells::{Cells, Seed, Strip};
use crate::claim::{Claim, Judged, Target};
use crate::comes_back::comes_back;
use crate::compiled::Compiled;
use crate::completion;
use crate::filter_sets::FilterSets;
use crate::forward::{self, Sender};
use crate::interface_classes::Lens;
use crate::leads::Leads;
use crate::permissions::Permissions;
use crate::reply;
use crate::requests::Requests;
use crate::scope::{Scope, Truth};
use crate::source_classes::SourceClasses;
use crate::standing::Standing;
use crate::together::{Left, Unwalked};
use crate::together_sets::LeftSet;
use crate::walk::{Recorder, Silent};

/// How many walks a question may take, unless [`Evaluator::with_budget`] says otherwise.
pub(crate) const WALK_BUDGET: u64 = 20_000_000;

/// How many senders are cut into cells at a time.
pub(crate) const CHUNK: usize = 64;

/// What was found among the flows of a scope in one completion.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// The first flow that is certainly the one looked for.
    pub(crate) found: Option<Found>,
    /// Some flow may be.
    pub(crate) possible: bool,
    /// Some flow may be spoken of.
    pub(crate) spoken: bool,
    pub(crate) holes: BTreeSet<Hole>,
    /// Limits that were reached where requests were judged.
    pub(crate) limits: BTreeSet<String>,
    /// How many walks it took.
    pub(crate) n_walks: u64,
}

/// A flow.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) sender: Sender,
    pub(crate) packet: Packet,
    pub(crate) picks: Vec<u16>,
    /// Whether it is one of the relayed flows of the scope.
    pub(crate) is_relayed: bool,
}

impl Tally {
    /// With what comes behind it in the order of flows.
    pub(crate) fn then(mut self, later: Tally) -> Tally {
        self.found = self.found.or(later.found);
        self.possible |= later.possible;
        self.spoken |= later.spoken;
        self.holes.extend(later.holes);
        self.limits.extend(later.limits);
        self.n_walks += later.n_walks;
        self
    }
}

/// How a question is asked; the answer is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As fast as it goes: of interfaces that nothing tells apart two are asked, and protocols and ports by
    /// lists or by sets, whichever are fewer.
    Fast,
    /// Every interface, and protocols and ports by sets.
    Sets,
    /// Every interface, and protocols and ports one by one.
    Plain,
}

/// A question about one completion.
pub(crate) struct Question<'a> {
    pub(crate) network: &'a Compiled,
    pub(crate) scope: Scope<'a>,
    pub(crate) target: &'a Target,
    pub(crate) permissions: &'a Permissions<'a>,
    pub(crate) invariant: &'a Invariant,
    pub(crate) replies: bool,
    pub(crate) form: Form,
    /// Which interfaces stand for others; `None` asks all.
    pub(crate) standing: Option<Standing>,
    /// What relays lead to, when the scope counts relayed flows.
    pub(crate) leads: Option<Leads>,
    /// What threads that are done with a strip have learnt of filters.
    #[expect(clippy::vec_box, reason = "a walk moves it often, and it is large")]
    pub(crate) filters: Mutex<Vec<Box<FilterSets>>>,
    /// The values of open addresses to which NAT64 may lead, or for which names mean its addresses.
    pub(crate) open: BTreeMap<Address, Hole>,
}

impl Evaluator {
    /// Decides an invariant in one of the forms, to be compared with the others.
    pub fn check_as(&self, form: Form, invariant: &Invariant) -> Verdict {
        let names = &self.compiled.names;
        let target = Target {
            premise: invariant
                .premise
                .as_ref()
                .map(|claim| Claim::new(claim, names)),
            claim: Claim::new(&invariant.claim, names),
            quantifier: invariant.quantifier,
        };
        let mut permissions = match self.permissions(invariant, &target) {
            Ok(Some(permissions)) => permissions,
            // Nothing is spoken of.
            Ok(None) => return Verdict::Vacuous,
            Err(reason) => return unknown(BTreeSet::from([reason])),
        };
        let completions = match self.completions(invariant, &target, &mut permissions) {
            Ok(completions) => completions,
            Err(reason) => return unknown(BTreeSet::from([reason])),
        };
        match completions.as_slice() {
            [] | [_] => {
                let lens = Lens {
                    network: &self.network,
                    compiled: &self.compiled,
                };
                let mut question = self.question(
                    lens.network,
                    lens.compiled,
                    &target,
                    &permissions,
                    invariant,
                );
                question.form = form;
                question.standing = match form {
                    Form::Fast => Standing::new(lens, &question),
                    Form::Sets | Form::Plain => None,
                };
                let (tally, exhausted) = question.ask(&mut self.budget.clone());
                let found = tally.found.as_ref();
                let found = found.map(|found| question.witness(found, &self.completion));
                verdict(invariant.quantifier, found, tally, exhausted)
            }
            several => self.decide_in_all(several, (&target, form), &permissions, invariant),
        }
    }

    /// The completions in which a question is asked. Where they would be too many because of the
    /// addresses that policies tell apart, it is open from where requests come.
    fn completions(
        &self,
        invariant: &Invariant,
        target: &Target,
        permissions: &mut Permissions<'_>,
    ) -> Result<Vec<Completion>, UnknownReason> {
        let scope = &invariant.scope;
        let exact =
            target.speaks_of(|claim| matches!(claim, Claim::DecidedBy(_) | Claim::Traverses(_)));
        let public = comes_back(&self.source, scope, &self.resolver);
        let asked = completion::Asked {
            exact,
            public,
            sources: &[],
        };
        let sources = permissions.classes();
        if sources.is_empty() {
            return completion::cover(&self.source, scope, asked);
        }
        let sources = completion::Asked {
            sources: &sources,
            ..asked
        };
        completion::cover(&self.source, scope, sources).or_else(|_| {
            permissions.forget_sources(completion::LIMIT);
            completion::cover(&self.source, scope, asked)
        })
    }

    pub(crate) fn permissions(
        &self,
        invariant: &Invariant,
        target: &Target,
    ) -> Result<Option<Permissions<'_>>, UnknownReason> {
        let asked = |claim: &Claim| matches!(claim, Claim::PermittedAll | Claim::PermittedSome);
        if !target.speaks_of(asked) {
            return Ok(Some(Permissions::default()));
        }
        let every = RequestSet::every();
        let set = invariant.scope.request.as_ref().unwrap_or(&every);
        let permissions = Permissions::new(set, &self.policies, &self.compiled.names);
        let permissions =
            permissions.map_err(|limit| UnknownReason::OutOfBudget(String::from(limit)))?;
        Ok((!permissions.is_empty()).then_some(permissions))
    }

    pub(crate) fn question<'a>(
        &self,
        network: &Network,
        compiled: &'a Compiled,
        target: &'a Target,
        permissions: &'a Permissions<'a>,
        invariant: &'a Invariant,
    ) -> Question<'a> {
        let scope = Scope::new(&invariant.scope, network, compiled, &self.resolver);
        let relayed = invariant.scope.relayed;
        let open = match compiled.nat64 || scope.is_dns64() {
            true => completion::values(&self.source, network),
            false => BTreeMap::new(),
        };
        let leads = relayed.then(|| Leads::new(compiled, &scope, &invariant.scope));
        Question {
            network: compiled,
            scope,
            form: Form::Fast,
            standing: None,
            filters: Mutex::default(),
            leads,
            open,
            target,
            permissions,
            invariant,
            replies: target.speaks_of(|claim| matches!(claim, Claim::Answered)),
        }
    }

    /// Several completions: what is violated, or shown, must be so by one flow in all of them.
    fn decide_in_all(
        &self,
        completions: &[Completion],
        (target, form): (&Target, Form),
        permissions: &Permissions<'_>,
        invariant: &Invariant,
    ) -> Verdict {
        let compiled: Vec<_> = completions
            .iter()
            .map(|completion| {
                let network = self.source.completed(completion);
                let compiled = Compiled::new(&network);
                (network, compiled, completion)
            })
            .collect();
        let questions: Vec<_> = compiled
            .iter()
            .map(|(network, compiled, completion)| {
                let mut question = self.question(network, compiled, target, permissions, invariant);
                question.form = form;
                (question, *completion)
            })
            .collect();
        let mut budget = self.budget;
        let mut all = Tally::default();
        let mut exhausted = false;
        for (question, completion) in &questions {
            let (mut tally, over) = question.ask(&mut budget);
            exhausted |= over;
            if let Some(found) = tally.found.take() {
                let named = question.name(&found, completion);
                let everywhere = named.is_some_and(|named| {
                    let mut others = questions.iter();
                    others.all(|(other, completion)| other.is_found(&named, completion))
                        && self.is_by_one_request((question, completion), &questions, &named)
                });
                if everywhere {
                    let witness = question.witness(&found, completion);
                    all.spoken = true;
                    return verdict(invariant.quantifier, Some(witness), all, exhausted);
                }
                tally = Tally {
                    possible: true,
                    spoken: true,
                    holes: completion::holes(&self.source),
                    ..Tally::default()
                };
            }
            all = all.then(tally);
        }
        verdict(invariant.quantifier, None, all, exhausted)
    }
}

fn unknown(reasons: BTreeSet<UnknownReason>) -> Verdict {
    Verdict::Unknown { reasons }
}

fn verdict(
    quantifier: Quantifier,
    found: Option<Witness>,
    tally: Tally,
    exhausted: bool,
) -> Verdict {
    if found.is_some() {
        return match quantifier {
            Quantifier::Every => Verdict::Violated {
                counterexample: found,
            },
            Quantifier::Exists => Verdict::Holds { witness: found },
        };
    }
    let mut reasons: BTreeSet<_> = tally
        .holes
        .into_iter()
        .map(UnknownReason::DependsOn)
        .collect();
    reasons.extend(tally.limits.into_iter().map(UnknownReason::OutOfBudget));
    if exhausted {
        reasons.insert(UnknownReason::OutOfBudget(String::from("walks")));
    }
    match (exhausted, tally.spoken, tally.possible) {
        (false, false, _) => Verdict::Vacuous,
        (true, ..) | (false, true, true) => unknown(reasons),
        (false, true, false) => match quantifier {
            Quantifier::Every => Verdict::Holds { witness: None },
            Quantifier::Exists => Verdict::Violated {
                counterexample: None,
            },
        },
    }
}

impl Question<'_> {
    /// Tries every flow; whether the budget was reached before the end.
    pub(crate) fn ask(&self, budget: &mut u64) -> (Tally, bool) {
        let (tally, exhausted) = self.ask_direct(budget);
        if exhausted || tally.found.is_some() {
            return (tally, exhausted);
        }
        let (relayed, exhausted) = self.ask_relayed(budget);
        let mut tally = tally.then(relayed);
        if tally.found.is_some() {
            tally.holes.clear();
            tally.limits.clear();
        }
        (tally, exhausted)
    }

    /// The cells of a scope.
    pub(crate) fn cells<'q>(&'q self, scope: &'q model::Scope) -> Cells<'q> {
        let classes = self.permissions.classes().into_iter();
        let told = classes.flat_map(SourceClasses::starts).collect();
        Cells::new(self.network, &self.scope, scope, self.replies, told)
    }

    /// Tries every cell of the flows that no relay hands on.
    fn ask_direct(&self, budget: &mut u64) -> (Tally, bool) {
        let scope = &self.invariant.scope;
        let mut cells = self.cells(scope);
        if let Some(standing) = &self.standing {
            cells = cells.passing_over(&standing.passed_over);
        }
        let mut tally = Tally::default();
        let mut seeds = cells.seeds();
        seeds.retain(|seed| match (seed, &self.standing) {
            (Seed::Interface(index, _), Some(standing)) => standing.senders.contains(index),
            (Seed::Interface(..), None) | (Seed::Internet(_) | Seed::OnPremises(..), _) => true,
        });
        for seeds in seeds.chunks(CHUNK) {
            let strips: Vec<Strip> = seeds
                .par_iter()
                .flat_map_iter(|seed| cells.strips(seed))
                .collect();
            let first_found = AtomicUsize::new(usize::MAX);
            let found = strips
                .par_iter()
                .enumerate()
                .map(|(position, strip)| self.strip(position, strip, &first_found))
                .reduce(Tally::default, Tally::then);
            let left = budget.checked_sub(found.n_walks);
            *budget = left.unwrap_or_default();
            tally = tally.then(found);
            if tally.found.is_some() {
                // What else there is depends on how far other threads came.
                tally.holes.clear();
                tally.limits.clear();
                return (tally, false);
            }
            if left.is_none() {
                return (tally, true);
            }
        }
        (tally, false)
    }

    /// Tries the cells between one source and one destination.
    fn strip(&self, position: usize, strip: &Strip, first_found: &AtomicUsize) -> Tally {
        let transports = &strip.transports;
        let is_listed = match self.form {
            Form::Fast => transports.are_few(),
            Form::Sets => false,
            Form::Plain => true,
        };
        if is_listed {
            let mut left = Left::new(transports.each().iter().copied());
            return self.try_all(&mut left, (position, strip), first_found);
        }
        let known = self.filters.lock().map(|mut known| known.pop());
        let filters = known.ok().flatten().unwrap_or_default();
        let told = (&transports.cuts, &transports.traffic);
        let mut left = LeftSet::new(self.network, filters, told);
        let tally = self.try_all(&mut left, (position, strip), first_found);
        let learnt = left.filters().filter(|filters| !filters.is_full());
        if let (Ok(mut known), Some(filters)) = (self.filters.lock(), learnt) {
            known.push(filters);
        }
        tally
    }

    /// Tries what has not been walked yet.
    fn try_all(
        &self,
        left: &mut impl Unwalked,
        (position, strip): (usize, &Strip),
        first_found: &AtomicUsize,
    ) -> Tally {
        let mut tally = Tally::default();
        let Some(held) = self
            .scope
            .held(strip.sender, strip.source, strip.destination)
        else {
            return tally;
        };
        while let Some((transport, together)) = left.take() {
            if first_found.load(Ordering::Relaxed) < position {
                break;
            }
            let Some(packet) = Packet::new(strip.source, strip.destination, transport) else {
                continue;
            };
            tally.n_walks += 1;
            let (request, together) =
                forward::walk(self.network, together, strip.sender, packet, &[]);
            let (reply, together) = self.reply(together, &request);
            left.walked(together);
            let judged = Judged {
                network: self.network,
                permissions: self.permissions,
                held: &held,
                request: &request,
                is_relayed: false,
                reply,
            };
            let (spoken, wanted) = self.target.judge(&judged);
            tally.spoken |= spoken != Truth::False;
            match wanted {
                Truth::False => {}
                Truth::Open => {
                    tally.possible = true;
                    judged.holes(&mut tally.holes, &mut tally.limits);
                }
                Truth::True if !self.is_named(packet) => self.is_unnamed(&mut tally),
                Truth::True => {
                    tally.found = Some(Found {
                        sender: strip.sender,
                        packet,
                        picks: Vec::new(),
                        is_relayed: false,
                    });
                    first_found.fetch_min(position, Ordering::Relaxed);
                    break;
                }
            }
        }
        tally
    }

    /// What becomes of the reply, when it is asked for.
    pub(crate) fn reply<R: Recorder>(
        &self,
        recorder: R,
        request: &forward::Request,
    ) -> (Option<forward::Outcome>, R) {
        if self.replies {
            reply::walk(self.network, recorder, request)
        } else {
            (None, recorder)
        }
    }

    pub(crate) fn judge<T>(&self, flow: &Found, ask: impl FnOnce(&Judged<'_>) -> T) -> Option<T> {
        let Found {
            sender,
            packet,
            picks,
            is_relayed,
        } = flow;
        let (request, Silent) = forward::walk(self.network, Silent, *sender, *packet, picks);
        let (reply, Silent) = self.reply(Silent, &request);
        let held = if *is_relayed {
            let is_sent = self.is_sent_relayed(flow);
            self.held_relayed(&request).filter(|_| is_sent)?
        } else {
            let (source, destination) = (packet.source(), packet.destination());
            self.scope.held(*sender, source, destination)?
        };
        Some(ask(&Judged {
            network: self.network,
            permissions: self.permissions,
            held: &held,
            request: &request,
            is_relayed: *is_relayed,
            reply,
        }))
    }

    fn witness(&self, found: &Found, completion: &Completion) -> Witness {
        let request = self.judge(found, |judged| self.request(judged));
        Witness {
            flow: Flow {
                source: self.source(found.sender),
                packet: found.packet,
                picks: found.picks.clone(),
            },
            request: request.flatten(),
            completion: completion.clone(),
        }
    }

    /// The request that a witness shows.
    pub(crate) fn request(&self, judged: &Judged<'_>) -> Option<Request> {
        let claim = &self.target.claim;
        let some = claim.speaks_of(|claim| matches!(claim, Claim::PermittedSome));
        let all = claim.speaks_of(|claim| matches!(claim, Claim::PermittedAll));
        let Requests {
            permitted, denied, ..
        } = judged.requests();
        match (some, all) {
            (true, _) => permitted.clone().or_else(|| denied.clone()),
            (false, true) => denied.clone().or_else(|| permitted.clone()),
            (false, false) => None,
        }
    }

    pub(crate) fn source(&self, sender: Sender) -> Source {
        match sender {
            Sender::Interface(index) => {
                Source::Interface(self.network.names.interfaces.id(index).clone())
            }
            Sender::OnPremises(gateway) => {
                Source::OnPremises(self.network.names.gateway_id(gateway))
            }
            Sender::Internet | Sender::Nobody => Source::Internet,
        }
    }
}

/// The families of a scope.
pub(crate) fn families(scope: &model::Scope) -> impl Iterator<Item = Family> {
    scope.families.iter().copied()
}
