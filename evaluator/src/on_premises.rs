//! Networks on premises: virtual private gateways, and what every gateway to one asks.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use model::{Address, Cidr, Clause, Family, Network, OnPremisesGateway, Value};

use crate::address::{held, is_public};
use crate::address_map::AddressMap;
use crate::compiled::Compiled;
use crate::direct_connect::advertised;
use crate::forward::{Arrived, CameIn, Entry, Forward};
use crate::index::{
    Arena, AttachmentIndex, HoleIndex, Holes, Names, VirtualPrivateIndex, VpcIndex,
};
use crate::transit_gateway::Attached;
use crate::walk::{Component, Ending, Filter, Recorder, Walk};

/// By what a network on premises is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gateway {
    VirtualPrivate(VirtualPrivateIndex),
    /// An attachment of a transit gateway; only of those that lead on premises one is made.
    Transit(AttachmentIndex),
}

impl Gateway {
    pub(crate) const fn component(self) -> Component {
        match self {
            Gateway::VirtualPrivate(index) => Component::VirtualPrivate(index),
            Gateway::Transit(index) => Component::Attachment(index),
        }
    }
}

/// A virtual private gateway.
#[derive(Clone, Debug)]
pub(crate) struct VirtualPrivateGateway {
    pub(crate) vpc: Option<VpcIndex>,
    /// What its own route table does, when it has one.
    edge_route_table: Option<HoleIndex>,
    pub(crate) beyond: Beyond,
}

/// The network beyond a gateway.
#[derive(Clone, Debug)]
pub(crate) struct Beyond {
    /// What the blocks that the gateway knows say of each address; of unknown ones nothing.
    known: AddressMap<Known>,
    /// What associations of Direct Connect gateways let it send to.
    pub(crate) advertised: AddressMap<Filter>,
    /// The hole when the blocks are not known.
    pub(crate) unknown: Option<HoleIndex>,
    /// What becomes of packets that have addresses of VPCs (`on-premises-source`).
    source: HoleIndex,
    /// Where they send what is not theirs (`on-premises-transit`).
    transit: HoleIndex,
    /// What the gateway does with packets between its sites (`virtual-private-gateway-inbound`).
    between: HoleIndex,
}

/// What known blocks say of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// None holds it.
    Nothing,
    /// Only such hold it as may lead through the network, a default route say.
    Short,
    /// One holds it that is taken for a network of one's own.
    Own,
}

impl Beyond {
    pub(crate) fn new(
        network: &Network,
        gateway: &OnPremisesGateway,
        prefixes: &Value<BTreeSet<Cidr>>,
        holes: &mut Holes,
    ) -> Self {
        let id = match gateway {
            OnPremisesGateway::VirtualPrivate(id) => id.as_str(),
            OnPremisesGateway::Transit(id) => id.as_str(),
        };
        let known = prefixes.known().into_iter().flatten();
        let blocks: Vec<_> = known.map(|cidr| (*cidr, ())).collect();
        Self {
            known: AddressMap::build(&blocks, |_, holding| match holding.last() {
                None => Known::Nothing,
                Some((longest, ())) if longest.prefix_len() < own_length(longest.family()) => {
                    Known::Short
                }
                Some(_) => Known::Own,
            }),
            advertised: advertised(network, gateway, id, holes),
            unknown: prefixes.hole().map(|hole| holes.keep(hole)),
            source: holes.open(format!("addresses of VPCs that come from beyond {id}")),
            transit: holes.open(format!(
                "where networks beyond {id} send what is not theirs"
            )),
            between: holes.open(format!("packets of {id} between its sites")),
        }
    }

    /// Whether it is certain that no block holds an address of NAT64's range.
    pub(crate) fn has_no_nat64(&self) -> bool {
        let mut known = self.known.of_nat64().iter();
        self.unknown.is_none() && known.all(|known| *known == Known::Nothing)
    }

    /// Whether a known block holds the address.
    pub(crate) fn holds(&self, address: Address) -> bool {
        *self.known.at(address) != Known::Nothing
    }

    /// The first address of every interval on which the known blocks say one thing.
    pub(crate) fn starts(&self, family: Family) -> impl Iterator<Item = Address> {
        self.known.starts(family)
    }
}

/// From what length on a block is taken for a network of one's own (`on-premises-transit`).
const fn own_length(family: Family) -> u8 {
    match family {
        Family::V4 => 8,
        Family::V6 => 16,
    }
}

pub(crate) fn compile(
    network: &Network,
    names: &Names,
    holes: &mut Holes,
) -> Arena<VirtualPrivateIndex, VirtualPrivateGateway> {
    let gateways = network.virtual_private_gateways().values();
    gateways
        .map(|gateway| VirtualPrivateGateway {
            vpc: gateway.vpc.as_ref().map(|vpc| names.vpcs.index(vpc)),
            edge_route_table: gateway
                .edge_route_table
                .as_ref()
                .map(|_| holes.open(format!("targets of the edge route table of {}", gateway.id))),
            beyond: Beyond::new(
                network,
                &OnPremisesGateway::VirtualPrivate(gateway.id.clone()),
                &gateway.prefixes,
                holes,
            ),
        })
        .collect()
}

impl Names {
    /// The id of a gateway.
    pub(crate) fn gateway_id(&self, gateway: Gateway) -> OnPremisesGateway {
        match gateway {
            Gateway::VirtualPrivate(index) => {
                OnPremisesGateway::VirtualPrivate(self.virtual_private.id(index).clone())
            }
            Gateway::Transit(index) => {
                OnPremisesGateway::Transit(self.attachments.id(index).clone())
            }
        }
    }
}

impl Compiled {
    /// The gateway of an id that may not be in the network, or lead elsewhere.
    pub(crate) fn gateway(&self, id: &OnPremisesGateway) -> Option<Gateway> {
        match id {
            OnPremisesGateway::VirtualPrivate(id) => {
                let index = self.names.virtual_private.find(id)?;
                Some(Gateway::VirtualPrivate(index))
            }
            OnPremisesGateway::Transit(id) => {
                let gateway = Gateway::Transit(self.names.attachments.find(id)?);
                self.beyond(gateway).map(|_| gateway)
            }
        }
    }

    /// Every gateway of the network.
    pub(crate) fn gateways(&self) -> impl Iterator<Item = Gateway> {
        let virtual_private = self.virtual_private.iter();
        let virtual_private = virtual_private.map(|(index, _)| Gateway::VirtualPrivate(index));
        let attachments = self.attachments.iter();
        let attachments = attachments.map(|(index, _)| Gateway::Transit(index));
        virtual_private.chain(attachments.filter(|gateway| self.beyond(*gateway).is_some()))
    }

    /// What lies beyond a gateway; nothing beyond an attachment that does not lead on premises.
    pub(crate) fn beyond(&self, gateway: Gateway) -> Option<&Beyond> {
        match gateway {
            Gateway::VirtualPrivate(index) => Some(&self.virtual_private[index].beyond),
            Gateway::Transit(index) => match &self.attachments[index].attached {
                Attached::OnPremises(beyond) => Some(beyond),
                Attached::Vpc { .. } | Attached::Peering(_) | Attached::Unmodelled(_) => None,
            },
        }
    }

    /// Whether what comes in by a gateway with a source is open (`on-premises-source`).
    pub(crate) fn is_source_open(&self, gateway: Gateway, source: Address) -> bool {
        match gateway {
            Gateway::VirtualPrivate(index) => {
                let vpc = self.virtual_private[index].vpc;
                vpc.is_some_and(|vpc| held(&self.vpcs[vpc].cidrs, source))
            }
            Gateway::Transit(index) => {
                let transit = self.attachments[index].gateway;
                self.transit_gateways[transit].has_attached(source)
            }
        }
    }

    /// Whether the network beyond a gateway may send on what is handed over to it
    /// (`on-premises-transit`).
    fn is_sent_on(&self, beyond: &Beyond, destination: Address) -> bool {
        let own = || *beyond.known.at(destination) == Known::Own;
        *self.of_some_vpc.at(destination) || (is_public(destination) && !own())
    }
}

impl<R: Recorder> Forward<'_, R> {
    /// A virtual private gateway as the target of a route from a subnet of a VPC.
    pub(crate) fn virtual_private(
        &mut self,
        vpc: VpcIndex,
        index: VirtualPrivateIndex,
    ) -> ControlFlow<Ending> {
        let network = self.walk.network;
        let gateway = &network.virtual_private[index];
        let component = Component::VirtualPrivate(index);
        let clause = Clause::VirtualPrivateGatewayAttached;
        if gateway.vpc != Some(vpc) {
            return self.walk.drop(component, None, clause);
        }
        self.walk.pass(component, None, clause);
        let clause = Clause::VirtualPrivateGatewaySource;
        if !held(&network.vpcs[vpc].cidrs, self.walk.packet.source()) {
            return self.walk.drop(component, None, clause);
        }
        self.walk.pass(component, None, clause);
        self.walk.virtual_private_route(index)?;
        self.hand_over(Gateway::VirtualPrivate(index), &gateway.beyond)
    }

    /// *Handed over* by a gateway.
    pub(crate) fn hand_over(&mut self, gateway: Gateway, beyond: &Beyond) -> ControlFlow<Ending> {
        let component = gateway.component();
        let clause = Clause::OnPremisesTransit;
        let destination = self.walk.packet.destination();
        if self.walk.network.is_sent_on(beyond, destination) {
            return self.walk.end_open(component, None, clause, beyond.transit);
        }
        self.walk.pass(component, None, clause);
        self.deliver(
            component,
            Clause::OnPremisesDelivers,
            Arrived::OnPremises(gateway),
        )
    }

    /// A packet that a host on premises sends.
    pub(crate) fn on_premises_sends(&mut self, gateway: Gateway) -> ControlFlow<Ending> {
        match gateway {
            Gateway::VirtualPrivate(index) => self.virtual_private_sends(index),
            Gateway::Transit(index) => self.attachment_sends(index),
        }
    }

    fn virtual_private_sends(&mut self, index: VirtualPrivateIndex) -> ControlFlow<Ending> {
        let network = self.walk.network;
        let gateway = &network.virtual_private[index];
        let component = Component::VirtualPrivate(index);
        let clause = Clause::VirtualPrivateGatewayInbound;
        let destination = self.walk.packet.destination();
        let own = |vpc: &VpcIndex| held(&network.vpcs[*vpc].cidrs, destination);
        let Some(vpc) = gateway.vpc.filter(own) else {
            let beyond = &gateway.beyond;
            return match beyond.unknown {
                Some(hole) => self.walk.end_open(component, None, clause, hole),
                None if beyond.holds(destination) => {
                    self.walk.end_open(component, None, clause, beyond.between)
                }
                None => self.walk.drop(component, None, clause),
            };
        };
        self.walk.pass(component, None, clause);
        self.allowed_prefix(Gateway::VirtualPrivate(index), &gateway.beyond)?;
        self.source(Gateway::VirtualPrivate(index), &gateway.beyond)?;
        self.walk.virtual_private_edge_table(index)?;
        self.came_in = Some(CameIn::OnPremises(index));
        self.arrive(vpc, Entry::Routed)
    }

    fn attachment_sends(&mut self, index: AttachmentIndex) -> ControlFlow<Ending> {
        let attachment = &self.walk.network.attachments[index];
        let component = Component::Attachment(index);
        let Attached::OnPremises(beyond) = &attachment.attached else {
            // Of no other attachment a gateway is made.
            return self.walk.drop(component, None, Clause::SourceCheck);
        };
        let clause = Clause::TransitGatewayAttached;
        if !attachment.available {
            return self.walk.drop(component, None, clause);
        }
        self.walk.pass(component, None, clause);
        self.allowed_prefix(Gateway::Transit(index), beyond)?;
        self.source(Gateway::Transit(index), beyond)?;
        // No device was passed: neither `way-loop` nor `way-limit` can apply.
        self.transit(index, None)
    }

    /// `on-premises-source`.
    fn source(&mut self, gateway: Gateway, beyond: &Beyond) -> ControlFlow<Ending> {
        let component = gateway.component();
        let clause = Clause::OnPremisesSource;
        let source = self.walk.packet.source();
        if self.walk.network.is_source_open(gateway, source) {
            return self.walk.end_open(component, None, clause, beyond.source);
        }
        self.walk.pass(component, None, clause);
        ControlFlow::Continue(())
    }
}

impl<R: Recorder> Walk<'_, R> {
    /// `virtual-private-gateway-route`, for the packet's destination.
    pub(crate) fn virtual_private_route(
        &mut self,
        index: VirtualPrivateIndex,
    ) -> ControlFlow<Ending> {
        let beyond = &self.network.virtual_private[index].beyond;
        let component = Component::VirtualPrivate(index);
        let clause = Clause::VirtualPrivateGatewayRoute;
        if let Some(hole) = beyond.unknown {
            return self.end_open(component, None, clause, hole);
        }
        if !beyond.holds(self.packet.destination()) {
            return self.drop(component, None, clause);
        }
        self.pass(component, None, clause);
        ControlFlow::Continue(())
    }

    /// `virtual-private-gateway-edge-table`, of what comes in.
    pub(crate) fn virtual_private_edge_table(
        &mut self,
        index: VirtualPrivateIndex,
    ) -> ControlFlow<Ending> {
        let component = Component::VirtualPrivate(index);
        let clause = Clause::VirtualPrivateGatewayEdgeTable;
        if let Some(hole) = self.network.virtual_private[index].edge_route_table {
            return self.end_open(component, None, clause, hole);
        }
        self.pass(component, None, clause);
        ControlFlow::Continue(())
    }
}
