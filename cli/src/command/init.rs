//! `vpcproof init`: a commented starter file made from the network's tags.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use model::{EndpointKind, Network, Tags};

use super::Networks;
use super::console::Console;
use crate::exit::Exit;
use crate::on_premises::has_on_premises;
use crate::selector::parse::is_reserved;
use crate::selector::{is_workload, short_service_name};

/// A tag key with more values than this tells single things apart, not groups.
const MOST_VALUES: usize = 8;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    networks: Networks,

    /// A file to write it to, which must not be there yet; otherwise standard output.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, console: &mut Console) -> Exit {
    let validated = match console.read(&arguments.networks) {
        Ok(validated) => validated,
        Err(exit) => return exit,
    };
    let networks: Vec<String> = arguments
        .networks
        .networks
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let text = starter(&validated.network, &networks.join(" "));
    let Some(path) = &arguments.out else {
        console.out(&text);
        return Exit::Proved;
    };
    let out = path.display();
    let file = fs::File::create_new(path);
    match file.and_then(|mut file| file.write_all(text.as_bytes())) {
        Ok(()) => {
            console.err(&format!("wrote {out}; read it, then run `vpcproof check`"));
            Exit::Proved
        }
        Err(error) => {
            console.err(&format!("error: `{out}` cannot be written: {error}"));
            Exit::CouldNotRun
        }
    }
}

/// A group: its name and its selector.
type Group = (String, String);

/// The starter file of a network.
pub(crate) fn starter(network: &Network, networks: &str) -> String {
    let interfaces = network.network_interfaces().values();
    let workloads = interfaces
        .filter(|one| is_workload(one))
        .map(|one| &one.tags);
    let workloads = groups("interface", workloads, &BTreeSet::new());
    let names: BTreeSet<String> = workloads.iter().map(|(name, _)| name.clone()).collect();
    let subnets = network.subnets().values().map(|subnet| &subnet.tags);
    let subnets = groups("subnet", subnets, &names);
    let endpoints = endpoints(network);
    let mut text = String::new();
    let mut line = |line: &str| {
        let written = writeln!(text, "{line}");
        debug_assert!(written.is_ok(), "writing to a string does not fail");
    };
    line("# Invariants of this network, made by `vpcproof init` from its tags. Check them with");
    line(&format!("#     vpcproof check {networks}"));
    line("# Keep what you mean, change what you do not, and delete the rest.");
    line("");
    line("# Names for sets. Filters in one string all have to hold; a list is a union.");
    line("[group]");
    for (name, selector) in workloads.iter().chain(&subnets).chain(&endpoints) {
        line(&format!("{name} = \"{selector}\""));
    }
    line("");
    if has_on_premises(network) {
        line("# Names for sites on premises, as in `from = \"onprem:office\"`.");
        line("# [onprem]");
        line("# office = [\"10.200.0.0/16\"]");
        line("");
    }
    claims(&workloads, &mut line);
    line("# Every delivered flow passes these, in this order.");
    for (name, selector) in endpoints
        .iter()
        .filter(|(name, _)| name.ends_with("-gateway"))
    {
        let service = name.trim_end_matches("-gateway");
        let vpc = selector
            .split_once(" vpc:")
            .map(|(_, vpc)| format!(" vpc:{vpc}"));
        let from = format!("interface{}", vpc.unwrap_or_default());
        let fields = [
            ("name", format!("{service}-only-by-gateway-endpoint")),
            ("from", from),
            ("to", format!("service:{service}")),
            ("via", name.clone()),
        ];
        claim(&mut line, "", "only", &fields);
    }
    text
}

/// A claim of each word but `only`; those that are guesses are commented out.
fn claims(workloads: &[Group], line: &mut impl FnMut(&str)) {
    line("# No flow in scope is delivered.");
    let is_database = |(name, _): &&Group| ["db", "database", "data"].contains(&name.as_str());
    let database = workloads.iter().find(is_database);
    let comment = if database.is_some() { "" } else { "# " };
    let name = database.map_or("database", |(name, _)| name);
    let to = database.map_or("interface tag:tier=db", |(name, _)| name);
    let fields = [
        ("name", format!("{name}-is-private")),
        ("from", "internet".to_owned()),
        ("to", to.to_owned()),
    ];
    claim(line, comment, "never", &fields);
    let mut ends = workloads.iter().map(|(name, _)| name.clone());
    let mut end = |otherwise: &str| ends.next().unwrap_or_else(|| otherwise.to_owned());
    line("# Every flow in scope is delivered, and answered. Uncomment and adapt.");
    let (from, to) = (end("interface tag:tier=app"), end("interface tag:tier=db"));
    let fields = [
        ("name", "clients-reach-the-server".to_owned()),
        ("from", from.clone()),
        ("to", to),
        ("traffic", "tcp/443".to_owned()),
    ];
    claim(line, "# ", "always", &fields);
    line("# At least one is: keeps `never` from passing because everything is broken.");
    let fields = [
        ("name", "the-network-works".to_owned()),
        ("from", "any".to_owned()),
        ("to", from),
    ];
    claim(line, "# ", "sometimes", &fields);
}

fn claim(line: &mut impl FnMut(&str), comment: &str, word: &str, fields: &[(&str, String)]) {
    line(&format!("{comment}[[{word}]]"));
    for (field, value) in fields {
        line(&format!("{comment}{field} = \"{value}\""));
    }
    line("");
}

/// A group for each value of each tag that tells few groups apart.
fn groups<'a>(
    kind: &str,
    tags: impl Iterator<Item = &'a Tags>,
    taken: &BTreeSet<String>,
) -> Vec<Group> {
    let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (key, value) in tags.flatten() {
        values.entry(key).or_default().insert(value);
    }
    let mut groups: Vec<Group> = Vec::new();
    for (key, values) in values {
        let telling = key != "Name" && !key.contains(':') && values.len() <= MOST_VALUES;
        for value in values.into_iter().filter(|_| telling) {
            if !is_plain(key) || !is_plain(value) {
                continue;
            }
            let short = value.to_lowercase();
            let is_taken = |name: &str| {
                is_reserved(name) || taken.contains(name) || groups.iter().any(|(n, _)| n == name)
            };
            let long = format!("{key}-{value}").to_lowercase();
            let name = [short, long, format!("{kind}-{value}").to_lowercase()]
                .into_iter()
                .find(|name| !is_taken(name));
            if let Some(name) = name {
                groups.push((name, format!("{kind} tag:{key}={value}")));
            }
        }
    }
    groups
}

/// Whether a text stands in a selector and in a bare key as it is.
fn is_plain(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    !text.is_empty() && text.chars().all(plain)
}

/// A group for each kind of endpoint of each service.
fn endpoints(network: &Network) -> Vec<Group> {
    let mut groups = BTreeMap::new();
    for endpoint in network.vpc_endpoints().values() {
        let kind = match &endpoint.kind {
            EndpointKind::Gateway { .. } => "gateway",
            EndpointKind::Interface { .. } => "interface",
            EndpointKind::GatewayLoadBalancer { .. } => "gwlb",
            EndpointKind::Unmodelled(_) => continue,
        };
        let service = short_service_name(&endpoint.service);
        let name = format!("{service}-{kind}").replace('.', "-");
        if is_plain(&name) {
            let vpc = network.vpcs().get(&endpoint.vpc);
            let named = vpc
                .and_then(|vpc| vpc.tags.get("Name"))
                .filter(|name| is_plain(name));
            let vpc = named.map_or(endpoint.vpc.as_str(), String::as_str);
            let vpc = if network.vpcs().len() > 1 && !vpc.contains(char::is_whitespace) {
                format!(" vpc:{vpc}")
            } else {
                String::new()
            };
            let selector = format!("endpoint kind:{kind} service:{service}{vpc}");
            groups.entry(name).or_insert(selector);
        }
    }
    groups.into_iter().collect()
}
