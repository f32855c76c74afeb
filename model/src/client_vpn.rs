//! Client VPN endpoints, by which people's computers send into a VPC.

use std::collections::BTreeSet;

use crate::cidr::Cidr;
use crate::hole::Value;
use crate::id::{ClientVpnEndpointId, NetworkInterfaceId, SubnetId};
use crate::vpc::Tags;

/// A Client VPN endpoint. Its clients are not in the network: what they send leaves from its
/// interfaces, with the interface's own address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientVpnEndpoint {
    /// Its id.
    pub id: ClientVpnEndpointId,
    /// Its interfaces in its target subnets, all of one VPC, with [`crate::Attachment::Other`].
    pub interfaces: BTreeSet<NetworkInterfaceId>,
    /// Which destinations its clients may send to.
    pub authorization_rules: Value<BTreeSet<AuthorizationRule>>,
    /// Its own routes.
    pub routes: Value<BTreeSet<ClientVpnRoute>>,
    /// Its tags.
    pub tags: Tags,
}

/// An authorization rule of a Client VPN endpoint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuthorizationRule {
    /// The destinations.
    pub destination: Cidr,
    /// The one group of users that it is for; `None` is everybody.
    pub group: Option<String>,
}

/// A route of a Client VPN endpoint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClientVpnRoute {
    /// The destinations.
    pub destination: Cidr,
    /// The target subnet; `None` is `local`, the endpoint's other clients.
    pub subnet: Option<SubnetId>,
}
