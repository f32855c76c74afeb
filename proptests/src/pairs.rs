//! Pairs: how often two optional components were touched by one flow or its reply. Bugs that need
//! one component only are met anyway; those that are left stand where two meet.
//!
//! The legs of a request that relays hand on are one flow, which touches what any of them touches:
//! picks, undetermined filters and the way back go from leg to leg, and that is where bugs of two
//! components stand. Each two components can meet so, since a leg begins anew at a node.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AttachmentKind, Clause, ComponentId, EndpointKind, Hop, Network, OnPremisesGateway, Trace,
};

/// A kind of component that a network may do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Optional {
    /// A gateway endpoint.
    GatewayEndpoint,
    /// An interface endpoint.
    InterfaceEndpoint,
    /// A Gateway Load Balancer endpoint.
    GatewayLoadBalancerEndpoint,
    /// An endpoint service.
    EndpointService,
    /// A load balancer.
    LoadBalancer,
    /// A NAT gateway.
    NatGateway,
    /// A peering connection of VPCs.
    Peering,
    /// A transit gateway.
    TransitGateway,
    /// A peering of transit gateways.
    TransitPeering,
    /// A virtual private gateway.
    VirtualPrivateGateway,
    /// A network on premises.
    OnPremises,
    /// An appliance that hands packets on.
    Middlebox,
    /// VPC Block Public Access.
    BlockPublicAccess,
    /// An egress-only internet gateway.
    EgressOnly,
    /// An internet gateway.
    InternetGateway,
    /// A Client VPN endpoint.
    ClientVpn,
    /// An association of a Direct Connect gateway.
    DirectConnectAssociation,
}

impl Optional {
    /// All.
    pub const ALL: [Optional; 17] = [
        Optional::GatewayEndpoint,
        Optional::InterfaceEndpoint,
        Optional::GatewayLoadBalancerEndpoint,
        Optional::EndpointService,
        Optional::LoadBalancer,
        Optional::NatGateway,
        Optional::Peering,
        Optional::TransitGateway,
        Optional::TransitPeering,
        Optional::VirtualPrivateGateway,
        Optional::OnPremises,
        Optional::Middlebox,
        Optional::BlockPublicAccess,
        Optional::EgressOnly,
        Optional::InternetGateway,
        Optional::ClientVpn,
        Optional::DirectConnectAssociation,
    ];

    /// Its name in the book.
    pub const fn name(self) -> &'static str {
        match self {
            Optional::GatewayEndpoint => "gateway endpoint",
            Optional::InterfaceEndpoint => "interface endpoint",
            Optional::GatewayLoadBalancerEndpoint => "Gateway Load Balancer endpoint",
            Optional::EndpointService => "endpoint service",
            Optional::LoadBalancer => "load balancer",
            Optional::NatGateway => "NAT gateway",
            Optional::Peering => "peering",
            Optional::TransitGateway => "transit gateway",
            Optional::TransitPeering => "transit gateway peering",
            Optional::VirtualPrivateGateway => "virtual private gateway",
            Optional::OnPremises => "on premises",
            Optional::Middlebox => "middlebox",
            Optional::BlockPublicAccess => "Block Public Access",
            Optional::EgressOnly => "egress-only internet gateway",
            Optional::InternetGateway => "internet gateway",
            Optional::ClientVpn => "Client VPN endpoint",
            Optional::DirectConnectAssociation => "Direct Connect association",
        }
    }
}

/// Two of them, the one that stands first in [`Optional::ALL`] first.
pub type Pair = (Optional, Optional);

/// How many flows touched both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    flows: BTreeMap<Pair, u64>,
}

impl Pairs {
    /// Counts the pairs of a flow.
    pub fn count(&mut self, network: &Network, trace: &Trace) {
        let hops = || trace.forward.iter().chain(&trace.reply);
        let mut touched: BTreeSet<_> = hops().filter_map(|hop| touched(network, hop)).collect();
        if hops().any(|hop| advertised(network, hop)) {
            touched.insert(Optional::DirectConnectAssociation);
        }
        for pair in pairs_of(&touched.into_iter().collect::<Vec<_>>()) {
            self.hit(pair);
        }
    }

    /// Counts one flow.
    pub fn hit(&mut self, pair: Pair) {
        *self.flows.entry(pair).or_default() += 1;
    }

    /// Adds others.
    pub fn merge(&mut self, other: Pairs) {
        for (pair, flows) in other.flows {
            *self.flows.entry(pair).or_default() += flows;
        }
    }

    /// The flows that touched both.
    pub fn flows(&self, pair: Pair) -> u64 {
        self.flows.get(&pair).copied().unwrap_or(0)
    }

    /// The flows of each pair as a table of the book: a row and a column for each component.
    pub fn table(&self) -> String {
        let numbers = (1..=Optional::ALL.len()).map(|number| format!(" {number} |"));
        let mut table = format!("| | |{}\n|---|---|", numbers.collect::<String>());
        table += &"---|".repeat(Optional::ALL.len());
        for (row, one) in Optional::ALL.iter().enumerate() {
            table += &format!("\n| {} | {} |", row + 1, one.name());
            for (column, other) in Optional::ALL.iter().enumerate() {
                let cell = if column <= row {
                    String::new()
                } else {
                    self.flows((*one, *other)).to_string()
                };
                table += &format!(" {cell} |");
            }
        }
        table
    }

    /// Pairs that were met less than `least` times.
    pub fn gaps(&self, least: u64) -> Vec<String> {
        let few = pairs_of(&Optional::ALL).filter(|pair| self.flows(*pair) < least);
        few.map(|pair| {
            let (flows, (one, other)) = (self.flows(pair), (pair.0.name(), pair.1.name()));
            format!("{one} and {other}: {flows} flows, fewer than {least}")
        })
        .collect()
    }
}

/// Each two of some components, in their order.
fn pairs_of(all: &[Optional]) -> impl Iterator<Item = Pair> {
    let firsts = all.iter().enumerate();
    firsts.flat_map(|(position, one)| {
        let others = all.iter().skip(position + 1);
        others.map(move |other| (*one, *other))
    })
}

/// The optional component that a step is about.
fn touched(network: &Network, hop: &Hop) -> Option<Optional> {
    if hop.clause == Clause::VpcBlockPublicAccess {
        return Some(Optional::BlockPublicAccess);
    }
    if matches!(
        hop.clause,
        Clause::ClientVpnAuthorization | Clause::ClientVpnRoute | Clause::ClientVpnInbound
    ) {
        return Some(Optional::ClientVpn);
    }
    match &hop.component {
        ComponentId::NetworkInterface(_) => {
            let hands_on = matches!(
                hop.clause,
                Clause::MiddleboxCheck | Clause::MiddleboxForwards
            );
            hands_on.then_some(Optional::Middlebox)
        }
        ComponentId::InternetGateway(_) => Some(Optional::InternetGateway),
        ComponentId::EgressOnlyInternetGateway(_) => Some(Optional::EgressOnly),
        ComponentId::NatGateway(_) => Some(Optional::NatGateway),
        ComponentId::Peering(_) => Some(Optional::Peering),
        ComponentId::VpcEndpoint(id) => match network.vpc_endpoints().get(id)?.kind {
            EndpointKind::Gateway { .. } => Some(Optional::GatewayEndpoint),
            EndpointKind::Interface { .. } => Some(Optional::InterfaceEndpoint),
            EndpointKind::GatewayLoadBalancer { .. } => Some(Optional::GatewayLoadBalancerEndpoint),
            EndpointKind::Unmodelled(_) => None,
        },
        ComponentId::EndpointService(_) => Some(Optional::EndpointService),
        ComponentId::LoadBalancer(_) | ComponentId::TargetGroup(_) => Some(Optional::LoadBalancer),
        ComponentId::TransitGateway(_) | ComponentId::TransitGatewayRouteTable(_) => {
            Some(Optional::TransitGateway)
        }
        ComponentId::TransitGatewayAttachment(id) => {
            match network.transit_gateway_attachments().get(id)?.kind {
                AttachmentKind::Peering { .. } => Some(Optional::TransitPeering),
                AttachmentKind::OnPremises { .. } => Some(Optional::OnPremises),
                AttachmentKind::Vpc { .. } | AttachmentKind::Unmodelled(_) => {
                    Some(Optional::TransitGateway)
                }
            }
        }
        ComponentId::VirtualPrivateGateway(_) => Some(Optional::VirtualPrivateGateway),
        ComponentId::OnPremises => Some(Optional::OnPremises),
        ComponentId::SecurityGroup(_)
        | ComponentId::NetworkAcl(_)
        | ComponentId::Subnet(_)
        | ComponentId::Vpc(_)
        | ComponentId::RouteTable(_)
        | ComponentId::Internet
        | ComponentId::Unmodelled(_) => None,
    }
}

/// Whether a step asks an association.
fn advertised(network: &Network, hop: &Hop) -> bool {
    let mut associations = network.direct_connect_associations().values();
    hop.clause == Clause::DirectConnectAllowedPrefix
        && associations.any(|one| match (&one.gateway, &hop.component) {
            (
                OnPremisesGateway::VirtualPrivate(id),
                ComponentId::VirtualPrivateGateway(component),
            ) => id == component,
            (OnPremisesGateway::Transit(id), ComponentId::TransitGatewayAttachment(component)) => {
                id == component
            }
            (_, _) => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One flow of each pair is enough for a least of one, and not for two, and a pair without one is
    /// missing.
    #[test]
    fn the_meter_sees_what_is_missing() {
        let mut full = Pairs::default();
        pairs_of(&Optional::ALL).for_each(|pair| full.hit(pair));
        assert_eq!(full.gaps(1), Vec::<String>::new());
        assert_eq!(full.gaps(2).len(), pairs_of(&Optional::ALL).count());
        for pair in pairs_of(&Optional::ALL) {
            let mut pairs = full.clone();
            pairs.flows.remove(&pair);
            assert_eq!(pairs.gaps(1).len(), 1);
        }
    }
}
