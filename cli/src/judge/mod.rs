//! The judge: asks both engines, lets each check the other's witnesses, and says what came out.
//!
//! The solver's verdict is reported; where it has none, the evaluator's. When both are certain and
//! differ, or a witness is not confirmed, that is a fault of vpcproof: a [`Disagreement`], never a
//! finding.

pub(crate) mod difference;
pub(crate) mod replay;
#[cfg(test)]
mod tests;
pub(crate) mod truth;
pub(crate) mod way;

use std::collections::BTreeSet;
use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use crate::asker;
use evaluator::Evaluator;
use model::{
    Answer, Asker, Engine, Flow, Hole, Invariant, Network, Permission, Request, RequestWay,
    Resolution, Trace, UnknownReason, Verdict, Witness,
};
use solver::Solver;

/// Both engines on one network.
pub(crate) struct Judge<'a> {
    pub(crate) network: &'a Network,
    pub(crate) evaluator: Evaluator,
    pub(crate) solver: Solver,
}

/// What came out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Judgement {
    pub(crate) ruling: Ruling,
    pub(crate) engines: Engines,
}

/// The verdict, with what shows it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ruling {
    Proved(Option<Box<Evidence>>),
    Violated(Option<Box<Evidence>>),
    Vacuous,
    Unknown(BTreeSet<Reason>),
}

/// A flow that shows a verdict, with every step of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    pub(crate) witness: Witness,
    pub(crate) trace: Trace,
    /// What the endpoint on the way says to the request, when there are both.
    pub(crate) permission: Option<(RequestWay, Permission)>,
}

impl Evidence {
    pub(crate) fn request(&self) -> Option<&Request> {
        self.witness.request.as_ref()
    }
}

/// Why a verdict is unknown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// It depends on a hole, on something not modelled, or on what AWS does not document.
    DependsOn(Hole),
    /// A named limit was reached.
    OutOfBudget(String),
    /// A plan or a template alone does not contain the network that it changes.
    PlanAlone,
    /// A call of the collection was not answered.
    Missing(String),
    /// Something of a CloudFormation template is not vetted.
    Template(String),
    /// AWS Config did not record something, or it is not read.
    Config(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::DependsOn(hole) => write!(formatter, "it depends on {hole}"),
            Reason::OutOfBudget(limit) => write!(formatter, "a limit was reached: {limit}"),
            Reason::PlanAlone => formatter.write_str(
                "the input is a plan or template alone, and what it does not contain may let more pass; \
                 give the network that it changes before it, or say `--closed-world`",
            ),
            Reason::Template(what) => {
                write!(formatter, "of the CloudFormation template, {what}")
            }
            Reason::Config(what) => write!(formatter, "of what AWS Config recorded, {what}"),
            Reason::Missing(what) => {
                write!(
                    formatter,
                    "it may depend on an answer that is missing: {what}"
                )
            }
        }
    }
}

/// What the engines took, and whether they agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Engines {
    pub(crate) solver: Duration,
    pub(crate) evaluator: Duration,
    /// `None` when only one of them came to a verdict.
    pub(crate) agree: Option<bool>,
}

/// The engines contradict each other: a fault of vpcproof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The claim.
    pub name: String,
    /// What they disagree about.
    pub about: String,
    /// What the evaluator says.
    pub evaluator: String,
    /// What the solver says.
    pub solver: String,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "engines disagree on `{}`: {}\n  evaluator: {}\n  solver:    {}\n  \
             this is a fault of vpcproof, not of the network; please report it with the input",
            self.name, self.about, self.evaluator, self.solver
        )
    }
}

impl<'a> Judge<'a> {
    /// Loads both engines.
    pub(crate) fn new(network: &'a Network) -> Self {
        Self {
            network,
            evaluator: Evaluator::load(network),
            solver: Solver::load(network),
        }
    }

    /// Asks both engines and checks what they say.
    ///
    /// # Errors
    ///
    /// When they disagree.
    pub(crate) fn judge(&self, invariant: &Invariant) -> Result<Judgement, Disagreement> {
        // Side by side; the solver keeps its terms in the thread that asks, so it stays in this one.
        let ((by_solver, solver), by_evaluator) = thread::scope(|scope| {
            let other = scope.spawn(|| timed(|| self.evaluator.check(invariant)));
            (timed(|| self.solver.check(invariant)), other.join())
        });
        let (by_evaluator, evaluator) = by_evaluator.unwrap_or_else(|_| {
            let limit = "the evaluator stopped, which is a fault of vpcproof".to_owned();
            let reasons = BTreeSet::from([UnknownReason::OutOfBudget(limit)]);
            (Verdict::Unknown { reasons }, Duration::ZERO)
        });
        let agree = self.compare(invariant, &by_evaluator, &by_solver)?;
        for verdict in [&by_evaluator, &by_solver] {
            if let Some(witness) = witness(verdict) {
                self.confirm(invariant, verdict, witness)?;
            }
        }
        let ruling = match (by_solver, by_evaluator) {
            (Verdict::Unknown { reasons }, Verdict::Unknown { reasons: more }) => {
                Ruling::Unknown(unknown(reasons.into_iter().chain(more)))
            }
            // Both say the same, and the evaluator's witness is the same in every version of z3.
            (_, verdict) if agree == Some(true) => self.ruling(verdict),
            (Verdict::Unknown { .. }, verdict) | (verdict, _) => self.ruling(verdict),
        };
        let engines = Engines {
            solver,
            evaluator,
            agree,
        };
        Ok(Judgement { ruling, engines })
    }

    /// What a name means in a VPC.
    ///
    /// # Errors
    ///
    /// When the engines disagree.
    pub(crate) fn resolve(&self, asker: &Asker, name: &str) -> Result<Resolution, Disagreement> {
        let (one, other) = (
            self.evaluator.resolve(asker, name),
            self.solver.resolve(asker, name),
        );
        // Each engine words an open question as it likes.
        let open = matches!(
            (&one.answer, &other.answer),
            (Answer::Undetermined(_), Answer::Undetermined(_))
        );
        if one.clause == other.clause && (open || one.answer == other.answer) {
            return Ok(one);
        }
        Err(Disagreement {
            name: name.to_owned(),
            about: format!("what it means {}", asker::place(asker)),
            evaluator: format!("{:?} by {}", one.answer, one.clause),
            solver: format!("{:?} by {}", other.answer, other.clause),
        })
    }

    fn compare(
        &self,
        invariant: &Invariant,
        evaluator: &Verdict,
        solver: &Verdict,
    ) -> Result<Option<bool>, Disagreement> {
        match (word(evaluator), word(solver)) {
            (UNKNOWN, UNKNOWN) => Ok(Some(true)),
            (UNKNOWN, _) | (_, UNKNOWN) => Ok(None),
            (one, other) if one == other => Ok(Some(true)),
            (one, other) => {
                let told = |word: &str, verdict: &Verdict| match witness(verdict) {
                    Some(witness) => {
                        format!("{word}, by the flow {}", self.told(&witness.flow, witness))
                    }
                    None => word.to_owned(),
                };
                Err(Disagreement {
                    name: invariant.name.to_string(),
                    about: "the verdict".to_owned(),
                    evaluator: told(one, evaluator),
                    solver: told(other, solver),
                })
            }
        }
    }

    fn told(&self, flow: &Flow, witness: &Witness) -> String {
        match &witness.request {
            Some(request) => format!("{flow}, {request}"),
            None => flow.to_string(),
        }
    }

    fn ruling(&self, verdict: Verdict) -> Ruling {
        let evidence =
            |witness: Option<Witness>| witness.map(|witness| Box::new(self.evidence(witness)));
        match verdict {
            Verdict::Holds { witness } => Ruling::Proved(evidence(witness)),
            Verdict::Violated { counterexample } => Ruling::Violated(evidence(counterexample)),
            Verdict::Vacuous => Ruling::Vacuous,
            Verdict::Unknown { reasons } => Ruling::Unknown(unknown(reasons)),
        }
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let done = work();
    (done, started.elapsed())
}

const UNKNOWN: &str = "unknown";

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Holds { .. } => "proved",
        Verdict::Violated { .. } => "violated",
        Verdict::Vacuous => "vacuous",
        Verdict::Unknown { .. } => UNKNOWN,
    }
}

fn witness(verdict: &Verdict) -> Option<&Witness> {
    match verdict {
        Verdict::Holds { witness } => witness.as_ref(),
        Verdict::Violated { counterexample } => counterexample.as_ref(),
        Verdict::Vacuous | Verdict::Unknown { .. } => None,
    }
}

/// The reasons; a limit of one engine is not one when the other knows the hole.
fn unknown(reasons: impl IntoIterator<Item = UnknownReason>) -> BTreeSet<Reason> {
    let reason = |reason| match reason {
        UnknownReason::DependsOn(hole) => Reason::DependsOn(hole),
        UnknownReason::OutOfBudget(limit) => Reason::OutOfBudget(limit),
    };
    let all: BTreeSet<Reason> = reasons.into_iter().map(reason).collect();
    let holes = all
        .iter()
        .filter(|reason| matches!(reason, Reason::DependsOn(_)));
    let holes: BTreeSet<Reason> = holes.cloned().collect();
    if holes.is_empty() { all } else { holes }
}
