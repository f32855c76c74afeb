//! Policies and requests without a network around them: much cheaper to ask than flows, so that all
//! operators, keys and their boundaries are met many times.
//!
//! [`draw`] makes policies and requests, [`run`] asks both engines, [`member`] knows what is in a set, [`open_text`] leaves
//! texts open and completes them, [`bug`] plants mistakes, and
//! [`reduce`] makes a disagreement small.

pub mod bug;
pub mod draw;
pub mod member;
pub mod open_text;
pub mod reduce;
pub mod run;

use std::net::IpAddr;

use model::{
    Address, Network, NetworkDraft, Policy, Request, RequestSet, RequestWay, Value, VpcEndpointId,
};

use crate::dice::Dice;
use crate::page;
use open_text::Where;

/// One client with two addresses, and two endpoints of one service: `g` is a gateway endpoint, to which the client's
/// route leads, and `i` an interface endpoint.
const AROUND: &str = r#"
[vpc.main]
cidrs = ["10.0.0.0/16"]
account = "111122223333"
region = "eu-west-1"
[prefix-list.s3]
name = "com.amazonaws.eu-west-1.s3"
aws-managed = true
entries = ["3.5.64.0/21"]
[route-table.main]
vpc = "main"
routes = ["pl:s3 -> endpoint:g"]
[subnet.a]
cidrs = ["10.0.1.0/24"]
route-table = "main"
[security-group.all]
ingress = ["all from 0.0.0.0/0"]
egress = ["all to 0.0.0.0/0"]
[interface.client]
subnet = "a"
addresses = ["10.0.1.5", "10.0.1.6"]
groups = ["all"]
[interface.i]
subnet = "a"
addresses = ["10.0.1.9"]
groups = ["all"]
[endpoint.g]
service = "com.amazonaws.eu-west-1.s3"
kind = "gateway"
prefix-lists = ["s3"]
[endpoint.i]
service = "com.amazonaws.eu-west-1.s3"
kind = "interface"
interfaces = ["i"]
"#;

/// The endpoints.
pub const ENDPOINTS: [&str; 2] = ["g", "i"];

/// The network around policies, before they are in it.
///
/// # Panics
///
/// When the text above is no network.
#[expect(clippy::panic, reason = "the text stands above")]
pub fn around() -> NetworkDraft {
    page::draft(AROUND, "policy/mod.rs").unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// A network whose endpoint has a policy, and the other one its default.
///
/// # Panics
///
/// When it is no network: a policy alone makes none invalid.
#[expect(clippy::panic, reason = "a policy alone makes no network invalid")]
pub fn network(endpoint: &str, policy: Value<Policy>) -> Network {
    let mut draft = around();
    for one in &mut draft.vpc_endpoints {
        if one.id == VpcEndpointId::new(endpoint) {
            one.policy = policy.clone();
        }
    }
    draft
        .validate()
        .unwrap_or_else(|defects| panic!("{defects:?}"))
}

/// A policy at an endpoint, with what is asked of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// `g` or `i`.
    pub endpoint: &'static str,
    /// The policy.
    pub policy: Policy,
    /// What it is compared with.
    pub reference: Policy,
    /// Single requests.
    pub requests: Vec<Request>,
    /// A set of requests.
    pub set: RequestSet,
}

impl Case {
    /// The case of a seed.
    pub fn of_seed(seed: u64, n_requests: usize) -> Self {
        let mut dice = Dice::new(seed);
        let endpoint = if dice.percent(60) { "g" } else { "i" };
        let keys = draw::keys(&mut dice);
        let policy = draw::policy(&keys, &mut dice);
        let reference = if dice.percent(50) {
            draw::edited(&policy, &keys, &mut dice)
        } else {
            draw::policy(&keys, &mut dice)
        };
        let requests = (0..n_requests).map(|_| draw::request(&keys, &mut dice));
        let mut case = Self {
            endpoint,
            policy,
            reference,
            requests: requests.collect(),
            set: draw::set(&keys, &mut dice),
        };
        // Openings, and who is left out, are drawn last, so that with and without them the rest is the same.
        let percent = dice.choose(&[(90, 0), (6, 15), (4, 50)]).unwrap_or(0);
        open_text::open(&mut case.policy, percent, Where::Everywhere, &mut dice);
        if dice.percent(30) {
            open_text::open(&mut case.reference, percent, Where::Everywhere, &mut dice);
        }
        case.set.without = draw::without(&mut dice);
        case
    }

    /// The endpoint's id.
    pub fn endpoint(&self) -> VpcEndpointId {
        VpcEndpointId::new(self.endpoint)
    }

    /// The ways of requests from the client.
    pub fn ways(&self) -> Vec<RequestWay> {
        let sources = [5, 6].map(|last| Address::from(IpAddr::from([10, 0, 1, last])));
        let way = |source| RequestWay::Endpoint(self.endpoint(), Some(source));
        sources.into_iter().map(way).collect()
    }

    /// The way on which one of its requests is asked about: from one of the client's addresses, or
    /// none.
    pub fn way(&self, request: &Request) -> RequestWay {
        let place = self.requests.iter().position(|one| one == request);
        let n = place.unwrap_or_default() % 3;
        let from_client = self.ways().into_iter().nth(n);
        from_client.unwrap_or_else(|| RequestWay::Endpoint(self.endpoint(), None))
    }
}
