//! Route tables: a route that is not in all of the tables between which a change leads may be missing.

use std::collections::BTreeSet;

use model::{
    ComponentId, Family, Hole, PrefixList, PrefixListId, Route, RouteDestination, RouteState,
    RouteTable, RouteTableId, RuleIndex, Target, Value,
};

use super::Merge;
use super::pairs::{Pair, pairs};
use super::resource::{Side, hole};
use crate::provenance::Kind;

/// The list without an entry, to which a route leads that is not there.
const NOTHING: &str = "vpcproof#nothing";

/// A route of one of the tables between which a change leads.
#[derive(Clone, Debug)]
pub(super) struct Sighted {
    pub(super) route: Route,
    /// It is there as long as its table is the one.
    pub(super) is_steady: bool,
    /// What makes it, by name.
    pub(super) names: BTreeSet<String>,
}

impl Merge<'_> {
    pub(super) fn route_tables(&mut self) {
        let [before, after] = self.networks();
        for (id, pair) in pairs(before.route_tables(), after.route_tables()) {
            let table = pair.latest();
            let candidates = match pair {
                Pair::Before(one) => vec![
                    self.locals(one, Side::Before),
                    self.sight_routes(one, Side::Before),
                ],
                Pair::After(one) => vec![
                    self.locals(one, Side::After),
                    self.sight_routes(one, Side::After),
                ],
                Pair::Both(one, other) => {
                    vec![
                        self.sight_routes(one, Side::Before),
                        self.sight_routes(other, Side::After),
                    ]
                }
            };
            let merged = merged(&candidates);
            let routes = self.routes(&merged);
            self.tables.insert(id.clone(), merged);
            self.draft.route_tables.push(RouteTable {
                routes,
                ..table.clone()
            });
        }
    }

    /// A table that may be any of these, under an id of its own.
    pub(super) fn table_of_several(
        &mut self,
        id: RouteTableId,
        of: &RouteTable,
        several: &BTreeSet<RouteTableId>,
    ) {
        let candidates: Vec<_> = several
            .iter()
            .filter_map(|id| self.tables.get(id).cloned())
            .collect();
        let merged = merged(&candidates);
        let routes = self.routes(&merged);
        self.draft.route_tables.push(RouteTable {
            id,
            routes,
            ..of.clone()
        });
    }

    fn sight_routes(&self, table: &RouteTable, side: Side) -> Vec<Sighted> {
        let component = ComponentId::RouteTable(table.id.clone());
        let routes = table.routes.iter().enumerate();
        let sighted = routes.map(|(position, route)| {
            let address = self
                .names
                .rule(side, &component, RuleIndex::Route(position));
            // What a route leads to is in each network that has the route, and so there as long as the route is steady.
            let passes = self.names.passes(side, address);
            Sighted {
                route: self.of_idle(route),
                is_steady: is_local(route) || !passes,
                names: BTreeSet::from([address.map_or_else(
                    || self.names.component(Kind::RouteTable, table.id.as_str()),
                    str::to_owned,
                )]),
            }
        });
        sighted.collect()
    }

    /// A route to a NAT gateway that works until it is deleted leads there, or is a blackhole: what it takes
    /// is open, and no shorter route takes that.
    fn of_idle(&self, route: &Route) -> Route {
        let idle = |target: &Target| {
            let Target::NatGateway(id) = target else {
                return None;
            };
            self.idle.get(id)
        };
        let hole = match &route.target {
            Value::Known(target) => idle(target),
            Value::OneOf(targets, _) => targets.iter().find_map(idle),
            Value::Any(_) => None,
        };
        match hole {
            Some(hole) => Route {
                target: Value::Any(hole.clone()),
                state: RouteState::Active,
                ..route.clone()
            },
            None => route.clone(),
        }
    }

    /// The routes that a table has from the beginning to the end.
    fn locals(&self, table: &RouteTable, side: Side) -> Vec<Sighted> {
        let mut sighted = self.sight_routes(table, side);
        sighted.retain(|one| is_local(&one.route));
        sighted
    }

    /// The routes of a merged table, those that may be missing open.
    fn routes(&mut self, merged: &[Sighted]) -> Vec<Route> {
        let mut routes = Vec::new();
        for sighted in merged {
            let route = if sighted.is_steady {
                sighted.route.clone()
            } else {
                self.may_be_missing(&sighted.route, hole(&sighted.names))
            };
            if !routes.contains(&route) {
                routes.push(route);
            }
        }
        routes
    }

    /// The route, or one that matches nothing.
    fn may_be_missing(&mut self, route: &Route, hole: Hole) -> Route {
        let destination = match &route.destination {
            // What an open destination may take is not decided anyhow, and the rest is as without the route.
            open @ (Value::OneOf(..) | Value::Any(_)) => open.clone(),
            Value::Known(known) if self.is_open(known) => route.destination.clone(),
            Value::Known(known) => {
                self.needs_nothing();
                let nothing = RouteDestination::PrefixList(PrefixListId::new(NOTHING));
                Value::OneOf(vec![known.clone(), nothing], hole)
            }
        };
        Route {
            destination,
            state: RouteState::Active,
            ..route.clone()
        }
    }

    /// Whether a destination is a list whose entries are not known.
    fn is_open(&self, destination: &RouteDestination) -> bool {
        match destination {
            RouteDestination::Cidr(_) => false,
            RouteDestination::PrefixList(id) => {
                let lists = self.draft.prefix_lists.iter();
                let mut found = lists.filter(|list| list.id == *id);
                found.any(|list| list.entries.known().is_none())
            }
        }
    }

    fn needs_nothing(&mut self) {
        let nothing = PrefixListId::new(NOTHING);
        if !self
            .draft
            .prefix_lists
            .iter()
            .any(|list| list.id == nothing)
        {
            self.draft.prefix_lists.push(PrefixList {
                id: nothing,
                name: NOTHING.to_owned(),
                family: Family::V4,
                aws_managed: false,
                entries: Value::Known(BTreeSet::new()),
            });
        }
    }
}

fn is_local(route: &Route) -> bool {
    route.target == Value::Known(Target::Local)
}

/// The routes of all candidates; steady are those that are steady in each of them.
fn merged(candidates: &[Vec<Sighted>]) -> Vec<Sighted> {
    let mut all: Vec<Sighted> = Vec::new();
    for sighted in candidates.iter().flatten() {
        if let Some(seen) = all.iter_mut().find(|one| one.route == sighted.route) {
            seen.names.extend(sighted.names.iter().cloned());
            continue;
        }
        let of = |candidate: &Vec<Sighted>| {
            let mut same = candidate.iter().filter(|one| one.route == sighted.route);
            same.next()
                .is_some_and(|one| one.is_steady && same.all(|one| one.is_steady))
        };
        all.push(Sighted {
            is_steady: candidates.iter().all(of),
            ..sighted.clone()
        });
    }
    all
}
