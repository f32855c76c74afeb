//! `reply-blocked`: the request arrives, and its reply is certainly dropped.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Claim, Clause, ComponentId, Effect, Hop, NetworkInterfaceId, Origin, Place, SubnetId, Trace,
};

use super::question::{CLIENT_PORTS, every, scope};
use super::{Fault, Run};
use crate::invariant_file::Severity;
use crate::judge::Disagreement;
use crate::render::{names, rule};
use crate::report::Subject;
use crate::selector::is_workload;

/// One end of a connection: the workloads of a subnet, or the internet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Subnet(SubnetId),
    Internet,
}

type Members = BTreeMap<End, BTreeSet<NetworkInterfaceId>>;

/// Senders and receivers of which it is not known yet whether replies come back.
struct Part {
    from: BTreeSet<End>,
    to: BTreeSet<End>,
}

pub(super) fn run(run: &mut Run<'_>) -> Result<(), Disagreement> {
    let mut members = Members::new();
    for interface in run.network.network_interfaces().values() {
        if is_workload(interface) {
            let end = End::Subnet(interface.subnet.clone());
            members.entry(end).or_default().insert(interface.id.clone());
        }
    }
    members.insert(End::Internet, BTreeSet::new());
    let ends: BTreeSet<End> = members.keys().cloned().collect();
    let mut parts = vec![Part {
        from: ends.clone(),
        to: ends,
    }];
    let mut causes: BTreeSet<Subject> = BTreeSet::new();
    while let Some(part) = parts.pop() {
        if part.from.is_empty() || part.to.is_empty() {
            continue;
        }
        let invariant = invariant(run, &members, &part);
        let Some((evidence, judgement)) = run.counterexample(&invariant)? else {
            continue;
        };
        // The pair is not asked again; what is left of the part is, in two parts.
        let from = sender(run, &evidence.trace);
        let to = receiver(run, &evidence.trace);
        parts.push(Part {
            from: without(&part.from, &from),
            to: part.to.clone(),
        });
        parts.push(Part {
            from: BTreeSet::from([from.clone()]),
            to: without(&part.to, &to),
        });
        let Some(subject) = cause(&evidence.trace) else {
            continue;
        };
        if causes.insert(subject.clone()) {
            let fault = fault(run, &from, &to, subject);
            run.shown(fault, &invariant, evidence, Some(&judgement));
        }
    }
    Ok(())
}

fn without(ends: &BTreeSet<End>, end: &End) -> BTreeSet<End> {
    ends.iter().filter(|one| *one != end).cloned().collect()
}

fn invariant(run: &Run<'_>, members: &Members, part: &Part) -> model::Invariant {
    let of = |ends: &BTreeSet<End>| -> BTreeSet<NetworkInterfaceId> {
        let members = ends.iter().filter_map(|end| members.get(end));
        members.flatten().cloned().collect()
    };
    let mut from = vec![Origin::Interfaces(of(&part.from))];
    if part.from.contains(&End::Internet) {
        from.push(Origin::Internet(None));
    }
    let mut to = vec![Place::Interfaces {
        interfaces: of(&part.to),
        public_from_inside: false,
    }];
    if part.to.contains(&End::Internet) {
        to.push(Place::Internet);
    }
    let scope = scope(from, to, CLIENT_PORTS, &[0..=u16::MAX]);
    every(run.code, scope, Some(Claim::Delivered), Claim::Answered)
}

fn end_of(run: &Run<'_>, id: &NetworkInterfaceId) -> End {
    let interface = run.network.network_interfaces().get(id);
    interface.map_or(End::Internet, |interface| {
        End::Subnet(interface.subnet.clone())
    })
}

fn sender(run: &Run<'_>, trace: &Trace) -> End {
    match &trace.flow.source {
        model::Source::Interface(id) => end_of(run, id),
        model::Source::Internet | model::Source::OnPremises(_) => End::Internet,
    }
}

fn receiver(run: &Run<'_>, trace: &Trace) -> End {
    match &trace.decision.forward.arrival {
        Some(model::Arrival::Interface(id)) => end_of(run, id),
        Some(
            model::Arrival::Internet
            | model::Arrival::OnPremises(_)
            | model::Arrival::GatewayEndpoint(_)
            | model::Arrival::AmazonService,
        )
        | None => End::Internet,
    }
}

/// What drops the reply: an ACL as a whole when no entry matches, or a rule; where the reply goes
/// astray, the route that it took.
fn cause(trace: &Trace) -> Option<Subject> {
    let drops = |hop: &Hop| hop.effect == Effect::Dropped;
    let step = trace.reply.iter().position(drops)?;
    let hop = trace.reply.get(step)?;
    let mut before = trace.reply.iter().take(step);
    let route = before.rfind(|hop| matches!(hop.component, ComponentId::RouteTable(_)));
    let hop = route
        .filter(|_| hop.clause == Clause::ReplyReturns)
        .unwrap_or(hop);
    Some(Subject {
        component: hop.component.clone(),
        rule: hop.rule,
    })
}

fn fault(run: &Run<'_>, from: &End, to: &End, subject: Subject) -> Fault {
    let end = |end: &End| match end {
        End::Subnet(id) => names::component(run.network, &ComponentId::Subnet(id.clone())),
        End::Internet => "the internet".to_owned(),
    };
    let shown = names::component(run.network, &subject.component);
    let by = match subject
        .rule
        .and_then(|index| rule::rule(run.network, &subject.component, index))
    {
        Some(rule) => format!("{shown}: {rule}"),
        None => shown,
    };
    let name = match subject.rule {
        Some(index) => format!("{} {}", subject.component, rule::index(index)),
        None => subject.component.to_string(),
    };
    Fault {
        name,
        severity: Severity::Medium,
        sentence: format!(
            "a connection from {} to {} arrives, and its reply is lost by {by}",
            end(from),
            end(to)
        ),
        notes: Vec::new(),
        subjects: vec![subject],
    }
}
