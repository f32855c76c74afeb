//! `vpcproof explain --name`: what a name means to a client, and which zone or rule says so.

use std::collections::BTreeSet;
use std::fmt::Write;

use evaluator::{Asked, NameCandidate, NameTrace, NamedBy};
use ingest::Validated;
use model::{Answer, Asker, Hole, Network};
use serde::Serialize;

use super::console::Console;
use super::output::{self, Format, Output};
use crate::asker;
use crate::doubt::Doubt;
use crate::exit::Exit;
use crate::invariant_file::Word;
use crate::invariant_file::words::Words;
use crate::judge::{Judge, Reason};
use crate::render::json::{SCHEMA_VERSION, pretty};
use crate::render::resolution;
use crate::render::style::Style;
use crate::selector::Resolver;
use crate::selector::parse::Names;
use crate::session::Failure;

/// A name and how it got its meaning, to one who asks.
struct Explained {
    asker: Asker,
    trace: NameTrace,
}

/// Explains the name to every one of the senders.
pub(super) fn run(
    name: &str,
    from: &str,
    validated: &Validated,
    names: &Names,
    outputs: &[Output],
    console: &mut Console,
) -> Result<Exit, Exit> {
    let network = &validated.network;
    let Askers { certain, chosen_by } =
        askers(from, validated, names).map_err(|failure| console.failure(&failure))?;
    let judge = Judge::new(network);
    let mut doubts = Doubt::of(validated, true).of_names();
    doubts.extend(chosen_by.into_iter().map(Reason::DependsOn));
    let doubts: Vec<String> = doubts.iter().map(ToString::to_string).collect();
    let mut explained = Vec::new();
    for asker in certain {
        let agreed = judge.resolve(&asker, name).map_err(Failure::from);
        agreed.map_err(|failure| console.failure(&failure))?;
        let trace = judge.evaluator.trace_name(&asker, name);
        explained.push(Explained { asker, trace });
    }
    if explained.is_empty() && doubts.is_empty() {
        console.err(&format!(
            "error: `{from}` asks for names in no VPC of the input"
        ));
        return Err(Exit::CouldNotRun);
    }
    output::write(outputs, console, |format, style| match format {
        Format::Text => text(name, &explained, &doubts, validated, style),
        Format::Json => pretty(&Document::new(name, &explained, &doubts, validated)),
    })?;
    let open = |one: &Explained| matches!(one.trace.resolution.answer, Answer::Undetermined(_));
    Ok(if explained.iter().any(open) || !doubts.is_empty() {
        Exit::Undecided
    } else {
        Exit::Proved
    })
}

/// As whom senders ask for certain, and what leaves open as whom else.
struct Askers {
    certain: BTreeSet<Asker>,
    chosen_by: BTreeSet<Hole>,
}

/// As whom senders ask.
fn askers(from: &str, validated: &Validated, names: &Names) -> Result<Askers, Failure> {
    let from = super::explain::selector(from, &validated.network);
    let words = Words::new(Word::Sometimes, vec![from], vec!["any".to_owned()]);
    let (statement, source) = words.statement(names).map_err(Failure::Problems)?;
    let mut resolver = Resolver::new(&validated.network, &validated.open, &source);
    let certain = resolver.askers(&statement.from.selectors);
    if resolver.problems.is_empty() {
        Ok(Askers {
            certain,
            chosen_by: resolver.take_chosen_by(),
        })
    } else {
        Err(Failure::Problems(resolver.problems))
    }
}

fn text(
    name: &str,
    explained: &[Explained],
    doubts: &[String],
    validated: &Validated,
    style: Style,
) -> String {
    let network = &validated.network;
    let mut text = String::new();
    let mut push = |line: &str| {
        let written = writeln!(text, "{line}");
        debug_assert!(written.is_ok(), "writing to a string does not fail");
    };
    for one in explained {
        let place = resolution::place(network, &one.asker);
        let resolution = &one.trace.resolution;
        let answer = resolution::answer(network, &resolution.answer);
        let line = format!("{name} means {place}: {answer}");
        let is_open = matches!(resolution.answer, Answer::Undetermined(_));
        push(&if is_open || !doubts.is_empty() {
            style.doubtful(&line)
        } else {
            style.strong(&line)
        });
        push(&format!("  decided by {}", resolution.clause));
        for asked in &one.trace.asked {
            for line in resolution::asked(network, asked) {
                push(&format!("  {line}"));
            }
        }
    }
    for doubt in doubts {
        push(&format!("not certain: {doubt}"));
    }
    for assumption in &validated.assumptions {
        let line = format!("assumed ({}): {}", assumption.code, assumption.text);
        push(&style.faint(&line));
    }
    text
}

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    name: String,
    answers: Vec<AnswerJson>,
    /// Why the answers are not certain.
    doubts: Vec<String>,
    assumptions: Vec<String>,
}

#[derive(Serialize)]
struct AnswerJson {
    vpc: String,
    answer: &'static str,
    values: Vec<String>,
    /// The addresses of 64:ff9b::/96 for those of IPv4 are meant besides.
    dns64: bool,
    decided_by: &'static str,
    asked: Vec<AskedJson>,
}

#[derive(Serialize)]
struct AskedJson {
    vpc: String,
    name: String,
    inbound: bool,
    firewall_rule: Option<usize>,
    candidates: Vec<CandidateJson>,
}

#[derive(Serialize)]
struct CandidateJson {
    kind: &'static str,
    ids: Vec<String>,
    name: String,
    clause: &'static str,
    fate: &'static str,
}

impl Document {
    fn new(name: &str, explained: &[Explained], doubts: &[String], validated: &Validated) -> Self {
        let assumptions = validated.assumptions.iter();
        Self {
            schema_version: SCHEMA_VERSION,
            name: name.to_owned(),
            answers: explained
                .iter()
                .map(|one| answer_json(one, &validated.network))
                .collect(),
            doubts: doubts.to_vec(),
            assumptions: assumptions.map(|one| one.text.clone()).collect(),
        }
    }
}

fn answer_json(explained: &Explained, network: &Network) -> AnswerJson {
    let resolution = &explained.trace.resolution;
    let (answer, values) = answer_words(&resolution.answer);
    let dns64 = matches!(resolution.answer, Answer::Dns64(_));
    let vpc = asker::vpc(network, &explained.asker);
    AnswerJson {
        vpc: vpc.map_or_else(String::new, |vpc| vpc.to_string()),
        answer,
        values,
        dns64,
        decided_by: resolution.clause.name(),
        asked: explained.trace.asked.iter().map(asked_json).collect(),
    }
}

fn answer_words(answer: &Answer) -> (&'static str, Vec<String>) {
    match answer {
        Answer::Interfaces(ids) => {
            let ids = ids.iter().map(ToString::to_string);
            ("interfaces", ids.collect())
        }
        Answer::Addresses(addresses) => {
            let addresses = addresses.iter().map(ToString::to_string);
            ("addresses", addresses.collect())
        }
        Answer::PublicService(service) => ("service", vec![service.clone()]),
        Answer::Dns64(of) => answer_words(of),
        Answer::NoAnswer => ("no-answer", Vec::new()),
        Answer::Undetermined(hole) => ("undetermined", vec![hole.attribute().to_owned()]),
    }
}

fn asked_json(asked: &Asked) -> AskedJson {
    AskedJson {
        vpc: asked.vpc.to_string(),
        name: asked.name.clone(),
        inbound: asked.inbound,
        firewall_rule: asked.firewall_rule.map(|position| position + 1),
        candidates: asked.candidates.iter().map(candidate_json).collect(),
    }
}

fn candidate_json(candidate: &NameCandidate) -> CandidateJson {
    let (kind, ids) = match &candidate.by {
        NamedBy::HostedZone(id) => ("hosted-zone", vec![id.to_string()]),
        NamedBy::ResolverRule(id) => ("resolver-rule", vec![id.to_string()]),
        NamedBy::Endpoints(ids) => ("endpoint", ids.iter().map(ToString::to_string).collect()),
    };
    CandidateJson {
        kind,
        ids,
        name: candidate.name.clone(),
        clause: candidate.clause.name(),
        fate: resolution::fate_word(candidate.fate),
    }
}
