//! What rests on a component or a rule: the claims that are proved with it, and not without it.

mod references;
#[cfg(test)]
mod tests;
pub(crate) mod thing;
pub(crate) mod without;

use std::collections::BTreeSet;

use catalogue::Day;
use ingest::Validated;

use crate::doubt::Doubt;
use crate::invariant_file::lower;
use crate::invariant_file::policy::PolicyStatement;
use crate::invariant_file::{InvariantFile, Statement};
use crate::judge::Judge;
use crate::policy_claim;
use crate::problem::{Problem, SourceText};
use crate::report::{Finding, VerdictWord};
use crate::session::{Failure, asks_name};
use crate::waive;

/// A claim of the file with and without what is asked about.
#[derive(Debug)]
pub(crate) struct Resting {
    pub(crate) name: String,
    /// The verdict with it.
    pub(crate) before: VerdictWord,
    /// Whether it asks what a name means.
    pub(crate) asks_names: bool,
    /// What comes out without it; nothing where the claim is not proved with it.
    pub(crate) without: Option<Without>,
}

/// What becomes of a claim.
#[derive(Debug)]
pub(crate) enum Without {
    Judged(Box<Finding>),
    /// Its selectors mean nothing in the network that is left.
    Unreadable(Vec<Problem>),
}

impl Resting {
    /// Whether the claim is proved with it, and not without it.
    pub(crate) fn rests(&self) -> bool {
        match &self.without {
            None => false,
            Some(Without::Judged(finding)) => finding.verdict != VerdictWord::Proved,
            Some(Without::Unreadable(_)) => true,
        }
    }
}

/// A claim of the file.
#[derive(Clone, Copy)]
pub(crate) enum One<'a> {
    Flows(&'a Statement),
    Policy(&'a PolicyStatement),
}

impl One<'_> {
    pub(crate) fn name(&self) -> &str {
        match self {
            One::Flows(statement) => &statement.name,
            One::Policy(statement) => &statement.name,
        }
    }
}

/// The claims of a file, in the order of its reports.
pub(crate) fn claims(file: &InvariantFile) -> impl Iterator<Item = One<'_>> {
    let flows = file.statements.iter().map(One::Flows);
    flows.chain(file.policies.iter().map(One::Policy))
}

/// How claims are judged.
#[derive(Clone, Copy)]
pub(crate) struct Terms<'a> {
    pub(crate) source: &'a SourceText,
    pub(crate) closed_world: bool,
    /// The day that ends waivers.
    pub(crate) today: Day,
}

/// A network with its engines.
pub(crate) struct World<'a> {
    pub(crate) validated: &'a Validated,
    judge: Judge<'a>,
    terms: Terms<'a>,
}

impl<'a> World<'a> {
    pub(crate) fn new(validated: &'a Validated, terms: Terms<'a>) -> Self {
        Self {
            validated,
            judge: Judge::new(&validated.network),
            terms,
        }
    }

    /// Judges a claim as `check` does.
    ///
    /// # Errors
    ///
    /// When its selectors mean nothing in this network, or the engines disagree.
    pub(crate) fn judge(&self, one: One<'_>) -> Result<Finding, Failure> {
        let Validated { network, open, .. } = self.validated;
        let source = self.terms.source;
        let doubt = Doubt::of(self.validated, self.terms.closed_world);
        match one {
            One::Flows(statement) => {
                let lowered =
                    lower::lower(statement, network, open, source).map_err(Failure::Problems)?;
                let plan = waive::plan(
                    statement,
                    &lowered,
                    (network, open),
                    source,
                    self.terms.today,
                );
                let plan = plan.map_err(Failure::Problems)?;
                Ok(waive::judge(
                    &self.judge,
                    statement,
                    &lowered,
                    &plan,
                    &doubt,
                )?)
            }
            One::Policy(statement) => {
                let endpoints = policy_claim::endpoints(statement, network, open, source);
                let endpoints = endpoints.map_err(Failure::Problems)?;
                let mut finding = policy_claim::judge(&self.judge, statement, &endpoints)?;
                doubt.of_policy(&mut finding);
                Ok(finding)
            }
        }
    }
}

/// Judges every claim with what is asked about, and those that are proved again without it.
///
/// # Errors
///
/// When a claim means nothing in the network as it is, or the engines disagree.
pub(crate) fn find(
    with: &World<'_>,
    without: &World<'_>,
    file: &InvariantFile,
    mut each: impl FnMut(&str),
) -> Result<Vec<Resting>, Failure> {
    let mut found = Vec::new();
    let mut problems = BTreeSet::new();
    for one in claims(file) {
        each(one.name());
        let before = match with.judge(one) {
            Ok(finding) => finding,
            Err(Failure::Problems(more)) => {
                problems.extend(more);
                continue;
            }
            Err(failure @ Failure::Disagreement(_)) => return Err(failure),
        };
        let left = match before.verdict {
            VerdictWord::Proved => Some(match without.judge(one) {
                Ok(finding) => Without::Judged(Box::new(finding)),
                Err(Failure::Problems(problems)) => Without::Unreadable(problems),
                Err(failure @ Failure::Disagreement(_)) => return Err(failure),
            }),
            VerdictWord::Violated | VerdictWord::Vacuous | VerdictWord::Unknown => None,
        };
        found.push(Resting {
            name: one.name().to_owned(),
            before: before.verdict,
            asks_names: (before.invariant.as_ref()).is_some_and(|one| asks_name(&one.scope)),
            without: left,
        });
    }
    if problems.is_empty() {
        Ok(found)
    } else {
        // In the order of the file.
        let mut problems: Vec<_> = problems.into_iter().collect();
        problems.sort_by_key(|problem| (problem.line, problem.column));
        Err(Failure::Problems(problems))
    }
}
