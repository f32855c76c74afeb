//! What an engine answers. There are two, and they share nothing else.

use crate::address::Address;
use crate::flow::Flow;
use crate::id::{SubnetId, VpcEndpointId, VpcId};
use crate::invariant::Invariant;
use crate::network::Network;
use crate::policy::Policy;
use crate::request::{Request, RequestSet};
use crate::trace::Decision;
use crate::verdict::Verdict;

/// An engine: compiled once from a network, asked often. None of this can fail: what is not known
/// is an answer.
pub trait Engine: Sized {
    /// Its name in reports.
    const NAME: &'static str;

    /// Compiles a network.
    fn load(network: &Network) -> Self;

    /// Decides one flow, with the reply. Open addresses of the network count as undetermined, so
    /// a flow is best asked of a network completed with [`Network::completed`].
    fn decide(&self, flow: &Flow) -> Decision;

    /// What the stage *resolve* answers (clauses of `dns.md`).
    fn resolve(&self, asker: &Asker, name: &str) -> Resolution;

    /// Whether a request that comes so is authorized (clauses of `authorization.md` and
    /// `policy.md`).
    fn permits(&self, way: &RequestWay, request: &Request) -> Permission;

    /// What an endpoint's policy and another one permit differently (page policy).
    fn compare(&self, comparison: &PolicyComparison) -> PolicyDifference;

    /// Decides an invariant.
    fn check(&self, invariant: &Invariant) -> Verdict;
}

/// Who asks for a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asker {
    /// A client in this VPC, in a subnet without DNS64.
    Vpc(VpcId),
    /// A client in this subnet.
    Subnet(SubnetId),
    /// A client outside, whose resolver forwards to the inbound resolver endpoint of this VPC.
    Inbound(VpcId),
}

/// What a DNS name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The clause that decided.
    pub clause: crate::clause::Clause,
    /// The answer.
    pub answer: Answer,
}

/// The answer to a DNS query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The private addresses of these interfaces, of either family.
    Interfaces(std::collections::BTreeSet<crate::id::NetworkInterfaceId>),
    /// These addresses, of a hosted zone's record.
    Addresses(std::collections::BTreeSet<crate::address::Address>),
    /// The public addresses of an AWS service, by its full name.
    PublicService(String),
    /// What that one means, and for each of its IPv4 addresses besides the address of 64:ff9b::/96
    /// that stands for it (clause `dns64`): never of another kind than the three above.
    Dns64(Box<Answer>),
    /// No answer.
    NoAnswer,
    /// The answer is open.
    Undetermined(crate::hole::Hole),
}

/// How a request comes to a service of AWS. The address is the source of its packets where they
/// arrive; `None` where it is not said, and what depends on it is open then.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestWay {
    /// By this endpoint.
    Endpoint(VpcEndpointId, Option<Address>),
    /// By this endpoint, whose policy alone is asked, whatever accounts there are and whatever
    /// address it comes from.
    EndpointPolicy(VpcEndpointId),
    /// Over the internet, to the service's public addresses.
    Internet(Option<Address>),
}

/// The answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The clause that decided.
    pub clause: crate::clause::Clause,
    /// Whether it passes; `Undetermined` names the hole or the condition.
    pub effect: PermissionEffect,
}

/// Whether a request passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PermissionEffect {
    /// It passes.
    Permitted,
    /// It is denied.
    Denied,
    /// It is open.
    Undetermined(crate::hole::Hole),
}

/// An endpoint's policy and one that could stand in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyComparison {
    /// The endpoint, by which every request comes.
    pub endpoint: VpcEndpointId,
    /// The other policy.
    pub reference: Policy,
    /// The requests that are asked about.
    pub set: RequestSet,
}

/// What two policies permit differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyDifference {
    /// What the endpoint's policy permits, and the reference does not.
    pub added: Excess,
    /// What the reference permits, and the endpoint's policy does not.
    pub removed: Excess,
}

/// Whether one policy permits more than another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Excess {
    /// Nothing more, for certain.
    None,
    /// This request, for certain.
    Some(Request),
    /// It is not known.
    Unknown(std::collections::BTreeSet<crate::verdict::UnknownReason>),
}
