//! Built-in checks: faults that need no stated intent, each with a code and a page in the book.
//!
//! Where a check is about packets it asks both engines, and its finding carries a witness. A check
//! asks few questions, and says so when it would have had to ask more: there is one finding for
//! each cause, not for each flow.

mod endpoint_bypassed;
mod endpoint_missing_companion;
mod endpoint_name_captures;
mod endpoint_name_public;
mod endpoint_other_vpc;
mod endpoint_policy_open;
mod endpoint_service_open;
mod endpoint_unreachable;
mod endpoint_zone_mismatch;
mod nat_pays_for_free;
mod question;
mod reply_blocked;
mod route_blackhole;
mod rule_shadowed;
mod service_needs_internet;
mod texts;
mod world_open;

use std::collections::{BTreeMap, BTreeSet};

use model::{Disposition, Invariant, Network, NetworkInterfaceId, Place, PortRange, Scope};
use solver::Limits;

use crate::doubt::{Doubt, Doubts};
use crate::invariant_file::Severity;
use crate::judge::{Disagreement, Engines, Evidence, Judge, Judgement, Reason, Ruling};
use crate::known::Known;
use crate::miss::nearest_miss;
use crate::report::{Advice, CheckSummary, Finding, Kind, Report, Subject, VerdictWord};

pub(crate) use endpoint_unreachable::stop;
pub(crate) use texts::TEXTS;

/// How many questions one check may ask of the engines.
const MOST_QUESTIONS: usize = 48;
/// After how many questions at which the engines gave up a check asks no more.
const MOST_GIVEN_UP: usize = 2;
/// What one question may cost: z3's time, and the evaluator's walks. Nobody stated these questions,
/// so nobody waits long for them.
const TIMEOUT_MS: u32 = 10_000;
const WALKS: u64 = 2_000_000;

/// A built-in check.
pub(crate) struct Check {
    pub(crate) code: &'static str,
    run: fn(&mut Run<'_>) -> Result<(), Disagreement>,
}

/// The checks, in the order of their findings.
pub(crate) const CHECKS: [Check; 15] = [
    Check {
        code: "world-open",
        run: world_open::run,
    },
    Check {
        code: "endpoint-bypassed",
        run: endpoint_bypassed::run,
    },
    Check {
        code: "endpoint-unreachable",
        run: endpoint_unreachable::run,
    },
    Check {
        code: "endpoint-policy-open",
        run: endpoint_policy_open::run,
    },
    Check {
        code: "endpoint-name-public",
        run: endpoint_name_public::run,
    },
    Check {
        code: "endpoint-name-captures",
        run: endpoint_name_captures::run,
    },
    Check {
        code: "endpoint-missing-companion",
        run: endpoint_missing_companion::run,
    },
    Check {
        code: "service-needs-internet",
        run: service_needs_internet::run,
    },
    Check {
        code: "endpoint-service-open",
        run: endpoint_service_open::run,
    },
    Check {
        code: "endpoint-zone-mismatch",
        run: endpoint_zone_mismatch::run,
    },
    Check {
        code: "endpoint-other-vpc",
        run: endpoint_other_vpc::run,
    },
    Check {
        code: "nat-pays-for-free",
        run: nat_pays_for_free::run,
    },
    Check {
        code: "reply-blocked",
        run: reply_blocked::run,
    },
    Check {
        code: "route-blackhole",
        run: route_blackhole::run,
    },
    Check {
        code: "rule-shadowed",
        run: rule_shadowed::run,
    },
];

/// The checks that ask what names mean.
pub(crate) const OF_NAMES: [&str; 3] = [
    "endpoint-name-public",
    "endpoint-name-captures",
    "endpoint-missing-companion",
];
/// The checks that ask what policies permit.
pub(crate) const OF_REQUESTS: [&str; 1] = ["endpoint-policy-open"];
/// The checks that ask which packets arrive, of both families.
pub(crate) const OF_PACKETS: [&str; 6] = [
    "world-open",
    "endpoint-bypassed",
    "endpoint-unreachable",
    "endpoint-missing-companion",
    "service-needs-internet",
    "reply-blocked",
];
/// The checks that ask for zones.
pub(crate) const OF_ZONES: [&str; 1] = ["endpoint-zone-mismatch"];

/// Whether something that the checks found depends on what a name means.
pub(crate) fn asks_names(report: &Report) -> bool {
    let asks = |code: &str| OF_NAMES.contains(&code);
    let mut findings = report.findings.iter();
    let mut advice = report.advice.iter();
    findings.any(|finding| matches!(finding.kind, Kind::BuiltIn(code) if asks(code)))
        || advice.any(|advice| asks(advice.code))
}

/// What every check is asked with.
pub(crate) struct Asked<'a> {
    judge: Judge<'a>,
    known: &'a Known,
    doubt: &'a Doubt<'a>,
    /// What the user's claims want to reach.
    wanted: &'a [Scope],
}

/// What one check found.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    summary: CheckSummary,
    findings: Vec<Finding>,
    advice: Vec<Advice>,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(
        judge: &Judge<'a>,
        known: &'a Known,
        doubt: &'a Doubt<'a>,
        wanted: &'a [Scope],
    ) -> Self {
        let judge = Judge {
            network: judge.network,
            evaluator: judge.evaluator.clone().with_budget(WALKS),
            solver: judge.solver.clone().with_limits(Limits {
                timeout_ms: TIMEOUT_MS,
                ..Limits::default()
            }),
        };
        Self {
            judge,
            known,
            doubt,
            wanted,
        }
    }

    /// Runs one check.
    ///
    /// # Errors
    ///
    /// When the engines disagree.
    pub(crate) fn run(&self, check: &Check) -> Result<Found, Disagreement> {
        let mut run = Run {
            judge: &self.judge,
            network: self.judge.network,
            known: self.known,
            wanted: self.wanted,
            reached: BTreeMap::new(),
            code: check.code,
            n_questions: 0,
            n_given_up: 0,
            reasons: BTreeSet::new(),
            findings: Vec::new(),
            advice: Vec::new(),
        };
        (check.run)(&mut run)?;
        run.take_back(self.doubt.of_check(check.code));
        Ok(Found {
            summary: CheckSummary {
                code: check.code,
                findings: run.findings.len(),
                reasons: run.reasons,
            },
            findings: run.findings,
            advice: run.advice,
        })
    }
}

impl Found {
    pub(crate) const fn code(&self) -> &'static str {
        self.summary.code
    }

    /// Puts what was found into a report.
    pub(crate) fn tell(self, report: &mut Report) {
        report.built_in.push(self.summary);
        report.findings.extend(self.findings);
        report.advice.extend(self.advice);
    }
}

/// One check at work.
struct Run<'a> {
    judge: &'a Judge<'a>,
    network: &'a Network,
    known: &'a Known,
    /// What the claims of the invariant file want to reach.
    wanted: &'a [Scope],
    /// What was asked already of senders and places.
    reached: BTreeMap<(BTreeSet<NetworkInterfaceId>, String), Option<Reached>>,
    code: &'static str,
    n_questions: usize,
    n_given_up: usize,
    reasons: BTreeSet<Reason>,
    findings: Vec<Finding>,
    advice: Vec<Advice>,
}

/// Whether something was answered, and what the engines took to say so.
#[derive(Clone, Copy, Debug)]
struct Reached {
    answered: bool,
    engines: Engines,
}

/// A finding before it is one.
struct Fault {
    /// What tells it from the others of its check.
    name: String,
    severity: Severity,
    sentence: String,
    notes: Vec<String>,
    subjects: Vec<Subject>,
}

impl Run<'_> {
    /// Asks both engines; what they cannot decide is noted. `None` when there were too many
    /// questions already.
    fn ask(&mut self, invariant: &Invariant) -> Result<Option<Judgement>, Disagreement> {
        if self.n_questions >= MOST_QUESTIONS {
            let limit = format!("{MOST_QUESTIONS} questions of the check {}", self.code);
            self.reasons.insert(Reason::OutOfBudget(limit));
            return Ok(None);
        }
        if self.n_given_up >= MOST_GIVEN_UP {
            return Ok(None);
        }
        self.n_questions += 1;
        let judgement = self.judge.judge(invariant)?;
        if let Ruling::Unknown(reasons) = &judgement.ruling {
            let limit = |reason: &Reason| matches!(reason, Reason::OutOfBudget(_));
            self.n_given_up += usize::from(reasons.iter().any(limit));
        }
        Ok(Some(judgement))
    }

    /// Asks whether every flow satisfies a claim, and gives the counterexample.
    fn counterexample(
        &mut self,
        invariant: &Invariant,
    ) -> Result<Option<(Box<Evidence>, Judgement)>, Disagreement> {
        let Some(judgement) = self.ask(invariant)? else {
            return Ok(None);
        };
        match judgement.ruling.clone() {
            Ruling::Violated(Some(evidence)) => Ok(Some((evidence, judgement))),
            Ruling::Unknown(reasons) => {
                self.reasons.extend(reasons);
                Ok(None)
            }
            Ruling::Violated(None) | Ruling::Proved(_) | Ruling::Vacuous => Ok(None),
        }
    }

    /// Whether some sender is answered at a place; `None` when that is not known. The same question
    /// is asked once.
    fn is_reached(
        &mut self,
        from: &BTreeSet<NetworkInterfaceId>,
        place: Place,
        port: PortRange,
    ) -> Result<Option<Reached>, Disagreement> {
        let key = (from.clone(), format!("{place:?} {port:?}"));
        if let Some(answer) = self.reached.get(&key) {
            return Ok(*answer);
        }
        let invariant = question::attempt(self.code, from, place, port);
        let judgement = self.ask(&invariant)?;
        let reached = |answered, engines| Some(Reached { answered, engines });
        let answer = judgement.and_then(|judgement| match judgement.ruling {
            Ruling::Proved(_) => reached(true, judgement.engines),
            Ruling::Violated(_) | Ruling::Vacuous => reached(false, judgement.engines),
            Ruling::Unknown(reasons) => {
                self.reasons.extend(reasons);
                None
            }
        });
        self.reached.insert(key, answer);
        Ok(answer)
    }

    /// Takes back what the input leaves in doubt: that nothing more was found, and what was found
    /// without a flow that is delivered, as that something is not reached.
    fn take_back(&mut self, doubts: Doubts) {
        let has_guess = !doubts.guessed.is_empty();
        let doubts = doubts.all();
        if doubts.is_empty() {
            return;
        }
        let is_delivered = |finding: &Finding| {
            let evidence = finding.evidence.as_ref();
            evidence.is_some_and(|evidence| {
                let forward = &evidence.trace.decision.forward;
                forward.disposition == Disposition::Delivered
            })
        };
        let is_doubted = |one: &&mut Finding| has_guess || !is_delivered(one);
        for finding in self.findings.iter_mut().filter(is_doubted) {
            finding.verdict = VerdictWord::Unknown;
            finding.reasons.extend(doubts.iter().cloned());
        }
        self.advice.clear();
        self.reasons.extend(doubts);
    }

    /// Takes a finding that needs no flow.
    fn structural(&mut self, fault: Fault) {
        self.push(fault, None, None);
    }

    /// Takes a finding with a flow that shows it.
    fn shown(
        &mut self,
        fault: Fault,
        invariant: &Invariant,
        evidence: Box<Evidence>,
        judgement: Option<&Judgement>,
    ) {
        let difference = crate::judge::difference::difference(invariant, &evidence);
        self.push(fault, Some(evidence), judgement);
        if let Some(finding) = self.findings.last_mut() {
            finding.difference = difference;
        }
    }

    /// Takes a finding of something that is not reached, with the attempt that comes furthest.
    fn missed(&mut self, fault: Fault, scope: &Scope, engines: Option<Engines>) {
        let miss = nearest_miss(self.judge, scope);
        let difference = miss.as_ref().and_then(stop);
        self.push(fault, miss.map(Box::new), None);
        if let Some(finding) = self.findings.last_mut() {
            finding.difference = difference;
            finding.engines = engines;
        }
    }

    fn push(
        &mut self,
        fault: Fault,
        evidence: Option<Box<Evidence>>,
        judgement: Option<&Judgement>,
    ) {
        let name = format!("{}: {}", self.code, fault.name);
        let kind = Kind::BuiltIn(self.code);
        let finding = Finding::new(name, kind, fault.severity, fault.sentence);
        self.findings.push(Finding {
            verdict: VerdictWord::Violated,
            notes: fault.notes,
            subjects: fault.subjects,
            evidence,
            engines: judgement.map(|judgement| judgement.engines),
            ..finding
        });
    }
}
