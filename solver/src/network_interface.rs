//! Senders and receivers (page network_interface).
//!
//! An interface is not a variable: it is identified by its address, which no other interface of its VPC has. So
//! "the receiver carries this group" is "the destination is one of the carriers' addresses".

use std::collections::BTreeSet;

use model::{Cidr, Clause, Family, NetworkInterfaceId, SubnetId, VpcId};

use crate::encoder::{Encoder, Slots};
use crate::ranges::Ranges;
use crate::symbolic::{Formula, Number};
use crate::walk::Steps;

/// The interface that a step speaks of.
#[derive(Clone, Debug)]
pub(crate) enum Who {
    /// This one.
    Pinned {
        interface: NetworkInterfaceId,
        subnet: SubnetId,
        vpc: VpcId,
    },
    /// The one of the VPC that has this private address.
    Private { vpc: VpcId, address: Number },
    /// The one of the VPC to which this public address is mapped.
    Public { vpc: VpcId, address: Number },
    /// None in particular: whatever stands in this subnet.
    Subnet { subnet: SubnetId, vpc: VpcId },
}

impl Who {
    /// Its VPC.
    pub(crate) const fn vpc(&self) -> &VpcId {
        match self {
            Who::Pinned { vpc, .. }
            | Who::Private { vpc, .. }
            | Who::Public { vpc, .. }
            | Who::Subnet { vpc, .. } => vpc,
        }
    }

    /// A known subnet.
    pub(crate) fn standing(encoder: &Encoder, subnet: &SubnetId) -> Option<Who> {
        let found = encoder.network.subnets().get(subnet)?;
        Some(Who::Subnet {
            subnet: subnet.clone(),
            vpc: found.vpc.clone(),
        })
    }

    /// A known interface.
    pub(crate) fn pinned(encoder: &Encoder, interface: &NetworkInterfaceId) -> Option<Who> {
        let found = encoder.network.network_interfaces().get(interface)?;
        let vpc = encoder.index.vpc_of.get(interface)?;
        Some(Who::Pinned {
            interface: interface.clone(),
            subnet: found.subnet.clone(),
            vpc: vpc.clone(),
        })
    }
}

/// A set of addresses of which some may be open.
#[derive(Clone, Debug)]
pub(crate) struct AddressSet {
    known: Ranges,
    open: Vec<Number>,
}

impl AddressSet {
    /// All addresses of these interfaces.
    pub(crate) fn of<'a>(
        family: Family,
        slots: &Slots,
        interfaces: impl IntoIterator<Item = &'a NetworkInterfaceId>,
    ) -> Self {
        let mut known = Vec::new();
        let mut open = Vec::new();
        for (_, address) in interfaces
            .into_iter()
            .filter_map(|interface| slots.get(interface))
            .flatten()
        {
            match address {
                Number::Known(value, _) => known.push((*value, *value)),
                Number::Term(..) => open.push(address.clone()),
            }
        }
        Self {
            known: Ranges::new(family, known),
            open,
        }
    }

    /// Its addresses, when none of them is open.
    pub(crate) fn known(&self) -> Option<&Ranges> {
        self.open.is_empty().then_some(&self.known)
    }

    /// Whether it may hold some address of these.
    pub(crate) fn may_be_in(&self, addresses: &Ranges) -> bool {
        !self.open.is_empty() || !self.known.and(addresses).is_empty()
    }

    /// That the set holds an address.
    pub(crate) fn hold(&self, address: &Number) -> Formula {
        let open = self.open.iter().map(|open| open.equals(address));
        Formula::any(open.chain([self.known.hold(address)]))
    }
}

/// `source-check`.
pub(crate) fn source_check(encoder: &Encoder, steps: &mut Steps, sender: &Who, own: &Formula) {
    let interfaces = encoder.network.network_interfaces();
    let checked = interfaces
        .iter()
        .filter(|(_, interface)| interface.source_destination_check)
        .map(|(id, _)| id);
    let checked = encoder.among(sender, checked);
    steps.drop(Clause::SourceCheck, checked & !own);
}

/// That the source is one of the sender's own private addresses. A sender that is named by its address has it.
pub(crate) fn own_source(encoder: &Encoder, sender: &Who) -> Formula {
    match sender {
        Who::Pinned { interface, .. } => encoder
            .private_addresses([interface])
            .hold(&encoder.packet.source),
        Who::Private { .. } | Who::Public { .. } | Who::Subnet { .. } => Formula::TRUE,
    }
}

/// The services that Amazon provides inside every VPC at fixed addresses (`amazon-service-unfiltered`).
pub(crate) const AMAZON_SERVICES_V4: [u32; 6] = [
    0xa9fe_a9fd, // 169.254.169.253
    0xa9fe_a9fe, // 169.254.169.254
    0xa9fe_a97b, // 169.254.169.123
    0xa9fe_aa02, // 169.254.170.2
    0xa9fe_a9fa, // 169.254.169.250
    0xa9fe_a9fb, // 169.254.169.251
];

/// The same for IPv6: fd00:ec2::253, ::254 and ::123.
pub(crate) const AMAZON_SERVICES_V6: [u128; 3] = [
    (0xfd00_0ec2 << 96) | 0x253,
    (0xfd00_0ec2 << 96) | 0x254,
    (0xfd00_0ec2 << 96) | 0x123,
];

/// That the destination is one of Amazon's own services, for a sender (`amazon-service-unfiltered`).
pub(crate) fn amazon_service(encoder: &Encoder, sender: &Who) -> Formula {
    let destination = &encoder.packet.destination;
    match encoder.family {
        Family::V6 => Formula::any(AMAZON_SERVICES_V6.map(|service| destination.is(service))),
        Family::V4 => {
            let fixed = AMAZON_SERVICES_V4.map(|service| destination.is(u128::from(service)));
            let vpc = encoder.network.vpcs().get(sender.vpc());
            let resolver = vpc
                .and_then(|vpc| vpc.cidrs.iter().find(is_ipv4))
                .map(|primary| destination.is(primary.bits().saturating_add(2)));
            let subnets = encoder.network.subnets().iter();
            let inside = subnets.filter(|(_, subnet)| subnet.vpc == *sender.vpc());
            let routers = inside.flat_map(|(id, subnet)| {
                let here = encoder.in_subnets(sender, &BTreeSet::from([id.clone()]));
                let blocks = subnet.cidrs.iter().filter(is_ipv4);
                blocks
                    .map(move |block| here.clone() & destination.is(block.bits().saturating_add(1)))
            });
            Formula::any(fixed.into_iter().chain(resolver).chain(routers))
        }
    }
}

fn is_ipv4(block: &&Cidr) -> bool {
    block.family() == Family::V4
}
