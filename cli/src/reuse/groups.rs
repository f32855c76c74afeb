//! Which security groups a claim can ask.
//!
//! The rules of a group are asked when an interface that has it sends a packet, or takes one. The flows of a claim are sent
//! by its senders, and taken by whoever has their destination; and on the way by what is more than an end: appliances, load
//! balancers and their targets, NAT gateways, endpoints. A rule that names a group asks who has it, not what its rules say.

use std::collections::BTreeSet;

use model::{
    Address, AddressValue, Attachment, Cidr, Invariant, Network, NetworkInterface,
    NetworkInterfaceId, Origin, Place, Scope, SecurityGroupId, Target, TargetDestination, Value,
};

use crate::blocks;

/// The groups that may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Groups {
    /// Any.
    Every,
    /// These and no others.
    These(BTreeSet<SecurityGroupId>),
}

impl Groups {
    pub(super) fn may_be(&self, group: &SecurityGroupId) -> bool {
        match self {
            Groups::Every => true,
            Groups::These(groups) => groups.contains(group),
        }
    }
}

/// The groups that some claims can ask in a network.
pub(super) fn of(invariants: &[&Invariant], network: &Network) -> Groups {
    let Some(mut ends) = devices(network) else {
        return Groups::Every;
    };
    for invariant in invariants {
        if ends.scope(&invariant.scope, network).is_none() {
            return Groups::Every;
        }
    }
    let mut groups = BTreeSet::new();
    for interface in network.network_interfaces().values() {
        if !ends.may_be(interface) {
            continue;
        }
        match &interface.groups {
            Value::Known(own) => groups.extend(own.iter().cloned()),
            Value::OneOf(several, _) => groups.extend(several.iter().flatten().cloned()),
            Value::Any(_) => return Groups::Every,
        }
    }
    Groups::These(groups)
}

/// Who may send or take a packet.
#[derive(Default)]
struct Ends<'a> {
    interfaces: BTreeSet<&'a NetworkInterfaceId>,
    addresses: BTreeSet<Address>,
    blocks: Vec<Cidr>,
}

impl<'a> Ends<'a> {
    fn may_be(&self, interface: &NetworkInterface) -> bool {
        self.interfaces.contains(&interface.id) || self.may_have(interface)
    }

    /// Whether an interface has, or may have, an address that packets are sent to.
    fn may_have(&self, interface: &NetworkInterface) -> bool {
        values(interface).any(|value| match value {
            AddressValue::Known(address) => {
                let mut blocks = self.blocks.iter();
                self.addresses.contains(address)
                    || blocks.any(|block| blocks::holds(*block, *address))
            }
            AddressValue::Within(..) => true,
        })
    }

    fn interface(&mut self, id: &'a NetworkInterfaceId, network: &Network) {
        self.interfaces.insert(id);
        // Another VPC may have the same address.
        let interface = network.network_interfaces().get(id);
        let values = interface.into_iter().flat_map(values);
        self.addresses
            .extend(values.filter_map(|value| match value {
                AddressValue::Known(address) => Some(*address),
                AddressValue::Within(..) => None,
            }));
    }

    /// Adds the senders and the destinations of a claim; `None` when these may be anyone.
    fn scope(&mut self, scope: &'a Scope, network: &Network) -> Option<()> {
        for origin in &scope.from {
            match origin {
                Origin::Interfaces(senders) => self.interfaces.extend(senders),
                Origin::Internet(_) | Origin::OnPremises { .. } => {}
            }
        }
        for place in &scope.to {
            match place {
                Place::Interfaces {
                    interfaces,
                    public_from_inside: _,
                } => {
                    for id in interfaces {
                        self.interface(id, network);
                    }
                }
                // What belongs to the network itself is no destination.
                Place::Internet => {}
                Place::Cidrs(blocks) => self.blocks.extend(blocks),
                Place::OnPremises(_)
                | Place::Service(_)
                | Place::GatewayEndpoints(_)
                | Place::Name(_) => return None,
            }
        }
        Some(())
    }
}

fn values(interface: &NetworkInterface) -> impl Iterator<Item = &AddressValue> {
    let addresses = interface.addresses.iter();
    addresses.flat_map(|address| {
        [Some(&address.private), address.public.as_ref()]
            .into_iter()
            .flatten()
    })
}

/// Whatever stands on ways and is no end; `None` when that may be anything.
fn devices(network: &Network) -> Option<Ends<'_>> {
    let mut devices = Ends::default();
    // The interface of an endpoint takes what is sent to it, and is more than an end where that is handed on.
    let hands_on = !network.endpoint_services().is_empty();
    for interface in network.network_interfaces().values() {
        let is_end = match interface.attachment {
            Attachment::Ordinary { .. } => true,
            Attachment::VpcEndpoint(_) => !hands_on,
            Attachment::NatGateway(_) | Attachment::LoadBalancer(_) | Attachment::Other(_) => false,
        };
        if !is_end || !interface.source_destination_check {
            devices.interfaces.insert(&interface.id);
        }
    }
    let routes = network.route_tables().values();
    for route in routes.flat_map(|table| &table.routes) {
        let targets = match &route.target {
            Value::Known(target) => std::slice::from_ref(target),
            Value::OneOf(targets, _) => targets,
            // It ends the walk.
            Value::Any(_) => &[],
        };
        for target in targets {
            if let Target::NetworkInterface(id) = target {
                devices.interfaces.insert(id);
            }
        }
    }
    for group in network.target_groups().values() {
        let targets = match &group.targets {
            Value::Known(targets) => std::slice::from_ref(targets),
            Value::OneOf(several, _) => several,
            Value::Any(_) => return None,
        };
        for target in targets.iter().flatten() {
            match &target.destination {
                TargetDestination::Interface(id) => devices.interface(id, network),
                TargetDestination::Address(address) => {
                    devices.addresses.insert(*address);
                }
                // Its interfaces are devices.
                TargetDestination::LoadBalancer(_) => {}
            }
        }
    }
    for balancer in network.load_balancers().values() {
        devices.interfaces.extend(&balancer.interfaces);
    }
    for endpoint in network.client_vpn_endpoints().values() {
        devices.interfaces.extend(&endpoint.interfaces);
    }
    for gateway in network.nat_gateways().values() {
        devices.interfaces.insert(&gateway.interface);
    }
    Some(devices)
}
