//! Pairs: how often two optional components were touched by one flow or its reply. Bugs that need
//! one component only are met anyway; those that are left stand where two meet.

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

    /// The flows of each pair as a table of the book: a row and a column for each component, a dash
    /// for a pair that cannot meet.
    pub fn table(&self) -> String {
        let numbers = (1..=Optional::ALL.len()).map(|number| format!(" {number} |"));
        let mut table = format!("| | |{}\n|---|---|", numbers.collect::<String>());
        table += &"---|".repeat(Optional::ALL.len());
        for (row, one) in Optional::ALL.iter().enumerate() {
            table += &format!("\n| {} | {} |", row + 1, one.name());
            for (column, other) in Optional::ALL.iter().enumerate() {
                let cell = match apart((*one, *other)) {
                    _ if column <= row => String::new(),
                    Some(_) => "–".to_owned(),
                    None => self.flows((*one, *other)).to_string(),
                };
                table += &format!(" {cell} |");
            }
        }
        table
    }

    /// What the book says beneath the table: the pairs that cannot meet, and those that seldom do.
    pub fn remarks() -> String {
        let text = |(one, other): Pair| format!("{} and {}", one.name(), other.name());
        let apart = APART.map(|(pair, reason)| format!("| {} | {reason} |\n", text(pair)));
        let seldom = SELDOM.map(text);
        format!(
            "| cannot meet | why |\n|---|---|\n{}\nSeldom drawn, and not counted on: {}.\n",
            apart.concat(),
            seldom.join("; ")
        )
    }

    /// Pairs that are counted on and were met less than `least` times, pairs that cannot meet and
    /// did, and pairs that are said to be seldom and were met more than `most` times.
    pub fn gaps(&self, least: u64, most: u64) -> Vec<String> {
        let wrong = |pair: Pair| {
            let (flows, (one, other)) = (self.flows(pair), (pair.0.name(), pair.1.name()));
            let why = if apart(pair).is_some() {
                (flows > 0).then_some("they cannot meet")
            } else if SELDOM.contains(&pair) {
                (flows > most).then_some("too many for a pair that seldom meets")
            } else {
                (flows < least).then_some("too few")
            };
            why.map(|why| format!("{one} and {other}: {flows} flows, {why}"))
        };
        pairs_of(&Optional::ALL).filter_map(wrong).collect()
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

/// Why no flow touches both, where none can. Whatever else is in the way of a packet: the nodes and
/// the endpoints that hand requests on let it take one more leg, so most pairs can meet.
const APART: [(Pair, &str); 1] = [(
    (Optional::GatewayEndpoint, Optional::EgressOnly),
    "either is the end of a request, and neither is asked about a reply that did not go out by it",
)];

/// Pairs that may meet, and that the generator draws too seldom to be counted on: most need a leg
/// behind a load balancer or an endpoint service that crosses the other component.
const SELDOM: [Pair; 43] = [
    (Optional::GatewayEndpoint, Optional::InterfaceEndpoint),
    (
        Optional::GatewayEndpoint,
        Optional::GatewayLoadBalancerEndpoint,
    ),
    (Optional::GatewayEndpoint, Optional::EndpointService),
    (Optional::GatewayEndpoint, Optional::LoadBalancer),
    (Optional::GatewayEndpoint, Optional::NatGateway),
    (Optional::GatewayEndpoint, Optional::Peering),
    (Optional::GatewayEndpoint, Optional::TransitGateway),
    (Optional::GatewayEndpoint, Optional::TransitPeering),
    (Optional::GatewayEndpoint, Optional::VirtualPrivateGateway),
    (Optional::GatewayEndpoint, Optional::OnPremises),
    (Optional::GatewayEndpoint, Optional::Middlebox),
    (Optional::GatewayEndpoint, Optional::BlockPublicAccess),
    (Optional::GatewayEndpoint, Optional::InternetGateway),
    (Optional::InterfaceEndpoint, Optional::TransitPeering),
    (Optional::InterfaceEndpoint, Optional::BlockPublicAccess),
    (Optional::InterfaceEndpoint, Optional::EgressOnly),
    (Optional::InterfaceEndpoint, Optional::InternetGateway),
    (
        Optional::GatewayLoadBalancerEndpoint,
        Optional::EndpointService,
    ),
    (Optional::EndpointService, Optional::NatGateway),
    (Optional::EndpointService, Optional::TransitGateway),
    (Optional::EndpointService, Optional::TransitPeering),
    (Optional::EndpointService, Optional::BlockPublicAccess),
    (Optional::EndpointService, Optional::EgressOnly),
    (Optional::EndpointService, Optional::InternetGateway),
    (Optional::LoadBalancer, Optional::TransitPeering),
    (Optional::LoadBalancer, Optional::EgressOnly),
    (Optional::NatGateway, Optional::EgressOnly),
    (Optional::Peering, Optional::TransitPeering),
    (Optional::Peering, Optional::VirtualPrivateGateway),
    (Optional::Peering, Optional::OnPremises),
    (Optional::Peering, Optional::BlockPublicAccess),
    (Optional::Peering, Optional::EgressOnly),
    (Optional::Peering, Optional::InternetGateway),
    (Optional::TransitGateway, Optional::EgressOnly),
    (Optional::TransitPeering, Optional::EgressOnly),
    (Optional::VirtualPrivateGateway, Optional::BlockPublicAccess),
    (Optional::VirtualPrivateGateway, Optional::EgressOnly),
    (Optional::VirtualPrivateGateway, Optional::InternetGateway),
    (Optional::OnPremises, Optional::EgressOnly),
    (Optional::EgressOnly, Optional::InternetGateway),
    (
        Optional::GatewayEndpoint,
        Optional::DirectConnectAssociation,
    ),
    (Optional::Peering, Optional::DirectConnectAssociation),
    (Optional::EgressOnly, Optional::DirectConnectAssociation),
];

fn apart(pair: Pair) -> Option<&'static str> {
    let mut apart = APART.iter();
    let found = apart.find(|(one, _)| *one == pair);
    found.map(|(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Pairs {
        let mut full = Pairs::default();
        let met = pairs_of(&Optional::ALL).filter(|pair| apart(*pair).is_none());
        for pair in met.filter(|pair| !SELDOM.contains(pair)) {
            full.hit(pair);
        }
        full
    }

    /// One flow of each pair that is counted on is enough for a least of one, and not for two; one of
    /// a pair that cannot meet is too much, and so are many of one that is said to be seldom.
    #[test]
    fn the_meter_sees_what_is_missing_and_what_is_too_much() {
        assert_eq!(full().gaps(1, 2), Vec::<String>::new());
        assert!(!full().gaps(2, 2).is_empty());
        for (pair, _) in APART {
            let mut pairs = full();
            pairs.hit(pair);
            assert_eq!(pairs.gaps(1, 2).len(), 1);
        }
        for pair in SELDOM {
            let mut pairs = full();
            pairs.hit(pair);
            assert_eq!(pairs.gaps(1, 2).len(), 0);
            pairs.hit(pair);
            pairs.hit(pair);
            assert_eq!(pairs.gaps(1, 2).len(), 1);
        }
    }
}
