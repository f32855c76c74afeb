//! `vpcproof replay`: recorded VPC Flow Logs against the model.

mod lines;
mod report;

use std::fmt;
use std::mem;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::Networks;
use super::console::Console;
use super::output::{self, Outputs};
use crate::exit::Exit;
use crate::replay::{Cause, Format, Line, Replayer, Seen, Tally};
use lines::{Chunk, Lines};

/// How many lines are counted together at least: each count keeps an example of each cause.
const FEW: usize = 8_192;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    networks: Networks,

    /// Flow logs as text or gzip, each record a line; `-` is standard input.
    #[arg(long = "logs", required = true, num_args = 1.., value_name = "FILE")]
    logs: Vec<PathBuf>,

    /// The fields of a record, as `create-flow-logs --log-format` took them; those of a file that
    /// begins with their names are known.
    #[arg(long, value_name = "FIELDS")]
    format: Option<String>,

    #[command(flatten)]
    outputs: Outputs,
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
        .map_err(|message| console.error(&message));
    let format = arguments
        .format
        .as_deref()
        .map_or(Ok(Format::default()), Format::parse);
    let format = format.map_err(|message| console.error(&message));
    // All are opened before one is refused, so that all errors are in one run.
    let opened = arguments.logs.iter().map(|path| {
        let lines = Lines::open(path);
        lines.map_err(|error| unreadable(console, path, &error))
    });
    let opened: Vec<_> = opened.collect();
    let validated = console.read(&arguments.networks);
    let (outputs, format, validated) = (outputs?, format?, validated?);
    let opened: Vec<Lines> = opened.into_iter().collect::<Result<_, _>>()?;
    console.refuse_guesses(&validated, "records")?;
    let replayer = Replayer::new(&validated.network);
    let mut tally = Tally::default();
    for lines in opened {
        count(lines, &replayer, &format, &mut tally, console)?;
    }
    output::write(&outputs, console, |format, style| {
        report::render(&tally, format, style)
    })?;
    Ok(exit(&tally))
}

fn exit(tally: &Tally) -> Exit {
    let some = |is_so: fn(&Cause) -> bool| tally.count(is_so) > 0;
    if some(|cause| matches!(cause, Cause::Differs { .. })) {
        Exit::Violated
    } else if some(|cause| matches!(cause, Cause::Unreadable(_))) {
        Exit::CouldNotRun
    } else if some(|cause| matches!(cause, Cause::Open(_))) {
        Exit::Undecided
    } else {
        Exit::Proved
    }
}

fn unreadable(console: &mut Console, path: &Path, error: &dyn fmt::Display) -> Exit {
    console.error(&format!("`{}` cannot be read: {error}", path.display()))
}

/// Counts the lines of a file.
fn count(
    mut lines: Lines,
    replayer: &Replayer,
    format: &Format,
    tally: &mut Tally,
    console: &mut Console,
) -> Result<(), Exit> {
    let path = lines.path.clone();
    let mut format = format.clone();
    let mut chunk = Chunk::default();
    let mut n_before = 0;
    loop {
        let read = lines.next(&mut chunk);
        let is_done = read.map_err(|error| unreadable(console, &path, &error))?;
        let first = str::from_utf8(chunk.line(0)).ok();
        if let Some(header) = first.filter(|line| n_before == 0 && Format::is_header(line)) {
            format =
                Format::parse(header).map_err(|message| unreadable(console, &path, &message))?;
        }
        let counted = (0..chunk.n_lines()).into_par_iter().with_min_len(FEW).fold(
            Tally::default,
            |mut tally, at| {
                let line = chunk.line(at);
                if !line.iter().all(u8::is_ascii_whitespace) {
                    let seen = see(line, &format, replayer);
                    tally.add(seen, (&path, n_before + number(at) + 1), line);
                }
                tally
            },
        );
        let counted = counted.reduce(Tally::default, Tally::then);
        *tally = mem::take(tally).then(counted);
        n_before += number(chunk.n_lines());
        console.progress(&format!("{}: {n_before} lines", path.display()));
        if is_done {
            return Ok(());
        }
    }
}

fn number(n_lines: usize) -> u64 {
    u64::try_from(n_lines).unwrap_or(u64::MAX)
}

fn see(line: &[u8], format: &Format, replayer: &Replayer) -> Seen {
    match format.read(line) {
        Ok(Line::Header) => Seen::Header,
        Ok(Line::NoData) => Seen::NoData,
        Ok(Line::Record(record)) => Seen::Judged {
            is_accepted: record.is_accepted,
            judged: replayer.judge(&record),
        },
        Err(why) => Seen::Unreadable(why),
    }
}
