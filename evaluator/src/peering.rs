//! VPC peering connections.

use std::ops::ControlFlow;

use model::{Clause, Network, PeeringEnd};

use crate::address::held;
use crate::forward::{Entry, Forward};
use crate::index::{Arena, HoleIndex, Holes, Names, PeeringIndex, VpcIndex};
use crate::walk::{Component, Ending, Recorder};
use crate::way::Device;

/// A peering connection.
#[derive(Clone, Debug)]
pub(crate) struct Peering {
    pub(crate) ends: [End; 2],
    pub(crate) active: bool,
    /// Whether both ends are in the network and in one Region.
    pub(crate) same_region: bool,
}

/// One end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Vpc(VpcIndex),
    Outside(HoleIndex),
}

impl Peering {
    /// The end that is not the VPC.
    pub(crate) fn other(&self, vpc: VpcIndex) -> End {
        let [one, other] = self.ends;
        match one {
            End::Vpc(of) if of == vpc => other,
            End::Vpc(_) | End::Outside(_) => one,
        }
    }
}

pub(crate) fn compile(
    network: &Network,
    names: &Names,
    holes: &mut Holes,
) -> Arena<PeeringIndex, Peering> {
    let peerings = network.peerings().values();
    peerings
        .map(|peering| {
            let region = |end: &PeeringEnd| match end {
                PeeringEnd::Vpc(vpc) => network.vpcs().get(vpc).map(|vpc| vpc.region.as_str()),
                PeeringEnd::Outside(_) => None,
            };
            let requester = region(&peering.requester);
            let mut end = |end: &PeeringEnd| match end {
                PeeringEnd::Vpc(vpc) => End::Vpc(names.vpcs.index(vpc)),
                PeeringEnd::Outside(name) => End::Outside(
                    holes.open(format!("VPC {name} at the other end of {}", peering.id)),
                ),
            };
            Peering {
                ends: [end(&peering.requester), end(&peering.accepter)],
                active: peering.active,
                same_region: requester.is_some() && requester == region(&peering.accepter),
            }
        })
        .collect()
}

impl<R: Recorder> Forward<'_, R> {
    /// A peering as the target of a route from a VPC.
    pub(crate) fn peering(&mut self, vpc: VpcIndex, index: PeeringIndex) -> ControlFlow<Ending> {
        let network = self.walk.network;
        let peering = &network.peerings[index];
        let component = Component::Peering(index);
        let device = Device::Peering(index);
        self.comes_to(component, |passed| passed == device)?;
        if !peering.active {
            return self.walk.drop(component, None, Clause::PeeringActive);
        }
        self.walk.pass(component, None, Clause::PeeringActive);
        if !held(&network.vpcs[vpc].cidrs, self.walk.packet.source()) {
            return self.walk.drop(component, None, Clause::PeeringAddresses);
        }
        let other = match peering.other(vpc) {
            End::Vpc(other) => other,
            End::Outside(hole) => {
                return self
                    .walk
                    .end_open(component, None, Clause::PeeringOutside, hole);
            }
        };
        if !held(&network.vpcs[other].cidrs, self.walk.packet.destination()) {
            return self.walk.drop(component, None, Clause::PeeringAddresses);
        }
        self.walk.pass(component, None, Clause::PeeringAddresses);
        self.way.push(device);
        self.arrive(other, Entry::Routed)
    }
}
