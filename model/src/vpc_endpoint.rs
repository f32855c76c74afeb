//! VPC endpoints.

use std::collections::BTreeSet;

use crate::hole::Value;
use crate::id::{NetworkInterfaceId, PrefixListId, SubnetId, VpcEndpointId, VpcId};
use crate::network_interface::Middlebox;
use crate::policy::Policy;
use crate::vpc::Tags;

/// A VPC endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpcEndpoint {
    /// Its id.
    pub id: VpcEndpointId,
    /// The VPC that it stands in.
    pub vpc: VpcId,
    /// The service's name, as `com.amazonaws.ap-northeast-1.s3`.
    pub service: String,
    /// Whether it is in the state `available`; in any other nothing passes.
    pub available: bool,
    /// The type.
    pub kind: EndpointKind,
    /// The endpoint policy; AWS's default allows everything and is written out.
    pub policy: Value<Policy>,
    /// Its tags.
    pub tags: Tags,
}

/// The type of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndpointKind {
    /// A gateway endpoint: a target of routes to its service's prefix lists.
    Gateway {
        /// The service's prefix lists, IPv4 and IPv6; the routes to them are in the tables.
        prefix_lists: BTreeSet<PrefixListId>,
    },
    /// An interface endpoint: a network interface in each of its subnets.
    Interface {
        /// Its interfaces, with [`crate::Attachment::VpcEndpoint`].
        interfaces: BTreeSet<NetworkInterfaceId>,
        /// Whether the service's own names mean this endpoint in its VPC.
        private_dns: bool,
        /// Whether that holds only for queries through an inbound resolver endpoint (S3).
        private_dns_inbound_only: bool,
        /// The service's own names that private DNS answers, in lower case, where `*.` in front
        /// stands for every name below.
        private_names: BTreeSet<String>,
        /// The endpoint-specific names (`vpce-….vpce.amazonaws.com`) in lower case; `*.` as above.
        specific_names: Value<BTreeSet<EndpointName>>,
    },
    /// A Gateway Load Balancer endpoint: a target of routes. Its interface has
    /// [`crate::Attachment::Other`].
    GatewayLoadBalancer {
        /// The one subnet that it stands in.
        subnet: SubnetId,
        /// What its appliances are stated to do; never rewriting.
        middlebox: Middlebox,
    },
    /// A type that is not modelled, by AWS's name for it.
    Unmodelled(String),
}

/// An endpoint-specific DNS name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EndpointName {
    /// The name in lower case.
    pub name: String,
    /// For a zonal name the one interface that it means; `None` is all of them.
    pub interface: Option<NetworkInterfaceId>,
}
