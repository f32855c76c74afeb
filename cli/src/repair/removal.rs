//! Single edits by which a claim holds that forbids a flow or its way: a rule or a route taken out, or
//! a gateway endpoint in the way.

use model::{ComponentId, Hop, Invariant, RuleIndex, Target};

use super::edit::{Edit, Side};
use super::route;
use super::search::edited;
use super::{Purpose, Repair, Repairs};
use crate::invariant_file::Word;
use crate::judge::{Disagreement, Evidence, Judge, Ruling};

/// The rules and routes of the counterexample's way, each by itself, without which both engines
/// prove the whole claim; of a claim about ways before them the gateway endpoints with which its
/// route tables could be associated.
///
/// # Errors
///
/// When the engines disagree about an edited network.
pub(crate) fn removals(
    judge: &Judge<'_>,
    word: Word,
    invariant: &Invariant,
    evidence: &Evidence,
) -> Result<Repairs, Disagreement> {
    let mut repairs = Repairs::default();
    let mut tried: Vec<Edit> = Vec::new();
    let hops = &evidence.trace.forward;
    let led = hops.iter().filter(|_| word == Word::Only);
    let led = led.flat_map(|hop| by_endpoint(judge, hop));
    let removed = hops.iter().filter_map(|hop| removal(judge, hop));
    for edit in led.chain(removed) {
        if tried.contains(&edit) {
            continue;
        }
        tried.push(edit.clone());
        let edits = vec![edit];
        let Some(network) = edited(judge.network, &edits) else {
            continue;
        };
        let judgement = Judge::new(&network).judge(invariant)?;
        let holds = matches!(judgement.ruling, Ruling::Proved(_));
        if holds && judgement.engines.agree == Some(true) {
            repairs.list.push(Repair {
                edits,
                purpose: Purpose::Hold,
                flow: evidence.witness.flow.clone(),
            });
        }
    }
    if repairs.list.is_empty() {
        let note = "no single rule or route of the path is enough to take out";
        repairs.notes.push(note.to_owned());
    }
    Ok(repairs)
}

/// The associations of a route table, by which a packet is chosen a route, with the gateway
/// endpoints for its destination.
fn by_endpoint(judge: &Judge<'_>, hop: &Hop) -> Vec<Edit> {
    let ComponentId::RouteTable(id) = &hop.component else {
        return Vec::new();
    };
    let Some(table) = judge.network.route_tables().get(id) else {
        return Vec::new();
    };
    let ways = route::endpoints(judge.network, table, hop.packet.destination());
    let set = |(destination, target)| Edit::SetRoute {
        table: id.clone(),
        destination,
        target,
    };
    ways.into_iter().map(set).collect()
}

/// The removal of the rule or route by which a step lets the packet on.
fn removal(judge: &Judge<'_>, hop: &Hop) -> Option<Edit> {
    match (&hop.component, hop.rule?) {
        (ComponentId::SecurityGroup(id), RuleIndex::IngressRule(position)) => {
            Some(Edit::RemoveGroupRule {
                group: id.clone(),
                side: Side::Inbound,
                position,
            })
        }
        (ComponentId::SecurityGroup(id), RuleIndex::EgressRule(position)) => {
            Some(Edit::RemoveGroupRule {
                group: id.clone(),
                side: Side::Outbound,
                position,
            })
        }
        (ComponentId::RouteTable(id), RuleIndex::Route(position)) => {
            let table = judge.network.route_tables().get(id)?;
            // AWS lets nobody take out the local route.
            let is_local = table.routes.get(position)?.target.known() == Some(&Target::Local);
            let table = id.clone();
            (!is_local).then_some(Edit::RemoveRoute { table, position })
        }
        _ => None,
    }
}
