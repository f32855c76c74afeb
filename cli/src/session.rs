//! A session: a network that was read, and the questions that are asked of it.

mod jobs;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::OnceLock;

use catalogue::Day;
use ingest::{Assumption, Diagnostic, ReadError, Validated};
use model::{
    AddressValue, Answer, Clause, ComponentId, Hole, Network, Origin, Place, Quantifier, Scope,
};

use crate::asker;
use crate::builtin;
use crate::doubt::{Doubt, take_back};
use crate::invariant_file::lower::{self, Chosen, Lowered};
use crate::invariant_file::policy::PolicyStatement;
use crate::invariant_file::{InvariantFile, Statement, Word};
use crate::judge::difference::difference;
use crate::judge::way::way;
use crate::judge::{Disagreement, Judge, Judgement, Reason, Ruling};
use crate::known::Known;
use crate::miss::nearest_miss;
use crate::policy_claim;
use crate::problem::{Problem, SourceText};
use crate::public_names::{self, Decided, STANDS_FOR_ALL};
use crate::report::{Finding, Kind, Report, VerdictWord};
use crate::reuse::{Judged, Kept, Past};
use crate::waive;
use crate::workers;
use jobs::Job;

/// Reads and checks a network.
///
/// # Errors
///
/// Every error of every input.
pub(crate) fn open(paths: &[PathBuf], options: &ingest::Options) -> Result<Validated, ReadError> {
    ingest::read_with(paths, options)?.validate()
}

/// What a run is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) built_in: bool,
    /// Take a plan or a template alone for the whole network.
    pub(crate) closed_world: bool,
    /// The day that ends waivers.
    pub(crate) today: Day,
    /// How many claims are judged at a time; otherwise as many as there are cores.
    pub(crate) jobs: Option<NonZeroUsize>,
}

/// Why a run came to no report.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    Problems(Vec<Problem>),
    Disagreement(Box<Disagreement>),
}

impl From<Disagreement> for Failure {
    fn from(disagreement: Disagreement) -> Self {
        Failure::Disagreement(Box::new(disagreement))
    }
}

/// Judges the claims of a file, if there is one, and runs the built-in checks; what nothing that changed since `past` can
/// touch is kept from there.
pub(crate) fn check(
    validated: &Validated,
    file: Option<&InvariantFile>,
    known: &Known,
    options: Options,
    past: Option<&Past>,
    mut each: impl FnMut(&str),
) -> Result<(Report, Judged), Failure> {
    let network = &validated.network;
    let mut report = Report::default();
    let mut lowered = Vec::new();
    let mut problems = Vec::new();
    for (statement, source) in statements(file) {
        let one = lower::lower(statement, network, &validated.open, source);
        let one = one.and_then(|one| {
            let network = (network, &validated.open);
            let plan = waive::plan(statement, &one, network, source, options.today)?;
            Ok((statement, one, plan))
        });
        match one {
            Ok(one) => lowered.push(one),
            Err(more) => problems.extend(more),
        }
    }
    let mut policies = Vec::new();
    for (statement, source) in policy_statements(file) {
        let one = policy_claim::endpoints(statement, network, &validated.open, source);
        let one = one.and_then(|one| {
            let network = (network, &validated.open);
            one.without_waived(statement, network, options.today)
        });
        match one {
            Ok(endpoints) => policies.push((statement, endpoints)),
            Err(more) => problems.extend(more),
        }
    }
    if !problems.is_empty() {
        // A group that many claims use is reported once.
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems.dedup();
        return Err(Failure::Problems(problems));
    }
    let plan_alone = is_plan_alone(validated);
    if plan_alone && options.closed_world {
        let text = "what is read is taken for the whole network (--closed-world)";
        report.assumptions.push(("closed-world", text.to_owned()));
    }
    let mut scopes = lowered.iter().map(|(_, one, _)| &one.invariant.scope);
    if scopes.any(is_from_blocks) && has_unknown_public(network) {
        let text = "no public address that AWS will choose lies in a block that sends";
        report
            .assumptions
            .push(("public-addresses-elsewhere", text.to_owned()));
    }
    let doubt = Doubt::of(validated, options.closed_world);
    let works = [Word::Always, Word::Sometimes];
    let wanted = lowered.iter();
    let wanted = wanted.filter(|(statement, _, _)| works.contains(&statement.word));
    let wanted: Vec<Scope> = wanted
        .map(|(_, one, _)| one.invariant.scope.clone())
        .collect();
    // Where nothing is judged, no engine has to be made ready.
    let judge = OnceLock::new();
    let asked = jobs::Asked {
        judge: &judge,
        network,
        doubt: &doubt,
        known,
        wanted: &wanted,
        built_in: OnceLock::new(),
    };
    let claims = lowered.iter().map(Job::claim);
    let claims = claims.chain(policies.iter().map(Job::policy));
    let checks = builtin::CHECKS.iter().filter(|_| options.built_in);
    let jobs: Vec<Job<'_>> = claims.chain(checks.map(Job::BuiltIn)).collect();
    let kept = past.map(|past| Kept::new(past, validated, options.closed_world));
    let kept = jobs.iter().map(|job| asked.kept(job, kept.as_ref()?));
    let kept: Vec<Option<jobs::Done>> = kept.collect();
    let both = jobs.iter().zip(&kept);
    let anew: Vec<&Job<'_>> = both
        .filter_map(|(job, kept)| kept.is_none().then_some(job))
        .collect();
    let workers = workers::number(options.jobs, anew.len(), network);
    let run = |job: &&Job<'_>| asked.run(job);
    let done = workers::in_order(&anew, workers, run, |job| each(job.name()))?;
    let mut judged = Judged {
        n_anew: anew.len(),
        ..Judged::default()
    };
    let mut done = done.into_iter();
    for (job, kept) in jobs.iter().zip(kept) {
        // Those that were not kept were judged, in this order.
        if let Some(one) = kept.or_else(|| done.next()) {
            one.tell(job, &mut report, &mut judged);
        }
    }
    judged.checked_with = options.built_in.then(|| (known.clone(), wanted.clone()));
    let mut scopes = lowered.iter().map(|(_, one, _)| &one.invariant.scope);
    report.asks_names = scopes.any(asks_name) || builtin::asks_names(&report);
    Ok((report, judged))
}

fn statements(file: Option<&InvariantFile>) -> impl Iterator<Item = (&Statement, &SourceText)> {
    file.into_iter().flat_map(|file| {
        file.statements
            .iter()
            .map(|statement| (statement, &file.source))
    })
}

fn policy_statements(
    file: Option<&InvariantFile>,
) -> impl Iterator<Item = (&PolicyStatement, &SourceText)> {
    file.into_iter().flat_map(|file| {
        let policies = file.policies.iter();
        policies.map(|statement| (statement, &file.source))
    })
}

/// Whether blocks of public addresses send.
fn is_from_blocks(scope: &Scope) -> bool {
    let is_of_blocks = |origin: &Origin| matches!(origin, Origin::Internet(Some(_)));
    scope.from.iter().any(is_of_blocks)
}

/// Whether an interface has a public address that is not known.
fn has_unknown_public(network: &Network) -> bool {
    let mut addresses = network
        .network_interfaces()
        .values()
        .flat_map(|one| &one.addresses);
    addresses.any(|one| matches!(one.public, Some(AddressValue::Within(..))))
}

/// Whether a scope is of a name.
pub(crate) fn asks_name(scope: &model::Scope) -> bool {
    let is_name = |place: &Place| matches!(place, Place::Name(_));
    scope.to.iter().any(is_name)
}

/// The beginning of the codes of assumptions on which only the meaning of names depends.
const OF_NAMES: &str = "names-";

/// The readers' assumptions, those of names only where names are asked.
pub(crate) fn assumptions(
    validated: &Validated,
    asks_names: bool,
) -> impl Iterator<Item = &Assumption> {
    let all = validated.assumptions.iter();
    all.filter(move |one| asks_names || !one.code.starts_with(OF_NAMES))
}

/// Whether the input is a plan or a template without the network that it changes.
pub(crate) fn is_plan_alone(validated: &Validated) -> bool {
    let is = |assumption: &Assumption| ["plan-alone", "template-alone"].contains(&assumption.code);
    validated.assumptions.iter().any(is)
}

/// The warnings that name what is not modelled.
pub(crate) fn not_modelled(validated: &Validated) -> impl Iterator<Item = &Diagnostic> {
    let diagnostics = validated.diagnostics.iter();
    diagnostics.filter(|diagnostic| diagnostic.code == ingest::Code::NotModelled)
}

/// Judges one statement, or a part of it. A proof that rests on what the input does not have is not taken for one.
pub(crate) fn judge_part(
    judge: &Judge<'_>,
    statement: &Statement,
    lowered: &Lowered,
    doubt: &Doubt<'_>,
) -> Result<Finding, Disagreement> {
    let (name, sentence) = (statement.name.clone(), statement.sentence());
    let kind = Kind::Claim(statement.word);
    let mut finding = Finding::new(name, kind, statement.severity, sentence);
    finding.vacuous_is_error = statement.vacuous_is_error;
    finding.invariant = Some(Box::new(lowered.weakest().clone()));
    if statement.word == Word::Always {
        finding.notes = unanswered_names(judge, lowered, &lowered.invariant.scope)?;
        if !finding.notes.is_empty() {
            finding.verdict = VerdictWord::Violated;
            let doubts = doubt.reasons_for(statement, &lowered.invariant.scope, &finding);
            take_back(&mut finding, false, doubts);
            return Ok(finding);
        }
        if let Some(chosen) = &lowered.chosen
            && !unanswered_names(judge, lowered, &chosen.strongest.scope)?.is_empty()
        {
            let by = chosen.by.iter().cloned();
            finding.reasons = by.map(Reason::DependsOn).collect();
            return Ok(finding);
        }
    }
    let judgement = match &lowered.chosen {
        None => judge.judge(&lowered.invariant)?,
        Some(chosen) => of_any(judge, chosen)?,
    };
    finding.engines = Some(judgement.engines);
    match judgement.ruling {
        Ruling::Proved(evidence) => {
            finding.verdict = VerdictWord::Proved;
            finding.evidence = evidence;
        }
        Ruling::Violated(evidence) => {
            finding.verdict = VerdictWord::Violated;
            finding.difference = evidence
                .as_ref()
                .and_then(|evidence| difference(lowered.weakest(), evidence));
            finding.evidence = evidence;
            if statement.word == Word::Sometimes {
                nearest(&mut finding, judge, lowered);
            }
        }
        Ruling::Vacuous => finding.verdict = VerdictWord::Vacuous,
        Ruling::Unknown(reasons)
            if matches!(statement.word, Word::Always | Word::Sometimes)
                && lowered.chosen.is_none() =>
        {
            finding.reasons = reasons;
            public_names(&mut finding, judge, lowered)?;
        }
        Ruling::Unknown(reasons) => finding.reasons = reasons,
    }
    doubts(&mut finding, statement, lowered, doubt);
    if statement.word == Word::Sometimes && statement.request.is_some() {
        handed_on(&mut finding, judge.network);
    }
    Ok(finding)
}

/// Judges a claim of which it is open which things its selectors mean: what it says has to come out
/// whatever they turn out to be.
fn of_any(judge: &Judge<'_>, chosen: &Chosen) -> Result<Judgement, Disagreement> {
    let weakest = judge.judge(&chosen.weakest)?;
    if matches!(weakest.ruling, Ruling::Violated(_)) {
        return Ok(weakest);
    }
    let strongest = judge.judge(&chosen.strongest)?;
    let ruling = match (weakest.ruling, strongest.ruling) {
        (Ruling::Proved(_), Ruling::Proved(evidence)) => Ruling::Proved(evidence),
        (Ruling::Vacuous, Ruling::Vacuous) => Ruling::Vacuous,
        (one, other) => {
            let by = chosen.by.iter().cloned();
            let mut reasons: BTreeSet<_> = by.map(Reason::DependsOn).collect();
            for ruling in [one, other] {
                if let Ruling::Unknown(more) = ruling {
                    reasons.extend(more);
                }
            }
            Ruling::Unknown(reasons)
        }
    };
    Ok(Judgement {
        ruling,
        engines: strongest.engines,
    })
}

/// Decides, where it can be, what depends on which public addresses some names mean.
fn public_names(
    finding: &mut Finding,
    judge: &Judge<'_>,
    lowered: &Lowered,
) -> Result<(), Disagreement> {
    match public_names::decide(judge, &lowered.invariant)? {
        Decided::Open => return Ok(()),
        Decided::Holds(evidence) => {
            finding.verdict = VerdictWord::Proved;
            let note = evidence.is_some().then(|| STANDS_FOR_ALL.to_owned());
            finding.notes.extend(note);
            finding.evidence = evidence;
        }
        Decided::Fails(names, miss) => {
            finding.verdict = VerdictWord::Violated;
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            finding.notes.push(format!(
                "{} mean public addresses, and no public address is reached so",
                names.join(", ")
            ));
            finding.difference = miss.as_deref().and_then(builtin::stop);
            finding.evidence = miss;
        }
    }
    finding.reasons.clear();
    Ok(())
}

/// Shows, where nothing passes, the attempt that comes furthest.
fn nearest(finding: &mut Finding, judge: &Judge<'_>, lowered: &Lowered) {
    if let Some(miss) = nearest_miss(judge, &lowered.invariant.scope) {
        let note = "nothing passes; this attempt comes furthest";
        finding.notes.push(note.to_owned());
        finding.difference = builtin::stop(&miss);
        finding.evidence = Some(Box::new(miss));
    }
}

/// Takes back a verdict that more senders or places, or a missing answer, could change.
fn doubts(finding: &mut Finding, statement: &Statement, lowered: &Lowered, doubt: &Doubt<'_>) {
    let absence = match lowered.invariant.quantifier {
        Quantifier::Every => VerdictWord::Proved,
        Quantifier::Exists => VerdictWord::Violated,
    };
    let is_absence = finding.verdict == absence || finding.verdict == VerdictWord::Vacuous;
    if is_absence && !lowered.open.is_empty() {
        let holes = lowered.open.iter().cloned();
        finding.reasons.extend(holes.map(Reason::DependsOn));
        finding.verdict = VerdictWord::Unknown;
    }
    let closed = matches!(statement.word, Word::Never | Word::Only);
    let is_by_absence = matches!(finding.verdict, VerdictWord::Proved | VerdictWord::Vacuous);
    if doubt.plan_alone && closed && is_by_absence {
        finding.reasons.insert(Reason::PlanAlone);
        finding.verdict = VerdictWord::Unknown;
    }
    let missing = doubt.reasons_for(statement, lowered.widest_scope(), finding);
    take_back(finding, is_absence, missing);
}

/// Takes back that some request passes when it only comes to a load balancer, which asks nobody and
/// hands it on.
fn handed_on(finding: &mut Finding, network: &Network) {
    let evidence = finding.evidence.as_ref();
    let way = evidence.map_or(Vec::new(), |evidence| way(&evidence.trace, network));
    if let [.., ComponentId::LoadBalancer(balancer), _] = way.as_slice()
        && finding.verdict == VerdictWord::Proved
    {
        let hole = Hole::new(format!("requests that {balancer} hands on"));
        finding.reasons.insert(Reason::DependsOn(hole));
        finding.verdict = VerdictWord::Unknown;
    }
}

/// Names that some sender's VPC does not answer, or that an endpoint answers for without serving
/// them: an `always` that held because of that would hide the fault.
fn unanswered_names(
    judge: &Judge<'_>,
    lowered: &Lowered,
    scope: &Scope,
) -> Result<Vec<String>, Disagreement> {
    let mut notes = Vec::new();
    for place in &scope.to {
        let Place::Name(name) = place else { continue };
        for asker in asker::of_origins(&scope.from, judge.network) {
            let resolution = judge.resolve(&asker, name)?;
            let place = asker::place(&asker);
            let public = lowered.public_names.contains(name);
            if public && matches!(resolution.answer, Answer::Interfaces(_)) {
                let clause = resolution.clause;
                notes.push(format!(
                    "`{name}` means an endpoint {place}, by {clause}, which does not serve it"
                ));
            }
            if resolution.answer == Answer::NoAnswer {
                let clause = resolution.clause;
                let why = if clause == Clause::DnsSupport {
                    ": its attribute enableDnsSupport is off"
                } else {
                    ""
                };
                notes.push(format!(
                    "`{name}` is not answered {place}, by {clause}{why}"
                ));
            }
        }
    }
    Ok(notes)
}
