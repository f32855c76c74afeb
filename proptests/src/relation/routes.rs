//! Laws of route tables.

use model::{
    Cidr, Engine, Network, PrefixList, Route, RouteDestination, RouteOrigin, RouteState,
    RouteTable, Target, Value,
};

use super::{Case, Checked, changed, compare, same};
use crate::pool;

/// The blocks of a table's routes but one; `None` when some are not known.
fn other_blocks(network: &Network, table: &RouteTable, but: usize) -> Option<Vec<Cidr>> {
    let mut blocks = Vec::new();
    for (position, route) in table.routes.iter().enumerate() {
        match route.destination.known()? {
            RouteDestination::Cidr(cidr) if position != but => blocks.push(*cidr),
            RouteDestination::Cidr(_) => {}
            RouteDestination::PrefixList(id) => {
                let list: &PrefixList = network.prefix_lists().get(id)?;
                blocks.extend(list.entries.known()?);
            }
        }
    }
    Some(blocks)
}

/// `D(n, f) = D(n with a route's block as its two halves, f)`, when no other route of the table is for
/// the block itself or for a half, and all destinations are known: the halves are longer than the
/// whole, so a losing twin would win over it, and an open route's length would compare otherwise.
pub fn a_route_split_in_halves_changes_nothing<E: Engine>(case: &Case) -> Checked {
    let network = &case.world.network;
    let mut checked = Checked::default();
    for table in network.route_tables().values() {
        for (position, route) in table.routes.iter().enumerate() {
            let Some(RouteDestination::Cidr(block)) = route.destination.known() else {
                continue;
            };
            let (Some(halves), Some(others)) =
                (pool::halves(*block), other_blocks(network, table, position))
            else {
                continue;
            };
            let clash = |other: &Cidr| other == block || halves.contains(other);
            if route.target.known() == Some(&Target::Local) || others.iter().any(clash) {
                continue;
            }
            let after = changed(network, |draft| {
                let mut tables = draft.route_tables.iter_mut();
                if let Some(table) = tables.find(|one| one.id == table.id) {
                    let whole = table.routes.remove(position);
                    table.routes.extend(halves.map(|half| Route {
                        destination: Value::Known(RouteDestination::Cidr(half)),
                        ..whole.clone()
                    }));
                }
            });
            checked = checked.and(same::<E>(network, after, &case.flows));
        }
    }
    checked
}

/// `source and destination of f ∉ block ⇒ D(n, f) = D(n + route for block, f)`, for a public block
/// that overlaps no VPC: then neither translated address is in it either; of an address of NAT64 the
/// IPv4 one is not in it. For flows that no relay hands on: a target may be in the block.
pub fn a_route_changes_only_flows_in_its_block<E: Engine>(case: &Case) -> Checked {
    let network = &case.world.network;
    let mut dice = case.dice.clone();
    let blocks = [
        "203.0.113.128/25",
        "203.0.113.0/24",
        "192.0.2.0/24",
        "203.0.113.7/32",
    ];
    let block = pool::cidr(dice.pick(&blocks).copied().unwrap_or("192.0.2.0/24"));
    let state = if dice.percent(50) {
        RouteState::Blackhole
    } else {
        RouteState::Active
    };
    let after = changed(network, |draft| {
        for table in &mut draft.route_tables {
            table.routes.push(Route {
                destination: Value::Known(RouteDestination::Cidr(block)),
                target: Value::Known(Target::Unmodelled {
                    kind: "core-network".to_owned(),
                    id: "core-new".to_owned(),
                }),
                origin: RouteOrigin::Propagated,
                state,
            });
        }
    });
    compare::<E>(network, after, &case.flows, |flow, one, other| {
        let packet = flow.packet;
        let pictured = pool::pictured(packet.destination());
        let inside = [packet.source(), packet.destination()]
            .into_iter()
            .chain(pictured)
            .any(|address| pool::holds(block, address));
        (!inside && flow.picks.is_empty()).then_some(one == other)
    })
}
