//! The way of a request: what it passes, in order (`scope.md`, *Traverses*).

use model::{
    Arrival, Attachment, AttachmentKind, Clause, ComponentId, Disposition, Effect, Hop, Network,
    Trace,
};

/// The components that a delivered request passes; none of a dropped one.
pub(crate) fn way(trace: &Trace, network: &Network) -> Vec<ComponentId> {
    let outcome = &trace.decision.forward;
    if outcome.disposition == Disposition::Dropped {
        return Vec::new();
    }
    let mut way: Vec<ComponentId> = Vec::new();
    for hop in &trace.forward {
        match &hop.effect {
            Effect::Passed | Effect::Delivered | Effect::Undetermined(_) => {}
            Effect::Dropped => continue,
        }
        if let Some(device) = device(hop, network) {
            way.push(device);
        } else if !matches!(hop.effect, Effect::Undetermined(_))
            && is_gateway(&hop.component)
            && !way.contains(&hop.component)
        {
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
        Some(Arrival::Internet | Arrival::OnPremises(_) | Arrival::AmazonService) | None => {}
    }
    way
}

/// The device that a step is the passage of: those that a way may pass more than once, or whose
/// component also decides what is no passage.
fn device(hop: &Hop, network: &Network) -> Option<ComponentId> {
    let component = hop.component.clone();
    match &hop.component {
        ComponentId::TransitGateway(_) => {
            (hop.clause == Clause::TransitGatewayAttached).then_some(component)
        }
        // Over a peering to the transit gateway behind it, or from on premises to its own.
        ComponentId::TransitGatewayAttachment(id) => {
            let attachments = network.transit_gateway_attachments();
            let attachment = attachments.get(id)?;
            let entered = match &attachment.kind {
                AttachmentKind::Peering { other } => {
                    let comes = hop.clause == Clause::TransitGatewayAttached;
                    attachments.get(other.as_ref()?).filter(|_| comes)
                }
                AttachmentKind::OnPremises { .. } => {
                    let comes =
                        hop.clause == Clause::OnPremisesSource && hop.effect == Effect::Passed;
                    comes.then_some(attachment)
                }
                AttachmentKind::Vpc { .. } | AttachmentKind::Unmodelled(_) => None,
            };
            entered.map(|entered| ComponentId::TransitGateway(entered.gateway.clone()))
        }
        ComponentId::NetworkInterface(_) => {
            (hop.clause == Clause::MiddleboxForwards).then_some(component)
        }
        ComponentId::VpcEndpoint(_) => {
            (hop.clause == Clause::GatewayLoadBalancerEndpointInspects).then_some(component)
        }
        ComponentId::SecurityGroup(_)
        | ComponentId::NetworkAcl(_)
        | ComponentId::Subnet(_)
        | ComponentId::Vpc(_)
        | ComponentId::RouteTable(_)
        | ComponentId::InternetGateway(_)
        | ComponentId::EgressOnlyInternetGateway(_)
        | ComponentId::NatGateway(_)
        | ComponentId::Peering(_)
        | ComponentId::TransitGatewayRouteTable(_)
        | ComponentId::VirtualPrivateGateway(_)
        | ComponentId::Internet
        | ComponentId::OnPremises
        | ComponentId::Unmodelled(_) => None,
    }
}

/// Whether a component is a gateway or a connection that packets pass.
pub(crate) fn is_gateway(component: &ComponentId) -> bool {
    match component {
        ComponentId::InternetGateway(_)
        | ComponentId::EgressOnlyInternetGateway(_)
        | ComponentId::NatGateway(_)
        | ComponentId::Peering(_)
        | ComponentId::VirtualPrivateGateway(_) => true,
        ComponentId::NetworkInterface(_)
        | ComponentId::SecurityGroup(_)
        | ComponentId::NetworkAcl(_)
        | ComponentId::Subnet(_)
        | ComponentId::Vpc(_)
        | ComponentId::RouteTable(_)
        | ComponentId::VpcEndpoint(_)
        | ComponentId::TransitGateway(_)
        | ComponentId::TransitGatewayAttachment(_)
        | ComponentId::TransitGatewayRouteTable(_)
        | ComponentId::Internet
        | ComponentId::OnPremises
        | ComponentId::Unmodelled(_) => false,
    }
}
