//! Subnets of attachments to transit gateways, as a person would add them.

use std::collections::BTreeSet;

use model::{AttachmentKind, ComponentId, Subnet};

use super::candidate::{Candidate, Step};
use super::edit::Edit;

impl Step<'_> {
    /// A subnet of the VPC in a zone where the attachment has none, one without interfaces first: such
    /// are kept for attachments.
    pub(super) fn attach_subnet(&self) -> Option<Candidate> {
        let ComponentId::TransitGatewayAttachment(id) = &self.hop.component else {
            return None;
        };
        let attachment = self.network.transit_gateway_attachments().get(id)?;
        let (vpc, own) = match &attachment.kind {
            AttachmentKind::Vpc { vpc, subnets, .. } => (vpc, subnets),
            AttachmentKind::Peering { .. }
            | AttachmentKind::OnPremises { .. }
            | AttachmentKind::Unmodelled(_) => return None,
        };
        let all = self.network.subnets();
        let zones: BTreeSet<_> = own.iter().filter_map(|id| zone(all.get(id)?)).collect();
        let others = all.values().filter(|subnet| subnet.vpc == *vpc);
        let others = others.filter(|one| zone(one).is_some_and(|zone| !zones.contains(zone)));
        let mut others: Vec<&Subnet> = others.collect();
        let is_used = |subnet: &Subnet| {
            let mut interfaces = self.network.network_interfaces().values();
            interfaces.any(|interface| interface.subnet == subnet.id)
        };
        others.sort_by_key(|subnet| is_used(subnet));
        let edit = |subnet: &&Subnet| {
            vec![Edit::AttachSubnet {
                attachment: id.clone(),
                subnet: subnet.id.clone(),
            }]
        };
        Some(others.iter().map(edit).collect())
    }
}

/// The zone of a subnet, by its id where that is known.
fn zone(subnet: &Subnet) -> Option<&String> {
    subnet.zone_id.as_ref().or(subnet.zone.as_ref())
}
