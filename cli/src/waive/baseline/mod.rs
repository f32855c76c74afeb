//! Making a baseline: what is violated today, as entries that waive it and nothing else.
//!
//! A claim is judged; as long as some flow violates it, the class of that flow is put into words and
//! taken out of the claim, and what is left is judged again. So when nothing is left that violates it
//! the entries are complete, and it is the judge that says so.

mod cells;
mod grow;
mod name;
mod policies;
#[cfg(test)]
mod request_tests;
mod requests;
mod seed;
#[cfg(test)]
mod tests;
mod write;

use catalogue::Day;
use ingest::{OpenAttributes, Validated};
use model::{Invariant, Network};

use super::part::{self, Part};
use super::{MOST_PARTS, cuts, plan, reading};
use crate::doubt::Doubt;
use crate::invariant_file::lower::{Lowered, lower};
use crate::invariant_file::{InvariantFile, Statement, Word};
use crate::judge::Judge;
use crate::report::{Finding, VerdictWord};
use crate::session::{Failure, judge_part};
use grow::Grower;

pub(crate) use write::{BEGINNING, with_tables};

/// The most classes that are taken out of one claim.
const MOST_CLASSES: usize = 1_000;
/// The most sets of requests that they may leave to judge, of one claim or at one endpoint.
const MOST_SETS: usize = 256;

/// What a baseline holds of one network.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorded {
    /// The text of the file.
    pub(crate) text: String,
    /// What is violated and not in it, a line each.
    pub(crate) left_out: Vec<String>,
}

/// Puts into words what violates the claims of a file, besides what is waived there.
///
/// # Errors
///
/// The problems of the file in this network, or a disagreement of the engines.
pub(crate) fn record(
    validated: &Validated,
    file: &InvariantFile,
    (closed_world, today): (bool, Day),
    mut each: impl FnMut(&str),
) -> Result<Recorded, Failure> {
    let judge = Judge::new(&validated.network);
    let recorder = Recorder {
        judge: &judge,
        network: &validated.network,
        open: &validated.open,
        file,
        doubt: Doubt::of(validated, closed_world),
        today,
    };
    let mut recorded = Recorded::default();
    let mut tables = Vec::new();
    let mut problems = Vec::new();
    for statement in &file.statements {
        each(&statement.name);
        match recorder.statement(statement) {
            Ok((texts, left_out)) => {
                tables.extend(texts);
                recorded.left_out.extend(left_out);
            }
            Err(Failure::Problems(more)) => problems.extend(more),
            Err(failure @ Failure::Disagreement(_)) => return Err(failure),
        }
    }
    for statement in &file.policies {
        each(&statement.name);
        match recorder.policy(statement) {
            Ok(texts) => tables.extend(texts),
            Err(Failure::Problems(more)) => problems.extend(more),
            Err(failure @ Failure::Disagreement(_)) => return Err(failure),
        }
    }
    if !problems.is_empty() {
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems.dedup();
        return Err(Failure::Problems(problems));
    }
    recorded.text = write::file(&tables, today);
    Ok(recorded)
}

struct Recorder<'a> {
    judge: &'a Judge<'a>,
    network: &'a Network,
    open: &'a OpenAttributes,
    file: &'a InvariantFile,
    doubt: Doubt<'a>,
    today: Day,
}

impl Recorder<'_> {
    /// The entries of one claim, and what of it is left out.
    fn statement(&self, statement: &Statement) -> Result<(Vec<String>, Vec<String>), Failure> {
        let source = &self.file.source;
        // That one is let be as a whole.
        if statement.word == Word::Sometimes {
            return Ok((Vec::new(), Vec::new()));
        }
        let network = (self.network, self.open);
        let lowered = lower(statement, self.network, self.open, source);
        let lowered = lowered.map_err(Failure::Problems)?;
        let plan = plan(statement, &lowered, network, source, self.today);
        let plan = plan.map_err(Failure::Problems)?;
        let finding = super::judge(self.judge, statement, &lowered, &plan, &self.doubt)?;
        if finding.verdict != VerdictWord::Violated {
            return Ok((Vec::new(), Vec::new()));
        }
        if finding.evidence.is_none() {
            let text = format!(
                "`{}` is violated and not in the baseline: no flow shows it, since {}",
                statement.name,
                finding.notes.join("; ")
            );
            return Ok((Vec::new(), vec![text]));
        }
        // What is violated whatever the selectors mean.
        let in_force = statement.waivers.iter();
        let in_force: Vec<bool> = in_force
            .map(|waiver| waiver.until.is_none_or(|until| self.today <= until))
            .collect();
        let (possible, _, _) = cuts(&statement.waivers, network, true);
        let weakest = reading(lowered.weakest(), &lowered.named_places, &possible);
        let left = weakest.rest(&in_force, MOST_PARTS);
        let left = if left.is_empty() {
            // Waivers that leave nothing do not count.
            vec![weakest.whole.clone()]
        } else {
            left
        };
        let (classes, left_out) = self.classes(statement, &lowered, left)?;
        let name = name::Namer::new(self.network, self.open, self.file, &weakest.whole);
        let mut texts = Vec::new();
        for class in part::joined(classes) {
            texts.extend(write::entries(statement, &class, &weakest.whole, &name));
        }
        texts.sort();
        Ok((texts, left_out))
    }

    /// The classes of what violates some parts of a claim.
    fn classes(
        &self,
        statement: &Statement,
        lowered: &Lowered,
        mut left: Vec<Part>,
    ) -> Result<(Vec<Part>, Vec<String>), Failure> {
        let claim = lowered.weakest();
        let grower = Grower::new(self.judge, (statement.word, claim), &self.file.names);
        let mut classes = Vec::new();
        while let Some(part) = left.pop() {
            let invariant = part.clone().invariant(statement.word, claim, self.network);
            let finding = self.judged(statement, lowered, invariant)?;
            let (VerdictWord::Violated, Some(evidence)) = (finding.verdict, &finding.evidence)
            else {
                continue;
            };
            if classes.len() >= MOST_CLASSES {
                let text = format!(
                    "`{}` is violated by more than {MOST_CLASSES} classes of flows, and the baseline has as many",
                    statement.name
                );
                return Ok((classes, vec![text]));
            }
            let class = grower.around(&part, evidence);
            let split = class.as_ref().map(|class| part.split(&class.cut()));
            let is_too_much = statement.request.is_some() && left.len() > MOST_SETS;
            let (Some(class), Some((Some(_), rest)), false) = (class, split, is_too_much) else {
                let request = evidence.request();
                let request = request.map_or(String::new(), |request| format!(", {request}"));
                let text = format!(
                    "a flow that violates `{}` cannot be put into words, and is not in the baseline: {}{request}",
                    statement.name, evidence.witness.flow
                );
                return Ok((classes, vec![text]));
            };
            classes.push(class);
            left.extend(rest);
        }
        Ok((classes, Vec::new()))
    }

    fn judged(
        &self,
        statement: &Statement,
        lowered: &Lowered,
        invariant: Invariant,
    ) -> Result<Finding, Failure> {
        let part = Lowered {
            invariant,
            chosen: None,
            ..lowered.clone()
        };
        Ok(judge_part(self.judge, statement, &part, &self.doubt)?)
    }
}
