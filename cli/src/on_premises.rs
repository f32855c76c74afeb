//! The gateways by which networks on premises are reached.

use std::collections::BTreeSet;

use model::{Address, AttachmentKind, Cidr, Network, OnPremisesGateway, Value};

use crate::blocks;
use crate::miss::sample;

/// The blocks that most networks on premises have.
const USUAL: [&str; 4] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];
/// How many hosts behind one gateway are tried.
const MOST_HOSTS: usize = 8;

/// Every gateway of the network.
pub(crate) fn gateways(network: &Network) -> impl Iterator<Item = OnPremisesGateway> {
    let virtual_private = network.virtual_private_gateways().keys().cloned();
    let attachments = network.transit_gateway_attachments().values();
    let attachments = attachments.filter(|attachment| match attachment.kind {
        AttachmentKind::OnPremises { .. } => true,
        AttachmentKind::Vpc { .. }
        | AttachmentKind::Peering { .. }
        | AttachmentKind::Unmodelled(_) => false,
    });
    let attachments = attachments.map(|attachment| attachment.id.clone());
    virtual_private
        .map(OnPremisesGateway::VirtualPrivate)
        .chain(attachments.map(OnPremisesGateway::Transit))
}

/// Whether anything leads on premises.
pub(crate) fn has_on_premises(network: &Network) -> bool {
    gateways(network).next().is_some()
}

/// The gateway of that id.
pub(crate) fn gateway(network: &Network, id: &str) -> Option<OnPremisesGateway> {
    gateways(network).find(|gateway| gateway.to_string() == id)
}

/// Hosts on premises that samples use: one of each block, or of each that the gateway knows, and
/// where it knows none any that no VPC has.
pub(crate) fn hosts(
    network: &Network,
    gateway: &OnPremisesGateway,
    blocks: Option<&BTreeSet<Cidr>>,
) -> Vec<Address> {
    let prefixes = prefixes(network, gateway).and_then(Value::known);
    let prefixes = prefixes.filter(|prefixes| !prefixes.is_empty());
    let taken: Vec<Cidr> = network
        .vpcs()
        .values()
        .flat_map(|vpc| vpc.cidrs.clone())
        .collect();
    let mut blocks: Vec<Cidr> = match blocks.or(prefixes) {
        Some(blocks) => blocks.iter().copied().collect(),
        None => USUAL.iter().filter_map(|text| text.parse().ok()).collect(),
    };
    blocks.truncate(MOST_HOSTS);
    let free = blocks
        .into_iter()
        .filter_map(|block| blocks::first_free(block, &taken));
    free.map(|block| sample(network, block)).collect()
}

/// The blocks that a gateway knows to lie on premises.
pub(crate) fn prefixes<'n>(
    network: &'n Network,
    gateway: &OnPremisesGateway,
) -> Option<&'n Value<BTreeSet<Cidr>>> {
    match gateway {
        OnPremisesGateway::VirtualPrivate(id) => {
            Some(&network.virtual_private_gateways().get(id)?.prefixes)
        }
        OnPremisesGateway::Transit(id) => {
            match &network.transit_gateway_attachments().get(id)?.kind {
                AttachmentKind::OnPremises { prefixes, .. } => Some(prefixes),
                AttachmentKind::Vpc { .. }
                | AttachmentKind::Peering { .. }
                | AttachmentKind::Unmodelled(_) => None,
            }
        }
    }
}
