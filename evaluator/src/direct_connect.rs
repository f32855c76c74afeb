//! Associations of Direct Connect gateways: what they let premises send to.

use std::ops::ControlFlow;

use model::{Cidr, Clause, Network, OnPremisesGateway, VirtualPrivateGatewayId};

use crate::address::holds;
use crate::address_map::AddressMap;
use crate::forward::Forward;
use crate::index::Holes;
use crate::on_premises::{Beyond, Gateway};
use crate::walk::{Ending, Filter, Recorder};

/// `direct-connect-allowed-prefix`, for every destination of what comes in by a gateway.
pub(crate) fn advertised(
    network: &Network,
    gateway: &OnPremisesGateway,
    id: &str,
    holes: &mut Holes,
) -> AddressMap<Filter> {
    let associations = network.direct_connect_associations().values();
    let associations: Vec<_> = associations.filter(|one| one.gateway == *gateway).collect();
    let mut all = associations.iter();
    let unknown = all.find_map(|one| one.allowed_prefixes.hole());
    let other_ways = associations.iter().any(|one| one.other_ways);
    let clause = Clause::DirectConnectAllowedPrefix;
    let otherwise = match (unknown, other_ways) {
        (Some(hole), _) => Filter::Open(clause, holes.keep(hole)),
        (None, true) => {
            let question = format!("what other ways advertise to premises beyond {id}");
            Filter::Open(clause, holes.open(question))
        }
        (None, false) if associations.is_empty() => Filter::Passes,
        (None, false) => Filter::Drops,
    };
    let known = associations.iter();
    let known = known.filter_map(|one| one.allowed_prefixes.known());
    let mut blocks: Vec<Cidr> = known.flatten().copied().collect();
    if let OnPremisesGateway::VirtualPrivate(id) = gateway {
        blocks = of_vpc(network, id)
            .filter(|block| blocks.iter().any(|allowed| holds_whole(*allowed, *block)))
            .collect();
    }
    let blocks: Vec<_> = blocks.into_iter().map(|block| (block, ())).collect();
    AddressMap::build(&blocks, |_, holding| match holding {
        [] => otherwise,
        [..] => Filter::Passes,
    })
}

/// The blocks of the VPC of a virtual private gateway.
fn of_vpc(network: &Network, id: &VirtualPrivateGatewayId) -> impl Iterator<Item = Cidr> {
    let gateway = network.virtual_private_gateways().get(id);
    let vpc = gateway.and_then(|gateway| gateway.vpc.as_ref());
    let vpc = vpc.and_then(|vpc| network.vpcs().get(vpc));
    vpc.into_iter().flat_map(|vpc| vpc.cidrs.iter().copied())
}

/// Whether a block holds every address of another.
fn holds_whole(cidr: Cidr, other: Cidr) -> bool {
    cidr.prefix_len() <= other.prefix_len() && holds(cidr, other.base())
}

impl<R: Recorder> Forward<'_, R> {
    /// `direct-connect-allowed-prefix`.
    pub(crate) fn allowed_prefix(
        &mut self,
        gateway: Gateway,
        beyond: &Beyond,
    ) -> ControlFlow<Ending> {
        let component = gateway.component();
        let clause = Clause::DirectConnectAllowedPrefix;
        match *beyond.advertised.at(self.walk.packet.destination()) {
            Filter::Passes => self.walk.pass(component, None, clause),
            Filter::Drops => return self.walk.drop(component, None, clause),
            Filter::Open(clause, hole) => {
                return self.walk.end_open(component, None, clause, hole);
            }
        }
        ControlFlow::Continue(())
    }
}
