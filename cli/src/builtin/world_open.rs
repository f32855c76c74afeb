//! `world-open`: a stranger on the internet reaches a port of administration or of a database.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Arrival, Cidr, Claim, ComponentId, Family, Hop, Invariant, Network, NetworkInterfaceId, Origin,
    Place, Port, PortRange, RuleIndex, RulePeer, RuleTraffic, Scope, Trace, Transport,
};

use super::question::{CLIENT_PORTS, every, scope, some};
use super::{Fault, Run};
use crate::blocks;
use crate::invariant_file::Severity;
use crate::judge::Disagreement;
use crate::miss::public_addresses;
use crate::render::{names, rule};
use crate::report::Subject;
use crate::selector::is_workload;

/// Ports that nobody offers to the world on purpose.
const PORTS: [(Port, &str); 17] = [
    (22, "SSH"),
    (23, "Telnet"),
    (445, "SMB"),
    (1433, "SQL Server"),
    (1521, "Oracle"),
    (2375, "Docker"),
    (3306, "MySQL"),
    (3389, "RDP"),
    (5432, "PostgreSQL"),
    (5439, "Redshift"),
    (5900, "VNC"),
    (5985, "WinRM"),
    (6379, "Redis"),
    (9042, "Cassandra"),
    (9200, "Elasticsearch"),
    (11211, "memcached"),
    (27017, "MongoDB"),
];

/// Blocks this wide or wider name nobody in particular.
const fn widest(family: Family) -> u8 {
    match family {
        Family::V4 => 8,
        Family::V6 => 32,
    }
}

/// Interfaces and ports of which it is not known yet whether they are open.
struct Part {
    interfaces: BTreeSet<NetworkInterfaceId>,
    ports: BTreeSet<Port>,
}

pub(super) fn run(run: &mut Run<'_>) -> Result<(), Disagreement> {
    let all = run.network.network_interfaces().values();
    let workloads = all.filter(|one| is_workload(one)).map(|one| one.id.clone());
    let strangers = strangers(run.network);
    let mut parts = vec![Part {
        interfaces: workloads.collect(),
        ports: PORTS.iter().map(|(port, _)| *port).collect(),
    }];
    let mut found: BTreeMap<Subject, BTreeSet<Port>> = BTreeMap::new();
    while let Some(part) = parts.pop() {
        if part.interfaces.is_empty() || part.ports.is_empty() || strangers.is_empty() {
            continue;
        }
        let invariant = invariant(run, &strangers, &part);
        let Some((evidence, judgement)) = run.counterexample(&invariant)? else {
            continue;
        };
        let cause = cause(&evidence.trace);
        let (ports, carriers) = explained(run.network, &cause, &part, &evidence.trace);
        // What the cause explains is not asked again; the rest is, in two parts.
        let rest = part.interfaces.difference(&carriers).cloned().collect();
        parts.push(Part {
            interfaces: rest,
            ports: part.ports.clone(),
        });
        parts.push(Part {
            interfaces: carriers,
            ports: part.ports.difference(&ports).copied().collect(),
        });
        let known = found.entry(cause.clone()).or_default();
        let first = known.is_empty();
        known.extend(&ports);
        if first {
            let fault = fault(run.network, cause, &ports);
            run.shown(fault, &invariant, evidence, Some(&judgement));
        }
    }
    Ok(())
}

fn invariant(run: &Run<'_>, strangers: &BTreeSet<Cidr>, part: &Part) -> Invariant {
    let from = vec![Origin::Internet(Some(strangers.clone()))];
    let to = vec![Place::Interfaces {
        interfaces: part.interfaces.clone(),
        public_from_inside: false,
    }];
    let ports: Vec<PortRange> = part.ports.iter().map(|port| *port..=*port).collect();
    let scope = Scope {
        relayed: true,
        ..scope(from, to, CLIENT_PORTS, &ports)
    };
    every(
        run.code,
        scope,
        None,
        Claim::Not(Box::new(Claim::Delivered)),
    )
}

/// One block of strangers for each set of wide blocks that rules tell apart.
fn strangers(network: &Network) -> BTreeSet<Cidr> {
    let mut wide = BTreeSet::from([blocks::everything(Family::V4)]);
    wide.extend(blocks::PUBLIC_V6.parse::<Cidr>().ok());
    let mut narrow: Vec<Cidr> = blocks::NOT_PUBLIC_V4
        .iter()
        .filter_map(|text| text.parse().ok())
        .collect();
    for cidr in named(network) {
        if cidr.prefix_len() <= widest(cidr.family()) && cidr.prefix_len() > 0 {
            wide.insert(cidr);
        } else if cidr.prefix_len() > 0 {
            narrow.push(cidr);
        }
    }
    for interface in network.network_interfaces().values() {
        narrow.extend(public_addresses(interface).into_iter().map(Cidr::host));
    }
    let free = |block: &Cidr| {
        let inside = wide
            .iter()
            .filter(|one| *one != block && blocks::covers(*block, **one));
        let taken: Vec<Cidr> = narrow.iter().chain(inside).copied().collect();
        blocks::first_free(*block, &taken)
    };
    wide.iter().filter_map(free).collect()
}

/// Every block that a rule, an entry or a prefix list names, and those of the VPCs.
fn named(network: &Network) -> Vec<Cidr> {
    let mut cidrs = Vec::new();
    for group in network.security_groups().values() {
        for rule in group.ingress.iter().chain(&group.egress) {
            if let RulePeer::Cidr(cidr) = rule.peer {
                cidrs.push(cidr);
            }
        }
    }
    for acl in network.network_acls().values() {
        cidrs.extend(
            acl.ingress
                .iter()
                .chain(&acl.egress)
                .map(|entry| entry.cidr),
        );
    }
    for list in network.prefix_lists().values() {
        cidrs.extend(list.entries.known().into_iter().flatten());
    }
    for vpc in network.vpcs().values() {
        cidrs.extend(&vpc.cidrs);
    }
    cidrs
}

/// The rule that let the request in, or else the interface that it reached.
fn cause(trace: &Trace) -> Subject {
    let admits = |hop: &&Hop| matches!(hop.rule, Some(RuleIndex::IngressRule(_)));
    let hop = trace.forward.iter().rfind(admits);
    let hop = hop.or(trace.forward.last());
    let arrival = match &trace.decision.forward.arrival {
        Some(Arrival::Interface(id)) => ComponentId::NetworkInterface(id.clone()),
        Some(
            Arrival::Internet
            | Arrival::OnPremises(_)
            | Arrival::GatewayEndpoint(_)
            | Arrival::AmazonService,
        )
        | None => ComponentId::Internet,
    };
    match hop {
        Some(hop) if hop.rule.is_some() => Subject {
            component: hop.component.clone(),
            rule: hop.rule,
        },
        Some(_) | None => Subject {
            component: arrival,
            rule: None,
        },
    }
}

/// The ports and the interfaces of a part that a cause explains: the witness's at least.
fn explained(
    network: &Network,
    cause: &Subject,
    part: &Part,
    trace: &Trace,
) -> (BTreeSet<Port>, BTreeSet<NetworkInterfaceId>) {
    let mut ports = BTreeSet::new();
    let mut carriers = BTreeSet::new();
    if let Transport::Tcp {
        destination_port, ..
    } = trace.flow.packet.transport()
    {
        ports.insert(destination_port);
    }
    if let Some(Arrival::Interface(id)) = &trace.decision.forward.arrival {
        carriers.insert(id.clone());
    }
    if let (ComponentId::SecurityGroup(id), Some(RuleIndex::IngressRule(index))) =
        (&cause.component, cause.rule)
    {
        let group = network.security_groups().get(id);
        if let Some(rule) = group.and_then(|group| group.ingress.get(index)) {
            let admitted = part
                .ports
                .iter()
                .filter(|port| admits(&rule.traffic, **port));
            ports.extend(admitted);
        }
        carriers.extend(part.interfaces.iter().filter_map(|interface| {
            let groups = &network.network_interfaces().get(interface)?.groups;
            groups.known()?.contains(id).then(|| interface.clone())
        }));
    }
    (ports, carriers)
}

fn admits(traffic: &RuleTraffic, port: Port) -> bool {
    match traffic {
        RuleTraffic::All => true,
        RuleTraffic::Tcp(ports) => ports.range().contains(&port),
        RuleTraffic::Protocol(number) => *number == 6,
        RuleTraffic::Udp(_) | RuleTraffic::Icmp(_) | RuleTraffic::Icmpv6(_) => false,
    }
}

fn fault(network: &Network, cause: Subject, ports: &BTreeSet<Port>) -> Fault {
    let open = PORTS.iter().filter(|(port, _)| ports.contains(port));
    let open = some(open.map(|(port, name)| format!("{port} ({name})")));
    let shown = names::component(network, &cause.component);
    let rule = cause
        .rule
        .and_then(|index| rule::rule(network, &cause.component, index));
    let by = rule.map_or_else(|| shown.clone(), |rule| format!("{shown}, which {rule}"));
    let name = match cause.rule {
        Some(index) => format!("{} {}", cause.component, rule::index(index)),
        None => cause.component.to_string(),
    };
    Fault {
        name,
        severity: Severity::High,
        sentence: format!("anyone on the internet reaches port {open} by {by}"),
        notes: Vec::new(),
        subjects: vec![cause],
    }
}
