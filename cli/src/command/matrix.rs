//! `vpcproof matrix`: who reaches whom, on what.

use std::collections::BTreeSet;
use std::path::PathBuf;

use evaluator::Evaluator;
use ingest::Validated;
use model::{Engine, Origin, Place, UnknownReason};

use super::Networks;
use super::console::Console;
use super::explain::selector;
use super::output::{self, Formats, Outputs};
use crate::doubt::Doubt;
use crate::exit::Exit;
use crate::invariant_file::lower::{self, Lowered};
use crate::invariant_file::words::Words;
use crate::invariant_file::{self, Word};
use crate::judge::Reason;
use crate::matrix::Told;
use crate::matrix::ends::{Asked, By, Grouping};
use crate::problem::Problem;
use crate::render::json::matrix as json;
use crate::render::matrix::{self, MatrixRendering};
use crate::selector::parse::Names;
use crate::session;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    networks: Networks,

    /// How interfaces are grouped: `sg`, `subnet`, `vpc`, `name`, `tag:KEY`, `group` (those of
    /// vpcproof.toml) or `class` (what nothing in the network tells apart).
    #[arg(long, value_name = "BY", default_value = "sg")]
    by: By,

    /// Of all senders these: a selector, a group of vpcproof.toml, an id or an address.
    #[arg(long, value_name = "SELECTOR")]
    from: Option<String>,

    /// Of all places these; also `service:s3`, `ip:CIDR` and other places of a selector.
    #[arg(long, value_name = "SELECTOR")]
    to: Option<String>,

    /// What another network is made of, layered left to right: only cells are told that differ there.
    #[arg(long, value_name = "NETWORK", num_args = 1..)]
    against: Vec<PathBuf>,

    /// The invariant file, for its groups; otherwise vpcproof.toml, looked for upwards from here.
    #[arg(short, long, value_name = "FILE")]
    invariants: Option<PathBuf>,

    #[command(flatten)]
    outputs: Outputs<MatrixFormat>,

    /// Take a plan or a template alone for the whole network.
    #[arg(long)]
    closed_world: bool,
}

/// The formats of a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MatrixFormat {
    Text,
    Json,
    Csv,
    Markdown,
}

impl Formats for MatrixFormat {
    const ALL: &'static [(&'static str, Self)] = &[
        ("text", MatrixFormat::Text),
        ("json", MatrixFormat::Json),
        ("csv", MatrixFormat::Csv),
        ("markdown", MatrixFormat::Markdown),
    ];
    const HELP: &'static str = "Format, and a file for it: text, json, csv, markdown, csv=reach.csv; may be given several times";
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
    let names = names(arguments, console);
    let mut validated = vec![console.read(&arguments.networks)];
    if !arguments.against.is_empty() {
        validated.push(console.read(&Networks {
            networks: arguments.against.clone(),
            hcl: Vec::new(),
            prior_state: false,
        }));
    }
    let names = names?;
    let validated: Vec<Validated> = validated.into_iter().collect::<Result<_, _>>()?;
    let mut doubts = BTreeSet::new();
    let mut all = Vec::new();
    let mut asks_names = false;
    for one in &validated {
        let lowered = lowered(arguments, one, &names);
        let lowered = lowered.map_err(|problems| console.problems(&problems))?;
        asks_names |= session::asks_name(&lowered.invariant.scope);
        all.push(told(
            arguments,
            one,
            &lowered,
            &names,
            &mut doubts,
            console,
        )?);
    }
    let rendering = MatrixRendering {
        by: &arguments.by,
        told: &all,
        validated: &validated,
        asks_names,
        doubts: &doubts,
    };
    output::write(&outputs, console, |format, style| match format {
        MatrixFormat::Text => matrix::text(rendering, style),
        MatrixFormat::Json => json::report(rendering),
        MatrixFormat::Csv => matrix::csv(rendering),
        MatrixFormat::Markdown => matrix::markdown(rendering),
    })?;
    let is_open = !doubts.is_empty() || all.iter().any(Told::is_open);
    Ok(if is_open {
        Exit::Undecided
    } else {
        Exit::Proved
    })
}

/// The names of the invariant file that was given, or that is found upwards.
fn names(arguments: &Arguments, console: &mut Console) -> Result<Names, Exit> {
    let found = invariant_file::named_or_found(arguments.invariants.as_deref());
    let read = found.map(|path| invariant_file::read(&path)).transpose();
    let file = read.map_err(|problems| console.problems(&problems))?;
    Ok(file.map(|file| file.names).unwrap_or_default())
}

/// The matrix of one network.
fn told(
    arguments: &Arguments,
    validated: &Validated,
    lowered: &Lowered,
    names: &Names,
    doubts: &mut BTreeSet<Reason>,
    console: &mut Console,
) -> Result<Told, Exit> {
    let holes = lowered.holes().into_iter();
    doubts.extend(holes.map(Reason::DependsOn));
    doubts.extend(Doubt::of(validated, arguments.closed_world).reasons());
    console.progress("every pair");
    let evaluator = Evaluator::load(&validated.network);
    let grouping = Grouping {
        network: &validated.network,
        open: &validated.open,
        names,
        evaluator: &evaluator,
    };
    let scope = &lowered.invariant.scope;
    let asked = Asked {
        from: arguments.from.as_ref().map(|_| scope.from.as_slice()),
        to: arguments.to.as_ref().map(|_| scope.to.as_slice()),
    };
    let ends = grouping.ends(&arguments.by, asked);
    let ends = ends.map_err(|message| console.error(&message))?;
    doubts.extend(ends.open.iter().cloned().map(Reason::DependsOn));
    let rows: Vec<Origin> = ends.rows.iter().map(|end| end.of.clone()).collect();
    let columns: Vec<Place> = ends.columns.iter().map(|end| end.of.clone()).collect();
    match evaluator.matrix(&rows, &columns) {
        Ok(matrix) => Ok(Told { ends, matrix }),
        Err(reason) => {
            let what = match reason {
                UnknownReason::DependsOn(hole) => format!("it depends on {hole}"),
                UnknownReason::OutOfBudget(limit) => format!("the limit of {limit} is reached"),
            };
            console.err(&format!("undetermined: all of it: {what}"));
            Err(Exit::Undecided)
        }
    }
}

/// What `--from` and `--to` mean.
fn lowered(
    arguments: &Arguments,
    validated: &Validated,
    names: &Names,
) -> Result<Lowered, Vec<Problem>> {
    let text = |given: &Option<String>| {
        let given = given.as_deref().unwrap_or("any");
        vec![selector(given, &validated.network)]
    };
    let words = Words::new(Word::Sometimes, text(&arguments.from), text(&arguments.to));
    let (statement, source) = words.statement(names)?;
    lower::lower(&statement, &validated.network, &validated.open, &source)
}
