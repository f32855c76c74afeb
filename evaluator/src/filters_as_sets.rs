//! Filters and tables of a network as sets of packets, made of what they were compiled to.

use std::collections::BTreeSet;

use model::{Address, Family, NetworkAclId, NetworkInterfaceId, PrefixListId, RouteTableId};

use crate::Evaluator;
use crate::address::{FAMILIES, above};
use crate::compiled::Open;
use crate::filter_sets::FilterSets;
use crate::index::Holes;
use crate::network_acl::Side;
use crate::packet_set::{Field, Interval, PacketBox, PacketSet, PacketSets, family_number};
use crate::prefix_list::PrefixList;
use crate::security_group::Came;

/// Whether packets come in or go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the subnet, or to the interface.
    Inbound,
    /// From it.
    Outbound,
}

impl Direction {
    const fn side(self) -> Side {
        match self {
            Direction::Inbound => Side::In,
            Direction::Outbound => Side::Out,
        }
    }

    /// The address that is asked for.
    const fn far(self) -> Field {
        match self {
            Direction::Inbound => Field::Source,
            Direction::Outbound => Field::Destination,
        }
    }
}

impl Evaluator {
    /// The packets that a network ACL lets pass; `None` when there is no such ACL.
    pub fn network_acl_set(
        &self,
        sets: &mut PacketSets,
        id: &NetworkAclId,
        direction: Direction,
    ) -> Option<PacketSet> {
        let index = self.compiled.names.network_acls.find(id)?;
        let entries = self.compiled.network_acls[index].entries(direction.side());
        let lines = entries.iter().map(|entry| {
            let far = match direction {
                Direction::Inbound => PacketBox::ALL.from(entry.cidr),
                Direction::Outbound => PacketBox::ALL.to(entry.cidr),
            };
            (far.rule_traffic(&entry.traffic), entry.allows)
        });
        Some(sets.first_match(&lines.collect::<Vec<_>>()))
    }

    /// The packets that the groups of an interface let pass between it and peers of its own VPC; of others
    /// less, since rules with groups may not hold for them. `None` when there is no such interface, or it is
    /// open what its groups admit.
    pub fn groups_set(
        &self,
        sets: &mut PacketSets,
        id: &NetworkInterfaceId,
        direction: Direction,
    ) -> Option<PacketSet> {
        let network = &self.compiled;
        let index = network.names.interfaces.find(id)?;
        let Open::Known(set) = network.interfaces[index].groups else {
            return None;
        };
        let came = match direction {
            Direction::Inbound => Some(Came::Inside),
            Direction::Outbound => None,
        };
        let rules = network.group_sets[set].rules(came);
        let mut known = FilterSets::new(std::mem::take(sets));
        let by_family = FAMILIES.map(|family| {
            let members = rules.members().filter(|member| member.family() == family);
            let members = members.flat_map(|member| [Some(member), above(member, 1)]);
            let starts: BTreeSet<_> = rules.starts(family).chain(members.flatten()).collect();
            let starts = starts.into_iter();
            let admitted = starts.map(|peer| Some((peer, known.groups(network, set, peer, came)?)));
            admitted.collect::<Option<Vec<_>>>()
        });
        *sets = known.sets;
        let [v4, v6] = by_family;
        Some(sets.by_address(direction.far(), [v4?, v6?]))
    }

    /// The packets to an address of a prefix list; `None` when there is no such list, or its entries are
    /// not known.
    pub fn prefix_list_set(&self, sets: &mut PacketSets, id: &PrefixListId) -> Option<PacketSet> {
        let list = self.network.prefix_lists().get(id)?;
        let list = PrefixList::new(list, &mut Holes::new());
        let blocks = list.entries.ok()?;
        let boxes: Vec<_> = blocks
            .into_iter()
            .map(|block| PacketBox::ALL.to(block))
            .collect();
        Some(sets.of_boxes(&boxes))
    }

    /// For each route that is chosen for some destination, by its position in the table, the packets to
    /// those destinations.
    pub fn route_sets(&self, sets: &mut PacketSets, id: &RouteTableId) -> Vec<(usize, PacketSet)> {
        let Some(index) = self.compiled.names.route_tables.find(id) else {
            return Vec::new();
        };
        let table = &self.compiled.route_tables[index];
        let chosen = FAMILIES.map(|family| table.chosen(family).collect::<Vec<_>>());
        let routes: BTreeSet<u32> = chosen
            .iter()
            .flatten()
            .filter_map(|(_, rule)| *rule)
            .collect();
        let of_route = |route: u32| {
            let [v4, v6] = chosen.each_ref().map(|starts| {
                let is_chosen = starts.iter().map(|(start, rule)| {
                    let is_so = *rule == Some(route);
                    (
                        *start,
                        if is_so {
                            PacketSet::ALL
                        } else {
                            PacketSet::EMPTY
                        },
                    )
                });
                is_chosen.collect::<Vec<_>>()
            });
            (
                route as usize,
                sets.by_address(Field::Destination, [v4, v6]),
            )
        };
        routes.into_iter().map(of_route).collect()
    }
}

impl PacketSets {
    /// What is asked behind an address of either family, by the first of each interval.
    fn by_address(&mut self, field: Field, families: [Vec<(Address, PacketSet)>; 2]) -> PacketSet {
        let [v4, v6] = families.map(|starts| {
            let starts = starts.into_iter();
            let intervals = starts.map(|(start, next)| Interval {
                start: start.bits(),
                next,
            });
            self.by_field(field, intervals)
        });
        let families = [(Family::V4, v4), (Family::V6, v6)];
        let families = families.map(|(family, next)| Interval {
            start: family_number(family),
            next,
        });
        self.by_field(Field::Family, families)
    }
}
