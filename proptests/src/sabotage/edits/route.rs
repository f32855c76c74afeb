//! Bugs in the choice of routes.

use super::*;

/// Bugs written by hand.
pub(super) const EDITS: &[Bug] = &[
    packet(
        "reserved addresses are routed",
        Clause::RouteReservedRange,
        |packet| moved(packet, "169.254.168.0/22", "169.254.172.9"),
    ),
    network(
        "the first matching route is taken",
        Clause::LongestPrefixMatch,
        |draft| {
            for table in &mut draft.route_tables {
                let routes = std::mem::take(&mut table.routes);
                for route in routes {
                    let hidden = table.routes.iter().any(|earlier| inside(&route, earlier));
                    if !hidden || route.target.known() == Some(&Target::Local) {
                        table.routes.push(route);
                    }
                }
            }
        },
    ),
    network(
        "the default route is ignored",
        Clause::LongestPrefixMatch,
        |draft| {
            each_table(draft, |route| {
                block(route).is_none_or(|cidr| cidr.prefix_len() > 0)
            });
        },
    ),
    network(
        "routes to prefix lists are ignored",
        Clause::LongestPrefixMatch,
        |draft| {
            each_table(draft, |route| {
                !matches!(
                    route.destination,
                    Value::Known(RouteDestination::PrefixList(_))
                )
            });
        },
    ),
    network("propagated beats static", Clause::RouteTieBreak, |draft| {
        for table in &mut draft.route_tables {
            let propagated: Vec<_> = table
                .routes
                .iter()
                .filter(|route| route.origin == RouteOrigin::Propagated)
                .map(|route| route.destination.clone())
                .collect();
            table.routes.retain(|route| {
                route.origin == RouteOrigin::Propagated
                    || route.target.known() == Some(&Target::Local)
                    || !propagated.contains(&route.destination)
            });
        }
    }),
    network(
        "prefix lists beat static blocks",
        Clause::RouteTieBreak,
        |draft| {
            let lists = draft.prefix_lists.clone();
            for table in &mut draft.route_tables {
                let routed: Vec<_> = table
                    .routes
                    .iter()
                    .filter_map(|route| match route.destination.known() {
                        Some(RouteDestination::PrefixList(id)) => {
                            lists.iter().find(|list| list.id == *id)
                        }
                        Some(RouteDestination::Cidr(_)) | None => None,
                    })
                    .filter_map(|list| list.entries.known())
                    .flatten()
                    .copied()
                    .collect();
                table.routes.retain(|route| {
                    route.origin == RouteOrigin::Propagated
                        || route.target.known() == Some(&Target::Local)
                        || block(route).is_none_or(|cidr| !routed.contains(&cidr))
                });
            }
        },
    ),
    network(
        "propagated routes count inside of the VPC",
        Clause::PropagatedInsideVpc,
        |draft| {
            for table in &mut draft.route_tables {
                let statics: Vec<_> = table
                    .routes
                    .iter()
                    .filter(|route| route.origin == RouteOrigin::Static)
                    .map(|route| route.destination.clone())
                    .collect();
                let mut changed = Vec::new();
                for route in &mut table.routes {
                    if route.origin == RouteOrigin::Propagated
                        && !statics.contains(&route.destination)
                        && !changed.contains(&route.destination)
                    {
                        route.origin = RouteOrigin::Static;
                        changed.push(route.destination.clone());
                    }
                }
            }
        },
    ),
    network(
        "of two propagated routes the first is taken",
        Clause::RouteAmbiguous,
        |draft| {
            for table in &mut draft.route_tables {
                let mut seen = Vec::new();
                table.routes.retain(|route| {
                    let first = !seen.contains(&route.destination);
                    if route.origin == RouteOrigin::Propagated {
                        seen.push(route.destination.clone());
                    }
                    first || route.origin == RouteOrigin::Static
                });
            }
        },
    ),
    network(
        "routes inside of the VPC are ignored",
        Clause::RouteInsideVpc,
        |draft| {
            let vpcs = draft.vpcs.clone();
            for table in &mut draft.route_tables {
                let vpc = vpcs.iter().find(|vpc| vpc.id == table.vpc);
                let own = vpc.map(|vpc| vpc.cidrs.clone()).unwrap_or_default();
                table.routes.retain(|route| {
                    let within = |cidr: Cidr| {
                        own.iter().any(|own| {
                            own.prefix_len() <= cidr.prefix_len() && pool::overlap(*own, cidr)
                        })
                    };
                    route.target.known() == Some(&Target::Local)
                        || !block(route).is_some_and(within)
                });
            }
        },
    ),
    network(
        "lists with unknown entries take nothing",
        Clause::PrefixListEntriesUnknown,
        |draft| {
            let open: Vec<_> = draft
                .prefix_lists
                .iter()
                .filter(|list| list.entries.known().is_none())
                .map(|list| Value::Known(RouteDestination::PrefixList(list.id.clone())))
                .collect();
            each_table(draft, |route| !open.contains(&route.destination));
        },
    ),
    network(
        "an unknown table is taken for the main one",
        Clause::RouteUnknown,
        |draft| {
            for subnet in &mut draft.subnets {
                if let Some(Value::Any(_)) = subnet.route_table {
                    subnet.route_table = None;
                }
            }
        },
    ),
    network(
        "routes with unknown destinations take nothing",
        Clause::RouteUnknown,
        |draft| {
            each_table(draft, |route| route.destination.known().is_some());
        },
    ),
    network(
        "of several possible targets the first is taken",
        Clause::RouteUnknown,
        |draft| {
            for table in &mut draft.route_tables {
                table
                    .routes
                    .iter_mut()
                    .for_each(|route| first(&mut route.target));
            }
        },
    ),
    network("a blackhole is skipped", Clause::RouteBlackhole, |draft| {
        each_table(draft, |route| route.state == RouteState::Active);
    }),
    network("a blackhole is not seen", Clause::RouteBlackhole, |draft| {
        for table in &mut draft.route_tables {
            table
                .routes
                .iter_mut()
                .for_each(|route| route.state = RouteState::Active);
        }
    }),
    network(
        "what is not modelled drops",
        Clause::TargetUnmodelled,
        |draft| {
            for table in &mut draft.route_tables {
                for route in &mut table.routes {
                    if let Some(Target::Unmodelled { .. }) = route.target.known() {
                        route.state = RouteState::Blackhole;
                    }
                }
            }
        },
    ),
];
