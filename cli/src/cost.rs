//! What a way costs for each gigabyte: facts beside a finding, on which no verdict depends.

use catalogue::{Component, Price, Prices};
use model::{AttachmentKind, ComponentId, EndpointKind, Network, Trace};

use crate::judge::way::way;
use crate::render::names;

/// What one component of a way costs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cost {
    pub(crate) component: ComponentId,
    pub(crate) region: String,
    /// `None` when no price is known for the Region.
    pub(crate) price: Option<Price>,
}

/// What the components of a way cost, in its order; those that charge nothing for traffic by
/// themselves, such as internet gateways, are left out.
pub(crate) fn costs(trace: &Trace, network: &Network, prices: &Prices) -> Vec<Cost> {
    let mut costs = Vec::new();
    let mut from_gateway = false;
    for component in way(trace, network) {
        let is_gateway = matches!(component, ComponentId::TransitGateway(_));
        // What comes from a peered transit gateway is not charged again.
        if !(is_gateway && from_gateway) {
            costs.extend(cost(component, network, prices));
        }
        from_gateway = is_gateway;
    }
    costs
}

fn cost(component: ComponentId, network: &Network, prices: &Prices) -> Option<Cost> {
    let (kind, region) = priced(&component, network)?;
    let price = prices.of(kind, region).cloned();
    Some(Cost {
        region: region.to_owned(),
        component,
        price,
    })
}

/// The kind and Region by which a component is charged.
fn priced<'a>(component: &ComponentId, network: &'a Network) -> Option<(Component, &'a str)> {
    let (kind, vpc) = match component {
        ComponentId::NatGateway(id) => {
            let nat = network.nat_gateways().get(id)?;
            let subnet = network.subnets().get(&nat.subnet)?;
            (Component::NatGateway, &subnet.vpc)
        }
        ComponentId::VpcEndpoint(id) => {
            let endpoint = network.vpc_endpoints().get(id)?;
            let kind = match endpoint.kind {
                EndpointKind::Gateway { .. } => Component::GatewayEndpoint,
                EndpointKind::Interface { .. } => Component::InterfaceEndpoint,
                EndpointKind::GatewayLoadBalancer { .. } => Component::GatewayLoadBalancerEndpoint,
                EndpointKind::Unmodelled(_) => return None,
            };
            (kind, &endpoint.vpc)
        }
        // A transit gateway stands in the Region of the VPCs that are attached to it.
        ComponentId::TransitGateway(id) => {
            let mut attachments = network.transit_gateway_attachments().values();
            let vpc = attachments.find_map(|attachment| match &attachment.kind {
                AttachmentKind::Vpc { vpc, .. } if attachment.gateway == *id => Some(vpc),
                AttachmentKind::Vpc { .. }
                | AttachmentKind::Peering { .. }
                | AttachmentKind::OnPremises { .. }
                | AttachmentKind::Unmodelled(_) => None,
            });
            (Component::TransitGateway, vpc?)
        }
        ComponentId::NetworkInterface(_)
        | ComponentId::SecurityGroup(_)
        | ComponentId::NetworkAcl(_)
        | ComponentId::Subnet(_)
        | ComponentId::Vpc(_)
        | ComponentId::RouteTable(_)
        | ComponentId::InternetGateway(_)
        | ComponentId::EgressOnlyInternetGateway(_)
        | ComponentId::Peering(_)
        | ComponentId::EndpointService(_)
        | ComponentId::LoadBalancer(_)
        | ComponentId::TargetGroup(_)
        | ComponentId::TransitGatewayAttachment(_)
        | ComponentId::TransitGatewayRouteTable(_)
        | ComponentId::VirtualPrivateGateway(_)
        | ComponentId::Internet
        | ComponentId::OnPremises
        | ComponentId::Unmodelled(_) => return None,
    };
    Some((kind, &network.vpcs().get(vpc)?.region))
}

/// A cost for people.
pub(crate) fn told(cost: &Cost, network: &Network) -> String {
    let component = names::component(network, &cost.component);
    match &cost.price {
        Some(price) => format!("{component}: {}; {}", amount(price), price.source),
        None => format!("{component}: its price in {} is not known", cost.region),
    }
}

/// An amount and its day for people.
pub(crate) fn amount(price: &Price) -> String {
    let Price {
        per_gigabyte_usd,
        region,
        as_of,
        ..
    } = price;
    if *per_gigabyte_usd == 0.0 {
        return format!("nothing ({as_of})");
    }
    format!("${per_gigabyte_usd} per gigabyte ({region}, {as_of})")
}
