//! Claims about the policies of endpoints: what one permits and the reference does not.

mod compare;

use std::collections::{BTreeMap, BTreeSet};

use catalogue::Day;
use ingest::OpenAttributes;
use model::{
    AccountId, ComponentId, Excess, Hole, Network, PolicyComparison, RequestSet, VpcEndpointId,
};
use sha2::{Digest, Sha256};

pub(crate) use self::compare::{Difference, differences};
use self::compare::{compare, in_all, reason, told_of};
use crate::invariant_file::policy::PolicyStatement;
use crate::invariant_file::request;
use crate::judge::{Disagreement, Judge, Reason};
use crate::problem::{Problem, ProblemCode, SourceText};
use crate::report::{Finding, Kind, Subject, VerdictWord};
use crate::selector::Resolver;
use crate::waive::IN_BASELINE;
use crate::waive::policies::{self, Cuts, Taking};

/// The endpoints that a claim is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoints {
    certain: BTreeSet<VpcEndpointId>,
    /// Those that it may be about, with the others.
    possible: BTreeSet<VpcEndpointId>,
    /// What leaves open which it is about, and what its waivers take.
    chosen_by: BTreeSet<Hole>,
    /// What its waivers take there.
    cuts: Cuts,
}

impl Endpoints {
    /// Leaves out what the waivers of the claim take.
    ///
    /// # Errors
    ///
    /// Every problem that they have in this network.
    pub(crate) fn without_waived(
        mut self,
        statement: &PolicyStatement,
        network: (&Network, &OpenAttributes),
        today: Day,
    ) -> Result<Self, Vec<Problem>> {
        let (cuts, by) = policies::cuts(statement, network, today)?;
        self.cuts = cuts;
        self.chosen_by.extend(by);
        Ok(self)
    }

    /// Those that it is about for certain.
    pub(crate) const fn certain(&self) -> &BTreeSet<VpcEndpointId> {
        &self.certain
    }

    /// The endpoints, where nothing leaves open which they are.
    ///
    /// # Errors
    ///
    /// What leaves it open.
    pub(crate) fn decided(self) -> Result<BTreeSet<VpcEndpointId>, BTreeSet<Hole>> {
        if self.chosen_by.is_empty() {
            Ok(self.certain)
        } else {
            Err(self.chosen_by)
        }
    }
}

/// The endpoints that a claim is about.
///
/// # Errors
///
/// Every problem that its selectors have in this network.
pub(crate) fn endpoints(
    statement: &PolicyStatement,
    network: &Network,
    open: &OpenAttributes,
    source: &SourceText,
) -> Result<Endpoints, Vec<Problem>> {
    let mut resolver = Resolver::new(network, open, source);
    let components = resolver.components(&statement.of.selectors);
    let chosen_by = resolver.take_chosen_by();
    let mut problems = std::mem::take(&mut resolver.problems);
    let certain = of_components(statement, components, source, &mut problems);
    resolver.widen();
    let components = resolver.components(&statement.of.selectors);
    let possible = of_components(statement, components, source, &mut problems);
    if problems.is_empty() {
        Ok(Endpoints {
            certain,
            possible,
            chosen_by,
            cuts: Cuts::default(),
        })
    } else {
        problems.dedup();
        Err(problems)
    }
}

fn of_components(
    statement: &PolicyStatement,
    components: BTreeSet<ComponentId>,
    source: &SourceText,
    problems: &mut Vec<Problem>,
) -> BTreeSet<VpcEndpointId> {
    let mut endpoints = BTreeSet::new();
    for component in components {
        if let ComponentId::VpcEndpoint(id) = component {
            endpoints.insert(id);
        } else {
            let message = format!("`of` means {component}, which has no endpoint policy");
            let code = ProblemCode::InvalidSelector;
            problems.push(source.problem(code, &statement.span, message));
        }
    }
    endpoints
}

/// Judges a claim at each endpoint.
///
/// # Errors
///
/// When the engines disagree.
pub(crate) fn judge(
    judge: &Judge<'_>,
    statement: &PolicyStatement,
    endpoints: &Endpoints,
) -> Result<Finding, Disagreement> {
    let is_open = !endpoints.chosen_by.is_empty();
    let at = |ids: &BTreeSet<VpcEndpointId>, taking| {
        let rest = |id: &VpcEndpointId| endpoints.cuts.rest(statement, id, taking);
        let sets = ids.iter().map(|id| (id.clone(), rest(id)));
        judge_sets(judge, statement, &sets.collect())
    };
    let mut finding = at(&endpoints.certain, Taking::Most)?;
    if finding.verdict != VerdictWord::Violated && is_open {
        let wide = at(&endpoints.possible, Taking::Least)?;
        if wide.verdict != finding.verdict {
            let by = endpoints.chosen_by.iter().cloned();
            finding.reasons.extend(by.map(Reason::DependsOn));
            finding.verdict = VerdictWord::Unknown;
            finding.notes.clear();
        }
    }
    finding.waived = endpoints
        .cuts
        .states(judge, statement, &endpoints.certain, is_open);
    finding.pinned = pinned(statement, &endpoints.possible, judge.network);
    Ok(finding)
}

/// The digest of all that decides a claim; nothing where the input leaves some of it open.
fn pinned(
    statement: &PolicyStatement,
    endpoints: &BTreeSet<VpcEndpointId>,
    network: &Network,
) -> Option<String> {
    let mut hasher = Sha256::new();
    let mut add = |text: &str| {
        hasher.update(text);
        // So that two texts are never taken for two others.
        hasher.update([0]);
    };
    add(statement.relation.name());
    add(&ingest::policy::write(&statement.reference));
    add(&request::told(&statement.set));
    for id in endpoints {
        let endpoint = network.vpc_endpoints().get(id)?;
        let vpc = network.vpcs().get(&endpoint.vpc)?;
        let account = vpc.account.as_ref().map(ToString::to_string);
        // What requests bring from there (clause `context-of-path`).
        let facts = [id.to_string(), vpc.id.to_string(), vpc.region.clone()];
        facts.iter().chain(&account).for_each(|text| add(text));
        let account = vpc.account.as_ref();
        let account = account.and_then(|account| network.accounts().get(&AccountId::new(account)));
        let organization = account.and_then(|account| account.organization_id.as_ref());
        add(organization.map_or("", String::as_str));
        add(&endpoint.service);
        add(&ingest::policy::write(endpoint.policy.known()?));
    }
    let digest = hasher.finalize();
    let digits: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(format!("sha256:{}", digits.concat()))
}

/// Judges a claim at each of some endpoints, whatever is waived of it.
///
/// # Errors
///
/// When the engines disagree.
pub(crate) fn at_each(
    judge: &Judge<'_>,
    statement: &PolicyStatement,
    endpoints: &BTreeSet<VpcEndpointId>,
) -> Result<Finding, Disagreement> {
    let whole = endpoints.iter();
    let whole = whole.map(|id| (id.clone(), vec![statement.set.clone()]));
    judge_sets(judge, statement, &whole.collect())
}

/// Judges a claim for some requests at each of some endpoints.
///
/// # Errors
///
/// When the engines disagree.
pub(crate) fn judge_sets(
    judge: &Judge<'_>,
    statement: &PolicyStatement,
    endpoints: &BTreeMap<VpcEndpointId, Vec<RequestSet>>,
) -> Result<Finding, Disagreement> {
    let (name, sentence) = (statement.name.clone(), statement.sentence());
    let mut finding = Finding::new(name, Kind::Policy, statement.severity, sentence);
    let all = endpoints.iter();
    let all = all.flat_map(|(endpoint, sets)| sets.iter().map(move |set| (endpoint, set)));
    for (endpoint, set) in all {
        let comparison = PolicyComparison {
            endpoint: endpoint.clone(),
            reference: statement.reference.clone(),
            set: set.clone(),
        };
        let excesses = compare(judge, statement, &comparison)?;
        for (excess, side) in excesses {
            match excess {
                Excess::None => {}
                Excess::Some(request) => {
                    if finding.request.is_none() {
                        let what = told_of(side);
                        finding.notes.push(format!("{what} {request}"));
                        let all = in_all(judge, &comparison, side);
                        finding
                            .notes
                            .extend(all.map(|all| format!("in all, {what} {all}")));
                        finding.request = Some(request);
                        finding.subjects.push(Subject {
                            component: ComponentId::VpcEndpoint(endpoint.clone()),
                            rule: None,
                        });
                    }
                }
                Excess::Unknown(reasons) => finding.reasons.extend(reasons.into_iter().map(reason)),
            }
        }
    }
    finding.verdict = if finding.request.is_some() {
        finding.reasons.clear();
        VerdictWord::Violated
    } else if !finding.reasons.is_empty() {
        VerdictWord::Unknown
    } else if endpoints.is_empty() {
        VerdictWord::Vacuous
    } else if endpoints.values().all(Vec::is_empty) {
        finding.notes = vec![IN_BASELINE.to_owned()];
        VerdictWord::Vacuous
    } else {
        VerdictWord::Proved
    };
    Ok(finding)
}
