//! The way of a request: what it passes, in order (`scope.md`, *Traverses*).

use model::{Arrival, Attachment, ComponentId, Disposition, Effect, Network, Trace};

/// The components that a delivered request passes; none of a dropped one.
pub(crate) fn way(trace: &Trace, network: &Network) -> Vec<ComponentId> {
    let outcome = &trace.decision.forward;
    if outcome.disposition == Disposition::Dropped {
        return Vec::new();
    }
    let mut way: Vec<ComponentId> = Vec::new();
    for hop in &trace.forward {
        let passed = matches!(hop.effect, Effect::Passed | Effect::Delivered);
        if passed && is_gateway(&hop.component) && !way.contains(&hop.component) {
            way.push(hop.component.clone());
        }
    }
    match &outcome.arrival {
        Some(Arrival::GatewayEndpoint(id)) => {
            way.push(ComponentId::VpcEndpoint(id.clone()));
        }
        Some(Arrival::Interface(id)) => {
            let interface = network.network_interfaces().get(id);
            if let Some(Attachment::VpcEndpoint(endpoint)) =
                interface.map(|interface| &interface.attachment)
            {
                way.push(ComponentId::VpcEndpoint(endpoint.clone()));
            }
            way.push(ComponentId::NetworkInterface(id.clone()));
        }
        Some(Arrival::Internet | Arrival::AmazonService) | None => {}
    }
    way
}

/// Whether a component is a gateway or a connection that packets pass.
pub(crate) fn is_gateway(component: &ComponentId) -> bool {
    match component {
        ComponentId::InternetGateway(_)
        | ComponentId::EgressOnlyInternetGateway(_)
        | ComponentId::NatGateway(_)
        | ComponentId::Peering(_) => true,
        ComponentId::NetworkInterface(_)
        | ComponentId::SecurityGroup(_)
        | ComponentId::NetworkAcl(_)
        | ComponentId::Subnet(_)
        | ComponentId::Vpc(_)
        | ComponentId::RouteTable(_)
        | ComponentId::VpcEndpoint(_)
        | ComponentId::Internet
        | ComponentId::Unmodelled(_) => false,
    }
}
