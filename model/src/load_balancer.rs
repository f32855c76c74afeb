//! Application and Network Load Balancers, and what stands behind them.

use std::collections::BTreeSet;

use crate::address::{Address, Family};
use crate::hole::Value;
use crate::id::{LoadBalancerId, NetworkInterfaceId, TargetGroupId};
use crate::packet::Port;
use crate::vpc::Tags;

/// A load balancer: a *relay* of requests (`load_balancer.md`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadBalancer {
    /// Its id.
    pub id: LoadBalancerId,
    /// The type.
    pub kind: LoadBalancerKind,
    /// Its nodes, at least one, with [`crate::Attachment::LoadBalancer`]: usually one in each of its
    /// subnets, of an Application Load Balancer under load several.
    pub interfaces: BTreeSet<NetworkInterfaceId>,
    /// Its DNS name, when the input says it.
    pub name: Option<LoadBalancerName>,
    /// The ports at which it listens; no two take one packet.
    pub listeners: Value<Vec<Listener>>,
    /// Whether the inbound rules of its groups are asked about what comes by an endpoint service
    /// (`EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic`, by default on).
    pub private_link_ingress: bool,
    /// Its tags.
    pub tags: Tags,
}

/// The DNS name of a load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadBalancerName {
    /// The name in lower case without the final dot, as `web-123.eu-west-1.elb.amazonaws.com`.
    pub name: String,
    /// Whether it means the public addresses of the nodes rather than the private ones.
    pub internet_facing: bool,
}

/// The type of a load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LoadBalancerKind {
    /// An Application Load Balancer.
    Application,
    /// A Network Load Balancer.
    Network,
}

/// A port at which a load balancer takes requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Of which protocol.
    pub protocol: ListenerProtocol,
    /// The port that clients use.
    pub port: Port,
    /// The target groups that its default action or one of its rules forwards to. An action that
    /// answers by itself needs none.
    pub target_groups: BTreeSet<TargetGroupId>,
}

/// The packets that a listener takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListenerProtocol {
    /// TCP: a listener of TCP, TLS, HTTP or HTTPS.
    Tcp,
    /// UDP: a listener of UDP or QUIC.
    Udp,
    /// Both: a listener of `TCP_UDP` or `TCP_QUIC`.
    TcpUdp,
}

/// A target group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGroup {
    /// Its id.
    pub id: TargetGroupId,
    /// The family of its targets' addresses.
    pub family: Family,
    /// Whether targets see the client's address (`load-balancer-preserves`); never of an
    /// Application Load Balancer's group.
    pub preserve_client_address: bool,
    /// Whether a node hands on to the targets of every zone: the group's attribute, or else its
    /// load balancer's.
    pub cross_zone: bool,
    /// The registered targets. Their health is not modelled.
    pub targets: Value<Vec<RegisteredTarget>>,
    /// Its tags.
    pub tags: Tags,
}

/// A registered target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredTarget {
    /// Where it is.
    pub destination: TargetDestination,
    /// The port at which it takes requests.
    pub port: Port,
}

/// Where a target is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetDestination {
    /// An instance, by its primary interface.
    Interface(NetworkInterfaceId),
    /// An address, in the load balancer's VPC or beyond.
    Address(Address),
    /// An Application Load Balancer: each of its nodes.
    LoadBalancer(LoadBalancerId),
}
