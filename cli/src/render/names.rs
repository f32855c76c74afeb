//! Components by AWS's word for their kind, their id, and their name where they have one.

use model::{
    Attachment, ComponentId, Network, NetworkInterfaceId, OnPremisesGateway, Source, Tags,
};

/// A component for people: `route table rtb-1 (private-c)`.
pub(crate) fn component(network: &Network, component: &ComponentId) -> String {
    let name = name(network, component);
    let word = word(network, component);
    if *component == ComponentId::Internet {
        return "the internet".to_owned();
    }
    if *component == ComponentId::OnPremises {
        return "the network on premises".to_owned();
    }
    let id = component.to_string();
    let word = if word.is_empty() {
        String::new()
    } else {
        format!("{word} ")
    };
    match name {
        Some(name) if name != id => format!("{word}{id} ({name})"),
        Some(_) | None => format!("{word}{id}"),
    }
}

/// An interface for people, by its id and name only.
pub(crate) fn interface(network: &Network, id: &NetworkInterfaceId) -> String {
    let component = ComponentId::NetworkInterface(id.clone());
    match name(network, &component) {
        Some(name) if name != id.as_str() => format!("{id} ({name})"),
        Some(_) | None => id.to_string(),
    }
}

/// Who sends.
pub(crate) fn source(network: &Network, source: &Source) -> String {
    match source {
        Source::Interface(id) => interface(network, id),
        Source::Internet => "internet".to_owned(),
        Source::OnPremises(gateway) => {
            let gateway = self::gateway(network, gateway);
            format!("on premises by {gateway}")
        }
    }
}

/// A gateway to a network on premises.
pub(crate) fn gateway(network: &Network, gateway: &OnPremisesGateway) -> String {
    component(
        network,
        &match gateway {
            OnPremisesGateway::VirtualPrivate(id) => ComponentId::VirtualPrivateGateway(id.clone()),
            OnPremisesGateway::Transit(id) => ComponentId::TransitGatewayAttachment(id.clone()),
        },
    )
}

/// The word for a component's kind.
fn word(network: &Network, component: &ComponentId) -> &'static str {
    match component {
        ComponentId::NetworkInterface(id) => {
            let interface = network.network_interfaces().get(id);
            match interface.map(|interface| &interface.attachment) {
                Some(Attachment::VpcEndpoint(_)) => "endpoint interface",
                Some(Attachment::NatGateway(_)) => "NAT gateway interface",
                Some(Attachment::LoadBalancer(_)) => "load balancer interface",
                Some(Attachment::Ordinary { .. } | Attachment::Other(_)) | None => "interface",
            }
        }
        ComponentId::SecurityGroup(_) => "security group",
        ComponentId::NetworkAcl(_) => "network ACL",
        ComponentId::Subnet(_) => "subnet",
        ComponentId::Vpc(_) => "VPC",
        ComponentId::RouteTable(_) => "route table",
        ComponentId::InternetGateway(_) => "internet gateway",
        ComponentId::EgressOnlyInternetGateway(_) => "egress-only internet gateway",
        ComponentId::NatGateway(_) => "NAT gateway",
        ComponentId::Peering(_) => "peering",
        ComponentId::VpcEndpoint(_) => "endpoint",
        ComponentId::EndpointService(_) => "endpoint service",
        ComponentId::LoadBalancer(_) => "load balancer",
        ComponentId::TargetGroup(_) => "target group",
        ComponentId::TransitGateway(_) => "transit gateway",
        ComponentId::TransitGatewayAttachment(_) => "transit gateway attachment",
        ComponentId::TransitGatewayRouteTable(_) => "transit gateway route table",
        ComponentId::VirtualPrivateGateway(_) => "virtual private gateway",
        ComponentId::Internet | ComponentId::OnPremises | ComponentId::Unmodelled(_) => "",
    }
}

/// The name that a person gave it.
pub(crate) fn name(network: &Network, component: &ComponentId) -> Option<String> {
    let tagged = |tags: &Tags| tags.get("Name").cloned();
    match component {
        ComponentId::NetworkInterface(id) => {
            let interface = network.network_interfaces().get(id)?;
            let own = tagged(&interface.tags);
            own.or_else(|| match &interface.attachment {
                Attachment::VpcEndpoint(endpoint) => {
                    name(network, &ComponentId::VpcEndpoint(endpoint.clone()))
                }
                Attachment::NatGateway(nat) => name(network, &ComponentId::NatGateway(nat.clone())),
                Attachment::LoadBalancer(id) => {
                    name(network, &ComponentId::LoadBalancer(id.clone()))
                }
                Attachment::Ordinary { .. } | Attachment::Other(_) => None,
            })
        }
        ComponentId::SecurityGroup(id) => {
            let group = network.security_groups().get(id)?;
            Some(group.name.clone()).filter(|name| !name.is_empty())
        }
        ComponentId::NetworkAcl(id) => tagged(&network.network_acls().get(id)?.tags),
        ComponentId::Subnet(id) => tagged(&network.subnets().get(id)?.tags),
        ComponentId::Vpc(id) => tagged(&network.vpcs().get(id)?.tags),
        ComponentId::RouteTable(id) => tagged(&network.route_tables().get(id)?.tags),
        ComponentId::InternetGateway(id) => tagged(&network.internet_gateways().get(id)?.tags),
        ComponentId::EgressOnlyInternetGateway(id) => {
            tagged(&network.egress_only_internet_gateways().get(id)?.tags)
        }
        ComponentId::NatGateway(id) => tagged(&network.nat_gateways().get(id)?.tags),
        ComponentId::Peering(id) => tagged(&network.peerings().get(id)?.tags),
        ComponentId::VpcEndpoint(id) => {
            let endpoint = network.vpc_endpoints().get(id)?;
            tagged(&endpoint.tags).or_else(|| Some(endpoint.service.clone()))
        }
        ComponentId::EndpointService(id) => tagged(&network.endpoint_services().get(id)?.tags),
        ComponentId::LoadBalancer(id) => tagged(&network.load_balancers().get(id)?.tags),
        ComponentId::TargetGroup(id) => tagged(&network.target_groups().get(id)?.tags),
        ComponentId::TransitGateway(id) => tagged(&network.transit_gateways().get(id)?.tags),
        ComponentId::TransitGatewayAttachment(id) => {
            tagged(&network.transit_gateway_attachments().get(id)?.tags)
        }
        ComponentId::TransitGatewayRouteTable(id) => {
            tagged(&network.transit_gateway_route_tables().get(id)?.tags)
        }
        ComponentId::VirtualPrivateGateway(id) => {
            tagged(&network.virtual_private_gateways().get(id)?.tags)
        }
        ComponentId::Internet | ComponentId::OnPremises | ComponentId::Unmodelled(_) => None,
    }
}
