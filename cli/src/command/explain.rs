//! `vpcproof explain`: the path from A to B, or what blocks it; or what a name means.

use std::collections::BTreeSet;
use std::path::PathBuf;

use ingest::Validated;
use model::{Claim, Network, Place};

use super::Networks;
use super::console::Console;
use super::explain_name;
use super::output::{self, Format, Formats, Output, Outputs};
use crate::builtin::stop;
use crate::cost;
use crate::doubt::Doubt;
use crate::exit::Exit;
use crate::invariant_file::lower::{self, Lowered};
use crate::invariant_file::words::Words;
use crate::invariant_file::{self, Statement, Word};
use crate::judge::{Evidence, Judge, Reason, Ruling};
use crate::known::Known;
use crate::miss::nearest_miss;
use crate::problem::SourceText;
use crate::public_names::{self, Decided, STANDS_FOR_ALL};
use crate::render::{Rendering, aws_path, json, text};
use crate::repair;
use crate::report::{Finding, Kind, Report, VerdictWord};
use crate::selector::parse::Names;
use crate::session::{Failure, asks_name};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    networks: Networks,

    /// Who sends: a selector, a group of vpcproof.toml, an id or an address.
    #[arg(long, value_name = "SELECTOR")]
    from: String,

    /// To whom: a selector, a group of vpcproof.toml, an id, an address or `name:DNS-NAME`.
    #[arg(long, value_name = "SELECTOR", required_unless_present = "name")]
    to: Option<String>,

    /// A DNS name: what it means to the sender, and which zone or rule says so.
    #[arg(long, value_name = "DNS-NAME", conflicts_with_all = ["to", "traffic"])]
    name: Option<String>,

    /// What is sent, as `tcp/443`; otherwise TCP, and anything when no TCP passes.
    #[arg(long, value_name = "TRAFFIC")]
    traffic: Vec<String>,

    /// Prices, as in catalogue/data/prices.toml, that replace those of the same component and Region.
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,

    #[command(flatten)]
    outputs: Outputs<PathFormat>,
}

/// The formats of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PathFormat {
    Report(Format),
    /// As AWS's Reachability Analyzer writes it.
    AwsPath,
}

impl Formats for PathFormat {
    const ALL: &'static [(&'static str, Self)] = &[
        ("text", PathFormat::Report(Format::Text)),
        ("json", PathFormat::Report(Format::Json)),
        ("aws-path", PathFormat::AwsPath),
    ];
    const HELP: &'static str = "Format, and a file for it: text, json, aws-path (as AWS's Reachability Analyzer writes it), \
                                json=report.json; may be given several times";
}

/// What came out.
enum Found {
    /// A request and its reply pass.
    Open(Box<Evidence>),
    /// The same for every public address, of which the name means some.
    OpenToAll(Box<Evidence>),
    /// A request passes, and no reply comes back.
    OneWay(Box<Evidence>),
    /// Nothing passes; the attempt that comes furthest.
    Blocked(Option<Box<Evidence>>),
    /// Neither is certain.
    Unknown(BTreeSet<Reason>, Option<Box<Evidence>>),
    /// There is no flow to speak of.
    Nothing,
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
    let known = Known::with(arguments.prices.as_deref(), None);
    let known = known.map_err(|problems| console.problems(&problems));
    let validated = console.read_for_solver(&arguments.networks);
    let (known, validated) = (known?, validated?);
    let names = names(console);
    if let Some(name) = &arguments.name {
        let from = &arguments.from;
        let outputs = of_names(&outputs).map_err(|message| console.error(message))?;
        return explain_name::run(name, from, &validated, &names, &outputs, console);
    }
    let judge = Judge::new(&validated.network);
    let mut report = Report::default();
    let doubt = Doubt::of(&validated, true);
    let asked = Asked {
        arguments,
        validated: &validated,
        judge: &judge,
        doubt: &doubt,
        names: &names,
    };
    let targets = targets(&asked);
    for to in targets.map_err(|failure| console.failure(&failure))? {
        let explained = explain(&asked, &to);
        let (mut finding, asks_names) = explained.map_err(|failure| console.failure(&failure))?;
        let trace = finding.evidence.as_ref().map(|evidence| &evidence.trace);
        let costs = trace.map(|trace| cost::costs(trace, &validated.network, &known.prices));
        finding.costs = costs.unwrap_or_default();
        report.findings.push(finding);
        report.asks_names |= asks_names;
    }
    let exit = exit(&report);
    let rendering = Rendering {
        report: &report,
        validated: &validated,
    };
    output::write(&outputs, console, |format, style| match format {
        PathFormat::Report(Format::Text) => text::explained(rendering, style),
        PathFormat::Report(Format::Json) => json::report(rendering),
        PathFormat::AwsPath => aws_path::report(rendering),
    })?;
    Ok(exit)
}

/// A question, and what it is asked of.
struct Asked<'a> {
    arguments: &'a Arguments,
    validated: &'a Validated,
    judge: &'a Judge<'a>,
    doubt: &'a Doubt<'a>,
    names: &'a Names,
}

/// The outputs of what a name means.
fn of_names(outputs: &[Output<PathFormat>]) -> Result<Vec<Output>, &'static str> {
    let outputs = outputs.iter().map(|output| match output.format {
        PathFormat::Report(format) => Ok(Output {
            format,
            path: output.path.clone(),
        }),
        PathFormat::AwsPath => Err("what a name means is no path, so `aws-path` cannot say it"),
    });
    outputs.collect()
}

/// What is explained: each name of a recipe by itself, since a task needs all of them.
fn targets(asked: &Asked<'_>) -> Result<Vec<String>, Failure> {
    let to = asked.arguments.to.as_deref().unwrap_or_default();
    if !to.starts_with("recipe:") {
        return Ok(vec![to.to_owned()]);
    }
    let (_, lowered) = question(asked, to, asked.arguments.traffic.clone())?;
    let places = lowered.invariant.scope.to.iter();
    let of_recipe = places.filter_map(|place| match place {
        Place::Name(name) => Some(format!("name:{name}")),
        Place::Interfaces { .. }
        | Place::Internet
        | Place::OnPremises(_)
        | Place::Cidrs(_)
        | Place::Service(_)
        | Place::GatewayEndpoints(_) => None,
    });
    let of_recipe: Vec<String> = of_recipe.collect();
    // Where nobody sends there are no names, and the recipe itself says so.
    Ok(if of_recipe.is_empty() {
        vec![to.to_owned()]
    } else {
        of_recipe
    })
}

/// The answer, and whether it depends on what a name means.
fn explain(asked: &Asked<'_>, to: &str) -> Result<(Finding, bool), Failure> {
    let judge = asked.judge;
    let mut asks_names = false;
    let mut attempts = attempts(&asked.arguments.traffic).into_iter().peekable();
    loop {
        let traffic = attempts.next().unwrap_or_default();
        let (statement, lowered) = question(asked, to, traffic)?;
        asks_names |= asks_name(&lowered.invariant.scope);
        let invariant = lowered.invariant.clone();
        let found = answer(judge, lowered)?;
        let is_open = matches!(
            found,
            Found::Open(_) | Found::OpenToAll(_) | Found::OneWay(_)
        );
        if is_open || attempts.peek().is_none() {
            let mut finding = finding(&statement, found);
            asked
                .doubt
                .of_explained(&mut finding, &statement, &invariant.scope);
            // What is open may let it pass already; then there is nothing to repair.
            if matches!(
                finding.verdict,
                VerdictWord::Violated | VerdictWord::Vacuous
            ) {
                finding.repairs = repair::find(judge, &invariant, finding.evidence.as_deref())?;
            }
            return Ok((finding, asks_names));
        }
    }
}

/// What the invariant file names, when there is one. A path can be asked for without it, so its errors end nothing.
fn names(console: &mut Console) -> Names {
    let Some(path) = invariant_file::named_or_found(None) else {
        return Names::default();
    };
    match invariant_file::read(&path) {
        Ok(file) => file.names,
        Err(_) => {
            console.err(&format!(
                "warning: no group of `{}` is known here, since the file has errors\n  help: `vpcproof check` \
                 tells them",
                path.display()
            ));
            Names::default()
        }
    }
}

/// The kinds of traffic that are tried: TCP first, because a path is better shown by it than by
/// some protocol that nobody has heard of.
fn attempts(traffic: &[String]) -> Vec<Vec<String>> {
    if traffic.is_empty() {
        vec![vec!["tcp".to_owned()], vec!["any".to_owned()]]
    } else {
        vec![traffic.to_vec()]
    }
}

fn question(
    asked: &Asked<'_>,
    to: &str,
    traffic: Vec<String>,
) -> Result<(Statement, Lowered), Failure> {
    let Validated { network, open, .. } = asked.validated;
    let from = &asked.arguments.from;
    let selector = |text: &str| vec![selector(text, network)];
    let mut words = Words::new(Word::Sometimes, selector(from), selector(to));
    words.name = format!("{from} -> {to}");
    words.traffic = traffic;
    words.answered = true;
    let (mut statement, _) = words.statement(asked.names).map_err(Failure::Problems)?;
    // Paths are asked for by clients: from a port that Linux chooses, since an
    // ACL that lets the reply back to some other port only helps nobody.
    statement.source_ports = Some(vec![32_768..=60_999]);
    let source = SourceText::new(&statement.name, "");
    let lowered = lower::lower(&statement, network, open, &source).map_err(Failure::Problems)?;
    Ok((statement, lowered))
}

/// An id or an address as a selector; anything else as it is.
pub(super) fn selector(text: &str, network: &Network) -> String {
    let instance = |id: &str| {
        network.network_interfaces().values().any(|interface| {
            matches!(&interface.attachment,
                model::Attachment::Ordinary { instance: Some(instance) } if instance == id)
        })
    };
    let kind = if network.network_interfaces().contains_key(&text.into()) {
        "interface"
    } else if instance(text) {
        "instance"
    } else if network.subnets().contains_key(&text.into()) {
        "subnet"
    } else if network.vpc_endpoints().contains_key(&text.into()) {
        "endpoint"
    } else if network.vpcs().contains_key(&text.into()) {
        "vpc"
    } else if network
        .virtual_private_gateways()
        .contains_key(&text.into())
    {
        "virtual-private-gateway"
    } else if text.parse::<std::net::IpAddr>().is_ok() || text.parse::<model::Cidr>().is_ok() {
        return format!("ip:{text}");
    } else {
        return text.to_owned();
    };
    format!("{kind} id:'{text}'")
}

fn answer(judge: &Judge<'_>, mut lowered: Lowered) -> Result<Found, Failure> {
    let found = ask(judge, &lowered)?;
    let scope = &mut lowered.invariant.scope;
    let found = match (
        found,
        lower::private_addresses(&scope.from, &scope.to, judge.network),
    ) {
        // Without a public address nothing can be sent there; packets for the private one show why.
        (Found::Nothing, Some(place)) => {
            scope.to.push(place);
            ask(judge, &lowered)?
        }
        (found, _) => found,
    };
    // What may be meant besides may let something pass.
    let open: BTreeSet<_> = lowered.holes().into_iter().map(Reason::DependsOn).collect();
    Ok(match found {
        found if open.is_empty() => found,
        Found::Nothing => Found::Unknown(open, None),
        Found::Blocked(miss) => Found::Unknown(open, miss),
        Found::OneWay(evidence) => Found::Unknown(open, Some(evidence)),
        Found::Unknown(mut reasons, evidence) => {
            reasons.extend(open);
            Found::Unknown(reasons, evidence)
        }
        Found::Open(_) | Found::OpenToAll(_) => found,
    })
}

fn ask(judge: &Judge<'_>, lowered: &Lowered) -> Result<Found, Failure> {
    let miss = || nearest_miss(judge, &lowered.invariant.scope).map(Box::new);
    let mut reasons = match judge.judge(&lowered.invariant)?.ruling {
        Ruling::Proved(Some(evidence)) => return Ok(Found::Open(evidence)),
        Ruling::Vacuous => return Ok(Found::Nothing),
        Ruling::Unknown(reasons) => match public_names::decide(judge, &lowered.invariant)? {
            Decided::Holds(Some(evidence)) => return Ok(Found::OpenToAll(evidence)),
            Decided::Fails(_, miss) => return Ok(Found::Blocked(miss)),
            Decided::Holds(None) | Decided::Open => reasons,
        },
        Ruling::Proved(None) | Ruling::Violated(_) => BTreeSet::new(),
    };
    let mut one_way = lowered.invariant.clone();
    one_way.claim = Claim::Delivered;
    match judge.judge(&one_way)?.ruling {
        Ruling::Proved(Some(evidence)) if reasons.is_empty() => {
            return Ok(Found::OneWay(evidence));
        }
        Ruling::Proved(evidence) => {
            return Ok(Found::Unknown(reasons, evidence.or_else(miss)));
        }
        Ruling::Unknown(more) => reasons.extend(more),
        Ruling::Violated(_) | Ruling::Vacuous => {}
    }
    if reasons.is_empty() {
        return Ok(Found::Blocked(miss()));
    }
    Ok(Found::Unknown(reasons, miss()))
}

fn finding(statement: &Statement, found: Found) -> Finding {
    let (name, sentence) = (statement.name.clone(), statement.sentence());
    let kind = Kind::Claim(Word::Sometimes);
    let mut finding = Finding::new(name, kind, statement.severity, sentence);
    match found {
        Found::Open(evidence) => {
            finding.verdict = VerdictWord::Proved;
            finding.evidence = Some(evidence);
        }
        Found::OpenToAll(evidence) => {
            finding.verdict = VerdictWord::Proved;
            finding.notes.push(STANDS_FOR_ALL.to_owned());
            finding.evidence = Some(evidence);
        }
        Found::OneWay(evidence) => {
            finding.verdict = VerdictWord::Violated;
            finding
                .notes
                .push("a request arrives, but no reply comes back".to_owned());
            finding.difference = stop(&evidence);
            finding.evidence = Some(evidence);
        }
        Found::Blocked(miss) => {
            finding.verdict = VerdictWord::Violated;
            finding
                .notes
                .push("nothing passes; this attempt comes furthest".to_owned());
            finding.difference = miss.as_ref().and_then(|miss| stop(miss));
            finding.evidence = miss;
        }
        Found::Unknown(reasons, miss) => {
            finding.reasons = reasons;
            finding.evidence = miss;
        }
        Found::Nothing => finding.verdict = VerdictWord::Vacuous,
    }
    finding
}

/// The worst of what was found.
fn exit(report: &Report) -> Exit {
    let any = |verdict| report.findings.iter().any(|one| one.verdict == verdict);
    if any(VerdictWord::Violated) {
        Exit::Violated
    } else if any(VerdictWord::Unknown) || any(VerdictWord::Vacuous) {
        Exit::Undecided
    } else {
        Exit::Proved
    }
}
