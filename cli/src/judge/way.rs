//! The way of a request: what it passes, in order (`scope.md`, *Traverses*).

use model::{
    Arrival, Attachment, AttachmentKind, Clause, ComponentId, Disposition, Effect, Hop, Network,
    NetworkInterfaceId, Trace,
};

/// The components that a delivered request passes; none of a dropped one.
pub(crate) fn way(trace: &Trace, network: &Network) -> Vec<ComponentId> {
    let outcome = &trace.decision.forward;
    if outcome.disposition == Disposition::Dropped {
        return Vec::new();
    }
    let mut way: Vec<ComponentId> = Vec::new();
    // Where the part of the present leg begins.
    let mut leg = 0;
    for hop in &trace.forward {
        match &hop.effect {
            Effect::Passed | Effect::Delivered | Effect::Undetermined(_) => {}
            Effect::Dropped => continue,
        }
        if let Some(relay) = relay(hop) {
            way.extend(receiver(relay, network));
            leg = way.len();
        } else if let Some(device) = device(hop, network) {
            way.push(device);
        } else if !matches!(hop.effect, Effect::Undetermined(_))
            && is_gateway(&hop.component)
            && !way.iter().skip(leg).any(|one| *one == hop.component)
        {
            way.push(hop.component.clone());
        }
    }
    match &outcome.arrival {
        Some(Arrival::GatewayEndpoint(id)) => {
            way.push(ComponentId::VpcEndpoint(id.clone()));
        }
        Some(Arrival::Interface(id)) => way.extend(receiver(id, network)),
        Some(Arrival::Internet | Arrival::OnPremises(_) | Arrival::AmazonService) | None => {}
    }
    way
}

/// The interface that takes a packet only to hand it on.
fn relay(hop: &Hop) -> Option<&NetworkInterfaceId> {
    match (&hop.component, hop.clause, &hop.effect) {
        (ComponentId::NetworkInterface(id), Clause::InterfaceAccepts, Effect::Passed) => Some(id),
        _ => None,
    }
}

/// An interface that takes a packet, behind the endpoint or load balancer that it belongs to.
fn receiver(id: &NetworkInterfaceId, network: &Network) -> Vec<ComponentId> {
    let interface = network.network_interfaces().get(id);
    let owner = interface.and_then(|interface| match &interface.attachment {
        Attachment::VpcEndpoint(id) => Some(ComponentId::VpcEndpoint(id.clone())),
        Attachment::LoadBalancer(id) => Some(ComponentId::LoadBalancer(id.clone())),
        Attachment::Ordinary { .. } | Attachment::NatGateway(_) | Attachment::Other(_) => None,
    });
    let own = ComponentId::NetworkInterface(id.clone());
    owner.into_iter().chain([own]).collect()
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
        | ComponentId::EndpointService(_)
        | ComponentId::LoadBalancer(_)
        | ComponentId::TargetGroup(_)
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
        | ComponentId::EndpointService(_)
        | ComponentId::LoadBalancer(_)
        | ComponentId::TargetGroup(_)
        | ComponentId::TransitGateway(_)
        | ComponentId::TransitGatewayAttachment(_)
        | ComponentId::TransitGatewayRouteTable(_)
        | ComponentId::Internet
        | ComponentId::OnPremises
        | ComponentId::Unmodelled(_) => false,
    }
}
