//! Verdicts (page scope, *verdicts*): what is asked of z3, and what its answers mean.
//!
//! A flow is *telling* when it is in scope, satisfies the premise, and does not satisfy the claim of an `Every`, or
//! does satisfy that of an `Exists`. That no telling flow exists in any completion is one question; that one flow is
//! telling in every completion is another, asked about the flow that the first answer shows.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use model::{Claim, Family, Invariant, Quantifier, UnknownReason, Verdict, Witness};
use z3::ast::Bool;

use crate::Loaded;
use crate::budget::{self, Asked, Limits};
use crate::claim::{self, Claims};
use crate::decode::{self, Named};
use crate::encoder::Encoder;
use crate::interface_classes;
use crate::pinned;
use crate::relevance::Spoken;
use crate::request::Requests;
use crate::scope;
use crate::symbolic::Formula;
use crate::walk::{Picks, Sender, Subject, Walk};
use crate::workspace;

/// What z3 may spend on making a witness more readable, in its own resource units: some milliseconds.
const RLIMIT_OF_WISH: u32 = 200_000;

/// What is known so far about the telling flows of an invariant.
#[derive(Default)]
struct Found {
    /// Some completion has one.
    possible: bool,
    /// One that is telling in every completion.
    witness: Option<Witness>,
    /// Why none that was tried is.
    reasons: BTreeSet<UnknownReason>,
}

/// The question about one kind of sender, without picks or with them.
pub(crate) struct Question<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) walk: Rc<Walk>,
    /// The flow is in scope and satisfies the premise.
    pub(crate) spoken_of: Formula,
    /// The flow is telling.
    pub(crate) telling: Formula,
    /// What is open, and when the flow depends on it.
    pub(crate) open: Vec<(UnknownReason, Formula)>,
}

/// Decides an invariant.
pub(crate) fn check(loaded: &Arc<Loaded>, limits: &Limits, invariant: &Invariant) -> Verdict {
    let standing = interface_classes::standing(loaded, invariant);
    check_each(standing.as_ref().unwrap_or(loaded), limits, invariant)
}

/// Decides an invariant by asking about every interface of a network.
pub(crate) fn check_each(loaded: &Arc<Loaded>, limits: &Limits, invariant: &Invariant) -> Verdict {
    let requests = match requests(loaded, limits, invariant) {
        Ok(requests) => requests,
        Err(reason) => return unknown(BTreeSet::from([reason])),
    };
    let empty = |requests: &Requests| requests.elsewhere.any.is_none();
    if requests.as_ref().is_some_and(empty) {
        // Flows are taken together with their requests, and there are none.
        return Verdict::Vacuous;
    }
    let mut found = Found::default();
    for family in scope::families(&loaded.index, &invariant.scope) {
        if found.witness.is_none() {
            let mut ask = |encoder: &mut Encoder| {
                find(encoder, limits, invariant, requests.as_ref(), &mut found);
            };
            workspace::with_encoder(loaded, family, &mut ask);
        }
    }
    if let Some(witness) = found.witness {
        return shown(invariant.quantifier, witness);
    }
    if !found.reasons.is_empty() {
        return unknown(found.reasons);
    }
    if !found.possible {
        match is_vacuous(loaded, limits, invariant, requests.as_ref()) {
            Ok(true) => return Verdict::Vacuous,
            Ok(false) => {}
            Err(reason) => return unknown(BTreeSet::from([reason])),
        }
    }
    match invariant.quantifier {
        Quantifier::Every => Verdict::Holds { witness: None },
        Quantifier::Exists => Verdict::Violated {
            counterexample: None,
        },
    }
}

const fn unknown(reasons: BTreeSet<UnknownReason>) -> Verdict {
    Verdict::Unknown { reasons }
}

const fn shown(quantifier: Quantifier, witness: Witness) -> Verdict {
    match quantifier {
        Quantifier::Every => Verdict::Violated {
            counterexample: Some(witness),
        },
        Quantifier::Exists => Verdict::Holds {
            witness: Some(witness),
        },
    }
}

/// What is said to the scope's requests, when the invariant speaks of them.
fn requests(
    loaded: &Loaded,
    limits: &Limits,
    invariant: &Invariant,
) -> Result<Option<Requests>, UnknownReason> {
    let claims = [Some(&invariant.claim), invariant.premise.as_ref()];
    let speaks = claims.into_iter().flatten().any(claim::speaks_of_requests);
    let set = invariant.scope.request.as_ref();
    speaks
        .then(|| Requests::new(&loaded.authorization, set, limits))
        .transpose()
}

/// Looks for a telling flow of one family.
fn find(
    encoder: &mut Encoder,
    limits: &Limits,
    invariant: &Invariant,
    requests: Option<&Requests>,
    found: &mut Found,
) {
    for subject in scope::subjects(encoder, &invariant.scope) {
        if found.witness.is_some() {
            return;
        }
        let packet = pinned::packet(encoder, &invariant.scope, &subject);
        encoder.on_leg(&packet, |encoder| {
            let question = question(encoder, invariant, requests, &subject);
            if question.walk.is_too_large {
                found.reasons.insert(too_large());
            } else if !question.telling.is_false() {
                Asking::new(encoder, limits, &question).find(invariant, requests, found);
            }
        });
    }
}

/// The limit of relayed flows.
fn too_large() -> UnknownReason {
    UnknownReason::OutOfBudget("relays can hand requests on in too many ways".to_owned())
}

/// The formulas about one kind of sender.
pub(crate) fn question<'a>(
    encoder: &mut Encoder,
    invariant: &Invariant,
    requests: Option<&Requests>,
    subject: &'a Subject,
) -> Question<'a> {
    let in_scope = scope::in_scope(encoder, &invariant.scope, subject);
    let walk = match scope::reach(encoder, &invariant.scope, subject) {
        Some(reach) => encoder.walk_to(subject, reach),
        None => encoder.walk(subject),
    };
    let mut claims = Claims::new(encoder, Rc::clone(&walk), &in_scope, requests);
    // That a relayed flow is delivered is part of its premise.
    let delivered = (subject.picks != Picks::None).then_some(&Claim::Delivered);
    let premises = delivered.into_iter().chain(&invariant.premise);
    let premises: Vec<_> = premises.map(|premise| claims.formula(premise)).collect();
    let premise = Formula::all(premises);
    let claim = claims.formula(&invariant.claim);
    let open = std::mem::take(&mut claims.open);
    let claimed = match invariant.quantifier {
        Quantifier::Every => !claim,
        Quantifier::Exists => claim,
    };
    let spoken_of = &in_scope.holds & &premise;
    Question {
        subject,
        walk,
        telling: &spoken_of & &claimed,
        spoken_of,
        open,
    }
}

/// Whether in no completion a flow is in scope and satisfies the premise.
fn is_vacuous(
    loaded: &Arc<Loaded>,
    limits: &Limits,
    invariant: &Invariant,
    requests: Option<&Requests>,
) -> Result<bool, UnknownReason> {
    let mut open = None;
    for family in scope::families(&loaded.index, &invariant.scope) {
        let some = workspace::with_encoder(loaded, family, |encoder| {
            for subject in scope::subjects(encoder, &invariant.scope) {
                let packet = pinned::packet(encoder, &invariant.scope, &subject);
                let some = encoder.on_leg(&packet, |encoder| {
                    let question = question(encoder, invariant, requests, &subject);
                    speaks(&mut Asking::new(encoder, limits, &question), &mut open)
                })?;
                if some {
                    return Ok(true);
                }
            }
            Ok(false)
        })?;
        if some {
            return Ok(false);
        }
    }
    open.map_or(Ok(true), Err)
}

/// Whether a question speaks of some flow; where only what is open may deliver it, that is kept.
fn speaks(
    asking: &mut Asking<'_>,
    open: &mut Option<UnknownReason>,
) -> Result<bool, UnknownReason> {
    let question = asking.question;
    if question.walk.is_too_large {
        return Err(too_large());
    }
    match asking.is_possible(&question.spoken_of) {
        Asked::Unsat => return Ok(false),
        Asked::Sat(_) => {}
        Asked::Unknown(limit) => return Err(UnknownReason::OutOfBudget(limit)),
    }
    if question.subject.picks == Picks::None {
        return Ok(true);
    }
    // What an open way may deliver at relays is taken for more than it may be.
    let when = question.open.iter().map(|(_, when)| when.clone());
    let settled = &question.spoken_of & &!Formula::any(when);
    match asking.is_possible(&settled) {
        Asked::Sat(_) => Ok(true),
        Asked::Unsat => {
            *open = question.open.first().map(|(reason, _)| reason.clone());
            Ok(false)
        }
        Asked::Unknown(limit) => Err(UnknownReason::OutOfBudget(limit)),
    }
}

/// One question with the solver that answers it. Every part of it has a literal of its own, so that the parts can be
/// asked in any combination and the solver keeps what it has learned.
///
/// What holds of open addresses, and what propositions stand for, is said only when an answer needs it: a question that
/// has none without has none with it.
struct Asking<'a> {
    encoder: &'a mut Encoder,
    question: &'a Question<'a>,
    limits: &'a Limits,
    solver: z3::Solver,
    /// What the solver has been told, since it was last told what holds.
    told: RefCell<Vec<Bool>>,
    spoken: RefCell<Spoken>,
}

impl<'a> Asking<'a> {
    fn new(encoder: &'a mut Encoder, limits: &'a Limits, question: &'a Question<'a>) -> Self {
        let solver = budget::solver(limits);
        let spoken = Spoken::new(encoder);
        Self {
            encoder,
            question,
            limits,
            solver,
            told: RefCell::default(),
            spoken: RefCell::new(spoken),
        }
    }

    /// A literal that implies this.
    fn literal(&self, formula: &Formula) -> Bool {
        self.told.borrow_mut().push(formula.to_bool());
        self.literal_apart(formula)
    }

    /// The same of a formula that may speak of open addresses which decide nothing.
    fn literal_apart(&self, formula: &Formula) -> Bool {
        let literal = Bool::fresh_const("asked");
        self.solver.assert(literal.implies(formula.to_bool()));
        literal
    }

    /// Whether there is a flow, with values for what is open, of which these literals are true.
    fn check(&self, literals: &[Bool]) -> Asked {
        let asked = budget::check(&self.solver, literals);
        if matches!(asked, Asked::Unsat) {
            return asked;
        }
        let told = self.told.take();
        let holds = self.spoken.borrow_mut().of(self.encoder, &told);
        if holds.is_empty() {
            return asked;
        }
        for one in holds {
            self.solver.assert(one.to_bool());
        }
        budget::check(&self.solver, literals)
    }

    fn is_possible(&self, formula: &Formula) -> Asked {
        self.check(&[self.literal(formula)])
    }

    fn find(mut self, invariant: &Invariant, requests: Option<&Requests>, found: &mut Found) {
        let telling = self.literal(&self.question.telling);
        let first = match self.check(std::slice::from_ref(&telling)) {
            Asked::Unsat => return,
            Asked::Unknown(limit) => {
                found.reasons.insert(UnknownReason::OutOfBudget(limit));
                return;
            }
            Asked::Sat(model) => model,
        };
        found.possible = true;
        self.find_certain(telling, invariant, requests, found);
        if found.witness.is_none() {
            let reasons = decode::reasons(self.encoder, self.question, requests, &first);
            found.reasons.extend(reasons);
        }
    }

    /// Looks for a flow that is telling in every completion. Those that depend on nothing open come first: each of
    /// them is, unless an open address makes a difference.
    fn find_certain(
        &mut self,
        telling: Bool,
        invariant: &Invariant,
        requests: Option<&Requests>,
        found: &mut Found,
    ) {
        let not_telling = self.literal(&!&self.question.telling);
        let open = self.question.open.iter().map(|(_, when)| when.clone());
        let mut settled = Some(self.literal(&!Formula::any(open)));
        let mut asked = vec![telling.clone()];
        for _ in 0..self.limits.most_flows {
            let with_wish: Vec<Bool> = asked.iter().chain(&settled).cloned().collect();
            let model = match self.check(&with_wish) {
                Asked::Sat(model) => model,
                Asked::Unsat if settled.take().is_some() => continue,
                Asked::Unsat => return,
                Asked::Unknown(limit) => {
                    found.reasons.insert(UnknownReason::OutOfBudget(limit));
                    return;
                }
            };
            let model = match settled {
                Some(_) => self.more_readable(&with_wish).unwrap_or(model),
                None => model,
            };
            let Some(named) = Named::of(self.encoder, self.question, &model) else {
                return;
            };
            let same = self.literal_apart(&named.is_it());
            match self.check(&[same.clone(), not_telling.clone()]) {
                Asked::Unsat => {
                    // The model's own completion may be one that is left out, by coincidence.
                    let shown = self.check(&[same, telling.clone()]);
                    let Asked::Sat(model) = shown else {
                        asked.push(self.literal(&!named.like_it()));
                        continue;
                    };
                    // It is the same flow by name, in a completion of its own.
                    let Some(named) = Named::of(self.encoder, self.question, &model) else {
                        return;
                    };
                    let question = self.question;
                    let request =
                        decode::request(self.encoder, question, invariant, requests, &model);
                    found.witness = named.witness(self.encoder, &model, request);
                    return;
                }
                Asked::Sat(_) => {
                    // Flows between the same ends, or else those with the same doubts, would not tell more.
                    let alike = match settled {
                        Some(_) => named.like_it(),
                        None => decode::open_alike(self.question, &model)
                            .unwrap_or_else(|| named.like_it()),
                    };
                    asked.push(self.literal(&!alike));
                }
                Asked::Unknown(limit) => {
                    found.reasons.insert(UnknownReason::OutOfBudget(limit));
                    return;
                }
            }
        }
    }

    /// A model of the same question with values that people know, as far as they are free and easily found.
    fn more_readable(&self, asked: &[Bool]) -> Option<z3::Model> {
        let little = Limits {
            rlimit: RLIMIT_OF_WISH,
            ..self.limits.clone()
        };
        budget::limit(&self.solver, &little);
        let mut asked = asked.to_vec();
        let mut best = None;
        for wish in decode::wishes(self.encoder, self.question.subject) {
            asked.push(self.literal(&wish));
            match self.check(&asked) {
                Asked::Sat(model) => best = Some(model),
                Asked::Unsat | Asked::Unknown(_) => {
                    asked.pop();
                }
            }
        }
        budget::limit(&self.solver, self.limits);
        best
    }
}

/// Every question of an invariant as SMT-LIB; the invariant holds when each of them is unsatisfiable, for an `Every`.
pub(crate) fn smt2(loaded: &Arc<Loaded>, limits: &Limits, invariant: &Invariant) -> String {
    let requests = match requests(loaded, limits, invariant) {
        Ok(requests) => requests,
        Err(reason) => return format!("; not asked: {reason:?}\n"),
    };
    let mut scripts = Vec::new();
    for family in scope::families(&loaded.index, &invariant.scope) {
        workspace::with_encoder(loaded, family, |encoder| {
            for subject in scope::subjects(encoder, &invariant.scope) {
                let question = question(encoder, invariant, requests.as_ref(), &subject);
                scripts.push(script(encoder, limits, &question, family, invariant));
            }
        });
    }
    scripts.join("(reset)\n")
}

fn script(
    encoder: &Encoder,
    limits: &Limits,
    question: &Question<'_>,
    family: Family,
    invariant: &Invariant,
) -> String {
    let solver = encoder.solver(limits);
    solver.assert(question.telling.to_bool());
    let asked = match invariant.quantifier {
        Quantifier::Every => "a flow of the scope and the premise that does not satisfy the claim",
        Quantifier::Exists => "a flow of the scope and the premise that satisfies the claim",
    };
    let sender = match &question.subject.sender {
        Sender::Interface(id) => format!("interface {id}"),
        Sender::Vpc(id) => format!("an interface of VPC {id}"),
        Sender::Internet => "the internet".to_owned(),
        Sender::OnPremises(gateway) => format!("a host on premises by {gateway}"),
    };
    let relayed = match question.subject.picks {
        Picks::None => "",
        Picks::Free | Picks::These(_) => ", and relayed",
        Picks::Nat64 => ", to be translated by NAT64",
    };
    // A name of the input may hold a line break, and a comment may not.
    let header = format!(
        "{}: {asked}, {family:?}, sent by {sender}{relayed}",
        invariant.name
    );
    let header = header.replace(['\n', '\r'], " ");
    format!("; {header}\n(set-logic QF_BV)\n{}", solver.to_smt2())
}
