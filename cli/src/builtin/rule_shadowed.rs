//! `rule-shadowed`: an entry of an ACL, or a route, that takes no packet.
//!
//! This needs no engine: it is decided exactly by subtracting blocks, ports and types.

use std::collections::BTreeSet;

use model::{
    AclAction, AclEntry, Cidr, ComponentId, Network, NetworkAcl, Route, RouteDestination,
    RouteOrigin, RouteTable, RuleIndex, Target, Value,
};

use super::{Fault, Run};
use crate::blocks;
use crate::boxes;
use crate::invariant_file::Severity;
use crate::judge::{Disagreement, Reason};
use crate::render::{names, rule};
use crate::report::Subject;

/// Into how many pieces an entry or a block may fall.
const MOST_PIECES: usize = 4096;

pub(super) fn run(run: &mut Run<'_>) -> Result<(), Disagreement> {
    let network = run.network;
    for acl in network.network_acls().values() {
        for entry in &acl.ingress {
            let index = RuleIndex::IngressEntry(entry.number);
            entry_of(run, acl, &acl.ingress, entry, index);
        }
        for entry in &acl.egress {
            let index = RuleIndex::EgressEntry(entry.number);
            entry_of(run, acl, &acl.egress, entry, index);
        }
    }
    for table in network.route_tables().values() {
        for index in 0..table.routes.len() {
            if let Some(by) = shadow(network, table, index) {
                route_of(run, table, index, &by);
            }
        }
    }
    Ok(())
}

fn entry_of(
    run: &mut Run<'_>,
    acl: &NetworkAcl,
    entries: &[AclEntry],
    entry: &AclEntry,
    index: RuleIndex,
) {
    let mut earlier: Vec<&AclEntry> = entries
        .iter()
        .filter(|other| other.number < entry.number)
        .collect();
    earlier.sort_by_key(|other| other.number);
    let covers: Vec<boxes::Region> = earlier.iter().map(|one| boxes::region(one)).collect();
    let shadowed = match boxes::is_covered(&boxes::region(entry), &covers, MOST_PIECES) {
        Some(shadowed) => shadowed,
        None => {
            let limit = format!("{MOST_PIECES} pieces of an entry of {}", acl.id);
            run.reasons.insert(Reason::OutOfBudget(limit));
            return;
        }
    };
    if !shadowed {
        return;
    }
    let before: Vec<&AclEntry> = earlier
        .into_iter()
        .filter(|other| boxes::meet(&boxes::region(other), &boxes::region(entry)))
        .collect();
    let opposite = before.iter().any(|other| other.action != entry.action);
    let numbers: Vec<String> = before
        .iter()
        .map(|other| other.number.to_string())
        .collect();
    let component = ComponentId::NetworkAcl(acl.id.clone());
    let shown = names::component(run.network, &component);
    let harm = match (opposite, entry.action) {
        (false, _) => "it only repeats",
        (true, AclAction::Deny) => "what it denies is allowed",
        (true, AclAction::Allow) => "what it allows is denied",
    };
    run.structural(Fault {
        name: format!("{} {}", acl.id, rule::index(index)),
        severity: if opposite {
            Severity::Medium
        } else {
            Severity::Low
        },
        sentence: format!("{} of {shown} takes no packet", rule::index(index)),
        notes: vec![format!(
            "{} decided before all that it matches; {harm}",
            entries_told(&numbers)
        )],
        subjects: vec![Subject {
            component,
            rule: Some(index),
        }],
    });
}

fn entries_told(numbers: &[String]) -> String {
    match numbers {
        [one] => format!("entry {one}"),
        several => format!("entries {}", several.join(", ")),
    }
}

fn route_of(run: &mut Run<'_>, table: &RouteTable, index: usize, by: &BTreeSet<usize>) {
    let component = ComponentId::RouteTable(table.id.clone());
    let shown = names::component(run.network, &component);
    let Some(route) = table.routes.get(index) else {
        return;
    };
    let others: Vec<String> = by
        .iter()
        .filter_map(|other| table.routes.get(*other))
        .map(|other| rule::route(run.network, other))
        .collect();
    run.structural(Fault {
        name: format!("{} {}", table.id, rule::index(RuleIndex::Route(index))),
        severity: Severity::Low,
        sentence: format!(
            "{shown}: {} takes no packet",
            rule::route(run.network, route)
        ),
        notes: vec![format!(
            "it is taken over by {}",
            super::question::some(others)
        )],
        subjects: vec![Subject {
            component,
            rule: Some(RuleIndex::Route(index)),
        }],
    });
}

/// The routes that together take every packet of a route, if they do and if that is certain.
pub(super) fn shadow(
    network: &Network,
    table: &RouteTable,
    index: usize,
) -> Option<BTreeSet<usize>> {
    let route = table.routes.get(index)?;
    if route.target.known() == Some(&Target::Local) {
        return None;
    }
    let own = blocks_of(network, route)?;
    if own.is_empty() {
        return None;
    }
    let of_vpc = network
        .vpcs()
        .get(&table.vpc)
        .map_or(&[][..], |vpc| &vpc.cidrs);
    let mut by = BTreeSet::new();
    for cidr in own {
        let mut stronger = Vec::new();
        for (other, candidate) in table.routes.iter().enumerate() {
            for block in blocks_of(network, candidate).unwrap_or_default() {
                let takes = other != index
                    && blocks::overlap(cidr, block)
                    && is_stronger(candidate, block, route, cidr, of_vpc);
                if takes {
                    stronger.push(block);
                    by.insert(other);
                }
            }
        }
        if !blocks::without(cidr, &stronger, MOST_PIECES)?.is_empty() {
            return None;
        }
    }
    Some(by)
}

/// Whether a route's block takes all packets that it shares with another's (`longest-prefix-match`,
/// `route-tie-break`, `propagated-inside-vpc`).
fn is_stronger(route: &Route, block: Cidr, other: &Route, cidr: Cidr, of_vpc: &[Cidr]) -> bool {
    if route.target.known() == Some(&Target::Local) && other.origin == RouteOrigin::Propagated {
        return true;
    }
    let inside = of_vpc.iter().any(|of| blocks::overlap(*of, block));
    if route.origin == RouteOrigin::Propagated && inside {
        return false;
    }
    let rank = |route: &Route| match (&route.destination, route.origin) {
        (_, RouteOrigin::Propagated) => 0,
        (Value::Known(RouteDestination::PrefixList(_)), RouteOrigin::Static) => 1,
        (_, RouteOrigin::Static) => 2,
    };
    (block.prefix_len(), rank(route)) > (cidr.prefix_len(), rank(other))
}

fn blocks_of(network: &Network, route: &Route) -> Option<Vec<Cidr>> {
    match route.destination.known()? {
        RouteDestination::Cidr(cidr) => Some(vec![*cidr]),
        RouteDestination::PrefixList(id) => {
            let entries = network.prefix_lists().get(id)?.entries.known()?;
            Some(entries.iter().copied().collect())
        }
    }
}
