//! Classes: cells of one change, put together to as few products of senders, destinations and
//! traffic as come out of one pass, each cell in exactly one of them.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, Flow, Hole, OnPremisesGateway};

use crate::address::{above, before};
use crate::difference::{FlowClass, Senders};
use crate::difference_cells::{Joint, Key, Row, Unit, readability};
use crate::extents::Range;
use crate::region::{Region, are_holding, joined};

/// What was found so far.
#[derive(Default)]
pub(crate) struct Classes {
    pub(crate) open_in_both: BTreeSet<Hole>,
    inside: BTreeMap<(Key, Region), Vec<Inside>>,
    outside: BTreeMap<(Key, Region, Option<OnPremisesGateway>), Vec<Outside>>,
}

/// Interfaces that send to the same destinations.
struct Inside {
    from: BTreeSet<Unit>,
    to: Vec<Range>,
    flows: Vec<Flow>,
}

/// Hosts outside that send to a destination.
struct Outside {
    from: Vec<Range>,
    to: Vec<Range>,
    flows: Vec<Flow>,
}

impl Classes {
    /// Takes what was found for some interfaces.
    pub(crate) fn inside(&mut self, units: &[Unit], rows: Vec<Row>) {
        let mut found: BTreeMap<(Key, Region), (Vec<Range>, Vec<Flow>)> = BTreeMap::new();
        for row in rows {
            for (key, of) in row.found {
                let (to, flows) = found.entry((key, Region::new(&of.traffic))).or_default();
                to.extend(&row.to);
                flows.push(of.flow);
            }
        }
        for (key, (to, flows)) in found {
            self.inside.entry(key).or_default().push(Inside {
                from: units.iter().cloned().collect(),
                to: joined(to),
                flows,
            });
        }
    }

    /// Takes what was found for hosts outside.
    pub(crate) fn outside(&mut self, by: Option<&OnPremisesGateway>, rows: Vec<Row>) {
        for row in rows {
            for (key, of) in row.found {
                let key = (key, Region::new(&of.traffic), by.cloned());
                self.outside.entry(key).or_default().push(Outside {
                    from: row.from.clone(),
                    to: row.to.clone(),
                    flows: vec![of.flow],
                });
            }
        }
    }

    /// The classes, in order.
    pub(crate) fn merged(self, joint: &Joint<'_>) -> Vec<FlowClass> {
        let mut classes = Vec::new();
        for ((key, region), found) in self.inside {
            for inside in merged_inside(found, joint) {
                classes.push(FlowClass {
                    change: key.change.clone(),
                    from: interfaces(inside.from),
                    to: inside.to,
                    traffic: region.classes(),
                    handed_on: key.handed_on.clone(),
                    marks: key.marks.clone(),
                    flows: sorted(inside.flows),
                });
            }
        }
        for ((key, region, by), found) in self.outside {
            for outside in merged_outside(found) {
                classes.push(FlowClass {
                    change: key.change.clone(),
                    from: match &by {
                        None => Senders::Internet(outside.from),
                        Some(gateway) => Senders::OnPremises(gateway.clone(), outside.from),
                    },
                    to: outside.to,
                    traffic: region.classes(),
                    handed_on: key.handed_on.clone(),
                    marks: key.marks.clone(),
                    flows: sorted(outside.flows),
                });
            }
        }
        classes.sort_by(|one, other| {
            let key = |class: &FlowClass| {
                let place = (class.from.clone(), class.to.clone());
                (class.change.kind(), place, class.handed_on.clone())
            };
            key(one)
                .cmp(&key(other))
                .then_with(|| one.change.cmp(&other.change))
        });
        classes
    }
}

fn sorted(mut flows: Vec<Flow>) -> Vec<Flow> {
    flows.sort_by_cached_key(|flow| (readability(flow), flow.clone()));
    flows.dedup();
    flows
}

fn interfaces(units: BTreeSet<Unit>) -> Senders {
    let mut interfaces: BTreeMap<_, BTreeSet<Address>> = BTreeMap::new();
    for unit in units {
        interfaces.entry(unit.id).or_default().insert(unit.source);
    }
    Senders::Interfaces(interfaces)
}

/// Cuts destinations wherever the senders to them change, and puts those together that have the
/// same senders.
fn merged_inside(found: Vec<Inside>, joint: &Joint<'_>) -> Vec<Inside> {
    let ranges = || found.iter().flat_map(|inside| &inside.to);
    let behind = ranges().filter_map(|(_, end)| above(*end, 1));
    let starts: BTreeSet<Address> = ranges().map(|(first, _)| *first).chain(behind).collect();
    let starts: Vec<Address> = starts.into_iter().collect();
    let mut senders: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); starts.len()];
    for (position, inside) in found.iter().enumerate() {
        for (first, end) in &inside.to {
            let from = starts.partition_point(|start| start < first);
            let to = starts.partition_point(|start| start <= end);
            for senders in senders.get_mut(from..to).into_iter().flatten() {
                senders.insert(position);
            }
        }
    }
    let mut by_senders: BTreeMap<BTreeSet<usize>, Vec<Range>> = BTreeMap::new();
    for (position, (start, senders)) in starts.iter().zip(senders).enumerate() {
        let next = starts.get(position + 1).and_then(|next| before(*next));
        let next = next.filter(|last| last.family() == start.family());
        // Behind the last address of a family nothing begins.
        let last = next.unwrap_or_else(|| Address::from_bits(start.family(), u128::MAX));
        if !senders.is_empty() {
            by_senders.entry(senders).or_default().push((*start, last));
        }
    }
    let mut merged: Vec<Inside> = Vec::new();
    for (senders, to) in by_senders {
        let mut inside = Inside {
            from: BTreeSet::new(),
            to: joined(to),
            flows: Vec::new(),
        };
        for one in senders.iter().filter_map(|position| found.get(*position)) {
            inside.from.extend(one.from.iter().cloned());
            let flows = one.flows.iter();
            let flows = flows.filter(|flow| are_holding(&inside.to, flow.packet.destination()));
            inside.flows.extend(flows.cloned());
        }
        take_in(&mut merged, inside, joint);
    }
    merged
}

/// Adds destinations to those of the same senders. Nobody sends to himself, so that senders may be
/// taken for the same where one lacks only to his own addresses.
fn take_in(merged: &mut Vec<Inside>, inside: Inside, joint: &Joint<'_>) {
    let lacks_none = |one: &Inside, other: &Inside| {
        let mut lacking = other.from.difference(&one.from);
        lacking.all(|unit| are_own(&one.to, &joint.own(&unit.id)))
    };
    let mut same = merged.iter_mut();
    match same.find(|one| lacks_none(one, &inside) && lacks_none(&inside, one)) {
        Some(one) => {
            one.from.extend(inside.from);
            one.to.extend(inside.to);
            one.to = joined(std::mem::take(&mut one.to));
            one.flows.extend(inside.flows);
        }
        None => merged.push(inside),
    }
}

/// Whether all of the ranges' addresses are among an interface's own.
fn are_own(ranges: &[Range], own: &BTreeSet<Address>) -> bool {
    let within = |(first, end): &Range| own.range(*first..=*end).count();
    let size = |(first, end): &Range| end.bits() - first.bits();
    let are_all = |range: &Range| within(range) as u128 == size(range).saturating_add(1);
    ranges.iter().all(are_all)
}

/// Puts destinations together that have the same senders.
fn merged_outside(found: Vec<Outside>) -> Vec<Outside> {
    let mut by_destination: BTreeMap<Vec<Range>, (Vec<Range>, Vec<Flow>)> = BTreeMap::new();
    for outside in found {
        let (from, flows) = by_destination.entry(joined(outside.to)).or_default();
        from.extend(outside.from);
        flows.extend(outside.flows);
    }
    let mut by_senders: BTreeMap<Vec<Range>, (Vec<Range>, Vec<Flow>)> = BTreeMap::new();
    for (to, (from, more)) in by_destination {
        let (all, flows) = by_senders.entry(joined(from)).or_default();
        all.extend(to);
        flows.extend(more);
    }
    let merged = by_senders.into_iter().map(|(from, (to, flows))| Outside {
        from,
        to: joined(to),
        flows,
    });
    merged.collect()
}
