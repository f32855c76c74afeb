//! Islands: parts of a network between which no packet can pass, whatever the tables and filters say.
//!
//! Two components are of one island when one refers to the other, over any number of others. The internet is a
//! component that everything refers to which has, or may have, a public address or a gateway to it, since the engines ask of
//! a public address whether it is the network's own; networks on premises are one; and what is open is one, since
//! it may turn out to be anything. Each component is taken apart field by field, so that a new field has to be thought
//! of here.

mod between;
mod inside;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use model::{Cidr, Network, NetworkAcl, Value};

use crate::blocks;

/// A kind of component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Part {
    /// The internet.
    Internet,
    /// Networks on premises.
    OnPremises,
    /// Whatever is open.
    Open,
    Vpc,
    Subnet,
    RouteTable,
    SecurityGroup,
    NetworkAcl,
    NetworkInterface,
    InternetGateway,
    EgressOnlyInternetGateway,
    NatGateway,
    Peering,
    VpcEndpoint,
    LoadBalancer,
    TargetGroup,
    EndpointService,
    TransitGateway,
    TransitGatewayAttachment,
    TransitGatewayRouteTable,
    VirtualPrivateGateway,
    DirectConnectAssociation,
    ClientVpnEndpoint,
}

/// A component: its kind and its id.
pub(crate) type Node = (Part, String);

impl Part {
    /// The component with an id.
    pub(super) fn of(self, id: impl ToString) -> Node {
        (self, id.to_string())
    }

    /// The one component of its kind.
    pub(super) fn only(self) -> Node {
        (self, String::new())
    }
}

/// The islands of a network.
#[derive(Debug, Default)]
pub(crate) struct Islands {
    numbers: HashMap<Node, usize>,
    /// Of each component another one of its island, or itself.
    up: Vec<usize>,
}

impl Islands {
    pub(crate) fn of(network: &Network) -> Self {
        let mut islands = Islands::default();
        network.vpcs().values().for_each(|one| islands.vpc(one));
        network
            .subnets()
            .values()
            .for_each(|one| islands.subnet(one));
        network
            .route_tables()
            .values()
            .for_each(|one| islands.route_table(one));
        network
            .security_groups()
            .values()
            .for_each(|one| islands.group(one));
        for NetworkAcl {
            id,
            vpc,
            ingress: _,
            egress: _,
            tags: _,
        } in network.network_acls().values()
        {
            islands.link(Part::NetworkAcl.of(id), Part::Vpc.of(vpc));
        }
        network
            .network_interfaces()
            .values()
            .for_each(|one| islands.interface(one));
        islands.gateways(network);
        network
            .vpc_endpoints()
            .values()
            .for_each(|one| islands.endpoint(one, network));
        islands.relays(network);
        islands.transit(network);
        islands.on_premises(network);
        islands
    }

    /// The number of a component's island, the same for all of its components.
    pub(crate) fn number(&self, node: &Node) -> Option<usize> {
        let mut at = *self.numbers.get(node)?;
        while let Some(up) = self.up.get(at).filter(|up| **up != at) {
            at = *up;
        }
        Some(at)
    }

    /// Whether everything is on one island, so that nothing is elsewhere.
    pub(crate) fn is_one(&self, network: &Network) -> bool {
        let mut vpcs = network.vpcs().keys();
        let first = vpcs.next().map(|id| self.number(&Part::Vpc.of(id)));
        first.is_some_and(|first| vpcs.all(|id| self.number(&Part::Vpc.of(id)) == first))
    }

    fn find(&mut self, node: Node) -> usize {
        let new = self.up.len();
        let mut at = *self.numbers.entry(node).or_insert(new);
        if at == new {
            self.up.push(new);
        }
        while let Some(up) = self.up.get(at).copied().filter(|up| *up != at) {
            // Every other one is shortened on the way.
            let above = self.up.get(up).copied().unwrap_or(up);
            if let Some(slot) = self.up.get_mut(at) {
                *slot = above;
            }
            at = above;
        }
        at
    }

    fn link(&mut self, one: Node, other: Node) {
        let (one, other) = (self.find(one), self.find(other));
        if let Some(slot) = self.up.get_mut(one) {
            *slot = other;
        }
    }

    /// Links a component with whatever a value may be.
    fn value<T>(&mut self, node: &Node, value: &Value<T>, each: impl Fn(&mut Self, &T)) {
        match value {
            Value::Known(one) => each(self, one),
            Value::OneOf(several, _) => {
                self.link(node.clone(), Part::Open.only());
                several.iter().for_each(|one| each(self, one));
            }
            Value::Any(_) => self.link(node.clone(), Part::Open.only()),
        }
    }
}

/// Whether no address of a block is one that the internet could be asked for.
fn is_private(block: Cidr) -> bool {
    const PRIVATE: [&str; 3] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
    let private = PRIVATE.iter().filter_map(|text| text.parse::<Cidr>().ok());
    private
        .into_iter()
        .any(|private| blocks::covers(private, block))
}
