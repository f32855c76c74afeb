//! What the input leaves open in a network.

use std::collections::BTreeSet;

use model::{AddressValue, AttachmentKind, EndpointKind, Hole, Network, Organization, Value};

/// Every hole, by the attribute that would settle it.
pub(crate) fn holes(network: &Network) -> BTreeSet<Hole> {
    let mut holes = BTreeSet::new();
    for vpc in network.vpcs().values() {
        holes.extend(vpc.block_public_access.hole().cloned());
    }
    for subnet in network.subnets().values() {
        holes.extend(subnet.route_table.as_ref().and_then(Value::hole).cloned());
        holes.extend(subnet.network_acl.hole().cloned());
    }
    for table in network.route_tables().values() {
        for route in &table.routes {
            holes.extend(route.destination.hole().cloned());
            holes.extend(route.target.hole().cloned());
        }
    }
    for list in network.prefix_lists().values() {
        holes.extend(list.entries.hole().cloned());
    }
    for interface in network.network_interfaces().values() {
        holes.extend(interface.groups.hole().cloned());
        for address in &interface.addresses {
            for value in [Some(&address.private), address.public.as_ref()]
                .into_iter()
                .flatten()
            {
                if let AddressValue::Within(_, hole) = value {
                    holes.insert(hole.clone());
                }
            }
        }
    }
    for endpoint in network.vpc_endpoints().values() {
        holes.extend(endpoint.policy.hole().cloned());
        if let EndpointKind::Interface { specific_names, .. } = &endpoint.kind {
            holes.extend(specific_names.hole().cloned());
        }
    }
    for zone in network.hosted_zones().values() {
        holes.extend(zone.records.hole().cloned());
    }
    for rule in network.vpcs().values().flat_map(|vpc| &vpc.dns_firewall) {
        holes.extend(rule.domains.hole().cloned());
    }
    for attachment in network.transit_gateway_attachments().values() {
        let association = attachment.association.as_ref();
        holes.extend(association.and_then(Value::hole).cloned());
        if let AttachmentKind::OnPremises { prefixes, .. } = &attachment.kind {
            holes.extend(prefixes.hole().cloned());
        }
    }
    for gateway in network.virtual_private_gateways().values() {
        holes.extend(gateway.prefixes.hole().cloned());
    }
    for association in network.direct_connect_associations().values() {
        holes.extend(association.allowed_prefixes.hole().cloned());
    }
    for account in network.accounts().values() {
        match &account.organization {
            Organization::Unknown(hole) => holes.extend([hole.clone()]),
            Organization::None | Organization::Management => {}
            Organization::Member {
                service_control_policies,
                resource_control_policies,
            } => {
                let policies = service_control_policies.iter().flatten();
                let policies = policies.chain(resource_control_policies);
                holes.extend(policies.filter_map(Value::hole).cloned());
            }
        }
    }
    for principal in network.principals().values() {
        let policies = principal.identity_policies.iter();
        let policies = policies.chain(&principal.permissions_boundary);
        let policies = policies.chain(&principal.session_policies);
        holes.extend(policies.filter_map(Value::hole).cloned());
    }
    for resource in network.resource_policies().values() {
        holes.extend(resource.policy.iter().filter_map(Value::hole).cloned());
    }
    for endpoint in network.client_vpn_endpoints().values() {
        holes.extend(endpoint.authorization_rules.hole().cloned());
        holes.extend(endpoint.routes.hole().cloned());
    }
    holes
}
