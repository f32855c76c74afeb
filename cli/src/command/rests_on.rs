//! `vpcproof rests-on`: which proved claims a component or a rule carries.

use std::path::PathBuf;

use catalogue::Day;

use super::Networks;
use super::console::Console;
use super::output::{self, Format, Outputs};
use crate::day;
use crate::exit::Exit;
use crate::invariant_file::{self, InvariantFile};
use crate::render::json::rests as json;
use crate::render::rests::{self as text, RestsRendering};
use crate::report::VerdictWord;
use crate::rests::thing;
use crate::rests::without::without;
use crate::rests::{Resting, Terms, Without, World, find};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    networks: Networks,

    /// The component or rule: its id, the id of a rule, the address of a Terraform resource, a name, an
    /// instance, or as reports write it, such as `acl-1: inbound entry 90` or `rtb-1 0.0.0.0/0`.
    #[arg(required = true, value_name = "RESOURCE")]
    resource: String,

    /// The invariant file; otherwise vpcproof.toml, looked for upwards from here.
    #[arg(short, long, value_name = "FILE")]
    invariants: Option<PathBuf>,

    #[command(flatten)]
    outputs: Outputs,

    /// Take a plan or a template alone for the whole network.
    #[arg(long)]
    closed_world: bool,

    /// The day by which waivers end, as 2026-11-26; otherwise that of the clock, in UTC.
    #[arg(long, value_name = "DAY")]
    today: Option<Day>,
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
    // All are read before one is refused, so that all errors are in one run.
    let file = invariants(arguments, console);
    let validated = console.read_for_solver(&arguments.networks);
    let (file, validated) = (file?, validated?);
    let things =
        thing::find(&validated, &arguments.resource).map_err(|message| console.error(&message))?;
    let left = without(&validated, &things).map_err(|message| console.error(&message))?;
    let terms = Terms {
        source: &file.source,
        closed_world: arguments.closed_world,
        today: arguments.today.unwrap_or_else(day::today),
    };
    let with = World::new(&validated, terms);
    let found = {
        let without = World::new(&left.validated, terms);
        find(&with, &without, &file, |what| console.progress(what))
    };
    let claims = found.map_err(|failure| console.failure(&failure))?;
    let rendering = RestsRendering {
        validated: &validated,
        asked: &arguments.resource,
        things: &things,
        left: &left,
        claims: &claims,
    };
    output::write(&outputs, console, |format, style| match format {
        Format::Text => text::report(rendering, style),
        Format::Json => json::report(rendering),
    })?;
    Ok(exit(&claims))
}

/// The invariant file that was named, or the one found upwards.
fn invariants(arguments: &Arguments, console: &mut Console) -> Result<InvariantFile, Exit> {
    let found = invariant_file::named_or_found(arguments.invariants.as_deref());
    let Some(path) = found else {
        console.err(
            "error: what rests on something are the claims of an invariant file, and there is no vpcproof.toml \
             here or above\n  help: name one with `-i FILE`; `vpcproof init NETWORK` writes a starter file",
        );
        return Err(Exit::CouldNotRun);
    };
    invariant_file::read(&path).map_err(|problems| console.problems(&problems))
}

/// 0 when nothing rests on it, 1 when a claim is violated without it, 3 when a claim is not proved.
fn exit(claims: &[Resting]) -> Exit {
    let is_violated = |one: &&Resting| match &one.without {
        Some(Without::Judged(finding)) => finding.verdict == VerdictWord::Violated,
        Some(Without::Unreadable(_)) | None => false,
    };
    if claims.iter().any(|one| is_violated(&one)) {
        Exit::Violated
    } else if claims.iter().any(Resting::rests) {
        Exit::Undecided
    } else {
        Exit::Proved
    }
}
