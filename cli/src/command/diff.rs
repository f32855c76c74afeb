//! `vpcproof diff`: what a change of the network changes.

use std::path::PathBuf;

use clap::ValueEnum;
use evaluator::ChangeKind;
use ingest::{Input, InputKind, Validated};
use model::{Origin, Place};

use super::Networks;
use super::console::Console;
use super::explain::selector;
use super::output::{self, Format, Outputs};
use crate::change::stated::Entry;
use crate::change::{Change, Question, find};
use crate::exit::Exit;
use crate::invariant_file::change::ChangeEntry;
use crate::invariant_file::lower::{self, Lowered};
use crate::invariant_file::words::Words;
use crate::invariant_file::{self, InvariantFile, Statement, Word};
use crate::problem::{Problem, SourceText};
use crate::render::class::Labels;
use crate::render::difference::{self, DifferenceRendering};
use crate::render::json::difference as json;
use crate::report::VerdictWord;
use crate::selector::parse::Names;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The network before and the network after the change; of a Terraform plan alone, the state
    /// that it found and what it makes of it.
    #[arg(value_name = "NETWORK", num_args = 1..=2, required_unless_present_any = ["before", "after"])]
    networks: Vec<PathBuf>,

    /// What the network before is made of, layered left to right, instead of one NETWORK.
    #[arg(long, value_name = "NETWORK", num_args = 1.., requires = "after", conflicts_with = "networks")]
    before: Vec<PathBuf>,

    /// What the network after is made of, layered left to right, instead of one NETWORK.
    #[arg(long, value_name = "NETWORK", num_args = 1.., requires = "before", conflicts_with = "networks")]
    after: Vec<PathBuf>,

    /// The `.tf` files that a plan was made of, as in the other commands.
    #[arg(long, value_name = "DIR")]
    hcl: Vec<PathBuf>,

    /// Of all flows those from here: a selector, a group of vpcproof.toml, an id or an address.
    #[arg(long, value_name = "SELECTOR")]
    from: Option<String>,

    /// Of all flows those to here.
    #[arg(long, value_name = "SELECTOR")]
    to: Option<String>,

    /// Of all flows those with such traffic, as `tcp/443`; several are a union.
    #[arg(long, value_name = "TRAFFIC")]
    traffic: Vec<String>,

    /// The invariant file, for its `[change]` and groups; otherwise vpcproof.toml, looked for
    /// upwards from here, of which only the groups are used.
    #[arg(short, long, value_name = "FILE")]
    invariants: Option<PathBuf>,

    /// What makes the exit code 1; may be given several times.
    #[arg(long, value_enum, value_name = "WHAT")]
    fail_on: Vec<FailOn>,

    #[command(flatten)]
    outputs: Outputs,

    /// Take a plan or a template alone for the whole network.
    #[arg(long)]
    closed_world: bool,
}

/// What a change may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Requests or replies are delivered that were not.
    Opens,
    /// Requests or replies are not delivered any more.
    Closes,
    /// Requests are delivered on another way.
    Moves,
    /// Any of these, and any change of what names mean and policies permit.
    Any,
}

pub(crate) fn run(arguments: &Arguments, console: &mut Console) -> Exit {
    match try_run(arguments, console) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn try_run(arguments: &Arguments, console: &mut Console) -> Result<Exit, Exit> {
    let outputs = arguments
        .outputs
        .get()
        .map_err(|message| console.error(&message))?;
    // What can be wrong is read before anything is reported, so that all errors are in one run.
    let file = file(arguments, console);
    let [before, after] = sides(arguments);
    let before = console.read_for_solver(&before);
    let after = console.read_for_solver(&after);
    let (file, before, after) = (file?, before?, after?);
    if is_one_side(arguments, &after) {
        console.err(
            "error: there is one network and no other to compare it with\n  help: give the network \
             after the change too; a Terraform plan alone is compared with the state before it",
        );
        return Err(Exit::CouldNotRun);
    }
    let networks = [&before.network, &after.network];
    let names = file
        .as_ref()
        .map(|file| file.names.clone())
        .unwrap_or_default();
    let validated = [&before, &after];
    let scopes = scopes(arguments, validated, &names);
    // Only a file that is named states what the change is.
    let entries = file.as_ref().filter(|_| arguments.invariants.is_some());
    let entries = entries.map_or(Ok(None), |file| entries_of(file, validated));
    if matches!(entries, Ok(Some(_))) && is_narrowed(arguments) {
        console.err(
            "error: `[change]` speaks of every flow\n  help: leave `--from`, `--to` and \
             `--traffic` out, or the file",
        );
        return Err(Exit::CouldNotRun);
    }
    let ([one, other], entries) = match (scopes, entries) {
        (Ok(scopes), Ok(entries)) => (scopes, entries),
        (scopes, entries) => {
            let mut problems = scopes.err().unwrap_or_default();
            problems.extend(entries.err().unwrap_or_default());
            return Err(console.problems(&problems));
        }
    };
    if let Some(option) = means_nothing(arguments, [&one, &other]) {
        let message = format!(
            "`{option}` means nothing in either network\n  help: `vpcproof show NETWORK` lists what there is"
        );
        return Err(console.error(&message));
    }
    let open = [&one, &other]
        .into_iter()
        .flat_map(|lowered| lowered.holes());
    let of_entries = entries
        .iter()
        .flatten()
        .flat_map(|entry| entry.open.clone());
    let open = open.chain(of_entries);
    let question = Question {
        networks: [&before, &after],
        open: open.collect(),
        scopes: [one.invariant.scope, other.invariant.scope],
        entries,
        closed_world: arguments.closed_world,
    };
    let change = find(question, |what| console.progress(what));
    let change = change.map_err(|disagreement| console.failure(&disagreement.into()))?;
    let labels = Labels::new(networks, &names);
    let rendering = DifferenceRendering {
        change: &change,
        validated: [&before, &after],
        labels: &labels,
    };
    output::write(&outputs, console, |format, style| match format {
        Format::Text => difference::report(rendering, style),
        Format::Json => json::report(rendering),
    })?;
    Ok(exit(&change, &arguments.fail_on))
}

/// Whether there is only one network, and no plan, which would say what was before it.
fn is_one_side(arguments: &Arguments, after: &Validated) -> bool {
    let is_plan = |input: &Input| input.kind == InputKind::TerraformPlan;
    arguments.networks.len() == 1 && !after.inputs.iter().any(is_plan)
}

/// The option by which no flow of either network is asked about, so that nothing could ever differ.
fn means_nothing(arguments: &Arguments, lowered: [&Lowered; 2]) -> Option<&'static str> {
    if lowered.iter().any(|one| !one.holes().is_empty()) {
        return None;
    }
    let is_empty = |origin: &Origin| matches!(origin, Origin::Interfaces(all) if all.is_empty());
    let is_nowhere = |place: &Place| matches!(place, Place::Interfaces { interfaces, .. } if interfaces.is_empty());
    let scopes = lowered.map(|one| &one.invariant.scope);
    let no_sender = scopes.iter().all(|scope| scope.from.iter().all(is_empty));
    let no_place = scopes.iter().all(|scope| scope.to.iter().all(is_nowhere));
    if arguments.from.is_some() && no_sender {
        Some("--from")
    } else if arguments.to.is_some() && no_place {
        Some("--to")
    } else {
        None
    }
}

/// Whether only some flows are asked about.
fn is_narrowed(arguments: &Arguments) -> bool {
    arguments.from.is_some() || arguments.to.is_some() || !arguments.traffic.is_empty()
}

/// The inputs of both sides.
fn sides(arguments: &Arguments) -> [Networks; 2] {
    let of = |networks: &[PathBuf], prior_state| Networks {
        networks: networks.to_vec(),
        hcl: if prior_state {
            Vec::new()
        } else {
            arguments.hcl.clone()
        },
        prior_state,
    };
    match arguments.networks.as_slice() {
        [] => [of(&arguments.before, false), of(&arguments.after, false)],
        plan @ [_] => [of(plan, true), of(plan, false)],
        [before, after, ..] => [
            of(std::slice::from_ref(before), false),
            of(std::slice::from_ref(after), false),
        ],
    }
}

/// The invariant file that was named, or the one found upwards.
fn file(arguments: &Arguments, console: &mut Console) -> Result<Option<InvariantFile>, Exit> {
    let found = invariant_file::named_or_found(arguments.invariants.as_deref());
    let read = found.map(|path| invariant_file::read(&path)).transpose();
    read.map_err(|problems| console.problems(&problems))
}

/// The flows that are asked about, in each network.
fn scopes(
    arguments: &Arguments,
    validated: [&Validated; 2],
    names: &Names,
) -> Result<[Lowered; 2], Vec<Problem>> {
    let text = |given: &Option<String>| {
        let given = given.clone().unwrap_or_else(|| "any".to_owned());
        // An id is that of a thing in the one network or the other.
        let [one, other] = validated.map(|one| selector(&given, &one.network));
        vec![if one == given { other } else { one }]
    };
    let mut words = Words::new(Word::Sometimes, text(&arguments.from), text(&arguments.to));
    words.traffic.clone_from(&arguments.traffic);
    let (statement, source) = words.statement(names)?;
    lowered(&statement, &source, validated)
}

/// A statement in each network. What means nothing in one of them may well do so in the other.
fn lowered(
    statement: &Statement,
    source: &SourceText,
    validated: [&Validated; 2],
) -> Result<[Lowered; 2], Vec<Problem>> {
    let [one, other] =
        validated.map(|one| lower::lower(statement, &one.network, &one.open, source));
    let nothing = |lowered: &Lowered| {
        let mut empty = lowered.clone();
        empty.invariant.scope.from.clear();
        empty.invariant.scope.to.clear();
        empty.open.clear();
        empty.chosen = None;
        empty
    };
    match (one, other) {
        (Ok(one), Ok(other)) => Ok([one, other]),
        (Ok(one), Err(_)) => Ok([one.clone(), nothing(&one)]),
        (Err(_), Ok(other)) => Ok([nothing(&other), other]),
        (Err(problems), Err(_)) => Err(problems),
    }
}

/// What the file states of the change; nothing when it has no `[change]`.
fn entries_of(
    file: &InvariantFile,
    validated: [&Validated; 2],
) -> Result<Option<Vec<Entry>>, Vec<Problem>> {
    let Some(stated) = &file.change else {
        return Ok(None);
    };
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for ChangeEntry { does, statement } in stated {
        match lowered(statement, &file.source, validated) {
            Ok(both) => {
                let (from, to) = (&statement.from.text, &statement.to.text);
                let traffic = statement.traffic.iter().flatten().map(ToString::to_string);
                let traffic: Vec<String> = traffic.collect();
                let with = match traffic.as_slice() {
                    [] => String::new(),
                    traffic => format!(" with {}", traffic.join(", ")),
                };
                let open = both.iter().flat_map(Lowered::holes);
                entries.push(Entry {
                    does: *does,
                    open: open.collect(),
                    sentence: format!("from `{from}` to `{to}`{with}"),
                    scopes: both.map(|lowered| lowered.invariant.scope),
                });
            }
            Err(more) => problems.extend(more),
        }
    }
    if problems.is_empty() {
        Ok(Some(entries))
    } else {
        problems.dedup();
        Err(problems)
    }
}

fn exit(change: &Change, fail_on: &[FailOn]) -> Exit {
    let fails = |kind: ChangeKind| {
        fail_on.iter().any(|fail_on| match (fail_on, kind) {
            (_, ChangeKind::Undetermined) => false,
            (FailOn::Any, _)
            | (FailOn::Opens, ChangeKind::Opened | ChangeKind::ReplyOpened)
            | (FailOn::Closes, ChangeKind::Closed | ChangeKind::ReplyClosed)
            | (FailOn::Moves, ChangeKind::Moved) => true,
            (
                FailOn::Opens | FailOn::Closes | FailOn::Moves,
                ChangeKind::Opened
                | ChangeKind::Closed
                | ChangeKind::Moved
                | ChangeKind::ReplyOpened
                | ChangeKind::ReplyClosed,
            ) => false,
        })
    };
    let others = fail_on.contains(&FailOn::Any)
        && (change.names.iter().any(|name| !name.is_open())
            || change
                .policies
                .iter()
                .any(|policy| !policy.notes.is_empty()));
    let fail_on_has = |one: FailOn| fail_on.contains(&one);
    let answered = |fail_on: FailOn, is_opened: bool| {
        let mut requests = change.classes.iter().flat_map(|class| &class.requests);
        fail_on_has(fail_on) && requests.any(|one| one.is_opened == is_opened)
    };
    let verdict = change.stated.as_ref().map(|stated| stated.verdict);
    if others
        || answered(FailOn::Opens, true)
        || answered(FailOn::Closes, false)
        || verdict == Some(VerdictWord::Violated)
        || change.classes.iter().any(|class| {
            let mut kinds = class.of.change.kinds().into_iter();
            kinds.any(fails)
        })
    {
        Exit::Violated
    } else if change.is_open() {
        Exit::Undecided
    } else {
        Exit::Proved
    }
}
