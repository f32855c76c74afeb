//! What a run is made of: claims and built-in checks, each judged apart from the others.

use std::sync::OnceLock;

use model::Scope;

use crate::builtin::{self, Check, Found};
use crate::doubt::Doubt;
use crate::invariant_file::Statement;
use crate::invariant_file::lower::Lowered;
use crate::invariant_file::policy::PolicyStatement;
use crate::judge::{Disagreement, Judge};
use crate::known::Known;
use crate::policy_claim::{self, Endpoints};
use crate::report::{Finding, Report};
use crate::reuse::{Judged, Kept};
use crate::waive::{self, Plan};

/// One thing to judge.
pub(super) enum Job<'a> {
    Claim(&'a Statement, &'a Lowered, &'a Plan),
    Policy(&'a PolicyStatement, &'a Endpoints),
    BuiltIn(&'static Check),
}

/// What came of it.
pub(super) enum Done {
    Finding(Box<Finding>),
    Found(Box<Found>),
}

/// With what jobs are done.
pub(super) struct Asked<'a> {
    pub(super) judge: &'a OnceLock<Judge<'a>>,
    pub(super) network: &'a model::Network,
    pub(super) doubt: &'a Doubt<'a>,
    pub(super) known: &'a Known,
    /// What the claims want to reach.
    pub(super) wanted: &'a [Scope],
    pub(super) built_in: OnceLock<builtin::Asked<'a>>,
}

impl<'a> Job<'a> {
    pub(super) fn claim((statement, lowered, plan): &'a (&'a Statement, Lowered, Plan)) -> Self {
        Job::Claim(statement, lowered, plan)
    }

    pub(super) fn policy((statement, endpoints): &'a (&'a PolicyStatement, Endpoints)) -> Self {
        Job::Policy(statement, endpoints)
    }

    /// As progress shows it.
    pub(super) fn name(&self) -> &str {
        match self {
            Job::Claim(statement, _, _) => &statement.name,
            Job::Policy(statement, _) => &statement.name,
            Job::BuiltIn(check) => check.code,
        }
    }
}

impl<'a> Asked<'a> {
    /// What came of a job in the run before, if that is the same now.
    pub(super) fn kept(&self, job: &Job<'_>, kept: &Kept<'_>) -> Option<Done> {
        let finding = match job {
            Job::Claim(statement, lowered, plan) => kept.claim(statement, lowered, plan)?,
            Job::Policy(statement, endpoints) => kept.policy(statement, endpoints)?,
            Job::BuiltIn(check) => {
                let found = kept.check(check.code, self.known, self.wanted)?;
                return Some(Done::Found(Box::new(found)));
            }
        };
        Some(Done::Finding(Box::new(finding)))
    }

    /// Does a job.
    ///
    /// # Errors
    ///
    /// When the engines disagree.
    pub(super) fn run(&self, job: &Job<'_>) -> Result<Done, Disagreement> {
        let judge = self.judge.get_or_init(|| Judge::new(self.network));
        let finding = match job {
            Job::Claim(statement, lowered, plan) => {
                waive::judge(judge, statement, lowered, plan, self.doubt)?
            }
            Job::Policy(statement, endpoints) => {
                let mut finding = policy_claim::judge(judge, statement, endpoints)?;
                self.doubt.of_policy(&mut finding);
                finding
            }
            Job::BuiltIn(check) => {
                let asked = || builtin::Asked::new(judge, self.known, self.doubt, self.wanted);
                let found = self.built_in.get_or_init(asked).run(check)?;
                return Ok(Done::Found(Box::new(found)));
            }
        };
        Ok(Done::Finding(Box::new(finding)))
    }
}

impl Done {
    /// Puts it into a report, and down for the next run.
    pub(super) fn tell(self, job: &Job<'_>, report: &mut Report, judged: &mut Judged) {
        match self {
            Done::Finding(finding) => {
                match job {
                    Job::Claim(statement, lowered, plan) => {
                        let (statement, lowered) = ((*statement).clone(), (*lowered).clone());
                        let one = (statement, lowered, (*plan).clone(), (*finding).clone());
                        judged.claims.push(one);
                    }
                    Job::Policy(statement, endpoints) => {
                        let (statement, endpoints) = ((*statement).clone(), (*endpoints).clone());
                        judged
                            .policies
                            .push((statement, endpoints, (*finding).clone()));
                    }
                    Job::BuiltIn(_) => {}
                }
                report.findings.push(*finding);
            }
            Done::Found(found) => {
                judged.checks.push((*found).clone());
                found.tell(report);
            }
        }
    }
}
