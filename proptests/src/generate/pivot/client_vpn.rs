//! Clients of a VPN that send, and premises to which it is advertised where they may send.

use model::{
    AttachmentKind, AuthorizationRule, ClientVpnEndpointId, ClientVpnRoute,
    DirectConnectAssociation, OnPremisesGateway, OnPremisesService,
};

use super::*;

impl Builder<'_> {
    /// The Client VPN endpoint to which an interface belongs.
    pub(super) fn client_vpn_of(&self, id: &NetworkInterfaceId) -> Option<ClientVpnEndpointId> {
        let mut endpoints = self.draft.client_vpn_endpoints.iter();
        let endpoint = endpoints.find(|one| one.interfaces.contains(id))?;
        Some(endpoint.id.clone())
    }

    /// One time in eight an interface of a Client VPN endpoint of the sender's VPC in its place.
    pub(super) fn or_a_client(&self, sender: Place, plan: &PivotPlan) -> Place {
        if pool::fine(&plan.from, 8) > 0 {
            return sender;
        }
        let mut interfaces = self.draft.network_interfaces.iter();
        let client = interfaces.find_map(|one| {
            self.client_vpn_of(&one.id)?;
            let vpc = self.vpc_of(one).filter(|vpc| *vpc == sender.vpc)?;
            let mut addresses = one.addresses.iter();
            let address = addresses.find_map(|one| match one.private {
                AddressValue::Known(address @ Address::V4(_)) => Some(address),
                AddressValue::Known(Address::V6(_)) | AddressValue::Within(..) => None,
            })?;
            Some(Place {
                interface: one.id.clone(),
                address,
                subnet: one.subnet.clone(),
                vpc,
            })
        });
        client.unwrap_or(sender)
    }

    /// The longest rule and route that there can be, where a client sends.
    pub(super) fn let_client_out(&mut self, way: &Passage) -> Option<()> {
        let id = self.client_vpn_of(&way.sender.interface)?;
        let mut endpoints = self.draft.client_vpn_endpoints.iter_mut();
        let endpoint = endpoints.find(|one| one.id == id)?;
        let destination = Cidr::host(way.destination);
        let rule = AuthorizationRule {
            destination,
            group: None,
        };
        let route = ClientVpnRoute {
            destination,
            subnet: Some(way.sender.subnet.clone()),
        };
        if let Value::Known(rules) = &mut endpoint.authorization_rules {
            rules.insert(rule);
        }
        if let Value::Known(routes) = &mut endpoint.routes {
            routes.insert(route);
        }
        Some(())
    }

    /// Where premises send by a gateway that may have associations, mostly one that allows it; now and
    /// then one that allows the destination and not the VPC's whole block.
    pub(super) fn advertise(&mut self, way: &Passage, plan: &PivotPlan) -> Option<()> {
        let Some(Source::OnPremises(gateway)) = &way.outside else {
            return None;
        };
        let associations = &self.draft.direct_connect_associations;
        let some = associations.iter().any(|one| one.gateway == *gateway);
        let n = pool::fine(&plan.peer, 8);
        if !self.has(Feature::DirectConnect) || !self.may_associate(gateway) || (!some && n < 4) {
            return None;
        }
        let mut blocks = self.draft.vpcs.iter().flat_map(|vpc| &vpc.cidrs);
        let block = blocks.find(|one| pool::holds(**one, way.destination));
        let width = way.destination.family().width();
        let inside = pool::around(way.destination, width - 4);
        let block = block.copied().filter(|_| n != 5).unwrap_or(inside);
        let association = DirectConnectAssociation {
            id: "dx-of-pivot".into(),
            gateway: gateway.clone(),
            allowed_prefixes: Value::Known([block].into()),
            other_ways: false,
            tags: Tags::new(),
        };
        self.draft.direct_connect_associations.push(association);
        Some(())
    }

    fn may_associate(&self, gateway: &OnPremisesGateway) -> bool {
        let id = match gateway {
            OnPremisesGateway::VirtualPrivate(_) => return true,
            OnPremisesGateway::Transit(id) => id,
        };
        let mut attachments = self.draft.transit_gateway_attachments.iter();
        let attachment = attachments.find(|one| one.id == *id);
        attachment.is_some_and(|one| {
            matches!(
                one.kind,
                AttachmentKind::OnPremises {
                    service: OnPremisesService::DirectConnectGateway,
                    ..
                }
            )
        })
    }
}
