//! `vpcproof explain`: the path from A to B, or what blocks it; or what a name means.

use std::collections::BTreeSet;

use model::{Claim, Network};

use super::Networks;
use super::console::Console;
use super::explain_name;
use super::output::{self, Format, Outputs};
use crate::builtin::stop;
use crate::exit::Exit;
use crate::invariant_file::lower::{self, Lowered};
use crate::invariant_file::words::Words;
use crate::invariant_file::{self, Statement, Word};
use crate::judge::{Evidence, Judge, Ruling};
use crate::miss::nearest_miss;
use crate::problem::SourceText;
use crate::render::{Rendering, json, text};
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

    #[command(flatten)]
    outputs: Outputs,
}

/// What came out.
enum Found {
    /// A request and its reply pass.
    Open(Box<Evidence>),
    /// A request passes, and no reply comes back.
    OneWay(Box<Evidence>),
    /// Nothing passes; the attempt that comes furthest.
    Blocked(Option<Box<Evidence>>),
    /// Neither is certain.
    Unknown(BTreeSet<crate::judge::Reason>, Option<Box<Evidence>>),
    /// There is no flow to speak of.
    Nothing,
}

pub(crate) fn run(arguments: &Arguments, console: &mut Console) -> Exit {
    match try_run(arguments, console) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn try_run(arguments: &Arguments, console: &mut Console) -> Result<Exit, Exit> {
    let outputs = arguments.outputs.get().map_err(|message| {
        console.err(&format!("error: {message}"));
        Exit::CouldNotRun
    })?;
    let validated = console.read_for_solver(&arguments.networks.networks)?;
    let names = names();
    if let Some(name) = &arguments.name {
        let from = &arguments.from;
        return explain_name::run(name, from, &validated, &names, &outputs, console);
    }
    let judge = Judge::new(&validated.network);
    let mut found = Found::Nothing;
    let mut statement = None;
    let mut asks_names = false;
    for traffic in attempts(&arguments.traffic) {
        let (asked, lowered) = question(arguments, traffic, &validated.network, &names)
            .map_err(|failure| console.failure(&failure))?;
        asks_names |= asks_name(&lowered.invariant.scope);
        found = answer(&judge, lowered).map_err(|failure| console.failure(&failure))?;
        statement = Some(asked);
        if let Found::Open(_) | Found::OneWay(_) = found {
            break;
        }
    }
    let Some(statement) = statement else {
        return Err(Exit::CouldNotRun);
    };
    let (mut report, exit) = report(&statement, found);
    report.asks_names = asks_names;
    let rendering = Rendering {
        report: &report,
        validated: &validated,
    };
    output::write(&outputs, console, |format, style| match format {
        Format::Text => text::explained(rendering, style),
        Format::Json => json::report(rendering),
    })?;
    Ok(exit)
}

/// What the invariant file names, when there is one that can be read.
fn names() -> Names {
    let directory = std::env::current_dir().ok();
    let path = directory.and_then(|directory| invariant_file::find(&directory));
    let file = path.and_then(|path| invariant_file::read(&path).ok());
    file.map(|file| file.names).unwrap_or_default()
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
    arguments: &Arguments,
    traffic: Vec<String>,
    network: &Network,
    names: &Names,
) -> Result<(Statement, Lowered), Failure> {
    let selector = |text: &str| vec![selector(text, network)];
    let to = arguments.to.as_deref().unwrap_or_default();
    let mut words = Words::new(Word::Sometimes, selector(&arguments.from), selector(to));
    words.name = format!("{} -> {to}", arguments.from);
    words.traffic = traffic;
    words.answered = true;
    let (mut statement, _) = words.statement(names).map_err(Failure::Problems)?;
    // Paths are asked for by clients: from a port that Linux chooses, since an
    // ACL that lets the reply back to some other port only helps nobody.
    statement.source_ports = Some(vec![32_768..=60_999]);
    let source = SourceText::new(&statement.name, "");
    let lowered = lower::lower(&statement, network, &source).map_err(Failure::Problems)?;
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
    match (
        found,
        lower::private_addresses(&scope.from, &scope.to, judge.network),
    ) {
        // Without a public address nothing can be sent there; packets for the private one show why.
        (Found::Nothing, Some(place)) => {
            scope.to.push(place);
            ask(judge, &lowered)
        }
        (found, _) => Ok(found),
    }
}

fn ask(judge: &Judge<'_>, lowered: &Lowered) -> Result<Found, Failure> {
    let miss = || nearest_miss(judge, &lowered.invariant.scope).map(Box::new);
    let mut reasons = match judge.judge(&lowered.invariant)?.ruling {
        Ruling::Proved(Some(evidence)) => return Ok(Found::Open(evidence)),
        Ruling::Vacuous => return Ok(Found::Nothing),
        Ruling::Unknown(reasons) => reasons,
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
    reasons.extend(
        lowered
            .open
            .iter()
            .cloned()
            .map(crate::judge::Reason::DependsOn),
    );
    if reasons.is_empty() {
        return Ok(Found::Blocked(miss()));
    }
    Ok(Found::Unknown(reasons, miss()))
}

fn report(statement: &Statement, found: Found) -> (Report, Exit) {
    let mut finding = Finding {
        name: statement.name.clone(),
        kind: Kind::Claim(Word::Sometimes),
        verdict: VerdictWord::Unknown,
        severity: statement.severity,
        sentence: statement.sentence(),
        notes: Vec::new(),
        subjects: Vec::new(),
        evidence: None,
        difference: None,
        reasons: BTreeSet::new(),
        assumptions: Vec::new(),
        engines: None,
        vacuous_is_error: false,
    };
    let exit = match found {
        Found::Open(evidence) => {
            finding.verdict = VerdictWord::Proved;
            finding.evidence = Some(evidence);
            Exit::Proved
        }
        Found::OneWay(evidence) => {
            finding.verdict = VerdictWord::Violated;
            finding
                .notes
                .push("a request arrives, but no reply comes back".to_owned());
            finding.difference = stop(&evidence);
            finding.evidence = Some(evidence);
            Exit::Violated
        }
        Found::Blocked(miss) => {
            finding.verdict = VerdictWord::Violated;
            finding
                .notes
                .push("nothing passes; this attempt comes furthest".to_owned());
            finding.difference = miss.as_ref().and_then(|miss| stop(miss));
            finding.evidence = miss;
            Exit::Violated
        }
        Found::Unknown(reasons, miss) => {
            finding.reasons = reasons;
            finding.evidence = miss;
            Exit::Undecided
        }
        Found::Nothing => {
            finding.verdict = VerdictWord::Vacuous;
            Exit::Undecided
        }
    };
    let report = Report {
        findings: vec![finding],
        ..Report::default()
    };
    (report, exit)
}
