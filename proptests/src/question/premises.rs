//! Networks on premises, from which and to which flows go.

use std::collections::BTreeSet;

use model::{
    Address, AttachmentKind, Cidr, Network, OnPremisesGateway, TransitGatewayAttachment, Value,
    VpcId,
};

use super::flow::{candidates, corners};
use crate::pool;

/// Hosts that many of the pool's blocks on premises hold.
const HOSTS: [&str; 6] = [
    "192.168.77.9",
    "172.16.5.5",
    "203.0.113.9",
    "10.99.9.9",
    "2001:db8:ffff::9",
    "fd00:1::9",
];

/// A gateway by which a network on premises sends.
#[derive(Clone, Debug)]
pub(super) struct Gateway {
    pub id: OnPremisesGateway,
    /// The VPCs that it serves.
    pub vpcs: BTreeSet<VpcId>,
    /// Hosts in the blocks that it knows, and their corners.
    pub hosts: Vec<Address>,
}

/// The gateways of a network.
pub(super) fn gateways(network: &Network) -> Vec<Gateway> {
    let virtual_gateways = network.virtual_private_gateways().values();
    let virtual_gateways = virtual_gateways.map(|one| Gateway {
        id: OnPremisesGateway::VirtualPrivate(one.id.clone()),
        vpcs: one.vpc.iter().cloned().collect(),
        hosts: hosts(&one.prefixes),
    });
    let attachments = network.transit_gateway_attachments().values();
    let attachments = attachments.filter_map(|one| {
        Some(Gateway {
            id: OnPremisesGateway::Transit(one.id.clone()),
            vpcs: attached(network, one),
            hosts: hosts(behind(&one.kind)?),
        })
    });
    virtual_gateways.chain(attachments).collect()
}

/// The VPCs that share a transit gateway with an attachment.
fn attached(network: &Network, to: &TransitGatewayAttachment) -> BTreeSet<VpcId> {
    let attachments = network.transit_gateway_attachments().values();
    let others = attachments.filter(|one| one.gateway == to.gateway);
    let vpcs = others.filter_map(|one| match &one.kind {
        AttachmentKind::Vpc { vpc, .. } => Some(vpc.clone()),
        AttachmentKind::Peering { .. }
        | AttachmentKind::OnPremises { .. }
        | AttachmentKind::Unmodelled(_) => None,
    });
    vpcs.collect()
}

/// Every block that may be known to lie on premises, or to be advertised there.
pub(super) fn blocks(network: &Network) -> BTreeSet<Cidr> {
    let gateways = network.virtual_private_gateways().values();
    let attachments = network.transit_gateway_attachments().values();
    let attached = attachments.filter_map(|one| behind(&one.kind));
    let associations = network.direct_connect_associations().values();
    let allowed = associations.map(|one| &one.allowed_prefixes);
    let known = gateways.map(|one| &one.prefixes).chain(attached);
    let known = known.chain(allowed);
    known.flat_map(candidates).flatten().copied().collect()
}

fn behind(kind: &AttachmentKind) -> Option<&Value<BTreeSet<Cidr>>> {
    match kind {
        AttachmentKind::OnPremises { prefixes, .. } => Some(prefixes),
        AttachmentKind::Vpc { .. }
        | AttachmentKind::Peering { .. }
        | AttachmentKind::Unmodelled(_) => None,
    }
}

/// Hosts inside of blocks are as frequent as their corners; where nothing is known, any.
fn hosts(prefixes: &Value<BTreeSet<Cidr>>) -> Vec<Address> {
    let blocks = candidates(prefixes).iter().flatten();
    let known = blocks.flat_map(|cidr| {
        let inside = [7, 9, 265, -9].map(|n| pool::offset(*cidr, n));
        inside.into_iter().chain(corners(*cidr))
    });
    let known: Vec<_> = known.collect();
    if known.is_empty() {
        return HOSTS.map(pool::address).to_vec();
    }
    known
}
