//! `vpcproof trace`: one flow a line in, one answer a line out, in order.

mod answer;
mod line;
mod request;

use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;

use evaluator::Evaluator;
use ingest::Validated;
use model::{Completion, Engine, Network};
use rayon::prelude::*;
use serde_json::Value;

use super::Networks;
use super::console::Console;
use super::input;
use crate::exit::Exit;

/// How many lines are decided at a time.
const CHUNK: usize = 4096;
/// The longest line that is read, in bytes.
const MOST_BYTES: usize = 64 * 1024;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    networks: Networks,

    /// The flows, one JSON object a line; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    flows: PathBuf,
}

/// What is needed to answer a line.
pub(crate) struct Tracer<'a> {
    pub(crate) validated: &'a Validated,
    /// The network with values for its open addresses.
    pub(crate) network: Network,
    pub(crate) completion: Completion,
    pub(crate) evaluator: Evaluator,
}

pub(crate) fn run(arguments: &Arguments, console: &mut Console) -> Exit {
    match try_run(arguments, console) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn try_run(arguments: &Arguments, console: &mut Console) -> Result<Exit, Exit> {
    // Both are opened before either is refused, so that all errors are in one run.
    let input =
        input::open(&arguments.flows).map_err(|error| unreadable(console, arguments, &error));
    let validated = console.read(&arguments.networks);
    let (input, validated) = (input?, validated?);
    console.refuse_guesses(&validated, "flows")?;
    let tracer = Tracer::new(&validated);
    let mut input = BufReader::new(input);
    let mut bad = 0;
    loop {
        let lines = chunk(&mut input).map_err(|error| unreadable(console, arguments, &error))?;
        if lines.is_empty() {
            break;
        }
        let answers: Vec<Result<String, String>> =
            lines.par_iter().map(|line| tracer.answer(line)).collect();
        let mut text = String::new();
        for answer in &answers {
            bad += usize::from(answer.is_err());
            let (Ok(line) | Err(line)) = answer;
            text.push_str(line);
            text.push('\n');
        }
        console.out(&text);
    }
    if bad > 0 {
        let lines = if bad == 1 { "line" } else { "lines" };
        console.err(&format!("error: {bad} {lines} could not be answered"));
        return Err(Exit::CouldNotRun);
    }
    Ok(Exit::Proved)
}

fn unreadable(console: &mut Console, arguments: &Arguments, error: &io::Error) -> Exit {
    let flows = arguments.flows.display();
    console.error(&format!("`{flows}` cannot be read: {error}"))
}

/// The next lines, without blank ones. A line that is too long is cut, and then refused.
fn chunk(input: &mut impl BufRead) -> io::Result<Vec<Vec<u8>>> {
    let mut lines = Vec::new();
    while lines.len() < CHUNK {
        let mut line = Vec::new();
        let limit = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
        let n_bytes = input.by_ref().take(limit).read_until(b'\n', &mut line)?;
        if n_bytes == 0 {
            break;
        }
        if line.len() == MOST_BYTES && line.last() != Some(&b'\n') {
            input.skip_until(b'\n')?;
        }
        if !line.iter().all(u8::is_ascii_whitespace) {
            lines.push(line);
        }
    }
    Ok(lines)
}

impl<'a> Tracer<'a> {
    pub(crate) fn new(validated: &'a Validated) -> Self {
        let evaluator = Evaluator::load(&validated.network);
        let completion = evaluator.completion().clone();
        let network = validated.network.completed(&completion);
        Self {
            validated,
            network,
            completion,
            evaluator,
        }
    }

    /// The answer to a line, or the error that stands in its place.
    pub(crate) fn answer(&self, line: &[u8]) -> Result<String, String> {
        if line.len() >= MOST_BYTES {
            let error = format!("the line is longer than {MOST_BYTES} bytes");
            return Err(answer::error(&Value::Null, &error));
        }
        let (id, flow) = line::read(line);
        let answered = flow.and_then(|flow| self.decide(flow));
        match answered {
            Ok(answer) => Ok(answer::render(&id, &answer, self)),
            Err(error) => Err(answer::error(&id, &error)),
        }
    }
}
