//! The *way*: the devices that a packet has passed, in order (semantics, *The walk*).

use crate::compiled::Compiled;
use crate::index::{
    AttachmentIndex, EndpointIndex, InterfaceIndex, NatGatewayIndex, PeeringIndex, SubnetIndex,
};
use crate::route_table::Target;
use crate::walk::Component;

/// How many devices a way can have (`way-limit`).
const LIMIT: usize = 6;

/// A device that a packet has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Device {
    NatGateway(NatGatewayIndex),
    Middlebox(InterfaceIndex),
    GatewayLoadBalancer(EndpointIndex),
    TransitGateway(Passage),
    Peering(PeeringIndex),
}

/// How a packet passed a transit gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Passage {
    /// The attachment by which it came.
    pub(crate) entered: AttachmentIndex,
    /// The attachment by which it left.
    pub(crate) left: AttachmentIndex,
    /// The subnet of the attachment by which it came; of a peering there is none.
    pub(crate) subnet: Option<SubnetIndex>,
}

impl Device {
    /// *The target of a device*.
    pub(crate) fn target(self, network: &Compiled) -> Target {
        match self {
            Device::NatGateway(_) => Target::Local,
            Device::Middlebox(index) => Target::NetworkInterface(index),
            Device::GatewayLoadBalancer(index) => Target::GatewayLoadBalancer(index),
            Device::TransitGateway(passage) => {
                Target::TransitGateway(network.attachments[passage.left].gateway)
            }
            Device::Peering(index) => Target::Peering(index),
        }
    }

    pub(crate) fn component(self, network: &Compiled) -> Component {
        match self {
            Device::NatGateway(index) => Component::NatGateway(index),
            Device::Middlebox(index) => Component::Interface(index),
            Device::GatewayLoadBalancer(index) => Component::Endpoint(index),
            Device::TransitGateway(passage) => {
                Component::TransitGateway(network.attachments[passage.entered].gateway)
            }
            Device::Peering(index) => Component::Peering(index),
        }
    }
}

/// A packet's way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Way {
    // INVARIANT: the first `n_devices` places have a device, and the others have none.
    devices: [Option<Device>; LIMIT],
    n_devices: u8,
}

impl Way {
    #[inline]
    pub(crate) fn devices(&self) -> impl DoubleEndedIterator<Item = Device> {
        let taken = self.devices.get(..usize::from(self.n_devices));
        taken.unwrap_or_default().iter().copied().flatten()
    }

    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.n_devices == 0
    }

    pub(crate) const fn is_full(&self) -> bool {
        self.n_devices as usize == LIMIT
    }

    #[inline]
    pub(crate) fn last(&self) -> Option<Device> {
        self.devices().next_back()
    }

    /// The only device.
    #[inline]
    pub(crate) fn only(&self) -> Option<Device> {
        self.last().filter(|_| self.n_devices == 1)
    }

    /// Adds a device; a full way takes none, but then none is come to.
    pub(crate) fn push(&mut self, device: Device) {
        if let Some(place) = self.devices.get_mut(usize::from(self.n_devices)) {
            *place = Some(device);
            self.n_devices += 1;
        }
    }

    /// Takes the last device off.
    pub(crate) fn pop(&mut self) -> Option<Device> {
        let last = self.n_devices.checked_sub(1)?;
        self.n_devices = last;
        self.devices.get_mut(usize::from(last))?.take()
    }

    /// The NAT gateway on it; there is at most one (`nat-gateway-chain`).
    pub(crate) fn nat_gateway(&self) -> Option<NatGatewayIndex> {
        self.devices().find_map(|device| match device {
            Device::NatGateway(index) => Some(index),
            Device::Middlebox(_)
            | Device::GatewayLoadBalancer(_)
            | Device::TransitGateway(_)
            | Device::Peering(_) => None,
        })
    }

    /// Whether a packet on it has been inspected (`gateway-load-balancer-endpoint-egress-only`).
    pub(crate) fn is_inspected(&self) -> bool {
        let inspects = |device| matches!(device, Device::GatewayLoadBalancer(_));
        self.devices().any(inspects)
    }

    /// Whether it has come over a transit gateway (`nat-gateway-source`).
    pub(crate) fn over_transit_gateway(&self) -> bool {
        let transit = |device| matches!(device, Device::TransitGateway(_));
        self.devices().any(transit)
    }
}
