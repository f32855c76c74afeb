//! Network interfaces: their groups while these change, and those that are created or deleted.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AddressValue, Attachment, Cidr, Family, Hole, NetworkDraft, NetworkInterface,
    NetworkInterfaceId, SecurityGroupId, SubnetId, Tags, Value, VpcId,
};

use super::pairs::{Pair, pairs};
use super::resource::hole;
use super::{Matters, Merge};
use crate::cidr;
use crate::provenance::Kind;

/// What AWS keeps of a subnet's block of IPv4 for itself.
const KEPT: u128 = 5;

/// Lets nothing pass for certain at the interfaces that may be missing.
pub(super) fn may_be_missing(
    draft: &mut NetworkDraft,
    passing: &BTreeMap<NetworkInterfaceId, Hole>,
) {
    for interface in &mut draft.network_interfaces {
        let Some(hole) = passing.get(&interface.id) else {
            continue;
        };
        let none = BTreeSet::new();
        interface.groups = match &interface.groups {
            Value::Known(groups) if *groups != none => {
                Value::OneOf(vec![none, groups.clone()], hole.clone())
            }
            Value::OneOf(sets, _) => {
                let mut sets = sets.clone();
                if !sets.contains(&none) {
                    sets.insert(0, none);
                }
                Value::OneOf(sets, hole.clone())
            }
            Value::Known(_) | Value::Any(_) => Value::Any(hole.clone()),
        };
    }
}

impl Merge<'_> {
    pub(super) fn network_interfaces(&mut self) {
        let [before, after] = self.networks();
        for (id, pair) in pairs(before.network_interfaces(), after.network_interfaces()) {
            let hole = self.hole_of(pair.latest());
            match pair {
                Pair::Both(one, other) if plain(one) != plain(other) => {
                    self.give_up(hole, Matters::Always);
                }
                Pair::Both(..) => {}
                Pair::Before(_) | Pair::After(_) => {
                    self.passing.insert(id.clone(), hole);
                }
            }
            let interface = NetworkInterface {
                groups: self.groups(pair),
                ..pair.latest().clone()
            };
            self.draft.network_interfaces.push(interface);
        }
        self.public_addresses();
        self.free_addresses();
    }

    /// What makes an interface, by name: the resource that owns it when it has none of its own.
    fn hole_of(&self, interface: &NetworkInterface) -> Hole {
        let id = interface.id.as_str();
        match id.strip_suffix("#eni") {
            Some(owner) => hole([owner]),
            None => self.names.hole(Kind::NetworkInterface, id),
        }
    }

    /// The sets of groups, each with and without the rules that change.
    fn groups(&self, pair: Pair<'_, NetworkInterface>) -> Value<BTreeSet<SecurityGroupId>> {
        let mut sets: Vec<&BTreeSet<SecurityGroupId>> = Vec::new();
        let mut hole_before = None;
        for interface in pair.all() {
            match &interface.groups {
                Value::Known(set) => sets.push(set),
                Value::OneOf(several, hole) => {
                    sets.extend(several);
                    hole_before = Some(hole.clone());
                }
                open @ Value::Any(_) => return open.clone(),
            }
        }
        let mut names = BTreeSet::new();
        if let Pair::Both(one, other) = pair
            && one.groups != other.groups
        {
            let id = one.id.as_str();
            let owner = id.strip_suffix("#eni");
            names.insert(owner.map_or_else(
                || self.names.component(Kind::NetworkInterface, id),
                str::to_owned,
            ));
        }
        let mut all: Vec<BTreeSet<SecurityGroupId>> = Vec::new();
        let mut add = |set: BTreeSet<SecurityGroupId>| {
            if !all.contains(&set) {
                all.push(set);
            }
        };
        for set in sets {
            let changing = set.iter().filter_map(|id| self.changing_groups.get(id));
            let mut widest = set.clone();
            for (group, changing) in changing {
                widest.insert(group.clone());
                names.extend(changing.iter().cloned());
            }
            add(set.clone());
            add(widest);
        }
        match (all.as_slice(), hole_before) {
            ([one], _) => Value::Known(one.clone()),
            (_, Some(hole)) if names.is_empty() => Value::OneOf(all, hole),
            (_, _) => Value::OneOf(all, hole(names)),
        }
    }

    /// An interface or instance that is created has another public address, or none, until its Elastic IP is there; one
    /// that is deleted, from when it goes.
    fn public_addresses(&mut self) {
        let changed = self.names.changes(|of| of == "aws_eip");
        let changed: BTreeSet<&str> = changed.map(|change| change.address.as_str()).collect();
        if changed.is_empty() {
            return;
        }
        let elastic = hole(changed);
        let everywhere = cidr::everywhere(Family::V4);
        for interface in &mut self.draft.network_interfaces {
            let is_ordinary = matches!(interface.attachment, Attachment::Ordinary { .. });
            if !is_ordinary || !self.passing.contains_key(&interface.id) {
                continue;
            }
            for address in &mut interface.addresses {
                let Some(public) = &mut address.public else {
                    continue;
                };
                self.bare.insert(interface.id.clone(), elastic.clone());
                if let (AddressValue::Known(_), Some(block)) = (&*public, everywhere) {
                    *public = AddressValue::Within(block, elastic.clone());
                }
            }
        }
    }

    /// An address of an interface that may be missing is free for others then.
    fn free_addresses(&mut self) {
        let vpcs: BTreeMap<SubnetId, VpcId> = self
            .draft
            .subnets
            .iter()
            .map(|subnet| (subnet.id.clone(), subnet.vpc.clone()))
            .collect();
        let mut open: Vec<(Option<VpcId>, Cidr)> = Vec::new();
        for interface in &self.draft.network_interfaces {
            for address in &interface.addresses {
                if let AddressValue::Within(block, _) = &address.private {
                    open.push((vpcs.get(&interface.subnet).cloned(), *block));
                }
                if let Some(AddressValue::Within(block, _)) = &address.public {
                    open.push((None, *block));
                }
            }
        }
        let mut crowded = BTreeSet::new();
        for interface in &mut self.draft.network_interfaces {
            let Some(hole) = self.passing.get(&interface.id) else {
                continue;
            };
            for address in &mut interface.addresses {
                let vpc = vpcs.get(&interface.subnet).cloned();
                if loosen(&mut address.private, &vpc, &open, hole) {
                    crowded.insert(interface.subnet.clone());
                }
                if let Some(public) = &mut address.public {
                    loosen(public, &None, &open, hole);
                }
            }
        }
        self.crowded(&crowded);
    }

    /// Gives up subnets in which what is old and what is new do not find room together.
    fn crowded(&mut self, subnets: &BTreeSet<SubnetId>) {
        let mut full = Vec::new();
        for subnet in self
            .draft
            .subnets
            .iter()
            .filter(|subnet| subnets.contains(&subnet.id))
        {
            let inside = self.draft.network_interfaces.iter();
            let inside = inside.filter(|interface| interface.subnet == subnet.id);
            let n_addresses = inside
                .map(|interface| interface.addresses.len())
                .sum::<usize>();
            let of_ipv4 = |cidr: &&Cidr| cidr.family() == Family::V4;
            let room = subnet.cidrs.iter().find(of_ipv4).map_or(u128::MAX, |cidr| {
                let host_bits = u32::from(cidr.family().width().saturating_sub(cidr.prefix_len()));
                1_u128
                    .checked_shl(host_bits)
                    .unwrap_or(u128::MAX)
                    .saturating_sub(KEPT)
            });
            if n_addresses as u128 > room {
                full.push(self.names.hole(Kind::Subnet, subnet.id.as_str()));
            }
        }
        for hole in full {
            self.give_up(hole, Matters::Always);
        }
    }
}

/// Opens a known address that an open one may have while its interface is missing.
fn loosen(
    value: &mut AddressValue,
    vpc: &Option<VpcId>,
    open: &[(Option<VpcId>, Cidr)],
    hole: &Hole,
) -> bool {
    let AddressValue::Known(address) = value else {
        return false;
    };
    let mut blocks = open.iter().filter(|(of, _)| of == vpc);
    let found = blocks.find(|(_, block)| cidr::covers(*block, Cidr::host(*address)));
    let Some((_, block)) = found else {
        return false;
    };
    *value = AddressValue::Within(*block, hole.clone());
    true
}

/// An interface without what is merged and without its labels.
fn plain(interface: &NetworkInterface) -> NetworkInterface {
    NetworkInterface {
        groups: Value::Known(BTreeSet::new()),
        tags: Tags::new(),
        ..interface.clone()
    }
}
