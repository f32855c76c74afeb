//! What a run is made of: claims and built-in checks, each judged apart from the others.

use crate::builtin::{self, Check, Found};
use crate::doubt::Doubt;
use crate::invariant_file::Statement;
use crate::invariant_file::lower::Lowered;
use crate::invariant_file::policy::PolicyStatement;
use crate::judge::{Disagreement, Judge};
use crate::policy_claim::{self, Endpoints};
use crate::report::{Finding, Report};
use crate::waive::{self, Plan};

/// One thing to judge.
pub(super) enum Job<'a> {
    Claim(&'a Statement, &'a Lowered, &'a Plan),
    Policy(&'a PolicyStatement, &'a Endpoints),
    BuiltIn(&'a builtin::Asked<'a>, &'static Check),
}

/// What came of it.
pub(super) enum Done {
    Finding(Box<Finding>),
    Found(Found),
}

/// With what jobs are done.
pub(super) struct Asked<'a> {
    pub(super) judge: &'a Judge<'a>,
    pub(super) doubt: &'a Doubt<'a>,
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
            Job::BuiltIn(_, check) => check.code,
        }
    }
}

impl Asked<'_> {
    /// Does a job.
    ///
    /// # Errors
    ///
    /// When the engines disagree.
    pub(super) fn run(&self, job: &Job<'_>) -> Result<Done, Disagreement> {
        let finding = match job {
            Job::Claim(statement, lowered, plan) => {
                waive::judge(self.judge, statement, lowered, plan, self.doubt)?
            }
            Job::Policy(statement, endpoints) => {
                let mut finding = policy_claim::judge(self.judge, statement, endpoints)?;
                self.doubt.of_policy(&mut finding);
                finding
            }
            Job::BuiltIn(asked, check) => return Ok(Done::Found(asked.run(check)?)),
        };
        Ok(Done::Finding(Box::new(finding)))
    }
}

impl Done {
    /// Puts it into a report.
    pub(super) fn tell(self, report: &mut Report) {
        match self {
            Done::Finding(finding) => report.findings.push(*finding),
            Done::Found(found) => found.tell(report),
        }
    }
}
