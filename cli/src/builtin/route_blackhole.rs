//! `route-blackhole`: a selected route whose target is gone.

use model::{
    Cidr, Claim, Clause, ComponentId, Origin, Place, Route, RouteDestination, RouteState,
    RouteTable, RuleIndex, Value,
};

use super::question::{every, in_subnets, scope, some, subnets_by_table};
use super::rule_shadowed::shadow;
use super::{Fault, Run};
use crate::invariant_file::Severity;
use crate::judge::Disagreement;
use crate::render::{names, rule};
use crate::report::Subject;

pub(super) fn run(run: &mut Run<'_>) -> Result<(), Disagreement> {
    for (id, subnets) in subnets_by_table(run.network) {
        let Some(table) = run.network.route_tables().get(&id) else {
            continue;
        };
        for (index, route) in table.routes.iter().enumerate() {
            let Some(cidrs) = taken(run, table, index, route) else {
                continue;
            };
            let component = ComponentId::RouteTable(id.clone());
            let name = |component: ComponentId| names::component(run.network, &component);
            let users = some(subnets.iter().cloned().map(ComponentId::Subnet).map(name));
            let text = rule::route(run.network, route);
            let fault = Fault {
                name: format!("{id} {}", rule::index(RuleIndex::Route(index))),
                severity: Severity::Medium,
                sentence: format!(
                    "{users} use {}, whose {text} leads nowhere",
                    name(component.clone())
                ),
                notes: Vec::new(),
                subjects: vec![Subject {
                    component,
                    rule: Some(RuleIndex::Route(index)),
                }],
            };
            let from = vec![Origin::Interfaces(in_subnets(run.network, &subnets))];
            let place = Place::Cidrs(cidrs.into_iter().collect());
            let scope = scope(from, vec![place], 0..=u16::MAX, &[443..=443]);
            let claim = Claim::Not(Box::new(Claim::DecidedBy(Clause::RouteBlackhole)));
            let invariant = every(run.code, scope, None, claim);
            match run.counterexample(&invariant)? {
                Some((evidence, judgement)) => {
                    run.shown(fault, &invariant, evidence, Some(&judgement));
                }
                // No interface sends there now; the route waits for the first that does.
                None => run.structural(fault),
            }
        }
    }
    Ok(())
}

/// The blocks of a route whose target is gone, unless other routes take all of them.
fn taken(run: &Run<'_>, table: &RouteTable, index: usize, route: &Route) -> Option<Vec<Cidr>> {
    if route.state != RouteState::Blackhole || shadow(run.network, table, index).is_some() {
        return None;
    }
    match route.destination.known()? {
        RouteDestination::Cidr(cidr) => Some(vec![*cidr]),
        RouteDestination::PrefixList(id) => match &run.network.prefix_lists().get(id)?.entries {
            Value::Known(entries) => Some(entries.iter().copied().collect()),
            Value::OneOf(..) | Value::Any(_) => None,
        },
    }
}
