//! Elastic network interfaces: everything that has an address in a subnet.

use std::collections::BTreeSet;

use crate::hole::{AddressValue, Value};
use crate::id::{
    LoadBalancerId, NatGatewayId, NetworkInterfaceId, SecurityGroupId, SubnetId, VpcEndpointId,
};
use crate::vpc::Tags;

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkInterface {
    /// Its id.
    pub id: NetworkInterfaceId,
    /// The subnet in which its private addresses lie.
    pub subnet: SubnetId,
    /// Its private addresses of both families, each with the public one mapped to it.
    pub addresses: Vec<InterfaceAddress>,
    /// The security groups on it; without any, nothing passes that a group has to admit.
    pub groups: Value<BTreeSet<SecurityGroupId>>,
    /// Whether packets that are not its own are refused, in both directions.
    pub source_destination_check: bool,
    /// What it does with packets that routes lead to it and that are not its own.
    pub middlebox: Middlebox,
    /// What it belongs to.
    pub attachment: Attachment,
    /// Its tags, together with those of the instance that it is attached to.
    pub tags: Tags,
}

/// What an appliance is stated to do with the packets that routes lead to it (`middlebox-forwards`,
/// `gateway-load-balancer-endpoint-inspects`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Middlebox {
    /// Nothing is stated. Behind a Gateway Load Balancer endpoint this is as much as `Inspects`.
    #[default]
    Unknown,
    /// It sends every packet on unchanged.
    Forwards,
    /// It sends a packet on unchanged, or drops it.
    Inspects,
}

/// A private address of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceAddress {
    /// The private IPv4 address, or the IPv6 address.
    pub private: AddressValue,
    /// The public IPv4 address that the internet gateway maps to it; never with IPv6.
    pub public: Option<AddressValue>,
}

/// What a network interface belongs to, as far as that changes what it does with packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attachment {
    /// An ordinary interface: of an instance, a function, a database, or of nothing yet.
    Ordinary {
        /// The instance, when there is one.
        instance: Option<String>,
    },
    /// An interface endpoint's, one in each of its subnets.
    VpcEndpoint(VpcEndpointId),
    /// A NAT gateway's.
    NatGateway(NatGatewayId),
    /// A node of an Application or Network Load Balancer.
    LoadBalancer(LoadBalancerId),
    /// Something whose handling of packets is not modelled, by AWS's name for the interface type,
    /// such as `api_gateway_managed`. It is a destination like any other; what it does with a
    /// packet that reached it is not said.
    Other(String),
}
