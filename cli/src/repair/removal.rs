//! Removals: the single rule or route without which a claim holds that forbids a flow.

use model::{ComponentId, Hop, Invariant, RuleIndex, Target};

use super::edit::{Edit, Side};
use super::search::edited;
use super::{Purpose, Repair, Repairs};
use crate::judge::{Disagreement, Evidence, Judge, Ruling};

/// The rules and routes of the counterexample's way, each by itself, without which both engines
/// prove the whole claim.
///
/// # Errors
///
/// When the engines disagree about an edited network.
pub(crate) fn removals(
    judge: &Judge<'_>,
    invariant: &Invariant,
    evidence: &Evidence,
) -> Result<Repairs, Disagreement> {
    let mut repairs = Repairs::default();
    let mut tried: Vec<Edit> = Vec::new();
    for hop in &evidence.trace.forward {
        let Some(edit) = removal(judge, hop) else {
            continue;
        };
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
                purpose: Purpose::Close,
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
