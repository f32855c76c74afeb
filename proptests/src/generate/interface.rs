//! Network interfaces and their addresses.

use std::collections::BTreeSet;

use model::{
    Address, AddressValue, Attachment, Cidr, Family, Hole, InterfaceAddress, Middlebox,
    NetworkInterface, NetworkInterfaceId, SecurityGroupId, Subnet, Tags, Value, VpcId,
};
use proptest::sample::Index;

use super::Builder;
use crate::plan::InterfacePlan;
use crate::pool::{self, choose, once_in, pick};
use crate::swarm::Feature;
use crate::weights::{GROUPS, Groups};

/// Hosts of a subnet: the first and the last that AWS assigns, and some between.
const HOSTS: [i64; 7] = [4, -2, 5, 7, 8, 11, -3];

impl Builder<'_> {
    pub(super) fn interfaces(&mut self) {
        for (position, plan) in self.plan.interfaces.iter().enumerate() {
            let Some(subnet) = pick(&plan.subnet, &self.draft.subnets).cloned() else {
                continue;
            };
            let id = NetworkInterfaceId::new(format!("i{position}"));
            let mut addresses = Vec::new();
            for (family, wanted) in [(Family::V4, true), (Family::V6, plan.ipv6.index(3) < 2)] {
                if wanted {
                    let address = self.new_address(&subnet, family, &plan.host);
                    addresses.extend(address.map(|private| InterfaceAddress {
                        private: AddressValue::Known(private),
                        public: None,
                    }));
                }
            }
            if let Some(first) = addresses.first_mut() {
                first.public = self.maybe_public(first, &plan.public);
            }
            let interface = NetworkInterface {
                groups: self.groups_of(&id, &subnet.vpc, plan),
                id,
                subnet: subnet.id,
                addresses,
                source_destination_check: !(self.has(Feature::Unchecked)
                    && once_in(&plan.check, 5)),
                middlebox: Middlebox::Unknown,
                attachment: if once_in(&plan.attachment, 25) {
                    Attachment::Other("network_load_balancer".to_owned())
                } else {
                    Attachment::Ordinary { instance: None }
                },
                tags: Tags::new(),
            };
            self.draft.network_interfaces.push(interface);
        }
        self.further_addresses();
        self.open_addresses();
    }

    fn further_addresses(&mut self) {
        for plan in &self.plan.addresses {
            let interface = pick(&plan.interface, &self.draft.network_interfaces).cloned();
            let Some(interface) = interface else { continue };
            let Some(subnet) = self.subnet_of(&interface).cloned() else {
                continue;
            };
            let v6 = self.has(Feature::Ipv6) && once_in(&plan.family, 3);
            let family = if v6 { Family::V6 } else { Family::V4 };
            let Some(private) = self.new_address(&subnet, family, &plan.host) else {
                continue;
            };
            let mut address = InterfaceAddress {
                private: AddressValue::Known(private),
                public: None,
            };
            address.public = self.maybe_public(&address, &plan.public);
            let mut interfaces = self.draft.network_interfaces.iter_mut();
            if let Some(interface) = interfaces.find(|one| one.id == interface.id) {
                interface.addresses.push(address);
            }
        }
    }

    /// An IPv4 address has a public one as often as not.
    fn maybe_public(&mut self, of: &InterfaceAddress, index: &Index) -> Option<AddressValue> {
        let v4 = matches!(of.private, AddressValue::Known(Address::V4(_)));
        let wanted = v4 && self.has(Feature::PublicAddresses) && index.index(2) == 0;
        wanted.then(|| self.public_address())
    }

    /// A free address of a subnet that AWS would assign.
    pub(super) fn new_address(
        &mut self,
        subnet: &Subnet,
        family: Family,
        host: &Index,
    ) -> Option<Address> {
        let blocks: Vec<_> = subnet
            .cidrs
            .iter()
            .filter(|cidr| cidr.family() == family)
            .collect();
        let block: Cidr = **pick(host, &blocks)?;
        let start = host.index(HOSTS.len());
        let hosts = HOSTS.iter().cycle().skip(start).take(HOSTS.len());
        let more = 12..260_i64;
        let free = hosts.copied().chain(more).map(|n| pool::offset(block, n));
        let taken = &mut self.taken;
        let mut free = free.filter(|address| {
            // A small block wraps around: its first four and its last address are not assigned.
            let n = address.bits() - block.bits();
            n >= 4 && *address != pool::last(block)
        });
        free.find(|address| taken.insert((subnet.vpc.clone(), *address)))
    }

    fn groups_of(
        &self,
        id: &NetworkInterfaceId,
        vpc: &VpcId,
        plan: &InterfacePlan,
    ) -> Value<BTreeSet<SecurityGroupId>> {
        let groups = self.draft.security_groups.iter();
        let own: Vec<_> = groups.filter(|group| group.vpc == *vpc).collect();
        let all: Vec<_> = self.draft.security_groups.iter().collect();
        // Now and then a group of another VPC: AWS associates groups with several.
        let pool = if own.is_empty() || once_in(&plan.second, 20) {
            &all
        } else {
            &own
        };
        let one = |index| -> BTreeSet<SecurityGroupId> {
            pick(index, pool)
                .map(|group| group.id.clone())
                .into_iter()
                .collect()
        };
        let (first, second) = (one(&plan.first), one(&plan.second));
        let both: BTreeSet<_> = first.union(&second).cloned().collect();
        let hole = || Hole::new(format!("groups of {id}"));
        let holes = self.has(Feature::Holes);
        match choose(&plan.groups, &GROUPS) {
            Groups::OneOf if holes && both != first => Value::OneOf(vec![first, both], hole()),
            Groups::OneOf if holes => Value::OneOf(vec![first, BTreeSet::new()], hole()),
            Groups::Any if holes => Value::Any(hole()),
            Groups::None => Value::Known(BTreeSet::new()),
            Groups::One | Groups::OneOf => Value::Known(first),
            Groups::Two | Groups::Any => Value::Known(both),
        }
    }

    /// Opens the last address of some interfaces, and some public ones.
    fn open_addresses(&mut self) {
        if !self.plan.open_addresses {
            return;
        }
        let subnets = &self.draft.subnets;
        let plans = self.plan.interfaces.iter();
        for (interface, plan) in self.draft.network_interfaces.iter_mut().zip(plans) {
            let Some(address) = interface.addresses.last_mut() else {
                continue;
            };
            let AddressValue::Known(private) = address.private else {
                continue;
            };
            let subnet = subnets.iter().find(|subnet| subnet.id == interface.subnet);
            let blocks = subnet.into_iter().flat_map(|subnet| &subnet.cidrs);
            let block = blocks
                .into_iter()
                .find(|block| pool::holds(**block, private));
            let id = &interface.id;
            if let Some(block) = block
                && plan.public.index(3) == 0
            {
                let hole = Hole::new(format!("private address of {id}"));
                let block = match plan.host.index(2) {
                    0 => *block,
                    _ => half(*block, private),
                };
                address.private = AddressValue::Within(block, hole);
            }
            if address.public.is_some() && plan.host.index(3) == 0 {
                let hole = Hole::new(format!("public address of {id}"));
                let any = pool::cidr("0.0.0.0/0");
                address.public = Some(AddressValue::Within(any, hole));
            }
        }
    }
}

/// The half of a block that holds an address of it.
fn half(block: Cidr, address: Address) -> Cidr {
    let prefix_len = block.prefix_len().saturating_add(1);
    let rest = u32::from(block.family().width().saturating_sub(prefix_len));
    let bits = address.bits() >> rest << rest;
    Cidr::new(Address::from_bits(block.family(), bits), prefix_len).unwrap_or(block)
}
