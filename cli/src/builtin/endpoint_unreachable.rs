//! `endpoint-unreachable`: an interface endpoint that no interface of its VPC can use.

use model::{Clause, ComponentId, Direction, Effect, Place};

use super::question::{attempt, clients, interface_endpoints, is_https_service, workloads};
use super::{Fault, Run};
use crate::invariant_file::Severity;
use crate::judge::{Disagreement, Evidence, Ruling};
use crate::miss::nearest_miss;
use crate::render::names;
use crate::report::{Difference, Subject};

pub(super) fn run(run: &mut Run<'_>) -> Result<(), Disagreement> {
    for (endpoint, interfaces) in interface_endpoints(run.network) {
        let clients = clients(run.network, &endpoint.vpc);
        if clients.is_empty() || interfaces.is_empty() || !is_https_service(&endpoint.service) {
            continue;
        }
        let place = Place::Interfaces {
            interfaces: interfaces.clone(),
            public_from_inside: false,
        };
        let invariant = attempt(run.code, &clients, place, 443..=443);
        let Some(judgement) = run.ask(&invariant)? else {
            return Ok(());
        };
        match &judgement.ruling {
            Ruling::Violated(_) => {}
            Ruling::Unknown(reasons) => {
                run.reasons.extend(reasons.iter().cloned());
                continue;
            }
            Ruling::Proved(_) | Ruling::Vacuous => continue,
        }
        let component = ComponentId::VpcEndpoint(endpoint.id.clone());
        let name = names::component(run.network, &component);
        let miss = nearest_miss(run.judge, &invariant.scope);
        let difference = miss.as_ref().and_then(stop);
        let notes = miss.as_ref().zip(difference);
        let notes = notes.and_then(|(miss, difference)| lacks(run, miss, difference));
        let has_own = !workloads(run.network, &endpoint.vpc).is_empty();
        let whose = if has_own { "of its VPC" } else { "at all" };
        let fault = Fault {
            name: endpoint.id.to_string(),
            severity: Severity::High,
            sentence: format!(
                "no interface {whose} is answered on tcp/443 by {name} for {}",
                endpoint.service
            ),
            notes: notes.into_iter().collect(),
            subjects: vec![Subject {
                component,
                rule: None,
            }],
        };
        run.push(fault, miss.map(Box::new), Some(&judgement));
        if let Some(finding) = run.findings.last_mut() {
            finding.difference = difference;
        }
    }
    Ok(())
}

/// The first step that drops the request or its reply.
pub(crate) fn stop(miss: &Evidence) -> Option<Difference> {
    let directions = [
        (Direction::Forward, &miss.trace.forward),
        (Direction::Reply, &miss.trace.reply),
    ];
    directions.into_iter().find_map(|(direction, hops)| {
        let step = hops.iter().position(|hop| hop.effect == Effect::Dropped)?;
        Some(Difference::Step(direction, step))
    })
}

/// What is missing where the attempt ends.
fn lacks(run: &Run<'_>, miss: &Evidence, difference: Difference) -> Option<String> {
    let Difference::Step(Direction::Forward, step) = difference else {
        return None;
    };
    let hop = miss.trace.forward.get(step)?;
    let does = if hop.clause == Clause::SecurityGroupIngress {
        format!("admits tcp/443 from {}", hop.packet.source())
    } else if hop.clause == Clause::SecurityGroupEgress {
        format!("lets out tcp/443 to {}", hop.packet.destination())
    } else {
        return None;
    };
    let ComponentId::NetworkInterface(id) = &hop.component else {
        return None;
    };
    let interface = run.network.network_interfaces().get(id)?;
    let groups = interface.groups.known()?.iter().cloned();
    let groups: Vec<String> = groups
        .map(|id| names::component(run.network, &ComponentId::SecurityGroup(id)))
        .collect();
    if groups.is_empty() {
        return Some(format!("it has no security group, so that nothing {does}"));
    }
    let groups = groups.join(", ");
    Some(format!("no rule of {groups} {does}"))
}
