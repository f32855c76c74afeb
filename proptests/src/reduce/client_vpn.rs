//! Reducing Client VPN endpoints, and associations of Direct Connect gateways.

use std::collections::BTreeSet;

use model::{
    AttachmentKind, Network, NetworkDraft, OnPremisesGateway, OnPremisesService, SubnetId, Value,
};

use super::{Edit, fewer, remove, without};

/// How many parts there are.
pub(super) fn parts(network: &Network) -> usize {
    let endpoints = network.client_vpn_endpoints().values();
    let endpoints = endpoints
        .map(|one| 1 + one.interfaces.len() + size(&one.authorization_rules) + size(&one.routes));
    let associations = network.direct_connect_associations().values();
    let associations =
        associations.map(|one| 1 + size(&one.allowed_prefixes) + usize::from(one.other_ways));
    endpoints.chain(associations).sum()
}

pub(super) fn edits(draft: &NetworkDraft) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (n, endpoint) in draft.client_vpn_endpoints.iter().enumerate() {
        let rules = 0..size(&endpoint.authorization_rules);
        edits.extend(rules.map(|k| Edit::ClientVpnRule(n, k)));
        let routes = 0..size(&endpoint.routes);
        edits.extend(routes.map(|k| Edit::ClientVpnRoute(n, k)));
        let interfaces = 0..endpoint.interfaces.len();
        edits.extend(interfaces.map(|k| Edit::ClientVpnInterface(n, k)));
        edits.push(Edit::ClientVpn(n));
    }
    for (n, association) in draft.direct_connect_associations.iter().enumerate() {
        let prefixes = 0..size(&association.allowed_prefixes);
        edits.extend(prefixes.map(|k| Edit::AllowedPrefix(n, k)));
        if association.other_ways {
            edits.push(Edit::OtherWays(n));
        }
        edits.push(Edit::DirectConnect(n));
    }
    edits
}

fn size<T>(known: &Value<BTreeSet<T>>) -> usize {
    known.known().map_or(0, BTreeSet::len)
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "Each of these functions makes its own kinds of edits and leaves the others to the next."
)]
impl Edit {
    pub(super) fn of_clients(self, draft: &mut NetworkDraft) {
        let endpoints = &mut draft.client_vpn_endpoints;
        let associations = &mut draft.direct_connect_associations;
        match self {
            Edit::ClientVpn(n) => remove(endpoints, n),
            Edit::DirectConnect(n) => remove(associations, n),
            Edit::ClientVpnInterface(n, k) => {
                if let Some(endpoint) = endpoints.get_mut(n) {
                    without(&mut endpoint.interfaces, k);
                }
            }
            Edit::ClientVpnRule(n, k) => {
                if let Some(endpoint) = endpoints.get_mut(n) {
                    fewer(&mut endpoint.authorization_rules, k);
                }
            }
            Edit::ClientVpnRoute(n, k) => {
                if let Some(endpoint) = endpoints.get_mut(n) {
                    fewer(&mut endpoint.routes, k);
                }
            }
            Edit::AllowedPrefix(n, k) => {
                if let Some(association) = associations.get_mut(n) {
                    fewer(&mut association.allowed_prefixes, k);
                }
            }
            Edit::OtherWays(n) => {
                if let Some(association) = associations.get_mut(n) {
                    association.other_ways = false;
                }
            }
            _ => {}
        }
    }
}

/// Removes what leads to interfaces, subnets and gateways that are gone.
pub(super) fn cascade(draft: &mut NetworkDraft, subnets: &[SubnetId]) {
    let interfaces = &draft.network_interfaces;
    for endpoint in &mut draft.client_vpn_endpoints {
        endpoint
            .interfaces
            .retain(|id| interfaces.iter().any(|one| one.id == *id));
        if let Value::Known(routes) = &mut endpoint.routes {
            routes.retain(|route| {
                let mut by = route.subnet.iter();
                by.all(|subnet| subnets.contains(subnet))
            });
        }
    }
    let gateways = &draft.virtual_private_gateways;
    let attachments = &draft.transit_gateway_attachments;
    draft
        .direct_connect_associations
        .retain(|one| match &one.gateway {
            OnPremisesGateway::VirtualPrivate(id) => gateways.iter().any(|one| one.id == *id),
            OnPremisesGateway::Transit(id) => attachments.iter().any(|one| {
                one.id == *id
                    && matches!(
                        one.kind,
                        AttachmentKind::OnPremises {
                            service: OnPremisesService::DirectConnectGateway,
                            ..
                        }
                    )
            }),
        });
}
