//! Claims while a change is applied: what holds in every network that can exist then.
//!
//! What holds for every flow, or for none, is asked of everything that may be in scope in some of these networks. That some flow
//! shows it in each of them is asked of what is in scope in all of them, where what may be missing lets nothing pass
//! for certain.

pub(crate) mod scope;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use ingest::Validated;
use ingest::transient::{Matters, Transient};
use model::{Hole, Network, NetworkInterfaceId, Place, Quantifier, Scope};

use crate::doubt::Doubt;
use crate::invariant_file::lower::{self, Lowered};
use crate::invariant_file::policy::PolicyStatement;
use crate::invariant_file::{InvariantFile, Statement, Word};
use crate::judge::{Disagreement, Judge, Reason};
use crate::policy_claim::{self, Endpoints};
use crate::problem::SourceText;
use crate::report::{Finding, Report, VerdictWord};
use crate::rests::{self, One};
use crate::session;
use crate::workers;
use scope::{nothing, receivers, senders};

/// What is claimed to hold while a change is applied.
const ASSUMED: &str = "while the change is applied, each resource has the old or the new value of \
                       each attribute, and one that is created or deleted is there or not";

/// How a claim fares while the change is applied, beside its verdict on the network after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct During {
    /// The verdict on the network after the change.
    pub(crate) after: VerdictWord,
    /// The verdict on every network that can exist while it is applied, the ones before and after among them.
    pub(crate) during: VerdictWord,
    /// Why the latter is unknown.
    pub(crate) reasons: BTreeSet<Reason>,
}

/// Judges the claims of a report again, for every network of the apply. The verdict of each becomes the weaker of both.
///
/// # Errors
///
/// When the engines disagree, or what is after the change is not among what is while it is applied.
pub(crate) fn judge(
    report: &mut Report,
    [before, after]: [&Validated; 2],
    file: &InvariantFile,
    (closed_world, jobs): (bool, Option<NonZeroUsize>),
    mut each: impl FnMut(&str),
) -> Result<(), Disagreement> {
    report.assumptions.push(("transient", ASSUMED.to_owned()));
    let transient = ingest::transient::between(before, after);
    let networks = [&before.network, &after.network];
    let apply = Apply {
        networks,
        labelled: labelled(networks),
        judge: Judge::new(&transient.validated.network),
        all_there: Judge::new(&transient.all_there),
        doubt: Doubt::of(&transient.validated, closed_world),
        transient: &transient,
    };
    let claims: Vec<One<'_>> = rests::claims(file).collect();
    let workers = workers::number(jobs, claims.len(), &after.network);
    let of = |claim: &One<'_>| match claim {
        One::Flows(statement) => apply.statement(statement, &file.source),
        One::Policy(statement) => apply.policy(statement, &file.source),
    };
    let during = workers::in_order(&claims, workers, of, |claim| each(claim.name()))?;
    // The claims' findings come first and in the order of the file.
    for (finding, during) in report.findings.iter_mut().zip(during) {
        settle(finding, during)?;
    }
    Ok(())
}

/// Every network of the apply, with both engines.
struct Apply<'a> {
    networks: [&'a Network; 2],
    /// Those in which selectors are resolved: the network after, the one before, and each with the other's labels of
    /// VPCs and subnets, by which things in them are chosen together with their own.
    labelled: Vec<Network>,
    judge: Judge<'a>,
    all_there: Judge<'a>,
    doubt: Doubt<'a>,
    transient: &'a Transient,
}

/// Whose labels of the other network one takes: those of VPCs, of subnets, of both.
const LABELS: [[bool; 2]; 3] = [[true, false], [false, true], [true, true]];

/// The network after, the one before, and each with the other's labels of VPCs and subnets where these differ.
fn labelled([before, after]: [&Network; 2]) -> Vec<Network> {
    let mut all = vec![after.clone(), before.clone()];
    for of in LABELS {
        all.extend(with_labels_of(after, before, of));
        all.extend(with_labels_of(before, after, of));
    }
    all
}

/// A network with another one's labels, where all that are taken differ.
fn with_labels_of(network: &Network, other: &Network, of: [bool; 2]) -> Option<Network> {
    let mut draft = network.clone().into_draft();
    let mut differ = [false; 2];
    let [of_vpcs, of_subnets] = of;
    let vpcs = draft.vpcs.iter_mut().filter(|_| of_vpcs);
    for vpc in vpcs {
        if let Some(other) = other.vpcs().get(&vpc.id) {
            differ[0] |= vpc.tags != other.tags;
            vpc.tags.clone_from(&other.tags);
        }
    }
    let subnets = draft.subnets.iter_mut().filter(|_| of_subnets);
    for subnet in subnets {
        if let Some(other) = other.subnets().get(&subnet.id) {
            differ[1] |= subnet.tags != other.tags;
            subnet.tags.clone_from(&other.tags);
        }
    }
    if differ == of {
        draft.validate().ok()
    } else {
        None
    }
}

/// Whether a claim chooses by labels and by security groups together, where the latter change: then what it means in
/// between is not among what it means before and after.
fn mixes_groups(statement: &Statement, [before, after]: [&Network; 2]) -> bool {
    let ends = [&statement.from, &statement.to].into_iter();
    let mut selectors = ends.chain(&statement.via).flat_map(|list| &list.selectors);
    let is_mixed = selectors.any(|one| one.chooses_by_groups() && one.chooses_by_tags());
    let mut interfaces = before.network_interfaces().iter();
    is_mixed
        && interfaces.any(|(id, interface)| {
            let other = after.network_interfaces().get(id);
            other.is_some_and(|other| other.groups != interface.groups)
        })
}

/// A verdict, and why it is unknown.
type Answer = (VerdictWord, BTreeSet<Reason>);

impl Apply<'_> {
    fn statement(
        &self,
        statement: &Statement,
        source: &SourceText,
    ) -> Result<Answer, Disagreement> {
        let open = &self.transient.validated.open;
        let lower = |network| lower::lower(statement, network, open, source).ok();
        let lowered: Vec<Option<Lowered>> = self.labelled.iter().map(lower).collect();
        let chosen = lowered
            .iter()
            .flatten()
            .filter_map(|one| one.chosen.as_ref());
        let chosen_by: BTreeSet<Hole> = chosen.flat_map(|chosen| chosen.by.clone()).collect();
        if !chosen_by.is_empty() {
            return Ok(unknown(chosen_by));
        }
        if mixes_groups(statement, self.networks) {
            return Ok(unknown([what_is_meant(&statement.name)]));
        }
        let mut lowered = lowered.into_iter();
        // A claim that means nothing in one of the networks speaks of no flow there.
        let Some(Some(after)) = lowered.next() else {
            return Ok(unknown([what_is_meant(&statement.name)]));
        };
        let others = lowered.map(|other| other.unwrap_or_else(|| nothing(&after)));
        let others: Vec<Lowered> = others.collect();
        let asks_name = session::asks_name(&after.invariant.scope);
        let unsteady = self.unsteady(asks_name, statement.request.is_some());
        if !unsteady.is_empty() {
            return Ok((VerdictWord::Unknown, unsteady));
        }
        let Some([widest, narrowest]) = self.scopes(&after, &others) else {
            return Ok(unknown([what_is_meant(&statement.name)]));
        };
        // What works needs its public address, which others can do without.
        let bare = match statement.word {
            Word::Always => Self::ends(&widest.invariant.scope, &self.transient.bare),
            Word::Never | Word::Sometimes | Word::Only => BTreeSet::new(),
        };
        if !bare.is_empty() {
            return Ok((VerdictWord::Unknown, bare));
        }
        let is_of_interfaces = |place: &Place| matches!(place, Place::Interfaces { .. });
        let all_there = widest.invariant.scope.to.iter().all(is_of_interfaces);
        let judge = if all_there {
            &self.all_there
        } else {
            &self.judge
        };
        let wide = session::judge_part(judge, statement, &widest, &self.doubt)?;
        let [for_all, by_one] = match after.invariant.quantifier {
            Quantifier::Every => [VerdictWord::Proved, VerdictWord::Violated],
            Quantifier::Exists => [VerdictWord::Violated, VerdictWord::Proved],
        };
        if wide.verdict == for_all || wide.verdict == VerdictWord::Vacuous {
            return Ok((wide.verdict, BTreeSet::new()));
        }
        if !statement.waivers.is_empty() {
            // The whole claim was asked, of which they waive what may not hold.
            return Ok(unknown([waivers(&statement.name)]));
        }
        let narrow = session::judge_part(&self.judge, statement, &narrowest, &self.doubt)?;
        if narrow.verdict == by_one {
            return Ok((by_one, BTreeSet::new()));
        }
        let mut reasons = wide.reasons;
        reasons.extend(narrow.reasons);
        if reasons.is_empty() {
            reasons = Self::ends(&widest.invariant.scope, &self.transient.passing);
        }
        if reasons.is_empty() {
            reasons.insert(Reason::DependsOn(what_is_meant(&statement.name)));
        }
        Ok((VerdictWord::Unknown, reasons))
    }

    fn policy(
        &self,
        statement: &PolicyStatement,
        source: &SourceText,
    ) -> Result<Answer, Disagreement> {
        let unsteady = self.unsteady(false, true);
        if !unsteady.is_empty() {
            return Ok((VerdictWord::Unknown, unsteady));
        }
        let open = &self.transient.validated.open;
        let of = self.labelled.iter().map(|network| {
            let found = policy_claim::endpoints(statement, network, open, source);
            // A claim that means nothing in one of the networks is about no endpoint there.
            found.map_or_else(|_| Ok(BTreeSet::new()), Endpoints::decided)
        });
        let of: Vec<BTreeSet<_>> = match of.collect() {
            Ok(of) => of,
            Err(chosen_by) => return Ok(unknown(chosen_by)),
        };
        let all = of.iter().flatten().cloned().collect();
        let mut finding = policy_claim::at_each(&self.judge, statement, &all)?;
        self.doubt.of_policy(&mut finding);
        if finding.verdict != VerdictWord::Violated {
            return Ok((finding.verdict, finding.reasons));
        }
        if !statement.waivers.is_empty() {
            return Ok(unknown([waivers(&statement.name)]));
        }
        let steady = |endpoint: &&_| of.iter().all(|some| some.contains(*endpoint));
        let steady = of.iter().flatten().filter(steady).cloned().collect();
        let mut narrow = policy_claim::at_each(&self.judge, statement, &steady)?;
        self.doubt.of_policy(&mut narrow);
        Ok(match narrow.verdict {
            VerdictWord::Violated => (VerdictWord::Violated, BTreeSet::new()),
            VerdictWord::Proved | VerdictWord::Vacuous | VerdictWord::Unknown => {
                unknown([what_is_meant(&statement.name)])
            }
        })
    }

    /// The changes that no proof of such a claim may rest on.
    fn unsteady(&self, asks_name: bool, asks_request: bool) -> BTreeSet<Reason> {
        let unsteady = self.transient.unsteady.iter();
        let matters = unsteady.filter(|one| match one.matters {
            Matters::Always => true,
            Matters::ForNames => asks_name,
            Matters::ForRequests => asks_request,
        });
        matters
            .map(|one| Reason::DependsOn(one.hole.clone()))
            .collect()
    }

    /// The ends of a scope that are among some interfaces.
    fn ends(scope: &Scope, among: &BTreeMap<NetworkInterfaceId, Hole>) -> BTreeSet<Reason> {
        let all = senders(&scope.from).chain(receivers(&scope.to));
        let ends: BTreeSet<&NetworkInterfaceId> = all.flatten().collect();
        let found = among.iter().filter(|(id, _)| ends.contains(id));
        found
            .map(|(_, hole)| Reason::DependsOn(hole.clone()))
            .collect()
    }
}

fn what_is_meant(claim: &str) -> Hole {
    Hole::new(format!(
        "what `{claim}` speaks of while the change is applied"
    ))
}

fn waivers(claim: &str) -> Hole {
    Hole::new(format!(
        "what the waivers of `{claim}` waive while the change is applied"
    ))
}

fn unknown(holes: impl IntoIterator<Item = Hole>) -> Answer {
    let reasons = holes.into_iter().map(Reason::DependsOn);
    (VerdictWord::Unknown, reasons.collect())
}

/// The better the verdict the lower.
const fn weakness(verdict: VerdictWord) -> u8 {
    match verdict {
        VerdictWord::Proved => 0,
        VerdictWord::Vacuous => 1,
        VerdictWord::Unknown => 2,
        VerdictWord::Violated => 3,
    }
}

/// Makes the weaker verdict the finding's.
fn settle(finding: &mut Finding, (during, reasons): Answer) -> Result<(), Disagreement> {
    let after = finding.verdict;
    let (during, reasons) = match (after, during) {
        (VerdictWord::Proved, VerdictWord::Violated)
        | (VerdictWord::Violated, VerdictWord::Proved) => {
            return Err(Disagreement {
                name: finding.name.clone(),
                about: "the network after the change, which is one of those while it is applied"
                    .to_owned(),
                evaluator: format!("after the change: {after}"),
                solver: format!("while it is applied: {during}"),
            });
        }
        // After the change there is no flow that it could be violated by.
        (VerdictWord::Vacuous, VerdictWord::Violated) => unknown([what_is_meant(&finding.name)]),
        (
            VerdictWord::Proved
            | VerdictWord::Vacuous
            | VerdictWord::Violated
            | VerdictWord::Unknown,
            VerdictWord::Proved
            | VerdictWord::Vacuous
            | VerdictWord::Violated
            | VerdictWord::Unknown,
        ) => (during, reasons),
    };
    if after == VerdictWord::Unknown && during == VerdictWord::Unknown {
        finding.reasons.extend(reasons.iter().cloned());
    }
    if weakness(during) > weakness(after) {
        finding.verdict = during;
        finding.reasons.clone_from(&reasons);
        finding.evidence = None;
        finding.difference = None;
    }
    finding.during = Some(During {
        after,
        during,
        reasons,
    });
    Ok(())
}
