//! The laws of baselines for claims about requests, on random policies.

use std::collections::BTreeSet;

use model::{
    Engine, KeySet, Network, Patterns, PermissionEffect, PrincipalSet, Request, RequestSet,
    RequestWay, Value,
};
use proptests::dice::Dice;
use proptests::policy::{self, Case, draw, member};

use super::record;
use super::tests::{TODAY, read};
use crate::doubt::Doubt;
use crate::invariant_file::lower::lower;
use crate::invariant_file::policy::{PolicyStatement, Relation};
use crate::invariant_file::waive::Waiver;
use crate::invariant_file::{self, InvariantFile, Selection, Severity, baseline};
use crate::judge::Judge;
use crate::policy_claim;
use crate::problem::SourceText;
use crate::report::{Finding, Report, VerdictWord};
use crate::selector::parse::{self, Context};
use crate::waive::{self, State};

const N_CASES: u64 = 60;
const N_REQUESTS: usize = 40;
const FLOWS: &str = r#"
[[never]]
name = "no-request-passes"
from = "interface id:client"
to = "endpoint id:ENDPOINT"
traffic = "tcp/443"
request = {}
[[always]]
name = "every-request-passes"
from = "interface id:client"
to = "endpoint id:ENDPOINT"
traffic = "tcp/443"
request = {}
"#;

/// The claims of a case: the policy against its reference, and what flows may carry.
fn file(case: &Case) -> InvariantFile {
    let text = FLOWS.replace("ENDPOINT", case.endpoint);
    let mut file = invariant_file::read_text("vpcproof.toml", &text).unwrap();
    for statement in &mut file.statements {
        statement.request = Some(case.set.clone());
    }
    let of = format!("endpoint id:{}", case.endpoint);
    let source = SourceText::new("vpcproof.toml", &of);
    let context = Context {
        source: &source,
        names: &file.names,
    };
    let selectors = parse::parse(&of, &(0..of.len()), context, &mut Vec::new());
    for (name, relation) in [("within", Relation::Within), ("equals", Relation::Equals)] {
        file.policies.push(PolicyStatement {
            name: name.to_owned(),
            span: 0..0,
            of: Selection {
                selectors: selectors.clone(),
                text: of.clone(),
            },
            relation,
            file: "reference.json".to_owned(),
            reference: case.reference.clone(),
            set: case.set.clone(),
            severity: Severity::High,
            waivers: Vec::new(),
        });
    }
    file
}

/// A baseline, and what violates the claims besides.
fn baseline_of(network: &Network, case: &Case) -> (String, Vec<String>) {
    let today = TODAY.parse().unwrap();
    let recorded = record(&read(network), &file(case), (true, today), |_| {}).unwrap();
    let found = judged(network, case, &recorded.text).into_iter();
    let report = Report {
        findings: found.map(|(finding, _)| finding).collect(),
        ..Report::default()
    };
    let known = waive::known::tables(&report);
    let text = super::with_tables(&recorded.text, &known);
    (text, recorded.left_out)
}

/// What is found of each claim in a network, with a baseline.
fn judged(network: &Network, case: &Case, text: &str) -> Vec<(Finding, Vec<Waiver>)> {
    let validated = read(network);
    let mut file = file(case);
    let source = SourceText::new("baseline.toml", text);
    let warnings = baseline::read_source(&source, &mut file);
    assert_eq!(
        warnings.unwrap_or_else(|wrong| panic!("{}\n{text}", wrong[0])),
        []
    );
    let judge = Judge::new(&validated.network);
    let doubt = Doubt::of(&validated, true);
    let network = (&validated.network, &validated.open);
    let today = TODAY.parse().unwrap();
    let mut found = Vec::new();
    for statement in &file.statements {
        let lowered = lower(statement, network.0, network.1, &file.source).unwrap();
        let plan = waive::plan(statement, &lowered, network, &file.source, today);
        let plan = plan.unwrap_or_else(|wrong| panic!("{}\n{text}", wrong[0]));
        let finding = waive::judge(&judge, statement, &lowered, &plan, &doubt).unwrap();
        found.push((finding, statement.waivers.clone()));
    }
    for statement in &file.policies {
        let of = policy_claim::endpoints(statement, network.0, network.1, &file.source).unwrap();
        let of = of.without_waived(statement, network, today);
        let of = of.unwrap_or_else(|wrong| panic!("{}\n{text}", wrong[0]));
        let finding = policy_claim::judge(&judge, statement, &of).unwrap();
        found.push((finding, statement.waivers.clone()));
    }
    let (findings, waivers): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let mut report = Report {
        findings,
        ..Report::default()
    };
    waive::known::apply(&mut report, &file.known, today);
    report.findings.into_iter().zip(waivers).collect()
}

/// Whether a finding fails a run.
fn fails(finding: &Finding) -> bool {
    finding.verdict == VerdictWord::Violated && finding.known.is_none()
}

/// Whether requests violate a claim, where that is certain.
struct Oracle<'a> {
    judge: Judge<'a>,
    case: &'a Case,
    reference: Network,
}

impl<'a> Oracle<'a> {
    fn new(network: &'a Network, case: &'a Case) -> Self {
        Self {
            judge: Judge::new(network),
            case,
            reference: policy::network(case.endpoint, Value::Known(case.reference.clone())),
        }
    }

    fn violates(&self, claim: &str, request: &Request) -> Option<bool> {
        let alone = RequestWay::EndpointPolicy(self.case.endpoint());
        let effect = |engine: &evaluator::Evaluator, way: &RequestWay| match engine
            .permits(way, request)
            .effect
        {
            PermissionEffect::Permitted => Some(true),
            PermissionEffect::Denied => Some(false),
            PermissionEffect::Undetermined(_) => None,
        };
        let by_flow = || {
            let ways = self.case.ways();
            let mut effects = ways.iter().map(|way| effect(&self.judge.evaluator, way));
            let first = effects.next()??;
            effects.all(|one| one == Some(first)).then_some(first)
        };
        let reference = || effect(&evaluator::Evaluator::load(&self.reference), &alone);
        let own = || effect(&self.judge.evaluator, &alone);
        match claim {
            "no-request-passes" => by_flow(),
            "every-request-passes" => Some(!by_flow()?),
            "within" => Some(own()? && !reference()?),
            _ => Some(own()? != reference()?),
        }
    }
}

/// The requests that a waiver says.
fn said(waiver: &Waiver) -> RequestSet {
    waiver.request.clone().unwrap_or_else(RequestSet::every)
}

fn is_open(case: &Case) -> bool {
    [&case.policy, &case.reference]
        .iter()
        .any(|policy| format!("{policy:?}").contains("Open("))
}

#[test]
fn a_baseline_of_requests_covers_all_that_is_violated_and_hides_nothing_new() {
    let (mut n_entries, mut n_known, mut n_left_out) = (0, 0, 0);
    let (mut n_hidden, mut n_new) = (0, 0);
    let mut claims = BTreeSet::new();
    for seed in 0..N_CASES {
        let case = Case::of_seed(700_000 + seed, N_REQUESTS);
        if is_open(&case) {
            continue;
        }
        let network = policy::network(case.endpoint, Value::Known(case.policy.clone()));
        let (text, left_out) = baseline_of(&network, &case);
        let text = &text;
        let told = || format!("case {seed}\n{text}\n{left_out:?}");
        n_left_out += left_out.len();
        // What stays as it is violates nothing.
        let before = Oracle::new(&network, &case);
        for (finding, waivers) in judged(&network, &case, text) {
            let is_left_out = left_out.iter().any(|one| one.contains(&finding.name));
            n_known += usize::from(finding.known.is_some());
            assert_eq!(fails(&finding), is_left_out, "{} {}", finding.name, told());
            for one in &finding.waived {
                assert_eq!(one.state, State::Used, "{} {}", finding.name, told());
                n_entries += 1;
                claims.insert(finding.name.clone());
            }
            // An entry says nothing that is not violated.
            for request in &case.requests {
                let is_said = |waiver: &Waiver| member::is_certain(&said(waiver), request);
                if waivers.iter().any(is_said) && member::is_certain(&case.set, request) {
                    let violates = before.violates(&finding.name, request);
                    assert_eq!(
                        violates,
                        Some(true),
                        "{} {request} {}",
                        finding.name,
                        told()
                    );
                    n_hidden += 1;
                }
            }
        }
        // What is violated after an edit and was not before is not hidden.
        let mut dice = Dice::new(seed);
        let keys = draw::keys(&mut dice);
        let edited = draw::edited(&case.policy, &keys, &mut dice);
        let after = policy::network(case.endpoint, Value::Known(edited));
        let now = Oracle::new(&after, &case);
        for (finding, _) in judged(&after, &case, text) {
            let is_new = |request: &&Request| {
                member::is_certain(&case.set, request)
                    && before.violates(&finding.name, request) == Some(false)
                    && now.violates(&finding.name, request) == Some(true)
            };
            if let Some(request) = case.requests.iter().find(is_new) {
                let is_hidden = match finding.verdict {
                    VerdictWord::Proved | VerdictWord::Vacuous => true,
                    VerdictWord::Violated => finding.known.is_some(),
                    VerdictWord::Unknown => false,
                };
                let told = || format!("{} {request} {}", finding.name, told());
                assert!(!is_hidden, "{}", told());
                n_new += 1;
            }
        }
    }
    let counts = format!("{n_entries} {n_known} {n_left_out} {n_hidden} {n_new} {claims:?}");
    println!("{counts}");
    assert!(
        n_entries > 40 && n_known > 10 && n_hidden > 60 && n_new > 5,
        "{counts}"
    );
    assert_eq!(claims.len(), 4, "{counts}");
}

#[test]
fn a_set_is_read_as_it_is_told() {
    for seed in 0..2_000 {
        let mut case = Case::of_seed(seed, 0);
        let is_free = |keys: &KeySet| keys.absent && keys.values == Some(Patterns::default());
        case.set.context.retain(|_, keys| !is_free(keys));
        // A list is told without those that are left out of it, and no file has one without anybody.
        if let PrincipalSet::These(these) = &mut case.set.principals {
            these.retain(|one| !case.set.without.contains(one));
            case.set.without.clear();
            if these.is_empty() {
                continue;
            }
        }
        let text = format!(
            "[[never]]\nname = \"x\"\nfrom = \"any\"\nto = \"internet\"\nrequest = {}\n",
            invariant_file::request::told(&case.set)
        );
        let file = invariant_file::read_text("vpcproof.toml", &text);
        let file = file.unwrap_or_else(|wrong| panic!("{}\n{text}", wrong[0]));
        assert_eq!(
            file.statements[0].request.as_ref(),
            Some(&case.set),
            "{text}"
        );
    }
}
