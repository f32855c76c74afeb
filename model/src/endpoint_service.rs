//! Endpoint services: what owners of load balancers offer to other VPCs.

use std::collections::BTreeSet;

use crate::hole::Value;
use crate::id::{EndpointServiceId, LoadBalancerId};
use crate::vpc::Tags;

/// An endpoint service in front of Network Load Balancers (`endpoint_service.md`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointService {
    /// Its id.
    pub id: EndpointServiceId,
    /// The name by which endpoints mean it ([`crate::VpcEndpoint::service`]).
    pub name: String,
    /// Its load balancers; none when it is backed by Gateway Load Balancers, whose endpoints are
    /// targets of routes.
    pub load_balancers: BTreeSet<LoadBalancerId>,
    /// The principals that may ask for a connection, as ARNs, or `*` for everybody. Only the check
    /// `endpoint-service-open` asks: what is connected is what has an available endpoint.
    pub allowed_principals: Value<BTreeSet<String>>,
    /// Whether the owner has to accept each connection.
    pub acceptance_required: Value<bool>,
    /// Its tags.
    pub tags: Tags,
}
